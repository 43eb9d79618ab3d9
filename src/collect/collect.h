/* SPDX-License-Identifier: Apache-2.0 */
/*
 * collect: from what a log service sends to checked lines in the store. Everything comes from outside and may be an
 * attacker's: what is broken is counted and told, and keeps nothing else back. The same line may come any number of times,
 * in any order and by several roads: it is stored once.
 */
#ifndef GB_COLLECT_COLLECT_H
#define GB_COLLECT_COLLECT_H

#include "base/arena.h"
#include "base/diag.h"

#include <stdatomic.h>

struct gb_store;
struct gb_collect_batch;

enum gb_collect_envelope {
	GB_COLLECT_ANY = 0,    /* found out */
	GB_COLLECT_TEXT,       /* a log's text, lines anywhere in it */
	GB_COLLECT_CLOUDWATCH, /* CloudWatch Logs subscription: {"messageType","owner","logGroup","logEvents"…} */
	GB_COLLECT_FIREHOSE,   /* Firehose to an HTTP endpoint: {"requestId","timestamp","records":[{"data"}]} */
	GB_COLLECT_KINESIS,    /* {"Records":[{"kinesis":{"data"}}]} */
	GB_COLLECT_OTLP,       /* {"resourceLogs":[…]} */
	GB_COLLECT_RECORDS,    /* objects with `log`, `message` …: Fluent Bit, Vector; in a list or one a line */
};

/* Where a log comes from, as far as the road that it came by tells; empty: it does not. */
struct gb_collect_origin {
	struct gb_span account, region, function;
	struct gb_span stream; /* of the log service: one sandbox writes into one */
};

#define GB_COLLECT_BODY_MAX     (16u * 1024u * 1024u) /* wanted of callers */
#define GB_COLLECT_EXPANDED_MAX (64u * 1024u * 1024u) /* all that a batch unpacks to */
#define GB_COLLECT_LINES_MAX    32768u                /* of one batch */

struct gb_collect_told {
	size_t lines;           /* taken */
	size_t broken;          /* began like ours and are none */
	size_t forged;          /* of the taken: claim a sandbox that their key does not belong to */
	size_t refused;         /* of other accounts or functions than were to be kept */
	size_t unlearned;       /* of the taken: observations and progress that nothing is learned from */
	size_t texts;           /* log lines and records without anything of ours */
	const char *why;        /* of the first broken one; a literal, NULL: none */
	struct gb_span request; /* of a Firehose request: its id, to be answered */
	/* Once it is stored. */
	size_t inserted, duplicates; /* events, of all batches of one transaction */
};

/* NOW_MS is what the store's clock says. NULL: no memory. */
struct gb_collect_batch *gb_collect_batch_new(int64_t now_ms);
void gb_collect_batch_free(struct gb_collect_batch *batch); /* NULL is fine */

/* All batches with the same SHARED unpack GB_COLLECT_EXPANDED_MAX bytes at one time, or one of them what it may; it is to outlive them. */
void gb_collect_batch_share(struct gb_collect_batch *batch, atomic_size_t *shared);

/* Take the lines out of BODY, which stays the caller's and must stay as it is until the batch is stored; so do ORIGIN's
 * texts. gzip and base64 are seen by themselves. 0; -EBADMSG with DIAG: no such envelope; -E2BIG: more than the limits above;
 * -EBUSY: others unpack so much now; -ENOMEM. What was taken before an error stays in the batch. */
__attribute__((warn_unused_result)) int gb_collect_batch_add(struct gb_collect_batch *batch, struct gb_span body,
        enum gb_collect_envelope envelope, const struct gb_collect_origin *origin, struct gb_diag *diag);

/* Leave out all lines but those of COUNT ACCOUNTS; 0 of them: of none. */
void gb_collect_batch_keep(struct gb_collect_batch *batch, const struct gb_span *accounts, size_t count);

/* Leave out all lines but those whose road names one of COUNT FUNCTIONS; one that ends with '*' stands for all that begin so. */
void gb_collect_batch_keep_functions(struct gb_collect_batch *batch, const struct gb_span *functions, size_t count);

/* Whose behaviour a batch may teach. A made-up sandbox has a key and seals of its own: what tells it from a true one is who
 * brings its lines, and that its log stream has no other. */
enum gb_collect_teaching {
	GB_COLLECT_TEACHES_NOTHING = 0,
	GB_COLLECT_TEACHES_STREAMS, /* lines whose road names function and log stream */
};
/* Of all that is in BATCH. What nobody says this of may teach all: a person hands it over with his own hands. */
void gb_collect_batch_teach(struct gb_collect_batch *batch, enum gb_collect_teaching teaching);

/* What was found in all that was added so far; the batch's. */
const struct gb_collect_told *gb_collect_batch_told(const struct gb_collect_batch *batch);

/* Store COUNT batches in one transaction; durable when it returns 0. Errors as gb_sql_run()'s: nothing is stored then, and the
 * same may be said again. */
__attribute__((warn_unused_result)) int gb_collect_store(
        struct gb_store *store, struct gb_collect_batch *const *batches, size_t count, struct gb_diag *diag);

/* A thread with a store of its own that stores what several threads hand it, in common transactions. */
struct gb_collect_writer;
__attribute__((warn_unused_result)) int gb_collect_writer_new(
        const char *store_url, struct gb_collect_writer **ret_writer, struct gb_diag *diag);
/* Waits until BATCH is durable: as gb_collect_store(). Any thread. */
__attribute__((warn_unused_result)) int gb_collect_writer_put(
        struct gb_collect_writer *writer, struct gb_collect_batch *batch, struct gb_diag *diag);
void gb_collect_writer_free(struct gb_collect_writer *writer); /* nobody may be waiting; NULL is fine */

/* Forget what is known of seals and lines for so long that nothing can come of it; now and then. */
__attribute__((warn_unused_result)) int gb_collect_forget(struct gb_store *store, struct gb_diag *diag);
#define GB_COLLECT_GRACE_MS (15 * 60 * 1000)
/* One bounded run over what has come in: signatures are verified, lines held against them; what is forged, missing or never
 * vouched for becomes an event. GRACE_MS: how long lines and seals may be apart. Result: 1 when there is more to be done at
 * once, 0, or an error as gb_sql_run()'s. One thread of all at a time (a singleton task). */
__attribute__((warn_unused_result)) int gb_collect_verify(
        struct gb_store *store, int64_t grace_ms, struct gb_diag *diag);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* cmd/gambeson/ingest: what `gambeson ingest` reads from, and where the lines go: into a store, or to a server. */
#ifndef GB_CMD_INGEST_H
#define GB_CMD_INGEST_H

#include "cmd/gambeson/commands.h"
#include "collect/collect.h"

struct gb_collect_pull;
struct gb_collect_record;
struct gb_store;
struct gb_web_client;

struct ingest_settings {
	struct gb_strings files, topics, groups;
	const char *resume, *server, *data, *store, *account, *region, *function, *stream;
	const char *kafka, *group, *properties;
	const char *kinesis, *endpoint;
	uint64_t until_idle; /* seconds; 0: for ever */
	uint64_t late;       /* seconds */
	bool follow, from_end, json;
};

struct ingest_sink {
	const struct gb_command *command;
	const char *server, *token; /* NULL: into the store */
	const char *ca;             /* NULL: what the machine trusts */
	const char *query;          /* of the URL, for the server */
	struct gb_collect_origin origin;
	bool is_text; /* whatever it looks like: a function may have written an envelope into its log */
	struct gb_store *store;
	struct gb_web_client *client;
	const volatile bool *must_stop;
	/* So far. */
	uint64_t lines, broken, forged, others, refused, unlearned;
	uint64_t unreadable; /* records that were left out as a whole */
	char first_broken[128];
};

/* URL: of the store; NULL for a server. Result: enum gb_exit, the complaint printed. */
int ingest_sink_open(struct ingest_sink *sink, const char *url);
void ingest_sink_close(struct ingest_sink *sink);

/* Whole lines (or a whole envelope); durable, or taken by the server, when it returns GB_EXIT_OK. Waits as long as a server is not
 * there or asks to come again. */
int ingest_sink_put(struct ingest_sink *sink, struct gb_span bytes);

/* What was taken, for a person or as JSON. */
void ingest_sink_print(const struct ingest_sink *sink, bool is_json);

/* What can be said of the lines as a whole, once there will be no more of them now. */
int ingest_sink_settle(struct ingest_sink *sink);

/* COUNT records that PULL handed out, likewise. One that is no good is left out, counted, and told of in a line of its own. */
int ingest_sink_put_records(struct ingest_sink *sink, const struct gb_collect_pull *pull,
        const struct gb_collect_record *records, size_t count);

/* The sources: until they end, or sink->must_stop. Result: enum gb_exit, the complaint printed. */
int ingest_files(const struct ingest_settings *settings, struct ingest_sink *sink);
int ingest_stream(struct ingest_sink *sink);
int ingest_pull(const struct ingest_settings *settings, struct ingest_sink *sink);
void ingest_pull_cancel(void); /* from a signal handler */

/* ingest_sink.c, for ingest_records.c: a batch into the store; BODY to the server, *ret_refused: it wants it in no case (GB_EXIT_OK
 * then too). Both wait as ingest_sink_put(). */
int ingest_sink_store(struct ingest_sink *sink, struct gb_collect_batch *batch);
int ingest_sink_send(struct ingest_sink *sink, struct gb_span body, bool *ret_refused);
struct gb_collect_batch *ingest_sink_batch(const struct ingest_sink *sink);

#endif

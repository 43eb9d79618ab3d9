/* SPDX-License-Identifier: Apache-2.0 */
/*
 * collect/pull: logs that wait somewhere until they are asked for. What a source hands out is made durable by the caller, who then says
 * so, and only then is it remembered that it was taken: what dies in between comes again, and is stored once.
 */
#ifndef GB_COLLECT_PULL_H
#define GB_COLLECT_PULL_H

#include "base/diag.h"
#include "base/span.h"

struct gb_collect_pull;

struct gb_collect_record {
	struct gb_span value; /* whatever POST /v1/ingest takes as a body */
	int64_t time;         /* when it came to where it waited, milliseconds since 1970; 0: not known */
	const char *refused;  /* a literal: why the source could not hand it out, and value is empty; NULL: it could */
};

/* Records until the next call, or until gb_collect_pull_free(); *ret_count 0 when none came within WAIT_MS. 0; -EAGAIN with DIAG: something
 * is in the way that may pass, to be told and asked again; anything else: it will not pass. Those of an earlier call that were not done
 * come again at some time, not in this run. */
__attribute__((warn_unused_result)) int gb_collect_pull_next(struct gb_collect_pull *pull, unsigned wait_ms,
        const struct gb_collect_record **ret_records, size_t *ret_count, struct gb_diag *diag);

/* All of the last call's are durable. 0; -EAGAIN with DIAG: some of them may come again; anything else as above. */
__attribute__((warn_unused_result)) int gb_collect_pull_done(struct gb_collect_pull *pull, struct gb_diag *diag);

/* Which record the last call's number INDEX is, for people: "record 7 of topic logs, partition 3". */
#define GB_COLLECT_PLACE_CHARS 320u
void gb_collect_pull_place(const struct gb_collect_pull *pull, size_t index, char ret_place[GB_COLLECT_PLACE_CHARS]);

/* From a signal handler or another thread: what PULL waits for ends, and nothing more is asked. */
void gb_collect_pull_cancel(struct gb_collect_pull *pull);

void gb_collect_pull_free(struct gb_collect_pull *pull); /* NULL is fine */

/* A line that tells that the record at PLACE was left out, and WHY (a literal): of kind notice, reason `record_refused`, always the
 * same for the same record. Result: its bytes, with a line feed, in ROOM. */
#define GB_COLLECT_REFUSED_CHARS 4096u
struct gb_span gb_collect_refused_line(const struct gb_collect_record *record, const char *place, const char *why,
        char room[GB_COLLECT_REFUSED_CHARS]);

struct gb_collect_kafka {
	const char *brokers; /* "HOST:PORT,HOST:PORT" */
	const char *const *topics;
	size_t topic_count;
	const char *group;
	/* Lines `name=value` of librdkafka's properties (TLS, SASL …), `#` and white space at their beginning passed over. Those that
	 * would break what is promised here are refused. */
	struct gb_span properties;
	bool is_from_end; /* where the group knows no offset yet; else from the beginning */
};

/* As a member of a consumer group of Apache Kafka, or of what speaks its protocol. Nothing is asked yet. -EINVAL with DIAG, -ENOMEM.
 * What SETTINGS points to may go. */
__attribute__((warn_unused_result)) int gb_collect_kafka_new(
        const struct gb_collect_kafka *settings, struct gb_collect_pull **ret_pull, struct gb_diag *diag);

/* What has credentials as aws/call.h finds them. What was read up to is kept in a file. */
struct gb_collect_aws {
	const char *const *names; /* of log groups, or their ARNs; of one stream, or its ARN */
	size_t name_count;
	const char *region;
	const char *endpoint; /* "http://HOST[:PORT]"; NULL: AWS's own of the region */
	const char *account;  /* that log groups without an ARN are of; NULL: not known */
	const char *resume;   /* NULL: none is kept */
	bool is_from_end;     /* of what RESUME does not know only what comes from now on */
	int64_t late_ms;      /* log groups: how much later than it happened an event may come */
};

/* Log groups of CloudWatch Logs, as kafka. */
__attribute__((warn_unused_result)) int gb_collect_cloudwatch_new(
        const struct gb_collect_aws *settings, struct gb_collect_pull **ret_pull, struct gb_diag *diag);

/* A stream of Kinesis Data Streams, as kafka: all of its shards, also while it is resharded. One program reads a stream. */
__attribute__((warn_unused_result)) int gb_collect_kinesis_new(
        const struct gb_collect_aws *settings, struct gb_collect_pull **ret_pull, struct gb_diag *diag);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* collect/kinesis: what the files of the Kinesis source share. Private to collect. */
#ifndef GB_COLLECT_KINESIS_H
#define GB_COLLECT_KINESIS_H

#include "collect/aws.h"
#include "collect/source.h"

#define KINESIS_NAME_MAX     512u
#define KINESIS_SHARD_MAX    128u
#define KINESIS_SEQUENCE_MAX 129u
#define KINESIS_ITERATOR_MAX 1024u

struct shard {
	char id[KINESIS_SHARD_MAX + 1];
	char sequence[KINESIS_SEQUENCE_MAX + 1]; /* of the last record that is durable; empty: none */
	int64_t from_ms;                         /* without one: what came since then; 0: all */
	char *iterator;                          /* NULL: is to be got */
	int64_t due_ms;
	bool is_ended, is_listed;
};

struct kinesis {
	struct gb_collect_pull pull;
	struct collect_aws aws;
	char name[KINESIS_NAME_MAX + 1];
	char *resume;
	int64_t from_ms; /* of shards that are there at the first look, and not known */
	bool was_listed;
	struct collect_marks marks; /* as the last run left them */
	struct shard *shards;
	size_t shard_count, next;
	int64_t list_ms; /* when to look for shards again */
	/* The answer that was handed out, of `shard`. */
	struct collect_answer answer;
	struct shard *shard;
	struct gb_collect_record *records;
	struct gb_span *sequences; /* of each */
	size_t count, record_cap, sequence_cap;
	struct gb_span last, iterator; /* what SHARD goes on from */
};

/* A new, empty answer, the last one forgotten. */
__attribute__((warn_unused_result)) int kinesis_begin(struct kinesis *source, struct gb_diag *diag);

/* kinesis_shards.c: each asks AWS once or in pages; as collect_aws_ask(). */
__attribute__((warn_unused_result)) int kinesis_list_shards(struct kinesis *source, struct gb_diag *diag);
__attribute__((warn_unused_result)) int kinesis_get_iterator(
        struct kinesis *source, struct shard *shard, struct gb_diag *diag);
__attribute__((warn_unused_result)) int kinesis_save(struct kinesis *source, struct gb_diag *diag);

/* kinesis_records.c: all that the answer has. -EBADMSG: it is none, -ENOMEM. */
__attribute__((warn_unused_result)) int kinesis_take_answer(struct kinesis *source);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* collect/cloudwatch: what the files of the CloudWatch source share. Private to collect. */
#ifndef GB_COLLECT_CLOUDWATCH_H
#define GB_COLLECT_CLOUDWATCH_H

#include "collect/aws.h"
#include "collect/seen.h"
#include "collect/source.h"

#define CLOUDWATCH_NAME_MAX    640u /* a group's name has 512, before it in an ARN is the rest */
#define CLOUDWATCH_RECORDS_MAX 10000u
#define CLOUDWATCH_TOKEN_MAX   8192u
#define CLOUDWATCH_SLACK_MS    2000 /* between two looks at the clock */

struct group {
	char name[CLOUDWATCH_NAME_MAX + 1]; /* or its ARN */
	int64_t begin;                      /* of the round, milliseconds since 1970 */
	int64_t round;                      /* when the round began; 0: none is under way */
	char *token;                        /* of the next page; NULL: the first */
	int64_t due_ms;
	int64_t least;         /* nothing before that is wanted */
	int64_t deep_ms;       /* when a round looks back for what came late */
	struct seen last, now; /* event ids that may come again: of the time before turn_ms, and since then */
	int64_t turn_ms;
};

struct cloudwatch {
	struct gb_collect_pull pull;
	struct collect_aws aws;
	char *resume, account[65];
	int64_t late_ms; /* how late events may come */
	struct group *groups;
	size_t group_count, next;
	/* The page that was handed out. */
	struct gb_arena *arena;
	struct group *group;
	struct gb_collect_record records[CLOUDWATCH_RECORDS_MAX];
	struct gb_span streams[CLOUDWATCH_RECORDS_MAX]; /* of each */
	size_t count;
	struct gb_span token; /* of the page behind it; empty: it is the last */
	int64_t saved_ms;
	uint64_t ids[CLOUDWATCH_RECORDS_MAX];
	size_t id_count;
};

/* Whether a log group is named by its ARN. */
bool cloudwatch_is_arn(const char *name);

/* The records of ANSWER, of source->group, and the token of the page behind it. 0, -ENOMEM, -EAGAIN with DIAG: that is no page. */
__attribute__((warn_unused_result)) int cloudwatch_take_page(
        struct cloudwatch *source, const struct collect_answer *answer, struct gb_diag *diag);

#endif

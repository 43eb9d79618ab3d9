/* SPDX-License-Identifier: Apache-2.0 */
/* collect/aws: what the sources have in common that ask AWS's services (JSON 1.1). Private to collect. */
#ifndef GB_COLLECT_AWS_H
#define GB_COLLECT_AWS_H

#include "aws/call.h"
#include "collect/envelope.h"
#include "collect/source.h"

struct collect_aws {
	struct gb_aws *aws;
	char host[264];
	bool is_tls;
	char region[33];
	const char *name, *target; /* "kinesis", "Kinesis_20131202" */
	bool has_answered;         /* ever: what is wrong then may pass, and before is somebody's mistake */
	unsigned pause_ms;         /* the last one; 0: none */
	int64_t rest_ms;           /* until then nothing is asked */
	unsigned draw;             /* of the jitter */
};

/* NAME and TARGET are literals. -EINVAL with DIAG, -ENOMEM. In any case collect_aws_done() is due. */
__attribute__((warn_unused_result)) int collect_aws_begin(const struct gb_collect_aws *settings, const char *name,
        const char *target, struct collect_aws *ret_aws, struct gb_diag *diag);
void collect_aws_done(struct collect_aws *aws);

struct collect_answer {
	struct gb_arena *arena; /* the caller's: the rest lies there */
	struct scan_value object;
	char error[64]; /* "ExpiredIteratorException"; empty: none was named */
	int64_t time;   /* theirs, milliseconds since 1970 */
};

/* Ask for OPERATION with BODY, a JSON object. 0; -EAGAIN with DIAG: throttled, or something else that passes, and a pause has begun;
 * -EREMOTEIO with DIAG: refused, with the error's name if there is one; -EIO with DIAG, before anything was answered: it
 * will not pass; -ECANCELED. */
__attribute__((warn_unused_result)) int collect_aws_ask(struct collect_aws *aws, const char *operation,
        struct gb_span body, struct collect_answer *answer, struct gb_diag *diag);

/* Refused for good: -EIO when nothing was answered before, else -EAGAIN. DIAG is left as it is. */
int collect_aws_give_up(const struct collect_aws *aws);

/* Where was read up to, in a file: lines of fields with tabs between, each of them base64url or `-` for nothing. */
struct collect_marks {
	char *text; /* malloc'ed */
	size_t n;
};

/* PATH NULL, or no such file: nothing is known. -EINVAL with DIAG: it is none of ours. */
__attribute__((warn_unused_result)) int collect_marks_read(
        const char *path, struct collect_marks *ret_marks, struct gb_diag *diag);
/* The line that begins with fields equal to KEYS; up to VALUE_MAX fields behind them, decoded into ARENA. False: there is none. */
bool collect_marks_find(const struct collect_marks *marks, const char *const *keys, size_t key_count,
        struct gb_arena *arena, struct gb_span *ret_values, size_t value_count);

/* Lines to be, and the file written in one step. PATH NULL: nothing is kept. */
struct collect_marks_writer {
	char *p;
	size_t n, cap;
	bool has_failed;
};
void collect_marks_add(struct collect_marks_writer *writer, const struct gb_span *fields, size_t count);
__attribute__((warn_unused_result)) int collect_marks_write(
        const char *path, struct collect_marks_writer *writer, struct gb_diag *diag);

#endif

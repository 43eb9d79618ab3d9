/* SPDX-License-Identifier: Apache-2.0 */
/* collect/envelope: what log services put around a log. Private to collect. */
#ifndef GB_COLLECT_ENVELOPE_H
#define GB_COLLECT_ENVELOPE_H

#include "collect/batch.h"
#include "collect/scan.h"

#define COLLECT_NESTED_MAX 4u /* of base64 in JSON in gzip … */

/* Each takes the lines of something: 0, -E2BIG, -ENOMEM. */
__attribute__((warn_unused_result)) int collect_take_string(
        struct gb_collect_batch *batch, const struct scan_value *value, const struct gb_collect_origin *origin);
/* The texts of an object that a log forwarder has made of a line. */
__attribute__((warn_unused_result)) int collect_take_record(
        struct gb_collect_batch *batch, const struct scan_value *object, const struct gb_collect_origin *origin);

/* BODY of whatever kind, DEPTH levels down; -EBADMSG too. */
__attribute__((warn_unused_result)) int collect_take_body(struct gb_collect_batch *batch, struct gb_span body,
        enum gb_collect_envelope envelope, const struct gb_collect_origin *origin, unsigned depth);

/* What an envelope may have, and what it is known by. */
enum envelope_member {
	ENVELOPE_TYPE,   /* messageType */
	ENVELOPE_OWNER,  /* owner */
	ENVELOPE_GROUP,  /* logGroup */
	ENVELOPE_STREAM, /* logStream */
	ENVELOPE_EVENTS, /* logEvents */
	ENVELOPE_AWSLOGS,
	ENVELOPE_REQUEST, /* requestId */
	ENVELOPE_RECORDS, /* records: Firehose */
	ENVELOPE_KINESIS, /* Records: Kinesis */
	ENVELOPE_OTLP,    /* resourceLogs */
	_ENVELOPE_MAX,
};

/* Of an envelope with MEMBERS; the same. */
__attribute__((warn_unused_result)) int collect_take_cloudwatch(struct gb_collect_batch *batch,
        const struct scan_value members[_ENVELOPE_MAX], const struct gb_collect_origin *origin);
__attribute__((warn_unused_result)) int collect_take_firehose(struct gb_collect_batch *batch,
        const struct scan_value members[_ENVELOPE_MAX], const struct gb_collect_origin *origin, unsigned depth);
__attribute__((warn_unused_result)) int collect_take_kinesis(struct gb_collect_batch *batch,
        const struct scan_value members[_ENVELOPE_MAX], const struct gb_collect_origin *origin, unsigned depth);
__attribute__((warn_unused_result)) int collect_take_otlp(struct gb_collect_batch *batch,
        const struct scan_value members[_ENVELOPE_MAX], const struct gb_collect_origin *origin);

/* The members of OBJECT called NAMES (each with its NUL behind it, an empty one ends) in one pass; NONE where one is
 * missing, or OBJECT is none. */
void collect_pick(const struct scan_value *object, const char *names, struct scan_value *ret_values);
/* The text of VALUE; empty when it is none, or longer than MAXIMUM. False: memory is short. */
bool collect_text_of(
        struct gb_collect_batch *batch, const struct scan_value *value, size_t maximum, struct gb_span *ret);

/* The function whose log group is NAME (/aws/lambda/…); empty when it is none. */
struct gb_span collect_function_of_group(struct gb_span name);

#endif

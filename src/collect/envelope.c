/* SPDX-License-Identifier: Apache-2.0 */
#include "collect/envelope.h"

#include "base/base64.h"

#include <errno.h>
#include <string.h>

#define GZIP_MAGIC        GB_SPAN("\x1f\x8b")
#define GZIP_MAGIC_BASE64 GB_SPAN("H4sI")

void collect_pick(const struct scan_value *object, const char *names, struct scan_value *ret_values)
{
	struct scan_value value;
	struct scan scan;
	size_t count = 0;

	for (const char *name = names; *name != '\0'; name += strlen(name) + 1)
		ret_values[count++] = (struct scan_value){.type = SCAN_NONE};
	if (object->type != SCAN_OBJECT)
		return;
	scan = scan_into(object);
	while ((value = scan_next(&scan)).type != SCAN_NONE) {
		count = 0;
		for (const char *name = names; *name != '\0'; name += strlen(name) + 1, count++)
			if (scan_is(&value, gb_span_cstr(name)))
				ret_values[count] = value;
	}
}

bool collect_text_of(
        struct gb_collect_batch *batch, const struct scan_value *value, size_t maximum, struct gb_span *ret)
{
	*ret = GB_SPAN_EMPTY;
	return value->type != SCAN_STRING || value->text.n > maximum || scan_text(value, batch->arena, ret);
}

struct gb_span collect_function_of_group(struct gb_span name)
{
	const struct gb_span prefix = GB_SPAN("/aws/lambda/");
	struct gb_span function = gb_span_sub(name, prefix.n, SIZE_MAX);

	if (!gb_span_starts(name, prefix) || function.n == 0 || function.n > 140)
		return GB_SPAN_EMPTY;
	for (size_t i = 0; i < function.n; i++)
		if (!gb_ascii_is_alpha(function.p[i]) && !gb_ascii_is_digit(function.p[i]) && function.p[i] != '-' &&
		        function.p[i] != '_' && function.p[i] != '.')
			return GB_SPAN_EMPTY;
	return function;
}

static int take_array(
        struct gb_collect_batch *batch, const struct scan_value *array, const struct gb_collect_origin *origin)
{
	struct scan scan = scan_into(array);
	struct scan_value value;
	int r = 0;

	while (r == 0 && (value = scan_next(&scan)).type != SCAN_NONE) {
		if (value.type == SCAN_OBJECT && gb_span_starts(value.text, COLLECT_LINE_HEAD))
			r = collect_take_text(batch, value.text, origin);
		else if (value.type == SCAN_OBJECT)
			r = collect_take_record(batch, &value, origin);
		else if (value.type == SCAN_STRING)
			r = collect_take_string(batch, &value, origin);
	}
	return r;
}

static enum gb_collect_envelope envelope_of(const struct scan_value members[_ENVELOPE_MAX])
{
	if (members[ENVELOPE_EVENTS].type != SCAN_NONE || members[ENVELOPE_AWSLOGS].type != SCAN_NONE)
		return GB_COLLECT_CLOUDWATCH;
	if (members[ENVELOPE_RECORDS].type == SCAN_ARRAY)
		return GB_COLLECT_FIREHOSE;
	if (members[ENVELOPE_KINESIS].type == SCAN_ARRAY)
		return GB_COLLECT_KINESIS;
	return members[ENVELOPE_OTLP].type == SCAN_ARRAY ? GB_COLLECT_OTLP : GB_COLLECT_RECORDS;
}

/* What Lambda is called with for a subscription. */
static int take_awslogs(struct gb_collect_batch *batch, const struct scan_value *object,
        const struct gb_collect_origin *origin, unsigned depth)
{
	struct scan_value data;

	collect_pick(object, "data\0", &data);
	if (data.type != SCAN_STRING || depth >= COLLECT_NESTED_MAX)
		return -EBADMSG;
	return collect_take_body(batch, data.text, GB_COLLECT_ANY, origin, depth + 1);
}

static int take_object(struct gb_collect_batch *batch, const struct scan_value *object,
        enum gb_collect_envelope envelope, const struct gb_collect_origin *origin, unsigned depth)
{
	static const char names[] = "messageType\0owner\0logGroup\0logStream\0logEvents\0awslogs\0requestId\0records\0"
	                            "Records\0resourceLogs\0";
	struct scan_value members[_ENVELOPE_MAX];

	collect_pick(object, names, members);
	if (envelope == GB_COLLECT_ANY)
		envelope = envelope_of(members);
	switch (envelope) {
	case GB_COLLECT_CLOUDWATCH:
		if (members[ENVELOPE_AWSLOGS].type != SCAN_NONE)
			return take_awslogs(batch, &members[ENVELOPE_AWSLOGS], origin, depth);
		return collect_take_cloudwatch(batch, members, origin);
	case GB_COLLECT_FIREHOSE: return collect_take_firehose(batch, members, origin, depth);
	case GB_COLLECT_KINESIS: return collect_take_kinesis(batch, members, origin, depth);
	case GB_COLLECT_OTLP: return collect_take_otlp(batch, members, origin);
	case GB_COLLECT_ANY:
	case GB_COLLECT_TEXT:
	case GB_COLLECT_RECORDS: break;
	}
	return collect_take_record(batch, object, origin);
}

static int take_packed(struct gb_collect_batch *batch, struct gb_span body, enum gb_collect_envelope envelope,
        const struct gb_collect_origin *origin, unsigned depth)
{
	struct gb_span unpacked;
	int r;

	if (depth >= COLLECT_NESTED_MAX)
		return -EBADMSG;
	r = collect_inflate(batch, body, &unpacked);
	return r < 0 ? r : collect_take_body(batch, unpacked, envelope, origin, depth + 1);
}

/* Whether BODY is one JSON value and nothing else. Of a log in lines only the first is looked at. */
static bool is_one_value(struct gb_span body, struct scan_value *ret_value)
{
	size_t used;

	if (body.n == 0 || (body.p[0] != '{' && body.p[0] != '[') || gb_span_starts(body, COLLECT_LINE_HEAD))
		return false;
	*ret_value = scan_one(body, &used);
	return ret_value->type != SCAN_NONE && used == body.n;
}

int collect_take_body(struct gb_collect_batch *batch, struct gb_span body, enum gb_collect_envelope envelope,
        const struct gb_collect_origin *origin, unsigned depth)
{
	struct gb_span trimmed = gb_span_trim(body);
	struct scan_value value;
	unsigned char *bytes;
	ssize_t n;
	int r;

	if (gb_span_starts(body, GZIP_MAGIC))
		return take_packed(batch, body, envelope, origin, depth);
	if (gb_span_starts(trimmed, GZIP_MAGIC_BASE64)) {
		bytes = collect_room(batch, GB_BASE64_BYTES(trimmed.n), &r);
		if (bytes == NULL)
			return r;
		n = gb_base64_decode(trimmed, bytes);
		return n < 0 ? -EBADMSG : take_packed(batch, gb_span_of(bytes, (size_t)n), envelope, origin, depth);
	}
	if (envelope == GB_COLLECT_TEXT || !is_one_value(trimmed, &value)) {
		bool may_be_text =
		        envelope == GB_COLLECT_ANY || envelope == GB_COLLECT_TEXT || envelope == GB_COLLECT_RECORDS;

		return may_be_text ? collect_take_text(batch, body, origin) : -EBADMSG;
	}
	if (value.type == SCAN_ARRAY)
		return take_array(batch, &value, origin);
	return take_object(batch, &value, envelope, origin, depth);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * collect/services: the envelopes of AWS and OpenTelemetry. Names that they give (account, log group, stream) come from
 * the service, not from the function.
 */
#include "collect/envelope.h"

#include "base/base64.h"

#include <errno.h>
#include <string.h>

#define ACCOUNT_MAX 64u
#define NAME_MAX    512u

static struct gb_collect_origin *copy_origin(struct gb_collect_batch *batch, const struct gb_collect_origin *origin)
{
	struct gb_collect_origin *copy = gb_arena_take(batch->arena, sizeof(*copy));

	if (copy != NULL)
		*copy = *origin;
	return copy;
}

static void put_if_any(struct gb_span *to, struct gb_span from)
{
	if (from.n != 0)
		*to = from;
}

int collect_take_cloudwatch(struct gb_collect_batch *batch, const struct scan_value members[_ENVELOPE_MAX],
        const struct gb_collect_origin *origin)
{
	const struct scan_value *events = &members[ENVELOPE_EVENTS];
	struct gb_collect_origin *from = copy_origin(batch, origin);
	struct gb_span type, account, group, stream;
	struct scan_value event;
	struct scan scan;
	int r = 0;

	if (from == NULL || !collect_text_of(batch, &members[ENVELOPE_TYPE], NAME_MAX, &type) ||
	        !collect_text_of(batch, &members[ENVELOPE_OWNER], ACCOUNT_MAX, &account) ||
	        !collect_text_of(batch, &members[ENVELOPE_GROUP], NAME_MAX, &group) ||
	        !collect_text_of(batch, &members[ENVELOPE_STREAM], NAME_MAX, &stream))
		return -ENOMEM;
	/* CloudWatch asks by it whether somebody is there. */
	if (gb_span_equal(type, GB_SPAN("CONTROL_MESSAGE")))
		return 0;
	if (events->type != SCAN_ARRAY)
		return -EBADMSG;
	put_if_any(&from->account, account);
	put_if_any(&from->stream, stream);
	put_if_any(&from->function, collect_function_of_group(group));
	scan = scan_into(events);
	while (r == 0 && (event = scan_next(&scan)).type != SCAN_NONE)
		if (event.type == SCAN_OBJECT)
			r = collect_take_record(batch, &event, from);
	return r;
}

/* DATA is base64 of whatever was put into the stream; what is broken in one is no fault of the others. */
static int take_data(struct gb_collect_batch *batch, const struct scan_value *data,
        const struct gb_collect_origin *origin, unsigned depth)
{
	unsigned char *bytes;
	ssize_t n;
	int r = 0;

	if (data->type == SCAN_STRING && depth < COLLECT_NESTED_MAX) {
		bytes = collect_room(batch, GB_BASE64_BYTES(data->text.n), &r);
		if (bytes == NULL)
			return r;
		n = gb_base64_decode(data->text, bytes);
		r = n < 0 ? -EBADMSG
		          : collect_take_body(batch, gb_span_of(bytes, (size_t)n), GB_COLLECT_ANY, origin, depth + 1);
		if (r != -EBADMSG)
			return r;
	}
	batch->told.broken++;
	if (batch->told.why == NULL)
		batch->told.why = "a record's data is no base64, or what is in it is broken";
	return 0;
}

int collect_take_firehose(struct gb_collect_batch *batch, const struct scan_value members[_ENVELOPE_MAX],
        const struct gb_collect_origin *origin, unsigned depth)
{
	struct scan_value record, data;
	struct scan scan;
	int r = 0;

	if (!collect_text_of(batch, &members[ENVELOPE_REQUEST], ACCOUNT_MAX, &batch->told.request))
		return -ENOMEM;
	if (members[ENVELOPE_RECORDS].type != SCAN_ARRAY)
		return -EBADMSG;
	scan = scan_into(&members[ENVELOPE_RECORDS]);
	while (r == 0 && (record = scan_next(&scan)).type != SCAN_NONE) {
		collect_pick(&record, "data\0", &data);
		r = take_data(batch, &data, origin, depth);
	}
	return r;
}

int collect_take_kinesis(struct gb_collect_batch *batch, const struct scan_value members[_ENVELOPE_MAX],
        const struct gb_collect_origin *origin, unsigned depth)
{
	struct gb_collect_origin *from = copy_origin(batch, origin);
	struct scan_value record;
	struct scan scan;
	int r = 0;

	if (from == NULL)
		return -ENOMEM;
	if (members[ENVELOPE_KINESIS].type != SCAN_ARRAY)
		return -EBADMSG;
	scan = scan_into(&members[ENVELOPE_KINESIS]);
	while (r == 0 && (record = scan_next(&scan)).type != SCAN_NONE) {
		struct scan_value parts[3], data;
		struct gb_span region;

		collect_pick(&record, "awsRegion\0kinesis\0Data\0", parts);
		if (!collect_text_of(batch, &parts[0], ACCOUNT_MAX, &region))
			return -ENOMEM;
		if (region.n != 0 && !gb_span_equal(region, from->region)) {
			from = copy_origin(batch, from);
			if (from == NULL)
				return -ENOMEM;
			from->region = region;
		}
		/* From the API itself, GetRecords, `Data` stands in the record. */
		collect_pick(&parts[1], "data\0", &data);
		r = take_data(batch, data.type != SCAN_NONE ? &data : &parts[2], from, depth);
	}
	return r;
}

/* One of {"key":…,"value":{"stringValue":…}}. */
static bool take_attribute(
        struct gb_collect_batch *batch, const struct scan_value *attribute, struct gb_collect_origin *origin)
{
	struct scan_value parts[2], string;
	struct gb_span key, text;

	collect_pick(attribute, "key\0value\0", parts);
	collect_pick(&parts[1], "stringValue\0", &string);
	if (!collect_text_of(batch, &parts[0], NAME_MAX, &key) || !collect_text_of(batch, &string, NAME_MAX, &text))
		return false;
	if (gb_span_equal(key, GB_SPAN("cloud.account.id")))
		put_if_any(&origin->account, text);
	else if (gb_span_equal(key, GB_SPAN("cloud.region")))
		put_if_any(&origin->region, text);
	else if (gb_span_equal(key, GB_SPAN("faas.name")))
		put_if_any(&origin->function, text);
	else if (gb_span_equal(key, GB_SPAN("faas.instance")))
		put_if_any(&origin->stream, text);
	return true;
}

static bool take_resource(
        struct gb_collect_batch *batch, const struct scan_value *resource, struct gb_collect_origin *origin)
{
	struct scan_value attributes, attribute;
	struct scan scan;

	collect_pick(resource, "attributes\0", &attributes);
	if (attributes.type != SCAN_ARRAY)
		return true;
	scan = scan_into(&attributes);
	while ((attribute = scan_next(&scan)).type != SCAN_NONE)
		if (!take_attribute(batch, &attribute, origin))
			return false;
	return true;
}

static int take_log_records(
        struct gb_collect_batch *batch, const struct scan_value *scope_logs, const struct gb_collect_origin *origin)
{
	struct scan_value records, record, body, text;
	struct scan scan;
	int r = 0;

	collect_pick(scope_logs, "logRecords\0", &records);
	if (records.type != SCAN_ARRAY)
		return 0;
	scan = scan_into(&records);
	while (r == 0 && (record = scan_next(&scan)).type != SCAN_NONE) {
		collect_pick(&record, "body\0", &body);
		collect_pick(&body, "stringValue\0", &text);
		if (text.type == SCAN_STRING)
			r = collect_take_string(batch, &text, origin);
	}
	return r;
}

static int take_resource_logs(
        struct gb_collect_batch *batch, const struct scan_value *logs, const struct gb_collect_origin *origin)
{
	struct gb_collect_origin *from = copy_origin(batch, origin);
	struct scan_value parts[2], scope;
	struct scan scan;
	int r = 0;

	collect_pick(logs, "resource\0scopeLogs\0", parts);
	if (from == NULL || !take_resource(batch, &parts[0], from))
		return -ENOMEM;
	if (parts[1].type != SCAN_ARRAY)
		return 0;
	scan = scan_into(&parts[1]);
	while (r == 0 && (scope = scan_next(&scan)).type != SCAN_NONE)
		r = take_log_records(batch, &scope, from);
	return r;
}

int collect_take_otlp(struct gb_collect_batch *batch, const struct scan_value members[_ENVELOPE_MAX],
        const struct gb_collect_origin *origin)
{
	struct scan_value logs;
	struct scan scan;
	int r = 0;

	if (members[ENVELOPE_OTLP].type != SCAN_ARRAY)
		return -EBADMSG;
	scan = scan_into(&members[ENVELOPE_OTLP]);
	while (r == 0 && (logs = scan_next(&scan)).type != SCAN_NONE)
		r = take_resource_logs(batch, &logs, origin);
	return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages of events, made into what a subscription would have sent: so all roads from CloudWatch are one.
 */
#include "collect/cloudwatch.h"

#include "wire/json.h"

#include <errno.h>
#include <string.h>

#define HEAD_MAX 960u /* of what add_event() puts around an event: name, account, words */

bool cloudwatch_is_arn(const char *name)
{
	return strncmp(name, "arn:", 4) == 0;
}

/* "123456789012" of "arn:aws:logs:eu-west-1:123456789012:log-group:…"; and the group's name behind the last colon but for "*". */
static struct gb_span part_of_arn(const char *arn, size_t number)
{
	struct gb_span rest = gb_span_cstr(arn);

	for (size_t i = 0; i < number; i++)
		rest = gb_span_sub(rest, gb_span_find_byte(rest, ':', 0) + 1, SIZE_MAX);
	return gb_span_sub(rest, 0, gb_span_find_byte(rest, ':', 0));
}

/* Some events of one stream, as a subscription would have sent them. */
struct envelope {
	struct gb_text text;
	struct gb_span stream;
	int64_t time;
	bool is_open;
};

static void close_envelope(struct cloudwatch *source, struct envelope *envelope)
{
	if (!envelope->is_open)
		return;
	gb_text_add_cstr(&envelope->text, "]}");
	source->records[source->count] =
	        (struct gb_collect_record){.value = gb_text_span(&envelope->text), .time = envelope->time};
	source->streams[source->count++] = envelope->stream;
	/* The rest of the room is the next one's. */
	envelope->text = gb_text_on(envelope->text.p + envelope->text.n, envelope->text.cap - envelope->text.n);
	envelope->is_open = false;
}

/* STREAM and MESSAGE are as they stand between the quotes of JSON. */
static void add_event(struct cloudwatch *source, struct envelope *envelope, struct gb_span stream, int64_t time,
        struct gb_span message)
{
	const char *name = source->group->name;
	struct gb_text *text = &envelope->text;

	if (!envelope->is_open || !gb_span_equal(envelope->stream, stream)) {
		close_envelope(source, envelope);
		gb_text_add_cstr(text, "{\"messageType\":\"DATA_MESSAGE\",\"owner\":");
		gb_json_add_string(text, source->account[0] == '\0' && cloudwatch_is_arn(name)
		                                 ? part_of_arn(name, 4)
		                                 : gb_span_cstr(source->account));
		gb_text_add_cstr(text, ",\"logGroup\":");
		gb_json_add_string(text, cloudwatch_is_arn(name) ? part_of_arn(name, 6) : gb_span_cstr(name));
		gb_text_add_cstr(text, ",\"logStream\":\"");
		gb_text_add(text, stream);
		gb_text_add_cstr(text, "\",\"logEvents\":[");
		envelope->stream = stream;
		envelope->time = time;
		envelope->is_open = true;
	} else {
		gb_text_add_byte(text, ',');
	}
	gb_text_add_cstr(text, "{\"message\":\"");
	gb_text_add(text, message);
	gb_text_add_cstr(text, "\"}");
}

/* One event of a page: into ENVELOPE, unless it came before. False: it is none. */
static bool take_event(struct cloudwatch *source, const struct scan_value *event, struct envelope *envelope)
{
	static const char names[] = "eventId\0logStreamName\0timestamp\0message\0";
	struct group *group = source->group;
	struct scan_value members[4];
	int64_t time = 0;
	uint64_t id;

	collect_pick(event, names, members);
	if (event->type != SCAN_OBJECT || members[1].type != SCAN_STRING || members[3].type != SCAN_STRING ||
	        !scan_number(&members[2], &time))
		return false;
	id = gb_span_hash(members[0].text);
	if (members[0].type == SCAN_STRING && members[0].text.n > 0) {
		bool may_come_again = time >= group->round - source->late_ms - CLOUDWATCH_SLACK_MS;

		if (may_come_again)
			source->ids[source->id_count++] = id;
		if (seen_has(&group->now, id | 1) || seen_has(&group->last, id | 1))
			return true;
	}
	add_event(source, envelope, members[1].text, time, members[3].text);
	return true;
}

static int refuse(struct gb_diag *diag)
{
	return gb_diag_set(diag, -EAGAIN, 0, 0, "logs answers FilterLogEvents with what is no page of events");
}

int cloudwatch_take_page(struct cloudwatch *source, const struct collect_answer *answer, struct gb_diag *diag)
{
	static const char names[] = "events\0nextToken\0";
	struct scan_value members[2], event;
	struct envelope envelope = {.is_open = false};
	struct scan scan;
	size_t events = 0, cap;

	collect_pick(&answer->object, names, members);
	/* A page that is believed to be the last one moves the beginning of the next round. */
	if (members[0].type != SCAN_ARRAY || members[1].text.n > CLOUDWATCH_TOKEN_MAX ||
	        (members[1].type != SCAN_STRING && members[1].type != SCAN_NULL && members[1].type != SCAN_NONE))
		return refuse(diag);
	if (members[1].type == SCAN_STRING && !scan_text(&members[1], source->arena, &source->token))
		return gb_diag_set(diag, -ENOMEM, 0, 0, "out of memory");
	if (source->group->round == 0)
		source->group->round = answer->time;
	scan = scan_into(&members[0]);
	while (scan_next(&scan).type != SCAN_NONE)
		events++;
	if (events > CLOUDWATCH_RECORDS_MAX)
		return refuse(diag);
	cap = members[0].text.n + events * HEAD_MAX;
	envelope.text = gb_text_on(gb_arena_take(source->arena, cap), cap);
	if (cap > 0 && envelope.text.p == NULL)
		return gb_diag_set(diag, -ENOMEM, 0, 0, "out of memory");
	scan = scan_into(&members[0]);
	while ((event = scan_next(&scan)).type != SCAN_NONE)
		if (!take_event(source, &event, &envelope))
			return refuse(diag);
	close_envelope(source, &envelope);
	return 0;
}

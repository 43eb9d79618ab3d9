/* SPDX-License-Identifier: Apache-2.0 */
#include "collect/kinesis.h"

#include "base/cleanup.h"
#include "wire/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOKEN_MAX   (1024u * 1024u)
#define SHARDS_MAX  20000u
#define STATE_ENDED "ended"

int kinesis_save(struct kinesis *source, struct gb_diag *diag)
{
	struct collect_marks_writer writer = {.p = NULL};

	if (source->resume == NULL)
		return 0;
	for (size_t i = 0; i < source->shard_count; i++) {
		const struct shard *shard = &source->shards[i];
		char from[24];
		struct gb_span fields[] = {GB_SPAN("kinesis"), gb_span_cstr(source->aws.region),
		        gb_span_cstr(source->name), gb_span_cstr(shard->id),
		        shard->is_ended ? GB_SPAN(STATE_ENDED) : GB_SPAN("open"), gb_span_cstr(shard->sequence),
		        GB_SPAN_EMPTY};

		(void)snprintf(from, sizeof(from), "%lld", (long long)shard->from_ms);
		fields[6] = gb_span_cstr(from);
		collect_marks_add(&writer, fields, sizeof(fields) / sizeof(fields[0]));
	}
	return collect_marks_write(source->resume, &writer, diag);
}

static void add_name(const struct kinesis *source, struct gb_text *text)
{
	gb_text_add_cstr(text, strncmp(source->name, "arn:", 4) == 0 ? "\"StreamARN\":" : "\"StreamName\":");
	gb_json_add_string(text, gb_span_cstr(source->name));
}

/* Where a shard that was not known in this run begins. */
static void look_up(struct kinesis *source, struct shard *shard)
{
	const char *const keys[] = {"kinesis", source->aws.region, source->name, shard->id};
	GB_CLEANUP(gb_arena_freep) struct gb_arena *arena = gb_arena_new();
	struct gb_span values[3];
	uint64_t from = 0;

	/* One that came of others later has nothing that they did not have to give. */
	shard->from_ms = source->was_listed || source->marks.text != NULL ? 0 : source->from_ms;
	if (arena == NULL || !collect_marks_find(&source->marks, keys, 4, arena, values, 3) ||
	        values[1].n > KINESIS_SEQUENCE_MAX || !gb_span_to_u64(values[2], &from) || from > INT64_MAX)
		return;
	shard->from_ms = (int64_t)from;
	shard->is_ended = gb_span_equal(values[0], GB_SPAN(STATE_ENDED));
	if (values[1].n > 0)
		memcpy(shard->sequence, values[1].p, values[1].n);
	shard->sequence[values[1].n] = '\0';
}

static struct shard *find(struct kinesis *source, struct gb_span id)
{
	for (size_t i = 0; i < source->shard_count; i++)
		if (gb_span_equal(gb_span_cstr(source->shards[i].id), id))
			return &source->shards[i];
	return NULL;
}

static int take_shard(struct kinesis *source, const struct scan_value *value)
{
	static const char names[] = "ShardId\0SequenceNumberRange\0", range_names[] = "EndingSequenceNumber\0";
	struct scan_value members[2], end;
	struct shard *shard, *grown;

	collect_pick(value, names, members);
	if (members[0].type != SCAN_STRING || members[0].is_escaped || members[0].text.n == 0 ||
	        members[0].text.n > KINESIS_SHARD_MAX)
		return -EBADMSG;
	collect_pick(&members[1], range_names, &end);
	shard = find(source, members[0].text);
	if (shard == NULL) {
		if (source->shard_count == SHARDS_MAX)
			return -EBADMSG;
		grown = reallocarray(source->shards, source->shard_count + 1, sizeof(*grown));
		if (grown == NULL)
			return -ENOMEM;
		source->shards = grown;
		shard = &grown[source->shard_count++];
		*shard = (struct shard){.iterator = NULL};
		memcpy(shard->id, members[0].text.p, members[0].text.n);
		look_up(source, shard);
	}
	shard->is_listed = true;
	/* An answer that said that it had ended was cut off. */
	if (end.type != SCAN_STRING)
		shard->is_ended = false;
	return 0;
}

/* Those that are no longer there. */
static void drop_others(struct kinesis *source)
{
	size_t kept = 0;

	for (size_t i = 0; i < source->shard_count; i++) {
		if (!source->shards[i].is_listed) {
			free(source->shards[i].iterator);
			continue;
		}
		source->shards[kept] = source->shards[i];
		source->shards[kept++].is_listed = false;
	}
	source->shard_count = kept;
}

/* One page; *TOKEN, malloc'ed, is of the next one, NULL behind the last. */
static int list_page(struct kinesis *source, char **token, struct gb_diag *diag)
{
	static const char names[] = "Shards\0NextToken\0";
	size_t cap = 1024 + 6 * (KINESIS_NAME_MAX + (*token != NULL ? strlen(*token) : 0));
	GB_CLEANUP(gb_freep) char *room = malloc(cap);
	struct gb_text text = gb_text_on(room, cap);
	struct scan_value members[2], value;
	struct gb_span next;
	struct scan scan;
	int r = room == NULL ? gb_diag_set(diag, -ENOMEM, 0, 0, "out of memory") : kinesis_begin(source, diag);

	if (r < 0)
		return r;
	gb_text_add_byte(&text, '{');
	if (*token == NULL) {
		add_name(source, &text);
	} else {
		gb_text_add_cstr(&text, "\"NextToken\":");
		gb_json_add_string(&text, gb_span_cstr(*token));
	}
	gb_text_add_byte(&text, '}');
	free(*token);
	*token = NULL;
	r = collect_aws_ask(&source->aws, "ListShards", gb_text_span(&text), &source->answer, diag);
	if (r < 0)
		return r;
	collect_pick(&source->answer.object, names, members);
	r = members[0].type == SCAN_ARRAY && members[1].text.n <= TOKEN_MAX ? 0 : -EBADMSG;
	if (r == 0)
		scan = scan_into(&members[0]);
	while (r == 0 && (value = scan_next(&scan)).type != SCAN_NONE)
		r = take_shard(source, &value);
	if (r == 0 && members[1].type == SCAN_STRING) {
		r = scan_text(&members[1], source->answer.arena, &next) ? 0 : -ENOMEM;
		*token = r == 0 && next.n > 0 ? strndup((const char *)next.p, next.n) : NULL;
	}
	if (r == -EBADMSG)
		return gb_diag_set(diag, -EAGAIN, 0, 0, "kinesis answers ListShards with what is no list of shards");
	return r < 0 ? gb_diag_set(diag, r, 0, 0, "out of memory") : 0;
}

int kinesis_list_shards(struct kinesis *source, struct gb_diag *diag)
{
	char *token = NULL;
	int r;

	do
		r = list_page(source, &token, diag);
	while (r == 0 && token != NULL);
	free(token);
	if (r < 0)
		return r;
	drop_others(source);
	source->was_listed = true;
	return kinesis_save(source, diag);
}

/* Where SHARD is to go on. */
static void add_position(const struct shard *shard, struct gb_text *text)
{
	char time[32];

	gb_text_add_cstr(text, ",\"ShardIteratorType\":");
	if (shard->sequence[0] != '\0') {
		gb_text_add_cstr(text, "\"AFTER_SEQUENCE_NUMBER\",\"StartingSequenceNumber\":");
		gb_json_add_string(text, gb_span_cstr(shard->sequence));
	} else if (shard->from_ms != 0) {
		(void)snprintf(time, sizeof(time), "%lld.%03d", (long long)(shard->from_ms / 1000),
		        (int)(shard->from_ms % 1000));
		gb_text_add_cstr(text, "\"AT_TIMESTAMP\",\"Timestamp\":");
		gb_text_add_cstr(text, time);
	} else {
		gb_text_add_cstr(text, "\"TRIM_HORIZON\"");
	}
}

int kinesis_get_iterator(struct kinesis *source, struct shard *shard, struct gb_diag *diag)
{
	char room[1024 + 6 * (KINESIS_NAME_MAX + KINESIS_SHARD_MAX + KINESIS_SEQUENCE_MAX)];
	struct gb_text text = gb_text_on(room, sizeof(room));
	struct gb_span iterator = GB_SPAN_EMPTY;
	struct scan_value member;
	int r = kinesis_begin(source, diag);

	if (r < 0)
		return r;
	gb_text_add_byte(&text, '{');
	add_name(source, &text);
	gb_text_add_cstr(&text, ",\"ShardId\":");
	gb_json_add_string(&text, gb_span_cstr(shard->id));
	add_position(shard, &text);
	gb_text_add_byte(&text, '}');
	r = collect_aws_ask(&source->aws, "GetShardIterator", gb_text_span(&text), &source->answer, diag);
	if (r == -EREMOTEIO && shard->sequence[0] != '\0' &&
	        strcmp(source->answer.error, "InvalidArgumentException") == 0) {
		/* It is no longer kept, or of a stream that was made anew: all that there is. */
		shard->sequence[0] = '\0';
		return -EAGAIN;
	}
	if (r < 0)
		return r;
	collect_pick(&source->answer.object, "ShardIterator\0", &member);
	if (member.type != SCAN_STRING || !scan_text(&member, source->answer.arena, &iterator) || iterator.n == 0 ||
	        iterator.n > KINESIS_ITERATOR_MAX)
		return gb_diag_set(diag, -EAGAIN, 0, 0, "kinesis answers GetShardIterator without an iterator");
	shard->iterator = strndup((const char *)iterator.p, iterator.n);
	return shard->iterator == NULL ? gb_diag_set(diag, -ENOMEM, 0, 0, "out of memory") : 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * collect/kinesis: all shards of a stream, in turn, each from behind the last record that is durable. Shards that were split or merged are
 * read to their end, and those that came of them from their beginning: the order between them is of no matter, since lines have numbers.
 */
#include "collect/kinesis.h"

#include "base/clock.h"
#include "wire/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define REQUEST_MS 200 /* five a second from each shard */
#define IDLE_MS    1000
#define REFUSED_MS 30000
#define LIST_MS    60000

static void forget(struct kinesis *source)
{
	gb_arena_free(source->answer.arena);
	source->answer = (struct collect_answer){.arena = NULL};
	source->records = NULL;
	source->sequences = NULL;
	source->count = source->record_cap = source->sequence_cap = 0;
	source->last = source->iterator = GB_SPAN_EMPTY;
}

int kinesis_begin(struct kinesis *source, struct gb_diag *diag)
{
	forget(source);
	source->answer.arena = gb_arena_new();
	return source->answer.arena == NULL ? gb_diag_set(diag, -ENOMEM, 0, 0, "out of memory") : 0;
}

/* The answer is done with: on to the next of the shard's iterators; without one the shard has come to its end. */
static int advance(struct kinesis *source, struct gb_diag *diag)
{
	struct shard *shard = source->shard;
	bool has_moved = source->count > 0;

	free(shard->iterator);
	shard->iterator = NULL;
	if (source->last.n > 0)
		(void)snprintf(shard->sequence, sizeof(shard->sequence), "%.*s", (int)source->last.n,
		        (const char *)source->last.p);
	if (source->iterator.n > 0) {
		shard->iterator = strndup((const char *)source->iterator.p, source->iterator.n);
		if (shard->iterator == NULL)
			return gb_diag_set(diag, -ENOMEM, 0, 0, "out of memory");
	} else {
		shard->is_ended = has_moved = true;
		source->list_ms = 0;
	}
	shard->due_ms = gb_monotonic_ms() + (source->count > 0 ? REQUEST_MS : IDLE_MS);
	forget(source);
	return has_moved ? kinesis_save(source, diag) : 0;
}

static int get_records(struct kinesis *source, struct shard *shard, struct gb_diag *diag)
{
	char room[KINESIS_ITERATOR_MAX * 6 + 128];
	struct gb_text text = gb_text_on(room, sizeof(room));
	int r = kinesis_begin(source, diag);

	if (r < 0)
		return r;
	source->shard = shard;
	gb_text_add_cstr(&text, "{\"Limit\":10000,\"ShardIterator\":");
	gb_json_add_string(&text, gb_span_cstr(shard->iterator));
	gb_text_add_byte(&text, '}');
	r = collect_aws_ask(&source->aws, "GetRecords", gb_text_span(&text), &source->answer, diag);
	if (r == -EREMOTEIO && strcmp(source->answer.error, "ExpiredIteratorException") == 0) {
		free(shard->iterator);
		shard->iterator = NULL;
		return 0;
	}
	if (r < 0)
		return r;
	r = kinesis_take_answer(source);
	if (r < 0) {
		/* Nothing of it is believed. */
		forget(source);
		return gb_diag_set(diag, r == -ENOMEM ? r : -EAGAIN, 0, 0,
		        r == -ENOMEM ? "out of memory" : "kinesis answers GetRecords with what are no records");
	}
	return source->count > 0 ? 0 : advance(source, diag);
}

/* Who is next to be asked; NULL: nobody is left. */
static struct shard *choose(struct kinesis *source)
{
	struct shard *best = NULL;

	for (size_t i = 0; i < source->shard_count; i++) {
		struct shard *shard = &source->shards[(source->next + i) % source->shard_count];

		if (!shard->is_ended && (best == NULL || shard->due_ms < best->due_ms))
			best = shard;
	}
	return best;
}

static int ask_shard(struct kinesis *source, struct shard *shard, struct gb_diag *diag)
{
	int r;

	source->next = (size_t)(shard - source->shards) + 1;
	r = shard->iterator == NULL ? kinesis_get_iterator(source, shard, diag) : get_records(source, shard, diag);
	if (r == -EAGAIN)
		shard->due_ms = gb_monotonic_ms() + IDLE_MS;
	if (r != -EREMOTEIO)
		return r;
	/* It may have been taken out of the stream. */
	if (strcmp(source->answer.error, "ResourceNotFoundException") == 0)
		source->list_ms = 0;
	shard->due_ms = gb_monotonic_ms() + REFUSED_MS;
	return collect_aws_give_up(&source->aws);
}

/* One request, or a pause of at most WAIT_MS. */
static int step(struct kinesis *source, unsigned wait_ms, struct gb_diag *diag)
{
	struct shard *shard = choose(source);
	int64_t due = shard == NULL || shard->due_ms > source->list_ms ? source->list_ms : shard->due_ms;
	int r;

	if (due < source->aws.rest_ms)
		due = source->aws.rest_ms;
	if (due > gb_monotonic_ms()) {
		collect_wait(due, wait_ms);
		return 0;
	}
	if (shard != NULL && source->list_ms > gb_monotonic_ms())
		return ask_shard(source, shard, diag);
	r = kinesis_list_shards(source, diag);
	source->list_ms = gb_monotonic_ms() + (r == -EAGAIN ? IDLE_MS : LIST_MS);
	return r == -EREMOTEIO ? collect_aws_give_up(&source->aws) : r;
}

static int next(struct gb_collect_pull *pull, unsigned wait_ms, const struct gb_collect_record **ret_records,
        size_t *ret_count, struct gb_diag *diag)
{
	struct kinesis *source = (struct kinesis *)pull;
	int64_t until = gb_monotonic_ms() + wait_ms, left;
	int r = 0;

	*ret_count = 0;
	forget(source);
	while (r == 0 && source->count == 0 && (left = until - gb_monotonic_ms()) > 0)
		r = step(source, (unsigned)left, diag);
	*ret_records = source->records;
	*ret_count = r == 0 ? source->count : 0;
	return r == -ECANCELED ? 0 : r;
}

static int done(struct gb_collect_pull *pull, struct gb_diag *diag)
{
	return advance((struct kinesis *)pull, diag);
}

static void place(const struct gb_collect_pull *pull, size_t index, char ret_place[GB_COLLECT_PLACE_CHARS])
{
	const struct kinesis *source = (const struct kinesis *)pull;
	const struct gb_span sequence = source->sequences[index];

	(void)snprintf(ret_place, GB_COLLECT_PLACE_CHARS, "record %.*s of stream %.80s, %.80s", (int)sequence.n,
	        (const char *)sequence.p, source->name, source->shard->id);
}

static void cancel(struct gb_collect_pull *pull)
{
	gb_aws_cancel(((struct kinesis *)pull)->aws.aws);
}

static void release(struct gb_collect_pull *pull)
{
	struct kinesis *source = (struct kinesis *)pull;

	forget(source);
	for (size_t i = 0; i < source->shard_count; i++)
		free(source->shards[i].iterator);
	free(source->shards);
	free(source->resume);
	free(source->marks.text);
	collect_aws_done(&source->aws);
	free(source);
}

int gb_collect_kinesis_new(
        const struct gb_collect_aws *settings, struct gb_collect_pull **ret_pull, struct gb_diag *diag)
{
	static const struct source_kind kind = {next, done, place, cancel, release};
	struct kinesis *source = calloc(1, sizeof(*source));
	int r;

	if (source == NULL)
		return gb_diag_set(diag, -ENOMEM, 0, 0, "out of memory");
	source->pull.kind = &kind;
	r = collect_aws_begin(settings, "kinesis", "Kinesis_20131202", &source->aws, diag);
	if (r == 0)
		r = collect_marks_read(settings->resume, &source->marks, diag);
	if (r == 0 && (settings->name_count != 1 || settings->names[0][0] == '\0' ||
	                      strlen(settings->names[0]) > KINESIS_NAME_MAX))
		r = gb_diag_set(diag, -EINVAL, 0, 0, "name one stream, or its ARN");
	if (r == 0) {
		(void)snprintf(source->name, sizeof(source->name), "%s", settings->names[0]);
		source->from_ms = settings->is_from_end ? (int64_t)time(NULL) * 1000 : 0;
		source->resume = settings->resume != NULL ? strdup(settings->resume) : NULL;
		if (settings->resume != NULL && source->resume == NULL)
			r = gb_diag_set(diag, -ENOMEM, 0, 0, "out of memory");
	}
	if (r < 0) {
		release(&source->pull);
		return r;
	}
	*ret_pull = &source->pull;
	return 0;
}

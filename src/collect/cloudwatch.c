/* SPDX-License-Identifier: Apache-2.0 */
/*
 * collect/cloudwatch: log groups of CloudWatch Logs by FilterLogEvents. A group is read in rounds: each from a time on, page by page, to
 * what is there now. Events come to CloudWatch some time after they happened and in no order, so the next round begins a while before
 * the last one did, and now and then one looks back as far as events may be late; what several have is known by its event id.
 */
#include "collect/cloudwatch.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "wire/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define OVERLAP_MS (5 * 60 * 1000)
#define DEEP_PART  4    /* of the time that events may be late: between two looks so far back */
#define ROUND_MS   2000 /* between two rounds of a group; there are a few requests a second for an account */
#define REQUEST_MS 250
#define REFUSED_MS 30000
#define SAVE_MS    10000 /* while nothing comes */

static struct gb_span make_request(const struct group *group, struct gb_text *text)
{
	gb_text_add_cstr(text, cloudwatch_is_arn(group->name) ? "{\"logGroupIdentifier\":" : "{\"logGroupName\":");
	gb_json_add_string(text, gb_span_cstr(group->name));
	/* Lines of ours have that word; the others need not come. */
	gb_text_add_cstr(text, ",\"filterPattern\":\"gambeson\",\"limit\":10000,\"startTime\":");
	gb_text_add_i64(text, group->begin);
	if (group->token != NULL) {
		gb_text_add_cstr(text, ",\"nextToken\":");
		gb_json_add_string(text, gb_span_cstr(group->token));
	}
	gb_text_add_byte(text, '}');
	return gb_text_span(text);
}

static void forget(struct cloudwatch *source)
{
	gb_arena_free(source->arena);
	source->arena = NULL;
	source->count = source->id_count = 0;
	source->token = GB_SPAN_EMPTY;
}

static int save(struct cloudwatch *source, struct gb_diag *diag)
{
	struct collect_marks_writer writer = {.p = NULL};

	source->saved_ms = gb_monotonic_ms();
	if (source->resume == NULL)
		return 0;
	for (size_t i = 0; i < source->group_count; i++) {
		const struct group *group = &source->groups[i];
		char begin[24], round[24];
		struct gb_span fields[6] = {
		        GB_SPAN("cloudwatch"), gb_span_cstr(source->aws.region), gb_span_cstr(group->name)};

		(void)snprintf(begin, sizeof(begin), "%lld", (long long)group->begin);
		(void)snprintf(round, sizeof(round), "%lld", (long long)group->round);
		fields[3] = gb_span_cstr(begin);
		fields[4] = gb_span_cstr(round);
		fields[5] = gb_span_cstr(group->token);
		collect_marks_add(&writer, fields, 6);
	}
	return collect_marks_write(source->resume, &writer, diag);
}

/* A round of GROUP has ended: where the next one begins. */
static void begin_anew(const struct cloudwatch *source, struct group *group)
{
	int64_t now = gb_monotonic_ms(), usual = source->late_ms < OVERLAP_MS ? source->late_ms : OVERLAP_MS;
	bool is_deep = source->late_ms > usual && now >= group->deep_ms;
	int64_t begin = group->round - (is_deep ? source->late_ms : usual);

	if (begin < group->least)
		begin = group->least;
	if (is_deep || begin > group->begin)
		group->begin = begin;
	if (is_deep)
		group->deep_ms = now + source->late_ms / DEEP_PART;
	group->round = 0;
	/* Each id is known for as long as its event may come again, at least. */
	if (now < group->turn_ms)
		return;
	seen_free(&group->last);
	group->last = group->now;
	group->now = (struct seen){.hashes = NULL};
	group->turn_ms = now + source->late_ms + CLOUDWATCH_SLACK_MS;
}

/* The page is done with: on to the next one, or to the next round. */
static int advance(struct cloudwatch *source, struct gb_diag *diag)
{
	struct group *group = source->group;
	bool has_records = source->count > 0;

	for (size_t i = 0; i < source->id_count; i++)
		seen_add(&group->now, source->ids[i]);
	free(group->token);
	group->token = NULL;
	if (source->token.n > 0) {
		group->token = strndup((const char *)source->token.p, source->token.n);
		if (group->token == NULL)
			return gb_diag_set(diag, -ENOMEM, 0, 0, "out of memory");
		group->due_ms = 0;
	} else {
		int64_t gap = (int64_t)source->group_count * REQUEST_MS;

		begin_anew(source, group);
		group->due_ms = gb_monotonic_ms() + (gap > ROUND_MS ? gap : ROUND_MS);
	}
	forget(source);
	return has_records || gb_monotonic_ms() - source->saved_ms > SAVE_MS ? save(source, diag) : 0;
}

/* Whose turn it is, and when. */
static struct group *choose(const struct cloudwatch *source)
{
	struct group *best = &source->groups[source->next % source->group_count];

	for (size_t i = 1; i < source->group_count; i++) {
		struct group *group = &source->groups[(source->next + i) % source->group_count];

		if (group->due_ms < best->due_ms)
			best = group;
	}
	return best;
}

static int ask(struct cloudwatch *source, struct group *group, struct gb_diag *diag)
{
	char room[CLOUDWATCH_TOKEN_MAX * 6 + CLOUDWATCH_NAME_MAX * 6 + 256];
	struct gb_text text = gb_text_on(room, sizeof(room));
	struct collect_answer answer = {.arena = gb_arena_new()};
	int r;

	if (answer.arena == NULL)
		return gb_diag_set(diag, -ENOMEM, 0, 0, "out of memory");
	source->arena = answer.arena;
	source->group = group;
	source->next = (size_t)(group - source->groups) + 1;
	r = collect_aws_ask(&source->aws, "FilterLogEvents", make_request(group, &text), &answer, diag);
	if (r == 0)
		return cloudwatch_take_page(source, &answer, diag);
	if (r != -EREMOTEIO)
		return r;
	if (group->token != NULL && strcmp(answer.error, "InvalidParameterException") == 0) {
		/* Tokens hold for a day: the round begins anew. */
		free(group->token);
		group->token = NULL;
		return -EAGAIN;
	}
	group->due_ms = gb_monotonic_ms() + REFUSED_MS;
	return collect_aws_give_up(&source->aws);
}

static int next(struct gb_collect_pull *pull, unsigned wait_ms, const struct gb_collect_record **ret_records,
        size_t *ret_count, struct gb_diag *diag)
{
	struct cloudwatch *source = (struct cloudwatch *)pull;
	int64_t until = gb_monotonic_ms() + wait_ms;
	int r = 0;

	*ret_records = source->records;
	*ret_count = 0;
	forget(source);
	do {
		struct group *group = choose(source);
		int64_t due = group->due_ms > source->aws.rest_ms ? group->due_ms : source->aws.rest_ms;

		if (due > gb_monotonic_ms()) {
			collect_wait(due < until ? due : until, wait_ms);
			continue;
		}
		r = ask(source, group, diag);
		if (r < 0)
			forget(source);
		*ret_count = source->count;
		if (r == 0 && source->count == 0)
			r = advance(source, diag);
	} while (r == 0 && *ret_count == 0 && gb_monotonic_ms() < until);
	return r == -ECANCELED ? 0 : r;
}

static int done(struct gb_collect_pull *pull, struct gb_diag *diag)
{
	return advance((struct cloudwatch *)pull, diag);
}

static void place(const struct gb_collect_pull *pull, size_t index, char ret_place[GB_COLLECT_PLACE_CHARS])
{
	const struct cloudwatch *source = (const struct cloudwatch *)pull;
	const struct gb_span stream = gb_span_sub(source->streams[index], 0, 100);

	(void)snprintf(ret_place, GB_COLLECT_PLACE_CHARS, "what log group %.100s has of stream %.*s",
	        source->group->name, (int)stream.n, (const char *)stream.p);
}

static void cancel(struct gb_collect_pull *pull)
{
	gb_aws_cancel(((struct cloudwatch *)pull)->aws.aws);
}

static void release(struct gb_collect_pull *pull)
{
	struct cloudwatch *source = (struct cloudwatch *)pull;

	forget(source);
	for (size_t i = 0; i < source->group_count; i++) {
		free(source->groups[i].token);
		seen_free(&source->groups[i].last);
		seen_free(&source->groups[i].now);
	}
	free(source->groups);
	free(source->resume);
	collect_aws_done(&source->aws);
	free(source);
}

/* What CloudWatch has names made of, and ARNs. */
static bool is_name(struct gb_span name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!gb_ascii_is_alpha(name.p[i]) && !gb_ascii_is_digit(name.p[i]) &&
		        gb_span_find_byte(GB_SPAN("_-/.#:*"), name.p[i], 0) == SIZE_MAX)
			return false;
	return name.n > 0 && name.n <= CLOUDWATCH_NAME_MAX;
}

static int add_group(struct cloudwatch *source, const struct gb_collect_aws *settings, const char *name,
        const struct collect_marks *marks, struct gb_diag *diag)
{
	GB_CLEANUP(gb_arena_freep) struct gb_arena *arena = gb_arena_new();
	const char *const keys[] = {"cloudwatch", source->aws.region, name};
	struct group *group = &source->groups[source->group_count];
	struct gb_span values[3];
	uint64_t begin, round;

	if (!is_name(gb_span_cstr(name)))
		return gb_diag_set(diag, -EINVAL, 0, 0, "'%.100s' is no name of a log group", name);
	if (arena == NULL)
		return gb_diag_set(diag, -ENOMEM, 0, 0, "out of memory");
	(void)snprintf(group->name, sizeof(group->name), "%s", name);
	source->group_count++;
	if (settings->is_from_end)
		group->begin = group->least = (int64_t)time(NULL) * 1000;
	if (!collect_marks_find(marks, keys, 3, arena, values, 3))
		return 0;
	if (!gb_span_to_u64(values[0], &begin) || !gb_span_to_u64(values[1], &round) || begin > INT64_MAX ||
	        round > INT64_MAX || values[2].n > CLOUDWATCH_TOKEN_MAX)
		return gb_diag_set(diag, -EINVAL, 0, 0, "%.150s is damaged", settings->resume);
	group->begin = (int64_t)begin;
	group->round = (int64_t)round;
	group->least = 0;
	if (values[2].n > 0)
		group->token = strndup((const char *)values[2].p, values[2].n);
	return 0;
}

int gb_collect_cloudwatch_new(
        const struct gb_collect_aws *settings, struct gb_collect_pull **ret_pull, struct gb_diag *diag)
{
	static const struct source_kind kind = {next, done, place, cancel, release};
	struct cloudwatch *source = calloc(1, sizeof(*source));
	struct collect_marks marks = {.text = NULL};
	int r;

	if (source == NULL)
		return gb_diag_set(diag, -ENOMEM, 0, 0, "out of memory");
	source->pull.kind = &kind;
	r = collect_aws_begin(settings, "logs", "Logs_20140328", &source->aws, diag);
	if (r == 0)
		r = collect_marks_read(settings->resume, &marks, diag);
	(void)snprintf(
	        source->account, sizeof(source->account), "%.64s", settings->account != NULL ? settings->account : "");
	source->late_ms = settings->late_ms;
	source->groups = calloc(settings->name_count, sizeof(*source->groups));
	source->resume = settings->resume != NULL ? strdup(settings->resume) : NULL;
	if (r == 0 && (source->groups == NULL || (settings->resume != NULL && source->resume == NULL)))
		r = gb_diag_set(diag, -ENOMEM, 0, 0, "out of memory");
	for (size_t i = 0; i < settings->name_count && r == 0; i++)
		r = add_group(source, settings, settings->names[i], &marks, diag);
	free(marks.text);
	if (r < 0) {
		release(&source->pull);
		return r;
	}
	*ret_pull = &source->pull;
	return 0;
}

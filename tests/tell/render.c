/* SPDX-License-Identifier: Apache-2.0 */
/*
 * render: writes notices in all formats, for tests that read them with other programs' readers. Each line of standard
 * input is {"format", "line" or "lines", "function":{…}, "target":{…}, "count", "first", "last"}; the answer is one
 * line {"result": bytes or negative errno, "message": base64}. "line" is a text, so that it may be anything at all.
 */
#include "tell/tell.h"

#include <sodium.h>
#include <stdio.h>

static struct gb_span text_of(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return gb_span_of(json_string_value(value), json_string_length(value));
}

static struct gb_tell_function function_of(const json_t *f)
{
	return (struct gb_tell_function){.account = text_of(f, "account"),
	        .region = text_of(f, "region"),
	        .name = text_of(f, "name"),
	        .version = text_of(f, "version"),
	        .runtime = text_of(f, "runtime"),
	        .group = text_of(f, "group")};
}

static struct gb_tell_target target_of(const json_t *t)
{
	struct gb_tell_target target = {.portal = text_of(t, "portal"),
	        .host = text_of(t, "host"),
	        .account = text_of(t, "account"),
	        .region = text_of(t, "region"),
	        .routing_key = text_of(t, "routing_key"),
	        .topic = text_of(t, "topic"),
	        .from = text_of(t, "from"),
	        .key = text_of(t, "key"),
	        .facility = (unsigned)json_integer_value(json_object_get(t, "facility")),
	        .content = gb_tell_format_of(text_of(t, "content")),
	        .now_ms = json_integer_value(json_object_get(t, "now")),
	        .is_resolved = json_is_true(json_object_get(t, "resolved"))};
	const json_t *to = json_object_get(t, "to");

	for (size_t i = 0; i < json_array_size(to) && i < GB_TELL_TO_MAX; i++)
		target.to[target.to_count++] =
		        gb_span_of(json_string_value(json_array_get(to, i)), json_string_length(json_array_get(to, i)));
	if (target.content == _GB_TELL_FORMAT_MAX)
		target.content = GB_TELL_JSON;
	return target;
}

static int render(const json_t *job, struct gb_arena *arena, struct gb_span *ret, struct gb_diag *diag)
{
	static struct gb_tell_notice notices[GB_TELL_BATCH_MAX];
	struct gb_tell_function function = function_of(json_object_get(job, "function"));
	struct gb_tell_target target = target_of(json_object_get(job, "target"));
	enum gb_tell_format format = gb_tell_format_of(text_of(job, "format"));
	json_int_t count = json_integer_value(json_object_get(job, "count"));
	const json_t *lines = json_object_get(job, "lines");
	size_t line_count = lines ? json_array_size(lines) : 1, done = 0;
	int result = format == _GB_TELL_FORMAT_MAX || line_count > GB_TELL_BATCH_MAX ? -1 : 0;

	for (; result == 0 && done < line_count; done += result == 0) {
		const json_t *line = lines ? json_array_get(lines, done) : json_object_get(job, "line");

		result = gb_tell_notice_read(
		        gb_span_of(json_string_value(line), json_string_length(line)), &function, &notices[done], diag);
		if (result == 0 && count > 1) {
			notices[done].count = (uint64_t)count;
			notices[done].first_ms = json_integer_value(json_object_get(job, "first"));
			notices[done].last_ms = json_integer_value(json_object_get(job, "last"));
		}
	}
	if (result == 0)
		result = gb_tell_write(format, notices, line_count, &target, arena, ret, diag);
	for (size_t i = 0; i < done; i++)
		gb_tell_notice_done(&notices[i]);
	return result;
}

static int answer(const char *line, size_t n)
{
	json_t *job = json_loadb(line, n, JSON_ALLOW_NUL, NULL);
	struct gb_arena *arena = gb_arena_new();
	struct gb_diag diag = {0};
	struct gb_span message = GB_SPAN_EMPTY;
	char *base64 = NULL;
	int result = -1;

	if (job && arena)
		result = render(job, arena, &message, &diag);
	if (result == 0) {
		size_t room = sodium_base64_ENCODED_LEN(message.n, sodium_base64_VARIANT_ORIGINAL);

		base64 = malloc(room);
		if (base64)
			sodium_bin2base64(base64, room, message.p, message.n, sodium_base64_VARIANT_ORIGINAL);
	}
	printf("{\"result\": %lld, \"message\": \"%s\"}\n", result < 0 ? (long long)result : (long long)message.n,
	        base64 ? base64 : "");
	free(base64);
	gb_arena_free(arena);
	json_decref(job);
	return fflush(stdout);
}

int main(void)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	int status = 0;

	while (status == 0 && (n = getline(&line, &cap, stdin)) > 0)
		status = answer(line, (size_t)n);
	free(line);
	return status != 0;
}

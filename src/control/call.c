/* SPDX-License-Identifier: Apache-2.0 */
#include "control/state.h"

#include <errno.h>
#include <string.h>

#define DEPTH_MAX 32

int gb_call_header(struct gb_call *call, const char *name, struct gb_span value)
{
	return gb_web_answer_header(call->answer, call->arena, name, value);
}

static int finish(struct gb_call *call, unsigned status, const char *content_type)
{
	call->answer->status = status;
	if (content_type != NULL && gb_call_header(call, "Content-Type", gb_span_cstr(content_type)) < 0)
		return gb_call_problem(call, 500, "internal", "memory is short");
	gb_headers_add(call->arena, call->answer, call->request->is_secure);
	return 0;
}

int gb_call_bytes(struct gb_call *call, unsigned status, const char *content_type, struct gb_span bytes)
{
	call->answer->body = bytes;
	return finish(call, status, content_type);
}

int gb_call_empty(struct gb_call *call, unsigned status)
{
	return gb_call_bytes(call, status, NULL, GB_SPAN_EMPTY);
}

int gb_call_json(struct gb_call *call, unsigned status, json_t *value)
{
	size_t n = value != NULL ? json_dumpb(value, NULL, 0, JSON_COMPACT | JSON_ENCODE_ANY) : 0;
	char *text = n > 0 ? gb_arena_take(call->arena, n) : NULL;

	if (text != NULL)
		n = json_dumpb(value, text, n, JSON_COMPACT | JSON_ENCODE_ANY);
	json_decref(value);
	if (text == NULL)
		return gb_call_failed(call, -ENOMEM, NULL);
	return gb_call_bytes(call, status, "application/json", gb_span_of(text, n));
}

int gb_call_stream(struct gb_call *call, unsigned status, const char *content_type, struct gb_web_source source)
{
	int r = gb_stream_guard(call, &source);

	call->answer->source = source;
	if (r < 0)
		return gb_call_failed(call, r, NULL);
	/* A proxy in front would keep events back. */
	if (strcmp(content_type, "text/event-stream") == 0 &&
	        gb_call_header(call, "X-Accel-Buffering", GB_SPAN("no")) < 0)
		return gb_call_problem(call, 500, "internal", "memory is short");
	return finish(call, status, content_type);
}

struct gb_span gb_call_query(const struct gb_call *call, const char *name)
{
	struct gb_span value;

	if (gb_web_request_query(call->request, name, &value, NULL) < 0)
		return GB_SPAN_EMPTY;
	return value;
}

int gb_call_query_number(struct gb_call *call, const char *name, uint64_t minimum, uint64_t maximum, uint64_t fallback,
        uint64_t *ret_value)
{
	struct gb_span value = GB_SPAN_EMPTY;
	bool is_there = false;

	*ret_value = fallback;
	if (gb_web_request_query(call->request, name, &value, &is_there) == 0 && !is_there)
		return 0;
	if (gb_span_to_u64(value, ret_value) && *ret_value >= minimum && *ret_value <= maximum)
		return 0;
	gb_call_problem(call, 400, "bad-value", "%s is a number from %llu to %llu", name, (unsigned long long)minimum,
	        (unsigned long long)maximum);
	return -EINVAL;
}

/* jansson goes down by recursion: know before how deep. */
static bool is_too_deep(struct gb_span text)
{
	int depth = 0;
	bool is_string = false;

	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = text.p[i];

		if (is_string && c == '\\')
			i++;
		else if (c == '"')
			is_string = !is_string;
		else if (!is_string && (c == '{' || c == '[') && ++depth > DEPTH_MAX)
			return true;
		else if (!is_string && (c == '}' || c == ']'))
			depth--;
	}
	return false;
}

json_t *gb_json_load(struct gb_span text)
{
	return is_too_deep(text)
	               ? NULL
	               : json_loadb((const char *)text.p, text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
}

json_t *gb_call_body(struct gb_call *call)
{
	if (call->body == NULL)
		call->body = gb_json_load(call->request->body);
	if (json_is_object(call->body))
		return call->body;
	gb_call_problem(call, 400, "bad-request",
	        call->body == NULL ? "the body is no JSON, has a name twice, or is nested more than 32 deep"
	                           : "the body is no JSON object");
	return NULL;
}

int gb_call_text(struct gb_call *call, const json_t *object, const char *name, size_t maximum, bool is_required,
        struct gb_span *ret_text)
{
	const json_t *value = json_object_get(object, name);
	bool is_missing = value == NULL || json_is_null(value);

	*ret_text = GB_SPAN_EMPTY;
	if (is_missing && !is_required)
		return 1;
	if (json_is_string(value))
		*ret_text = gb_span_of(json_string_value(value), json_string_length(value));
	if (json_is_string(value) && ret_text->n <= maximum && (ret_text->n > 0 || !is_required))
		return 0;
	gb_call_problem(call, 400, "bad-value", "%s is a text of %d to %zu bytes", name, is_required ? 1 : 0, maximum);
	return -EINVAL;
}

json_t *gb_json_text(struct gb_span text)
{
	return json_stringn(text.n > 0 ? (const char *)text.p : "", text.n);
}

json_t *gb_json_time(int64_t time_ms)
{
	char text[40];
	time_t seconds = (time_t)(time_ms / 1000);
	struct tm parts;
	size_t n;

	if (time_ms < 0 || gmtime_r(&seconds, &parts) == NULL || parts.tm_year > 8099)
		return json_null();
	n = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts);
	snprintf(text + n, sizeof(text) - n, ".%03dZ", (int)(time_ms % 1000));
	return json_string(text);
}

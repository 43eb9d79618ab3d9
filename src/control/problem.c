/* SPDX-License-Identifier: Apache-2.0 */
#include "control/state.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#define DETAIL_CHARS 512u

/* Titles are the slug's, the same every time (RFC 9457 §3.1.3). */
static const struct {
	unsigned status;
	const char *slug, *title;
} kinds[] = {
        {400, "bad-request", "The request is malformed"},
        {400, "bad-value", "A value is not what is asked for"},
        {401, "unauthenticated", "Nobody is signed in"},
        {403, "forbidden", "This is not permitted to the caller"},
        {403, "bad-csrf-token", "The request does not come from the portal"},
        {404, "not-found", "There is nothing here"},
        {405, "method-not-allowed", "The method is not known here"},
        {409, "conflict", "It is not as the request takes it to be"},
        {412, "changed-meanwhile", "Somebody else has changed it meanwhile"},
        {413, "too-large", "The request is too large"},
        {414, "too-large", "The request is too large"},
        {415, "wrong-media-type", "The body is of another kind than is read here"},
        {422, "invalid", "What is asked for makes no sense"},
        {429, "too-many-requests", "Too many requests"},
        {500, "internal", "The server has failed"},
        {501, "not-implemented", "This is not spoken here"},
        {503, "unavailable", "The server cannot do that now"},
        {505, "bad-request", "The request is malformed"},
};

static const char *title_of(unsigned status, const char **slug)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (*slug != NULL ? strcmp(kinds[i].slug, *slug) == 0 : kinds[i].status == status) {
			*slug = kinds[i].slug;
			return kinds[i].title;
		}
	return *slug;
}

/* What was begun is not done: no cookie of it, no place to go to, no stream; only what says when and how to come again. */
static void begin_anew(struct gb_web_answer *answer)
{
	size_t kept = 0;

	for (size_t i = 0; i < answer->header_count; i++)
		if (gb_span_equal(answer->headers[i].name, GB_SPAN("Retry-After")) ||
		        gb_span_equal(answer->headers[i].name, GB_SPAN("Allow")))
			answer->headers[kept++] = answer->headers[i];
	answer->header_count = kept;
	if (answer->source.done != NULL)
		answer->source.done(answer->source.context);
	answer->source = (struct gb_web_source){0};
}

void gb_problem_answer(struct gb_arena *arena, struct gb_web_answer *answer, unsigned status, const char *slug,
        const char *detail, bool is_secure)
{
	const char *title = title_of(status, &slug);
	char type[64];
	json_t *document;
	char *text = NULL, *copy = NULL;

	snprintf(type, sizeof(type), "urn:gambeson:problem:%s", slug != NULL ? slug : "internal");
	document = json_pack("{s:s,s:s,s:i,s:s}", "type", type, "title", title != NULL ? title : "Error", "status",
	        (int)status, "detail", detail);
	if (document != NULL)
		text = json_dumps(document, JSON_COMPACT);
	json_decref(document);
	if (text != NULL)
		copy = gb_arena_take(arena, strlen(text) + 1);
	if (copy != NULL)
		memcpy(copy, text, strlen(text) + 1);
	free(text);
	begin_anew(answer);
	answer->status = status;
	answer->body = gb_span_cstr(copy);
	if (status == 401 &&
	        gb_web_answer_header(answer, arena, "WWW-Authenticate", GB_SPAN("Bearer realm=\"gambeson\"")) < 0)
		answer->body = GB_SPAN_EMPTY;
	if (gb_web_answer_header(answer, arena, "Content-Type", GB_SPAN("application/problem+json")) < 0)
		answer->body = GB_SPAN_EMPTY;
	gb_headers_add(arena, answer, is_secure);
}

/* FORMAT may quote what the caller sent: only what is UTF-8 goes back. */
static void clean(char *text)
{
	if (!gb_web_is_utf8(gb_span_cstr(text)))
		for (; *text != '\0'; text++)
			if ((unsigned char)*text >= 0x80)
				*text = '?';
}

int gb_call_problem(struct gb_call *call, unsigned status, const char *slug, const char *format, ...)
{
	char detail[DETAIL_CHARS];
	va_list list;

	va_start(list, format);
	vsnprintf(detail, sizeof(detail), format, list);
	va_end(list);
	clean(detail);
	gb_problem_answer(call->arena, call->answer, status, slug, detail, call->request->is_secure);
	return 0;
}

int gb_call_problem_at(
        struct gb_call *call, unsigned status, const char *slug, unsigned line, unsigned column, const char *detail)
{
	json_t *document;
	char *text, *copy = NULL;

	(void)gb_call_problem(call, status, slug, "%s", detail);
	document = json_loadb((const char *)call->answer->body.p, call->answer->body.n, 0, NULL);
	if (line == 0 || document == NULL || json_object_set_new(document, "line", json_integer(line)) < 0 ||
	        json_object_set_new(document, "column", json_integer(column)) < 0) {
		json_decref(document);
		return 0;
	}
	text = json_dumps(document, JSON_COMPACT);
	json_decref(document);
	if (text != NULL)
		copy = gb_arena_take(call->arena, strlen(text) + 1);
	if (copy != NULL) {
		memcpy(copy, text, strlen(text));
		call->answer->body = gb_span_of(copy, strlen(text));
	}
	free(text);
	return 0;
}

int gb_call_failed(struct gb_call *call, int negative_errno, const struct gb_diag *diag)
{
	bool will_pass = negative_errno == -EAGAIN || negative_errno == -EBUSY || negative_errno == -ENOSPC ||
	                 negative_errno == -ECONNRESET || negative_errno == -ENOMEM;

	gb_log(call->control, GB_LOG_ERROR, "a call failed", "{s:s,s:s,s:i}", "operation", call->route->operation_id,
	        "why", diag != NULL && diag->message[0] != '\0' ? diag->message : strerror(-negative_errno), "errno",
	        -negative_errno);
	if (!will_pass)
		return gb_call_problem(call, 500, "internal", "this could not be done; the server's log says why");
	if (gb_call_header(call, "Retry-After", GB_SPAN("2")) < 0)
		return gb_call_problem(call, 500, "internal", "this could not be done; the server's log says why");
	return gb_call_problem(call, 503, "unavailable", "this cannot be done now; try again in a moment");
}

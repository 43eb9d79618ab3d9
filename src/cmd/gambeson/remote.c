/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/gambeson/remote.h"

#include "base/cleanup.h"
#include "cmd/gambeson/screen.h"
#include "web/client.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_MAX (64u * 1024u * 1024u)
#define TRIES_MAX  10u
#define WAIT_MAX_S 60u
#define LONG_WORK  30u /* requests */

const char *gb_remote_escape(struct gb_remote *remote, const char *text)
{
	static const char digits[] = "0123456789ABCDEF";
	char *escaped = gb_arena_take(remote->arena, 3 * strlen(text) + 1), *to = escaped;

	if (escaped == NULL)
		return NULL;
	for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++) {
		if (isalnum(*p) || strchr("-._~", *p) != NULL) {
			*to++ = (char)*p;
			continue;
		}
		*to++ = '%';
		*to++ = digits[*p >> 4];
		*to++ = digits[*p & 15];
	}
	return escaped;
}

const char *gb_remote_add(struct gb_remote *remote, const char *path, const char *name, const char *value)
{
	const char *escaped = value == NULL || path == NULL ? NULL : gb_remote_escape(remote, value);
	size_t n;
	char *longer;

	if (value == NULL || value[0] == '\0' || path == NULL)
		return path;
	n = strlen(path) + strlen(name) + (escaped != NULL ? strlen(escaped) : 0) + 3;
	longer = escaped == NULL ? NULL : gb_arena_take(remote->arena, n);
	if (longer == NULL)
		return NULL;
	(void)snprintf(longer, n, "%s%c%s=%s", path, strchr(path, '?') != NULL ? '&' : '?', name, escaped);
	return longer;
}

static int print_problem(struct gb_remote *remote, const struct gb_web_fetched *fetched)
{
	json_t *problem = json_loadb((const char *)fetched->body.p, fetched->body.n, 0, NULL);
	const char *title = json_string_value(json_object_get(problem, "title"));
	const char *detail = json_string_value(json_object_get(problem, "detail"));

	fflush(stdout);
	(void)fprintf(stderr, "gambeson %s: ", remote->command->name);
	if (title == NULL)
		(void)fprintf(stderr, "the server answered %u", fetched->status);
	else
		(void)gb_screen_text(stderr, gb_span_cstr(title));
	if (detail != NULL) {
		(void)fputs(": ", stderr);
		(void)gb_screen_text(stderr, gb_span_cstr(detail));
	}
	(void)fputc('\n', stderr);
	json_decref(problem);
	return fetched->status >= 500 ? GB_EXIT_SYSTEM : fetched->status == 404 ? GB_EXIT_FINDINGS : GB_EXIT_USAGE;
}

/* Whether CALL's command sees to STATUS itself. */
static bool is_expected(const struct gb_remote_call *call, unsigned status)
{
	for (const unsigned *one = call->expected; one != NULL && *one != 0; one++)
		if (*one == status)
			return true;
	return false;
}

static int take_answer(struct gb_remote *remote, const struct gb_remote_call *call,
        const struct gb_web_fetched *fetched, json_t **ret_answer)
{
	json_error_t error;

	if (fetched->status >= 400 && !is_expected(call, fetched->status))
		return print_problem(remote, fetched);
	if (ret_answer == NULL || fetched->body.n == 0)
		return GB_EXIT_OK;
	*ret_answer = json_loadb((const char *)fetched->body.p, fetched->body.n, 0, &error);
	if (*ret_answer == NULL)
		return gb_complain(remote->command, GB_EXIT_SYSTEM,
		        "the answer of %s is no JSON: is it a Gambeson server?", remote->server);
	return GB_EXIT_OK;
}

/* Milliseconds that a server which has had too many calls asks to wait; 0: it did not. */
static unsigned asked_to_wait(const struct gb_web_fetched *fetched)
{
	uint64_t seconds;

	return fetched->status == 429 && gb_span_to_u64(gb_web_fetched_header(fetched, "retry-after"), &seconds) &&
	                       seconds <= WAIT_MAX_S
	               ? (unsigned)seconds * 1000 + 100
	               : 0;
}

/* The answer to FETCH, again while the server asks to come later. */
static int fetch_patiently(struct gb_remote *remote, const struct gb_web_fetch *fetch,
        struct gb_web_fetched *ret_fetched, struct gb_diag *diag)
{
	for (unsigned tries = 0;; tries++) {
		int r = gb_web_client_fetch(remote->client, fetch, remote->arena, ret_fetched, diag);
		unsigned ms = r < 0 || tries == TRIES_MAX ? 0 : asked_to_wait(ret_fetched);

		if (ms == 0)
			return r;
		(void)nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L}, NULL);
	}
}

const char *gb_remote_hint(const struct gb_remote *remote, int error)
{
	bool is_tls = strncmp(remote->server, "https:", 6) == 0;

	if (error == -ECONNREFUSED)
		return ": is 'gambeson serve' running there?";
	if (error == -EPROTO || error == -EIO)
		return is_tls ? ": does it speak TLS, with a certificate that this machine trusts?"
		              : ": if it speaks TLS, say https://";
	return "";
}

/* The headers of CALL; TAG has room for a revision's. Result: how many. */
static size_t add_headers(const struct gb_remote_call *call, const char *authorization, char tag[static 32],
        struct gb_web_header headers[static 3])
{
	size_t n = 0;

	headers[n++] = (struct gb_web_header){GB_SPAN("Authorization"), gb_span_cstr(authorization)};
	if (call->body != NULL)
		headers[n++] = (struct gb_web_header){GB_SPAN("Content-Type"), GB_SPAN("application/json")};
	if (call->revision == GB_REMOTE_NEW) {
		headers[n++] = (struct gb_web_header){GB_SPAN("If-None-Match"), GB_SPAN("*")};
	} else if (call->revision > 0) {
		(void)snprintf(tag, 32, "\"%lld\"", (long long)call->revision);
		headers[n++] = (struct gb_web_header){GB_SPAN("If-Match"), gb_span_cstr(tag)};
	}
	return n;
}

int gb_remote_call(
        struct gb_remote *remote, const struct gb_remote_call *call, unsigned *ret_status, json_t **ret_answer)
{
	GB_CLEANUP(gb_freep) char *url = NULL;
	GB_CLEANUP(gb_freep) char *authorization = NULL;
	GB_CLEANUP(gb_freep) char *text = call->body == NULL ? NULL : json_dumps(call->body, JSON_COMPACT);
	struct gb_web_header headers[3];
	struct gb_web_fetched fetched;
	struct gb_diag diag = {0};
	char tag[32];
	bool is_short = call->path == NULL || (call->body != NULL && text == NULL) ||
	                asprintf(&url, "%s%s", remote->server, call->path) < 0 ||
	                asprintf(&authorization, "Bearer %s", remote->token) < 0;
	struct gb_web_fetch fetch = {.method = call->method,
	        .url = url,
	        .headers = headers,
	        .body = gb_span_cstr(text),
	        .reach = GB_WEB_REACH_ANY,
	        .ca_file = remote->ca,
	        .answer_max = ANSWER_MAX};
	int r;

	if (ret_answer != NULL)
		*ret_answer = NULL;
	if (!is_short)
		fetch.header_count = add_headers(call, authorization, tag, headers);
	json_decref(call->body);
	if (is_short)
		return gb_complain(remote->command, GB_EXIT_SYSTEM, "out of memory");
	r = fetch_patiently(remote, &fetch, &fetched, &diag);
	if (r < 0)
		return gb_complain(remote->command, GB_EXIT_SYSTEM, "%s%s", diag.message, gb_remote_hint(remote, r));
	if (ret_status != NULL)
		*ret_status = fetched.status;
	r = take_answer(remote, call, &fetched, ret_answer);
	gb_arena_free(remote->arena);
	remote->arena = gb_arena_new();
	return remote->arena == NULL ? gb_complain(remote->command, GB_EXIT_SYSTEM, "out of memory") : r;
}

int gb_remote_stream(struct gb_remote *remote, const char *path, const char *last,
        int (*on_body)(void *context, struct gb_span piece), void *context, int *ret_error, struct gb_diag *diag)
{
	GB_CLEANUP(gb_freep) char *url = NULL;
	GB_CLEANUP(gb_freep) char *authorization = NULL;
	GB_CLEANUP(gb_arena_freep) struct gb_arena *arena = gb_arena_new();
	struct gb_web_client *client = NULL;
	struct gb_web_fetched fetched = {0};
	struct gb_web_header headers[2];
	struct gb_web_fetch fetch = {.method = "GET",
	        .headers = headers,
	        .header_count = last != NULL ? 2 : 1,
	        .reach = GB_WEB_REACH_ANY,
	        .ca_file = remote->ca,
	        .on_body = on_body,
	        .context = context};
	int status = GB_EXIT_OK;

	if (path == NULL || arena == NULL || asprintf(&url, "%s%s", remote->server, path) < 0 ||
	        asprintf(&authorization, "Bearer %s", remote->token) < 0 || gb_web_client_new(&client) < 0)
		return gb_complain(remote->command, GB_EXIT_SYSTEM, "out of memory");
	fetch.url = url;
	headers[0] = (struct gb_web_header){GB_SPAN("Authorization"), gb_span_cstr(authorization)};
	headers[1] = (struct gb_web_header){GB_SPAN("Last-Event-ID"), gb_span_cstr(last)};
	*ret_error = gb_web_client_fetch(client, &fetch, arena, &fetched, diag);
	if (*ret_error == 0 && fetched.status >= 400 && fetched.status < 500 && fetched.status != 429)
		status = print_problem(remote, &fetched);
	else if (*ret_error == 0 && fetched.status != 200)
		*ret_error = gb_diag_set(diag, -EAGAIN, 0, 0, "%s answers %u", remote->server, fetched.status);
	gb_web_client_free(client);
	return status;
}

int gb_remote_ask(struct gb_remote *remote, const char *method, const char *path, json_t *body, json_t **ret_answer)
{
	return gb_remote_call(
	        remote, &(struct gb_remote_call){.method = method, .path = path, .body = body}, NULL, ret_answer);
}

void gb_remote_progress(size_t done, size_t all)
{
	if (isatty(STDERR_FILENO) != 1 || all < LONG_WORK)
		return;
	if (done == all)
		(void)fputs("\r                                \r", stderr);
	else if (done % 10 == 0)
		(void)fprintf(stderr, "\r%3zu %%  %zu of %zu documents", done * 100 / all, done, all);
	(void)fflush(stderr);
}

int gb_remote_delete_all(const struct gb_command *self, const struct gb_remote_settings *settings,
        const struct gb_strings *operands, const char *folder)
{
	struct gb_remote remote;
	int status = gb_remote_open(&remote, self, settings);

	for (size_t i = 0; status == GB_EXIT_OK && i < operands->count; i++) {
		const char *id = gb_remote_escape(&remote, operands->items[i]);
		char path[256];

		(void)snprintf(path, sizeof(path), "%s/%s", folder, id != NULL ? id : "");
		status = gb_remote_ask(&remote, "DELETE", path, NULL, NULL);
	}
	gb_remote_close(&remote);
	return status;
}

/* VALUE and a line feed. On a terminal without what jansson leaves as it is: C1 controls and marks that turn text, and DEL. */
static void print_json(const json_t *value, size_t flags)
{
	bool is_terminal = isatty(STDOUT_FILENO) == 1;
	GB_CLEANUP(gb_freep) char *text = json_dumps(value, flags | (is_terminal ? JSON_ENSURE_ASCII : 0));

	for (const char *p = text; p != NULL && *p != '\0'; p++)
		(void)(*p == '\x7f' && is_terminal ? fputs("\\u007f", stdout) : putchar(*p));
	(void)putchar('\n');
}

void gb_remote_print_line(const json_t *value)
{
	print_json(value, JSON_COMPACT);
}

void gb_remote_print(const json_t *answer, const char *name)
{
	const json_t *list = name == NULL ? NULL : json_object_get(answer, name), *item;
	size_t i;

	if (!json_is_array(list)) {
		print_json(answer, JSON_INDENT(2));
		return;
	}
	json_array_foreach(list, i, item)
	{
		gb_remote_print_line(item);
	}
}

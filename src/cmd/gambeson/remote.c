/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/gambeson/remote.h"

#include "base/cleanup.h"
#include "cmd/gambeson/screen.h"
#include "web/client.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX (64u * 1024u * 1024u)

char *gb_remote_file(void)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	char *path = NULL;
	int r = -1;

	if (config != NULL && config[0] == '/')
		r = asprintf(&path, "%s/gambeson/login.json", config);
	else if (home != NULL && home[0] == '/')
		r = asprintf(&path, "%s/.config/gambeson/login.json", home);
	return r < 0 ? NULL : path;
}

static void take_login(struct gb_remote *remote, bool is_server_given)
{
	GB_CLEANUP(gb_freep) char *path = gb_remote_file();
	json_t *login = path == NULL ? NULL : json_load_file(path, 0, NULL);
	const char *server = json_string_value(json_object_get(login, "server"));
	const char *token = json_string_value(json_object_get(login, "token"));

	if (server != NULL && token != NULL) {
		if (!is_server_given)
			remote->server = strdup(server);
		/* A token goes to the server that it is of, and to no other. */
		if (remote->token == NULL && remote->server != NULL && strcmp(server, remote->server) == 0)
			remote->token = strdup(token);
	}
	json_decref(login);
}

int gb_remote_open(
        struct gb_remote *remote, const struct gb_command *command, const struct gb_remote_settings *settings)
{
	const char *server = settings->server != NULL ? settings->server : getenv("GAMBESON_SERVER");
	const char *token = getenv("GAMBESON_TOKEN");

	*remote = (struct gb_remote){.command = command, .is_json = settings->json, .arena = gb_arena_new()};
	if (server != NULL) {
		remote->server = strdup(server);
		for (size_t n = remote->server != NULL ? strlen(server) : 0; n > 0 && remote->server[n - 1] == '/'; n--)
			remote->server[n - 1] = '\0';
	}
	if (token != NULL)
		remote->token = strdup(token);
	take_login(remote, server != NULL);
	if (remote->server == NULL)
		return gb_complain(
		        command, GB_EXIT_USAGE, "no server is known: run gambeson login, or say --server URL");
	if (remote->token == NULL)
		return gb_complain(command, GB_EXIT_USAGE,
		        "no token for %s: run gambeson login --server %s, or set GAMBESON_TOKEN", remote->server,
		        remote->server);
	if (remote->arena == NULL || gb_web_client_new(&remote->client) < 0)
		return gb_complain(command, GB_EXIT_SYSTEM, "out of memory");
	return GB_EXIT_OK;
}

void gb_remote_close(struct gb_remote *remote)
{
	gb_web_client_free(remote->client);
	gb_arena_free(remote->arena);
	free(remote->server);
	free(remote->token);
}

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

static int take_answer(struct gb_remote *remote, const struct gb_web_fetched *fetched, json_t **ret_answer)
{
	json_error_t error;

	if (fetched->status >= 400)
		return print_problem(remote, fetched);
	if (ret_answer == NULL || fetched->body.n == 0)
		return GB_EXIT_OK;
	*ret_answer = json_loadb((const char *)fetched->body.p, fetched->body.n, 0, &error);
	if (*ret_answer == NULL)
		return gb_complain(remote->command, GB_EXIT_SYSTEM,
		        "the answer of %s is no JSON: is it a Gambeson server?", remote->server);
	return GB_EXIT_OK;
}

int gb_remote_ask(struct gb_remote *remote, const char *method, const char *path, json_t *body, json_t **ret_answer)
{
	GB_CLEANUP(gb_freep) char *url = NULL;
	GB_CLEANUP(gb_freep) char *authorization = NULL;
	GB_CLEANUP(gb_freep) char *text = body == NULL ? NULL : json_dumps(body, JSON_COMPACT);
	struct gb_web_header headers[2];
	struct gb_web_fetched fetched;
	struct gb_diag diag = {0};
	bool is_short = path == NULL || (body != NULL && text == NULL) ||
	                asprintf(&url, "%s%s", remote->server, path) < 0 ||
	                asprintf(&authorization, "Bearer %s", remote->token) < 0;
	struct gb_web_fetch fetch = {.method = method,
	        .url = url,
	        .headers = headers,
	        .header_count = text == NULL ? 1 : 2,
	        .body = gb_span_cstr(text),
	        .reach = GB_WEB_REACH_ANY,
	        .answer_max = ANSWER_MAX};
	int r;

	json_decref(body);
	if (ret_answer != NULL)
		*ret_answer = NULL;
	if (is_short)
		return gb_complain(remote->command, GB_EXIT_SYSTEM, "out of memory");
	headers[0] = (struct gb_web_header){GB_SPAN("Authorization"), gb_span_cstr(authorization)};
	headers[1] = (struct gb_web_header){GB_SPAN("Content-Type"), GB_SPAN("application/json")};
	r = gb_web_client_fetch(remote->client, &fetch, remote->arena, &fetched, &diag);
	if (r < 0)
		return gb_complain(remote->command, GB_EXIT_SYSTEM, "%s: %s", remote->server, diag.message);
	r = take_answer(remote, &fetched, ret_answer);
	gb_arena_free(remote->arena);
	remote->arena = gb_arena_new();
	return remote->arena == NULL ? gb_complain(remote->command, GB_EXIT_SYSTEM, "out of memory") : r;
}

void gb_remote_print(const json_t *answer, const char *name)
{
	const json_t *list = name == NULL ? NULL : json_object_get(answer, name), *item;
	size_t i;

	if (!json_is_array(list)) {
		(void)json_dumpf(answer, stdout, JSON_INDENT(2));
		(void)putchar('\n');
		return;
	}
	json_array_foreach(list, i, item)
	{
		(void)json_dumpf(item, stdout, JSON_COMPACT);
		(void)putchar('\n');
	}
}

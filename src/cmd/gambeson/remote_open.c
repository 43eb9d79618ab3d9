/* SPDX-License-Identifier: Apache-2.0 */
/* Which server, and with which token. */
#include "base/cleanup.h"
#include "cmd/gambeson/remote.h"
#include "web/client.h"

#include <stdlib.h>
#include <string.h>

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

/* What login has written: the caller's; NULL: nothing. */
static json_t *read_login(void)
{
	GB_CLEANUP(gb_freep) char *path = gb_remote_file();
	json_t *login = path == NULL ? NULL : json_load_file(path, 0, NULL);

	if (json_is_string(json_object_get(login, "server")) && json_is_string(json_object_get(login, "token")))
		return login;
	json_decref(login);
	return NULL;
}

/* SERVER without '/' at its end; malloc'ed. */
static char *plain_server(const char *server)
{
	size_t n = strlen(server);

	while (n > 0 && server[n - 1] == '/')
		n--;
	return strndup(server, n);
}

char *gb_remote_token(const char *server)
{
	GB_CLEANUP(gb_freep) char *plain = plain_server(server);
	const char *token = getenv("GAMBESON_TOKEN");
	json_t *login = token == NULL ? read_login() : NULL;
	char *copy = NULL;

	/* A token goes to the server that it is of, and to no other. */
	if (login != NULL && plain != NULL && strcmp(json_string_value(json_object_get(login, "server")), plain) == 0)
		token = json_string_value(json_object_get(login, "token"));
	if (token != NULL && token[0] != '\0')
		copy = strdup(token);
	json_decref(login);
	return copy;
}

char *gb_remote_ca(const char *given, const char *server)
{
	GB_CLEANUP(gb_freep) char *plain = plain_server(server);
	const char *ca = given != NULL ? given : getenv("GAMBESON_CA");
	json_t *login = ca == NULL ? read_login() : NULL;
	char *copy;

	if (login != NULL && plain != NULL && strcmp(json_string_value(json_object_get(login, "server")), plain) == 0)
		ca = json_string_value(json_object_get(login, "ca"));
	copy = ca != NULL && ca[0] != '\0' ? strdup(ca) : NULL;
	json_decref(login);
	return copy;
}

static char *login_server(void)
{
	json_t *login = read_login();
	char *server = login == NULL ? NULL : strdup(json_string_value(json_object_get(login, "server")));

	json_decref(login);
	return server;
}

int gb_remote_open(
        struct gb_remote *remote, const struct gb_command *command, const struct gb_remote_settings *settings)
{
	const char *server = settings->server != NULL ? settings->server : getenv("GAMBESON_SERVER");

	*remote = (struct gb_remote){.command = command, .is_json = settings->json, .arena = gb_arena_new()};
	remote->server = server != NULL ? plain_server(server) : login_server();
	if (remote->server != NULL)
		remote->token = gb_remote_token(remote->server);
	if (remote->server != NULL)
		remote->ca = gb_remote_ca(settings->ca, remote->server);
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
	free(remote->ca);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson login, gambeson logout */
#include "base/cleanup.h"
#include "cmd/gambeson/remote.h"
#include "cmd/gambeson/screen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#define TOKEN_MAX 512

struct settings {
	const char *server, *ca;
};

static const struct gb_option options[] = {
        GB_TEXT(struct settings, server, "server", "URL", "the server, as https://gambeson.example"),
        GB_TEXT(struct settings, ca, "ca", "FILE", "certificates (PEM) to trust in place of the machine's; kept, too"),
        {.name = NULL},
};

/* One line of standard input, unseen when it is a terminal. */
static bool read_token(char token[TOKEN_MAX])
{
	struct termios seen, unseen;
	bool is_terminal = tcgetattr(STDIN_FILENO, &seen) == 0, is_read;

	if (is_terminal) {
		unseen = seen;
		unseen.c_lflag &= ~(tcflag_t)ECHO;
		(void)fputs("API token (Settings, API tokens): ", stderr);
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &unseen);
	}
	is_read = fgets(token, TOKEN_MAX, stdin) != NULL;
	if (is_terminal) {
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &seen);
		(void)fputc('\n', stderr);
	}
	if (is_read)
		token[strcspn(token, "\r\n")] = '\0';
	return is_read && token[0] != '\0';
}

static int write_login(const struct gb_command *self, const struct gb_remote *remote)
{
	GB_CLEANUP(gb_freep) char *ca = remote->ca != NULL ? realpath(remote->ca, NULL) : NULL;
	GB_CLEANUP(gb_freep) char *path = gb_remote_file();
	GB_CLEANUP(gb_freep) char *text = NULL;
	json_t *login = json_pack("{s:s, s:s, s:s*}", "server", remote->server, "token", remote->token, "ca", ca);
	bool is_written;
	int fd;

	text = login == NULL ? NULL : json_dumps(login, JSON_INDENT(2));
	json_decref(login);
	if (path == NULL || text == NULL)
		return gb_complain(
		        self, GB_EXIT_SYSTEM, "there is no HOME to keep the token in: set GAMBESON_TOKEN instead");
	for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(path, 0700);
		*slash = '/';
	}
	(void)unlink(path); /* a new file: never one that others may read */
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	is_written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	if (fd >= 0)
		(void)close(fd);
	if (!is_written)
		return gb_complain(self, GB_EXIT_SYSTEM, "cannot write %s: %s", path, strerror(errno));
	return GB_EXIT_OK;
}

/* STATUS 403: a token that is good, but not for asking whose it is. */
static void print_who(const struct gb_remote *remote, unsigned status, const json_t *user)
{
	(void)printf("signed in to %s", remote->server);
	if (status == 403) {
		(void)puts("; the token is not for asking whose it is");
		return;
	}
	(void)fputs(" as ", stdout);
	(void)gb_screen_text(stdout, gb_span_cstr(json_string_value(json_object_get(user, "name"))));
	(void)fputs(" (", stdout);
	(void)gb_screen_text(stdout, gb_span_cstr(json_string_value(json_object_get(user, "role"))));
	(void)puts(")");
}

static int check_token(
        const struct gb_command *self, const struct settings *given, const char *server, const char *token)
{
	static const unsigned expected[] = {403, 0};
	const struct gb_remote_call call = {.method = "GET", .path = "/v1/session", .expected = expected};
	struct gb_remote_settings settings = {.server = server, .ca = given->ca};
	struct gb_remote remote;
	json_t *answer = NULL;
	unsigned code = 0;
	int status;

	(void)setenv("GAMBESON_TOKEN", token, 1);
	status = gb_remote_open(&remote, self, &settings);
	if (status == GB_EXIT_OK)
		status = gb_remote_call(&remote, &call, &code, &answer);
	if (status == GB_EXIT_OK)
		status = write_login(self, &remote);
	if (status == GB_EXIT_OK)
		print_who(&remote, code, json_object_get(answer, "user"));
	json_decref(answer);
	gb_remote_close(&remote);
	return status;
}

static int login(const struct gb_command *self, void *context, const struct gb_strings *operands)
{
	const struct settings *settings = context;
	const char *server = settings->server != NULL ? settings->server : getenv("GAMBESON_SERVER");
	char token[TOKEN_MAX];
	int status;

	(void)operands;
	if (server == NULL)
		return gb_complain(self, GB_EXIT_USAGE, "say which: gambeson login --server URL");
	if (strncmp(server, "http://", 7) != 0 && strncmp(server, "https://", 8) != 0)
		return gb_complain(
		        self, GB_EXIT_USAGE, "'%s' is no URL: write https://HOST or http://HOST:PORT", server);
	if (!read_token(token))
		return gb_complain(self, GB_EXIT_USAGE, "no token: it is read from standard input");
	status = check_token(self, settings, server, token);
	explicit_bzero(token, sizeof(token));
	return status;
}

static int logout(const struct gb_command *self, void *context, const struct gb_strings *operands)
{
	GB_CLEANUP(gb_freep) char *path = gb_remote_file();

	(void)context;
	(void)operands;
	if (path != NULL && unlink(path) < 0 && errno != ENOENT)
		return gb_complain(self, GB_EXIT_SYSTEM, "cannot delete %s: %s", path, strerror(errno));
	return GB_EXIT_OK;
}

static const struct gb_option no_options[] = {{.name = NULL}};

const struct gb_command gb_cmd_login = {
        .name = "login",
        .summary = "keep the address of a server and a token for it",
        .options = options,
        .settings_bytes = sizeof(struct settings),
        .run = login,
        .notes = "The token is read from standard input and kept in ~/.config/gambeson/login.json, which only you can "
                 "read.\n",
};

const struct gb_command gb_cmd_logout = {
        .name = "logout",
        .summary = "forget the server and its token",
        .options = no_options,
        .settings_bytes = 1,
        .run = logout,
};

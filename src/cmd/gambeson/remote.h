/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd/gambeson/remote: a server (`gambeson serve`) that a command turns to, with a token. Which: --server and the
 * environment's GAMBESON_TOKEN, or what `gambeson login` has written (remote_login.c).
 */
#ifndef GB_CMD_REMOTE_H
#define GB_CMD_REMOTE_H

#include "base/arena.h"
#include "cmd/gambeson/commands.h"

#include <jansson.h>

struct gb_web_client;

/* Of every command's settings, first. */
struct gb_remote_settings {
	const char *server;
	bool json;
};

#define GB_REMOTE_OPTIONS(type)                                                                                        \
	GB_TEXT(type, remote.server, "server", "URL", "the server [that of gambeson login]"),                          \
	        GB_FLAG(type, remote.json, "json", "print the server's answer as JSON")

struct gb_remote {
	const struct gb_command *command;
	struct gb_web_client *client;
	struct gb_arena *arena; /* of one answer */
	char *server;           /* without '/' at its end */
	char *token;
	bool is_json;
};

/* Result: GB_EXIT_OK, or another with the complaint printed; gb_remote_close() is due in every case. */
int gb_remote_open(
        struct gb_remote *remote, const struct gb_command *command, const struct gb_remote_settings *settings);
void gb_remote_close(struct gb_remote *remote);

/* METHOD PATH (with its query; parts from outside are escaped by gb_remote_escape()) with BODY (NULL: none; taken). The
 * answer's JSON in *ret_answer, the caller's; NULL when it has none. Result as above; a problem document is printed. */
int gb_remote_ask(struct gb_remote *remote, const char *method, const char *path, json_t *body, json_t **ret_answer);

/* TEXT for a path or a query, percent-encoded, in memory that lives until the next answer. NULL when memory is short. */
const char *gb_remote_escape(struct gb_remote *remote, const char *text);

/* PATH with "NAME=VALUE" added to its query, in the same memory; a NULL or empty VALUE adds nothing. */
const char *gb_remote_add(struct gb_remote *remote, const char *path, const char *name, const char *value);

/* Print ANSWER as JSON, each member of its list NAME on a line of its own; NAME NULL: all of it. */
void gb_remote_print(const json_t *answer, const char *name);

/* Where login writes to: $XDG_CONFIG_HOME/gambeson/login.json, or below ~/.config. malloc'ed; NULL when there is no home. */
char *gb_remote_file(void);

/* A column: its head, the member ("scope.accounts" goes down), and whether it may be cut when the terminal is narrow. */
struct gb_remote_column {
	const char *head, *member;
	bool is_wide;
};

/* Rows of LIST under a line of heads, in the width of the terminal. COLUMNS end with a NULL head. */
void gb_remote_table(const json_t *list, const struct gb_remote_column *columns);

#endif

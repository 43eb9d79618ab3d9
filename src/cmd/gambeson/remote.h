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
	const char *server, *ca;
	bool json;
};

#define GB_REMOTE_OPTIONS(type)                                                                                        \
	GB_TEXT(type, remote.server, "server", "URL", "the server (default: that of gambeson login)"),                 \
	        GB_TEXT(type, remote.ca, "ca", "FILE", "certificates (PEM) to trust in place of the machine's"),       \
	        GB_FLAG(type, remote.json, "json", "print the server's answer as JSON")

struct gb_remote {
	const struct gb_command *command;
	struct gb_web_client *client;
	struct gb_arena *arena; /* of one answer */
	char *server;           /* without '/' at its end */
	char *token;
	char *ca; /* NULL: what the machine trusts */
	bool is_json;
};

/* Result: GB_EXIT_OK, or another with the complaint printed; gb_remote_close() is due in every case. */
int gb_remote_open(
        struct gb_remote *remote, const struct gb_command *command, const struct gb_remote_settings *settings);
void gb_remote_close(struct gb_remote *remote);

/* The body of GET PATH as it comes, until it ends: ON_BODY and CONTEXT as those of struct gb_web_fetch. LAST: for the header Last-Event-ID, or
 * NULL. *ret_error is 0, or why it broke off, with DIAG. Result as above: what is not to be tried again is complained about. */
int gb_remote_stream(struct gb_remote *remote, const char *path, const char *last,
        int (*on_body)(void *context, struct gb_span piece), void *context, int *ret_error, struct gb_diag *diag);

/* What to look at when a server does not answer for ERROR: the end of a complaint, or nothing. */
const char *gb_remote_hint(const struct gb_remote *remote, int error);

/* The file of certificates to trust: GIVEN, or the environment's GAMBESON_CA, or for SERVER what login has written. malloc'ed; NULL: none. */
char *gb_remote_ca(const char *given, const char *server);

/* The token for SERVER: of the environment's GAMBESON_TOKEN, or what login has written. malloc'ed; NULL: there is none. */
char *gb_remote_token(const char *server);

/* METHOD PATH (with its query; parts from outside are escaped by gb_remote_escape()) with BODY (NULL: none; taken). The
 * answer's JSON in *ret_answer, the caller's; NULL when it has none. Result as above; a problem document is printed. */
int gb_remote_ask(struct gb_remote *remote, const char *method, const char *path, json_t *body, json_t **ret_answer);

#define GB_REMOTE_NEW (-1)

/* A request of a command that sees to more than success. */
struct gb_remote_call {
	const char *method, *path;
	json_t *body; /* NULL: none; taken */
	int64_t revision; /* of the document that it is to follow; GB_REMOTE_NEW: there must be none; 0: whatever there is */
	const unsigned *expected; /* statuses above 400 that are not complained about; the last is 0. NULL: none */
};

/* As gb_remote_ask(); the answer's status in *ret_status unless that is NULL. */
int gb_remote_call(
        struct gb_remote *remote, const struct gb_remote_call *call, unsigned *ret_status, json_t **ret_answer);

/* How far a long work is, on standard error where that is a terminal; nothing for a short one. DONE is ALL: it goes away. */
void gb_remote_progress(size_t done, size_t all);

/* A whole command: DELETE of each operand below FOLDER, until one cannot be deleted. */
int gb_remote_delete_all(const struct gb_command *self, const struct gb_remote_settings *settings,
        const struct gb_strings *operands, const char *folder);

/* TEXT for a path or a query, percent-encoded, in memory that lives until the next answer. NULL when memory is short. */
const char *gb_remote_escape(struct gb_remote *remote, const char *text);

/* PATH with "NAME=VALUE" added to its query, in the same memory; a NULL or empty VALUE adds nothing. */
const char *gb_remote_add(struct gb_remote *remote, const char *path, const char *name, const char *value);

/* Print ANSWER as JSON, each member of its list NAME on a line of its own; NAME NULL: all of it. */
void gb_remote_print(const json_t *answer, const char *name);

/* VALUE as JSON on a line. */
void gb_remote_print_line(const json_t *value);

/* Where login writes to: $XDG_CONFIG_HOME/gambeson/login.json, or below ~/.config. malloc'ed; NULL when there is no home. */
char *gb_remote_file(void);

/* What becomes of a column in a narrow terminal. */
enum gb_remote_fit {
	GB_FIT_WHOLE = 0,
	GB_FIT_CUT = 1,
	GB_FIT_SPARE = 2, /* left out where there is no room */
	GB_FIT_ANY = 3,   /* either */
};

/* A column: its head, and the member ("scope.accounts" goes down). */
struct gb_remote_column {
	const char *head, *member;
	enum gb_remote_fit fit;
};

/* Rows of LIST under a line of heads, in the width of the terminal; times without their milliseconds. COLUMNS end with a NULL head. */
void gb_remote_table(const json_t *list, const struct gb_remote_column *columns);

#endif

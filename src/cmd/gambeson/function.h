/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd/gambeson/function: how a function on this machine is started: its command line, its environment, and Gambeson's
 * own parts. Shared by `local invoke` and `run`.
 */
#ifndef GB_CMD_FUNCTION_H
#define GB_CMD_FUNCTION_H

#include "cmd/gambeson/options.h"

#include <limits.h>

/* Strings that are ours, malloc'ed one by one; the array ends with NULL. Zero-initialise. */
struct gb_words {
	char **items;
	size_t count;
};
__attribute__((warn_unused_result, format(printf, 2, 3))) int gb_words_add(
        struct gb_words *words, const char *format, ...);
void gb_words_free(struct gb_words *words);
/* In a list of NAME=VALUE: replace or add. */
__attribute__((warn_unused_result)) int gb_words_set(struct gb_words *words, const char *name, const char *value);

/* Where Gambeson's parts are: beside this program unless told otherwise. Fields are paths or empty. */
struct gb_parts {
	char program_directory[PATH_MAX];
	char agent[PATH_MAX];
	char sensor[PATH_MAX];
};
/* AGENT and SENSOR may be NULL. -ENOENT with DIAG when a part is not there. */
__attribute__((warn_unused_result)) int gb_parts_find(
        struct gb_parts *parts, const char *agent, const char *sensor, struct gb_diag *diag);

/* What the options of both commands set for the agent; each may be NULL (not said). */
struct gb_protection {
	const char *mode;
	const char *stance;
	const char *policy;
	bool observe;
};
/* Add the agent's settings to ENVIRONMENT as GAMBESON_… variables (docs/ARCHITECTURE.md §4). */
__attribute__((warn_unused_result)) int gb_protection_apply(const struct gb_protection *protection,
        const struct gb_parts *parts, struct gb_words *environment, struct gb_diag *diag);

enum gb_runtime {
	GB_RUNTIME_UNKNOWN = 0,
	GB_RUNTIME_NODEJS,
	GB_RUNTIME_PYTHON,
	GB_RUNTIME_PROVIDED,
};

struct gb_function {
	char directory[PATH_MAX]; /* absolute */
	enum gb_runtime runtime;
	const char *handler; /* index.handler */
	uint64_t memory_mb;
	uint64_t concurrency;
	struct gb_words command;
	struct gb_words environment;
};
/* Fill FUNCTION: RUNTIME (NULL: guessed from the files in CODE), HANDLER (NULL: the usual one), COMMAND (NULL: the
 * runtime's own; otherwise split at blanks), RIC (NULL: looked for). The environment is that of a Lambda sandbox, with
 * nothing of the caller's but PATH, LANG and TZ. gb_function_done() in every case. */
struct gb_function_wish {
	const char *code, *runtime, *handler, *command, *ric;
	uint64_t memory_mb, concurrency;
};
__attribute__((warn_unused_result)) int gb_function_describe(struct gb_function *function,
        const struct gb_function_wish *wish, const struct gb_parts *parts, struct gb_diag *diag);
void gb_function_done(struct gb_function *function);

#endif

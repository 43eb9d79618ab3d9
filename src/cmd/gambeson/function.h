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

/* What the options of both commands say about Gambeson; each may be NULL (not said). */
struct gb_protection {
	const char *mode;
	const char *stance;
	const char *policy;
	bool observe;
	const char *agent, *sensor; /* paths, for gb_parts_find() */
};
extern const char *const gb_protection_modes[], *const gb_protection_stances[];
/* Their rows in the option table of a command whose settings are a TYPE with a struct gb_protection `protection`. */
#define GB_PROTECTION_OPTIONS(type)                                                                                    \
	GB_CHOICE(type, protection.mode, "mode", "MODE", "off, detect or block (default: the agent's)",                \
	        .choices = gb_protection_modes),                                                                       \
	        GB_TEXT(type, protection.policy, "policy", "BLOB", "compiled policy"),                                 \
	        GB_CHOICE(type, protection.stance, "stance", "STANCE", "open or closed: when Gambeson itself fails",   \
	                .choices = gb_protection_stances),                                                             \
	        GB_FLAG(type, protection.observe, "observe",                                                           \
	                "profile: report what is not on the allowlist as observations"),                               \
	        GB_TEXT(type, protection.agent, "agent", "PATH",                                                       \
	                "gambeson-agent (default: beside this program, or in ../lib/gambeson)"),                       \
	        GB_TEXT(type, protection.sensor, "sensor", "PATH",                                                     \
	                "libgambeson.so (default: beside this program, or in ../lib/gambeson)")
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

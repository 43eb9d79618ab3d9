/* SPDX-License-Identifier: Apache-2.0 */
/* cmd/gambeson/local_session: a function from a folder, run over events; what `local invoke` and `local profile` share. */
#ifndef GB_CMD_LOCAL_SESSION_H
#define GB_CMD_LOCAL_SESSION_H

#include "cmd/gambeson/commands.h"
#include "cmd/gambeson/function.h"
#include "local/local.h"

extern const struct gb_command gb_local_profile_command;
extern const char *const gb_local_runtimes[];

struct gb_local_session {
	const char *code, *runtime, *command, *handler, *ric;
	struct gb_strings events, variables;
	uint64_t count, concurrency, memory_mb, timeout_s;
	struct gb_protection protection;
	const char *log;
	bool no_gambeson, json, quiet;
	/* Is given the log of each invocation instead of having it printed; -ENOMEM. NULL: none. */
	int (*on_log)(void *context, struct gb_span log);
	void *context;
};

/* Rows of what there is to say about the function; TYPE is struct gb_local_session or begins with its members. */
#define GB_LOCAL_FUNCTION_OPTIONS(type)                                                                                \
	GB_TEXT(type, code, "code", "DIR", "the function's folder (default: the current one)"),                        \
	        GB_CHOICE(type, runtime, "runtime", "NAME",                                                            \
	                "nodejs, python or provided (default: by the files in it)", .choices = gb_local_runtimes),     \
	        GB_TEXT(type, command, "command", "'CMD ARGS'", "start this as the runtime instead"),                  \
	        GB_TEXT(type, handler, "handler", "NAME", "such as index.handler"),                                    \
	        GB_NUMBER(type, count, "count", "N", "how many times all events are sent", .letter = 'n',              \
	                .minimum = 1, .maximum = 1000000, .fallback = 1),                                              \
	        GB_NUMBER(type, concurrency, "concurrency", "N",                                                       \
	                "how many events one process gets at a time, if it asks", .minimum = 1, .maximum = 64,         \
	                .fallback = 1),                                                                                \
	        GB_LIST(type, variables, "env", "K=V", "set a variable of the function's environment"),                \
	        GB_NUMBER(type, memory_mb, "memory", "MB", "memory size that the function is told", .minimum = 128,    \
	                .maximum = 10240, .fallback = 128),                                                            \
	        GB_NUMBER(type, timeout_s, "timeout", "SECONDS", "kill the function when an event takes longer",       \
	                .minimum = 1, .maximum = 900, .fallback = 30),                                                 \
	        GB_TEXT(type, ric, "ric", "DIR", "where aws-lambda-ric or awslambdaric is")

/* Run the function over the events. Result: enum gb_exit, GB_EXIT_FINDINGS when an invocation failed. */
int gb_local_session_run(const struct gb_command *self, const struct gb_local_session *session);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson local profile: run a function over events and learn from what it does, in one go. */
#include "cmd/gambeson/local_session.h"
#include "cmd/gambeson/profile.h"

#include <stdio.h>

/* `session` is first: the rows of both commands read into it. */
struct settings {
	struct gb_local_session session;
	struct gb_profile_output output;
};

static const struct gb_option options[] = {
        GB_LOCAL_FUNCTION_OPTIONS(struct gb_local_session),
        GB_TEXT(struct settings, session.protection.agent, "agent", "PATH",
                "gambeson-agent (default: beside this program, or in ../lib/gambeson)"),
        GB_TEXT(struct settings, session.protection.sensor, "sensor", "PATH",
                "libgambeson.so (default: beside this program, or in ../lib/gambeson)"),
        GB_TEXT(struct settings, session.log, "log", "FILE", "write the function's whole log there as well"),
        GB_PROFILE_OUTPUT_ROWS(struct settings, output),
        GB_PROFILE_KEEP_ROW(struct settings, output),
        {.name = NULL},
};

/* All of them in one, since a line may begin in one and end in the next. */
static int on_log(void *log, struct gb_span part)
{
	return gb_local_bytes_add(log, part);
}

static int run(const struct gb_command *self, void *settings_memory, const struct gb_strings *operands)
{
	const struct settings *settings = settings_memory;
	struct gb_local_session session = settings->session;
	struct gb_profile_session learning = {0};
	struct gb_local_bytes log = {0};
	int status, learned = GB_EXIT_OK;

	session.events = *operands;
	session.protection.observe = true;
	session.protection.mode = "detect";
	session.on_log = on_log;
	session.context = &log;
	status = gb_local_session_run(self, &session);
	if (status <= GB_EXIT_FINDINGS) {
		learned = gb_profile_session_add(self, &learning, "log", gb_local_bytes_span(&log));
		if (learned == GB_EXIT_OK)
			learned = gb_profile_session_learn(self, &settings->output, &learning, "the function's log");
	}
	gb_profile_session_done(&learning);
	gb_local_bytes_free(&log);
	return learned > status ? learned : status;
}

const struct gb_command gb_local_profile_command = {
        .name = "local profile",
        .summary = "run a function over events as Lambda would, and learn what it does",
        .operands = "EVENT|FOLDER...",
        .notes = "All events are sent, --count times, to the function with Gambeson around it, which lets everything "
                 "pass "
                 "and\n"
                 "observes; the policy and, with --profile, the profile are made of what it did. Exit status 1 when an "
                 "invocation\n"
                 "failed, or there was nothing to learn from.\n",
        .operands_min = 1,
        .operands_max = GB_OPERANDS_ANY,
        .options = options,
        .settings_bytes = sizeof(struct settings),
        .run = run,
};

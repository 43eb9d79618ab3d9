/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson profile merge | approve: profiles put together, and what a person says about what is in them. */
#include "cmd/gambeson/profile.h"

#include "base/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct merge_settings {
	const char *output;
	uint64_t versions;
};

static const struct gb_option merge_options[] = {
        GB_TEXT(struct merge_settings, output, "output", "FILE", "where to write; standard output without it",
                .letter = 'o'),
        GB_NUMBER(struct merge_settings, versions, "versions", "N", "keep the N latest versions of the code",
                .minimum = 1, .maximum = GB_PROFILE_VERSIONS_MAX, .fallback = GB_PROFILE_VERSIONS_MAX),
        {.name = NULL},
};

static int run_merge(const struct gb_command *self, void *settings_memory, const struct gb_strings *operands)
{
	const struct merge_settings *settings = settings_memory;
	struct gb_profile_session session = {0};
	int status = gb_profile_session_read_all(self, &session, operands);

	if (status == GB_EXIT_OK)
		status = gb_profile_session_forget(self, &session, settings->versions);
	if (status == GB_EXIT_OK)
		status = gb_profile_write(self, session.profile, settings->output);
	gb_profile_session_done(&session);
	return status;
}

const struct gb_command gb_cmd_profile_merge = {
        .name = "profile merge",
        .summary = "merge profiles and logs of one function",
        .operands = "PROFILE|LOG...",
        .notes = "In any order and grouping, and any number of times: the result is the same file, byte for byte.\n",
        .operands_min = 1,
        .operands_max = GB_OPERANDS_ANY,
        .options = merge_options,
        .settings_bytes = sizeof(struct merge_settings),
        .run = run_merge,
};

struct approve_settings {
	const char *output, *by;
	bool reject, held;
	struct gb_profile_choice choice;
};

static const struct gb_option approve_options[] = {
        GB_TEXT(struct approve_settings, output, "output", "FILE", "where to write; PROFILE itself without it",
                .letter = 'o'),
        GB_TEXT(struct approve_settings, by, "by", "NAME", "who says so (default: $USER)"),
        GB_FLAG(struct approve_settings, reject, "reject", "never learn them, instead"),
        GB_FLAG(struct approve_settings, held, "held", "all that are held for review, too"),
        GB_PROFILE_CHOICE_ROWS(struct approve_settings, choice),
        {.name = NULL},
};

static int decide(const struct gb_command *self, struct gb_profile_session *session,
        const struct approve_settings *settings, const char *id)
{
	const char *by = settings->by != NULL ? settings->by : getenv("USER");
	struct gb_diag diag = {0};
	struct timespec now;
	struct tm utc;
	char time[32] = "", seconds[24] = "";
	int r;

	if (clock_gettime(CLOCK_REALTIME, &now) == 0 && gmtime_r(&now.tv_sec, &utc) != NULL)
		(void)strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &utc);
	(void)snprintf(time, sizeof(time), "%s.%03ldZ", seconds, now.tv_nsec / 1000000);
	r = gb_profile_decide_item(
	        session->profile, gb_span_cstr(id), !settings->reject, gb_span_cstr(time), gb_span_cstr(by), &diag);
	if (r == -ENOMEM)
		return gb_complain(self, GB_EXIT_SYSTEM, "out of memory");
	return r < 0 ? gb_complain(self, GB_EXIT_USAGE, "%s", diag.message) : GB_EXIT_OK;
}

/* Of what boundaries and logs forbid, nobody's word changes anything; saying so beats doing nothing in silence. */
static int check(const struct gb_command *self, const struct gb_profile_session *session, const char *id)
{
	struct gb_span wanted = gb_span_cstr(id);

	for (size_t i = 0; i < session->view->count; i++) {
		const struct gb_learn_entry *entry = &session->view->entries[i];

		if (!gb_span_starts(gb_span_of(entry->id, GB_LEARN_ID_BYTES), wanted))
			continue;
		if (entry->status == GB_LEARN_NEVER)
			return gb_complain(self, GB_EXIT_USAGE,
			        "%s is never learned (data/boundaries.txt); an exclusion of the policy can allow it",
			        id);
		if (entry->status == GB_LEARN_CUT)
			return gb_complain(self, GB_EXIT_USAGE,
			        "the log holds %s only in part; write an exclusion into the policy", id);
	}
	return GB_EXIT_OK;
}

static int approve(const struct gb_command *self, const struct approve_settings *settings,
        struct gb_profile_session *session, const struct gb_strings *operands)
{
	int status = gb_profile_session_read(self, session, operands->items[0]);

	if (status == GB_EXIT_OK)
		status = gb_profile_session_look(self, session, &settings->choice);
	if (status == GB_EXIT_OK && operands->count == 1 && !settings->held)
		status = gb_complain(self, GB_EXIT_USAGE,
		        "the id of an item is missing; 'gambeson profile show %s' tells them", operands->items[0]);
	for (size_t i = 1; i < operands->count && status == GB_EXIT_OK; i++) {
		if (!settings->reject)
			status = check(self, session, operands->items[i]);
		if (status == GB_EXIT_OK)
			status = decide(self, session, settings, operands->items[i]);
	}
	for (size_t i = 0; settings->held && i < session->view->count && status == GB_EXIT_OK; i++)
		if (session->view->entries[i].status == GB_LEARN_HELD)
			status = decide(self, session, settings, session->view->entries[i].id);
	return status != GB_EXIT_OK ? status
	                            : gb_profile_write(self, session->profile,
	                                      settings->output != NULL ? settings->output : operands->items[0]);
}

static int run_approve(const struct gb_command *self, void *settings, const struct gb_strings *operands)
{
	struct gb_profile_session session = {0};
	int status = approve(self, settings, &session, operands);

	gb_profile_session_done(&session);
	return status;
}

const struct gb_command gb_cmd_profile_approve = {
        .name = "profile approve",
        .summary = "approve what was held back for review or seen beside a finding",
        .operands = "PROFILE [ID...]",
        .notes = "ID is an item's, from 'gambeson profile show', or its first digits. The latest word on an item "
                 "counts.\n",
        .operands_min = 1,
        .operands_max = GB_OPERANDS_ANY,
        .options = approve_options,
        .settings_bytes = sizeof(struct approve_settings),
        .run = run_approve,
};

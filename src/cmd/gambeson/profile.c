/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson profile: what functions were seen to do, turned into policies. */
#include "cmd/gambeson/profile.h"

#include "base/cleanup.h"

#include <stdio.h>
#include <unistd.h>

struct settings {
	struct gb_profile_output output;
	bool now;
};

/* Of the code, in a profile that is learned into again and again. */
#define VERSIONS_KEPT 16u

const char *const gb_profile_postures[] = {"off", "detect", "block", NULL};

static const struct gb_option learn_options[] = {
        GB_PROFILE_OUTPUT_ROWS(struct settings, output),
        GB_PROFILE_KEEP_ROW(struct settings, output),
        {.name = NULL},
};

static const struct gb_option export_options[] = {
        GB_PROFILE_OUTPUT_ROWS(struct settings, output),
        GB_FLAG(struct settings, now, "now", "also while learning has not ended"),
        {.name = NULL},
};

static int write_allowlist(
        const struct gb_command *self, const struct gb_profile_output *settings, const struct gb_learn_view *view)
{
	GB_CLEANUP(gb_policyc_document_freep) struct gb_policyc_document *document = NULL;

	if (gb_learn_allowlist(view, &document) < 0)
		return gb_complain(self, GB_EXIT_SYSTEM, "out of memory");
	if (settings->name != NULL)
		document->name = settings->name;
	if (settings->posture != NULL)
		(void)gb_mode_of_name(gb_span_cstr(settings->posture), &document->posture);
	document->review_unlisted = settings->review;
	return gb_profile_write_document(self, document, settings->output);
}

/* The view still points to the versions that are forgotten, which stay in memory. */
static int write_profile(const struct gb_command *self, struct gb_profile_session *session, const char *path)
{
	int status = gb_profile_session_forget(self, session, VERSIONS_KEPT);

	return status == GB_EXIT_OK ? gb_profile_write(self, session->profile, path) : status;
}

int gb_profile_session_learn(const struct gb_command *self, const struct gb_profile_output *settings,
        struct gb_profile_session *session, const char *source)
{
	struct gb_learn_decision decision;
	int status = GB_EXIT_OK;

	if (settings->profile != NULL && access(settings->profile, F_OK) == 0)
		status = gb_profile_session_read(self, session, settings->profile);
	if (status == GB_EXIT_OK)
		status = gb_profile_session_look(self, session, &settings->choice);
	if (status == GB_EXIT_OK)
		status = gb_profile_session_decide(self, session, &decision);
	if (status == GB_EXIT_OK && session->view->count == 0)
		status = gb_complain(self, GB_EXIT_FINDINGS,
		        "no observations in %s; run the function with GAMBESON_OBSERVE=1 and keep its log", source);
	if (status == GB_EXIT_OK && settings->profile != NULL)
		status = write_profile(self, session, settings->profile);
	if (status != GB_EXIT_OK)
		return status;
	fprintf(stderr, "learned from %zu different things in %llu invocations\n", session->view->group_count,
	        (unsigned long long)session->view->invocations);
	gb_profile_print_left_out(session);
	gb_learn_decision_print(&decision, &session->settings, stderr);
	return write_allowlist(self, settings, session->view);
}

static int run_learn(const struct gb_command *self, void *settings_memory, const struct gb_strings *operands)
{
	const struct settings *settings = settings_memory;
	struct gb_profile_session session = {0};
	int status = gb_profile_session_read_all(self, &session, operands);

	if (status == GB_EXIT_OK)
		status = gb_profile_session_learn(self, &settings->output, &session, operands->items[0]);
	gb_profile_session_done(&session);
	return status;
}

const struct gb_command gb_cmd_profile_learn = {
        .name = "profile learn",
        .summary = "make an allowlist from what a function's log says that it did",
        .operands = "LOG|PROFILE...",
        .notes = "LOG is the function's log, '-' for standard input; lines that are not Gambeson's are passed over.\n"
                 "Exit status 1 when there is nothing to learn from.\n",
        .operands_min = 1,
        .operands_max = GB_OPERANDS_ANY,
        .options = learn_options,
        .settings_bytes = sizeof(struct settings),
        .run = run_learn,
};

static int export(const struct gb_command *self, const struct settings *settings, struct gb_profile_session *session,
        const struct gb_strings *operands)
{
	struct gb_learn_decision decision;
	int status = gb_profile_session_read_all(self, session, operands);

	if (status == GB_EXIT_OK)
		status = gb_profile_session_look(self, session, &settings->output.choice);
	if (status == GB_EXIT_OK)
		status = gb_profile_session_decide(self, session, &decision);
	if (status != GB_EXIT_OK)
		return status;
	gb_learn_decision_print(&decision, &session->settings, stderr);
	if (!decision.is_done && !settings->now)
		return gb_complain(self, GB_EXIT_FINDINGS,
		        "learning has not ended, so nothing is written; --now writes all the same");
	return write_allowlist(self, &settings->output, session->view);
}

static int run_export(const struct gb_command *self, void *settings, const struct gb_strings *operands)
{
	struct gb_profile_session session = {0};
	int status = export(self, settings, &session, operands);

	gb_profile_session_done(&session);
	return status;
}

const struct gb_command gb_cmd_profile_export = {
        .name = "profile export",
        .summary = "write the allowlist once learning has ended",
        .operands = "PROFILE|LOG...",
        .notes = "Exit status 1, and nothing written, while learning goes on.\n",
        .operands_min = 1,
        .operands_max = GB_OPERANDS_ANY,
        .options = export_options,
        .settings_bytes = sizeof(struct settings),
        .run = run_export,
};

static const struct gb_command *const children[] = {
        &gb_cmd_profile_approve,
        &gb_cmd_profile_diff,
        &gb_cmd_profile_export,
        &gb_cmd_profile_learn,
        &gb_cmd_profile_merge,
        &gb_cmd_profile_show,
        NULL,
};

const struct gb_command gb_cmd_profile = {
        .name = "profile",
        .summary = "learn what a function does",
        .children = children,
};

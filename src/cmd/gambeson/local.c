/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson local invoke: run a function from a folder as Lambda would, with or without Gambeson around it. */
#include "cmd/gambeson/commands.h"
#include "cmd/gambeson/events.h"
#include "cmd/gambeson/function.h"
#include "cmd/gambeson/local_session.h"
#include "cmd/gambeson/report.h"

#include "base/cleanup.h"
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* As Lambda's. */
#define INIT_TIMEOUT_MS 10000u

const char *const gb_local_runtimes[] = {"nodejs", "python", "provided", NULL};

static const struct gb_option options[] = {
        GB_LOCAL_FUNCTION_OPTIONS(struct gb_local_session),
        GB_LIST(struct gb_local_session, events, "event", "FILE",
                "an event, '-' for standard input, or a folder of *.json", .letter = 'e'),
        GB_PROTECTION_OPTIONS(struct gb_local_session),
        GB_FLAG(struct gb_local_session, no_gambeson, "no-gambeson", "run the bare function"),
        GB_TEXT(struct gb_local_session, log, "log", "FILE", "write the function's whole log there as well"),
        GB_FLAG(struct gb_local_session, json, "json", "one JSON object an invocation"),
        GB_FLAG(struct gb_local_session, quiet, "quiet", "the answers only", .letter = 'q'),
        {.name = NULL},
};

struct run_context {
	const struct gb_report_style *style;
	const struct gb_events *events;
	const struct gb_local_session *session;
	int log_fd;
	int log_error; /* the first one, reported once at the end */
};

static void on_done(void *context_memory, const struct gb_local_invocation *invocation)
{
	struct run_context *context = context_memory;
	int r = context->log_fd < 0 ? 0 : gb_fd_write_all(context->log_fd, gb_local_bytes_span(&invocation->log));

	if (r < 0 && context->log_error == 0)
		context->log_error = r;
	if (context->session->on_log != NULL) {
		r = context->session->on_log(context->session->context, gb_local_bytes_span(&invocation->log));
		if (r < 0 && context->log_error == 0)
			context->log_error = r;
		return;
	}
	gb_report_invocation(context->style, invocation, context->events->names[invocation->event_index]);
}

/* A descriptor that becomes readable when the person wants to stop, so that nothing is left running. */
static int stop_descriptor(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -1;
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int set_variables(struct gb_words *environment, const struct gb_strings *variables, struct gb_diag *diag)
{
	for (size_t i = 0; i < variables->count; i++) {
		const char *equals = strchr(variables->items[i], '=');
		char name[256];
		int r;

		if (equals == NULL || equals == variables->items[i] ||
		        (size_t)(equals - variables->items[i]) >= sizeof(name))
			return gb_diag_set(
			        diag, -EINVAL, 0, 0, "--env: '%s' is not of the form NAME=VALUE", variables->items[i]);
		(void)snprintf(name, sizeof(name), "%.*s", (int)(equals - variables->items[i]), variables->items[i]);
		r = gb_words_set(environment, name, equals + 1);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The command line: the function's own, behind the agent's as AWS_LAMBDA_EXEC_WRAPPER puts it there. */
static int make_argv(const struct gb_function *function, const char *agent, struct gb_words *argv)
{
	int r = agent != NULL ? gb_words_add(argv, "%s", agent) : 0;

	for (size_t i = 0; i < function->command.count && r == 0; i++)
		r = gb_words_add(argv, "%s", function->command.items[i]);
	return r;
}

static void print_summary(const struct gb_local_session *settings, const struct gb_local_summary *summary)
{
	size_t total = 0;

	for (size_t i = 0; i < _GB_LOCAL_STATUS_MAX; i++)
		total += summary->count[i];
	fprintf(stderr, "%zu %s", total, total == 1 ? "event" : "events");
	for (unsigned i = GB_LOCAL_OK; i < _GB_LOCAL_STATUS_MAX; i++)
		if (summary->count[i] != 0)
			fprintf(stderr, ", %zu %s", summary->count[i], gb_local_status_name((enum gb_local_status)i));
	if (summary->count[GB_LOCAL_NOT_RUN] != 0)
		fprintf(stderr, ", %zu not run", summary->count[GB_LOCAL_NOT_RUN]);
	fprintf(stderr, "; %zu %s started; at most %.1f MB of %llu MB resident\n", summary->processes,
	        summary->processes == 1 ? "process" : "processes", (double)summary->max_rss_kb / 1024.0,
	        (unsigned long long)settings->memory_mb);
}

static int invoke(const struct gb_command *self, const struct gb_local_session *settings,
        const struct gb_function *function, const struct gb_words *argv, const struct gb_events *events)
{
	struct gb_report_style style = {
	        .is_json = settings->json, .is_quiet = settings->quiet, .is_coloured = gb_has_colour(STDERR_FILENO)};
	struct run_context context = {.style = &style, .events = events, .session = settings, .log_fd = -1};
	GB_CLEANUP(gb_fd_closep) int log_fd = -1;
	GB_CLEANUP(gb_fd_closep) int stop_fd = stop_descriptor();
	struct gb_local_summary summary;
	struct gb_diag diag = {0};
	char arn[256];
	int r;

	if (settings->log != NULL) {
		log_fd = gb_fd_open(settings->log, O_WRONLY | O_CREAT | O_TRUNC, 0644);
		if (log_fd < 0)
			return gb_complain(
			        self, GB_EXIT_SYSTEM, "--log: cannot write '%s': %s", settings->log, strerror(-log_fd));
		context.log_fd = log_fd;
	}
	(void)snprintf(arn, sizeof(arn), "arn:aws:lambda:us-east-1:123456789012:function:%.140s",
	        strrchr(function->directory, '/') + 1);
	r = gb_local_run(
	        &(struct gb_local_settings){
	                .directory = function->directory,
	                .argv = (const char *const *)(void *)argv->items,
	                .environment = (const char *const *)(void *)function->environment.items,
	                .function_arn = arn,
	                .events = events->bodies,
	                .event_count = events->count,
	                .invocation_count = events->count * settings->count,
	                .concurrency = settings->concurrency,
	                .timeout_ms = settings->timeout_s * 1000u,
	                .init_timeout_ms = INIT_TIMEOUT_MS,
	                .stop_fd = stop_fd,
	                .on_done = on_done,
	                .context = &context,
	        },
	        &summary, &diag);
	if (r < 0)
		return gb_complain(self, GB_EXIT_SYSTEM, "%s", diag.message[0] != '\0' ? diag.message : strerror(-r));
	if (!settings->quiet)
		print_summary(settings, &summary);
	if (context.log_error == -ENOMEM)
		return gb_complain(self, GB_EXIT_SYSTEM, "out of memory");
	if (context.log_error < 0)
		return gb_complain(self, GB_EXIT_SYSTEM, "--log: cannot write '%s': %s", settings->log,
		        strerror(-context.log_error));
	if (summary.is_stopped)
		return gb_complain(self, GB_EXIT_SYSTEM, "stopped; the function was killed");
	return summary.count[GB_LOCAL_OK] == events->count * settings->count ? GB_EXIT_OK : GB_EXIT_FINDINGS;
}

/* Everything that must be right before anything is started. Result: 0 or an error with DIAG. */
static int prepare(const struct gb_local_session *settings, struct gb_function *function, struct gb_words *argv,
        struct gb_events *events, struct gb_diag *diag)
{
	struct gb_parts parts = {0};
	int found = gb_parts_find(
	        &parts, settings->protection.agent, settings->protection.sensor, settings->no_gambeson ? NULL : diag);
	int r;

	if (found < 0 && !settings->no_gambeson)
		return found;
	r = gb_function_describe(function,
	        &(struct gb_function_wish){
	                .code = settings->code != NULL ? settings->code : ".",
	                .runtime = settings->runtime,
	                .handler = settings->handler,
	                .command = settings->command,
	                .ric = settings->ric,
	                .memory_mb = settings->memory_mb,
	                .concurrency = settings->concurrency,
	        },
	        &parts, diag);
	if (r == 0 && !settings->no_gambeson)
		r = gb_protection_apply(&settings->protection, &parts, &function->environment, diag);
	if (r == 0)
		r = set_variables(&function->environment, &settings->variables, diag);
	if (r == 0)
		r = make_argv(function, settings->no_gambeson ? NULL : parts.agent, argv);
	return r == 0 ? gb_events_read(events, &settings->events, diag) : r;
}

int gb_local_session_run(const struct gb_command *self, const struct gb_local_session *settings)
{
	struct gb_function function = {0};
	struct gb_events events = {0};
	struct gb_words argv = {0};
	struct gb_diag diag = {0};
	int status, r;

	r = prepare(settings, &function, &argv, &events, &diag);
	if (r == 0)
		status = invoke(self, settings, &function, &argv, &events);
	else if (r == -EINVAL || r == -ENOENT || r == -ENOTDIR)
		status = gb_complain(self, GB_EXIT_USAGE, "%s", diag.message);
	else
		status = gb_complain(self, GB_EXIT_SYSTEM, "%s", diag.message[0] != '\0' ? diag.message : strerror(-r));
	gb_events_free(&events);
	gb_words_free(&argv);
	gb_function_done(&function);
	return status;
}

static int run(const struct gb_command *self, void *settings, const struct gb_strings *operands)
{
	(void)operands;
	return gb_local_session_run(self, settings);
}

static const struct gb_command invoke_command = {
        .name = "local invoke",
        .summary = "run a function from a folder as Lambda would, and show what Gambeson says",
        .notes = "The answer goes to standard output; the function's log and what Gambeson saw go to standard error.\n"
                 "Exit status 1 when an invocation failed, ended early or timed out.\n",
        .options = options,
        .settings_bytes = sizeof(struct gb_local_session),
        .run = run,
};

static const struct gb_command *const children[] = {&invoke_command, &gb_local_profile_command, NULL};

const struct gb_command gb_cmd_local = {
        .name = "local",
        .summary = "run functions on this machine as Lambda would",
        .children = children,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "local/local.h"
#include "runtime.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define INVOCATIONS_MAX 8u

struct kept {
	size_t count;
	enum gb_local_status status[INVOCATIONS_MAX];
	char response[INVOCATIONS_MAX][256];
	char log[INVOCATIONS_MAX][512];
	char error_type[INVOCATIONS_MAX][96];
	size_t event_index[INVOCATIONS_MAX];
	bool is_streamed;
};

static void copy(char *to, size_t cap, const struct gb_local_bytes *bytes)
{
	size_t n = bytes->n < cap - 1 ? bytes->n : cap - 1;

	if (n > 0)
		memcpy(to, bytes->p, n);
	to[n] = '\0';
}

static void keep(void *context, const struct gb_local_invocation *invocation)
{
	struct kept *kept = context;
	size_t i = invocation->index;

	assert_in_range(i, 0, INVOCATIONS_MAX - 1);
	kept->count++;
	kept->status[i] = invocation->status;
	kept->event_index[i] = invocation->event_index;
	kept->is_streamed = invocation->is_streamed;
	copy(kept->response[i], sizeof(kept->response[i]), &invocation->response);
	copy(kept->log[i], sizeof(kept->log[i]), &invocation->log);
	memcpy(kept->error_type[i], invocation->error_type, sizeof(kept->error_type[i]));
}

static struct gb_local_summary run_events(
        const char *behaviour, const struct gb_span *events, size_t event_count, size_t count, struct kept *kept)
{
	static const char *const environment[] = {"PATH=/usr/bin:/bin", NULL};
	const char *argv[] = {"/proc/self/exe", "--runtime", behaviour, NULL};
	struct gb_local_settings settings = {
	        .directory = "/",
	        .argv = argv,
	        .environment = environment,
	        .function_arn = "arn:aws:lambda:us-east-1:123456789012:function:test",
	        .events = events,
	        .event_count = event_count,
	        .invocation_count = count,
	        .concurrency = 1,
	        .timeout_ms = 2000,
	        .init_timeout_ms = 10000,
	        .stop_fd = -1,
	        .on_done = keep,
	        .context = kept,
	};
	struct gb_local_summary summary;
	struct gb_diag diag = {0};

	memset(kept, 0, sizeof(*kept));
	if (gb_local_run(&settings, &summary, &diag) != 0)
		fail_msg("%s: %s", behaviour, diag.message);
	assert_int_equal(kept->count, count);
	return summary;
}

static struct gb_local_summary run_one(const char *behaviour, struct kept *kept)
{
	struct gb_span event = GB_SPAN("{\"a\":1}");

	return run_events(behaviour, &event, 1, 1, kept);
}

static void test_events_go_round(void **state)
{
	struct gb_span events[] = {GB_SPAN("{\"a\":1}"), GB_SPAN("second")};
	struct kept kept;
	struct gb_local_summary summary = run_events("echo", events, 2, 5, &kept);

	(void)state;
	assert_int_equal(summary.processes, 1);
	assert_int_equal(summary.count[GB_LOCAL_OK], 5);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(kept.event_index[i], i % 2);
		assert_string_equal(kept.response[i], i % 2 == 0 ? "{\"a\":1}" : "second");
		assert_string_equal(kept.log[i], "202\n");
	}
	assert_true(summary.max_rss_kb > 0);
}

struct one_row {
	const char *behaviour;
	enum gb_local_status status;
	const char *response;
	const char *log;
	const char *error_type;
	bool is_streamed;
};

static void test_one_event(void **state)
{
	static const struct one_row rows[] = {
	        {"echo", GB_LOCAL_OK, "{\"a\":1}", "202\n", "", false},
	        {"stream", GB_LOCAL_OK, "abcdefg", "202\n", "", true},
	        {"stream-error", GB_LOCAL_ERROR, "abc", "202\n", "Function.Broken", true},
	        {"error", GB_LOCAL_ERROR, "{\"e\":1}", "202\n", "Function.Unknown", false},
	        {"large", GB_LOCAL_ERROR, "", "413\n", "Function.ResponseSizeTooLarge", false},
	        {"misuse", GB_LOCAL_OK, "{\"a\":1}", "400\n403\n400\n403\n404\n202\n403\n", "", false},
	        {"crash", GB_LOCAL_EXITED, "", "", "Runtime.ExitError", false},
	        {"no-start", GB_LOCAL_INIT_ERROR, "", "", "Runtime.ExitError", false},
	        {"init-error", GB_LOCAL_INIT_ERROR, "{\"no\":1}", "202\n", "Runtime.NoSuchModule", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct one_row *row = &rows[i];
		struct kept kept;

		(void)run_one(row->behaviour, &kept);
		if (kept.status[0] != row->status || strcmp(kept.response[0], row->response) != 0 ||
		        strcmp(kept.log[0], row->log) != 0 || strcmp(kept.error_type[0], row->error_type) != 0 ||
		        kept.is_streamed != row->is_streamed)
			fail_msg("%s: %s, answer '%s', log '%s', type '%s'", row->behaviour,
			        gb_local_status_name(kept.status[0]), kept.response[0], kept.log[0],
			        kept.error_type[0]);
	}
}

static void test_timeout_kills_all(void **state)
{
	struct gb_span events[] = {GB_SPAN("fine"), GB_SPAN("hang"), GB_SPAN("fine too")};
	struct kept kept;
	struct gb_local_summary summary = run_events("hang", events, 3, 3, &kept);
	int left = 0;

	(void)state;
	assert_int_equal(kept.status[0], GB_LOCAL_OK);
	assert_int_equal(kept.status[1], GB_LOCAL_TIMEOUT);
	assert_string_equal(kept.error_type[1], "Sandbox.Timedout");
	assert_int_equal(kept.status[2], GB_LOCAL_OK);
	assert_int_equal(summary.processes, 2);
	/* The process that left the group is gone too. */
	assert_int_equal(sscanf(kept.log[1], "left %d", &left), 1);
	assert_true(left > 0);
	assert_int_equal(kill(left, 0), -1);
	assert_int_equal(errno, ESRCH);
}

static void test_crash_starts_again(void **state)
{
	struct gb_span event = GB_SPAN("{}");
	struct kept kept;
	struct gb_local_summary summary = run_events("crash", &event, 1, 3, &kept);

	(void)state;
	assert_int_equal(summary.processes, 3);
	assert_int_equal(summary.count[GB_LOCAL_EXITED], 3);
}

static void test_failed_start_ends_the_run(void **state)
{
	struct gb_span event = GB_SPAN("{}");
	struct kept kept;
	struct gb_local_summary summary = run_events("no-start", &event, 1, 3, &kept);

	(void)state;
	assert_int_equal(summary.processes, 1);
	assert_int_equal(summary.count[GB_LOCAL_INIT_ERROR], 1);
	assert_int_equal(summary.count[GB_LOCAL_NOT_RUN], 2);
}

static void test_no_such_program(void **state)
{
	static const char *const nothing[] = {NULL};
	const char *argv[] = {"/nonexistent/program", NULL};
	struct gb_span event = GB_SPAN("{}");
	struct kept kept = {0};
	struct gb_local_settings settings = {.directory = "/",
	        .argv = argv,
	        .environment = nothing,
	        .function_arn = "x",
	        .events = &event,
	        .event_count = 1,
	        .invocation_count = 1,
	        .concurrency = 1,
	        .timeout_ms = 1000,
	        .init_timeout_ms = 1000,
	        .stop_fd = -1,
	        .on_done = keep,
	        .context = &kept};
	struct gb_local_summary summary;
	struct gb_diag diag = {0};

	(void)state;
	assert_int_equal(gb_local_run(&settings, &summary, &diag), -ENOENT);
	assert_non_null(strstr(diag.message, "/nonexistent/program"));
	assert_int_equal(kept.count, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_events_go_round),
	        cmocka_unit_test(test_one_event),
	        cmocka_unit_test(test_timeout_kills_all),
	        cmocka_unit_test(test_crash_starts_again),
	        cmocka_unit_test(test_failed_start_ends_the_run),
	        cmocka_unit_test(test_no_such_program),
	};

	if (argc == 3 && strcmp(argv[1], "--runtime") == 0)
		runtime_main(argv[2]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

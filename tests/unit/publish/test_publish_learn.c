/* SPDX-License-Identifier: Apache-2.0 */
/* Lines that wait become a profile, a state, a proposal or an allowlist in force; and learners that are killed. */
#include "fixture.h"
#include "publish/publish.h"

#include "base/arena.h"
#include "learn/learn.h"
#include "store/documents.h"
#include "store/events.h"
#include "store/functions.h"
#include "store/profiles.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define KEY     "123456789012/eu-west-1/orders"
#define CRASHES 25

static int64_t add_function(struct fixture *f, const char *code)
{
	struct gb_function_sighting sighting = {.account = GB_SPAN("123456789012"),
	        .region = GB_SPAN("eu-west-1"),
	        .name = GB_SPAN("orders"),
	        .code = gb_span_cstr(code),
	        .time = f->now};
	struct gb_function_ids ids = {0};

	assert_ok(f, gb_functions_seen(f->store, &sighting, 1, &ids, &f->diag));
	return ids.function;
}

static void add_line(struct fixture *f, int64_t function, uint64_t sandbox, int64_t seq, const char *line)
{
	const struct gb_sql_value values[] = {
	        gb_sql_integer(function), gb_sql_integer((int64_t)sandbox), gb_sql_integer(seq), gb_sql_cstr(line)};

	assert_ok(f, gb_sql_run(f->store,
	                     "INSERT INTO observations (function, version, sandbox, seq, time, line) VALUES ($1, "
	                     "(SELECT MAX(id) FROM "
	                     "versions WHERE function = $1), $2, $3, 0, $4)",
	                     values, 4, NULL, NULL, &f->diag));
}

/* SANDBOXES of INVOCATIONS each that read one file and connect to one address. */
static void add_lines(
        struct fixture *f, int64_t function, const char *path, unsigned first, unsigned sandboxes, unsigned invocations)
{
	assert_ok(f, gb_store_begin(f->store, &f->diag));
	for (unsigned i = first; i < first + sandboxes; i++) {
		char line[512];
		int64_t seq = 1;

		for (unsigned n = 1; n <= 4; n++) {
			(void)snprintf(line, sizeof(line),
			        "{\"gambeson\":1,\"kind\":\"observations\",\"seq\":%lld,\"time\":\"2026-11-21T14:00:00."
			        "000Z\",\"request\":\"r-%u-%u\","
			        "\"sandbox\":\"%016x\",\"phase\":\"invoke\",\"invocations\":%u,\"shape\":\"sqs\","
			        "\"source_ip\":\"198.51.100.%u\","
			        "\"items\":[{\"kind\":\"file_read\",\"subject\":\"%s\",\"n\":%u}]}",
			        (long long)seq, i, n, i + 1, n, i % 200, path, n);
			add_line(f, function, i + 1, seq++, line);
		}
		(void)snprintf(line, sizeof(line),
		        "{\"gambeson\":1,\"kind\":\"progress\",\"seq\":%lld,\"time\":\"2026-11-21T14:10:00.000Z\","
		        "\"sandbox\":\"%016x\",\"invocations\":%u,"
		        "\"shapes\":{\"sqs\":%u}}",
		        (long long)seq, i + 1, invocations, invocations);
		add_line(f, function, i + 1, seq++, line);
	}
	assert_ok(f, gb_store_commit(f->store, &f->diag));
}

struct state {
	char state[32];
	int64_t percent;
};

static int on_function(void *context, const struct gb_function *function)
{
	struct state *state = context;

	(void)snprintf(
	        state->state, sizeof(state->state), "%.*s", (int)function->state.n, (const char *)function->state.p);
	state->percent = function->learning_percent;
	return 0;
}

static struct state state_of(struct fixture *f, int64_t function)
{
	struct state state = {.percent = -1};

	assert_ok(f, gb_function_get(f->store, NULL, function, on_function, &state, &f->diag));
	return state;
}

static struct gb_learn_round learn(struct fixture *f)
{
	struct gb_learn_round round;
	struct gb_learn_round all = {0};

	do {
		assert_ok(f, gb_publish_learn(f->store, NULL, NULL, &round, &f->diag));
		all.lines += round.lines;
		all.broken += round.broken;
	} while (round.has_more);
	return all;
}

static bool has(struct fixture *f, const char *kind, const char *text)
{
	struct gb_arena *arena = gb_arena_new();
	struct gb_document document;
	int r = gb_document_get(f->store, gb_span_cstr(kind), GB_SPAN(KEY), 0, arena, &document, &f->diag);
	bool found = r > 0 && gb_span_find(document.body, gb_span_cstr(text), 0) != SIZE_MAX;

	assert_ok(f, r);
	gb_arena_free(arena);
	return found;
}

static void learning_ends_with_a_proposal(void **state)
{
	struct fixture *f = *state;
	int64_t function = add_function(f, "aaaa");
	struct gb_learn_round round;

	assert_int_equal(learn(f).lines, 0);
	add_lines(f, function, "/var/task/one.json", 0, 3, 40);
	round = learn(f);
	assert_int_equal(round.lines, 15);
	assert_int_equal(round.broken, 0);
	assert_string_equal(state_of(f, function).state, "learning");
	assert_true(state_of(f, function).percent > 0 && state_of(f, function).percent < 100);
	assert_false(has(f, GB_PUBLISH_PROPOSAL, "one.json"));
	add_lines(f, function, "/var/task/one.json", 3, 300, 100);
	round = learn(f);
	assert_int_equal(round.lines, 1500);
	assert_string_equal(state_of(f, function).state, "ready");
	assert_int_equal(state_of(f, function).percent, 100);
	assert_true(has(f, GB_PUBLISH_PROPOSAL, "/var/task/one.json"));
	assert_false(has(f, GB_PUBLISH_ALLOWLIST, ""));
}

static void put_policy(struct fixture *f, const char *enforce)
{
	char body[256];
	struct gb_document document = {.kind = GB_SPAN("AccountPolicy"), .name = GB_SPAN("all")};
	int64_t revision;

	(void)snprintf(body, sizeof(body),
	        "apiVersion: gambeson/v1\nkind: AccountPolicy\nmetadata: {name: all}\nspec: {posture: block, enforce: "
	        "%s}\n",
	        enforce);
	document.body = gb_span_cstr(body);
	assert_ok(f, gb_document_put(f->store, &document, GB_DOCUMENT_ANY, &revision, &f->diag));
}

static void after_learning_it_is_enforced_and_new_code_is_learned(void **state)
{
	struct fixture *f = *state;
	int64_t function = add_function(f, "aaaa");

	put_policy(f, "after learning");
	add_lines(f, function, "/var/task/one.json", 0, 300, 100);
	(void)learn(f);
	assert_string_equal(state_of(f, function).state, "enforcing");
	assert_true(has(f, GB_PUBLISH_ALLOWLIST, "/var/task/one.json"));
	f->now += 1000;
	(void)add_function(f, "bbbb");
	add_lines(f, function, "/var/task/two.json", 1000, 2, 20);
	(void)learn(f);
	assert_string_equal(state_of(f, function).state, "learning");
	assert_true(has(f, GB_PUBLISH_ALLOWLIST, "/var/task/one.json"));
	add_lines(f, function, "/var/task/two.json", 1002, 300, 100);
	(void)learn(f);
	assert_string_equal(state_of(f, function).state, "enforcing");
	assert_true(has(f, GB_PUBLISH_ALLOWLIST, "/var/task/two.json"));
}

static void what_an_attack_did_is_not_learned(void **state)
{
	static const char line[] = "{\"gambeson\":1,\"kind\":\"finding\",\"time\":\"2026-11-21T14:00:00.000Z\","
	                           "\"request\":\"r-1-1\",\"sandbox\":"
	                           "\"0000000000000002\",\"control\":\"flow\",\"activity\":{\"kind\":\"file_read\","
	                           "\"subject\":\"/var/task/stolen\"}}";
	struct fixture *f = *state;
	int64_t function = add_function(f, "aaaa");
	const struct gb_event event = {.time = f->now,
	        .id = {1},
	        .function = function,
	        .sandbox = 2,
	        .seq = 9,
	        .facets = {.kind = GB_SPAN("finding"), .control = GB_SPAN("flow")},
	        .body = GB_SPAN(line)};
	struct gb_events_inserted inserted;
	bool has_more;

	assert_ok(f, gb_events_insert(f->store, &event, 1, &inserted, &f->diag));
	add_lines(f, function, "/var/task/one.json", 0, 300, 100);
	add_lines(f, function, "/var/task/stolen", 0, 3, 100);
	(void)learn(f);
	assert_string_equal(state_of(f, function).state, "ready");
	assert_true(has(f, GB_PUBLISH_PROPOSAL, "/var/task/one.json"));
	assert_false(has(f, GB_PUBLISH_PROPOSAL, "stolen"));
	assert_int_equal(gb_observations_add_findings(f->store, 10, &has_more, &f->diag), 0);
}

static void what_is_no_line_harms_nobody(void **state)
{
	static const char hostile[] =
	        "{\"gambeson\":1,\"kind\":\"observations\",\"sandbox\":\"x\",\"items\":[{\"kind\":\"file_read\","
	        "\"subject\":\"'; DROP TABLE profiles; --\"}]}";
	const char *const lines[] = {"", "{", "null", "{\"gambeson\":1}",
	        "{\"gambeson\":1,\"kind\":\"observations\",\"items\":7}", hostile, "\xff\xff"};
	struct fixture *f = *state;
	int64_t function = add_function(f, "aaaa");

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		add_line(f, function, 1, (int64_t)i, lines[i]);
	assert_int_equal(learn(f).lines, sizeof(lines) / sizeof(lines[0]));
	add_lines(f, function, "/var/task/one.json", 0, 3, 40);
	(void)learn(f);
	assert_string_equal(state_of(f, function).state, "learning");
}

_Noreturn static void work(struct fixture *f)
{
	struct gb_store *store;
	struct gb_learn_round round;
	struct gb_diag diag = {0};

	if (gb_store_open(f->url, &store, &diag) < 0)
		_exit(1);
	for (;;)
		if (gb_publish_learn(store, NULL, NULL, &round, &diag) < 0)
			_exit(1);
}

/* The same lines give the same profile, byte for byte, however often learners were killed over them. */
static void killed_learners_lose_and_double_nothing(void **state)
{
	struct fixture *f = *state;
	int64_t function = add_function(f, "aaaa"), revision;
	struct gb_arena *arena = gb_arena_new();
	struct gb_span killed, whole;
	unsigned random = 362436069u;

	for (unsigned seed = 0; seed < CRASHES; seed++) {
		struct timespec pause = {.tv_nsec = 0};
		pid_t pid;
		int status;

		add_lines(f, function, "/var/task/one.json", seed * 40, 40, 10);
		pid = fork();
		if (pid == 0)
			work(f);
		random ^= random << 13;
		random ^= random >> 17;
		random ^= random << 5;
		pause.tv_nsec = 1000000 + (long)(random % 25000) * 1000;
		(void)nanosleep(&pause, NULL);
		(void)kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (!WIFSIGNALED(status))
			fail_msg("seed %u: the learner ended by itself: %d", seed, status);
	}
	(void)learn(f);
	assert_int_equal(gb_profile_load(f->store, function, arena, &killed, &revision, &f->diag), 1);
	assert_ok(f, gb_sql_run(f->store, "DELETE FROM profiles", NULL, 0, NULL, NULL, &f->diag));
	for (unsigned seed = 0; seed < CRASHES; seed++)
		add_lines(f, function, "/var/task/one.json", seed * 40, 40, 10);
	assert_int_equal(learn(f).lines, CRASHES * 40 * 5);
	assert_int_equal(gb_profile_load(f->store, function, arena, &whole, &revision, &f->diag), 1);
	assert_true(gb_span_equal(killed, whole));
	gb_arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        ON_BOTH(learning_ends_with_a_proposal),
	        ON_BOTH(after_learning_it_is_enforced_and_new_code_is_learned),
	        ON_BOTH(what_an_attack_did_is_not_learned),
	        ON_BOTH(what_is_no_line_harms_nobody),
	        ON_BOTH(killed_learners_lose_and_double_nothing),
	};

	return cmocka_run_group_tests_name("publish learn", tests, NULL, NULL);
}

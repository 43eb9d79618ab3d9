/* SPDX-License-Identifier: Apache-2.0 */
/* What a function, or a stranger, writes into a log is not learned: only what a sandbox's seals vouch for is. */
#include "../collect/log.h"
#include "collect/collect.h"
#include "fixture.h"
#include "learn/learn.h"
#include "publish/publish.h"
#include "store/profiles.h"

#define TRUE_PATH "/var/task/true.json"
#define LIE       "/var/task/lie"
#define NOBODY    "/var/task/nobody"

struct scene {
	struct fixture *f;
	struct log logs[3];
	const char *stream; /* of the log service */
};

static int64_t clock_of(void *context)
{
	return ((struct fixture *)context)->now;
}

static struct scene *scene_new(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	assert_non_null(scene);
	scene->f = *state;
	scene->stream = "2026/11/21/[$LATEST]1";
	scene->f->now = (int64_t)LOG_TIME_MS + 60000;
	gb_store_set_clock(scene->f->store, clock_of, scene->f);
	for (unsigned i = 0; i < 3; i++)
		log_open(&scene->logs[i], i + 1);
	return scene;
}

static void scene_free(struct scene *scene)
{
	for (unsigned i = 0; i < 3; i++)
		log_close(&scene->logs[i]);
	free(scene);
}

static void put_text_of(struct scene *scene, const char *text, const char *function)
{
	const struct gb_collect_origin origin = {.account = GB_SPAN("123456789012"),
	        .region = GB_SPAN("eu-west-1"),
	        .function = gb_span_cstr(function),
	        .stream = gb_span_cstr(scene->stream)};
	struct gb_collect_batch *batch = gb_collect_batch_new(scene->f->now);

	assert_ok(scene->f, gb_collect_batch_add(batch, gb_span_cstr(text), GB_COLLECT_TEXT, &origin, &scene->f->diag));
	assert_ok(scene->f, gb_collect_store(scene->f->store, &batch, 1, &scene->f->diag));
	assert_int_equal(gb_collect_batch_told(batch)->broken, 0);
	gb_collect_batch_free(batch);
}

/* Lines FIRST up to END of LOG, together. */
static void put(struct scene *scene, const struct log *log, size_t first, size_t end)
{
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	assert_non_null(out);
	for (size_t i = first; i < end; i++)
		(void)fprintf(out, "%s\n", log->lines[i]);
	assert_int_equal(fclose(out), 0);
	put_text_of(scene, text, "orders");
	free(text);
}

/* A line that says of LOG's sandbox that PATH was read; what writes it has no key. */
static void forge(struct scene *scene, const char *sandbox, unsigned seq, const char *path)
{
	char line[512];

	(void)snprintf(line, sizeof(line),
	        "{\"gambeson\":1,\"kind\":\"observations\",\"seq\":%u,\"time\":\"2026-11-21T14:30:00.000Z\","
	        "\"request\":"
	        "\"6f1de2a0-1111-4222-8333-444455556666\",\"sandbox\":\"%.16s\",\"phase\":\"invoke\",\"invocations\":1,"
	        "\"shape\":\"sqs\",\"items\":[{\"kind\":\"file_read\",\"subject\":\"%s\",\"n\":1}]}\n",
	        seq, sandbox, path);
	put_text_of(scene, line, "orders");
}

static void verify(struct scene *scene)
{
	int r;

	do
		r = gb_collect_verify(scene->f->store, GB_COLLECT_GRACE_MS, &scene->f->diag);
	while (r > 0);
	assert_ok(scene->f, r);
}

static size_t learn(struct scene *scene)
{
	struct gb_learn_round round;
	size_t lines = 0;

	do {
		assert_ok(scene->f, gb_publish_learn(scene->f->store, NULL, NULL, &round, &scene->f->diag));
		lines += round.lines;
	} while (round.has_more);
	return lines;
}

/* As servers do, until nothing is waited for. */
static void go_on(struct scene *scene)
{
	verify(scene);
	(void)learn(scene);
	scene->f->now += GB_COLLECT_GRACE_MS + 1000;
	verify(scene);
	(void)learn(scene);
}

static int64_t number(struct scene *scene, const char *query)
{
	int64_t value = -1;

	assert_ok(scene->f, gb_sql_integer_of(scene->f->store, query, NULL, 0, &value, &scene->f->diag));
	return value;
}

static bool has_learned(struct scene *scene, const char *path)
{
	struct gb_arena *arena = gb_arena_new();
	struct gb_span body;
	int64_t revision, function = number(scene, "SELECT MIN(id) FROM functions WHERE name = 'orders'");
	bool found = gb_profile_load(scene->f->store, function, arena, &body, &revision, &scene->f->diag) > 0 &&
	             gb_span_find(body, gb_span_cstr(path), 0) != SIZE_MAX;

	gb_arena_free(arena);
	return found;
}

static void expect(struct scene *scene, bool is_true_learned)
{
	if (has_learned(scene, TRUE_PATH) != is_true_learned)
		fail_msg("what is true was%s learned", is_true_learned ? " not" : "");
	if (has_learned(scene, LIE) || has_learned(scene, NOBODY))
		fail_msg("a lie was learned");
	if (number(scene, "SELECT COUNT(*) FROM observations") != 0)
		fail_msg("lines wait for ever");
}

/* A start, an observation and a seal: three lines; each further call two. */
static void say(struct log *log, const char *path)
{
	if (log->count == 0)
		log_start(log, "orders", true);
	log_observed(log, path);
	log_seal(log);
}

static void what_is_sealed_is_learned_soon_and_nothing_before(void **state)
{
	struct scene *scene = scene_new(state);

	say(&scene->logs[0], TRUE_PATH);
	put(scene, &scene->logs[0], 0, 2);
	verify(scene);
	assert_int_equal(learn(scene), 0);
	assert_int_equal(number(scene, "SELECT COUNT(*) FROM observations"), 1);
	put(scene, &scene->logs[0], 2, 3);
	assert_int_equal(learn(scene), 0);
	verify(scene);
	assert_int_equal(learn(scene), 1);
	expect(scene, true);
	/* Told again, in pieces: learned again, as what it is. */
	put(scene, &scene->logs[0], 1, 2);
	put(scene, &scene->logs[0], 0, 3);
	go_on(scene);
	expect(scene, true);
	scene_free(scene);
}

static void the_order_does_not_matter(void **state)
{
	struct scene *scene = scene_new(state);
	size_t count;

	for (unsigned i = 0; i < 4; i++)
		say(&scene->logs[0], TRUE_PATH);
	count = scene->logs[0].count;
	for (size_t i = count; i > 0; i--) {
		put(scene, &scene->logs[0], i - 1, i);
		verify(scene);
		assert_int_equal(learn(scene), i == 1 ? 4 : 0);
	}
	expect(scene, true);
	scene_free(scene);
}

static void lines_that_no_seal_vouches_for_are_not_learned(void **state)
{
	struct scene *scene = scene_new(state);

	say(&scene->logs[0], TRUE_PATH);
	put(scene, &scene->logs[0], 0, 3);
	forge(scene, scene->logs[0].sandbox, 77, LIE);
	go_on(scene);
	expect(scene, true);
	scene_free(scene);
}

static void a_lie_with_the_number_of_a_true_line_ends_the_learning_from_its_sandbox(void **state)
{
	for (unsigned when = 0; when < 3; when++) {
		struct scene *scene = scene_new(state);

		assert_ok(scene->f, gb_sql_run(scene->f->store, "DELETE FROM sandboxes", NULL, 0, NULL, NULL, NULL));
		assert_ok(scene->f, gb_sql_run(scene->f->store, "DELETE FROM profiles", NULL, 0, NULL, NULL, NULL));
		assert_ok(scene->f, gb_sql_run(scene->f->store, "DELETE FROM seals", NULL, 0, NULL, NULL, NULL));
		log_close(&scene->logs[0]);
		log_open(&scene->logs[0], 50 + when);
		say(&scene->logs[0], TRUE_PATH);
		if (when == 0)
			forge(scene, scene->logs[0].sandbox, 1, LIE);
		put(scene, &scene->logs[0], 0, 3);
		if (when == 1)
			forge(scene, scene->logs[0].sandbox, 1, LIE);
		verify(scene);
		(void)learn(scene);
		if (when == 2)
			forge(scene, scene->logs[0].sandbox, 1, LIE);
		verify(scene);
		(void)learn(scene);
		say(&scene->logs[0], NOBODY);
		put(scene, &scene->logs[0], 3, 5);
		go_on(scene);
		/* What was learned before anybody lied stays. */
		expect(scene, when == 2);
		scene_free(scene);
	}
}

static void what_lacks_lines_is_not_learned(void **state)
{
	struct scene *scene = scene_new(state);

	/* A line of the same seal, which might have been a finding, is kept back. */
	log_start(&scene->logs[0], "orders", true);
	log_finding(&scene->logs[0], "kept back");
	log_observed(&scene->logs[0], LIE);
	log_seal(&scene->logs[0]);
	put(scene, &scene->logs[0], 0, 1);
	put(scene, &scene->logs[0], 2, 4);
	/* A whole seal is. */
	scene->stream = "2026/11/21/[$LATEST]2";
	say(&scene->logs[1], TRUE_PATH);
	say(&scene->logs[1], NOBODY);
	say(&scene->logs[1], LIE);
	put(scene, &scene->logs[1], 0, 3);
	put(scene, &scene->logs[1], 5, 7);
	/* The start line is: nobody can tell who signed. */
	scene->stream = "2026/11/21/[$LATEST]3";
	say(&scene->logs[2], NOBODY);
	put(scene, &scene->logs[2], 1, 3);
	go_on(scene);
	/* Its seal was given up, with its lines: they are not waited for after that. */
	scene->f->now += 7 * 3600 * 1000;
	(void)learn(scene);
	expect(scene, true);
	scene_free(scene);
}

static void a_stranger_with_a_sandbox_of_his_own_is_not_learned_from(void **state)
{
	struct scene *scene = scene_new(state);

	say(&scene->logs[0], TRUE_PATH);
	put(scene, &scene->logs[0], 0, 3);
	go_on(scene);
	/* With a key and seals of his own, in the same log stream. */
	say(&scene->logs[1], LIE);
	put(scene, &scene->logs[1], 0, 3);
	/* Without a key, in a stream of his own; without a start; with a name that no sandbox has. */
	scene->stream = "2026/11/21/[$LATEST]9";
	log_start(&scene->logs[2], "orders", false);
	log_observed(&scene->logs[2], NOBODY);
	put(scene, &scene->logs[2], 0, 2);
	forge(scene, "00000000000000ff", 1, NOBODY);
	go_on(scene);
	expect(scene, true);
	scene_free(scene);
}

static void lines_of_one_function_are_not_learned_for_another(void **state)
{
	struct scene *scene = scene_new(state);
	char *lines;
	size_t n;
	FILE *out = open_memstream(&lines, &n);

	say(&scene->logs[0], TRUE_PATH);
	put(scene, &scene->logs[0], 0, 3);
	scene->stream = "2026/11/21/[$LATEST]8";
	say(&scene->logs[1], LIE);
	for (size_t i = 0; i < 3; i++)
		(void)fprintf(out, "%s\n", scene->logs[1].lines[i]);
	assert_int_equal(fclose(out), 0);
	put_text_of(scene, lines, "billing");
	/* The same, true as it is, in the log of orders. */
	put_text_of(scene, lines, "orders");
	go_on(scene);
	expect(scene, true);
	free(lines);
	scene_free(scene);
}

/* Agents that had no key for want of random numbers, as long as the function has no others. */
static void without_any_key_lines_are_believed(void **state)
{
	struct scene *scene = scene_new(state);

	log_start(&scene->logs[0], "orders", false);
	log_observed(&scene->logs[0], TRUE_PATH);
	put(scene, &scene->logs[0], 0, 2);
	go_on(scene);
	expect(scene, true);
	scene_free(scene);
}

static void a_flood_of_lies_keeps_nothing_back(void **state)
{
	struct scene *scene = scene_new(state);
	struct gb_settled settled;

	log_start(&scene->logs[0], "orders", true);
	put(scene, &scene->logs[0], 0, 1);
	for (unsigned i = 0; i < 30; i++)
		forge(scene, scene->logs[0].sandbox, 1000 + i, LIE);
	scene->stream = "2026/11/21/[$LATEST]5";
	say(&scene->logs[1], TRUE_PATH);
	put(scene, &scene->logs[1], 0, 3);
	verify(scene);
	for (unsigned i = 0; i < 4; i++)
		assert_ok(scene->f, gb_observations_settle(scene->f->store, 10, &settled, &scene->f->diag));
	assert_int_equal(settled.ready, 1);
	/* A clock that is set back, and on again, makes nothing be forgotten. */
	scene->f->now -= 86400000;
	(void)learn(scene);
	assert_int_equal(number(scene, "SELECT COUNT(*) FROM observations"), 30);
	scene->f->now += 86400000;
	go_on(scene);
	expect(scene, true);
	scene_free(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        ON_BOTH(what_is_sealed_is_learned_soon_and_nothing_before),
	        ON_BOTH(the_order_does_not_matter),
	        ON_BOTH(lines_that_no_seal_vouches_for_are_not_learned),
	        ON_BOTH(a_lie_with_the_number_of_a_true_line_ends_the_learning_from_its_sandbox),
	        ON_BOTH(what_lacks_lines_is_not_learned),
	        ON_BOTH(a_stranger_with_a_sandbox_of_his_own_is_not_learned_from),
	        ON_BOTH(lines_of_one_function_are_not_learned_for_another),
	        ON_BOTH(without_any_key_lines_are_believed),
	        ON_BOTH(a_flood_of_lies_keeps_nothing_back),
	};

	return cmocka_run_group_tests_name("publish authentic", tests, NULL, NULL);
}

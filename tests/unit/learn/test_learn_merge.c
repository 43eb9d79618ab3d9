/* SPDX-License-Identifier: Apache-2.0 */
/* A profile is a join semilattice: however the pieces of many sandboxes' logs are grouped, ordered and repeated, the
 * profile is the same file, byte for byte. */
#include "learn/learn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PIECES    60u
#define SANDBOXES 30u /* more than bear witness to one item */
#define ROUNDS    40u

static uint64_t state = 88172645463325252u;

static uint64_t dice(uint64_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % n;
}

/* A stretch of one sandbox's log, as it might have been cut out of a stream. */
static struct gb_profile *piece(void)
{
	static const char *const kinds[] = {"file_read", "file_write", "name_lookup", "net_connect", "library_map"};
	struct gb_profile *profile = gb_profile_new();
	struct gb_profile_reading reading = {0};
	unsigned sandbox = (unsigned)dice(SANDBOXES);
	char log[8000];
	int n = snprintf(log, sizeof(log),
	        "{\"gambeson\":1,\"kind\":\"start\",\"seq\":0,\"time\":\"2026-11-21T10:%02u:00.000Z\",\"sandbox\":"
	        "\"%016x\",\"function\":\"f\",\"function_version\":\"%u\",\"code\":\"c%u\"}\n",
	        sandbox, sandbox * 2654435761u, sandbox % 3, sandbox % 2);

	for (unsigned i = 0; i < 6; i++) {
		unsigned at = (unsigned)dice(50);

		n += snprintf(log + n, sizeof(log) - (size_t)n,
		        "{\"gambeson\":1,\"kind\":\"observations\",\"time\":\"2026-11-21T1%u:%02u:00.000Z\","
		        "\"sandbox\":\"%016x\",\"request\":\"r%u-%u\",\"invocations\":%u,\"shape\":\"%s\",\"source_"
		        "ip\":"
		        "\"192.0.2.%u\",\"items\":[{\"kind\":\"%s\",\"subject\":\"/s/%u \\u00fc\",\"n\":%u},{\"kind\":"
		        "\"process_start\",\"subject\":\"/bin/x\",\"arguments\":[\"x\",\"%u\"],\"cut\":%s}]}\n",
		        (unsigned)dice(10), at, sandbox * 2654435761u, sandbox, at, at, dice(2) ? "s3" : "sqs",
		        (unsigned)dice(100), kinds[dice(5)], (unsigned)dice(20), (unsigned)(1 + dice(64)),
		        (unsigned)dice(3), dice(2) ? "true" : "false");
	}
	n += snprintf(log + n, sizeof(log) - (size_t)n,
	        "{\"gambeson\":1,\"kind\":\"progress\",\"sandbox\":\"%016x\",\"invocations\":%u,\"shapes\":{\"s3\":%u}}"
	        "\n"
	        "{\"gambeson\":1,\"kind\":\"finding\",\"request\":\"r%u-%u\",\"control\":\"flow\",\"activity\":{"
	        "\"kind\":"
	        "\"file_read\",\"subject\":\"/s/%u \\u00fc\"}}\n"
	        "{\"gambeson\":1,\"kind\":\"notice\",\"sandbox\":\"%016x\",\"reason\":\"%s\",\"invocations\":%u}\n",
	        sandbox * 2654435761u, (unsigned)dice(60), (unsigned)dice(60), sandbox, (unsigned)dice(50),
	        (unsigned)dice(200), sandbox * 2654435761u, dice(9) ? "policy_loaded" : "reports_lost",
	        (unsigned)dice(60));
	assert_non_null(profile);
	assert_int_equal(gb_profile_add_log(profile, gb_span_of(log, (size_t)n), &reading), 0);
	assert_int_equal(reading.broken, 0);
	return profile;
}

/* Somebody says something about an item that the piece has. */
static void decide(struct gb_profile *profile)
{
	struct gb_learn_settings settings = gb_learn_settings_usual();
	struct gb_learn_view *view;
	char time[32];

	assert_int_equal(gb_learn_view_new(profile, &settings, &view, NULL), 0);
	(void)snprintf(time, sizeof(time), "2026-11-21T12:00:0%u.000Z", (unsigned)dice(3));
	if (view->count != 0) {
		const struct gb_learn_entry *entry = &view->entries[dice(view->count)];

		assert_int_equal(gb_profile_decide_item(profile, gb_span_of(entry->id, GB_LEARN_ID_BYTES), dice(2) == 0,
		                         gb_span_cstr(time), GB_SPAN("somebody"), NULL),
		        0);
	}
	gb_learn_view_free(view);
}

static char *text_of(const struct gb_profile *profile)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	assert_non_null(out);
	assert_int_equal(gb_profile_print(profile, out), 0);
	assert_int_equal(fclose(out), 0);
	return text;
}

/* All pieces, some of them twice, joined in a tree of any form. */
static char *any_way(struct gb_profile *const *pieces)
{
	struct gb_profile *heap[2 * PIECES];
	size_t count = 0;
	char *text;

	for (size_t i = 0; i < PIECES; i++)
		for (size_t copies = 1 + dice(2); copies > 0; copies--) {
			heap[count] = gb_profile_new();
			assert_int_equal(gb_profile_merge(heap[count++], pieces[i], NULL), 0);
		}
	while (count > 1) {
		size_t a = dice(count), b = dice(count);

		if (a == b)
			continue;
		assert_int_equal(gb_profile_merge(heap[a], heap[b], NULL), 0);
		if (dice(4) == 0)
			assert_int_equal(gb_profile_merge(heap[a], heap[a], NULL), 0);
		gb_profile_free(heap[b]);
		heap[b] = heap[--count];
	}
	text = text_of(heap[0]);
	gb_profile_free(heap[0]);
	return text;
}

static void order_and_grouping_do_not_matter(void **unused)
{
	struct gb_profile *pieces[PIECES];
	char *expected;

	(void)unused;
	for (size_t i = 0; i < PIECES; i++) {
		pieces[i] = piece();
		decide(pieces[i]);
	}
	expected = any_way(pieces);
	for (size_t round = 0; round < ROUNDS; round++) {
		char *text = any_way(pieces);

		if (strcmp(text, expected) != 0)
			fail_msg("round %zu gave\n%s\nand the first\n%s", round, text, expected);
		free(text);
	}
	free(expected);
	for (size_t i = 0; i < PIECES; i++)
		gb_profile_free(pieces[i]);
}

static void a_file_is_read_back(void **unused)
{
	(void)unused;
	for (size_t round = 0; round < 20; round++) {
		struct gb_profile *profile = piece(), *back = NULL;
		struct gb_diag diag = {0};
		char *text, *again;

		for (size_t i = dice(20); i > 0; i--) {
			struct gb_profile *more = piece();

			decide(more);
			assert_int_equal(gb_profile_merge(profile, more, NULL), 0);
			gb_profile_free(more);
		}
		text = text_of(profile);
		assert_true(gb_profile_is_profile(gb_span_cstr(text)));
		if (gb_profile_parse(gb_span_cstr(text), &back, &diag) < 0)
			fail_msg("%s\n%s", diag.message, text);
		again = text_of(back);
		assert_string_equal(text, again);
		free(text);
		free(again);
		gb_profile_free(profile);
		gb_profile_free(back);
	}
}

static void functions_are_not_mixed(void **unused)
{
	struct gb_profile *profile = piece(), *other = gb_profile_new();
	struct gb_profile_reading reading = {0};
	struct gb_diag diag = {0};
	char *before = text_of(profile), *after;
	static const char log[] = "{\"gambeson\":1,\"kind\":\"start\",\"sandbox\":\"a\",\"function\":\"g\"}\n"
	                          "{\"gambeson\":1,\"kind\":\"progress\",\"sandbox\":\"a\",\"invocations\":5}\n";

	(void)unused;
	assert_int_equal(gb_profile_add_log(other, gb_span_cstr(log), &reading), 0);
	assert_int_equal(gb_profile_merge(profile, other, &diag), -22);
	assert_non_null(strstr(diag.message, "'f' and 'g'"));
	/* In a log that many functions write, the first one's lines count. */
	assert_int_equal(gb_profile_add_log(profile, gb_span_cstr(log), &reading), 0);
	assert_int_equal(reading.foreign, 2);
	after = text_of(profile);
	assert_string_equal(before, after);
	free(before);
	free(after);
	gb_profile_free(profile);
	gb_profile_free(other);
}

#define PROFILE(rest) "{\"gambeson_profile\":1," rest "}"
#define VERSION(rest) PROFILE("\"versions\":[{" rest "}]")
#define ITEM(rest)    VERSION("\"items\":[{\"kind\":\"file_read\",\"subject\":\"/a\"" rest "}]")

static const struct refusal {
	const char *text, *message;
} refusals[] = {
        {"", "no JSON"},
        {"{\"gambeson_profile\":1", "no JSON"},
        {"[]", "no profile of format 1"},
        {"{\"gambeson_profile\":2}", "no profile of format 1"},
        {PROFILE("\"nonsense\":1"), "'nonsense' is not known"},
        {PROFILE("\"versions\":5"), "'versions' must be a list"},
        {PROFILE("\"versions\":[5]"), "versions 0"},
        {PROFILE("\"function\":5"), "'function' must be a string"},
        {PROFILE("\"findings\":[]"), "'{}' is wanted here"},
        {PROFILE("\"decisions\":[{\"item\":\"x\",\"time\":\"t\",\"word\":\"maybe\"}]"), "approved or rejected"},
        {VERSION("\"code\":[]"), "'code' must be a string"},
        {VERSION("\"items\":[{}]"), "items 0: 'subject'"},
        {VERSION("\"items\":[{\"kind\":\"nothing\",\"subject\":\"\"}]"), "'kind' is none"},
        {VERSION("\"sandboxes\":[{\"id\":\"a\"}]"), "'invocations' must be a whole number"},
        {VERSION("\"sandboxes\":[{\"id\":\"a\",\"invocations\":-1}]"), "not negative"},
        {VERSION("\"sandboxes\":[{\"id\":\"a\",\"invocations\":1,\"shapes\":{\"x\":\"y\"}}]"), "'shapes' must be"},
        {ITEM(",\"arguments\":\"x\""), "list of at most 512"},
        {ITEM(",\"arguments\":[5]"), "'arguments' must be a string"},
        {ITEM(",\"cut\":false"), "true or left out"},
        {ITEM(",\"seen\":[[\"s\"]]"), "'seen' must be"},
        {ITEM(",\"seen\":[[\"s\",1,[1,\"r\"],[1,\"r\"],[1,\"r\"]]]"), "'seen' must be"},
        {ITEM(",\"seen\":[[\"s\",1,[1]]]"), "must have [at"},
        {ITEM(",\"sources\":[\"1\",\"2\",\"3\",\"4\"]"), "too many elements"},
};

static void bad_files_are_refused(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct gb_profile *profile = NULL;
		struct gb_diag diag = {0};

		assert_int_equal(gb_profile_parse(gb_span_cstr(refusals[i].text), &profile, &diag), -22);
		assert_null(profile);
		if (strstr(diag.message, refusals[i].message) == NULL)
			fail_msg("%s\nis refused: %s", refusals[i].text, diag.message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(order_and_grouping_do_not_matter),
	        cmocka_unit_test(a_file_is_read_back),
	        cmocka_unit_test(functions_are_not_mixed),
	        cmocka_unit_test(bad_files_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

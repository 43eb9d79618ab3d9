/* SPDX-License-Identifier: Apache-2.0 */
/* More evidence never takes away: what the allowlist of a part of the observations lists, that of all of them lists too.
 * The end of learning rests on it (docs/LEARNING.md). */
#include "activity/made_up.h"
#include "learn/activity.h"
#include "learn/boundaries.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SAMPLES_MAX 14u
#define ROUNDS      600u

static uint64_t state = 88172645463325252u;

static size_t dice(size_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (size_t)(state % n);
}

/* No negative numbers: a place of numbers that turns out to be one of words takes those no longer. */
static const char *word(void)
{
	static const char *const words[] = {"a", "b", "main", "report", "10", "20", "3.5", "x y", "http://a.example/1",
	        "https://b.example/x?y", "/tmp/a.png", "/tmp/b.png", "/tmp/in/c.jpg", "/etc/hosts", "/var/task/x",
	        "in.csv", "out.csv", "../x", "q=1", "-v", "--all", "--out=/tmp/1.pdf", "--out=/tmp/2.pdf", "--out=x",
	        "9f86d081884c7d65", "2026-11-21", "1.2.3", "1.2.4", "ž", ""};

	return words[dice(sizeof(words) / sizeof(words[0]))];
}

struct sample {
	struct gb_profile_item item;
	struct gb_span arguments[4];
	char text[400];
};

static void make_process(struct sample *sample)
{
	size_t at = 0, count = 2 + dice(2);
	bool is_shell = dice(4) == 0;

	sample->item = (struct gb_profile_item){.kind = GB_ACTIVITY_PROCESS_START,
	        .subject = is_shell ? GB_SPAN("/bin/sh") : GB_SPAN("/bin/x"),
	        .arguments = sample->arguments,
	        .argument_count = is_shell ? 3 : count};
	sample->arguments[0] = GB_SPAN("x");
	if (is_shell) {
		int n = snprintf(sample->text, sizeof(sample->text), "convert %s -q %s | cat", word(), word());

		sample->arguments[1] = GB_SPAN("-c");
		sample->arguments[2] = gb_span_of(sample->text, (size_t)n);
		return;
	}
	for (size_t i = 1; i < count; i++) {
		int n = snprintf(sample->text + at, sizeof(sample->text) - at, "%s", word());

		sample->arguments[i] = gb_span_of(sample->text + at, (size_t)n);
		at += (size_t)n;
	}
}

static void make_file(struct sample *sample)
{
	static const char *const names[] = {"a", "b1", "c22", "x.png", "y.png", "z.png", "w.png", "v.csv", "12", "345",
	        "1a2b3c4d", "0e37c1ab-ffee-4b5a-abcd-abcdefabcdef", "report-2026-11-21.pdf", "report-2026-11-22.pdf",
	        "part-abcdef1-x", "part-abcdef2-y", "abcdefgh12345678.tmp"};
	static const char *const folders[] = {"/tmp", "/tmp/in", "/tmp/12345678-1", "/var/task", "/proc/77", "/proc/78",
	        "/opt/python/boto", "/opt/python/lib", "/opt/python/lib/python3/site-packages/boto"};
	size_t count = sizeof(names) / sizeof(names[0]);
	int n = snprintf(sample->text, sizeof(sample->text), "%s/%s",
	        folders[dice(sizeof(folders) / sizeof(folders[0]))], names[dice(count)]);

	sample->item =
	        (struct gb_profile_item){.kind = GB_ACTIVITY_FILE_READ, .subject = gb_span_of(sample->text, (size_t)n)};
}

static void make_address(struct sample *sample)
{
	int n = snprintf(sample->text, sizeof(sample->text), "10.0.%zu.%zu:%zu", dice(2), dice(8), 80 + dice(2));

	sample->item = (struct gb_profile_item){
	        .kind = GB_ACTIVITY_NET_CONNECT, .subject = gb_span_of(sample->text, (size_t)n)};
}

static void make_name(struct sample *sample)
{
	int n = snprintf(sample->text, sizeof(sample->text), "n%zu.%s", dice(30),
	        dice(2) ? "db.example.com" : "s3.amazonaws.com");

	sample->item = (struct gb_profile_item){
	        .kind = GB_ACTIVITY_NAME_LOOKUP, .subject = gb_span_of(sample->text, (size_t)n)};
}

/* The policy of the first COUNT of SAMPLES. */
static unsigned char *policy_of(struct sample *samples, size_t count, const struct gb_learn_settings *settings,
        struct gb_policy *ret_policy, char **ret_text)
{
	struct gb_policyc_document *document = gb_policyc_document_new();
	struct gb_arena *arena = gb_arena_new();
	const struct gb_profile_item *items[SAMPLES_MAX];
	unsigned char *blob;
	size_t n, text_n;
	FILE *out = open_memstream(ret_text, &text_n);

	for (size_t i = 0; i < count; i++)
		items[i] = &samples[i].item;
	document->control_modes[GB_CONTROL_ALLOWLIST] = GB_BLOB_MODE_POSTURE;
	assert_int_equal(gb_learn_generalise(arena, settings, items, count, document), 0);
	assert_int_equal(gb_policyc_compile(document, 1, &blob, &n, NULL), 0);
	assert_int_equal(gb_policy_open(gb_span_of(blob, n), ret_policy), 0);
	gb_policyc_print(document, out);
	assert_int_equal(fclose(out), 0);
	gb_arena_free(arena);
	gb_policyc_document_free(document);
	return blob;
}

static bool lists(const struct gb_policy *policy, const struct sample *sample)
{
	struct gb_arena *arena = gb_arena_new();
	struct gb_policy_context context = {.policy = policy, .posture = GB_MODE_BLOCK};
	struct gb_activity activity;
	bool is_listed;

	assert_int_equal(gb_learn_activity(arena, &sample->item, &activity), 0);
	is_listed = gb_policy_ask(GB_POLICY_ALLOWLIST, &context, &activity).decision == GB_ALLOW;
	gb_arena_free(arena);
	return is_listed;
}

static void check(void (*make)(struct sample *sample), unsigned rounds)
{
	struct gb_boundaries *boundaries = gb_boundaries_new();
	struct gb_learn_settings settings = gb_learn_settings_usual();
	unsigned broken = 0;

	settings.boundaries = boundaries;
	for (unsigned round = 0; round < rounds; round++) {
		struct sample samples[SAMPLES_MAX], probe;
		struct gb_policy part, whole;
		size_t count = 2 + dice(SAMPLES_MAX - 1), kept = 1 + dice(count - 1);
		unsigned char *part_blob, *whole_blob;
		char *part_text, *whole_text;

		for (size_t i = 0; i < count; i++)
			make(&samples[i]);
		part_blob = policy_of(samples, kept, &settings, &part, &part_text);
		whole_blob = policy_of(samples, count, &settings, &whole, &whole_text);
		for (unsigned i = 0; i < 60; i++) {
			make(&probe);
			if (lists(&part, &probe) && !lists(&whole, &probe) && broken++ == 0)
				print_message("%.*s: of %zu\n%s\nof %zu\n%s\n", (int)probe.item.subject.n,
				        probe.item.subject.p, kept, strstr(part_text, "allow:"), count,
				        strstr(whole_text, "allow:"));
		}
		free(part_blob);
		free(whole_blob);
		free(part_text);
		free(whole_text);
	}
	gb_boundaries_free(boundaries);
	assert_int_equal(broken, 0);
}

static void files(void **unused)
{
	(void)unused;
	check(make_file, ROUNDS);
}

static void addresses(void **unused)
{
	(void)unused;
	check(make_address, ROUNDS / 3);
}

static void names(void **unused)
{
	(void)unused;
	check(make_name, ROUNDS / 3);
}

static void processes(void **unused)
{
	(void)unused;
	check(make_process, ROUNDS);
}

/* The warden, which has no boundaries, counts as one what the built-in ones let vary. */
static void the_warden_knows_the_folders(void **unused)
{
	struct gb_boundaries *boundaries = gb_boundaries_new();

	(void)unused;
	assert_non_null(boundaries);
	assert_int_equal(boundaries->vary_count, GB_MADE_UP_FOLDERS);
	for (size_t i = 0; i < boundaries->vary_count; i++)
		assert_int_equal(gb_made_up_folder(boundaries->vary[i]), boundaries->vary[i].n);
	assert_int_equal(gb_made_up_folder(GB_SPAN("/var/task/tmp/x")), SIZE_MAX);
	gb_boundaries_free(boundaries);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_warden_knows_the_folders),
	        cmocka_unit_test(files),
	        cmocka_unit_test(addresses),
	        cmocka_unit_test(names),
	        cmocka_unit_test(processes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Every attack of the cases is found in every encoding that an application undoes, and in pairs of them; what is benign
 * stays so. */
#include "cases.h"
#include "wrapping.h"

#include "inspect/inspect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../lib/scratch.h"

/* In base64 what is shorter could be any word. */
#define BYTES_MIN 10u

/* Of so many cases one is taken. */
#define CASES_APART (CASES_ARE_SANITIZED ? 25u : 1u)

static size_t findings(struct gb_span text)
{
	static const struct gb_inspect_options options;
	struct gb_inspect_report report;

	gb_inspect_value(&options, text, scratch, &report);
	return report.finding_count;
}

/* Text that each of the encodings can carry: ASCII without controls, and without the end of CDATA. */
static bool is_carried(const struct inspect_case *one)
{
	for (size_t i = 0; i < one->input_n; i++)
		if (one->input[i] >= 0x7f || (one->input[i] < ' ' && !gb_ascii_is_space(one->input[i])))
			return false;
	return one->input_n >= BYTES_MIN &&
	       gb_span_find(gb_span_of(one->input, one->input_n), GB_SPAN("]]>"), 0) == SIZE_MAX;
}

static struct wrapped wrap(const struct wrapping *wrapping, struct gb_span text)
{
	struct wrapped out = {0};

	wrapping->wrap(text, &out);
	return out;
}

struct tally {
	unsigned attacks, missed;
	unsigned benign, alarms;
};

static void check_text(struct tally *tally, const char *title, const char *inner, const char *outer,
        struct gb_span text, bool is_attack)
{
	bool is_found = findings(text) != 0;

	tally->attacks += is_attack;
	tally->benign += !is_attack;
	tally->missed += is_attack && !is_found;
	tally->alarms += !is_attack && is_found;
	if (is_attack != is_found)
		printf("# '%s' in %s in %s: %s\n", title, inner, outer, is_attack ? "missed" : "false alarm");
}

static void check_inner(
        struct tally *tally, const struct inspect_case *one, const struct wrapping *inner, bool is_attack)
{
	struct wrapped once = wrap(inner, gb_span_of(one->input, one->input_n));
	struct gb_span text = gb_span_of(once.p, once.n);

	check_text(tally, one->title, inner->name, "nothing", text, is_attack);
	for (size_t i = 0; i < WRAPPING_COUNT; i++) {
		struct wrapped twice;

		/* One CDATA section cannot hold another; base64 of other letters' UTF-16 begins as an address does. */
		if ((&wrappings[i] == inner && inner->wrap == wrap_xml_data) ||
		        (inner->wrap == wrap_full_width && wrappings[i].wrap == wrap_utf16))
			continue;
		twice = wrap(&wrappings[i], text);
		check_text(tally, one->title, inner->name, wrappings[i].name, gb_span_of(twice.p, twice.n), is_attack);
		free(twice.p);
	}
	free(once.p);
}

static void check_file(struct tally *tally, const char *name)
{
	char path[512];
	struct inspect_case one;
	unsigned number = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", GB_CASES, name);
	file = fopen(path, "re");
	if (file == NULL)
		fail_msg("cannot read %s", path);
	while (case_next(file, &one)) {
		bool is_attack = findings(gb_span_of(one.input, one.input_n)) != 0;

		/* What is benign of one class only is not this test's to say. */
		if (number++ % CASES_APART == 0 && is_carried(&one) && (is_attack || strcmp(one.want, "benign") == 0))
			for (size_t i = 0; i < WRAPPING_COUNT; i++)
				check_inner(tally, &one, &wrappings[i], is_attack);
		case_free(&one);
	}
	fclose(file);
}

static void test_attacks(void **state)
{
	static const char *const files[] = {"code.case", "command.case", "csv.case", "directory.case", "file.case",
	        "head.case", "naming.case", "nosql.case", "object.case", "request.case", "sql.case", "template.case",
	        "xml.case", "xss.case"};

	struct tally tally = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		check_file(&tally, files[i]);
	printf("# %u of %u attacks missed, %u alarms on %u benign texts\n", tally.missed, tally.attacks, tally.alarms,
	        tally.benign);
	assert_true(tally.attacks > 100000 / CASES_APART);
	/* Per mille: what is left is text that another encoding's signs turn into something else. */
	assert_true(tally.missed <= tally.attacks / 1000);
	assert_true(tally.alarms <= tally.benign / 200);
}

static void test_benign(void **state)
{
	struct tally tally = {0};

	(void)state;
	check_file(&tally, "benign.case");
	printf("# %u alarms on %u benign texts\n", tally.alarms, tally.benign);
	assert_true(tally.benign > 10000 / CASES_APART);
	assert_true(tally.alarms <= tally.benign / 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_attacks),
	        cmocka_unit_test(test_benign),
	};

	return run_tests_with_scratch(tests);
}

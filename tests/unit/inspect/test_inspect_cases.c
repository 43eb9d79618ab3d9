/* SPDX-License-Identifier: Apache-2.0 */
/* Every case of tests/cases/inspect, and properties that hold for each of them. */
#include "cases.h"

#include "inspect/inspect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

struct run {
	struct gb_inspect_scratch *scratch;
	struct gb_inspect_options options;
	struct gb_inspect_report report;
};

static void begin(struct run *run)
{
	*run = (struct run){.scratch = malloc(gb_inspect_scratch_bytes())};
	assert_non_null(run->scratch);
}

static void inspect(struct run *run, bool is_event, struct gb_span text)
{
	if (is_event)
		gb_inspect_event(&run->options, text, run->scratch, &run->report);
	else
		gb_inspect_value(&run->options, text, run->scratch, &run->report);
}

/* Whether one of the findings is what WANT names: class, reason or -, path; "attack" for any; or "not" and a class, of which none may be. */
static bool is_wanted(const struct gb_inspect_report *report, const char *want)
{
	struct gb_span rest = gb_span_cstr(want), words[3] = {0};

	if (strcmp(want, "benign") == 0)
		return report->finding_count == 0;
	if (strcmp(want, "attack") == 0)
		return report->finding_count != 0;
	if (gb_span_starts(rest, GB_SPAN("not "))) {
		enum gb_attack_class unwanted = gb_inspect_class_of_code(gb_span_sub(rest, 4, SIZE_MAX));

		for (size_t i = 0; i < report->finding_count; i++)
			if (report->findings[i].attack_class == unwanted)
				return false;
		return unwanted != GB_CLASS_NONE;
	}
	for (size_t i = 0; i < 3 && rest.n != 0; i++) {
		size_t blank = i < 2 ? gb_span_find_byte(rest, ' ', 0) : SIZE_MAX;

		words[i] = gb_span_sub(rest, 0, blank);
		rest = blank == SIZE_MAX ? GB_SPAN_EMPTY : gb_span_sub(rest, blank + 1, SIZE_MAX);
	}
	for (size_t i = 0; i < report->finding_count; i++) {
		const struct gb_inspect_finding *finding = &report->findings[i];

		if (!gb_span_equal(words[0], gb_span_cstr(gb_inspect_class_facts(finding->attack_class)->code)))
			continue;
		if (words[1].n != 0 && !gb_span_equal(words[1], GB_SPAN("-")) &&
		        !gb_span_equal(words[1], gb_span_cstr(finding->reason)))
			continue;
		if (words[2].n == 0 || gb_span_equal(words[2], finding->path))
			return true;
	}
	return false;
}

static void check_evidence(const struct gb_inspect_report *report)
{
	for (size_t i = 0; i < report->finding_count; i++) {
		const struct gb_inspect_finding *finding = &report->findings[i];

		assert_true(finding->length > 0);
		assert_true(finding->from + finding->length <= finding->value.n);
		assert_true(finding->attack_class > GB_CLASS_NONE && finding->attack_class < _GB_CLASS_MAX);
		assert_non_null(finding->reason);
	}
}

static void check_same(struct run *run, bool is_event, struct gb_span text)
{
	struct gb_inspect_report first = run->report;

	inspect(run, is_event, text);
	assert_int_equal(first.finding_count, run->report.finding_count);
	assert_int_equal(first.steps, run->report.steps);
	for (size_t i = 0; i < first.finding_count; i++) {
		assert_string_equal(first.findings[i].reason, run->report.findings[i].reason);
		assert_int_equal(first.findings[i].from, run->report.findings[i].from);
	}
}

/* A blank in front never turns an attack into something benign. */
static void check_prefix(struct run *run, const struct inspect_case *one)
{
	unsigned char *longer = malloc(one->input_n + 1);

	assert_non_null(longer);
	longer[0] = ' ';
	memcpy(longer + 1, one->input, one->input_n);
	inspect(run, false, gb_span_of(longer, one->input_n + 1));
	if (run->report.finding_count == 0)
		fail_msg("'%s': benign with a blank in front", one->title);
	free(longer);
}

/* Other numbers in it, and it is the same attack. */
static void check_digits(struct run *run, const struct inspect_case *one)
{
	unsigned char *changed = malloc(one->input_n == 0 ? 1 : one->input_n);

	assert_non_null(changed);
	for (size_t i = 0; i < one->input_n; i++) {
		unsigned char c = one->input[i];

		if (c == '\\' || c == '%')
			goto out;
		changed[i] = c >= '4' && c <= '8' ? (unsigned char)(c + 1) : c;
	}
	inspect(run, false, gb_span_of(changed, one->input_n));
	if (run->report.finding_count == 0)
		fail_msg("'%s': benign with other numbers", one->title);
out:
	free(changed);
}

/* A file of cases, and how many it has at least. */
static const struct case_file {
	const char *name;
	unsigned at_least;
	enum { VALUES, VALUES_AND_NUMBERS, EVENTS } kind; /* the second also with other numbers in them */
} files[] = {
        {"code.case", 120, VALUES_AND_NUMBERS},
        {"template.case", 100, VALUES_AND_NUMBERS},
        {"command.case", 80, VALUES},
        {"file.case", 30, VALUES},
        {"request.case", 35, VALUES},
        {"object.case", 24, VALUES},
        {"head.case", 18, VALUES},
        {"naming.case", 9, VALUES},
        {"xss.case", 70, VALUES},
        {"csv.case", 20, VALUES},
        {"sql.case", 200, VALUES},
        {"nosql.case", 65, VALUES},
        {"xml.case", 45, VALUES},
        {"directory.case", 40, VALUES},
        /* Systematically from the grammars: context, goal, dialect, disguise. */
        {"matrix-sql.case", 700, VALUES},
        {"matrix-nosql.case", 150, VALUES},
        {"matrix-stores.case", 270, VALUES},
        {"matrix-code.case", 190, VALUES},
        {"matrix-second.case", 185, VALUES},
        {"matrix-object.case", 95, VALUES},
        {"matrix-row.case", 130, VALUES},
        {"matrix-path.case", 150, VALUES},
        {"matrix-lookup.case", 100, VALUES},
        {"matrix-request.case", 200, VALUES},
        {"matrix-command.case", 370, VALUES},
        {"matrix-directory.case", 95, VALUES},
        {"matrix-csv.case", 90, VALUES},
        {"matrix-benign.case", 580, VALUES},
        {"benign.case", 80, VALUES},
        {"shell.case", 600, VALUES},
        {"benign_shell.case", 450, VALUES},
        {"path.case", 200, VALUES},
        {"host.case", 130, VALUES},
        {"gadget.case", 110, VALUES},
        {"lookup.case", 50, VALUES},
        {"prose.case", 15, VALUES},
        {"honest.case", 500, VALUES},
        {"plain.case", 100, VALUES},
        {"event.case", 18, EVENTS},
};

static void check_file(const struct case_file *cases)
{
	const bool is_event = cases->kind == EVENTS;
	char path[512];
	struct inspect_case one;
	unsigned count = 0, failures = 0;
	struct run run;
	FILE *file;

	begin(&run);
	snprintf(path, sizeof(path), "%s/%s", GB_CASES, cases->name);
	file = fopen(path, "re");
	if (file == NULL)
		fail_msg("cannot read %s", path);
	while (case_next(file, &one)) {
		struct gb_span text = gb_span_of(one.input, one.input_n);

		count++;
		inspect(&run, is_event, text);
		check_evidence(&run.report);
		if (!is_wanted(&run.report, one.want)) {
			const struct gb_inspect_finding *finding = &run.report.findings[0];

			failures++;
			print_error("%s: '%s': wanted %s, got %s %s at %.*s\n", cases->name, one.title, one.want,
			        run.report.finding_count != 0 ? gb_inspect_class_facts(finding->attack_class)->code
			                                      : "benign",
			        run.report.finding_count != 0 ? finding->reason : "",
			        (int)(run.report.finding_count != 0 ? finding->path.n : 0),
			        (const char *)finding->path.p);
		} else {
			check_same(&run, is_event, text);
			if (!is_event && run.report.finding_count != 0 && strncmp(one.want, "not ", 4) != 0)
				check_prefix(&run, &one);
			if (cases->kind == VALUES_AND_NUMBERS && strcmp(one.want, "benign") != 0 &&
			        strncmp(one.want, "not ", 4) != 0)
				check_digits(&run, &one);
		}
		case_free(&one);
	}
	fclose(file);
	free(run.scratch);
	assert_int_equal(failures, 0);
	assert_true(count >= cases->at_least);
}

#define FILE_COUNT (sizeof(files) / sizeof(files[0]))

static void test_file(void **state)
{
	check_file(*state);
}

int main(void)
{
	struct CMUnitTest tests[FILE_COUNT];

	for (size_t i = 0; i < FILE_COUNT; i++)
		tests[i] = (struct CMUnitTest){
		        .name = files[i].name, .test_func = test_file, .initial_state = (void *)(uintptr_t)&files[i]};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shapes of events: our own cases, each with an attack where it matters, and the samples that lie beside the project (not
 * part of it), which must be recognised and raise no alarm.
 */
#include "inspect/inspect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../lib/scratch.h"

#define LINE_MAX_BYTES 65536u

static char lines[4][LINE_MAX_BYTES];

/* The next line of FILE that is neither empty nor a comment, without its newline; false at the end. */
static bool next_line(FILE *file, char *line)
{
	do {
		if (fgets(line, LINE_MAX_BYTES, file) == NULL)
			return false;
		line[strcspn(line, "\n")] = '\0';
	} while (line[0] == '\0' || line[0] == '#');
	return true;
}

static FILE *open_or_fail(const char *path)
{
	FILE *file = fopen(path, "re");

	if (file == NULL)
		fail_msg("cannot read %s", path);
	return file;
}

/* REPORT's shape, address and trust as the case files write them. */
static void write_source(const struct gb_inspect_report *report, char *out, size_t room)
{
	snprintf(out, room, "%s %.*s %s", gb_inspect_shape_name(report->shape),
	        report->source_ip.n != 0 ? (int)report->source_ip.n : 1,
	        report->source_ip.n != 0 ? (const char *)report->source_ip.p : "-",
	        gb_inspect_source_trust_name(report->source_trust));
}

static bool is_wanted(const struct gb_inspect_report *report, const char *want)
{
	char found[1024];

	if (strcmp(want, "benign") == 0)
		return report->finding_count == 0;
	for (size_t i = 0; i < report->finding_count; i++) {
		const struct gb_inspect_finding *finding = &report->findings[i];

		snprintf(found, sizeof(found), "%s %s %.*s", gb_inspect_class_facts(finding->attack_class)->code,
		        gb_inspect_origin_name(finding->origin), (int)finding->path.n, (const char *)finding->path.p);
		if (strcmp(found, want) == 0)
			return true;
	}
	return false;
}

/* Members of an object may come in any order: the same event with EVENT's outermost members turned round is what it was.
 * Only where no bracket or quote stands in the way of taking it apart by its top-level commas. */
static void reverse_members(const char *event, char *out)
{
	const char *starts[64];
	size_t count = 0, depth = 0, n = strlen(event);
	bool is_in_string = false;

	starts[count++] = event + 1;
	for (const char *p = event + 1; p < event + n - 1; p++) {
		if (is_in_string && *p == '\\')
			p++;
		else if (*p == '"')
			is_in_string = !is_in_string;
		else if (!is_in_string && (*p == '{' || *p == '['))
			depth++;
		else if (!is_in_string && (*p == '}' || *p == ']'))
			depth--;
		else if (!is_in_string && depth == 0 && *p == ',' && count < 64)
			starts[count++] = p + 1;
	}
	*out++ = event[0];
	for (size_t i = count; i-- > 0;) {
		const char *end = i + 1 < count ? starts[i + 1] - 1 : event + n - 1;

		memcpy(out, starts[i], (size_t)(end - starts[i]));
		out += end - starts[i];
		*out++ = i != 0 ? ',' : event[n - 1];
	}
	*out = '\0';
}

static unsigned check_event(const char *title, const char *event, const char *source, const char *want)
{
	static const struct gb_inspect_options options;
	struct gb_inspect_report report;
	size_t n = strlen(event);
	unsigned char *copy = malloc(n == 0 ? 1 : n);
	unsigned failures = 0;
	char found[256];

	assert_non_null(copy);
	memcpy(copy, event, n);
	gb_inspect_event(&options, gb_span_of(copy, n), scratch, &report);
	write_source(&report, found, sizeof(found));
	if (strcmp(found, source) != 0) {
		print_error("%s: '%s', wanted '%s'\n", title, found, source);
		failures++;
	}
	if (!is_wanted(&report, want)) {
		const struct gb_inspect_finding *finding = &report.findings[0];

		print_error("%s: wanted %s, got %s %s at %.*s\n", title, want,
		        report.finding_count != 0 ? gb_inspect_class_facts(finding->attack_class)->code : "benign",
		        report.finding_count != 0 ? gb_inspect_origin_name(finding->origin) : "",
		        (int)(report.finding_count != 0 ? finding->path.n : 0), (const char *)finding->path.p);
		failures++;
	}
	free(copy);
	return failures;
}

static void test_cases(void **state)
{
	static char reversed[LINE_MAX_BYTES];
	FILE *file = open_or_fail(GB_EVENTS "/shapes.case");
	unsigned count = 0, failures = 0;

	(void)state;
	while (next_line(file, lines[0])) {
		for (size_t i = 1; i < 4; i++)
			if (!next_line(file, lines[i]))
				fail_msg("shapes.case ends in the middle of '%s'", lines[0]);
		failures += check_event(lines[0], lines[1], lines[2], lines[3]);
		reverse_members(lines[1], reversed);
		failures += check_event(lines[0], reversed, lines[2], lines[3]);
		count++;
	}
	fclose(file);
	assert_int_equal(failures, 0);
	assert_true(count >= 90);
}

static void test_forced_shape(void **state)
{
	static const char event[] = "{\"headers\":{\"x-forwarded-for\":\"192.0.2.1, 192.0.2.2\"}}";
	struct gb_inspect_options options = {.forced_shape = gb_inspect_shape_of_name(GB_SPAN("alb"))};
	struct gb_inspect_report report;

	(void)state;
	gb_inspect_event(&options, gb_span_cstr(event), scratch, &report);
	assert_int_equal(report.shape, GB_SHAPE_ALB);
	assert_true(gb_span_equal(report.source_ip, GB_SPAN("192.0.2.2")));
	assert_int_equal(report.source_trust, GB_SOURCE_LAST_HOP);
	assert_true(gb_span_equal(report.forwarded_for, GB_SPAN("192.0.2.1, 192.0.2.2")));
	options.forced_shape = GB_SHAPE_OTHER;
	gb_inspect_event(&options, gb_span_cstr(event), scratch, &report);
	assert_int_equal(report.source_ip.n, 0);
}

/* Every shape has a name of its own, and the name leads back. */
static void test_names(void **state)
{
	(void)state;
	for (int shape = 0; shape < _GB_SHAPE_MAX; shape++)
		assert_int_equal(
		        gb_inspect_shape_of_name(gb_span_cstr(gb_inspect_shape_name((enum gb_event_shape)shape))),
		        shape);
	assert_int_equal(gb_inspect_shape_of_name(GB_SPAN("nonsense")), _GB_SHAPE_MAX);
}

static void check_sample(const char *name, const char *shape, const char *address, unsigned *ref_failures)
{
	static char event[1u << 20];
	static const struct gb_inspect_options options;
	struct gb_inspect_report report;
	char path[1024], found[256], want[256];
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s.json", GB_SAMPLES, name);
	file = open_or_fail(path);
	n = fread(event, 1, sizeof(event), file);
	fclose(file);
	gb_inspect_event(&options, gb_span_of(event, n), scratch, &report);
	snprintf(want, sizeof(want), "%s %s", shape, address);
	snprintf(found, sizeof(found), "%s %.*s", gb_inspect_shape_name(report.shape),
	        report.source_ip.n != 0 ? (int)report.source_ip.n : 1,
	        report.source_ip.n != 0 ? (const char *)report.source_ip.p : "-");
	if (strcmp(found, want) == 0 && report.finding_count == 0 && !report.is_limited)
		return;
	print_error("%s: '%s' with %zu findings, wanted '%s' with none\n", name, found, report.finding_count, want);
	++*ref_failures;
}

static void test_samples(void **state)
{
	unsigned count = 0, failures = 0;
	FILE *file;

	(void)state;
	if (access(GB_SAMPLES "/SOURCES.json", R_OK) != 0) {
		print_message("no samples in " GB_SAMPLES "\n");
		fprintf(stderr, "skipped: no samples in " GB_SAMPLES "\n");
		skip();
	}
	file = open_or_fail(GB_EVENTS "/samples.txt");
	while (next_line(file, lines[0])) {
		char name[256], shape[64], address[64];

		assert_int_equal(sscanf(lines[0], "%255s %63s %63s", name, shape, address), 3);
		check_sample(name, shape, address, &failures);
		count++;
	}
	fclose(file);
	assert_int_equal(failures, 0);
	assert_int_equal(count, 347);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_cases),
	        cmocka_unit_test(test_forced_shape),
	        cmocka_unit_test(test_names),
	        cmocka_unit_test(test_samples),
	};

	return run_tests_with_scratch(tests);
}

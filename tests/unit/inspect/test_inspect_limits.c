/* SPDX-License-Identifier: Apache-2.0 */
/* Bad input and budgets: any bytes, any depth, any size; work that grows as the input does. */
#include "cases.h"
#include "inspect/inspect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "../../lib/scratch.h"

#define EVENT_MAX (6u * 1024u * 1024u)

static const struct gb_inspect_options no_options;

static struct gb_inspect_report inspect(const void *p, size_t n)
{
	struct gb_inspect_report report;

	gb_inspect_event(&no_options, gb_span_of(p, n), scratch, &report);
	return report;
}

/* PART again and again, in a block of exactly N bytes, which ends with TAIL. */
static char *filled(const char *head, const char *part, const char *tail, size_t n)
{
	char *p = malloc(n);
	size_t at = strlen(head), part_n = strlen(part), tail_n = strlen(tail);

	assert_non_null(p);
	memcpy(p, head, at);
	for (; at < n - tail_n; at++)
		p[at] = part[(at - strlen(head)) % part_n];
	memcpy(p + n - tail_n, tail, tail_n);
	return p;
}

static void test_huge_value(void **state)
{
	char *p = filled("{\"a\":\"", "lorem ipsum ", "; cat /etc/passwd #\"}", EVENT_MAX);
	struct gb_inspect_report report = inspect(p, EVENT_MAX);

	(void)state;
	assert_int_equal(report.finding_count, 1);
	assert_false(report.is_limited);
	free(p);
}

/* Escapes make a copy necessary; the copy does not fit, so it is made in windows. */
static void test_huge_escaped_value(void **state)
{
	char *p = filled("{\"a\":\"", "lorem\\u0020\\u0069psum ", "\\u003b cat /etc/passwd #\"}", EVENT_MAX);
	struct gb_inspect_report report = inspect(p, EVENT_MAX);

	(void)state;
	assert_int_equal(report.finding_count, 1);
	free(p);
}

static void test_depth(void **state)
{
	enum { DEPTH = 10000 };
	char *p = malloc(2 * DEPTH + 12);
	struct gb_inspect_report report;

	(void)state;
	assert_non_null(p);
	memset(p, '[', DEPTH);
	memcpy(p + DEPTH, "\"x;id -a;#ab\"", 12);
	p[DEPTH + 11] = '"';
	memset(p + DEPTH + 12, ']', DEPTH);
	report = inspect(p, 2 * DEPTH + 12);
	assert_true(report.is_limited);
	assert_int_equal(report.finding_count, 1);
	assert_int_equal(report.findings[0].attack_class, GB_CLASS_COMMAND_INJECTION);
	free(p);
}

static void test_no_json(void **state)
{
	static const unsigned char bytes[] = {0xff, 0xfe, 0x00, ';', 'i', 'd', ' ', '-', 'a', 0x00, 0xc3, 0x28};
	struct gb_inspect_report report = inspect(bytes, sizeof(bytes));

	(void)state;
	assert_int_equal(report.shape, GB_SHAPE_NOT_JSON);
	assert_int_equal(report.finding_count, 1);
	assert_int_equal(inspect("", 0).finding_count, 0);
	assert_int_equal(inspect("{", 1).shape, GB_SHAPE_NOT_JSON);
	assert_int_equal(inspect("\"", 1).finding_count, 0);
}

/* Layer upon layer of percent signs: cut off, and said so. */
static void test_too_many_layers(void **state)
{
	char text[64] = "\"x%2525252525252525252525252525252525253Bid\"";

	(void)state;
	assert_true(inspect(text, strlen(text)).is_limited);
}

static const char *const hard_parts[] = {
        "a",
        "\\\"",
        "$(",
        "`",
        "\"'",
        "../",
        "%25",
        "&amp;",
        "{\\\"a\\\":",
        "a=b&",
        "(",
        "for %a in (",
        "<<a\\n",
        ";a|b&",
        "\\\\u0041",
        "0x2e",
        "/..\\\\",
        "id;",
        "[",
        "%",
        "<<''\\n",
        "cmd /",
        "system('",
        "file:",
        "\\r",
        ";$",
        ";$a",
        "\\n$",
        ";$a b",
        "`$(",
        "=$(a",
        "{a,",
        "if a ",
        "%a in (",
        "/etc/a/",
        "a-",
        "\\n",
        "${a",
        "$((",
        "=",
        ";a\\n",
        "<(",
        "(a",
        "{{",
        "{{1+1}} aa bb ",
        "${'",
        "system(",
        "os.exec(",
        "require(",
        "\\\"system\\\"(",
        "<?php ",
        "<!--#",
        "constructor.",
        "__a__.",
        "@java.a",
        "$_GET[",
        "/*(",
        "eval/**/(",
        "#(\\n",
        "'\\\\'",
        "'or ",
        "'/*",
        "union ",
        "select(",
        " or 1=",
        "; if 1=1 ",
        "case when ",
        "'\\\\",
        "$$a",
        "<!ENTITY a \\\"",
        "<!ENTITY a '&b;",
        "<!ENTITY a 'bcdefg'>&a;",
        "<!DOCTYPE a PUBLIC '",
        "<a b='",
        "<a",
        "a[$ne",
        "$ne:",
        "$a",
        "'||",
        "; db.",
        ")(a",
        "(|(",
        "' or ",
        "')] | ",
        "a system('id') ",
        "new File('/a').b ",
        "a['b'+'c'](1);",
        "<a b=c></a d='>",
        "</title></style x=\"",
        "$a='system';",
        "#set($a=1)",
        "__pro__proto__",
        "constructor[",
        "<a xsi:schemaLocation='http://a.b http://c.d",
        "<!ATTLIST a CDATA",
        "```\nonx=a(",
};

/* The engine's budget. */
#define STEPS_PER_BYTE 12u
#define STEPS_MIN      (1u << 27)

/* Large enough that work beyond linear, which steps do not count, would run into the test's time limit. */
#define HARD_BYTES (CASES_ARE_SANITIZED ? 10000u : 300000u)

/* Twice the input, about twice the steps, whatever the input. */
static void test_linear(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(hard_parts) / sizeof(hard_parts[0]); i++) {
		/* Whole parts, or a cut one could end the string in another way. */
		const size_t n = 8 + strlen(hard_parts[i]) * (HARD_BYTES / strlen(hard_parts[i]));
		const size_t twice = 8 + 2 * (n - 8);
		char *one = filled("{\"a\":\"", hard_parts[i], "\"}", n),
		     *two = filled("{\"a\":\"", hard_parts[i], "\"}", twice);
		uint64_t steps_one = inspect(one, n).steps, steps_two = inspect(two, twice).steps;

		/* From some hundred KB on it goes in windows, which are looked at raw as well. */
		if (steps_two > steps_one * 7 / 2 + 10000)
			fail_msg("'%s': %llu steps for %zu bytes, %llu for twice as many", hard_parts[i],
			        (unsigned long long)steps_one, n, (unsigned long long)steps_two);
		assert_true(steps_two <= STEPS_PER_BYTE * twice + STEPS_MIN + twice);
		free(one);
		free(two);
	}
}

/* A megabyte and a half of a program's source in one string, as a bundle or an editor sends it, is read to its end. */
static void test_source_is_read(void **state)
{
	static const char part[] = "function labelOf(item, kinds) {\\n  // it's `plain` here; \\\"x\\\" is not\\n"
	                           "  const list = kinds.map((k) => k.name || 'none').filter(Boolean)\\n"
	                           "  if (!list.length && item['id'] !== null) { return \\\"no \\\" + item.id; }\\n"
	                           "  return list.join(', ').replace(/, ([^,]+)$/, ' or $1') /* last */\\n}\\n";
	const size_t n = CASES_ARE_SANITIZED ? 1u << 16 : 3u << 19;
	char *p = filled("{\"a\":\"", part, " \"}", n);
	struct gb_inspect_report report;

	(void)state;
	p[n - 4] = ' ';
	report = inspect(p, n);
	assert_int_not_equal(report.shape, GB_SHAPE_NOT_JSON);
	assert_int_equal(report.limits, 0);
	free(p);
}

/* What cost the most to look at before there was a budget: seconds of an event of the greatest size. */
static const char *const costly_parts[] = {"`", "\\\"", "'", "=`", "&'", "<)(", ")(>", "os.exec(", "require(", "$(${",
        "/x<a @", "'/*<a ", "=\\\"", "/*`", "\\n=", "http://", "<<=", "/*=*[=>$where"};

/* Whatever it holds, an event of the greatest size takes a part of a second: work on it is counted and ends. */
static void test_work_is_bounded(void **state)
{
	const size_t n = CASES_ARE_SANITIZED ? EVENT_MAX / 32 : EVENT_MAX;

	(void)state;
	for (size_t i = 0; i < sizeof(costly_parts) / sizeof(costly_parts[0]); i++) {
		char *p = filled("{\"a\":\"", costly_parts[i], "\"}", n);
		struct timespec from, to;
		struct gb_inspect_report report;
		int64_t time;

		/* A part that is cut could escape the quote at the end. */
		p[n - 3] = ' ';
		p[n - 4] = ' ';
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
		report = inspect(p, n);
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
		time = (to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000;
		free(p);
		/* A pass of a detector is counted when it is done. */
		if (report.steps > STEPS_PER_BYTE * n + STEPS_MIN + n)
			fail_msg("'%s': %llu steps", costly_parts[i], (unsigned long long)report.steps);
		/* Six times what it takes where this was written. */
		if (time > 6000)
			fail_msg("'%s': %lld ms", costly_parts[i], (long long)time);
	}
}

/* Shapes that made a detector look at all of the text again for each of their bytes, and their like. */
static const char *const repeated_parts[] = {";>", "<;", "A}+", "~&<", "<%&", "|<|", ">);", "%+`", "?`", "'", "&'",
        "=\"", "${", "$(", "((", "<<", "../", "__", ";/a", "a b ", "\n ;", "ey.", "//", "#-"};

/* Of this thread alone, the least of a few: other work on the machine hardly shows. */
static uint64_t least_time(struct gb_span text)
{
	static const struct gb_inspect_options options;
	uint64_t least = UINT64_MAX;

	for (unsigned pass = 0; pass < 3; pass++) {
		struct gb_inspect_report report;
		struct timespec from, to;
		uint64_t time;

		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
		gb_inspect_value(&options, text, scratch, &report);
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
		time = (uint64_t)((to.tv_sec - from.tv_sec) * 1000000000 + to.tv_nsec - from.tv_nsec);
		if (time < least)
			least = time;
	}
	return least;
}

/* Eight times the text takes eight times as long; 64 times where the work is quadratic. */
static void test_time_is_linear(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(repeated_parts) / sizeof(repeated_parts[0]); i++) {
		enum { BYTES = 6144 };
		char *p = filled("", repeated_parts[i], "", 8 * BYTES);
		uint64_t one = least_time(gb_span_of(p, BYTES)), eight = least_time(gb_span_of(p, 8 * BYTES));

		free(p);
		if (eight > 24 * one + 2000000)
			fail_msg("'%s': %llu ns for %d bytes, %llu for eight times as many", repeated_parts[i],
			        (unsigned long long)one, BYTES, (unsigned long long)eight);
	}
}

static void count_string(void *context, const struct gb_inspect_string *string)
{
	size_t *count = context;

	assert_true(gb_inspect_string_path(string).n != 0);
	*count += 1;
}

static void test_strings_are_told(void **state)
{
	static const char event[] = "{\"queryStringParameters\":{\"a\":\"b\"},\"n\":1,\"m\":\"x%20y\"}";
	size_t count = 0;
	struct gb_inspect_options options = {.on_string = count_string, .context = &count};
	struct gb_inspect_report report;

	(void)state;
	gb_inspect_event(&options, gb_span_cstr(event), scratch, &report);
	/* Four keys, two values, one of them once more decoded. */
	assert_int_equal(count, 7);
}

static void test_source_address(void **state)
{
	static const struct {
		const char *event;
		enum gb_event_shape shape;
		const char *address;
	} rows[] = {
	        {"{\"httpMethod\":\"GET\",\"requestContext\":{\"identity\":{\"sourceIp\":\"192.0.2.1\"}}}",
	                GB_SHAPE_API_GATEWAY_V1, "192.0.2.1"},
	        {"{\"requestContext\":{\"http\":{\"sourceIp\":\"192.0.2.2\"}}}", GB_SHAPE_API_GATEWAY_V2, "192.0.2.2"},
	        {"{\"requestContext\":{\"elb\":{}},\"headers\":{\"x-forwarded-for\":\"10.0.0.1, 192.0.2.3\"}}",
	                GB_SHAPE_ALB, "192.0.2.3"},
	        {"{\"Records\":[{\"requestParameters\":{\"sourceIPAddress\":\"192.0.2.4\"},\"s3\":{}}]}", GB_SHAPE_S3,
	                "192.0.2.4"},
	        {"{\"Records\":[{\"body\":\"{\\\"sourceIp\\\":\\\"x\\\"}\"}]}", GB_SHAPE_SQS, ""},
	        {"{\"Records\":[{\"Sns\":{\"Message\":\"m\"}}]}", GB_SHAPE_SNS, ""},
	        {"{\"detail-type\":\"x\"}", GB_SHAPE_EVENTBRIDGE, ""},
	        {"{\"headers\":{\"x-forwarded-for\":\"10.0.0.1\"}}", GB_SHAPE_OTHER, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct gb_inspect_report report = inspect(rows[i].event, strlen(rows[i].event));

		assert_string_equal(gb_inspect_shape_name(report.shape), gb_inspect_shape_name(rows[i].shape));
		assert_true(gb_span_equal(report.source_ip, gb_span_cstr(rows[i].address)));
	}
}

static void test_classes_can_be_left_out(void **state)
{
	struct gb_inspect_options options = {.classes = 1u << GB_CLASS_FILE_INCLUSION};
	struct gb_inspect_report report;

	(void)state;
	gb_inspect_value(&options, GB_SPAN("x; cat /etc/passwd"), scratch, &report);
	assert_int_equal(report.finding_count, 0);
	gb_inspect_value(&options, GB_SPAN("../../../etc/passwd"), scratch, &report);
	assert_int_equal(report.finding_count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_huge_value),
	        cmocka_unit_test(test_huge_escaped_value),
	        cmocka_unit_test(test_depth),
	        cmocka_unit_test(test_no_json),
	        cmocka_unit_test(test_too_many_layers),
	        cmocka_unit_test(test_linear),
	        cmocka_unit_test(test_time_is_linear),
	        cmocka_unit_test(test_source_is_read),
	        cmocka_unit_test(test_work_is_bounded),
	        cmocka_unit_test(test_strings_are_told),
	        cmocka_unit_test(test_source_address),
	        cmocka_unit_test(test_classes_can_be_left_out),
	};

	return run_tests_with_scratch(tests);
}

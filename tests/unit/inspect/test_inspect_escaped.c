/* SPDX-License-Identifier: Apache-2.0 */
/* JSON in a string, too long to be decoded as a whole: judged as the same JSON that is short. */
#include "inspect/engine.h"
#include "inspect/inspect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../lib/scratch.h"

#define LONG_BYTES  (2u * ARENA_BYTES)
#define SHORT_BYTES 4096u
#define ROOM        (8u * LONG_BYTES)

static char document[ROOM], event[ROOM];

static const char honest[] = "{\"id\": 17, \"is\\u0056ip\": true, \"rest\": null, \"total\": -1.5e3,\n\t\"title\": \"A "
                             "\\\"small\\\" thing, 3\\\\4 "
                             "\\u00e9 \\ud83d\\ude00\", \"tags\": [\"or\", \"select\", \"\", \"don't\", \"it's 1=1\"]}";

/* As a string of JSON; result: bytes written. */
static size_t escape(const char *text, size_t n, char *to)
{
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		const char c = text[i];

		if (c == '"' || c == '\\' || c == '\n' || c == '\t')
			to[used++] = '\\';
		to[used++] = c == '\n' ? 'n' : c == '\t' ? 't' : c;
	}
	return used;
}

/* An event whose body is BEFORE, honest members up to BYTES, with MEMBER among them, BEHIND. */
static struct gb_inspect_report inspect(const char *before, const char *member, const char *behind, size_t bytes)
{
	struct gb_inspect_report report;
	size_t n = 0, m = 0;

	n += (size_t)snprintf(document, sizeof(document), "%s", before);
	while (n < bytes)
		n += (size_t)snprintf(document + n, sizeof(document) - n, "%s, ", honest);
	if (member != NULL)
		n += (size_t)snprintf(document + n, sizeof(document) - n, "%s, ", member);
	for (size_t end = n + bytes; n < end;)
		n += (size_t)snprintf(document + n, sizeof(document) - n, "%s, ", honest);
	n += (size_t)snprintf(document + n, sizeof(document) - n, "%s%s", honest, behind);
	m += (size_t)snprintf(event, sizeof(event), "{\"version\":\"2.0\",\"body\":\"");
	m += escape(document, n, event + m);
	m += (size_t)snprintf(event + m, sizeof(event) - m, "\"}");
	gb_inspect_event(NULL, gb_span_of(event, m), scratch, &report);
	return report;
}

static void honest_ones_pass(void **state)
{
	struct gb_inspect_report brief = inspect("[", NULL, "]", SHORT_BYTES),
	                         report = inspect("[", NULL, "]", LONG_BYTES);

	(void)state;
	assert_int_equal(report.finding_count, 0);
	assert_false(report.is_limited);
	/* As much work a byte. */
	assert_in_range(report.steps / (LONG_BYTES / SHORT_BYTES), brief.steps / 2, brief.steps * 3 / 2);
}

static void attacks_are_found_as_in_short_ones(void **state)
{
	static const struct {
		const char *member, *class_code;
		enum gb_origin origin;
	} rows[] = {
	        {"{\"name\": \"x' OR '1'='1' -- \"}", "sqli", GB_ORIGIN_BODY},
	        {"{\"name\": \"\\u0078\\u0027 OR 1=1 -- \"}", "sqli", GB_ORIGIN_BODY},
	        {"{\"user\": {\"$ne\": null}}", "nosqli", GB_ORIGIN_KEY},
	        {"{\"user\": {\"\\u0024ne\" \n : null}}", "nosqli", GB_ORIGIN_KEY},
	        {"{\"note\": \"said \\\"hi\\\"<img src=x onerror=\\\"alert(1)\\\">\"}", "xss", GB_ORIGIN_BODY},
	        {"{\"file\": \"..\\\\..\\\\..\\\\windows\\\\win.ini\"}", "lfi", GB_ORIGIN_BODY},
	        {"{\"file\": \"..\\/..\\/..\\/etc\\/passwd\"}", "lfi", GB_ORIGIN_BODY},
	        {"[\"a\", \"; cat /etc/shadow\\n\"]", "cmdi", GB_ORIGIN_BODY},
	        {"[\"%27%20UNION%20SELECT%20password%20FROM%20users--\"]", "sqli", GB_ORIGIN_BODY},
	        {"[\"{\\\"$where\\\": \\\"sleep(1000)\\\"}\"]", "nosqli", GB_ORIGIN_KEY},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct gb_inspect_report brief = inspect("[", rows[i].member, "]", SHORT_BYTES);
		enum gb_attack_class wanted = gb_inspect_class_of_code(gb_span_cstr(rows[i].class_code));
		struct gb_inspect_report report;

		assert_true(brief.finding_count >= 1);
		assert_int_equal(brief.findings[0].attack_class, wanted);
		report = inspect("[", rows[i].member, "]", LONG_BYTES);
		if (report.finding_count != brief.finding_count || report.findings[0].attack_class != wanted ||
		        report.findings[0].origin != rows[i].origin)
			fail_msg("%s: %zu findings, the first of origin %d", rows[i].member, report.finding_count,
			        report.finding_count != 0 ? (int)report.findings[0].origin : -1);
		assert_string_equal(report.findings[0].reason, brief.findings[0].reason);
	}
}

/* Text that only begins so is judged as text: nothing can hide between strings. */
static void what_is_no_json_hides_nothing(void **state)
{
	static const struct {
		const char *before, *member, *behind;
	} rows[] = {
	        {"[", "<script>alert(document.cookie)</script>", "]"},
	        {"[", NULL, "] ; <script>alert(document.cookie)</script>"},
	        {"[", NULL, "<script>alert(document.cookie)</script>]"},
	        {"{", "x\" : \"<script>alert(document.cookie)</script>", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct gb_inspect_report report = inspect(rows[i].before, rows[i].member, rows[i].behind, LONG_BYTES);

		if (report.finding_count == 0 && !report.is_limited)
			fail_msg("row %zu passes", i);
	}
}

static void form_is_told(void **state)
{
	static const struct {
		const char *raw;
		bool is_json;
	} rows[] = {
	        {"{}", true},
	        {" [ ] ", true},
	        {"\\n{\\t\\\"a\\\" : [1, -2.5e+3, true, false, null, \\\"b\\\"]}\\r", true},
	        {"[\\\"a \\\\\\\" b\\\"]", true},
	        {"[\\\"a \\\\\\\\\\\"]", true},
	        {"[\\u0022a\\u0022]", true},
	        {"[\\\"; <script>\\\"]", true},
	        {"", false},
	        {"\\\"a\\\"", false},
	        {"1", false},
	        {"[", false},
	        {"]", false},
	        {"[]]", false},
	        {"[] []", false},
	        {"[] x", false},
	        {"[or]", false},
	        {"[truefalse]", false},
	        {"['a']", false},
	        {"[\\\"a]", false},
	        {"[\\\"a\\\\\\\"]", false},
	        {"[1;2]", false},
	        {"[\\u0000]", false},
	        {"[\\b]", false},
	        {"[\\", false},
	        {"[\\\"\\\\", false},
	        {"[\\u00", false},
	        {"[\xc3\xa9]", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		/* Of its own size, so that a sanitizer sees a byte too much. */
		size_t n = strlen(rows[i].raw);
		char *raw = malloc(n == 0 ? 1 : n);

		assert_non_null(raw);
		memcpy(raw, rows[i].raw, n);
		if (gb_engine_is_escaped_json(gb_span_of(raw, n)) != rows[i].is_json)
			fail_msg("%s", rows[i].raw);
		free(raw);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(honest_ones_pass),
	        cmocka_unit_test(attacks_are_found_as_in_short_ones), cmocka_unit_test(what_is_no_json_hides_nothing),
	        cmocka_unit_test(form_is_told)};

	return run_tests_with_scratch(tests);
}

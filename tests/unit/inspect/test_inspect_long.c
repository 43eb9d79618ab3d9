/* SPDX-License-Identifier: Apache-2.0 */
/* JSON in a string, or in base64, too long to be decoded as a whole: judged as the same JSON that is short. */
#include "base/base64.h"
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

#define LONG_BYTES  ARENA_BYTES
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

static size_t encode(const char *text, size_t n, char *to)
{
	struct gb_text out = gb_text_on(to, ROOM / 2);

	gb_base64_add_url(&out, gb_span_of(text, n));
	assert_false(out.truncated);
	return out.n;
}

/* How the document comes as a body. */
enum form { ESCAPED, ENCODED, FORMS };

/* An event whose body is BEFORE, honest members up to BYTES, MEMBER, as many honest ones, BEHIND. */
static struct gb_inspect_report inspect(
        enum form form, const char *before, const char *member, const char *behind, size_t bytes)
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
	m += (size_t)snprintf(event, sizeof(event), "{\"version\":\"2.0\",\"isBase64Encoded\":%s,\"body\":\"",
	        form == ENCODED ? "true" : "false");
	m += form == ENCODED ? encode(document, n, event + m) : escape(document, n, event + m);
	m += (size_t)snprintf(event + m, sizeof(event) - m, "\"}");
	gb_inspect_event(NULL, gb_span_of(event, m), scratch, &report);
	return report;
}

static void honest_ones_pass(void **state)
{
	(void)state;
	for (enum form form = 0; form < FORMS; form++) {
		struct gb_inspect_report brief = inspect(form, "[", NULL, "]", SHORT_BYTES),
		                         report = inspect(form, "[", NULL, "]", LONG_BYTES);

		assert_int_equal(report.finding_count, 0);
		assert_false(report.is_limited);
		/* As much work a byte. */
		assert_in_range(report.steps / (LONG_BYTES / SHORT_BYTES), brief.steps / 2, brief.steps * 2);
	}
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
	for (size_t i = 0; i < FORMS * sizeof(rows) / sizeof(rows[0]); i++) {
		const char *member = rows[i / FORMS].member;
		struct gb_inspect_report brief = inspect(i % FORMS, "[", member, "]", SHORT_BYTES), report;
		enum gb_attack_class wanted = gb_inspect_class_of_code(gb_span_cstr(rows[i / FORMS].class_code));

		assert_true(brief.finding_count >= 1);
		assert_int_equal(brief.findings[0].attack_class, wanted);
		report = inspect(i % FORMS, "[", member, "]", LONG_BYTES);
		if (report.finding_count != brief.finding_count || report.findings[0].attack_class != wanted ||
		        report.findings[0].origin != rows[i / FORMS].origin)
			fail_msg("form %zu, %s: %zu findings, the first of origin %d", i % FORMS, member,
			        report.finding_count, report.finding_count != 0 ? (int)report.findings[0].origin : -1);
		assert_string_equal(report.findings[0].reason, brief.findings[0].reason);
	}
}

/* Wherever in a member a window of base64 ends; some strings are longer than a window. */
static void borders_hide_nothing_and_cut_nothing(void **state)
{
	static const char attack[] = "{\"name\": \"x' OR '1'='1' -- \"}";
	static char text[8 * WINDOW_BYTES];

	(void)state;
	for (size_t i = 0; i < 28; i++) {
		struct gb_inspect_report report;
		size_t n = i < 20 ? 3 + i * 10 : (i - 19) * WINDOW_BYTES * 2 / 3;

		(void)snprintf(text, sizeof(text), "[\"%0*d\", ", (int)n, 0);
		assert_int_equal(inspect(ENCODED, text, NULL, "]", LONG_BYTES).finding_count, 0);
		report = inspect(ENCODED, text, attack, "]", LONG_BYTES);
		if (report.finding_count != 1 || report.is_limited)
			fail_msg("a string of %zu bytes: %zu findings%s", n, report.finding_count,
			        report.is_limited ? ", cut off" : "");
	}
}

/* Text that only begins so is judged as text: nothing can hide between strings. */
static void what_is_no_json_hides_nothing(void **state)
{
	static const struct {
		const char *before, *member, *behind;
	} rows[] = {
	        {"[", "<img src=x onerror=alert(document.cookie)>", "]"},
	        {"[", "'a', <img src=x onerror=alert(document.cookie)>", "]"},
	        {"[", NULL, "] ; <img src=x onerror=alert(document.cookie)>"},
	        {"[", NULL, "<img src=x onerror=alert(document.cookie)>]"},
	        {"{", "x\" : \"<img src=x onerror=alert(document.cookie)>", ""},
	};

	(void)state;
	for (size_t i = 0; i < FORMS * sizeof(rows) / sizeof(rows[0]); i++) {
		size_t row = i / FORMS;
		struct gb_inspect_report report =
		        inspect(i % FORMS, rows[row].before, rows[row].member, rows[row].behind, LONG_BYTES);

		if (report.finding_count == 0 && report.cited_count == 0)
			fail_msg("row %zu, form %zu passes", row, i % FORMS);
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
	        cmocka_unit_test(attacks_are_found_as_in_short_ones),
	        cmocka_unit_test(borders_hide_nothing_and_cut_nothing), cmocka_unit_test(what_is_no_json_hides_nothing),
	        cmocka_unit_test(form_is_told)};

	return run_tests_with_scratch(tests);
}

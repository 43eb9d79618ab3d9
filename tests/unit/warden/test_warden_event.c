/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/inspect.h"
#include "wire/event.h"
#include "wire/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct string_row {
	const char *name;
	struct gb_span given;
	const char *want;
	size_t shown;
} string_rows[] = {
        {"plain", {(const unsigned char *)"ab", 2}, "\"ab\"", 2},
        {"empty", {NULL, 0}, "\"\"", 0},
        {"quotes", {(const unsigned char *)"a\"\\/", 4}, "\"a\\\"\\\\/\"", 4},
        {"control", {(const unsigned char *)"\n\r\t\0\x1f\x7f", 6}, "\"\\n\\r\\t\\u0000\\u001f\x7f\"", 6},
        {"two bytes", {(const unsigned char *)"\xc3\xa9", 2}, "\"\xc3\xa9\"", 2},
        {"four bytes", {(const unsigned char *)"\xf0\x9f\x92\xa9", 4}, "\"\xf0\x9f\x92\xa9\"", 4},
        {"lone continuation", {(const unsigned char *)"a\x80z", 3}, "\"a\\ufffdz\"", 5},
        {"cut sequence", {(const unsigned char *)"\xe2\x82", 2}, "\"\\ufffd\\ufffd\"", 6},
        {"overlong", {(const unsigned char *)"\xc0\xaf", 2}, "\"\\ufffd\\ufffd\"", 6},
        {"overlong three", {(const unsigned char *)"\xe0\x80\xaf", 3}, "\"\\ufffd\\ufffd\\ufffd\"", 9},
        {"surrogate", {(const unsigned char *)"\xed\xa0\x80", 3}, "\"\\ufffd\\ufffd\\ufffd\"", 9},
        {"past the end of Unicode", {(const unsigned char *)"\xf4\x90\x80\x80", 4}, "\"\\ufffd\\ufffd\\ufffd\\ufffd\"",
                12},
};

static void strings(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(string_rows) / sizeof(string_rows[0]); i++) {
		const struct string_row *row = &string_rows[i];
		char buffer[64];
		struct gb_text text = gb_text_on(buffer, sizeof(buffer));
		size_t n = strlen(row->want);

		gb_json_add_string(&text, row->given);
		if (text.n != n || memcmp(text.p, row->want, n) != 0 || gb_json_shown_bytes(row->given) != row->shown)
			fail_msg("%s: %.*s", row->name, (int)text.n, text.p);
		/* One byte less is not enough, and then there is nothing. */
		text = gb_text_on(buffer, n - 1);
		gb_json_add_string(&text, row->given);
		if (!text.truncated || text.n != 0)
			fail_msg("%s: not all or nothing", row->name);
		if (gb_json_fit(row->given, n - 2).n != row->given.n ||
		        (n > 2 && gb_json_fit(row->given, n - 3).n >= row->given.n))
			fail_msg("%s: fit", row->name);
	}
}

static const struct gb_event_scene start_up = {.is_init = true};

static void expect(struct gb_text *text, const char *want)
{
	if (text->truncated || text->n != strlen(want) || memcmp(text->p, want, text->n) != 0)
		fail_msg("\n%.*s wanted\n%s", (int)text->n, text->p, want);
}

static void start_line(void **state)
{
	char buffer[GB_EVENT_LINE_MAX];
	struct gb_text text = gb_text_on(buffer, sizeof(buffer));
	struct gb_event_head head = {.seq = 0, .time_ms = 951782399999u};
	struct gb_event_start start = {.version = "1.2.3",
	        .mode = "block",
	        .stance = "open",
	        .policy_state = "loaded",
	        .policy_name = GB_SPAN("p"),
	        .policy_serial = 7,
	        .has_sensor = true,
	        .runtime = GB_SPAN("/bin/x")};

	(void)state;
	gb_event_write_start(&text, &head, &start);
	expect(&text, "{\"gambeson\":1,\"kind\":\"start\",\"seq\":0,\"time\":\"2000-02-28T23:59:59.999Z\",\"version\":"
	              "\"1.2.3\","
	              "\"mode\":\"block\",\"stance\":\"open\",\"observe\":false,\"policy\":{\"state\":\"loaded\","
	              "\"name\":\"p\","
	              "\"serial\":7},\"tiers\":{\"firewall\":false,\"sensor\":true,\"input_sealed\":false},\"runtime\":"
	              "\"/bin/x\"}\n");
}

static void finding_line(void **state)
{
	char buffer[GB_EVENT_LINE_MAX];
	struct gb_text text = gb_text_on(buffer, sizeof(buffer));
	struct gb_event_head head = {.seq = 3, .time_ms = 1582934400001u, .request = GB_SPAN("r-1")};
	struct gb_event_finding finding = {.type = "Command Injection Attack",
	        .attack_class = "cmdi",
	        .control = "flow",
	        .action = "blocked",
	        .mode = "block",
	        .severity = "critical",
	        .reason = "flow_shell_command",
	        .message = GB_SPAN("`q.u` tried to make the shell run `env`"),
	        .attack = "T1059.004",
	        .cwe = 78,
	        .source_ip = GB_SPAN("1.2.3.4"),
	        .input = {.is_present = true,
	                .path = GB_SPAN("q.u"),
	                .origin = "query",
	                .value = GB_SPAN("\xff;env"),
	                .from = 1,
	                .length = 4},
	        .activity = {.is_present = true,
	                .kind = "process_start",
	                .subject = GB_SPAN("/bin/sh"),
	                .arguments = GB_SPAN("sh\0-c\0curl ;env\0"),
	                .pid = 9}};

	(void)state;
	memset(finding.id, 'X', sizeof(finding.id));
	gb_event_write_finding(&text, &head, &finding);
	expect(&text,
	        "{\"gambeson\":1,\"kind\":\"finding\",\"seq\":3,\"time\":\"2020-02-29T00:00:00.001Z\",\"request\":\"r-"
	        "1\","
	        "\"id\":\"XXXXXXXXXXXXXXXXXXXXXXXXXX\",\"type\":\"Command Injection Attack\",\"class\":\"cmdi\","
	        "\"control\":\"flow\",\"action\":\"blocked\",\"mode\":\"block\",\"severity\":\"critical\","
	        "\"reason\":\"flow_shell_command\",\"message\":\"`q.u` tried to make the shell run `env`\","
	        "\"input\":{\"path\":\"q.u\",\"origin\":\"query\",\"value\":\"\\ufffd;env\",\"from\":3,\"length\":4},"
	        "\"activity\":{\"kind\":\"process_start\",\"subject\":\"/bin/sh\",\"arguments\":[\"sh\",\"-c\",\"curl "
	        ";env\"],"
	        "\"pid\":9},\"attack\":[\"T1059.004\"],\"cwe\":78,\"source_ip\":\"1.2.3.4\"}\n");
}

static void rule_in_a_line(void **state)
{
	char buffer[GB_EVENT_LINE_MAX];
	struct gb_text text = gb_text_on(buffer, sizeof(buffer));
	struct gb_event_head head = {.seq = 3};
	struct gb_event_finding finding = {.type = "File Event",
	        .attack_class = "file_read",
	        .control = "rule",
	        .action = "blocked",
	        .mode = "block",
	        .severity = "high",
	        .reason = "rule_denies",
	        .rule = {.name = GB_SPAN("no \"passwords\""), .reason = GB_SPAN("audit")}};

	(void)state;
	memset(finding.id, 'X', sizeof(finding.id));
	gb_event_write_finding(&text, &head, &finding);
	assert_non_null(
	        memmem(text.p, text.n, ",\"rule\":{\"name\":\"no \\\"passwords\\\"\",\"reason\":\"audit\"}", 51));
}

/* Whatever is put in, the line is whole and no longer than a pipe takes at once. */
static void longest_line(void **state)
{
	static unsigned char huge[20000];
	struct gb_span all = gb_span_of(huge, sizeof(huge));
	static const unsigned char fills[] = {'a', '"', 0x01, 0xff};
	struct gb_span many[GB_EVENT_AMONG_MAX];
	struct gb_event_process above[GB_EVENT_PROCESSES_MAX];

	(void)state;
	for (size_t i = 0; i < GB_EVENT_PROCESSES_MAX; i++)
		above[i] = (struct gb_event_process){.pid = UINT32_MAX, .path = all, .arguments = all};
	for (size_t i = 0; i < GB_EVENT_AMONG_MAX; i++)
		many[i] = all;
	for (size_t f = 0; f < sizeof(fills); f++) {
		for (size_t from = 0; from < sizeof(huge); from += 1111) {
			char buffer[GB_EVENT_LINE_MAX];
			struct gb_text text = gb_text_on(buffer, sizeof(buffer));
			struct gb_event_head head = {.seq = UINT64_MAX,
			        .time_ms = 4102444800000u,
			        .request = all,
			        .sandbox = GB_SPAN("0123456789abcdef")};
			struct gb_event_finding finding = {.type = "Command Injection Attack",
			        .attack_class = "cmdi",
			        .control = "allowlist",
			        .action = "observed",
			        .mode = "detect",
			        .severity = "critical",
			        .reason = "flow_shell_substitution",
			        .message = all,
			        .attack = "T1059.004",
			        .cwe = 65535,
			        .source_ip = all,
			        .rule = {.name = all, .reason = all},
			        .processes = above,
			        .process_count = GB_EVENT_PROCESSES_MAX,
			        .among = many,
			        .among_count = from % 2 == 0 ? GB_EVENT_AMONG_MAX : 0,
			        .input = {.is_present = true,
			                .path = all,
			                .origin = "object_key",
			                .value = all,
			                .from = from,
			                .length = 5000},
			        .activity = {.is_present = true,
			                .kind = "memory_executable",
			                .subject = all,
			                .object = all,
			                .arguments = all,
			                .pid = UINT32_MAX}};

			memset(huge, fills[f], sizeof(huge));
			memset(finding.id, 'X', sizeof(finding.id));
			gb_event_write_finding(&text, &head, &finding);
			if (text.truncated || memcmp(text.p + text.n - 2, "}\n", 2) != 0)
				fail_msg("fill %zu from %zu: %zu bytes", f, from, text.n);
			/* The beginning of the evidence is always in the window. */
			assert_non_null(memmem(text.p, text.n, "\"cut\":true", 10));
			assert_null(memmem(text.p, text.n, "\"length\":0", 10));
		}
	}
}

/* An item alone fits behind whatever stands before it. */
static void longest_observation(void **state)
{
	static unsigned char huge[20000];
	struct gb_span all = gb_span_of(huge, sizeof(huge)), many[GB_EVENT_AMONG_MAX];
	struct gb_event_head head = {
	        .seq = UINT64_MAX, .time_ms = 4102444800000u, .request = all, .sandbox = GB_SPAN("0123456789abcdef")};
	struct gb_event_scene scene = {.invocations = UINT64_MAX,
	        .shape = "appsync_authorizer",
	        .source_ip = all,
	        .among = many,
	        .among_count = GB_EVENT_AMONG_MAX};
	struct gb_event_activity item = {.kind = "memory_executable", .subject = all, .object = all, .arguments = all};
	char buffer[GB_EVENT_LINE_MAX];
	struct gb_text text = gb_text_on(buffer, sizeof(buffer));

	(void)state;
	memset(huge, '"', sizeof(huge));
	for (size_t i = 0; i < GB_EVENT_AMONG_MAX; i++)
		many[i] = all;
	gb_event_observations_begin(&text, &head, &scene);
	assert_true(gb_event_observations_add(&text, &item, UINT32_MAX));
	gb_event_observations_end(&text);
	assert_false(text.truncated);
	assert_memory_equal(text.p + text.n - 4, "}]}\n", 4);
}

/* All shapes at once, each as often as can be. */
static void longest_progress(void **state)
{
	struct gb_event_shape_count counts[_GB_SHAPE_MAX];
	struct gb_event_head head = {.seq = UINT64_MAX, .sandbox = GB_SPAN("0123456789abcdef")};
	char buffer[GB_EVENT_LINE_MAX];
	struct gb_text text = gb_text_on(buffer, sizeof(buffer));

	(void)state;
	for (unsigned i = 0; i < _GB_SHAPE_MAX; i++)
		counts[i] = (struct gb_event_shape_count){gb_inspect_shape_name((enum gb_event_shape)i), UINT64_MAX};
	gb_event_write_progress(&text, &head, UINT64_MAX, counts, _GB_SHAPE_MAX);
	assert_false(text.truncated);
	assert_memory_equal(text.p + text.n - 3, "}}\n", 3);
}

static const struct cut_row {
	const char *name;
	size_t subject, object, argument; /* bytes of each */
	unsigned count;                   /* arguments */
	bool is_marked, is_cut;
} cut_rows[] = {
        {"short", 10, 10, 10, 3, false, false},
        {"nothing but a subject", 10, 0, 0, 0, false, false},
        {"cut before", 10, 0, 10, 3, true, true},
        {"as long a subject as fits", 300, 0, 0, 0, false, false},
        {"a longer subject", 301, 0, 0, 0, false, true},
        {"a longer object", 10, 301, 0, 0, false, true},
        {"one longer argument", 10, 0, 600, 1, false, true},
        {"as many arguments as fit", 10, 0, 10, 40, false, false},
        {"more arguments", 10, 0, 10, 60, false, true},
};

static void what_is_cut_says_so(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cut_rows) / sizeof(cut_rows[0]); i++) {
		const struct cut_row *row = &cut_rows[i];
		char buffer[GB_EVENT_LINE_MAX], filler[600], arguments[60 * 11 + 601];
		struct gb_text text = gb_text_on(buffer, sizeof(buffer)),
		               list = gb_text_on(arguments, sizeof(arguments));
		struct gb_event_activity item = {.kind = "process_start", .is_cut = row->is_marked};
		struct gb_event_head head = {.seq = 1};

		memset(filler, 'x', sizeof(filler));
		item.subject = gb_span_of(filler, row->subject);
		item.object = gb_span_of(filler, row->object);
		for (unsigned k = 0; k < row->count; k++) {
			gb_text_add(&list, gb_span_of(filler, row->argument));
			gb_text_add(&list, gb_span_of("", 1));
		}
		assert_false(list.truncated);
		item.arguments = gb_text_span(&list);
		gb_event_observations_begin(&text, &head, &start_up);
		assert_true(gb_event_observations_add(&text, &item, 1));
		gb_event_observations_end(&text);
		if ((memmem(text.p, text.n, "\"cut\":true", 10) != NULL) != row->is_cut)
			fail_msg("%s: %.*s", row->name, (int)text.n, text.p);
	}
}

static void observations_are_split_without_loss(void **state)
{
	char buffer[GB_EVENT_LINE_MAX], name[32];
	struct gb_text text;
	struct gb_event_head head = {.seq = 1};
	unsigned lines = 0, items = 0, at = 0;

	(void)state;
	while (at < 500) {
		text = gb_text_on(buffer, sizeof(buffer));
		gb_event_observations_begin(&text, &head, &start_up);
		for (; at < 500; at++) {
			struct gb_event_activity item = {.kind = "file_read"};

			item.subject = gb_span_of(name, (size_t)snprintf(name, sizeof(name), "/file/%u", at));
			if (!gb_event_observations_add(&text, &item, 1))
				break;
			items++;
		}
		gb_event_observations_end(&text);
		assert_false(text.truncated);
		assert_memory_equal(text.p + text.n - 4, "}]}\n", 4);
		assert_null(memmem(text.p, text.n, ",]", 2));
		lines++;
	}
	assert_int_equal(items, 500);
	assert_true(lines > 3 && lines < 10);
}

static void ulid(void **state)
{
	static const unsigned char ones[10] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	static const unsigned char counting[10] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x01, 0x23};
	char id[GB_EVENT_ULID_BYTES];

	(void)state;
	gb_event_ulid(281474976710655u, ones, id);
	assert_memory_equal(id, "7ZZZZZZZZZZZZZZZZZZZZZZZZZ", sizeof(id));
	gb_event_ulid(1469918176385u, counting, id);
	assert_memory_equal(id, "01ARYZ6S41", 10);
	assert_memory_equal(id + 10, "04HMASW9NF6YY093", 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(strings),
	        cmocka_unit_test(start_line),
	        cmocka_unit_test(finding_line),
	        cmocka_unit_test(rule_in_a_line),
	        cmocka_unit_test(longest_line),
	        cmocka_unit_test(longest_observation),
	        cmocka_unit_test(longest_progress),
	        cmocka_unit_test(what_is_cut_says_so),
	        cmocka_unit_test(observations_are_split_without_loss),
	        cmocka_unit_test(ulid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

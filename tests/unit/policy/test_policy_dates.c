/* SPDX-License-Identifier: Apache-2.0 */
/* What expires, and what begins: as of the moment of the policy, without it being compiled again. */
#include "policy/firewall.h"
#include "policy/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "judge.h"

#define DAY    86400u
#define BEFORE (20788u * DAY) /* 2026-12-01 */
#define ENDS   (20789u * DAY) /* 2026-12-02, of what expires 2026-12-01 */

static const struct expiry_row {
	const char *entry; /* of a rule that forbids ACTIVITY */
	struct gb_activity activity;
} expiry_rows[] = {
        {"files: {read: [/a/b]}", {.kind = GB_ACTIVITY_FILE_READ, .subject = {(const void *)"/a/b", 4}}},
        {"files: {any: [\"/a/*\"]}", {.kind = GB_ACTIVITY_FILE_WRITE, .subject = {(const void *)"/a/b", 4}}},
        {"files: {map: [{regex: \"/a/[b-d]\"}]}",
                {.kind = GB_ACTIVITY_LIBRARY_MAP, .subject = {(const void *)"/a/b", 4}}},
        {"files: {write: [/x, /a]}", {.kind = GB_ACTIVITY_FILE_RENAME,
                                             .subject = {(const void *)"/a", 2},
                                             .object = {(const void *)"/x", 2}}},
        {"processes: [/bin/x]", {.kind = GB_ACTIVITY_PROCESS_START,
                                        .subject = {(const void *)"/bin/x", 6},
                                        .arguments = {(const void *)"x", 2}}},
        {"commands: [\"ls -l <path>\"]", {.kind = GB_ACTIVITY_PROCESS_START,
                                                 .subject = {(const void *)"/bin/ls", 7},
                                                 .arguments = {(const void *)"ls\0-l\0/tmp", 11}}},
        {"commands: [{regex: \"ls -l\"}]", {.kind = GB_ACTIVITY_PROCESS_START,
                                                   .subject = {(const void *)"/bin/dash", 9},
                                                   .arguments = {(const void *)"sh\0-c\0ls -l", 12}}},
        {"addresses: [\"10.0.0.0/8:80\"]",
                {.kind = GB_ACTIVITY_NET_CONNECT,
                        .subject = {(const void *)"10.0.0.1:80", 11},
                        .address = {.family = GB_ADDRESS_IP,
                                .ip = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1},
                                .port = 80}}},
        {"addresses: [\"family:16\"]",
                {.kind = GB_ACTIVITY_NET_CONNECT, .address = {.family = GB_ADDRESS_OTHER, .family_number = 16}}},
        {"addresses: [\"unix:/run/*\"]", {.kind = GB_ACTIVITY_NET_CONNECT,
                                                 .subject = {(const void *)"/run/x", 6},
                                                 .address = {.family = GB_ADDRESS_UNIX}}},
        {"hosts: [\"*.b.example\"]", {.kind = GB_ACTIVITY_NAME_LOOKUP, .subject = {(const void *)"a.b.example", 11}}},
        {"hosts: [{regex: \"a[.]b\"}]", {.kind = GB_ACTIVITY_NAME_LOOKUP, .subject = {(const void *)"a.b", 3}}},
        {"awsApis: [\"s3:Get*\"]", {.kind = GB_ACTIVITY_AWS_API,
                                           .subject = {(const void *)"s3:GetObject", 12},
                                           .object = {(const void *)"arn:x", 5}}},
        {"http: [{method: GET, host: a.b}]", {.kind = GB_ACTIVITY_HTTP_REQUEST,
                                                     .subject = {(const void *)"GET a.b", 7},
                                                     .object = {(const void *)"/x", 2}}},
        {"kinds: [net_listen]", {.kind = GB_ACTIVITY_NET_LISTEN}},
};

/* The document of a blob is the same blob again. */
static void comes_back(const struct loaded *loaded, const char *what)
{
	struct gb_policyc_document *document = NULL;
	struct loaded again;
	char *text;

	assert_int_equal(gb_policyc_of_blob(&loaded->policy, &document), 0);
	text = printed(document);
	again = load_document(text);
	if (again.n != loaded->n || memcmp(again.blob, loaded->blob, loaded->n) != 0)
		fail_msg("%s: not the same again:\n%s", what, text);
	gb_policyc_document_free(document);
	free(again.blob);
	free(text);
}

static void rules_and_exclusions_expire(void **state)
{
	static const struct {
		const char *list;
		unsigned step;
	} lists[] = {{"rules", GB_POLICY_RULES}, {"exclusions", GB_POLICY_EXCLUSIONS}};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(expiry_rows) / sizeof(expiry_rows[0]); i++) {
		const struct expiry_row *row = &expiry_rows[i / 2];
		struct gb_policy_context context;
		struct gb_verdict answer;
		struct loaded loaded;
		char spec[400];

		(void)snprintf(spec, sizeof(spec),
		        "controls: {credentials: off, flow: off}, %s: [{name: old, reason: since, expires: 2026-12-01, "
		        "%s}]",
		        lists[i % 2].list, row->entry);
		loaded = load_spec(spec);
		context = (struct gb_policy_context){.policy = &loaded.policy, .posture = GB_MODE_BLOCK};
		loaded.policy.moment = ENDS - 1;
		answer = gb_policy_ask(lists[i % 2].step, &context, &row->activity);
		if (answer.reason == GB_R_NONE ||
		        !gb_span_equal(gb_policy_tag(&loaded.policy, answer.tag), GB_SPAN("old")) ||
		        !gb_span_equal(gb_policy_tag_reason(&loaded.policy, answer.tag), GB_SPAN("since")))
			fail_msg("%s: before its end", spec);
		assert_int_equal(gb_policy_next_change(&loaded.policy), ENDS);
		loaded.policy.moment = ENDS;
		if (gb_policy_ask(lists[i % 2].step, &context, &row->activity).reason != GB_R_NONE)
			fail_msg("%s: behind its end", spec);
		assert_int_equal(gb_policy_next_change(&loaded.policy), 0);
		comes_back(&loaded, spec);
		free(loaded.blob);
	}
}

/* The same thing twice: the one that holds longer. */
static void twins(void **state)
{
	static const char *const orders[] = {
	        "rules: [{name: a, expires: 2026-12-01, files: {read: [/x]}, kinds: [net_listen]}, {name: b, files: "
	        "{read: "
	        "[/x]}, kinds: [net_listen]}]",
	        "rules: [{name: b, files: {read: [/x]}, kinds: [net_listen]}, {name: c, expires: 2026-12-01, files: "
	        "{read: "
	        "[/x]}, kinds: [net_listen]}]",
	};
	struct gb_activity activities[] = {
	        {.kind = GB_ACTIVITY_FILE_READ, .subject = GB_SPAN("/x")}, {.kind = GB_ACTIVITY_NET_LISTEN}};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct loaded loaded = load_spec(orders[i]);

		for (size_t k = 0; k < 4; k++) {
			struct gb_verdict verdict;

			loaded.policy.moment = k < 2 ? BEFORE : ENDS;
			verdict = judge(&loaded, &activities[k % 2]);
			assert_int_equal(verdict.decision, GB_DENY);
			assert_true(gb_span_equal(gb_policy_tag(&loaded.policy, verdict.tag), GB_SPAN("b")));
		}
		free(loaded.blob);
	}
}

static bool runs(const struct loaded *loaded, const char *text)
{
	char arguments[80];
	int n = snprintf(arguments, sizeof(arguments), "sh%c-c%c%s", 0, 0, text);
	struct gb_activity activity = {.kind = GB_ACTIVITY_PROCESS_START,
	        .subject = GB_SPAN("/bin/dash"),
	        .arguments = gb_span_of(arguments, (size_t)n + 1)};

	return judge(loaded, &activity).decision == GB_ALLOW;
}

/* Commands share an automaton: there is one for each time in which the same of them hold. */
static void commands_end_one_by_one(void **state)
{
	struct loaded loaded =
	        load_spec("controls: {flow: off}, exclusions: [{name: a, commands: [ls]}, {name: b, expires: "
	                  "2026-12-01, commands: [ps]}, {name: c, expires: 2026-12-02, commands: [df]}], allow: {}");
	static const struct {
		uint32_t at;
		bool ls, ps, df;
	} rows[] = {{BEFORE, true, true, true}, {ENDS, true, false, true}, {ENDS + DAY, true, false, false}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		loaded.policy.moment = rows[i].at;
		assert_int_equal(runs(&loaded, "ls"), rows[i].ls);
		assert_int_equal(runs(&loaded, "ps"), rows[i].ps);
		assert_int_equal(runs(&loaded, "df"), rows[i].df);
		assert_int_equal(runs(&loaded, "ls df"), rows[i].df);
		assert_int_equal(runs(&loaded, "ps df"), rows[i].ps && rows[i].df);
	}
	comes_back(&loaded, "commands");
	free(loaded.blob);
}

static void dates_far_away(void **state)
{
	struct loaded loaded =
	        load_spec("controls: {flow: off}, allow: {}, exclusions: [{name: a, expires: 2200-01-01, "
	                  "commands: [ls], kinds: [net_listen]}, {name: b, expires: 2000-01-01, commands: [ps]}]");
	struct gb_activity listen = {.kind = GB_ACTIVITY_NET_LISTEN};

	(void)state;
	loaded.policy.moment = BEFORE;
	assert_true(runs(&loaded, "ls"));
	assert_false(runs(&loaded, "ps"));
	assert_int_equal(judge(&loaded, &listen).decision, GB_ALLOW);
	free(loaded.blob);
}

static void enforced_from_a_date_on(void **state)
{
	struct loaded loaded = load_spec("enforce: at 2026-12-02, allow: {}");

	(void)state;
	loaded.policy.moment = ENDS - 1;
	assert_int_equal(gb_policy_posture(&loaded.policy), GB_MODE_DETECT);
	assert_true(gb_policy_observes(&loaded.policy));
	assert_int_equal(gb_policy_next_change(&loaded.policy), ENDS);
	loaded.policy.moment = ENDS;
	assert_int_equal(gb_policy_posture(&loaded.policy), GB_MODE_BLOCK);
	assert_false(gb_policy_observes(&loaded.policy));
	assert_int_equal(gb_policy_next_change(&loaded.policy), 0);
	comes_back(&loaded, "enforce");
	free(loaded.blob);
	loaded = load_document(POLICY_HEAD "spec: {posture: off, enforce: at 2026-12-02}\n");
	assert_int_equal(gb_policy_posture(&loaded.policy), GB_MODE_OFF);
	assert_false(gb_policy_observes(&loaded.policy));
	free(loaded.blob);
}

static void exceptions_of_inputs_expire(void **state)
{
	struct loaded loaded =
	        load_spec("exclusions: [{name: html, expires: 2026-12-01, inputs: [{paths: [body], mode: detect}]}]");
	struct gb_policy_place place = {.path = GB_SPAN("body")};
	uint32_t tag;

	(void)state;
	assert_int_equal(gb_policy_firewall_open(&loaded.policy), 0);
	loaded.policy.moment = ENDS - 1;
	assert_int_equal(gb_policy_exception_mode(&loaded.policy, &place, &tag), GB_MODE_DETECT);
	assert_true(gb_span_equal(gb_policy_tag(&loaded.policy, tag), GB_SPAN("html")));
	loaded.policy.moment = ENDS;
	assert_int_equal(gb_policy_exception_mode(&loaded.policy, &place, &tag), GB_MODE_BLOCK);
	assert_int_equal(tag, 0);
	comes_back(&loaded, "inputs");
	free(loaded.blob);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(rules_and_exclusions_expire),
	        cmocka_unit_test(twins),
	        cmocka_unit_test(commands_end_one_by_one),
	        cmocka_unit_test(dates_far_away),
	        cmocka_unit_test(enforced_from_a_date_on),
	        cmocka_unit_test(exceptions_of_inputs_expire),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

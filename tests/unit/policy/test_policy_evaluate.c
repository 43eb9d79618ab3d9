/* SPDX-License-Identifier: Apache-2.0 */
/* The order of the controls, and what needs no policy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "judge.h"

static const struct order_row {
	const char *name, *spec;
	enum gb_mode posture;
	bool observe;
	enum gb_decision decision;
	enum gb_control control;
} order_rows[] = {
        {"allowed", "posture: block, allow: {files: {read: [/f]}}", GB_MODE_BLOCK, false, GB_ALLOW, GB_CONTROL_NONE},
        {"not allowed", "posture: block, allow: {}", GB_MODE_BLOCK, false, GB_DENY, GB_CONTROL_ALLOWLIST},
        {"capped", "posture: block, allow: {}", GB_MODE_DETECT, false, GB_REPORT, GB_CONTROL_ALLOWLIST},
        {"off", "posture: block, allow: {}", GB_MODE_OFF, true, GB_ALLOW, GB_CONTROL_NONE},
        {"observing", "posture: block, allow: {}", GB_MODE_BLOCK, true, GB_OBSERVE, GB_CONTROL_ALLOWLIST},
        {"observing what is listed", "allow: {files: {read: [/f]}}", GB_MODE_BLOCK, true, GB_ALLOW, GB_CONTROL_NONE},
        {"no allowlist", "posture: block", GB_MODE_BLOCK, false, GB_ALLOW, GB_CONTROL_NONE},
        {"control's own mode", "controls: {allowlist: detect}, allow: {}", GB_MODE_BLOCK, false, GB_REPORT,
                GB_CONTROL_ALLOWLIST},
        {"rule before allowlist", "allow: {files: {read: [/f]}}, rules: [{files: {read: [/f]}}]", GB_MODE_BLOCK, false,
                GB_DENY, GB_CONTROL_RULE},
        {"rule before exclusion", "exclusions: [{files: {read: [/f*]}}], rules: [{files: {read: [/f]}}]", GB_MODE_BLOCK,
                false, GB_DENY, GB_CONTROL_RULE},
        {"rule by kind", "rules: [{kinds: [file_read]}]", GB_MODE_BLOCK, false, GB_DENY, GB_CONTROL_RULE},
        {"rules off", "controls: {rules: off}, rules: [{kinds: [file_read]}]", GB_MODE_BLOCK, false, GB_ALLOW,
                GB_CONTROL_NONE},
        {"exclusion adds", "allow: {}, exclusions: [{files: {read: [/f]}}]", GB_MODE_BLOCK, false, GB_ALLOW,
                GB_CONTROL_NONE},
        {"a rule that reports leaves the allowlist its say",
                "controls: {rules: detect}, allow: {}, rules: [{files: {read: [/f]}}]", GB_MODE_BLOCK, false, GB_DENY,
                GB_CONTROL_ALLOWLIST},
        {"a finding is no observation", "controls: {rules: detect}, rules: [{files: {read: [/f]}}]", GB_MODE_BLOCK,
                true, GB_REPORT, GB_CONTROL_RULE},
        {"a rule that reports is not excluded",
                "controls: {rules: detect}, allow: {}, rules: [{files: {read: [/f]}}], exclusions: [{files: {read: "
                "[/f*]}}]",
                GB_MODE_BLOCK, false, GB_DENY, GB_CONTROL_ALLOWLIST},
        {"kind allowed", "allow: {kinds: [file_read]}", GB_MODE_BLOCK, false, GB_ALLOW, GB_CONTROL_NONE},
};

static void order(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(order_rows) / sizeof(order_rows[0]); i++) {
		const struct order_row *row = &order_rows[i];
		struct gb_activity activity = {.kind = GB_ACTIVITY_FILE_READ, .subject = GB_SPAN("/f")};
		struct gb_policy_context context = {.posture = row->posture, .observe = row->observe};
		struct gb_verdict verdict;
		struct loaded loaded;
		char text[300];

		snprintf(text, sizeof(text), POLICY_HEAD "spec: {%s}", row->spec);
		loaded = load_document(text);
		context.policy = &loaded.policy;
		verdict = gb_policy_evaluate(&context, &activity);
		if (verdict.decision != row->decision || verdict.control != row->control || verdict.input_slot != -1)
			fail_msg("%s: decision %d, control %s", row->name, (int)verdict.decision,
			        gb_control_name(verdict.control));
		free(loaded.blob);
	}
}

static const struct name_row {
	const char *rule, *program;
	bool is_denied;
} name_rows[] = {
        {"/usr/bin/id", "/usr/bin/id", true},
        {"/usr/bin/id", "/bin/id", true},
        {"/bin/id", "/usr/bin/id", true},
        {"/usr/sbin/ip", "/sbin/ip", true},
        {"/usr/bin/id", "/usr/sbin/id", false},
        {"/usr/bin/id", "/opt/bin/id", false},
        {"/usr/bin/id", "/bin/idle", false},
        {"/id", "/usr/id", false},
};

/* Rules know both names of what lies in /bin; allowlists mean the one that they say. */
static void both_names_are_denied(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(name_rows) / sizeof(name_rows[0]); i++) {
		const struct name_row *row = &name_rows[i];
		struct gb_activity activity = {
		        .kind = GB_ACTIVITY_PROCESS_START, .subject = gb_span_cstr(row->program)};
		struct loaded denying, allowing;
		char text[100];

		snprintf(text, sizeof(text), "rules: [{processes: [%s]}]", row->rule);
		denying = load_spec(text);
		snprintf(text, sizeof(text), "allow: {processes: [%s]}", row->rule);
		allowing = load_spec(text);
		if ((judge(&denying, &activity).decision == GB_DENY) != row->is_denied)
			fail_msg("a rule of %s, and %s", row->rule, row->program);
		if ((judge(&allowing, &activity).decision == GB_ALLOW) != (strcmp(row->rule, row->program) == 0))
			fail_msg("an allowlist of %s, and %s", row->rule, row->program);
		free(denying.blob);
		free(allowing.blob);
	}
}

/* What would get round the sensor needs no policy to be refused; only io_uring can be allowed. */
static void the_product_itself(void **state)
{
	struct gb_activity memory = {.kind = GB_ACTIVITY_FILE_WRITE, .subject = GB_SPAN("/proc/self/mem")};
	struct gb_activity ring = {.kind = GB_ACTIVITY_KERNEL_ACCESS, .subject = GB_SPAN("io_uring_setup")};
	struct gb_activity read = {.kind = GB_ACTIVITY_FILE_READ, .subject = GB_SPAN("/proc/self/mem")};
	struct gb_policy_context context = {.posture = GB_MODE_BLOCK};
	struct loaded loaded = load_spec("allow: {kinds: [kernel_access], files: {write: [\"/proc/*/mem\"]}}");

	(void)state;
	assert_int_equal(gb_policy_evaluate(&context, &memory).reason, GB_R_TAMPER);
	assert_int_equal(gb_policy_evaluate(&context, &memory).decision, GB_DENY);
	assert_int_equal(gb_policy_evaluate(&context, &ring).reason, GB_R_UNWATCHED_CALLS);
	assert_int_equal(gb_policy_evaluate(&context, &read).decision, GB_ALLOW);
	context.posture = GB_MODE_DETECT;
	assert_int_equal(gb_policy_evaluate(&context, &memory).decision, GB_REPORT);
	assert_int_equal(judge(&loaded, &ring).decision, GB_ALLOW);
	assert_int_equal(judge(&loaded, &memory).decision, GB_DENY);
	free(loaded.blob);
}

/* No activity is allowed because its kind is unknown or has nothing to be matched by. */
static void every_kind(void **state)
{
	struct loaded loaded = load_spec("allow: {hosts: [a.test]}");

	(void)state;
	for (int kind = 0; kind <= _GB_ACTIVITY_KIND_MAX; kind++) {
		struct gb_activity activity = {.kind = (enum gb_activity_kind)kind};

		assert_int_equal(judge(&loaded, &activity).decision, GB_DENY);
	}
	free(loaded.blob);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(order),
	        cmocka_unit_test(both_names_are_denied),
	        cmocka_unit_test(the_product_itself),
	        cmocka_unit_test(every_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

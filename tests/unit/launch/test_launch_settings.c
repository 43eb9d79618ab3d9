/* SPDX-License-Identifier: Apache-2.0 */
#include "launch/launch.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void every_setting_is_taken(void **state)
{
	char *environment[] = {(char[]){"GAMBESON_MODE=block"}, (char[]){"GAMBESON_STANCE=closed"},
	        (char[]){"GAMBESON_POLICY=/p"}, (char[]){"GAMBESON_POLICY_KEY=/k"}, (char[]){"GAMBESON_OBSERVE=0"},
	        (char[]){"GAMBESON_FIREWALL=detect"}, (char[]){"GAMBESON_FLOW=off"},
	        (char[]){"GAMBESON_SENSOR_PATH=/s"}, (char[]){"GAMBESON_BLOCK_BODY=no"},
	        (char[]){"AWS_LAMBDA_RUNTIME_API=h:1"}, (char[]){"GAMBESON_OTHER=x"}, (char[]){"GAMBESON_SENSOR=1,2,x"},
	        (char[]){"MODE=off"}, (char[]){"GAMBESON_"}, NULL};
	struct gb_launch_settings settings = {0};

	(void)state;
	assert_int_equal(gb_launch_settings_read(&settings, environment, NULL), 0);
	assert_true(settings.has_mode && settings.mode == GB_MODE_BLOCK);
	assert_true(settings.has_stance && settings.stance == GB_STANCE_CLOSED);
	assert_true(settings.has_firewall_mode && settings.firewall_mode == GB_MODE_DETECT);
	assert_true(settings.has_flow_mode && settings.flow_mode == GB_MODE_OFF);
	assert_int_equal(settings.observe, GB_LAUNCH_NO);
	assert_string_equal(settings.policy_path, "/p");
	assert_string_equal(settings.key_path, "/k");
	assert_string_equal(settings.sensor_path, "/s");
	assert_string_equal(settings.block_body, "no");
	assert_string_equal(settings.runtime_api, "h:1");
}

static void a_bad_setting_is_named_and_the_others_are_taken(void **state)
{
	static const char *const bad[] = {"GAMBESON_MODE=Block", "GAMBESON_MODE=", "GAMBESON_STANCE=ajar",
	        "GAMBESON_OBSERVE=yes", "GAMBESON_FLOW=on", "GAMBESON_POLICY="};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char *environment[] = {(char *)(uintptr_t)bad[i], (char[]){"GAMBESON_FIREWALL=block"}, NULL};
		struct gb_launch_settings settings = {0};
		struct gb_diag diag;

		if (gb_launch_settings_read(&settings, environment, &diag) != -EINVAL ||
		        strncmp(diag.message, bad[i], strcspn(bad[i], "=")) != 0 || !settings.has_firewall_mode ||
		        settings.has_mode || settings.has_stance)
			fail_msg("%s: %s", bad[i], diag.message);
	}
}

static void limits(void **state)
{
	char longest[GB_LAUNCH_BLOCK_BODY_MAX + 2];
	struct gb_launch_settings settings = {0};

	(void)state;
	memset(longest, 'a', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(gb_launch_setting_take(&settings, "BLOCK_BODY", longest, NULL), -EINVAL);
	assert_int_equal(gb_launch_setting_take(&settings, "BLOCK_BODY", longest + 1, NULL), 0);
	assert_int_equal(gb_launch_setting_take(&settings, "POLICY", longest, NULL), -EINVAL);
	assert_int_equal(gb_launch_setting_take(&settings, "NOTHING", "", NULL), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_setting_is_taken),
	        cmocka_unit_test(a_bad_setting_is_named_and_the_others_are_taken),
	        cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

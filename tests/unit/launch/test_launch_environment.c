/* SPDX-License-Identifier: Apache-2.0 */
#include "launch/launch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct row {
	const char *name;
	const char *before[6];
	struct gb_launch_additions additions;
	const char *after[8];
} rows[] = {
        {"nothing", {"A=1", "B="}, {0}, {"A=1", "B="}},
        {"all four", {"A=1"}, {"/s.so", "9,8,x", "127.0.0.1:1", "5,/p", NULL},
                {"A=1", "LD_PRELOAD=/s.so", "GAMBESON_SENSOR=9,8,x", "AWS_LAMBDA_RUNTIME_API=127.0.0.1:1",
                        "GAMBESON_PROGRAM=5,/p"}},
        {"kept behind", {"LD_PRELOAD=/a.so:/b.so", "A=1"}, {.sensor_path = "/s.so"},
                {"A=1", "LD_PRELOAD=/s.so:/a.so:/b.so"}},
        {"empty preload", {"LD_PRELOAD="}, {.sensor_path = "/s.so"}, {"LD_PRELOAD=/s.so"}},
        {"replaced, also twice", {"AWS_LAMBDA_RUNTIME_API=a", "AWS_LAMBDA_RUNTIME_API=b", "AWS_LAMBDA_RUNTIME_APIX=c"},
                {.runtime_api = "n:1"}, {"AWS_LAMBDA_RUNTIME_APIX=c", "AWS_LAMBDA_RUNTIME_API=n:1"}},
        {"empty is left alone", {"AWS_LAMBDA_RUNTIME_API=a"}, {.runtime_api = ""}, {"AWS_LAMBDA_RUNTIME_API=a"}},
        {"no equals sign", {"ODD", "LD_PRELOAD"}, {.sensor_path = "/s.so"}, {"ODD", "LD_PRELOAD", "LD_PRELOAD=/s.so"}},
};

static void additions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char **made = gb_launch_environment_make((char *const *)(uintptr_t)rows[i].before, &rows[i].additions);
		size_t n = 0;

		assert_non_null(made);
		for (; rows[i].after[n] != NULL; n++)
			if (made[n] == NULL || strcmp(made[n], rows[i].after[n]) != 0)
				fail_msg("%s: %s, wanted %s", rows[i].name, made[n] == NULL ? "end" : made[n],
				        rows[i].after[n]);
		if (made[n] != NULL)
			fail_msg("%s: %s is too much", rows[i].name, made[n]);
		free(made);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(additions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

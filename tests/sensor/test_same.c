/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What programs say of odd calls and hard times is the same with and without the sensor: with code that the warden has
 * patched, and with code that each process patches for itself. Arguments: paths of libgambeson.so, battery, hardship.
 */
#include "activity/activity.h"
#include "lib/sandbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *sensor_path, *battery_path, *hardship_path;
static char without[65536], with[65536];

static void remove_directory(const char *path)
{
	const char *argv[] = {"rm", "-rf", path, NULL};

	(void)gb_sandbox_run(NULL, argv, with, sizeof(with));
}

static void is_the_same(const char *program, bool has_overlays)
{
	char first[] = "/tmp/gb-battery-XXXXXX", second[] = "/tmp/gb-battery-XXXXXX";
	const char *argv[] = {program, first, NULL};
	struct gb_sandbox sandbox;

	assert_non_null(mkdtemp(first));
	assert_non_null(mkdtemp(second));
	assert_int_equal(gb_sandbox_run(NULL, argv, without, sizeof(without)), 0);
	argv[1] = second;
	gb_sandbox_open(&sandbox, sensor_path);
	if (!has_overlays)
		memset(sandbox.segment->overlays, 0, sizeof(sandbox.segment->overlays));
	assert_int_equal(gb_sandbox_run(&sandbox, argv, with, sizeof(with)), 0);
	assert_string_equal(with, without);
	assert_true(strlen(with) > 1500);
	assert_true(gb_sandbox_has_report(&sandbox, GB_ACTIVITY_FILE_READ, GB_OBSERVE, "/etc/hostname"));
	gb_sandbox_close(&sandbox);
	remove_directory(first);
	remove_directory(second);
}

static void battery_with_overlays(void **state)
{
	(void)state;
	is_the_same(battery_path, true);
}

static void battery_with_own_patches(void **state)
{
	(void)state;
	is_the_same(battery_path, false);
}

static void hardship_with_overlays(void **state)
{
	(void)state;
	is_the_same(hardship_path, true);
}

static void hardship_with_own_patches(void **state)
{
	(void)state;
	is_the_same(hardship_path, false);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(battery_with_overlays),
	        cmocka_unit_test(battery_with_own_patches),
	        cmocka_unit_test(hardship_with_overlays),
	        cmocka_unit_test(hardship_with_own_patches),
	};

	if (argc != 4)
		return 2;
	sensor_path = realpath(argv[1], NULL);
	battery_path = realpath(argv[2], NULL);
	hardship_path = realpath(argv[3], NULL);
	return cmocka_run_group_tests_name("sensor is not felt", tests, NULL, NULL);
}

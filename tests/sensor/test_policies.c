/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies that change under a process as fast as they can: what it does is judged by one of them, never half by each.
 * Argument: path of libgambeson.so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "activity/activity.h"
#include "lib/policy.h"
#include "lib/sandbox.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILE_NAME "/etc/hostname"
#define TIMES     "30000"

static const char *sensor_path;
static char output[8192];

/* Two policies with their settings, of which neither denies reading FILE_NAME; half of each would. */
struct change {
	struct gb_sandbox sandbox;
	struct loaded policies[2];
	struct gb_segment_policy settings[2];
	bool is_over;
	unsigned count;
};

/* Odd generations are of the one, even ones of the other, so that an area is never written with anything else. */
static void put_next(struct change *change)
{
	struct gb_segment *segment = change->sandbox.segment;
	uint32_t generation = segment->policy_generation + 1, at = generation % GB_SEGMENT_POLICY_AREAS;
	struct gb_span blob = change->policies[generation % 2].policy.blob;

	memcpy(segment->policy[at], blob.p, blob.n);
	segment->policies[at] = change->settings[generation % 2];
	segment->policies[at].bytes = (uint32_t)blob.n;
	__atomic_store_n(&segment->policy_generation, generation, __ATOMIC_RELEASE);
	change->count++;
}

static void *keep_changing(void *context)
{
	struct change *change = context;

	while (!__atomic_load_n(&change->is_over, __ATOMIC_ACQUIRE)) {
		put_next(change);
		for (volatile unsigned pause = 0; pause < 300; pause++)
			continue;
	}
	return NULL;
}

static void policy_and_settings_change_together(void **state)
{
	static const char script[] = "i=0; bad=0; while [ $i -lt " TIMES " ]; do true <" FILE_NAME
	                             " || bad=$((bad+1)); i=$((i+1)); done; echo $i $bad";
	const char *argv[] = {"/bin/sh", "-c", script, NULL};
	static struct change change;
	pthread_t thread;

	(void)state;
	gb_sandbox_open(&change.sandbox, sensor_path);
	change.policies[0] = load_spec("observe: false");
	change.policies[1] = load_spec("observe: false, rules: [{name: r, files: {read: [" FILE_NAME "]}}]");
	change.settings[0] = (struct gb_segment_policy){.posture = GB_MODE_BLOCK};
	change.settings[1] = (struct gb_segment_policy){.posture = GB_MODE_DETECT};
	put_next(&change);
	assert_int_equal(pthread_create(&thread, NULL, keep_changing, &change), 0);
	(void)gb_sandbox_run(&change.sandbox, argv, output, sizeof(output));
	__atomic_store_n(&change.is_over, true, __ATOMIC_RELEASE);
	assert_int_equal(pthread_join(thread, NULL), 0);
	if (change.count < 1000 || strcmp(output, TIMES " 0\n") != 0)
		fail_msg("%u changes: %s", change.count, output);
	gb_sandbox_close(&change.sandbox);
	free(change.policies[0].blob);
	free(change.policies[1].blob);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(policy_and_settings_change_together)};

	if (argc != 2)
		return 2;
	sensor_path = argv[1];
	return cmocka_run_group_tests_name("sensor policies", tests, NULL, NULL);
}

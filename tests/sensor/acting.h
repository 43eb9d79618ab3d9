/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of the sensor share that do things through act.c; to be included behind cmocka.h. */
#ifndef GB_TESTS_SENSOR_ACTING_H
#define GB_TESTS_SENSOR_ACTING_H

#include "lib/sandbox.h"

#include <sys/wait.h>

#define OUTPUT_BYTES (64u * 1024u)

static const char *sensor_path, *act_path; /* set by main */
static char with[OUTPUT_BYTES];            /* what the last one wrote */

/* Exit status of `act WHAT FIRST SECOND` with the sensor in it, or minus the signal that ended it. */
static int act(const struct gb_sandbox *sandbox, const char *what, const char *first, const char *second)
{
	const char *argv[] = {act_path, what, first, second, NULL};
	int status = gb_sandbox_run(sandbox, argv, with, sizeof(with));

	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

#endif

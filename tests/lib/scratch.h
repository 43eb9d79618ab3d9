/* SPDX-License-Identifier: Apache-2.0 */
/* lib/scratch: the memory that tests of the firewall inspect with; to be included behind cmocka.h. */
#ifndef GB_TESTS_LIB_SCRATCH_H
#define GB_TESTS_LIB_SCRATCH_H

#include "inspect/inspect.h"

#include <stdlib.h>

static struct gb_inspect_scratch *scratch;

static int make_scratch(void **state)
{
	(void)state;
	scratch = malloc(gb_inspect_scratch_bytes());
	return scratch == NULL ? -1 : 0;
}

static int free_scratch(void **state)
{
	(void)state;
	free(scratch);
	return 0;
}

/* cmocka_run_group_tests() of an array, with `scratch` there. */
#define run_tests_with_scratch(tests) cmocka_run_group_tests(tests, make_scratch, free_scratch)

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A runtime that behaves and misbehaves: the test program started again as the function under test. It writes what the
 * Runtime API said on standard output, one status a line, which the test finds in the invocation's log.
 */
#ifndef GB_TESTS_LOCAL_RUNTIME_H
#define GB_TESTS_LOCAL_RUNTIME_H

/* Never returns. */
_Noreturn void runtime_main(const char *behaviour);

#endif

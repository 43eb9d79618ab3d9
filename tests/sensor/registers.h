/* SPDX-License-Identifier: Apache-2.0 */
/* registers: system calls whose every register is looked at; <machine>/probe.c makes them. */
#ifndef GB_TESTS_REGISTERS_H
#define GB_TESTS_REGISTERS_H

/* What the instruction finds and what it leaves: the number, six arguments, then all other registers that a system call
 * leaves alone. NULL is the one that the result comes back in. */
extern const char *const register_names[];
extern const unsigned register_count;

/* Load the registers from VALUES, make the call, store them. Result: the call's. Each is one more instruction for the
 * sensor to find: with the number of openat before it; with a number that only run time tells. */
long probe_openat(long *values);
long probe_any(long *values);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/loader: static programs. They have no dynamic linker that could preload the sensor, so the sensor is started
 * in their place, as a program of its own (it needs no linker), loads the static program as the kernel would have,
 * patches its system calls, and enters it. Programs of musl are loaded together with their interpreter: musl leaves it
 * to the program to run the constructors of what was preloaded, and a program with a start of its own (Go's) does not.
 * Private to the sensor.
 */
#ifndef GB_SENSOR_LOADER_H
#define GB_SENSOR_LOADER_H

#include "sensor/sensor.h"

#include "site/site.h"

/* A program in memory. */
struct gb_loaded {
	uintptr_t load_address; /* what was added to the file's addresses */
	uintptr_t entry;
	uintptr_t headers; /* where its program headers are; 0: not in memory */
	unsigned long header_count;
	struct gb_span text;                         /* the executable segment */
	char interpreter[GB_SITE_INTERPRETER_BYTES]; /* empty: it is entered itself */
};

/* image.c: map the ELF file FD. Negative errno: it is no program that can be loaded here; what was mapped stays. */
__attribute__((warn_unused_result)) int gb_loader_map(int fd, struct gb_loaded *ret_loaded);

/* Where to go on, as the entry's assembly takes it from the two result registers. */
struct gb_loader_start {
	uintptr_t stack;
	uintptr_t entry;
};

/* STACK is the kernel's: argument count, arguments, environment, auxiliary vector. Does not come back on failure. */
struct gb_loader_start gb_loader_run(unsigned long *stack);

#endif

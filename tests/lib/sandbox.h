/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tests/lib/sandbox: what the warden gives to a process, without the warden: segment, ring, site tables, environment.
 * For tests of the sensor. Errors are fatal to the test program and printed.
 */
#ifndef GB_TESTS_SANDBOX_H
#define GB_TESTS_SANDBOX_H

#include "activity/verdict.h"
#include "wire/ring.h"
#include "wire/segment.h"

#include <sys/types.h>

struct gb_sandbox {
	struct gb_segment *segment;
	struct gb_ring *ring;
	struct gb_ring_reader reader;
	int segment_fd; /* the numbers that children see, too */
	int ring_fd;
	size_t code_used;
	int listener; /* abstract socket that gives the descriptors again; -1 until gb_sandbox_listen() */
	char socket_name[64];
};

/* SENSOR_PATH must be absolute. Posture detect, observing, stance open, no policy; the fields of `segment` may be
 * changed until a process is started. */
void gb_sandbox_open(struct gb_sandbox *sandbox, const char *sensor_path);
void gb_sandbox_close(struct gb_sandbox *sandbox);

/* Site table and overlay of a library, as the warden makes them. False when the file is not there, there is no room or it
 * is known already. */
bool gb_sandbox_add_library(struct gb_sandbox *sandbox, const char *path);

/* Wait until no other test program holds NAME (of a file in /tmp), and hold it until this one ends: for what there is only
 * one of, whatever build directories tests run from. */
void gb_sandbox_hold(const char *name);

/* Whether QEMU runs this program (tests/arm64/enter), which cannot carry everything that the kernel can. */
bool gb_sandbox_is_emulated(void);

/* Of the policy in force, or of none: may be changed until a process is started. */
static inline struct gb_segment_policy *gb_sandbox_settings(struct gb_sandbox *sandbox)
{
	return &sandbox->segment->policies[sandbox->segment->policy_generation % GB_SEGMENT_POLICY_AREAS];
}

/* Put a policy blob in force; the settings stay. */
void gb_sandbox_set_policy(struct gb_sandbox *sandbox, struct gb_span blob);

/* Put strings of an event in hand: PATHS and VALUES, COUNT of them, in slot 0. */
void gb_sandbox_set_input(
        struct gb_sandbox *sandbox, const char *const *paths, const char *const *values, size_t count);

/* Answer requests for the descriptors from a child process of the test until the sandbox is closed. */
void gb_sandbox_listen(struct gb_sandbox *sandbox);

/* Set LD_PRELOAD and GAMBESON_SENSOR of this process and let its descriptors be inherited: for a child that is about to
 * exec. */
void gb_sandbox_enter(const struct gb_sandbox *sandbox);

/* Run a program with the sensor in it (or without, when SANDBOX is NULL), its standard output and error taken into
 * OUTPUT (cut at CAP, NUL-terminated). Result: the wait status; the program is killed after 30 seconds. */
int gb_sandbox_run(const struct gb_sandbox *sandbox, const char *const *argv, char *output, size_t cap);

/* Whether a report of this kind, decision and subject has come since the last call; reads all that there are. NULL and
 * -1 stand for any. */
bool gb_sandbox_has_report(struct gb_sandbox *sandbox, int kind, int decision, const char *subject);

#endif

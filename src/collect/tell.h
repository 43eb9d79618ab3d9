/* SPDX-License-Identifier: Apache-2.0 */
/* collect/tell: events of what collecting itself finds out about a log. Private to collect. */
#ifndef GB_COLLECT_TELL_H
#define GB_COLLECT_TELL_H

#include "base/arena.h"
#include "store/events.h"

enum collect_finding {
	COLLECT_LOG_FORGED = 0,   /* a line, key or seal that the sandbox's warden did not write */
	COLLECT_LOG_GAP,          /* lines that a seal vouches for never came */
	COLLECT_LOG_UNSEALED,     /* lines that no seal vouches for */
	COLLECT_LOG_SECOND_START, /* another sandbox in the log stream of one */
	COLLECT_LOG_MISMATCH,     /* the log of one function, a line that names another */
};

struct collect_about {
	int64_t function, version;
	uint64_t sandbox;
	int64_t first, last; /* numbers of the lines */
	int64_t time;
	const char *message; /* what happened, a sentence */
};

/* *ret_event of FINDING, with a body in ARENA; the same finding always gets the same id. False: memory is short. */
bool collect_tell(enum collect_finding finding, const struct collect_about *about, struct gb_arena *arena,
        struct gb_event *ret_event);

#endif

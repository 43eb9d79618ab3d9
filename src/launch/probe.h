/* SPDX-License-Identifier: Apache-2.0 */
/*
 * launch/probe: what this machine or sandbox lets a program do, found out by doing it. Each thing is tried in a forked
 * child that is thrown away (a seccomp filter cannot be taken off again, a refused call can be a kill), bounded in time.
 */
#ifndef GB_LAUNCH_PROBE_H
#define GB_LAUNCH_PROBE_H

#include <stddef.h>

enum gb_probe_result {
	GB_PROBE_NO = 0, /* refused: `error` says how */
	GB_PROBE_YES,
	GB_PROBE_KILLED,  /* the child was killed for trying: `error` is the signal */
	GB_PROBE_TIMEOUT, /* it hung and was killed */
	_GB_PROBE_RESULT_MAX,
};

struct gb_probe_outcome {
	enum gb_probe_result result;
	int error;  /* errno of the step that failed, or the signal */
	int detail; /* a number with a meaning of its own: ABI version, step that failed; 0 else */
};

struct gb_probe {
	const char *name;    /* stable, for machines: "user_notification" */
	const char *meaning; /* what it is good for, one line */
	/* Runs in the child. 0, or a positive errno; may set *ret_detail. */
	int (*run)(int *ret_detail);
};

/* All probes in the order in which they are shown; *ret_count says how many. */
const struct gb_probe *gb_probe_all(size_t *ret_count);

/* Try one. Always gives an outcome; takes at most about two seconds. */
struct gb_probe_outcome gb_probe_try(const struct gb_probe *probe);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy/command: which part of an argument list is a program text that something will interpret. Private to the
 * directory; the learner asks it too.
 */
#ifndef GB_POLICY_COMMAND_H
#define GB_POLICY_COMMAND_H

#include "activity/activity.h"

enum gb_command_language {
	GB_COMMAND_NONE = 0, /* no text on the command line */
	GB_COMMAND_SHELL,    /* sh -c TEXT */
	GB_COMMAND_CODE,     /* node -e TEXT and its like */
};

struct gb_command_text {
	enum gb_command_language language;
	struct gb_span text;
	size_t index; /* of the argument that is or holds the text; argv[0] is 0 */
};

/* Looks through starters: env, timeout, nice, nohup, setsid, stdbuf, time, busybox, the dynamic linker. */
struct gb_command_text gb_policy_command(const struct gb_activity *activity);

#endif

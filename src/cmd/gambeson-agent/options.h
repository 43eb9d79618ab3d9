/* SPDX-License-Identifier: Apache-2.0 */
/* Command line of gambeson-agent, and its exit statuses. */
#ifndef GB_CMD_GAMBESON_AGENT_OPTIONS_H
#define GB_CMD_GAMBESON_AGENT_OPTIONS_H

#include "launch/launch.h"

/* The runtime's own status otherwise. */
enum agent_exit {
	AGENT_EXIT_USAGE = 2,      /* wrong option or path */
	AGENT_EXIT_REFUSED = 78,   /* stance closed: protection could not be set up */
	AGENT_EXIT_NOT_RUN = 126,  /* the runtime is there but cannot be executed */
	AGENT_EXIT_NOT_FOUND = 127 /* there is no such runtime */
};

struct agent_options {
	struct gb_launch_settings settings;
	char **runtime;       /* argv of the runtime */
	bool is_wrapper;      /* no subcommand: the platform called us */
	bool has_bad_setting; /* in the environment; `complaint` says which */
	struct gb_diag complaint;
};

/* To FD by a format of base/format.h, 2 KB at most. What cannot be written is nobody's to hear. */
__attribute__((format(__printf__, 2, 3))) void agent_say(int fd, const char *format, ...);

/* Read the environment's settings, then the arguments, which win. Result: -1 go on, otherwise the exit status of a call that is
 * done (help, version, error; what there is to say is printed). */
int agent_options_read(int argc, char **argv, char *const *environment, struct agent_options *options);

#endif

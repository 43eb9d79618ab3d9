/* SPDX-License-Identifier: Apache-2.0 */
/* publish/waiting: lines of one function that wait to be learned, as two logs. Private to its directory. */
#ifndef GB_PUBLISH_WAITING_H
#define GB_PUBLISH_WAITING_H

#include "store/profiles.h"

#include <stdio.h>

#define SANDBOXES_KNOWN 1024u

/* Start lines come first: they say what code the others are of. */
struct waiting {
	char *starts, *lines;
	size_t starts_n, lines_n;
	FILE *starts_file, *lines_file;
	struct gb_span function;
	uint64_t known[SANDBOXES_KNOWN];
	size_t known_count;
};

/* Of FUNCTION, its name. In every case waiting_done() releases it. */
__attribute__((warn_unused_result)) int waiting_open(struct waiting *waiting, struct gb_span function);
/* A gb_observation_row; CONTEXT is a struct waiting. */
int waiting_add(void *context, const struct gb_observation *observation);
/* Both logs are whole then. */
__attribute__((warn_unused_result)) int waiting_finish(struct waiting *waiting);
void waiting_done(struct waiting *waiting);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* cmd/gambeson/events: the events named on the command line, read from files, folders or standard input. */
#ifndef GB_CMD_EVENTS_H
#define GB_CMD_EVENTS_H

#include "base/diag.h"
#include "cmd/gambeson/options.h"

struct gb_events {
	struct gb_span *bodies; /* malloc'ed, as is each body */
	char **names;           /* the files' names without their folders */
	size_t count;
};

/* Each SOURCE is a file, "-" for standard input, or a folder, of which all *.json are taken in the order of their names.
 * No source: one event, {}. An event larger than the service takes is refused. gb_events_free() in every case. Errors
 * with DIAG: -EINVAL what was asked for makes no sense; others: it cannot be read. */
__attribute__((warn_unused_result)) int gb_events_read(
        struct gb_events *events, const struct gb_strings *sources, struct gb_diag *diag);
void gb_events_free(struct gb_events *events);

#endif

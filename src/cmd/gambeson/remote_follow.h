/* SPDX-License-Identifier: Apache-2.0 */
/* cmd/gambeson/remote_follow: events of a server as they come. */
#ifndef GB_CMD_REMOTE_FOLLOW_H
#define GB_CMD_REMOTE_FOLLOW_H

#include "cmd/gambeson/remote.h"

/* Print what the list of events has, the oldest first, and then what is told, each once, for ever. A server that goes away is waited for, and
 * nothing that came meanwhile is missed. QUERY adds the filter to a path, in REMOTE's memory. Result: enum gb_exit. */
int gb_remote_follow(struct gb_remote *remote,
        const char *(*query)(struct gb_remote *remote, void *context, const char *path), void *context);

#endif

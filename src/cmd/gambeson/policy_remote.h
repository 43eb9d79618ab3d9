/* SPDX-License-Identifier: Apache-2.0 */
/* cmd/gambeson/policy_remote: policy documents of a server, for `policy push` and `policy pull`. */
#ifndef GB_CMD_POLICY_REMOTE_H
#define GB_CMD_POLICY_REMOTE_H

#include "cmd/gambeson/policy_local.h"
#include "cmd/gambeson/remote.h"

/* All documents of the server without their bodies, each with a kind and a name that are such. Result: enum gb_exit; the list is
 * the caller's. */
int gb_policy_remote_list(struct gb_remote *remote, json_t **ret_list);

/* That with KIND and NAME of LIST; NULL: there is none. */
const json_t *gb_policy_remote_find(const json_t *list, const char *kind, const char *name);

/* The body of a document. Result: enum gb_exit; *ret_body is the caller's. */
int gb_policy_remote_body(struct gb_remote *remote, const char *kind, const char *name, char **ret_body, size_t *ret_n);

/* Where the document is; lives until the next answer. NULL when memory is short. */
const char *gb_policy_remote_path(struct gb_remote *remote, const char *kind, const char *name);

/* What was done with one document, for gb_policy_remote_tell(). FILE and WHY: NULL when there is none. */
void gb_policy_remote_note(json_t *rows, const char *state, const char *kind, const char *name, int64_t revision,
        const char *file, const char *why);
void gb_policy_remote_tell(const struct gb_remote *remote, const json_t *rows);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd/gambeson/policy_local: policy documents as files that go to a server and come from it, one document a file, and
 * what is remembered of the server's: `.gambeson-pull.json` in their folder.
 */
#ifndef GB_CMD_POLICY_LOCAL_H
#define GB_CMD_POLICY_LOCAL_H

#include "cmd/gambeson/commands.h"

#include "base/span.h"

#include <jansson.h>

#define GB_POLICY_NAME_MAX 128u /* bytes of a document's name */

struct gb_policy_local {
	char *path, *text;
	size_t n;
	const char *kind;
	char name[GB_POLICY_NAME_MAX + 1];
};

struct gb_policy_locals {
	struct gb_policy_local *items;
	size_t count;
};

/* The documents of PATHS, files or folders, each checked by itself; with IS_SET also beside one another. Result: enum
 * gb_exit, the complaint printed. gb_policy_locals_done() is due in every case. */
int gb_policy_locals_load(const struct gb_command *self, const struct gb_strings *paths, bool is_set,
        struct gb_policy_locals *ret_locals);
void gb_policy_locals_done(struct gb_policy_locals *locals);

/* NULL: there is none. */
const struct gb_policy_local *gb_policy_locals_find(
        const struct gb_policy_locals *locals, const char *kind, const char *name);

/* NULL: nothing. */
struct gb_span gb_policy_local_text(const struct gb_policy_local *local);

#define GB_POLICY_FOLDER_BYTES_MAX 4096u

/* The folder that PATH was pulled into: the nearest above it with a memory of that, or its own. */
void gb_policy_base_folder(const char *path, char folder[GB_POLICY_FOLDER_BYTES_MAX]);

/* What was on SERVER when files came from there, or went there. */
struct gb_policy_base {
	char *path;
	json_t *documents; /* "KIND/NAME": revision, sha256 */
};

/* That of FOLDER, empty when there is none yet, or when it is of another server. Result: enum gb_exit; gb_policy_base_done() is due. */
int gb_policy_base_open(
        const struct gb_command *self, const char *folder, const char *server, struct gb_policy_base *base);
void gb_policy_base_done(struct gb_policy_base *base);
int gb_policy_base_save(const struct gb_command *self, const struct gb_policy_base *base, const char *server);

/* 0: unknown. */
int64_t gb_policy_base_revision(const struct gb_policy_base *base, const char *kind, const char *name);
/* Whether TEXT is what was there then. */
bool gb_policy_base_is(const struct gb_policy_base *base, const char *kind, const char *name, struct gb_span text);
/* REVISION 0: it is not there any more. */
void gb_policy_base_set(
        struct gb_policy_base *base, const char *kind, const char *name, int64_t revision, struct gb_span text);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd/gambeson/policy_set: policy sets out of files and folders, and the function that a command is about. What is wrong
 * is complained about in SELF's name.
 */
#ifndef GB_CMD_POLICY_SET_H
#define GB_CMD_POLICY_SET_H

#include "cmd/gambeson/commands.h"
#include "policyc/set.h"

/* Which function, and when; part of a command's settings. */
struct gb_policy_target {
	const char *function, *account, *region, *version, *alias, *runtime;
	const char *group_key, *group_secret, *at;
	struct gb_strings tags;
};

/* Its rows of an option table: SETTINGS is the type, FIELD the member. */
#define GB_POLICY_TARGET_OPTIONS(settings_type, field)                                                                 \
	GB_TEXT(settings_type, field.function, "function", "NAME", "the function: its name or ARN"),                   \
	        GB_TEXT(settings_type, field.account, "account", "ID", "its account"),                                 \
	        GB_TEXT(settings_type, field.region, "region", "REGION", "its region"),                                \
	        GB_LIST(settings_type, field.tags, "tag", "KEY=VALUE", "a tag of it; '--tag none' when it has none"),  \
	        GB_TEXT(settings_type, field.version, "version", "VERSION", "its version"),                            \
	        GB_TEXT(settings_type, field.alias, "alias", "ALIAS", "the alias that it is called by"),               \
	        GB_TEXT(settings_type, field.runtime, "runtime", "RUNTIME", "its runtime, as nodejs20.x"),             \
	        GB_TEXT(settings_type, field.group_key, "group-key", "KEY", "key of the group that it is bound to"),   \
	        GB_TEXT(settings_type, field.group_secret, "group-secret", "FILE", "file with that group's secret"),   \
	        GB_TEXT(settings_type, field.at, "at", "TIME", "as of this date or moment (UTC) instead of now")

/* VISIT for each file of PATHS, as below, until it returns something else than GB_EXIT_OK. Result: what it returned last. */
int gb_policy_set_each(const struct gb_command *self, const struct gb_strings *paths,
        int (*visit)(const struct gb_command *self, const char *path, void *context), void *context);

/* Add all of PATHS, files or folders (their *.yaml, *.yml and *.json, and those of folders in them, hidden ones
 * apart), to a new set. Result: enum gb_exit, GB_EXIT_FINDINGS when a document is wrong. *ret_set is the caller's. */
int gb_policy_set_load(const struct gb_command *self, const struct gb_strings *paths, struct gb_policyc_set **ret_set);

bool gb_policy_is_folder(const char *path);

/* TARGET's moment, or now. Result: enum gb_exit. */
int gb_policy_target_moment(const struct gb_command *self, const struct gb_policy_target *target, int64_t *ret_moment);

/* What holds for TARGET by SET, with its list files. Result: enum gb_exit; *ret_resolution is the caller's. */
int gb_policy_set_resolve(const struct gb_command *self, const struct gb_policyc_set *set,
        const struct gb_policy_target *target, struct gb_policyc_resolution *ret_resolution);

/* The same of PATHS. */
int gb_policy_resolve(const struct gb_command *self, const struct gb_strings *paths,
        const struct gb_policy_target *target, struct gb_policyc_resolution *ret_resolution);

/* What an agent would load for TARGET: PATHS are documents, or one policy that is compiled already, whose signature is not
 * asked for. Result: enum gb_exit, GB_EXIT_USAGE when it is wrong; *ret_blob is the caller's to free. */
int gb_policy_compile(const struct gb_command *self, const struct gb_strings *paths,
        const struct gb_policy_target *target, unsigned char **ret_blob, size_t *ret_n);

/* Lines about where RESOLUTION comes from, what is left out, and when it changes. */
void gb_policy_print_resolution(const struct gb_policyc_resolution *resolution, FILE *out);

#endif

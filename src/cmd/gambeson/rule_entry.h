/* SPDX-License-Identifier: Apache-2.0 */
/* cmd/gambeson/rule_entry: what people write on a command line about a rule, as the API takes it. */
#ifndef GB_CMD_RULE_ENTRY_H
#define GB_CMD_RULE_ENTRY_H

#include "cmd/gambeson/remote.h"

/* TEXT, an entry as policy documents have it in YAML or JSON; "@FILE": what is in the file; "-": standard input. Result: enum gb_exit;
 * *ret_entry is the caller's. */
int gb_rule_entry_read(const struct gb_command *self, const char *text, json_t **ret_entry);

/* Whom a rule is for: one of these. Part of a command's settings. */
struct gb_rule_scope {
	const char *function, *group, *account;
	bool everywhere;
};

#define GB_RULE_SCOPE_OPTIONS(type, field)                                                                             \
	GB_TEXT(type, field.function, "function", "NAME", "for this function: its name, or id"),                       \
	        GB_TEXT(type, field.group, "group", "NAME", "for the functions of this group"),                        \
	        GB_TEXT(type, field.account, "account", "ID", "for the functions of this account"),                    \
	        GB_FLAG(type, field.everywhere, "everywhere", "for all functions")

/* SCOPE as the API has it; the function is looked up where it is a name. Result: enum gb_exit; *ret_scope is the caller's. */
int gb_rule_scope_read(struct gb_remote *remote, const struct gb_rule_scope *scope, json_t **ret_scope);

/* The id of the function that TEXT names, in ID. Result: enum gb_exit. */
int gb_rule_function(struct gb_remote *remote, const char *text, char id[static 32]);

/* "2026-12-01", a moment, or "never", as a member of BODY. Result: enum gb_exit. */
int gb_rule_expires_put(const struct gb_command *self, const char *text, json_t *body);

#endif

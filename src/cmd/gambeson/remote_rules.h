/* SPDX-License-Identifier: Apache-2.0 */
/* cmd/gambeson/remote_rules: rules and exclusions of a server. A command is of which by its first word. */
#ifndef GB_CMD_REMOTE_RULES_H
#define GB_CMD_REMOTE_RULES_H

#include "cmd/gambeson/remote.h"

extern const struct gb_command gb_rules_add;
extern const struct gb_command gb_rules_edit;
extern const struct gb_command gb_exclusions_add;
extern const struct gb_command gb_exclusions_edit;
extern const struct gb_command gb_rules_preview;
extern const struct gb_command gb_exclusions_preview;
extern const struct gb_command gb_exclusions_from_event;

/* "rule" or "exclusion", as the API has it. */
const char *gb_rules_list_name(const struct gb_command *command);

/* Ask METHOD PATH with BODY (taken), and print the rule that is answered. Result: enum gb_exit. */
int gb_rules_send(struct gb_remote *remote, const char *method, const char *path, json_t *body);

/* RULES, a list, as a table or as JSON. */
void gb_rules_print(const struct gb_remote *remote, const json_t *rules);

#endif

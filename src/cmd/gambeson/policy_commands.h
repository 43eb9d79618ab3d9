/* SPDX-License-Identifier: Apache-2.0 */
/* cmd/gambeson/policy_commands: commands of `gambeson policy` that have files of their own. */
#ifndef GB_CMD_POLICY_COMMANDS_H
#define GB_CMD_POLICY_COMMANDS_H

#include "cmd/gambeson/commands.h"

extern const struct gb_command gb_policy_diff_command;
extern const struct gb_command gb_policy_explain_command;
extern const struct gb_command gb_policy_group_key_command;
extern const struct gb_command gb_policy_pull_command;
extern const struct gb_command gb_policy_push_command;
extern const struct gb_command gb_policy_schema_command;
extern const struct gb_command gb_policy_test_command;
extern const struct gb_command gb_policy_validate_command;

#endif

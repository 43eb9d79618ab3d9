/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd/gambeson/commands: the commands of `gambeson`, one file each. main.c lists them. See options.h for how one is
 * written.
 */
#ifndef GB_CMD_COMMANDS_H
#define GB_CMD_COMMANDS_H

#include "cmd/gambeson/exit.h"
#include "cmd/gambeson/options.h"

/* All of them. */
extern const struct gb_command gb_program;

extern const struct gb_command gb_cmd_audit;
extern const struct gb_command gb_cmd_audit_list;
extern const struct gb_command gb_cmd_audit_verify;
extern const struct gb_command gb_cmd_backup;
extern const struct gb_command gb_cmd_completion;
extern const struct gb_command gb_cmd_events;
extern const struct gb_command gb_cmd_exclusions;
extern const struct gb_command gb_cmd_functions;
extern const struct gb_command gb_cmd_ingest;
extern const struct gb_command gb_cmd_inspect;
extern const struct gb_command gb_cmd_layer;
extern const struct gb_command gb_cmd_local;
extern const struct gb_command gb_cmd_login;
extern const struct gb_command gb_cmd_logout;
extern const struct gb_command gb_cmd_policy;
extern const struct gb_command gb_cmd_probe;
extern const struct gb_command gb_cmd_profile;
extern const struct gb_command gb_cmd_replay;
extern const struct gb_command gb_cmd_rules;
extern const struct gb_command gb_cmd_run;
extern const struct gb_command gb_cmd_serve;
extern const struct gb_command gb_cmd_tokens;
extern const struct gb_command gb_cmd_users;
extern const struct gb_command gb_cmd_version;

/* One line on standard error: "gambeson NAME: message". Returns STATUS, so that a command can `return gb_complain(…)`.
 * The message names the subject and the remedy. */
__attribute__((format(printf, 3, 4))) int gb_complain(
        const struct gb_command *command, enum gb_exit status, const char *format, ...);

/* Whether to colour what goes to FD: a terminal, not a dumb one, and NO_COLOR is not set. */
bool gb_has_colour(int fd);

#endif

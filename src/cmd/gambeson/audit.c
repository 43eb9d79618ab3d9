/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/gambeson/commands.h"

static const struct gb_command *const children[] = {
        &gb_cmd_audit_list,
        &gb_cmd_audit_verify,
        NULL,
};

const struct gb_command gb_cmd_audit = {
        .name = "audit",
        .summary = "show and verify the log of who changed what on a server",
        .children = children,
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policyc/expression: regular expressions, command lines, and requests with a regular expression in them → trees that
 * policyc/regex.h compiles. Private to policyc.
 */
#ifndef GB_POLICYC_EXPRESSION_H
#define GB_POLICYC_EXPRESSION_H

#include "policyc/policyc.h"
#include "policyc/regex.h"

/* A path pattern with all that it matches, no line feed in it. */
__attribute__((warn_unused_result)) int gb_policyc_tree_of_glob(
        struct gb_arena *arena, struct gb_span glob, struct gb_regex_node **ret_node, struct gb_diag *diag);

/* A whole command line: a regular expression, or text with typed places. */
__attribute__((warn_unused_result)) int gb_policyc_tree_of_command(struct gb_arena *arena,
        const struct gb_policyc_pattern *command, struct gb_regex_node **ret_node, struct gb_diag *diag);

/* "METHOD\nhost\npath". */
__attribute__((warn_unused_result)) int gb_policyc_tree_of_request(struct gb_arena *arena,
        const struct gb_policyc_http *request, struct gb_regex_node **ret_node, struct gb_diag *diag);

/* The programs that COMMAND starts: what stands between its `|`, `&` and `;`, without the blanks around; COMMAND is used
 * up. They are added to PARTS, a choice. -ENOMEM. */
__attribute__((warn_unused_result)) int gb_policyc_add_programs(
        struct gb_arena *arena, struct gb_regex_node *command, struct gb_regex_node *parts);

/* (CHOICE blank)+, or NULL. */
struct gb_regex_node *gb_policyc_tree_of_sequence(struct gb_arena *arena, struct gb_regex_node *choice);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy/list: does one of the three lists of a policy hold an activity? Private to the directory.
 */
#ifndef GB_POLICY_LIST_H
#define GB_POLICY_LIST_H

#include "policy/policy.h"

/* What a list is asked for. An activity may touch two paths (rename, link): to be allowed, both must be in the list; to
 * be forbidden, one is enough. */
enum gb_list_want {
	GB_LIST_WHOLE = 0,
	GB_LIST_ANY_PART,
};

/* *ret_tag is the tag of the entry that holds it (of two paths, one of them), 0 when it has none; it may be NULL. */
bool gb_policy_list_holds(const struct gb_policy *policy, enum gb_blob_list_name name,
        const struct gb_activity *activity, enum gb_list_want want, uint32_t *ret_tag);

/* Whether an expression of LIST about PLACE (enum gb_blob_set_name or gb_blob_place) matches all of TEXT. */
bool gb_policy_expression_holds(const struct gb_policy *policy, const struct gb_blob_list *list, unsigned place,
        struct gb_span text, uint32_t *ret_tag);

/* Where it goes to: by address, or by the name that the address was looked up under. */
bool gb_policy_destination_holds(const struct gb_policy *policy, const struct gb_blob_list *list,
        const struct gb_activity *activity, uint32_t *ret_tag);
bool gb_policy_host_holds(
        const struct gb_policy *policy, const struct gb_blob_list *list, struct gb_span name, uint32_t *ret_tag);

/* Whether LIST says anything about names. */
bool gb_policy_knows_hosts(const struct gb_policy *policy, const struct gb_blob_list *list);

/* A call of a cloud API, or an HTTP request. */
bool gb_policy_call_holds(const struct gb_policy *policy, const struct gb_blob_list *list,
        const struct gb_activity *activity, uint32_t *ret_tag);

/* A process, by the command lines of LIST. */
bool gb_policy_command_line_holds(const struct gb_policy *policy, const struct gb_blob_list *list,
        const struct gb_activity *activity, uint32_t *ret_tag);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy/firewall: what a policy says to the input firewall: sources of requests, trusted proxies, exceptions. Lies in
 * the part of a blob that the warden alone keeps. Pure, no allocation.
 */
#ifndef GB_POLICY_FIREWALL_H
#define GB_POLICY_FIREWALL_H

#include "policy/policy.h"

/* Check what belongs to the firewall in POLICY, which gb_policy_open() took as a whole. -EBADMSG. Everything below asks
 * for a policy that was taken here. */
__attribute__((warn_unused_result)) int gb_policy_firewall_open(const struct gb_policy *policy);

/* Bytes of TEXT, which stands in the firewall's settings. */
struct gb_span gb_policy_firewall_text(const struct gb_policy *policy, struct gb_blob_text text);

/* The list that decides about IP (IPv4 in its mapped form), or NULL. Time: logarithmic. */
const struct gb_blob_source_list *gb_policy_source(const struct gb_policy *policy, const unsigned char ip[16]);
/* What is done about what LIST holds; allow and off are GB_MODE_OFF. Not yet capped by the posture. */
enum gb_mode gb_policy_source_mode(const struct gb_policy *policy, const struct gb_blob_source_list *list);

bool gb_policy_is_proxy(const struct gb_policy *policy, const unsigned char ip[16]);

/* What an exception may name. */
struct gb_policy_place {
	unsigned attack_class;   /* enum gb_attack_class */
	struct gb_span reason;   /* .p NULL: whatever the reason */
	struct gb_span path;     /* of the string in the event */
	struct gb_span method;   /* of the request; empty: it has none */
	struct gb_span resource; /* as the gateway's configuration names it: /comments/{id}; may be empty */
	struct gb_span route;    /* path of the request; may be empty */
};

/* At most this is done about a finding at PLACE. With no reason given: whatever its reason will be. *ret_tag: of the
 * exclusion that says so, or 0. */
enum gb_mode gb_policy_exception_mode(
        const struct gb_policy *policy, const struct gb_policy_place *place, uint32_t *ret_tag);
/* Whether some exception names routes. */
bool gb_policy_has_routes(const struct gb_policy *policy);

/* Whether PATTERN stands for all of PATH, a path in an event: `*` is any text within a name or an index, `**` any text;
 * `.**` at the end also nothing. Names of headers are the same in any case. */
bool gb_policy_event_path_matches(struct gb_span pattern, struct gb_span path);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* control/rule_json: rules and exclusions as the API shows them, and reads them (openapi/rules.yaml). Private to control. */
#ifndef GB_CONTROL_RULE_JSON_H
#define GB_CONTROL_RULE_JSON_H

#include "control/control.h"
#include "publish/publish.h"

#define GB_RULE_REASON_MAX 1000u
#define GB_RULE_BODY_MAX   (2u * GB_RULE_ENTRY_MAX)

/* RULE as the schema Rule at NOW. NULL when memory is short. */
json_t *gb_rule_json(const struct gb_rule *rule, int64_t now_ms);

/* What somebody wants to have: the body's list, scope, entry, reason and expires, checked as far as they say it themselves and by
 * policyc, for a function or account that the caller sees. *ret_rule has its texts in the call's arena. 0; -EINVAL: the problem is
 * answered. */
__attribute__((warn_unused_result)) int gb_rule_read(
        struct gb_call *call, const json_t *body, struct gb_rule *ret_rule);

/* The members of a change over *RULE. 0; -EINVAL: the problem is answered. */
__attribute__((warn_unused_result)) int gb_rule_read_change(
        struct gb_call *call, const json_t *body, struct gb_rule *rule);

/* Whether the caller may change what is for RULE's scope: all of it must be his. False: the problem is answered. */
bool gb_rule_may_change(struct gb_call *call, const struct gb_rule *rule);

/* The function of the id TEXT, which the caller sees, in the call's arena. 1, 0 when there is none, -EINVAL: the problem is answered. */
__attribute__((warn_unused_result)) int gb_call_function(
        struct gb_call *call, struct gb_span text, struct gb_function *ret_function);

/* An entry of a document as the schema Rule: STATES of documents are looked at in route_rules.c. */
struct gb_document_entry {
	const char *kind, *name; /* of the document */
	bool is_exclusion;
	size_t index;
	const struct gb_policyc_entry *entry;
	struct gb_span json;
	uint32_t line;
};
json_t *gb_document_entry_json(const struct gb_document_entry *of, int64_t now_ms);

#endif

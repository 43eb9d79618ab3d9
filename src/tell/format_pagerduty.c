/* SPDX-License-Identifier: Apache-2.0 */
/* PagerDuty Events API v2. Its texts are plain; lengths are the API's. */
#include "tell/draft.h"

#include <errno.h>

#define DEDUP_KEY_MAX 255u
#define SUMMARY_MAX   1024u
#define ROUTING_CHARS 32u

static const char *const severities[_GB_TELL_SEVERITY_MAX] = {
        [GB_TELL_INFO] = "info",
        [GB_TELL_LOW] = "info",
        [GB_TELL_MEDIUM] = "warning",
        [GB_TELL_HIGH] = "error",
        [GB_TELL_CRITICAL] = "critical",
};

static void put_payload(struct gb_draft *draft, json_t *root, const struct gb_tell_notice *n)
{
	const struct gb_tell_function *f = &n->function;
	struct gb_span arn = gb_tell_function_arn(draft->arena, f);
	struct gb_draft_fact facts[GB_DRAFT_FACTS_MAX];
	size_t count = gb_draft_facts(draft, n, SIZE_MAX, facts);
	json_t *details = json_object();

	gb_draft_shown(draft, root, "payload.summary", gb_draft_title(draft, n, SUMMARY_MAX), SUMMARY_MAX);
	gb_draft_shown(draft, root, "payload.source", arn.n ? arn : f->name.n ? f->name : GB_SPAN("gambeson"), 255);
	gb_draft_literal(draft, root, "payload.severity", severities[n->severity]);
	gb_draft_time(draft, root, "payload.timestamp", n->time_ms);
	gb_draft_shown(draft, root, "payload.component", f->name, 255);
	gb_draft_shown(draft, root, "payload.group", f->group.n ? f->group : f->account, 255);
	gb_draft_shown(draft, root, "payload.class", n->type, 255);
	gb_draft_shown(draft, details, "message", n->message, SIZE_MAX);
	for (size_t i = 0; i < count; i++)
		gb_draft_shown(draft, details, facts[i].label, facts[i].value, SIZE_MAX);
	gb_draft_shown(draft, details, "Evidence", gb_draft_evidence(draft, n, SIZE_MAX), SIZE_MAX);
	gb_draft_put(draft, root, "payload.custom_details", details);
}

int gb_tell_write_pagerduty(
        struct gb_draft *draft, const struct gb_tell_notice *notices, size_t count, struct gb_span *ret_message)
{
	const struct gb_tell_notice *n = &notices[0];
	struct gb_span link = gb_draft_link(draft, n);
	json_t *root;

	(void)count;
	if (draft->target->routing_key.n != ROUTING_CHARS || !gb_draft_is_key(draft->target->key))
		return -EINVAL;
	root = json_object();
	gb_draft_exact(draft, root, "routing_key", draft->target->routing_key, SIZE_MAX);
	gb_draft_literal(draft, root, "event_action", draft->target->is_resolved ? "resolve" : "trigger");
	gb_draft_exact(draft, root, "dedup_key", draft->target->key, DEDUP_KEY_MAX);
	if (!draft->target->is_resolved) {
		gb_draft_literal(draft, root, "client", "Gambeson");
		gb_draft_exact(draft, root, "client_url", link, 2048);
		put_payload(draft, root, n);
	}
	return gb_draft_dump(draft, root, ret_message);
}

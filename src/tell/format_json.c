/* SPDX-License-Identifier: Apache-2.0 */
/* Our own format: the event as the agent wrote it, in an envelope that says of which function. docs/TELL.md. */
#include "tell/draft.h"

int gb_tell_write_json(
        struct gb_draft *draft, const struct gb_tell_notice *notices, size_t count, struct gb_span *ret_message)
{
	const struct gb_tell_notice *n = &notices[0];
	json_t *root = json_object();
	struct gb_span arn = gb_tell_function_arn(draft->arena, &n->function);

	(void)count;
	gb_draft_number(draft, root, "gambeson", 1);
	gb_draft_literal(draft, root, "kind", "alert");
	gb_draft_exact(draft, root, "key", draft->target->key, 64);
	gb_draft_number(draft, root, "count", (int64_t)n->count);
	gb_draft_time(draft, root, "first", n->first_ms);
	gb_draft_time(draft, root, "last", n->last_ms);
	gb_draft_exact(draft, root, "function.name", n->function.name, 256);
	gb_draft_exact(draft, root, "function.version", n->function.version, 64);
	gb_draft_exact(draft, root, "function.account", n->function.account, 64);
	gb_draft_exact(draft, root, "function.region", n->function.region, 64);
	gb_draft_exact(draft, root, "function.runtime", n->function.runtime, 64);
	gb_draft_exact(draft, root, "function.group", n->function.group, 128);
	gb_draft_exact(draft, root, "function.arn", arn, 256);
	gb_draft_exact(draft, root, "link", gb_draft_link(draft, n), 2048);
	gb_draft_put(draft, root, "event", gb_draft_copy(draft, n->line));
	return gb_draft_dump(draft, root, ret_message);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "store/audit.h"

#include "control/state.h"

#include "base/text.h"

#include <errno.h>

/* Text of DETAIL in the call's arena; it is given back. */
static int dump(struct gb_call *call, json_t *detail, struct gb_span *ret_text)
{
	size_t n = detail != NULL ? json_dumpb(detail, NULL, 0, JSON_COMPACT | JSON_SORT_KEYS) : 0;
	char *text = gb_arena_take(call->arena, n + 1);

	if (text != NULL)
		*ret_text = gb_span_of(
		        text, detail != NULL ? json_dumpb(detail, text, n, JSON_COMPACT | JSON_SORT_KEYS) : 0);
	json_decref(detail);
	return text != NULL ? 0 : -ENOMEM;
}

int gb_audit(struct gb_call *call, const char *action, struct gb_span target, json_t *detail, struct gb_diag *diag)
{
	struct gb_audit_entry entry = {
	        .time = gb_clock_ms(),
	        .actor = call->actor != NULL ? call->actor->name : GB_SPAN("nobody"),
	        .action = gb_span_cstr(action),
	        .target = target,
	};
	char hash[2 * GB_AUDIT_HASH_BYTES + 1];
	struct gb_text text = gb_text_on(hash, sizeof(hash));
	int r = dump(call, detail, &entry.detail);

	if (r == 0)
		r = gb_audit_add(call->store, &entry, call->arena, diag);
	if (r < 0)
		return r;
	gb_text_add_hex(&text, entry.hash);
	/* The hash in a log that is kept elsewhere is the anchor of `gambeson audit verify --anchor`. */
	gb_log(call->control, GB_LOG_INFO, "audit", "{s:I,s:s,s:s%,s:s}", "seq", (json_int_t)entry.seq, "action",
	        action, "actor", (const char *)entry.actor.p, entry.actor.n, "hash", gb_text_cstr(&text));
	return 0;
}

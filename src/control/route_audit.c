/* SPDX-License-Identifier: Apache-2.0 */
#include "store/audit.h"

#include "control/state.h"

#include "base/text.h"

#include <errno.h>

static json_t *hex_json(struct gb_span bytes)
{
	char hex[2 * GB_AUDIT_HASH_BYTES];
	struct gb_text text = gb_text_on(hex, sizeof(hex));

	gb_text_add_hex(&text, bytes);
	return gb_json_text(gb_text_span(&text));
}

static int list_one(void *context, const struct gb_audit_entry *entry)
{
	json_t *detail =
	        entry->detail.n > 0 ? json_loadb((const char *)entry->detail.p, entry->detail.n, 0, NULL) : NULL;
	json_t *item = json_pack("{s:I,s:o,s:o,s:o,s:o,s:o,s:o}", "seq", (json_int_t)entry->seq, "time",
	        gb_json_time(entry->time), "actor", gb_json_text(entry->actor), "action", gb_json_text(entry->action),
	        "target", gb_json_text(entry->target), "detail", detail != NULL ? detail : json_null(), "hash",
	        hex_json(entry->hash));

	return json_array_append_new(context, item) < 0 ? -ENOMEM : 0;
}

/* Newest first; with ?before= those before that number. */
static int get_audit(struct gb_call *call)
{
	struct gb_diag diag = {0};
	uint64_t before, limit;
	json_t *items;
	int r;

	if (gb_call_query_number(call, "before", 0, INT64_MAX, 0, &before) < 0 ||
	        gb_call_query_number(call, "limit", 1, 1000, 100, &limit) < 0)
		return 0;
	items = json_array();
	r = gb_audit_list(call->store, (int64_t)before, true, (size_t)limit, list_one, items, &diag);
	if (r >= 0)
		return gb_call_json(call, 200, json_pack("{s:o}", "items", items));
	json_decref(items);
	return gb_call_failed(call, r, &diag);
}

static int post_verify(struct gb_call *call)
{
	struct gb_audit_finding finding;
	struct gb_diag diag = {0};
	int r = gb_audit_verify(call->store, 0, NULL, &finding, &diag);

	if (r < 0)
		return gb_call_failed(call, r, &diag);
	return gb_call_json(call, 200,
	        json_pack("{s:b,s:I,s:o,s:o}", "is_whole", finding.broken_at == 0, "entries",
	                (json_int_t)finding.entries, "broken_at",
	                finding.broken_at != 0 ? json_integer(finding.broken_at) : json_null(), "head",
	                hex_json(gb_span_of(finding.head, sizeof(finding.head)))));
}

const struct gb_route gb_routes_audit[] = {
        {.method = "GET",
                .path = "/v1/audit",
                .handle = get_audit,
                .operation_id = "listAudit",
                .role = GB_ROLE_ADMIN,
                .scope = "audit:read"},
        {.method = "POST",
                .path = "/v1/audit/verify",
                .handle = post_verify,
                .operation_id = "verifyAudit",
                .role = GB_ROLE_ADMIN,
                .scope = "audit:read"},
        {.path = NULL},
};

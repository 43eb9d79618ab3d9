/* SPDX-License-Identifier: Apache-2.0 */
/* The policy that holds for a function, and why it is that. */
#include "base/cleanup.h"
#include "control/rule_json.h"
#include "store/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *posture_why(const struct gb_policyc_resolution *resolution)
{
	bool has_document =
	        resolution->account.file != NULL || resolution->group.file != NULL || resolution->function.file != NULL;

	if (resolution->has_own_posture)
		return "it was set for this function";
	return has_document ? "its documents say so" : "no document says: it is as its agent was started";
}

/* Until a moment that is to come it is detect at most. */
static enum gb_mode posture_of(const struct gb_policyc_resolution *resolution, int64_t now_ms)
{
	const struct gb_policyc_document *document = resolution->document;
	bool is_early = document->enforce == GB_POLICYC_AT_TIME && now_ms / 1000 < document->enforce_at;

	return is_early && document->posture > GB_MODE_DETECT ? GB_MODE_DETECT : document->posture;
}

static json_t *documents_json(const struct gb_policyc_resolution *resolution)
{
	const char *const files[] = {resolution->account.file, resolution->group.file, resolution->function.file};
	json_t *list = json_array();

	for (size_t i = 0; i < 3; i++) {
		const char *slash = files[i] == NULL ? NULL : strchr(files[i], '/');

		if (slash != NULL)
			(void)json_array_append_new(list, json_pack("{s:s%, s:s}", "kind", files[i],
			                                          (size_t)(slash - files[i]), "name", slash + 1));
	}
	return list;
}

static json_t *left_out_json(const struct gb_policyc_resolution *resolution)
{
	json_t *list = json_array();

	for (size_t i = 0; i < resolution->left_out_count; i++) {
		const struct gb_policyc_left_out *out = &resolution->left_out[i];

		(void)json_array_append_new(
		        list, json_pack("{s:s, s:s?, s:s}", "list", out->noun, "name", out->name, "why", out->text));
	}
	return list;
}

static json_t *policy_json(const struct gb_policyc_resolution *resolution, int64_t now_ms)
{
	GB_CLEANUP(gb_freep) char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	if (out == NULL)
		return NULL;
	gb_policyc_print(resolution->document, out);
	if (fclose(out) != 0)
		return NULL;
	return json_pack("{s:o, s:s, s:s, s:s?, s:s?, s:s?, s:s?, s:o, s:I, s:o}", "body",
	        gb_json_text(gb_span_of(text, n)), "posture", gb_mode_name(posture_of(resolution, now_ms)),
	        "posture_why", posture_why(resolution), "group", resolution->group_name, "group_why",
	        resolution->group_why, "held_back", resolution->enforce_why, "conflict", resolution->conflict,
	        "documents", documents_json(resolution), "additions", (json_int_t)resolution->addition_count,
	        "left_out", left_out_json(resolution));
}

static int get_effective(struct gb_call *call)
{
	GB_CLEANUP(gb_policyc_set_freep) struct gb_policyc_set *set = NULL;
	GB_CLEANUP(gb_policyc_document_freep) struct gb_policyc_document *learned = NULL;
	struct gb_policyc_resolution resolution;
	struct gb_function function;
	struct gb_diag diag = {0};
	json_t *answer;
	int r = gb_call_function(call, gb_call_parameter(call, "id"), &function);

	if (r <= 0)
		return r < 0 ? 0 : gb_call_problem(call, 404, "not-found", "there is no such function");
	r = gb_publish_set(call->store, &function, &set, &diag);
	if (r == 0)
		r = gb_publish_resolve(call->store, set, &function, &resolution, &learned, &diag);
	if (r == -ENOENT)
		return gb_call_problem(call, 404, "not-found", "no document is for this function");
	if (r == -EINVAL)
		return gb_call_problem(call, 409, "conflict", "%s", diag.message);
	if (r < 0)
		return gb_call_failed(call, r, &diag);
	answer = policy_json(&resolution, gb_store_now_ms(call->store));
	gb_policyc_resolution_done(&resolution);
	return gb_call_json(call, 200, answer);
}

const struct gb_route gb_routes_effective[] = {
        {.method = "GET",
                .path = "/v1/functions/{id}/policy",
                .handle = get_effective,
                .operation_id = "getEffectivePolicy",
                .role = GB_ROLE_VIEWER,
                .scope = "policies:read"},
        {0},
};

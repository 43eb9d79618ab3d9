/* SPDX-License-Identifier: Apache-2.0 */
/* What was learned of a function, its allowlist, the policy that holds for it, and what was published. */
#include "base/cleanup.h"
#include "control/event_json.h"
#include "learn/learn.h"
#include "publish/publish.h"
#include "store/documents.h"
#include "store/learning.h"
#include "store/profiles.h"
#include "store/publications.h"
#include "store/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_MAX 500u

/* A function that the caller sees, its texts in the call's arena. */
struct found {
	struct gb_call *call;
	struct gb_function function;
	char key[GB_PUBLISH_KEY_BYTES];
};

static int keep(void *context, const struct gb_function *function)
{
	struct found *found = context;
	int r = gb_function_copy(found->call->arena, function, &found->function);

	return r < 0 ? r : 1;
}

/* 1; 0: the problem is answered. */
static int find(struct gb_call *call, struct found *found)
{
	struct gb_diag diag = {0};
	int64_t id;
	int r;

	*found = (struct found){.call = call};
	if (gb_call_id(call, "id", &id) < 0)
		return 0;
	r = gb_function_get(call->store, call->actor->scope, id, keep, found, &diag);
	if (r < 0)
		(void)gb_call_failed(call, r, &diag);
	else if (r == 0)
		(void)gb_call_problem(call, 404, "not-found", "there is no such function");
	if (r <= 0)
		return 0;
	gb_publish_function_key(found->function.account, found->function.region, found->function.name, found->key);
	return 1;
}

static int add_point(void *context, const struct gb_learning_point *point)
{
	return json_array_append_new(
	               context, json_pack("{s:I, s:I, s:I, s:f, s:o}", "invocations", (json_int_t)point->invocations,
	                                "needed", (json_int_t)point->needed, "percent", (json_int_t)point->percent,
	                                "bound", point->bound, "time", gb_json_time(point->time))) < 0
	               ? -ENOMEM
	               : 0;
}

static int get_learning(struct gb_call *call)
{
	const struct gb_learn_settings settings = gb_learn_settings_usual();
	struct gb_diag diag = {0};
	struct found found;
	json_t *points;
	int r;

	if (find(call, &found) == 0)
		return 0;
	points = json_array();
	r = gb_learning_list(call->store, found.function.id, add_point, points, &diag);
	if (r < 0) {
		json_decref(points);
		return gb_call_failed(call, r, &diag);
	}
	return gb_call_json(call, 200,
	        json_pack("{s:o, s:I, s:f, s:f, s:f, s:o}", "state", gb_json_text(found.function.state), "percent",
	                (json_int_t)found.function.learning_percent, "bound", found.function.bound, "epsilon",
	                settings.epsilon, "delta", settings.delta, "points", points));
}

/* One of the two lists, or null. NULL: memory is short or the store fails. */
static json_t *list_json(struct gb_call *call, const struct found *found, const char *kind)
{
	struct gb_document document;
	struct gb_diag diag = {0};
	int r = gb_document_get(
	        call->store, gb_span_cstr(kind), gb_span_cstr(found->key), 0, call->arena, &document, &diag);

	if (r < 0)
		return NULL;
	if (r == 0 || document.is_deleted)
		return json_null();
	return json_pack("{s:I, s:o, s:o, s:o}", "revision", (json_int_t)document.revision, "body",
	        gb_json_text(document.body), "author", gb_json_text(document.author), "time",
	        gb_json_time(document.time));
}

static int get_allowlist(struct gb_call *call)
{
	struct found found;

	if (find(call, &found) == 0)
		return 0;
	return gb_call_json(call, 200,
	        json_pack("{s:o, s:o}", "proposal", list_json(call, &found, GB_PUBLISH_PROPOSAL), "allowlist",
	                list_json(call, &found, GB_PUBLISH_ALLOWLIST)));
}

static int commit(struct gb_call *call, const struct found *found, struct gb_document *document, const char *state,
        const char *action)
{
	struct gb_diag diag = {0};
	int r = gb_store_begin(call->store, &diag);

	document->author = call->actor->name;
	if (r == 0)
		r = gb_document_put(call->store, document, GB_DOCUMENT_ANY, &document->revision, &diag);
	if (r == 0)
		r = gb_function_state_set(call->store, found->function.id, state, &diag);
	if (r == 0)
		r = gb_audit(call, action, gb_span_cstr(found->key),
		        json_pack("{s:I}", "revision", (json_int_t)document->revision), &diag);
	if (r == 0)
		r = gb_store_commit(call->store, &diag);
	if (r < 0) {
		(void)gb_call_failed(call, r, &diag);
		return r;
	}
	gb_task_wake(call->control, "publish");
	return 0;
}

/* The proposal that the caller has seen is put in force. */
static int approve(struct gb_call *call)
{
	const json_t *body = gb_call_body(call);
	json_int_t revision = json_integer_value(json_object_get(body, "revision"));
	struct gb_document proposal;
	struct gb_diag diag = {0};
	struct found found;
	int r;

	if (body == NULL || find(call, &found) == 0)
		return 0;
	r = gb_document_get(
	        call->store, GB_SPAN(GB_PUBLISH_PROPOSAL), gb_span_cstr(found.key), 0, call->arena, &proposal, &diag);
	if (r < 0)
		return gb_call_failed(call, r, &diag);
	if (r == 0 || proposal.is_deleted)
		return gb_call_problem(call, 404, "not-found", "no allowlist is proposed for this function");
	if (revision != proposal.revision)
		return gb_call_problem(call, 412, "changed-meanwhile",
		        "revision is to be that of the proposal, which is %lld by now", (long long)proposal.revision);
	proposal.kind = GB_SPAN(GB_PUBLISH_ALLOWLIST);
	proposal.comment = GB_SPAN("approved");
	return commit(call, &found, &proposal, "enforcing", "allowlist.approve") < 0 ? 0 : gb_call_empty(call, 204);
}

static int drop_allowlist(struct gb_call *call)
{
	struct gb_document document = {.kind = GB_SPAN(GB_PUBLISH_ALLOWLIST), .is_deleted = true};
	struct found found;

	if (find(call, &found) == 0)
		return 0;
	document.name = gb_span_cstr(found.key);
	return commit(call, &found, &document, "learning", "allowlist.drop") < 0 ? 0 : gb_call_empty(call, 204);
}

static int add_publication(void *context, const struct gb_publication *publication)
{
	return json_array_append_new(context,
	               json_pack("{s:I, s:s, s:o, s:o}", "serial", (json_int_t)publication->serial, "state",
	                       gb_publication_state_name(publication->state), "time", gb_json_time(publication->time),
	                       "message", gb_json_text(publication->diag))) < 0
	               ? -ENOMEM
	               : 0;
}

static int list_publications(struct gb_call *call)
{
	struct gb_diag diag = {0};
	uint64_t before, limit;
	struct found found;
	json_t *list;
	int r;

	if (gb_call_query_number(call, "before", 1, INT64_MAX, 0, &before) < 0 ||
	        gb_call_query_number(call, "limit", 1, PAGE_MAX, 50, &limit) < 0 || find(call, &found) == 0)
		return 0;
	list = json_array();
	r = gb_publications_list(
	        call->store, found.function.id, (int64_t)before, (size_t)limit, add_publication, list, &diag);
	if (r < 0) {
		json_decref(list);
		return gb_call_failed(call, r, &diag);
	}
	return gb_call_json(call, 200, json_pack("{s:o}", "publications", list));
}

const struct gb_route gb_routes_learning[] = {
        {
                .method = "GET",
                .path = "/v1/functions/{id}/learning",
                .handle = get_learning,
                .operation_id = "getLearning",
                .role = GB_ROLE_VIEWER,
                .scope = "functions:read",
        },
        {
                .method = "GET",
                .path = "/v1/functions/{id}/allowlist",
                .handle = get_allowlist,
                .operation_id = "getAllowlist",
                .role = GB_ROLE_VIEWER,
                .scope = "policies:read",
        },
        {
                .method = "POST",
                .path = "/v1/functions/{id}/allowlist/approve",
                .handle = approve,
                .operation_id = "approveAllowlist",
                .role = GB_ROLE_OPERATOR,
                .scope = "policies:write",
        },
        {
                .method = "DELETE",
                .path = "/v1/functions/{id}/allowlist",
                .handle = drop_allowlist,
                .operation_id = "dropAllowlist",
                .role = GB_ROLE_OPERATOR,
                .scope = "policies:write",
        },
        {
                .method = "GET",
                .path = "/v1/functions/{id}/publications",
                .handle = list_publications,
                .operation_id = "listPublications",
                .role = GB_ROLE_VIEWER,
                .scope = "policies:read",
        },
        {.path = NULL},
};

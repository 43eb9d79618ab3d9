/* SPDX-License-Identifier: Apache-2.0 */
/* Policy documents: pushed, checked, rolled back, with all that they ever were. */
#include "control/control.h"
#include "publish/fits.h"
#include "store/documents.h"
#include "store/store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define COMMENT_MAX 1000u
#define BODY_MAX    (2u * GB_DOCUMENT_BODY_MAX)
#define PAGE_MAX    500u

static json_t *document_json(const struct gb_document *document, bool has_body)
{
	json_t *object = json_pack("{s:o, s:o, s:I, s:o, s:o, s:o, s:b}", "kind", gb_json_text(document->kind), "name",
	        gb_json_text(document->name), "revision", (json_int_t)document->revision, "author",
	        gb_json_text(document->author), "time", gb_json_time(document->time), "comment",
	        gb_json_text(document->comment), "is_deleted", document->is_deleted);

	if (object != NULL && has_body && json_object_set_new(object, "body", gb_json_text(document->body)) < 0) {
		json_decref(object);
		return NULL;
	}
	return object;
}

static int add_document(void *context, const struct gb_document *document)
{
	return json_array_append_new(context, document_json(document, false)) < 0 ? -ENOMEM : 0;
}

/* The kind of the path. NULL: the problem is answered. */
static const char *kind_of(struct gb_call *call)
{
	struct gb_span kind = gb_call_parameter(call, "kind");

	for (size_t i = 0; gb_publish_kinds[i] != NULL; i++)
		if (gb_span_equal(kind, gb_span_cstr(gb_publish_kinds[i])))
			return gb_publish_kinds[i];
	(void)gb_call_problem(call, 404, "not-found", "kinds are AccountPolicy, Group and FunctionPolicy");
	return NULL;
}

static int list_policies(struct gb_call *call)
{
	struct gb_span only = gb_call_query(call, "kind");
	json_t *list = json_array();
	struct gb_diag diag = {0};
	int r = 0;

	for (size_t i = 0; gb_publish_kinds[i] != NULL && r >= 0; i++)
		if (only.n == 0 || gb_span_equal(only, gb_span_cstr(gb_publish_kinds[i])))
			r = gb_documents_list(call->store, gb_span_cstr(gb_publish_kinds[i]), GB_SPAN_EMPTY,
			        GB_POLICYC_SET_DOCUMENTS_MAX, add_document, list, &diag);
	if (r < 0) {
		json_decref(list);
		return gb_call_failed(call, r, &diag);
	}
	return gb_call_json(call, 200, json_pack("{s:o}", "policies", list));
}

/* The document of the path: 1, or 0: the problem is answered. */
static int find(struct gb_call *call, int64_t revision, struct gb_document *document)
{
	const char *kind = kind_of(call);
	struct gb_diag diag = {0};
	int r = kind == NULL ? -EINVAL
	                     : gb_document_get(call->store, gb_span_cstr(kind), gb_call_parameter(call, "name"),
	                               revision, call->arena, document, &diag);

	if (r > 0 && (revision != 0 || !document->is_deleted))
		return 1;
	if (kind != NULL && r < 0)
		(void)gb_call_failed(call, r, &diag);
	else if (kind != NULL)
		(void)gb_call_problem(call, 404, "not-found", "there is no such document");
	return 0;
}

static int answer_document(struct gb_call *call, unsigned status, const struct gb_document *document)
{
	char etag[32];

	(void)snprintf(etag, sizeof(etag), "\"%lld\"", (long long)document->revision);
	if (gb_call_header(call, "ETag", gb_span_cstr(etag)) < 0)
		return gb_call_failed(call, -ENOMEM, NULL);
	return gb_call_json(call, status, document_json(document, true));
}

static int get_policy(struct gb_call *call)
{
	struct gb_document document;
	uint64_t revision;

	if (gb_call_query_number(call, "revision", 1, INT32_MAX, 0, &revision) < 0 ||
	        find(call, (int64_t)revision, &document) == 0)
		return 0;
	return answer_document(call, 200, &document);
}

static int get_history(struct gb_call *call)
{
	const char *kind = kind_of(call);
	json_t *list;
	struct gb_diag diag = {0};
	uint64_t before, limit;
	int r;

	if (kind == NULL || gb_call_query_number(call, "before", 1, INT32_MAX, 0, &before) < 0 ||
	        gb_call_query_number(call, "limit", 1, PAGE_MAX, 50, &limit) < 0)
		return 0;
	list = json_array();
	r = gb_document_history(call->store, gb_span_cstr(kind), gb_call_parameter(call, "name"), (int64_t)before,
	        (size_t)limit, add_document, list, &diag);
	if (r <= 0) {
		json_decref(list);
		return r < 0 ? gb_call_failed(call, r, &diag)
		             : gb_call_problem(call, 404, "not-found", "there is no such document");
	}
	return gb_call_json(call, 200, json_pack("{s:o}", "revisions", list));
}

/* If-Match: "REVISION", or If-None-Match: * for a new one. 0; -EINVAL: the problem is answered. */
static int read_expected(struct gb_call *call, int64_t *ret_expected)
{
	struct gb_span match = gb_web_request_header(call->request, "If-Match");
	struct gb_span none = gb_web_request_header(call->request, "If-None-Match");
	uint64_t revision = 0;

	if (match.n > 2 && match.p[0] == '"' && match.p[match.n - 1] == '"' &&
	        gb_span_to_u64(gb_span_sub(match, 1, match.n - 2), &revision) && revision <= INT32_MAX) {
		*ret_expected = (int64_t)revision;
		return 0;
	}
	*ret_expected = 0;
	if (match.n == 0 && gb_span_equal(none, GB_SPAN("*")))
		return 0;
	(void)gb_call_problem(call, 400, "bad-request",
	        "say what is there: If-Match with the ETag of the revision that this is to follow, or If-None-Match: "
	        "*");
	return -EINVAL;
}

/* Documents are for all functions: who sees a part of them does not write them. */
static bool may_write(struct gb_call *call)
{
	if (call->actor->scope == NULL)
		return true;
	(void)gb_call_problem(call, 403, "forbidden", "documents are for all accounts, and you see some");
	return false;
}

static int refused(struct gb_call *call, int r, const struct gb_diag *diag)
{
	if (r != -EINVAL && r != -EFBIG)
		return gb_call_failed(call, r, diag);
	return gb_call_problem_at(call, 422, "invalid", diag->line, diag->column, diag->message);
}

/* Put DOCUMENT, with its entry in the audit log, unless it would leave a function without a policy. 0; negative: answered. */
static int put(struct gb_call *call, struct gb_document *document, int64_t expected, const char *action)
{
	const struct gb_publish_change change = {.kind = kind_of(call), .name = document->name, .body = document->body};
	struct gb_diag diag = {0};
	char target[GB_DOCUMENT_NAME_MAX + 32];
	int r = gb_publish_document_fits(call->store, &change, &diag);

	if (r == 0)
		r = gb_store_begin(call->store, &diag);
	document->author = call->actor->name;
	document->time = gb_store_now_ms(call->store);
	(void)snprintf(target, sizeof(target), "%.*s/%.*s", (int)document->kind.n, (const char *)document->kind.p,
	        (int)document->name.n, (const char *)document->name.p);
	if (r == 0)
		r = gb_document_put(call->store, document, expected, &document->revision, &diag);
	if (r == 0)
		r = gb_audit(call, action, gb_span_cstr(target),
		        json_pack("{s:I, s:o}", "revision", (json_int_t)document->revision, "comment",
		                gb_json_text(document->comment)),
		        &diag);
	if (r == 0)
		r = gb_store_commit(call->store, &diag);
	if (r == 0) {
		gb_task_wake(call->control, "publish");
		return 0;
	}
	if (r == -ESTALE)
		(void)gb_call_problem(
		        call, 412, "changed-meanwhile", "the document is not what you took it to be: %s", diag.message);
	else
		(void)refused(call, r, &diag);
	return r;
}

static int put_policy(struct gb_call *call)
{
	struct gb_document document = {.is_deleted = false};
	struct gb_diag diag = {0};
	const char *kind = kind_of(call), *own_kind;
	const json_t *body;
	struct gb_span name;
	int64_t expected;
	int r;

	if (kind == NULL || !may_write(call) || read_expected(call, &expected) < 0)
		return 0;
	body = gb_call_body(call);
	if (body == NULL || gb_call_text(call, body, "body", GB_DOCUMENT_BODY_MAX, true, &document.body) < 0 ||
	        gb_call_text(call, body, "comment", COMMENT_MAX, false, &document.comment) < 0)
		return 0;
	r = gb_publish_check(call->store, document.body, call->arena, &own_kind, &name, &diag);
	if (r < 0)
		return refused(call, r, &diag);
	if (strcmp(kind, own_kind) != 0 || !gb_span_equal(name, gb_call_parameter(call, "name")))
		return gb_call_problem(call, 422, "invalid", "the document calls itself %s '%.*s'", own_kind,
		        (int)(name.n < 100 ? name.n : 100), (const char *)name.p);
	document.kind = gb_span_cstr(kind);
	document.name = name;
	if (put(call, &document, expected, "policy.push") < 0)
		return 0;
	return answer_document(call, expected == 0 ? 201 : 200, &document);
}

static int delete_policy(struct gb_call *call)
{
	struct gb_document document;
	int64_t expected;

	if (!may_write(call) || read_expected(call, &expected) < 0 || find(call, 0, &document) == 0)
		return 0;
	document.body = document.comment = GB_SPAN_EMPTY;
	document.is_deleted = true;
	return put(call, &document, expected, "policy.delete") < 0 ? 0 : gb_call_empty(call, 204);
}

static int roll_back(struct gb_call *call)
{
	const json_t *body;
	struct gb_document document;
	struct gb_diag diag = {0};
	const char *kind;
	struct gb_span comment, name;
	json_int_t revision;
	int64_t expected;
	int r;

	if (!may_write(call) || read_expected(call, &expected) < 0)
		return 0;
	body = gb_call_body(call);
	if (body == NULL || gb_call_text(call, body, "comment", COMMENT_MAX, false, &comment) < 0)
		return 0;
	revision = json_integer_value(json_object_get(body, "revision"));
	if (revision < 1)
		return gb_call_problem(call, 400, "bad-value", "revision is the number of the one to go back to");
	if (find(call, revision, &document) == 0)
		return 0;
	/* What was good once may not be beside what is there now. */
	r = document.is_deleted ? 0 : gb_publish_check(call->store, document.body, call->arena, &kind, &name, &diag);
	if (r < 0)
		return refused(call, r, &diag);
	document.comment = comment;
	return put(call, &document, expected, "policy.roll-back") < 0 ? 0 : answer_document(call, 200, &document);
}

static int check_policy(struct gb_call *call)
{
	const json_t *body = gb_call_body(call);
	struct gb_diag diag = {0};
	struct gb_span text, name;
	const char *kind;
	int r;

	if (body == NULL || gb_call_text(call, body, "body", GB_DOCUMENT_BODY_MAX, true, &text) < 0)
		return 0;
	r = gb_publish_check(call->store, text, call->arena, &kind, &name, &diag);
	if (r < 0)
		return refused(call, r, &diag);
	return gb_call_json(call, 200, json_pack("{s:s, s:o}", "kind", kind, "name", gb_json_text(name)));
}

const struct gb_route gb_routes_policies[] = {
        {
                .method = "GET",
                .path = "/v1/policies",
                .handle = list_policies,
                .operation_id = "listPolicies",
                .role = GB_ROLE_VIEWER,
                .scope = "policies:read",
        },
        {
                .method = "POST",
                .path = "/v1/policies/check",
                .handle = check_policy,
                .operation_id = "checkPolicy",
                .role = GB_ROLE_OPERATOR,
                .scope = "policies:read",
                .body_max = BODY_MAX,
        },
        {
                .method = "GET",
                .path = "/v1/policies/{kind}/{name}",
                .handle = get_policy,
                .operation_id = "getPolicy",
                .role = GB_ROLE_VIEWER,
                .scope = "policies:read",
        },
        {
                .method = "PUT",
                .path = "/v1/policies/{kind}/{name}",
                .handle = put_policy,
                .operation_id = "putPolicy",
                .role = GB_ROLE_OPERATOR,
                .scope = "policies:write",
                .body_max = BODY_MAX,
        },
        {
                .method = "DELETE",
                .path = "/v1/policies/{kind}/{name}",
                .handle = delete_policy,
                .operation_id = "deletePolicy",
                .role = GB_ROLE_OPERATOR,
                .scope = "policies:write",
        },
        {
                .method = "GET",
                .path = "/v1/policies/{kind}/{name}/history",
                .handle = get_history,
                .operation_id = "getPolicyHistory",
                .role = GB_ROLE_VIEWER,
                .scope = "policies:read",
        },
        {
                .method = "POST",
                .path = "/v1/policies/{kind}/{name}/roll-back",
                .handle = roll_back,
                .operation_id = "rollBackPolicy",
                .role = GB_ROLE_OPERATOR,
                .scope = "policies:write",
        },
        {.path = NULL},
};

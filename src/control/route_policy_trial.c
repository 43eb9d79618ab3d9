/* SPDX-License-Identifier: Apache-2.0 */
/* What documents are for, what a change of one would do, and keys and secrets for groups. */
#include "control/control.h"
#include "control/event_json.h"
#include "control/state.h"
#include "policyc/secret.h"
#include "publish/trial.h"
#include "store/documents.h"
#include "store/store.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#define BODY_MAX     (2u * GB_DOCUMENT_BODY_MAX)
#define EXAMPLES_MAX 100u /* functions that are named */
#define TEXTS_MAX    10u  /* of them with both policies, each up to … */
#define TEXT_MAX     65536u
#define USERS_MAX    500u

struct answering {
	struct gb_call *call;
	json_t *list;
};

static int add_effect(void *context, const struct gb_publish_effect *effect)
{
	struct answering *answering = context;
	const struct gb_function *function = effect->function;
	size_t count = json_array_size(answering->list);
	json_t *object;
	char id[24];

	if (count >= EXAMPLES_MAX)
		return 0;
	(void)snprintf(id, sizeof(id), "%lld", (long long)function->id);
	object = json_pack("{s:s, s:o, s:o, s:o, s:s?}", "function", id, "account", gb_json_text(function->account),
	        "region", gb_json_text(function->region), "name", gb_json_text(function->name), "refused",
	        effect->refused);
	if (count < TEXTS_MAX && effect->before.n <= TEXT_MAX && effect->after.n <= TEXT_MAX &&
	        (json_object_set_new(object, "before", gb_json_text(effect->before)) < 0 ||
	                json_object_set_new(object, "after", gb_json_text(effect->after)) < 0)) {
		json_decref(object);
		return -ENOMEM;
	}
	return json_array_append_new(answering->list, object) < 0 ? -ENOMEM : 0;
}

/* The change that the body asks about. 0; negative: the problem is answered. */
static int read_change(struct gb_call *call, struct gb_publish_change *change)
{
	const json_t *body = gb_call_body(call), *gone;
	struct gb_diag diag = {0};
	struct gb_span kind;
	int r;

	if (body == NULL)
		return -EINVAL;
	gone = json_object_get(body, "remove");
	if (gone == NULL) {
		if (gb_call_text(call, body, "body", GB_DOCUMENT_BODY_MAX, true, &change->body) != 0)
			return -EINVAL;
		r = gb_publish_check(call->store, change->body, call->arena, &change->kind, &change->name, &diag);
		if (r == -EINVAL || r == -EFBIG)
			(void)gb_call_problem_at(call, 422, "invalid", diag.line, diag.column, diag.message);
		else if (r < 0)
			(void)gb_call_failed(call, r, &diag);
		return r;
	}
	if (gb_call_text(call, gone, "kind", 32, true, &kind) != 0 ||
	        gb_call_text(call, gone, "name", GB_DOCUMENT_NAME_MAX, true, &change->name) != 0)
		return -EINVAL;
	for (size_t i = 0; gb_publish_kinds[i] != NULL; i++)
		if (gb_span_equal(kind, gb_span_cstr(gb_publish_kinds[i])))
			change->kind = gb_publish_kinds[i];
	if (change->kind == NULL)
		(void)gb_call_problem(call, 400, "bad-value", "kinds are AccountPolicy, Group and FunctionPolicy");
	return change->kind == NULL ? -EINVAL : 0;
}

static int try_policy(struct gb_call *call)
{
	struct gb_publish_change change = {0};
	struct gb_publish_trial trial;
	struct answering answering = {.call = call};
	struct gb_diag diag = {0};
	int r;

	if (read_change(call, &change) < 0)
		return 0;
	answering.list = json_array();
	r = gb_publish_try(call->store, call->actor->scope, &change, add_effect, &answering, &trial, &diag);
	if (r < 0) {
		json_decref(answering.list);
		return r == -EINVAL ? gb_call_problem(call, 422, "invalid", "%s", diag.message)
		                    : gb_call_failed(call, r, &diag);
	}
	return gb_call_json(call, 200,
	        json_pack("{s:s, s:o, s:I, s:b, s:I, s:I, s:I, s:o}", "kind", change.kind, "name",
	                gb_json_text(change.name), "functions", (json_int_t)trial.functions, "is_complete",
	                trial.is_complete, "applies", (json_int_t)trial.applies, "changed", (json_int_t)trial.changed,
	                "refused", (json_int_t)trial.refused, "examples", answering.list));
}

static int add_use(void *context, const char *file, size_t functions)
{
	const char *slash = strchr(file, '/');

	return json_array_append_new(context,
	               json_pack("{s:o, s:s, s:I}", "kind", gb_json_text(gb_span_of(file, (size_t)(slash - file))),
	                       "name", slash + 1, "functions", (json_int_t)functions)) < 0
	               ? -ENOMEM
	               : 0;
}

static int get_use(struct gb_call *call)
{
	struct gb_publish_use use;
	struct gb_diag diag = {0};
	json_t *list = json_array();
	int r = gb_publish_used(call->store, call->actor->scope, add_use, list, &use, &diag);

	if (r < 0) {
		json_decref(list);
		return gb_call_failed(call, r, &diag);
	}
	return gb_call_json(call, 200,
	        json_pack("{s:I, s:b, s:o}", "functions", (json_int_t)use.functions, "is_complete", use.is_complete,
	                "policies", list));
}

/* Functions that a document is for, the first of them by name. */
struct users {
	json_t *list;
	size_t count;
};

static int add_user(void *context, const struct gb_function *function)
{
	struct users *users = context;

	if (users->count++ >= USERS_MAX)
		return 0;
	return json_array_append_new(users->list, gb_function_json(function)) < 0 ? -ENOMEM : 0;
}

static int list_users(struct gb_call *call)
{
	struct gb_span kind = gb_call_parameter(call, "kind"), name = gb_call_parameter(call, "name");
	struct users users = {.list = json_array()};
	char file[GB_DOCUMENT_NAME_MAX + 32];
	struct gb_publish_use use;
	struct gb_diag diag = {0};
	int r;

	(void)snprintf(file, sizeof(file), "%.*s/%.*s", (int)(kind.n < 24 ? kind.n : 24), (const char *)kind.p,
	        (int)(name.n < GB_DOCUMENT_NAME_MAX ? name.n : GB_DOCUMENT_NAME_MAX), (const char *)name.p);
	r = gb_publish_users(call->store, call->actor->scope, file, add_user, &users, &use, &diag);
	if (r < 0) {
		json_decref(users.list);
		return gb_call_failed(call, r, &diag);
	}
	return gb_call_json(call, 200,
	        json_pack("{s:I, s:b, s:I, s:o}", "looked_at", (json_int_t)use.functions, "is_complete",
	                use.is_complete, "total", (json_int_t)users.count, "functions", users.list));
}

/* Nothing is kept: the document gets the key and the hash, whoever deploys the secret. */
static int make_group_key(struct gb_call *call)
{
	char key[GB_POLICYC_KEY_CHARS], secret[GB_POLICYC_SECRET_CHARS], hash[GB_POLICYC_HASH_CHARS];
	json_t *answer;
	int r = gb_hashing_begin(&call->control->hashing);

	if (r == 0) {
		r = gb_policyc_key_new(key);
		if (r == 0)
			r = gb_policyc_secret_new(secret, hash);
		gb_hashing_end(&call->control->hashing);
	}
	if (r < 0)
		return gb_call_failed(call, r, NULL);
	answer = json_pack("{s:s, s:s, s:s}", "key", key, "secret", secret, "secret_hash", hash);
	sodium_memzero(secret, sizeof(secret));
	return gb_call_json(call, 200, answer);
}

const struct gb_route gb_routes_policy_trial[] = {
        {
                .method = "POST",
                .path = "/v1/policies/dry-run",
                .handle = try_policy,
                .operation_id = "tryPolicy",
                .role = GB_ROLE_OPERATOR,
                .scope = "policies:read",
                .body_max = BODY_MAX,
        },
        {
                .method = "GET",
                .path = "/v1/policies/use",
                .handle = get_use,
                .operation_id = "getPolicyUse",
                .role = GB_ROLE_VIEWER,
                .scope = "policies:read",
        },
        {
                .method = "GET",
                .path = "/v1/policies/{kind}/{name}/functions",
                .handle = list_users,
                .operation_id = "listPolicyFunctions",
                .role = GB_ROLE_VIEWER,
                .scope = "policies:read",
        },
        {
                .method = "POST",
                .path = "/v1/group-keys",
                .handle = make_group_key,
                .operation_id = "makeGroupKey",
                .role = GB_ROLE_OPERATOR,
                .scope = "policies:write",
        },
        {.path = NULL},
};

/* SPDX-License-Identifier: Apache-2.0 */
/* API tokens: anybody makes his own, for no more than he may do himself. */
#include "store/tokens.h"

#include "control/auth.h"
#include "control/scope.h"
#include "control/state.h"

#include <errno.h>
#include <string.h>

#define DAY_MS       (24 * 60 * 60 * 1000LL)
#define DAYS_DEFAULT 90u
#define DAYS_MAX     3650u
#define NAME_MAX     64u
#define SCOPES_MAX   512u

static json_t *token_json(const struct gb_token *token)
{
	json_t *scopes = json_array();
	struct gb_span rest = token->scopes;

	while (rest.n > 0)
		json_array_append_new(scopes, gb_json_text(gb_span_take_word(&rest)));
	return json_pack("{s:I,s:o,s:I,s:o,s:o,s:o,s:o,s:o,s:o,s:b}", "id", (json_int_t)token->id, "name",
	        gb_json_text(token->name), "user", (json_int_t)token->user, "role", gb_json_text(token->role), "scopes",
	        scopes, "scope", gb_scope_json(token->scope), "created", gb_json_time(token->created), "expires",
	        token->expires > 0 ? gb_json_time(token->expires) : json_null(), "last_used",
	        token->last_used > 0 ? gb_json_time(token->last_used) : json_null(), "is_revoked", token->is_revoked);
}

static int list_one(void *context, const struct gb_token *token)
{
	return json_array_append_new(context, token_json(token)) < 0 ? -ENOMEM : 0;
}

static int get_tokens(struct gb_call *call)
{
	bool is_admin = call->actor->role == GB_ROLE_ADMIN;
	struct gb_diag diag = {0};
	uint64_t after, limit;
	json_t *items;
	int r;

	if (gb_call_query_number(call, "after", 0, INT64_MAX, 0, &after) < 0 ||
	        gb_call_query_number(call, "limit", 1, 500, 100, &limit) < 0)
		return 0;
	items = json_array();
	r = gb_tokens_list(call->store, is_admin ? 0 : call->caller->user.id, (int64_t)after, (size_t)limit, list_one,
	        items, &diag);
	if (r >= 0)
		return gb_call_json(call, 200, json_pack("{s:o}", "items", items));
	json_decref(items);
	return gb_call_failed(call, r, &diag);
}

/* What brings logs in, or has them learned from: it changes what others see and what is allowed. */
static bool is_of_ingest(struct gb_span word)
{
	return gb_span_equal(word, GB_SPAN(GB_SCOPE_INGEST)) || gb_span_equal(word, GB_SPAN(GB_SCOPE_LEARN)) ||
	       gb_auth_is_ingest_word(word);
}

/* A scope is one that some route asks for, "area:*" of one, or "*". */
static bool is_scope(struct gb_span word)
{
	if (gb_span_equal(word, GB_SPAN("*")) || is_of_ingest(word))
		return true;
	for (size_t k = 0; gb_routes[k] != NULL; k++)
		for (const struct gb_route *route = gb_routes[k]; route->path != NULL; route++) {
			struct gb_span scope = gb_span_cstr(route->scope);
			size_t colon = gb_span_find_byte(scope, ':', 0);

			if (scope.n > 0 && gb_span_equal(word, scope))
				return true;
			if (colon != SIZE_MAX && word.n == colon + 2 && gb_span_ends(word, GB_SPAN(":*")) &&
			        gb_span_starts(scope, gb_span_sub(word, 0, colon + 1)))
				return true;
		}
	return false;
}

/* The list `scopes` as words with spaces between. 0; negative: answered. */
static int read_scopes(struct gb_call *call, const json_t *body, struct gb_span *ret_scopes)
{
	const json_t *list = json_object_get(body, "scopes"), *item;
	char *text = gb_arena_take(call->arena, SCOPES_MAX);
	size_t at, n = 0;

	if (text == NULL)
		return gb_call_failed(call, -ENOMEM, NULL) - 1;
	json_array_foreach(list, at, item)
	{
		struct gb_span word = gb_span_of(json_string_value(item), json_string_length(item));

		if (!json_is_string(item) || !is_scope(word) || n + word.n + 1 > SCOPES_MAX) {
			gb_call_problem(call, 400, "bad-value", "scopes has '%.*s', which is none; see docs/SERVER.md",
			        (int)(word.n < 60 ? word.n : 60), json_is_string(item) ? (const char *)word.p : "");
			return -EINVAL;
		}
		if (is_of_ingest(word) && call->actor->role < GB_ROLE_OPERATOR) {
			gb_call_problem(call, 403, "forbidden", "tokens for %.*s take the role operator", (int)word.n,
			        (const char *)word.p);
			return -EACCES;
		}
		n += (size_t)snprintf(
		        text + n, SCOPES_MAX - n, "%s%.*s", n > 0 ? " " : "", (int)word.n, (const char *)word.p);
	}
	if (n == 0) {
		gb_call_problem(call, 400, "bad-value", "scopes is a list of at least one scope");
		return -EINVAL;
	}
	*ret_scopes = gb_span_of(text, n);
	return 0;
}

/* 0; negative: answered. */
static int read_expiry(struct gb_call *call, const json_t *body, int64_t now, int64_t *ret_expires)
{
	const json_t *days = json_object_get(body, "expires_in_days");
	json_int_t count = days != NULL ? json_integer_value(days) : (json_int_t)DAYS_DEFAULT;

	if ((days != NULL && !json_is_integer(days)) || count < 1 || count > (json_int_t)DAYS_MAX) {
		gb_call_problem(call, 400, "bad-value", "expires_in_days is a number from 1 to %u", DAYS_MAX);
		return -EINVAL;
	}
	*ret_expires = now + count * DAY_MS;
	return 0;
}

/* Nobody makes a token that may or sees more than himself. 0; negative: answered. */
static int read_rights(struct gb_call *call, const json_t *body, struct gb_token *token)
{
	const json_t *wanted = json_object_get(body, "scope");
	const struct gb_scope *scope;
	struct gb_span role;
	int r = gb_call_text(call, body, "role", 16, false, &role);

	token->role = r == 0 ? role : gb_span_cstr(gb_role_text(call->actor->role));
	token->scope = call->caller->user.scope;
	if (r >= 0 && (gb_role_of(token->role) == GB_ROLE_NOBODY || gb_role_of(token->role) > call->actor->role)) {
		gb_call_problem(call, 403, "forbidden",
		        "role is one of viewer, analyst, operator, admin, and not above your own");
		return -EACCES;
	}
	if (r < 0 || wanted == NULL)
		return r < 0 ? r : 0;
	if (gb_scope_text_of(wanted, call->arena, &token->scope) < 0 ||
	        gb_scope_of_text(token->scope, call->arena, &scope) < 0) {
		gb_call_problem(call, 400, "bad-value",
		        "scope is null or {\"accounts\": [...], \"tags\": [\"key=value\", ...]}");
		return -EINVAL;
	}
	if (gb_scope_is_within(scope, call->actor->scope))
		return 0;
	gb_call_problem(call, 403, "forbidden", "scope has what you do not see yourself");
	return -EACCES;
}

static int post_token(struct gb_call *call)
{
	struct gb_token token = {.user = call->caller->user.id, .created = gb_clock_ms()};
	char text[sizeof(GB_TOKEN_PREFIX) + GB_SECRET_CHARS] = GB_TOKEN_PREFIX;
	unsigned char hash[GB_SHA256_BYTES];
	struct gb_diag diag = {0};
	json_t *body = gb_call_body(call), *answer;
	int r;

	if (body == NULL || gb_call_text(call, body, "name", NAME_MAX, true, &token.name) < 0 ||
	        read_scopes(call, body, &token.scopes) < 0 || read_rights(call, body, &token) < 0 ||
	        read_expiry(call, body, token.created, &token.expires) < 0)
		return 0;
	gb_secret_new(text + sizeof(GB_TOKEN_PREFIX) - 1);
	gb_secret_hash(gb_span_cstr(text), hash);
	token.hash = gb_span_of(hash, sizeof(hash));
	r = gb_store_begin(call->store, &diag);
	if (r >= 0)
		r = gb_token_add(call->store, &token, &token.id, &diag);
	if (r >= 0)
		r = gb_audit(call, "token.create", token.name,
		        json_pack("{s:I,s:o,s:o}", "id", (json_int_t)token.id, "role", gb_json_text(token.role),
		                "scopes", gb_json_text(token.scopes)),
		        &diag);
	if (r >= 0)
		r = gb_store_commit(call->store, &diag);
	if (r < 0)
		return gb_call_failed(call, r, &diag);
	answer = token_json(&token);
	/* This once. */
	if (json_object_set_new(answer, "token", json_string(text)) < 0)
		answer = NULL;
	return gb_call_json(call, 201, answer);
}

static int delete_token(struct gb_call *call)
{
	struct gb_diag diag = {0};
	struct gb_token token;
	uint64_t id;
	int r = gb_span_to_u64(gb_call_parameter(call, "id"), &id) && id > 0 && id <= INT64_MAX
	                ? gb_token_get(call->store, GB_SPAN_EMPTY, (int64_t)id, call->arena, &token, &diag)
	                : 0;

	if (r == 0 || (r > 0 && token.user != call->caller->user.id && call->actor->role < GB_ROLE_ADMIN))
		return gb_call_problem(call, 404, "not-found", "there is no such token of yours");
	if (r >= 0)
		r = gb_store_begin(call->store, &diag);
	if (r >= 0)
		r = gb_token_revoke(call->store, token.id, &diag);
	if (r > 0)
		r = gb_audit(call, "token.revoke", token.name, json_pack("{s:I}", "id", (json_int_t)token.id), &diag);
	if (r >= 0)
		r = gb_store_commit(call->store, &diag);
	return r < 0 ? gb_call_failed(call, r, &diag) : gb_call_empty(call, 204);
}

const struct gb_route gb_routes_tokens[] = {
        {.method = "GET",
                .path = "/v1/tokens",
                .handle = get_tokens,
                .operation_id = "listTokens",
                .role = GB_ROLE_VIEWER,
                .scope = "tokens:read"},
        /* Tokens do not make tokens: who steals one cannot outlive it. */
        {.method = "POST",
                .path = "/v1/tokens",
                .handle = post_token,
                .operation_id = "createToken",
                .role = GB_ROLE_VIEWER,
                .body_max = 32768},
        {.method = "DELETE",
                .path = "/v1/tokens/{id}",
                .handle = delete_token,
                .operation_id = "revokeToken",
                .role = GB_ROLE_VIEWER,
                .scope = "tokens:write"},
        {.path = NULL},
};

/* SPDX-License-Identifier: Apache-2.0 */
/* Signing in with a password, and what sessions there are. */
#include "control/account.h"
#include "control/auth.h"
#include "control/state.h"

#include "base/text.h"

#include <errno.h>
#include <string.h>

#define LISTED_MAX 500u
#define ID_BYTES   8u /* of its hash name a session */

static int sign_in(struct gb_call *call, struct gb_user *user, struct gb_span *ret_csrf, struct gb_diag *diag)
{
	char text[GB_ACCOUNT_NAME_MAX + 8];
	struct gb_actor actor = {.kind = GB_ACTOR_SESSION};
	int r = gb_store_begin(call->store, diag);

	snprintf(text, sizeof(text), "user:%.*s", (int)user->name.n, (const char *)user->name.p);
	actor.name = gb_span_cstr(text);
	call->actor = &actor;
	user->last_login = gb_clock_ms();
	if (r >= 0)
		r = gb_user_change(call->store, user, diag);
	if (r >= 0)
		r = gb_auth_sign_in(call, user, ret_csrf, diag);
	if (r >= 0)
		r = gb_audit(call, "session.begin", user->name, NULL, diag);
	call->actor = NULL;
	return r < 0 ? r : gb_store_commit(call->store, diag);
}

/* The same words, and the same time, whether there is no such user, or he has no password, or another one. */
static int post_session(struct gb_call *call)
{
	struct gb_rates *rates = call->control->rates;
	struct gb_span name, password, csrf, address = gb_auth_address(call);
	struct gb_diag diag = {0};
	struct gb_user user;
	json_t *body = gb_call_body(call);
	int r, found;

	if (body == NULL || gb_account_name(call, body, &name) < 0 ||
	        gb_call_text(call, body, "password", GB_PASSWORD_MAX, true, &password) < 0)
		return 0;
	if (gb_auth_must_wait(call, GB_RATE_SIGN_IN_ADDRESS, address) ||
	        gb_auth_must_wait(call, GB_RATE_SIGN_IN_ACCOUNT, name))
		return 0;
	found = gb_user_by_name(call->store, name, call->arena, &user, &diag);
	if (found < 0)
		return gb_call_failed(call, found, &diag);
	r = gb_account_check(call, found == 1 ? &user : NULL, password);
	if (r < 0)
		return 0;
	if (r == 0) {
		gb_log(call->control, GB_LOG_WARNING, "a sign-in failed", NULL);
		return gb_call_problem(call, 401, "unauthenticated", "name or password is wrong");
	}
	gb_rates_forgive(rates, GB_RATE_SIGN_IN_ACCOUNT, name);
	/* Not the whole: whoever has an account of his own must not buy tries at others by it. */
	gb_rates_return(rates, GB_RATE_SIGN_IN_ADDRESS, address);
	r = sign_in(call, &user, &csrf, &diag);
	return r < 0 ? gb_call_failed(call, r, &diag) : gb_account_answer(call, 200, &user, csrf);
}

static int get_session(struct gb_call *call)
{
	const struct gb_caller *caller = call->caller;
	struct gb_span csrf = caller->actor.kind == GB_ACTOR_SESSION ? caller->session.csrf : GB_SPAN_EMPTY;

	return gb_account_answer(call, 200, &caller->user, csrf);
}

static int delete_session(struct gb_call *call)
{
	struct gb_diag diag = {0};
	int r = gb_session_delete(call->store, call->caller->session.hash, &diag);

	if (r >= 0)
		r = gb_auth_drop_cookie(call);
	return r < 0 ? gb_call_failed(call, r, &diag) : gb_call_empty(call, 204);
}

static int change_password(struct gb_call *call, struct gb_user *user, struct gb_span *ret_csrf, struct gb_diag *diag)
{
	int r = gb_store_begin(call->store, diag);

	if (r >= 0)
		r = gb_user_change(call->store, user, diag);
	if (r >= 0)
		r = gb_sessions_delete(call->store, user->id, GB_SPAN_EMPTY, diag);
	if (r >= 0)
		r = gb_auth_sign_in(call, user, ret_csrf, diag);
	if (r >= 0)
		r = gb_audit(call, "user.password", user->name, NULL, diag);
	return r < 0 ? r : gb_store_commit(call->store, diag);
}

/* One's own password. All other sessions end, and this one gets a new cookie. */
static int put_password(struct gb_call *call)
{
	struct gb_user user = call->caller->user;
	struct gb_span current, csrf;
	struct gb_diag diag = {0};
	json_t *body = gb_call_body(call);
	int r;

	if (body == NULL || gb_call_text(call, body, "current_password", GB_PASSWORD_MAX, true, &current) < 0 ||
	        gb_auth_must_wait(call, GB_RATE_SIGN_IN_ACCOUNT, user.name))
		return 0;
	r = gb_account_check(call, &user, current);
	if (r < 0)
		return 0;
	if (r == 0)
		return gb_call_problem(call, 403, "forbidden", "current_password is wrong");
	if (gb_account_password(call, body, "password", user.name, &user.password) < 0)
		return 0;
	r = change_password(call, &user, &csrf, &diag);
	return r < 0 ? gb_call_failed(call, r, &diag) : gb_account_answer(call, 200, &user, csrf);
}

static void id_of(struct gb_span hash, char to[2 * ID_BYTES + 1])
{
	struct gb_text text = gb_text_on(to, 2 * ID_BYTES + 1);

	gb_text_add_hex(&text, gb_span_sub(hash, 0, ID_BYTES));
	to[2 * ID_BYTES] = '\0';
}

struct listing {
	struct gb_call *call;
	json_t *items;
	struct gb_span wanted; /* the id of one; empty: all */
	unsigned char hash[GB_SHA256_BYTES];
	bool is_found;
};

static int list_one(void *context, const struct gb_session *session)
{
	struct listing *listing = context;
	char id[2 * ID_BYTES + 1];
	json_t *item;

	id_of(session->hash, id);
	if (listing->wanted.n > 0) {
		listing->is_found =
		        gb_span_equal(gb_span_cstr(id), listing->wanted) && session->hash.n == GB_SHA256_BYTES;
		if (listing->is_found)
			memcpy(listing->hash, session->hash.p, GB_SHA256_BYTES);
		return listing->is_found;
	}
	item = json_pack("{s:s,s:I,s:o,s:o,s:o,s:o,s:o,s:b}", "id", id, "user", (json_int_t)session->user, "created",
	        gb_json_time(session->created), "last_used", gb_json_time(session->last_used), "expires",
	        gb_json_time(session->expires), "address", gb_json_text(session->address), "agent",
	        gb_json_text(session->agent), "is_this",
	        gb_span_equal(session->hash, listing->call->caller->session.hash));
	return json_array_append_new(listing->items, item) < 0 ? -ENOMEM : 0;
}

/* Of whom: one's own; an administrator may ask for others (?user=ID) or all (?user=0). */
static int whose(struct gb_call *call, int64_t *ret_user)
{
	uint64_t user = (uint64_t)call->caller->user.id;
	int r = gb_call_query_number(call, "user", 0, INT64_MAX, user, &user);

	*ret_user = (int64_t)user;
	if (r == 0 && *ret_user != call->caller->user.id && call->actor->role < GB_ROLE_ADMIN) {
		gb_call_problem(call, 403, "forbidden", "only an administrator sees the sessions of others");
		r = -EACCES;
	}
	return r;
}

static int get_sessions(struct gb_call *call)
{
	struct listing listing = {.call = call};
	struct gb_diag diag = {0};
	int64_t user;
	int r;

	if (whose(call, &user) < 0)
		return 0;
	listing.items = json_array();
	r = gb_sessions_list(call->store, user, LISTED_MAX, list_one, &listing, &diag);
	if (r >= 0)
		return gb_call_json(call, 200, json_pack("{s:o}", "items", listing.items));
	json_decref(listing.items);
	return gb_call_failed(call, r, &diag);
}

static int delete_one(struct gb_call *call)
{
	bool is_admin = call->actor->role == GB_ROLE_ADMIN;
	struct listing listing = {.call = call, .wanted = gb_call_parameter(call, "id")};
	struct gb_diag diag = {0};
	int r = gb_sessions_list(call->store, is_admin ? 0 : call->caller->user.id, 1000000, list_one, &listing, &diag);

	if (r >= 0 && !listing.is_found)
		return gb_call_problem(call, 404, "not-found", "there is no such session of yours");
	if (r >= 0)
		r = gb_store_begin(call->store, &diag);
	if (r >= 0)
		r = gb_session_delete(call->store, gb_span_of(listing.hash, sizeof(listing.hash)), &diag);
	if (r >= 0)
		r = gb_audit(call, "session.end", listing.wanted, NULL, &diag);
	if (r >= 0)
		r = gb_store_commit(call->store, &diag);
	return r < 0 ? gb_call_failed(call, r, &diag) : gb_call_empty(call, 204);
}

const struct gb_route gb_routes_session[] = {
        {.method = "POST",
                .path = "/v1/session",
                .handle = post_session,
                .operation_id = "signIn",
                .body_max = 4096,
                .is_public = true},
        {.method = "GET",
                .path = "/v1/session",
                .handle = get_session,
                .operation_id = "getSession",
                .role = GB_ROLE_VIEWER,
                .scope = "session:read"},
        {.method = "DELETE",
                .path = "/v1/session",
                .handle = delete_session,
                .operation_id = "signOut",
                .role = GB_ROLE_VIEWER},
        {.method = "PUT",
                .path = "/v1/session/password",
                .handle = put_password,
                .operation_id = "changeOwnPassword",
                .role = GB_ROLE_VIEWER,
                .body_max = 4096},
        {.method = "GET",
                .path = "/v1/sessions",
                .handle = get_sessions,
                .operation_id = "listSessions",
                .role = GB_ROLE_VIEWER},
        {.method = "DELETE",
                .path = "/v1/sessions/{id}",
                .handle = delete_one,
                .operation_id = "endSession",
                .role = GB_ROLE_VIEWER},
        {.path = NULL},
};

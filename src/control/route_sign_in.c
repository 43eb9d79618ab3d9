/* SPDX-License-Identifier: Apache-2.0 */
/* Signing in elsewhere: to the OpenID provider and back. */
#include "control/account.h"
#include "control/auth.h"
#include "control/oidc.h"
#include "control/state.h"
#include "store/sign_ins.h"

#include <errno.h>
#include <string.h>

#define TRIP_MS (10 * 60 * 1000LL)

static int get_sign_in(struct gb_call *call)
{
	struct gb_diag diag = {0};
	json_t *methods = json_array();
	int64_t count;
	int r = gb_users_count(call->store, NULL, &count, &diag);

	if (r < 0) {
		json_decref(methods);
		return gb_call_failed(call, r, &diag);
	}
	json_array_append_new(methods, json_string("password"));
	if (call->control->oidc != NULL)
		json_array_append_new(methods, json_string("oidc"));
	return gb_call_json(call, 200, json_pack("{s:o,s:b}", "methods", methods, "needs_setup", count == 0));
}

static const char *cookie_name(const struct gb_call *call)
{
	return call->request->is_secure ? "__Host-gambeson-sign-in" : "gambeson-sign-in";
}

/* Lax: it must come with the way back from the provider, which is another site. It is worth nothing else. */
static int set_cookie(struct gb_call *call, const char *value, int64_t seconds)
{
	return gb_auth_set_cookie(call, cookie_name(call), value, "Lax", seconds);
}

struct trip {
	char state[GB_SECRET_CHARS], browser[GB_SECRET_CHARS], nonce[GB_SECRET_CHARS], verifier[GB_SECRET_CHARS];
};

static int keep(struct gb_call *call, const struct trip *trip, struct gb_diag *diag)
{
	unsigned char state[GB_SHA256_BYTES], browser[GB_SHA256_BYTES];
	const struct gb_sign_in sign_in = {
	        .state = gb_span_of(state, sizeof(state)),
	        .browser = gb_span_of(browser, sizeof(browser)),
	        .nonce = gb_span_cstr(trip->nonce),
	        .verifier = gb_span_cstr(trip->verifier),
	        .expires = gb_clock_ms() + TRIP_MS,
	};

	gb_secret_hash(gb_span_cstr(trip->state), state);
	gb_secret_hash(gb_span_cstr(trip->browser), browser);
	return gb_sign_in_add(call->store, &sign_in, diag);
}

static int answer_provider(struct gb_call *call, int r, const struct gb_diag *diag)
{
	gb_log(call->control, GB_LOG_WARNING, "a sign-in at the provider failed", "{s:s}", "why", diag->message);
	if (r == -EACCES)
		return gb_call_problem(call, 403, "forbidden", "%s", diag->message);
	return gb_call_problem(
	        call, 503, "unavailable", "the OpenID provider could not be asked; the server's log says why");
}

static int answer_none(struct gb_call *call)
{
	return gb_call_problem(call, 404, "not-found", "this server has no OpenID provider");
}

static int begin(struct gb_call *call)
{
	struct gb_oidc *oidc = call->control->oidc;
	struct gb_diag diag = {0};
	struct gb_span url;
	struct trip trip;
	int r;

	if (oidc == NULL)
		return answer_none(call);
	if (gb_auth_must_wait(call, GB_RATE_SIGN_IN_ADDRESS, gb_auth_address(call)))
		return 0;
	gb_secret_new(trip.state);
	gb_secret_new(trip.browser);
	gb_secret_new(trip.nonce);
	gb_secret_new(trip.verifier);
	r = gb_oidc_begin(oidc,
	        &(struct gb_oidc_trip){gb_span_cstr(trip.state), gb_span_cstr(trip.nonce), gb_span_cstr(trip.verifier)},
	        call->arena, &url, &diag);
	if (r < 0)
		return answer_provider(call, r, &diag);
	r = keep(call, &trip, &diag);
	if (r >= 0)
		r = set_cookie(call, trip.browser, TRIP_MS / 1000);
	if (r >= 0)
		r = gb_call_header(call, "Location", url);
	return r < 0 ? gb_call_failed(call, r, &diag) : gb_call_empty(call, 303);
}

/* What he is called at the provider, made a name of ours that nobody has: a name is never taken for a person. */
static int free_name(struct gb_call *call, struct gb_span wanted, struct gb_span *ret_name, struct gb_diag *diag)
{
	char *name = gb_arena_take(call->arena, GB_ACCOUNT_NAME_MAX + 16);
	struct gb_user other;
	size_t n = 0;
	int r = 1;

	if (name == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < wanted.n && n < GB_ACCOUNT_NAME_MAX - 8; i++) {
		unsigned char c = gb_ascii_lower(wanted.p[i]);

		name[n++] = gb_ascii_is_alpha(c) || gb_ascii_is_digit(c) || strchr("._-@+", c) != NULL ? (char)c : '-';
	}
	if (n == 0)
		n = (size_t)snprintf(name, GB_ACCOUNT_NAME_MAX, "person");
	for (unsigned number = 1; r > 0 && number < 1000; number++) {
		*ret_name = gb_span_of(name, n);
		if (number > 1)
			ret_name->n += (size_t)snprintf(name + n, 8, "-%u", number);
		r = gb_user_by_name(call->store, *ret_name, call->arena, &other, diag);
	}
	return r > 0 ? -EEXIST : r;
}

/* The user of PERSON, made or brought to what the provider says now. -EACCES: he is disabled. */
static int take_in(
        struct gb_call *call, const struct gb_oidc_person *person, struct gb_user *user, struct gb_diag *diag)
{
	struct gb_span role = gb_span_cstr(gb_role_text(person->role));
	int r = gb_user_by_subject(call->store, person->issuer, person->subject, call->arena, user, diag);
	bool is_new = r == 0, is_changed = r > 0 && !gb_span_equal(user->role, role);

	if (is_new) {
		*user = (struct gb_user){
		        .issuer = person->issuer, .subject = person->subject, .created = gb_clock_ms()};
		r = free_name(call, person->name, &user->name, diag);
	}
	if (r < 0 || user->is_disabled)
		return r < 0 ? r : gb_diag_set(diag, -EACCES, 0, 0, "this user is disabled");
	user->role = role;
	user->email = gb_span_sub(person->email, 0, GB_ACCOUNT_EMAIL_MAX);
	user->last_login = gb_clock_ms();
	r = is_new ? gb_user_add(call->store, user, &user->id, diag) : gb_user_change(call->store, user, diag);
	if (r >= 0 && is_changed)
		r = gb_sessions_delete(call->store, user->id, GB_SPAN_EMPTY, diag);
	if (r >= 0 && (is_new || is_changed))
		r = gb_audit(call, is_new ? "user.create" : "user.change", user->name,
		        json_pack("{s:s,s:o}", "role", gb_role_text(person->role), "issuer",
		                gb_json_text(person->issuer)),
		        diag);
	return r < 0 ? r : 0;
}

static int sign_in(struct gb_call *call, const struct gb_oidc_person *person, struct gb_diag *diag)
{
	struct gb_actor actor = {.kind = GB_ACTOR_SYSTEM, .name = GB_SPAN("openid")};
	struct gb_user user;
	struct gb_span csrf;
	int r = gb_store_begin(call->store, diag);

	call->actor = &actor;
	if (r >= 0)
		r = take_in(call, person, &user, diag);
	if (r >= 0)
		r = gb_auth_sign_in(call, &user, &csrf, diag);
	if (r >= 0)
		r = gb_audit(call, "session.begin", user.name, NULL, diag);
	call->actor = NULL;
	return r < 0 ? r : gb_store_commit(call->store, diag);
}

/* The trip that this browser began; 1, or 0: none. It is over with this, however it ends. */
static int find_trip(struct gb_call *call, struct gb_sign_in *ret_trip, struct gb_diag *diag)
{
	struct gb_span state = gb_call_query(call, "state"),
	               cookie = gb_web_request_cookie(call->request, cookie_name(call));
	unsigned char hash[GB_SHA256_BYTES], browser[GB_SHA256_BYTES];
	int r;

	if (state.n == 0 || cookie.n == 0)
		return 0;
	gb_secret_hash(state, hash);
	gb_secret_hash(cookie, browser);
	r = gb_sign_in_take(call->store, gb_span_of(hash, sizeof(hash)), gb_span_of(browser, sizeof(browser)),
	        call->arena, ret_trip, diag);
	return r > 0 && gb_clock_ms() >= ret_trip->expires ? 0 : r;
}

static int callback(struct gb_call *call)
{
	struct gb_span code = gb_call_query(call, "code"), error = gb_call_query(call, "error");
	struct gb_diag diag = {0};
	struct gb_oidc_person person;
	struct gb_sign_in trip;
	int r;

	if (call->control->oidc == NULL)
		return answer_none(call);
	if (gb_auth_must_wait(call, GB_RATE_SIGN_IN_ADDRESS, gb_auth_address(call)))
		return 0;
	r = find_trip(call, &trip, &diag);
	if (r >= 0 && set_cookie(call, "", 0) < 0)
		r = -ENOMEM;
	if (r < 0)
		return gb_call_failed(call, r, &diag);
	if (r == 0)
		return gb_call_problem(
		        call, 403, "forbidden", "this browser began no such sign-in, or too long ago; begin again");
	if (code.n == 0)
		return gb_call_problem(call, 403, "forbidden", "the provider says no: %.*s",
		        (int)(error.n < 60 ? error.n : 60), error.n > 0 ? (const char *)error.p : "");
	r = gb_oidc_finish(call->control->oidc, &(struct gb_oidc_trip){GB_SPAN_EMPTY, trip.nonce, trip.verifier}, code,
	        gb_call_query(call, "iss"), call->arena, &person, &diag);
	if (r < 0)
		return answer_provider(call, r, &diag);
	if (person.role == GB_ROLE_NOBODY)
		return gb_call_problem(call, 403, "forbidden",
		        "the provider knows you, but nothing of what it says gives you a role here");
	r = sign_in(call, &person, &diag);
	if (r == -EACCES)
		return gb_call_problem(call, 403, "forbidden", "%s", diag.message);
	if (r >= 0)
		r = gb_call_header(call, "Location", GB_SPAN("/"));
	return r < 0 ? gb_call_failed(call, r, &diag) : gb_call_empty(call, 303);
}

const struct gb_route gb_routes_sign_in[] = {
        {.method = "GET",
                .path = "/v1/sign-in",
                .handle = get_sign_in,
                .operation_id = "getSignInMethods",
                .is_public = true},
        {.method = "GET",
                .path = "/v1/sign-in/oidc",
                .handle = begin,
                .operation_id = "beginOidcSignIn",
                .is_public = true},
        {.method = "GET",
                .path = "/v1/sign-in/oidc/callback",
                .handle = callback,
                .operation_id = "finishOidcSignIn",
                .is_public = true},
        {.path = NULL},
};

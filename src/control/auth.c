/* SPDX-License-Identifier: Apache-2.0 */
#include "control/auth.h"

#include "control/group.h"
#include "control/scope.h"
#include "control/state.h"
#include "store/tokens.h"

#include "base/ip.h"

#include <errno.h>
#include <string.h>

#define USED_STEP_MS 60000 /* last_used is written no more often than that */

struct gb_span gb_auth_address(const struct gb_call *call)
{
	return gb_span_of(call->request->address, gb_ip_is_v4(call->request->address) ? 16 : 8);
}

bool gb_auth_must_wait(struct gb_call *call, enum gb_rate_kind kind, struct gb_span who)
{
	unsigned seconds = gb_rates_take(call->control->rates, kind, who, gb_clock_ms());
	char text[16];

	if (seconds == 0)
		return false;
	snprintf(text, sizeof(text), "%u", seconds);
	if (gb_call_header(call, "Retry-After", gb_span_cstr(text)) < 0)
		call->answer->is_last = true;
	gb_call_problem(call, 429, "too-many-requests", "too many requests: come again in %u s", seconds);
	return true;
}

static bool is_word(struct gb_span word, struct gb_span wanted)
{
	size_t colon = gb_span_find_byte(wanted, ':', 0);
	struct gb_span area = gb_span_sub(wanted, 0, colon == SIZE_MAX ? SIZE_MAX : colon + 1);
	struct gb_span verb = gb_span_sub(word, area.n, SIZE_MAX);

	if (gb_span_equal(word, wanted) || gb_span_equal(word, GB_SPAN("*")))
		return true;
	if (colon == SIZE_MAX || !gb_span_starts(word, area))
		return false;
	return gb_span_equal(verb, GB_SPAN("*")) ||
	       (gb_span_equal(verb, GB_SPAN("write")) && gb_span_ends(wanted, GB_SPAN(":read")));
}

bool gb_auth_has_scope(struct gb_span scopes, struct gb_span wanted)
{
	while (scopes.n > 0)
		if (is_word(gb_span_take_word(&scopes), wanted))
			return true;
	return false;
}

/* The name in "ingest:NAME", empty when WORD is no such. */
static struct gb_span function_of_word(struct gb_span word)
{
	return gb_span_starts(word, GB_SPAN(GB_SCOPE_INGEST ":")) ? gb_span_sub(word, sizeof(GB_SCOPE_INGEST), SIZE_MAX)
	                                                          : GB_SPAN_EMPTY;
}

bool gb_auth_is_ingest_word(struct gb_span word)
{
	struct gb_span name = function_of_word(word);

	for (size_t i = 0; i < name.n; i++)
		if (!gb_ascii_is_alpha(name.p[i]) && !gb_ascii_is_digit(name.p[i]) &&
		        memchr("-_.", name.p[i], 3) == NULL && (name.p[i] != '*' || i == 0 || i + 1 < name.n))
			return false;
	return name.n > 0;
}

int gb_auth_ingest_functions(const struct gb_call *call, const struct gb_span **ret_names, size_t *ret_count)
{
	struct gb_span scopes = call->caller->scopes, *names;
	size_t count = 0;

	*ret_count = 0;
	if (call->actor->kind != GB_ACTOR_TOKEN || gb_auth_has_scope(scopes, GB_SPAN(GB_SCOPE_INGEST)))
		return 0;
	names = gb_arena_take(call->arena, (scopes.n / 2 + 1) * sizeof(*names));
	if (names == NULL)
		return -ENOMEM;
	while (scopes.n > 0) {
		struct gb_span name = function_of_word(gb_span_take_word(&scopes));

		if (name.n > 0)
			names[count++] = name;
	}
	*ret_names = names;
	*ret_count = count;
	return 1;
}

bool gb_auth_may_teach(const struct gb_call *call)
{
	return call->actor->kind == GB_ACTOR_TOKEN && gb_auth_has_scope(call->caller->scopes, GB_SPAN(GB_SCOPE_LEARN));
}

static int fill(struct gb_call *call, enum gb_actor_kind kind, enum gb_role role, const char *prefix,
        struct gb_span name, struct gb_span id, struct gb_span scope)
{
	struct gb_caller *caller = call->caller;
	struct gb_actor *actor = &caller->actor;
	char *text = gb_arena_take(call->arena, strlen(prefix) + name.n + 24);
	char *user = gb_arena_take(call->arena, 24);

	if (text == NULL || user == NULL)
		return -ENOMEM;
	snprintf(text, strlen(prefix) + name.n + 1, "%s%.*s", prefix, (int)name.n, (const char *)name.p);
	snprintf(user, 24, "%lld", (long long)caller->user.id);
	*actor = (struct gb_actor){
	        .kind = kind, .role = role, .user = gb_span_cstr(user), .name = gb_span_cstr(text), .credential = id};
	return gb_scope_of_text(scope, call->arena, &actor->scope);
}

/* 1: CALL comes from a session that holds; 0: from nobody. */
static int by_session(struct gb_call *call, struct gb_diag *diag)
{
	struct gb_caller *caller = call->caller;
	struct gb_span cookie = gb_web_request_cookie(call->request, gb_auth_cookie_name(call));
	unsigned char hash[GB_SHA256_BYTES];
	int64_t now = gb_clock_ms();
	int r;

	if (cookie.n == 0 || cookie.n > 2 * GB_SECRET_CHARS)
		return 0;
	gb_secret_hash(cookie, hash);
	r = gb_session_get(call->store, gb_span_of(hash, sizeof(hash)), call->arena, &caller->session, diag);
	if (r <= 0)
		return r;
	if (now >= caller->session.expires || now - caller->session.last_used >= GB_SESSION_IDLE_MS)
		return 0;
	r = gb_user_by_id(call->store, caller->session.user, call->arena, &caller->user, diag);
	if (r <= 0 || caller->user.is_disabled)
		return r < 0 ? r : 0;
	if (now - caller->session.last_used >= USED_STEP_MS)
		r = gb_session_used(call->store, caller->session.hash, now, diag);
	if (r >= 0)
		r = fill(call, GB_ACTOR_SESSION, gb_role_of(caller->user.role), "user:", caller->user.name,
		        caller->session.hash, caller->user.scope);
	return r < 0 ? r : 1;
}

/* A token may do what it was made for, and never more than the one who made it may do now. */
static int by_token(struct gb_call *call, struct gb_span text, struct gb_diag *diag)
{
	struct gb_caller *caller = call->caller;
	struct gb_token token;
	unsigned char hash[GB_SHA256_BYTES];
	static const struct gb_scope nothing = {.is_empty = true};
	const struct gb_scope *of_user;
	int64_t now = gb_clock_ms();
	int r;

	if (!gb_span_starts(text, GB_SPAN(GB_TOKEN_PREFIX)) || text.n > 2 * GB_SECRET_CHARS)
		return 0;
	gb_secret_hash(text, hash);
	r = gb_token_get(call->store, gb_span_of(hash, sizeof(hash)), 0, call->arena, &token, diag);
	if (r <= 0 || token.is_revoked || (token.expires != 0 && now >= token.expires))
		return r < 0 ? r : 0;
	r = gb_user_by_id(call->store, token.user, call->arena, &caller->user, diag);
	if (r <= 0 || caller->user.is_disabled)
		return r < 0 ? r : 0;
	if (now - token.last_used >= USED_STEP_MS)
		r = gb_token_used(call->store, token.id, now, diag);
	caller->scopes = token.scopes;
	if (r >= 0)
		r = fill(call, GB_ACTOR_TOKEN, gb_role_of(token.role), "token:", token.name, token.hash, token.scope);
	if (r >= 0)
		r = gb_scope_of_text(caller->user.scope, call->arena, &of_user);
	if (r < 0)
		return r;
	if (gb_role_of(caller->user.role) < caller->actor.role)
		caller->actor.role = gb_role_of(caller->user.role);
	/* What he may not see any more, it does not see either. */
	if (!gb_scope_is_within(caller->actor.scope, of_user))
		caller->actor.scope = &nothing;
	return 1;
}

static int by_group(struct gb_call *call, struct gb_span key, struct gb_span secret, struct gb_diag *diag)
{
	struct gb_span name;
	int r = gb_group_check(call->control, call->store, key, secret, call->arena, &name, diag);

	return r <= 0                                                                                ? r
	       : fill(call, GB_ACTOR_GROUP, GB_ROLE_NOBODY, "group:", name, name, GB_SPAN_EMPTY) < 0 ? -ENOMEM
	                                                                                             : 1;
}

/* Key and secret of "Basic …", or as Firehose sends them in its one header: "KEY:SECRET". */
static int by_pair(struct gb_call *call, struct gb_span pair, struct gb_diag *diag)
{
	size_t colon = gb_span_find_byte(pair, ':', 0);

	if (colon == SIZE_MAX)
		return 0;
	return by_group(call, gb_span_sub(pair, 0, colon), gb_span_sub(pair, colon + 1, SIZE_MAX), diag);
}

static bool is_ingest(const struct gb_call *call)
{
	return call->route->scope != NULL && strcmp(call->route->scope, GB_SCOPE_INGEST) == 0;
}

/* 1: somebody, 0: nobody (*ret_is_wrong: though he showed something). A credential in a header outdoes the cookie. */
static int identify(struct gb_call *call, bool *ret_is_wrong, struct gb_diag *diag)
{
	struct gb_span header = gb_web_request_header(call->request, "authorization");
	struct gb_span firehose = gb_web_request_header(call->request, "x-amz-firehose-access-key");
	struct gb_span rest = header, scheme = gb_span_take_word(&rest), pair;
	int r;

	rest = gb_span_trim(rest);
	*ret_is_wrong = true;
	if (gb_span_equal_nocase(scheme, GB_SPAN("bearer")))
		return by_token(call, rest, diag);
	if (is_ingest(call) && gb_span_equal_nocase(scheme, GB_SPAN("basic"))) {
		r = gb_group_decode(call->arena, rest, &pair);
		return r <= 0 ? r : by_pair(call, pair, diag);
	}
	if (header.n > 0)
		return 0;
	if (is_ingest(call) && gb_span_starts(firehose, GB_SPAN(GB_TOKEN_PREFIX)))
		return by_token(call, firehose, diag);
	if (is_ingest(call) && firehose.n > 0)
		return by_pair(call, firehose, diag);
	*ret_is_wrong = false;
	return by_session(call, diag);
}

static bool is_reading(const struct gb_call *call)
{
	return gb_span_equal(call->request->method, GB_SPAN("GET")) ||
	       gb_span_equal(call->request->method, GB_SPAN("HEAD"));
}

/* A page of somebody else can have the browser send the cookie, but cannot read the token that belongs to it. */
static bool is_from_portal(struct gb_call *call)
{
	struct gb_span shown = gb_web_request_header(call->request, "x-csrf-token");

	if (is_reading(call) || gb_secret_equal(shown, call->caller->session.csrf))
		return true;
	gb_call_problem(
	        call, 403, "bad-csrf-token", "the header X-CSRF-Token must have the csrf_token of GET /v1/session");
	return false;
}

/* A token that says so may ingest whatever its role, as long as its maker may: a forwarder need not see anything. */
static bool names_ingest(struct gb_span scopes)
{
	while (scopes.n > 0) {
		struct gb_span word = gb_span_take_word(&scopes);

		if (gb_span_equal(word, GB_SPAN(GB_SCOPE_INGEST)) || gb_auth_is_ingest_word(word))
			return true;
	}
	return false;
}

static bool may(struct gb_call *call)
{
	const struct gb_route *route = call->route;
	const struct gb_actor *actor = &call->caller->actor;
	bool is_for_it = actor->kind == GB_ACTOR_SESSION;

	if (actor->kind == GB_ACTOR_GROUP)
		return is_ingest(call);
	if (actor->kind == GB_ACTOR_TOKEN && is_ingest(call) && names_ingest(call->caller->scopes))
		return gb_role_of(call->caller->user.role) >= route->role;
	if (actor->kind == GB_ACTOR_TOKEN)
		is_for_it = route->scope != NULL && gb_auth_has_scope(call->caller->scopes, gb_span_cstr(route->scope));
	return is_for_it && route->role != GB_ROLE_NOBODY && actor->role >= route->role;
}

static bool answer_nobody(struct gb_call *call, bool is_wrong)
{
	if (is_wrong) {
		gb_rates_take(call->control->rates, GB_RATE_WRONG_ADDRESS, gb_auth_address(call), gb_clock_ms());
		gb_call_problem(call, 401, "unauthenticated", "the token or secret is wrong, has ended or was revoked");
	} else {
		gb_call_problem(
		        call, 401, "unauthenticated", "sign in, or send a token: 'Authorization: Bearer gbt_...'");
	}
	return false;
}

static bool has_guessed_too_much(struct gb_call *call)
{
	struct gb_span address = gb_auth_address(call);

	return gb_rates_look(call->control->rates, GB_RATE_WRONG_ADDRESS, address, gb_clock_ms()) > 0 &&
	       gb_auth_must_wait(call, GB_RATE_WRONG_ADDRESS, address);
}

bool gb_auth_permits(struct gb_call *call)
{
	struct gb_span site = gb_web_request_header(call->request, "sec-fetch-site");
	struct gb_diag diag = {0};
	bool is_wrong = false;
	int r;

	/* Browsers say so themselves; what else is sent with a cookie needs the token. */
	if (!is_reading(call) && gb_span_equal(site, GB_SPAN("cross-site"))) {
		gb_call_problem(call, 403, "bad-csrf-token", "another site's page sent this");
		return false;
	}
	if (call->route->is_public)
		return true;
	call->caller = gb_arena_take(call->arena, sizeof(*call->caller));
	if (call->caller == NULL || has_guessed_too_much(call))
		return call->caller == NULL && gb_call_failed(call, -ENOMEM, NULL) < 0;
	r = identify(call, &is_wrong, &diag);
	if (r < 0)
		return gb_call_failed(call, r, &diag) < 0;
	if (r == 0)
		return answer_nobody(call, is_wrong);
	/* Users, keys and settings are everybody's: who sees a part of the functions administers none of them. */
	if (call->caller->actor.role == GB_ROLE_ADMIN && call->caller->actor.scope != NULL)
		call->caller->actor.role = GB_ROLE_OPERATOR;
	call->actor = &call->caller->actor;
	if (call->actor->kind == GB_ACTOR_SESSION && !is_from_portal(call))
		return false;
	if (gb_auth_must_wait(call, is_ingest(call) ? GB_RATE_INGEST : GB_RATE_CALLER, call->actor->credential))
		return false;
	if (may(call))
		return true;
	gb_call_problem(call, 403, "forbidden", "%s may not do this: it takes the role %s%s%s",
	        (const char *)call->actor->name.p, gb_role_text(call->route->role),
	        call->actor->kind == GB_ACTOR_TOKEN ? " and the scope " : "",
	        call->actor->kind != GB_ACTOR_TOKEN ? ""
	        : call->route->scope != NULL        ? call->route->scope
	                                            : "of a session");
	return false;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "control/setup.h"

#include "control/account.h"
#include "control/auth.h"
#include "control/state.h"
#include "store/settings.h"

#include "base/text.h"

#include <errno.h>
#include <string.h>

#define KEY     "setup"
#define LIFE_MS (24 * 60 * 60 * 1000LL)

/* "HASH EXPIRES". */
static struct gb_span stored(struct gb_text *text, const char *secret, int64_t expires)
{
	unsigned char hash[GB_SHA256_BYTES];

	gb_secret_hash(gb_span_cstr(secret), hash);
	gb_text_add_hex(text, gb_span_of(hash, sizeof(hash)));
	gb_text_add_byte(text, ' ');
	gb_text_add_i64(text, expires);
	return gb_text_span(text);
}

int gb_setup_begin(struct gb_store *store, char *ret_secret, struct gb_diag *diag)
{
	char bytes[128];
	struct gb_text text = gb_text_on(bytes, sizeof(bytes));
	int64_t count;
	int r = gb_users_count(store, NULL, &count, diag);

	if (r < 0 || count > 0)
		return r;
	gb_secret_new(ret_secret);
	r = gb_setting_put(store, KEY, stored(&text, ret_secret, gb_clock_ms() + LIFE_MS), diag);
	return r < 0 ? r : 1;
}

/* Whether SECRET is the one of VALUE. */
static bool is_valid(struct gb_span value, struct gb_span secret)
{
	struct gb_span hash = gb_span_take_word(&value);
	char bytes[2 * GB_SHA256_BYTES], text[GB_SECRET_CHARS];
	struct gb_text hex = gb_text_on(bytes, sizeof(bytes));
	unsigned char shown[GB_SHA256_BYTES];
	uint64_t expires = 0;

	if (secret.n >= sizeof(text) || !gb_span_to_u64(gb_span_trim(value), &expires))
		return false;
	gb_secret_hash(secret, shown);
	gb_text_add_hex(&hex, gb_span_of(shown, sizeof(shown)));
	return gb_secret_equal(gb_text_span(&hex), hash) && (uint64_t)gb_clock_ms() < expires;
}

/* The secret goes in the transaction that makes the user: of two who come at once one gets it. */
static int make_admin(struct gb_call *call, struct gb_user *admin, struct gb_span secret, struct gb_span *ret_csrf,
        struct gb_diag *diag)
{
	struct gb_span value = GB_SPAN_EMPTY;
	int64_t count;
	int r = gb_store_begin(call->store, diag);

	if (r < 0)
		return r;
	r = gb_setting_hold(call->store, KEY, call->arena, &value, diag);
	if (r >= 0 && !is_valid(value, secret))
		return -EACCES;
	if (r >= 0)
		r = gb_users_count(call->store, NULL, &count, diag);
	if (r >= 0 && count > 0)
		return -EACCES;
	if (r >= 0)
		r = gb_setting_delete(call->store, KEY, diag);
	if (r >= 0)
		r = gb_user_add(call->store, admin, &admin->id, diag);
	if (r >= 0)
		r = gb_audit(call, "setup", admin->name, NULL, diag);
	if (r >= 0)
		r = gb_auth_sign_in(call, admin, ret_csrf, diag);
	return r < 0 ? r : gb_store_commit(call->store, diag);
}

static int post_setup(struct gb_call *call)
{
	struct gb_user admin = {.role = GB_SPAN("admin"), .created = gb_clock_ms(), .last_login = gb_clock_ms()};
	struct gb_span secret, csrf = GB_SPAN_EMPTY;
	struct gb_diag diag = {0};
	json_t *body;
	int r;

	if (gb_auth_must_wait(call, GB_RATE_SIGN_IN_ADDRESS, gb_auth_address(call)))
		return 0;
	body = gb_call_body(call);
	if (body == NULL || gb_call_text(call, body, "token", 128, true, &secret) < 0 ||
	        gb_account_name(call, body, &admin.name) < 0)
		return 0;
	/* Before the hashing: who has no token makes no work. */
	r = gb_setting_get(call->store, KEY, call->arena, &csrf, &diag);
	if (r < 0)
		return gb_call_failed(call, r, &diag);
	if (r == 0 || !is_valid(csrf, secret))
		return gb_call_problem(call, 403, "forbidden",
		        "this link was used, has ended, or is none; a start without users prints one");
	if (gb_account_password(call, body, "password", admin.name, &admin.password) < 0)
		return 0;
	r = make_admin(call, &admin, secret, &csrf, &diag);
	if (r == -EACCES)
		return gb_call_problem(call, 403, "forbidden", "this link was used meanwhile");
	if (r < 0)
		return gb_call_failed(call, r, &diag);
	return gb_account_answer(call, 201, &admin, csrf);
}

const struct gb_route gb_routes_setup[] = {
        {.method = "POST",
                .path = "/v1/setup",
                .handle = post_setup,
                .operation_id = "createFirstAdmin",
                .body_max = 4096,
                .is_public = true},
        {.path = NULL},
};

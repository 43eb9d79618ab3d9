/* SPDX-License-Identifier: Apache-2.0 */
#include "control/account.h"

#include "control/scope.h"
#include "control/state.h"

#include <errno.h>
#include <string.h>

int gb_account_name(struct gb_call *call, const json_t *body, struct gb_span *ret_name)
{
	struct gb_span name;
	unsigned char *lower;
	int r = gb_call_text(call, body, "name", GB_ACCOUNT_NAME_MAX, true, &name);

	if (r < 0)
		return r;
	lower = gb_arena_take(call->arena, name.n + 1);
	if (lower == NULL) {
		gb_call_failed(call, -ENOMEM, NULL);
		return -ENOMEM;
	}
	for (size_t i = 0; i < name.n; i++) {
		lower[i] = gb_ascii_lower(name.p[i]);
		if (!gb_ascii_is_alpha(lower[i]) && !gb_ascii_is_digit(lower[i]) && strchr("._-@+", lower[i]) == NULL) {
			gb_call_problem(call, 400, "bad-value", "name has letters, digits and . _ - @ + only");
			return -EINVAL;
		}
	}
	*ret_name = gb_span_of(lower, name.n);
	return 0;
}

static int answer_hashing(struct gb_call *call, int r)
{
	gb_call_failed(call, r, NULL);
	return r;
}

int gb_account_password(
        struct gb_call *call, const json_t *body, const char *member, struct gb_span name, struct gb_span *ret_hash)
{
	char *hash = gb_arena_take(call->arena, GB_PASSWORD_HASH_CHARS);
	struct gb_span password;
	int r = gb_call_text(call, body, member, GB_PASSWORD_MAX, true, &password);

	if (r < 0)
		return r;
	if (password.n < GB_PASSWORD_MIN || gb_span_equal_nocase(password, name)) {
		gb_call_problem(call, 400, "bad-value", "%s must have %u bytes at least, and not be the name", member,
		        GB_PASSWORD_MIN);
		return -EINVAL;
	}
	r = hash != NULL ? gb_password_hash(&call->control->hashing, password, hash) : -ENOMEM;
	if (r < 0)
		return answer_hashing(call, r);
	*ret_hash = gb_span_cstr(hash);
	return 0;
}

int gb_account_check(struct gb_call *call, const struct gb_user *user, struct gb_span password)
{
	struct gb_span hash = user != NULL && !user->is_disabled ? user->password : GB_SPAN_EMPTY;
	int r = gb_password_check(&call->control->hashing, hash, password);

	return r < 0 ? answer_hashing(call, r) : r;
}

json_t *gb_account_json(const struct gb_user *user)
{
	return json_pack("{s:I,s:o,s:o,s:o,s:o,s:b,s:b,s:o,s:o,s:o}", "id", (json_int_t)user->id, "name",
	        gb_json_text(user->name), "email", gb_json_text(user->email), "role", gb_json_text(user->role), "scope",
	        gb_scope_json(user->scope), "is_disabled", user->is_disabled, "has_password", user->password.n > 0,
	        "issuer", user->issuer.n > 0 ? gb_json_text(user->issuer) : json_null(), "created",
	        gb_json_time(user->created), "last_sign_in",
	        user->last_login > 0 ? gb_json_time(user->last_login) : json_null());
}

int gb_account_answer(struct gb_call *call, unsigned status, const struct gb_user *user, struct gb_span csrf)
{
	return gb_call_json(
	        call, status, json_pack("{s:o,s:o}", "user", gb_account_json(user), "csrf_token", gb_json_text(csrf)));
}

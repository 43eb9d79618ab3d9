/* SPDX-License-Identifier: Apache-2.0 */
/* The cookie of a session: unreadable for scripts, never sent from elsewhere, over TLS bound to this very host. */
#include "control/auth.h"
#include "control/state.h"

#include <errno.h>
#include <string.h>

const char *gb_auth_cookie_name(const struct gb_call *call)
{
	return call->request->is_secure ? "__Host-gambeson" : "gambeson";
}

int gb_auth_set_cookie(
        struct gb_call *call, const char *name, const char *value, const char *same_site, int64_t seconds)
{
	char text[256];

	snprintf(text, sizeof(text), "%s=%s; Path=/; HttpOnly; SameSite=%s; Max-Age=%lld%s", name, value, same_site,
	        (long long)seconds, call->request->is_secure ? "; Secure" : "");
	return gb_call_header(call, "Set-Cookie", gb_span_cstr(text));
}

int gb_auth_drop_cookie(struct gb_call *call)
{
	return gb_auth_set_cookie(call, gb_auth_cookie_name(call), "", "Strict", 0);
}

/* Whatever came in the cookie is not taken over, and ends: nobody can have planted it. */
static int end_former(struct gb_call *call, struct gb_diag *diag)
{
	struct gb_span cookie = gb_web_request_cookie(call->request, gb_auth_cookie_name(call));
	unsigned char hash[GB_SHA256_BYTES];

	if (cookie.n == 0)
		return 0;
	gb_secret_hash(cookie, hash);
	return gb_session_delete(call->store, gb_span_of(hash, sizeof(hash)), diag);
}

int gb_auth_sign_in(struct gb_call *call, const struct gb_user *user, struct gb_span *ret_csrf, struct gb_diag *diag)
{
	char secret[GB_SECRET_CHARS], address[GB_WEB_ADDRESS_CHARS];
	char *csrf = gb_arena_take(call->arena, GB_SECRET_CHARS);
	unsigned char hash[GB_SHA256_BYTES];
	int64_t now = gb_clock_ms();
	struct gb_session session = {
	        .user = user->id, .created = now, .last_used = now, .expires = now + GB_SESSION_ABSOLUTE_MS};
	int r = csrf != NULL ? end_former(call, diag) : -ENOMEM;

	if (r < 0)
		return r;
	gb_secret_new(secret);
	gb_secret_new(csrf);
	gb_secret_hash(gb_span_cstr(secret), hash);
	gb_web_address_text(call->request->address, address);
	session.hash = gb_span_of(hash, sizeof(hash));
	session.csrf = gb_span_cstr(csrf);
	session.address = gb_span_cstr(address);
	session.agent = gb_span_sub(gb_web_request_header(call->request, "user-agent"), 0, 200);
	r = gb_session_add(call->store, &session, diag);
	if (r >= 0)
		r = gb_auth_set_cookie(
		        call, gb_auth_cookie_name(call), secret, "Strict", GB_SESSION_ABSOLUTE_MS / 1000);
	*ret_csrf = session.csrf;
	return r < 0 ? r : 0;
}

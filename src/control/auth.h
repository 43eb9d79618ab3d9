/* SPDX-License-Identifier: Apache-2.0 */
/* control/auth: who calls, and whether he may. */
#ifndef GB_CONTROL_AUTH_H
#define GB_CONTROL_AUTH_H

#include "control/control.h"
#include "control/rate.h"
#include "store/sessions.h"
#include "store/users.h"

#define GB_SESSION_IDLE_MS     (60 * 60 * 1000LL)
#define GB_SESSION_ABSOLUTE_MS (12 * 60 * 60 * 1000LL)
#define GB_TOKEN_PREFIX        "gbt_"

struct gb_caller {
	struct gb_actor actor;
	struct gb_user user;       /* of a session or token */
	struct gb_session session; /* of a session */
	struct gb_span scopes;     /* of a token */
};

/* Whether CALL may go on: call->caller and call->actor say who it is. Otherwise it is answered. A public route may be
 * called by anybody, and is not told who. */
bool gb_auth_permits(struct gb_call *call);

/* Whether a token for SCOPES ("events:read policies:write") is for WANTED: by its name, "area:*" or "*"; what may
 * be written may be read. */
bool gb_auth_has_scope(struct gb_span scopes, struct gb_span wanted);

/* Whether WORD is "ingest:NAME": a token with it brings lines of the function NAME only, or of those that begin with it when its
 * last byte is '*'. */
bool gb_auth_is_ingest_word(struct gb_span word);

/* The NAMEs that CALL's token may ingest for. 1; 0: it is not held to any; -ENOMEM. */
__attribute__((warn_unused_result)) int gb_auth_ingest_functions(
        const struct gb_call *call, const struct gb_span **ret_names, size_t *ret_count);

/* Whether what CALL brings may be learned from: tokens with GB_SCOPE_LEARN. */
bool gb_auth_may_teach(const struct gb_call *call);

/* Make a session of USER, in a transaction that the caller has open, in place of the one that the request came with; the
 * answer gets its cookie. *ret_csrf is what requests that change something must show. */
__attribute__((warn_unused_result)) int gb_auth_sign_in(
        struct gb_call *call, const struct gb_user *user, struct gb_span *ret_csrf, struct gb_diag *diag);

/* "__Host-gambeson" over TLS, else "gambeson". */
const char *gb_auth_cookie_name(const struct gb_call *call);

/* A cookie that scripts cannot read, over TLS only where there is TLS. SECONDS 0 takes it away. */
__attribute__((warn_unused_result)) int gb_auth_set_cookie(
        struct gb_call *call, const char *name, const char *value, const char *same_site, int64_t seconds);

/* The answer takes the session's cookie away. */
__attribute__((warn_unused_result)) int gb_auth_drop_cookie(struct gb_call *call);

/* Answer 429 when WHO has to wait, and say so. */
bool gb_auth_must_wait(struct gb_call *call, enum gb_rate_kind kind, struct gb_span who);

/* The address of the caller as the name of a bucket: 16 bytes, of an IPv6 address its /64. */
struct gb_span gb_auth_address(const struct gb_call *call);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * control/oidc: signing in at an OpenID provider (OpenID Connect Core 1.0: authorization code flow, with PKCE, state and
 * nonce). What the provider is comes from its discovery document and key set; who it says somebody is, from an ID token
 * whose signature, issuer, audience, times and nonce are checked. Used by any worker; one at a time asks the provider.
 */
#ifndef GB_CONTROL_OIDC_H
#define GB_CONTROL_OIDC_H

#include "base/arena.h"
#include "base/diag.h"
#include "control/control.h"

struct gb_oidc;

/* Read PATH, a JSON file (docs/SERVER.md has its members). -EINVAL with DIAG. */
__attribute__((warn_unused_result)) int gb_oidc_new(const char *path, struct gb_oidc **ret_oidc, struct gb_diag *diag);
void gb_oidc_free(struct gb_oidc *oidc); /* NULL is fine */

/* What one sign-in has of its own: random texts. */
struct gb_oidc_trip {
	struct gb_span state, nonce, verifier;
};

/* Where to send the browser, in ARENA. -EBUSY: somebody else is asking the provider; errors of gb_web_client_fetch();
 * -EPROTO: the provider's documents are wrong; each with DIAG. */
__attribute__((warn_unused_result)) int gb_oidc_begin(struct gb_oidc *oidc, const struct gb_oidc_trip *trip,
        struct gb_arena *arena, struct gb_span *ret_url, struct gb_diag *diag);

/* Who it was, in ARENA. */
struct gb_oidc_person {
	struct gb_span issuer, subject;
	struct gb_span name, email; /* what he is called there; may be empty */
	enum gb_role role;          /* by the claim; NOBODY: he has none here */
};

/* Change CODE for an ID token and read it. ISSUER is the answer's `iss` (RFC 9207), or empty. -EACCES: the provider or the
 * token says no; others as above. */
__attribute__((warn_unused_result)) int gb_oidc_finish(struct gb_oidc *oidc, const struct gb_oidc_trip *trip,
        struct gb_span code, struct gb_span issuer, struct gb_arena *arena, struct gb_oidc_person *ret_person,
        struct gb_diag *diag);

/* Text NAME of OBJECT; "" when there is none. */
const char *gb_oidc_text(const json_t *object, const char *name);

/* Claims of TOKEN (a JWS in compact form) signed by one of KEYS, a JWK set: the payload, to be freed, or NULL. Only
 * signatures by RSA (2,048 bits at least) and elliptic curves. *ret_is_unknown: no key has its name; perhaps there is a new one. */
json_t *gb_oidc_token_open(struct gb_span token, const json_t *keys, bool *ret_is_unknown, struct gb_diag *diag);

/* Whether CLAIMS are ISSUER's for CLIENT now (seconds since 1970) and answer NONCE. 0 or -EACCES with DIAG. */
__attribute__((warn_unused_result)) int gb_oidc_claims_check(const json_t *claims, const char *issuer,
        const char *client, struct gb_span nonce, int64_t now, struct gb_diag *diag);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* store/sign_ins: sign-ins at an OpenID provider that were begun and not come back yet. */
#ifndef GB_STORE_SIGN_INS_H
#define GB_STORE_SIGN_INS_H

#include "base/arena.h"
#include "store/sql.h"

struct gb_sign_in {
	struct gb_span state;   /* SHA-256 of what the provider gives back */
	struct gb_span browser; /* SHA-256 of the cookie of who began it */
	struct gb_span nonce, verifier;
	int64_t expires;
};

__attribute__((warn_unused_result)) int gb_sign_in_add(
        struct gb_store *store, const struct gb_sign_in *sign_in, struct gb_diag *diag);

/* Take it out, once, if it was BROWSER's: nobody else can spend it. 1 with *ret_sign_in in ARENA, or 0 when there is none. */
__attribute__((warn_unused_result)) int gb_sign_in_take(struct gb_store *store, struct gb_span state,
        struct gb_span browser, struct gb_arena *arena, struct gb_sign_in *ret_sign_in, struct gb_diag *diag);

/* Those of before NOW. */
__attribute__((warn_unused_result)) int gb_sign_ins_expire(struct gb_store *store, int64_t now, struct gb_diag *diag);

#endif

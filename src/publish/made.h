/* SPDX-License-Identifier: Apache-2.0 */
/* publish/made: a function's policy out of the documents, the rules and what was learned. Private to its directory. */
#ifndef GB_PUBLISH_MADE_H
#define GB_PUBLISH_MADE_H

#include "base/sha256.h"
#include "policyc/set.h"
#include "publish/target.h"
#include "store/functions.h"

/* A function's policy, ready to be compiled under any serial. */
struct made {
	struct gb_policyc_document *document, *learned, *own; /* DOCUMENT is the resolution's or OWN */
	struct gb_policyc_resolution resolution;
	unsigned char sha256[GB_SHA256_BYTES];
	char path[TARGET_PATH_BYTES];
};

/* *MADE, zeroed by the caller, of FUNCTION by the documents in SET; its hash is of what PUBLIC_KEY signs too. WAS_PUBLISHED: it has
 * a policy, which is replaced by a plain one when nothing is said about it any more. 0; -ENOENT: there is nothing to be
 * published; -EINVAL with DIAG: no policy can be made; another negative errno of the store. made_done() in any case. */
int made_of(struct gb_policyc_set *set, const unsigned char public_key[GB_BLOB_KEY_BYTES], struct gb_store *store,
        const struct gb_function *function, bool was_published, struct made *made, struct gb_diag *diag);

/* The blob, without a signature, under SERIAL; the caller frees it. 0; -EINVAL with DIAG; -ENOMEM. */
int made_compile(
        const struct made *made, uint64_t serial, unsigned char **ret_blob, size_t *ret_n, struct gb_diag *diag);

/* Zeroed or half made is fine. */
void made_done(struct made *made);

#endif

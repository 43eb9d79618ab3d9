/* SPDX-License-Identifier: Apache-2.0 */
#include "publish/made.h"

#include "base/cleanup.h"
#include "base/sha256.h"
#include "publish/publish.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void made_done(struct made *made)
{
	if (made->resolution.document != NULL)
		gb_policyc_resolution_done(&made->resolution);
	gb_policyc_document_free(made->own);
	gb_policyc_document_free(made->learned);
}

/* Nothing is said about it: what an agent does by itself, once there was something else. */
static int make_plain(struct made *made, const struct gb_function *function)
{
	struct gb_policyc_document *document = made->own = gb_policyc_document_new();

	if (document == NULL)
		return -ENOMEM;
	document->observe = true;
	if (gb_span_equal(function->mode, GB_SPAN("block")))
		document->posture = GB_MODE_BLOCK;
	document->is_resolved = true;
	made->document = document;
	return 0;
}

/* The policy is bound to its function by its name: the signature is the same for all. */
static int name_it(struct made *made, const struct gb_function *function)
{
	char region[GB_LOCATION_NAME_MAX], name[GB_LOCATION_NAME_MAX], whole[2 * GB_LOCATION_NAME_MAX];

	gb_location_add_name(function->region, region);
	gb_location_add_name(function->name, name);
	(void)snprintf(whole, sizeof(whole), "%s/%s", region, name);
	made->document->name = gb_policyc_copy(made->document, gb_span_cstr(whole));
	return made->document->name == NULL ? -ENOMEM : 0;
}

int made_compile(
        const struct made *made, uint64_t serial, unsigned char **ret_blob, size_t *ret_n, struct gb_diag *diag)
{
	int r = gb_policyc_compile(made->document, serial, ret_blob, ret_n, diag);

	return r == -ENOMEM || r == 0     ? r
	       : diag->message[0] != '\0' ? -EINVAL
	                                  : gb_diag_set(diag, -EINVAL, 0, 0, "it does not compile");
}

int made_of(struct gb_policyc_set *set, const unsigned char public_key[GB_BLOB_KEY_BYTES], struct gb_store *store,
        const struct gb_function *function, bool was_published, struct made *made, struct gb_diag *diag)
{
	GB_CLEANUP(gb_freep) unsigned char *blob = NULL;
	unsigned char digests[GB_SHA256_BYTES + GB_BLOB_KEY_BYTES];
	size_t n;
	int r = gb_publish_resolve(store, set, function, &made->resolution, &made->learned, diag);

	target_path(function->account, function->region, function->name, made->path);
	made->document = made->resolution.document;
	if (r == -ENOENT && was_published)
		r = make_plain(made, function);
	if (r == 0)
		r = name_it(made, function);
	if (r == 0)
		r = made_compile(made, 0, &blob, &n, diag);
	if (r < 0)
		return r;
	/* With the key: when that has changed everything is signed anew. */
	gb_sha256(gb_span_of(blob, n), digests);
	memcpy(digests + GB_SHA256_BYTES, public_key, GB_BLOB_KEY_BYTES);
	gb_sha256(gb_span_of(digests, sizeof(digests)), made->sha256);
	return 0;
}

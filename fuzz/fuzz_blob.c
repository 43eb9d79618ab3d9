/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policy blobs: any bytes. What gb_policy_open() takes can be asked anything and can be turned into a document; what it
 * refuses, gb_blob_verify() may still have taken (it looks at the frame only).
 */
#include "policy/firewall.h"
#include "policyc/policyc.h"
#include "wire/blob.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void evaluate_all(const struct gb_policy *policy)
{
	static const struct gb_span paths[] = {
	        GB_SPAN("/"), GB_SPAN("/a/b/c.tmp"), GB_SPAN("/tmp/x"), GB_SPAN("@name"), GB_SPAN("")};
	struct gb_policy_context context = {.policy = policy, .posture = GB_MODE_BLOCK};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		for (int kind = 0; kind < _GB_ACTIVITY_KIND_MAX; kind++) {
			struct gb_activity activity = {.kind = (enum gb_activity_kind)kind,
			        .subject = paths[i],
			        .object = paths[(i + 1) % 5],
			        .arguments = GB_SPAN("sh\0-c\0a http://b/c 12 d\0"),
			        .address = {.family = (enum gb_address_family)(i % 4), .port = 443}};
			struct gb_verdict first = gb_policy_evaluate(&context, &activity);
			struct gb_verdict again = gb_policy_evaluate(&context, &activity);

			if (first.decision >= _GB_DECISION_MAX || first.decision != again.decision ||
			        first.reason != again.reason)
				abort();
		}
}

static void ask_firewall(const struct gb_policy *policy)
{
	static const struct gb_span paths[] = {GB_SPAN("body.comment"), GB_SPAN("Records[0].body.a.b"), GB_SPAN("")};

	if (gb_policy_firewall_open(policy) < 0)
		return;
	for (unsigned i = 0; i < 64; i++) {
		struct gb_policy_place place = {.attack_class = i % 32,
		        .reason = i % 2 == 0 ? GB_SPAN("sql_order_by") : GB_SPAN_EMPTY,
		        .path = paths[i % 3],
		        .method = GB_SPAN("POST"),
		        .resource = GB_SPAN("/comments/{id}"),
		        .route = GB_SPAN("/comments/1")};
		unsigned char ip[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, (unsigned char)(i * 4)};
		const struct gb_blob_source_list *list;
		uint32_t tag;

		if (i % 2 != 0)
			ip[0] = (unsigned char)(i * 4);
		(void)gb_policy_is_proxy(policy, ip);
		list = gb_policy_source(policy, ip);
		if (list != NULL && gb_policy_source_mode(policy, list) >= _GB_MODE_MAX)
			abort();
		if (gb_policy_exception_mode(policy, &place, &tag) > GB_MODE_BLOCK || tag > policy->header->tags.count)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct gb_policyc_document *document;
	struct gb_policy policy;
	struct gb_span blob;
	unsigned char *copy = malloc(n == 0 ? 1 : n);

	if (copy == NULL)
		return 0;
	if (n != 0)
		memcpy(copy, data, n);
	if (gb_blob_verify(gb_span_of(copy, n), NULL, &blob) == 0 && blob.n > n)
		abort();
	/* The checksum would stop nearly everything: look behind it too. */
	blob = gb_span_of(copy, n);
	if (n >= sizeof(struct gb_blob_header)) {
		struct gb_blob_header header;

		memcpy(&header, copy, sizeof(header));
		if (header.total_bytes <= n)
			blob.n = header.total_bytes;
	}
	if (gb_policy_open(blob, &policy) == 0) {
		evaluate_all(&policy);
		policy.moment = gb_policy_next_change(&policy);
		(void)gb_policy_posture(&policy);
		(void)gb_policy_observes(&policy);
		evaluate_all(&policy);
		ask_firewall(&policy);
		if (gb_policyc_of_blob(&policy, &document) == 0)
			gb_policyc_document_free(document);
	}
	free(copy);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policyc/unpack: parts of a blob → parts of a document. Private to policyc.
 */
#ifndef GB_POLICYC_UNPACK_H
#define GB_POLICYC_UNPACK_H

#include "policyc/policyc.h"

/* Blob → document. The blob has been checked by gb_policy_open(); its texts have not been checked as the parser does,
 * and are put through the same functions. */
struct gb_policyc_unpacker {
	const struct gb_policy *policy;
	struct gb_policyc_document *document;
};

static inline const void *gb_policyc_unpack_elements(
        const struct gb_policyc_unpacker *unpacker, struct gb_blob_part part)
{
	return unpacker->policy->blob.p + part.offset;
}

static inline struct gb_span gb_policyc_unpack_text_of(
        const struct gb_policyc_unpacker *unpacker, struct gb_blob_text text)
{
	return gb_span_of(unpacker->policy->blob.p + unpacker->policy->header->text.offset + text.offset, text.n);
}

/* The entry of ENTRIES named by TAG, added when there is none; ENTRIES is NULL for the allowlist, which has but one. */
__attribute__((warn_unused_result)) int gb_policyc_unpack_entry_of(const struct gb_policyc_unpacker *unpacker,
        struct gb_policyc_entries *entries, uint32_t tag, struct gb_policyc_entry **ret_entry);

/* The list of ENTRY that a set of paths is made of: read, write or map. */
struct gb_policyc_patterns *gb_policyc_unpack_paths_of(struct gb_policyc_entry *entry, size_t set);

/* Calls of APIs and requests that are no regular expressions; and regular expressions and command lines. */
__attribute__((warn_unused_result)) int gb_policyc_unpack_calls(const struct gb_policyc_unpacker *unpacker,
        const struct gb_blob_list *list, struct gb_policyc_entries *entries);
__attribute__((warn_unused_result)) int gb_policyc_unpack_expressions(const struct gb_policyc_unpacker *unpacker,
        const struct gb_blob_list *list, struct gb_policyc_entries *entries);

/* The firewall's settings of a policy which gb_policy_firewall_open() has taken. */
__attribute__((warn_unused_result)) int gb_policyc_unpack_firewall(const struct gb_policyc_unpacker *unpacker);

#endif

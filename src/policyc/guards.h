/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policyc/guards: `drift:`, `forbidden:`, `decoys:`, `budgets:` and `hygiene:` of a document.
 */
#ifndef GB_POLICYC_GUARDS_H
#define GB_POLICYC_GUARDS_H

#include "policyc/reader.h"

#include <stdio.h>

/* Section and key of each list of texts. */
struct gb_policyc_guard {
	const char *section;
	const char *key;
	enum gb_control control;
};

extern const struct gb_policyc_guard gb_policyc_guards[_GB_BLOB_GUARD_MAX];
extern const char *const gb_policyc_budget_keys[_GB_USAGE_MAX];

/* Add TEXT to a list after checking it. -EINVAL with DIAG, -ENOMEM. */
__attribute__((warn_unused_result)) int gb_policyc_add_guard(
        struct gb_policyc_document *document, enum gb_blob_guard guard, struct gb_span text, struct gb_diag *diag);

/* The sections; TARGET: struct gb_policyc_document. */
int gb_policyc_read_drift(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target);
int gb_policyc_read_forbidden(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target);
int gb_policyc_read_decoys(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target);
int gb_policyc_read_budgets(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target);
int gb_policyc_read_hygiene(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target);

/* Whether the document has anything of a control's section, so that it is printed. */
bool gb_policyc_has_guard(const struct gb_policyc_document *document, enum gb_control control);
void gb_policyc_print_guards(const struct gb_policyc_document *document, FILE *out);
void gb_policyc_print_guards_table(const struct gb_policyc_document *document, FILE *out);

/* The lists of DOCUMENT in their order, each text once; what drift trusts when nothing is said. */
__attribute__((warn_unused_result)) int gb_policyc_guard_sorted(struct gb_arena *arena,
        const struct gb_policyc_document *document, enum gb_blob_guard guard, struct gb_policyc_strings *ret_sorted);
/* 64 hexadecimal digits → 32 bytes. */
void gb_policyc_hash_bytes(const char *digits, unsigned char ret_bytes[32]);

/* Leave the trusted places out when they are the default ones, which a compiled policy spells out, in their order. */
void gb_policyc_forget_default_trusted(struct gb_policyc_document *document);

#endif

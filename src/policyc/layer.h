/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policyc/layer: one document of a policy set: checked by itself, and kept as a tree, so that it can be read over what
 * stands below it. A later reading takes the place of an earlier one's fields and adds to its lists. Private to policyc.
 */
#ifndef GB_POLICYC_LAYER_H
#define GB_POLICYC_LAYER_H

#include "policyc/set.h"
#include "policyc/tree.h"

enum gb_policyc_layer_kind {
	GB_POLICYC_ACCOUNT = 0,
	GB_POLICYC_GROUP,
	GB_POLICYC_FUNCTION,
	_GB_POLICYC_LAYER_MAX,
};

struct gb_policyc_layer {
	enum gb_policyc_layer_kind kind;
	struct gb_policyc_origin origin;
	const struct gb_policyc_node *spec;   /* what is read over; NULL: nothing */
	struct gb_policyc_document *document; /* read by itself; owned */
	bool has_match;
	/* Of a group. */
	const char *key, *secret_hash, *previous_hash; /* NULL: none */
	int64_t previous_expires;
};

/* An addition, read. */
struct gb_policyc_added {
	struct gb_policyc_addition is; /* texts in the set's arena */
	const struct gb_policyc_node *node;
};

struct gb_policyc_set {
	struct gb_arena *arena; /* layers, origins, notes */
	struct gb_arena **texts;
	size_t text_count, text_cap;
	struct gb_policyc_layer *layers;
	size_t count, cap;
	size_t bytes;
	struct gb_policyc_added *added; /* in `arena` */
	size_t added_count, added_cap;
};

/* "AccountPolicy" … */
const char *gb_policyc_layer_word(enum gb_policyc_layer_kind kind);

/* Read ROOT, whose tree outlives *ret_layer. FILE (kept) is where it stands. -EINVAL with DIAG, -ENOMEM. */
__attribute__((warn_unused_result)) int gb_policyc_layer_read(
        const struct gb_policyc_node *root, const char *file, struct gb_policyc_layer *ret_layer, struct gb_diag *diag);

/* Read LAYER over DOCUMENT. *ret_has_allow: it has an allowlist. DIAG has the place in LAYER's file. */
__attribute__((warn_unused_result)) int gb_policyc_layer_apply(const struct gb_policyc_layer *layer,
        struct gb_policyc_document *document, bool *ret_has_allow, struct gb_diag *diag);

struct gb_policyc_choice;
/* Whether anything was added for the function of CHOICE. */
bool gb_policyc_has_added(const struct gb_policyc_set *set, const struct gb_policyc_choice *choice);
/* Read what was added for it over DOCUMENT; *ret_count entries. DIAG has the place in the addition's entry. -ENOMEM. */
__attribute__((warn_unused_result)) int gb_policyc_added_apply(const struct gb_policyc_set *set,
        const struct gb_policyc_choice *choice, struct gb_policyc_document *document, size_t *ret_count,
        struct gb_diag *diag);

enum gb_policyc_overlap {
	GB_POLICYC_EXCLUSION_IN_RULE = 0, /* a mistake: the rule goes first */
	GB_POLICYC_RULE_IN_EXCLUSION,     /* may be meant: all but that */
};

/* What of one lies within the other, by what they match, for one scope and not longer: -EINVAL with DIAG, placed at the inner
 * one. Of very many entries not all pairs are looked at. -ENOMEM. */
__attribute__((warn_unused_result)) int gb_policyc_find_overlap(
        const struct gb_policyc_document *document, enum gb_policyc_overlap kind, struct gb_diag *diag);

/* The same thing named by a rule and by an exclusion of one scope, or an exclusion within a rule: -EINVAL with DIAG, placed
 * at the exclusion. */
__attribute__((warn_unused_result)) int gb_policyc_check_contradictions(
        const struct gb_policyc_document *document, struct gb_diag *diag);

#endif

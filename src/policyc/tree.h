/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policyc/tree: YAML text → tree of nodes with their places. Aliases and anchors are refused, so that a small text stays
 * a small tree; depth, nodes and bytes are limited.
 */
#ifndef GB_POLICYC_TREE_H
#define GB_POLICYC_TREE_H

#include "base/diag.h"
#include "base/span.h"
#include "base/arena.h"

enum gb_policyc_node_kind {
	GB_POLICYC_SCALAR = 0,
	GB_POLICYC_LIST,
	GB_POLICYC_MAP, /* children: key, value, key, value … */
};

struct gb_policyc_node {
	enum gb_policyc_node_kind kind;
	bool is_plain; /* a scalar without quotes */
	uint32_t line, column;
	struct gb_span text;
	struct gb_policyc_node *first, *last, *next;
};

/* The documents of TEXT, at most COUNT_MAX, each with the `next` one. *ret_root is NULL for an empty text. -EINVAL, -EFBIG
 * with DIAG; -ENOMEM. */
__attribute__((warn_unused_result)) int gb_policyc_tree_parse(struct gb_arena *arena, struct gb_span text,
        size_t count_max, struct gb_policyc_node **ret_root, struct gb_diag *diag);

#endif

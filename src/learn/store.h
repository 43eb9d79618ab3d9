/* SPDX-License-Identifier: Apache-2.0 */
/*
 * learn/store: what was read out of logs. Private to learn.
 */
#ifndef GB_LEARN_STORE_H
#define GB_LEARN_STORE_H

#include "activity/activity.h"
#include "learn/learn.h"
#include "policyc/arena.h"

struct gb_learn_item {
	enum gb_activity_kind kind;
	struct gb_span subject, object;
	struct gb_span *arguments;
	size_t argument_count;
	struct gb_span request; /* empty: outside an invocation */
	bool is_finding;
};

struct gb_learn {
	struct gb_policyc_arena *arena;
	struct gb_learn_item *items;
	size_t count, cap;
	struct gb_span *bad_requests; /* with a finding; sorted when the document is made */
	size_t bad_count, bad_cap;
	struct gb_learn_summary summary;
};

struct gb_learn_paths {
	struct gb_span *items;
	size_t count, cap;
};

/* Bytes first, then length. */
int gb_learn_span_compare(struct gb_span a, struct gb_span b);

/* Add PATH; files of which a pattern is made later. -ENOMEM. */
__attribute__((warn_unused_result)) int gb_learn_paths_add(
        struct gb_policyc_arena *arena, struct gb_learn_paths *paths, struct gb_span path);
/* Turn PATHS into patterns in LIST. */
__attribute__((warn_unused_result)) int gb_learn_paths_finish(struct gb_policyc_arena *arena,
        struct gb_learn_paths *paths, struct gb_policyc_document *document, struct gb_policyc_patterns *list);

/* All process starts among ITEMS → shapes in the allowlist. */
__attribute__((warn_unused_result)) int gb_learn_processes(struct gb_policyc_arena *arena,
        const struct gb_learn_item *items, size_t count, struct gb_policyc_document *document);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "publish/each.h"

#include "base/arena.h"
#include "store/store.h"

#include <errno.h>
#include <stdlib.h>

#define PAGE 200u

struct page {
	struct gb_arena *arena;
	int64_t last;
	size_t count;
	struct gb_function functions[PAGE];
};

static int keep(void *context, const struct gb_function *function)
{
	struct page *page = context;

	page->last = function->id;
	return gb_function_copy(page->arena, function, &page->functions[page->count++]);
}

int each_function(struct gb_store *store, const struct gb_scope *scope, const struct gb_function_filter *filter,
        int64_t end_ms, each_look *look, void *context, struct gb_diag *diag)
{
	struct page *page = calloc(1, sizeof(*page));
	bool is_over = false;
	int r = page == NULL ? -ENOMEM : (int)PAGE;

	while (r == (int)PAGE && !is_over) {
		page->count = 0;
		page->arena = gb_arena_new();
		r = page->arena == NULL ? -ENOMEM
		                        : gb_functions_list(store, scope, filter, page->last, PAGE, keep, page, diag);
		for (size_t i = 0; r >= 0 && i < page->count && !is_over; i++) {
			int looked = look(context, &page->functions[i]);

			r = looked < 0 ? looked : r;
			is_over = looked > 0 || (gb_store_now_ms(store) >= end_ms && i + 1 < page->count);
		}
		is_over |= gb_store_now_ms(store) >= end_ms && r == (int)PAGE;
		gb_arena_free(page->arena);
	}
	free(page);
	return r < 0 ? r : !is_over;
}

struct kept {
	struct gb_arena *arena;
	struct gb_function function;
};

static int keep_one(void *context, const struct gb_function *function)
{
	struct kept *kept = context;

	return gb_function_copy(kept->arena, function, &kept->function);
}

int each_one(struct gb_store *store, const struct gb_scope *scope, int64_t id, each_look *look, void *context,
        struct gb_diag *diag)
{
	struct kept kept = {.arena = gb_arena_new()};
	int r = kept.arena == NULL ? -ENOMEM : gb_function_get(store, scope, id, keep_one, &kept, diag);

	if (r > 0)
		r = look(context, &kept.function);
	gb_arena_free(kept.arena);
	return r < 0 ? r : 1;
}

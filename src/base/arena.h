/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/arena: memory that is given back all at once.
 */
#ifndef GB_BASE_ARENA_H
#define GB_BASE_ARENA_H

#include "base/span.h"

struct gb_arena;

/* An empty one; NULL when memory is short. */
struct gb_arena *gb_arena_new(void);
void gb_arena_free(struct gb_arena *arena);   /* NULL is fine */
void gb_arena_freep(struct gb_arena **arena); /* for GB_CLEANUP */

/* N zeroed bytes, aligned for anything; NULL when memory is short. */
void *gb_arena_take(struct gb_arena *arena, size_t n);

/* Room for one more element of SIZE bytes behind COUNT of them at *ITEMS, which moves. 0 or -ENOMEM. */
__attribute__((warn_unused_result)) int gb_arena_grow(
        struct gb_arena *arena, void *items, size_t count, size_t *cap, size_t size);

#endif

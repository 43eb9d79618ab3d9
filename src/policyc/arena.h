/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policyc/arena: memory that is given back all at once. Private to policyc.
 */
#ifndef GB_POLICYC_ARENA_H
#define GB_POLICYC_ARENA_H

#include "base/span.h"

struct gb_policyc_arena;

struct gb_policyc_arena *gb_policyc_arena_new(void);
void gb_policyc_arena_free(struct gb_policyc_arena *arena); /* NULL is fine */

/* N zeroed bytes, aligned for anything; NULL when memory is short. */
void *gb_policyc_arena_take(struct gb_policyc_arena *arena, size_t n);

/* Room for one more element of SIZE bytes behind COUNT of them at *ITEMS, which moves. 0 or -ENOMEM. */
__attribute__((warn_unused_result)) int gb_policyc_arena_grow(
        struct gb_policyc_arena *arena, void *items, size_t count, size_t *cap, size_t size);

#endif

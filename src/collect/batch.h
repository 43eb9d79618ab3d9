/* SPDX-License-Identifier: Apache-2.0 */
/* collect/batch: lines on their way into the store. Private to collect. */
#ifndef GB_COLLECT_BATCH_H
#define GB_COLLECT_BATCH_H

#include "collect/collect.h"
#include "collect/line.h"

struct collect_entry {
	struct collect_line line;
	const struct gb_collect_origin *origin;
	bool is_forged;      /* its key is not that of its sandbox */
	bool is_vouched_for; /* a seal of the same batch has its hash */
	bool is_untaught;    /* nothing is learned from it */
	int64_t function, version;
};

struct gb_collect_batch {
	struct gb_arena *arena;
	struct collect_entry *entries;
	size_t count, cap;
	size_t expanded;       /* bytes unpacked so far */
	atomic_size_t *shared; /* by all batches: what they have been given room for; or NULL */
	size_t held;           /* of that */
	int64_t now_ms;
	struct gb_collect_told told;
};

/* Take the lines of TEXT. 0, -E2BIG, -ENOMEM. */
__attribute__((warn_unused_result)) int collect_take_text(
        struct gb_collect_batch *batch, struct gb_span text, const struct gb_collect_origin *origin);

/* Room for N bytes of what was packed. NULL: more than is allowed, others have it now, or no memory: *ret_error. */
unsigned char *collect_room(struct gb_collect_batch *batch, size_t n, int *ret_error);

/* BODY unpacked (gzip). 0, -EBADMSG, -E2BIG, -ENOMEM. */
__attribute__((warn_unused_result)) int collect_inflate(
        struct gb_collect_batch *batch, struct gb_span body, struct gb_span *ret);

#endif

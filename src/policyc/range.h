/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policyc/range: ranges of IP addresses as they stand in documents and list files. Private to policyc.
 *   10.0.0.1   10.0.0.0/8   10.0.0.1-10.0.0.9   2001:db8::/32   2001:db8::1-2001:db8::ff
 */
#ifndef GB_POLICYC_RANGE_H
#define GB_POLICYC_RANGE_H

#include "base/text.h"
#include "policyc/policyc.h"

/* The shortest form that stands for RANGE. */
void gb_policyc_range_print(const struct gb_policyc_range *range, struct gb_text *out);

/* Add what TEXT stands for; -EINVAL with DIAG (no line), -ENOMEM. */
__attribute__((warn_unused_result)) int gb_policyc_add_range(struct gb_policyc_document *document,
        struct gb_policyc_ranges *ranges, struct gb_span text, struct gb_diag *diag);

/* A range and the number of what it belongs to; the smallest number decides where two overlap. */
struct gb_policyc_ranked {
	struct gb_policyc_range range;
	uint32_t rank;
};

/* COUNT ranges, in any order → ranges in rising order, without overlap, each with the rank that decides there; those
 * that touch and agree are one. None spans the border between mapped IPv4 and the rest. -ENOMEM, -EFBIG. */
__attribute__((warn_unused_result)) int gb_policyc_ranges_flatten(struct gb_arena *arena,
        const struct gb_policyc_ranked *ranges, size_t count, struct gb_policyc_ranked **ret_flat, size_t *ret_count);

bool gb_policyc_range_is_ipv4(const struct gb_policyc_range *range);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policyc/emit: parts of a blob being written. Private to policyc.
 */
#ifndef GB_POLICYC_EMIT_H
#define GB_POLICYC_EMIT_H

#include "policyc/arena.h"
#include "policyc/policyc.h"

/* Bytes that grow; sticky failure. The owner frees `p`. */
struct gb_policyc_buffer {
	unsigned char *p;
	size_t n, cap;
	int failed; /* negative errno */
};

void gb_policyc_buffer_add(struct gb_policyc_buffer *buffer, const void *bytes, size_t n);

/* What the warden alone reads, for a place BASE bytes (a multiple of 8) into the blob. */
__attribute__((warn_unused_result)) int gb_policyc_emit_firewall(struct gb_policyc_arena *arena,
        const struct gb_policyc_firewall *firewall, uint32_t base, struct gb_policyc_buffer *out,
        struct gb_blob_firewall *ret_firewall);

#endif

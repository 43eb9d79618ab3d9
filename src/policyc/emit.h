/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policyc/emit: parts of a blob being written. Private to policyc.
 */
#ifndef GB_POLICYC_EMIT_H
#define GB_POLICYC_EMIT_H

#include "base/arena.h"
#include "policyc/items.h"
#include "policyc/policyc.h"

/* Bytes that grow; sticky failure. The owner frees `p`. */
struct gb_policyc_buffer {
	unsigned char *p;
	size_t n, cap;
	int failed; /* negative errno */
};

/* Append N bytes. What goes wrong (-ENOMEM, -EFBIG) is kept in `failed`, and nothing more is added. */
void gb_policyc_buffer_add(struct gb_policyc_buffer *buffer, const void *bytes, size_t n);

/* What a tag says; entries with the same have one. */
struct gb_policyc_tag_of {
	const char *name, *reason; /* NULL: none */
	uint32_t until;
};

/* The blob is header, body, tags, arguments, chunks, automata, tables, text. Body: sets, processes, addresses and hosts of all lists. */
struct gb_policyc_emitter {
	struct gb_arena *arena;
	struct gb_policyc_buffer body, tags, arguments, chunks, automata, tables, text, own;
	struct gb_policyc_tag_of *tag_list;
	size_t tag_count, tag_cap;
	struct gb_blob_header header;
	struct gb_diag *diag;
};

/* MOMENT, seconds since 1970, in 32 bits: what is before is its first second, what is behind 2106 its last. 0 stays. */
uint32_t gb_policyc_emit_second(int64_t moment);

/* S among the texts; a short one that stands there already is used again. */
struct gb_blob_text gb_policyc_emit_text(struct gb_policyc_emitter *emitter, struct gb_span s);

/* Names, reasons and ends of entries: note every entry, write them, then ask for their numbers. */
__attribute__((warn_unused_result)) int gb_policyc_emit_note_tag(
        struct gb_policyc_emitter *emitter, const struct gb_policyc_entry *entry);
__attribute__((warn_unused_result)) int gb_policyc_emit_tags(struct gb_policyc_emitter *emitter);
/* ENTRY NULL: 0. */
uint16_t gb_policyc_emit_tag(const struct gb_policyc_emitter *emitter, const struct gb_policyc_entry *entry);

/* FLAT as one of the blob's lists, automata included. 0 or a negative errno. */
__attribute__((warn_unused_result)) int gb_policyc_emit_list(
        struct gb_policyc_emitter *emitter, const struct gb_policyc_flat *flat, struct gb_blob_list *ret_list);

/* Regular expressions and command lines, with their automata. -EINVAL with the emitter's diag: one is too large. */
__attribute__((warn_unused_result)) int gb_policyc_emit_expressions(
        struct gb_policyc_emitter *emitter, const struct gb_policyc_items *list, struct gb_blob_part *ret_part);

/* Where in the blob the next byte of its BODY, which stands behind the header, will be. */
static inline uint32_t gb_policyc_body_offset(const struct gb_policyc_buffer *body)
{
	return (uint32_t)(sizeof(struct gb_blob_header) + body->n);
}

/* Write to BODY the tree of a set, whose patterns of LIST stand in it PATTERNS_OFFSET bytes into the blob already. */
__attribute__((warn_unused_result)) int gb_policyc_emit_nodes(struct gb_arena *arena, struct gb_policyc_buffer *body,
        const struct gb_policyc_items *list, uint32_t patterns_offset, struct gb_blob_part *ret_part);

/* What the warden alone reads, for a place BASE bytes (a multiple of 8) into the blob; to EMITTER's `own` and header. */
__attribute__((warn_unused_result)) int gb_policyc_emit_firewall(
        struct gb_policyc_emitter *emitter, const struct gb_policyc_firewall *firewall, uint32_t base);

#endif

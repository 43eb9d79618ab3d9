/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policyc/template: an argument's shape as it is written: fixed text with typed places, "--out=<path>". A backslash
 * takes the special meaning from '<', '*' and itself. Private to policyc and learn.
 */
#ifndef GB_POLICYC_TEMPLATE_H
#define GB_POLICYC_TEMPLATE_H

#include "base/diag.h"
#include "base/text.h"
#include "wire/blob.h"

#define GB_POLICYC_CHUNKS_MAX 32u

struct gb_policyc_chunk {
	enum gb_blob_chunk_kind kind;
	size_t from, length; /* of a literal: in `bytes` */
};

struct gb_policyc_template {
	enum gb_blob_argument_kind kind;
	size_t chunk_count;
	struct gb_policyc_chunk chunks[GB_POLICYC_CHUNKS_MAX];
	char bytes[8192];
	size_t n;
};

/* -EINVAL with DIAG. */
__attribute__((warn_unused_result)) int gb_policyc_template_parse(
        struct gb_span text, bool is_shell, struct gb_policyc_template *ret_template, struct gb_diag *diag);

/* "word", "number", "path", "url"; NULL for a literal. */
const char *gb_policyc_hole_name(enum gb_blob_chunk_kind kind);

/* LITERAL as it must be written to stand for itself. IS_WHOLE: it is all of the argument (then a lone star is escaped). */
void gb_policyc_template_escape(struct gb_span literal, bool is_whole, struct gb_text *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * learn/typed: several values of one place → one template with a typed hole, or the finding that there is none.
 * Private to learn.
 */
#ifndef GB_LEARN_TYPED_H
#define GB_LEARN_TYPED_H

#include "base/text.h"
#include "policy/hole.h"

/* What a place may become. */
enum gb_learn_freedom {
	GB_LEARN_FIXED = 0, /* program text: only what was seen */
	GB_LEARN_TYPED,     /* a typed hole */
	GB_LEARN_FREE,      /* any one argument, if nothing else fits */
};

/* What a value may become at all. */
struct gb_learn_class {
	unsigned holes;        /* bit per enum gb_blob_chunk_kind that it fits */
	struct gb_span folder; /* of an absolute path the first directory; else empty */
};

struct gb_learn_class gb_learn_class(struct gb_span value, enum gb_hole_place place);

/* '-' of an option, '/' of a path; else 0. */
unsigned char gb_learn_kind(struct gb_span value);
/* From the last dot of its last segment on: ".png". Up to its last separator: "part-". Either may be empty. */
struct gb_span gb_learn_ending(struct gb_span value);
struct gb_span gb_learn_beginning(struct gb_span value);

/* VALUES differ. Writes the template (as in a document) to OUT and returns true, or false when they must stay apart. */
bool gb_learn_typed(const struct gb_span *values, size_t count, enum gb_hole_place place, enum gb_learn_freedom freedom,
        struct gb_text *out);

#endif

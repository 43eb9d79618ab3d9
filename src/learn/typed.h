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

/* VALUES differ. Writes the template (as in a document) to OUT and returns true, or false when they must stay apart. */
bool gb_learn_typed(const struct gb_span *values, size_t count, enum gb_hole_place place, enum gb_learn_freedom freedom,
        struct gb_text *out);

#endif

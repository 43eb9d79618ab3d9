/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect/prose: sentences that talk about an attack. What is injected stands at an end of a value or has the value's own
 * text before it; what is cited stands within a sentence that goes on behind it, which no shell, database or file system
 * would take.
 */
#ifndef GB_INSPECT_PROSE_H
#define GB_INSPECT_PROSE_H

#include "inspect/inspect.h"

/* Whether what FINDING, in balanced mode, found is only talked of: no reader of its language gets as far as that (unread.h), or
 * it is cited within a sentence. False for classes whose attacks work within any sentence (markup, look-ups, templates). */
bool gb_prose_cites(const struct gb_inspect_finding *finding);

/* Whether WORD holds sentences together and means nothing to SQL, a shell or a programming language. */
bool gb_prose_is_glue(struct gb_span word);

/* Whether TEXT begins with some words of a sentence. */
bool gb_prose_is_sentence(struct gb_span text);

#endif

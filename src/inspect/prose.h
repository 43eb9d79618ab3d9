/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect/prose: sentences that talk about an attack. What is injected stands at an end of a value or has the value's own
 * text before it; what is cited stands within a sentence that goes on behind it, which no shell, database or file system
 * would take.
 */
#ifndef GB_INSPECT_PROSE_H
#define GB_INSPECT_PROSE_H

#include "inspect/inspect.h"

/* Whether no reader of the language in which FINDING would act gets as far as that (unread.h). */
bool gb_prose_is_void(const struct gb_inspect_finding *finding);

/* Whether FINDING stands within a sentence that its language would stumble over. False for classes whose attacks work within
 * any sentence (markup, look-ups, templates). */
bool gb_prose_cites(const struct gb_inspect_finding *finding);

/* Whether WORD holds sentences together and means nothing to SQL, a shell or a programming language. */
bool gb_prose_is_glue(struct gb_span word);

/* Whether TEXT begins with some words of a sentence. */
bool gb_prose_is_sentence(struct gb_span text);

#endif

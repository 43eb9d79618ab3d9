/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect/prose: sentences that talk about an attack. What is injected stands at an end of a value or has the value's own
 * text before it; what is cited stands within a sentence that goes on behind it, which no shell, database or file system
 * would take.
 */
#ifndef GB_INSPECT_PROSE_H
#define GB_INSPECT_PROSE_H

#include "inspect/inspect.h"

/* Whether the LENGTH bytes at FROM, which convict TEXT of ATTACK_CLASS, are only cited there. False for classes whose
 * attacks work within any sentence (script, look-ups, templates). Looks at no more than some 300 bytes. */
bool gb_prose_cites(enum gb_attack_class attack_class, struct gb_span text, size_t from, size_t length);

#endif

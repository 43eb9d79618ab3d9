/* SPDX-License-Identifier: Apache-2.0 */
/* tell/texts: texts of JSON as spans, and spans that stay. Private to tell. */
#ifndef GB_TELL_TEXTS_H
#define GB_TELL_TEXTS_H

#include "base/arena.h"
#include "base/span.h"

#include <jansson.h>

/* What VALUE (NULL is fine) says; empty when it is no text. It lives as long as VALUE. */
static inline struct gb_span gb_tell_text(const json_t *value)
{
	return gb_span_of(json_string_value(value), json_string_length(value));
}

static inline struct gb_span gb_tell_member(const json_t *object, const char *name)
{
	return gb_tell_text(json_object_get(object, name));
}

/* A copy of S in ARENA; with a NULL pointer when memory is short. */
static inline struct gb_span gb_tell_keep(struct gb_arena *arena, struct gb_span s)
{
	unsigned char *copy = gb_arena_take(arena, s.n + 1);

	if (copy != NULL && s.n > 0)
		__builtin_memcpy(copy, s.p, s.n);
	return gb_span_of(copy, copy != NULL ? s.n : 0);
}

#endif

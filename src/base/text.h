/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/text: build text in a fixed buffer that the caller owns. Freestanding. Once something does not fit, `truncated`
 * is set and nothing more is added, so a caller checks once at the end. The buffer is never NUL-terminated unless
 * gb_text_cstr() is called.
 */
#ifndef GB_BASE_TEXT_H
#define GB_BASE_TEXT_H

#include "base/span.h"

struct gb_text {
	char *p;
	size_t n;
	size_t cap;
	bool truncated;
};

static inline struct gb_text gb_text_on(void *buffer, size_t cap)
{
	return (struct gb_text){.p = buffer, .n = 0, .cap = cap, .truncated = false};
}

static inline struct gb_span gb_text_span(const struct gb_text *text)
{
	return gb_span_of(text->p, text->n);
}

/* All of S or, if it does not fit, nothing and `truncated`. */
void gb_text_add(struct gb_text *text, struct gb_span s);
void gb_text_add_cstr(struct gb_text *text, const char *s);
void gb_text_add_byte(struct gb_text *text, unsigned char c);
void gb_text_add_u64(struct gb_text *text, uint64_t value);
void gb_text_add_i64(struct gb_text *text, int64_t value);
/* Lower-case hexadecimal of each byte of S. */
void gb_text_add_hex(struct gb_text *text, struct gb_span s);

/* The text as a C string: adds a NUL behind it that is not counted; cuts the last byte if there is no room for it. */
const char *gb_text_cstr(struct gb_text *text);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* How walk.c reads bytes: strings, scalars, blanks. Private to it. */
#ifndef GB_INSPECT_WALK_SCAN_H
#define GB_INSPECT_WALK_SCAN_H

#include "inspect/bytes.h"
#include "inspect/vector.h"
#include "inspect/walk.h"

/* A copy of the walk's text and place, which the compiler keeps in registers. */
struct reader {
	struct gb_span text;
	size_t at;
};

/* The classes of the bytes of a block that WITHIN has bits of: letters, digits and blanks are told by ranges, the few others
 * are looked up one by one. */
static inline uint32_t classes_of(const unsigned char *p, gb_vector v, unsigned within)
{
	const unsigned alnum = gb_vector_bits(gb_vector_alnum(v)) & within,
	               blank = gb_vector_bits(gb_vector_equal(v, ' ')) & within;
	uint32_t mask = (alnum != 0 ? GB_BYTE_ALNUM : 0) | (blank != 0 ? GB_BYTE_SPACE : 0);

	for (unsigned others = within & ~(alnum | blank); others != 0; others &= others - 1)
		mask |= gb_byte_classes[p[(unsigned)__builtin_ctz(others)]];
	return mask;
}

/* Up to the next " or \, sixteen bytes at a time. Result: the classes of what is passed. */
static inline __attribute__((always_inline)) uint32_t scan_plain(struct reader *reader)
{
	const uint32_t stops = GB_BYTE_DOUBLE | GB_BYTE_BACKSLASH;
	const unsigned char *p = reader->text.p;
	const size_t n = reader->text.n;
	size_t at = reader->at;
	uint32_t mask = 0, class = 0;

	for (; n - at >= GB_VECTOR_BYTES; at += GB_VECTOR_BYTES) {
		const gb_vector v = gb_vector_load(p + at);
		const unsigned ends = gb_vector_bits(gb_vector_equal(v, '"') | gb_vector_equal(v, '\\'));

		if (ends != 0) {
			reader->at = at + (unsigned)__builtin_ctz(ends);
			return mask | classes_of(p + at, v, (ends & (0u - ends)) - 1);
		}
		mask |= classes_of(p + at, v, 0xffffu);
	}
	for (; at < n && ((class = gb_byte_classes[p[at]]) & stops) == 0; at++)
		mask |= class;
	reader->at = at;
	return mask;
}

/* Over what follows the string's first escape up to its end. Result: the classes of all but the escapes. */
static inline uint32_t scan_escaped(struct reader *reader)
{
	const struct gb_span text = reader->text;
	uint32_t mask = 0;

	while (reader->at < text.n && text.p[reader->at] == '\\') {
		reader->at += text.n - reader->at < 2 ? 1 : 2;
		mask |= scan_plain(reader);
	}
	return mask;
}

/* The string at the quote `at`, *RET_RAW between the quotes; moves behind it. False when it does not end. */
static inline __attribute__((always_inline)) bool scan_string(
        struct reader *reader, struct gb_span *ret_raw, struct gb_walk_string *ret_string)
{
	const struct gb_span text = reader->text;
	const size_t start = ++reader->at;
	uint32_t mask = scan_plain(reader);

	ret_string->has_escapes = reader->at < text.n && text.p[reader->at] != '"';
	if (ret_string->has_escapes)
		mask |= scan_escaped(reader);
	if (reader->at >= text.n)
		return false;
	*ret_raw = gb_span_of(text.p + start, reader->at - start);
	ret_string->raw = *ret_raw;
	ret_string->mask = mask;
	reader->at++;
	return true;
}

/* Numbers, true, false, null: nothing can hide in them. False for other bytes. */
static inline bool skip_scalar(struct reader *reader)
{
	const unsigned char *p = reader->text.p;
	const size_t start = reader->at, n = reader->text.n;
	size_t at = start;

	while (at < n &&
	        ((gb_byte_classes[p[at]] & GB_BYTE_ALNUM) != 0 || p[at] == '-' || p[at] == '+' || p[at] == '.'))
		at++;
	reader->at = at;
	return at > start;
}

static inline void skip_blanks(struct reader *reader)
{
	const struct gb_span text = reader->text;

	while (reader->at < text.n && gb_ascii_is_space(text.p[reader->at]))
		reader->at++;
}

/* The byte behind the blanks, of which there is mostly none or one; 0 at the end. */
static inline unsigned char next_byte(struct reader *reader)
{
	const struct gb_span text = reader->text;

	if (reader->at < text.n && text.p[reader->at] == ' ')
		reader->at++;
	if (reader->at < text.n && text.p[reader->at] <= ' ')
		skip_blanks(reader);
	return reader->at < text.n ? text.p[reader->at] : 0;
}

#endif

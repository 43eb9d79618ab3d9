/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/span: bytes somebody else owns. A span is a pointer and a length, by value; it never owns, is never
 * NUL-terminated by contract, and may hold any byte. Everything here is freestanding (the sensor links it):
 * no allocation, no libc beyond the four memory functions that the compiler itself may call
 * (memcpy, memmove, memset, memcmp; the sensor brings its own).
 */
#ifndef GB_BASE_SPAN_H
#define GB_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gb_span {
	const unsigned char *p; /* may be NULL only when n is 0 */
	size_t n;
};

/* Span over a string literal, without its NUL. */
#define GB_SPAN(literal) ((struct gb_span){(const unsigned char *)(literal), sizeof(literal) - 1})

#define GB_SPAN_EMPTY ((struct gb_span){NULL, 0})

static inline struct gb_span gb_span_of(const void *p, size_t n)
{
	struct gb_span s = {(const unsigned char *)p, n}; /* C++ too: inspect's public header has it */

	return s;
}

/* Span over a NUL-terminated string. NULL gives the empty span. */
static inline struct gb_span gb_span_cstr(const char *s)
{
	size_t n = 0;

	if (s != NULL)
		while (s[n] != '\0')
			n++;
	return gb_span_of(s, n);
}

/* The part of S from FROM on, at most COUNT bytes; out-of-range arguments are cut, never an error. */
static inline struct gb_span gb_span_sub(struct gb_span s, size_t from, size_t count)
{
	if (from > s.n)
		from = s.n;
	if (count > s.n - from)
		count = s.n - from;
	return (struct gb_span){s.n == 0 ? s.p : s.p + from, count};
}

static inline bool gb_span_equal(struct gb_span a, struct gb_span b)
{
	return a.n == b.n && (a.n == 0 || __builtin_memcmp(a.p, b.p, a.n) == 0);
}

static inline bool gb_span_starts(struct gb_span s, struct gb_span prefix)
{
	return s.n >= prefix.n && (prefix.n == 0 || __builtin_memcmp(s.p, prefix.p, prefix.n) == 0);
}

/* Whether S is one of WORDS, which lie one behind the other, each with its NUL, and an empty one ends. A list of pointers
 * would have to be relocated in every process that the sensor is in. */
bool gb_span_is_one_of(struct gb_span s, const char *words);

static inline bool gb_span_ends(struct gb_span s, struct gb_span suffix)
{
	return s.n >= suffix.n && (suffix.n == 0 || __builtin_memcmp(s.p + (s.n - suffix.n), suffix.p, suffix.n) == 0);
}

/* ASCII-only lower case; bytes outside A–Z are returned as they are. */
static inline unsigned char gb_ascii_lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c + ('a' - 'A')) : c;
}

static inline bool gb_ascii_is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static inline bool gb_ascii_is_alpha(unsigned char c)
{
	return gb_ascii_lower(c) >= 'a' && gb_ascii_lower(c) <= 'z';
}

static inline bool gb_ascii_is_space(unsigned char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* ASCII case-insensitive equality. */
bool gb_span_equal_nocase(struct gb_span a, struct gb_span b);

/* Offset of the first byte C in S at or after FROM, or SIZE_MAX. */
size_t gb_span_find_byte(struct gb_span s, unsigned char c, size_t from);

/* Offset of the last byte C in S, or SIZE_MAX. */
size_t gb_span_find_last_byte(struct gb_span s, unsigned char c);

/* Offset of the first NEEDLE in S at or after FROM, or SIZE_MAX. An empty needle is never found. Linear on ordinary
 * text; the worst case is bounded by S.n * NEEDLE.n compared bytes. */
size_t gb_span_find(struct gb_span s, struct gb_span needle, size_t from);

/* S without leading and trailing ASCII white space. */
struct gb_span gb_span_trim(struct gb_span s);

/* The first word of *LINE, up to white space; *LINE is then what stands behind it. Empty when there is none. */
struct gb_span gb_span_take_word(struct gb_span *line);

/* S behind its last '/', or all of S: the name of a file. */
struct gb_span gb_span_basename(struct gb_span s);

/* Decimal number that is all of S and fits; false leaves *ret_value alone. No sign, no white space. */
bool gb_span_to_u64(struct gb_span s, uint64_t *ret_value);

/* FNV-1a, 64 bits: for tables of things already bounded in number, not against an attacker who wants collisions. */
uint64_t gb_span_hash(struct gb_span s);

/* The same, carried on from an earlier value, to hash several spans as one. Start with GB_HASH_START. */
#define GB_HASH_START 0xcbf29ce484222325u
uint64_t gb_span_hash_more(uint64_t hash, struct gb_span s);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * collect/scan: one pass over JSON (RFC 8259) that somebody else wrote, without building anything: values come as the bytes
 * they stand in, checked. Private to collect.
 */
#ifndef GB_COLLECT_SCAN_H
#define GB_COLLECT_SCAN_H

#include "base/arena.h"

enum scan_type {
	SCAN_NONE = 0, /* nothing more, or broken: see `is_broken` */
	SCAN_OBJECT,
	SCAN_ARRAY,
	SCAN_STRING,
	SCAN_NUMBER,
	SCAN_TRUE,
	SCAN_FALSE,
	SCAN_NULL,
};

#define SCAN_DEPTH_MAX 32u

struct scan {
	const unsigned char *p, *end;
	bool is_broken;
	bool is_begun; /* the first member or element of the object or array was taken */
};

struct scan_value {
	enum scan_type type;
	struct gb_span key;  /* between its quotes, as escaped; members only */
	struct gb_span text; /* of a string: between its quotes, as escaped; else all of it */
	bool is_escaped;     /* the text has a backslash */
};

/* The one value at the start of S; *ret_used is where it ends. SCAN_NONE: there is none, or it is malformed, no UTF-8 or
 * deeper than SCAN_DEPTH_MAX. */
struct scan_value scan_one(struct gb_span s, size_t *ret_used);

/* To walk over VALUE, which a scan gave (so it is well-formed) and is an object or array: again and again scan_next(), until
 * its type is SCAN_NONE. */
struct scan scan_into(const struct scan_value *value);
struct scan_value scan_next(struct scan *scan);

/* The bytes that a string stands for, in ARENA when it had escapes. False: memory is short. NUL and lone surrogates become
 * U+FFFD. */
bool scan_text(const struct scan_value *value, struct gb_arena *arena, struct gb_span *ret);

/* A whole number from 0 to 2^63 - 1. */
bool scan_number(const struct scan_value *value, int64_t *ret);

/* Whether the member is called NAME, which has no character that must be escaped. */
bool scan_is(const struct scan_value *value, struct gb_span name);

#endif

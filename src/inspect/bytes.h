/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect/bytes: which kinds of bytes a string holds, as a mask. One cheap pass decides which decoders and detectors are
 * entered at all; most strings of ordinary events ask for none.
 */
#ifndef GB_INSPECT_BYTES_H
#define GB_INSPECT_BYTES_H

#include "base/span.h"

#include <string.h>

enum gb_byte_class {
	GB_BYTE_ALNUM = 1u << 0,
	GB_BYTE_SPACE = 1u << 1, /* blank, tab */
	GB_BYTE_NEWLINE = 1u << 2,
	GB_BYTE_CONTROL = 1u << 3, /* other bytes below 0x20, and 0x7f */
	GB_BYTE_HIGH = 1u << 4,    /* 0x80 and above */
	GB_BYTE_DOUBLE = 1u << 5,  /* " */
	GB_BYTE_SINGLE = 1u << 6,
	GB_BYTE_BACKSLASH = 1u << 7,
	GB_BYTE_PERCENT = 1u << 8,
	GB_BYTE_AMPERSAND = 1u << 9,
	GB_BYTE_SEMICOLON = 1u << 10,
	GB_BYTE_PIPE = 1u << 11,
	GB_BYTE_BACKTICK = 1u << 12,
	GB_BYTE_DOLLAR = 1u << 13,
	GB_BYTE_PAREN = 1u << 14,
	GB_BYTE_BRACE = 1u << 15,
	GB_BYTE_BRACKET = 1u << 16,
	GB_BYTE_ANGLE = 1u << 17,
	GB_BYTE_SLASH = 1u << 18,
	GB_BYTE_DOT = 1u << 19,
	GB_BYTE_EQUAL = 1u << 20,
	GB_BYTE_PLUS = 1u << 21,
	GB_BYTE_COLON = 1u << 22,
	GB_BYTE_GLOB = 1u << 23,  /* * ? */
	GB_BYTE_OTHER = 1u << 24, /* - _ , ! # @ ~ */
	GB_BYTE_CARET = 1u << 25,
};

#define GB_BYTE_PLAIN (GB_BYTE_ALNUM | GB_BYTE_SPACE | GB_BYTE_DOT | GB_BYTE_COLON | GB_BYTE_OTHER | GB_BYTE_CARET)

extern const uint32_t gb_byte_classes[256];

/* Classes of all bytes of S together. */
uint32_t gb_bytes_mask(struct gb_span s);

/* Two bytes side by side that detectors ask for first: without them most have nothing to look for. */
enum gb_byte_pair {
	GB_PAIR_DOTS = 1u << 0,        /* .. */
	GB_PAIR_DASHES = 1u << 1,      /* -- */
	GB_PAIR_COMMENT = 1u << 2,     /* slash star */
	GB_PAIR_LOGICAL = 1u << 3,     /* && and || */
	GB_PAIR_UNDERSCORES = 1u << 4, /* __ */
	GB_PAIR_OBJECT = 1u << 5,      /* within the first digits of serialized objects in base64: rO gA AA BA */
	GB_PAIR_VIEW_STATE = 1u << 6,  /* the same: wE */
	GB_PAIR_HEXADECIMAL = 1u << 7, /* d0, as in aced0005 */
	GB_PAIR_TOKEN = 1u << 8,       /* ey */
	GB_PAIR_MEMBER = 1u << 9,      /* r. r[ r" r', as behind constructor */
	GB_PAIR_HASH = 1u << 10,       /* # behind anything */
	GB_PAIR_VARIABLE = 1u << 11,   /* @ that is not behind a name */
	GB_PAIR_NOT = 1u << 12,        /* ! before anything but a blank */
	GB_PAIR_CALL = 1u << 13,       /* ( behind a name */
	GB_PAIR_OPEN_DIGIT = 1u << 14, /* ( before a digit, quote or sign */
};

/* Pairs of all of S together; a blank is taken to stand before it. */
uint32_t gb_bytes_pairs(struct gb_span s);

/* Bytes of names and words: letters, digits, _, all beyond ASCII. */
extern const bool gb_byte_is_name[256];

/* Offsets as gb_span_find_byte() and gb_span_find() give them, by the C library's fast search. */
static inline size_t gb_bytes_find(struct gb_span s, unsigned char c, size_t from)
{
	const unsigned char *at = from < s.n ? memchr(s.p + from, c, s.n - from) : NULL;

	return at != NULL ? (size_t)(at - s.p) : SIZE_MAX;
}

size_t gb_bytes_find_text(struct gb_span s, struct gb_span needle, size_t from);

/* Whether S has bytes that the folding decoder may know: leads of overlong forms, and of its look-alikes; CR. */
bool gb_bytes_have_spellings(struct gb_span s);

bool gb_bytes_begin_known_object(struct gb_span word);

/* Whether WORD begins as serialized objects do: Java's, Python's, .NET's and Ruby's in base64, Java's in base 16. */
static inline bool gb_bytes_begin_object(struct gb_span word)
{
	const unsigned char first = word.n >= 2 ? word.p[0] : 0;

	return (first == 'r' || first == 'g' || first == 'A' || first == 'B' || first == 'a') &&
	       gb_bytes_begin_known_object(word);
}

/* Value of a hexadecimal digit, or -1. */
int gb_hex_value(unsigned char c);

/* Offset of a fence of Markdown at or behind AT, three backticks at the start of a line; or SIZE_MAX. */
size_t gb_bytes_find_fence(struct gb_span text, size_t at);

#endif

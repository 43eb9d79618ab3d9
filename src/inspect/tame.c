/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strings of most events are names, words, numbers, times and identifiers: told to the caller and done with, no job. What
 * is tame here no detector convicts and no decoder undoes; tests hold the two against each other.
 */
#include "inspect/bytes.h"
#include "inspect/decode/decode.h"
#include "inspect/detect/detect.h"
#include "inspect/engine.h"

#define WORD_MAX   64u
#define DIGITS_MAX 32u /* of base64 that tell text from noise */

/* {"$type": …, "@type": …}: the value names a class that a careless reader makes an object of. */
static bool is_type_of_object(const struct gb_walk_path *path)
{
	const char *end = path->p + path->n;

	return path->n >= 5 && end[-1] == 'e' && (end[-5] == '$' || end[-5] == '@') && memcmp(end - 4, "type", 4) == 0;
}

/* 2026-03-12T19:03:58.000Z, 12/Mar is none. */
static bool is_time(struct gb_span text)
{
	if (text.n < 10 || text.n > 32 || text.p[4] != '-' || text.p[7] != '-')
		return false;
	for (size_t at = 0; at < text.n; at++) {
		unsigned char c = text.p[at];

		if (!gb_ascii_is_digit(c) && c != '-' && c != ':' && (at < 10 || (c != 'T' && c != 'Z' && c != '.')))
			return false;
	}
	return true;
}

/* A word without blanks and dots, long enough to be an encoding: identifiers mostly, which decode to noise. Whole groups of
 * base64's digits decode as they do within the whole word. */
static bool is_identifier(struct gb_span text)
{
	const uint32_t objects = GB_PAIR_OBJECT | GB_PAIR_VIEW_STATE | GB_PAIR_HEXADECIMAL;
	unsigned char out[WORD_MAX];

	/* What compressed data begins with: 1f 8b 08; 78. */
	if (gb_span_starts(text, GB_SPAN("H4sI")) || (text.p[0] == 'e' && text.p[1] >= 'A' && text.p[1] <= 'N'))
		return false;
	return text.n <= WORD_MAX && (gb_bytes_pairs(text) & objects) == 0 &&
	       gb_decode_base64(gb_span_sub(text, 0, DIGITS_MAX), out) == SIZE_MAX &&
	       gb_decode_hex(text, out) == SIZE_MAX;
}

bool gb_engine_is_tame(const struct gb_walk_path *path, const struct gb_walk_string *string)
{
	struct gb_span text = string->raw;

	if (string->has_escapes || (string->mask & ~GB_BYTE_PLAIN) != 0)
		return false;
	if (text.n == 9 && string->origin == GB_ORIGIN_KEY &&
	        (memcmp(text.p, "__proto__", 9) == 0 || memcmp(text.p, "prototype", 9) == 0))
		return false;
	/* A token as a client sends it. */
	if (text.n > 24 && memcmp(text.p + 6, " ey", 3) == 0)
		return false;
	if (is_type_of_object(path))
		return false;
	if ((string->mask & GB_BYTE_SPACE) != 0)
		return text.n < 8 || !gb_detect_sql_is_hinted(text, string->mask, gb_bytes_pairs(text));
	if (text.n < 12 || (string->origin == GB_ORIGIN_KEY && (string->mask & GB_BYTE_DOT) == 0))
		return true;
	if ((string->mask & (GB_BYTE_DOT | GB_BYTE_COLON | GB_BYTE_CARET)) == 0)
		return is_identifier(text);
	return is_time(text);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strings of most events are names, words, numbers, times and identifiers: told to the caller and done with, no job. What
 * is tame here no detector convicts and no decoder undoes; tests hold the two against each other.
 */
#include "inspect/bytes.h"
#include "inspect/decode/decode.h"
#include "inspect/detect/detect.h"
#include "inspect/detect/nosql.h"
#include "inspect/engine.h"
#include "inspect/lex/url.h"
#include "inspect/sentence.h"

#define SENTENCE_MIN 5u
#define OBJECTS      (GB_PAIR_OBJECT | GB_PAIR_VIEW_STATE | GB_PAIR_HEXADECIMAL)
#define IMPORT_MAX   64u
#define WORD_MAX     64u
#define DIGITS_MAX   32u /* of base64 that tell text from noise */

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
	unsigned char out[WORD_MAX];

	/* What compressed data begins with: 1f 8b 08; 78. */
	if (gb_span_starts(text, GB_SPAN("H4sI")) || (text.p[0] == 'e' && text.p[1] >= 'A' && text.p[1] <= 'N'))
		return false;
	return text.n <= WORD_MAX && (gb_bytes_pairs(text) & OBJECTS) == 0 &&
	       gb_decode_base64(gb_span_sub(text, 0, DIGITS_MAX), out) == SIZE_MAX &&
	       gb_decode_hex(text, out) == SIZE_MAX;
}

/* Bytes of ordinary addresses: 1 within the host too, 2 behind it only, 3 that parts of a query stand between. */
static const unsigned char address_bytes[256] = {
        ['-' ... '.'] = 1,
        ['/'] = 2,
        ['0' ... '9'] = 1,
        ['A' ... 'Z'] = 1,
        ['_'] = 2,
        ['a' ... 'z'] = 1,
        ['&'] = 3,
        ['='] = 3,
        ['?'] = 3,
};

/* name=value&name=value: no name alone, which might be a command's, none that an element of HTML listens by. */
static bool is_query(struct gb_span text, size_t at)
{
	while (at < text.n) {
		size_t start = at;

		while (at < text.n && address_bytes[text.p[at]] == 1)
			at++;
		if (at == start || at == text.n || text.p[at] != '=' ||
		        gb_span_equal_nocase(gb_span_sub(text, start, 2), GB_SPAN("on")))
			return false;
		start = ++at;
		while (at < text.n && address_bytes[text.p[at]] == 1)
			at++;
		/* What is longer may be an encoding. */
		if (at - start >= BASE64_MIN || (at < text.n && text.p[at] != '&'))
			return false;
		at++;
	}
	return true;
}

/* https://host/path?name=value of letters, digits and few signs, which leads to an ordinary name and to no known file. */
static bool is_address(struct gb_span text, uint32_t mask)
{
	const uint32_t pairs =
	        GB_PAIR_DOTS | GB_PAIR_DASHES | GB_PAIR_UNDERSCORES | OBJECTS | GB_PAIR_TOKEN | GB_PAIR_MEMBER;
	size_t start = gb_span_starts(text, GB_SPAN("https://")) ? 8 : 7, at = start;
	struct gb_detect_input input = {.text = text, .mask = mask};
	struct gb_detect_hit hit;
	struct gb_lex_host host;

	if (start == 7 && !gb_span_starts(text, GB_SPAN("http://")))
		return false;
	while (at < text.n && address_bytes[text.p[at]] == 1)
		at++;
	if (at == start || at > 96 || (at < text.n && text.p[at] != '/'))
		return false;
	gb_lex_host_read(gb_span_sub(text, start, at - start), false, &host);
	if (host.network != GB_NETWORK_NAME || host.is_odd || host.is_embedded)
		return false;
	while (at < text.n && address_bytes[text.p[at]] != 0 && address_bytes[text.p[at]] < 3)
		at++;
	if (at < text.n && (text.p[at] != '?' || !is_query(text, at + 1)))
		return false;
	if (at < text.n && gb_detect_sql_is_hinted(text, mask, 0))
		return false;
	input.pairs = gb_bytes_pairs(text);
	return (input.pairs & pairs) == 0 && !gb_detect_file(&input, &hit);
}

/* Host: 10.0.0.1, X-Forwarded-Host: localhost: a line of a request's head as a value. */
static bool is_host_line(struct gb_span text)
{
	return (text.p[0] == 'H' && gb_span_starts(text, GB_SPAN("Host: "))) ||
	       (text.p[0] == 'X' && text.n > 1 && text.p[1] == '-');
}

/* Words with blanks between; none around, which may be all that makes a value look like some. */
static bool is_plain_sentence(struct gb_span text, uint32_t mask)
{
	uint32_t pairs = gb_bytes_pairs(text);

	/* 0x2f657463: text in another base. */
	if (text.p[0] == '0' && (text.p[1] | 0x20) == 'x')
		return false;
	/* -e sh -c x */
	if (gb_ascii_is_space(text.p[0]) || gb_ascii_is_space(text.p[text.n - 1]) || (pairs & OBJECTS) != 0 ||
	        text.p[0] == '-')
		return false;
	if (is_host_line(text))
		return false;
	/* x OR _exists_:y */
	if ((mask & GB_BYTE_COLON) != 0 && (gb_bytes_find_text(text, GB_SPAN(" OR "), 0) != SIZE_MAX ||
	                                           gb_bytes_find_text(text, GB_SPAN(" AND "), 0) != SIZE_MAX))
		return false;
	/* A module of Python's. */
	if (text.n < IMPORT_MAX && (gb_span_starts(text, GB_SPAN("import ")) || gb_span_starts(text, GB_SPAN("from "))))
		return false;
	/* A token as a client sends it. */
	if ((pairs & GB_PAIR_TOKEN) != 0 && (mask & GB_BYTE_DOT) != 0 &&
	        gb_bytes_find_text(text, GB_SPAN(" ey"), 0) != SIZE_MAX)
		return false;
	return text.n < SENTENCE_MIN || !gb_detect_sql_is_hinted(text, mask, pairs);
}

static bool is_tame(const struct gb_walk_path *path, struct gb_span text, uint32_t mask, enum gb_origin origin)
{
	const uint32_t others = GB_BYTE_SLASH | GB_BYTE_EQUAL | GB_BYTE_AMPERSAND | GB_BYTE_GLOB;

	if ((mask & ~GB_BYTE_PLAIN) != 0)
		return (mask & (GB_BYTE_SLASH | GB_BYTE_COLON)) == (GB_BYTE_SLASH | GB_BYTE_COLON) &&
		       (mask & ~(GB_BYTE_PLAIN | others)) == 0 && (mask & GB_BYTE_SPACE) == 0 &&
		       origin != GB_ORIGIN_PATH && origin != GB_ORIGIN_QUERY && !is_type_of_object(path) &&
		       is_address(text, mask);
	if (text.n > 9 && text.p[0] == '_' && text.p[1] == '_')
		return false;
	if (text.n == 9 && origin == GB_ORIGIN_KEY &&
	        (memcmp(text.p, "__proto__", 9) == 0 || memcmp(text.p, "prototype", 9) == 0))
		return false;
	if (is_type_of_object(path))
		return false;
	if (gb_detect_nosql_is_member(text, gb_span_of(path->p, path->n), origin == GB_ORIGIN_KEY))
		return false;
	/* _all_docs */
	if (text.n > 4 && text.p[0] == '_' && origin != GB_ORIGIN_KEY && origin != GB_ORIGIN_OBJECT_KEY)
		return false;
	if ((mask & GB_BYTE_SPACE) != 0)
		return is_plain_sentence(text, mask);
	/* .htpasswd, x.config., x.php~ */
	if ((mask & GB_BYTE_DOT) != 0 && (text.p[0] == '.' || text.p[text.n - 1] == '.' || text.p[text.n - 1] == '~'))
		return false;
	/* process.env, os.environ, ENV.to_h: what code calls its environment. */
	if ((mask & GB_BYTE_DOT) != 0 &&
	        (gb_span_ends(text, GB_SPAN(".env")) || gb_span_starts(text, GB_SPAN("os.env")) ||
	                gb_span_starts(text, GB_SPAN("ENV."))))
		return false;
	/* 0x7f.1 is an address. */
	if (text.n < BASE64_MIN)
		return (mask & GB_BYTE_DOT) == 0 ||
		       (gb_bytes_find(text, 'x', 0) == SIZE_MAX && gb_bytes_find(text, 'X', 0) == SIZE_MAX);
	if (origin == GB_ORIGIN_KEY && (mask & GB_BYTE_DOT) == 0)
		return (gb_bytes_pairs(text) & OBJECTS) == 0;
	if ((mask & (GB_BYTE_DOT | GB_BYTE_COLON | GB_BYTE_CARET)) == 0)
		return is_identifier(text);
	return is_time(text);
}

/* Leads of other spellings of ASCII stand in a sentence too: typographic quotes, dashes. */
static uint32_t care_of_sentence(struct gb_span text, uint32_t mask)
{
	enum gb_sentence kind = gb_sentence_read(text);
	uint32_t care = (mask & GB_BYTE_HIGH) != 0 && gb_bytes_have_spellings(text) ? CARE_DECODING : CARE_NOTHING;

	if (kind == GB_SENTENCE_NONE)
		return CARE_ALL;
	return kind == GB_SENTENCE_HINTED && gb_detect_sql_is_hinted(text, mask, gb_bytes_pairs(text))
	               ? care | 1u << GB_CLASS_SQL_INJECTION
	               : care;
}

uint32_t gb_engine_care(
        const struct gb_inspect_scratch *scratch, struct gb_span text, uint32_t mask, enum gb_origin origin)
{
	const uint32_t of_sentences = GB_BYTE_PLAIN | GB_BYTE_SINGLE | GB_BYTE_PAREN | GB_BYTE_GLOB | GB_BYTE_HIGH;

	if (scratch->options->is_thorough)
		return CARE_ALL;
	if ((mask & GB_BYTE_SPACE) != 0 && (mask & ~of_sentences) == 0 && !scratch->options->is_strict &&
	        !is_type_of_object(&scratch->path) && !is_host_line(text)) {
		uint32_t care = care_of_sentence(text, mask);

		if (care != CARE_ALL)
			return care;
	}
	return is_tame(&scratch->path, text, mask, origin) ? CARE_NOTHING : CARE_ALL;
}

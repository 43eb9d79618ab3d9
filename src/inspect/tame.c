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
#include "inspect/sentence.h"
#include "inspect/value.h"

#define SENTENCE_MIN   5u
#define OBJECTS        (GB_PAIR_OBJECT | GB_PAIR_VIEW_STATE | GB_PAIR_HEXADECIMAL)
#define IMPORT_MAX     64u
#define WORD_MAX       64u
#define KEY_MEMBER_MIN 9u  /* match_all */
#define DIGITS_MAX     32u /* of base64 that tell text from noise */

/* {"$type": …, "@type": …}: the value names a class that a careless reader makes an object of. */
static bool is_type_of_object(struct gb_span name)
{
	return name.n >= 5 && (name.p[name.n - 5] == '$' || name.p[name.n - 5] == '@') &&
	       gb_span_ends(name, GB_SPAN("type"));
}

/* The path of the string at hand, or the last name of it. */
static struct gb_span end_of_path(struct gb_inspect_scratch *scratch)
{
	const struct gb_engine_job *job = &scratch->jobs[scratch->job_count - 1];

	return job->kind == JOB_WALK && job->walk.depth != 0 ? gb_walk_name(&job->walk) : gb_engine_path(scratch);
}

/* Whether the path may begin with query. */
static bool is_in_query(struct gb_inspect_scratch *scratch)
{
	const struct gb_engine_job *job = &scratch->jobs[scratch->job_count - 1];

	if (job->kind == JOB_WALK && job->walk.path_n == 0 && job->walk.depth != 0)
		return gb_span_equal(job->walk.frames[0].key, GB_SPAN("query"));
	return gb_span_starts(gb_engine_path(scratch), GB_SPAN("query."));
}

/* Whether the place makes something of TEXT that it is not by itself. */
static bool is_told_by_path(
        struct gb_inspect_scratch *scratch, struct gb_span text, uint32_t mask, enum gb_origin origin)
{
	const struct gb_span end = end_of_path(scratch);
	/* ComparisonOperator ends so. */
	const bool may_be_member =
	        origin == GB_ORIGIN_KEY ? text.n >= KEY_MEMBER_MIN : end.n != 0 && end.p[end.n - 1] == 'r';

	return is_type_of_object(end) ||
	       (may_be_member && gb_detect_nosql_is_member(text,
	                                 origin == GB_ORIGIN_KEY ? GB_SPAN_EMPTY : gb_engine_path(scratch),
	                                 origin == GB_ORIGIN_KEY)) ||
	       ((mask & GB_BYTE_GLOB) != 0 && is_in_query(scratch));
}

/* The first bytes of serialized objects, in base64 and in base 16: 80, ac, 00, 04, 28, 63. */
static bool begins_binary_object(struct gb_span text)
{
	switch (text.p[0]) {
	case 'Y':
	case 'K': return true;
	case '8': return text.p[1] == '0';
	case 'a':
	case 'A': return (text.p[1] | 0x20) == 'c';
	case '0': return text.p[1] == '0' || text.p[1] == '4';
	case '2': return text.p[1] == '8';
	case '6': return text.p[1] == '3';
	default: return false;
	}
}

/* A word without blanks and dots, long enough to be an encoding: identifiers mostly, which decode to noise. Whole groups of
 * base64's digits decode as they do within the whole word. */
static bool is_identifier(struct gb_span text)
{
	unsigned char out[WORD_MAX];

	/* What compressed data begins with: 1f 8b 08; 78. */
	if (gb_span_starts(text, GB_SPAN("H4sI")) || (text.p[0] == 'e' && text.p[1] >= 'A' && text.p[1] <= 'N'))
		return false;
	if (begins_binary_object(text))
		return false;
	return text.n <= WORD_MAX && !gb_bytes_begin_object(text) &&
	       gb_decode_base64(gb_span_sub(text, 0, DIGITS_MAX), out) == SIZE_MAX &&
	       gb_decode_hex(text, out) == SIZE_MAX;
}

/* SLAVEOF host 6379 */
static bool is_command_in_capitals(struct gb_span text)
{
	struct gb_detect_hit hit;

	return text.n > 2 && text.p[0] >= 'A' && text.p[0] <= 'Z' && text.p[1] >= 'A' && text.p[1] <= 'Z' &&
	       gb_detect_nosql_resource(text, &hit);
}

/* Host: 10.0.0.1, X-Forwarded-Host: localhost: a line of a request's head as a value. */
static bool is_host_line(struct gb_span text)
{
	return (text.p[0] == 'H' && gb_span_starts(text, GB_SPAN("Host: "))) ||
	       (text.p[0] == 'X' && text.n > 1 && text.p[1] == '-');
}

static bool has_scheme(struct gb_span text)
{
	for (size_t at = gb_bytes_find(text, ':', 0); at != SIZE_MAX && at + 1 < text.n;
	        at = gb_bytes_find(text, ':', at + 1))
		if (text.p[at + 1] != ' ' && !gb_ascii_is_digit(text.p[at + 1]))
			return true;
	return false;
}

/* x MATCH (n) DETACH DELETE n: words and parentheses, as Cypher has them. */
static bool is_deletion(struct gb_span text)
{
	return text.n < 256 && gb_bytes_find_text(text, GB_SPAN("DETACH DELETE "), 0) != SIZE_MAX;
}

/* Words with blanks between; none around, which may be all that makes a value look like some. */
static bool is_plain_sentence(struct gb_span text, uint32_t mask)
{
	uint32_t pairs = gb_bytes_pairs(text);

	/* 0x2f657463: text in another base. */
	if (gb_bytes_find_text(text, GB_SPAN("0x"), 0) != SIZE_MAX ||
	        gb_bytes_find_text(text, GB_SPAN("0X"), 0) != SIZE_MAX)
		return false;
	/* ^ping host */
	if ((mask & GB_BYTE_CARET) != 0 || is_command_in_capitals(text))
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
	/* process.env. */
	if ((mask & GB_BYTE_DOT) != 0 && gb_value_begins_code(text))
		return false;
	/* ext::x y, jar:http: x */
	if ((mask & GB_BYTE_COLON) != 0 && has_scheme(text))
		return false;
	/* nl .bash_history */
	if ((mask & GB_BYTE_DOT) != 0 && gb_bytes_find_text(text, GB_SPAN(" ."), 0) < text.n - 2)
		return false;
	/* ..2f..2f, .__class__ */
	if (((pairs & GB_PAIR_DOTS) != 0 && gb_bytes_find_text(text, GB_SPAN(".."), 0) < text.n - 2) ||
	        ((pairs & GB_PAIR_UNDERSCORES) != 0 && gb_bytes_find_text(text, GB_SPAN(".__"), 0) != SIZE_MAX))
		return false;
	/* A token as a client sends it. */
	if ((mask & (GB_BYTE_DOT | GB_BYTE_COLON)) != 0 && gb_decode_is_token(text))
		return false;
	return text.n < SENTENCE_MIN || !gb_detect_sql_is_hinted(text, mask, pairs);
}

/* Bytes of names, or of figures alone, no two of their signs side by side: what else BYTE_PLAIN permits code has as well. */
static bool has_only(struct gb_span text, bool has_letters)
{
	unsigned char before = '-';

	for (size_t i = 0; i < text.n; i++) {
		const unsigned char c = text.p[i];

		if (has_letters ? !gb_byte_is_name[c] && (c != '-' || before == '-')
		                : !gb_ascii_is_digit(c) &&
		                          ((c != '-' && c != '.' && c != ',' && c != ':') || before == c))
			return false;
		before = c;
	}
	return true;
}

/* No blank. */
static bool is_plain_word(struct gb_span text, uint32_t mask, enum gb_origin origin)
{
	/* _all_docs, __proto__ */
	if (text.p[0] == '-' ||
	        (text.p[0] == '_' && ((text.n > 1 && text.p[1] == '_') ||
	                                     (origin != GB_ORIGIN_KEY && origin != GB_ORIGIN_OBJECT_KEY))))
		return false;
	if (text.n == 9 && origin == GB_ORIGIN_KEY && memcmp(text.p, "prototype", 9) == 0)
		return false;
	if ((mask & (GB_BYTE_DOT | GB_BYTE_COLON | GB_BYTE_CARET)) == 0 &&
	        ((mask & GB_BYTE_OTHER) == 0 || has_only(text, true)))
		return text.n < BASE64_MIN || is_identifier(text);
	if (gb_value_is_time(text) || gb_value_is_mail(text) || gb_value_is_host(text))
		return true;
	return text.n < BASE64_MIN ? has_only(text, false) : gb_value_is_number_address(text);
}

/* What has signs of structure, by the few structures that are known. */
static bool is_structure(struct gb_span text, uint32_t mask, enum gb_origin origin)
{
	const uint32_t of_addresses = GB_BYTE_PLAIN | GB_BYTE_SLASH | GB_BYTE_EQUAL | GB_BYTE_AMPERSAND | GB_BYTE_GLOB;

	if ((mask & GB_BYTE_SLASH) == 0)
		return (mask & (GB_BYTE_SEMICOLON | GB_BYTE_EQUAL)) == (GB_BYTE_SEMICOLON | GB_BYTE_EQUAL) &&
		       gb_value_is_choice(text);
	if ((mask & GB_BYTE_COLON) != 0 && (mask & ~of_addresses) == 0 && (mask & GB_BYTE_SPACE) == 0)
		return origin != GB_ORIGIN_PATH && origin != GB_ORIGIN_QUERY && gb_value_is_address(text, mask);
	return text.p[0] == '/' || (mask & GB_BYTE_SPACE) != 0
	               ? gb_value_is_route(text) || gb_value_is_program(text) || gb_value_is_time(text) ||
	                         gb_value_is_choice(text)
	               : gb_value_is_choice(text) || gb_value_is_program(text);
}

static bool is_tame(struct gb_span text, uint32_t mask, enum gb_origin origin)
{
	if ((mask & ~GB_BYTE_PLAIN) != 0)
		return is_structure(text, mask, origin);
	return (mask & GB_BYTE_SPACE) != 0 ? is_plain_sentence(text, mask) : is_plain_word(text, mask, origin);
}

/* Leads of other spellings of ASCII stand in a sentence too: typographic quotes, dashes. */
static uint32_t care_of_sentence(struct gb_span text, uint32_t mask)
{
	enum gb_sentence kind = is_command_in_capitals(text) ? GB_SENTENCE_NONE : gb_sentence_read(text, mask);
	uint32_t care = CARE_NOTHING;

	if (kind == GB_SENTENCE_NONE)
		return CARE_ALL;
	if ((mask & GB_BYTE_HIGH) != 0) {
		/* Letters beyond ASCII end a word for those who look for objects. */
		if ((gb_bytes_pairs(text) & OBJECTS) != 0)
			return CARE_ALL;
		care = gb_bytes_have_spellings(text) ? CARE_DECODING : CARE_NOTHING;
	}
	return kind == GB_SENTENCE_HINTED && gb_detect_sql_is_hinted(text, mask, gb_bytes_pairs(text))
	               ? care | 1u << GB_CLASS_SQL_INJECTION
	               : care;
}

uint32_t gb_engine_care(struct gb_inspect_scratch *scratch, struct gb_span text, uint32_t mask, enum gb_origin origin)
{
	const uint32_t of_sentences =
	        GB_BYTE_PLAIN | GB_BYTE_SINGLE | GB_BYTE_PAREN | GB_BYTE_GLOB | GB_BYTE_HIGH | GB_BYTE_NEWLINE;

	if (scratch->options->is_thorough || scratch->options->is_strict ||
	        is_told_by_path(scratch, text, mask, origin))
		return CARE_ALL;
	if ((mask & (GB_BYTE_SPACE | GB_BYTE_NEWLINE | GB_BYTE_HIGH)) != 0 && (mask & ~of_sentences) == 0 &&
	        !is_host_line(text) && !((mask & GB_BYTE_PAREN) != 0 && is_deletion(text))) {
		uint32_t care = care_of_sentence(text, mask);

		if (care != CARE_ALL)
			return care;
	}
	return is_tame(text, mask, origin) ? CARE_NOTHING : CARE_ALL;
}

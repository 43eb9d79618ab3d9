/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evidence is counted in bits: how much likelier a byte is in a text behind the byte before it than in noise, where each of
 * 256 has the same chance. The best stretch counts: of noise of n bytes one reaches s bits with a chance of n / 2^s at most
 * (the scores of a kind of byte are no more than the logarithm of a ratio of chances; Karlin and Altschul, 1990).
 */
#include "inspect/bytes.h"
#include "inspect/chance.h"

/* In eighths, so that whole numbers will do. */
#define BIT          8
#define HALF         (BIT / 2)
#define UNPRINTABLE  (-20 * BIT)
#define OF_ZERO      (2 * BIT)  /* every other byte of UTF-16 */
#define BROKEN       (-5 * BIT) /* beyond ASCII, and no UTF-8 */
#define OF_BASE64    (2 * BIT)  /* 64 of 256 */
#define OF_PRINTABLE 11         /* 98 of 256: 1.38 bits */

#define RUN_BYTES_MIN   8u  /* shorter ones are mostly chance */
#define NOISE_BITS      11u /* of a run in binary data */
#define FIELD_BITS      4u
#define RUN_BITS        10u /* beside numbers that change little; likewise where some stand around */
#define RUN_BITS_SMOOTH 16u
#define RUN_BITS_FIELD  6u /* fewer in a field */
#define KEY_BYTES_MIN   16u
#define KEY_BITS        10u
#define BASE64_RUN_BITS 40u

enum kind {
	KIND_PUNCTUATION = 0,
	KIND_LOWER,
	KIND_UPPER,
	KIND_DIGIT,
	KIND_BLANK,
	KIND_NEWLINE,
	_KIND_MAX,
};

/* Rounded from the attacks and honest texts of the corpora: two small letters side by side are eight times as frequent as in
 * noise, a capital behind a small one is rare. In half bits; the ratios of
 * a row, weighed with the chances in noise, sum up to about 1. */
static const signed char kind_bits[_KIND_MAX][_KIND_MAX] = {
        [KIND_PUNCTUATION] = {3, 3, -2, 4, 5, 0},
        [KIND_LOWER] = {0, 6, -6, -2, 6, -6},
        [KIND_UPPER] = {0, 2, 4, 0, 6, -6},
        [KIND_DIGIT] = {2, 0, -2, 6, 6, -6},
        [KIND_BLANK] = {1, 5, 0, 2, 4, -8},
        [KIND_NEWLINE] = {3, 1, 0, 0, 8, 8},
};

static enum kind kind_of(unsigned char c)
{
	if (c >= 'a' && c <= 'z')
		return KIND_LOWER;
	if (c >= 'A' && c <= 'Z')
		return KIND_UPPER;
	if (gb_ascii_is_digit(c))
		return KIND_DIGIT;
	if (c == ' ' || c == '\t')
		return KIND_BLANK;
	return c == '\n' || c == '\r' ? KIND_NEWLINE : KIND_PUNCTUATION;
}

static bool is_printable(unsigned char c)
{
	return (gb_byte_classes[c] & (GB_BYTE_CONTROL | GB_BYTE_HIGH)) == 0;
}

static bool is_of_base64(unsigned char c)
{
	return (gb_byte_classes[c] & (GB_BYTE_ALNUM | GB_BYTE_EQUAL)) != 0;
}

static unsigned log2_of(size_t n)
{
	unsigned log2 = 0;

	for (; n > 1; n >>= 1)
		log2++;
	return log2;
}

/* What C says behind BEFORE, both printable. */
static int evidence_of(unsigned char before, unsigned char c)
{
	const enum kind kind = kind_of(c), kind_before = kind_of(before);
	const bool is_letter = kind == KIND_LOWER || kind == KIND_UPPER;
	const bool goes_on = kind == kind_before || (kind_before == KIND_UPPER && kind == KIND_LOWER);

	return HALF *
	       (kind_bits[kind_before][kind] +
	               (is_letter ? gb_chance_letter_pairs[goes_on ? (before | 0x20) - 'a' : 26][(c | 0x20) - 'a']
	                          : 0));
}

/* Bytes of the sequence of UTF-8 at AT, overlong ones among them, or 0. */
static size_t sequence_at(struct gb_span text, size_t at)
{
	const unsigned char c = text.p[at];
	const size_t length = c >= 0xf0 && c <= 0xf4 ? 4 : c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xc0 && c < 0xe0 ? 2 : 0;

	if (length > text.n - at)
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((text.p[at + i] & 0xc0) != 0x80)
			return 0;
	return length;
}

bool gb_chance_is_text(struct gb_span text, size_t among, unsigned bits)
{
	/* One in 2, 3, 31, 256 and 3,277 bytes of noise begins such a sequence. */
	static const int of_sequences[] = {BROKEN, 0, 1 * BIT, 4 * BIT, 6 * BIT};
	const int wanted = (int)(bits + log2_of(among)) * BIT;
	const int wanted_whole = (int)bits * BIT;
	int as_text = 0, as_code = 0, as_printable = 0;
	int64_t whole = 0; /* bodies have millions of bytes */
	bool is_all_printable = true;
	unsigned char before = '"';

	for (size_t at = 0, length; at < text.n; at += length) {
		const unsigned char c = text.p[at];
		int step;

		length = 1;
		if (c == 0) {
			as_text += OF_ZERO;
			whole += OF_ZERO;
			continue;
		}
		if (c >= 0x80) {
			const size_t sequence = sequence_at(text, at);

			step = of_sequences[sequence];
			length = sequence == 0 ? 1 : sequence;
		} else {
			step = is_printable(c) ? evidence_of(before, c) : UNPRINTABLE;
		}
		before = is_printable(c) ? c : '"';
		as_text += step;
		whole += step;
		is_all_printable = is_all_printable && is_printable(c);
		/* Base64 in base64 has no more order than that. */
		as_code = is_of_base64(c) ? as_code + OF_BASE64 : 0;
		as_printable = is_printable(c) ? as_printable + 1 : 0;
		as_text = as_text < 0 ? 0 : as_text;
		if (as_text >= wanted || as_code >= wanted || as_printable * OF_PRINTABLE >= wanted)
			return true;
	}
	/* All of the noise would have to be so, not some stretch of it. */
	return text.n == among &&
	       (whole >= wanted_whole || (is_all_printable && as_printable * OF_PRINTABLE >= wanted_whole));
}

static bool are_near(unsigned char a, unsigned char b, int distance)
{
	return a - b <= distance && b - a <= distance;
}

bool gb_chance_is_key(struct gb_span text)
{
	unsigned kinds = 0;
	int words = 0, best = 0;

	if (text.n < KEY_BYTES_MIN)
		return false;
	for (size_t at = 0; at < text.n; at++) {
		words += evidence_of(at == 0 ? '"' : text.p[at - 1], text.p[at]) - OF_BASE64;
		words = words < 0 ? 0 : words;
		best = words > best ? words : best;
		kinds |= 1u << kind_of(text.p[at]);
	}
	return (kinds & 1u << KIND_LOWER) != 0 && (kinds & 1u << KIND_UPPER) != 0 && (kinds & 1u << KIND_DIGIT) != 0 &&
	       best < (int)(KEY_BITS + log2_of(text.n)) * BIT;
}

#define NEAR 12 /* one of four bytes that are up to so far away is as likely as one of all 256 in noise: 3 bits each */
#define WIDE 31 /* the same: 2 bits */

/* Whether RUN is text rather than numbers of which each is near the one before. */
static bool is_uneven(struct gb_span run, unsigned bits)
{
	const int wanted = (int)(bits + log2_of(run.n)) * BIT;
	int near = 0, wide = 0, as_code = 0;
	bool is_near = false, is_wide = false, has_digits = false;

	for (size_t at = 0; at < run.n; at++) {
		const unsigned char c = run.p[at], before = at == 0 ? '"' : run.p[at - 1];
		const int evidence = evidence_of(before, c);

		near += evidence + (are_near(before, c, NEAR) ? -3 * BIT : 2 * BIT);
		wide += evidence + (are_near(before, c, WIDE) ? -2 * BIT : 2 * BIT);
		near = near < 0 ? 0 : near;
		wide = wide < 0 ? 0 : wide;
		is_near = is_near || near >= wanted;
		is_wide = is_wide || wide >= wanted;
		as_code = is_of_base64(c) ? as_code + (are_near(before, c, NEAR) ? -1 * BIT : OF_BASE64) : 0;
		has_digits = has_digits || gb_ascii_is_digit(c);
		if ((is_near && is_wide) || (has_digits && as_code >= (int)BASE64_RUN_BITS * BIT))
			return true;
	}
	return false;
}

#define NEIGHBOURS       96u
#define NEIGHBOURS_MIN   16u
#define NEIGHBOURS_SHARE 5u /* of noise it is one in ten */

/* Whether what stands around RUN in DATA are numbers of which many are near the one before. */
static bool is_among_smooth(struct gb_span data, struct gb_span run)
{
	const size_t at = (size_t)(run.p - data.p), start = at < NEIGHBOURS ? 0 : at - NEIGHBOURS;
	const struct gb_span around = gb_span_sub(data, start, at - start + run.n + NEIGHBOURS);
	size_t near = 0, count = 0;

	for (size_t i = 1; i < around.n; i++) {
		const unsigned char a = around.p[i - 1], b = around.p[i];

		/* Text is near itself too, and so are zeros. */
		if (a == b || a == 0 || b == 0 || (is_printable(a) && is_printable(b)))
			continue;
		count++;
		near += are_near(a, b, NEAR);
	}
	return count >= NEIGHBOURS_MIN && near * NEIGHBOURS_SHARE >= count;
}

bool gb_chance_is_text_run(struct gb_span data, struct gb_span run, bool is_field)
{
	const unsigned field = is_field ? FIELD_BITS : 0;

	return run.n >= RUN_BYTES_MIN && gb_chance_is_text(run, data.n, NOISE_BITS - field) &&
	       is_uneven(run,
	               (is_among_smooth(data, run) ? RUN_BITS_SMOOTH : RUN_BITS) - (is_field ? RUN_BITS_FIELD : 0));
}

bool gb_chance_is_field(struct gb_span data, struct gb_span field)
{
	return gb_chance_is_text(field, data.n, NOISE_BITS - FIELD_BITS);
}

struct gb_span gb_chance_field(struct gb_span data, size_t at, size_t n)
{
	/* The length as Protocol Buffers, MessagePack (short and not), Avro, CBOR and BSON write it; printable itself
	 * from 32 on: then it is the run's first byte. Printable tags of the next field may stand behind. */
	for (size_t first = at == 0 ? 1 : 0; first < 2 && first < n; first++) {
		const size_t place = at + first - 1, low = data.p[place], high = place > 0 ? data.p[place - 1] : 0;
		const size_t said = first == 0 && high >= 0x80 && low < 0x80 ? low << 7 | (high & 0x7f) : low;

		for (size_t left = n - first, tags = 0; tags < 3 && left > 1; tags++, left--)
			if (said == left || said == left + 1 || said == (0xa0 | left) || said == (0x60 | left) ||
			        said == (2 * left & 0xff))
				return gb_span_sub(data, at + first, left);
	}
	return (at + n < data.n && data.p[at + n] == 0) || (at > 0 && data.p[at - 1] == 0) ? gb_span_sub(data, at, n)
	                                                                                   : GB_SPAN_EMPTY;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deflate (RFC 1951) in its three coats. Once the output is full, decoding goes on without writing: lengths do not depend
 * on what was written, so a bomb's true size is known at the price of reading it.
 */
#include "inspect/decode/decode.h"

#include <string.h>

#define BITS_MAX    15u /* of a code */
#define FAST_BITS   9u  /* codes up to here are found by one look-up */
#define LITERALS    288u
#define DISTANCES   32u
#define END_OF_DATA 256u
#define GZIP_TAIL   8u /* sum and size behind a gzip member */

struct reader {
	struct gb_span in;
	size_t at;
	uint64_t held;
	unsigned count; /* bits in `held` */
	bool is_over;   /* more was asked for than there is */
};

struct code {
	uint16_t count[BITS_MAX + 1];   /* codes of each length */
	uint16_t symbol[LITERALS];      /* in the order of their codes */
	uint16_t fast[1u << FAST_BITS]; /* symbol << 4 | length, or 0 */
};

struct writer {
	unsigned char *out;
	size_t room;
	struct gb_inflated *result;
};

static void refill(struct reader *reader)
{
	while (reader->count <= 56 && reader->at < reader->in.n) {
		reader->held |= (uint64_t)reader->in.p[reader->at++] << reader->count;
		reader->count += 8;
	}
}

static uint32_t take(struct reader *reader, unsigned bits)
{
	uint32_t value;

	if (reader->count < bits)
		refill(reader);
	if (reader->count < bits) {
		reader->is_over = true;
		return 0;
	}
	value = (uint32_t)(reader->held & ((1u << bits) - 1));
	reader->held >>= bits;
	reader->count -= bits;
	return value;
}

static void fill_fast(struct code *code, uint32_t bits, unsigned length, uint32_t symbol)
{
	uint32_t reversed = 0;

	for (unsigned i = 0; i < length; i++)
		reversed |= (bits >> i & 1) << (length - 1 - i);
	for (; reversed < 1u << FAST_BITS; reversed += 1u << length)
		code->fast[reversed] = (uint16_t)(symbol << 4 | length);
}

/* The canonical code of LENGTHS. False when there is none: too many codes, or too few (one alone may be). */
static bool build(struct code *code, const unsigned char *lengths, size_t n)
{
	uint16_t offset[BITS_MAX + 2] = {0};
	uint32_t next[BITS_MAX + 2] = {0};
	int32_t left = 1;

	memset(code->count, 0, sizeof(code->count));
	memset(code->fast, 0, sizeof(code->fast));
	for (size_t i = 0; i < n; i++)
		code->count[lengths[i]]++;
	if (code->count[0] == n)
		return true;
	code->count[0] = 0;
	for (unsigned length = 1; length <= BITS_MAX; length++) {
		left = left * 2 - code->count[length];
		if (left < 0)
			return false;
		offset[length + 1] = (uint16_t)(offset[length] + code->count[length]);
		next[length + 1] = (next[length] + code->count[length]) << 1;
	}
	if (left > 0 && !(offset[BITS_MAX + 1] == 1 && code->count[1] == 1))
		return false;
	for (size_t i = 0; i < n; i++) {
		unsigned length = lengths[i];

		if (length == 0)
			continue;
		code->symbol[offset[length]++] = (uint16_t)i;
		if (length <= FAST_BITS)
			fill_fast(code, next[length], length, (uint32_t)i);
		next[length]++;
	}
	return true;
}

/* The next symbol; beyond every alphabet when there is none. */
static uint32_t next_symbol(struct reader *reader, const struct code *code)
{
	uint32_t entry, bits = 0, first = 0, index = 0;

	if (reader->count < BITS_MAX)
		refill(reader);
	entry = code->fast[reader->held & ((1u << FAST_BITS) - 1)];
	if (entry != 0 && (entry & 15) <= reader->count) {
		reader->held >>= entry & 15;
		reader->count -= entry & 15;
		return entry >> 4;
	}
	for (unsigned length = 1; length <= BITS_MAX; length++) {
		uint32_t count = code->count[length];

		bits |= take(reader, 1);
		if (reader->is_over)
			return UINT32_MAX;
		if (bits < first + count)
			return code->symbol[index + bits - first];
		index += count;
		first = (first + count) << 1;
		bits <<= 1;
	}
	return UINT32_MAX;
}

static void put(struct writer *writer, unsigned char byte)
{
	if (writer->result->n < writer->room)
		writer->out[writer->result->n++] = byte;
	writer->result->total++;
}

static void copy(struct writer *writer, size_t distance, size_t length)
{
	struct gb_inflated *result = writer->result;

	result->total += length;
	if (length > writer->room - result->n)
		length = writer->room - result->n;
	/* Byte by byte: the source may run into what is being written. */
	for (size_t i = 0; i < length; i++, result->n++)
		writer->out[result->n] = writer->out[result->n - distance];
}

static bool read_stored(struct reader *reader, struct writer *writer)
{
	uint32_t n, complement;

	(void)take(reader, reader->count & 7);
	n = take(reader, 16);
	complement = take(reader, 16);
	if (reader->is_over || (n ^ complement) != 0xffff)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		unsigned char byte = (unsigned char)take(reader, 8);

		if (reader->is_over)
			return false;
		put(writer, byte);
	}
	return true;
}

static bool read_coded(
        struct reader *reader, struct writer *writer, const struct code *literals, const struct code *distances)
{
	static const uint16_t length_base[29] = {3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51,
	        59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
	static const uint16_t distance_base[30] = {1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385,
	        513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};

	for (;;) {
		uint32_t symbol = next_symbol(reader, literals), length, distance;

		if (symbol < END_OF_DATA) {
			put(writer, (unsigned char)symbol);
			continue;
		}
		if (symbol == END_OF_DATA)
			return true;
		symbol -= END_OF_DATA + 1;
		if (symbol >= 29)
			return false;
		length = length_base[symbol];
		if (symbol >= 8 && symbol < 28)
			length += take(reader, symbol / 4 - 1);
		symbol = next_symbol(reader, distances);
		if (symbol >= 30)
			return false;
		distance = distance_base[symbol];
		if (symbol >= 4)
			distance += take(reader, symbol / 2 - 1);
		if (reader->is_over || distance > writer->result->total)
			return false;
		copy(writer, distance, length);
	}
}

/* The two codes of a block that brings its own: their lengths are coded themselves, RFC 1951 §3.2.7. */
static bool read_codes(struct reader *reader, struct code *literals, struct code *distances)
{
	static const unsigned char order[19] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
	unsigned char lengths[LITERALS + DISTANCES] = {0};
	uint32_t literal_count = take(reader, 5) + 257, distance_count = take(reader, 5) + 1;
	uint32_t count = take(reader, 4) + 4, at = 0;

	if (literal_count > 286 || distance_count > 30)
		return false;
	for (uint32_t i = 0; i < count; i++)
		lengths[order[i]] = (unsigned char)take(reader, 3);
	if (reader->is_over || !build(literals, lengths, 19))
		return false;
	memset(lengths, 0, 19);
	while (at < literal_count + distance_count) {
		uint32_t symbol = next_symbol(reader, literals), repeat = 1;
		unsigned char length = 0;

		if (symbol < 16) {
			length = (unsigned char)symbol;
		} else if (symbol == 16) {
			if (at == 0)
				return false;
			length = lengths[at - 1];
			repeat = 3 + take(reader, 2);
		} else if (symbol == 17) {
			repeat = 3 + take(reader, 3);
		} else if (symbol == 18) {
			repeat = 11 + take(reader, 7);
		} else {
			return false;
		}
		if (reader->is_over || repeat > literal_count + distance_count - at)
			return false;
		memset(lengths + at, length, repeat);
		at += repeat;
	}
	return lengths[END_OF_DATA] != 0 && build(literals, lengths, literal_count) &&
	       build(distances, lengths + literal_count, distance_count);
}

static void fixed_codes(struct code *literals, struct code *distances)
{
	unsigned char lengths[LITERALS];

	memset(lengths, 8, 144);
	memset(lengths + 144, 9, 112);
	memset(lengths + 256, 7, 24);
	memset(lengths + 280, 8, 8);
	(void)build(literals, lengths, LITERALS);
	memset(lengths, 5, DISTANCES);
	(void)build(distances, lengths, DISTANCES);
}

static bool read_blocks(struct reader *reader, struct writer *writer)
{
	struct code literals, distances;
	bool is_last;

	do {
		uint32_t kind;

		is_last = take(reader, 1) != 0;
		kind = take(reader, 2);
		if (reader->is_over || kind == 3)
			return false;
		if (kind == 0) {
			if (!read_stored(reader, writer))
				return false;
			continue;
		}
		if (kind == 1)
			fixed_codes(&literals, &distances);
		else if (!read_codes(reader, &literals, &distances))
			return false;
		if (!read_coded(reader, writer, &literals, &distances))
			return false;
	} while (!is_last);
	return true;
}

/* Bytes of the gzip header at AT (RFC 1952), or 0. */
static size_t gzip_header(struct gb_span in, size_t at)
{
	enum { HAS_SUM = 2, HAS_EXTRA = 4, HAS_NAME = 8, HAS_COMMENT = 16 };
	size_t end = at + 10;
	unsigned char flags;

	if (at > in.n || in.n - at < 18 || in.p[at] != 0x1f || in.p[at + 1] != 0x8b || in.p[at + 2] != 8)
		return 0;
	flags = in.p[at + 3];
	if ((flags & HAS_EXTRA) != 0)
		end += 2u + in.p[end] + (size_t)in.p[end + 1] * 256;
	for (unsigned text = HAS_NAME; text <= HAS_COMMENT; text *= 2) {
		if ((flags & text) == 0)
			continue;
		while (end < in.n && in.p[end] != 0)
			end++;
		end++;
	}
	end += (flags & HAS_SUM) != 0 ? 2 : 0;
	return end < in.n ? end - at : 0;
}

enum gb_deflate_coat gb_decode_deflate_coat(struct gb_span in)
{
	if (gzip_header(in, 0) != 0)
		return GB_DEFLATE_GZIP;
	/* RFC 1950 §2.2: method 8, window up to 32 KB, no dictionary, and a check of the two bytes. */
	if (in.n > 6 && (in.p[0] & 0x8f) == 8 && (in.p[1] & 0x20) == 0 && (in.p[0] * 256u + in.p[1]) % 31 == 0)
		return GB_DEFLATE_ZLIB;
	return GB_DEFLATE_NONE;
}

bool gb_decode_inflate(
        struct gb_span in, enum gb_deflate_coat coat, unsigned char *out, size_t room, struct gb_inflated *ret_result)
{
	struct reader reader = {.in = in};
	struct writer writer = {.out = out, .room = room, .result = ret_result};
	size_t header;

	*ret_result = (struct gb_inflated){0};
	if (coat == GB_DEFLATE_ZLIB)
		reader.at = 2;
	if (coat != GB_DEFLATE_GZIP)
		return read_blocks(&reader, &writer);
	/* Several members make one text. */
	while ((header = gzip_header(in, reader.at)) != 0) {
		uint64_t before = ret_result->total;

		reader = (struct reader){.in = in, .at = reader.at + header};
		if (!read_blocks(&reader, &writer))
			return before != 0;
		reader.at -= reader.count / 8;
		reader.at += in.n - reader.at < GZIP_TAIL ? in.n - reader.at : GZIP_TAIL;
	}
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect/vector: sixteen bytes at a time, by the vectors of GCC and clang: SSE2 on x86-64, NEON on arm64, and what else a
 * machine has. Comparisons give 0 or 0xff a byte, which gb_vector_bits() makes bits of.
 */
#ifndef GB_INSPECT_VECTOR_H
#define GB_INSPECT_VECTOR_H

#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define GB_VECTOR_BYTES 16u

typedef uint8_t gb_vector __attribute__((vector_size(GB_VECTOR_BYTES)));
typedef int8_t gb_signed_vector __attribute__((vector_size(GB_VECTOR_BYTES)));

static inline gb_vector gb_vector_load(const unsigned char *p)
{
	gb_vector v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline gb_vector gb_vector_of(unsigned char c)
{
	return (gb_vector){c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c};
}

static inline gb_vector gb_vector_equal(gb_vector v, unsigned char c)
{
	return (gb_vector)(v == gb_vector_of(c));
}

/* Bytes from FIRST to LAST, fewer than 256. */
static inline gb_vector gb_vector_within(gb_vector v, unsigned char first, unsigned char last)
{
	/* Signed, for SSE2 compares no others: FIRST becomes the lowest value. */
	const gb_signed_vector moved = (gb_signed_vector)(v - gb_vector_of((unsigned char)(first + 128u)));

	return (gb_vector)(moved < (gb_signed_vector)gb_vector_of((unsigned char)(last - first + 129u)));
}

/* The highest bit of each byte, that of the first byte lowest. */
static inline unsigned gb_vector_bits(gb_vector v)
{
#ifdef __SSE2__
	return (unsigned)_mm_movemask_epi8((__m128i)v);
#else
	/* Bit 7 of byte i to bit 56 + i: no two products meet. */
	const uint64_t highest = UINT64_C(0x8080808080808080), gather = UINT64_C(0x0002040810204081);
	uint64_t halves[2];
	unsigned bits = 0;

	memcpy(halves, &v, sizeof(halves));
	for (unsigned i = 0; i < 2; i++) {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
		halves[i] = __builtin_bswap64(halves[i]);
#endif
		bits |= (unsigned)((halves[i] & highest) * gather >> 56) << (8 * i);
	}
	return bits;
#endif
}

/* Letters and digits of ASCII. */
static inline gb_vector gb_vector_alnum(gb_vector v)
{
	return gb_vector_within(v | gb_vector_of(0x20), 'a', 'z') | gb_vector_within(v, '0', '9');
}

/* The N bytes at P, fewer than sixteen, and zeros behind them. */
static inline gb_vector gb_vector_load_few(const unsigned char *p, size_t n)
{
	unsigned char few[GB_VECTOR_BYTES] = {0};

	memcpy(few, p, n);
	return gb_vector_load(few);
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * site/x86_64/lanes: looking at many bytes of code at once: 16 where there are vector registers, 8 in the sensor, which may
 * not touch them. A mask has a bit for each position, at multiples of GB_LANE_BITS; positions that are no hit may be
 * marked too, a hit always is.
 */
#ifndef GB_SITE_X86_64_LANES_H
#define GB_SITE_X86_64_LANES_H

#include <stdint.h>

#ifdef __SSE2__

#include <emmintrin.h>

#define GB_LANES     16u
#define GB_LANE_BITS 1u

static inline __m128i gb_lanes_load(const unsigned char *p)
{
	__m128i lanes;

	__builtin_memcpy(&lanes, p, sizeof(lanes));
	return lanes;
}

/* Positions from P on where FIRST stands, followed by SECOND. Reads GB_LANES + 1 bytes. */
static inline uint64_t gb_lanes_pair(const unsigned char *p, unsigned char first, unsigned char second)
{
	__m128i a = _mm_cmpeq_epi8(gb_lanes_load(p), _mm_set1_epi8((char)first));
	__m128i b = _mm_cmpeq_epi8(gb_lanes_load(p + 1), _mm_set1_epi8((char)second));

	return (uint64_t)(unsigned)_mm_movemask_epi8(_mm_and_si128(a, b));
}

/* Positions from P on where two bytes follow each other that are both 0 or both 255. Reads GB_LANES + 1 bytes. */
static inline uint64_t gb_lanes_extension(const unsigned char *p)
{
	__m128i a = gb_lanes_load(p), b = gb_lanes_load(p + 1);
	__m128i zeros = _mm_cmpeq_epi8(_mm_or_si128(a, b), _mm_setzero_si128());
	__m128i ones = _mm_cmpeq_epi8(_mm_and_si128(a, b), _mm_set1_epi8(-1));

	return (uint64_t)(unsigned)_mm_movemask_epi8(_mm_or_si128(zeros, ones));
}

/* Positions from P on where a short jump may begin: 70 to 7f, e0 to e3, eb. Reads GB_LANES bytes. */
static inline uint64_t gb_lanes_short_jump(const unsigned char *p)
{
	__m128i code = gb_lanes_load(p);
	__m128i conditional = _mm_cmpeq_epi8(_mm_and_si128(code, _mm_set1_epi8((char)0xf0)), _mm_set1_epi8((char)0x70));
	__m128i counted = _mm_cmpeq_epi8(_mm_and_si128(code, _mm_set1_epi8((char)0xfc)), _mm_set1_epi8((char)0xe0));
	__m128i always = _mm_cmpeq_epi8(code, _mm_set1_epi8((char)0xeb));

	return (uint64_t)(unsigned)_mm_movemask_epi8(_mm_or_si128(conditional, _mm_or_si128(counted, always)));
}

#else

#define GB_LANES     8u
#define GB_LANE_BITS 8u

static inline uint64_t gb_lanes_load(const unsigned char *p)
{
	uint64_t lanes;

	__builtin_memcpy(&lanes, p, sizeof(lanes));
	return lanes;
}

/* Zero bytes, as their highest bit; above one of them others may be taken for one. */
static inline uint64_t gb_lanes_zeros(uint64_t lanes)
{
	return (lanes - 0x0101010101010101u) & ~lanes & 0x8080808080808080u;
}

static inline uint64_t gb_lanes_pair(const unsigned char *p, unsigned char first, unsigned char second)
{
	uint64_t a = gb_lanes_load(p) ^ (first * 0x0101010101010101u);
	uint64_t b = gb_lanes_load(p + 1) ^ (second * 0x0101010101010101u);

	return gb_lanes_zeros(a | b);
}

static inline uint64_t gb_lanes_extension(const unsigned char *p)
{
	uint64_t a = gb_lanes_load(p), b = gb_lanes_load(p + 1);

	return gb_lanes_zeros(a | b) | gb_lanes_zeros(~(a & b));
}

static inline uint64_t gb_lanes_short_jump(const unsigned char *p)
{
	uint64_t code = gb_lanes_load(p);

	return gb_lanes_zeros((code & 0xf0f0f0f0f0f0f0f0u) ^ 0x7070707070707070u) |
	       gb_lanes_zeros((code & 0xfcfcfcfcfcfcfcfcu) ^ 0xe0e0e0e0e0e0e0e0u) |
	       gb_lanes_zeros(code ^ 0xebebebebebebebebu);
}

#endif

#endif

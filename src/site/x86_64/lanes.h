/* SPDX-License-Identifier: Apache-2.0 */
/*
 * site/x86_64/lanes: looking at many bytes of code at once: 16 where there are vector registers, 8 in the sensor, which
 * may not touch them. A mask has a bit for each position, at multiples of GB_LANE_BITS; positions that are no hit may be
 * marked too, a hit always is.
 */
#ifndef GB_SITE_X86_64_LANES_H
#define GB_SITE_X86_64_LANES_H

#include <stdbool.h>
#include <stdint.h>

#define GB_LANES_BLOCK 32u

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

/* Positions from P on where the displacement of a jump or call may begin that leads less than 64 KB away: its upper half is
 * all zeros or all ones. Reads 2 bytes before P and GB_LANES + 3 from there. */
static inline uint64_t gb_lanes_long_jump(const unsigned char *p)
{
	__m128i code = gb_lanes_load(p - 1), escape = gb_lanes_load(p - 2), a = gb_lanes_load(p + 2),
	        b = gb_lanes_load(p + 3);
	__m128i one_byte = _mm_cmpeq_epi8(_mm_and_si128(code, _mm_set1_epi8((char)0xfe)), _mm_set1_epi8((char)0xe8));
	__m128i two_bytes = _mm_cmpeq_epi8(_mm_and_si128(code, _mm_set1_epi8((char)0xf0)), _mm_set1_epi8((char)0x80));
	__m128i zeros = _mm_cmpeq_epi8(_mm_or_si128(a, b), _mm_setzero_si128());
	__m128i ones = _mm_cmpeq_epi8(_mm_and_si128(a, b), _mm_set1_epi8(-1));

	two_bytes = _mm_and_si128(two_bytes, _mm_cmpeq_epi8(escape, _mm_set1_epi8(0x0f)));
	return (uint64_t)(unsigned)_mm_movemask_epi8(
	        _mm_and_si128(_mm_or_si128(one_byte, two_bytes), _mm_or_si128(zeros, ones)));
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

/* 32 bytes from P on, of which one more can be read: whether 0f 05 may begin in them. */
static inline bool gb_lanes_may_call(const unsigned char *p)
{
	__m128i first = _mm_set1_epi8(0x0f), second = _mm_set1_epi8(0x05);
	__m128i low =
	        _mm_and_si128(_mm_cmpeq_epi8(gb_lanes_load(p), first), _mm_cmpeq_epi8(gb_lanes_load(p + 1), second));
	__m128i high = _mm_and_si128(
	        _mm_cmpeq_epi8(gb_lanes_load(p + 16), first), _mm_cmpeq_epi8(gb_lanes_load(p + 17), second));

	return _mm_movemask_epi8(_mm_or_si128(low, high)) != 0;
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

static inline uint64_t gb_lanes_long_jump(const unsigned char *p)
{
	uint64_t code = gb_lanes_load(p - 1), escape = gb_lanes_load(p - 2), a = gb_lanes_load(p + 2),
	         b = gb_lanes_load(p + 3);
	uint64_t one_byte = gb_lanes_zeros((code & 0xfefefefefefefefeu) ^ 0xe8e8e8e8e8e8e8e8u);
	uint64_t two_bytes =
	        gb_lanes_zeros(((code & 0xf0f0f0f0f0f0f0f0u) ^ 0x8080808080808080u) | (escape ^ 0x0f0f0f0f0f0f0f0fu));

	return (one_byte | two_bytes) & (gb_lanes_zeros(a | b) | gb_lanes_zeros(~(a & b)));
}

static inline uint64_t gb_lanes_short_jump(const unsigned char *p)
{
	uint64_t code = gb_lanes_load(p);

	return gb_lanes_zeros((code & 0xf0f0f0f0f0f0f0f0u) ^ 0x7070707070707070u) |
	       gb_lanes_zeros((code & 0xfcfcfcfcfcfcfcfcu) ^ 0xe0e0e0e0e0e0e0e0u) |
	       gb_lanes_zeros(code ^ 0xebebebebebebebebu);
}

/* 32 bytes from P on, of which one more can be read: whether 0f 05 may begin in them. */
static inline bool gb_lanes_may_call(const unsigned char *p)
{
	uint64_t hits = 0;

	for (unsigned i = 0; i < GB_LANES_BLOCK; i += GB_LANES)
		hits |= gb_lanes_zeros((gb_lanes_load(p + i) ^ 0x0f0f0f0f0f0f0f0fu) |
		                       (gb_lanes_load(p + i + 1) ^ 0x0505050505050505u));
	return hits != 0;
}

#endif

#endif

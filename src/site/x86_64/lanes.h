/* SPDX-License-Identifier: Apache-2.0 */
/*
 * site/x86_64/lanes: looking at many bytes of code at once: 16 where there are vector registers, 8 in the sensor, whose
 * compiler may not touch them. A mask has a bit for each position, at multiples of GB_LANE_BITS; positions that are no hit may be
 * marked too, a hit always is.
 */
#ifndef GB_SITE_X86_64_LANES_H
#define GB_SITE_X86_64_LANES_H

#include <stddef.h>
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

/* The first block from AT on, before END, in which a displacement of 4 bytes may begin that leads into the LENGTH + 1 bytes
 * from FROM on; its positions are *RET_HITS. None: *RET_HITS is 0, and fewer than GB_LANES + 3 bytes are left. Here the lower
 * half of a displacement decides. */
static inline size_t gb_lanes_long_jump(
        const unsigned char *text, size_t at, size_t end, size_t from, size_t length, uint64_t *ret_hits)
{
	const __m128i most = _mm_set1_epi16((short)length), step = _mm_set1_epi16(GB_LANES), none = _mm_setzero_si128();
	__m128i even_at =
	        _mm_add_epi16(_mm_setr_epi16(4, 6, 8, 10, 12, 14, 16, 18), _mm_set1_epi16((short)(at - from)));
	__m128i odd_at = _mm_add_epi16(even_at, _mm_set1_epi16(1));

	for (*ret_hits = 0; at + GB_LANES + 3 <= end; at += GB_LANES) {
		__m128i even = _mm_subs_epu16(_mm_add_epi16(gb_lanes_load(text + at), even_at), most);
		__m128i odd = _mm_subs_epu16(_mm_add_epi16(gb_lanes_load(text + at + 1), odd_at), most);

		even = _mm_cmpeq_epi16(even, none);
		odd = _mm_cmpeq_epi16(odd, none);
		if (_mm_movemask_epi8(_mm_or_si128(even, odd)) != 0) {
			*ret_hits = ((unsigned)_mm_movemask_epi8(even) & 0x5555u) |
			            ((unsigned)_mm_movemask_epi8(odd) & 0xaaaau);
			return at;
		}
		even_at = _mm_add_epi16(even_at, step);
		odd_at = _mm_add_epi16(odd_at, step);
	}
	return at;
}

/* Positions from P on where a short jump may begin that leads into a range: FROM, its beginning, is counted from P, LENGTH is
 * what it has behind that. Reads GB_LANES + 1 bytes. */
static inline uint64_t gb_lanes_short_jump(const unsigned char *p, size_t from, size_t length)
{
	const __m128i places = _mm_setr_epi8(2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17);
	__m128i landing = _mm_add_epi8(gb_lanes_load(p + 1), _mm_sub_epi8(places, _mm_set1_epi8((char)from)));

	return (uint64_t)(unsigned)_mm_movemask_epi8(
	        _mm_cmpeq_epi8(_mm_subs_epu8(landing, _mm_set1_epi8((char)length)), _mm_setzero_si128()));
}

/* How many of N bytes from P on to pass over: blocks in which 0f 05 does not begin. Behind them is one in which it does, or
 * no more than a block is left. */
static inline size_t gb_lanes_without_call(const unsigned char *p, size_t n)
{
	const __m128i first = _mm_set1_epi8(0x0f), second = _mm_set1_epi8(0x05);
	size_t at = 0;

	for (; at + GB_LANES_BLOCK + 1 <= n; at += GB_LANES_BLOCK) {
		__m128i low = _mm_and_si128(_mm_cmpeq_epi8(gb_lanes_load(p + at), first),
		        _mm_cmpeq_epi8(gb_lanes_load(p + at + 1), second));
		__m128i high = _mm_and_si128(_mm_cmpeq_epi8(gb_lanes_load(p + at + 16), first),
		        _mm_cmpeq_epi8(gb_lanes_load(p + at + 17), second));

		if (_mm_movemask_epi8(_mm_or_si128(low, high)) != 0)
			break;
	}
	return at;
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

/* Here the opcode does, and that the upper half of the displacement is all zeros or all ones. 2 bytes before AT are read too. */
static inline size_t gb_lanes_long_jump(
        const unsigned char *text, size_t at, size_t end, size_t from, size_t length, uint64_t *ret_hits)
{
	(void)from;
	(void)length;
	for (*ret_hits = 0; at + GB_LANES + 3 <= end; at += GB_LANES) {
		uint64_t code = gb_lanes_load(text + at - 1), escape = gb_lanes_load(text + at - 2),
		         a = gb_lanes_load(text + at + 2), b = gb_lanes_load(text + at + 3);
		uint64_t one_byte = gb_lanes_zeros((code & 0xfefefefefefefefeu) ^ 0xe8e8e8e8e8e8e8e8u);
		uint64_t two_bytes = gb_lanes_zeros(
		        ((code & 0xf0f0f0f0f0f0f0f0u) ^ 0x8080808080808080u) | (escape ^ 0x0f0f0f0f0f0f0f0fu));

		*ret_hits = (one_byte | two_bytes) & (gb_lanes_zeros(a | b) | gb_lanes_zeros(~(a & b)));
		if (*ret_hits != 0)
			break;
	}
	return at;
}

static inline uint64_t gb_lanes_short_jump(const unsigned char *p, size_t from, size_t length)
{
	uint64_t code = gb_lanes_load(p);

	(void)from;
	(void)length;
	return gb_lanes_zeros((code & 0xf0f0f0f0f0f0f0f0u) ^ 0x7070707070707070u) |
	       gb_lanes_zeros((code & 0xfcfcfcfcfcfcfcfcu) ^ 0xe0e0e0e0e0e0e0e0u) |
	       gb_lanes_zeros(code ^ 0xebebebebebebebebu);
}

/* Megabytes are looked through for these at a program's start: by vector registers all the same, which are given back as they
 * were. They may be the program's, interrupted by a signal or in the middle of an mmap(). */
static inline size_t gb_lanes_without_call(const unsigned char *p, size_t n)
{
	static const unsigned char first_byte[16] __attribute__((aligned(16))) = {
	        0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f};
	static const unsigned char second_byte[16]
	        __attribute__((aligned(16))) = {5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5};
	unsigned char kept[5 * 16];
	const unsigned char *at = p;
	unsigned mask;

	if (n < GB_LANES_BLOCK + 1)
		return 0;
	__asm__ volatile("movups %%xmm0, 0(%[kept])\n\t"
	                 "movups %%xmm1, 16(%[kept])\n\t"
	                 "movups %%xmm2, 32(%[kept])\n\t"
	                 "movups %%xmm3, 48(%[kept])\n\t"
	                 "movups %%xmm4, 64(%[kept])\n\t"
	                 "movdqa %[first_byte], %%xmm3\n\t"
	                 "movdqa %[second_byte], %%xmm4\n"
	                 "1:\n\t"
	                 "movdqu (%[at]), %%xmm0\n\t"
	                 "movdqu 1(%[at]), %%xmm1\n\t"
	                 "pcmpeqb %%xmm3, %%xmm0\n\t"
	                 "pcmpeqb %%xmm4, %%xmm1\n\t"
	                 "pand %%xmm1, %%xmm0\n\t"
	                 "movdqu 16(%[at]), %%xmm2\n\t"
	                 "movdqu 17(%[at]), %%xmm1\n\t"
	                 "pcmpeqb %%xmm3, %%xmm2\n\t"
	                 "pcmpeqb %%xmm4, %%xmm1\n\t"
	                 "pand %%xmm1, %%xmm2\n\t"
	                 "por %%xmm2, %%xmm0\n\t"
	                 "pmovmskb %%xmm0, %[mask]\n\t"
	                 "testl %[mask], %[mask]\n\t"
	                 "jnz 2f\n\t"
	                 "addq %[block], %[at]\n\t"
	                 "cmpq %[last], %[at]\n\t"
	                 "jbe 1b\n"
	                 "2:\n\t"
	                 "movups 0(%[kept]), %%xmm0\n\t"
	                 "movups 16(%[kept]), %%xmm1\n\t"
	                 "movups 32(%[kept]), %%xmm2\n\t"
	                 "movups 48(%[kept]), %%xmm3\n\t"
	                 "movups 64(%[kept]), %%xmm4"
	                 : [at] "+&r"(at), [mask] "=&r"(mask)
	                 : [kept] "r"(kept), [last] "r"(p + n - (GB_LANES_BLOCK + 1)), [block] "i"(GB_LANES_BLOCK),
	                 [first_byte] "m"(first_byte), [second_byte] "m"(second_byte)
	                 : "memory", "cc");
	return (size_t)(at - p);
}

#endif

#endif

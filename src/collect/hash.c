/* SPDX-License-Identifier: Apache-2.0 */
#include "collect/hash.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#define BLOCK_BYTES 64u

static const uint32_t round_constants[64] = {
        0x428a2f98,
        0x71374491,
        0xb5c0fbcf,
        0xe9b5dba5,
        0x3956c25b,
        0x59f111f1,
        0x923f82a4,
        0xab1c5ed5, //
        0xd807aa98,
        0x12835b01,
        0x243185be,
        0x550c7dc3,
        0x72be5d74,
        0x80deb1fe,
        0x9bdc06a7,
        0xc19bf174, //
        0xe49b69c1,
        0xefbe4786,
        0x0fc19dc6,
        0x240ca1cc,
        0x2de92c6f,
        0x4a7484aa,
        0x5cb0a9dc,
        0x76f988da, //
        0x983e5152,
        0xa831c66d,
        0xb00327c8,
        0xbf597fc7,
        0xc6e00bf3,
        0xd5a79147,
        0x06ca6351,
        0x14292967, //
        0x27b70a85,
        0x2e1b2138,
        0x4d2c6dfc,
        0x53380d13,
        0x650a7354,
        0x766a0abb,
        0x81c2c92e,
        0x92722c85, //
        0xa2bfe8a1,
        0xa81a664b,
        0xc24b8b70,
        0xc76c51a3,
        0xd192e819,
        0xd6990624,
        0xf40e3585,
        0x106aa070, //
        0x19a4c116,
        0x1e376c08,
        0x2748774c,
        0x34b0bcb5,
        0x391c0cb3,
        0x4ed8aa4a,
        0x5b9cca4f,
        0x682e6ff3, //
        0x748f82ee,
        0x78a5636f,
        0x84c87814,
        0x8cc70208,
        0x90befffa,
        0xa4506ceb,
        0xbef9a3f7,
        0xc67178f2,
};

/* The registers of the instructions hold the state as ABEF and CDGH. */
__attribute__((target("sha,sse4.1"))) static void compress(__m128i state[2], const unsigned char *block)
{
	const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
	__m128i abef = state[0], cdgh = state[1], w[4];

	for (unsigned i = 0; i < 4; i++)
		w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)(block + 16 * i)), big_endian);
	for (unsigned i = 0; i < 16; i++) {
		__m128i sum = _mm_add_epi32(
		        w[i % 4], _mm_loadu_si128((const __m128i *)(const void *)(round_constants + 4 * i)));

		cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
		abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
		w[i % 4] = _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(w[i % 4], w[(i + 1) % 4]),
		                                        _mm_alignr_epi8(w[(i + 3) % 4], w[(i + 2) % 4], 4)),
		        w[(i + 3) % 4]);
	}
	state[0] = _mm_add_epi32(state[0], abef);
	state[1] = _mm_add_epi32(state[1], cdgh);
}

__attribute__((target("sha,sse4.1"))) static void by_instructions(
        struct gb_span message, unsigned char ret_digest[GB_SHA256_BYTES])
{
	__m128i state[2] = {_mm_set_epi32(0x6a09e667, (int)0xbb67ae85, 0x510e527f, (int)0x9b05688c),
	        _mm_set_epi32(0x3c6ef372, (int)0xa54ff53a, 0x1f83d9ab, 0x5be0cd19)};
	unsigned char tail[2 * BLOCK_BYTES] = {0};
	size_t whole = message.n / BLOCK_BYTES * BLOCK_BYTES, rest = message.n - whole;
	size_t tail_n = rest + 9 <= BLOCK_BYTES ? BLOCK_BYTES : 2 * BLOCK_BYTES;
	uint64_t bits = __builtin_bswap64((uint64_t)message.n * 8);
	uint32_t words[8];

	for (size_t at = 0; at < whole; at += BLOCK_BYTES)
		compress(state, message.p + at);
	if (rest != 0)
		memcpy(tail, message.p + whole, rest);
	tail[rest] = 0x80;
	memcpy(tail + tail_n - sizeof(bits), &bits, sizeof(bits));
	for (size_t at = 0; at < tail_n; at += BLOCK_BYTES)
		compress(state, tail + at);
	words[0] = (uint32_t)_mm_extract_epi32(state[0], 3);
	words[1] = (uint32_t)_mm_extract_epi32(state[0], 2);
	words[2] = (uint32_t)_mm_extract_epi32(state[1], 3);
	words[3] = (uint32_t)_mm_extract_epi32(state[1], 2);
	words[4] = (uint32_t)_mm_extract_epi32(state[0], 1);
	words[5] = (uint32_t)_mm_extract_epi32(state[0], 0);
	words[6] = (uint32_t)_mm_extract_epi32(state[1], 1);
	words[7] = (uint32_t)_mm_extract_epi32(state[1], 0);
	for (size_t i = 0; i < 8; i++)
		words[i] = __builtin_bswap32(words[i]);
	memcpy(ret_digest, words, sizeof(words));
}

static bool has_instructions(void)
{
	unsigned a = 7, b = 0, c = 0, d = 0;

	__builtin_cpu_init();
	if (!__builtin_cpu_supports("sse4.1"))
		return false;
	/* Leaf 7, bit 29 of EBX; gcc 12 has no name for it. */
	__asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return (b >> 29 & 1u) != 0;
}

void collect_sha256(struct gb_span message, unsigned char ret_digest[GB_SHA256_BYTES])
{
	static int known; /* 1 it has them, -1 it has not: the same for every thread */

	if (__atomic_load_n(&known, __ATOMIC_RELAXED) == 0)
		__atomic_store_n(&known, has_instructions() ? 1 : -1, __ATOMIC_RELAXED);
	if (__atomic_load_n(&known, __ATOMIC_RELAXED) > 0)
		by_instructions(message, ret_digest);
	else
		gb_sha256(message, ret_digest);
}

#else

void collect_sha256(struct gb_span message, unsigned char ret_digest[GB_SHA256_BYTES])
{
	gb_sha256(message, ret_digest);
}

#endif

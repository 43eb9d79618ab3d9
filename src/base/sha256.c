/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sha256.h"

#define BLOCK_BYTES 64u

/* FIPS 180-4 §4.2.2: fractional parts of the cube roots of the first 64 primes. */
static const uint32_t round_constants[64] = {0x428a2f98u, 0x71374491u, 0xb5c0fbcfu, 0xe9b5dba5u, 0x3956c25bu,
        0x59f111f1u, 0x923f82a4u, 0xab1c5ed5u, 0xd807aa98u, 0x12835b01u, 0x243185beu, 0x550c7dc3u, 0x72be5d74u,
        0x80deb1feu, 0x9bdc06a7u, 0xc19bf174u, 0xe49b69c1u, 0xefbe4786u, 0x0fc19dc6u, 0x240ca1ccu, 0x2de92c6fu,
        0x4a7484aau, 0x5cb0a9dcu, 0x76f988dau, 0x983e5152u, 0xa831c66du, 0xb00327c8u, 0xbf597fc7u, 0xc6e00bf3u,
        0xd5a79147u, 0x06ca6351u, 0x14292967u, 0x27b70a85u, 0x2e1b2138u, 0x4d2c6dfcu, 0x53380d13u, 0x650a7354u,
        0x766a0abbu, 0x81c2c92eu, 0x92722c85u, 0xa2bfe8a1u, 0xa81a664bu, 0xc24b8b70u, 0xc76c51a3u, 0xd192e819u,
        0xd6990624u, 0xf40e3585u, 0x106aa070u, 0x19a4c116u, 0x1e376c08u, 0x2748774cu, 0x34b0bcb5u, 0x391c0cb3u,
        0x4ed8aa4au, 0x5b9cca4fu, 0x682e6ff3u, 0x748f82eeu, 0x78a5636fu, 0x84c87814u, 0x8cc70208u, 0x90befffau,
        0xa4506cebu, 0xbef9a3f7u, 0xc67178f2u};

/* §5.3.3: of the square roots of the first 8. */
static const uint32_t initial[8] = {
        0x6a09e667u, 0xbb67ae85u, 0x3c6ef372u, 0xa54ff53au, 0x510e527fu, 0x9b05688cu, 0x1f83d9abu, 0x5be0cd19u};

static uint32_t rotate(uint32_t x, unsigned n)
{
	return x >> n | x << (32 - n);
}

static uint32_t big_endian(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* One round: *D and *H are the words that change. */
static inline void turn(uint32_t *d, uint32_t *h, uint32_t a, uint32_t b, uint32_t c, uint32_t e, uint32_t f,
        uint32_t g, uint32_t input)
{
	uint32_t first = *h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + input;

	*d += first;
	*h = first + (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
}

static void compress(uint32_t *state, const unsigned char *block)
{
	uint32_t w[64], v[8];

	for (unsigned i = 0; i < 16; i++)
		w[i] = big_endian(block + 4 * (size_t)i);
	for (unsigned i = 16; i < 64; i++) {
		uint32_t a = w[i - 15], b = w[i - 2];

		w[i] = w[i - 16] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + w[i - 7] +
		       (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
	}
	__builtin_memcpy(v, state, sizeof(v));
	/* Eight rounds bring every word back to its place: nothing has to be moved. */
	for (unsigned i = 0; i < 64; i += 8) {
		turn(&v[3], &v[7], v[0], v[1], v[2], v[4], v[5], v[6], round_constants[i] + w[i]);
		turn(&v[2], &v[6], v[7], v[0], v[1], v[3], v[4], v[5], round_constants[i + 1] + w[i + 1]);
		turn(&v[1], &v[5], v[6], v[7], v[0], v[2], v[3], v[4], round_constants[i + 2] + w[i + 2]);
		turn(&v[0], &v[4], v[5], v[6], v[7], v[1], v[2], v[3], round_constants[i + 3] + w[i + 3]);
		turn(&v[7], &v[3], v[4], v[5], v[6], v[0], v[1], v[2], round_constants[i + 4] + w[i + 4]);
		turn(&v[6], &v[2], v[3], v[4], v[5], v[7], v[0], v[1], round_constants[i + 5] + w[i + 5]);
		turn(&v[5], &v[1], v[2], v[3], v[4], v[6], v[7], v[0], round_constants[i + 6] + w[i + 6]);
		turn(&v[4], &v[0], v[1], v[2], v[3], v[5], v[6], v[7], round_constants[i + 7] + w[i + 7]);
	}
	for (unsigned i = 0; i < 8; i++)
		state[i] += v[i];
}

void gb_sha256(struct gb_span message, unsigned char ret_digest[GB_SHA256_BYTES])
{
	unsigned char last[2 * BLOCK_BYTES];
	uint32_t state[8];
	size_t whole = message.n / BLOCK_BYTES * BLOCK_BYTES, rest = message.n - whole, n;
	uint64_t bits = (uint64_t)message.n * 8;

	__builtin_memcpy(state, initial, sizeof(state));
	for (size_t at = 0; at < whole; at += BLOCK_BYTES)
		compress(state, message.p + at);
	n = rest + 9 <= BLOCK_BYTES ? BLOCK_BYTES : 2 * BLOCK_BYTES;
	__builtin_memset(last, 0, sizeof(last));
	if (rest != 0)
		__builtin_memcpy(last, message.p + whole, rest);
	last[rest] = 0x80;
	for (unsigned i = 0; i < 8; i++)
		last[n - 1 - i] = (unsigned char)(bits >> (8 * i));
	for (size_t at = 0; at < n; at += BLOCK_BYTES)
		compress(state, last + at);
	for (unsigned i = 0; i < 32; i++)
		ret_digest[i] = (unsigned char)(state[i / 4] >> (24 - 8 * (i % 4)));
}

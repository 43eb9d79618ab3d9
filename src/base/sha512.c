/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sha512.h"

/* FIPS 180-4 §4.2.3: fractional parts of the cube roots of the first 80 primes. */
static const uint64_t round_constants[80] = {
        0x428a2f98d728ae22u,
        0x7137449123ef65cdu,
        0xb5c0fbcfec4d3b2fu,
        0xe9b5dba58189dbbcu,
        0x3956c25bf348b538u,
        0x59f111f1b605d019u,
        0x923f82a4af194f9bu,
        0xab1c5ed5da6d8118u,
        0xd807aa98a3030242u,
        0x12835b0145706fbeu,
        0x243185be4ee4b28cu,
        0x550c7dc3d5ffb4e2u,
        0x72be5d74f27b896fu,
        0x80deb1fe3b1696b1u,
        0x9bdc06a725c71235u,
        0xc19bf174cf692694u,
        0xe49b69c19ef14ad2u,
        0xefbe4786384f25e3u,
        0x0fc19dc68b8cd5b5u,
        0x240ca1cc77ac9c65u,
        0x2de92c6f592b0275u,
        0x4a7484aa6ea6e483u,
        0x5cb0a9dcbd41fbd4u,
        0x76f988da831153b5u,
        0x983e5152ee66dfabu,
        0xa831c66d2db43210u,
        0xb00327c898fb213fu,
        0xbf597fc7beef0ee4u,
        0xc6e00bf33da88fc2u,
        0xd5a79147930aa725u,
        0x06ca6351e003826fu,
        0x142929670a0e6e70u,
        0x27b70a8546d22ffcu,
        0x2e1b21385c26c926u,
        0x4d2c6dfc5ac42aedu,
        0x53380d139d95b3dfu,
        0x650a73548baf63deu,
        0x766a0abb3c77b2a8u,
        0x81c2c92e47edaee6u,
        0x92722c851482353bu,
        0xa2bfe8a14cf10364u,
        0xa81a664bbc423001u,
        0xc24b8b70d0f89791u,
        0xc76c51a30654be30u,
        0xd192e819d6ef5218u,
        0xd69906245565a910u,
        0xf40e35855771202au,
        0x106aa07032bbd1b8u,
        0x19a4c116b8d2d0c8u,
        0x1e376c085141ab53u,
        0x2748774cdf8eeb99u,
        0x34b0bcb5e19b48a8u,
        0x391c0cb3c5c95a63u,
        0x4ed8aa4ae3418acbu,
        0x5b9cca4f7763e373u,
        0x682e6ff3d6b2b8a3u,
        0x748f82ee5defb2fcu,
        0x78a5636f43172f60u,
        0x84c87814a1f0ab72u,
        0x8cc702081a6439ecu,
        0x90befffa23631e28u,
        0xa4506cebde82bde9u,
        0xbef9a3f7b2c67915u,
        0xc67178f2e372532bu,
        0xca273eceea26619cu,
        0xd186b8c721c0c207u,
        0xeada7dd6cde0eb1eu,
        0xf57d4f7fee6ed178u,
        0x06f067aa72176fbau,
        0x0a637dc5a2c898a6u,
        0x113f9804bef90daeu,
        0x1b710b35131c471bu,
        0x28db77f523047d84u,
        0x32caab7b40c72493u,
        0x3c9ebe0a15c9bebcu,
        0x431d67c49c100d4cu,
        0x4cc5d4becb3e42b6u,
        0x597f299cfc657e2au,
        0x5fcb6fab3ad6faecu,
        0x6c44198c4a475817u,
};

static uint64_t rotate(uint64_t x, unsigned n)
{
	return (x >> n) | (x << (64 - n));
}

static uint64_t load_be(const unsigned char *p)
{
	uint64_t x;

	__builtin_memcpy(&x, p, sizeof(x));
	return __builtin_bswap64(x);
}

static void store_be(unsigned char *p, uint64_t x)
{
	x = __builtin_bswap64(x);
	__builtin_memcpy(p, &x, sizeof(x));
}

static uint64_t mix_small_0(uint64_t x)
{
	return rotate(x, 1) ^ rotate(x, 8) ^ (x >> 7);
}

static uint64_t mix_small_1(uint64_t x)
{
	return rotate(x, 19) ^ rotate(x, 61) ^ (x >> 6);
}

/* One round. Instead of moving eight words along, the caller names them in another order each time. */
static inline __attribute__((always_inline)) void step(
        uint64_t a, uint64_t b, uint64_t c, uint64_t *d, uint64_t e, uint64_t f, uint64_t g, uint64_t *h, uint64_t word)
{
	uint64_t t1 = *h + word + (g ^ (e & (f ^ g))) + (rotate(e, 14) ^ rotate(e, 18) ^ rotate(e, 41));

	*d += t1;
	*h = t1 + (rotate(a, 28) ^ rotate(a, 34) ^ rotate(a, 39)) + ((a & b) + (c & (a ^ b)));
}

/* The word for the round that comes 16 behind that of word T, in its place. */
static inline __attribute__((always_inline)) uint64_t renew(uint64_t w[16], size_t t)
{
	return w[t] += mix_small_0(w[(t + 1) % 16]) + w[(t + 9) % 16] + mix_small_1(w[(t + 14) % 16]);
}

/* The words of the next rounds are made beside these: rounds wait for each other, words do not. */
#define EIGHT_ROUNDS(word, t)                                                                                          \
	step(a, b, c, &d, e, f, g, &h, word((t) + 0) + k[(t) + 0]);                                                    \
	step(h, a, b, &c, d, e, f, &g, word((t) + 1) + k[(t) + 1]);                                                    \
	step(g, h, a, &b, c, d, e, &f, word((t) + 2) + k[(t) + 2]);                                                    \
	step(f, g, h, &a, b, c, d, &e, word((t) + 3) + k[(t) + 3]);                                                    \
	step(e, f, g, &h, a, b, c, &d, word((t) + 4) + k[(t) + 4]);                                                    \
	step(d, e, f, &g, h, a, b, &c, word((t) + 5) + k[(t) + 5]);                                                    \
	step(c, d, e, &f, g, h, a, &b, word((t) + 6) + k[(t) + 6]);                                                    \
	step(b, c, d, &e, f, g, h, &a, word((t) + 7) + k[(t) + 7])
#define LOADED(t)  (w[t] = load_be(block + 8 * (t)))
#define RENEWED(t) renew(w, t)

static void compress(uint64_t state[8], const unsigned char *block)
{
	uint64_t a = state[0], b = state[1], c = state[2], d = state[3];
	uint64_t e = state[4], f = state[5], g = state[6], h = state[7];
	const uint64_t *k = round_constants;
	uint64_t w[16];

	EIGHT_ROUNDS(LOADED, 0);
	EIGHT_ROUNDS(LOADED, 8);
	for (k += 16; k < round_constants + 80; k += 16) {
		EIGHT_ROUNDS(RENEWED, 0);
		EIGHT_ROUNDS(RENEWED, 8);
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
	state[4] += e;
	state[5] += f;
	state[6] += g;
	state[7] += h;
}

void gb_sha512_init(struct gb_sha512 *hash)
{
	*hash = (struct gb_sha512){
	        .state = {0x6a09e667f3bcc908u, 0xbb67ae8584caa73bu, 0x3c6ef372fe94f82bu, 0xa54ff53a5f1d36f1u,
	                0x510e527fade682d1u, 0x9b05688c2b3e6c1fu, 0x1f83d9abfb41bd6bu, 0x5be0cd19137e2179u}};
}

void gb_sha512_add(struct gb_sha512 *hash, struct gb_span s)
{
	size_t have = hash->total_bytes % sizeof(hash->block);

	hash->total_bytes += s.n;
	if (have != 0) {
		struct gb_span head = gb_span_sub(s, 0, sizeof(hash->block) - have);

		if (head.n != 0)
			__builtin_memcpy(hash->block + have, head.p, head.n);
		if (have + head.n < sizeof(hash->block))
			return;
		compress(hash->state, hash->block);
		s = gb_span_sub(s, head.n, SIZE_MAX);
	}
	for (; s.n >= sizeof(hash->block); s = gb_span_sub(s, sizeof(hash->block), SIZE_MAX))
		compress(hash->state, s.p);
	if (s.n != 0)
		__builtin_memcpy(hash->block, s.p, s.n);
}

void gb_sha512_done(struct gb_sha512 *hash, unsigned char ret_digest[GB_SHA512_BYTES])
{
	size_t have = hash->total_bytes % sizeof(hash->block);

	hash->block[have++] = 0x80;
	if (have > sizeof(hash->block) - 16) {
		__builtin_memset(hash->block + have, 0, sizeof(hash->block) - have);
		compress(hash->state, hash->block);
		have = 0;
	}
	__builtin_memset(hash->block + have, 0, sizeof(hash->block) - have);
	store_be(hash->block + 112, hash->total_bytes >> 61);
	store_be(hash->block + 120, hash->total_bytes << 3);
	compress(hash->state, hash->block);
	for (size_t i = 0; i < 8; i++)
		store_be(ret_digest + 8 * i, hash->state[i]);
}

void gb_sha512_of(struct gb_span s, unsigned char ret_digest[GB_SHA512_BYTES])
{
	struct gb_sha512 hash;

	gb_sha512_init(&hash);
	gb_sha512_add(&hash, s);
	gb_sha512_done(&hash, ret_digest);
}

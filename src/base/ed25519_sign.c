/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/ed25519_sign: what is secret here (seed, scalar, nonce) decides no branch and no address.
 */
#include "base/ed25519.h"
#include "base/ed25519_point.h"
#include "base/sha512.h"

#if !defined(__clang__)
#pragma GCC optimize("no-tree-vectorize", "no-tree-slp-vectorize")
#endif

#define TEETH   4u
#define COLUMNS 64u
#define SUMS    (1u << TEETH)

_Static_assert(sizeof(((struct gb_ed25519_signer *)NULL)->comb) == SUMS * sizeof(struct addend), "room for the comb");

static void forget(void *p, size_t n)
{
	__builtin_memset(p, 0, n);
	__asm__ volatile("" : : "r"(p) : "memory");
}

/* Entry i is the sum of 2^(64·t)·B over the bits t of i. */
static void make_comb(struct addend ret_comb[SUMS])
{
	struct point sums[SUMS] = {[0] = {.y = field_one, .z = field_one}}, tooth = gb_ed25519_base_point;

	for (unsigned t = 0; t < TEETH; t++) {
		struct addend step = gb_ed25519_addend_of(&tooth);

		for (unsigned i = 0; i < 1u << t; i++)
			sums[i | 1u << t] = gb_ed25519_point_add(&sums[i], &step, true);
		for (unsigned i = 0; i < COLUMNS && t + 1 < TEETH; i++)
			tooth = gb_ed25519_point_double(&tooth, true);
	}
	for (unsigned i = 0; i < SUMS; i++)
		ret_comb[i] = gb_ed25519_addend_of(&sums[i]);
}

typedef uint64_t pair __attribute__((vector_size(16), aligned(8), may_alias));

/* Entry INDEX, which is secret: all are looked at. */
static struct addend choose(const struct addend comb[SUMS], uint64_t index)
{
	struct addend chosen = {0};
	pair *to = (pair *)&chosen;

	for (uint64_t i = 0; i < SUMS; i++) {
		const pair *from = (const pair *)&comb[i];
		uint64_t is_it = 0 - (((i ^ index) - 1) >> 63);
		pair mask = {is_it, is_it};

		for (size_t k = 0; k < sizeof(chosen) / sizeof(*to); k++)
			to[k] |= from[k] & mask;
	}
	return chosen;
}

/* SCALAR·B, encoded. */
static void base_mul(const struct gb_ed25519_signer *signer, const uint64_t scalar[4], unsigned char ret_encoded[32])
{
	struct point sum = {.y = field_one, .z = field_one};
	struct addend addend;

	for (unsigned column = COLUMNS; column-- > 0;) {
		uint64_t index = 0;

		for (unsigned t = 0; t < TEETH; t++)
			index |= (scalar[t] >> column & 1u) << t;
		sum = gb_ed25519_point_double(&sum, true);
		addend = choose((const struct addend *)signer->comb, index);
		sum = gb_ed25519_point_add(&sum, &addend, false);
	}
	gb_ed25519_point_encode(&sum, ret_encoded);
	forget(&addend, sizeof(addend));
	forget(&sum, sizeof(sum));
}

void gb_ed25519_signer_init(struct gb_ed25519_signer *signer, const unsigned char seed[GB_ED25519_KEY_BYTES])
{
	unsigned char digest[GB_SHA512_BYTES];

	gb_sha512_of(gb_span_of(seed, GB_ED25519_KEY_BYTES), digest);
	digest[0] &= 0xf8u;
	digest[31] = (unsigned char)((digest[31] & 0x7fu) | 0x40u);
	__builtin_memcpy(signer->scalar, digest, sizeof(signer->scalar));
	__builtin_memcpy(signer->prefix, digest + 32, sizeof(signer->prefix));
	make_comb((struct addend *)signer->comb);
	base_mul(signer, signer->scalar, signer->key);
	forget(digest, sizeof(digest));
}

/* NONCE + K·SCALAR modulo the group order; K and NONCE are below it. */
static void respond(const uint64_t nonce[4], const uint64_t k[4], const uint64_t scalar[4], uint64_t ret_s[4])
{
	uint64_t sum[8] = {nonce[0], nonce[1], nonce[2], nonce[3]};

	for (size_t i = 0; i < 4; i++) {
		field_wide carry = 0;

		for (size_t j = 0; j < 4; j++) {
			carry += (field_wide)k[i] * scalar[j] + sum[i + j];
			sum[i + j] = (uint64_t)carry;
			carry >>= 64;
		}
		/* Nothing was ever added so far up. */
		sum[i + 4] = (uint64_t)carry;
	}
	gb_ed25519_scalar_reduce((const unsigned char *)sum, ret_s);
	forget(sum, sizeof(sum));
}

void gb_ed25519_sign(const struct gb_ed25519_signer *signer, struct gb_span message,
        unsigned char ret_signature[GB_ED25519_SIGNATURE_BYTES])
{
	unsigned char digest[GB_SHA512_BYTES];
	uint64_t nonce[4], k[4], s[4];
	struct gb_sha512 hash;

	gb_sha512_init(&hash);
	gb_sha512_add(&hash, gb_span_of(signer->prefix, sizeof(signer->prefix)));
	gb_sha512_add(&hash, message);
	gb_sha512_done(&hash, digest);
	gb_ed25519_scalar_reduce(digest, nonce);
	base_mul(signer, nonce, ret_signature);
	gb_sha512_init(&hash);
	gb_sha512_add(&hash, gb_span_of(ret_signature, 32));
	gb_sha512_add(&hash, gb_span_of(signer->key, sizeof(signer->key)));
	gb_sha512_add(&hash, message);
	gb_sha512_done(&hash, digest);
	gb_ed25519_scalar_reduce(digest, k);
	respond(nonce, k, signer->scalar, s);
	__builtin_memcpy(ret_signature + 32, s, sizeof(s));
	forget(nonce, sizeof(nonce));
	forget(digest, sizeof(digest));
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/ed25519.h"
#include "base/sha512.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

static size_t unhex(const char *hex, unsigned char *out, size_t cap)
{
	size_t n = 0;

	assert_int_equal(sodium_hex2bin(out, cap, hex, strlen(hex), NULL, &n, NULL), 0);
	return n;
}

/* RFC 8032 §7.1. */
static const struct vector {
	const char *name, *key, *message, *signature, *seed;
} vectors[] = {
        {"test 1", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5"
                "f0595b"
                "be24655141438e7a100b",
                "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"},
        {"test 2", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2e"
                "aeb430"
                "2aeeb00d291612bb0c00",
                "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"},
        {"test 3", "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
                "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15"
                "e9716e"
                "d28dc027beceea1ec40a",
                "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7"},
};

static void rfc_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		unsigned char key[32], message[64], signature[64], seed[32], own[64];
		size_t n = unhex(vectors[i].message, message, sizeof(message));
		struct gb_ed25519_signer signer;

		unhex(vectors[i].key, key, sizeof(key));
		unhex(vectors[i].signature, signature, sizeof(signature));
		unhex(vectors[i].seed, seed, sizeof(seed));
		gb_ed25519_signer_init(&signer, seed);
		gb_ed25519_sign(&signer, gb_span_of(message, n), own);
		if (memcmp(signer.key, key, sizeof(key)) != 0 || memcmp(own, signature, sizeof(own)) != 0)
			fail_msg("%s: signed otherwise", vectors[i].name);
		if (!gb_ed25519_verify(gb_span_of(message, n), signature, key))
			fail_msg("%s: good signature refused", vectors[i].name);
		for (size_t bit = 0; bit < 512; bit++) {
			signature[bit / 8] ^= (unsigned char)(1u << (bit % 8));
			if (gb_ed25519_verify(gb_span_of(message, n), signature, key))
				fail_msg("%s: bit %zu flipped, still taken", vectors[i].name, bit);
			signature[bit / 8] ^= (unsigned char)(1u << (bit % 8));
		}
	}
}

/* The same answer as libsodium's, for good signatures and for changed ones. */
static void as_libsodium(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 600; round++) {
		unsigned char seed[32] = {0}, key[32], secret[64], message[300], signature[64], own[64];
		struct gb_ed25519_signer signer;
		size_t n = (round * 7) % sizeof(message);
		unsigned at;

		randombytes_buf_deterministic(
		        seed, sizeof(seed), memcpy((unsigned char[32]){0}, &round, sizeof(round)));
		crypto_sign_seed_keypair(key, secret, seed);
		randombytes_buf_deterministic(message, sizeof(message), seed);
		crypto_sign_detached(signature, NULL, message, n, secret);
		gb_ed25519_signer_init(&signer, seed);
		assert_memory_equal(signer.key, key, sizeof(key));
		gb_ed25519_sign(&signer, gb_span_of(message, n), own);
		assert_memory_equal(own, signature, sizeof(own));
		assert_true(gb_ed25519_verify(gb_span_of(message, n), signature, key));
		at = (round * 2654435761u) >> 8;
		switch (round % 4) {
		case 0: signature[at % 64] ^= (unsigned char)(1u << (at / 64 % 8)); break;
		case 1: key[at % 32] ^= (unsigned char)(1u << (at / 32 % 8)); break;
		case 2: message[n == 0 ? 0 : at % n] ^= (unsigned char)(n == 0 ? 0 : 1); break;
		default: signature[32 + at % 32] = (unsigned char)at; break;
		}
		assert_int_equal(gb_ed25519_verify(gb_span_of(message, n), signature, key),
		        crypto_sign_verify_detached(signature, message, n, key) == 0);
	}
}

/* Other encodings of what is the same number, and points of small order: all refused. */
static void strictness(void **state)
{
	static const char *const bad_keys[] = {
	        "0100000000000000000000000000000000000000000000000000000000000000", /* neutral */
	        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* order 2 */
	        "0000000000000000000000000000000000000000000000000000000000000000", /* order 4 */
	        "0000000000000000000000000000000000000000000000000000000000000080",
	        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", /* order 8 */
	        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* p, not canonical */
	        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	        "0100000000000000000000000000000000000000000000000000000000000080", /* x = 0 with sign */
	};
	static const uint64_t order[4] = {0x5812631a5cf5d3edu, 0x14def9dea2f79cd6u, 0, 0x1000000000000000u};
	unsigned char seed[32] = {1}, key[32], secret[64], signature[64];
	unsigned char neutral[64] = {1};
	unsigned carry = 0;

	(void)state;
	crypto_sign_seed_keypair(key, secret, seed);
	crypto_sign_detached(signature, NULL, (const unsigned char *)"m", 1, secret);
	assert_true(gb_ed25519_verify(GB_SPAN("m"), signature, key));
	for (size_t i = 0; i < 32; i++) {
		carry += signature[32 + i] + (unsigned)((order[i / 8] >> (i % 8 * 8)) & 0xff);
		signature[32 + i] = (unsigned char)carry;
		carry >>= 8;
	}
	assert_false(gb_ed25519_verify(GB_SPAN("m"), signature, key));
	for (size_t i = 0; i < sizeof(bad_keys) / sizeof(bad_keys[0]); i++) {
		unhex(bad_keys[i], key, sizeof(key));
		if (gb_ed25519_verify(GB_SPAN("m"), neutral, key) || gb_ed25519_verify(GB_SPAN("m"), signature, key))
			fail_msg("key %s taken", bad_keys[i]);
	}
}

static void sha512_as_libsodium(void **state)
{
	unsigned char data[700], want[64], have[64];

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)(i * 31 + 7);
	for (size_t n = 0; n <= sizeof(data); n++) {
		struct gb_sha512 hash;

		crypto_hash_sha512(want, data, n);
		gb_sha512_of(gb_span_of(data, n), have);
		assert_memory_equal(want, have, sizeof(want));
		gb_sha512_init(&hash);
		for (size_t at = 0; at < n; at += 37)
			gb_sha512_add(&hash, gb_span_sub(gb_span_of(data, n), at, 37));
		gb_sha512_done(&hash, have);
		assert_memory_equal(want, have, sizeof(want));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(rfc_vectors),
	        cmocka_unit_test(as_libsodium),
	        cmocka_unit_test(strictness),
	        cmocka_unit_test(sha512_as_libsodium),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

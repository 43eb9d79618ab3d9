/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/policyc.h"
#include "wire/blob.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

static const char text[] =
        "apiVersion: gambeson/v1\nkind: FunctionPolicy\nmetadata: {name: x}\nspec: {posture: block, allow: {files: "
        "{read: [/a/**, /a/b, /c*d]}, processes: [{executable: /bin/sh, arguments: [-c, {shell: \"a <url>\"}]}], "
        "addresses: [\"10.0.0.0/8:1\", \"unix:/x\"], hosts: [a.b]}, rules: [{name: r, files: {write: [/etc/**]}}]}\n";

static unsigned char *file;
static size_t file_n;
static unsigned char public_key[32], secret_key[64];

static void sign(unsigned char *bytes, size_t n)
{
	struct gb_blob_signature signature = {.algorithm = GB_BLOB_ED25519};
	size_t blob_n = n - sizeof(signature);

	memcpy(signature.magic, GB_BLOB_SIGNATURE_MAGIC, sizeof(signature.magic));
	gb_blob_key_id(public_key, signature.key_id);
	crypto_sign_detached(signature.signature, NULL, bytes, blob_n, secret_key);
	memcpy(bytes + blob_n, &signature, sizeof(signature));
}

static int set_up(void **state)
{
	static const unsigned char seed[32] = {42};
	struct gb_policyc_document *document = NULL;
	unsigned char *blob = NULL;
	struct gb_diag diag;
	size_t n = 0;

	(void)state;
	if (sodium_init() < 0 || gb_policyc_parse(GB_SPAN(text), &document, &diag) < 0 ||
	        gb_policyc_compile(document, 3, &blob, &n, &diag) < 0)
		return -1;
	crypto_sign_seed_keypair(public_key, secret_key, seed);
	file_n = n + sizeof(struct gb_blob_signature);
	file = realloc(blob, file_n);
	if (file == NULL)
		return -1;
	sign(file, file_n);
	gb_policyc_document_free(document);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(file);
	return 0;
}

static void good(void **state)
{
	struct gb_policy policy;
	struct gb_span blob;

	(void)state;
	assert_int_equal(gb_blob_verify(gb_span_of(file, file_n), public_key, &blob), 0);
	assert_int_equal(gb_policy_open(blob, &policy), 0);
	assert_int_equal(gb_blob_verify(gb_span_of(file, file_n), NULL, &blob), 0);
	assert_int_equal(blob.n + sizeof(struct gb_blob_signature), file_n);
	assert_int_equal(policy.header->serial, 3);
}

/* Every bit, with a key: refused. Without: refused too, but for the key's id and the signature, which nobody looks at. */
static void every_bit_flipped(void **state)
{
	struct gb_span blob;

	(void)state;
	for (size_t i = 0; i < file_n; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			int keyless;

			file[i] ^= (unsigned char)(1u << bit);
			keyless = gb_blob_verify(gb_span_of(file, file_n), NULL, &blob);
			if (i < file_n - 80 ? keyless >= 0 : keyless != 0)
				fail_msg("byte %zu bit %u: %d without a key", i, bit, keyless);
			/* Checking a signature is slow: one bit of each byte. */
			if (bit == i % 8 && gb_blob_verify(gb_span_of(file, file_n), public_key, &blob) >= 0)
				fail_msg("byte %zu bit %u taken with a key", i, bit);
			file[i] ^= (unsigned char)(1u << bit);
		}
}

static void every_length(void **state)
{
	struct gb_span blob;

	(void)state;
	for (size_t n = 0; n < file_n; n++) {
		/* A block of exactly this size: a read past it is caught. */
		unsigned char *cut = malloc(n == 0 ? 1 : n);

		assert_non_null(cut);
		memcpy(cut, file, n);
		if (gb_blob_verify(gb_span_of(cut, n), NULL, &blob) != -EBADMSG ||
		        gb_blob_verify(gb_span_of(cut, n), public_key, &blob) != -EBADMSG)
			fail_msg("%zu of %zu bytes taken", n, file_n);
		free(cut);
	}
}

static void evaluate_all(const struct gb_policy *policy)
{
	struct gb_policy_context context = {.policy = policy, .posture = GB_MODE_BLOCK};
	struct gb_activity activity = {.subject = GB_SPAN("/a/b"), .arguments = GB_SPAN("sh\0-c\0a http://b\0")};

	for (int kind = 0; kind < _GB_ACTIVITY_KIND_MAX; kind++) {
		activity.kind = (enum gb_activity_kind)kind;
		activity.address.family = (enum gb_address_family)(kind % 4);
		assert_true(gb_policy_evaluate(&context, &activity).decision < _GB_DECISION_MAX);
	}
}

/* A blob that would pass the checksum but lies inside is refused by gb_policy_open(), or harmless. */
static void every_byte_lies(void **state)
{
	size_t n = file_n - sizeof(struct gb_blob_signature), opened = 0, refused = 0;
	unsigned char *copy = malloc(n);

	(void)state;
	assert_non_null(copy);
	for (size_t i = 0; i < n; i++)
		for (unsigned value = 0; value < 256; value += 5) {
			struct gb_policy policy;

			memcpy(copy, file, n);
			copy[i] = (unsigned char)value;
			if (gb_policy_open(gb_span_of(copy, n), &policy) < 0) {
				refused++;
				continue;
			}
			opened++;
			evaluate_all(&policy);
		}
	assert_true(opened > 0 && refused > 0);
	free(copy);
}

static void other_keys_and_versions(void **state)
{
	unsigned char other[32], other_secret[64], *copy = malloc(file_n);
	struct gb_span blob;
	uint32_t version = GB_BLOB_VERSION + 1;

	(void)state;
	assert_non_null(copy);
	crypto_sign_keypair(other, other_secret);
	assert_int_equal(gb_blob_verify(gb_span_of(file, file_n), other, &blob), -EKEYREJECTED);
	/* Unsigned, but a signature is left over. */
	memcpy(copy, file, file_n);
	memset(copy + file_n - 88, 0, 8);
	assert_int_equal(gb_blob_verify(gb_span_of(copy, file_n), NULL, &blob), -EBADMSG);
	memset(copy + file_n - 88, 0, 88);
	assert_int_equal(gb_blob_verify(gb_span_of(copy, file_n), NULL, &blob), 0);
	assert_int_equal(gb_blob_verify(gb_span_of(copy, file_n), public_key, &blob), -EKEYREJECTED);
	memcpy(copy + 8, &version, sizeof(version));
	assert_int_equal(gb_blob_verify(gb_span_of(copy, file_n), NULL, &blob), -EPROTONOSUPPORT);
	assert_int_equal(gb_blob_verify(gb_span_of(copy, 12), NULL, &blob), -EPROTONOSUPPORT);
	assert_int_equal(gb_blob_verify(GB_SPAN_EMPTY, NULL, &blob), -EBADMSG);
	free(copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(good),
	        cmocka_unit_test(every_bit_flipped),
	        cmocka_unit_test(every_length),
	        cmocka_unit_test(every_byte_lies),
	        cmocka_unit_test(other_keys_and_versions),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

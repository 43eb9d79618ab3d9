/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/pins.h"

#include "base/day.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#define A "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define B "FFEEDDCCBBAA99887766554433221100ffeeddccbbaa99887766554433221100"

static const struct row {
	const char *name, *file;
	const char *message; /* NULL: good */
	size_t count;
	uint64_t least_serial;
} rows[] = {
        {"one", A, NULL, 1, 0},
        {"one with its line's end", A "\r\n", NULL, 1, 0},
        {"two, comments, a serial", "# ours\n" A " until 2027-01-31 # the old one\n\n" B "\nleast-serial 118\n", NULL,
                2, 118},
        {"none", "# nothing\n", "there is no Ed25519 public key", 0, 0},
        {"empty", "", "there is no Ed25519 public key", 0, 0},
        {"too short", "0011", "line 1 is no Ed25519 public key", 0, 0},
        {"no digits", "x0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", "line 1 is no Ed25519", 0, 0},
        {"an option", A "\n" B " from 2027-01-31", "line 2 has something else", 0, 0},
        {"no day", A " until", "line 1 has something else", 0, 0},
        {"no such day", A " until 2027-02-30", "line 1 has something else", 0, 0},
        {"more behind the day", A " until 2027-01-31 x", "line 1 goes on", 0, 0},
        {"a serial that is none", A "\nleast-serial x", "line 2 wants one number", 0, 0},
        {"two serials", A "\nleast-serial 1 2", "line 2 wants one number", 0, 0},
        {"nine", A "\n" A "\n" A "\n" A "\n" A "\n" A "\n" A "\n" A "\n" A, "line 9 is one key more", 0, 0},
};

static void lines(void **state)
{
	unsigned failures = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct gb_pins pins = {.count = 0};
		struct gb_diag diag = {.message = ""};
		int r = gb_pins_parse(gb_span_cstr(row->file), &pins, &diag);
		bool is_good = row->message == NULL
		                       ? r == 0 && pins.count == row->count && pins.least_serial == row->least_serial
		                       : r == -EINVAL && strstr(diag.message, row->message) != NULL;

		if (is_good)
			continue;
		print_error("%s: %d %s\n", row->name, r, diag.message);
		failures++;
	}
	assert_int_equal(failures, 0);
}

static void bytes(void **state)
{
	static const unsigned char key[GB_BLOB_KEY_BYTES] = {1, 2, 3};
	struct gb_pins pins;

	(void)state;
	assert_int_equal(gb_pins_parse(gb_span_of(key, sizeof(key)), &pins, NULL), 0);
	assert_int_equal(pins.count, 1);
	assert_memory_equal(pins.pins[0].key, key, sizeof(key));
}

/* A policy that says nothing, signed with the key of SEED. */
struct signed_policy {
	struct gb_blob_header header;
	struct gb_blob_signature signature;
};

static struct signed_policy make_policy(unsigned char seed_byte, uint64_t serial, struct gb_pin *ret_pin)
{
	unsigned char seed[crypto_sign_SEEDBYTES] = {seed_byte}, secret[crypto_sign_SECRETKEYBYTES];
	struct signed_policy policy = {
	        .header = {.version = GB_BLOB_VERSION,
	                .total_bytes = (uint32_t)sizeof(policy.header),
	                .shared_bytes = (uint32_t)sizeof(policy.header),
	                .serial = serial},
	        .signature = {.algorithm = GB_BLOB_ED25519},
	};

	memcpy(policy.header.magic, GB_BLOB_MAGIC, sizeof(policy.header.magic));
	memcpy(policy.signature.magic, GB_BLOB_SIGNATURE_MAGIC, sizeof(policy.signature.magic));
	policy.header.checksum = gb_blob_checksum(gb_span_of(&policy.header, sizeof(policy.header)));
	crypto_sign_seed_keypair(ret_pin->key, secret, seed);
	gb_blob_key_id(ret_pin->key, policy.signature.key_id);
	crypto_sign_detached(
	        policy.signature.signature, NULL, (const unsigned char *)&policy.header, sizeof(policy.header), secret);
	return policy;
}

static int verify(const struct gb_pins *pins, const struct signed_policy *policy, const char *today)
{
	struct gb_span blob;
	uint32_t day;

	assert_true(gb_day_parse(gb_span_cstr(today), &day));
	return gb_pins_verify(pins, gb_span_of(policy, sizeof(*policy)), day, &blob);
}

static void keys_change(void **state)
{
	struct gb_pins pins = {.count = 2};
	struct signed_policy old = make_policy(1, 7, &pins.pins[0]), new = make_policy(2, 8, &pins.pins[1]), strange;
	struct gb_pin pin;

	(void)state;
	strange = make_policy(3, 9, &pin);
	assert_true(gb_day_parse(GB_SPAN("2027-01-31"), &pins.pins[0].last_day));
	assert_int_equal(verify(&pins, &old, "2027-01-31"), 0);
	assert_int_equal(verify(&pins, &old, "2027-02-01"), -EKEYEXPIRED);
	assert_int_equal(verify(&pins, &new, "2027-02-01"), 0);
	assert_int_equal(verify(&pins, &strange, "2027-01-31"), -EKEYREJECTED);
	pins.least_serial = 8;
	assert_int_equal(verify(&pins, &old, "2027-01-31"), -ESTALE);
	assert_int_equal(verify(&pins, &new, "2027-01-31"), 0);
	/* An ended key that stands there once more without an end. */
	pins.least_serial = 0;
	pins.pins[2] = (struct gb_pin){.last_day = 0};
	memcpy(pins.pins[2].key, pins.pins[0].key, GB_BLOB_KEY_BYTES);
	pins.count = 3;
	assert_int_equal(verify(&pins, &old, "2027-02-01"), 0);
	new.header.serial++;
	assert_int_equal(verify(&pins, &new, "2027-01-31"), -EKEYREJECTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(lines),
	        cmocka_unit_test(bytes),
	        cmocka_unit_test(keys_change),
	};

	if (sodium_init() < 0)
		return 2;
	return cmocka_run_group_tests_name("tests", tests, NULL, NULL);
}

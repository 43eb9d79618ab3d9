/* SPDX-License-Identifier: Apache-2.0 */
#include "publish/publish.h"

#include "base/cleanup.h"
#include "base/day.h"
#include "base/fd.h"
#include "wire/pins.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEED_DIGITS 64u
#define PATH_BYTES  4096u

static int path_of(const char *folder, const char *name, char path[PATH_BYTES])
{
	int n = snprintf(path, PATH_BYTES, "%s/%s", folder, name);

	return n < 0 || n >= (int)PATH_BYTES ? -ENAMETOOLONG : 0;
}

static int write_whole(const char *folder, const char *name, struct gb_span text, mode_t mode)
{
	char path[PATH_BYTES];
	int r = path_of(folder, name, path);

	return r < 0 ? r : gb_fd_write_file(path, text, mode);
}

static int read_seed(const char *folder, const char *name, struct gb_publish_keys *keys)
{
	GB_CLEANUP(gb_freep) char *data = NULL;
	unsigned char secret[crypto_sign_SECRETKEYBYTES];
	char path[PATH_BYTES];
	struct gb_span text;
	size_t n = 0, bytes = 0;
	int r = path_of(folder, name, path);

	if (r == 0)
		r = gb_fd_read_file(path, GB_PINS_BYTES_MAX, &data, &n);
	if (r < 0)
		return r;
	text = gb_span_trim(gb_span_of(data, n));
	r = text.n == SEED_DIGITS &&
	                    sodium_hex2bin(keys->seed, sizeof(keys->seed), (const char *)text.p, text.n, NULL, &bytes,
	                            NULL) == 0 &&
	                    bytes == sizeof(keys->seed)
	            ? 0
	            : -EINVAL;
	if (r == 0)
		crypto_sign_seed_keypair(keys->public_key, secret, keys->seed);
	sodium_memzero(data, n);
	sodium_memzero(secret, sizeof(secret));
	return r;
}

static void add_pin(struct gb_text *out, const unsigned char key[GB_BLOB_KEY_BYTES], uint32_t last_day)
{
	gb_text_add_hex(out, gb_span_of(key, GB_BLOB_KEY_BYTES));
	if (last_day != 0) {
		gb_text_add_cstr(out, " until ");
		gb_day_print(last_day, out);
	}
	gb_text_add_byte(out, '\n');
}

static bool is_key(const unsigned char *a, const unsigned char *b)
{
	return memcmp(a, b, GB_BLOB_KEY_BYTES) == 0;
}

/* FIRST, SECOND (NULL: none) and what else stands in the file by now; OLD gets LAST_DAY. */
static int write_pins(const char *folder, const unsigned char *first, const unsigned char *second,
        const unsigned char *old, uint32_t last_day)
{
	GB_CLEANUP(gb_freep) char *data = NULL;
	char path[PATH_BYTES], room[GB_PINS_BYTES_MAX];
	struct gb_text out = gb_text_on(room, sizeof(room));
	struct gb_pins pins = {.count = 0};
	size_t n;
	int r = path_of(folder, "policy.pub", path);

	if (r < 0)
		return r;
	r = gb_fd_read_file(path, GB_PINS_BYTES_MAX, &data, &n);
	if (r == 0)
		r = gb_pins_parse(gb_span_of(data, n), &pins, NULL);
	if (r < 0 && r != -ENOENT)
		return r;
	add_pin(&out, first, 0);
	if (second != NULL)
		add_pin(&out, second, 0);
	for (size_t i = 0; i < pins.count; i++) {
		const struct gb_pin *pin = &pins.pins[i];

		if (is_key(pin->key, first) || (second != NULL && is_key(pin->key, second)))
			continue;
		add_pin(&out, pin->key, old != NULL && is_key(pin->key, old) ? last_day : pin->last_day);
	}
	if (pins.least_serial != 0) {
		gb_text_add_cstr(&out, "least-serial ");
		gb_text_add_u64(&out, pins.least_serial);
		gb_text_add_byte(&out, '\n');
	}
	return out.truncated ? -EFBIG : write_whole(folder, "policy.pub", gb_text_span(&out), 0644);
}

static int make(const char *folder, const char *name, struct gb_publish_keys *keys)
{
	unsigned char secret[crypto_sign_SECRETKEYBYTES];
	char digits[SEED_DIGITS + 2];
	int r;

	randombytes_buf(keys->seed, sizeof(keys->seed));
	crypto_sign_seed_keypair(keys->public_key, secret, keys->seed);
	sodium_bin2hex(digits, sizeof(digits), keys->seed, sizeof(keys->seed));
	digits[SEED_DIGITS] = '\n';
	r = write_whole(folder, name, gb_span_of(digits, SEED_DIGITS + 1), 0600);
	sodium_memzero(secret, sizeof(secret));
	sodium_memzero(digits, sizeof(digits));
	return r;
}

int gb_publish_keys_open(const char *folder, struct gb_publish_keys *ret_keys, struct gb_diag *diag)
{
	struct gb_publish_keys next;
	bool has_next;
	int r;

	if (sodium_init() < 0)
		return gb_diag_set(diag, -EIO, 0, 0, "libsodium does not start");
	if (mkdir(folder, 0700) < 0 && errno != EEXIST)
		return gb_diag_set(diag, -errno, 0, 0, "%.150s cannot be made: %s", folder, strerror(errno));
	r = read_seed(folder, "policy.key", ret_keys);
	if (r == -ENOENT)
		r = make(folder, "policy.key", ret_keys);
	if (r < 0)
		return gb_diag_set(diag, r, 0, 0, "%.150s/policy.key cannot be used: %s", folder, strerror(-r));
	has_next = read_seed(folder, "next.key", &next) == 0;
	/* It may be missing when somebody was killed between the two. */
	r = write_pins(folder, ret_keys->public_key, has_next ? next.public_key : NULL, NULL, 0);
	sodium_memzero(&next, sizeof(next));
	return r < 0 ? gb_diag_set(diag, r, 0, 0, "%.150s/policy.pub cannot be written: %s", folder, strerror(-r)) : 0;
}

int gb_publish_keys_prepare(const char *folder, struct gb_diag *diag)
{
	struct gb_publish_keys keys, next;
	int r = read_seed(folder, "next.key", &next);

	if (r == 0)
		return gb_diag_set(diag, -EEXIST, 0, 0, "a key is prepared already: activate it first");
	r = read_seed(folder, "policy.key", &keys);
	if (r == 0)
		r = make(folder, "next.key", &next);
	if (r == 0)
		r = write_pins(folder, keys.public_key, next.public_key, NULL, 0);
	sodium_memzero(&keys, sizeof(keys));
	sodium_memzero(&next, sizeof(next));
	return r < 0 ? gb_diag_set(diag, r, 0, 0, "no key can be prepared: %s", strerror(-r)) : 0;
}

int gb_publish_keys_activate(const char *folder, uint32_t last_day, struct gb_diag *diag)
{
	struct gb_publish_keys keys, next;
	char from[PATH_BYTES], to[PATH_BYTES];
	int r = read_seed(folder, "next.key", &next);

	if (r < 0)
		return gb_diag_set(diag, r, 0, 0, "no key is prepared");
	r = read_seed(folder, "policy.key", &keys);
	if (r == 0)
		r = path_of(folder, "next.key", from);
	if (r == 0)
		r = path_of(folder, "policy.key", to);
	/* Killed behind the first step: the old one ends, and signs on until somebody activates again. */
	if (r == 0)
		r = write_pins(folder, next.public_key, NULL, keys.public_key, last_day);
	if (r == 0 && rename(from, to) < 0)
		r = -errno;
	sodium_memzero(&keys, sizeof(keys));
	sodium_memzero(&next, sizeof(next));
	return r < 0 ? gb_diag_set(diag, r, 0, 0, "the key cannot be activated: %s", strerror(-r)) : 0;
}

bool gb_publish_keys_has(const char *folder, struct gb_span digits)
{
	GB_CLEANUP(gb_freep) char *data = NULL;
	char path[PATH_BYTES];
	size_t n;

	return digits.n == 2 * GB_BLOB_KEY_BYTES && path_of(folder, "policy.pub", path) == 0 &&
	       gb_fd_read_file(path, GB_PINS_BYTES_MAX, &data, &n) == 0 &&
	       gb_span_find(gb_span_of(data, n), digits, 0) != SIZE_MAX;
}

void gb_publish_keys_sign(const struct gb_publish_keys *keys, unsigned char *file, size_t blob_n)
{
	struct gb_blob_signature signature = {.algorithm = GB_BLOB_ED25519};
	unsigned char public_key[GB_BLOB_KEY_BYTES], secret[crypto_sign_SECRETKEYBYTES];

	memcpy(signature.magic, GB_BLOB_SIGNATURE_MAGIC, sizeof(signature.magic));
	crypto_sign_seed_keypair(public_key, secret, keys->seed);
	gb_blob_key_id(public_key, signature.key_id);
	crypto_sign_detached(signature.signature, NULL, file, blob_n, secret);
	memcpy(file + blob_n, &signature, sizeof(signature));
	sodium_memzero(secret, sizeof(secret));
}

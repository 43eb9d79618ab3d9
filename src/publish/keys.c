/* SPDX-License-Identifier: Apache-2.0 */
#include "publish/publish.h"

#include "base/cleanup.h"
#include "base/day.h"
#include "base/fd.h"
#include "wire/pins.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SEED_DIGITS 64u
#define PATH_BYTES  4096u
#define DAY_SECONDS 86400

static int path_of(const char *folder, const char *name, char path[PATH_BYTES])
{
	int n = snprintf(path, PATH_BYTES, "%s/%s", folder, name);

	return n < 0 || n >= (int)PATH_BYTES ? -ENAMETOOLONG : 0;
}

/* Whoever reads the keys and writes the pins is alone with the folder: rounds open it while somebody activates a key. Result:
 * a descriptor to close, or negative. */
static int lock(const char *folder)
{
	int fd = gb_fd_open(folder, O_RDONLY | O_DIRECTORY, 0);

	while (fd >= 0 && flock(fd, LOCK_EX) < 0)
		if (errno != EINTR) {
			int r = -errno;

			(void)close(fd);
			return r;
		}
	return fd;
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

/* What stands in the file by now; nothing when there is none. *ret_data is the caller's to free. */
static int read_pins(const char *folder, struct gb_pins *ret_pins, char **ret_data, size_t *ret_n)
{
	char path[PATH_BYTES];
	int r = path_of(folder, "policy.pub", path);

	*ret_pins = (struct gb_pins){.count = 0};
	if (r == 0)
		r = gb_fd_read_file(path, GB_PINS_BYTES_MAX, ret_data, ret_n);
	if (r == -ENOENT)
		return 0;
	return r < 0 ? r : gb_pins_parse(gb_span_of(*ret_data, *ret_n), ret_pins, NULL);
}

/* Where one more key goes: behind the others, or in the place of one that has ended. SIZE_MAX: all are trusted yet. */
static size_t room_in(const struct gb_pins *pins)
{
	uint32_t yesterday = (uint32_t)(time(NULL) / DAY_SECONDS) - 1; /* somewhere it is still that day */
	size_t at = pins->count;

	if (at < GB_PINS_MAX)
		return at;
	while (at > 0 && (pins->pins[at - 1].last_day == 0 || pins->pins[at - 1].last_day >= yesterday))
		at--;
	return at - 1;
}

/* KEY is the first, trusted for ever. */
static int put_first(struct gb_pins *pins, const unsigned char *key)
{
	size_t at = 0;

	while (at < pins->count && !is_key(pins->pins[at].key, key))
		at++;
	if (at == pins->count)
		at = room_in(pins);
	if (at == SIZE_MAX)
		return -E2BIG;
	pins->count += at == pins->count;
	memmove(&pins->pins[1], pins->pins, at * sizeof(pins->pins[0]));
	pins->pins[0].last_day = 0;
	memcpy(pins->pins[0].key, key, GB_BLOB_KEY_BYTES);
	return 0;
}

/* FIRST, SECOND (NULL: none) and what else stands in the file by now; OLD gets LAST_DAY. */
static int write_pins(const char *folder, const unsigned char *first, const unsigned char *second,
        const unsigned char *old, uint32_t last_day)
{
	GB_CLEANUP(gb_freep) char *data = NULL;
	char room[GB_PINS_BYTES_MAX];
	struct gb_text out = gb_text_on(room, sizeof(room));
	struct gb_pins pins;
	size_t n = 0;
	int r = read_pins(folder, &pins, &data, &n);

	if (r == 0 && second != NULL)
		r = put_first(&pins, second);
	if (r == 0)
		r = put_first(&pins, first);
	if (r < 0)
		return r;
	for (size_t i = 0; i < pins.count; i++) {
		struct gb_pin *pin = &pins.pins[i];

		if (old != NULL && is_key(pin->key, old))
			pin->last_day = last_day;
		add_pin(&out, pin->key, pin->last_day);
	}
	if (pins.least_serial != 0) {
		gb_text_add_cstr(&out, "least-serial ");
		gb_text_add_u64(&out, pins.least_serial);
		gb_text_add_byte(&out, '\n');
	}
	if (out.truncated)
		return -EFBIG;
	if (data != NULL && gb_span_equal(gb_span_of(data, n), gb_text_span(&out)))
		return 0;
	return write_whole(folder, "policy.pub", gb_text_span(&out), 0644);
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
	GB_CLEANUP(gb_fd_closep) int held = -1;
	struct gb_publish_keys next;
	bool has_next;
	int r;

	if (sodium_init() < 0)
		return gb_diag_set(diag, -EIO, 0, 0, "libsodium does not start");
	if (mkdir(folder, 0700) < 0 && errno != EEXIST)
		return gb_diag_set(diag, -errno, 0, 0, "%.150s cannot be made: %s", folder, strerror(errno));
	held = lock(folder);
	r = held < 0 ? held : read_seed(folder, "policy.key", ret_keys);
	if (held >= 0 && r == -ENOENT)
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
	GB_CLEANUP(gb_freep) char *data = NULL;
	GB_CLEANUP(gb_fd_closep) int held = lock(folder);
	struct gb_publish_keys keys, next;
	struct gb_pins pins;
	size_t n;
	int r = held < 0 ? held : read_seed(folder, "next.key", &next);

	if (r == 0)
		return gb_diag_set(diag, -EEXIST, 0, 0, "a key is prepared already: activate it first");
	if (held >= 0)
		r = read_pins(folder, &pins, &data, &n);
	if (r == 0 && room_in(&pins) == SIZE_MAX)
		return gb_diag_set(diag, -EEXIST, 0, 0,
		        "%u keys are trusted already, which is as many as a function takes: one of them has to end "
		        "first",
		        GB_PINS_MAX);
	if (r == 0)
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
	GB_CLEANUP(gb_fd_closep) int held = lock(folder);
	struct gb_publish_keys keys, next;
	char from[PATH_BYTES], to[PATH_BYTES];
	int r = held < 0 ? held : read_seed(folder, "next.key", &next);

	if (r == -ENOENT)
		return gb_diag_set(diag, r, 0, 0, "no key is prepared");
	if (r == 0)
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

/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/gambeson/policy_keys.h"

#include "base/cleanup.h"
#include "base/day.h"
#include "base/fd.h"
#include "cmd/gambeson/policy_file.h"
#include "wire/pins.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define KEY_DIGITS  (2 * GB_BLOB_KEY_BYTES)
#define DAY_SECONDS 86400

struct settings {
	const char *output, *key, *beside, *until;
};

/* The seed of a secret key: 32 bytes as such, or 64 hexadecimal digits. */
static int read_secret(const struct gb_command *self, const char *path, unsigned char seed[crypto_sign_SEEDBYTES])
{
	GB_CLEANUP(gb_freep) char *data = NULL;
	struct gb_span text;
	size_t n = 0, bytes = 0;
	int r = gb_fd_read_file(path, GB_PINS_BYTES_MAX, &data, &n), status = GB_EXIT_OK;

	if (r < 0)
		return gb_complain(self, GB_EXIT_SYSTEM, "the key %s cannot be read: %s", path, strerror(-r));
	text = gb_span_trim(gb_span_of(data, n));
	if (n == crypto_sign_SEEDBYTES)
		memcpy(seed, data, n);
	else if (text.n != KEY_DIGITS ||
	         sodium_hex2bin(seed, crypto_sign_SEEDBYTES, (const char *)text.p, text.n, NULL, &bytes, NULL) != 0)
		status = gb_complain(
		        self, GB_EXIT_USAGE, "%s is no secret key; 'gambeson policy keygen -o DIR' makes one", path);
	sodium_memzero(data, n);
	return status;
}

static int read_pins(const struct gb_command *self, const char *path, struct gb_pins *ret_pins)
{
	GB_CLEANUP(gb_freep) char *data = NULL;
	struct gb_diag diag = {0};
	size_t n = 0;
	int r = gb_fd_read_file(path, GB_PINS_BYTES_MAX, &data, &n);

	if (r < 0)
		return gb_complain(self, GB_EXIT_SYSTEM, "the key %s cannot be read: %s", path, strerror(-r));
	r = gb_pins_parse(gb_span_of(data, n), ret_pins, &diag);
	return r < 0 ? gb_complain(self, GB_EXIT_USAGE, "%s: %s; 'gambeson policy keygen -o DIR' makes a key", path,
	                       diag.message)
	             : GB_EXIT_OK;
}

int gb_policy_keys_sign(const struct gb_command *self, const char *key_path, unsigned char *file, size_t blob_n)
{
	struct gb_blob_signature signature = {.algorithm = GB_BLOB_UNSIGNED};
	unsigned char seed[crypto_sign_SEEDBYTES], public_key[GB_BLOB_KEY_BYTES], secret[crypto_sign_SECRETKEYBYTES];
	int status = GB_EXIT_OK;

	memcpy(signature.magic, GB_BLOB_SIGNATURE_MAGIC, sizeof(signature.magic));
	if (key_path != NULL) {
		status = read_secret(self, key_path, seed);
		if (status != GB_EXIT_OK)
			return status;
		crypto_sign_seed_keypair(public_key, secret, seed);
		signature.algorithm = GB_BLOB_ED25519;
		gb_blob_key_id(public_key, signature.key_id);
		crypto_sign_detached(signature.signature, NULL, file, blob_n, secret);
		sodium_memzero(seed, sizeof(seed));
		sodium_memzero(secret, sizeof(secret));
	}
	memcpy(file + blob_n, &signature, sizeof(signature));
	return status;
}

static int run_sign(const struct gb_command *self, void *settings_memory, const struct gb_strings *operands)
{
	GB_CLEANUP(gb_freep) char *data = NULL;
	const struct settings *settings = settings_memory;
	const char *path = operands->items[0], *out = settings->output == NULL ? path : settings->output;
	struct gb_span blob;
	size_t n = 0;
	int status, r;

	if (settings->key == NULL)
		return gb_complain(self, GB_EXIT_USAGE, "with which key? add '--key policy.key'");
	if (sodium_init() < 0)
		return gb_complain(self, GB_EXIT_SYSTEM, "libsodium does not start");
	status = gb_policy_file_read(self, path, &data, &n);
	if (status != GB_EXIT_OK)
		return status;
	r = gb_blob_verify(gb_span_of(data, n), NULL, &blob);
	if (r < 0)
		return gb_complain(self, GB_EXIT_FINDINGS, "%s is refused: %s", path, gb_blob_error_text(r));
	status = gb_policy_keys_sign(self, settings->key, (unsigned char *)data, blob.n);
	if (status != GB_EXIT_OK)
		return status;
	r = gb_fd_write_file(out, gb_span_of(data, n), 0644);
	return r < 0 ? gb_complain(self, GB_EXIT_SYSTEM, "%s cannot be written: %s", out, strerror(-r)) : GB_EXIT_OK;
}

static int verify_signature(const struct gb_command *self, const char *path, struct gb_span file, const char *key_path)
{
	struct gb_pins pins;
	struct gb_span blob;
	int status = read_pins(self, key_path, &pins), r;

	if (status != GB_EXIT_OK)
		return status;
	r = gb_pins_verify(&pins, file, (uint32_t)(time(NULL) / DAY_SECONDS), &blob);
	return r < 0 ? gb_complain(self, GB_EXIT_FINDINGS, "%s is refused: %s", path, gb_blob_error_text(r))
	             : GB_EXIT_OK;
}

static int run_verify(const struct gb_command *self, void *settings_memory, const struct gb_strings *operands)
{
	GB_CLEANUP(gb_policyc_document_freep) struct gb_policyc_document *document = NULL;
	GB_CLEANUP(gb_freep) char *data = NULL;
	const struct settings *settings = settings_memory;
	const char *path = operands->items[0];
	struct gb_blob_signature signature;
	char id[2 * GB_BLOB_KEY_ID_BYTES + 1];
	size_t n = 0;
	int status = gb_policy_file_read(self, path, &data, &n);

	if (status == GB_EXIT_OK && settings->key != NULL)
		status = verify_signature(self, path, gb_span_of(data, n), settings->key);
	if (status == GB_EXIT_OK)
		status = gb_policy_file_unpack(self, path, gb_span_of(data, n), &document);
	if (status != GB_EXIT_OK)
		return status;
	memcpy(&signature, data + n - sizeof(signature), sizeof(signature));
	sodium_bin2hex(id, sizeof(id), signature.key_id, sizeof(signature.key_id));
	if (settings->key != NULL)
		printf("%s: good, signed by %s\n", path, id);
	else if (signature.algorithm == GB_BLOB_UNSIGNED)
		printf("%s: whole, not signed\n", path);
	else
		printf("%s: whole; says it is signed by %s, which '--key PUBLIC_KEY' would check\n", path, id);
	return GB_EXIT_OK;
}

static int write_file(
        const struct gb_command *self, const char *directory, const char *name, struct gb_span text, mode_t mode)
{
	char path[4096];
	struct stat about;
	int n = snprintf(path, sizeof(path), "%s/%s", directory, name), r;

	if (n < 0 || (size_t)n >= sizeof(path))
		return gb_complain(self, GB_EXIT_USAGE, "the path %.100s… is too long", directory);
	/* A key that is lost locks every function out that pins it. */
	if (lstat(path, &about) == 0)
		return gb_complain(self, GB_EXIT_USAGE, "%s exists; move it away first", path);
	r = gb_fd_write_file(path, text, mode);
	if (r < 0)
		return gb_complain(self, GB_EXIT_SYSTEM, "%s cannot be written: %s", path, strerror(-r));
	printf("%s\n", path);
	return GB_EXIT_OK;
}

static void add_key_line(struct gb_text *out, const unsigned char key[GB_BLOB_KEY_BYTES], uint32_t last_day)
{
	char digits[KEY_DIGITS + 1];

	sodium_bin2hex(digits, sizeof(digits), key, GB_BLOB_KEY_BYTES);
	gb_text_add_cstr(out, digits);
	if (last_day != 0) {
		gb_text_add_cstr(out, " until ");
		gb_day_print(last_day, out);
	}
	gb_text_add_byte(out, '\n');
	sodium_memzero(digits, sizeof(digits));
}

/* The keys of an older file stay good beside the new one, until LAST_DAY at the longest. */
static int add_older_keys(const struct gb_command *self, const struct settings *settings, struct gb_text *out)
{
	struct gb_pins older = {.count = 0};
	uint32_t last_day = 0;
	int status;

	if (settings->beside == NULL)
		return settings->until == NULL
		               ? GB_EXIT_OK
		               : gb_complain(self, GB_EXIT_USAGE, "--until is about the keys of --beside OLD.pub");
	if (settings->until != NULL && !gb_day_parse(gb_span_cstr(settings->until), &last_day))
		return gb_complain(self, GB_EXIT_USAGE, "--until wants a day, like 2027-01-31");
	status = read_pins(self, settings->beside, &older);
	if (status == GB_EXIT_OK && older.count == GB_PINS_MAX)
		return gb_complain(
		        self, GB_EXIT_USAGE, "%s has %u keys already; take one out", settings->beside, GB_PINS_MAX);
	for (size_t i = 0; status == GB_EXIT_OK && i < older.count; i++) {
		const struct gb_pin *pin = &older.pins[i];
		bool ends_before = pin->last_day != 0 && (last_day == 0 || pin->last_day < last_day);

		add_key_line(out, pin->key, ends_before ? pin->last_day : last_day);
	}
	if (older.least_serial != 0) {
		gb_text_add_cstr(out, "least-serial ");
		gb_text_add_u64(out, older.least_serial);
		gb_text_add_byte(out, '\n');
	}
	return status;
}

static int run_keygen(const struct gb_command *self, void *settings_memory, const struct gb_strings *operands)
{
	const struct settings *settings = settings_memory;
	unsigned char seed[crypto_sign_SEEDBYTES], public_key[GB_BLOB_KEY_BYTES], secret[crypto_sign_SECRETKEYBYTES];
	char secret_buffer[KEY_DIGITS + 2], public_buffer[GB_PINS_BYTES_MAX];
	struct gb_text secret_text = gb_text_on(secret_buffer, sizeof(secret_buffer));
	struct gb_text public_text = gb_text_on(public_buffer, sizeof(public_buffer));
	int status;

	(void)operands;
	if (settings->output == NULL)
		return gb_complain(self, GB_EXIT_USAGE, "where to? add '-o DIR'");
	if (sodium_init() < 0)
		return gb_complain(self, GB_EXIT_SYSTEM, "libsodium does not start");
	randombytes_buf(seed, sizeof(seed));
	crypto_sign_seed_keypair(public_key, secret, seed);
	add_key_line(&secret_text, seed, 0);
	add_key_line(&public_text, public_key, 0);
	status = add_older_keys(self, settings, &public_text);
	if (status == GB_EXIT_OK)
		status = write_file(self, settings->output, "policy.key", gb_text_span(&secret_text), 0600);
	if (status == GB_EXIT_OK)
		status = write_file(self, settings->output, "policy.pub", gb_text_span(&public_text), 0644);
	sodium_memzero(seed, sizeof(seed));
	sodium_memzero(secret, sizeof(secret));
	sodium_memzero(secret_buffer, sizeof(secret_buffer));
	return status;
}

static const struct gb_option sign_options[] = {
        GB_TEXT(struct settings, key, "key", "SECRET", "the secret key"),
        GB_TEXT(struct settings, output, "output", "FILE", "where to write it; in place without it", .letter = 'o'),
        {.name = NULL},
};

static const struct gb_option verify_options[] = {
        GB_TEXT(struct settings, key, "key", "PUBLIC", "the public keys of which one must have signed it"),
        {.name = NULL},
};

static const struct gb_option keygen_options[] = {
        GB_TEXT(struct settings, output, "output", "DIR", "where to write policy.key and policy.pub", .letter = 'o'),
        GB_TEXT(struct settings, beside, "beside", "OLD.pub", "keys that stay good beside the new one"),
        GB_TEXT(struct settings, until, "until", "DAY", "the last day on which those of --beside are good"),
        {.name = NULL},
};

#define EXIT_NOTE                                                                                                      \
	"Exit status 1 when the policy is refused, 2 for a wrong command line, 3 when a file cannot be read or "       \
	"written.\n"

const struct gb_command gb_policy_sign_command = {
        .name = "policy sign",
        .summary = "sign a compiled policy, again or for the first time",
        .operands = "FILE",
        .notes = EXIT_NOTE,
        .operands_min = 1,
        .operands_max = 1,
        .options = sign_options,
        .settings_bytes = sizeof(struct settings),
        .run = run_sign,
};

const struct gb_command gb_policy_verify_command = {
        .name = "policy verify",
        .summary = "check that a compiled policy is whole, and who signed it",
        .operands = "FILE",
        .notes = EXIT_NOTE,
        .operands_min = 1,
        .operands_max = 1,
        .options = verify_options,
        .settings_bytes = sizeof(struct settings),
        .run = run_verify,
};

const struct gb_command gb_policy_keygen_command = {
        .name = "policy keygen",
        .summary = "make a key pair to sign policies with",
        .notes = "policy.key is secret and stays with you; policy.pub goes into the layer. To change keys, make new "
                 "ones "
                 "with\n--beside the old policy.pub, give every function the new file, sign with the new key from then "
                 "on.\n",
        .options = keygen_options,
        .settings_bytes = sizeof(struct settings),
        .run = run_keygen,
};

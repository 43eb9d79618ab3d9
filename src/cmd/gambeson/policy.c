/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson policy: policies written, compiled, signed, shown. */
#include "cmd/gambeson/commands.h"

#include "base/cleanup.h"
#include "base/ed25519.h"
#include "base/fd.h"
#include "base/text.h"
#include "cmd/gambeson/policy_file.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define KEY_FILE_MAX 4096u

struct settings {
	const char *output, *key;
	uint64_t serial;
	bool yaml;
};

/* A key of 32 bytes: themselves, or 64 hexadecimal digits. */
static int read_key(
        const struct gb_command *self, const char *path, unsigned char key[GB_BLOB_KEY_BYTES], const char *kind)
{
	GB_CLEANUP(gb_freep) char *data = NULL;
	struct gb_span text;
	size_t n = 0, bytes = 0;
	int r = gb_fd_read_file(path, KEY_FILE_MAX, &data, &n);

	if (r < 0)
		return gb_complain(self, GB_EXIT_SYSTEM, "the key %s cannot be read: %s", path, strerror(-r));
	text = gb_span_trim(gb_span_of(data, n));
	if (n == GB_BLOB_KEY_BYTES)
		memcpy(key, data, n);
	else if (text.n != 2 * GB_BLOB_KEY_BYTES ||
	         sodium_hex2bin(key, GB_BLOB_KEY_BYTES, (const char *)text.p, text.n, NULL, &bytes, NULL) != 0)
		r = gb_complain(
		        self, GB_EXIT_USAGE, "%s is no %s key; 'gambeson policy keygen -o DIR' makes one", path, kind);
	sodium_memzero(data, n);
	return r;
}

/* A compiled policy → document. */
static int unpack(const struct gb_command *self, const char *path, struct gb_span file, const unsigned char *key,
        struct gb_policyc_document **ret_document)
{
	struct gb_policy policy;
	struct gb_span blob;
	int r = gb_blob_verify(file, key, &blob);

	if (r == 0)
		r = gb_policy_open(blob, &policy);
	if (r == 0)
		r = gb_policyc_of_blob(&policy, ret_document);
	return r < 0 ? gb_complain(self, GB_EXIT_FINDINGS, "%s is refused: %s", path, gb_policy_file_error(r))
	             : GB_EXIT_OK;
}

static int run_validate(const struct gb_command *self, void *settings, const struct gb_strings *operands)
{
	GB_CLEANUP(gb_policyc_document_freep) struct gb_policyc_document *document = NULL;
	GB_CLEANUP(gb_freep) unsigned char *blob = NULL;
	GB_CLEANUP(gb_freep) char *data = NULL;
	struct gb_diag diag = {0};
	size_t n = 0, blob_n = 0;
	int status = gb_policy_file_read(self, operands->items[0], &data, &n);

	(void)settings;
	if (status == GB_EXIT_OK)
		status = gb_policy_file_document(self, operands->items[0], gb_span_of(data, n), &document);
	if (status != GB_EXIT_OK)
		return status;
	if (gb_policyc_compile(document, 0, &blob, &blob_n, &diag) < 0)
		return gb_complain(self, GB_EXIT_FINDINGS, "%s: %s", operands->items[0], diag.message);
	printf("%s: good; %zu bytes compiled\n", operands->items[0], blob_n);
	return GB_EXIT_OK;
}

static int sign(const struct gb_command *self, const char *key_path, unsigned char *file, size_t blob_n)
{
	struct gb_blob_signature signature = {.algorithm = GB_BLOB_UNSIGNED};
	unsigned char seed[crypto_sign_SEEDBYTES], public_key[GB_BLOB_KEY_BYTES], secret[crypto_sign_SECRETKEYBYTES];
	int status = GB_EXIT_OK;

	memcpy(signature.magic, GB_BLOB_SIGNATURE_MAGIC, sizeof(signature.magic));
	if (key_path != NULL) {
		status = read_key(self, key_path, seed, "secret");
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

static int run_compile(const struct gb_command *self, void *settings_memory, const struct gb_strings *operands)
{
	GB_CLEANUP(gb_policyc_document_freep) struct gb_policyc_document *document = NULL;
	GB_CLEANUP(gb_freep) unsigned char *file = NULL;
	GB_CLEANUP(gb_freep) char *data = NULL;
	const struct settings *settings = settings_memory;
	const char *path = operands->items[0];
	unsigned char *grown;
	struct gb_diag diag = {0};
	size_t n = 0, blob_n = 0;
	int r, status;

	if (settings->output == NULL)
		return gb_complain(self, GB_EXIT_USAGE, "where to? add '-o policy.gbp'");
	if (sodium_init() < 0)
		return gb_complain(self, GB_EXIT_SYSTEM, "libsodium does not start");
	status = gb_policy_file_read(self, path, &data, &n);
	if (status == GB_EXIT_OK)
		status = gb_policy_file_document(self, path, gb_span_of(data, n), &document);
	if (status != GB_EXIT_OK)
		return status;
	r = gb_policyc_compile(document, settings->serial, &file, &blob_n, &diag);
	if (r < 0)
		return gb_complain(self, r == -EFBIG ? GB_EXIT_FINDINGS : GB_EXIT_SYSTEM, "%s: %s", path,
		        r == -EFBIG ? diag.message : strerror(-r));
	grown = realloc(file, blob_n + sizeof(struct gb_blob_signature));
	if (grown == NULL)
		return gb_complain(self, GB_EXIT_SYSTEM, "out of memory");
	file = grown;
	status = sign(self, settings->key, file, blob_n);
	if (status != GB_EXIT_OK)
		return status;
	r = gb_fd_write_file(settings->output, gb_span_of(file, blob_n + sizeof(struct gb_blob_signature)), 0644);
	if (r < 0)
		return gb_complain(self, GB_EXIT_SYSTEM, "%s cannot be written: %s", settings->output, strerror(-r));
	return GB_EXIT_OK;
}

static int run_show(const struct gb_command *self, void *settings_memory, const struct gb_strings *operands)
{
	GB_CLEANUP(gb_policyc_document_freep) struct gb_policyc_document *document = NULL;
	GB_CLEANUP(gb_freep) char *data = NULL;
	const struct settings *settings = settings_memory;
	const char *path = operands->items[0];
	size_t n = 0;
	int status = gb_policy_file_read(self, path, &data, &n);

	if (status != GB_EXIT_OK)
		return status;
	if (gb_policy_file_is_compiled(gb_span_of(data, n)))
		status = unpack(self, path, gb_span_of(data, n), NULL, &document);
	else
		status = gb_policy_file_document(self, path, gb_span_of(data, n), &document);
	if (status != GB_EXIT_OK)
		return status;
	if (settings->yaml)
		gb_policyc_print(document, stdout);
	else
		gb_policyc_print_table(document, stdout);
	return GB_EXIT_OK;
}

static int run_verify(const struct gb_command *self, void *settings_memory, const struct gb_strings *operands)
{
	GB_CLEANUP(gb_policyc_document_freep) struct gb_policyc_document *document = NULL;
	GB_CLEANUP(gb_freep) char *data = NULL;
	const struct settings *settings = settings_memory;
	const char *path = operands->items[0];
	struct gb_blob_signature signature;
	unsigned char key[GB_BLOB_KEY_BYTES];
	char id[2 * GB_BLOB_KEY_ID_BYTES + 1];
	size_t n = 0;
	int status = GB_EXIT_OK;

	if (settings->key != NULL)
		status = read_key(self, settings->key, key, "public");
	if (status == GB_EXIT_OK)
		status = gb_policy_file_read(self, path, &data, &n);
	if (status == GB_EXIT_OK)
		status = unpack(self, path, gb_span_of(data, n), settings->key == NULL ? NULL : key, &document);
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

static int write_key(const struct gb_command *self, const char *directory, const char *name,
        const unsigned char key[GB_BLOB_KEY_BYTES], mode_t mode)
{
	char path[4096], hex[2 * GB_BLOB_KEY_BYTES + 2];
	struct stat about;
	int n = snprintf(path, sizeof(path), "%s/%s", directory, name), r;

	if (n < 0 || (size_t)n >= sizeof(path))
		return gb_complain(self, GB_EXIT_USAGE, "the path %.100s… is too long", directory);
	/* A key that is lost locks every function out that pins it. */
	if (lstat(path, &about) == 0)
		return gb_complain(self, GB_EXIT_USAGE, "%s exists; move it away first", path);
	sodium_bin2hex(hex, sizeof(hex), key, GB_BLOB_KEY_BYTES);
	hex[sizeof(hex) - 2] = '\n';
	r = gb_fd_write_file(path, gb_span_of(hex, sizeof(hex) - 1), mode);
	sodium_memzero(hex, sizeof(hex));
	if (r < 0)
		return gb_complain(self, GB_EXIT_SYSTEM, "%s cannot be written: %s", path, strerror(-r));
	printf("%s\n", path);
	return GB_EXIT_OK;
}

static int run_keygen(const struct gb_command *self, void *settings_memory, const struct gb_strings *operands)
{
	const struct settings *settings = settings_memory;
	unsigned char seed[crypto_sign_SEEDBYTES], public_key[GB_BLOB_KEY_BYTES], secret[crypto_sign_SECRETKEYBYTES];
	int status;

	(void)operands;
	if (settings->output == NULL)
		return gb_complain(self, GB_EXIT_USAGE, "where to? add '-o DIR'");
	if (sodium_init() < 0)
		return gb_complain(self, GB_EXIT_SYSTEM, "libsodium does not start");
	randombytes_buf(seed, sizeof(seed));
	crypto_sign_seed_keypair(public_key, secret, seed);
	status = write_key(self, settings->output, "policy.key", seed, 0600);
	if (status == GB_EXIT_OK)
		status = write_key(self, settings->output, "policy.pub", public_key, 0644);
	sodium_memzero(seed, sizeof(seed));
	sodium_memzero(secret, sizeof(secret));
	return status;
}

static const struct gb_option compile_options[] = {
        GB_TEXT(struct settings, output, "output", "FILE", "where to write the compiled policy", .letter = 'o'),
        GB_TEXT(struct settings, key, "key", "SECRET", "sign with this secret key"),
        GB_NUMBER(struct settings, serial, "serial", "N", "number of this publication; must grow", .minimum = 0,
                .maximum = UINT64_MAX, .fallback = 1),
        {.name = NULL},
};

static const struct gb_option show_options[] = {
        GB_FLAG(struct settings, yaml, "yaml", "print the document instead of a table"),
        {.name = NULL},
};

static const struct gb_option verify_options[] = {
        GB_TEXT(struct settings, key, "key", "PUBLIC", "the public key that must have signed it"),
        {.name = NULL},
};

static const struct gb_option keygen_options[] = {
        GB_TEXT(struct settings, output, "output", "DIR", "where to write policy.key and policy.pub", .letter = 'o'),
        {.name = NULL},
};

static const struct gb_option no_options[] = {{.name = NULL}};

#define EXIT_NOTE                                                                                                      \
	"Exit status 1 when the policy is invalid, 2 for a wrong command line, 3 when a file cannot be read or "       \
	"written.\n"

static const struct gb_command validate_command = {
        .name = "policy validate",
        .summary = "check a policy document",
        .operands = "FILE",
        .notes = EXIT_NOTE,
        .operands_min = 1,
        .operands_max = 1,
        .options = no_options,
        .settings_bytes = sizeof(struct settings),
        .run = run_validate,
};

static const struct gb_command compile_command = {
        .name = "policy compile",
        .summary = "make of a policy document what an agent loads",
        .operands = "FILE",
        .notes = EXIT_NOTE,
        .operands_min = 1,
        .operands_max = 1,
        .options = compile_options,
        .settings_bytes = sizeof(struct settings),
        .run = run_compile,
};

static const struct gb_command show_command = {
        .name = "policy show",
        .summary = "show what a policy, compiled or not, allows",
        .operands = "FILE",
        .notes = EXIT_NOTE,
        .operands_min = 1,
        .operands_max = 1,
        .options = show_options,
        .settings_bytes = sizeof(struct settings),
        .run = run_show,
};

static const struct gb_command verify_command = {
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

static const struct gb_command keygen_command = {
        .name = "policy keygen",
        .summary = "make a pair of keys to sign policies with",
        .notes = "policy.key is secret and stays with you; policy.pub goes into the layer.\n",
        .options = keygen_options,
        .settings_bytes = sizeof(struct settings),
        .run = run_keygen,
};

static const struct gb_command *const children[] = {
        &validate_command, &compile_command, &show_command, &verify_command, &keygen_command, NULL};

const struct gb_command gb_cmd_policy = {
        .name = "policy",
        .summary = "write, compile, sign and show policies",
        .children = children,
};

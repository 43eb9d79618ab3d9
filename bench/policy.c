/* SPDX-License-Identifier: Apache-2.0 */
/* bench_policy: what a compiled policy costs. Prints one JSON object: nanoseconds of one evaluation, microseconds of a
 * verification, bytes. Medians over batches. */
#include "base/text.h"
#include "policy/policy.h"
#include "policyc/policyc.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BATCHES 101
#define BATCH   2000

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

static double median(double *values)
{
	qsort(values, BATCHES, sizeof(*values), compare);
	return values[BATCHES / 2];
}

/* A thousand patterns as a function's allowlist has them: files of packages, with stars and without. */
static unsigned char *compile_thousand(size_t *ret_n)
{
	struct gb_policyc_document *document = gb_policyc_document_new();
	unsigned char *blob = NULL;

	if (document == NULL)
		return NULL;
	document->posture = GB_MODE_BLOCK;
	document->control_modes[GB_CONTROL_ALLOWLIST] = GB_BLOB_MODE_POSTURE;
	for (unsigned i = 0; i < 1000; i++) {
		char text[100];

		(void)snprintf(text, sizeof(text),
		        i % 4 == 0 ? "/var/task/node_modules/package-%u/**" : "/usr/lib/python3/module_%u/file.py", i);
		if (gb_policyc_add_path(document, &document->allow.read, gb_span_cstr(text), NULL) < 0)
			return NULL;
	}
	if (gb_policyc_compile(document, 1, &blob, ret_n, NULL) < 0)
		return NULL;
	gb_policyc_document_free(document);
	return blob;
}

static double evaluation(const struct gb_policy *policy, const char *path, enum gb_decision want)
{
	struct gb_policy_context context = {.policy = policy, .posture = GB_MODE_BLOCK};
	struct gb_activity activity = {.kind = GB_ACTIVITY_FILE_READ, .subject = gb_span_cstr(path)};
	double values[BATCHES];

	for (unsigned batch = 0; batch < BATCHES; batch++) {
		double start = now_ns();

		for (unsigned i = 0; i < BATCH; i++)
			if (gb_policy_evaluate(&context, &activity).decision != want)
				exit(1);
		values[batch] = (now_ns() - start) / BATCH;
	}
	return median(values);
}

/* A file of 32 KB, signed. */
static double verification(void)
{
	static _Alignas(8) unsigned char file[32768 + sizeof(struct gb_blob_signature)];
	unsigned char seed[crypto_sign_SEEDBYTES] = {1}, public_key[GB_BLOB_KEY_BYTES],
	              secret[crypto_sign_SECRETKEYBYTES];
	struct gb_blob_header header = {.version = GB_BLOB_VERSION, .total_bytes = 32768, .shared_bytes = 32768};
	struct gb_blob_signature signature = {.algorithm = GB_BLOB_ED25519};
	double values[BATCHES];

	memcpy(header.magic, GB_BLOB_MAGIC, sizeof(header.magic));
	memcpy(signature.magic, GB_BLOB_SIGNATURE_MAGIC, sizeof(signature.magic));
	memcpy(file, &header, sizeof(header));
	header.checksum = gb_blob_checksum(gb_span_of(file, 32768));
	memcpy(file, &header, sizeof(header));
	crypto_sign_seed_keypair(public_key, secret, seed);
	gb_blob_key_id(public_key, signature.key_id);
	crypto_sign_detached(signature.signature, NULL, file, 32768, secret);
	memcpy(file + 32768, &signature, sizeof(signature));
	for (unsigned batch = 0; batch < BATCHES; batch++) {
		double start = now_ns();
		struct gb_span blob;

		for (unsigned i = 0; i < 10; i++)
			if (gb_blob_verify(gb_span_of(file, sizeof(file)), public_key, &blob) < 0)
				exit(1);
		values[batch] = (now_ns() - start) / 10 / 1000;
	}
	return median(values);
}

int main(void)
{
	struct gb_policy policy;
	unsigned char *blob;
	size_t n = 0;

	if (sodium_init() < 0)
		return 1;
	blob = compile_thousand(&n);
	if (blob == NULL || gb_policy_open(gb_span_of(blob, n), &policy) < 0)
		return 1;
	printf("{\"exact_ns\": %.1f, ", evaluation(&policy, "/usr/lib/python3/module_501/file.py", GB_ALLOW));
	printf("\"pattern_ns\": %.1f, ",
	        evaluation(&policy, "/var/task/node_modules/package-500/lib/index.js", GB_ALLOW));
	printf("\"unlisted_ns\": %.1f, ", evaluation(&policy, "/usr/lib/python3/module_501/other.py", GB_DENY));
	printf("\"verify_us\": %.1f, \"thousand_bytes\": %zu}\n", verification(), n);
	free(blob);
	return 0;
}

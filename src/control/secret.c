/* SPDX-License-Identifier: Apache-2.0 */
#include "control/secret.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#define MEMORY_BYTES (32u << 20)
#define PASSES       3u
#define RUNNING_MAX  2u
#define WAITING_MAX  1u

void gb_secret_new(char ret_secret[GB_SECRET_CHARS])
{
	unsigned char bytes[32];

	randombytes_buf(bytes, sizeof(bytes));
	sodium_bin2base64(ret_secret, GB_SECRET_CHARS, bytes, sizeof(bytes), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	sodium_memzero(bytes, sizeof(bytes));
}

void gb_secret_hash(struct gb_span secret, unsigned char ret_hash[GB_SHA256_BYTES])
{
	gb_sha256(secret, ret_hash);
}

bool gb_secret_equal(struct gb_span a, struct gb_span b)
{
	return a.n == b.n && sodium_memcmp(a.p, b.p, a.n) == 0;
}

void gb_hashing_init(struct gb_hashing *hashing)
{
	pthread_mutex_init(&hashing->lock, NULL);
	pthread_cond_init(&hashing->is_free, NULL);
}

/* Workers that wait here answer nobody else: one may, the others say so to the caller. */
int gb_hashing_begin(struct gb_hashing *hashing)
{
	int r = 0;

	pthread_mutex_lock(&hashing->lock);
	if (hashing->running >= RUNNING_MAX && hashing->waiting >= WAITING_MAX) {
		r = -EBUSY;
	} else {
		hashing->waiting++;
		while (hashing->running >= RUNNING_MAX)
			pthread_cond_wait(&hashing->is_free, &hashing->lock);
		hashing->waiting--;
		hashing->running++;
	}
	pthread_mutex_unlock(&hashing->lock);
	return r;
}

void gb_hashing_end(struct gb_hashing *hashing)
{
	pthread_mutex_lock(&hashing->lock);
	hashing->running--;
	pthread_cond_signal(&hashing->is_free);
	pthread_mutex_unlock(&hashing->lock);
}

int gb_password_hash(struct gb_hashing *hashing, struct gb_span password, char ret_hash[GB_PASSWORD_HASH_CHARS])
{
	int r = gb_hashing_begin(hashing);

	if (r < 0)
		return r;
	memset(ret_hash, 0, GB_PASSWORD_HASH_CHARS);
	r = crypto_pwhash_str_alg(ret_hash, (const char *)password.p, password.n, PASSES, MEMORY_BYTES,
	            crypto_pwhash_ALG_ARGON2ID13) == 0
	            ? 0
	            : -ENOMEM;
	gb_hashing_end(hashing);
	return r;
}

int gb_password_check(struct gb_hashing *hashing, struct gb_span hash, struct gb_span password)
{
	char text[GB_PASSWORD_HASH_CHARS] = {0};
	unsigned char nothing[32];
	int r = gb_hashing_begin(hashing);

	if (r < 0)
		return r;
	if (hash.n > 0 && hash.n < sizeof(text)) {
		memcpy(text, hash.p, hash.n);
		r = crypto_pwhash_str_verify(text, (const char *)password.p, password.n) == 0;
	} else {
		/* Who is not there takes as long as who is. */
		static const unsigned char salt[crypto_pwhash_SALTBYTES];

		r = crypto_pwhash(nothing, sizeof(nothing), (const char *)password.p, password.n, salt, PASSES,
		            MEMORY_BYTES, crypto_pwhash_ALG_ARGON2ID13) == 0
		            ? 0
		            : -ENOMEM;
	}
	gb_hashing_end(hashing);
	return r;
}

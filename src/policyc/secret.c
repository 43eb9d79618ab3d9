/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/secret.h"

#include "policyc/layer.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#define MEMORY_KIB_MAX 1048576u
#define PASSES_MAX     16u
#define SECRET_BYTES   32u
#define KEY_BYTES      15u

_Static_assert(GB_POLICYC_HASH_CHARS >= crypto_pwhash_argon2id_STRBYTES, "a hash fits");

bool gb_policyc_is_group_key(struct gb_span text)
{
	for (size_t i = 0; i < text.n; i++)
		if (!gb_ascii_is_alpha(text.p[i]) && !gb_ascii_is_digit(text.p[i]) && text.p[i] != '-' &&
		        text.p[i] != '_')
			return false;
	return text.n >= 8 && text.n <= 64;
}

/* "m=65536" and its like at AT, closed by END: its number. */
static bool parameter(struct gb_span text, size_t *at, const char *name, char end, uint64_t *ret_value)
{
	struct gb_span rest = gb_span_sub(text, *at, SIZE_MAX);
	size_t close = gb_span_find_byte(rest, (unsigned char)end, 0);

	if (!gb_span_starts(rest, gb_span_cstr(name)) || close == SIZE_MAX ||
	        !gb_span_to_u64(gb_span_sub(rest, 2, close - 2), ret_value))
		return false;
	*at += close + 1;
	return true;
}

static size_t base64_n(struct gb_span text, size_t from)
{
	size_t n = 0;

	while (from + n < text.n && (gb_ascii_is_alpha(text.p[from + n]) || gb_ascii_is_digit(text.p[from + n]) ||
	                                    text.p[from + n] == '+' || text.p[from + n] == '/'))
		n++;
	return n;
}

/* $argon2id$v=19$m=65536,t=2,p=1$SALT$HASH, as libsodium writes it: salt and hash of 16 and 32 bytes. */
bool gb_policyc_is_secret_hash(struct gb_span text)
{
	struct gb_span head = GB_SPAN("$argon2id$v=19$");
	size_t at = head.n;
	uint64_t memory, passes, lanes;

	if (!gb_span_starts(text, head) || text.n >= crypto_pwhash_argon2id_STRBYTES ||
	        !parameter(text, &at, "m=", ',', &memory) || !parameter(text, &at, "t=", ',', &passes) ||
	        !parameter(text, &at, "p=", '$', &lanes))
		return false;
	if (memory < 8192 || memory > MEMORY_KIB_MAX || passes < 1 || passes > PASSES_MAX || lanes != 1)
		return false;
	if (base64_n(text, at) != 22 || at + 22 >= text.n || text.p[at + 22] != '$')
		return false;
	at += 23;
	return base64_n(text, at) == 43 && at + 43 == text.n;
}

/* PREFIX and N random bytes in URL-safe base64. */
static void random_text(const char *prefix, size_t n, char *ret_text, size_t cap)
{
	unsigned char bytes[SECRET_BYTES];
	size_t prefix_n = strlen(prefix);

	randombytes_buf(bytes, n);
	memcpy(ret_text, prefix, prefix_n);
	sodium_bin2base64(ret_text + prefix_n, cap - prefix_n, bytes, n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	sodium_memzero(bytes, sizeof(bytes));
}

int gb_policyc_key_new(char ret_key[GB_POLICYC_KEY_CHARS])
{
	if (sodium_init() < 0)
		return -EIO;
	random_text("gk-", KEY_BYTES, ret_key, GB_POLICYC_KEY_CHARS);
	return 0;
}

int gb_policyc_secret_new(char ret_secret[GB_POLICYC_SECRET_CHARS], char ret_hash[GB_POLICYC_HASH_CHARS])
{
	if (sodium_init() < 0)
		return -EIO;
	random_text("gs-", SECRET_BYTES, ret_secret, GB_POLICYC_SECRET_CHARS);
	memset(ret_hash, 0, GB_POLICYC_HASH_CHARS);
	if (crypto_pwhash_argon2id_str(ret_hash, ret_secret, strlen(ret_secret),
	            crypto_pwhash_argon2id_OPSLIMIT_INTERACTIVE, crypto_pwhash_argon2id_MEMLIMIT_INTERACTIVE) != 0)
		return -ENOMEM;
	return 0;
}

static bool is_secret(const char *hash, const char *secret)
{
	return hash != NULL && sodium_init() >= 0 &&
	       crypto_pwhash_argon2id_str_verify(hash, secret, strlen(secret)) == 0;
}

enum gb_policyc_secret_answer gb_policyc_secret_check(
        const struct gb_policyc_layer *group, const char *secret, int64_t now)
{
	if (is_secret(group->secret_hash, secret))
		return GB_POLICYC_SECRET_CURRENT;
	if (!is_secret(group->previous_hash, secret))
		return GB_POLICYC_SECRET_WRONG;
	return now < group->previous_expires ? GB_POLICYC_SECRET_PREVIOUS : GB_POLICYC_SECRET_EXPIRED;
}

int gb_policyc_set_group_check(
        const struct gb_policyc_set *set, struct gb_span key, const char *secret, int64_t now, const char **ret_name)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct gb_policyc_layer *layer = &set->layers[i];
		enum gb_policyc_secret_answer answer;

		if (layer->key == NULL || !gb_span_equal(gb_span_cstr(layer->key), key))
			continue;
		answer = gb_policyc_secret_check(layer, secret, now);
		*ret_name = layer->document->name != NULL ? layer->document->name : "";
		return answer == GB_POLICYC_SECRET_CURRENT || answer == GB_POLICYC_SECRET_PREVIOUS;
	}
	return 0;
}

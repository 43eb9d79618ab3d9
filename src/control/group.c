/* SPDX-License-Identifier: Apache-2.0 */
#include "control/group.h"

#include "control/state.h"
#include "policyc/secret.h"
#include "policyc/set.h"
#include "store/copy.h"

#include "base/cleanup.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#define CACHED_MAX 256u
#define FRESH_MS   (10 * 60 * 1000LL)
#define SECRET_MAX 128u
#define HASH_BYTES 32u

/* A key and secret that were right, while the document that said so is the newest one. */
struct cached {
	unsigned char hash[HASH_BYTES];
	char name[80];
	int64_t revision, until_ms;
};

struct gb_group_cache {
	pthread_mutex_t lock;
	unsigned char key[crypto_generichash_KEYBYTES];
	struct cached items[CACHED_MAX];
	size_t next;
};

int gb_group_cache_new(struct gb_group_cache **ret_cache)
{
	struct gb_group_cache *cache = calloc(1, sizeof(*cache));

	if (cache == NULL)
		return -ENOMEM;
	pthread_mutex_init(&cache->lock, NULL);
	crypto_generichash_keygen(cache->key);
	*ret_cache = cache;
	return 0;
}

void gb_group_cache_free(struct gb_group_cache *cache)
{
	if (cache == NULL)
		return;
	pthread_mutex_destroy(&cache->lock);
	sodium_memzero(cache, sizeof(*cache));
	free(cache);
}

int gb_group_decode(struct gb_arena *arena, struct gb_span text, struct gb_span *ret_pair)
{
	unsigned char *bytes = gb_arena_take(arena, text.n + 1);
	size_t n;

	if (bytes == NULL)
		return -ENOMEM;
	if (sodium_base642bin(
	            bytes, text.n, (const char *)text.p, text.n, NULL, &n, NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
		return 0;
	*ret_pair = gb_span_of(bytes, n);
	return 1;
}

struct document {
	struct gb_arena *arena;
	struct gb_span body;
	int64_t revision;
};

static int keep(void *context, const struct gb_sql_value *columns, size_t count)
{
	struct document *document = context;
	struct gb_span *texts[] = {&document->body};
	int r = gb_store_copy(document->arena, columns, texts, 1);

	(void)count;
	document->revision = columns[1].integer;
	return r < 0 ? r : 1;
}

/* The newest document in which KEY stands. 1, or 0 when there is none. */
static int find(struct gb_store *store, struct gb_span key, struct document *document, struct gb_diag *diag)
{
	const struct gb_sql_value value = gb_sql_text(key);

	return gb_sql_run(store,
	        "SELECT d.body, d.revision FROM documents d WHERE d.is_deleted = 0 AND d.body LIKE '%' || CAST($1 AS "
	        "TEXT) || '%' "
	        "AND d.revision = (SELECT MAX(n.revision) FROM documents n WHERE n.kind = d.kind AND n.name = d.name) "
	        "ORDER BY d.kind, d.name LIMIT 1",
	        &value, 1, keep, document, diag);
}

static bool remembers(
        struct gb_group_cache *cache, const unsigned char hash[HASH_BYTES], int64_t revision, char name[80])
{
	int64_t now = gb_clock_ms();
	bool is_found = false;

	pthread_mutex_lock(&cache->lock);
	for (size_t i = 0; i < CACHED_MAX && !is_found; i++) {
		const struct cached *item = &cache->items[i];

		is_found = item->revision == revision && now < item->until_ms &&
		           sodium_memcmp(item->hash, hash, HASH_BYTES) == 0;
		if (is_found)
			memcpy(name, item->name, sizeof(item->name));
	}
	pthread_mutex_unlock(&cache->lock);
	return is_found;
}

static void remember(
        struct gb_group_cache *cache, const unsigned char hash[HASH_BYTES], int64_t revision, const char *name)
{
	struct cached item = {.revision = revision, .until_ms = gb_clock_ms() + FRESH_MS};

	memcpy(item.hash, hash, HASH_BYTES);
	snprintf(item.name, sizeof(item.name), "%s", name);
	pthread_mutex_lock(&cache->lock);
	cache->items[cache->next] = item;
	cache->next = (cache->next + 1) % CACHED_MAX;
	pthread_mutex_unlock(&cache->lock);
}

/* By the document itself, which takes Argon2id's time and memory. */
static int check(struct gb_plane *control, const struct document *document, struct gb_span key, const char *secret,
        char name[80], struct gb_diag *diag)
{
	GB_CLEANUP(gb_policyc_set_freep) struct gb_policyc_set *set = gb_policyc_set_new();
	const char *found;
	int r = set != NULL ? gb_policyc_set_add(set, "group", document->body, diag) : -ENOMEM;

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	r = gb_hashing_begin(&control->hashing);
	if (r < 0)
		return r;
	r = gb_policyc_set_group_check(set, key, secret, gb_clock_ms() / 1000, &found);
	gb_hashing_end(&control->hashing);
	if (r == 1)
		snprintf(name, 80, "%s", found);
	return r;
}

int gb_group_check(struct gb_plane *control, struct gb_store *store, struct gb_span key, struct gb_span secret,
        struct gb_arena *arena, struct gb_span *ret_name, struct gb_diag *diag)
{
	struct document document = {.arena = arena};
	unsigned char hash[HASH_BYTES];
	char text[SECRET_MAX + 1] = "", *name = gb_arena_take(arena, 80);
	crypto_generichash_state state;
	int r;

	if (name == NULL)
		return -ENOMEM;
	if (!gb_policyc_is_group_key(key) || secret.n == 0 || secret.n > SECRET_MAX ||
	        memchr(secret.p, 0, secret.n) != NULL)
		return 0;
	memcpy(text, secret.p, secret.n);
	crypto_generichash_init(&state, control->groups->key, sizeof(control->groups->key), sizeof(hash));
	crypto_generichash_update(&state, key.p, key.n);
	crypto_generichash_update(&state, (const unsigned char *)":", 1);
	crypto_generichash_update(&state, secret.p, secret.n);
	crypto_generichash_final(&state, hash, sizeof(hash));
	r = find(store, key, &document, diag);
	if (r > 0 && !remembers(control->groups, hash, document.revision, name)) {
		r = check(control, &document, key, text, name, diag);
		if (r == 1)
			remember(control->groups, hash, document.revision, name);
	}
	sodium_memzero(text, sizeof(text));
	*ret_name = gb_span_cstr(name);
	return r;
}

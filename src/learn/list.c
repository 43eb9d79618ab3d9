/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/store.h"

#include <errno.h>
#include <string.h>

int gb_learn_span_compare(struct gb_span a, struct gb_span b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n == 0 ? 0 : memcmp(a.p, b.p, n);

	return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

struct gb_span gb_profile_copy(struct gb_arena *arena, struct gb_span s, int *r)
{
	char *bytes;

	if (s.n == 0)
		return GB_SPAN_EMPTY;
	bytes = gb_arena_take(arena, s.n);
	if (bytes == NULL) {
		*r = -ENOMEM;
		return GB_SPAN_EMPTY;
	}
	memcpy(bytes, s.p, s.n);
	return gb_span_of(bytes, s.n);
}

/* FNV, and its bits mixed (splitmix64), since an order and shares are made of it. Who chooses names can choose places; what
 * a limit keeps is no secret, and equal hashes are told apart by their bytes. */
static uint64_t hash_of(struct gb_span s)
{
	uint64_t hash = gb_span_hash(s);

	hash = (hash ^ hash >> 30) * 0xbf58476d1ce4e5b9u;
	hash = (hash ^ hash >> 27) * 0x94d049bb133111ebu;
	return hash ^ hash >> 31;
}

static int key_compare(const struct gb_profile_key *a, uint64_t hash, struct gb_span bytes)
{
	if (a->hash != hash)
		return a->hash < hash ? -1 : 1;
	return gb_learn_span_compare(a->bytes, bytes);
}

/* Place of the first element that is not below the key. */
static size_t place_of(const struct gb_profile_list *list, uint64_t hash, struct gb_span bytes)
{
	size_t from = 0, to = list->count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (key_compare(list->items[middle], hash, bytes) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

static bool is_at(const struct gb_profile_list *list, size_t at, uint64_t hash, struct gb_span bytes)
{
	return at < list->count && key_compare(list->items[at], hash, bytes) == 0;
}

void *gb_profile_find(const struct gb_profile_list *list, struct gb_span key)
{
	uint64_t hash = hash_of(key);
	size_t at = place_of(list, hash, key);

	return is_at(list, at, hash, key) ? list->items[at] : NULL;
}

void *gb_profile_find_same(const struct gb_profile_list *list, const struct gb_profile_key *key)
{
	size_t at = place_of(list, key->hash, key->bytes);

	return is_at(list, at, key->hash, key->bytes) ? list->items[at] : NULL;
}

int gb_profile_take(
        struct gb_arena *arena, struct gb_profile_list *list, struct gb_span key, size_t size, size_t max, void *ret)
{
	uint64_t hash = hash_of(key);
	size_t at = place_of(list, hash, key);
	struct gb_profile_key *element = NULL;
	int r = 0;

	if (is_at(list, at, hash, key)) {
		memcpy(ret, &list->items[at], sizeof(element));
		return 0;
	}
	if (at < max) {
		element = gb_arena_take(arena, size);
		if (element == NULL ||
		        gb_arena_grow(arena, &list->items, list->count, &list->cap, sizeof(*list->items)) < 0)
			return -ENOMEM;
		*element = (struct gb_profile_key){.hash = hash, .bytes = gb_profile_copy(arena, key, &r)};
		if (r < 0)
			return r;
		memmove(list->items + at + 1, list->items + at, (list->count - at) * sizeof(*list->items));
		list->items[at] = element;
		/* The highest goes. It is above MAX others in any profile that this becomes part of, so it never returns. */
		list->count += list->count < max ? 1 : 0;
	}
	memcpy(ret, &element, sizeof(element));
	return 0;
}

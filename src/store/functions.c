/* SPDX-License-Identifier: Apache-2.0 */
#include "store/functions.h"

#include "store/driver.h"

#include "base/arena.h"

#include <errno.h>

#define CACHE_SLOTS 16384u /* a power of two; emptied when three quarters are taken */
#define FRESH_MS    60000

struct cached {
	unsigned char *key; /* account, region, name, code, number, each with its length before it; NULL: free */
	size_t key_n;
	struct gb_function_ids ids;
	uint64_t details;              /* hash of runtime, agent_version, mode */
	int64_t last_seen, last_event; /* as they were written */
};

struct gb_functions_cache {
	size_t count;
	struct cached slots[CACHE_SLOTS];
};

struct key {
	unsigned char bytes[5 * (GB_FUNCTION_NAME_MAX + 2)];
	size_t n;
};

void gb_functions_cache_free(struct gb_functions_cache *cache)
{
	for (size_t i = 0; cache != NULL && i < CACHE_SLOTS; i++)
		free(cache->slots[i].key);
	free(cache);
}

static bool key_add(struct key *key, struct gb_span s)
{
	if (s.n > GB_FUNCTION_NAME_MAX)
		return false;
	key->bytes[key->n++] = (unsigned char)(s.n >> 8);
	key->bytes[key->n++] = (unsigned char)s.n;
	if (s.n > 0)
		memcpy(key->bytes + key->n, s.p, s.n);
	key->n += s.n;
	return true;
}

static bool make_key(const struct gb_function_sighting *sighting, struct key *ret_key)
{
	ret_key->n = 0;
	return sighting->name.n > 0 && key_add(ret_key, sighting->account) && key_add(ret_key, sighting->region) &&
	       key_add(ret_key, sighting->name) && key_add(ret_key, sighting->code) &&
	       key_add(ret_key, sighting->number) && sighting->runtime.n <= GB_FUNCTION_NAME_MAX &&
	       sighting->agent_version.n <= GB_FUNCTION_NAME_MAX && sighting->mode.n <= GB_FUNCTION_NAME_MAX;
}

static uint64_t details_of(const struct gb_function_sighting *sighting)
{
	uint64_t hash = gb_span_hash(sighting->runtime);

	hash = gb_span_hash_more(hash ^ sighting->runtime.n, sighting->agent_version);
	return gb_span_hash_more(hash ^ sighting->agent_version.n, sighting->mode);
}

/* The slot that has KEY, or a free one for it; NULL when memory is short. */
static struct cached *find_slot(struct gb_store *store, const struct key *key)
{
	struct gb_functions_cache *cache = store->functions;
	size_t at;

	if (cache != NULL && cache->count > CACHE_SLOTS / 4 * 3) {
		gb_functions_cache_free(cache);
		store->functions = cache = NULL;
	}
	if (cache == NULL)
		store->functions = cache = calloc(1, sizeof *cache);
	if (cache == NULL)
		return NULL;
	at = gb_span_hash(gb_span_of(key->bytes, key->n)) % CACHE_SLOTS;
	while (cache->slots[at].key != NULL &&
	        (cache->slots[at].key_n != key->n || memcmp(cache->slots[at].key, key->bytes, key->n) != 0))
		at = (at + 1) % CACHE_SLOTS;
	return &cache->slots[at];
}

static int write_function(
        struct gb_store *store, const struct gb_function_sighting *sighting, int64_t *ret_id, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {
	        gb_sql_text(sighting->account),
	        gb_sql_text(sighting->region),
	        gb_sql_text(sighting->name),
	        gb_sql_text(sighting->runtime),
	        gb_sql_text(sighting->agent_version),
	        gb_sql_text(sighting->mode),
	        gb_sql_integer(sighting->time),
	        gb_sql_integer(sighting->is_event ? sighting->time : 0),
	};
	int r = gb_sql_integer_of(store,
	        "INSERT INTO functions (account, region, name, runtime, agent_version, mode, first_seen, last_seen, "
	        "last_event)"
	        " VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8)"
	        " ON CONFLICT (account, region, name) DO UPDATE SET"
	        " runtime = CASE WHEN excluded.runtime <> '' THEN excluded.runtime ELSE functions.runtime END,"
	        " agent_version = CASE WHEN excluded.agent_version <> '' THEN excluded.agent_version ELSE "
	        "functions.agent_version END,"
	        " mode = CASE WHEN excluded.mode <> '' THEN excluded.mode ELSE functions.mode END,"
	        " first_seen = CASE WHEN excluded.first_seen < functions.first_seen THEN excluded.first_seen ELSE "
	        "functions.first_seen END,"
	        " last_seen = CASE WHEN excluded.last_seen > functions.last_seen THEN excluded.last_seen ELSE "
	        "functions.last_seen END,"
	        " last_event = CASE WHEN excluded.last_event > functions.last_event THEN excluded.last_event ELSE "
	        "functions.last_event END"
	        " RETURNING id",
	        values, 8, ret_id, diag);

	return r < 0 ? r : 0;
}

static int write_version(struct gb_store *store, const struct gb_function_sighting *sighting,
        struct gb_function_ids *ids, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {
	        gb_sql_integer(ids->function),
	        gb_sql_text(sighting->code),
	        gb_sql_text(sighting->number),
	        gb_sql_integer(sighting->time),
	};
	int r;

	ids->version = 0;
	if (sighting->code.n == 0 && sighting->number.n == 0)
		return 0;
	r = gb_sql_integer_of(store,
	        "INSERT INTO versions (function, code, number, first_seen, last_seen) VALUES ($1, $2, $3, $4, $4)"
	        " ON CONFLICT (function, code, number) DO UPDATE SET"
	        " first_seen = CASE WHEN excluded.first_seen < versions.first_seen THEN excluded.first_seen ELSE "
	        "versions.first_seen END,"
	        " last_seen = CASE WHEN excluded.last_seen > versions.last_seen THEN excluded.last_seen ELSE "
	        "versions.last_seen END"
	        " RETURNING id",
	        values, 4, &ids->version, diag);
	return r < 0 ? r : 0;
}

static int see(struct gb_store *store, const struct gb_function_sighting *sighting, const struct key *key,
        struct cached *slot, struct gb_diag *diag)
{
	struct gb_function_ids ids;
	int r = write_function(store, sighting, &ids.function, diag);

	if (r >= 0)
		r = write_version(store, sighting, &ids, diag);
	if (r < 0)
		return r;
	if (slot->key == NULL) {
		slot->key = malloc(key->n);
		if (slot->key == NULL)
			return gb_diag_set(diag, -ENOMEM, 0, 0, "out of memory");
		memcpy(slot->key, key->bytes, key->n);
		slot->key_n = key->n;
		slot->last_event = 0;
		store->functions->count++;
	}
	slot->ids = ids;
	slot->details = details_of(sighting);
	slot->last_seen = sighting->time;
	if (sighting->is_event)
		slot->last_event = sighting->time;
	return 0;
}

static bool is_fresh(const struct cached *slot, const struct gb_function_sighting *sighting)
{
	bool says_details = sighting->runtime.n + sighting->agent_version.n + sighting->mode.n > 0;

	return slot->key != NULL && sighting->time < slot->last_seen + FRESH_MS &&
	       (!sighting->is_event || sighting->time < slot->last_event + FRESH_MS) &&
	       (!says_details || slot->details == details_of(sighting));
}

static int see_all(struct gb_store *store, const struct gb_function_sighting *sightings, size_t count,
        struct gb_function_ids *ret_ids, bool *ret_has_begun, struct gb_diag *diag)
{
	for (size_t i = 0; i < count; i++) {
		struct cached *slot;
		struct key key;
		int r = 0;

		(void)make_key(&sightings[i], &key);
		slot = find_slot(store, &key);
		if (slot == NULL)
			return gb_diag_set(diag, -ENOMEM, 0, 0, "out of memory");
		if (!is_fresh(slot, &sightings[i])) {
			if (!gb_store_is_in_transaction(store)) {
				r = gb_store_begin(store, diag);
				*ret_has_begun = r == 0;
			}
			if (r >= 0)
				r = see(store, &sightings[i], &key, slot, diag);
			if (r < 0)
				return r;
		}
		ret_ids[i] = slot->ids;
	}
	return 0;
}

int gb_functions_seen(struct gb_store *store, const struct gb_function_sighting *sightings, size_t count,
        struct gb_function_ids *ret_ids, struct gb_diag *diag)
{
	bool has_begun = false;
	struct key key;
	int r;

	for (size_t i = 0; i < count; i++)
		if (!make_key(&sightings[i], &key))
			return gb_diag_set(diag, -EINVAL, 0, 0,
			        "the name of a function is empty, or something of it is over %u bytes",
			        GB_FUNCTION_NAME_MAX);
	r = see_all(store, sightings, count, ret_ids, &has_begun, diag);
	if (!has_begun)
		return r;
	if (r < 0) {
		gb_store_rollback(store);
		return r;
	}
	return gb_store_commit(store, diag);
}

struct listing {
	gb_function_row *on_row;
	void *context;
};

#define FUNCTION_COLUMNS                                                                                               \
	"id, account, region, name, runtime, agent_version, mode, posture, grp, tags, first_seen, last_seen, "         \
	"last_event,"                                                                                                  \
	" state, learning_percent, bound, rules"

static int hand_out(void *context, const struct gb_sql_value *columns, size_t count)
{
	const struct listing *listing = context;
	const struct gb_function function = {
	        .id = columns[0].integer,
	        .account = columns[1].bytes,
	        .region = columns[2].bytes,
	        .name = columns[3].bytes,
	        .runtime = columns[4].bytes,
	        .agent_version = columns[5].bytes,
	        .mode = columns[6].bytes,
	        .posture = columns[7].bytes,
	        .group = columns[8].bytes,
	        .tags = columns[9].bytes,
	        .first_seen = columns[10].integer,
	        .last_seen = columns[11].integer,
	        .last_event = columns[12].integer,
	        .state = columns[13].bytes,
	        .learning_percent = columns[14].integer,
	        .bound = columns[15].real,
	        .rules = columns[16].integer,
	};

	(void)count;
	return listing->on_row(listing->context, &function);
}

/* "%text%" with what LIKE takes for its own made plain. */
static int like_of(struct gb_span text, struct gb_arena *arena, struct gb_sql_value *ret_value)
{
	unsigned char *like;
	size_t n = 0;

	text = gb_span_sub(text, 0, GB_FUNCTION_NAME_MAX);
	like = gb_arena_take(arena, 2 * text.n + 2);
	if (like == NULL)
		return -ENOMEM;
	like[n++] = '%';
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '%' || text.p[i] == '_' || text.p[i] == '\\')
			like[n++] = '\\';
		like[n++] = gb_ascii_lower(text.p[i]);
	}
	like[n++] = '%';
	*ret_value = gb_sql_text(gb_span_of(like, n));
	return 0;
}

int gb_functions_list(struct gb_store *store, const struct gb_scope *scope, const struct gb_function_filter *filter,
        int64_t after, size_t limit, gb_function_row *on_row, void *context, struct gb_diag *diag)
{
	struct listing listing = {on_row, context};
	struct gb_arena *arena = gb_arena_new();
	struct gb_sql_value values[8] = {
	        {0},
	        gb_sql_integer(after),
	        gb_sql_integer(limit > INT32_MAX ? INT32_MAX : (int64_t)limit),
	        gb_sql_text(filter->account),
	        gb_sql_text(filter->region),
	        gb_sql_text(filter->group),
	        gb_sql_text(filter->state),
	};
	int r = arena == NULL ? -ENOMEM : gb_scope_value(scope, arena, &values[0]);

	if (r >= 0)
		r = like_of(filter->text, arena, &values[7]);
	if (r >= 0)
		r = gb_sql_run(store,
		        "SELECT " FUNCTION_COLUMNS " FROM functions WHERE " GB_SCOPE_SQL(
		                "functions", "$1") " AND (CAST($2 AS BIGINT) = 0 OR (account, region, name) > (SELECT "
		                                   "f.account, f.region, f.name FROM functions f WHERE f.id = $2))"
		                                   " AND ($4 = '' OR account = $4) AND ($5 = '' OR region = $5) AND "
		                                   "($6 = '' OR grp = $6)"
		                                   " AND ($7 = '' OR state = $7) AND lower(name) LIKE $8 ESCAPE '\\'"
		                                   " ORDER BY account, region, name LIMIT $3",
		        values, 8, hand_out, &listing, diag);
	else
		r = gb_diag_set(diag, r, 0, 0, "out of memory");
	gb_arena_free(arena);
	return r;
}

int gb_function_get(struct gb_store *store, const struct gb_scope *scope, int64_t id, gb_function_row *on_row,
        void *context, struct gb_diag *diag)
{
	struct listing listing = {on_row, context};
	struct gb_arena *arena = gb_arena_new();
	struct gb_sql_value values[2] = {{0}, gb_sql_integer(id)};
	int r = arena == NULL ? -ENOMEM : gb_scope_value(scope, arena, &values[0]);

	if (r >= 0)
		r = gb_sql_run(store,
		        "SELECT " FUNCTION_COLUMNS
		        " FROM functions WHERE " GB_SCOPE_SQL("functions", "$1") " AND id = $2",
		        values, 2, hand_out, &listing, diag);
	else
		r = gb_diag_set(diag, r, 0, 0, "out of memory");
	gb_arena_free(arena);
	return r;
}

int gb_function_find(struct gb_store *store, struct gb_span account, struct gb_span region, struct gb_span name,
        int64_t *ret_id, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {gb_sql_text(account), gb_sql_text(region), gb_sql_text(name)};

	return gb_sql_integer_of(store, "SELECT id FROM functions WHERE account = $1 AND region = $2 AND name = $3",
	        values, 3, ret_id, diag);
}

int gb_function_copy(struct gb_arena *arena, const struct gb_function *from, struct gb_function *ret_function)
{
	struct gb_function copy = *from;
	struct gb_span *const texts[] = {&copy.account, &copy.region, &copy.name, &copy.runtime, &copy.agent_version,
	        &copy.mode, &copy.posture, &copy.group, &copy.tags, &copy.state};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		unsigned char *to = gb_arena_take(arena, texts[i]->n + 1);

		if (to == NULL)
			return -ENOMEM;
		if (texts[i]->n > 0)
			memcpy(to, texts[i]->p, texts[i]->n);
		*texts[i] = gb_span_of(to, texts[i]->n);
	}
	*ret_function = copy;
	return 0;
}

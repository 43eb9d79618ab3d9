/* SPDX-License-Identifier: Apache-2.0 */
#include "store/facets.h"

#include "base/arena.h"

#include <errno.h>

#define SLOTS    (2 * GB_FACETS_MAX)
#define WORD_MAX 64u

struct gb_facets {
	struct gb_arena *arena; /* of the words */
	size_t count;
	struct gb_facet facets[GB_FACETS_MAX + 64]; /* by id; writers at once may pass the bound a little */
	uint16_t slots[SLOTS];                      /* by words: index into facets plus one */
};

void gb_facets_free(struct gb_facets *facets)
{
	if (facets != NULL)
		gb_arena_free(facets->arena);
	free(facets);
}

/* As they are stored: bounded. */
static struct gb_event_facets bounded(const struct gb_event_facets *from)
{
	return (struct gb_event_facets){
	        .kind = gb_span_sub(from->kind, 0, WORD_MAX),
	        .type = gb_span_sub(from->type, 0, WORD_MAX),
	        .class = gb_span_sub(from->class, 0, WORD_MAX),
	        .control = gb_span_sub(from->control, 0, WORD_MAX),
	        .action = gb_span_sub(from->action, 0, WORD_MAX),
	        .severity = from->severity > GB_SEVERITY_CRITICAL ? GB_SEVERITY_NONE : from->severity,
	};
}

static bool is_equal(const struct gb_event_facets *a, const struct gb_event_facets *b)
{
	return a->severity == b->severity && gb_span_equal(a->type, b->type) && gb_span_equal(a->class, b->class) &&
	       gb_span_equal(a->action, b->action) && gb_span_equal(a->control, b->control) &&
	       gb_span_equal(a->kind, b->kind);
}

static size_t slot_of(const struct gb_facets *facets, const struct gb_event_facets *words)
{
	uint64_t hash = gb_span_hash_more(gb_span_hash(words->type), words->class);
	size_t at;

	hash = gb_span_hash_more(hash, words->kind) ^ (uint64_t)words->severity;
	hash = gb_span_hash_more(gb_span_hash_more(hash, words->control), words->action);
	at = hash % SLOTS;
	while (facets->slots[at] != 0 && !is_equal(&facets->facets[facets->slots[at] - 1].words, words))
		at = (at + 1) % SLOTS;
	return at;
}

static struct gb_span keep(struct gb_facets *facets, struct gb_span s, bool *ret_is_kept)
{
	unsigned char *copy = s.n == 0 ? NULL : gb_arena_take(facets->arena, s.n);

	if (s.n == 0)
		return GB_SPAN_EMPTY;
	if (copy == NULL) {
		*ret_is_kept = false;
		return GB_SPAN_EMPTY;
	}
	memcpy(copy, s.p, s.n);
	return gb_span_of(copy, s.n);
}

static int add(struct gb_facets *facets, int64_t id, const struct gb_event_facets *words)
{
	struct gb_facet *facet = &facets->facets[facets->count];
	bool is_kept = true;

	if (facets->count == sizeof facets->facets / sizeof facets->facets[0])
		return 0; /* not known by its words here; by its number neither */
	*facet = (struct gb_facet){.id = id, .words = {.severity = words->severity}};
	facet->words.kind = keep(facets, words->kind, &is_kept);
	facet->words.type = keep(facets, words->type, &is_kept);
	facet->words.class = keep(facets, words->class, &is_kept);
	facet->words.control = keep(facets, words->control, &is_kept);
	facet->words.action = keep(facets, words->action, &is_kept);
	if (!is_kept)
		return -ENOMEM;
	facets->count++;
	facets->slots[slot_of(facets, &facet->words)] = (uint16_t)facets->count;
	return 0;
}

static int read_facet(void *context, const struct gb_sql_value *columns, size_t count)
{
	const struct gb_event_facets words = {
	        .kind = columns[1].bytes,
	        .type = columns[2].bytes,
	        .class = columns[3].bytes,
	        .control = columns[4].bytes,
	        .action = columns[5].bytes,
	        .severity = (enum gb_event_severity)columns[6].integer,
	};

	(void)count;
	return add(context, columns[0].integer, &words);
}

/* Reads what has come since the last time: ids only grow. */
static int refresh(struct gb_store *store, struct gb_diag *diag)
{
	struct gb_facets *facets = store->facets;
	struct gb_sql_value after;
	int r;

	if (facets == NULL) {
		facets = calloc(1, sizeof *facets);
		if (facets == NULL || (facets->arena = gb_arena_new()) == NULL) {
			free(facets);
			return gb_diag_set(diag, -ENOMEM, 0, 0, "out of memory");
		}
		store->facets = facets;
	}
	after = gb_sql_integer(facets->count == 0 ? 0 : facets->facets[facets->count - 1].id);
	r = gb_sql_run(store,
	        "SELECT id, kind, type, class, control, action, severity FROM event_facets WHERE id > $1 ORDER BY id",
	        &after, 1, read_facet, facets, diag);
	return r < 0 ? r : 0;
}

int gb_facets_list(struct gb_store *store, const struct gb_facet **ret_facets, size_t *ret_count, struct gb_diag *diag)
{
	int r = refresh(store, diag);

	if (r < 0)
		return r;
	*ret_facets = store->facets->facets;
	*ret_count = store->facets->count;
	return 0;
}

const struct gb_facet *gb_facet_get(const struct gb_store *store, int64_t id)
{
	const struct gb_facets *facets = store->facets;
	size_t from = 0, to = facets == NULL ? 0 : facets->count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (facets->facets[middle].id == id)
			return &facets->facets[middle];
		if (facets->facets[middle].id < id)
			from = middle + 1;
		else
			to = middle;
	}
	return NULL;
}

/* Numbers are given under the lock of a counter, one by one, so that ids grow in the order in which they become visible. */
static int give_number(struct gb_store *store, const struct gb_event_facets *words, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {
	        gb_sql_text(words->kind),
	        gb_sql_text(words->type),
	        gb_sql_text(words->class),
	        gb_sql_text(words->control),
	        gb_sql_text(words->action),
	        gb_sql_integer(words->severity),
	};
	int r = gb_sql_run(
	        store, "UPDATE counters SET value = value + 1 WHERE name = 'facets'", NULL, 0, NULL, NULL, diag);

	if (r >= 0)
		r = gb_sql_run(store,
		        "INSERT INTO event_facets (id, kind, type, class, control, action, severity)"
		        " SELECT value, $1, $2, $3, $4, $5, $6 FROM counters WHERE name = 'facets'"
		        " ON CONFLICT (kind, type, class, control, action, severity) DO NOTHING",
		        values, 6, NULL, NULL, diag);
	return r < 0 ? r : refresh(store, diag);
}

/* The words as a database would give them back: those that have to be cleaned are rare. */
static void clean_words(struct gb_event_facets *words, char buffer[5][3 * WORD_MAX])
{
	struct gb_span *spans[] = {&words->kind, &words->type, &words->class, &words->control, &words->action};

	for (size_t i = 0; i < 5; i++)
		if (!gb_sql_is_clean(*spans[i]))
			*spans[i] = gb_span_of(buffer[i], gb_sql_clean_into(*spans[i], buffer[i]));
}

int gb_facet_number(struct gb_store *store, const struct gb_event_facets *facets, int64_t *ret_id, struct gb_diag *diag)
{
	struct gb_event_facets words = bounded(facets);
	char buffer[5][3 * WORD_MAX];
	int r;

	clean_words(&words, buffer);
	for (int turn = 0; turn < 3; turn++) {
		size_t slot = store->facets == NULL ? 0 : store->facets->slots[slot_of(store->facets, &words)];

		if (slot != 0) {
			*ret_id = store->facets->facets[slot - 1].id;
			return 0;
		}
		r = turn == 0 ? refresh(store, diag) : 0;
		if (r < 0)
			return r;
		if (turn == 1) {
			if (store->facets->count >= GB_FACETS_MAX)
				words = (struct gb_event_facets){
				        .type = GB_SPAN("Other Event"), .severity = words.severity};
			r = give_number(store, &words, diag);
			if (r < 0)
				return r;
		}
	}
	return gb_diag_set(diag, -EIO, 0, 0, "an event's facets could not be numbered");
}

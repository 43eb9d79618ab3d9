/* SPDX-License-Identifier: Apache-2.0 */
#include "store/search.h"

#include <errno.h>

#define STEP_MAX    256
#define PLACES_MANY 200000 /* as long as so many are not told yet, few runs more are read at once */
#define GROUP_MAX   16     /* runs that are asked together */
#define KEYS_SINGLE 24     /* more lists of a run than that are read as one range */

/* Places of one run that are left after some conditions. */
struct survivors {
	int64_t run, first_time;
	int64_t request_bits, source_bits;
	struct gb_places places;
	struct gb_places found; /* of the condition that is looked at */
	bool is_all;            /* no condition has been looked at yet */
	bool is_asked;          /* the condition that is looked at matters to it */
};

struct step {
	const struct gb_search *search;
	struct gb_event_cursor cursor;
	struct survivors runs[STEP_MAX];
	size_t count;
	/* The condition that is looked at, on the runs from FIRST on. */
	size_t first, group;
	const struct gb_ids *ids;
	enum gb_posting_kind kind;
	uint32_t hash;
};

static bool is_before(struct gb_posting place, struct gb_event_cursor cursor)
{
	return cursor.time == 0 || place.time < cursor.time || (place.time == cursor.time && place.n < cursor.n);
}

static bool is_in_time(const struct gb_search *search, struct gb_event_cursor cursor, struct gb_posting place)
{
	return place.time >= search->from && place.time < search->before && is_before(place, cursor);
}

struct waiting {
	const struct gb_search *search;
	struct gb_event_cursor cursor;
	struct gb_places *places;
};

static int add_waiting(void *context, const struct gb_sql_value *columns, size_t count)
{
	const struct waiting *waiting = context;
	const struct gb_event event = {
	        .n = columns[0].integer,
	        .time = columns[1].integer,
	        .function = columns[2].integer,
	        .request = columns[4].bytes,
	        .source_ip = columns[5].bytes,
	        .status = columns[6].integer,
	};
	struct gb_posting place = {event.time, event.n};

	(void)count;
	if (!is_in_time(waiting->search, waiting->cursor, place) ||
	        !gb_search_matches(waiting->search, &event, columns[3].integer))
		return 0;
	return gb_places_add(waiting->places, place);
}

int gb_search_waiting(struct gb_store *store, const struct gb_search *search, struct gb_event_cursor cursor,
        struct gb_places *places, struct gb_diag *diag)
{
	struct waiting waiting = {search, cursor, places};
	int r = gb_sql_run(store,
	        "SELECT n, time, function, facet, request, source_ip, status FROM events"
	        " WHERE n > COALESCE((SELECT last_n FROM event_runs ORDER BY run DESC LIMIT 1), 0)",
	        NULL, 0, add_waiting, &waiting, diag);

	return r == -ENOMEM ? gb_diag_set(diag, r, 0, 0, "out of memory") : r;
}

static int add_run(void *context, const struct gb_sql_value *columns, size_t count)
{
	struct step *step = context;

	(void)count;
	step->runs[step->count++] = (struct survivors){
	        .run = columns[0].integer,
	        .first_time = columns[1].integer,
	        .request_bits = columns[3].integer,
	        .source_bits = columns[4].integer,
	        .is_all = true,
	};
	return step->count == STEP_MAX ? 1 : 0;
}

struct walking {
	struct step *step;
	struct gb_run_walk *walk;
};

static int walk_run(void *context, const struct gb_sql_value *columns, size_t count)
{
	const struct walking *walking = context;

	walking->walk->run = columns[0].integer;
	walking->walk->last_time = columns[2].integer;
	return add_run(walking->step, columns, count);
}

static int read_runs(struct gb_store *store, struct step *step, struct gb_run_walk *walk, struct gb_diag *diag)
{
	const struct gb_search *search = step->search;
	struct walking walking = {step, walk};
	int64_t until = step->cursor.time == 0 ? INT64_MAX : step->cursor.time;
	const struct gb_sql_value values[] = {
	        gb_sql_integer(walk->last_time),
	        gb_sql_integer(walk->run),
	        gb_sql_integer(search->from),
	        gb_sql_integer(until < search->before ? until : search->before),
	        gb_sql_integer((int64_t)walk->step),
	};
	int r = gb_sql_run(store,
	        "SELECT run, first_time, last_time, request_bits, source_bits FROM event_runs"
	        " WHERE last_time <= $1 AND (last_time < $1 OR run < $2) AND last_time >= $3 AND first_time <= $4"
	        " ORDER BY last_time DESC, run DESC LIMIT $5",
	        values, 5, walk_run, &walking, diag);

	walk->is_end = r >= 0 && step->count < walk->step;
	return r < 0 ? r : 0;
}

/* Adds a list's places; in lists of hashes those with ours. */
static int read_list(struct step *step, struct survivors *run, struct gb_span list)
{
	struct gb_posting_reader reader = {
	        .rest = list,
	        .has_hashes = step->kind == GB_POSTING_REQUEST || step->kind == GB_POSTING_SOURCE,
	        .at = {run->first_time, run->run},
	};
	int r = 0;

	while (r >= 0 && gb_posting_next(&reader))
		if ((!reader.has_hashes || reader.hash == step->hash) &&
		        is_in_time(step->search, step->cursor, reader.at))
			r = gb_places_add(&run->found, reader.at);
	return r;
}

static int take_list(void *context, const struct gb_sql_value *columns, size_t count)
{
	struct step *step = context;
	int64_t value = gb_posting_key_value(columns[1].integer);

	(void)count;
	if (step->ids != NULL && !gb_ids_have(step->ids, value))
		return 0;
	for (size_t i = step->first; i < step->first + step->group; i++)
		if (step->runs[i].run == columns[0].integer)
			return read_list(step, &step->runs[i], columns[2].bytes);
	return 0;
}

static int by_place(const void *left, const void *right)
{
	const struct gb_posting *a = left;
	const struct gb_posting *b = right;

	if (a->time != b->time)
		return a->time < b->time ? -1 : 1;
	return a->n < b->n ? -1 : a->n > b->n;
}

/* What is in both; what was found is emptied. */
static void keep_found(struct survivors *run)
{
	struct gb_places *found = &run->found;
	size_t to = 0;

	if (found->count > 1)
		qsort(found->items, found->count, sizeof *found->items, by_place);
	if (run->is_all) {
		run->places = *found;
		run->is_all = false;
		*found = (struct gb_places){NULL, 0, 0};
		return;
	}
	for (size_t i = 0, j = 0; i < run->places.count && j < found->count;) {
		int order = by_place(&run->places.items[i], &found->items[j]);

		if (order == 0)
			run->places.items[to++] = run->places.items[i];
		i += order <= 0;
		j += order >= 0;
	}
	run->places.count = to;
	found->count = 0;
}

/* Lists of the runs of the group that are asked. */
static int read_keys(struct gb_store *store, struct step *step, int64_t low, int64_t high, struct gb_diag *diag)
{
	struct gb_sql_value values[2 + GROUP_MAX] = {gb_sql_integer(low), gb_sql_integer(high)};
	size_t count = 2;

	for (size_t i = step->first; i < step->first + step->group; i++)
		if (step->runs[i].is_asked)
			values[count++] = gb_sql_integer(step->runs[i].run);
	if (count == 2)
		return 0;
	for (size_t i = count; i < 2 + GROUP_MAX; i++)
		values[i] = values[2];
	return gb_sql_run(store,
	        "SELECT run, key, list FROM event_postings WHERE key >= $1 AND key <= $2 AND run IN ($3, $4, $5, $6, "
	        "$7, $8, $9, $10,"
	        " $11, $12, $13, $14, $15, $16, $17, $18)",
	        values, 2 + GROUP_MAX, take_list, step, diag);
}

static int read_ids(struct gb_store *store, struct step *step, const struct gb_ids *ids, struct gb_diag *diag)
{
	int r = 0;

	step->ids = ids;
	if (ids->count > KEYS_SINGLE)
		return read_keys(store, step, gb_posting_key(step->kind, ids->items[0]),
		        gb_posting_key(step->kind, ids->items[ids->count - 1]), diag);
	for (size_t i = 0; i < ids->count && r >= 0; i++) {
		int64_t key = gb_posting_key(step->kind, ids->items[i]);

		r = read_keys(store, step, key, key, diag);
	}
	return r;
}

/* Each run has parts of its own: those of the same key are asked together. */
static int read_hash(struct gb_store *store, struct step *step, uint64_t hash, struct gb_diag *diag)
{
	bool is_wanted[GROUP_MAX];
	int64_t keys[GROUP_MAX];
	int r = 0;

	step->ids = NULL;
	step->hash = (uint32_t)hash;
	for (size_t i = 0; i < step->group; i++) {
		const struct survivors *run = &step->runs[step->first + i];
		int64_t bits = step->kind == GB_POSTING_REQUEST ? run->request_bits : run->source_bits;

		keys[i] = gb_posting_key(step->kind, gb_posting_part(hash, bits));
		is_wanted[i] = run->is_asked;
	}
	for (size_t i = 0; i < step->group && r >= 0; i++) {
		if (!is_wanted[i])
			continue;
		for (size_t j = 0; j < step->group; j++) {
			step->runs[step->first + j].is_asked = is_wanted[j] && keys[j] == keys[i];
			is_wanted[j] = is_wanted[j] && keys[j] != keys[i];
		}
		r = read_keys(store, step, keys[i], keys[i], diag);
	}
	return r;
}

/* Few places are settled by reading their events, when that many lists would have to be read instead. */
static bool is_left_for_reading(const struct survivors *run, const struct gb_ids *ids)
{
	return !run->is_all && run->places.count * 4 < ids->count;
}

/* One condition on the runs of the group. */
static int narrow(struct gb_store *store, struct step *step, enum gb_posting_kind kind, struct gb_diag *diag)
{
	const struct gb_search *search = step->search;
	const struct gb_ids *ids = kind == GB_POSTING_FUNCTION && search->has_functions ? &search->functions
	                           : kind == GB_POSTING_FACET && search->has_facets     ? &search->facets
	                                                                                : NULL;
	uint64_t hash = kind == GB_POSTING_REQUEST ? search->request : kind == GB_POSTING_SOURCE ? search->source : 0;
	bool were_asked[GROUP_MAX];
	int r;

	if (ids == NULL && hash == 0)
		return 0;
	step->kind = kind;
	for (size_t i = 0; i < step->group; i++) {
		struct survivors *run = &step->runs[step->first + i];

		run->is_asked =
		        (run->is_all || run->places.count > 0) && (ids == NULL || !is_left_for_reading(run, ids));
		were_asked[i] = run->is_asked;
	}
	r = ids != NULL ? read_ids(store, step, ids, diag) : read_hash(store, step, hash, diag);
	for (size_t i = 0; i < step->group && r >= 0; i++)
		if (were_asked[i])
			keep_found(&step->runs[step->first + i]);
	return r;
}

static int search_group(struct gb_store *store, struct step *step, struct gb_places *places, struct gb_diag *diag)
{
	/* What reads the fewest lists, and leaves the fewest places, first. */
	bool is_facet_first = step->search->facets.count < step->search->functions.count;
	const enum gb_posting_kind kinds[] = {
	        GB_POSTING_REQUEST,
	        GB_POSTING_SOURCE,
	        is_facet_first ? GB_POSTING_FACET : GB_POSTING_FUNCTION,
	        is_facet_first ? GB_POSTING_FUNCTION : GB_POSTING_FACET,
	};
	int r = 0;

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0] && r >= 0; i++)
		r = narrow(store, step, kinds[i], diag);
	for (size_t i = step->first; i < step->first + step->group; i++)
		for (size_t j = 0; j < step->runs[i].places.count && r >= 0; j++)
			r = gb_places_add(places, step->runs[i].places.items[j]);
	return r;
}

int gb_search_runs(struct gb_store *store, const struct gb_search *search, struct gb_event_cursor cursor,
        struct gb_run_walk *walk, struct gb_places *places, struct gb_diag *diag)
{
	struct step *step = malloc(sizeof *step);
	int r;

	if (step == NULL)
		return gb_diag_set(diag, -ENOMEM, 0, 0, "out of memory");
	if (walk->step == 0)
		*walk = (struct gb_run_walk){.last_time = INT64_MAX, .run = INT64_MAX, .step = 2};
	step->search = search;
	step->cursor = cursor;
	step->count = 0;
	r = read_runs(store, step, walk, diag);
	for (step->first = 0; step->first < step->count && r >= 0; step->first += GROUP_MAX) {
		step->group = step->count - step->first < GROUP_MAX ? step->count - step->first : GROUP_MAX;
		r = search_group(store, step, places, diag);
	}
	for (size_t i = 0; i < step->count; i++) {
		free(step->runs[i].places.items);
		free(step->runs[i].found.items);
	}
	free(step);
	if (places->count > PLACES_MANY)
		walk->step = 2;
	else if (walk->step < STEP_MAX)
		walk->step *= 2;
	return r == -ENOMEM ? gb_diag_set(diag, r, 0, 0, "out of memory") : r;
}

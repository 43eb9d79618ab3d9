/* SPDX-License-Identifier: Apache-2.0 */
#include "store/search.h"

#include "base/arena.h"
#include "store/driver.h"

#include <errno.h>

static int out_of_memory(struct gb_diag *diag)
{
	return gb_diag_set(diag, -ENOMEM, 0, 0, "out of memory");
}

static int ids_add(struct gb_ids *ids, int64_t id)
{
	if (ids->count == ids->cap) {
		size_t cap = ids->cap == 0 ? 64 : 2 * ids->cap;
		int64_t *grown = realloc(ids->items, cap * sizeof *grown);

		if (grown == NULL)
			return -ENOMEM;
		ids->items = grown;
		ids->cap = cap;
	}
	ids->items[ids->count++] = id;
	return 0;
}

static int by_id(const void *left, const void *right)
{
	int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

	return a < b ? -1 : a > b;
}

bool gb_ids_have(const struct gb_ids *ids, int64_t id)
{
	return ids->count > 0 && bsearch(&id, ids->items, ids->count, sizeof id, by_id) != NULL;
}

int gb_places_add(struct gb_places *places, struct gb_posting place)
{
	if (places->count == places->cap) {
		size_t cap = places->cap == 0 ? 1024 : 2 * places->cap;
		struct gb_posting *grown = realloc(places->items, cap * sizeof *grown);

		if (grown == NULL)
			return -ENOMEM;
		places->items = grown;
		places->cap = cap;
	}
	places->items[places->count++] = place;
	return 0;
}

static bool is_among(const struct gb_span_list *list, struct gb_span value)
{
	for (size_t i = 0; i < list->count; i++)
		if (gb_span_equal(list->items[i], value))
			return true;
	return list->count == 0;
}

static int add_function(void *context, const struct gb_sql_value *columns, size_t count)
{
	struct gb_search *search = context;
	const struct gb_event_filter *filter = search->filter;

	(void)count;
	search->function_rows++;
	if (!is_among(&filter->accounts, columns[1].bytes) || !is_among(&filter->regions, columns[2].bytes) ||
	        !is_among(&filter->names, columns[3].bytes) || !is_among(&filter->groups, columns[4].bytes))
		return 0;
	for (size_t i = 0; i < filter->function_count; i++)
		if (filter->functions[i] == columns[0].integer)
			return ids_add(&search->functions, columns[0].integer);
	return filter->function_count == 0 ? ids_add(&search->functions, columns[0].integer) : 0;
}

/* With one account, or one function, no others need be looked at. */
static int find_functions(
        struct gb_search *search, struct gb_store *store, const struct gb_sql_value *scope, struct gb_diag *diag)
{
	const struct gb_event_filter *filter = search->filter;
	struct gb_sql_value values[2] = {*scope};
	const char *text = "SELECT id, account, region, name, grp FROM functions WHERE " GB_SCOPE_SQL(
	        "functions", "$1") " ORDER BY id";

	if (filter->function_count == 1) {
		values[1] = gb_sql_integer(filter->functions[0]);
		text = "SELECT id, account, region, name, grp FROM functions WHERE id = $2 AND " GB_SCOPE_SQL(
		        "functions", "$1");
	} else if (filter->accounts.count == 1) {
		values[1] = gb_sql_text(filter->accounts.items[0]);
		text = "SELECT id, account, region, name, grp FROM functions WHERE account = $2 AND " GB_SCOPE_SQL(
		        "functions", "$1") " ORDER BY id";
	}
	return gb_sql_run(store, text, values, filter->function_count == 1 || filter->accounts.count == 1 ? 2 : 1,
	        add_function, search, diag);
}

static int find_facets(struct gb_search *search, struct gb_store *store, struct gb_diag *diag)
{
	const struct gb_event_filter *filter = search->filter;
	const struct gb_facet *facets;
	size_t count;
	int r = gb_facets_list(store, &facets, &count, diag);

	for (size_t i = 0; r >= 0 && i < count; i++) {
		const struct gb_event_facets *words = &facets[i].words;

		if (is_among(&filter->kinds, words->kind) && is_among(&filter->types, words->type) &&
		        is_among(&filter->classes, words->class) && is_among(&filter->controls, words->control) &&
		        is_among(&filter->actions, words->action) && words->severity >= filter->severity_min)
			r = ids_add(&search->facets, facets[i].id);
	}
	return r;
}

int gb_search_begin(struct gb_search *search, struct gb_store *store, const struct gb_scope *scope,
        const struct gb_event_filter *filter, struct gb_diag *diag)
{
	struct gb_arena *arena = gb_arena_new();
	struct gb_sql_value scope_value;
	int r = arena == NULL ? out_of_memory(diag) : gb_scope_value(scope, arena, &scope_value);

	*search = (struct gb_search){
	        .filter = filter,
	        .from = filter->from,
	        .before = filter->before <= 0 ? INT64_MAX : filter->before,
	        .request = filter->request.n == 0 ? 0 : gb_posting_hash(filter->request),
	        .source = filter->source_ip.n == 0 ? 0 : gb_posting_hash(filter->source_ip),
	        .has_facets = filter->kinds.count + filter->types.count + filter->classes.count +
	                              filter->controls.count + filter->actions.count + (size_t)filter->severity_min >
	                      0,
	};
	search->has_functions = filter->function_count + filter->accounts.count + filter->regions.count +
	                                filter->names.count + filter->groups.count >
	                        0;
	if (r >= 0) {
		search->has_functions = search->has_functions || scope_value.bytes.n > 0;
		if (search->has_functions)
			r = find_functions(search, store, &scope_value, diag);
		/* All there are: no condition. */
		if (scope_value.bytes.n == 0 && filter->function_count != 1 && filter->accounts.count != 1 &&
		        search->functions.count == search->function_rows && search->function_rows > 0)
			search->has_functions = false;
		if (r >= 0 && search->has_facets)
			r = find_facets(search, store, diag);
	}
	search->is_nothing = (search->has_functions && search->functions.count == 0) ||
	                     (search->has_facets && search->facets.count == 0) || search->from >= search->before;
	gb_arena_free(arena);
	return r == -ENOMEM ? out_of_memory(diag) : r;
}

void gb_search_end(struct gb_search *search)
{
	free(search->functions.items);
	free(search->facets.items);
}

bool gb_search_matches(const struct gb_search *search, const struct gb_event *event, int64_t facet)
{
	const struct gb_event_filter *filter = search->filter;

	return event->time >= search->from && event->time < search->before &&
	       (!search->has_functions || gb_ids_have(&search->functions, event->function)) &&
	       (!search->has_facets || gb_ids_have(&search->facets, facet)) &&
	       (filter->request.n == 0 || gb_span_equal(filter->request, event->request)) &&
	       (filter->source_ip.n == 0 || gb_span_equal(filter->source_ip, event->source_ip)) &&
	       (filter->status_plus_1 == 0 || filter->status_plus_1 == event->status + 1);
}

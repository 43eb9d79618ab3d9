/* SPDX-License-Identifier: Apache-2.0 */
#include "store/counting.h"
#include "store/sums.h"

#include <errno.h>

/* More are not asked for one by one: with sums, and without. */
#define FUNCTIONS_FEW      12
#define FUNCTIONS_FEW_ROWS 200

static bool is_by_function(const struct gb_counting *counting)
{
	return counting->group == GB_GROUP_FUNCTION || counting->group == GB_GROUP_ACCOUNT ||
	       counting->group == GB_GROUP_REGION;
}

static int64_t hour_from(const struct gb_search *search)
{
	return search->from / GB_HOUR_MS;
}

static int64_t hour_before(const struct gb_search *search)
{
	return search->before == INT64_MAX ? INT64_MAX : (search->before + GB_HOUR_MS - 1) / GB_HOUR_MS;
}

static int add_counted(void *context, const struct gb_sql_value *columns, size_t count)
{
	struct gb_counting *counting = context;
	const struct gb_search *search = &counting->search;
	int64_t function = columns[0].integer;
	int64_t facet = columns[2].integer;

	(void)count;
	if ((search->has_functions && !gb_ids_have(&search->functions, function)) ||
	        (search->has_facets && !gb_ids_have(&search->facets, facet)))
		return 0;
	gb_counting_add(counting, columns[1].integer * GB_HOUR_MS,
	        gb_counting_label_for(counting, function, gb_facet_get(counting->store, facet)), columns[3].integer);
	return counting->has_failed ? -E2BIG : 0;
}

/* From event_counts: those of function 0, which are of all, or of functions one by one, or of each function. */
static int read_rows(struct gb_counting *counting, bool is_one_by_one, struct gb_diag *diag)
{
	const struct gb_search *search = &counting->search;
	bool by_function = search->has_functions || is_by_function(counting);
	struct gb_sql_value values[5] = {
	        gb_sql_integer(counting->step_hours),
	        gb_sql_integer(hour_from(search)),
	        gb_sql_integer(hour_before(search)),
	        gb_sql_integer(by_function ? 1 : 0),
	        gb_sql_integer(by_function ? INT64_MAX : 0),
	};
	size_t turns = is_one_by_one ? search->functions.count : 1;
	int r = 0;

	for (size_t i = 0; i < turns && r >= 0; i++) {
		if (is_one_by_one)
			values[3] = values[4] = gb_sql_integer(search->functions.items[i]);
		r = gb_sql_run(counting->store,
		        "SELECT function, hour / $1 * $1, facet, CAST(sum(n) AS BIGINT) FROM event_counts"
		        " WHERE function >= $4 AND function <= $5 AND hour >= $2 AND hour < $3 GROUP BY 1, 2, 3",
		        values, 5, add_counted, counting, diag);
	}
	return r;
}

struct summing {
	struct gb_counting *counting;
	struct gb_tally *tally;
	int64_t hours;
	int64_t step; /* that what was read last belongs to; -1: none */
};

static int add_function(void *context, int64_t function, int64_t n)
{
	struct summing *summing = context;
	struct gb_counting *counting = summing->counting;

	gb_counting_add(counting, summing->step * GB_HOUR_MS, gb_counting_label_for(counting, function, NULL), n);
	return counting->has_failed ? -E2BIG : 0;
}

static int add_sums(void *context, const struct gb_sql_value *columns, size_t count)
{
	struct summing *summing = context;
	struct gb_counting *counting = summing->counting;
	int64_t step = columns[0].integer / counting->step_hours * counting->step_hours;
	int64_t facet = columns[1].integer;
	int64_t sum = 0;
	int r = 0;

	(void)count;
	if (counting->search.has_facets && !gb_ids_have(&counting->search.facets, facet))
		return 0;
	if (is_by_function(counting) && step != summing->step && summing->step >= 0)
		r = gb_tally_tell(summing->tally, add_function, summing);
	summing->step = step;
	if (r >= 0)
		r = gb_tally_add(summing->tally, summing->hours, columns[2].integer, columns[3].bytes, &sum);
	if (r >= 0 && sum > 0 && !is_by_function(counting))
		gb_counting_add(counting, step * GB_HOUR_MS,
		        gb_counting_label_for(counting, 0, gb_facet_get(counting->store, facet)), sum);
	return r < 0 ? r : counting->has_failed ? -E2BIG : 0;
}

static int read_range(struct summing *summing, int64_t hours, int64_t from, int64_t before, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {gb_sql_integer(hours), gb_sql_integer(from), gb_sql_integer(before)};

	summing->hours = hours;
	return from >= before ? 0
	                      : gb_sql_run(summing->counting->store,
	                                "SELECT moment, facet, part, list FROM event_sums"
	                                " WHERE hours = $1 AND moment >= $2 AND moment < $3 ORDER BY moment",
	                                values, 3, add_sums, summing, diag);
}

/* From event_sums: whole days as such, where a step does not cut them, and the hours before and behind. */
static int read_sums(struct gb_counting *counting, struct gb_diag *diag)
{
	const struct gb_search *search = &counting->search;
	int64_t from = hour_from(search), before = hour_before(search);
	int64_t day_from = (from + GB_DAY_HOURS - 1) / GB_DAY_HOURS * GB_DAY_HOURS;
	int64_t day_before = before == INT64_MAX ? INT64_MAX : before - before % GB_DAY_HOURS;
	bool has_days = (counting->step_hours % GB_DAY_HOURS == 0 || counting->step_hours == INT32_MAX) &&
	                day_from < day_before;
	struct summing summing = {
	        .counting = counting,
	        .tally = gb_tally_new(search->has_functions ? &search->functions : NULL),
	        .step = -1,
	};
	int r = summing.tally == NULL ? -ENOMEM : 0;

	if (r >= 0)
		r = read_range(&summing, 1, from, has_days ? day_from : before, diag);
	if (r >= 0 && has_days)
		r = read_range(&summing, GB_DAY_HOURS, day_from, day_before, diag);
	if (r >= 0 && has_days)
		r = read_range(&summing, 1, day_before, before, diag);
	if (r >= 0 && is_by_function(counting) && summing.step >= 0)
		r = gb_tally_tell(summing.tally, add_function, &summing);
	gb_tally_free(summing.tally);
	return r == -ENOMEM ? gb_diag_set(diag, r, 0, 0, "out of memory") : r;
}

int gb_counting_read(struct gb_counting *counting, struct gb_diag *diag)
{
	const struct gb_search *search = &counting->search;
	bool has_sums = search->has_functions || is_by_function(counting);
	int r = has_sums ? gb_sums_are_whole(counting->store, diag) : 0;

	if (r < 0)
		return r;
	if (search->has_functions && search->functions.count <= (r > 0 ? FUNCTIONS_FEW : FUNCTIONS_FEW_ROWS))
		return read_rows(counting, true, diag);
	return r > 0 ? read_sums(counting, diag) : read_rows(counting, false, diag);
}

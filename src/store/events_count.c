/* SPDX-License-Identifier: Apache-2.0 */
#include "store/counting.h"

#include <errno.h>

#define LABELS_MAX  20000  /* different ones of one call; further are added up under "" */
#define COUNTS_MAX  200000 /* of labels and moments */
#define LABEL_SLOTS 65536u
#define TOTAL_SLOTS 524288u

uint32_t gb_counting_label(struct gb_counting *counting, struct gb_span text, int64_t function)
{
	uint64_t hash = gb_posting_hash(text) + (uint64_t)function * 0x9e3779b97f4a7c15u;
	size_t slot = hash % LABEL_SLOTS;
	struct gb_label *label;

	text = gb_span_sub(text, 0, GB_LABEL_BYTES);
	for (; counting->label_slots[slot] != 0; slot = (slot + 1) % LABEL_SLOTS) {
		label = &counting->labels[counting->label_slots[slot] - 1];
		if (label->function == function && gb_span_equal(gb_span_of(label->text, label->n), text))
			return counting->label_slots[slot] - 1;
	}
	if (counting->label_count == LABELS_MAX)
		return UINT32_MAX;
	label = &counting->labels[counting->label_count++];
	label->n = text.n;
	label->function = function;
	label->sum = 0;
	if (text.n > 0)
		memcpy(label->text, text.p, text.n);
	counting->label_slots[slot] = (uint32_t)counting->label_count;
	return (uint32_t)counting->label_count - 1;
}

void gb_counting_add(struct gb_counting *counting, int64_t moment, uint32_t label, int64_t n)
{
	size_t slot = (size_t)(((uint64_t)moment * 31 + label) * 0x9e3779b97f4a7c15u >> 40) % TOTAL_SLOTS;
	struct gb_total *total;

	if (label != UINT32_MAX)
		counting->labels[label].sum += n;
	for (; counting->total_slots[slot] != 0; slot = (slot + 1) % TOTAL_SLOTS) {
		total = &counting->totals[counting->total_slots[slot] - 1];
		if (total->moment == moment && total->label == label) {
			total->n += n;
			return;
		}
	}
	if (counting->total_count == COUNTS_MAX) {
		counting->has_failed = true;
		return;
	}
	counting->totals[counting->total_count++] = (struct gb_total){moment, label, n};
	counting->total_slots[slot] = (uint32_t)counting->total_count;
}

uint32_t gb_counting_label_for(struct gb_counting *counting, int64_t function, const struct gb_facet *facet)
{
	static const struct gb_event_facets none = {0};
	const struct gb_event_facets *words = facet == NULL ? &none : &facet->words;

	switch (counting->group) {
	case GB_GROUP_KIND: return gb_counting_label(counting, words->kind, 0);
	case GB_GROUP_TYPE: return gb_counting_label(counting, words->type, 0);
	case GB_GROUP_CLASS: return gb_counting_label(counting, words->class, 0);
	case GB_GROUP_CONTROL: return gb_counting_label(counting, words->control, 0);
	case GB_GROUP_ACTION: return gb_counting_label(counting, words->action, 0);
	case GB_GROUP_SEVERITY: return gb_counting_label(counting, gb_severity_name(words->severity), 0);
	case GB_GROUP_FUNCTION: return gb_counting_label(counting, GB_SPAN_EMPTY, function);
	case GB_GROUP_ACCOUNT:
	case GB_GROUP_REGION: {
		/* In order of function, as they were read. */
		size_t from = 0, to = counting->names.count;

		while (from < to) {
			size_t middle = from + (to - from) / 2;

			if (counting->names.items[middle].time == function)
				return (uint32_t)counting->names.items[middle].n;
			if (counting->names.items[middle].time < function)
				from = middle + 1;
			else
				to = middle;
		}
		return UINT32_MAX;
	}
	case GB_GROUP_NONE:
	case GB_GROUP_SOURCE_IP:
	case _GB_GROUP_MAX: break;
	}
	return gb_counting_label(counting, GB_SPAN_EMPTY, 0);
}

static int add_name(void *context, const struct gb_sql_value *columns, size_t count)
{
	struct gb_counting *counting = context;
	struct gb_span name = columns[counting->group == GB_GROUP_ACCOUNT ? 1 : 2].bytes;
	uint32_t label = gb_counting_label(counting, name, 0);

	(void)count;
	return gb_places_add(&counting->names, (struct gb_posting){columns[0].integer, label});
}

/* Labels are told by their sums; a total's label becomes its place in that order. */
static int by_sum(const void *left, const void *right, void *context)
{
	const struct gb_label *labels = context;
	const struct gb_label *a = &labels[*(const uint32_t *)left];
	const struct gb_label *b = &labels[*(const uint32_t *)right];

	if (a->sum != b->sum)
		return a->sum > b->sum ? -1 : 1;
	if (a->function != b->function)
		return a->function < b->function ? -1 : 1;
	return a->n < b->n ? -1 : a->n > b->n;
}

static int by_moment(const void *left, const void *right)
{
	const struct gb_total *a = left;
	const struct gb_total *b = right;

	if (a->moment != b->moment)
		return a->moment < b->moment ? -1 : 1;
	return a->label < b->label ? -1 : a->label > b->label;
}

static int tell(struct gb_counting *counting, size_t limit, gb_event_count_row *on_count, void *context)
{
	uint32_t *order = malloc((counting->label_count + 1) * sizeof *order);
	uint32_t *rank = malloc((counting->label_count + 1) * sizeof *rank);
	int r = order == NULL || rank == NULL ? -ENOMEM : 0;

	for (uint32_t i = 0; r == 0 && i < counting->label_count; i++)
		order[i] = i;
	if (r == 0)
		qsort_r(order, counting->label_count, sizeof *order, by_sum, counting->labels);
	for (uint32_t i = 0; r == 0 && i < counting->label_count; i++)
		rank[order[i]] = i < limit ? i : UINT32_MAX;
	for (size_t i = 0; r == 0 && i < counting->total_count; i++)
		if (counting->totals[i].label != UINT32_MAX)
			counting->totals[i].label = rank[counting->totals[i].label];
	if (r == 0)
		qsort(counting->totals, counting->total_count, sizeof *counting->totals, by_moment);
	for (size_t i = 0; r == 0 && i < counting->total_count;) {
		const struct gb_total *total = &counting->totals[i];
		const struct gb_label *label =
		        total->label == UINT32_MAX ? NULL : &counting->labels[order[total->label]];
		struct gb_event_count count = {.moment = total->moment};

		if (label != NULL) {
			count.label = gb_span_of(label->text, label->n);
			count.function = label->function;
		}
		for (; i < counting->total_count && by_moment(&counting->totals[i], total) == 0; i++)
			count.n += counting->totals[i].n;
		r = on_count(context, &count);
	}
	free(rank);
	free(order);
	return r < 0 ? r : 0;
}

static int fill(struct gb_counting *counting, const struct gb_scope *scope, const struct gb_event_filter *filter,
        size_t limit, struct gb_diag *diag)
{
	const struct gb_facet *facets;
	size_t count;
	int r;

	counting->labels = malloc(LABELS_MAX * sizeof *counting->labels);
	counting->label_slots = calloc(LABEL_SLOTS, sizeof *counting->label_slots);
	counting->totals = malloc(COUNTS_MAX * sizeof *counting->totals);
	counting->total_slots = calloc(TOTAL_SLOTS, sizeof *counting->total_slots);
	if (counting->labels == NULL || counting->label_slots == NULL || counting->totals == NULL ||
	        counting->total_slots == NULL)
		return gb_diag_set(diag, -ENOMEM, 0, 0, "out of memory");
	if (counting->group == GB_GROUP_SOURCE_IP)
		return gb_counting_read_addresses(counting, scope, filter, limit, diag);
	r = gb_search_begin(&counting->search, counting->store, scope, filter, diag);
	if (r < 0 || counting->search.is_nothing)
		return r;
	r = gb_facets_list(counting->store, &facets, &count, diag);
	if (r >= 0 && (counting->group == GB_GROUP_ACCOUNT || counting->group == GB_GROUP_REGION))
		r = gb_sql_run(counting->store, "SELECT id, account, region FROM functions ORDER BY id", NULL, 0,
		        add_name, counting, diag);
	return r < 0 ? r : gb_counting_read(counting, diag);
}

int gb_events_count(struct gb_store *store, const struct gb_scope *scope, const struct gb_event_filter *filter,
        enum gb_event_group group, int64_t step_ms, size_t limit, gb_event_count_row *on_count, void *context,
        struct gb_diag *diag)
{
	/* Without steps all is one, which begins in 1970. */
	struct gb_counting counting = {
	        .store = store, .group = group, .step_hours = step_ms == 0 ? INT32_MAX : step_ms / GB_HOUR_MS};
	int r;

	if (step_ms < 0 || step_ms % GB_HOUR_MS != 0 || (unsigned)group >= _GB_GROUP_MAX)
		return gb_diag_set(diag, -EINVAL, 0, 0, "a step must be a multiple of an hour");
	if (group != GB_GROUP_SOURCE_IP &&
	        (filter->request.n > 0 || filter->source_ip.n > 0 || filter->text.n > 0 || filter->status_plus_1 != 0))
		return gb_diag_set(diag, -ENOTSUP, 0, 0, "counts are not kept by request, address, text or status");
	limit = limit == 0 ? 100 : limit;
	r = fill(&counting, scope, filter, limit, diag);
	if (r >= 0)
		r = tell(&counting, limit, on_count, context);
	else if (r == -E2BIG)
		r = gb_diag_set(diag, r, 0, 0, "more than %u counts: take a longer step or fewer groups", COUNTS_MAX);
	gb_search_end(&counting.search);
	free(counting.names.items);
	free(counting.total_slots);
	free(counting.totals);
	free(counting.label_slots);
	free(counting.labels);
	return r;
}

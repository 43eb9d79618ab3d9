/* SPDX-License-Identifier: Apache-2.0 */
/* collect/put: batches into the store. */
#include "collect/put.h"

#include "collect/tell.h"
#include "store/functions.h"
#include "store/store.h"

#include <errno.h>
#include <string.h>

static int make_tables(struct put *put)
{
	size_t slots = 16;

	while (slots < 2 * put->count)
		slots *= 2;
	put->home_mask = slots - 1;
	put->home_at = gb_arena_take(put->arena, slots * sizeof(struct home *));
	put->owner_at = gb_arena_take(put->arena, slots * sizeof(struct home *));
	put->homes = gb_arena_take(put->arena, put->count * sizeof(struct home));
	put->entries = gb_arena_take(put->arena, put->count * sizeof(struct put_entry));
	put->line_at = gb_arena_take(put->arena, slots * sizeof(struct put_entry *));
	put->line_mask = slots - 1;
	put->events = gb_arena_take(put->arena, 4 * put->count * sizeof(struct gb_event));
	put->observations = gb_arena_take(put->arena, put->count * sizeof(struct gb_observed_line));
	put->lines = gb_arena_take(put->arena, put->count * sizeof(struct gb_line));
	return put->home_at == NULL || put->owner_at == NULL || put->homes == NULL || put->entries == NULL ||
	                       put->line_at == NULL || put->events == NULL || put->observations == NULL ||
	                       put->lines == NULL
	               ? -ENOMEM
	               : 0;
}

static void gather(struct put *put, struct gb_collect_batch *const *batches, size_t batch_count)
{
	size_t n = 0;

	for (size_t b = 0; b < batch_count; b++)
		for (size_t i = 0; i < batches[b]->count; i++) {
			const struct collect_entry *from = &batches[b]->entries[i];
			struct put_entry *entry = &put->entries[n++];
			const struct collect_line *line = &from->line;
			struct home *home = collect_find_home(put, line->sandbox, from->origin);

			*entry = (struct put_entry){.line = line,
			        .home = home,
			        .origin = from->origin,
			        .is_forged = from->is_forged,
			        .is_untaught = from->is_untaught};
			if (line->time > home->last_time)
				home->last_time = line->time;
			home->has_event |= line->kind == COLLECT_FINDING;
			if (line->kind == COLLECT_START && !from->is_forged &&
			        (home->start == NULL || (line->has_key && !home->start->has_key)))
				home->start = line;
		}
}

static int tell(struct put *put, enum collect_finding finding, const struct put_entry *entry, const char *message)
{
	const struct collect_about about = {.function = entry->home->ids.function,
	        .version = entry->home->ids.version,
	        .sandbox = entry->line->sandbox,
	        .first = entry->line->seq,
	        .last = entry->line->seq,
	        .time = entry->line->time,
	        .message = message};

	/* At most three of them for each line; there is room. */
	return collect_tell(finding, &about, put->arena, &put->events[put->event_count++]) ? 0 : -ENOMEM;
}

/* What a start line gives away about the log it stands in. */
static int check_start(struct put *put, const struct put_entry *entry, struct gb_diag *diag)
{
	const struct collect_line *line = entry->line;
	struct home *home = entry->home;
	int64_t others = 0;
	int r = 0;

	if (entry->is_forged)
		return tell(
		        put, COLLECT_LOG_FORGED, entry, "a start line has a key that its sandbox's id was not made of");
	if (home->was_denied_key && line->has_key)
		r = tell(put, COLLECT_LOG_FORGED, entry,
		        "a start line without a key stood before that with the sandbox's key");
	if (r == 0 && line->function.n != 0 && entry->origin->function.n != 0 &&
	        !gb_span_equal(line->function, entry->origin->function))
		r = tell(put, COLLECT_LOG_MISMATCH, entry,
		        "the start line in the log of a function names another function");
	if (r == 0 && !home->is_known && entry->origin->stream.n != 0) {
		r = gb_sandbox_streams(
		        put->store, home->ids.function, entry->origin->stream, home->sandbox.id, &others, diag);
		if (r == 0 && others > 0)
			r = tell(put, COLLECT_LOG_SECOND_START, entry,
			        "a further sandbox began in a log stream that has another's lines: the runtime was "
			        "started again, or somebody writes lines of his own");
	}
	return r;
}

static void add_event(struct put *put, const struct put_entry *entry)
{
	const struct collect_line *line = entry->line;
	struct gb_event *event = &put->events[put->event_count++];

	*event = (struct gb_event){.time = line->time,
	        .function = entry->home->ids.function,
	        .version = entry->home->ids.version,
	        .facets = {.kind = line->kind_name,
	                .type = line->type,
	                .class = line->kind == COLLECT_NOTICE ? line->reason : line->class,
	                .control = line->control,
	                .action = line->action,
	                .severity = gb_severity_of(line->severity)},
	        .sandbox = line->sandbox,
	        .seq = line->seq,
	        .request = line->request,
	        .source_ip = line->source_ip,
	        .body = line->text};
	memcpy(event->id, line->id, sizeof(event->id));
}

static void add_observation(struct put *put, const struct put_entry *entry)
{
	const struct collect_line *line = entry->line;

	if (entry->is_untaught)
		return;
	put->observations[put->observation_count++] = (struct gb_observed_line){.function = entry->home->ids.function,
	        .version = entry->home->ids.version,
	        .sandbox = line->sandbox,
	        .seq = line->seq,
	        .time = line->time,
	        .line = line->text};
}

static int sort_entries(struct put *put, struct gb_diag *diag)
{
	int r = 0;

	for (size_t i = 0; i < put->count && r >= 0; i++) {
		const struct put_entry *entry = &put->entries[i];

		switch (entry->line->kind) {
		case COLLECT_SEAL: break;
		case COLLECT_OBSERVATIONS:
		case COLLECT_PROGRESS: add_observation(put, entry); break;
		case COLLECT_START:
			r = check_start(put, entry, diag);
			add_event(put, entry);
			break;
		case COLLECT_FINDING:
		case COLLECT_NOTICE:
		case COLLECT_OTHER:
		case _COLLECT_KIND_MAX: add_event(put, entry); break;
		}
	}
	return r;
}

/* All of it inside the transaction that the caller has begun. */
static int put_batches(struct put *put, struct gb_collect_batch *const *batches, size_t count, struct gb_diag *diag)
{
	int r;

	for (size_t i = 0; i < count; i++)
		put->count += batches[i]->count;
	if (put->count == 0)
		return 0;
	r = make_tables(put);
	if (r < 0)
		return r;
	gather(put, batches, count);
	collect_gather_owners(put);
	r = collect_put_homes(put, diag);
	if (r >= 0)
		r = sort_entries(put, diag);
	if (r >= 0)
		r = collect_put_seals(put, diag);
	if (r >= 0)
		r = gb_observations_put(put->store, put->observations, put->observation_count, diag);
	if (r >= 0 && put->event_count > 0)
		r = gb_events_insert(put->store, put->events, put->event_count, &put->inserted, diag);
	return r < 0 ? r : 0;
}

int gb_collect_store(
        struct gb_store *store, struct gb_collect_batch *const *batches, size_t count, struct gb_diag *diag)
{
	struct put put = {.store = store, .arena = gb_arena_new()};
	int r = put.arena == NULL ? -ENOMEM : gb_store_begin(store, diag);

	if (r == 0) {
		r = put_batches(&put, batches, count, diag);
		if (r == 0)
			r = gb_store_commit(store, diag);
		if (r < 0)
			gb_store_rollback(store);
	}
	for (size_t i = 0; i < count && r == 0; i++) {
		batches[i]->told.inserted = put.inserted.inserted;
		batches[i]->told.duplicates = put.inserted.duplicates;
	}
	gb_arena_free(put.arena);
	return r;
}

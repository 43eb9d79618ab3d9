/* SPDX-License-Identifier: Apache-2.0 */
#include "collect/envelope.h"

#include <errno.h>
#include <stdlib.h>

#define USUAL_LINE_BYTES 256u

struct gb_collect_batch *gb_collect_batch_new(int64_t now_ms)
{
	struct gb_collect_batch *batch = calloc(1, sizeof(*batch));

	if (batch == NULL)
		return NULL;
	batch->now_ms = now_ms;
	batch->arena = gb_arena_new();
	if (batch->arena == NULL) {
		free(batch);
		return NULL;
	}
	return batch;
}

void gb_collect_batch_free(struct gb_collect_batch *batch)
{
	if (batch == NULL)
		return;
	gb_arena_free(batch->arena);
	if (batch->shared != NULL)
		atomic_fetch_sub(batch->shared, batch->held);
	free(batch);
}

void gb_collect_batch_share(struct gb_collect_batch *batch, atomic_size_t *shared)
{
	batch->shared = shared;
}

/* Room for the lines that a body may have, at once: what an array that grows leaves behind is as large as itself. */
static void expect_lines(struct gb_collect_batch *batch, size_t bytes)
{
	size_t cap = bytes / USUAL_LINE_BYTES;

	if (cap > GB_COLLECT_LINES_MAX)
		cap = GB_COLLECT_LINES_MAX;
	if (batch->count > 0 || cap <= batch->cap)
		return;
	batch->entries = gb_arena_take(batch->arena, cap * sizeof(batch->entries[0]));
	batch->cap = batch->entries == NULL ? 0 : cap;
}

int gb_collect_batch_add(struct gb_collect_batch *batch, struct gb_span body, enum gb_collect_envelope envelope,
        const struct gb_collect_origin *origin, struct gb_diag *diag)
{
	int r;

	expect_lines(batch, body.n);
	r = collect_take_body(batch, body, envelope, origin, 0);
	if (r == -EBADMSG)
		return gb_diag_set(diag, r, 0, 0, "this is neither a log's text nor an envelope of one that is whole");
	if (r == -E2BIG)
		return gb_diag_set(diag, r, 0, 0, "more than %u lines, or than %u MB once it is unpacked",
		        GB_COLLECT_LINES_MAX, GB_COLLECT_EXPANDED_MAX >> 20);
	if (r == -EBUSY)
		return gb_diag_set(diag, r, 0, 0, "too much is being unpacked at one time");
	if (r < 0)
		return gb_diag_set(diag, r, 0, 0, "there is no memory for so many lines");
	return 0;
}

static bool is_account_of(struct gb_span account, const struct gb_collect_origin *origin)
{
	return gb_span_equal(origin->account, account);
}

static bool is_function_of(struct gb_span name, const struct gb_collect_origin *origin)
{
	if (origin->function.n == 0)
		return false;
	if (gb_span_ends(name, GB_SPAN("*")))
		return gb_span_starts(origin->function, gb_span_sub(name, 0, name.n - 1));
	return gb_span_equal(origin->function, name);
}

static void keep(struct gb_collect_batch *batch, const struct gb_span *names, size_t count,
        bool (*is_of)(struct gb_span name, const struct gb_collect_origin *origin))
{
	size_t kept = 0;

	for (size_t i = 0; i < batch->count; i++) {
		bool is_wanted = false;

		for (size_t k = 0; k < count; k++)
			is_wanted |= is_of(names[k], batch->entries[i].origin);
		if (is_wanted)
			batch->entries[kept++] = batch->entries[i];
		else if (batch->entries[i].is_forged)
			batch->told.forged--;
	}
	batch->told.refused += batch->count - kept;
	batch->told.lines -= batch->count - kept;
	batch->count = kept;
}

void gb_collect_batch_keep(struct gb_collect_batch *batch, const struct gb_span *accounts, size_t count)
{
	keep(batch, accounts, count, is_account_of);
}

void gb_collect_batch_keep_functions(struct gb_collect_batch *batch, const struct gb_span *functions, size_t count)
{
	keep(batch, functions, count, is_function_of);
}

static bool is_taught(enum gb_collect_teaching teaching, const struct collect_entry *entry)
{
	return teaching == GB_COLLECT_TEACHES_STREAMS && entry->origin->function.n != 0 && entry->origin->stream.n != 0;
}

void gb_collect_batch_teach(struct gb_collect_batch *batch, enum gb_collect_teaching teaching)
{
	batch->told.unlearned = 0;
	for (size_t i = 0; i < batch->count; i++) {
		struct collect_entry *entry = &batch->entries[i];
		bool is_lesson = entry->line.kind == COLLECT_OBSERVATIONS || entry->line.kind == COLLECT_PROGRESS;

		entry->is_untaught = !is_taught(teaching, entry);
		batch->told.unlearned += is_lesson && entry->is_untaught;
	}
}

const struct gb_collect_told *gb_collect_batch_told(const struct gb_collect_batch *batch)
{
	return &batch->told;
}

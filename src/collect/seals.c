/* SPDX-License-Identifier: Apache-2.0 */
/*
 * collect/seals: most seals come together with their lines. Those are held against each other here, so that only the
 * signature is left to be looked at (verify.c); what came alone is kept until the rest is there.
 */
#include "collect/put.h"

#include "store/store.h"

#include <string.h>

static size_t slot_of(const struct put *put, uint64_t sandbox, int64_t seq)
{
	return (size_t)(((sandbox ^ (uint64_t)seq << 17) * 0x9e3779b97f4a7c15u) >> 24) & put->line_mask;
}

/* Of a sandbox without a key there will be no seals. What stands in another function's log neither speaks for nor against
 * the sandbox that it names. */
static bool may_be_sealed(const struct put_entry *entry)
{
	const struct gb_sandbox *sandbox = &entry->home->sandbox;

	return !entry->home->is_foreign && entry->line->sandbox != 0 && (sandbox->has_key || sandbox->start_seq < 0);
}

static void index_lines(struct put *put)
{
	for (size_t i = 0; i < put->count; i++) {
		struct put_entry *entry = &put->entries[i];
		size_t slot;

		if (!may_be_sealed(entry))
			continue;
		slot = slot_of(put, entry->line->sandbox, entry->line->seq);
		entry->next = put->line_at[slot];
		put->line_at[slot] = entry;
	}
}

/* Whether the line SEQ of SANDBOX is here, with HASH. */
static bool find_line(struct put *put, uint64_t sandbox, int64_t seq, const unsigned char *hash)
{
	bool is_found = false;

	for (struct put_entry *entry = put->line_at[slot_of(put, sandbox, seq)]; entry != NULL; entry = entry->next)
		if (entry->line->sandbox == sandbox && entry->line->seq == seq &&
		        memcmp(entry->line->hash, hash, GB_LINE_HASH_BYTES) == 0)
			entry->is_vouched_for = is_found = true;
	return is_found;
}

static int put_seal(struct put *put, const struct put_entry *entry, int64_t now, struct gb_diag *diag)
{
	const struct gb_event_seal *from = &entry->line->seal;
	struct gb_seal seal = {.sandbox = entry->line->sandbox,
	        .first = (int64_t)from->first,
	        .last = (int64_t)from->last,
	        .time = now,
	        .hashes = from->hashes,
	        .signature = gb_span_of(from->signature, sizeof(from->signature))};

	for (int64_t i = 0; i <= seal.last - seal.first; i++)
		if (find_line(put, seal.sandbox, seal.first + i, from->hashes.p + (size_t)i * GB_LINE_HASH_BYTES))
			seal.seen |= 1ull << i;
	return gb_seal_put(put->store, &seal, diag);
}

int collect_put_seals(struct put *put, struct gb_diag *diag)
{
	int64_t now = gb_store_now_ms(put->store);

	index_lines(put);
	for (size_t i = 0; i < put->count; i++) {
		const struct put_entry *entry = &put->entries[i];
		bool is_seal = entry->line->kind == COLLECT_SEAL && !entry->home->is_foreign;
		int r = is_seal ? put_seal(put, entry, now, diag) : 0;

		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < put->count; i++) {
		const struct put_entry *entry = &put->entries[i];
		struct gb_line *line = &put->lines[put->line_count];

		if (!may_be_sealed(entry) || entry->is_vouched_for)
			continue;
		*line = (struct gb_line){.sandbox = entry->line->sandbox,
		        .seq = entry->line->seq,
		        .time = now + (entry->line->kind == COLLECT_SEAL ? GB_LINE_SEAL : 0)};
		memcpy(line->hash, entry->line->hash, sizeof(line->hash));
		put->line_count++;
	}
	return gb_lines_put(put->store, put->lines, put->line_count, diag);
}

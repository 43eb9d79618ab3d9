/* SPDX-License-Identifier: Apache-2.0 */
/*
 * collect/verify: whether lines are authentic, behind ingest (docs/formats/event.md, seal). Signatures are looked at before
 * the transaction is begun: they are most of the work, and the database has one writer.
 */
#include "collect/verify.h"

#include "collect/collect.h"
#include "store/store.h"
#include "wire/event.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#define DAY_MS     86400000ll
#define SEALS_MS   (DAY_MS / 4)
#define LINES_MS   (400 * DAY_MS)
#define CHAIN_BACK 1024 /* numbers behind the last joined one within which seals still wait for lines */

static int copy_span(struct verifying *verifying, struct gb_span *s)
{
	unsigned char *copy = gb_arena_take(verifying->arena, s->n);

	if (copy == NULL)
		return -ENOMEM;
	if (s->n != 0)
		memcpy(copy, s->p, s->n);
	s->p = copy;
	return 0;
}

static int keep_seal(void *context, const struct gb_seal *seal)
{
	struct verifying *verifying = context;
	struct judged *judged = &verifying->seals[verifying->seal_count];

	judged->seal = *seal;
	if (copy_span(verifying, &judged->seal.hashes) < 0 || copy_span(verifying, &judged->seal.signature) < 0)
		return -ENOMEM;
	verifying->seal_count++;
	return 0;
}

static int list_seals(struct verifying *verifying, enum gb_seal_state state, int64_t before)
{
	int r;

	verifying->seal_count = 0;
	r = gb_seals_list(verifying->store, state, before, VERIFY_BATCH_MAX, keep_seal, verifying, verifying->diag);
	verifying->has_more |= verifying->seal_count == VERIFY_BATCH_MAX;
	return r;
}

static bool is_signed(const struct judged *judged)
{
	unsigned char message[GB_EVENT_SEAL_MESSAGE_MAX], id[8];
	char name[GB_EVENT_SANDBOX_CHARS];
	struct gb_text text = gb_text_on(name, sizeof(name));
	struct gb_event_seal seal = {.first = (uint64_t)judged->seal.first,
	        .last = (uint64_t)judged->seal.last,
	        .hashes = judged->seal.hashes};
	struct gb_span bytes;

	for (size_t i = 0; i < sizeof(id); i++)
		id[i] = (unsigned char)(judged->seal.sandbox >> (56 - 8 * i));
	gb_text_add_hex(&text, gb_span_of(id, sizeof(id)));
	bytes = gb_event_seal_message(gb_text_span(&text), &seal, message);
	return bytes.n != 0 && judged->seal.signature.n == GB_ED25519_SIGNATURE_BYTES &&
	       crypto_sign_verify_detached(judged->seal.signature.p, bytes.p, bytes.n, judged->sandbox.key) == 0;
}

static int judge(struct verifying *verifying, struct judged *judged)
{
	const struct judged *before = judged == verifying->seals ? NULL : judged - 1;
	int r = 1;

	if (before != NULL && before->seal.sandbox == judged->seal.sandbox)
		judged->sandbox = before->sandbox;
	else
		r = gb_sandbox_get(verifying->store, judged->seal.sandbox, &judged->sandbox, verifying->diag);
	if (r < 0)
		return r;
	judged->sandbox.id = judged->seal.sandbox;
	if (!judged->sandbox.has_key)
		judged->verdict = r == 0 || judged->sandbox.start_seq < 0 ? VERDICT_UNKNOWN : VERDICT_NO_KEY;
	else
		judged->verdict = is_signed(judged) ? VERDICT_GOOD : VERDICT_BAD;
	return 0;
}

static bool is_complete(const struct gb_seal *seal)
{
	uint64_t count = (uint64_t)(seal->last - seal->first) + 1;

	return (seal->seen | (count == 64 ? 0 : ~0ull << count)) == ~0ull;
}

/* Lines that waited for this seal, which is good. */
static int match_lines(struct verifying *verifying, struct judged *judged)
{
	int r;

	verifying->line_count = 0;
	if (is_complete(&judged->seal))
		return 0;
	r = gb_lines_of_seal(verifying->store, &judged->seal, verify_keep_line, verifying, verifying->diag);
	for (size_t i = 0; i < verifying->line_count && r >= 0; i++) {
		const struct gb_line *line = &verifying->lines[i];

		if (!verify_has_hash(&judged->seal, line))
			continue;
		judged->seal.seen |= 1ull << (line->seq - judged->seal.first);
		r = gb_line_delete(verifying->store, line, verifying->diag);
	}
	return r;
}

/* The line that the next seal begins with. A copy that SnapStart has restored does not begin with 0. */
static int64_t next_of(const struct gb_sandbox *sandbox)
{
	return sandbox->verified_to < 0 && sandbox->start_seq > 0 ? sandbox->start_seq : sandbox->verified_to + 1;
}

/* Seals stand one behind the other: where one is missing, so are its lines. True: nothing is missing before this one, or
 * it was told. */
static int follow_chain(struct verifying *verifying, struct judged *judged, bool is_late, bool *ret_is_joined)
{
	struct gb_sandbox *sandbox = &judged->sandbox;
	int64_t next = next_of(sandbox);
	enum gb_sandbox_state state = GB_SANDBOX_OPEN;
	int r = 0;

	*ret_is_joined = judged->seal.first <= next || is_late;
	if (!*ret_is_joined)
		return 0;
	if (judged->seal.first > next) {
		state = GB_SANDBOX_GAP;
		r = verify_tell(verifying, COLLECT_LOG_GAP, sandbox, next, judged->seal.first - 1,
		        "lines never came, and neither did the seals that vouched for them");
	}
	if (r < 0 || (judged->seal.last <= sandbox->verified_to && state == GB_SANDBOX_OPEN))
		return r;
	sandbox->verified_to = judged->seal.last > sandbox->verified_to ? judged->seal.last : sandbox->verified_to;
	return gb_sandbox_verified(verifying->store, sandbox->id, sandbox->verified_to, state, verifying->diag);
}

static int tell_missing(struct verifying *verifying, const struct judged *judged)
{
	uint64_t count = (uint64_t)(judged->seal.last - judged->seal.first) + 1;
	uint64_t missing = ~(judged->seal.seen | (count == 64 ? 0 : ~0ull << count));
	int r = gb_sandbox_verified(
	        verifying->store, judged->sandbox.id, judged->sandbox.verified_to, GB_SANDBOX_GAP, verifying->diag);

	return r < 0 ? r
	             : verify_tell(verifying, COLLECT_LOG_GAP, &judged->sandbox,
	                       judged->seal.first + __builtin_ctzll(missing),
	                       judged->seal.first + 63 - __builtin_clzll(missing),
	                       "lines that a seal vouches for never came");
}

static int take_good(struct verifying *verifying, struct judged *judged, bool is_late)
{
	bool is_joined = false;
	int r = match_lines(verifying, judged);

	if (r == 0 && judged->sandbox.state == GB_SANDBOX_FORGED)
		r = gb_forged_clear(verifying->store, &judged->seal, verifying->diag);
	if (r == 0)
		r = follow_chain(verifying, judged, is_late, &is_joined);
	if (r == 0 && is_late && !is_complete(&judged->seal))
		r = tell_missing(verifying, judged);
	if (r < 0)
		return r;
	judged->seal.state = is_late || (is_joined && is_complete(&judged->seal)) ? GB_SEAL_DONE : GB_SEAL_GOOD;
	return gb_seal_change(verifying->store, &judged->seal, verifying->diag);
}

/* What came together with a seal that the sandbox's key did not make was held to be vouched for. */
static int condemn_seal(struct verifying *verifying, const struct judged *judged)
{
	const struct gb_seal *seal = &judged->seal;
	int r = gb_seal_delete(verifying->store, seal, verifying->diag);

	for (int64_t seq = seal->first; seq <= seal->last && r == 0; seq++) {
		struct gb_line line = {.sandbox = seal->sandbox, .seq = seq, .time = seal->time};

		if ((seal->seen >> (seq - seal->first) & 1u) == 0)
			continue;
		/* They wait for the true one. */
		memcpy(line.hash, verify_hash_in(seal, seq), sizeof(line.hash));
		r = gb_lines_put(verifying->store, &line, 1, verifying->diag);
	}
	if (r == 0)
		r = gb_sandbox_verified(verifying->store, seal->sandbox, judged->sandbox.verified_to, GB_SANDBOX_FORGED,
		        verifying->diag);
	return r < 0 ? r
	             : verify_tell(verifying, COLLECT_LOG_FORGED, &judged->sandbox, seal->first, seal->last,
	                       "a seal was not made by the key of its sandbox");
}

static int take_seal(struct verifying *verifying, struct judged *judged)
{
	switch (judged->verdict) {
	case VERDICT_GOOD: return take_good(verifying, judged, false);
	case VERDICT_UNKNOWN:
		judged->seal.state = GB_SEAL_ORPHAN;
		return gb_seal_change(verifying->store, &judged->seal, verifying->diag);
	case VERDICT_NO_KEY:
	case VERDICT_BAD: break;
	}
	return condemn_seal(verifying, judged);
}

static int take_new(struct verifying *verifying)
{
	int r = list_seals(verifying, GB_SEAL_NEW, INT64_MAX);

	for (size_t i = 0; i < verifying->seal_count && r == 0; i++)
		r = judge(verifying, &verifying->seals[i]);
	if (r == 0 && verifying->seal_count > 0)
		r = gb_store_begin(verifying->store, verifying->diag);
	for (size_t i = 0; i < verifying->seal_count && r == 0; i++) {
		struct judged *judged = &verifying->seals[i];

		/* Those of one sandbox stand one behind the other. */
		if (i > 0 && judged[-1].seal.sandbox == judged->seal.sandbox)
			judged->sandbox = judged[-1].sandbox;
		r = take_seal(verifying, judged);
		verify_touch(verifying, judged->seal.sandbox);
	}
	return r;
}

/* Good seals of one sandbox that waited for what stands before them, or for a line. */
static int join_waiting(struct verifying *verifying, uint64_t id)
{
	struct gb_sandbox sandbox = {0};
	int r = gb_sandbox_get(verifying->store, id, &sandbox, verifying->diag);

	do {
		int64_t before = sandbox.verified_to;

		verifying->seal_count = 0;
		if (r >= 0)
			r = gb_seals_behind(verifying->store, id, before - CHAIN_BACK, VERIFY_BATCH_MAX, keep_seal,
			        verifying, verifying->diag);
		for (size_t i = 0; i < verifying->seal_count && r == 0; i++) {
			struct judged *judged = &verifying->seals[i];

			if (judged->seal.first > next_of(&sandbox))
				return 0;
			judged->sandbox = sandbox;
			judged->sandbox.id = id;
			r = take_good(verifying, judged, false);
			sandbox.verified_to = judged->sandbox.verified_to;
		}
		if (sandbox.verified_to == before)
			break;
	} while (r == 0 && verifying->seal_count == VERIFY_BATCH_MAX);
	return r < 0 ? r : 0;
}

static int take_joined(struct verifying *verifying)
{
	int r;

	verifying->seal_count = 0;
	r = gb_seals_list(verifying->store, GB_SEAL_GOOD, INT64_MAX, 1, keep_seal, verifying, verifying->diag);
	if (r < 0 || verifying->seal_count == 0 || verifying->touched_count == 0)
		return r;
	r = verify_begin(verifying);
	for (size_t i = 0; i < verifying->touched_count && r == 0; i++)
		r = join_waiting(verifying, verifying->touched[i]);
	return r;
}

/* TAKE those of STATE that were given time enough, each with its sandbox. */
static int take_waiting(struct verifying *verifying, enum gb_seal_state state,
        int (*take)(struct verifying *verifying, struct judged *judged))
{
	int r = list_seals(verifying, state, verifying->grace_before);

	if (r == 0 && verifying->seal_count > 0)
		r = verify_begin(verifying);
	for (size_t i = 0; i < verifying->seal_count && r >= 0; i++) {
		struct judged *judged = &verifying->seals[i];

		r = gb_sandbox_get(verifying->store, judged->seal.sandbox, &judged->sandbox, verifying->diag);
		judged->sandbox.id = judged->seal.sandbox;
		if (r >= 0)
			r = take(verifying, judged);
	}
	return r;
}

/* A good one: if it only waited for one before it, it is joined by now. */
static int take_late(struct verifying *verifying, struct judged *judged)
{
	return take_good(verifying, judged, true);
}

static int take_orphan(struct verifying *verifying, struct judged *judged)
{
	int r = 0;

	if (judged == verifying->seals || judged[-1].seal.sandbox != judged->seal.sandbox)
		r = verify_tell(verifying, COLLECT_LOG_GAP, &judged->sandbox, 0, judged->seal.last,
		        "the start line of a sandbox, which has its key, never came: its seals cannot be "
		        "verified");
	return r < 0 ? r : gb_seal_delete(verifying->store, &judged->seal, verifying->diag);
}

static int write_events(struct verifying *verifying)
{
	struct gb_events_inserted inserted;
	int r = verifying->event_count == 0 ? 0
	                                    : gb_events_insert(verifying->store, verifying->events,
	                                              verifying->event_count, &inserted, verifying->diag);

	if (r >= 0 && gb_store_is_in_transaction(verifying->store))
		r = gb_store_commit(verifying->store, verifying->diag);
	return r < 0 ? r : 0;
}

int gb_collect_verify(struct gb_store *store, int64_t grace_ms, struct gb_diag *diag)
{
	struct verifying verifying = {
	        .store = store, .arena = gb_arena_new(), .diag = diag, .now = gb_store_now_ms(store)};
	int r = verifying.arena == NULL || sodium_init() < 0 ? -ENOMEM : 0;

	if (r == 0) {
		verifying.grace_before = verifying.now - grace_ms;
		verifying.seals = gb_arena_take(verifying.arena, VERIFY_BATCH_MAX * sizeof(struct judged));
		verifying.lines = gb_arena_take(verifying.arena, VERIFY_BATCH_MAX * sizeof(struct gb_line));
		r = verifying.seals == NULL || verifying.lines == NULL ? -ENOMEM : take_new(&verifying);
	}
	if (r == 0)
		r = verify_later_lines(&verifying);
	if (r == 0)
		r = take_joined(&verifying);
	if (r == 0)
		r = take_waiting(&verifying, GB_SEAL_GOOD, take_late);
	if (r == 0)
		r = take_waiting(&verifying, GB_SEAL_ORPHAN, take_orphan);
	if (r == 0)
		r = verify_unsealed_lines(&verifying);
	if (r == 0)
		r = write_events(&verifying);
	if (r < 0)
		gb_store_rollback(store);
	gb_arena_free(verifying.arena);
	return r < 0 ? r : verifying.has_more ? 1 : 0;
}

int gb_collect_forget(struct gb_store *store, struct gb_diag *diag)
{
	int64_t now = gb_store_now_ms(store);

	return gb_seals_forget(store, now - SEALS_MS, now - LINES_MS, diag);
}

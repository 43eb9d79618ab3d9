/* SPDX-License-Identifier: Apache-2.0 */
/*
 * collect/verify: whether lines are authentic, behind ingest (docs/formats/event.md, seal). Signatures are looked at before
 * the transaction is begun: they are most of the work, and the database has one writer.
 */
#include "collect/collect.h"

#include "collect/tell.h"
#include "store/sandboxes.h"
#include "store/store.h"
#include "wire/event.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#define BATCH_MAX 500u
#define DAY_MS    86400000ll
#define SEALS_MS  (DAY_MS / 4)
#define LINES_MS  (400 * DAY_MS)
#define CHAIN_MAX 64u

enum verdict { VERDICT_BAD = 0, VERDICT_GOOD, VERDICT_UNKNOWN, VERDICT_NO_KEY };

struct judged {
	struct gb_seal seal;
	struct gb_sandbox sandbox;
	enum verdict verdict;
};

struct verifying {
	struct gb_store *store;
	struct gb_arena *arena;
	struct gb_diag *diag;
	int64_t now, grace_before;
	struct judged *seals;
	struct gb_line *lines;
	size_t seal_count, line_count;
	struct gb_event *events;
	size_t event_count, event_cap;
	bool has_more;
};

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

static int keep_line(void *context, const struct gb_line *line)
{
	struct verifying *verifying = context;

	verifying->lines[verifying->line_count++] = *line;
	return 0;
}

static int list_seals(struct verifying *verifying, enum gb_seal_state state, int64_t before)
{
	int r;

	verifying->seal_count = 0;
	r = gb_seals_list(verifying->store, state, before, BATCH_MAX, keep_seal, verifying, verifying->diag);
	verifying->has_more |= verifying->seal_count == BATCH_MAX;
	return r;
}

static int tell(struct verifying *verifying, enum collect_finding finding, const struct gb_sandbox *sandbox,
        int64_t first, int64_t last, const char *message)
{
	const struct collect_about about = {.function = sandbox->function,
	        .version = sandbox->version,
	        .sandbox = sandbox->id,
	        .first = first,
	        .last = last,
	        .time = verifying->now,
	        .message = message};
	int r = gb_arena_grow(verifying->arena, &verifying->events, verifying->event_count, &verifying->event_cap,
	        sizeof(struct gb_event));

	if (r < 0)
		return r;
	return collect_tell(finding, &about, verifying->arena, &verifying->events[verifying->event_count++]) ? 0
	                                                                                                     : -ENOMEM;
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

static const unsigned char *hash_in(const struct gb_seal *seal, int64_t seq)
{
	return seal->hashes.p + (size_t)(seq - seal->first) * GB_LINE_HASH_BYTES;
}

static bool has_hash(const struct gb_seal *seal, const struct gb_line *line)
{
	return line->seq >= seal->first && line->seq <= seal->last &&
	       memcmp(hash_in(seal, line->seq), line->hash, sizeof(line->hash)) == 0;
}

/* Another line than the sealed one has its number. */
static int condemn_line(struct verifying *verifying, const struct gb_sandbox *sandbox, struct gb_line line)
{
	int r = gb_line_delete(verifying->store, &line, verifying->diag);

	line.time = verifying->now;
	if (r == 0)
		r = gb_forged_put(verifying->store, &line, verifying->diag);
	if (r == 0)
		r = gb_sandbox_verified(
		        verifying->store, sandbox->id, sandbox->verified_to, GB_SANDBOX_FORGED, verifying->diag);
	return r < 0 ? r
	             : tell(verifying, COLLECT_LOG_FORGED, sandbox, line.seq, line.seq,
	                       "a line is not the one with its number that the sandbox's seal vouches for");
}

/* Lines that waited for this seal, which is good. */
static int match_lines(struct verifying *verifying, struct judged *judged)
{
	int r;

	verifying->line_count = 0;
	if (is_complete(&judged->seal))
		return 0;
	r = gb_lines_of_seal(verifying->store, &judged->seal, keep_line, verifying, verifying->diag);
	for (size_t i = 0; i < verifying->line_count && r >= 0; i++) {
		const struct gb_line *line = &verifying->lines[i];

		if (!has_hash(&judged->seal, line))
			continue;
		judged->seal.seen |= 1ull << (line->seq - judged->seal.first);
		r = gb_line_delete(verifying->store, line, verifying->diag);
	}
	return r;
}

/* Seals stand one behind the other: where one is missing, so are its lines. True: nothing is missing before this one, or
 * it was told. */
static int follow_chain(struct verifying *verifying, struct judged *judged, bool is_late, bool *ret_is_joined)
{
	struct gb_sandbox *sandbox = &judged->sandbox;
	int64_t next = sandbox->verified_to + 1;
	enum gb_sandbox_state state = GB_SANDBOX_OPEN;
	int r = 0;

	/* A copy that SnapStart has restored does not begin with 0. */
	if (sandbox->verified_to < 0 && sandbox->start_seq > 0)
		next = sandbox->start_seq;
	*ret_is_joined = judged->seal.first <= next || is_late;
	if (!*ret_is_joined)
		return 0;
	if (judged->seal.first > next) {
		state = GB_SANDBOX_GAP;
		r = tell(verifying, COLLECT_LOG_GAP, sandbox, next, judged->seal.first - 1,
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
	             : tell(verifying, COLLECT_LOG_GAP, &judged->sandbox, judged->seal.first + __builtin_ctzll(missing),
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
		memcpy(line.hash, hash_in(seal, seq), sizeof(line.hash));
		r = gb_lines_put(verifying->store, &line, 1, verifying->diag);
	}
	if (r == 0)
		r = gb_sandbox_verified(verifying->store, seal->sandbox, judged->sandbox.verified_to, GB_SANDBOX_FORGED,
		        verifying->diag);
	return r < 0 ? r
	             : tell(verifying, COLLECT_LOG_FORGED, &judged->sandbox, seal->first, seal->last,
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
	}
	return r;
}

static int begin_if_not(struct verifying *verifying)
{
	return gb_store_is_in_transaction(verifying->store) ? 0 : gb_store_begin(verifying->store, verifying->diag);
}

/* Good seals that were given time enough; those that only waited for one before them are joined by now. */
static int take_late(struct verifying *verifying)
{
	int r = list_seals(verifying, GB_SEAL_GOOD, verifying->grace_before);

	if (r == 0 && verifying->seal_count > 0)
		r = begin_if_not(verifying);
	for (size_t i = 0; i < verifying->seal_count && r >= 0; i++) {
		struct judged *judged = &verifying->seals[i];

		r = gb_sandbox_get(verifying->store, judged->seal.sandbox, &judged->sandbox, verifying->diag);
		judged->sandbox.id = judged->seal.sandbox;
		if (r >= 0)
			r = take_good(verifying, judged, true);
	}
	return r;
}

static int take_orphans(struct verifying *verifying)
{
	int r = list_seals(verifying, GB_SEAL_ORPHAN, verifying->grace_before);

	if (r == 0 && verifying->seal_count > 0)
		r = begin_if_not(verifying);
	for (size_t i = 0; i < verifying->seal_count && r >= 0; i++) {
		struct judged *judged = &verifying->seals[i];

		r = gb_sandbox_get(verifying->store, judged->seal.sandbox, &judged->sandbox, verifying->diag);
		judged->sandbox.id = judged->seal.sandbox;
		if (r >= 0 && (i == 0 || judged[-1].seal.sandbox != judged->seal.sandbox))
			r = tell(verifying, COLLECT_LOG_GAP, &judged->sandbox, 0, judged->seal.last,
			        "the start line of a sandbox, which has its key, never came: its seals cannot be "
			        "verified");
		if (r >= 0)
			r = gb_seal_delete(verifying->store, &judged->seal, verifying->diag);
	}
	return r;
}

struct vouching {
	const struct gb_line *line;
	struct gb_seal seal; /* whose hash it has; hashes are not kept */
	unsigned char signature[GB_SEAL_SIGNATURE_BYTES];
	bool is_vouched_for;
};

static int look_at_seal(void *context, const struct gb_seal *seal)
{
	struct vouching *vouching = context;

	if (!has_hash(seal, vouching->line) || seal->signature.n != sizeof(vouching->signature))
		return 0;
	vouching->is_vouched_for = true;
	vouching->seal = *seal;
	memcpy(vouching->signature, seal->signature.p, sizeof(vouching->signature));
	vouching->seal.signature = gb_span_of(vouching->signature, sizeof(vouching->signature));
	return 1;
}

/* A line that came after its seal. */
static int take_later_line(struct verifying *verifying, const struct gb_line *line)
{
	struct vouching vouching = {.line = line};
	struct gb_sandbox sandbox = {0};
	int r = gb_seals_of_line(verifying->store, line->sandbox, line->seq, look_at_seal, &vouching, verifying->diag);

	if (r < 0)
		return r;
	if (!vouching.is_vouched_for) {
		r = gb_sandbox_get(verifying->store, line->sandbox, &sandbox, verifying->diag);
		return r < 0 ? r : condemn_line(verifying, &sandbox, *line);
	}
	vouching.seal.seen |= 1ull << (line->seq - vouching.seal.first);
	r = gb_seal_change(verifying->store, &vouching.seal, verifying->diag);
	return r < 0 ? r : gb_line_delete(verifying->store, line, verifying->diag);
}

static int take_later_lines(struct verifying *verifying)
{
	size_t count;
	int r;

	verifying->line_count = 0;
	r = gb_lines_vouched(verifying->store, BATCH_MAX, keep_line, verifying, verifying->diag);
	count = verifying->line_count;
	if (r == 0 && count > 0)
		r = begin_if_not(verifying);
	for (size_t i = 0; i < count && r == 0; i++)
		r = take_later_line(verifying, &verifying->lines[i]);
	verifying->has_more |= count == BATCH_MAX;
	return r;
}

/* Lines of one sandbox, COUNT of them from LINES on, that nothing vouched for in time. */
static int take_unsealed(struct verifying *verifying, const struct gb_line *lines, size_t count)
{
	struct gb_sandbox sandbox = {0};
	int r = gb_sandbox_get(verifying->store, lines[0].sandbox, &sandbox, verifying->diag);
	bool is_signed_one = r == 0 || sandbox.has_key || sandbox.start_seq < 0;

	sandbox.id = lines[0].sandbox;
	for (size_t i = 0; i < count && r >= 0; i++)
		r = is_signed_one ? gb_line_told(verifying->store, &lines[i], verifying->diag)
		                  : gb_line_delete(verifying->store, &lines[i], verifying->diag);
	if (r < 0 || !is_signed_one)
		return r;
	return tell(verifying, COLLECT_LOG_UNSEALED, &sandbox, lines[0].seq, lines[count - 1].seq,
	        "no seal vouches for lines: their sandbox was killed, or they are not its own");
}

static int take_unsealed_lines(struct verifying *verifying)
{
	size_t count;
	int r;

	verifying->line_count = 0;
	r = gb_lines_waiting(
	        verifying->store, verifying->grace_before, BATCH_MAX, keep_line, verifying, verifying->diag);
	count = verifying->line_count;
	if (r == 0 && count > 0)
		r = begin_if_not(verifying);
	for (size_t at = 0, n; at < count && r == 0; at += n) {
		for (n = 1; at + n < count && verifying->lines[at + n].sandbox == verifying->lines[at].sandbox; n++)
			continue;
		r = take_unsealed(verifying, &verifying->lines[at], n);
	}
	verifying->has_more |= count == BATCH_MAX;
	return r;
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
		verifying.seals = gb_arena_take(verifying.arena, BATCH_MAX * sizeof(struct judged));
		verifying.lines = gb_arena_take(verifying.arena, BATCH_MAX * sizeof(struct gb_line));
		r = verifying.seals == NULL || verifying.lines == NULL ? -ENOMEM : take_new(&verifying);
	}
	if (r == 0)
		r = take_later_lines(&verifying);
	if (r == 0)
		r = take_late(&verifying);
	if (r == 0)
		r = take_orphans(&verifying);
	if (r == 0)
		r = take_unsealed_lines(&verifying);
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

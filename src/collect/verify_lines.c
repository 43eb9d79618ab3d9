/* SPDX-License-Identifier: Apache-2.0 */
/* collect/verify_lines: lines that did not come together with a seal. */
#include "collect/verify.h"

#include "collect/tell.h"
#include "store/store.h"

#include <errno.h>
#include <string.h>

int verify_keep_line(void *context, const struct gb_line *line)
{
	struct verifying *verifying = context;

	verifying->lines[verifying->line_count++] = *line;
	return 0;
}

int verify_tell(struct verifying *verifying, enum collect_finding finding, const struct gb_sandbox *sandbox,
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

int verify_begin(struct verifying *verifying)
{
	return gb_store_is_in_transaction(verifying->store) ? 0 : gb_store_begin(verifying->store, verifying->diag);
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
	             : verify_tell(verifying, COLLECT_LOG_FORGED, sandbox, line.seq, line.seq,
	                       "a line is not the one with its number that the sandbox's seal vouches for");
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

	if (!verify_has_hash(seal, vouching->line) || seal->signature.n != sizeof(vouching->signature))
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

int verify_later_lines(struct verifying *verifying)
{
	size_t count;
	int r;

	verifying->line_count = 0;
	r = gb_lines_vouched(verifying->store, VERIFY_BATCH_MAX, verify_keep_line, verifying, verifying->diag);
	count = verifying->line_count;
	if (r == 0 && count > 0)
		r = verify_begin(verifying);
	for (size_t i = 0; i < count && r == 0; i++) {
		r = take_later_line(verifying, &verifying->lines[i]);
		verify_touch(verifying, verifying->lines[i].sandbox);
	}
	verifying->has_more |= count == VERIFY_BATCH_MAX;
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
	return verify_tell(verifying, COLLECT_LOG_UNSEALED, &sandbox, lines[0].seq, lines[count - 1].seq,
	        "no seal vouches for lines: their sandbox was killed, or they are not its own");
}

int verify_unsealed_lines(struct verifying *verifying)
{
	size_t count;
	int r;

	verifying->line_count = 0;
	r = gb_lines_waiting(verifying->store, verifying->grace_before, VERIFY_BATCH_MAX, verify_keep_line, verifying,
	        verifying->diag);
	count = verifying->line_count;
	if (r == 0 && count > 0)
		r = verify_begin(verifying);
	for (size_t at = 0, n; at < count && r == 0; at += n) {
		for (n = 1; at + n < count && verifying->lines[at + n].sandbox == verifying->lines[at].sandbox; n++)
			continue;
		r = take_unsealed(verifying, &verifying->lines[at], n);
	}
	verifying->has_more |= count == VERIFY_BATCH_MAX;
	return r;
}

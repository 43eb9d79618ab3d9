/* SPDX-License-Identifier: Apache-2.0 */
/*
 * warden/seal: signatures over the lines (docs/formats/event.md). The function shares our standard output, so it can write
 * lines that look like ours; it has no way to the key.
 */
#include "warden/state.h"

#include <sys/random.h>

/* A seal stands at the latest so long behind its first line. */
#define SEAL_AGE_NS (1000ull * 1000000u)

void warden_seal_renew(struct gb_warden *warden)
{
	struct warden_sealing *sealing = &warden->sealing;
	unsigned char seed[GB_ED25519_KEY_BYTES];

	sealing->written = 0;
	sealing->first = warden->output.seq;
	sealing->has_key = getrandom(seed, sizeof(seed), GRND_NONBLOCK) == (ssize_t)sizeof(seed);
	if (!sealing->has_key)
		return;
	gb_ed25519_signer_init(&sealing->signer, seed);
	explicit_bzero(seed, sizeof(seed));
	gb_event_sandbox_of(sealing->signer.key, warden->observing.sandbox);
}

struct gb_span warden_seal_key(const struct gb_warden *warden)
{
	const struct warden_sealing *sealing = &warden->sealing;

	return sealing->has_key ? gb_span_of(sealing->signer.key, sizeof(sealing->signer.key)) : GB_SPAN_EMPTY;
}

void warden_seal_add(struct gb_warden *warden, uint64_t seq, struct gb_span line)
{
	struct warden_sealing *sealing = &warden->sealing;

	if (!sealing->has_key)
		return;
	if (seq - sealing->first >= GB_EVENT_SEAL_LINES_MAX)
		warden_seal(warden);
	if (seq - sealing->first >= GB_EVENT_SEAL_LINES_MAX)
		return;
	if ((sealing->written & ~sealing->of_seal) == 0)
		sealing->since_ns = gb_loop_now_ns();
	gb_event_line_hash(gb_span_sub(line, 0, line.n - 1), sealing->hashes[seq - sealing->first]);
	sealing->written |= 1ull << (seq - sealing->first);
}

/* Lines that stand one behind the other; a line that was begun first may be written last. */
static unsigned ready_lines(const struct warden_sealing *sealing)
{
	if (~sealing->written == 0)
		return GB_EVENT_SEAL_LINES_MAX;
	return (unsigned)__builtin_ctzll(~sealing->written);
}

static void forget(struct warden_sealing *sealing, unsigned count)
{
	memmove(sealing->hashes[0], sealing->hashes[count],
	        sizeof(sealing->hashes) - sizeof(sealing->hashes[0]) * count);
	sealing->written = count < GB_EVENT_SEAL_LINES_MAX ? sealing->written >> count : 0;
	sealing->first += count;
}

void warden_seal(struct gb_warden *warden)
{
	struct warden_sealing *sealing = &warden->sealing;
	char line[GB_EVENT_LINE_MAX];
	unsigned char message[GB_EVENT_SEAL_MESSAGE_MAX];
	struct gb_text text = gb_text_on(line, sizeof(line));
	unsigned count = ready_lines(sealing);
	struct gb_event_seal seal = {.first = sealing->first,
	        .last = sealing->first + count - 1,
	        .hashes = gb_span_of(sealing->hashes, count * sizeof(sealing->hashes[0]))};
	struct gb_event_head head;

	/* A seal alone is worth no seal. */
	if ((sealing->written & ~sealing->of_seal) == 0 || count == 0)
		return;
	gb_ed25519_sign(&sealing->signer, gb_event_seal_message(warden_observe_sandbox(warden), &seal, message),
	        seal.signature);
	head = warden_output_head(warden, GB_SPAN_EMPTY);
	gb_event_write_seal(&text, &head, &seal);
	forget(sealing, count);
	sealing->of_seal =
	        head.seq - sealing->first < GB_EVENT_SEAL_LINES_MAX ? 1ull << (head.seq - sealing->first) : 0;
	warden_output_put(warden, &head, gb_text_span(&text));
}

void warden_seal_when_old(struct gb_warden *warden)
{
	const struct warden_sealing *sealing = &warden->sealing;

	if ((sealing->written & ~sealing->of_seal) != 0 && gb_loop_now_ns() - sealing->since_ns >= SEAL_AGE_NS)
		warden_seal(warden);
}

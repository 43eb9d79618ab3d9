/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sha256.h"
#include "wire/event.h"

/* No other signature of ours begins so. */
#define SEAL_TAG GB_SPAN("gambeson log seal 1\n")

void gb_event_line_hash(struct gb_span line, unsigned char ret_hash[GB_EVENT_LINE_HASH_BYTES])
{
	unsigned char digest[GB_SHA256_BYTES];

	gb_sha256(line, digest);
	__builtin_memcpy(ret_hash, digest, GB_EVENT_LINE_HASH_BYTES);
}

void gb_event_sandbox_of(const unsigned char key[GB_ED25519_KEY_BYTES], char ret_sandbox[GB_EVENT_SANDBOX_CHARS])
{
	struct gb_text text = gb_text_on(ret_sandbox, GB_EVENT_SANDBOX_CHARS);
	unsigned char digest[GB_SHA256_BYTES];

	gb_sha256(gb_span_of(key, GB_ED25519_KEY_BYTES), digest);
	gb_text_add_hex(&text, gb_span_of(digest, GB_EVENT_SANDBOX_CHARS / 2));
}

static void add_number(struct gb_text *text, uint64_t value)
{
	for (unsigned shift = 64; shift > 0; shift -= 8)
		gb_text_add_byte(text, (unsigned char)(value >> (shift - 8)));
}

struct gb_span gb_event_seal_message(
        struct gb_span sandbox, const struct gb_event_seal *seal, unsigned char buffer[GB_EVENT_SEAL_MESSAGE_MAX])
{
	struct gb_text text = gb_text_on(buffer, GB_EVENT_SEAL_MESSAGE_MAX);
	uint64_t count = seal->last - seal->first;

	if (sandbox.n != GB_EVENT_SANDBOX_CHARS || seal->last < seal->first || count >= GB_EVENT_SEAL_LINES_MAX ||
	        seal->hashes.n != (count + 1) * GB_EVENT_LINE_HASH_BYTES)
		return GB_SPAN_EMPTY;
	gb_text_add(&text, SEAL_TAG);
	gb_text_add(&text, sandbox);
	add_number(&text, seal->first);
	add_number(&text, seal->last);
	gb_text_add(&text, seal->hashes);
	return gb_text_span(&text);
}

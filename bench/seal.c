/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What authentic lines cost the warden: {"key_us", "line_us", "seal_us"}: a sandbox's key, the hash of a line of 600 bytes, the
 * seal of three lines.
 */
#include "wire/event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifndef BATCHES
#define BATCHES 21
#endif
#define ROUNDS 200

static double now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void hash(struct gb_ed25519_signer *signer)
{
	static unsigned char line[600];

	(void)signer;
	gb_event_line_hash(gb_span_of(line, sizeof(line)), line);
}

static void make(struct gb_ed25519_signer *signer)
{
	unsigned char seed[GB_ED25519_KEY_BYTES];

	memcpy(seed, signer->key, sizeof(seed));
	gb_ed25519_signer_init(signer, seed);
}

static void seal(struct gb_ed25519_signer *signer)
{
	static char line[GB_EVENT_LINE_MAX];
	unsigned char message[GB_EVENT_SEAL_MESSAGE_MAX], hashes[3 * GB_EVENT_LINE_HASH_BYTES] = {0};
	struct gb_event_seal seal = {.first = 7, .last = 9, .hashes = gb_span_of(hashes, sizeof(hashes))};
	struct gb_event_head head = {.seq = 10, .sandbox = GB_SPAN("0123456789abcdef")};
	struct gb_text text = gb_text_on(line, sizeof(line));

	gb_ed25519_sign(signer, gb_event_seal_message(head.sandbox, &seal, message), seal.signature);
	gb_event_write_seal(&text, &head, &seal);
}

static double measure(void (*what)(struct gb_ed25519_signer *), struct gb_ed25519_signer *signer)
{
	double values[BATCHES];

	for (unsigned batch = 0; batch < BATCHES; batch++) {
		double start = now_ns();

		for (unsigned i = 0; i < ROUNDS; i++)
			what(signer);
		values[batch] = (now_ns() - start) / ROUNDS / 1000;
	}
	qsort(values, BATCHES, sizeof(values[0]), compare);
	return values[BATCHES / 2];
}

int main(void)
{
	struct gb_ed25519_signer signer = {0};
	double key_us = measure(make, &signer);

	printf("{\"key_us\": %.1f, \"line_us\": %.2f, \"seal_us\": %.1f}\n", key_us, measure(hash, &signer),
	        measure(seal, &signer));
	return 0;
}

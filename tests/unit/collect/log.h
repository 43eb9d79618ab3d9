/* SPDX-License-Identifier: Apache-2.0 */
/* A sandbox that writes an authentic log, for tests; to be included once. */
#ifndef GB_TESTS_COLLECT_LOG_H
#define GB_TESTS_COLLECT_LOG_H

#include "../../lib/line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LOG_TIME_MS 1795271400000u /* 2026-11-21T14:30:00Z */
#define LOG_LINES   4096u

/* Lines that were written, each without its line feed. */
struct log {
	struct gb_ed25519_signer signer;
	char sandbox[GB_EVENT_SANDBOX_CHARS];
	uint64_t seq, sealed_to; /* the first that is not sealed */
	unsigned char hashes[LOG_LINES][GB_EVENT_LINE_HASH_BYTES];
	char *lines[LOG_LINES];
	size_t count;
	uint64_t serial; /* of the whole log: makes ids differ */
};

static inline void log_open(struct log *log, unsigned number)
{
	unsigned char seed[GB_ED25519_KEY_BYTES] = {0};

	memset(log, 0, sizeof(*log));
	memcpy(seed, &number, sizeof(number));
	log->serial = number;
	gb_ed25519_signer_init(&log->signer, seed);
	gb_event_sandbox_of(log->signer.key, log->sandbox);
}

static inline void log_close(struct log *log)
{
	for (size_t i = 0; i < log->count; i++)
		free(log->lines[i]);
	log->count = 0;
}

static inline struct gb_event_head log_head(struct log *log)
{
	return line_head(log->seq, LOG_TIME_MS + log->seq, log->sandbox);
}

static inline void log_keep(struct log *log, const struct gb_text *text)
{
	size_t n = text->n - 1;

	assert_true(!text->truncated && log->seq < LOG_LINES && log->count < LOG_LINES);
	gb_event_line_hash(gb_span_of(text->p, n), log->hashes[log->seq]);
	log->lines[log->count] = malloc(n + 1);
	assert_non_null(log->lines[log->count]);
	memcpy(log->lines[log->count], text->p, n);
	log->lines[log->count++][n] = '\0';
	log->seq++;
}

static inline void log_start(struct log *log, const char *function, bool has_key)
{
	char room[GB_EVENT_LINE_MAX];
	struct gb_text text = gb_text_on(room, sizeof(room));
	struct gb_event_head head = log_head(log);
	struct gb_event_start start =
	        line_start(function, has_key ? gb_span_of(log->signer.key, sizeof(log->signer.key)) : GB_SPAN_EMPTY);

	head.request = GB_SPAN_EMPTY;
	gb_event_write_start(&text, &head, &start);
	log_keep(log, &text);
}

static inline void log_finding(struct log *log, const char *value)
{
	char room[GB_EVENT_LINE_MAX];
	struct gb_text text = gb_text_on(room, sizeof(room));
	struct gb_event_head head = log_head(log);
	struct gb_event_finding finding = line_finding(gb_span_cstr(value));
	unsigned char random[10] = {0};

	memcpy(random, &log->serial, 4);
	memcpy(random + 4, &log->seq, 4);
	gb_event_ulid(head.time_ms, random, finding.id);
	gb_event_write_finding(&text, &head, &finding);
	log_keep(log, &text);
}

static inline void log_observed(struct log *log, const char *path)
{
	char room[GB_EVENT_LINE_MAX];
	struct gb_text text = gb_text_on(room, sizeof(room));
	struct gb_event_head head = log_head(log);
	struct gb_event_scene scene = {.invocations = 1, .shape = "api_gateway_v1"};
	struct gb_event_activity item = {.is_present = true, .kind = "file_read", .subject = gb_span_cstr(path)};

	gb_event_observations_begin(&text, &head, &scene);
	assert_true(gb_event_observations_add(&text, &item, 1));
	gb_event_observations_end(&text);
	log_keep(log, &text);
}

static inline void log_observation(struct log *log)
{
	log_observed(log, "/var/task/index.js");
}

static inline void log_seal(struct log *log)
{
	char room[GB_EVENT_LINE_MAX];
	unsigned char message[GB_EVENT_SEAL_MESSAGE_MAX];
	struct gb_text text = gb_text_on(room, sizeof(room));
	struct gb_event_head head = log_head(log);
	struct gb_event_seal seal = {.first = log->sealed_to, .last = log->seq - 1};
	struct gb_span bytes;

	seal.hashes =
	        gb_span_of(log->hashes[seal.first], (size_t)(seal.last - seal.first + 1) * GB_EVENT_LINE_HASH_BYTES);
	bytes = gb_event_seal_message(head.sandbox, &seal, message);
	assert_true(bytes.n != 0);
	gb_ed25519_sign(&log->signer, bytes, seal.signature);
	head.request = GB_SPAN_EMPTY;
	gb_event_write_seal(&text, &head, &seal);
	log->sealed_to = log->seq;
	log_keep(log, &text);
}

/* A start and ROUNDS invocations, each of a finding, an observation and a seal. */
__attribute__((unused)) static void log_write(struct log *log, unsigned rounds)
{
	char value[64];

	log_start(log, "orders", true);
	for (unsigned i = 0; i < rounds; i++) {
		(void)snprintf(value, sizeof(value), "' OR %u=%u --", i, i);
		log_finding(log, value);
		log_observation(log);
		log_seal(log);
	}
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What sensors report of a warden's events, and what the warden tells of it; to be included once. */
#ifndef GB_TESTS_WARDEN_SIGHTS_H
#define GB_TESTS_WARDEN_SIGHTS_H

#include "bench.h"

/* A process of the round ROUND has done SUBJECT for the SIGHTINGS-th time. */
static void put_sight(struct bench *bench, const char *subject, uint16_t round, uint16_t sightings)
{
	struct gb_ring_report report = {.head = {.kind = GB_ACTIVITY_FILE_READ,
	                                        .decision = GB_OBSERVE,
	                                        .control = GB_CONTROL_ALLOWLIST,
	                                        .reason = GB_R_NOT_ON_ALLOWLIST,
	                                        .input_slot = -1,
	                                        .round = round,
	                                        .sightings = sightings},
	        .subject = gb_span_cstr(subject)};

	assert_true(gb_ring_put(bench->ring, &report));
}

/* Event ID is handed out. */
static void begin(struct bench *bench, unsigned slot, const char *id)
{
	struct warden_invocation *invocation = &bench->warden->invocations[slot];

	*invocation = (struct warden_invocation){.is_active = true, .order = ++bench->warden->orders};
	invocation->request_id_n = strlen(id);
	memcpy(invocation->request_id, id, invocation->request_id_n);
	memcpy(invocation->source_ip, "192.0.2.7", 9);
	invocation->source_ip_n = 9;
	warden_observe_event(bench->warden, slot, GB_SHAPE_SQS);
}

/* It is answered, and another is asked for. */
static void end(struct bench *bench, unsigned slot)
{
	warden_drain(bench->warden);
	bench->warden->invocations[slot].is_answered = true;
	bench->warden->invocations[slot].is_active = false;
}

/* The greatest number that LOG tells of SUBJECT; 0: it is not told. */
static unsigned told(const char *log, const char *subject)
{
	char wanted[128];
	unsigned most = 0;

	(void)snprintf(wanted, sizeof(wanted), "\"subject\":\"%s\"", subject);
	for (const char *at = strstr(log, wanted); at != NULL; at = strstr(at + 1, wanted)) {
		const char *behind = at + strlen(wanted);
		unsigned n = strncmp(behind, ",\"n\":", 5) == 0 ? (unsigned)strtoul(behind + 5, NULL, 10) : 1;

		most = n > most ? n : most;
	}
	return most;
}

static uint64_t random_of(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return *seed >> 33;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/ring.h"

#define STUCK_ROUNDS_MAX 16u

static uint16_t put_text(struct gb_ring_record *record, size_t *used, struct gb_span s)
{
	size_t room = sizeof(record->text) - *used;

	if (s.n > room) {
		s.n = room;
		record->is_cut = 1;
	}
	if (s.n != 0)
		__builtin_memcpy(record->text + *used, s.p, s.n);
	*used += s.n;
	return (uint16_t)s.n;
}

bool gb_ring_put(struct gb_ring *ring, const struct gb_ring_report *report)
{
	uint32_t ticket = __atomic_load_n(&ring->head, __ATOMIC_RELAXED);
	struct gb_ring_record *record;
	size_t used = 0;

	do {
		if (ticket - __atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE) >= GB_RING_RECORDS) {
			(void)__atomic_fetch_add(&ring->dropped, 1, __ATOMIC_RELAXED);
			return false;
		}
	} while (!__atomic_compare_exchange_n(
	        &ring->head, &ticket, ticket + 1, true, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));

	record = &ring->records[ticket % GB_RING_RECORDS];
	record->pid = report->head.pid;
	record->time_ns = report->head.time_ns;
	record->kind = report->head.kind;
	record->decision = report->head.decision;
	record->control = report->head.control;
	record->reason = report->head.reason;
	record->input_slot = report->head.input_slot;
	record->input_entry = report->head.input_entry;
	record->input_from = report->head.input_from;
	record->input_length = report->head.input_length;
	record->parent = report->head.parent;
	record->error = report->head.error;
	record->tag = report->head.tag;
	record->round = report->head.round;
	record->sightings = report->head.sightings;
	record->policy = report->head.policy;
	record->is_cut = 0;
	record->subject_n = put_text(record, &used, report->subject);
	record->object_n = put_text(record, &used, report->object);
	record->arguments_n = put_text(record, &used, report->arguments);
	/* Held up for so long that the reader has passed over this record and counts it as lost: the place is another's. */
	if ((int32_t)(__atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE) - ticket) > 0)
		return false;
	__atomic_store_n(&record->state, ticket + 1, __ATOMIC_RELEASE);
	return true;
}

static bool is_complete(struct gb_ring *ring, uint32_t ticket)
{
	return __atomic_load_n(&ring->records[ticket % GB_RING_RECORDS].state, __ATOMIC_ACQUIRE) == ticket + 1;
}

static void step(struct gb_ring *ring, struct gb_ring_reader *reader)
{
	reader->tail++;
	reader->stuck_rounds = 0;
	__atomic_store_n(&ring->tail, reader->tail, __ATOMIC_RELEASE);
}

static bool later_is_complete(struct gb_ring *ring, uint32_t tail)
{
	for (uint32_t ahead = 1; ahead < GB_RING_RECORDS; ahead++)
		if (is_complete(ring, tail + ahead))
			return true;
	return false;
}

bool gb_ring_take(struct gb_ring *ring, struct gb_ring_reader *reader, struct gb_ring_record *ret_record)
{
	for (uint32_t looked = 0; looked < GB_RING_RECORDS; looked++) {
		if (!is_complete(ring, reader->tail)) {
			/* The head is the function's to write; it only tells whether looking further is worth it. */
			if (__atomic_load_n(&ring->head, __ATOMIC_RELAXED) == reader->tail)
				return false;
			if (!later_is_complete(ring, reader->tail) || ++reader->stuck_rounds < STUCK_ROUNDS_MAX)
				return false;
			reader->passed_over++;
			step(ring, reader);
			continue;
		}
		__builtin_memcpy(ret_record, &ring->records[reader->tail % GB_RING_RECORDS], sizeof(*ret_record));
		step(ring, reader);
		if ((size_t)ret_record->subject_n + ret_record->object_n + ret_record->arguments_n <=
		        sizeof(ret_record->text))
			return true;
	}
	return false;
}

uint32_t gb_ring_lost(struct gb_ring *ring, struct gb_ring_reader *reader)
{
	uint32_t dropped = __atomic_load_n(&ring->dropped, __ATOMIC_RELAXED);
	uint32_t lost = dropped - reader->dropped_seen + reader->passed_over;

	reader->dropped_seen = dropped;
	reader->passed_over = 0;
	return lost;
}

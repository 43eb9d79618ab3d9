/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire/ring: reports from every process of the function to the warden. Many writers (the sensors; in signal handlers
 * and vfork children too), one reader. Lock-free, no system call, never waits: a full ring drops and counts. The memory
 * is writable by the function, so the reader trusts nothing in it: it keeps its own position and copies a record
 * before looking at it; gb_ring_take() gives only records whose lengths are in range.
 */
#ifndef GB_WIRE_RING_H
#define GB_WIRE_RING_H

#include "base/span.h"

#define GB_RING_RECORDS    512u
#define GB_RING_TEXT_BYTES 456u

struct gb_ring_record {
	uint32_t state; /* ticket + 1 once complete */
	uint32_t pid;
	uint64_t time_ns; /* CLOCK_REALTIME */
	uint16_t kind;    /* enum gb_activity_kind */
	uint8_t decision; /* enum gb_decision */
	uint8_t control;  /* enum gb_control */
	uint16_t reason;  /* enum gb_reason */
	uint16_t subject_n;
	uint16_t object_n;
	uint16_t arguments_n;
	uint8_t is_cut; /* text was longer than fits */
	int8_t input_slot;
	uint16_t round; /* of the segment, low bits */
	uint32_t input_entry;
	uint32_t input_from;
	uint32_t input_length;
	uint32_t parent;    /* process above; 0: not said */
	uint16_t error;     /* errno given to the caller when denied, else 0 */
	uint16_t tag;       /* of the rule that decided, as in a verdict; 0: none */
	uint16_t sightings; /* of an observation: invocations in which this process saw it, this one included */
	uint16_t policy;    /* generation of what was judged by, low bits; 0: not known */
	unsigned char text[GB_RING_TEXT_BYTES]; /* subject, object, arguments, one behind the other */
};

/* What an invocation may use up. The sensors count the first two here, the warden measures the others and sets
 * `exceeded` in the segment. The function could reset the counters; that takes code of its own in a process. */
enum gb_usage {
	GB_USAGE_PROCESSES = 0, /* programs started */
	GB_USAGE_CONNECTIONS,   /* destinations connected or sent to */
	GB_USAGE_CHILDREN,      /* processes alive besides the runtime */
	GB_USAGE_TMP,           /* MiB more in /tmp than when the invocation began */
	GB_USAGE_CPU,           /* seconds of processor time of all processes */
	_GB_USAGE_MAX,
};

struct gb_ring {
	uint32_t head; /* next ticket */
	uint32_t tail; /* how far the reader is, published by it */
	uint32_t dropped;
	uint32_t usage[_GB_USAGE_MAX]; /* in this invocation */
	uint32_t reserved[8];
	struct gb_ring_record records[GB_RING_RECORDS];
};

_Static_assert(sizeof(struct gb_ring_record) == 512, "records do not straddle pages");

/* What a writer says; text that does not fit is cut (arguments first) and marked. */
struct gb_ring_report {
	struct gb_ring_record head; /* lengths, state and text are set by put */
	struct gb_span subject;
	struct gb_span object;
	struct gb_span arguments;
};

/* Whether a thing is told again in the invocation that is the Nth to show it: the 1st, 2nd, 3rd, 4th, 8th, 16th, … */
static inline bool gb_ring_is_told(uint32_t n)
{
	return n < 4 || (n & (n - 1)) == 0;
}

/* False when the ring was full; the loss is counted. */
bool gb_ring_put(struct gb_ring *ring, const struct gb_ring_report *report);

/* The reader's own state, in its private memory. Zero-initialise. */
struct gb_ring_reader {
	uint32_t tail;
	uint32_t dropped_seen;
	uint32_t stuck_rounds;
	uint32_t passed_over;
};

/* Next complete record into *ret_record; false when there is none now. A record whose writer died half-way is passed
 * over, and is lost, once gb_ring_take() has met it unfinished on sixteen calls while later ones are complete. */
bool gb_ring_take(struct gb_ring *ring, struct gb_ring_reader *reader, struct gb_ring_record *ret_record);
/* Reports lost since the last call, as far as the writers can be believed. */
uint32_t gb_ring_lost(struct gb_ring *ring, struct gb_ring_reader *reader);

static inline struct gb_span gb_ring_subject(const struct gb_ring_record *r)
{
	return gb_span_of(r->text, r->subject_n);
}

static inline struct gb_span gb_ring_object(const struct gb_ring_record *r)
{
	return gb_span_of(r->text + r->subject_n, r->object_n);
}

static inline struct gb_span gb_ring_arguments(const struct gb_ring_record *r)
{
	return gb_span_of(r->text + r->subject_n + r->object_n, r->arguments_n);
}

#endif

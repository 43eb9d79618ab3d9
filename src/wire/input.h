/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire/input: strings of the events being handled, written by the warden and read by the sensor while it judges. A
 * reader never waits: if the slot changes under it, it starts over a bounded number of times, then takes the slot as
 * truncated (which the flow check reports).
 */
#ifndef GB_WIRE_INPUT_H
#define GB_WIRE_INPUT_H

#include "wire/segment.h"

#define GB_INPUT_PATH_MAX 255u

/* Entry as it lies in a slot: this header, PATH_N bytes of path, VALUE_N bytes of value, padding to 4 bytes. */
struct gb_input_entry {
	uint32_t value_n;
	uint16_t path_n;
	uint16_t origin; /* inspect's origin number, carried for the report only */
};

struct gb_input_string {
	struct gb_span path;  /* as a person writes it: queryStringParameters.document_url */
	struct gb_span value; /* decoded */
	uint16_t origin;
};

/* Writer, the warden only. begin → add… → commit. `add` returns false when the entry did not fit; the slot is then
 * marked truncated. Paths are cut at GB_INPUT_PATH_MAX bytes. */
void gb_input_begin(struct gb_input_slot *slot, struct gb_span request_id);
bool gb_input_add(struct gb_input_slot *slot, struct gb_input_string string);
void gb_input_commit(struct gb_input_slot *slot);
/* The event has been answered and the next one is asked for. */
void gb_input_retire(struct gb_input_slot *slot);

/* Reader. Position of an iteration; zero-initialise `offset` and `index`. */
struct gb_input_cursor {
	uint32_t offset;
	uint32_t index;
};

/* Sequence to hand to gb_input_unchanged() later; false when the slot is not active or is being written. */
bool gb_input_open(const struct gb_input_slot *slot, uint32_t *ret_sequence);
/* Next string, or false at the end. Never leaves the slot, whatever is in it. The spans point into the slot. */
bool gb_input_next(
        const struct gb_input_slot *slot, struct gb_input_cursor *cursor, struct gb_input_string *ret_string);
/* Whether what was read since gb_input_open() was one consistent state. */
bool gb_input_unchanged(const struct gb_input_slot *slot, uint32_t sequence);

#endif

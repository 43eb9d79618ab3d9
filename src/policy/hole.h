/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy/hole: what may stand in a typed place of an argument: <word>, <number>, <path>, <url>. One definition for the
 * judge and for the learner. Freestanding, pure.
 */
#ifndef GB_POLICY_HOLE_H
#define GB_POLICY_HOLE_H

#include "wire/blob.h"

/* In shell text a hole takes only bytes that mean nothing to a shell, wherever in a word they stand. */
enum gb_hole_place {
	GB_HOLE_IN_SHELL = 0,
	GB_HOLE_IN_ARGUMENT,
};

/* Whether a hole of KIND takes all of S. Never the empty string. */
bool gb_policy_hole_fits(enum gb_blob_chunk_kind kind, enum gb_hole_place place, struct gb_span s);

/* The same byte by byte: STATES is 1 before the first byte; 0 is a dead end. */
uint16_t gb_policy_hole_step(enum gb_blob_chunk_kind kind, enum gb_hole_place place, uint16_t states, unsigned char c);
bool gb_policy_hole_accepts(enum gb_blob_chunk_kind kind, uint16_t states);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * warden/lineage: which processes stood above the one that a finding is about. Asked of /proc when the finding is written;
 * what has ended by then is known by its start, when that was told. Private to the warden.
 */
#ifndef GB_WARDEN_LINEAGE_H
#define GB_WARDEN_LINEAGE_H

#include "wire/event.h"
#include "wire/ring.h"

#define LINEAGE_STARTS_MAX 64u
#define LINEAGE_TEXT_BYTES 240u

struct gb_warden;

/* A program that was started. */
struct warden_started {
	uint32_t pid, parent;
	uint16_t path_n, arguments_n;
	bool is_cut;
	unsigned char text[LINEAGE_TEXT_BYTES]; /* path, arguments */
};

/* The latest of them; the oldest goes first. */
struct warden_lineage {
	uint32_t count; /* ever noted */
	struct warden_started starts[LINEAGE_STARTS_MAX];
};

/* Text of the processes that were found. */
struct warden_ancestry {
	struct gb_event_process processes[GB_EVENT_PROCESSES_MAX];
	unsigned char texts[GB_EVENT_PROCESSES_MAX][2 * LINEAGE_TEXT_BYTES];
};

/* RECORD tells of a program that was not kept from starting. Others are left alone. */
void warden_lineage_note(struct gb_warden *warden, const struct gb_ring_record *record);
/* Who did what RECORD says, the nearest first and at most up to the runtime; of a program's start who started it. Result:
 * how many; 0: it is not said who it was. The record's writer may lie: of what it names no more is told than anybody in
 * the sandbox may read. */
size_t warden_lineage_find(
        const struct gb_warden *warden, const struct gb_ring_record *record, struct warden_ancestry *ret_ancestry);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * warden/observe: what this sandbox was seen to do, and in how many invocations, so that a thing is told ever more rarely.
 * Private to the directory.
 */
#ifndef GB_WARDEN_OBSERVE_H
#define GB_WARDEN_OBSERVE_H

#include "inspect/inspect.h"
#include "wire/ring.h"

#define SEEN_SLOTS 4096u
#define SEEN_MAX   (SEEN_SLOTS / 4u * 3u)

struct gb_warden;
struct warden_invocation;

/* Something that was observed, or things that are alike, and in how many invocations. */
struct warden_item {
	uint64_t hash;
	uint32_t n;
	uint16_t round; /* in which it was counted last */
	uint16_t names; /* how many of things that are alike have an entry of their own */
};

struct warden_observing {
	char sandbox[16];
	uint64_t salt; /* random: where an entry lies depends on the sandbox */
	uint64_t invocations, invocations_told;
	uint64_t progress_at; /* number of invocations at which progress is told next */
	uint64_t shapes[_GB_SHAPE_MAX];
	uint32_t start_round;   /* of start-up, or of what comes between a restore and the first event */
	uint64_t round_order;   /* of the youngest event when the round began */
	uint64_t held_until_ms; /* no new round before; 0: none is waited for */
	bool is_full;
	/* One behind the other, so that a few take a page and not one each; by hash: which, counted from 1, or 0. */
	uint32_t count;
	struct warden_item items[SEEN_MAX];
	uint16_t places[SEEN_SLOTS];
};

/* observe.c */
/* A sandbox of a random id, in which nothing was seen. */
void warden_observe_open(struct gb_warden *warden);
/* From now on it is another one. */
void warden_observe_renew(struct gb_warden *warden);
/* Its id. */
struct gb_span warden_observe_sandbox(const struct gb_warden *warden);
/* The event of SLOT is handed to the function. */
void warden_observe_event(struct gb_warden *warden, unsigned slot, enum gb_event_shape shape);
/* INVOCATION had to make room for another. */
void warden_observe_evicted(struct gb_warden *warden, const struct warden_invocation *invocation);
/* Count an observation. Result: in how many invocations it was seen, when it is to be told now; else 0. *ret_is_alike: it,
 * or what differs from it in made-up names only. */
uint32_t warden_observe_count(struct gb_warden *warden, const struct gb_ring_record *record, bool *ret_is_alike);
/* Whether the observation was made while the events were in hand that are now. */
bool warden_observe_is_current(const struct gb_warden *warden, const struct gb_ring_record *record);
/* Whether it was made at start-up. */
bool warden_observe_is_start(const struct gb_warden *warden, const struct gb_ring_record *record);
/* The sandbox ends: tell what was not told yet. */
void warden_observe_end(struct gb_warden *warden);

/* alike.c: hashes of RECORD by itself; by the pattern that it fits, with its made-up names as the reason; by what is left of
 * it without what may be made up; by folder, beginning and ending of its name. 0: there is no such. */
uint64_t warden_alike_exact(const struct gb_warden *warden, const struct gb_ring_record *record);
uint64_t warden_alike_pattern(const struct gb_warden *warden, const struct gb_ring_record *record);
uint64_t warden_alike_shape(const struct gb_warden *warden, const struct gb_ring_record *record);
uint64_t warden_alike_folder(const struct gb_warden *warden, const struct gb_ring_record *record);

#endif

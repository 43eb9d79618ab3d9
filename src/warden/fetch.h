/* SPDX-License-Identifier: Apache-2.0 */
/*
 * warden/fetch: one look at the policy store, from a process of its own: it waits, and parses what strangers say. What comes
 * of it lies in memory shared with the warden, who trusts none of it. Private to its directory.
 */
#ifndef GB_WARDEN_FETCH_H
#define GB_WARDEN_FETCH_H

#include "aws/location.h"
#include "wire/blob.h"

#define WARDEN_ETAG_BYTES  128u
#define WARDEN_FETCH_MS    10000u /* for all of it */
#define WARDEN_STORE_BYTES (GB_LOCATION_PATH_MAX + 2u * GB_LOCATION_NAME_MAX + 32u)

/* A policy store as one function sees it. */
struct warden_store {
	struct gb_location location;
	char path[WARDEN_STORE_BYTES]; /* of the function's policy */
	char etag[WARDEN_ETAG_BYTES];  /* of what was fetched last; empty: nothing yet */
	int64_t skew_s;                /* what our clock is behind the store's */
};

enum warden_fetch_kind {
	WARDEN_FETCH_FAILED = 0, /* MESSAGE says why */
	WARDEN_FETCH_UNCHANGED,
	WARDEN_FETCH_TAKEN, /* BYTES and ETAG */
	WARDEN_FETCH_ABSENT,
};

struct warden_fetched {
	enum warden_fetch_kind kind;
	bool is_passing; /* no answer, or one that will be another soon */
	int64_t skew_s;
	char etag[WARDEN_ETAG_BYTES];
	char message[160];
	uint32_t n;
	unsigned char bytes[GB_BLOB_FILE_BYTES_MAX];
};

/* Look, for at most MS milliseconds. *fetched is zero. Credentials are those of the environment, or of the endpoint that it
 * names. */
void warden_fetch(const struct warden_store *store, unsigned ms, struct warden_fetched *fetched);

/* fetch_dial.c: a connected socket to HOST (a name or an address) by DEADLINE of the monotonic clock; -EHOSTUNREACH: the name
 * is not known, -ETIMEDOUT, … */
__attribute__((warn_unused_result)) int warden_dial(const char *host, uint16_t port, uint64_t deadline_ns);
/* Wait until FD is ready for EVENTS. 0, -ETIMEDOUT, or another negative errno. */
__attribute__((warn_unused_result)) int warden_wait(int fd, short events, uint64_t deadline_ns);

#endif

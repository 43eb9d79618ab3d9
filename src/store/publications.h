/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/publications: which policy was published for a function under which serial. A serial is written down before anything is
 * published under it, and never used for something else.
 */
#ifndef GB_STORE_PUBLICATIONS_H
#define GB_STORE_PUBLICATIONS_H

#include "base/arena.h"
#include "base/sha256.h"
#include "store/sql.h"

enum gb_publication_state {
	GB_PUBLICATION_BEGUN = 0, /* the serial is taken; it may or may not have been published */
	GB_PUBLICATION_PUBLISHED,
	GB_PUBLICATION_REFUSED, /* no policy could be made: `diag` */
};
/* As the API tells it. */
const char *gb_publication_state_name(enum gb_publication_state state);

struct gb_publication {
	int64_t function, serial;
	unsigned char sha256[GB_SHA256_BYTES]; /* of what it is made of: the same means that nothing has changed */
	enum gb_publication_state state;
	int64_t time;
	struct gb_span etag, diag;
};

typedef int gb_publication_row(void *context, const struct gb_publication *publication);

/* The last one of FUNCTION, its texts in ARENA. 1, or 0 when there is none. */
__attribute__((warn_unused_result)) int gb_publication_last(struct gb_store *store, int64_t function,
        struct gb_arena *arena, struct gb_publication *ret_publication, struct gb_diag *diag);

/* Take the next serial, at least LEAST. Durable when it returns 0 and no transaction is open. -EEXIST: somebody else has just
 * taken it. */
__attribute__((warn_unused_result)) int gb_publication_begin(struct gb_store *store, int64_t function,
        const unsigned char sha256[GB_SHA256_BYTES], int64_t least, enum gb_publication_state state,
        struct gb_span complaint, int64_t *ret_serial, struct gb_diag *diag);

/* It is published. */
__attribute__((warn_unused_result)) int gb_publication_end(
        struct gb_store *store, int64_t function, int64_t serial, struct gb_span etag, struct gb_diag *diag);

/* Those of FUNCTION, newest first, with serials below BEFORE (0: all), at most LIMIT. Result: how many. */
__attribute__((warn_unused_result)) int gb_publications_list(struct gb_store *store, int64_t function, int64_t before,
        size_t limit, gb_publication_row *on_row, void *context, struct gb_diag *diag);

#endif

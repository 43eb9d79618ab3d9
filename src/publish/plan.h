/* SPDX-License-Identifier: Apache-2.0 */
/*
 * publish/plan: what is to be done about one function, by what was written down and what lies in the policy store. Pure. Private
 * to its directory.
 */
#ifndef GB_PUBLISH_PLAN_H
#define GB_PUBLISH_PLAN_H

#include "publish/target.h"
#include "store/publications.h"

enum plan_step {
	PLAN_NOTHING = 0,
	PLAN_LOOK,   /* ask again with what lies there */
	PLAN_FINISH, /* SERIAL is there already: write down that it is */
	PLAN_AGAIN,  /* put it, once more perhaps, under SERIAL, which is its own */
	PLAN_NEW,    /* put it under a new serial, SERIAL at the least */
};

struct plan {
	enum plan_step step;
	int64_t serial;
};

/* LAST: the last publication, or NULL. SHA256: of what is wanted now. LOOK: what lies there, or NULL when nobody looked.
 * MUST_LOOK: nobody has looked since this program began, and somebody may have taken it away. */
struct plan plan_of(const struct gb_publication *last, const unsigned char sha256[GB_SHA256_BYTES],
        const struct target_look *look, bool must_look);

#endif

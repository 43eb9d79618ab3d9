/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/audit: who changed what. Each entry's hash covers the one before, so that nothing can be changed, left out or put
 * in without all that follows not fitting any more. Whoever can write the database can make the whole chain anew: a hash
 * noted elsewhere (serve logs each) shows that too.
 */
#ifndef GB_STORE_AUDIT_H
#define GB_STORE_AUDIT_H

#include "base/arena.h"
#include "store/sql.h"

/* The setting that whoever writes an entry holds until his transaction ends. */
#define GB_AUDIT_HEAD       "audit-head"
#define GB_AUDIT_HASH_BYTES 32u

struct gb_audit_entry {
	int64_t seq; /* from 1, without a gap */
	int64_t time;
	struct gb_span actor, action, target;
	struct gb_span detail;         /* JSON, or empty */
	struct gb_span previous, hash; /* previous of the first: 32 zero bytes */
};

/* Add an entry in the transaction that is open, which it puts in line behind others that add. Fills seq, previous and hash
 * of ENTRY (the latter two in ARENA). -EINVAL: a text is no UTF-8 or has a NUL. */
__attribute__((warn_unused_result)) int gb_audit_add(
        struct gb_store *store, struct gb_audit_entry *entry, struct gb_arena *arena, struct gb_diag *diag);

/* Spans live until it returns; results as gb_sql_row's. */
typedef int gb_audit_row(void *context, const struct gb_audit_entry *entry);
/* Entries AFTER that seq, upwards; with IS_DOWN those before it, downwards (0: from the newest). At most LIMIT. */
__attribute__((warn_unused_result)) int gb_audit_list(struct gb_store *store, int64_t after, bool is_down, size_t limit,
        gb_audit_row *on_row, void *context, struct gb_diag *diag);

struct gb_audit_finding {
	int64_t entries;                         /* that are whole, from the first on */
	int64_t broken_at;                       /* seq where it breaks; 0: nowhere */
	unsigned char head[GB_AUDIT_HASH_BYTES]; /* of the last whole one */
	bool is_anchor_met;
};

/* Check the whole chain. With ANCHOR_SEQ not 0 the entry of that number must have the hash ANCHOR. */
__attribute__((warn_unused_result)) int gb_audit_verify(struct gb_store *store, int64_t anchor_seq,
        const unsigned char anchor[GB_AUDIT_HASH_BYTES], struct gb_audit_finding *ret_finding, struct gb_diag *diag);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* collect/verify: one round of verifying, in two files: seals, and lines that wait for theirs. Private to collect. */
#ifndef GB_COLLECT_VERIFY_H
#define GB_COLLECT_VERIFY_H

#include "collect/tell.h"
#include "store/sandboxes.h"

#include <string.h>

#define VERIFY_BATCH_MAX 500u

enum verdict { VERDICT_BAD = 0, VERDICT_GOOD, VERDICT_UNKNOWN, VERDICT_NO_KEY };

struct judged {
	struct gb_seal seal;
	struct gb_sandbox sandbox;
	enum verdict verdict;
};

struct verifying {
	struct gb_store *store;
	struct gb_arena *arena;
	struct gb_diag *diag;
	int64_t now, grace_before;
	struct judged *seals;
	struct gb_line *lines;
	size_t seal_count, line_count;
	struct gb_event *events;
	size_t event_count, event_cap;
	uint64_t touched[2 * VERIFY_BATCH_MAX]; /* sandboxes of which something came: what waited may wait no longer */
	size_t touched_count;
	bool has_more;
};

static inline void verify_touch(struct verifying *verifying, uint64_t sandbox)
{
	if (verifying->touched_count == 0 || verifying->touched[verifying->touched_count - 1] != sandbox)
		verifying->touched[verifying->touched_count++] = sandbox;
}

static inline const unsigned char *verify_hash_in(const struct gb_seal *seal, int64_t seq)
{
	return seal->hashes.p + (size_t)(seq - seal->first) * GB_LINE_HASH_BYTES;
}

static inline bool verify_has_hash(const struct gb_seal *seal, const struct gb_line *line)
{
	return line->seq >= seal->first && line->seq <= seal->last &&
	       memcmp(verify_hash_in(seal, line->seq), line->hash, sizeof(line->hash)) == 0;
}

/* Another event for the end of the round. 0; -ENOMEM. */
int verify_tell(struct verifying *verifying, enum collect_finding finding, const struct gb_sandbox *sandbox,
        int64_t first, int64_t last, const char *message);

/* The row of a list of lines, into `lines`, which CONTEXT (a struct verifying) has room for. */
int verify_keep_line(void *context, const struct gb_line *line);

/* Begin the round's transaction where it is not begun. */
int verify_begin(struct verifying *verifying);

/* Lines that came after the seal that vouches for them: taken, or another line was sealed. */
int verify_later_lines(struct verifying *verifying);

/* Lines that no seal vouched for in time: told. */
int verify_unsealed_lines(struct verifying *verifying);

#endif

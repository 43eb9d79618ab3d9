/* SPDX-License-Identifier: Apache-2.0 */
/*
 * warden/hygiene: what invocations leave in /tmp for those that come after. What was there before the first event, decoys,
 * and what the policy keeps are no findings; in block mode the rest is deleted. Between two events, while nothing is in
 * hand. Links are not followed; depth and number are bounded.
 */
#include "warden/state.h"

#include "policy/set.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ROOT          "/tmp"
#define DEPTH_MAX     12u
#define ENTRIES_MAX   4096u
#define LISTING_BYTES 2048u

struct walk {
	struct gb_warden *warden;
	bool is_first; /* what is there is as it should be */
	bool deletes;
	unsigned entries;
	char path[4096];
	struct gb_text name; /* on path */
};

static uint64_t hash_of(struct gb_span name)
{
	uint64_t hash = gb_span_hash(name);

	return hash == 0 ? 1 : hash;
}

/* The slot of NAME, or the free one where it would be. NULL: the table is full there. */
static uint64_t *find(struct gb_warden *warden, struct gb_span name)
{
	uint64_t hash = hash_of(name);

	for (unsigned probe = 0; probe < WARDEN_FILES_MAX; probe++) {
		uint64_t *slot = &warden->hygiene.files[(hash + probe) % WARDEN_FILES_MAX];

		if (*slot == hash || *slot == 0)
			return slot;
	}
	return NULL;
}

static bool is_known(struct gb_warden *warden, struct gb_span name)
{
	const uint64_t *slot = find(warden, name);

	return slot != NULL && *slot != 0;
}

static void remember(struct gb_warden *warden, struct gb_span name)
{
	uint64_t *slot = find(warden, name);

	if (slot == NULL || *slot != 0 || warden->hygiene.count >= WARDEN_FILES_MAX / 2)
		return;
	*slot = hash_of(name);
	warden->hygiene.count++;
}

static bool any_matches(const struct gb_policy *policy, enum gb_blob_guard guard, struct gb_span name)
{
	const struct gb_blob_part part = policy->header->guards.texts[guard];
	const struct gb_blob_text *texts = part_elements(policy, part);

	for (size_t i = 0; i < part.count; i++)
		if (gb_policy_glob_matches(blob_text(policy, texts[i]), name))
			return true;
	return false;
}

/* Kept files, decoys, and the directories that lead to decoys. */
static bool is_kept(const struct gb_policy *policy, struct gb_span name)
{
	const struct gb_blob_part part = policy->header->guards.texts[GB_BLOB_DECOY_FILES];
	const struct gb_blob_text *texts = part_elements(policy, part);

	for (size_t i = 0; i < part.count; i++)
		if (gb_span_starts(blob_text(policy, texts[i]), name))
			return true;
	return any_matches(policy, GB_BLOB_KEPT_FILES, name);
}

static void report(struct gb_warden *warden, struct gb_span name, bool is_deleted)
{
	struct gb_ring_record record = {.kind = GB_ACTIVITY_FILE_WRITE,
	        .decision = (uint8_t)(is_deleted ? GB_DENY : GB_REPORT),
	        .control = GB_CONTROL_HYGIENE,
	        .reason = GB_R_LEFT_BEHIND,
	        .input_slot = -1};

	name = gb_span_sub(name, 0, sizeof(record.text));
	record.subject_n = (uint16_t)name.n;
	memcpy(record.text, name.p, name.n);
	warden_report_finding(warden, &record);
}

static void take_file(struct walk *walk, int directory, const char *entry, bool is_directory)
{
	struct gb_span name = gb_text_span(&walk->name);
	bool is_deleted = false;

	if (is_known(walk->warden, name))
		return;
	if (walk->is_first || is_kept(gb_warden_policy(walk->warden), name)) {
		remember(walk->warden, name);
		return;
	}
	if (walk->deletes)
		is_deleted = unlinkat(directory, entry, is_directory ? AT_REMOVEDIR : 0) == 0;
	/* A directory that holds something that stays, and stays for that. */
	if (walk->deletes && !is_deleted && is_directory)
		return;
	if (!is_deleted)
		remember(walk->warden, name);
	report(walk->warden, name, is_deleted);
}

/* What is below first: a directory is empty when its turn comes. The depth is bounded by DEPTH_MAX. */
static void take_directory(struct walk *walk, int directory, unsigned depth)
{
	_Alignas(8) char listing[LISTING_BYTES];
	size_t n_before = walk->name.n;
	long n;

	while (walk->entries < ENTRIES_MAX && (n = syscall(SYS_getdents64, directory, listing, sizeof(listing))) > 0)
		for (long at = 0; at < n && walk->entries < ENTRIES_MAX;) {
			const struct dirent64 *entry = (const void *)(listing + at);
			bool is_directory = entry->d_type == DT_DIR;

			at += entry->d_reclen;
			if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
				continue;
			walk->entries++;
			gb_text_add_byte(&walk->name, '/');
			gb_text_add_cstr(&walk->name, entry->d_name);
			if (is_directory && depth < DEPTH_MAX && !walk->name.truncated) {
				int below = openat(
				        directory, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

				if (below >= 0) {
					take_directory(walk, below, depth + 1);
					(void)close(below);
				}
			}
			if (!walk->name.truncated)
				take_file(walk, directory, entry->d_name, is_directory);
			walk->name.n = n_before;
			walk->name.truncated = false;
		}
}

static void look(struct gb_warden *warden, bool is_first)
{
	struct walk walk = {.warden = warden,
	        .is_first = is_first,
	        .deletes = warden_policy_mode(warden, GB_CONTROL_HYGIENE) == GB_MODE_BLOCK};
	int root = open(ROOT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return;
	walk.name = gb_text_on(walk.path, sizeof(walk.path));
	gb_text_add_cstr(&walk.name, ROOT);
	take_directory(&walk, root, 0);
	(void)close(root);
}

void warden_hygiene_between(struct gb_warden *warden)
{
	if (gb_warden_policy(warden) == NULL || warden_policy_mode(warden, GB_CONTROL_HYGIENE) == GB_MODE_OFF ||
	        warden_invocation_is_any(warden))
		return;
	look(warden, !warden->hygiene.has_begun);
	warden->hygiene.has_begun = true;
}

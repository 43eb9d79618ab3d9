/* SPDX-License-Identifier: Apache-2.0 */
/*
 * publish: from what functions were seen to do and what people want to the policies that functions fetch: observations
 * are merged into profiles, allowlists proposed or put in force, documents resolved for each function, compiled, signed, and
 * put into the policy store. Everything is done in rounds, which end any time without harm: what was begun is done again.
 */
#ifndef GB_PUBLISH_PUBLISH_H
#define GB_PUBLISH_PUBLISH_H

#include "aws/location.h"
#include "base/arena.h"
#include "base/diag.h"
#include "policyc/set.h"
#include "store/functions.h"
#include "store/rules.h"
#include "wire/blob.h"

/* Kinds of documents that people write. NULL ends the list. */
extern const char *const gb_publish_kinds[];

/* Kinds of documents that are not people's (policyc's words are theirs). Named after gb_publish_function_key(). */
#define GB_PUBLISH_PROPOSAL  "Proposal"  /* an allowlist that waits for a word */
#define GB_PUBLISH_ALLOWLIST "Allowlist" /* one that is in force */

#define GB_PUBLISH_KEY_BYTES (3u * GB_LOCATION_NAME_MAX + 64u)

struct gb_publish;

struct gb_publish_settings {
	const char *data;                   /* folder; keys lie in its keys/ */
	const struct gb_location *location; /* of the policy store: a folder or S3 */
	bool (*is_stopping)(void *context); /* asked between steps */
	void *context;
};

/* Makes the keys at the first start. For one thread. -EINVAL, -EACCES and others with DIAG. */
__attribute__((warn_unused_result)) int gb_publish_new(
        const struct gb_publish_settings *settings, struct gb_publish **ret_publish, struct gb_diag *diag);
void gb_publish_free(struct gb_publish *publish); /* NULL is fine */
/* From any other thread: what it waits for in the network ends. */
void gb_publish_cancel(struct gb_publish *publish);

/* What a round did. */
struct gb_publish_round {
	size_t looked_at, published, refused, failed;
	char complaint[200]; /* of the last failure; empty: none */
};

/* Look at every function for which something may have changed, and publish what did. Failures of single functions are counted and tried
 * again in the next round. 0, or a negative errno of the store. */
__attribute__((warn_unused_result)) int gb_publish_run(
        struct gb_publish *publish, struct gb_store *store, struct gb_publish_round *ret_round, struct gb_diag *diag);

struct gb_learn_round {
	size_t functions, lines, broken;
	size_t left_out; /* lines that nobody vouched for (store/profiles.h, gb_observations_settle()) */
	bool has_more;   /* the bound of a round was reached */
};

/* Merge what waits into profiles, decide, and say so: bounded work. STOPPING may be NULL. */
__attribute__((warn_unused_result)) int gb_publish_learn(struct gb_store *store, bool (*is_stopping)(void *context),
        void *context, struct gb_learn_round *ret_round, struct gb_diag *diag);

/* "account/region/name" with escapes for what is not plain, so that three names are one and nothing else is: NUL-terminated. */
void gb_publish_function_key(
        struct gb_span account, struct gb_span region, struct gb_span name, char ret_key[GB_PUBLISH_KEY_BYTES]);

/* Check TEXT, one document as a person pushes it, by itself and beside all others of the store. *ret_kind: "AccountPolicy", "Group" or
 * "FunctionPolicy"; its name goes into ARENA. -EINVAL, -EFBIG with DIAG: line and column of TEXT, and what was probably meant. */
__attribute__((warn_unused_result)) int gb_publish_check(struct gb_store *store, struct gb_span text,
        struct gb_arena *arena, const char **ret_kind, struct gb_span *ret_name, struct gb_diag *diag);

/* The policy that holds for FUNCTION now, resolved out of the store's documents and rules, with its allowlist, its group and posture. RESOLUTION's document is freed by
 * gb_policyc_resolution_done(), then LEARNED (may be NULL) by gb_policyc_document_free(). -ENOENT: none. */
__attribute__((warn_unused_result)) int gb_publish_resolve(struct gb_store *store, const struct gb_policyc_set *set,
        const struct gb_function *function, struct gb_policyc_resolution *ret_resolution,
        struct gb_policyc_document **ret_learned, struct gb_diag *diag);

/* All documents that people wrote, with the rules and exclusions beside them: all of these, or those that may be for ONLY. Free by
 * gb_policyc_set_free(). */
__attribute__((warn_unused_result)) int gb_publish_set(
        struct gb_store *store, const struct gb_function *only, struct gb_policyc_set **ret_set, struct gb_diag *diag);
/* The documents alone. */
__attribute__((warn_unused_result)) int gb_publish_documents(
        struct gb_store *store, struct gb_policyc_set **ret_set, struct gb_diag *diag);

/* rules.c. What RULE says, for a policy set; TEXTs it owns are in ARENA. 0 or -ENOMEM. */
__attribute__((warn_unused_result)) int gb_publish_addition(
        const struct gb_rule *rule, struct gb_arena *arena, struct gb_policyc_addition *ret_addition);
/* Add them to SET. -EINVAL with DIAG: one that this program does not understand. */
__attribute__((warn_unused_result)) int gb_publish_add_rules(
        struct gb_store *store, const struct gb_function *only, struct gb_policyc_set *set, struct gb_diag *diag);
/* Check RULE's entry by itself. *ret_activity: what it is about ("file", "process", …, "several"). -EINVAL, -EFBIG with DIAG: line and
 * column of the entry, and what was probably meant. */
__attribute__((warn_unused_result)) int gb_publish_check_rule(
        const struct gb_rule *rule, const char **ret_activity, struct gb_diag *diag);
/* What ENTRY is about. */
const char *gb_publish_activity_of(const struct gb_policyc_entry *entry);

/* The same with TEXT in the place of the document KIND NAME; empty: without that. -EINVAL with DIAG when it cannot be beside the others. */
__attribute__((warn_unused_result)) int gb_publish_set_with(struct gb_store *store, const char *kind,
        struct gb_span name, struct gb_span text, struct gb_policyc_set **ret_set, struct gb_diag *diag);

/* keys.c: the keys that policies are signed with, in FOLDER (made with mode 0700): policy.key, and policy.pub with the pins for
 * functions. A new key is prepared first (its public half stands in policy.pub beside the old one, and goes to the functions
 * with their next deployment), then activated, when the old one is trusted until a day. Of GB_PINS_MAX, one that has ended makes
 * room. The folder is locked while they work: any thread and any process may call them. */
struct gb_publish_keys {
	unsigned char seed[32], public_key[GB_BLOB_KEY_BYTES];
};
__attribute__((warn_unused_result)) int gb_publish_keys_open(
        const char *folder, struct gb_publish_keys *ret_keys, struct gb_diag *diag);
/* -EEXIST: one is prepared already, or GB_PINS_MAX are trusted yet. */
__attribute__((warn_unused_result)) int gb_publish_keys_prepare(const char *folder, struct gb_diag *diag);
/* -ENOENT: none is prepared. The old one is trusted up to LAST_DAY (since 1970-01-01). */
__attribute__((warn_unused_result)) int gb_publish_keys_activate(
        const char *folder, uint32_t last_day, struct gb_diag *diag);
/* Whether the public key with these DIGITS stands in policy.pub. */
bool gb_publish_keys_has(const char *folder, struct gb_span digits);
/* The signature block of BLOB_N bytes at FILE, behind them. */
void gb_publish_keys_sign(const struct gb_publish_keys *keys, unsigned char *file, size_t blob_n);

#endif

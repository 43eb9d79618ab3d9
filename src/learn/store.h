/* SPDX-License-Identifier: Apache-2.0 */
/*
 * learn/store: what a profile is made of. Everything that has a name is an element of a list that is ordered by the hash
 * of its key and keeps the lowest, so that a limit does not depend on who came first. Private to learn (and its tests).
 */
#ifndef GB_LEARN_STORE_H
#define GB_LEARN_STORE_H

#include "activity/activity.h"
#include "base/text.h"
#include "learn/learn.h"
#include "base/arena.h"

struct gb_boundaries;

/* First member of each element. */
struct gb_profile_key {
	uint64_t hash;
	struct gb_span bytes;
};

struct gb_profile_list {
	struct gb_profile_key **items;
	size_t count, cap;
};

/* An invocation that showed an item. */
struct gb_profile_first {
	uint64_t at; /* number of the invocation in its sandbox, from 1; start-up counts as the first */
	struct gb_span request;
};

/* An item in one sandbox: the key is the sandbox. */
struct gb_profile_seen {
	struct gb_profile_key key;
	uint64_t count;                                      /* invocations that showed it, as far as told */
	struct gb_profile_first first[GB_PROFILE_FIRST_MAX]; /* the earliest, in order */
	size_t first_count;
};

struct gb_profile_item {
	struct gb_profile_key key; /* all that follows up to is_cut */
	enum gb_activity_kind kind;
	struct gb_span subject, object;
	struct gb_span *arguments;
	size_t argument_count;
	bool is_cut;     /* the log holds it only in part */
	bool is_pattern; /* its paths have `*` where names are made up */
	bool is_each;    /* a pattern whose names a sandbox told each by itself: their number is not known */
	struct gb_profile_list seen;    /* struct gb_profile_seen */
	struct gb_profile_list sources; /* client addresses: struct gb_profile_key */
	bool is_unsourced;              /* also seen where no client address was known */
	struct gb_span earliest, latest;
};

struct gb_profile_shape {
	struct gb_profile_key key;
	uint64_t count;
};

struct gb_profile_sandbox {
	struct gb_profile_key key;
	uint64_t invocations;
	struct gb_profile_list shapes; /* struct gb_profile_shape */
	uint64_t limit;                /* from this invocation on it may not have told everything; 0: it has */
};

struct gb_profile_version {
	struct gb_profile_key key;   /* code, or when that is not known "version NUMBER" */
	struct gb_span code, number; /* number: the greatest */
	struct gb_profile_list items, sandboxes;
	struct gb_profile_list sources; /* client addresses: struct gb_profile_key */
	struct gb_span earliest, latest;
};

enum gb_profile_word {
	GB_PROFILE_NO_WORD = 0,
	GB_PROFILE_APPROVED,
	GB_PROFILE_REJECTED,
};

/* What a person said about an item: the key is the item's. The latest counts. */
struct gb_profile_decision {
	struct gb_profile_key key;
	enum gb_profile_word word;
	struct gb_span time, by;
};

struct gb_profile {
	struct gb_arena *arena;
	struct gb_span function;
	struct gb_profile_list versions;
	struct gb_profile_list bad_requests; /* struct gb_profile_key */
	struct gb_profile_list bad_items;    /* struct gb_profile_item, of which only what it is */
	struct gb_profile_list decisions;
	struct gb_profile_list foreign;   /* sandboxes of another function; only while logs are read */
	struct gb_boundaries *boundaries; /* the built-in ones, once a log was read */
};

#define GB_PROFILE_BAD_ITEMS_MAX    10000u
#define GB_PROFILE_SOURCES_MAX      64u
#define GB_PROFILE_ITEM_SOURCES_MAX 3u
#define GB_PROFILE_SHAPES_MAX       64u
#define GB_PROFILE_DECISIONS_MAX    50000u

/* A copy of S in ARENA; *r becomes -ENOMEM when there is no memory. */
struct gb_span gb_profile_copy(struct gb_arena *arena, struct gb_span s, int *r);

/* The element of KEY in LIST, or NULL. */
void *gb_profile_find(const struct gb_profile_list *list, struct gb_span key);
/* That of the same key as an element of another list. */
void *gb_profile_find_same(const struct gb_profile_list *list, const struct gb_profile_key *key);
/* The element of KEY; a zeroed one of SIZE bytes when it is not there. *ret is NULL when LIST holds MAX lower ones. -ENOMEM. */
__attribute__((warn_unused_result)) int gb_profile_take(
        struct gb_arena *arena, struct gb_profile_list *list, struct gb_span key, size_t size, size_t max, void *ret);

/* Joins. Each takes what it is told into the profile; -ENOMEM. */
__attribute__((warn_unused_result)) int gb_profile_version_take(
        struct gb_profile *profile, struct gb_span code, struct gb_span number, struct gb_profile_version **ret);
__attribute__((warn_unused_result)) int gb_profile_sandbox_take(struct gb_profile *profile,
        struct gb_profile_version *version, struct gb_span id, uint64_t invocations, struct gb_profile_sandbox **ret);
/* SANDBOX lost something at invocation AT or behind it. */
void gb_profile_limit_add(struct gb_profile_sandbox *sandbox, uint64_t at);
/* How many invocations SANDBOX told all about. */
uint64_t gb_profile_told(const struct gb_profile_sandbox *sandbox);
__attribute__((warn_unused_result)) int gb_profile_shape_add(
        struct gb_profile *profile, struct gb_profile_sandbox *sandbox, struct gb_span name, uint64_t count);
/* ITEM says what it is; its spans are copied. */
__attribute__((warn_unused_result)) int gb_profile_item_take(struct gb_profile *profile, struct gb_profile_list *list,
        size_t max, const struct gb_profile_item *item, struct gb_profile_item **ret);
__attribute__((warn_unused_result)) int gb_profile_seen_add(
        struct gb_profile *profile, struct gb_profile_item *item, struct gb_span sandbox, uint64_t count);
/* In how many invocations of its sandbox an item was seen, at least. */
uint64_t gb_profile_count(const struct gb_profile_seen *seen);
/* Behind gb_profile_seen_add() for the same sandbox. */
__attribute__((warn_unused_result)) int gb_profile_first_add(struct gb_profile *profile, struct gb_profile_item *item,
        struct gb_span sandbox, struct gb_profile_first first);
/* SOURCE empty: not known. */
__attribute__((warn_unused_result)) int gb_profile_source_add(struct gb_profile *profile,
        struct gb_profile_version *version, struct gb_profile_item *item, struct gb_span source);
/* The range from *earliest to *latest takes in TIME; empty is no time. */
__attribute__((warn_unused_result)) int gb_profile_time_add(
        struct gb_profile *profile, struct gb_span *earliest, struct gb_span *latest, struct gb_span time);
__attribute__((warn_unused_result)) int gb_profile_bad_request_add(struct gb_profile *profile, struct gb_span request);
__attribute__((warn_unused_result)) int gb_profile_decision_add(struct gb_profile *profile, struct gb_span item_key,
        enum gb_profile_word word, struct gb_span time, struct gb_span by);

/* ITEM of VERSION, before what others did is asked. */
enum gb_learn_status gb_learn_status_of(
        const struct gb_learn_view *view, const struct gb_profile_version *version, const struct gb_profile_item *item);
/* REQUEST, or one of those that stand in it with blanks between, had a finding. */
bool gb_learn_is_bad(const struct gb_profile *profile, struct gb_span request);

/* Bytes first, then length. */
int gb_learn_span_compare(struct gb_span a, struct gb_span b);
/* What they are, for people's eyes: kind, subject, object, arguments. */
int gb_profile_item_compare(const struct gb_profile_item *a, const struct gb_profile_item *b);

struct gb_learn_paths {
	const struct gb_boundaries *boundaries; /* NULL: nothing may vary */
	bool has_packages;                      /* files of a library count for all of it */
	struct gb_span *items;
	size_t count, cap;
};

/* Add PATH; files of which a pattern is made later. -ENOMEM. */
__attribute__((warn_unused_result)) int gb_learn_paths_add(
        struct gb_arena *arena, struct gb_learn_paths *paths, struct gb_span path);
/* PATH with what may be made up as `*`; *ret_is_sure is set when one sample shows that it is. */
void gb_learn_path_template(
        const struct gb_boundaries *boundaries, struct gb_span path, struct gb_text *out, bool *ret_is_sure);
/* Turn PATHS into patterns in LIST. */
__attribute__((warn_unused_result)) int gb_learn_paths_finish(struct gb_arena *arena, struct gb_learn_paths *paths,
        struct gb_policyc_document *document, struct gb_policyc_patterns *list);

/* Of COUNT PATHS, those of which enough lie in one package become a pattern for all of it. -ENOMEM. */
__attribute__((warn_unused_result)) int gb_learn_packages(
        struct gb_arena *arena, const struct gb_boundaries *boundaries, struct gb_span *paths, size_t count);

/* All process starts among ITEMS → shapes in the allowlist. */
__attribute__((warn_unused_result)) int gb_learn_processes(struct gb_arena *arena,
        const struct gb_profile_item *const *items, size_t count, struct gb_policyc_document *document);

/* All connections, datagrams and names among ITEMS → addresses and hosts. */
__attribute__((warn_unused_result)) int gb_learn_network(struct gb_arena *arena,
        const struct gb_learn_settings *settings, const struct gb_profile_item *const *items, size_t count,
        struct gb_policyc_document *document);

/* All calls of APIs and requests among ITEMS. -ENOMEM. */
__attribute__((warn_unused_result)) int gb_learn_calls(struct gb_arena *arena,
        const struct gb_profile_item *const *items, size_t count, struct gb_policyc_document *document);

/* What the bases of SETTINGS allow. -ENOMEM. */
__attribute__((warn_unused_result)) int gb_learn_bases(
        const struct gb_learn_settings *settings, struct gb_policyc_document *document);

/* What ITEMS and the bases of SETTINGS allow, added to DOCUMENT. -ENOMEM. */
__attribute__((warn_unused_result)) int gb_learn_generalise(struct gb_arena *arena,
        const struct gb_learn_settings *settings, const struct gb_profile_item *const *items, size_t count,
        struct gb_policyc_document *document);

#endif

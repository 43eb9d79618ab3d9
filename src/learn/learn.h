/* SPDX-License-Identifier: Apache-2.0 */
/*
 * learn: what a function was seen to do → a profile that can be merged → an allowlist, and the moment from which that may
 * be relied on (docs/LEARNING.md, docs/formats/profile.md). Hosted code; no output, no clock, no files.
 *
 * A profile is a join semilattice: adding and merging take unions and greatest values, and every list that has a limit
 * keeps what hashes lowest, so that profiles merged in any order and grouping, and any number of times, are the same bytes.
 * A profile owns its memory; it is no thread's business but its caller's.
 */
#ifndef GB_LEARN_LEARN_H
#define GB_LEARN_LEARN_H

#include "base/diag.h"
#include "policyc/policyc.h"

#define GB_PROFILE_BYTES_MAX     (256u * 1024u * 1024u)
#define GB_PROFILE_TEXT_MAX      16384u  /* bytes of one string */
#define GB_PROFILE_VERSIONS_MAX  64u     /* of a function */
#define GB_PROFILE_ITEMS_MAX     50000u  /* of a version */
#define GB_PROFILE_SANDBOXES_MAX 100000u /* of a version */
#define GB_PROFILE_FINDINGS_MAX  100000u /* invocations with a finding */
#define GB_PROFILE_SEEN_MAX      12u     /* sandboxes that bear witness to one item */
#define GB_PROFILE_FIRST_MAX     2u      /* invocations of each of them */

struct gb_profile;

/* What was in a log. */
struct gb_profile_reading {
	size_t lines;   /* Gambeson's own */
	size_t items;   /* observations in them */
	size_t broken;  /* lines or items that could not be read */
	size_t foreign; /* lines of another function */
};

/* An empty one; NULL when memory is short. */
struct gb_profile *gb_profile_new(void);
/* NULL is fine. */
void gb_profile_free(struct gb_profile *profile);
/* For GB_CLEANUP. */
void gb_profile_freep(struct gb_profile **profile);

/* Take what is Gambeson's out of LOG, a text of lines; other lines are passed over. The same lines may be added again.
 * A sandbox's `start` line should come first: it says which version of the code the others are of. *reading is added to.
 * -ENOMEM. */
__attribute__((warn_unused_result)) int gb_profile_add_log(
        struct gb_profile *profile, struct gb_span log, struct gb_profile_reading *reading);

/* INTO becomes the join of both. -EINVAL with DIAG when they are of two functions (nothing is changed then), -ENOMEM. */
__attribute__((warn_unused_result)) int gb_profile_merge(
        struct gb_profile *into, const struct gb_profile *from, struct gb_diag *diag);

/* Keep the COUNT latest versions only; *ret_count others are gone. Not a join: merging with what has them brings them back.
 * A profile that lives through many deployments needs it, since which ones a full list keeps has nothing to do with their
 * age. -ENOMEM. */
__attribute__((warn_unused_result)) int gb_profile_forget(struct gb_profile *profile, size_t count, size_t *ret_count);

/* TEXT is a profile's file. -EINVAL or -EFBIG with DIAG, -ENOMEM. */
__attribute__((warn_unused_result)) int gb_profile_parse(
        struct gb_span text, struct gb_profile **ret_profile, struct gb_diag *diag);
/* Whether TEXT begins as a profile's file does (and not as a log). */
bool gb_profile_is_profile(struct gb_span text);
/* The same profile gives the same bytes. -ENOMEM. */
__attribute__((warn_unused_result)) int gb_profile_print(const struct gb_profile *profile, FILE *out);

/* Name of the function, or empty. */
struct gb_span gb_profile_function(const struct gb_profile *profile);

/* An activity that a log or a profile tells of. Spans hold during the call. */
struct gb_learn_told {
	struct gb_activity activity;     /* of a profile, with made-up parts of paths as `*` */
	bool is_cut;                     /* told in part only */
	bool is_finding;                 /* of a finding, not an observation */
	struct gb_span request, sandbox; /* or empty */
	uint64_t line;                   /* of the log, from 1; 0: a profile */
	uint64_t count; /* of an observation: in so many invocations of its sandbox, this one included, at least */
};

/* Who wants to hear of them, and what was in the text. Results below 0 end the walk. */
struct gb_learn_walk {
	int (*on_activity)(void *context, const struct gb_learn_told *told);
	int (*on_sandbox)(void *context, struct gb_span sandbox, uint64_t invocations); /* told again as they grow */
	void *context;
	size_t lines;            /* Gambeson's own */
	size_t broken;           /* lines or items that could not be read */
	size_t without_activity; /* findings about an event, as the firewall's */
};

/* Every activity of LOG, a text of lines, in its order; of PROFILE once for each sandbox. -ENOMEM, or what WALK's
 * functions result in. WALK's counts are added to. */
__attribute__((warn_unused_result)) int gb_learn_walk_log(struct gb_learn_walk *walk, struct gb_span log);
__attribute__((warn_unused_result)) int gb_learn_walk_profile(
        struct gb_learn_walk *walk, const struct gb_profile *profile);

/* TEXT begins as one of Gambeson's lines; it holds one somewhere. */
bool gb_learn_is_line(struct gb_span text);
bool gb_learn_is_log(struct gb_span text);

/* What a few samples never prove, and what is never learned: data/boundaries.txt. */
struct gb_boundaries;

/* Those that are built in. NULL when memory is short. */
struct gb_boundaries *gb_boundaries_new(void);
/* TEXT is such a file. -EINVAL with DIAG, -ENOMEM. */
__attribute__((warn_unused_result)) int gb_boundaries_parse(
        struct gb_span text, struct gb_boundaries **ret_boundaries, struct gb_diag *diag);
void gb_boundaries_free(struct gb_boundaries *boundaries);

/* Where names begin that may vary, in PATH; SIZE_MAX: nowhere. */
size_t gb_boundaries_vary(const struct gb_boundaries *boundaries, struct gb_span path);
/* An activity that is never learned. */
bool gb_boundaries_never_of(const struct gb_boundaries *boundaries, enum gb_activity_kind kind, struct gb_span subject,
        struct gb_span object);
/* NAME, or what stands below it, belongs to many. */
bool gb_boundaries_host(const struct gb_boundaries *boundaries, struct gb_span name);
/* IP's neighbours have the same owner. */
bool gb_boundaries_network(const struct gb_boundaries *boundaries, const unsigned char ip[16]);

/* PATH with made-up parts as `*` where one sample shows that they are; else PATH. *ret belongs to ARENA. -ENOMEM. */
__attribute__((warn_unused_result)) int gb_learn_path_pattern(
        struct gb_arena *arena, const struct gb_boundaries *boundaries, struct gb_span path, struct gb_span *ret);

/* The address ranges that AWS publishes. */
struct gb_ranges;

/* TEXT is ip-ranges.json. -EINVAL with DIAG, -ENOMEM. */
__attribute__((warn_unused_result)) int gb_ranges_parse(
        struct gb_span text, struct gb_ranges **ret_ranges, struct gb_diag *diag);
void gb_ranges_free(struct gb_ranges *ranges);

/* A list of AWS APIs that the code is known to call, as a base: lines "service:Action [ARN…]", comments behind '#'.
 * -EINVAL with DIAG (line), -ENOMEM. */
__attribute__((warn_unused_result)) int gb_learn_apis_parse(
        struct gb_span text, struct gb_policyc_document **ret_document, struct gb_diag *diag);

/* What becomes of an item. */
enum gb_learn_status {
	GB_LEARN_NEVER = 0, /* the boundaries say that it is never learned */
	GB_LEARN_REJECTED,  /* a person said so */
	GB_LEARN_FOUND,     /* a finding names it */
	GB_LEARN_TAINTED,   /* seen in invocations with a finding only */
	GB_LEARN_CUT,       /* the log holds it only in part */
	GB_LEARN_HELD,      /* one client address alone made it happen */
	GB_LEARN_LEARNED,
	_GB_LEARN_STATUS_MAX,
};

#define GB_LEARN_ID_BYTES 16u

/* An item and what is known about it. Spans belong to the profile. */
struct gb_learn_entry {
	char id[GB_LEARN_ID_BYTES + 1]; /* hexadecimal digits, and NUL */
	enum gb_learn_status status;
	bool is_carried; /* of an earlier version of the code, not seen in this one yet */
	bool is_start;   /* only ever seen at start-up or in a sandbox's first invocation */
	enum gb_activity_kind kind;
	struct gb_span subject, object;
	struct gb_span pattern; /* subject, with made-up parts of a learned path as `*` */
	const struct gb_span *arguments;
	size_t argument_count;
	uint64_t invocations;            /* that showed it, at least */
	size_t sandboxes;                /* at least */
	struct gb_span earliest, latest; /* times, or empty */
	const struct gb_profile_item *item;
};

struct gb_learn_settings {
	struct gb_span version; /* code or number; empty: the latest */
	const struct gb_boundaries *boundaries;
	const struct gb_policyc_document *const *bases; /* their `allow` is known without having been seen */
	size_t base_count;
	const struct gb_ranges *ranges; /* NULL: addresses of AWS services stay single */
	bool is_alone;                  /* nothing is carried over from an earlier version */
	double epsilon, delta;    /* chance of an unlisted thing in an invocation; chance that the promise is wrong */
	uint64_t invocations_min; /* floors */
	size_t shapes_min;
};

/* ε = 0.1 %, δ = 5 %, 100 invocations, one shape, no boundaries. */
struct gb_learn_settings gb_learn_settings_usual(void);

/* Entries that differ in made-up names only. */
struct gb_learn_group {
	const struct gb_learn_entry *entries; /* COUNT of them, alike in all but subject */
	size_t count;
	uint64_t invocations;
	bool is_carried, is_start; /* all of them */
};

/* One version of a profile, looked at. Points into profile and settings, which must stay and not change. */
struct gb_learn_view {
	struct gb_learn_settings settings;
	const struct gb_profile *profile;
	const struct gb_profile_version *version, *previous; /* previous: NULL when nothing is carried over */
	struct gb_arena *arena;
	struct gb_learn_entry *entries; /* by kind, pattern, then text */
	size_t count;
	struct gb_learn_group *groups; /* all entries, in the same order */
	size_t group_count;
	size_t counts[_GB_LEARN_STATUS_MAX]; /* how many have which status */
	uint64_t invocations;
	size_t sandboxes, shapes;
	struct gb_span version_name;     /* code, or its number; empty when neither is known */
	struct gb_span earliest, latest; /* times of its lines, or empty */
};

/* -ENOENT with DIAG when there is no such version, or nothing at all; -ENOMEM. */
__attribute__((warn_unused_result)) int gb_learn_view_new(const struct gb_profile *profile,
        const struct gb_learn_settings *settings, struct gb_learn_view **ret_view, struct gb_diag *diag);
void gb_learn_view_free(struct gb_learn_view *view);
/* For GB_CLEANUP. */
void gb_learn_view_freep(struct gb_learn_view **view);

/* ITEM as an activity that gb_policy_evaluate() takes. -ENOMEM. */
__attribute__((warn_unused_result)) int gb_learn_activity(
        struct gb_arena *arena, const struct gb_profile_item *item, struct gb_activity *ret);

/* "learned", "held", …; never NULL. */
const char *gb_learn_status_name(enum gb_learn_status status);

/* The allowlist of what is learned, in a document that observes no more. -ENOMEM. */
__attribute__((warn_unused_result)) int gb_learn_allowlist(
        const struct gb_learn_view *view, struct gb_policyc_document **ret_document);

/* Whether learning may end. */
struct gb_learn_decision {
	bool is_done;
	double bound; /* chance that the next invocation does something unlisted: with confidence 1 - delta below */
	double rate;  /* the same, estimated */
	uint64_t invocations; /* so far */
	uint64_t needed;      /* in all, if it goes on as it went */
	unsigned percent;     /* of them; 100 when done */
	double behaviours;    /* that there are, estimated (Chao2), at least */
	uint64_t novel;       /* what the bound rests on: so many of ... */
	uint64_t tested;      /* ... so many invocations showed what the others did not */
	bool is_carrying;     /* the bound holds with what was carried over only */
	const char *missing;  /* what else is wanted; NULL: nothing */
};

/* -ENOMEM. */
__attribute__((warn_unused_result)) int gb_learn_decide(
        const struct gb_learn_view *view, struct gb_learn_decision *ret_decision);

/* "learning 83 %, about 400 invocations to go", or what is promised. */
void gb_learn_decision_print(
        const struct gb_learn_decision *decision, const struct gb_learn_settings *settings, FILE *out);

/* Name of the version before; empty: there is none. Whether or not anything is carried over. */
struct gb_span gb_learn_previous(const struct gb_learn_view *view);

/* Each entry of DOCUMENT's allowlist as a line of text, "read /tmp/x.png", "process /bin/sh sh -c …": sorted, once each.
 * The list and its lines belong to DOCUMENT. -ENOMEM. */
__attribute__((warn_unused_result)) int gb_learn_list(
        struct gb_policyc_document *document, struct gb_policyc_strings *ret_lines);

/* A person's word on the item with this ID: *ret_count items were meant (ids of 16 digits; shorter ones when only one
 * begins so, else -EINVAL with DIAG). TIME is RFC 3339 in UTC. -ENOENT with DIAG when there is none. */
__attribute__((warn_unused_result)) int gb_profile_decide_item(struct gb_profile *profile, struct gb_span id,
        bool is_approved, struct gb_span time, struct gb_span by, struct gb_diag *diag);

#endif

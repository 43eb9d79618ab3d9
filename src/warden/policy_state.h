/* SPDX-License-Identifier: Apache-2.0 */
/*
 * warden/policy_state: the policy that is in force, the file it came from, and the store where newer ones are looked for. Private
 * to the directory. A policy comes in force between two events; the one before stays until no event is judged by it.
 */
#ifndef GB_WARDEN_POLICY_STATE_H
#define GB_WARDEN_POLICY_STATE_H

#include "firewall/firewall.h"
#include "loop/loop.h"
#include "policy/policy.h"
#include "warden/fetch.h"
#include "wire/blob.h"
#include "wire/segment.h"

struct gb_warden;

struct warden_stamp {
	uint64_t device, file, bytes, seconds, nanoseconds;
};

struct warden_policy {
	char *file;            /* malloc'ed, kept while its policy is in force: lists of sources are large */
	struct gb_policy view; /* into it */
	bool is_loaded;
	bool is_refused;
	uint64_t serial;
	struct warden_stamp stamp;  /* of the file last looked at */
	struct warden_stamp loaded; /* of the one loaded, or refused, last */
	bool is_forced;             /* the look that is put off is */
	bool is_of_store;           /* what is in force came from the policy store: the file is older */
	struct gb_loop_timer timer;
	struct gb_loop_timer dates; /* when something of it expires or begins */
	/* Of the segment's areas: what lies there (no header: nothing), since when it is in force, and the modes of the
	 * controls then. */
	struct gb_policy areas[GB_SEGMENT_POLICY_AREAS];
	uint64_t put_at[GB_SEGMENT_POLICY_AREAS];
	uint8_t modes[GB_SEGMENT_POLICY_AREAS][_GB_CONTROL_MAX];
};

/* Looks at the policy store. One is under way while `fetched` is there; CHILD does it. */
struct warden_refresh {
	struct warden_store store;
	struct gb_loop_timer timer; /* the next look; the end of the patience with this one */
	bool is_settled;            /* the timer was put off, so that an event that comes now goes first */
	pid_t child;
	int done_fd; /* ends when the child does */
	struct gb_loop_watch watch;
	struct warden_fetched *fetched;
	char *file; /* malloc'ed: fetched, to be put in force when the timer says so */
	size_t file_n;
	struct gb_loop_timer put_timer;
	unsigned failures; /* in a row */
	bool is_failure_told, is_absence_told;
};

/* policy.c */
/* The function's mode: the lesser of GAMBESON_MODE and the policy's posture; detect when there is neither. */
enum gb_mode warden_policy_posture(const struct gb_warden *warden);
/* The mode of one control, never above the function's. */
enum gb_mode warden_policy_mode(const struct gb_warden *warden, enum gb_control control);
/* The same at GENERATION, low bits; 0 stands for now. */
enum gb_mode warden_policy_mode_then(const struct gb_warden *warden, enum gb_control control, uint16_t generation);
/* The rule or exclusion of this TAG in the policy in force; in that of GENERATION, low bits. Empty when it is not known. */
struct gb_event_rule warden_policy_rule(const struct gb_warden *warden, uint32_t tag);
struct gb_event_rule warden_policy_rule_then(const struct gb_warden *warden, uint32_t tag, uint16_t generation);
/* A text of a policy. */
struct gb_span warden_policy_text(const struct gb_policy *policy, struct gb_blob_text text);
/* Of the policy in force, or empty. */
struct gb_span warden_policy_name(const struct gb_warden *warden);
/* Answer to a blocked HTTP event, or empty. */
struct gb_span warden_policy_block_body(const struct gb_warden *warden);
/* What events are judged by. */
struct gb_firewall warden_policy_firewall(const struct gb_warden *warden);
/* How much of the values that convict a finding line may show. */
enum gb_blob_redaction warden_policy_redaction(const struct gb_warden *warden);
/* Put BLOB, which is in *FILE (malloc'ed, taken over when it is in force), in force for the warden and the sensors. */
__attribute__((warn_unused_result)) int warden_policy_put(struct gb_warden *warden, char **file, struct gb_span blob);
/* Tell the sensors the modes of single controls that were set without a policy. */
__attribute__((warn_unused_result)) int warden_policy_put_bare(struct gb_warden *warden);
/* When something of the policy in force expires or begins next, in seconds since 1970; 0: never. */
uint32_t warden_policy_next_change(const struct gb_warden *warden);
/* Whether that moment has come. */
bool warden_policy_has_changed(const struct gb_warden *warden);
/* Put it in force again as of now. */
__attribute__((warn_unused_result)) int warden_policy_put_again(struct gb_warden *warden);
/* Milliseconds until another policy may be put in force. */
uint64_t warden_policy_wait_ms(const struct gb_warden *warden);

/* policy_file.c */
/* Load again when the file has changed (IS_FORCED: in any case); a refusal is told by a notice. */
void warden_policy_refresh(struct gb_warden *warden, bool is_forced);

/* What expires or begins by now does so, which is told by a notice. */
void warden_policy_follow_dates(struct gb_warden *warden);

/* Load without asking whether the file has changed, as gb_warden_policy_load(), and publish the settings. */
__attribute__((warn_unused_result)) int warden_policy_load_again(struct gb_warden *warden, struct gb_diag *diag);
/* Say by notices what came of that. */
void warden_policy_tell(struct gb_warden *warden, int result, const struct gb_diag *diag);

/* Take *FILE, N bytes that came from WHERE (for messages): checked and put in force, which takes *FILE over. With IS_OF_STORE
 * it must be for this function. Result as that of gb_warden_policy_load(). */
__attribute__((warn_unused_result)) int warden_policy_take(
        struct gb_warden *warden, const char *where, bool is_of_store, char **file, size_t n, struct gb_diag *diag);

/* refresh.c */
/* Look at the policy store from now on, first at once; nothing when there is none. */
void warden_refresh_open(struct gb_warden *warden);
/* The sandbox was asleep, perhaps for months: look at once. */
void warden_refresh_hurry(struct gb_warden *warden);
/* Put in force what was fetched, if there is anything, between two events: not while one is in hand. IS_URGENT: at once, for
 * where there is always one. */
void warden_refresh_put(struct gb_warden *warden, bool is_urgent);
/* No look is under way from now on. */
void warden_refresh_end(struct gb_warden *warden);

#endif

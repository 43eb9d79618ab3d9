/* SPDX-License-Identifier: Apache-2.0 */
/* cmd/gambeson/profile: what the commands of `gambeson profile` have in common. Results are enum gb_exit; what is wrong is
 * complained about in SELF's name. */
#ifndef GB_CMD_PROFILE_H
#define GB_CMD_PROFILE_H

#include "cmd/gambeson/commands.h"
#include "learn/learn.h"

extern const struct gb_command gb_cmd_profile_learn, gb_cmd_profile_show, gb_cmd_profile_diff, gb_cmd_profile_merge,
        gb_cmd_profile_approve, gb_cmd_profile_export;

/* Options of the commands that look at one version of a profile. */
struct gb_profile_choice {
	const char *version, *boundaries, *ranges, *epsilon, *delta;
	struct gb_strings bases, apis;
	uint64_t invocations_min, shapes_min;
};

#define GB_PROFILE_KNOWN_ROWS(type, field)                                                                             \
	GB_LIST(type, field.bases, "base", "FILE", "a policy document whose `allow` is known without being seen"),     \
	        GB_LIST(type, field.apis, "apis", "FILE",                                                              \
	                "AWS APIs that the code is known to call: lines SERVICE:ACTION [ARN...]"),                     \
	        GB_TEXT(type, field.ranges, "ranges", "FILE",                                                          \
	                "AWS's ip-ranges.json: addresses of one service become its ranges"),                           \
	        GB_TEXT(type, field.boundaries, "boundaries", "FILE",                                                  \
	                "what is never learned or widened, in place of the built-in list")

#define GB_PROFILE_CHOICE_ROWS(type, field)                                                                            \
	GB_TEXT(type, field.version, "version", "VERSION",                                                             \
	        "code hash or number of the version (default: the latest)"),                                           \
	        GB_PROFILE_KNOWN_ROWS(type, field),                                                                    \
	        GB_TEXT(type, field.epsilon, "epsilon", "PERCENT",                                                     \
	                "learning ends when the chance of something unlisted in an invocation is below this "          \
	                "(default 0.1)"),                                                                              \
	        GB_TEXT(type, field.delta, "delta", "PERCENT", "chance that this is said wrongly (default 5)"),        \
	        GB_NUMBER(type, field.invocations_min, "invocations", "N", "and not before this many invocations",     \
	                .minimum = 1, .maximum = UINT64_MAX, .fallback = 100),                                         \
	        GB_NUMBER(type, field.shapes_min, "shapes", "N", "and not before this many shapes of events",          \
	                .minimum = 0, .maximum = 64, .fallback = 1)

/* What is made of what was learned, and where to. */
struct gb_profile_output {
	const char *output, *name, *posture, *profile;
	bool review;
	struct gb_profile_choice choice;
};
extern const char *const gb_profile_postures[];

#define GB_PROFILE_OUTPUT_ROWS(type, field)                                                                            \
	GB_TEXT(type, field.output, "output", "FILE", "where to write the policy; standard output without it",         \
	        .letter = 'o'),                                                                                        \
	        GB_TEXT(type, field.name, "name", "NAME", "name of the policy"),                                       \
	        GB_CHOICE(type, field.posture, "posture", "MODE",                                                      \
	                "what the policy does: off, detect (default), block", .choices = gb_profile_postures),         \
	        GB_FLAG(type, field.review, "review",                                                                  \
	                "what is off the allowlist and of little risk is for review, never blocked"),                  \
	        GB_PROFILE_CHOICE_ROWS(type, field.choice)
#define GB_PROFILE_KEEP_ROW(type, field)                                                                               \
	GB_TEXT(type, field.profile, "profile", "FILE",                                                                \
	        "keep what was learned here; what it holds already is learned from too")

/* A profile, one version of it, and all that this needs. Zero it first; done with gb_profile_session_done(). */
struct gb_profile_session {
	struct gb_profile *profile;
	struct gb_profile_reading reading;
	struct gb_boundaries *boundaries;
	struct gb_ranges *ranges;
	struct gb_policyc_document **bases;
	size_t base_count;
	struct gb_learn_settings settings;
	struct gb_learn_view *view;
};

/* PATHS, each a log or a profile, into SESSION's profile. */
int gb_profile_session_read(const struct gb_command *self, struct gb_profile_session *session, const char *path);
/* TEXT, which NAME holds. */
int gb_profile_session_add(
        const struct gb_command *self, struct gb_profile_session *session, const char *name, struct gb_span text);
int gb_profile_session_read_all(
        const struct gb_command *self, struct gb_profile_session *session, const struct gb_strings *paths);
/* Keep the COUNT latest versions, and say so when others go. */
int gb_profile_session_forget(const struct gb_command *self, struct gb_profile_session *session, uint64_t count);
/* The version that CHOICE means. */
int gb_profile_session_look(
        const struct gb_command *self, struct gb_profile_session *session, const struct gb_profile_choice *choice);
/* Learn from what SESSION has read out of SOURCE, and from the profile that OUTPUT names; write that and the policy. */
int gb_profile_session_learn(const struct gb_command *self, const struct gb_profile_output *output,
        struct gb_profile_session *session, const char *source);
void gb_profile_session_done(struct gb_profile_session *session);
/* Whether learning may end; when it may without what an earlier version did, the view loses that. */
int gb_profile_session_decide(
        const struct gb_command *self, struct gb_profile_session *session, struct gb_learn_decision *ret_decision);
/* PROFILE to PATH; standard output when that is NULL. */
int gb_profile_write(const struct gb_command *self, const struct gb_profile *profile, const char *path);
/* DOCUMENT to PATH, and then its table to standard output; the document to standard output when PATH is NULL. */
int gb_profile_write_document(
        const struct gb_command *self, const struct gb_policyc_document *document, const char *path);
/* "what was left out" on standard error. */
void gb_profile_print_left_out(const struct gb_profile_session *session);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tell/channel: what kinds of channels there are, what each may be told to do, and which events it wants. A configuration is a
 * JSON object; its secret members are kept apart, sealed (tell/seal.h).
 */
#ifndef GB_TELL_CHANNEL_H
#define GB_TELL_CHANNEL_H

#include "store/channels.h"
#include "tell/seal.h"
#include "tell/tell.h"

#define GB_TELL_WINDOW_DEFAULT_MS 60000
#define GB_TELL_WINDOW_MAX_MS     (24 * 3600 * 1000)

enum gb_tell_kind {
	GB_TELL_WEBHOOK = 0,
	GB_TELL_TO_SLACK,
	GB_TELL_TO_TEAMS,
	GB_TELL_TO_PAGERDUTY,
	GB_TELL_TO_SNS,
	GB_TELL_TO_SECURITY_HUB,
	GB_TELL_TO_MAIL,
	GB_TELL_TO_SYSLOG,
	_GB_TELL_KIND_MAX,
};
enum gb_tell_kind gb_tell_kind_of(struct gb_span name); /* _GB_TELL_KIND_MAX when there is none */

/* What stands in place of a secret when a configuration is shown; given back, it means the one that was there. */
#define GB_TELL_HIDDEN "***"

/* Check GIVEN (whole, with secrets) for KIND and divide it: *RET_OPEN and *RET_SECRET are new objects, the caller's. OPEN_BEFORE
 * and SECRET_BEFORE (NULL: none) are what was there, for secrets that are given as GB_TELL_HIDDEN or left out; these stay only when
 * the messages still go where they went, or who may change a channel could have its secrets sent to himself. 0; -EINVAL with a sentence for the
 * caller in DIAG; -ENOMEM. */
__attribute__((warn_unused_result)) int gb_tell_config_check(enum gb_tell_kind kind, const json_t *given,
        const json_t *open_before, const json_t *secret_before, json_t **ret_open, json_t **ret_secret,
        struct gb_diag *diag);

/* OPEN with GB_TELL_HIDDEN for each of SECRET's members: a new object, or NULL without memory. */
json_t *gb_tell_config_shown(const json_t *open, const json_t *secret);

/* {"kinds", "types", "classes", "controls", "actions", "accounts", "regions", "groups", "functions", "tags"}: lists of texts; a list
 * that is missing takes everything. 0 or -EINVAL with a sentence. */
__attribute__((warn_unused_result)) int gb_tell_filter_check(const json_t *filter, struct gb_diag *diag);

/* What a filter looks at. */
struct gb_tell_facts {
	struct gb_span kind, type, class, control, action, account, region, group, function;
	struct gb_span tags; /* JSON object of texts */
	enum gb_tell_severity severity;
};
/* Without "kinds", what has no severity (start, progress …) is not told. */
bool gb_tell_filter_has(const json_t *filter, const struct gb_tell_facts *facts);

/* A channel with its configuration opened; freed by gb_tell_channel_done(). */
struct gb_tell_channel {
	int64_t id;
	enum gb_tell_kind kind;
	enum gb_tell_format format;
	json_t *config; /* with its secrets */
};
/* 0; -EBADMSG: sealed with another key; -EINVAL: what is stored is not understood; -ENOMEM. */
__attribute__((warn_unused_result)) int gb_tell_channel_open(const struct gb_channel *stored,
        const struct gb_seal_key *key, struct gb_tell_channel *ret_channel, struct gb_diag *diag);
void gb_tell_channel_done(struct gb_tell_channel *channel);

/* Text NAME of the configuration; empty when it is missing. */
struct gb_span gb_tell_config_text(const struct gb_tell_channel *channel, const char *name);
/* The same as a C string; NULL when it is missing. */
const char *gb_tell_config_cstr(const struct gb_tell_channel *channel, const char *name);

/* The part of TARGET that the configuration says. */
void gb_tell_channel_target(const struct gb_tell_channel *channel, struct gb_tell_target *target);

#endif

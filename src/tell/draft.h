/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tell/draft: a message in the making. Private to tell. Memory that runs out sets `is_short`, and a caller looks once
 * at the end. `text_max` is what each text from outside may take: gb_tell_write() lowers it until the message fits.
 */
#ifndef GB_TELL_DRAFT_H
#define GB_TELL_DRAFT_H

#include "base/text.h"
#include "tell/tell.h"

struct gb_draft {
	struct gb_arena *arena;
	const struct gb_tell_target *target;
	size_t text_max;
	size_t size_max;
	size_t room; /* more than a text of the message will take, were it not cut */
	bool is_short;
};

/* A member of ROOT by its path ("finding_info.title"): objects on the way are made. Empty text is left out. */
void gb_draft_exact(struct gb_draft *draft, json_t *root, const char *path, struct gb_span text, size_t maximum);
void gb_draft_shown(struct gb_draft *draft, json_t *root, const char *path, struct gb_span text, size_t maximum);
void gb_draft_number(struct gb_draft *draft, json_t *root, const char *path, int64_t value);
void gb_draft_literal(struct gb_draft *draft, json_t *root, const char *path, const char *text);
/* VALUE is taken, also on failure; NULL is memory gone. */
void gb_draft_put(struct gb_draft *draft, json_t *root, const char *path, json_t *value);
void gb_draft_append(struct gb_draft *draft, json_t *list, json_t *value);

/* "2026-11-21T14:30:00.000Z" */
void gb_draft_time(struct gb_draft *draft, json_t *root, const char *path, int64_t time_ms);
void gb_tell_add_time(struct gb_text *text, int64_t time_ms);

/* TEXT as a JSON string, exact or shown. NULL without memory. */
json_t *gb_draft_string(struct gb_draft *draft, struct gb_span text, size_t maximum, bool is_shown);

/* A copy of VALUE with texts cut, at most 6 deep and 64 members each; what is deeper or more is left out. */
json_t *gb_draft_copy(struct gb_draft *draft, const json_t *value);

/* Text of the message with room for the smaller of size_max and `room`, and no more. */
struct gb_text gb_draft_text(struct gb_draft *draft);
/* TEXT cut to the smaller of MAXIMUM and text_max. */
struct gb_span gb_draft_show(struct gb_draft *draft, struct gb_span text, size_t maximum);

/* VALUE (taken) as compact JSON in the arena. 0, -EMSGSIZE, -ENOMEM. */
__attribute__((warn_unused_result)) int gb_draft_dump(struct gb_draft *draft, json_t *value, struct gb_span *ret);

/* What one notice says in a sentence, shown: "Command Injection Attack blocked in payments (3 alike): message". */
struct gb_span gb_draft_title(struct gb_draft *draft, const struct gb_tell_notice *notice, size_t maximum);
/* "https://portal/events/ID", or empty. */
struct gb_span gb_draft_link(struct gb_draft *draft, const struct gb_tell_notice *notice);

/* The facts of a notice, in one order for all that people read; empty ones are left out. */
#define GB_DRAFT_FACTS_MAX 16u
struct gb_draft_fact {
	const char *label;
	struct gb_span value; /* shown */
};
size_t gb_draft_facts(struct gb_draft *draft, const struct gb_tell_notice *notice, size_t maximum,
        struct gb_draft_fact ret_facts[GB_DRAFT_FACTS_MAX]);
/* The bytes that convicted, or what was done: shown; empty when there is neither. */
struct gb_span gb_draft_evidence(struct gb_draft *draft, const struct gb_tell_notice *notice, size_t maximum);

/* Whether KEY is 1 to 64 letters, digits and '-', as a message's key must be where it becomes part of a header. */
bool gb_draft_is_key(struct gb_span key);

/* One writer of each format: NOTICES as a message. */
typedef int gb_draft_write(
        struct gb_draft *draft, const struct gb_tell_notice *notices, size_t count, struct gb_span *ret_message);
gb_draft_write gb_tell_write_json, gb_tell_write_ocsf, gb_tell_write_ecs, gb_tell_write_cef, gb_tell_write_asff,
        gb_tell_write_otlp, gb_tell_write_syslog, gb_tell_write_slack, gb_tell_write_teams, gb_tell_write_pagerduty,
        gb_tell_write_sns, gb_tell_write_mail, gb_tell_write_text;

/* NOTICE in the target's format of content, for a message that carries it. 0, -EINVAL (no such content), -EMSGSIZE,
 * -ENOMEM. */
__attribute__((warn_unused_result)) int gb_draft_content(const struct gb_draft *draft, size_t size_max,
        const struct gb_tell_notice *notice, struct gb_span *ret_content);

#endif

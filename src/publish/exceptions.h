/* SPDX-License-Identifier: Apache-2.0 */
/*
 * publish/exceptions: "make an exception": what exclusions would let a recorded event pass, from the narrowest on. What one event does
 * not prove (learn's boundaries) is offered with a warning only. Pure but for memory.
 */
#ifndef GB_PUBLISH_EXCEPTIONS_H
#define GB_PUBLISH_EXCEPTIONS_H

#include "learn/learn.h"
#include "publish/publish.h"

#include <jansson.h>

/* Drafts for the event LINE (a line of the log) of FUNCTION (its texts end with a NUL, as gb_function_copy() makes them), which is in GROUP (NULL: none): a list of objects {title, list, scope, entry, warning}
 * as openapi/rules.yaml has them. *ret_note: why there are none, or NULL; static, or the list's. -ENOMEM. */
__attribute__((warn_unused_result)) int gb_publish_exceptions(const struct gb_function *function, const char *group,
        const json_t *line, json_t **ret_list, const char **ret_note);

/* The narrowest entry that matches an activity as a log line has it ({"kind", "subject", "object", "arguments"}), or NULL: none can be
 * written, or memory is short. */
json_t *gb_publish_entry_of(const json_t *activity);

/* Private to exceptions.c and activity_drafts.c. */
struct gb_drafts {
	const struct gb_function *function;
	struct gb_boundaries *boundaries;
	struct gb_arena *arena;
	const char *standing; /* a warning that every draft has, or NULL */
	json_t *list;
	int failed; /* 0 or -ENOMEM */
};
/* ENTRY is taken. It is left out when policyc does not take it or it is there already. WARNING may be NULL; FORMAT is the title's. */
__attribute__((format(__printf__, 4, 5))) void gb_drafts_add(
        struct gb_drafts *drafts, json_t *entry, const char *warning, const char *format, ...);
void gb_drafts_of_activity(struct gb_drafts *drafts, const json_t *activity);
/* TEXT for a title: at most so many bytes, cut between characters. */
struct gb_title {
	char text[168];
};
struct gb_title gb_title_of(const char *text);

#endif

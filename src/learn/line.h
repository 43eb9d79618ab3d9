/* SPDX-License-Identifier: Apache-2.0 */
/*
 * learn/line: Gambeson's lines in a function's log (docs/formats/event.md), one by one. Private to learn.
 */
#ifndef GB_LEARN_LINE_H
#define GB_LEARN_LINE_H

#include "learn/store.h"

#include <jansson.h>

#define GB_LEARN_ARGUMENTS_MAX 512u

/* The next of Gambeson's lines in *ref_log, which moves on behind it; others are passed over. *ref_number (or NULL) counts
 * all lines. 1 with *ret_line, the caller's; 0 at the end; -EINVAL: one that cannot be read. */
__attribute__((warn_unused_result)) int gb_learn_line_next(
        struct gb_span *ref_log, uint64_t *ref_number, json_t **ret_line);

/* The member NAME; empty when it is no text, or too long to be one of ours. */
struct gb_span gb_learn_line_text(const json_t *object, const char *name);
uint64_t gb_learn_line_number(const json_t *object, const char *name, uint64_t otherwise);

/* An item or activity. Its texts belong to OBJECT, its list of arguments, with room for GB_LEARN_ARGUMENTS_MAX, to the
 * caller. False: it is none. */
bool gb_learn_line_item(
        const json_t *object, struct gb_profile_item *ret, struct gb_span arguments[GB_LEARN_ARGUMENTS_MAX]);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire/json: text from anywhere, written as JSON (RFC 8259) that is always valid UTF-8. Bytes that are not UTF-8 are
 * shown as U+FFFD, one for each, so offsets into the original have to be translated (gb_json_shown_bytes).
 */
#ifndef GB_WIRE_JSON_H
#define GB_WIRE_JSON_H

#include "base/text.h"

/* S as a JSON string with its quotes; all or nothing, as in base/text.h. */
void gb_json_add_string(struct gb_text *text, struct gb_span s);

/* Bytes at the start of S that are one character: 1–4, or 1 for a byte that is not UTF-8 (*ret_is_valid false).
 * S is not empty. Overlong forms, surrogates and code points past U+10FFFF are not UTF-8. */
size_t gb_json_character(struct gb_span s, bool *ret_is_valid);

/* How many bytes S has once each byte that is not UTF-8 is shown as U+FFFD: the offset in what a reader of the JSON gets
 * that corresponds to the end of S. */
size_t gb_json_shown_bytes(struct gb_span s);

/* Longest start of S, whole characters only, whose escaped form takes at most BUDGET bytes without quotes. */
struct gb_span gb_json_fit(struct gb_span s, size_t budget);

#endif

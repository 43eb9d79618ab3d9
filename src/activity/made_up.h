/* SPDX-License-Identifier: Apache-2.0 */
/*
 * activity/made_up: names that are made up while a function runs: ids, dates, numbers of processes. What the warden counts
 * as one thing and what the learner makes a pattern of must be the same. Pure.
 */
#ifndef GB_ACTIVITY_MADE_UP_H
#define GB_ACTIVITY_MADE_UP_H

#include "activity/activity.h"
#include "base/text.h"

/* PATH to OUT (room for 16 bytes more), with what may be made up behind its first FROM bytes as `*`; SIZE_MAX: nothing but
 * process ids. *ret_is_sure is set where this one sample shows that it is. */
void gb_made_up_path(struct gb_span path, size_t from, struct gb_text *out, bool *ret_is_sure);

#define GB_MADE_UP_FOLDERS 5u

/* Where in PATH names begin that may be made up, by the folders that are built in; SIZE_MAX: nowhere. */
size_t gb_made_up_folder(struct gb_span path);

/* Whether subjects of this KIND are such paths; subject and object. */
bool gb_made_up_is_file(enum gb_activity_kind kind);
bool gb_made_up_is_two_files(enum gb_activity_kind kind);

/* TEXT, not longer, with a byte below 8 for each run that may be made up: another one for numbers, hexadecimal digits, other
 * ids and UUIDs. For comparing. */
void gb_made_up_mask(struct gb_span text, struct gb_text *out);

#endif

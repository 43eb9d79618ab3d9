/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect/cited: whole attacks that a text only mentions: a payload in the quotes of a bug report, in the code marks of a
 * tutorial, in a string of a test. Judged by what stands around, never by what the attack is: prose, and a frame or a
 * sentence that goes on. What works wherever it is embedded (markup, look-ups, templates) has the narrower relief.
 */
#ifndef GB_INSPECT_CITED_H
#define GB_INSPECT_CITED_H

#include "inspect/inspect.h"

#define GB_CITED_STEPS 30720u /* looked at for one finding, at most */

enum gb_mention {
	GB_MENTION_NONE = 0, /* an attack */
	GB_MENTION_CITED,    /* a whole attack, mentioned */
	GB_MENTION_VOID,     /* what no interpreter reads wherever the text is put */
};

/* What FINDING is, in balanced mode. *ret_end: where the text goes on behind the mention, if that is behind the finding's own end. */
enum gb_mention gb_cited_read(const struct gb_inspect_finding *finding, size_t *ret_end);

/* Whether JSON is a record of a log: members for the time or the rule, and for the level, the outcome, the client or what
 * is said, three kinds of these. cited_log.c */
bool gb_cited_is_record(struct gb_span json);

/* Whether the object of JSON around AT holds nothing but the bounds of a search: {"$gte": 18, "$lt": 65}, a day. cited_plain.c */
bool gb_cited_is_range(struct gb_span json, size_t at);

#endif

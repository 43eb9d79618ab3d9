/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect/unread: text that no interpreter reads as far as the attack in it. Whoever puts a value into a statement puts it
 * bare, or into one of the three quotes; in each of these four places the language's own reader either gives up at the
 * words of a sentence before it comes to the attack, or takes the attack for a part of a string. Then nothing runs,
 * whatever the application does with the value.
 */
#ifndef GB_INSPECT_UNREAD_H
#define GB_INSPECT_UNREAD_H

#include "inspect/inspect.h"

enum gb_unread_language {
	GB_UNREAD_SQL = 0,   /* a statement that is broken somewhere is not begun; statements before it are */
	GB_UNREAD_CONDITION, /* in SQL; what else comes with the statement that it is for must be read too */
	GB_UNREAD_CODE,      /* a programming language: nothing of a text runs that is broken anywhere */
	GB_UNREAD_OBJECT,    /* the same where braces are the language's own and begin no expression within a text */
	GB_UNREAD_QUERY,     /* notations of objects, statements of many stores: whole sentences only */
};

/* Whether the attack that begins at FROM in TEXT is never read. Doubt (escaped quotes, comments, interpolation before it)
 * means false. Looks at some 4 KB before FROM and 1 KB behind it at most, four times. */
bool gb_unread_is_void(enum gb_unread_language language, struct gb_span text, size_t from);

#endif

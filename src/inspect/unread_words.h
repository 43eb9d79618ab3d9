/* SPDX-License-Identifier: Apache-2.0 */
/* inspect/unread_words: what single words are to the languages of unread.h, and to sentences. Private to unread.c. */
#ifndef GB_INSPECT_UNREAD_WORDS_H
#define GB_INSPECT_UNREAD_WORDS_H

#include "inspect/unread.h"

bool gb_unread_is_sql(enum gb_unread_language language);

/* Whether WORD is one of the language's own. */
bool gb_unread_is_keyword(enum gb_unread_language language, struct gb_span word);

/* Whether WORD holds sentences together, and statements of the language do not have it. */
bool gb_unread_is_glue(enum gb_unread_language language, struct gb_span word);

/* Whether WORD stands before nouns and nowhere else: the, your. */
bool gb_unread_is_article(struct gb_span word);

/* Whether WORD is of small letters, and none of a query's words. */
bool gb_unread_is_plain(struct gb_span word);

/* Whether a statement of SQL may begin with WORD. */
bool gb_unread_begins_statement(enum gb_unread_language language, struct gb_span word);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The table of SQL's words, made from data/sql-words.txt by tools/make-words when the project is built. */
#ifndef GB_INSPECT_LEX_SQL_WORDS_H
#define GB_INSPECT_LEX_SQL_WORDS_H

#include "inspect/lex/words.h"

#define GB_SQL_WORD_MAX 24u

/* What a word does in the grammar; data/sql-words.txt says which. */
enum gb_sql_word {
	GB_SQL_UNKNOWN = 0,
	GB_SQL_OR,
	GB_SQL_AND,
	GB_SQL_NOT,
	GB_SQL_ARITHMETIC,
	GB_SQL_PREFIX,
	GB_SQL_LIKE,
	GB_SQL_IN,
	GB_SQL_IS,
	GB_SQL_UNION,
	GB_SQL_SELECT,
	GB_SQL_FROM,
	GB_SQL_WHERE,
	GB_SQL_HAVING,
	GB_SQL_GROUP,
	GB_SQL_ORDER,
	GB_SQL_BY,
	GB_SQL_LIMIT,
	GB_SQL_INTO,
	GB_SQL_OUTFILE,
	GB_SQL_TOP,
	GB_SQL_AS,
	GB_SQL_COLLATE,
	GB_SQL_CASE,
	GB_SQL_WHEN,
	GB_SQL_THEN,
	GB_SQL_ELSE,
	GB_SQL_END,
	GB_SQL_EXISTS,
	GB_SQL_PROCEDURE,
	GB_SQL_ANALYSE,
	GB_SQL_VALUES,
	GB_SQL_FOR,
	GB_SQL_IF,
	GB_SQL_LITERAL,
	GB_SQL_NILADIC,
	GB_SQL_DROP,
	GB_SQL_INSERT,
	GB_SQL_UPDATE,
	GB_SQL_DELETE,
	GB_SQL_SET,
	GB_SQL_EXECUTE,
	GB_SQL_IMMEDIATE,
	GB_SQL_DECLARE,
	GB_SQL_WAITFOR,
	GB_SQL_DELAY,
	GB_SQL_SHUTDOWN,
	GB_SQL_BEGIN,
	GB_SQL_STATEMENT,
	GB_SQL_OBJECT,
	GB_SQL_DANGER,
	GB_SQL_FUNCTION,
	GB_SQL_CATALOG,
	GB_SQL_PROSE,
	GB_SQL_ON,
	GB_SQL_UPSERT,
	GB_SQL_JOIN,
	GB_SQL_OUTER,
	GB_SQL_ROLE,
};

extern const struct gb_words gb_sql_words;

/* UNunionION: what a filter leaves when it takes the word out once; else empty. */
struct gb_span gb_sql_doubled_of(struct gb_span name);

/* What NAME, in any case, is. */
enum gb_sql_word gb_sql_word_of(struct gb_span name);

#endif

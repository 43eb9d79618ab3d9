/* SPDX-License-Identifier: Apache-2.0 */
/* inspect/lex/sql: SQL as MySQL, PostgreSQL, SQLite, SQL Server and Oracle cut it into tokens, all dialects at once. */
#ifndef GB_INSPECT_LEX_SQL_H
#define GB_INSPECT_LEX_SQL_H

#include "inspect/lex/sql_words.h"

enum gb_sql_kind {
	GB_SQL_TOKEN_END = 0,
	GB_SQL_TOKEN_STRING,
	GB_SQL_TOKEN_STRING_OPEN, /* the text ends inside */
	GB_SQL_TOKEN_NUMBER,
	GB_SQL_TOKEN_WORD,
	GB_SQL_TOKEN_NAME,     /* `…` or […] */
	GB_SQL_TOKEN_VARIABLE, /* @x, @@x */
	GB_SQL_TOKEN_COMPARISON,
	GB_SQL_TOKEN_ARITHMETIC,
	GB_SQL_TOKEN_LOGICAL, /* && || */
	GB_SQL_TOKEN_NOT,     /* ! ~ */
	GB_SQL_TOKEN_OPEN,
	GB_SQL_TOKEN_CLOSE,
	GB_SQL_TOKEN_COMMA,
	GB_SQL_TOKEN_SEMICOLON,
	GB_SQL_TOKEN_DOT,
	GB_SQL_TOKEN_ASSIGN,       /* := */
	GB_SQL_TOKEN_CAST,         /* :: */
	GB_SQL_TOKEN_COMMENT,      /* -- or # to the end of the line */
	GB_SQL_TOKEN_COMMENT_OPEN, /* without its end */
	GB_SQL_TOKEN_OTHER,
};

struct gb_sql_token {
	enum gb_sql_kind kind;
	enum gb_sql_word word;
	size_t from;
	size_t length;
	bool is_behind_comment; /* of the closed kind, which is skipped as blanks are */
	bool is_behind_blank;
};

/* The token at or behind *REF_AT, which moves behind it. */
struct gb_sql_token gb_lex_sql_next(struct gb_span text, size_t *ref_at);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect/detect/sql: what the files of SQL injection share: reading values, conditions and lists of columns out of a
 * window of tokens (sql_values.c, sql_reading.c), what is a query, a statement or a clause (sql_rules.c), the judgement on
 * a place where SQL may begin (sql_judgement.c), and those places (sql.c). Private to these files.
 */
#ifndef GB_INSPECT_DETECT_SQL_H
#define GB_INSPECT_DETECT_SQL_H

#include "inspect/detect/detect.h"
#include "inspect/lex/sql.h"

/* Work at one place is bounded by these, so that all work is linear. */
#define GB_SQL_WINDOW_TOKENS 96u
#define GB_SQL_WINDOW_BYTES  1024u

/* Tokens from one place on, cut as they are asked for. Not initialised as a whole. */
struct gb_sql_window {
	struct gb_span text;
	size_t at;
	unsigned count;
	struct gb_sql_token tokens[GB_SQL_WINDOW_TOKENS];
};

/* What was met while reading. Counts. */
struct gb_sql_facts {
	unsigned values; /* operands in all */
	unsigned literals;
	unsigned strings;
	unsigned numbers;
	unsigned names;  /* columns, or words of prose */
	unsigned prose;  /* words that no table or column is named by */
	unsigned calls;  /* of functions that SQL knows */
	unsigned danger; /* of functions no value calls */
	unsigned other_calls;
	unsigned variables;
	unsigned niladic;
	unsigned subselects;
	unsigned comparisons;
	unsigned inequalities; /* of the comparisons, those by < and > */
	unsigned constants;    /* comparisons of two literals within a parenthesis */
	unsigned joins;        /* AND, OR within a parenthesis */
	unsigned arithmetic;
	unsigned cases;
	unsigned catalogs;
	unsigned prefixes;
	unsigned groups;
	unsigned items; /* of a list of columns */
	unsigned plain; /* of them, those that are a literal and nothing more */
	bool is_open;   /* ends inside a string, or before a parenthesis closed */
	bool has_open_string;
	bool has_from;
	bool has_star;
};

/* Where a text is read from, and what lies before. */
struct gb_sql_place {
	struct gb_span text;
	size_t at;
	unsigned char quote; /* the one right before, or 0 */
	bool is_inner; /* an odd number of the same quote before it: it may well close a string of the text's own */
	bool has_blank_prefix;
	bool is_number; /* what lies before is one value: `12`, `-1)`, `x` */
	bool is_start;  /* nothing lies before */
	bool is_long;   /* the text is an article */
};

/* Whether WORD joins more to a statement, so that what stands there is read as SQL. sql.c. */
bool gb_sql_is_trigger(enum gb_sql_word word);

void gb_sql_window_open(struct gb_sql_window *window, struct gb_span text, size_t at);

/* The token number I; GB_SQL_TOKEN_END behind the last, or where the window ends. */
const struct gb_sql_token *gb_sql_peek(struct gb_sql_window *window, unsigned i);
bool gb_sql_is_word(struct gb_sql_window *window, unsigned i, enum gb_sql_word word);
bool gb_sql_is_brace(struct gb_sql_window *window, unsigned i, unsigned char brace);
bool gb_sql_is_kind(struct gb_sql_window *window, unsigned i, enum gb_sql_kind kind);

/* These read from token I on, add to *ref_facts, and give the number of the token behind, or I when there is none. */
unsigned gb_sql_read_operand(struct gb_sql_window *window, unsigned i, struct gb_sql_facts *ref_facts);
unsigned gb_sql_read_expression(struct gb_sql_window *window, unsigned i, struct gb_sql_facts *ref_facts);
unsigned gb_sql_read_condition(struct gb_sql_window *window, unsigned i, struct gb_sql_facts *ref_facts);
/* SELECT's columns; *ref_facts learns of FROM, which is read too with the table's name. I stands behind SELECT. */
unsigned gb_sql_read_select(struct gb_sql_window *window, unsigned i, struct gb_sql_facts *ref_facts);

/* The first token from I on that is no closing parenthesis. */
unsigned gb_sql_skip_close(struct gb_sql_window *window, unsigned i);

bool gb_sql_is_comment(struct gb_sql_window *window, unsigned i);

/* Whether a quote or a whole value before it makes what follows more than a part of a sentence. */
bool gb_sql_is_broken_out(const struct gb_sql_place *place);

/* Whether what stands behind SELECT, of which I is the first token, is a query that something else than the text's
 * author's own statement leads to: UNION, a parenthesis. */
bool gb_sql_is_query(const struct gb_sql_place *place, struct gb_sql_window *window, unsigned i);

/* Whether token I, a word, is a hashtag or the name before a colon: #select, set:27. */
bool gb_sql_is_label(const struct gb_sql_place *place, struct gb_sql_window *window, unsigned i);

/* Whether a statement begins with token I, and no sentence does. */
bool gb_sql_is_statement(const struct gb_sql_place *place, struct gb_sql_window *window, unsigned i);

/* Whether token I names a table. */
bool gb_sql_is_table(struct gb_sql_window *window, unsigned i);

/* The whole text as one statement that nobody sends to a function: GRANT, ATTACH, COPY … TO, or cut off by a comment. */
const char *gb_sql_judge_bare(const struct gb_sql_place *place, struct gb_sql_window *window);

/* Whether a statement could go on or end with token I, and a sentence could not. */
bool gb_sql_is_end(struct gb_sql_window *window, unsigned i);

/* Literals, calls, variables or subselects: nothing that a sentence is made of. */
bool gb_sql_is_technical(const struct gb_sql_facts *facts);

/* Whether token I begins the end of MySQL's AGAINST: IN BOOLEAN MODE). */
bool gb_sql_is_search_mode(struct gb_sql_window *window, unsigned i);

/* Whether only words of clauses, no prose among them, stand from token I up to a comment that ends the text. */
bool gb_sql_is_clause_cut(struct gb_sql_window *window, unsigned i);

/* The reason for which what lies at PLACE convicts, or NULL. */
const char *gb_sql_judge_word(const struct gb_sql_place *place, struct gb_sql_window *window);
const char *gb_sql_judge_quote(const struct gb_sql_place *place, struct gb_sql_window *window);
const char *gb_sql_judge_start(const struct gb_sql_place *place, struct gb_sql_window *window);
const char *gb_sql_judge_clause(const struct gb_sql_place *place, struct gb_sql_window *window, unsigned i);
const char *gb_sql_judge_boolean(const struct gb_sql_place *place, struct gb_sql_window *window, unsigned i);

#endif

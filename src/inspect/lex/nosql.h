/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect/lex/nosql: the queries of document stores and their script, as far as a value that breaks out of its place has to
 * show of them. Each function gives how many bytes of TEXT from FROM on belong to what it looks for, or 0.
 */
#ifndef GB_INSPECT_LEX_NOSQL_H
#define GB_INSPECT_LEX_NOSQL_H

#include "inspect/lex/words.h"

/* What a word does; data/nosql-words.txt says which. */
enum gb_nosql_word {
	GB_NOSQL_OPERATOR = 1u << 0,
	GB_NOSQL_BRACKETED = 1u << 1, /* an operator only as user[$type] */
	GB_NOSQL_CALL = 1u << 2,
	GB_NOSQL_HOST = 1u << 3,
	GB_NOSQL_CHANGE = 1u << 4,
	GB_NOSQL_READ = 1u << 5,
	GB_NOSQL_ADMIN = 1u << 6,
};
extern const struct gb_words gb_nosql_words;

/* FROM is at the $: an operator of queries by its name. */
size_t gb_lex_nosql_operator(struct gb_span text, size_t from);
/* The same with a colon behind it, and no variable of GraphQL. */
size_t gb_lex_nosql_pair(struct gb_span text, size_t from);
/* FROM is behind a quote or a value: what goes on as script, as the next member, or as the next query. HAS_QUOTE tells
 * that it was a quote. */
size_t gb_lex_nosql_break_out(struct gb_span text, size_t from, bool has_quote);
/* db.users.drop(: a call of the shell that changes something, or with IS_ANY any, and conditions on `this`. */
size_t gb_lex_nosql_shell(struct gb_span text, size_t from, bool is_any);
/* A further condition of DynamoDB or Lucene. */
size_t gb_lex_nosql_expression(struct gb_span text, size_t from);
/* ALLOW FILTERING at the end, behind what cuts nothing off or a comment: a condition of Cassandra's. */
size_t gb_lex_nosql_filtering(struct gb_span text);
/* FROM is behind a quote: conditions or clauses of Cypher, the last of which cuts off the rest: `OR true RETURN n //`. */
size_t gb_lex_nosql_further_clause(struct gb_span text, size_t from);
/* MATCH (n) …, LOAD CSV FROM …, CALL db.labels(): a clause of Cypher that needs another. */
size_t gb_lex_nosql_cypher(struct gb_span text, size_t from);
/* FROM is behind a quote: a condition of Cypher's (`OR n.a STARTS WITH`), or what Cassandra writes with (`USING TTL 1`). */
size_t gb_lex_nosql_condition(struct gb_span text, size_t from);
/* A search of Lucene's that a joined term widens: `x OR _exists_:y`, `x) OR (a:b`, `x OR role:admin`. */
size_t gb_lex_nosql_search(struct gb_span text);
/* One that begins by asking for whatever there is: `*:*`, `secret:* AND x`. */
size_t gb_lex_nosql_search_all(struct gb_span text);
/* FROM is at the brace: `{!join from=`, what Solr is to read the value with. */
size_t gb_lex_nosql_local_parameters(struct gb_span text, size_t from);
/* FROM is behind the quote that ends a string of JSON: further members, up to where the application closes the last. */
size_t gb_lex_nosql_document(struct gb_span text, size_t from);

#endif

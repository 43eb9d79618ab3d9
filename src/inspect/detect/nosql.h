/* SPDX-License-Identifier: Apache-2.0 */
/* inspect/detect/nosql: what the files of NoSQL injection share: nosql.c judges operators and script, nosql_store.c what
 * other stores than MongoDB read. Private to these files. */
#ifndef GB_INSPECT_DETECT_NOSQL_H
#define GB_INSPECT_DETECT_NOSQL_H

#include "inspect/detect/detect.h"

/* Names of members, and values in members, that only a query of Elasticsearch or DynamoDB has. Looks at no other text. */
bool gb_detect_nosql_member(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit);
/* The same for whoever decides whether a key or value needs a closer look: may TEXT at PATH be one? */
bool gb_detect_nosql_is_member(struct gb_span text, struct gb_span path, bool is_key);

/* Elasticsearch's scripts over documents, doc['x'].value, ctx._source, in a member that a script is expected in. */
bool gb_detect_nosql_script(struct gb_span text, struct gb_span path, struct gb_detect_hit *ret_hit);

/* A search in one line, of Lucene's kind. MASK: classes of TEXT's bytes. */
bool gb_detect_nosql_search(struct gb_span text, uint32_t mask, struct gb_detect_hit *ret_hit);

/* `_all_docs`, `x/../_all_dbs`: what document stores answer under names of their own. */
bool gb_detect_nosql_resource(struct gb_span text, struct gb_detect_hit *ret_hit);

/* Commands of Redis and Memcached on a line of their own, Lua and Gremlin calls, clauses of Cypher behind a word. */
bool gb_detect_nosql_command(struct gb_span text, uint32_t mask, struct gb_detect_hit *ret_hit);

#endif

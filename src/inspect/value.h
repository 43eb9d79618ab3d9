/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect/value: the small languages of ordinary values: names of hosts, addresses of mail, paths of routes, lists of media
 * types, names of programs, times. Each is narrower than its standard: what any detector might convict is none of it.
 * Linear, and mostly done at the first byte that does not fit.
 */
#ifndef GB_INSPECT_VALUE_H
#define GB_INSPECT_VALUE_H

#include "inspect/lex/words.h"

/* What words mean in them, bits; data/value-words.txt says which. */
enum gb_value_word {
	GB_VALUE_ZONE = 1u << 0,
	GB_VALUE_CODE = 1u << 1,
	GB_VALUE_ROOT = 1u << 2,
	GB_VALUE_TARGET = 1u << 3,
	GB_VALUE_PAGE = 1u << 4,
	GB_VALUE_MEDIUM = 1u << 5,
};
extern const struct gb_words gb_value_words;

/* Whether WORD, in any case, is one of WHAT. */
static inline bool gb_value_is_word(struct gb_span word, unsigned what)
{
	return (gb_words_find_made_for(&gb_value_words, word) & what) != 0;
}

/* Each looks at the whole of TEXT. */

/* api.example.com, and nothing that leads to a network of one's own. */
bool gb_value_is_host(struct gb_span text);
/* 203.0.113.7 */
bool gb_value_is_number_address(struct gb_span text);
/* ada@example.com */
bool gb_value_is_mail(struct gb_span text);
/* /orders/42/items, outside of a system's tree; ANY /orders, POST /orders: METHOD in front. */
bool gb_value_is_route(struct gb_span text);
/* text/html,application/xml;q=0.9; en-GB,en;q=0.7; gzip, br */
bool gb_value_is_choice(struct gb_span text);
/* Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko); HTTP/1.1 */
bool gb_value_is_program(struct gb_span text);
/* 2026-03-12T19:03:58.000Z, 12/Mar/2026:19:03:58 +0000 */
bool gb_value_is_time(struct gb_span text);
/* https://host/path?name=value of letters, digits and few signs, which leads to an ordinary name and to no known file. */
bool gb_value_is_address(struct gb_span text, uint32_t mask);

/* Whether WORD is one of LIST, in which each stands between blanks, in any case. */
bool gb_value_is_among(struct gb_span word, const char *list);
/* Whether TEXT begins with a name of code's objects, which a name of a host in small letters may have in front. */
bool gb_value_begins_code(struct gb_span text);
/* Whether HOST leads outside, which is told by its letters alone: false is not certain. */
bool gb_value_is_public_name(struct gb_span host);

#endif

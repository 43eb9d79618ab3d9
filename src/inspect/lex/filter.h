/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect/lex/filter: filters of LDAP (RFC 4515) and expressions of XPath, as far as a value that breaks out of its place
 * has to show of them. Each function gives how many bytes of TEXT from FROM on belong to what it looks for, or 0, and looks
 * at most at 300.
 */
#ifndef GB_INSPECT_LEX_FILTER_H
#define GB_INSPECT_LEX_FILTER_H

#include "inspect/lex/words.h"

/* data/xpath-words.txt says which word is what. */
enum gb_xpath_word {
	GB_XPATH_AXIS = 1u << 0,
	GB_XPATH_NODES = 1u << 1,
	GB_XPATH_NULLARY = 1u << 2,
	GB_XPATH_OWN = 1u << 3,
	GB_XPATH_READS = 1u << 4,
};
extern const struct gb_words gb_xpath_words;

/* FROM is at the parenthesis that closes the filter of the value: what goes on as a filter. */
size_t gb_lex_ldap_break_out(struct gb_span text, size_t from);
/* `(|(cn=`: an operator with a first filter, or nothing more. */
size_t gb_lex_ldap_operator(struct gb_span text, size_t from);
/* Filters joined by operators, each of which asks only whether something is there: (|(cn=*)(sn=*)). All of them, or 0. */
size_t gb_lex_ldap_presence(struct gb_span text);
/* A whole filter that lets through whoever has an attribute, or one of several values of it: (|(cn=*)(a=b)), (|(a=b)(a=c)),
 * and has no place that an application fills. All of it, or 0. */
size_t gb_lex_ldap_choice(struct gb_span text);
/* FROM is behind the quote of a value: what goes on in the expression. */
size_t gb_lex_xpath_break_out(struct gb_span text, size_t from);
/* A function of XPath on a path: `count(/child::node())`. */
size_t gb_lex_xpath_function(struct gb_span text, size_t from);
/* All of TEXT is a path with an axis, a test or a predicate that only XPath has: //user[last()]/password, ../parent::*. */
size_t gb_lex_xpath_location(struct gb_span text);
/* FROM is where an expression may begin: doc('http://…'), for $x in //y, declare namespace x=. */
size_t gb_lex_xquery(struct gb_span text, size_t from);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* policyc/regex_parser: what the two halves of the parser share. Private to regex_parse.c and regex_class.c. */
#ifndef GB_POLICYC_REGEX_PARSER_H
#define GB_POLICYC_REGEX_PARSER_H

#include "policyc/regex.h"

struct gb_regex_parser {
	struct gb_arena *arena;
	struct gb_span text;
	size_t at;
	unsigned depth; /* of groups */
	bool has_no_case, is_dot_all;
	struct gb_diag *diag;
};

/* -EINVAL, with a diagnostic that names the place AT and says WHY. */
int gb_regex_refuse(const struct gb_regex_parser *parser, size_t at, const char *why);

/* The byte at hand, or -1 at the end. */
static inline int gb_regex_peek(const struct gb_regex_parser *parser)
{
	return parser->at < parser->text.n ? parser->text.p[parser->at] : -1;
}

/* Step over WORD when it stands here. */
bool gb_regex_take(struct gb_regex_parser *parser, struct gb_span word);

static inline void gb_regex_set_add(uint64_t *set, unsigned char c)
{
	set[c / 64] |= (uint64_t)1 << c % 64;
}

void gb_regex_set_invert(uint64_t *set);
/* With a letter in either case also the other. */
void gb_regex_set_add_other_case(uint64_t *set);

/* Behind a backslash: one byte (*ret_byte), or a set of bytes added to SET (*ret_byte is -1). */
__attribute__((warn_unused_result)) int gb_regex_read_escape(
        struct gb_regex_parser *parser, uint64_t *set, int *ret_byte);

/* Behind the opening bracket of a class. */
__attribute__((warn_unused_result)) int gb_regex_read_class(struct gb_regex_parser *parser, uint64_t *set);

#endif

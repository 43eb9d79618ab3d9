/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policyc/regex: regular expressions → a deterministic automaton over bytes, which needs one table look-up a byte and so
 * is linear whatever the expression. The syntax is the regular part of RE2's: literals, `.` (any byte but a line feed),
 * classes `[a-z]` with `^` and `[:alpha:]` and its kind, `\d \D \w \W \s \S`, `\t \n \r \f \v \xHH`, escaped punctuation,
 * groups `(…)` and `(?:…)`, `|`, `* + ? {m} {m,} {m,n}` (with a `?` behind them it is the same), `(?i)` and `(?s)` at the
 * begin. An expression must match all of a text; `^` at its begin and `$` at its end say what holds anyway. Refused, since
 * no such automaton can have them: back-references, look-around, `\b`; and what needs more states than the limit.
 * Private to policyc.
 */
#ifndef GB_POLICYC_REGEX_H
#define GB_POLICYC_REGEX_H

#include "base/diag.h"
#include "base/span.h"
#include "base/arena.h"

#define GB_REGEX_NODES_MAX  2048u /* of the expression, repetitions written out */
#define GB_REGEX_STATES_MAX 1024u
#define GB_REGEX_DEPTH_MAX  32u /* of groups */
#define GB_REGEX_REPEAT_MAX 255u

/* State 0 refuses whatever comes, state 1 is the first, the others are numbered as a walk in breadth finds them: the same
 * language gives the same automaton. */
struct gb_regex_automaton {
	uint32_t state_count, class_count;
	unsigned char classes[256]; /* of bytes that no state tells apart */
	uint16_t *next;             /* by state * class_count + class */
	bool *accepts;              /* by state */
};

enum gb_regex_kind {
	GB_REGEX_EMPTY = 0,
	GB_REGEX_SET, /* one byte of a set */
	GB_REGEX_SEQUENCE,
	GB_REGEX_CHOICE,
	GB_REGEX_REPEAT,
};

#define GB_REGEX_ANY_NUMBER UINT32_MAX

struct gb_regex_node {
	enum gb_regex_kind kind;
	uint32_t least, most; /* of a repeat; `most` may be GB_REGEX_ANY_NUMBER */
	uint64_t set[4];      /* bit per byte */
	struct gb_regex_node *first, *last, *next;
};

/* Read TEXT. *ret_node lives in ARENA. -EINVAL with DIAG, whose message names the column within TEXT and what is there;
 * -ENOMEM. */
__attribute__((warn_unused_result)) int gb_regex_parse(
        struct gb_arena *arena, struct gb_span text, struct gb_regex_node **ret_node, struct gb_diag *diag);

/* A node of ARENA, or NULL. */
struct gb_regex_node *gb_regex_node_new(struct gb_arena *arena, enum gb_regex_kind kind);
void gb_regex_node_append(struct gb_regex_node *parent, struct gb_regex_node *child);
/* A node that takes the one byte C, or NULL. */
struct gb_regex_node *gb_regex_node_byte(struct gb_arena *arena, unsigned char c);

/* The smallest automaton of NODE. It lives in ARENA. -EINVAL with DIAG when it is too large; -ENOMEM. */
__attribute__((warn_unused_result)) int gb_regex_compile(struct gb_arena *arena, const struct gb_regex_node *node,
        struct gb_regex_automaton *ret_automaton, struct gb_diag *diag);

bool gb_regex_matches(const struct gb_regex_automaton *automaton, struct gb_span text);

/* 1: every text that A matches B matches too; 0: not; -ENOMEM. */
__attribute__((warn_unused_result)) int gb_regex_is_within(
        struct gb_arena *arena, const struct gb_regex_automaton *a, const struct gb_regex_automaton *b);

/* The least automaton with the language of AUTOMATON, in its canonical numbering; in place. -ENOMEM. */
__attribute__((warn_unused_result)) int gb_regex_reduce(struct gb_arena *arena, struct gb_regex_automaton *automaton);

#endif

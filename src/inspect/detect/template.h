/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the template injection detector. */
#ifndef GB_INSPECT_DETECT_TEMPLATE_H
#define GB_INSPECT_DETECT_TEMPLATE_H

#include "inspect/detect/capability.h"
#include "inspect/lex/lex.h"

#define GB_TEMPLATE_DEPTH_MAX 16u

enum gb_template_dialect {
	GB_DIALECT_NONE = 0,
	GB_DIALECT_MUSTACHE, /* {{ … }} */
	GB_DIALECT_TAG,      /* {% … %}, [% … %] */
	GB_DIALECT_ERB,      /* <% … %> */
	GB_DIALECT_VALUE,    /* ${ … }, #{ … }, *{ … } and the like */
	GB_DIALECT_BRACE,    /* { … }: only as the whole text */
	GB_DIALECT_BRACKET,  /* [[ … ]], [( … )]: only as the whole text */
	GB_DIALECT_PAREN,    /* @( … ): only as the whole text */
	GB_DIALECT_TURN,     /* #set( … ) */
	GB_DIALECT_ANGLE,    /* <#… >, [#… ] */
};

/* An expression between delimiters, as far as it is read. */
struct gb_template_expression {
	enum gb_template_dialect dialect;
	size_t opener, inner, first;
	struct gb_lex_code last[3]; /* the newest first */
	unsigned kinds;             /* of last[0], as a capability */
	unsigned depth;
	bool is_list[GB_TEMPLATE_DEPTH_MAX]; /* the bracket at this depth opens a literal, no call or index */
	bool was_list;                       /* the bracket closed last */
	bool is_method;                      /* all so far is a path of names, then () */
	bool has_root, has_object, has_call, has_at, is_constructor;
	bool was_root;           /* last[0] leads outside */
	bool has_secret;         /* a member of the engine's object whose name tells a secret */
	bool is_named;           /* dict(name=…) */
	bool is_lone;            /* so far one name, with or without filters */
	bool is_filtered_number; /* a number goes through a filter */
	unsigned tokens;
	const char *strong; /* does what no placeholder does */
	const char *weak;   /* does so too, but tutorials and code do it as well */
};

static inline unsigned char gb_template_byte(struct gb_span text, const struct gb_lex_code *token)
{
	return token->length != 0 ? text.p[token->offset] : 0;
}

/* Adds one token to the expression and to what is held against it. */
void gb_template_read(struct gb_span text, struct gb_template_expression *expression, const struct gb_lex_code *token);

/* Why EXPRESSION, which is closed before END and all of the value, is no placeholder; or NULL. Not IS_ALONE: others stand
 * before or behind it, nothing around them. */
const char *gb_template_judge_whole(
        struct gb_span text, const struct gb_template_expression *expression, size_t end, bool is_alone);

#endif

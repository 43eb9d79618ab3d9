/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect/lex: lexers of the languages that attacks are written in, beside the shell's (activity/shell.h). Pure, bounded,
 * no allocation.
 */
#ifndef GB_INSPECT_LEX_H
#define GB_INSPECT_LEX_H

#include "base/span.h"

/* Length of the construct of Windows' cmd that begins at FROM: `for %x in (…) do`, `if exist …`, `if "a"=="b" …`; or 0.
 * Looks at most at 300 bytes. */
size_t gb_lex_cmd_construct(struct gb_span text, size_t from);

/* Tokens of XML's markup, as a prolog, a DTD and tags have them. */
enum gb_xml_token {
	GB_XML_END = 0,
	GB_XML_DOCTYPE,     /* <!DOCTYPE */
	GB_XML_ENTITY,      /* <!ENTITY */
	GB_XML_TAG,         /* <name */
	GB_XML_INSTRUCTION, /* <?name */
	GB_XML_SYSTEM,
	GB_XML_PUBLIC,
	GB_XML_NAME,
	GB_XML_LITERAL, /* with its quotes; the last may be missing at the end of the text */
	GB_XML_PERCENT, /* also as a reference to its character, in a declaration inside a declaration */
	GB_XML_SUBSET,  /* [ */
	GB_XML_EQUAL,
	GB_XML_CLOSE, /* > and /> */
	GB_XML_OTHER,
};
/* The token at *REF_AT, blanks skipped; *REF_AT moves behind it. STRIDE 2 reads UTF-16, *REF_AT at the bytes that are
 * not 0; the token's text then has the zero bytes in it. */
enum gb_xml_token gb_lex_xml_next(struct gb_span text, size_t stride, size_t *ref_at, struct gb_span *ret_text);

/* A run of text that could be a path: name segments between slashes and backslashes. */
struct gb_lex_path {
	size_t offset;
	size_t length;
	unsigned segments;
	unsigned ups;              /* segments of two and more dots */
	unsigned dots;             /* segments of one dot */
	unsigned longest_ups;      /* ups one behind the other */
	bool is_absolute;          /* begins with a separator or a drive */
	bool has_mixed_separators; /* / and \ both */
	bool has_name_behind_up;
	struct gb_span first_name; /* the first name behind the last up; without ups, the first */
	struct gb_span last_name;
	bool is_nul_ended; /* a NUL stands right behind */
};

/* The next path at or after *REF_AT, which moves behind it; false at the end. Only runs with a separator count. */
bool gb_lex_path_next(struct gb_span text, size_t *ref_at, struct gb_lex_path *ret_path);

/* What the expressions of most programming and template languages have in common. */
enum gb_code_kind {
	GB_CODE_OTHER = 0,
	GB_CODE_WORD, /* a name, with _ and $ */
	GB_CODE_NUMBER,
	GB_CODE_STRING,     /* between two quotes of a kind, which may be escaped */
	GB_CODE_OPEN,       /* ( [ { */
	GB_CODE_CLOSE,      /* ) ] } */
	GB_CODE_MEMBER,     /* . -> :: ?. */
	GB_CODE_ARITHMETIC, /* * + - / % ** ~ ^ */
	GB_CODE_COMPARE,    /* == = < ! && and their like */
	GB_CODE_PIPE,
	GB_CODE_SEPARATOR, /* ; , */
};
struct gb_lex_code {
	enum gb_code_kind kind;
	size_t offset;
	size_t length;
	struct gb_span content; /* of a string, without its quotes */
	bool is_apart;          /* blanks or a comment stand before it */
};

/* The next token at or after *REF_AT, which moves behind it; false at the end. */
bool gb_lex_code_next(struct gb_span text, size_t *ref_at, struct gb_lex_code *ret_token);

#endif

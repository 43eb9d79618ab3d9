/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/lex/lex.h"

/*!re2c
re2c:api = custom;
re2c:api:style = free-form;
re2c:define:YYCTYPE = "unsigned char";
re2c:define:YYPEEK = "(at < text.n ? text.p[at] : 0)";
re2c:define:YYSKIP = "at++;";
re2c:define:YYBACKUP = "marker = at;";
re2c:define:YYRESTORE = "at = marker;";
re2c:define:YYLESSTHAN = "at >= text.n";
re2c:yyfill:enable = 0;
re2c:eof = 0;
*/

/* Longest string and comment: bounds what a quote without its partner costs. */
#define STRING_MAX 4096u
#define COMMENT_MAX 128u

/* Offset behind the string that the quote before FROM opens, or FROM when nothing closes it. An escaped quote opens and
 * closes too: the text often lies inside one more string. */
static size_t string_end(struct gb_span text, size_t from, bool is_escaped)
{
	unsigned char quote = text.p[from - 1];
	size_t limit = from + STRING_MAX < text.n ? from + STRING_MAX : text.n;

	for (size_t at = from; at < limit; at++) {
		if (text.p[at] == quote)
			return at + 1;
		if (text.p[at] != '\\' || at + 1 >= limit)
			continue;
		if (is_escaped && text.p[at + 1] == quote)
			return at + 2;
		at++;
	}
	return from;
}

static size_t comment_end(struct gb_span text, size_t from)
{
	size_t limit = from + COMMENT_MAX < text.n ? from + COMMENT_MAX : text.n;

	for (size_t at = from; at + 1 < limit; at++)
		if (text.p[at] == '*' && text.p[at + 1] == '/')
			return at + 2;
	return from;
}

bool gb_lex_code_next(struct gb_span text, size_t *ref_at, struct gb_lex_code *ret_token)
{
	struct gb_lex_code token = {0};
	size_t at = *ref_at, marker = at, end;
	bool is_escaped;

#define TAKE(which) \
	do { \
		token.kind = (which); \
		token.length = at - token.offset; \
		*ref_at = at; \
		*ret_token = token; \
		return true; \
	} while (0)
next:
	token.offset = at;
	/*!re2c
	word = [a-zA-Z_$\x80-\xff] [a-zA-Z0-9_$\x80-\xff]*;
	number = [0-9]+ ("." [0-9]+)? ([eE] [0-9]+)? | "0" [xX] [0-9a-fA-F]+;
	$ { return false; }
	[ \t\v\f\r\n\x00]+ { token.is_apart = true; goto next; }
	word { TAKE(GB_CODE_WORD); }
	number { TAKE(GB_CODE_NUMBER); }
	"/*" {
		end = comment_end(text, at);
		if (end == at)
			TAKE(GB_CODE_OTHER);
		at = end;
		token.is_apart = true;
		goto next;
	}
	"\\"? ["'`] {
		is_escaped = text.p[token.offset] == '\\';
		end = string_end(text, at, is_escaped);
		if (end == at)
			TAKE(GB_CODE_OTHER);
		token.content = gb_span_sub(text, at, end - at - (is_escaped && text.p[end - 2] == '\\' ? 2 : 1));
		at = end;
		TAKE(GB_CODE_STRING);
	}
	[([{] { TAKE(GB_CODE_OPEN); }
	[)\]}] { TAKE(GB_CODE_CLOSE); }
	"." | "->" | "::" | "?." { TAKE(GB_CODE_MEMBER); }
	"**" | [*+/%~^-] { TAKE(GB_CODE_ARITHMETIC); }
	"==" | "!=" | "<=" | ">=" | "&&" | "||" | [=<>!&] { TAKE(GB_CODE_COMPARE); }
	"|" { TAKE(GB_CODE_PIPE); }
	[;,] { TAKE(GB_CODE_SEPARATOR); }
	"\\" [^\x00] { TAKE(GB_CODE_OTHER); }
	* { TAKE(GB_CODE_OTHER); }
	*/
#undef TAKE
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/bytes.h"
#include "inspect/lex/script.h"

/* Longest string or comment taken as one token; a longer one falls into its parts, so that a quote that is never closed
 * costs no more than this. */
#define CONSTRUCT_MAX 512u

/*!re2c
re2c:api = custom;
re2c:api:style = free-form;
re2c:define:YYCTYPE = "unsigned char";
re2c:define:YYPEEK = "(at < end ? text.p[at] : 0)";
re2c:define:YYSKIP = "at++;";
re2c:define:YYBACKUP = "marker = at;";
re2c:define:YYRESTORE = "at = marker;";
re2c:define:YYLESSTHAN = "at >= end";
re2c:yyfill:enable = 0;
re2c:eof = 0;
*/

void gb_script_next(struct gb_span text, size_t *ref_at, struct gb_script_token *ret_token)
{
	size_t at = *ref_at, marker = at, start;
	bool is_joined = true;
	enum gb_script_kind kind;
	unsigned char mark = 0;

	for (;;) {
		size_t end = text.n - at > CONSTRUCT_MAX ? at + CONSTRUCT_MAX : text.n;

		start = at;
		/* Rows of comments that do not end would be read to the limit each. */
		if (end - at >= 2 && text.p[at] == '/' && text.p[at + 1] == '*' &&
		        gb_bytes_find_text(gb_span_sub(text, 0, end), GB_SPAN("*/"), at + 2) == SIZE_MAX) {
			kind = GB_SCRIPT_MARK;
			mark = '/';
			at++;
			break;
		}
#define TAKE(what)           \
	{                    \
		kind = what; \
		break;       \
	}
		/*!re2c
		word = ([a-zA-Z_$] | "\\u" [0-9a-fA-F]{4} | "\\u{" [0-9a-fA-F]+ "}") ([a-zA-Z0-9_$\x80-\xff] | "\\u" [0-9a-fA-F]{4} | "\\u{" [0-9a-fA-F]+ "}")*;
		number = [0-9] [0-9a-zA-Z_]* ("." [0-9]+)?;
		escape = "\\" [^\n\r\x00];
		string = "\"" (escape | [^"\\\n\r\x00])* "\"" | "'" (escape | [^'\\\n\r\x00])* "'";
		comment = "/*" ([^*\x00] | "*"+ [^*/\x00])* "*"+ "/";
		blank = [ \t\v\f\x00] | "\xc2\xa0";

		$ { TAKE(GB_SCRIPT_END) }
		blank+ { is_joined = false; continue; }
		comment { is_joined = false; continue; }
		[\n\r]+ { TAKE(GB_SCRIPT_LINE) }
		word { TAKE(GB_SCRIPT_WORD) }
		number { TAKE(GB_SCRIPT_NUMBER) }
		string { TAKE(GB_SCRIPT_STRING) }
		"=>" { TAKE(GB_SCRIPT_ARROW) }
		"?." { mark = '.'; TAKE(GB_SCRIPT_MARK) }
		[!-/:-@[-^`{-~] { mark = text.p[start]; TAKE(GB_SCRIPT_MARK) }
		* { TAKE(GB_SCRIPT_OTHER) }
		*/
#undef TAKE
	}
	*ref_at = at;
	*ret_token = (struct gb_script_token){kind, mark, start, at - start, is_joined};
}

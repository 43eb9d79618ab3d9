/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/lex/sql.h"
#include "inspect/bytes.h"

#define COMMENT_IN_WORD_MAX 40u

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

/* Behind the quote that ends the string begun at AT - 1, or SIZE_MAX. \ escapes, and a quote twice is one. */
static size_t end_of_string(struct gb_span text, size_t at, unsigned char quote)
{
	for (; at < text.n; at++) {
		if (text.p[at] == '\\' && quote != ']') {
			at++;
			continue;
		}
		if (text.p[at] != quote)
			continue;
		if (at + 1 < text.n && text.p[at + 1] == quote && quote != ']') {
			at++;
			continue;
		}
		return at + 1;
	}
	return SIZE_MAX;
}

static size_t end_of_comment(struct gb_span text, size_t at)
{
	for (; at + 1 < text.n; at++)
		if (text.p[at] == '*' && text.p[at + 1] == '/')
			return at + 2;
	return SIZE_MAX;
}

/* $tag$ … $tag$, of which the first lies between FROM and AT. */
static size_t end_of_dollars(struct gb_span text, size_t from, size_t at)
{
	const size_t n = at - from;

	for (; at + n <= text.n; at++)
		if (text.p[at] == '$' && gb_span_equal(gb_span_sub(text, at, n), gb_span_sub(text, from, n)))
			return at + n;
	return SIZE_MAX;
}

static enum gb_sql_kind take_string(struct gb_span text, size_t *ref_at, unsigned char quote)
{
	size_t end = end_of_string(text, *ref_at, quote);

	*ref_at = end == SIZE_MAX ? text.n : end;
	if (quote == '`' || quote == ']')
		return end == SIZE_MAX ? GB_SQL_TOKEN_STRING_OPEN : GB_SQL_TOKEN_NAME;
	return end == SIZE_MAX ? GB_SQL_TOKEN_STRING_OPEN : GB_SQL_TOKEN_STRING;
}

/* UN and ION with a comment between: what a filter makes one word of by taking comments out. *REF_AT is behind the first
 * part, and moves behind the last when together they are a word of SQL. */
static void take_parted_word(struct gb_span text, size_t *ref_at, struct gb_sql_token *ref_token)
{
	unsigned char whole[GB_SQL_WORD_MAX];
	size_t at = ref_token->from, n = 0;

	for (;;) {
		for (; at < text.n && n < sizeof(whole) && gb_ascii_is_alpha(text.p[at]); at++)
			whole[n++] = text.p[at];
		if (at + 1 >= text.n || text.p[at] != '/' || text.p[at + 1] != '*' ||
		        gb_bytes_find(gb_span_sub(text, at, COMMENT_IN_WORD_MAX), '/', 1) == SIZE_MAX)
			break;
		at = end_of_comment(text, at + 2);
		if (at >= text.n || !gb_ascii_is_alpha(text.p[at]))
			return;
	}
	if (gb_sql_word_of(gb_span_of(whole, n)) == GB_SQL_UNKNOWN)
		return;
	ref_token->word = gb_sql_word_of(gb_span_of(whole, n));
	ref_token->is_behind_comment = true;
	*ref_at = at;
}

struct gb_sql_token gb_lex_sql_next(struct gb_span text, size_t *ref_at)
{
	struct gb_sql_token token = {.kind = GB_SQL_TOKEN_END};
	size_t at = *ref_at, marker = 0, end;

#define TAKE(which)                                                                                                    \
	do {                                                                                                           \
		token.kind = (which);                                                                                  \
		goto done;                                                                                             \
	} while (0)
again:
	token.from = at;
	/*!re2c
	// SQL Server takes every control byte for a blank.
	blank = ([\x00-\x20] | "\xc2\xa0")+;
	// 1.e( is a number to MySQL, and so is what stands in the parenthesis.
	number = [0-9]+ "." 'e' | [0-9]+ ("." [0-9]*)? ('e' [+-]? [0-9]+)? | "." [0-9]+ | '0x' [0-9a-fA-F]* | '0b' [01]+;
	word = [a-zA-Z_\x80-\xff] [a-zA-Z0-9_$\x80-\xff]*;

	$ { TAKE(GB_SQL_TOKEN_END); }
	blank { token.is_behind_blank = true; goto again; }
	"/*!" [0-9]* | "*" "/" { token.is_behind_comment = true; goto again; }
	"/*" {
		end = end_of_comment(text, at);
		if (end == SIZE_MAX) {
			at = text.n;
			TAKE(GB_SQL_TOKEN_COMMENT_OPEN);
		}
		at = end;
		token.is_behind_comment = true;
		goto again;
	}
	("--" | "#") [^\n]* { TAKE(GB_SQL_TOKEN_COMMENT); }
	['"`] { TAKE(take_string(text, &at, text.p[at - 1])); }
	"$" ([a-zA-Z_] [a-zA-Z0-9_]{0,15})? "$" {
		end = end_of_dollars(text, token.from, at);
		at = end == SIZE_MAX ? at : end;
		TAKE(end == SIZE_MAX ? GB_SQL_TOKEN_OTHER : GB_SQL_TOKEN_STRING);
	}
	"[" [a-zA-Z0-9_ .$]+ "]" { TAKE(GB_SQL_TOKEN_NAME); }
	number { TAKE(GB_SQL_TOKEN_NUMBER); }
	"\\N" { token.word = GB_SQL_LITERAL; TAKE(GB_SQL_TOKEN_WORD); }
	word {
		token.word = gb_sql_word_of(gb_span_sub(text, token.from, at - token.from));
		if (token.word == GB_SQL_UNKNOWN && at + 1 < text.n && text.p[at] == '/' && text.p[at + 1] == '*')
			take_parted_word(text, &at, &token);
		TAKE(GB_SQL_TOKEN_WORD);
	}
	"@"{1,2} [a-zA-Z0-9_.$]* | ":" [a-zA-Z0-9_]+ { TAKE(GB_SQL_TOKEN_VARIABLE); }
	"=" | "==" | "<" | ">" | "<=" | ">=" | "<>" | "!=" | "<=>" | "!<" | "!>" | "^=" | "~*" | "@>" | "<@" | "?" [|&]? { TAKE(GB_SQL_TOKEN_COMPARISON); }
	"&&" | "||" { TAKE(GB_SQL_TOKEN_LOGICAL); }
	[+\-*/%^&|] | "<<" | ">>" | "->" ">"? { TAKE(GB_SQL_TOKEN_ARITHMETIC); }
	[!~] { TAKE(GB_SQL_TOKEN_NOT); }
	"(" { TAKE(GB_SQL_TOKEN_OPEN); }
	")" { TAKE(GB_SQL_TOKEN_CLOSE); }
	"," { TAKE(GB_SQL_TOKEN_COMMA); }
	";" { TAKE(GB_SQL_TOKEN_SEMICOLON); }
	"." { TAKE(GB_SQL_TOKEN_DOT); }
	":=" { TAKE(GB_SQL_TOKEN_ASSIGN); }
	"::" { TAKE(GB_SQL_TOKEN_CAST); }
	* { TAKE(GB_SQL_TOKEN_OTHER); }
	*/
#undef TAKE
done:
	token.length = at - token.from;
	*ref_at = at;
	return token;
}

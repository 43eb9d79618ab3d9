/* SPDX-License-Identifier: Apache-2.0 */
#include "activity/shell_lexer.h"

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

blank = [ \t];
name = [A-Za-z_][A-Za-z0-9_]*;
special = [0-9@*#?!$-];
any = [\x00-\xff];
escape = "\\" [^\n];
*/

enum lexeme gb_shell_scan_plain(struct gb_span text, size_t *ref_at)
{
	size_t at = *ref_at, marker = at;

#define TAKE(lexeme) return *ref_at = at, (lexeme)
	/*!re2c
	plain = [^ \t\n;&|()<>`$'"\\];
	$ { TAKE(LEX_END); }
	blank+ { TAKE(LEX_BLANK); }
	"\\\n" { TAKE(LEX_CONTINUATION); }
	"\\" { TAKE(LEX_TEXT); }
	(plain \ "#" | escape) (plain | escape)* { TAKE(LEX_TEXT); }
	"#" { TAKE(LEX_HASH); }
	"$" { TAKE(LEX_TEXT); }
	"\n" { TAKE(LEX_NEWLINE); }
	";" | "&" | "&&" | "|" | "||" | "|&" | ";;" | ";&" | ";;&" { TAKE(LEX_OPERATOR); }
	"(" blank* ")" { TAKE(LEX_FUNCTION); }
	"(" { TAKE(LEX_LEFT); }
	")" { TAKE(LEX_RIGHT); }
	([0-9]+ | "{" name "}")? ("<" | ">" | ">>" | ">|" | "<>" | "<&" | ">&" | "<<<") { TAKE(LEX_REDIRECTION); }
	"&>" | "&>>" { TAKE(LEX_REDIRECTION); }
	[0-9]* "<<" { TAKE(LEX_HEREDOC); }
	[0-9]* "<<-" { TAKE(LEX_HEREDOC_TABS); }
	"'" { TAKE(LEX_SINGLE); }
	"$'" { TAKE(LEX_ANSI); }
	"\"" { TAKE(LEX_DOUBLE); }
	"$\"" { TAKE(LEX_LOCALE); }
	"`" { TAKE(LEX_BACKTICK); }
	"$(" { TAKE(LEX_SUBSTITUTION); }
	"<(" | ">(" { TAKE(LEX_PROCESS); }
	"$((" { TAKE(LEX_ARITHMETIC); }
	"${" { TAKE(LEX_PARAMETER); }
	"$" (name | special) { TAKE(LEX_EXPANSION); }
	*/
}

enum lexeme gb_shell_scan_quoted(struct gb_span text, size_t *ref_at)
{
	size_t at = *ref_at, marker = at;

	/*!re2c
	inner = [^`$'"\\(){}\n];
	$ { TAKE(LEX_END); }
	(inner | escape)+ { TAKE(LEX_TEXT); }
	"\\\n" | "\\" | "$" | "{" { TAKE(LEX_TEXT); }
	"\n" { TAKE(LEX_NEWLINE); }
	"(" { TAKE(LEX_LEFT); }
	")" | "}" { TAKE(LEX_RIGHT); }
	"'" { TAKE(LEX_SINGLE); }
	"\"" { TAKE(LEX_DOUBLE); }
	"`" { TAKE(LEX_BACKTICK); }
	"$(" { TAKE(LEX_SUBSTITUTION); }
	"$((" { TAKE(LEX_ARITHMETIC); }
	"${" { TAKE(LEX_PARAMETER); }
	"$" (name | special) { TAKE(LEX_EXPANSION); }
	*/
#undef TAKE
}

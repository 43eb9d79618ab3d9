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

/* Longest construct looked for; keeps every attempt short. */
#define CONSTRUCT_MAX 300u

static size_t match_construct(struct gb_span text)
{
	size_t at = 0, marker = 0;

	/*!re2c
	ws = [ \t]+;
	quoted = "\"" [^"\n\x00]* "\"";
	switch = ws "/" [a-zA-Z] (ws (quoted | "\\" quoted | [^ \t\n(%"/\x00]+))?;
	variable = "%"{1,2} [^ \t\n\x00%]+;
	for = 'for' switch* ws variable ws 'in' [ \t]* "(" [^\n\x00]* ")" [ \t]* 'do' [^a-zA-Z0-9_\x00];
	operand = quoted | "%" [^ \t\n%\x00]+ "%" | [^ \t\n=\x00]+;
	condition = 'exist' ws operand | 'defined' ws operand | 'errorlevel' ws [0-9]+ | quoted [ \t]* "==" [ \t]* quoted
		| "%"{1,2} [^ \t\n%=\x00]+ "%"? [ \t]* "==" [ \t]* operand | operand ws ('equ' | 'neq' | 'lss' | 'leq' | 'gtr' | 'geq') ws operand;
	if = 'if' (ws "/" [iI])? (ws 'not')? ws condition ws [a-zA-Z("@];

	$ { return 0; }
	for { return at; }
	if { return at; }
	* { return 0; }
	*/
}

size_t gb_lex_cmd_construct(struct gb_span text, size_t from)
{
	unsigned char c = gb_ascii_lower(text.p[from]);

	if (c != 'f' && c != 'i')
		return 0;
	if (from > 0 && (gb_ascii_is_alpha(text.p[from - 1]) || text.p[from - 1] == '_'))
		return 0;
	return match_construct(gb_span_sub(text, from, CONSTRUCT_MAX));
}

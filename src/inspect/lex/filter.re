/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/lex/lex.h"

/* No construct here is longer; keeps work linear however many beginnings a text has. */
#define CONSTRUCT_MAX 300u

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

blank = [ \t\r\n\f\v\x00];
ws = blank*;

// RFC 4515, RFC 4512 §1.4 and §2.5
attribute = [a-zA-Z0-9_] [a-zA-Z0-9_.;-]*;
rule = ":dn"? (":" [a-zA-Z0-9.-]+)? ":=";
compare = "=" | ">=" | "<=" | "~=" | rule;
item = attribute compare;
open = "(" [ \t]*;
shut = ")" (ws ")")*;
logic = [&|!];

// XPath 1.0 and 2.0
axis = ("ancestor" | "descendant") "-or-self"? | "attribute" | "child" | ("following" | "preceding") "-sibling"? | "namespace" | "parent" | "self";
step = axis ws "::" | "//" | "/" [a-zA-Z*@.] | ".." | "@" [a-zA-Z*] | ".";
of_nodes = "name" | "local-name" | "namespace-uri" | "count" | "string-length" | "substring" | "substring-before" | "substring-after" | "contains"
	| "starts-with" | "ends-with" | "matches" | "not" | "boolean" | "string" | "number" | "sum" | "concat" | "normalize-space" | "translate" | "exists" | "empty"
	| "string-to-codepoints" | "upper-case" | "lower-case" | "doc" | "doc-available" | "encode-for-uri" | "comment" | "node" | "text";
nullary = ("true" | "false" | "name" | "local-name" | "namespace-uri" | "position" | "last" | "text" | "node" | "comment" | "current" | "base-uri" | "processing-instruction") ws "(" ws ")";
own = ("contains" | "string-length" | "starts-with" | "local-name" | "namespace-uri" | "normalize-space" | "substring-before" | "substring-after" | "string-to-codepoints"
	| "doc-available" | "encode-for-uri" | "unparsed-text") ws "(";
*/

size_t gb_lex_ldap_break_out(struct gb_span whole, size_t from)
{
	struct gb_span text = gb_span_sub(whole, from, CONSTRUCT_MAX);
	size_t at = 0, marker;

	/*!re2c
	$ { return 0; }
	shut "(" [ \t]* item { return at; }
	shut "(" { return at == text.n ? at : 0; }
	shut logic? ws "(" ws logic ws ("(" | ")") { return at; }
	shut ws "(" ws logic ws { return at == text.n ? at : 0; }
	shut logic ws "("? item { return at; }
	shut ws logic ws "(" ws (item | logic) { return at; }
	shut "((" "("* (item | logic) { return at; }
	shut ws "\x00" { return at; }
	")" "(" [ \t]* item [^()]* ")" { return at; }
	* { return 0; }
	*/
}

size_t gb_lex_ldap_operator(struct gb_span whole, size_t from)
{
	struct gb_span text = gb_span_sub(whole, from, CONSTRUCT_MAX);
	size_t at = 0, marker;

	/*!re2c
	$ { return 0; }
	(open logic [ \t]*)+ open item { return at; }
	(open logic [ \t]*)+ { return at == text.n ? at : 0; }
	* { return 0; }
	*/
}

/* A function's name and its open parenthesis. Where it ends, or 0; the same for the parts below. One automaton of all
 * of it would be ten times as large. */
static size_t xpath_call(struct gb_span text, size_t at)
{
	size_t marker;

	/*!re2c
	$ { return 0; }
	of_nodes ws "(" ws { return at; }
	* { return 0; }
	*/
}

static size_t xpath_step(struct gb_span text, size_t at)
{
	size_t marker;

	/*!re2c
	$ { return 0; }
	("(" ws)? step { return at; }
	* { return 0; }
	*/
}

/* What nobody writes but in XPath. */
static size_t xpath_own(struct gb_span text, size_t at)
{
	size_t marker;

	/*!re2c
	$ { return 0; }
	nullary ws [=!<>\])+|,] | nullary ws ('or' | 'and') | own | axis ws "::" { return at; }
	"//" [*a-zA-Z@.] | "/" ("*" | axis ws "::") | ".." "/" | "@" [a-zA-Z*] [a-zA-Z0-9_-]* ws ("=" | "!=") { return at; }
	* { return 0; }
	*/
}

static size_t xpath_test(struct gb_span text, size_t at)
{
	size_t end = xpath_own(text, at), inner;

	if (end != 0)
		return end;
	inner = xpath_call(text, at);
	if (inner == 0)
		return 0;
	end = xpath_step(text, inner);
	if (end != 0)
		return end;
	inner = xpath_call(text, inner);
	return inner == 0 ? 0 : xpath_step(text, inner);
}

size_t gb_lex_xpath_break_out(struct gb_span whole, size_t from)
{
	struct gb_span text = gb_span_sub(whole, from, CONSTRUCT_MAX);
	size_t at = 0, marker;

	/*!re2c
	close = (ws [)\]])* ws;
	begin = ("not" ws)? ("(" ws)*;

	$ { return 0; }
	close ('or' | 'and') (blank+ | "(") ws begin { return xpath_test(text, at); }
	close ("=" | "+" | ",") ws begin { return xpath_test(text, at); }
	(ws [)\]])+ ws ("|" | "union") ws ("/" | "(" ws "/" | "*" | "." | axis ws "::" | [a-zA-Z]+ "[") { return at; }
	ws ("|" | "union") ws "/" "/"? [*a-zA-Z@.] { return at; }
	(ws [)\]])+ ws "/" ("/" | "*" | ".." | axis ws "::" | ".") { return at; }
	* { return 0; }
	*/
}

static size_t xpath_path(struct gb_span text, size_t at)
{
	size_t marker;

	/*!re2c
	$ { return 0; }
	"/" "/"? (axis ws "::" | [*@a-zA-Z.]) | axis ws "::" | "../" | "@*" | "/" ws ")" { return at; }
	* { return 0; }
	*/
}

size_t gb_lex_xpath_function(struct gb_span whole, size_t from)
{
	struct gb_span text = gb_span_sub(whole, from, CONSTRUCT_MAX);
	size_t at = xpath_call(text, 0), inner;

	if (at == 0)
		return 0;
	if (at < text.n && text.p[at] == '(')
		at++;
	inner = xpath_call(text, at);
	return xpath_path(text, inner != 0 ? inner : at);
}

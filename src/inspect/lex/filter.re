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
attribute = [a-zA-Z0-9_] [a-zA-Z0-9_.;-]{0,63};
rule = ":dn"? (":" [a-zA-Z0-9.-]{1,64})? ":=";
compare = "=" | ">=" | "<=" | "~=" | rule;
item = attribute compare;
open = "(" [ \t]*;
shut = ")" (ws ")"){0,8};
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
	shut "("{2,4} (item | logic) { return at; }
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
	(open logic [ \t]*){1,6} open item { return at; }
	(open logic [ \t]*){1,6} { return at == text.n ? at : 0; }
	* { return 0; }
	*/
}

size_t gb_lex_xpath_break_out(struct gb_span whole, size_t from)
{
	struct gb_span text = gb_span_sub(whole, from, CONSTRUCT_MAX);
	size_t at = 0, marker;

	/*!re2c
	close = (ws [)\]]){0,6} ws;
	begin = ("not" ws)? ("(" ws){0,4};
	test = of_nodes ws "(" ws ("(" ws)? step | of_nodes ws "(" ws of_nodes ws "(" ws step | nullary ws [=!<>\])+|,] | nullary ws ('or' | 'and') | own | axis ws "::"
		| "//" [*a-zA-Z@.] | "/" ("*" | axis ws "::") | ".." "/" | "@" [a-zA-Z*] [a-zA-Z0-9_-]* ws ("=" | "!=") | "." ws ("=" | "!=");

	$ { return 0; }
	close ('or' | 'and') (blank+ | "(") ws begin test { return at; }
	(ws [)\]]){1,6} ws ("|" | "union") ws ("/" | "(" ws "/" | "*" | "." | axis ws "::" | [a-zA-Z]+ "[") { return at; }
	ws ("|" | "union") ws "/" "/"? [*a-zA-Z@.] { return at; }
	(ws [)\]]){1,6} ws "/" ("/" | "*" | ".." | axis ws "::" | ".") { return at; }
	(ws [)\]]){1,6} ws ('or' | 'and') blank+ begin test { return at; }
	close ("=" | "+" | ",") ws begin test { return at; }
	* { return 0; }
	*/
}

size_t gb_lex_xpath_function(struct gb_span whole, size_t from)
{
	struct gb_span text = gb_span_sub(whole, from, CONSTRUCT_MAX);
	size_t at = 0, marker;

	/*!re2c
	path = "/" "/"? (axis ws "::" | [*@a-zA-Z.]) | axis ws "::" | "../" | "@*";

	$ { return 0; }
	of_nodes ws "(" ws ("(" ws)? (of_nodes ws "(" ws)? path { return at; }
	of_nodes ws "(" ws "/" ws ")" { return at; }
	"not" ws "(" ws of_nodes ws "(" ws { return 0; }
	* { return 0; }
	*/
}

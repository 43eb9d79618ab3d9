/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/lex/lex.h"

/* No construct here is longer; keeps work linear however many beginnings a text has. */
#define CONSTRUCT_MAX 200u

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
comment = "/*" [a-zA-Z0-9 ]* "*/";
ws = (blank | comment)*;
name = [a-zA-Z_] [a-zA-Z0-9_]*;
number = [0-9]+ ("." [0-9]+)?;

// What MongoDB and its object mappers (Mongoose, Sequelize, waterline) take for an operator of a query or for code.
// Names that JSON Schema, extended JSON, OData or analytics use as plain keys are left out.
compares = "eq" | "ne" | "gt" "e"? | "lt" "e"? | "n"? "in" | "not" | "n"? "or" | "x"? "or" | "and" | "exists" | "mod" | "like"
	| [iI] "Like" | "notLike" | "n"? "between" | "notBetween" | "notIn" | "startsWith" | "endsWith" | "div" | "nlike";
evaluates = "expr" | "jsonSchema" | "regex" | [iI] "Regexp" | "regexp" | "text" | "where" | "func" | "function" | "accumulator" | "rand"
	| "sampleRate" | "cond" | "ifNull" | "switch";
arrays = "all" | "elemMatch" | "size" | "slice";
places = "geoIntersects" | "geoWithin" | "near" "Sphere"? | "maxDistance" | "minDistance" | "bitsA" ("ll" | "ny") ("Clear" | "Set");
stages = "lookup" | "graphLookup" | "unionWith" | "out" | "match" | "facet" | "redact";
operator = "$" (compares | evaluates | arrays | places | stages);
*/

size_t gb_lex_nosql_operator(struct gb_span whole, size_t from)
{
	struct gb_span text = gb_span_sub(whole, from, CONSTRUCT_MAX);
	size_t at = 0;

	/*!re2c
	$ { return 0; }
	operator { return at; }
	"$" ("type" | "comment") "]" { return at - 1; }
	"$" name { return 0; }
	* { return 0; }
	*/
}

size_t gb_lex_nosql_pair(struct gb_span whole, size_t from)
{
	struct gb_span text = gb_span_sub(whole, from, CONSTRUCT_MAX);
	size_t at = 0, marker;

	/*!re2c
	$ { return 0; }
	operator ["']? ws ":" { return at; }
	operator ["']? ws "::" { return 0; }
	// a variable of GraphQL and its type
	operator ws ":" ws "["{0,4} [A-Z] [a-zA-Z0-9_]* { return 0; }
	operator ws ":" ws [A-Z] [a-zA-Z0-9_]* ws "(" { return at; }
	* { return 0; }
	*/
}

size_t gb_lex_nosql_break_out(struct gb_span whole, size_t from)
{
	struct gb_span text = gb_span_sub(whole, from, CONSTRUCT_MAX);
	size_t at = 0, marker;

	/*!re2c
	close = (ws [)}\]])* ws;
	short = [^'"\r\n]{0,32};
	literal = ("'" short "'") | ("\"" short "\"");
	equals = "==" "="? | "!=" "="? ;
	same = "===" | "==" | "!=";
	value = literal | number | name | 'true' | "null";
	host = "Object" | "Math" | "String" | "Date" | "JSON" | "Array" | "RegExp" | "Function" | "process" | "global" "This"? | "db" | "this";
	call = ("sleep" | "tojson" | "eval" | "require" | "function" | "hex_md5" | "assert" | "version" | "emit") ws "(";
	operand = host ws [.[] | call | "new" blank+ name | "typeof" (blank+ name | ws "(") | value ws same | "/" [^/\r\n ]{1,40} "/" [a-z]{0,3} "." ("test" | "exec")
		| (number | "true" | "!0") ws ("//" | ";" | "}" | "&&" | "||");
	logic = ("||" | "&&") ws "!"{0,2} ws ("(" ws){0,4} operand;
	bind = ("var" | "let" | "const") blank+ name;
	statement = "return" ([ \t]+ [^a-z \t] | [ \t]+ ("true" | "false" | "this" | "null" | "new") | ws [('"!;0-9]) | bind ws [=;,] | ("while" | "for" | "if" | "with" | "switch") ws "(" ws ([!;(1] | "true" | host ws [.[] | call | value ws same | bind)
		| ("do" | "try") ws "{" | "throw" blank+ (literal | "new" | name) | host ws [.[] | call | name ws "=" ws ("new" blank | "function" | host ws [.[])
		| "function" blank+ name ws "(";
	pair = ["']? "$" name ["']? ws ":";

	$ { return 0; }
	close logic { return at; }
	close ";" ([;}] | blank)* statement { return at; }
	close [+*-] ws "("? ws (call | host ws [.[]) { return at; }
	close "," ws "{"? ws pair { return at; }
	close "}" ws "," ws "{" ws ["']? name ["']? ws ":" ws ("/" | "{" ws ["']? "$" | "$" | "true" | ["'] | "[") { return at; }
	* { return 0; }
	*/
}

size_t gb_lex_nosql_shell(struct gb_span whole, size_t from)
{
	struct gb_span text = gb_span_sub(whole, from, CONSTRUCT_MAX);
	size_t at = 0, marker;

	/*!re2c
	verb = "insert" ("One" | "Many")? | "find" ("One" | "AndModify" | "OneAndDelete" | "OneAndUpdate" | "OneAndReplace")? | "update" ("One" | "Many")?
		| "remove" | "delete" ("One" | "Many") | "drop" ("Index" "es"?)? | "mapReduce" | "aggregate" | "eval" | "save" | "count" "Documents"? | "distinct"
		| "replaceOne" | "bulkWrite" | "renameCollection" | "createIndex" | "runCommand";
	admin = "dropDatabase" | "adminCommand" | "runCommand" | "eval" | "shutdownServer" | "createUser" | "getUsers" | "getCollectionNames" | "copyDatabase"
		| "getSiblingDB" | "version" | "createCollection" | "dropUser" | "getName";

	$ { return 0; }
	"this." name ws (same | "." ("match" | "test" | "length" | "indexOf" | "charAt" | "substring") [( ><=]) { return at; }
	"db." (name "."){1,3} verb ws "(" { return at; }
	"db." "getCollection" ws "(" ["'] name ["'] ")." verb ws "(" { return at; }
	"db." admin ws "(" { return at; }
	* { return 0; }
	*/
}

size_t gb_lex_nosql_expression(struct gb_span whole, size_t from)
{
	struct gb_span text = gb_span_sub(whole, from, CONSTRUCT_MAX);
	size_t at = 0, marker;

	/*!re2c
	join = (ws ["')])* blank+ ('or' | 'and') blank+ ('not' blank+)? ("(" ws)?;

	$ { return 0; }
	join ("attribute_" ("not_")? "exists" | "attribute_type") ws "(" { return at; }
	join ("*:*" | "_exists_:" | "_id:*") { return at; }
	* { return 0; }
	*/
}

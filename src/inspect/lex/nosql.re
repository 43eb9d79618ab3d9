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

// Script of the database.
close = (ws [)}\]])* ws;
short = [^'"\r\n]*;
literal = ("'" short "'") | ("\"" short "\"");
same = "===" | "==" | "!=";
value = literal | number | name | 'true' | "null";
host = "Object" | "Math" | "String" | "Date" | "JSON" | "Array" | "RegExp" | "Function" | "process" | "global" "This"? | "db" | "this";
call = ("sleep" | "tojson" | "eval" | "require" | "function" | "hex_md5" | "assert" | "version" | "emit") ws "(";
bind = ("var" | "let" | "const") blank+ name;
pair = ["']? "$" name ["']? ws ":";
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
	operator ws ":" ws "["* [A-Z] [a-zA-Z0-9_]* { return 0; }
	operator ws ":" ws [A-Z] [a-zA-Z0-9_]* ws "(" { return at; }
	* { return 0; }
	*/
}

/* The parts of what breaks out each stand alone, since one automaton of them all would be ten times as large. Each gives
 * where it ends, or 0. */
static size_t called(struct gb_span text, size_t at)
{
	size_t marker;

	/*!re2c
	$ { return 0; }
	call | host ws [.[] { return at; }
	* { return 0; }
	*/
}

static size_t compared(struct gb_span text, size_t at)
{
	size_t marker;

	/*!re2c
	$ { return 0; }
	value ws same { return at; }
	* { return 0; }
	*/
}

static size_t operand(struct gb_span text, size_t at)
{
	size_t begin = at, end, marker;

	end = called(text, begin);
	if (end == 0)
		end = compared(text, begin);
	if (end != 0)
		return end;
	/*!re2c
	$ { return 0; }
	"new" blank+ name | "typeof" (blank+ name | ws "(") { return at; }
	"/" [^/\r\n ]+ "/" [a-z]* "." ("test" | "exec") { return at; }
	(number | "true" | "!0") ws ("//" | ";" | "}" | "&&" | "||") { return at; }
	* { return 0; }
	*/
}

/* In the parentheses of `while` and its kind. */
static size_t condition(struct gb_span text, size_t at)
{
	size_t end = called(text, at), marker;

	if (end == 0)
		end = compared(text, at);
	if (end != 0)
		return end;
	/*!re2c
	$ { return 0; }
	[!;(1] | "true" | bind { return at; }
	* { return 0; }
	*/
}

static size_t statement(struct gb_span text, size_t at)
{
	size_t end = called(text, at), marker;

	if (end != 0)
		return end;
	/*!re2c
	$ { return 0; }
	"return" ([ \t]+ [^a-z \t] | [ \t]+ ("true" | "false" | "this" | "null" | "new") | ws [('"!;0-9]) { return at; }
	bind ws [=;,] { return at; }
	("while" | "for" | "if" | "with" | "switch") ws "(" ws { return condition(text, at); }
	("do" | "try") ws "{" { return at; }
	"throw" blank+ (literal | "new" | name) { return at; }
	name ws "=" ws ("new" blank | "function") { return at; }
	name ws "=" ws { return called(text, at); }
	"function" blank+ name ws "(" { return at; }
	* { return 0; }
	*/
}

size_t gb_lex_nosql_break_out(struct gb_span whole, size_t from)
{
	struct gb_span text = gb_span_sub(whole, from, CONSTRUCT_MAX);
	size_t at = 0, marker;

	/*!re2c
	$ { return 0; }
	close ("||" | "&&") ws "!"* ws ("(" ws)* { return operand(text, at); }
	close ";" ([;}] | blank)* { return statement(text, at); }
	close [+*-] ws "("? ws { return called(text, at); }
	close "," ws "{"? ws pair { return at; }
	close "}" ws "," ws "{" ws ["']? name ["']? ws ":" ws ("/" | "{" ws ["']? "$" | "$" | "true" | ["'] | "[") { return at; }
	* { return 0; }
	*/
}

#define S(text)                                                                                                        \
	{                                                                                                              \
		(const unsigned char *)(text), sizeof(text) - 1                                                        \
	}

/* Methods of a collection, and of the database itself. */
static const struct gb_span verbs[] = {S("insert"), S("insertOne"), S("insertMany"), S("find"), S("findOne"),
        S("findAndModify"), S("findOneAndDelete"), S("findOneAndUpdate"), S("findOneAndReplace"), S("update"),
        S("updateOne"), S("updateMany"), S("remove"), S("deleteOne"), S("deleteMany"), S("drop"), S("dropIndex"),
        S("dropIndexes"), S("mapReduce"), S("aggregate"), S("eval"), S("save"), S("count"), S("countDocuments"),
        S("distinct"), S("replaceOne"), S("bulkWrite"), S("renameCollection"), S("createIndex"), S("runCommand")};

static const struct gb_span administrative[] = {S("dropDatabase"), S("adminCommand"), S("runCommand"), S("eval"),
        S("shutdownServer"), S("createUser"), S("getUsers"), S("getCollectionNames"), S("copyDatabase"),
        S("getSiblingDB"), S("version"), S("createCollection"), S("dropUser"), S("getName")};

/* Whether the name whose parenthesis ends at END is one of LIST. */
static bool is_method(struct gb_span text, size_t end, const struct gb_span *list, size_t count)
{
	size_t from;

	end--;
	while (end > 0 && text.p[end] != '.' && !gb_ascii_is_alpha(text.p[end]))
		end--;
	for (from = end + 1; from > 0 && (gb_ascii_is_alpha(text.p[from - 1])); from--)
		continue;
	for (size_t i = 0; i < count; i++)
		if (gb_span_equal(gb_span_sub(text, from, end + 1 - from), list[i]))
			return true;
	return false;
}

size_t gb_lex_nosql_shell(struct gb_span whole, size_t from)
{
	struct gb_span text = gb_span_sub(whole, from, CONSTRUCT_MAX);
	size_t at = 0, marker;

	/*!re2c
	$ { return 0; }
	"this." name ws (same | "." ("match" | "test" | "length" | "indexOf" | "charAt" | "substring") [( ><=]) { return at; }
	"db." (name ".")+ name blank* "(" { return is_method(text, at, verbs, sizeof(verbs) / sizeof(verbs[0])) ? at : 0; }
	"db.getCollection" ws "(" ["'] name ["'] ")." name blank* "(" { return is_method(text, at, verbs, sizeof(verbs) / sizeof(verbs[0])) ? at : 0; }
	"db." name blank* "(" { return is_method(text, at, administrative, sizeof(administrative) / sizeof(administrative[0])) ? at : 0; }
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

/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/lex/lex.h"

/*!re2c
re2c:api = custom;
re2c:api:style = free-form;
re2c:define:YYCTYPE = "unsigned char";
re2c:define:YYPEEK = "(at < text.n ? text.p[at] : 0)";
re2c:define:YYSKIP = "at += stride;";
re2c:define:YYBACKUP = "marker = at;";
re2c:define:YYRESTORE = "at = marker;";
re2c:define:YYLESSTHAN = "at >= text.n";
re2c:yyfill:enable = 0;
re2c:eof = 0;

// XML 1.0 §2.3 Name, any byte beyond ASCII; digits too may come first: some parsers take them.
blank = [ \t\r\n];
name = [a-zA-Z0-9_:\x80-\xff] [a-zA-Z0-9_:.\x80-\xff-]*;
hash = "&#" ("x25" | "X25" | "37") ";";
*/

enum gb_xml_token gb_lex_xml_next(struct gb_span text, size_t stride, size_t *ref_at, struct gb_span *ret_text)
{
	size_t at = *ref_at, marker, start;
	enum gb_xml_token token;

	for (;;) {
		start = at;
#define TAKE(kind)                                                                                                     \
	{                                                                                                              \
		token = (kind);                                                                                        \
		break;                                                                                                 \
	}
		/*!re2c
		$ { TAKE(GB_XML_END); }
		blank+ { continue; }
		'<!doctype' { TAKE(GB_XML_DOCTYPE); }
		'<!entity' { TAKE(GB_XML_ENTITY); }
		"<" name { TAKE(GB_XML_TAG); }
		"<?" name { TAKE(GB_XML_INSTRUCTION); }
		'system' { TAKE(GB_XML_SYSTEM); }
		'public' { TAKE(GB_XML_PUBLIC); }
		name { TAKE(GB_XML_NAME); }
		"\"" [^"]* "\""? { TAKE(GB_XML_LITERAL); }
		"'" [^']* "'"? { TAKE(GB_XML_LITERAL); }
		"%" | hash { TAKE(GB_XML_PERCENT); }
		"[" { TAKE(GB_XML_SUBSET); }
		"=" { TAKE(GB_XML_EQUAL); }
		"/"? ">" { TAKE(GB_XML_CLOSE); }
		* { TAKE(GB_XML_OTHER); }
		*/
#undef TAKE
	}
	if (at > text.n)
		at = text.n;
	*ret_text = gb_span_sub(text, start, at - start);
	*ref_at = at;
	return token;
}

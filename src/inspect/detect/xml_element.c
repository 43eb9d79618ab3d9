/* SPDX-License-Identifier: Apache-2.0 */
/* What an attribute of an element of XML makes a parser, a style sheet or a validator fetch. */
#include "inspect/bytes.h"
#include "inspect/detect/xml_address.h"

#define S(text)                                                                                                        \
	{                                                                                                              \
		(const unsigned char *)(text), sizeof(text) - 1                                                        \
	}

/* `document('/etc/x')` in an expression of XSLT. */
static bool reads_document(struct gb_span value)
{
	static const struct gb_span functions[] = {S("document("), S("doc("), S("unparsed-text("), S("text-file(")};

	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		size_t at = gb_bytes_find_text(gb_span_sub(value, 0, 256), functions[i], 0);
		struct gb_span argument;

		if (at == SIZE_MAX)
			continue;
		argument = gb_span_trim(gb_span_sub(value, at + functions[i].n, SIZE_MAX));
		if (argument.n < 2 || (argument.p[0] != '\'' && argument.p[0] != '"' && argument.p[0] != '&'))
			continue;
		argument = gb_span_sub(argument, argument.p[0] == '&' ? 6 : 1, SIZE_MAX);
		if (gb_xml_address_has_odd_scheme(argument) || gb_xml_address_is_web(argument) ||
		        gb_span_starts(argument, GB_SPAN("/")))
			return true;
	}
	return false;
}

/* `php:function('…')`, `rt:getRuntime()` and the like need an extension; their namespaces tell which. */
static bool is_extension(struct gb_span address)
{
	static const struct gb_span names[] = {
	        S("xalan/java"), S("java:"), S("php.net/xsl"), S("xslt/java"), S("/java-type"), S("xalan/redirect")};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (gb_bytes_find_text(gb_span_sub(address, 0, 80), names[i], 0) != SIZE_MAX)
			return true;
	return false;
}

/* schemaLocation's pairs of a namespace and an address: whether an address is no document of the web, or on the web but
 * at another host than its namespace and no publisher's. */
static bool is_foreign_schema(struct gb_span value, bool has_pairs)
{
	struct gb_span space = GB_SPAN_EMPTY;
	size_t at = 0;

	for (bool is_address = !has_pairs; at < value.n; is_address = !has_pairs || !is_address) {
		size_t end = at;
		struct gb_span word;

		while (end < value.n && !gb_ascii_is_space(value.p[end]))
			end++;
		word = gb_span_sub(value, at, end - at);
		if (is_address && (gb_xml_address_has_odd_scheme(word) ||
		                          (gb_xml_address_is_web(word) && !gb_xml_address_is_publisher(word) &&
		                                  !gb_xml_address_is_same_site(word, space))))
			return true;
		space = word;
		for (at = end; at < value.n && gb_ascii_is_space(value.p[at]); at++)
			continue;
	}
	return false;
}

const char *gb_xml_judge_attribute(struct gb_span name, struct gb_span value, const struct gb_xml_element *element)
{
	struct gb_span local = gb_span_sub(name, gb_span_find_last_byte(name, ':') + 1, SIZE_MAX);
	bool is_href = gb_span_equal_nocase(local, GB_SPAN("href"));

	if (element->is_include && element->is_xi && is_href)
		return "xml_include";
	if (element->is_include && element->is_style && is_href &&
	        (gb_xml_address_is_web(value) || gb_xml_address_has_odd_scheme(value)))
		return "xml_style_sheet";
	if (gb_span_equal(local, GB_SPAN("select")) && reads_document(value))
		return "xml_style_document";
	if (gb_span_equal(local, GB_SPAN("schemaLocation")) && local.n != name.n && is_foreign_schema(value, true))
		return "xml_schema_location";
	if (gb_span_equal(local, GB_SPAN("noNamespaceSchemaLocation")) && is_foreign_schema(value, false))
		return "xml_schema_location";
	if (gb_xml_starts_nocase(name, GB_SPAN("xmlns:")) && is_extension(value))
		return "xml_style_extension";
	if (gb_span_equal(local, GB_SPAN("implements-prefix")) ||
	        (gb_span_equal(local, GB_SPAN("select")) &&
	                gb_bytes_find_text(value, GB_SPAN("php:function"), 0) != SIZE_MAX))
		return "xml_style_extension";
	if (gb_xml_address_has_odd_scheme(value) && !gb_xml_starts_nocase(value, GB_SPAN("data:")) &&
	        !gb_xml_starts_nocase(value, GB_SPAN("ftp:"))) {
		if (gb_span_equal(local, GB_SPAN("schemaLocation")))
			return "xml_schema_location";
		/* What a signature is made over, what a description of services imports. */
		if (gb_span_equal(local, GB_SPAN("URI")) || gb_span_equal(local, GB_SPAN("location")))
			return "xml_link_scheme";
		if (is_href && (local.n != name.n || element->is_include))
			return "xml_link_scheme";
	}
	return NULL;
}

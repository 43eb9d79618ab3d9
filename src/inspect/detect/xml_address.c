/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/detect/xml_address.h"
#include "inspect/bytes.h"

#define S(text)                                                                                                        \
	{                                                                                                              \
		(const unsigned char *)(text), sizeof(text) - 1                                                        \
	}

/* Publishers of the DTDs that ordinary documents name. */
static const struct gb_span publishers[] = {S("w3.org"), S("apple.com"), S("sun.com"), S("oracle.com"), S("jcp.org"),
        S("apache.org"), S("hibernate.org"), S("mybatis.org"), S("springframework.org"), S("oasis-open.org"),
        S("docbook.org"), S("netscape.com"), S("rssboard.org"), S("wapforum.org"), S("openmobilealliance.org"),
        S("nih.gov"), S("xml.org"), S("cxml.org"), S("mozilla.org"), S("freedesktop.org"), S("adobe.com"),
        S("microsoft.com"), S("opensymphony.com"), S("checkstyle.org"), S("puppycrawl.com"), S("jboss.org"),
        S("openjdk.org"), S("eclipse.org"), S("gnome.org"), S("daisy.org"), S("idpf.org"), S("musicxml.org"),
        S("recordare.com"), S("google.com"), S("sourceforge.net")};

/* Schemes by which a parser reads something else than a document of the web. */
static const struct gb_span schemes[] = {S("file:"), S("ftp:"), S("gopher:"), S("jar:"), S("netdoc:"), S("php:"),
        S("expect:"), S("dict:"), S("ldap:"), S("data:"), S("phar:"), S("zip:"), S("\\\\")};

bool gb_xml_starts_nocase(struct gb_span text, struct gb_span prefix)
{
	return text.n >= prefix.n && gb_span_equal_nocase(gb_span_sub(text, 0, prefix.n), prefix);
}

bool gb_xml_address_has_odd_scheme(struct gb_span address)
{
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (gb_xml_starts_nocase(address, schemes[i]))
			return true;
	return false;
}

bool gb_xml_address_is_web(struct gb_span address)
{
	return gb_xml_starts_nocase(address, GB_SPAN("http:")) || gb_xml_starts_nocase(address, GB_SPAN("https:")) ||
	       gb_xml_starts_nocase(address, GB_SPAN("//"));
}

/* Host of a web address ends with a publisher's name, at a dot. */
bool gb_xml_address_is_publisher(struct gb_span address)
{
	size_t start = gb_bytes_find_text(address, GB_SPAN("//"), 0), end;
	struct gb_span host;

	if (start == SIZE_MAX || !gb_xml_address_is_web(address))
		return false;
	for (end = start + 2; end < address.n && address.p[end] != '/' && address.p[end] != '?'; end++)
		if (address.p[end] == '@' || address.p[end] == ':' || address.p[end] == '\\' || address.p[end] == '#')
			return false;
	host = gb_span_sub(address, start + 2, end - start - 2);
	for (size_t i = 0; i < sizeof(publishers) / sizeof(publishers[0]); i++) {
		struct gb_span name = publishers[i];

		if (host.n < name.n || !gb_span_equal_nocase(gb_span_sub(host, host.n - name.n, name.n), name))
			continue;
		if (host.n == name.n || host.p[host.n - name.n - 1] == '.')
			return true;
	}
	return false;
}

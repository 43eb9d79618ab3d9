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

/* Host of a web address, or nothing when it is spelled in an odd way. */
static struct gb_span host_of(struct gb_span address)
{
	size_t start = gb_bytes_find_text(address, GB_SPAN("//"), 0), end;

	if (start == SIZE_MAX || !gb_xml_address_is_web(address))
		return GB_SPAN_EMPTY;
	for (end = start + 2; end < address.n && address.p[end] != '/' && address.p[end] != '?'; end++)
		if (address.p[end] == '@' || address.p[end] == ':' || address.p[end] == '\\' || address.p[end] == '#')
			return GB_SPAN_EMPTY;
	return gb_span_sub(address, start + 2, end - start - 2);
}

/* Whether HOST is NAME or ends with it at a dot. */
static bool is_below(struct gb_span host, struct gb_span name)
{
	if (name.n == 0 || host.n < name.n || !gb_span_equal_nocase(gb_span_sub(host, host.n - name.n, name.n), name))
		return false;
	return host.n == name.n || host.p[host.n - name.n - 1] == '.';
}

bool gb_xml_address_is_publisher(struct gb_span address)
{
	struct gb_span host = host_of(address);

	for (size_t i = 0; i < sizeof(publishers) / sizeof(publishers[0]); i++)
		if (is_below(host, publishers[i]))
			return true;
	return false;
}

bool gb_xml_address_is_same_site(struct gb_span address, struct gb_span other)
{
	struct gb_span site = host_of(other);
	unsigned dots = 0;

	for (size_t at = site.n; at > 0; at--)
		if (site.p[at - 1] == '.' && ++dots == 2) {
			site = gb_span_sub(site, at, SIZE_MAX);
			break;
		}
	return is_below(host_of(address), site);
}

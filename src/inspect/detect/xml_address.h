/* SPDX-License-Identifier: Apache-2.0 */
/* What an address in XML points to: where a parser would fetch a DTD, an entity, a schema or a style sheet from. */
#ifndef GB_INSPECT_DETECT_XML_ADDRESS_H
#define GB_INSPECT_DETECT_XML_ADDRESS_H

#include "base/span.h"

/* ASCII case-insensitive. */
bool gb_xml_starts_nocase(struct gb_span text, struct gb_span prefix);
/* A scheme of files, archives or programs: file:, jar:, expect: … */
bool gb_xml_address_has_odd_scheme(struct gb_span address);
bool gb_xml_address_is_web(struct gb_span address);
/* A web address on the host of a publisher of well-known DTDs. */
/* Whether ADDRESS's host ends with the last two labels of that of OTHER. */
bool gb_xml_address_is_same_site(struct gb_span address, struct gb_span other);
bool gb_xml_address_is_publisher(struct gb_span address);

/* What an element is by its name. */
struct gb_xml_element {
	bool is_include; /* include or import by its local name */
	bool is_xi;      /* in the namespace of XInclude, as far as its prefix tells */
	bool is_style;   /* in that of XSLT */
};

/* Why an attribute NAME with VALUE of ELEMENT fetches what it should not, or NULL. */
const char *gb_xml_judge_attribute(struct gb_span name, struct gb_span value, const struct gb_xml_element *element);

#endif

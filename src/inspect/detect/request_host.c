/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses that two readers take for two hosts: the one that checks them and the one that fetches. */
#include "inspect/bytes.h"
#include "inspect/detect/request.h"

#define HEAD_MAX 120u /* bytes of a text that are looked at for separators */

bool gb_request_is_misleading_userinfo(struct gb_span userinfo)
{
	static const struct gb_span zones[] = {{(const unsigned char *)".com", 4}, {(const unsigned char *)".org", 4},
	        {(const unsigned char *)".net", 4}, {(const unsigned char *)".io", 3}};
	size_t colon = gb_bytes_find(userinfo, ':', 0);
	struct gb_span name = gb_span_sub(userinfo, 0, colon);
	struct gb_lex_host host;

	if (gb_bytes_find(name, '@', 0) != SIZE_MAX)
		return false;
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
		if (name.n > zones[i].n && gb_span_equal_nocase(gb_span_sub(name, name.n - zones[i].n, 8), zones[i]))
			return true;
	if (name.n != 0 && (name.p[name.n - 1] == ';' || name.p[name.n - 1] == ','))
		name.n--;
	gb_lex_host_read(name, false, &host);
	return host.network > GB_NETWORK_NAME && gb_bytes_find(name, '.', 0) != SIZE_MAX;
}

bool gb_request_is_split(const struct gb_lex_url *url)
{
	struct gb_span rest = url->rest;

	return url->host.n != 0 && rest.n > 2 && (rest.p[0] == '\\' || gb_bytes_find(rest, '.', 2) != SIZE_MAX) &&
	       (rest.p[0] == '\\' || rest.p[0] == '#' || rest.p[0] == '?') && rest.p[1] == '@';
}

bool gb_request_is_cut_by_control(struct gb_span text, const struct gb_lex_url *url)
{
	const size_t end = url->offset + url->length;

	return url->rest.n == 0 && end + 1 < text.n && text.p[end] < ' ' && text.p[end] != '\n' &&
	       text.p[end] != '\r' && text.p[end + 1] > ' ';
}

size_t gb_request_confused(struct gb_span text, size_t authority)
{
	static const struct gb_span signs[] = {{(const unsigned char *)"&@", 2}, {(const unsigned char *)"#@", 2},
	        {(const unsigned char *)"# @", 3}, {(const unsigned char *)"+@", 2}};
	struct gb_span head = gb_span_sub(text, 0, HEAD_MAX);
	size_t end = gb_bytes_find(head, '/', authority);

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		size_t at = gb_bytes_find_text(gb_span_sub(head, 0, end), signs[i], authority + 1);

		if (at != SIZE_MAX && at + signs[i].n < head.n && head.p[at + signs[i].n] != ' ')
			return at + signs[i].n;
	}
	return 0;
}

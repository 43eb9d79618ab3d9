/* SPDX-License-Identifier: Apache-2.0 */
#include "firewall/firewall.h"

#include <arpa/inet.h>
#include <string.h>

static bool parse(struct gb_span s, bool is_v6, unsigned char ip[16])
{
	static const unsigned char mapped_head[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	char text[INET6_ADDRSTRLEN];

	if (s.n == 0 || s.n >= sizeof(text) || gb_span_find_byte(s, '\0', 0) != SIZE_MAX)
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	if (is_v6)
		return inet_pton(AF_INET6, text, ip) == 1;
	memcpy(ip, mapped_head, sizeof(mapped_head));
	return inet_pton(AF_INET, text, ip + 12) == 1;
}

bool gb_firewall_address_parse(struct gb_span text, unsigned char ret_ip[16])
{
	struct gb_span s = gb_span_trim(text);
	size_t colon = gb_span_find_byte(s, ':', 0), last = gb_span_find_last_byte(s, ':');
	size_t bracket = gb_span_find_byte(s, ']', 0);

	if (gb_span_starts(s, GB_SPAN("[")))
		return bracket != SIZE_MAX && parse(gb_span_sub(s, 1, bracket - 1), true, ret_ip);
	if (colon == SIZE_MAX)
		return parse(s, false, ret_ip);
	if (colon == last)
		return parse(gb_span_sub(s, 0, colon), false, ret_ip);
	/* CloudFront writes a port behind an IPv6 address without brackets: nine groups, or one of five digits. */
	return parse(s, true, ret_ip) || parse(gb_span_sub(s, 0, last), true, ret_ip);
}

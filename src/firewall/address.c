/* SPDX-License-Identifier: Apache-2.0 */
#include "firewall/firewall.h"

#include "base/ip.h"

bool gb_firewall_address_parse(struct gb_span text, unsigned char ret_ip[16])
{
	struct gb_span s = gb_span_trim(text);
	size_t colon = gb_span_find_byte(s, ':', 0), last = gb_span_find_last_byte(s, ':');
	size_t bracket = gb_span_find_byte(s, ']', 0);

	if (gb_span_starts(s, GB_SPAN("[")))
		return bracket != SIZE_MAX && gb_ip_parse(gb_span_sub(s, 1, bracket - 1), true, ret_ip);
	if (colon == SIZE_MAX)
		return gb_ip_parse(s, false, ret_ip);
	if (colon == last)
		return gb_ip_parse(gb_span_sub(s, 0, colon), false, ret_ip);
	/* CloudFront writes a port behind an IPv6 address without brackets: nine groups, or one of five digits. */
	return gb_ip_parse(s, true, ret_ip) || gb_ip_parse(gb_span_sub(s, 0, last), true, ret_ip);
}

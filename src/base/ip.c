/* SPDX-License-Identifier: Apache-2.0 */
#include "base/ip.h"

#include <arpa/inet.h>
#include <string.h>

bool gb_ip_parse(struct gb_span s, bool is_v6, unsigned char ret_ip[16])
{
	static const unsigned char head[12] = GB_IP_MAPPED_HEAD;
	char text[INET6_ADDRSTRLEN];

	if (s.n == 0 || s.n >= sizeof(text) || gb_span_find_byte(s, '\0', 0) != SIZE_MAX)
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	if (is_v6)
		return inet_pton(AF_INET6, text, ret_ip) == 1;
	memcpy(ret_ip, head, sizeof(head));
	return inet_pton(AF_INET, text, ret_ip + 12) == 1;
}

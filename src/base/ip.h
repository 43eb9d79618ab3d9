/* SPDX-License-Identifier: Apache-2.0 */
/* base/ip: IP addresses in 16 bytes, IPv4 in its mapped form (::ffff:192.0.2.1). */
#ifndef GB_BASE_IP_H
#define GB_BASE_IP_H

#include "base/span.h"

#define GB_IP_MAPPED_HEAD                                                                                              \
	{                                                                                                              \
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff                                                               \
	}

/* Whether IP is an IPv4 address. Freestanding. */
static inline bool gb_ip_is_v4(const unsigned char ip[16])
{
	static const unsigned char head[12] = GB_IP_MAPPED_HEAD;

	return __builtin_memcmp(ip, head, sizeof(head)) == 0;
}

/* All of S is an address as inet_pton(3) takes it, without brackets, port or prefix. */
__attribute__((warn_unused_result)) bool gb_ip_parse(struct gb_span s, bool is_v6, unsigned char ret_ip[16]);

#endif

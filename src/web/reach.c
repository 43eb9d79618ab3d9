/* SPDX-License-Identifier: Apache-2.0 */
#include "web/reach.h"

#include "base/ip.h"

#include <netinet/in.h>
#include <string.h>

static bool is_v4_in(const unsigned char a[4], enum gb_web_reach reach)
{
	bool is_private = a[0] == 10 || a[0] == 127 || (a[0] == 172 && a[1] >= 16 && a[1] < 32) ||
	                  (a[0] == 192 && a[1] == 168) || (a[0] == 100 && a[1] >= 64 && a[1] < 128);

	if (a[0] == 0 || a[0] >= 224 || (a[0] == 169 && a[1] == 254))
		return false;
	return reach == GB_WEB_REACH_PRIVATE ||
	       !(is_private || (a[0] == 192 && a[1] == 0 && a[2] == 0) || (a[0] == 198 && (a[1] == 18 || a[1] == 19)));
}

static bool is_v6_in(const unsigned char a[16], enum gb_web_reach reach)
{
	static const unsigned char none[15] = {0}, translated[12] = {0, 0x64, 0xff, 0x9b};
	bool is_low = memcmp(a, none, 15) == 0; /* :: and ::1 */

	if (gb_ip_is_v4(a) || memcmp(a, translated, 12) == 0)
		return is_v4_in(a + 12, reach);
	/* Unspecified, multicast, link-local, the cloud's metadata service (fd00:ec2::/32), 6to4 and Teredo, which hide others. */
	if ((is_low && a[15] == 0) || a[0] == 0xff || (a[0] == 0xfe && (a[1] & 0xc0) == 0x80) ||
	        (a[0] == 0xfd && a[1] == 0 && a[2] == 0x0e && a[3] == 0xc2) || (a[0] == 0x20 && a[1] == 0x02) ||
	        (a[0] == 0x20 && a[1] == 0x01 && a[2] == 0 && a[3] == 0))
		return false;
	return reach == GB_WEB_REACH_PRIVATE || !(is_low || (a[0] & 0xfe) == 0xfc);
}

bool gb_web_reach_has(enum gb_web_reach reach, const struct sockaddr *address)
{
	const void *any = address;

	if (reach == GB_WEB_REACH_ANY)
		return true;
	if (address->sa_family == AF_INET)
		return is_v4_in((const unsigned char *)&((const struct sockaddr_in *)any)->sin_addr, reach);
	return address->sa_family == AF_INET6 &&
	       is_v6_in((const unsigned char *)&((const struct sockaddr_in6 *)any)->sin6_addr, reach);
}

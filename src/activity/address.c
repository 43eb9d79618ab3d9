/* SPDX-License-Identifier: Apache-2.0 */
#include "activity/address.h"

/* Linux's numbers; they are the same on every machine that we run on. */
#define FAMILY_UNIX  1u
#define FAMILY_INET  2u
#define FAMILY_INET6 10u

static const unsigned char mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static bool is_v4(const struct gb_address *address)
{
	return __builtin_memcmp(address->ip, mapped_prefix, sizeof(mapped_prefix)) == 0;
}

static bool is_all_zero(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != 0)
			return false;
	return true;
}

static void add_v4(struct gb_text *text, const unsigned char *ip)
{
	for (int i = 0; i < 4; i++) {
		if (i != 0)
			gb_text_add_byte(text, '.');
		gb_text_add_u64(text, ip[i]);
	}
}

static void add_group(struct gb_text *text, unsigned group)
{
	static const char digits[16] = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};
	bool has_begun = false;

	for (int shift = 12; shift >= 0; shift -= 4) {
		unsigned digit = (group >> shift) & 15u;

		if (digit != 0 || has_begun || shift == 0) {
			gb_text_add_byte(text, (unsigned char)digits[digit]);
			has_begun = true;
		}
	}
}

/* RFC 5952: the longest run of two or more zero groups, the first of equals, is "::". */
static void add_v6(struct gb_text *text, const unsigned char *ip)
{
	unsigned groups[8], best_at = 8, best_n = 1;

	for (unsigned i = 0; i < 8; i++)
		groups[i] = (unsigned)ip[2 * i] << 8 | ip[2 * i + 1];
	for (unsigned i = 0; i < 8; i++) {
		unsigned n = 0;

		while (i + n < 8 && groups[i + n] == 0)
			n++;
		if (n > best_n) {
			best_n = n;
			best_at = i;
		}
	}
	for (unsigned i = 0; i < 8; i++) {
		if (i == best_at) {
			gb_text_add(text, GB_SPAN("::"));
			i += best_n - 1;
			continue;
		}
		if (i != 0 && i != best_at + best_n)
			gb_text_add_byte(text, ':');
		add_group(text, groups[i]);
	}
}

static void add_ip(struct gb_text *text, const struct gb_address *address)
{
	if (is_v4(address)) {
		add_v4(text, address->ip + 12);
	} else {
		gb_text_add_byte(text, '[');
		add_v6(text, address->ip);
		gb_text_add_byte(text, ']');
	}
	gb_text_add_byte(text, ':');
	gb_text_add_u64(text, address->port);
}

static void any_to_loopback(struct gb_address *address)
{
	if (is_v4(address) && is_all_zero(address->ip + 12, 4)) {
		address->ip[12] = 127;
		address->ip[15] = 1;
	} else if (is_all_zero(address->ip, 16)) {
		address->ip[15] = 1;
	}
}

static void read_unix(struct gb_span path, struct gb_text *text)
{
	if (path.n != 0 && path.p[0] == '\0') {
		gb_text_add_byte(text, '@');
		gb_text_add(text, gb_span_sub(path, 1, path.n));
		return;
	}
	path = gb_span_sub(path, 0, gb_span_find_byte(path, '\0', 0));
	gb_text_add(text, path);
}

struct gb_address gb_address_of_sockaddr(struct gb_span sockaddr, enum gb_address_use use, struct gb_text *text)
{
	struct gb_address address = {.family = GB_ADDRESS_OTHER};
	uint16_t family = 0;

	if (sockaddr.n >= sizeof(family))
		__builtin_memcpy(&family, sockaddr.p, sizeof(family));
	address.family_number = family;
	if (family == FAMILY_INET && sockaddr.n >= 8) {
		address.family = GB_ADDRESS_IP;
		__builtin_memcpy(address.ip, mapped_prefix, sizeof(mapped_prefix));
		__builtin_memcpy(address.ip + 12, sockaddr.p + 4, 4);
	} else if (family == FAMILY_INET6 && sockaddr.n >= 24) {
		address.family = GB_ADDRESS_IP;
		__builtin_memcpy(address.ip, sockaddr.p + 8, 16);
	} else if (family == FAMILY_UNIX) {
		address.family = GB_ADDRESS_UNIX;
		read_unix(gb_span_sub(sockaddr, 2, sockaddr.n), text);
		return address;
	}
	if (address.family == GB_ADDRESS_IP) {
		address.port = (uint16_t)((unsigned)sockaddr.p[2] << 8 | sockaddr.p[3]);
		if (use == GB_ADDRESS_DESTINATION)
			any_to_loopback(&address);
		add_ip(text, &address);
		return address;
	}
	gb_text_add(text, GB_SPAN("family "));
	gb_text_add_u64(text, family);
	return address;
}

bool gb_address_is_loopback(const struct gb_address *address)
{
	if (address->family != GB_ADDRESS_IP)
		return false;
	if (is_v4(address))
		return address->ip[12] == 127;
	return is_all_zero(address->ip, 15) && address->ip[15] == 1;
}

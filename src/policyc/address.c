/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/address.h"

#include "base/ip.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

static int complain(struct gb_diag *diag, struct gb_span text, const char *what)
{
	return gb_diag_set(diag, -EINVAL, 0, 0, "address '%.*s': %s", (int)(text.n < 100 ? text.n : 100),
	        (const char *)text.p, what);
}

static bool parse_u16(struct gb_span s, uint16_t *ret_value)
{
	uint64_t value;

	if (!gb_span_to_u64(s, &value) || value > UINT16_MAX)
		return false;
	*ret_value = (uint16_t)value;
	return true;
}

static bool parse_ports(struct gb_span s, struct gb_blob_address *address)
{
	size_t dash = gb_span_find_byte(s, '-', 0);

	if (gb_span_equal(s, GB_SPAN("*"))) {
		address->port_first = 0;
		address->port_last = UINT16_MAX;
		return true;
	}
	if (dash == SIZE_MAX) {
		if (!parse_u16(s, &address->port_first))
			return false;
		address->port_last = address->port_first;
		return true;
	}
	return parse_u16(gb_span_sub(s, 0, dash), &address->port_first) &&
	       parse_u16(gb_span_sub(s, dash + 1, SIZE_MAX), &address->port_last) &&
	       address->port_first <= address->port_last;
}

static bool has_host_bits(const struct gb_blob_address *address)
{
	for (size_t bit = address->prefix_n; bit < 128; bit++)
		if ((address->ip[bit / 8] >> (7 - bit % 8) & 1) != 0)
			return true;
	return false;
}

/* The host part, without brackets: IP or IP/PREFIX. */
static int parse_block(
        struct gb_span whole, struct gb_span s, bool is_v6, struct gb_blob_address *address, struct gb_diag *diag)
{
	size_t slash = gb_span_find_byte(s, '/', 0);
	uint16_t bits = is_v6 ? 128 : 32;

	if (!gb_ip_parse(gb_span_sub(s, 0, slash), is_v6, address->ip))
		return complain(diag, whole, "this is no IP address; write 10.0.0.0/8:443, [::1]:443 or unix:/path");
	if (slash != SIZE_MAX && (!parse_u16(gb_span_sub(s, slash + 1, SIZE_MAX), &bits) || bits > (is_v6 ? 128 : 32)))
		return complain(diag, whole, "the prefix length must be a number up to 32 (IPv6: 128)");
	address->prefix_n = (uint16_t)(is_v6 ? bits : bits + 96);
	if (has_host_bits(address))
		return complain(diag, whole, "bits behind the prefix are set; write the block's first address");
	return 0;
}

int gb_policyc_address_parse(struct gb_span text, struct gb_blob_address *ret_address, struct gb_diag *diag)
{
	struct gb_blob_address address = {0};
	bool is_v6 = gb_span_starts(text, GB_SPAN("["));
	size_t colon = gb_span_find_last_byte(text, ':');
	struct gb_span host;
	int r;

	if (gb_span_starts(text, GB_SPAN("family:"))) {
		if (!parse_u16(gb_span_sub(text, 7, SIZE_MAX), &address.port_first))
			return complain(diag, text, "behind 'family:' stands the number of an address family");
		address.port_last = address.port_first;
		address.prefix_n = GB_BLOB_FAMILY_PREFIX_N;
		*ret_address = address;
		return 0;
	}
	if (colon == SIZE_MAX || (is_v6 && (colon == 0 || text.p[colon - 1] != ']')))
		return complain(diag, text, "the port is missing; add ':443' or, for every port, ':*'");
	if (!parse_ports(gb_span_sub(text, colon + 1, SIZE_MAX), &address))
		return complain(diag, text, "the port must be a number up to 65535, a range 1024-65535, or '*'");
	host = is_v6 ? gb_span_sub(text, 1, colon - 2) : gb_span_sub(text, 0, colon);
	r = parse_block(text, host, is_v6, &address, diag);
	if (r == 0)
		*ret_address = address;
	return r;
}

void gb_policyc_address_print(const struct gb_blob_address *address, struct gb_text *out)
{
	bool is_v4 = address->prefix_n >= 96 && gb_ip_is_v4(address->ip);
	uint16_t bits = (uint16_t)(is_v4 ? address->prefix_n - 96 : address->prefix_n);
	char text[INET6_ADDRSTRLEN];

	if (address->prefix_n == GB_BLOB_FAMILY_PREFIX_N) {
		gb_text_add_cstr(out, "family:");
		gb_text_add_u64(out, address->port_first);
		return;
	}
	gb_text_add_cstr(out, is_v4 ? "" : "[");
	gb_text_add_cstr(
	        out, inet_ntop(is_v4 ? AF_INET : AF_INET6, address->ip + (is_v4 ? 12 : 0), text, sizeof(text)));
	if (bits != (is_v4 ? 32 : 128)) {
		gb_text_add_byte(out, '/');
		gb_text_add_u64(out, bits);
	}
	gb_text_add_cstr(out, is_v4 ? ":" : "]:");
	if (address->port_first == 0 && address->port_last == UINT16_MAX) {
		gb_text_add_byte(out, '*');
		return;
	}
	gb_text_add_u64(out, address->port_first);
	if (address->port_first != address->port_last) {
		gb_text_add_byte(out, '-');
		gb_text_add_u64(out, address->port_last);
	}
}

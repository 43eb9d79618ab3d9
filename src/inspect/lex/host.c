/* SPDX-License-Identifier: Apache-2.0 */
/* What network a host leads to, however the address is written. */
#include "inspect/bytes.h"
#include "inspect/lex/url.h"

#define S(text)                                                                                                        \
	{                                                                                                              \
		(const unsigned char *)(text), sizeof(text) - 1                                                        \
	}

/* Names under which clouds and clusters answer with credentials. */
static const struct gb_span metadata_names[] = {S("metadata"), S("metadata.goog"), S("metadata.packet.net"),
        S("metadata.platformequinix.com"), S("metadata.tencentyun.com"), S("metadata.oraclecloud.com"),
        S("instance-data"), S("instance-data.ec2.internal"), S("rancher-metadata"), S("kubernetes.default"),
        S("kubernetes.default.svc"), S("kubernetes.default.svc.cluster.local")};

/* Public zones whose every name is this machine. */
static const struct gb_span loopback_zones[] = {S("localhost"), S("localhost.localdomain"), S("localhost6"),
        S("ip6-localhost"), S("localtest.me"), S("lvh.me"), S("vcap.me"), S("lacolhost.com"), S("localho.st"),
        S("sandbox.localdomain"), S("host.docker.internal"), S("gateway.docker.internal"),
        S("kubernetes.docker.internal"), S("docker.for.mac.localhost"), S("host.containers.internal")};

/* Zones that no public resolver answers for. */
static const struct gb_span private_zones[] = {S("internal"), S("svc"), S("cluster.local"), S("consul"), S("corp"),
        S("intranet"), S("lan"), S("localdomain"), S("private")};

static enum gb_lex_network network_of(uint32_t address)
{
	if (address >> 24 == 127 || address >> 24 == 0)
		return GB_NETWORK_LOOPBACK;
	/* Link-local; Alibaba's, Oracle's and Azure's own addresses. */
	if (address >> 16 == 0xa9fe || address == 0x646464c8 || address == 0xc00000c0 || address == 0xa83f8110)
		return GB_NETWORK_METADATA;
	if (address >> 24 == 10 || address >> 20 == 0xac1 || address >> 16 == 0xc0a8 || address >> 22 == 0x191)
		return GB_NETWORK_PRIVATE;
	return GB_NETWORK_PUBLIC;
}

/* A number of C: decimal, 0 octal, 0x hexadecimal; *RET_ODD when it is not plain decimal. */
static bool read_number(struct gb_span s, uint64_t *ret_value, bool *ref_odd)
{
	unsigned base = 10;
	size_t at = 0;
	uint64_t value = 0;

	if (s.n == 0 || s.n > 40)
		return false;
	if (s.n > 1 && s.p[0] == '0') {
		base = s.p[1] == 'x' ? 16 : 8;
		at = base == 16 ? 2 : 1;
		*ref_odd = true;
	}
	for (; at < s.n; at++) {
		int digit = gb_hex_value(s.p[at]);

		if (digit < 0 || (unsigned)digit >= base)
			return false;
		value = value * base + (unsigned)digit;
	}
	*ret_value = value;
	return true;
}

/* As inet_aton() reads it, one to four numbers, the last filling what is left; larger ones wrap as in careless code. */
static bool read_v4(struct gb_span s, uint32_t *ret_address, bool *ret_odd)
{
	uint64_t parts[4];
	unsigned count = 0;
	uint32_t address = 0;

	*ret_odd = false;
	for (size_t at = 0; at <= s.n;) {
		size_t dot = gb_bytes_find(s, '.', at);
		size_t end = dot == SIZE_MAX ? s.n : dot;

		if (count == 4 || !read_number(gb_span_sub(s, at, end - at), &parts[count], ret_odd))
			return false;
		count++;
		at = end + 1;
	}
	if (count == 0)
		return false;
	*ret_odd |= count < 4;
	for (unsigned i = 0; i + 1 < count; i++) {
		*ret_odd |= parts[i] > 255;
		address |= (uint32_t)(parts[i] & 255) << (24 - 8 * i);
	}
	*ret_odd |= count == 4 && parts[3] > 255;
	address |= (uint32_t)(parts[count - 1] & (count == 1 ? 0xffffffffu : 0xffffffffu >> (8 * (count - 1))));
	*ret_address = address;
	return true;
}

static bool read_v6(struct gb_span s, uint16_t words[8])
{
	unsigned count = 0, gap = 8;
	size_t at = 0;

	for (unsigned i = 0; i < 8; i++)
		words[i] = 0;
	if (gb_span_starts(s, GB_SPAN("::"))) {
		gap = 0;
		at = 2;
	}
	while (at < s.n) {
		size_t end = at;
		uint32_t value = 0;
		bool is_odd;

		while (end < s.n && s.p[end] != ':')
			end++;
		if (gb_bytes_find(gb_span_sub(s, at, end - at), '.', 0) != SIZE_MAX) {
			if (count > 6 || end != s.n || !read_v4(gb_span_sub(s, at, end - at), &value, &is_odd))
				return false;
			words[count++] = (uint16_t)(value >> 16);
			words[count++] = (uint16_t)value;
			break;
		}
		if (count == 8 || end == at)
			return false;
		for (size_t i = at; i < end; i++) {
			if (gb_hex_value(s.p[i]) < 0)
				return false;
			value = value << 4 | (uint32_t)gb_hex_value(s.p[i]);
		}
		words[count++] = (uint16_t)value;
		at = end + 1;
		if (at < s.n && s.p[at] == ':' && gap == 8) {
			gap = count;
			at++;
		}
	}
	if (gap == 8)
		return count == 8;
	/* What stands behind the :: belongs at the end. */
	for (unsigned i = 1; i <= count - gap && count < 8; i++) {
		words[8 - i] = words[count - i];
		words[count - i] = 0;
	}
	return true;
}

static void judge_v6(const uint16_t words[8], struct gb_lex_host *host)
{
	uint32_t low = (uint32_t)words[6] << 16 | words[7];
	bool is_zero = (words[0] | words[1] | words[2] | words[3] | words[4]) == 0;
	bool is_nat = words[0] == 0x64 && words[1] == 0xff9b;

	host->network = GB_NETWORK_PUBLIC;
	if (is_zero && words[5] == 0 && low <= 1) {
		host->network = GB_NETWORK_LOOPBACK;
	} else if ((is_zero && (words[5] == 0xffff || words[5] == 0)) || is_nat) {
		host->network = network_of(low);
		host->is_odd = true;
	} else if (words[0] == 0x2002) {
		host->network = network_of((uint32_t)words[1] << 16 | words[2]);
		host->is_odd = host->network != GB_NETWORK_PUBLIC;
	} else if ((words[0] & 0xffc0) == 0xfe80 || (words[0] == 0xfd00 && words[1] == 0x0ec2)) {
		host->network = GB_NETWORK_METADATA;
	} else if ((words[0] & 0xfe00) == 0xfc00) {
		host->network = GB_NETWORK_PRIVATE;
	}
}

static bool is_within(struct gb_span name, struct gb_span zone)
{
	return gb_span_ends(name, zone) && (name.n == zone.n || name.p[name.n - zone.n - 1] == '.');
}

static bool is_forbidden(enum gb_lex_network network)
{
	return network == GB_NETWORK_LOOPBACK || network == GB_NETWORK_METADATA;
}

/* 7f000001 as a label of its own. */
static bool is_hexadecimal_address(struct gb_span label)
{
	uint32_t address = 0;

	if (label.n != 8)
		return false;
	for (size_t i = 0; i < 8; i++) {
		if (gb_hex_value(label.p[i]) < 0)
			return false;
		address = address << 4 | (uint32_t)gb_hex_value(label.p[i]);
	}
	return address >> 24 == 127 || network_of(address) == GB_NETWORK_METADATA;
}

/* 1ynrnhl.xip.io: a number in base 36 before a resolver that knows such. */
static bool is_base36_address(struct gb_span name)
{
	static const struct gb_span zones[] = {S(".xip.io"), S(".nip.io"), S(".sslip.io")};
	uint64_t value = 0;
	size_t n = SIZE_MAX;

	for (size_t i = 0; i < 3; i++)
		if (gb_span_ends(name, zones[i]))
			n = name.n - zones[i].n;
	if (n == SIZE_MAX || n > 16)
		return false;
	if (n > 2 && name.p[0] == '0' && name.p[1] == 'x')
		return is_hexadecimal_address(gb_span_sub(name, 2, n - 2));
	for (size_t i = 0; i < n; i++) {
		unsigned char c = name.p[i];

		if (!gb_ascii_is_digit(c) && !gb_ascii_is_alpha(c))
			return false;
		value = (value * 36 + (uint64_t)(gb_ascii_is_digit(c) ? c - '0' : c - 'a' + 10)) & 0xffffffffff;
	}
	return value <= 0xffffffff && value > 0xffff && is_forbidden(network_of((uint32_t)value));
}

/* 127.0.0.1.nip.io, x-169-254-169-254.sslip.io, 7f000001.08080808.rbndr.us: four numbers in a row, or one of eight digits. */
static bool embeds_address(struct gb_span name)
{
	uint32_t window = 0;
	unsigned run = 0;
	size_t at = 0;
	bool has_digit = false;

	for (size_t i = 0; i < name.n && !has_digit; i++)
		has_digit = gb_ascii_is_digit(name.p[i]);
	if (!has_digit)
		return false;
	while (at < name.n) {
		size_t start = at;
		unsigned value = 0;
		unsigned char before = at > 0 ? name.p[at - 1] : '.';

		if (before == '.' &&
		        is_hexadecimal_address(gb_span_sub(name, at,
		                (gb_bytes_find(name, '.', at) == SIZE_MAX ? name.n : gb_bytes_find(name, '.', at)) -
		                        at)))
			return true;
		while (at < name.n && gb_ascii_is_digit(name.p[at]) && at - start < 4)
			value = value * 10 + (unsigned)(name.p[at++] - '0');
		if (at == start || value > 255 || (at < name.n && name.p[at] != '.' && name.p[at] != '-')) {
			run = 0;
			while (at < name.n && name.p[at] != '.' && name.p[at] != '-')
				at++;
			at++;
			continue;
		}
		window = window << 8 | value;
		if (++run >= 4 && at < name.n && window >> 24 != 0 && is_forbidden(network_of(window)))
			return gb_bytes_find(name, '.', at + 1) != SIZE_MAX;
		at++;
	}
	return false;
}

static void judge_name(struct gb_span name, struct gb_lex_host *host)
{
	for (size_t i = 0; i < sizeof(metadata_names) / sizeof(metadata_names[0]); i++)
		if (gb_span_equal(name, metadata_names[i]))
			host->network = GB_NETWORK_METADATA;
	if (gb_span_starts(name, GB_SPAN("metadata.")) && gb_span_ends(name, GB_SPAN(".internal")))
		host->network = GB_NETWORK_METADATA;
	for (size_t i = 0; i < sizeof(loopback_zones) / sizeof(loopback_zones[0]); i++)
		if (is_within(name, loopback_zones[i]))
			host->network = GB_NETWORK_LOOPBACK;
	for (size_t i = 0; i < sizeof(private_zones) / sizeof(private_zones[0]); i++)
		if (host->network == GB_NETWORK_NAME && is_within(name, private_zones[i]))
			host->network = GB_NETWORK_PRIVATE;
	if (host->network == GB_NETWORK_NAME && !is_within(name, GB_SPAN("arpa")) &&
	        (embeds_address(name) || is_base36_address(name)))
		host->is_embedded = true;
}

void gb_lex_host_read(struct gb_span host, bool is_bracketed, struct gb_lex_host *ret_host)
{
	struct gb_lex_host read = {0};
	struct gb_span name;
	struct gb_lex_host_text text;
	uint16_t words[8];
	uint32_t address;
	bool is_dressed = gb_lex_host_fold(host, &text);
	bool is_odd = false;

	name = gb_span_of(text.p, text.n);
	if (is_bracketed || gb_bytes_find(name, ':', 0) != SIZE_MAX) {
		size_t zone = gb_bytes_find(name, '%', 0);

		if (read_v6(gb_span_sub(name, 0, zone), words))
			judge_v6(words, &read);
	} else if (read_v4(name, &address, &is_odd)) {
		read.network = network_of(address);
		/* This machine by another number than the one that everybody uses. */
		read.is_odd = is_odd || (read.network == GB_NETWORK_LOOPBACK && address != 0x7f000001 && address != 0 &&
		                                address != 0x7f000101 && address != 0x7f000035);
	} else if (name.n != 0) {
		judge_name(name, &read);
	}
	read.is_odd |= is_dressed && read.network > GB_NETWORK_NAME;
	*ret_host = read;
}

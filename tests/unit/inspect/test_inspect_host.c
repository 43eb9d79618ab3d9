/* SPDX-License-Identifier: Apache-2.0 */
/* Hosts are read as the C library's inet_aton() and inet_pton() read them: whatever those take is judged by its address. */
#include "inspect/lex/url.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define TRIES 300000u

static uint32_t draw(uint64_t *state, uint32_t below)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*state >> 33) % below;
}

/* The reference: networks by RFC 1122, 1918, 3927, 6598 and the clouds' own addresses. */
static enum gb_lex_network network_of(uint32_t address)
{
	static const struct {
		uint32_t from, to;
		enum gb_lex_network network;
	} networks[] = {
	        {0x00000000, 0x00ffffff, GB_NETWORK_LOOPBACK},
	        {0x7f000000, 0x7fffffff, GB_NETWORK_LOOPBACK},
	        {0xa9fe0000, 0xa9feffff, GB_NETWORK_METADATA},
	        {0x646464c8, 0x646464c8, GB_NETWORK_METADATA},
	        {0xc00000c0, 0xc00000c0, GB_NETWORK_METADATA},
	        {0xa83f8110, 0xa83f8110, GB_NETWORK_METADATA},
	        {0x0a000000, 0x0affffff, GB_NETWORK_PRIVATE},
	        {0xac100000, 0xac1fffff, GB_NETWORK_PRIVATE},
	        {0xc0a80000, 0xc0a8ffff, GB_NETWORK_PRIVATE},
	        {0x64400000, 0x647fffff, GB_NETWORK_PRIVATE},
	};

	for (size_t i = 0; i < sizeof(networks) / sizeof(networks[0]); i++)
		if (address >= networks[i].from && address <= networks[i].to)
			return networks[i].network;
	return GB_NETWORK_PUBLIC;
}

static int spell_number(uint64_t *state, uint32_t value, char *out, size_t cap)
{
	unsigned pick = draw(state, 6);

	if (pick == 0)
		return snprintf(out, cap, "%u", value);
	if (pick == 1 || pick == 4)
		return snprintf(out, cap, pick == 1 ? "0x%x" : "0x00%x", value);
	if (pick == 3)
		return snprintf(out, cap, "0X%X", value);
	return snprintf(out, cap, pick == 2 ? "0%o" : "000%o", value);
}

/* ADDRESS in one to four numbers, each in any base. */
static void spell(uint64_t *state, uint32_t address, char *out, size_t cap)
{
	unsigned parts = 1 + draw(state, 4);
	size_t n = 0;

	for (unsigned i = 0; i < parts; i++) {
		const unsigned bits = 32 - 8 * i;
		uint32_t value = bits == 32 ? address : address & ((1u << bits) - 1);

		if (i + 1 < parts)
			value = address >> (24 - 8 * i) & 255;
		if (i > 0)
			n += (size_t)snprintf(out + n, cap - n, ".");
		n += (size_t)spell_number(state, value, out + n, cap - n);
	}
}

static void test_inet_aton(void **state)
{
	static const uint32_t bases[] = {
	        0x7f000001, 0xa9fea9fe, 0x0a000005, 0xac110002, 0xc0a80101, 0x08080808, 0x646464c8, 0};
	uint64_t random = 7;
	unsigned taken = 0;

	(void)state;
	for (unsigned i = 0; i < TRIES; i++) {
		uint32_t address = bases[draw(&random, 8)] ^ (draw(&random, 3) == 0 ? draw(&random, 65536) : 0);
		struct in_addr reference;
		struct gb_lex_host host;
		char text[96];

		spell(&random, address, text, sizeof(text));
		/* Now and then another byte. */
		if (draw(&random, 8) == 0)
			text[draw(&random, (uint32_t)strlen(text))] = "0189abx."[draw(&random, 8)];
		if (inet_aton(text, &reference) == 0)
			continue;
		taken++;
		gb_lex_host_read(gb_span_cstr(text), false, &host);
		if (host.network != network_of(ntohl(reference.s_addr)))
			fail_msg("%s is %08x, not of network %d", text, ntohl(reference.s_addr), host.network);
	}
	assert_true(taken > TRIES / 2);
}

static enum gb_lex_network network_of_v6(const struct in6_addr *address)
{
	const uint8_t *p = address->s6_addr;
	uint32_t low = (uint32_t)p[12] << 24 | (uint32_t)p[13] << 16 | (uint32_t)p[14] << 8 | p[15];
	static const uint8_t zero[12];

	if (memcmp(p, zero, 12) == 0 && low <= 1)
		return GB_NETWORK_LOOPBACK;
	if (memcmp(p, zero, 10) == 0 && ((p[10] == 0xff && p[11] == 0xff) || (p[10] == 0 && p[11] == 0)))
		return network_of(low);
	if (p[0] == 0xfe && (p[1] & 0xc0) == 0x80)
		return GB_NETWORK_METADATA;
	if (p[0] == 0xfd && p[1] == 0 && p[2] == 0x0e && p[3] == 0xc2)
		return GB_NETWORK_METADATA;
	if ((p[0] & 0xfe) == 0xfc)
		return GB_NETWORK_PRIVATE;
	return GB_NETWORK_PUBLIC;
}

static void test_inet_pton(void **state)
{
	static const char *const pieces[] = {"0", "::", ":", "ffff", "a9fe", "7f00", "1", "127.0.0.1",
	        "169.254.169.254", "fe80", "fd00", "ec2", "10.0.0.1", "2001", "db8"};
	uint64_t random = 11;
	unsigned taken = 0;

	(void)state;
	for (unsigned i = 0; i < TRIES; i++) {
		struct in6_addr reference;
		struct gb_lex_host host;
		char text[160] = "";
		unsigned count = 1 + draw(&random, 9);

		for (unsigned k = 0; k < count; k++) {
			const char *colon = k > 0 && draw(&random, 3) != 0 ? ":" : "";
			size_t n = strlen(text);

			snprintf(text + n, sizeof(text) - n, "%s%s", colon, pieces[draw(&random, 15)]);
		}
		if (inet_pton(AF_INET6, text, &reference) != 1)
			continue;
		taken++;
		gb_lex_host_read(gb_span_cstr(text), true, &host);
		/* 6to4 and NAT64 lead to what they carry. */
		if ((reference.s6_addr[0] == 0x20 && reference.s6_addr[1] == 0x02) ||
		        (reference.s6_addr[1] == 0x64 && reference.s6_addr[2] == 0xff))
			continue;
		if (host.network != network_of_v6(&reference))
			fail_msg("%s is not of network %d", text, host.network);
	}
	assert_true(taken > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_inet_aton),
	        cmocka_unit_test(test_inet_pton),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* bench/base64: a decoder beside the product's own, for what measures it or compares with it. */
#ifndef GB_BENCH_BASE64_H
#define GB_BENCH_BASE64_H

#include <stddef.h>

static inline int base64_sextet(int c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* In place, up to what is no base64. Result: bytes. */
static inline size_t base64_decode(char *line)
{
	unsigned bits = 0, held = 0;
	size_t n = 0;

	for (const char *at = line; base64_sextet(*at) >= 0; at++) {
		bits = bits << 6 | (unsigned)base64_sextet(*at);
		held += 6;
		if (held >= 8) {
			held -= 8;
			line[n++] = (char)(bits >> held);
		}
	}
	return n;
}

#endif

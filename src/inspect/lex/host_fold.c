/* SPDX-License-Identifier: Apache-2.0 */
/* A host's name as resolvers ask for it. */
#include "inspect/lex/url.h"

/* What browsers and resolvers make of a code point in a name (UTS 46): text of ASCII, "" for nothing, NULL for others. */
static const char *mapped(uint32_t code, char buffer[4])
{
	unsigned number = 100;

	buffer[1] = buffer[2] = '\0';
	if (code == 0x3002 || code == 0xff0e || code == 0xff61)
		return ".";
	if (code == 0xad || (code >= 0x200b && code <= 0x200d) || code == 0x2060 || code == 0xfeff)
		return "";
	if (code >= 0x2460 && code <= 0x2473)
		number = code - 0x245f;
	else if (code == 0x24ea || code == 0x24ff || code == 0x2070 || code == 0x2080)
		number = 0;
	else if (code == 0xb9)
		number = 1;
	else if (code == 0xb2 || code == 0xb3)
		number = code - 0xb0;
	else if (code >= 0x2074 && code <= 0x2079)
		number = code - 0x2070;
	else if (code >= 0x2081 && code <= 0x2089)
		number = code - 0x2080;
	else if (code >= 0x1d7ce && code <= 0x1d7ff)
		number = (code - 0x1d7ce) % 10;
	else if (code >= 0xff10 && code <= 0xff19)
		number = code - 0xff10;
	if (number < 100) {
		buffer[0] = (char)('0' + (number >= 10 ? number / 10 : number));
		if (number >= 10)
			buffer[1] = (char)('0' + number % 10);
		return buffer;
	}
	if (code >= 0x24b6 && code <= 0x24e9)
		buffer[0] = (char)('a' + (code - 0x24b6) % 26);
	else if (code >= 0x1d400 && code <= 0x1d6a3)
		buffer[0] = (char)('a' + (code - 0x1d400) % 26);
	else if (code >= 0xff21 && code <= 0xff5a && (code <= 0xff3a || code >= 0xff41))
		buffer[0] = (char)('a' + (code - 0xff21) % 32);
	else
		return NULL;
	return buffer;
}

static size_t code_at(struct gb_span s, size_t at, uint32_t *ret_code)
{
	unsigned char c = s.p[at];
	size_t n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
	uint32_t code = n == 1 ? c : c & (0xffu >> (n + 1));

	if (n > s.n - at)
		n = 1;
	for (size_t i = 1; i < n; i++) {
		/* A byte that ends early stands for itself, and the next as well. */
		if ((s.p[at + i] & 0xc0) != 0x80) {
			*ret_code = c;
			return 1;
		}
		code = code << 6 | (s.p[at + i] & 0x3fu);
	}
	*ret_code = code;
	return n;
}

static void put(struct gb_lex_host_text *out, unsigned char c)
{
	if (out->n < GB_HOST_MAX)
		out->p[out->n++] = c;
}

bool gb_lex_host_fold(struct gb_span host, struct gb_lex_host_text *ret_text)
{
	bool is_dressed = false;

	ret_text->n = 0;
	for (; ret_text->n < host.n && ret_text->n < GB_HOST_MAX && host.p[ret_text->n] < 0x80; ret_text->n++)
		ret_text->p[ret_text->n] = gb_ascii_lower(host.p[ret_text->n]);
	for (size_t at = ret_text->n; at < host.n && at < 4 * GB_HOST_MAX;) {
		uint32_t code;
		size_t n = code_at(host, at, &code);
		char buffer[4];
		const char *ascii = n > 1 ? mapped(code, buffer) : NULL;

		if (n == 1) {
			put(ret_text, gb_ascii_lower(host.p[at]));
		} else if (ascii == NULL) {
			put(ret_text, 0x80);
		} else {
			is_dressed = true;
			for (; *ascii != '\0'; ascii++)
				put(ret_text, (unsigned char)*ascii);
		}
		at += n;
	}
	while (ret_text->n > 1 && ret_text->p[ret_text->n - 1] == '.')
		ret_text->n--;
	return is_dressed;
}

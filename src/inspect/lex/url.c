/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/lex/url.h"

/* Of a URL's authority, and of what follows it, no more is looked at: every `http://` in `http://http://…` is cut. */
#define PART_BYTES_MAX 1024u

enum byte_kind {
	ENDS_URL = 1u << 0,
	ENDS_AUTHORITY = 1u << 1,
};

static const unsigned char kinds[256] = {
        [0 ... ' '] = ENDS_URL | ENDS_AUTHORITY,
        ['"'] = ENDS_URL | ENDS_AUTHORITY,
        ['\''] = ENDS_URL | ENDS_AUTHORITY,
        ['<'] = ENDS_URL | ENDS_AUTHORITY,
        ['>'] = ENDS_URL | ENDS_AUTHORITY,
        ['`'] = ENDS_URL | ENDS_AUTHORITY,
        [0x7f] = ENDS_URL | ENDS_AUTHORITY,
        ['/'] = ENDS_AUTHORITY,
        ['\\'] = ENDS_AUTHORITY,
        ['?'] = ENDS_AUTHORITY,
        ['#'] = ENDS_AUTHORITY,
};

static bool is_slash(unsigned char c)
{
	return c == '/' || c == '\\';
}

/* The port behind the host, and the host without it. More than one colon without brackets: an address of version 6. */
static void cut_port(struct gb_lex_url *url)
{
	struct gb_span host = url->host;
	size_t colon = gb_span_find_last_byte(host, ':');
	uint64_t port = 0;

	if (host.n != 0 && host.p[0] == '[') {
		size_t close = gb_span_find_byte(host, ']', 0);

		url->is_bracketed = true;
		url->host = gb_span_sub(host, 1, (close == SIZE_MAX ? host.n : close) - 1);
		if (close == SIZE_MAX || colon == SIZE_MAX || colon < close)
			return;
	} else if (colon == SIZE_MAX) {
		return;
	} else if (gb_span_find_byte(host, ':', 0) == colon || host.p[0] != ':') {
		url->host = gb_span_sub(host, 0, gb_span_find_byte(host, ':', 0));
	} else {
		return;
	}
	url->has_port = colon + 1 < host.n;
	if (gb_span_to_u64(gb_span_sub(host, colon + 1, SIZE_MAX), &port) && port <= 65535)
		url->port = (uint32_t)port;
}

void gb_lex_url_cut(struct gb_span text, size_t from, size_t scheme_n, struct gb_lex_url *ret_url)
{
	struct gb_lex_url url = {.offset = from, .scheme = gb_span_sub(text, from, scheme_n)};
	size_t at = from + scheme_n, start, end;
	size_t last_sign = SIZE_MAX;

	if (scheme_n != 0)
		at++;
	for (; at < text.n && is_slash(text.p[at]); at++) {
		url.slashes++;
		url.has_backslashes |= text.p[at] == '\\';
	}
	start = at;
	while (at < text.n && at - start < PART_BYTES_MAX && (kinds[text.p[at]] & ENDS_AUTHORITY) == 0) {
		if (text.p[at] == '@')
			last_sign = at;
		at++;
	}
	if (last_sign != SIZE_MAX) {
		url.userinfo = gb_span_sub(text, start, last_sign - start);
		start = last_sign + 1;
	}
	url.host = gb_span_sub(text, start, at - start);
	cut_port(&url);
	end = at;
	while (end < text.n && end - at < PART_BYTES_MAX && (kinds[text.p[end]] & ENDS_URL) == 0)
		end++;
	url.rest = gb_span_sub(text, at, end - at);
	url.length = end - from;
	*ret_url = url;
}

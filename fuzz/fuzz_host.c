/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses: what a URL is cut into lies within it; a host means the same in capitals and with a full stop behind. */
#include "inspect/lex/url.h"

#include <stdlib.h>

#define HOST_MAX 200u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_within(struct gb_span text, struct gb_span part)
{
	if (part.n != 0 && (part.p < text.p || part.n > text.n || (size_t)(part.p - text.p) > text.n - part.n))
		abort();
}

static void check_host(struct gb_span host, bool is_bracketed)
{
	unsigned char other[HOST_MAX + 1];
	struct gb_lex_host first, second;

	gb_lex_host_read(host, is_bracketed, &first);
	if (host.n > HOST_MAX)
		return;
	for (size_t i = 0; i < host.n; i++)
		other[i] = host.p[i] >= 'a' && host.p[i] <= 'z' ? (unsigned char)(host.p[i] - 32) : host.p[i];
	gb_lex_host_read(gb_span_of(other, host.n), is_bracketed, &second);
	if (first.network != second.network || first.is_odd != second.is_odd || first.is_embedded != second.is_embedded)
		abort();
	other[host.n] = '.';
	if (host.n == 0 || is_bracketed)
		return;
	gb_lex_host_read(gb_span_of(other, host.n + 1), false, &second);
	if (host.p[host.n - 1] != '.' && first.network > second.network)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct gb_span text = gb_span_of(data, n);
	size_t colon = gb_span_find_byte(text, ':', 0);
	struct gb_lex_url url;

	for (int with_scheme = 0; with_scheme < 2; with_scheme++) {
		if (with_scheme != 0 && colon == SIZE_MAX)
			break;
		gb_lex_url_cut(text, 0, with_scheme != 0 ? colon : 0, &url);
		check_within(text, url.scheme);
		check_within(text, url.userinfo);
		check_within(text, url.host);
		check_within(text, url.rest);
		if (url.length > n || url.port > 65535)
			abort();
		check_host(url.host, url.is_bracketed);
	}
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Open redirect: a query value or a request's path that is meant to look local, and that a browser takes for another
 * host. A plain https://… is no trick: whether it may be followed is the function's affair.
 */
#include "inspect/bytes.h"
#include "inspect/detect/detect.h"
#include "inspect/lex/url.h"

static bool is_slash(unsigned char c)
{
	return c == '/' || c == '\\';
}

/* A name with a top-level zone of letters, or an address. */
static bool is_host(const struct gb_lex_url *url)
{
	struct gb_lex_host host;
	size_t dot = gb_span_find_last_byte(url->host, '.');

	gb_lex_host_read(url->host, url->is_bracketed, &host);
	if (host.network != GB_NETWORK_NAME)
		return true;
	if (dot == SIZE_MAX || dot == 0 || url->host.n - dot < 3)
		return false;
	for (size_t i = dot + 1; i < url->host.n; i++)
		if (!gb_ascii_is_alpha(url->host.p[i]))
			return false;
	return true;
}

/* A parameter that says where to go next. */
static bool is_target(struct gb_span path)
{
	static const struct gb_span words[] = {{(const unsigned char *)"redir", 5},
	        {(const unsigned char *)"return", 6}, {(const unsigned char *)"next", 4},
	        {(const unsigned char *)"goto", 4}, {(const unsigned char *)"continue", 8}};
	size_t dot = gb_span_find_last_byte(path, '.');
	struct gb_span name = dot == SIZE_MAX ? path : gb_span_sub(path, dot + 1, SIZE_MAX);

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		for (size_t at = 0; at + words[i].n <= name.n; at++)
			if (gb_span_equal_nocase(gb_span_sub(name, at, words[i].n), words[i]))
				return true;
	return false;
}

bool gb_detect_redirect(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit)
{
	struct gb_span text = gb_span_trim(input->text);
	struct gb_lex_url url;
	size_t scheme_n = 0, at = 0;

	if ((input->origin != GB_ORIGIN_QUERY && input->origin != GB_ORIGIN_PATH) || text.n < 5)
		return false;
	if (gb_span_equal_nocase(gb_span_sub(text, 0, 5), GB_SPAN("http:")))
		scheme_n = 4;
	else if (gb_span_equal_nocase(gb_span_sub(text, 0, 6), GB_SPAN("https:")))
		scheme_n = 5;
	else if (!is_slash(text.p[0]))
		return false;
	/* Browsers drop tabs and line ends: /<tab>/host. */
	if (scheme_n == 0 && (text.p[1] == '\t' || text.p[1] == '\n' || text.p[1] == '\r') && is_slash(text.p[2]))
		at = 2;
	gb_lex_url_cut(text, at, scheme_n, &url);
	if (url.host.n == 0 || !is_host(&url))
		return false;
	if (scheme_n != 0 && url.slashes == 2 && !url.has_backslashes && input->is_strict && is_target(input->path)) {
		*ret_hit = (struct gb_detect_hit){
		        .reason = "redirect_absolute", .from = (size_t)(text.p - input->text.p), .length = url.length};
		return true;
	}
	if (scheme_n == 0 ? at == 0 && url.slashes < 2 : url.slashes == 2 && !url.has_backslashes)
		return false;
	*ret_hit = (struct gb_detect_hit){.reason = scheme_n == 0 ? "redirect_scheme_relative" : "redirect_odd_slashes",
	        .from = (size_t)(text.p - input->text.p),
	        .length = at + url.length};
	return true;
}

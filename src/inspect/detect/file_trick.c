/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a file function is tricked with beside a path: schemes that make it read something else, steps up with bytes between
 * that names lose, scripts fetched from elsewhere.
 */
#include "inspect/bytes.h"
#include "inspect/detect/file_known.h"
#include "inspect/lex/url.h"

#define S(text)                                                                                                        \
	{                                                                                                              \
		(const unsigned char *)(text), sizeof(text) - 1                                                        \
	}

/* Schemes that file functions of languages take for more than a file. */
static const struct gb_span wrappers[] = {S("php://"), S("rar://"), S("data:;base64,"), S("expect://"), S("phar://"),
        S("zip://"), S("zlib:"), S("glob://"), S("ogg://"), S("ssh2."), S("compress.zlib://"), S("compress.bzip2://"),
        S("data://text"), S("file://"), S("local_file:"), S("netdoc:"), S("jar:file:"), S("jar:http"),
        S("view-source:file")};

static bool find_wrapper(const struct gb_detect_input *input, struct gb_detect_hit *hit)
{
	struct gb_span text = input->text;

	for (size_t colon = gb_bytes_find(text, ':', 0); colon != SIZE_MAX;
	        colon = gb_bytes_find(text, ':', colon + 1)) {
		size_t start = colon;

		while (start > 0 && colon - start < 16 &&
		        (gb_ascii_is_alpha(text.p[start - 1]) || gb_ascii_is_digit(text.p[start - 1]) ||
		                text.p[start - 1] == '_' || text.p[start - 1] == '.' || text.p[start - 1] == '-'))
			start--;
		/* Numbers and http have colons behind them; no wrapper begins like these. */
		if (start < colon && (gb_ascii_is_digit(text.p[start]) || gb_ascii_lower(text.p[start]) == 'h'))
			continue;
		for (size_t i = 0; start < colon && i < sizeof(wrappers) / sizeof(wrappers[0]); i++) {
			struct gb_span wrapper = wrappers[i];

			if (gb_ascii_lower(text.p[start]) != wrapper.p[0] ||
			        !gb_span_equal_nocase(gb_span_sub(text, start, wrapper.n), wrapper))
				continue;
			if (start != 0 && text.p[start - 1] != '=' && text.p[start - 1] != ':')
				continue;
			*hit = (struct gb_detect_hit){.reason = "file_wrapper", .from = start, .length = wrapper.n};
			return true;
		}
	}
	return false;
}

/* Two dots and a slash with a byte between that names end at, or that is dropped: ..%00/ .%09./ */
static bool find_hidden_up(struct gb_span text, struct gb_detect_hit *hit)
{
	for (size_t dot = gb_bytes_find(text, '.', 0); dot != SIZE_MAX; dot = gb_bytes_find(text, '.', dot + 1)) {
		size_t at = dot + 1;
		unsigned controls = 0, dots = 1;

		while (at < text.n && at - dot < 8 && (text.p[at] < ' ' || (text.p[at] == '.' && dots < 2))) {
			controls += text.p[at] < ' ' && text.p[at] != '\n';
			dots += text.p[at] == '.';
			at++;
		}
		if (dots == 2 && controls > 0 && at < text.n && (text.p[at] == '/' || text.p[at] == '\\')) {
			*hit = (struct gb_detect_hit){
			        .reason = "path_traversal_hidden", .from = dot, .length = at + 1 - dot};
			return true;
		}
	}
	return false;
}

/* http://x/shell.txt? and the like: an address whose query, or a NUL, cuts off what the program appends. */
static bool find_remote(const struct gb_detect_input *input, struct gb_detect_hit *hit)
{
	struct gb_span text = input->text, head;
	size_t start = gb_bytes_find(text, '=', 0), colon, end = text.n, dot;

	if (end > 0 && text.p[end - 1] != '?' && text.p[end - 1] != 0)
		return false;
	while (end > 0 && (text.p[end - 1] == '?' || text.p[end - 1] == 0))
		end--;
	start = start == SIZE_MAX || start > 40 ? 0 : start + 1;
	head = gb_span_sub(text, start, 8);
	colon = gb_bytes_find(head, ':', 0);
	if (colon == SIZE_MAX || !gb_span_starts(gb_span_sub(head, colon, 3), GB_SPAN("://")) || end <= start + 10)
		return false;
	dot = gb_span_find_last_byte(gb_span_sub(text, 0, end), '.');
	if (dot == SIZE_MAX || end - dot > 6 || end - dot < 3 ||
	        gb_bytes_find(gb_span_sub(text, 0, dot), '/', start + colon + 3) == SIZE_MAX)
		return false;
	for (size_t i = dot + 1; i < end; i++)
		if (!gb_ascii_is_alpha(text.p[i]) && !gb_ascii_is_digit(text.p[i]))
			return false;
	*hit = (struct gb_detect_hit){.reason = "file_remote", .from = start, .length = text.n - start};
	return true;
}

/* ftp://203.0.113.9/x.txt, smb://u:p@x/y.php: a script or a text that a server of the caller's gives out. The web is
 * where honest texts are. */
static bool find_fetched(struct gb_span text, struct gb_detect_hit *hit)
{
	static const struct gb_span schemes[] = {S("ftp"), S("ftps"), S("smb"), S("dav"), S("webdav"), S("sftp")};
	static const struct gb_span endings[] = {
	        S(".php"), S(".phtml"), S(".php5"), S(".inc"), S(".asp"), S(".aspx"), S(".jsp"), S(".txt")};
	size_t scheme = gb_bytes_find_text(gb_span_sub(text, 0, 9), GB_SPAN("://"), 2);
	struct gb_lex_host host;
	struct gb_lex_url url;
	bool is_known = false;

	if (scheme == SIZE_MAX)
		return false;
	gb_lex_url_cut(text, 0, scheme, &url);
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		is_known |= gb_span_equal_nocase(url.scheme, schemes[i]);
	if (!is_known || url.length != text.n || url.host.n == 0)
		return false;
	gb_lex_host_read(url.host, url.is_bracketed, &host);
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		if (url.rest.n <= endings[i].n ||
		        !gb_span_equal_nocase(gb_span_sub(url.rest, url.rest.n - endings[i].n, SIZE_MAX), endings[i]))
			continue;
		if (host.network == GB_NETWORK_NAME && endings[i].p[1] == 't' && url.userinfo.n == 0)
			return false;
		*hit = (struct gb_detect_hit){.reason = "file_remote", .from = 0, .length = text.n};
		return true;
	}
	return false;
}

/* ..2f..2f: the percent sign lost on the way, or put back later. `.. \\.. \\`: blanks that Windows drops. */
static bool find_repeated_up(struct gb_span text, struct gb_detect_hit *hit)
{
	unsigned ups = 0;
	size_t first = 0;

	for (size_t at = gb_bytes_find_text(text, GB_SPAN(".."), 0); at != SIZE_MAX;
	        at = gb_bytes_find_text(text, GB_SPAN(".."), at + 2)) {
		struct gb_span rest = gb_span_sub(text, at + 2, 3);
		bool is_up = gb_span_equal_nocase(gb_span_sub(rest, 0, 2), GB_SPAN("2f")) ||
		             gb_span_equal_nocase(gb_span_sub(rest, 0, 2), GB_SPAN("5c")) ||
		             gb_span_equal(gb_span_sub(rest, 0, 2), GB_SPAN(" /")) ||
		             gb_span_equal(gb_span_sub(rest, 0, 2), GB_SPAN(" \\"));

		if (!is_up)
			continue;
		first = ups == 0 ? at : first;
		if (++ups < 2)
			continue;
		*hit = (struct gb_detect_hit){
		        .reason = "path_traversal_hidden", .from = first, .length = at + 4 - first};
		return true;
	}
	return false;
}

bool gb_detect_file_trick(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit)
{
	const uint32_t mask = input->mask;
	const bool has_colon = (mask & GB_BYTE_COLON) != 0;

	if (has_colon && (mask & (GB_BYTE_SPACE | GB_BYTE_NEWLINE)) == 0 && find_wrapper(input, ret_hit))
		return true;
	if ((mask & (GB_BYTE_CONTROL | GB_BYTE_NEWLINE | GB_BYTE_SPACE)) != 0 && (mask & GB_BYTE_DOT) != 0 &&
	        find_hidden_up(input->text, ret_hit))
		return true;
	if ((input->pairs & GB_PAIR_DOTS) != 0 && find_repeated_up(input->text, ret_hit))
		return true;
	return has_colon && (mask & GB_BYTE_SPACE) == 0 &&
	       (find_remote(input, ret_hit) || find_fetched(input->text, ret_hit));
}

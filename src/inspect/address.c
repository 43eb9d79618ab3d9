/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/detect/nosql.h"
#include "inspect/lex/url.h"
#include "inspect/value_bytes.h"

#define HOST_MAX  96u
#define VALUE_MAX 11u /* what is longer may be an encoding */

/* Bytes of ordinary addresses: 1 within the host too, 2 behind it only. */
static const unsigned char address_bytes[256] = {
        ['-' ... '.'] = 1, ['/'] = 2, ['0' ... '9'] = 1, ['A' ... 'Z'] = 1, ['_'] = 2, ['a' ... 'z'] = 1};

/* A word that begins at AT: a token's, or an object's. */
static bool is_odd_begin(struct gb_span text, size_t at)
{
	struct gb_span word = gb_span_sub(text, at, 8);

	return gb_span_starts(word, GB_SPAN("ey")) || gb_bytes_begin_object(word);
}

/* name=value&name=value: no name alone, which might be a command's, none that an element of HTML listens by. */
static bool is_query(struct gb_span text, size_t at)
{
	while (at < text.n) {
		size_t start = at;

		while (at < text.n && gb_byte_is_name[text.p[at]])
			at++;
		if (at == start || at - start > VALUE_MAX || at >= text.n || text.p[at] != '=' ||
		        !gb_ascii_is_alpha(text.p[start]) ||
		        gb_span_equal_nocase(gb_span_sub(text, start, 2), GB_SPAN("on")) ||
		        gb_detect_nosql_is_member(gb_span_sub(text, start, at - start), GB_SPAN_EMPTY, true))
			return false;
		start = ++at;
		/* Get-Item is none. */
		at = run(text, at, at < text.n && gb_ascii_is_digit(text.p[at]) ? ALNUM | HYPHEN | DOT : ALNUM);
		if (at - start > VALUE_MAX || (at > start && !gb_byte_is_name[text.p[start]]) ||
		        (at < text.n && text.p[at] != '&') || is_odd_begin(text, start))
			return false;
		at++;
	}
	return true;
}

/* Names as people give them: none hidden, no two signs side by side, no token. *RET_NAME begins the last one. Result: behind
 * the path, or SIZE_MAX. */
static size_t path_end(struct gb_span text, size_t at, size_t *ret_name)
{
	unsigned char before = 0;

	for (*ret_name = at; at < text.n && address_bytes[text.p[at]] != 0; before = text.p[at - 1]) {
		const unsigned char c = text.p[at];
		const bool is_word = (gb_value_kinds[c] & ALNUM) != 0;

		if (!is_word &&
		        (((c == '.' || c == '_') && before == '/') || (c == '/' && before == '.') || c == before))
			return SIZE_MAX;
		if (before == '/') {
			*ret_name = at;
			if (is_odd_begin(text, at))
				return SIZE_MAX;
		}
		at = is_word ? run(text, at, ALNUM) : at + 1;
	}
	return before == '.' ? SIZE_MAX : at;
}

/* Pictures, pages and styles, which no detector of files knows; a name without an ending that means nothing to a system. */
static bool is_ordinary_name(struct gb_span name)
{
	size_t dot;

	if (name.n != 0 && name.p[name.n - 1] == '/')
		name.n--;
	dot = gb_span_find_last_byte(name, '.');
	if (dot != SIZE_MAX)
		return gb_value_is_word(gb_span_sub(name, dot + 1, SIZE_MAX), GB_VALUE_PAGE);
	return !gb_value_is_word(name, GB_VALUE_TARGET);
}

static bool is_public(struct gb_span name)
{
	struct gb_lex_host host;

	if (gb_value_is_public_name(name))
		return true;
	gb_lex_host_read(name, false, &host);
	return host.network == GB_NETWORK_NAME && !host.is_odd && !host.is_embedded;
}

/* Members and numbers that code has: constructor. prototype. document. */
static bool has_code(struct gb_span text)
{
	for (size_t dot = gb_bytes_find(text, '.', 2); dot != SIZE_MAX; dot = gb_bytes_find(text, '.', dot + 1)) {
		const unsigned char last = text.p[dot - 1];

		if (last == '.' || (last == 'r' && text.p[dot - 2] == 'o') || (last == 'e' && text.p[dot - 2] == 'p') ||
		        (last == 't' && text.p[dot - 2] == 'n'))
			return true;
	}
	return gb_bytes_find_text(text, GB_SPAN("0x"), 0) != SIZE_MAX;
}

bool gb_value_is_address(struct gb_span text, uint32_t mask)
{
	size_t start = gb_span_starts(text, GB_SPAN("https://")) ? 8 : 7, at = start, name;
	struct gb_detect_input input = {.text = text, .mask = mask};
	struct gb_detect_hit hit;

	if (start == 7 && !gb_span_starts(text, GB_SPAN("http://")))
		return false;
	while (at < text.n && address_bytes[text.p[at]] == 1)
		at++;
	if (at == start || at > HOST_MAX || text.p[start] == '.' || !gb_byte_is_name[text.p[at - 1]] ||
	        (at < text.n && text.p[at] != '/') || !is_public(gb_span_sub(text, start, at - start)))
		return false;
	at = path_end(text, at, &name);
	if (at == SIZE_MAX || (at < text.n && (text.p[at] != '?' || at + 1 == text.n || !is_query(text, at + 1))))
		return false;
	if (has_code(text))
		return false;
	if (is_ordinary_name(gb_span_sub(text, name, at - name)))
		return true;
	input.pairs = gb_bytes_pairs(text);
	return !gb_detect_file(&input, &hit);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "web/message.h"

#include "base/ip.h"
#include "wire/json.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

struct gb_span gb_web_request_header(const struct gb_web_request *request, const char *name)
{
	for (size_t i = 0; i < request->header_count; i++)
		if (gb_span_equal_nocase(request->headers[i].name, gb_span_cstr(name)))
			return request->headers[i].value;
	return GB_SPAN_EMPTY;
}

/* What stands before the next END in *REST, which is then what stands behind it. */
static struct gb_span take_until(struct gb_span *rest, unsigned char end)
{
	size_t at = gb_span_find_byte(*rest, end, 0);
	struct gb_span part = gb_span_sub(*rest, 0, at);

	*rest = at == SIZE_MAX ? GB_SPAN_EMPTY : gb_span_sub(*rest, at + 1, SIZE_MAX);
	return part;
}

int gb_web_request_query(
        const struct gb_web_request *request, const char *name, struct gb_span *ret_value, bool *ret_is_there)
{
	struct gb_span rest = request->query, wanted = gb_span_cstr(name);

	*ret_value = GB_SPAN_EMPTY;
	if (ret_is_there != NULL)
		*ret_is_there = false;
	while (rest.n > 0) {
		struct gb_span value = take_until(&rest, '&');
		struct gb_span raw = take_until(&value, '='), key;
		int r = gb_web_decode(request->arena, raw, true, &key);

		if (r < 0)
			return r;
		if (!gb_span_equal(key, wanted))
			continue;
		if (ret_is_there != NULL)
			*ret_is_there = true;
		return gb_web_decode(request->arena, value, true, ret_value);
	}
	return 0;
}

struct gb_span gb_web_request_cookie(const struct gb_web_request *request, const char *name)
{
	struct gb_span rest = gb_web_request_header(request, "cookie"), wanted = gb_span_cstr(name);

	while (rest.n > 0) {
		struct gb_span value = gb_span_trim(take_until(&rest, ';'));
		struct gb_span key = take_until(&value, '=');

		if (gb_span_equal(key, wanted))
			return value;
	}
	return GB_SPAN_EMPTY;
}

static int hex_value(unsigned char c)
{
	if (gb_ascii_is_digit(c))
		return c - '0';
	c = gb_ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool gb_web_is_utf8(struct gb_span s)
{
	bool is_valid = true;

	for (size_t at = 0; at < s.n && is_valid;)
		at += gb_json_character(gb_span_sub(s, at, SIZE_MAX), &is_valid);
	return is_valid;
}

int gb_web_decode(struct gb_arena *arena, struct gb_span text, bool is_form, struct gb_span *ret_decoded)
{
	unsigned char *to = gb_arena_take(arena, text.n + 1);
	size_t n = 0;

	if (to == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = text.p[i];

		if (c == '%') {
			int high = i + 2 < text.n ? hex_value(text.p[i + 1]) : -1;
			int low = i + 2 < text.n ? hex_value(text.p[i + 2]) : -1;

			if (high < 0 || low < 0)
				return -EINVAL;
			c = (unsigned char)(high << 4 | low);
			i += 2;
		} else if (c == '+' && is_form) {
			c = ' ';
		}
		if (c == '\0')
			return -EINVAL;
		to[n++] = c;
	}
	if (!gb_web_is_utf8(gb_span_of(to, n)))
		return -EINVAL;
	*ret_decoded = gb_span_of(to, n);
	return 0;
}

/* One byte of PATH at *AT, decoded; -1 for what may not stand in a path. */
static int path_byte(struct gb_span path, size_t *at)
{
	unsigned char c = path.p[*at];
	int high, low;

	(*at)++;
	if (c != '%')
		return c > ' ' && c < 0x7f && c != '\\' && c != '"' && c != '<' && c != '>' && c != '#' ? c : -1;
	if (path.n - *at < 2)
		return -1;
	high = hex_value(path.p[*at]);
	low = hex_value(path.p[*at + 1]);
	*at += 2;
	if (high < 0 || low < 0)
		return -1;
	c = (unsigned char)(high << 4 | low);
	return c < ' ' || c == 0x7f || c == '/' || c == '\\' ? -1 : c;
}

bool gb_web_path_check(struct gb_span path)
{
	unsigned char decoded[GB_WEB_TARGET_MAX];
	size_t n = 0, dots = 0, length = 0; /* of the segment so far; dots only while it is nothing else */

	if (path.n == 0 || path.n > sizeof(decoded) || path.p[0] != '/')
		return false;
	for (size_t at = 1; at < path.n;) {
		bool is_end = path.p[at] == '/';
		int c = path_byte(path, &at);

		if (c < 0)
			return false;
		decoded[n++] = (unsigned char)c;
		if (!is_end) {
			dots += c == '.' && dots == length;
			length++;
			continue;
		}
		if (length == 0 || (dots == length && dots <= 2))
			return false;
		dots = length = 0;
	}
	return !(length > 0 && dots == length && dots <= 2) && gb_web_is_utf8(gb_span_of(decoded, n));
}

void gb_web_address_text(const unsigned char address[16], char ret_text[GB_WEB_ADDRESS_CHARS])
{
	bool is_v4 = gb_ip_is_v4(address);

	if (inet_ntop(is_v4 ? AF_INET : AF_INET6, is_v4 ? address + 12 : address, ret_text, GB_WEB_ADDRESS_CHARS) ==
	        NULL)
		ret_text[0] = '\0';
}

int gb_web_answer_header(struct gb_web_answer *answer, struct gb_arena *arena, const char *name, struct gb_span value)
{
	unsigned char *copy;

	if (answer->header_count == GB_WEB_ANSWER_HEADERS_MAX)
		return -EINVAL;
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] < ' ' || value.p[i] == 0x7f)
			return -EINVAL;
	copy = gb_arena_take(arena, value.n + 1);
	if (copy == NULL)
		return -ENOMEM;
	if (value.n > 0)
		memcpy(copy, value.p, value.n);
	answer->headers[answer->header_count++] = (struct gb_web_header){gb_span_cstr(name), gb_span_of(copy, value.n)};
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/value_bytes.h"

#include "inspect/decode/decode.h"
#include "inspect/detect/detect.h"
#include "inspect/lex/sql_words.h"
#include "inspect/lex/url.h"

#define LABEL_MAX  40u
#define HOST_MAX   120u
#define MAIL_MAX   64u
#define ROUTE_MAX  64u /* what is longer may be an encoding */
#define DIGITS_MAX 32u /* of base64, that tell text from noise */

const unsigned char gb_value_kinds[256] = {
        ['-'] = HYPHEN, ['.'] = DOT, ['0' ... '9'] = DIGIT, ['A' ... 'Z'] = UPPER, ['_'] = LOW, ['a' ... 'z'] = LOWER};

bool gb_value_is_among(struct gb_span word, const char *list)
{
	for (const char *name = list; *name != 0;) {
		size_t n = 0;

		while (name[n] != ' ' && name[n] != 0)
			n++;
		if (n == word.n && (word.p[0] | 0x20) == (unsigned char)name[0] &&
		        gb_span_equal_nocase(word, gb_span_of(name, n)))
			return true;
		name += n + (name[n] == ' ');
	}
	return false;
}

/* Labels of letters, digits and single hyphens within, from AT on; *RET_LAST begins the last one, *RET_KINDS are the kinds
 * of their bytes. Result: behind them, or AT when there are fewer than two. */
static size_t labels_end(struct gb_span text, size_t at, size_t *ret_last, unsigned *ret_kinds)
{
	size_t start = at, from = at, count = 0;
	unsigned kinds = 0, kind;

	for (*ret_kinds = 0;; *ret_kinds |= kinds) {
		size_t end = from;

		while (end < text.n && (((kind = gb_value_kinds[text.p[end]]) & ALNUM) != 0 ||
		                               ((kind & HYPHEN) != 0 && end > from && end + 1 < text.n &&
		                                       (gb_value_kinds[text.p[end + 1]] & ALNUM) != 0))) {
			kinds |= kind;
			end++;
		}
		if (end == from || end - from > LABEL_MAX)
			return start;
		count++;
		*ret_last = from;
		if (!is_at(text, end, '.')) {
			*ret_kinds |= kinds;
			return count > 1 ? end : start;
		}
		from = end + 1;
	}
}

bool gb_value_is_public_name(struct gb_span host)
{
	unsigned kinds;
	size_t last = 0, end = labels_end(host, 0, &last, &kinds);

	/* org.example.Class is a name of code. Addresses in disguise have digits, and zones that lead back are known by
	 * their letters. */
	if (end != host.n || end == 0 || host.n > HOST_MAX || (kinds & DIGIT) != 0 ||
	        (gb_value_kinds[host.p[last]] & LOWER) == 0 ||
	        !gb_value_is_word(gb_span_sub(host, last, SIZE_MAX), GB_VALUE_ZONE))
		return false;
	/* xip.io and its like read addresses out of names. */
	if (gb_span_ends(host, GB_SPAN("ip.io")))
		return false;
	return ((host.p[0] | 0x20) != 'm' || !gb_span_equal_nocase(gb_span_sub(host, 0, 8), GB_SPAN("metadata"))) &&
	       !(host.n >= 13 && (host.p[host.n - 13] | 0x20) == 'l' &&
	               gb_span_equal_nocase(gb_span_sub(host, host.n - 13, 13), GB_SPAN("lacolhost.com")));
}

bool gb_value_begins_code(struct gb_span text)
{
	size_t end = run(text, 0, LETTER);

	return gb_bytes_begin_object(text) || gb_span_starts(text, GB_SPAN("ey")) ||
	       gb_value_is_word(gb_span_sub(text, 0, end), GB_VALUE_CODE);
}

bool gb_value_is_host(struct gb_span text)
{
	return gb_value_is_public_name(text) && !gb_value_begins_code(text);
}

bool gb_value_is_number_address(struct gb_span text)
{
	struct gb_lex_host host;

	if (text.n > 15 || run(text, 0, DIGIT | DOT) != text.n || !gb_ascii_is_digit(text.p[0]))
		return false;
	gb_lex_host_read(text, false, &host);
	return (host.network == GB_NETWORK_PUBLIC || host.network == GB_NETWORK_PRIVATE) && !host.is_odd &&
	       !host.is_embedded;
}

bool gb_value_is_mail(struct gb_span text)
{
	unsigned kinds;
	size_t end = 0, at = run(text, 0, ALNUM | DOT | LOW | HYPHEN), last;

	if (at == 0 || at > MAIL_MAX || gb_bytes_find_text(text, GB_SPAN("constructor"), 0) != SIZE_MAX ||
	        !is_at(text, at, '@') || (gb_value_kinds[text.p[0]] & ALNUM) == 0 ||
	        (gb_value_kinds[text.p[at - 1]] & ALNUM) == 0 || gb_value_begins_code(text))
		return false;
	for (size_t i = 1; i < at; i++)
		if ((gb_value_kinds[text.p[i]] & ALNUM) == 0 && (gb_value_kinds[text.p[i - 1]] & ALNUM) == 0)
			return false;
	end = labels_end(text, at + 1, &last, &kinds);
	return !gb_bytes_begin_object(gb_span_sub(text, at + 1, SIZE_MAX)) && end == text.n && end > at + 1 &&
	       gb_value_is_word(gb_span_sub(text, last, SIZE_MAX), GB_VALUE_ZONE);
}

bool gb_value_is_statement(struct gb_span word)
{
	switch ((int)gb_sql_word_of(word)) {
	case GB_SQL_SELECT:
	case GB_SQL_UNION:
	case GB_SQL_EXECUTE:
	case GB_SQL_DECLARE:
	case GB_SQL_WAITFOR:
	case GB_SQL_DANGER:
	case GB_SQL_CATALOG:
	case GB_SQL_DROP:
	case GB_SQL_INSERT:
	case GB_SQL_UPDATE:
	case GB_SQL_DELETE:
	case GB_SQL_SET:
	case GB_SQL_BEGIN:
	case GB_SQL_SHUTDOWN:
	case GB_SQL_STATEMENT: return true;
	default: return false;
	}
}

/* Whole groups of base64's digits decode as they do within the whole word. */
bool gb_value_is_encoded(struct gb_span text)
{
	unsigned char out[ROUTE_MAX];

	return gb_decode_base64(gb_span_sub(text, 0, DIGITS_MAX), out) != SIZE_MAX ||
	       gb_decode_hex(text, out) != SIZE_MAX;
}

bool gb_value_is_route(struct gb_span text)
{
	size_t at = run(text, 0, UPPER), segments = 0;
	const bool has_method = at != 0;

	if (text.n > ROUTE_MAX || gb_bytes_find_text(text, GB_SPAN("0x"), 0) != SIZE_MAX)
		return false;
	if (at != 0) {
		if (!gb_value_is_among(gb_span_sub(text, 0, at), "get post put delete patch options any") ||
		        !is_at(text, at, ' '))
			return false;
		at++;
	}
	while (is_at(text, at, '/')) {
		size_t end = run(text, at + 1, ALNUM | HYPHEN);
		struct gb_span segment = gb_span_sub(text, at + 1, end - at - 1);

		if (segment.n == 0 || (gb_value_kinds[segment.p[0]] & ALNUM) == 0 ||
		        gb_value_is_word(segment, segments == 0 ? GB_VALUE_TARGET | GB_VALUE_ROOT : GB_VALUE_TARGET))
			return false;
		if (has_method && gb_value_is_statement(gb_span_sub(segment, 0, run(segment, 0, LETTER))))
			return false;
		segments++;
		at = end;
		if (at == text.n)
			return !gb_detect_is_command(segment) && !gb_value_is_encoded(text);
	}
	return false;
}

/* 2026-03-12T19:03:58.000Z */
static bool is_iso_time(struct gb_span text)
{
	if (text.n < 10 || text.n > 32 || text.p[4] != '-' || text.p[7] != '-')
		return false;
	for (size_t at = 0; at < text.n; at++) {
		unsigned char c = text.p[at];

		if (!gb_ascii_is_digit(c) && c != '-' && c != ':' && (at < 10 || (c != 'T' && c != 'Z' && c != '.')))
			return false;
	}
	return true;
}

bool gb_value_is_time(struct gb_span text)
{
	static const char log_time[] = "00/Aaa/0000:00:00:00 +0000";

	if (text.n != sizeof(log_time) - 1)
		return is_iso_time(text);
	for (size_t i = 0; i < text.n; i++) {
		const unsigned char c = text.p[i];

		if (log_time[i] == '0'                             ? !gb_ascii_is_digit(c)
		        : log_time[i] == 'A' || log_time[i] == 'a' ? !gb_ascii_is_alpha(c)
		        : log_time[i] == '+'                       ? c != '+' && c != '-'
		                                                   : c != (unsigned char)log_time[i])
			return is_iso_time(text);
	}
	return gb_value_is_among(gb_span_sub(text, 3, 3), "jan feb mar apr may jun jul aug sep oct nov dec");
}

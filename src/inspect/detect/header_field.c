/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fields of heads: names that nothing but a protocol has, and names that are words of notes as well (`Host: Anna`), which
 * count when their value is of the field's own grammar (RFC 9110, 9111, 5322).
 */
#include "inspect/bytes.h"
#include "inspect/detect/header.h"

enum value {
	VALUE_ANY = 0, /* the name alone tells */
	VALUE_MAILBOX, /* a@b */
	VALUE_HOST,    /* a.b, a:1, localhost */
	VALUE_ADDRESS, /* /a, a:// */
	VALUE_PAIR,    /* a=b */
	VALUE_NUMBER,
	VALUE_WORD, /* one of the words behind the name */
	VALUE_TYPE, /* a/b */
	VALUE_LINK, /* <… */
};

static const struct field {
	const char *name, *words;
	enum value value;
} fields[] = {{"accept", "", VALUE_TYPE}, {"allow", " GET POST HEAD PUT OPTIONS ", VALUE_WORD},
        {"authorization", "", VALUE_ANY}, {"bcc", "", VALUE_ANY}, {"cc", "", VALUE_MAILBOX},
        {"connection", " close keep-alive upgrade ", VALUE_WORD}, {"cookie", "", VALUE_PAIR}, {"etag", "", VALUE_ANY},
        {"expect", " 100-continue ", VALUE_WORD}, {"forwarded", "", VALUE_PAIR}, {"from", "", VALUE_MAILBOX},
        {"host", "", VALUE_HOST}, {"link", "", VALUE_LINK}, {"location", "", VALUE_ADDRESS},
        {"origin", "", VALUE_ADDRESS}, {"pragma", " no-cache ", VALUE_WORD}, {"proxy", "", VALUE_ADDRESS},
        {"range", "", VALUE_PAIR}, {"referer", "", VALUE_ANY}, {"refresh", "", VALUE_NUMBER},
        {"server", " Apache nginx Microsoft-IIS ", VALUE_WORD}, {"status", "", VALUE_NUMBER},
        {"subject", "", VALUE_ANY}, {"te", " trailers chunked gzip deflate ", VALUE_WORD}, {"to", "", VALUE_MAILBOX},
        {"trailer", "", VALUE_ANY}, {"upgrade", " h2c websocket ", VALUE_WORD},
        {"vary", " * accept accept-encoding cookie origin user-agent ", VALUE_WORD}, {"via", "", VALUE_NUMBER}};

/* Parts of names that are put together, as notes do not. */
static const char *const beginnings[] = {"accept-", "access-control-", "alt-", "cache-", "clear-site-", "content-",
        "cross-origin-", "disposition-", "feature-", "if-", "keep-", "last-", "max-", "mime-", "permissions-", "proxy-",
        "public-key-", "referrer-", "reply-", "report-", "retry-", "return-", "sec-", "set-cookie", "strict-",
        "transfer-", "upgrade-", "user-agent", "www-", "x-"};

static bool has_word(struct gb_span value, const char *words)
{
	struct gb_span list = gb_span_cstr(words);
	size_t n = 0;

	while (n < value.n && !gb_ascii_is_space(value.p[n]) && value.p[n] != ',' && value.p[n] != ';' &&
	        value.p[n] != '/')
		n++;
	for (size_t at = 0; n != 0 && at + n + 1 < list.n; at++)
		if (list.p[at] == ' ' && list.p[at + 1 + n] == ' ' &&
		        gb_span_equal_nocase(gb_span_sub(list, at + 1, n), gb_span_sub(value, 0, n)))
			return true;
	return false;
}

static bool is_of(struct gb_span value, const struct field *field)
{
	const bool has_blank = gb_bytes_find(value, ' ', 0) != SIZE_MAX;

	switch (field->value) {
	case VALUE_ANY: return true;
	case VALUE_MAILBOX: return gb_bytes_find(value, '@', 1) != SIZE_MAX;
	case VALUE_HOST:
		return !has_blank &&
		       (gb_bytes_find(value, '.', 1) != SIZE_MAX || gb_bytes_find(value, ':', 1) != SIZE_MAX ||
		               gb_span_equal_nocase(value, GB_SPAN("localhost")) || value.n <= 2);
	case VALUE_ADDRESS:
		return value.n != 0 && (value.p[0] == '/' || gb_bytes_find_text(value, GB_SPAN(":/"), 1) != SIZE_MAX ||
		                               (!has_blank && gb_bytes_find(value, ':', 1) != SIZE_MAX));
	case VALUE_PAIR: return gb_bytes_find(value, '=', 1) != SIZE_MAX;
	case VALUE_NUMBER: return value.n != 0 && gb_ascii_is_digit(value.p[0]);
	case VALUE_WORD: return has_word(value, field->words);
	case VALUE_TYPE: return gb_bytes_find(value, '/', 1) != SIZE_MAX;
	case VALUE_LINK: return value.n != 0 && value.p[0] == '<';
	}
	return false;
}

bool gb_header_is_field(struct gb_span line)
{
	struct gb_span name, value;
	size_t n = 0, colon, dash;

	while (n < line.n &&
	        (gb_ascii_is_alpha(line.p[n]) || gb_ascii_is_digit(line.p[n]) || line.p[n] == '-' || line.p[n] == '_'))
		n++;
	/* Blanks before the colon: some readers take them, and that is why they are sent. */
	for (colon = n; colon < line.n && (line.p[colon] == ' ' || line.p[colon] == '\t');)
		colon++;
	if (n < 2 || colon >= line.n || line.p[colon] != ':')
		return false;
	name = gb_span_sub(line, 0, n);
	value = gb_span_trim(gb_span_sub(line, colon + 1, SIZE_MAX));
	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
		if (gb_span_equal_nocase(
		            gb_span_sub(name, 0, gb_span_cstr(beginnings[i]).n), gb_span_cstr(beginnings[i])) &&
		        (name.n > gb_span_cstr(beginnings[i]).n || name.p[name.n - 1] != '-'))
			return true;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (gb_span_equal_nocase(name, gb_span_cstr(fields[i].name)))
			return is_of(value, &fields[i]);
	/* Any-Thing: a name of one's own, each part with its capital. */
	dash = gb_bytes_find(name, '-', 1);
	return n > 4 && colon == n && n + 1 < line.n && line.p[n + 1] == ' ' && line.p[0] >= 'A' && line.p[0] <= 'Z' &&
	       dash != SIZE_MAX && line.p[dash + 1] >= 'A' && line.p[dash + 1] <= 'Z';
}

bool gb_header_is_protocol(struct gb_span line)
{
	static const struct field strong[] = {{"bcc", "", VALUE_MAILBOX}, {"content-type", "", VALUE_TYPE},
	        {"mime-version", "", VALUE_NUMBER}, {"content-transfer-encoding", "", VALUE_ANY},
	        {"content-length", "", VALUE_NUMBER}, {"transfer-encoding", "", VALUE_ANY},
	        {"set-cookie", "", VALUE_PAIR}, {"location", "", VALUE_ADDRESS}, {"reply-to", "", VALUE_MAILBOX}};
	const size_t colon = gb_bytes_find(line, ':', 0);

	for (size_t i = 0; colon != SIZE_MAX && i < sizeof(strong) / sizeof(strong[0]); i++)
		if (gb_span_equal_nocase(gb_span_trim(gb_span_sub(line, 0, colon)), gb_span_cstr(strong[i].name)))
			return is_of(gb_span_trim(gb_span_sub(line, colon + 1, SIZE_MAX)), &strong[i]);
	return false;
}

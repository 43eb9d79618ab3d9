/* SPDX-License-Identifier: Apache-2.0 */
/* Encodings that frameworks and applications undo, as the tests put them around a text. */
#ifndef GB_TEST_INSPECT_WRAPPING_H
#define GB_TEST_INSPECT_WRAPPING_H

#include "base/span.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A text that grows; aborts when there is no memory. */
struct wrapped {
	unsigned char *p;
	size_t n, room;
};

static inline void wrapped_add(struct wrapped *out, const void *p, size_t n)
{
	if (n == 0)
		return;
	if (out->room - out->n < n) {
		out->room = (out->room + n) * 2;
		out->p = realloc(out->p, out->room);
		if (out->p == NULL)
			abort();
	}
	memcpy(out->p + out->n, p, n);
	out->n += n;
}

static inline void wrapped_text(struct wrapped *out, const char *text)
{
	wrapped_add(out, text, strlen(text));
}

/* How a byte is written as a number. */
struct spelling {
	const char *before;
	unsigned base, digits; /* at least */
	const char *behind;
};

static inline void wrapped_number(struct wrapped *out, const struct spelling *spelling, unsigned value)
{
	char digits[16];
	size_t at = sizeof(digits);

	while (value != 0 || sizeof(digits) - at < spelling->digits) {
		digits[--at] = "0123456789abcdef"[value % spelling->base];
		value /= spelling->base;
	}
	wrapped_text(out, spelling->before);
	wrapped_add(out, digits + at, sizeof(digits) - at);
	wrapped_text(out, spelling->behind);
}

static inline bool is_word_byte(unsigned char c)
{
	return gb_ascii_is_alpha(c) || gb_ascii_is_digit(c);
}

static const struct spelling percent = {"%", 16, 2, ""};
static const struct spelling escape = {"\\u", 16, 4, ""};

/* Bytes that are no words in SPELLING, or all of them. */
static inline void wrap_bytes(struct gb_span in, struct wrapped *out, const struct spelling *spelling, bool is_all)
{
	for (size_t i = 0; i < in.n; i++) {
		if (is_all || !is_word_byte(in.p[i]))
			wrapped_number(out, spelling, in.p[i]);
		else
			wrapped_add(out, &in.p[i], 1);
	}
}

static inline void wrap_percent(struct gb_span in, struct wrapped *out)
{
	wrap_bytes(in, out, &percent, false);
}

static inline void wrap_percent_all(struct gb_span in, struct wrapped *out)
{
	wrap_bytes(in, out, &percent, true);
}

static inline void wrap_percent_unicode(struct gb_span in, struct wrapped *out)
{
	static const struct spelling wide = {"%u", 16, 4, ""};

	for (size_t i = 0; i < in.n; i++)
		wrapped_number(out, in.p[i] < 0x80 ? &wide : &percent, in.p[i]);
}

static inline void wrap_entities(struct gb_span in, struct wrapped *out)
{
	for (size_t i = 0; i < in.n; i++)
		if (in.p[i] < 0x80 && !is_word_byte(in.p[i]))
			wrapped_number(out, &(struct spelling){"&#", 10, 7, ";"}, in.p[i]);
		else
			wrapped_add(out, &in.p[i], 1);
}

static inline void wrap_entities_hexadecimal(struct gb_span in, struct wrapped *out)
{
	for (size_t i = 0; i < in.n; i++)
		if (in.p[i] < 0x80)
			wrapped_number(out, &(struct spelling){"&#x", 16, 2, ";"}, in.p[i]);
		else
			wrapped_add(out, &in.p[i], 1);
}

static inline void wrap_escapes(struct gb_span in, struct wrapped *out)
{
	for (size_t i = 0; i < in.n; i++)
		if (in.p[i] < 0x80)
			wrapped_number(out, &escape, in.p[i]);
		else
			wrapped_add(out, &in.p[i], 1);
}

static inline void wrap_escapes_hexadecimal(struct gb_span in, struct wrapped *out)
{
	wrap_bytes(in, out, &(struct spelling){"\\x", 16, 2, ""}, true);
}

static inline void wrap_escapes_octal(struct gb_span in, struct wrapped *out)
{
	wrap_bytes(in, out, &(struct spelling){"\\", 8, 3, ""}, true);
}

static inline void wrap_hexadecimal(struct gb_span in, struct wrapped *out)
{
	wrap_bytes(in, out, &(struct spelling){"", 16, 2, ""}, true);
}

static inline void add_base64(struct gb_span in, struct wrapped *out, const char *last, size_t line)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

	for (size_t i = 0; i < in.n; i += 3) {
		uint32_t bits = (uint32_t)in.p[i] << 16 | (i + 1 < in.n ? (uint32_t)in.p[i + 1] << 8 : 0) |
		                (i + 2 < in.n ? in.p[i + 2] : 0);

		if (line != 0 && i != 0 && i % line == 0)
			wrapped_text(out, "\r\n");
		for (unsigned d = 0; d < 4; d++) {
			unsigned value = bits >> (18 - 6 * d) & 63;
			char c = value < 62 ? digits[value] : last[value - 62];

			if (i + d <= in.n)
				wrapped_add(out, &c, 1);
			else if (last[2] == '=')
				wrapped_text(out, "=");
		}
	}
}

static inline void wrap_base64(struct gb_span in, struct wrapped *out)
{
	add_base64(in, out, "+/=", 0);
}

static inline void wrap_base64_address(struct gb_span in, struct wrapped *out)
{
	add_base64(in, out, "-_", 0);
}

static inline void wrap_base64_lines(struct gb_span in, struct wrapped *out)
{
	add_base64(in, out, "+/=", 57);
}

static inline void wrapped_unit(struct wrapped *out, uint32_t unit)
{
	wrapped_add(out, (const unsigned char[]){(unsigned char)unit, (unsigned char)(unit >> 8)}, 2);
}

static inline void wrap_utf16(struct gb_span in, struct wrapped *out)
{
	struct wrapped wide = {0};

	wrapped_add(&wide, "\xff\xfe", 2);
	for (size_t i = 0; i < in.n; i++) {
		unsigned length = in.p[i] >= 0xf0 ? 4 : in.p[i] >= 0xe0 ? 3 : in.p[i] >= 0xc0 ? 2 : 1;
		uint32_t code = length == 1 ? in.p[i] : in.p[i] & (0x7fu >> length);

		for (unsigned tail = 1; tail < length && i + 1 < in.n; tail++)
			code = code << 6 | (in.p[++i] & 63);
		if (code >= 0x10000) {
			code -= 0x10000;
			wrapped_unit(&wide, 0xd800 + (code >> 10));
			code = 0xdc00 + (code & 0x3ff);
		}
		wrapped_unit(&wide, code);
	}
	add_base64(gb_span_of(wide.p, wide.n), out, "+/=", 0);
	free(wide.p);
}

/* One stored block in a gzip member, in base64. */
static inline void wrap_gzip(struct gb_span in, struct wrapped *out)
{
	static const unsigned char head[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1};
	struct wrapped packed = {0};
	unsigned char length[4] = {(unsigned char)in.n, (unsigned char)(in.n >> 8)};

	length[2] = (unsigned char)~length[0];
	length[3] = (unsigned char)~length[1];
	wrapped_add(&packed, head, sizeof(head));
	wrapped_add(&packed, length, 4);
	wrapped_add(&packed, in.p, in.n);
	wrapped_add(&packed, "\0\0\0\0\0\0\0\0", 8);
	add_base64(gb_span_of(packed.p, packed.n), out, "+/=", 0);
	free(packed.p);
}

static inline void wrap_json(struct gb_span in, struct wrapped *out)
{
	wrapped_text(out, "{\"id\":7,\"note\":\"");
	for (size_t i = 0; i < in.n; i++) {
		if (in.p[i] < 0x20)
			wrapped_number(out, &escape, in.p[i]);
		else if (in.p[i] == '"' || in.p[i] == '\\')
			wrapped_add(out, (const char[]){'\\', (char)in.p[i]}, 2);
		else
			wrapped_add(out, &in.p[i], 1);
	}
	wrapped_text(out, "\"}");
}

static inline void wrap_numbers(struct gb_span in, struct wrapped *out)
{
	for (size_t i = 0; i < in.n; i++)
		wrapped_number(out, &(struct spelling){i == 0 ? "{\"data\":[" : ", ", 10, 1, ""}, in.p[i]);
	wrapped_text(out, "]}");
}

static inline void wrap_form(struct gb_span in, struct wrapped *out)
{
	wrapped_text(out, "id=7&note=");
	for (size_t i = 0; i < in.n; i++)
		if (in.p[i] == ' ')
			wrapped_text(out, "+");
		else
			wrap_bytes(gb_span_of(&in.p[i], 1), out, &percent, false);
	wrapped_text(out, "&page=2");
}

static inline void wrap_address(struct gb_span in, struct wrapped *out)
{
	wrapped_text(out, "https://shop.example.com/list?sort=name&q=");
	wrap_percent(in, out);
}

static inline void wrap_multipart(struct gb_span in, struct wrapped *out)
{
	wrapped_text(out, "--b7\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\n");
	wrapped_add(out, in.p, in.n);
	wrapped_text(out, "\r\n--b7--\r\n");
}

static inline void add_markup(struct gb_span in, struct wrapped *out)
{
	for (size_t i = 0; i < in.n; i++)
		if (in.p[i] == '<' || in.p[i] == '&' || in.p[i] == '"' || in.p[i] == '>')
			wrapped_number(out, &(struct spelling){"&#", 10, 1, ";"}, in.p[i]);
		else
			wrapped_add(out, &in.p[i], 1);
}

static inline void wrap_xml_text(struct gb_span in, struct wrapped *out)
{
	wrapped_text(out, "<?xml version=\"1.0\"?>\n<order><id>7</id><remark>");
	add_markup(in, out);
	wrapped_text(out, "</remark></order>");
}

static inline void wrap_xml_attribute(struct gb_span in, struct wrapped *out)
{
	wrapped_text(out, "<order><entry id=\"7\" remark=\"");
	add_markup(in, out);
	wrapped_text(out, "\"/></order>");
}

static inline void wrap_xml_data(struct gb_span in, struct wrapped *out)
{
	wrapped_text(out, "<order><remark><![CDATA[");
	wrapped_add(out, in.p, in.n);
	wrapped_text(out, "]]></remark></order>");
}

static inline void wrap_full_width(struct gb_span in, struct wrapped *out)
{
	for (size_t i = 0; i < in.n; i++) {
		unsigned code = 0xff00u + in.p[i] - 0x20;
		const unsigned char wide[3] = {
		        0xef, (unsigned char)(0x80 | (code >> 6 & 0x3f)), (unsigned char)(0x80 | (code & 0x3f))};

		if (in.p[i] > ' ' && in.p[i] < 0x7f)
			wrapped_add(out, wide, 3);
		else
			wrapped_add(out, &in.p[i], 1);
	}
}

struct wrapping {
	const char *name;
	void (*wrap)(struct gb_span in, struct wrapped *out);
};

static const struct wrapping wrappings[] = {
        {"percent", wrap_percent},
        {"percent, all bytes", wrap_percent_all},
        {"percent u", wrap_percent_unicode},
        {"entities", wrap_entities},
        {"entities, hexadecimal", wrap_entities_hexadecimal},
        {"escapes", wrap_escapes},
        {"escapes, hexadecimal", wrap_escapes_hexadecimal},
        {"escapes, octal", wrap_escapes_octal},
        {"hexadecimal", wrap_hexadecimal},
        {"base64", wrap_base64},
        {"base64 for addresses", wrap_base64_address},
        {"base64 in lines", wrap_base64_lines},
        {"UTF-16", wrap_utf16},
        {"gzip", wrap_gzip},
        {"JSON", wrap_json},
        {"numbers", wrap_numbers},
        {"form", wrap_form},
        {"address", wrap_address},
        {"multipart", wrap_multipart},
        {"XML text", wrap_xml_text},
        {"XML attribute", wrap_xml_attribute},
        {"XML CDATA", wrap_xml_data},
        {"full width", wrap_full_width},
};

#define WRAPPING_COUNT (sizeof(wrappings) / sizeof(wrappings[0]))

#endif

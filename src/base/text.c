/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

void gb_text_add(struct gb_text *text, struct gb_span s)
{
	if (text->truncated || s.n > text->cap - text->n) {
		text->truncated = true;
		return;
	}
	if (s.n != 0)
		__builtin_memcpy(text->p + text->n, s.p, s.n);
	text->n += s.n;
}

void gb_text_add_cstr(struct gb_text *text, const char *s)
{
	gb_text_add(text, gb_span_cstr(s));
}

void gb_text_add_byte(struct gb_text *text, unsigned char c)
{
	gb_text_add(text, gb_span_of(&c, 1));
}

void gb_text_add_u64(struct gb_text *text, uint64_t value)
{
	unsigned char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (unsigned char)('0' + value % 10);
		value /= 10;
	} while (value != 0);
	gb_text_add(text, gb_span_of(digits + at, sizeof(digits) - at));
}

void gb_text_add_i64(struct gb_text *text, int64_t value)
{
	if (value < 0)
		gb_text_add_byte(text, '-');
	gb_text_add_u64(text, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void gb_text_add_hex(struct gb_text *text, struct gb_span s)
{
	static const char digit[16] = "0123456789abcdef";

	for (size_t i = 0; i < s.n; i++) {
		gb_text_add_byte(text, (unsigned char)digit[s.p[i] >> 4]);
		gb_text_add_byte(text, (unsigned char)digit[s.p[i] & 15]);
	}
}

const char *gb_text_cstr(struct gb_text *text)
{
	if (text->cap == 0)
		return "";
	if (text->n == text->cap) {
		text->n--;
		text->truncated = true;
	}
	text->p[text->n] = '\0';
	return text->p;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/json.h"

static const struct gb_span replacement = {(const unsigned char *)"\\ufffd", 6};

static bool is_continuation(unsigned char c)
{
	return (c & 0xc0u) == 0x80u;
}

/* Range of the second byte after LEAD (Unicode table 3-7), and how many bytes the character has; 0: no lead byte. */
static size_t sequence_of(unsigned char lead, unsigned char *low, unsigned char *high)
{
	*low = 0x80;
	*high = 0xbf;
	if (lead >= 0xc2 && lead <= 0xdf)
		return 2;
	if (lead >= 0xe0 && lead <= 0xef) {
		*low = lead == 0xe0 ? 0xa0 : 0x80;
		*high = lead == 0xed ? 0x9f : 0xbf;
		return 3;
	}
	if (lead >= 0xf0 && lead <= 0xf4) {
		*low = lead == 0xf0 ? 0x90 : 0x80;
		*high = lead == 0xf4 ? 0x8f : 0xbf;
		return 4;
	}
	return 0;
}

size_t gb_json_character(struct gb_span s, bool *ret_is_valid)
{
	unsigned char low, high;
	size_t n;

	*ret_is_valid = true;
	if (s.p[0] < 0x80)
		return 1;
	*ret_is_valid = false;
	n = sequence_of(s.p[0], &low, &high);
	if (n == 0 || s.n < n || s.p[1] < low || s.p[1] > high)
		return 1;
	for (size_t i = 2; i < n; i++)
		if (!is_continuation(s.p[i]))
			return 1;
	*ret_is_valid = true;
	return n;
}

/* The escaped form of the character at the start of S; SCRATCH is for \u00xx. *ret_n: its bytes in S. */
static struct gb_span escape(struct gb_span s, unsigned char scratch[6], size_t *ret_n)
{
	static const char hex[] = "0123456789abcdef";
	bool is_valid;

	*ret_n = gb_json_character(s, &is_valid);
	if (!is_valid)
		return replacement;
	switch (s.p[0]) {
	case '"': return GB_SPAN("\\\"");
	case '\\': return GB_SPAN("\\\\");
	case '\n': return GB_SPAN("\\n");
	case '\r': return GB_SPAN("\\r");
	case '\t': return GB_SPAN("\\t");
	default: break;
	}
	if (s.p[0] >= 0x20)
		return gb_span_sub(s, 0, *ret_n);
	__builtin_memcpy(scratch, "\\u00", 4);
	scratch[4] = (unsigned char)hex[s.p[0] >> 4];
	scratch[5] = (unsigned char)hex[s.p[0] & 15u];
	return gb_span_of(scratch, 6);
}

void gb_json_add_string(struct gb_text *text, struct gb_span s)
{
	size_t start = text->n, n;
	unsigned char scratch[6];

	gb_text_add_byte(text, '"');
	while (s.n > 0) {
		gb_text_add(text, escape(s, scratch, &n));
		s = gb_span_sub(s, n, SIZE_MAX);
	}
	gb_text_add_byte(text, '"');
	if (text->truncated)
		text->n = start;
}

size_t gb_json_shown_bytes(struct gb_span s)
{
	size_t shown = 0;

	while (s.n > 0) {
		bool is_valid;
		size_t n = gb_json_character(s, &is_valid);

		shown += is_valid ? n : 3;
		s = gb_span_sub(s, n, SIZE_MAX);
	}
	return shown;
}

struct gb_span gb_json_fit(struct gb_span s, size_t budget)
{
	struct gb_span rest = s;
	unsigned char scratch[6];

	while (rest.n > 0) {
		size_t n, shown = escape(rest, scratch, &n).n;

		if (shown > budget)
			break;
		budget -= shown;
		rest = gb_span_sub(rest, n, SIZE_MAX);
	}
	return gb_span_sub(s, 0, s.n - rest.n);
}

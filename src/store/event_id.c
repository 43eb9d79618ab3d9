/* SPDX-License-Identifier: Apache-2.0 */
#include "store/events.h"

static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static int digit_of(unsigned char c)
{
	for (int i = 0; i < 32; i++)
		if (gb_ascii_lower(c) == gb_ascii_lower((unsigned char)digits[i]))
			return i;
	return -1;
}

bool gb_event_id_parse(struct gb_span text, unsigned char ret_id[GB_EVENT_ID_BYTES])
{
	unsigned __int128 value = 0;

	if (text.n != 26 || digit_of(text.p[0]) > 7)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		int digit = digit_of(text.p[i]);

		if (digit < 0)
			return false;
		value = value << 5 | (unsigned)digit;
	}
	for (size_t i = 0; i < GB_EVENT_ID_BYTES; i++)
		ret_id[i] = (unsigned char)(value >> (120 - 8 * i));
	return true;
}

void gb_event_id_print(const unsigned char id[GB_EVENT_ID_BYTES], char ret_text[26])
{
	unsigned __int128 value = 0;

	for (size_t i = 0; i < GB_EVENT_ID_BYTES; i++)
		value = value << 8 | id[i];
	for (size_t i = 26; i-- > 0; value >>= 5)
		ret_text[i] = digits[value & 31];
}

static const char *const severities[] = {"", "low", "medium", "high", "critical"};

struct gb_span gb_severity_name(enum gb_event_severity severity)
{
	return gb_span_cstr(severity <= GB_SEVERITY_CRITICAL ? severities[severity] : "");
}

enum gb_event_severity gb_severity_of(struct gb_span name)
{
	for (size_t i = GB_SEVERITY_CRITICAL; i > 0; i--)
		if (gb_span_equal(name, gb_span_cstr(severities[i])))
			return (enum gb_event_severity)i;
	return GB_SEVERITY_NONE;
}

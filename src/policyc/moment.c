/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/moment.h"

#include "base/day.h"

#define DAY        86400
#define MOMENT_END 253402300800 /* 10000-01-01 */

static bool digits(struct gb_span text, size_t from, unsigned most, int64_t *ret_value)
{
	uint64_t value;

	if (!gb_span_to_u64(gb_span_sub(text, from, 2), &value) || from + 2 > text.n || value > most)
		return false;
	*ret_value = (int64_t)value;
	return true;
}

/* "Z", "+01:00", "-05:30": seconds that the clock shown is ahead of UTC. */
static bool offset_parse(struct gb_span text, int64_t *ret_offset)
{
	int64_t hours, minutes;

	*ret_offset = 0;
	if (text.n == 1 && (text.p[0] == 'Z' || text.p[0] == 'z'))
		return true;
	if (text.n != 6 || (text.p[0] != '+' && text.p[0] != '-') || text.p[3] != ':' || !digits(text, 1, 23, &hours) ||
	        !digits(text, 4, 59, &minutes))
		return false;
	*ret_offset = (hours * 60 + minutes) * (text.p[0] == '-' ? -60 : 60);
	return true;
}

bool gb_policyc_moment_parse(struct gb_span text, enum gb_policyc_day_end end, int64_t *ret_moment)
{
	int64_t hour, minute, second, offset;
	uint32_t day;
	size_t at = 19;

	if (!gb_day_parse(gb_span_sub(text, 0, 10), &day))
		return false;
	if (text.n == 10) {
		*ret_moment = ((int64_t)day + (end == GB_POLICYC_DAY_LAST ? 1 : 0)) * DAY;
		return true;
	}
	if (text.n < 20 || (text.p[10] != 'T' && text.p[10] != 't' && text.p[10] != ' ') || text.p[13] != ':' ||
	        text.p[16] != ':' || !digits(text, 11, 23, &hour) || !digits(text, 14, 59, &minute) ||
	        !digits(text, 17, 60, &second))
		return false;
	if (text.p[at] == '.') {
		at++;
		if (at == text.n || !gb_ascii_is_digit(text.p[at]))
			return false;
		while (at < text.n && gb_ascii_is_digit(text.p[at]))
			at++;
	}
	if (!offset_parse(gb_span_sub(text, at, SIZE_MAX), &offset))
		return false;
	*ret_moment = (int64_t)day * DAY + hour * 3600 + minute * 60 + second - offset;
	/* What is printed must be read again. */
	return *ret_moment >= DAY && *ret_moment < MOMENT_END;
}

static void print_two(int64_t value, struct gb_text *out)
{
	gb_text_add_byte(out, (unsigned char)('0' + value / 10));
	gb_text_add_byte(out, (unsigned char)('0' + value % 10));
}

void gb_policyc_moment_print(int64_t moment, enum gb_policyc_day_end end, struct gb_text *out)
{
	int64_t day = moment / DAY, second = moment % DAY;

	if (second == 0 && (end == GB_POLICYC_DAY_FIRST || day > 1)) {
		gb_day_print((uint32_t)(end == GB_POLICYC_DAY_LAST ? day - 1 : day), out);
		return;
	}
	gb_day_print((uint32_t)day, out);
	gb_text_add_byte(out, 'T');
	print_two(second / 3600, out);
	gb_text_add_byte(out, ':');
	print_two(second / 60 % 60, out);
	gb_text_add_byte(out, ':');
	print_two(second % 60, out);
	gb_text_add_byte(out, 'Z');
}

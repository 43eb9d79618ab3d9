/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/date.h"

#include "base/day.h"
#include "base/text.h"

#include <string.h>

#define DAY_SECONDS 86400
#define LAST_SECOND 253402300799 /* of the year 9999 */

static void add_two(struct gb_text *text, int64_t value)
{
	gb_text_add_byte(text, (unsigned char)('0' + value / 10));
	gb_text_add_byte(text, (unsigned char)('0' + value % 10));
}

bool gb_aws_date_print(int64_t seconds, char ret_date[17])
{
	char day_room[16];
	struct gb_text day = gb_text_on(day_room, sizeof(day_room)), text = gb_text_on(ret_date, 17);
	int64_t of_day;

	if (seconds < 0 || seconds > LAST_SECOND)
		return false;
	gb_day_print((uint32_t)(seconds / DAY_SECONDS), &day);
	of_day = seconds % DAY_SECONDS;
	gb_text_add(&text, gb_span_of(day.p, 4));
	gb_text_add(&text, gb_span_of(day.p + 5, 2));
	gb_text_add(&text, gb_span_of(day.p + 8, 2));
	gb_text_add_byte(&text, 'T');
	add_two(&text, of_day / 3600);
	add_two(&text, of_day / 60 % 60);
	add_two(&text, of_day % 60);
	gb_text_add_byte(&text, 'Z');
	(void)gb_text_cstr(&text);
	return true;
}

/* DATE as YYYY-MM-DD, CLOCK as hh:mm:ss. */
static bool seconds_of(struct gb_span date, struct gb_span clock, int64_t *ret_seconds)
{
	uint64_t hours, minutes, seconds;
	uint32_t day;

	if (clock.n != 8 || clock.p[2] != ':' || clock.p[5] != ':' || !gb_day_parse(date, &day) ||
	        !gb_span_to_u64(gb_span_sub(clock, 0, 2), &hours) ||
	        !gb_span_to_u64(gb_span_sub(clock, 3, 2), &minutes) ||
	        !gb_span_to_u64(gb_span_sub(clock, 6, 2), &seconds) || hours > 23 || minutes > 59 || seconds > 60)
		return false;
	*ret_seconds = (int64_t)day * DAY_SECONDS + (int64_t)(hours * 3600 + minutes * 60 + seconds);
	return true;
}

bool gb_aws_date_of_http(struct gb_span text, int64_t *ret_seconds)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct gb_span month = gb_span_sub(text, 8, 3);
	size_t at = gb_span_find(GB_SPAN(months), month, 0);
	char room[16];
	struct gb_text date = gb_text_on(room, sizeof(room));

	if (text.n != 29 || text.p[3] != ',' || at == SIZE_MAX || at % 3 != 0 || !gb_span_ends(text, GB_SPAN(" GMT")))
		return false;
	gb_text_add(&date, gb_span_sub(text, 12, 4));
	gb_text_add_byte(&date, '-');
	add_two(&date, (int64_t)at / 3 + 1);
	gb_text_add_byte(&date, '-');
	gb_text_add(&date, gb_span_sub(text, 5, 2));
	return seconds_of(gb_text_span(&date), gb_span_sub(text, 17, 8), ret_seconds);
}

bool gb_aws_date_of_iso(struct gb_span text, int64_t *ret_seconds)
{
	if (text.n < 20 || text.p[10] != 'T' || text.p[text.n - 1] != 'Z' || (text.n > 20 && text.p[19] != '.'))
		return false;
	return seconds_of(gb_span_sub(text, 0, 10), gb_span_sub(text, 11, 8), ret_seconds);
}

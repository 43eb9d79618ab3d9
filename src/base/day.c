/* SPDX-License-Identifier: Apache-2.0 */
#include "base/day.h"

#define YEAR_MIN 1970u
#define YEAR_MAX 9999u

static bool is_leap(uint32_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static uint32_t days_of_month(uint32_t year, uint32_t month)
{
	static const uint8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && is_leap(year) ? 1u : 0u);
}

static bool number_of(struct gb_span text, size_t from, size_t n, uint32_t *ret_value)
{
	uint64_t value;

	if (!gb_span_to_u64(gb_span_sub(text, from, n), &value))
		return false;
	*ret_value = (uint32_t)value;
	return true;
}

bool gb_day_parse(struct gb_span text, uint32_t *ret_day)
{
	uint32_t year, month, day, days = 0;

	if (text.n != 10 || text.p[4] != '-' || text.p[7] != '-' || !number_of(text, 0, 4, &year) ||
	        !number_of(text, 5, 2, &month) || !number_of(text, 8, 2, &day))
		return false;
	if (year < YEAR_MIN || month < 1 || month > 12 || day < 1 || day > days_of_month(year, month))
		return false;
	for (uint32_t y = YEAR_MIN; y < year; y++)
		days += is_leap(y) ? 366u : 365u;
	for (uint32_t m = 1; m < month; m++)
		days += days_of_month(year, m);
	days += day - 1;
	if (days == 0)
		return false;
	*ret_day = days;
	return true;
}

static void print_two(uint32_t value, struct gb_text *out)
{
	if (value < 10)
		gb_text_add_byte(out, '0');
	gb_text_add_u64(out, value);
}

void gb_day_print(uint32_t day, struct gb_text *out)
{
	uint32_t year = YEAR_MIN, month = 1;

	while (year < YEAR_MAX && day >= (is_leap(year) ? 366u : 365u))
		day -= is_leap(year++) ? 366u : 365u;
	while (month < 12 && day >= days_of_month(year, month))
		day -= days_of_month(year, month++);
	gb_text_add_u64(out, year);
	gb_text_add_byte(out, '-');
	print_two(month, out);
	gb_text_add_byte(out, '-');
	print_two(day + 1, out);
}

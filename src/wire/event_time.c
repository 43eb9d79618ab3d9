/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/event_time.h"

#include "wire/event.h"

static void add_padded(struct gb_text *text, uint64_t value, unsigned width)
{
	uint64_t least = 1;

	for (unsigned i = 1; i < width; i++)
		least *= 10;
	for (; least > 1 && value < least; least /= 10)
		gb_text_add_byte(text, '0');
	gb_text_add_u64(text, value);
}

/* Days since 1970-01-01 to a date of the Gregorian calendar, counted from 1 March so that leap days come last. */
void gb_event_add_date(struct gb_text *text, uint64_t days)
{
	uint64_t shifted = days + 719468u;
	uint64_t era = shifted / 146097u, day_of_era = shifted % 146097u;
	uint64_t year_of_era = (day_of_era - day_of_era / 1460u + day_of_era / 36524u - day_of_era / 146096u) / 365u;
	uint64_t day_of_year = day_of_era - (365u * year_of_era + year_of_era / 4u - year_of_era / 100u);
	uint64_t month = (5u * day_of_year + 2u) / 153u;
	uint64_t day = day_of_year - (153u * month + 2u) / 5u + 1u;
	uint64_t year = year_of_era + era * 400u + (month >= 10u ? 1u : 0u);

	add_padded(text, year, 4);
	gb_text_add_byte(text, '-');
	add_padded(text, month < 10u ? month + 3u : month - 9u, 2);
	gb_text_add_byte(text, '-');
	add_padded(text, day, 2);
}

void gb_event_add_time(struct gb_text *text, uint64_t time_ms)
{
	uint64_t seconds = time_ms / 1000u % 86400u;

	gb_text_add_cstr(text, ",\"time\":\"");
	gb_event_add_date(text, time_ms / 86400000u);
	gb_text_add_byte(text, 'T');
	add_padded(text, seconds / 3600u, 2);
	gb_text_add_byte(text, ':');
	add_padded(text, seconds / 60u % 60u, 2);
	gb_text_add_byte(text, ':');
	add_padded(text, seconds % 60u, 2);
	gb_text_add_byte(text, '.');
	add_padded(text, time_ms % 1000u, 3);
	gb_text_add_cstr(text, "Z\"");
}

void gb_event_ulid(uint64_t time_ms, const unsigned char random[10], char ret_id[GB_EVENT_ULID_BYTES])
{
	static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

	for (int i = 9; i >= 0; i--) {
		ret_id[i] = alphabet[time_ms & 31u];
		time_ms >>= 5;
	}
	for (unsigned digit = 0; digit < 16; digit++) {
		unsigned bit = digit * 5, byte = bit / 8;
		unsigned two = (unsigned)random[byte] << 8 | (byte + 1 < 10 ? random[byte + 1] : 0u);

		ret_id[10 + digit] = alphabet[two >> (11 - bit % 8) & 31u];
	}
}

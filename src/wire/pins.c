/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/pins.h"

#include "base/day.h"

#include <errno.h>

#define KEY_DIGITS (2 * GB_BLOB_KEY_BYTES)

static int hex_value(unsigned char c)
{
	if (gb_ascii_is_digit(c))
		return c - '0';
	c = gb_ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool key_of_digits(struct gb_span digits, unsigned char *ret_key)
{
	if (digits.n != KEY_DIGITS)
		return false;
	for (size_t i = 0; i < GB_BLOB_KEY_BYTES; i++) {
		int high = hex_value(digits.p[2 * i]), low = hex_value(digits.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		ret_key[i] = (unsigned char)(high * 16 + low);
	}
	return true;
}

static const char *read_key(struct gb_pins *pins, struct gb_span digits, struct gb_span rest)
{
	struct gb_pin pin = {.last_day = 0};
	struct gb_span word = gb_span_take_word(&rest);

	if (!key_of_digits(digits, pin.key))
		return "is no Ed25519 public key (64 hexadecimal digits)";
	if (word.n != 0 &&
	        (!gb_span_equal(word, GB_SPAN("until")) || !gb_day_parse(gb_span_take_word(&rest), &pin.last_day)))
		return "has something else than 'until YYYY-MM-DD' behind the key";
	if (pins->count == GB_PINS_MAX)
		return "is one key more than the 8 that can be pinned";
	pins->pins[pins->count++] = pin;
	return gb_span_trim(rest).n == 0 ? NULL : "goes on behind the date";
}

/* What is wrong with LINE, or NULL. */
static const char *read_line(struct gb_pins *pins, struct gb_span line)
{
	struct gb_span rest = gb_span_sub(line, 0, gb_span_find_byte(line, '#', 0)), word = gb_span_take_word(&rest);

	if (word.n == 0)
		return NULL;
	if (!gb_span_equal(word, GB_SPAN("least-serial")))
		return read_key(pins, word, rest);
	if (!gb_span_to_u64(gb_span_take_word(&rest), &pins->least_serial) || gb_span_trim(rest).n != 0)
		return "wants one number behind 'least-serial'";
	return NULL;
}

int gb_pins_parse(struct gb_span file, struct gb_pins *ret_pins, struct gb_diag *diag)
{
	struct gb_pins pins = {.count = 0};
	uint32_t number = 1;

	if (file.n == GB_BLOB_KEY_BYTES) {
		__builtin_memcpy(pins.pins[pins.count++].key, file.p, file.n);
		*ret_pins = pins;
		return 0;
	}
	for (size_t at = 0; at < file.n; number++) {
		size_t end = gb_span_find_byte(file, '\n', at);
		const char *wrong = read_line(&pins, gb_span_sub(file, at, end == SIZE_MAX ? end : end - at));

		if (wrong != NULL)
			return gb_diag_set(diag, -EINVAL, number, 1, "line %u %s", number, wrong);
		at = end == SIZE_MAX ? file.n : end + 1;
	}
	if (pins.count == 0)
		return gb_diag_set(diag, -EINVAL, 0, 0, "there is no Ed25519 public key in it");
	*ret_pins = pins;
	return 0;
}

int gb_pins_verify(const struct gb_pins *pins, struct gb_span file, uint32_t today, struct gb_span *ret_blob)
{
	struct gb_blob_header header;
	int result = -EKEYREJECTED;

	for (size_t i = 0; i < pins->count; i++) {
		int r = gb_blob_verify(file, pins->pins[i].key, ret_blob);

		if (r == -EKEYREJECTED)
			continue;
		if (r < 0)
			return r;
		/* The same key may stand there twice: as one that ends, and as one that was renewed. */
		if (pins->pins[i].last_day != 0 && today > pins->pins[i].last_day) {
			result = -EKEYEXPIRED;
			continue;
		}
		__builtin_memcpy(&header, ret_blob->p, sizeof(header));
		return header.serial < pins->least_serial ? -ESTALE : 0;
	}
	return result;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Every decoder: never longer than its input, the same twice, plain text unchanged, fields within the text. */
#include "inspect/decode/decode.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(int is_true)
{
	if (!is_true)
		abort();
}

static size_t percent_plus(struct gb_span in, unsigned char *out)
{
	bool changed;

	return gb_decode_percent_plus(in, out, &changed);
}

static size_t (*const decoders[])(struct gb_span in, unsigned char *out) = {
        gb_decode_percent,
        percent_plus,
        gb_decode_json,
        gb_decode_escapes,
        gb_decode_entities,
        gb_decode_fold,
        gb_decode_base64,
        gb_decode_base64_bytes,
        gb_decode_utf16,
        gb_decode_hex,
        gb_decode_numbers,
};

static void check_fields(struct gb_span text)
{
	struct gb_decode_field field;
	size_t at = 0, before = 0;

	if (gb_decode_is_form(text))
		while (gb_decode_form_next(text, &at, &field)) {
			check(at > before && field.name.n + field.value.n <= text.n);
			before = at;
		}
	at = before = 0;
	if (gb_decode_is_multipart(text))
		while (gb_decode_multipart_next(text, &at, &field)) {
			check(at > before && at <= text.n && field.value.n <= text.n);
			before = at;
		}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	/* Exactly as much room as is promised to be enough. */
	unsigned char *out = malloc(n == 0 ? 1 : n), *again = malloc(n == 0 ? 1 : n);
	bool is_plain = true;

	if (out == NULL || again == NULL)
		abort();
	for (size_t i = 0; i < n; i++)
		is_plain &= gb_ascii_is_alpha(data[i]) || data[i] == ' ';
	for (size_t i = 0; i < sizeof(decoders) / sizeof(decoders[0]); i++) {
		size_t written = decoders[i](gb_span_of(data, n), out);

		check(written <= n || written == SIZE_MAX);
		check(decoders[i](gb_span_of(data, n), again) == written);
		if (written == SIZE_MAX)
			continue;
		check(written == 0 || memcmp(out, again, written) == 0);
		if (is_plain && i < 6)
			check(written == n && memcmp(out, data, n) == 0);
	}
	check_fields(gb_span_of(data, n));
	free(out);
	free(again);
	return 0;
}

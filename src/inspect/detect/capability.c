/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/detect/capability.h"

#include <string.h>

static int compare(const char *name, size_t length, const struct gb_capability_row *row)
{
	size_t n = length < row->length ? length : row->length;
	int order = memcmp(name, row->name, n);

	return order != 0 ? order : (int)length - row->length;
}

unsigned gb_capability_of(struct gb_span name)
{
	size_t low = 0, high = gb_capability_row_count;
	char folded[GB_CAPABILITY_NAME_MAX];

	if (name.n < 2 || name.n > GB_CAPABILITY_NAME_MAX)
		return 0;
	for (size_t i = 0; i < name.n; i++)
		folded[i] = (char)gb_ascii_lower(name.p[i]);
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare(folded, name.n, &gb_capability_rows[middle]);

		if (order == 0)
			return gb_capability_rows[middle].kinds;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return 0;
}

struct gb_code_measure gb_code_measure(struct gb_span text)
{
	struct gb_code_measure measure = {.lines = 1};
	size_t letters = 0, others = 0;

	for (size_t i = 0; i <= text.n; i++) {
		unsigned char c = i < text.n ? text.p[i] : ' ';

		if (gb_ascii_is_alpha(c) || c >= 0x80 || c == '\'') {
			letters++;
		} else if (gb_ascii_is_space(c)) {
			measure.prose_words += letters > 1 && others == 0;
			measure.lines += c == '\n';
			letters = others = 0;
		} else {
			others += !(c == ',' || c == '.' || c == '-' || c == '!' || c == '?' || c == ':');
		}
	}
	return measure;
}

size_t gb_code_name_start(struct gb_span text, size_t end)
{
	size_t start = end;

	while (start > 0 && end - start <= GB_CAPABILITY_NAME_MAX && gb_code_is_name_byte(text.p[start - 1]))
		start--;
	return start;
}

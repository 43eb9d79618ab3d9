/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/detect/capability.h"

unsigned gb_capability_of(struct gb_span name)
{
	return name.n >= 2 ? gb_words_find_made_for(&gb_capability_words, name) : 0;
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

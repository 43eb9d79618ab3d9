/* SPDX-License-Identifier: Apache-2.0 */
/* Samples: fenced blocks of Markdown in a text with prose around them. */
#include "inspect/bytes.h"
#include "inspect/detect/xss.h"

#define PROSE_WORDS_MIN 4u

struct gb_xss_samples gb_xss_samples_of(struct gb_span text)
{
	struct gb_xss_samples samples = {.text = text};
	size_t fence = gb_bytes_find(text, '`', 0), words = 0;

	if (fence == SIZE_MAX)
		return samples;
	fence = gb_bytes_find_fence(text, fence);

	for (size_t i = 1; fence != SIZE_MAX && i < fence && words < PROSE_WORDS_MIN; i++)
		words += text.p[i] == ' ' && gb_ascii_is_alpha(text.p[i - 1]);
	samples.has_fences = words >= PROSE_WORDS_MIN;
	return samples;
}

bool gb_xss_is_sample(struct gb_xss_samples *samples, size_t at, size_t *ret_end)
{
	struct gb_span text = samples->text;

	while (samples->has_fences && samples->to <= at) {
		size_t open = gb_bytes_find_fence(text, samples->to), line, close;

		line = open == SIZE_MAX ? SIZE_MAX : gb_bytes_find(text, '\n', open);
		close = line == SIZE_MAX ? SIZE_MAX : gb_bytes_find_fence(text, line);
		samples->has_fences = close != SIZE_MAX;
		if (!samples->has_fences)
			break;
		samples->from = line;
		samples->to = close + 3;
	}
	*ret_end = samples->to;
	return samples->has_fences && at >= samples->from && at < samples->to;
}

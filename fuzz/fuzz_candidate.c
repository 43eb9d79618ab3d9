/* SPDX-License-Identifier: Apache-2.0 */
/* A text that is no candidate is one that no reading convicts: the short cut of the command detector loses nothing. */
#include "inspect/bytes.h"
#include "inspect/detect/command.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const unsigned char quotes[] = {0, '\'', '"'};
	struct gb_span text = gb_span_of(data, n);
	uint32_t mask = gb_bytes_mask(text);

	if (gb_detect_has_candidate(text, mask))
		return 0;
	for (size_t i = 0; i < sizeof(quotes); i++) {
		struct gb_detect_hit hit = {0};
		struct gb_detect_reading reading;

		memset(&reading, 0, sizeof(reading));
		reading.text = text;
		reading.mask = mask;
		reading.hit = &hit;
		if (gb_detect_read(&reading, quotes[i]))
			abort();
	}
	return 0;
}

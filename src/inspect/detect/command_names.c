/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/detect/command_names.h"

#include <string.h>

static int compare(struct gb_span name, const struct gb_command_row *row)
{
	size_t n = name.n < row->length ? name.n : row->length;
	int order = memcmp(name.p, row->name, n);

	return order != 0 ? order : (int)name.n - row->length;
}

enum gb_command_name gb_detect_command_name(struct gb_span name)
{
	size_t low, high;

	if (name.n == 0 || name.n > GB_COMMAND_NAME_MAX || name.p[0] >= 128)
		return GB_NAME_UNKNOWN;
	low = gb_command_starts[name.p[0]];
	high = gb_command_starts[name.p[0] + 1];
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare(name, &gb_command_rows[middle]);

		if (order == 0)
			return (enum gb_command_name)gb_command_rows[middle].kind;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return GB_NAME_UNKNOWN;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "site/machine.h"
#include "site/site.h"

bool gb_site_is_watched(unsigned number)
{
	size_t low = 0, high = gb_site_watched_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (gb_site_watched[middle] == number)
			return true;
		if (gb_site_watched[middle] < number)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

bool gb_site_is_watched_for_some(unsigned number)
{
	for (size_t i = 0; i < gb_site_watched_for_some_count; i++)
		if (gb_site_watched_for_some[i] == number)
			return true;
	return false;
}

const struct gb_site_window *gb_site_window_of(unsigned number)
{
	for (size_t i = 0; i < gb_site_window_count; i++)
		if (gb_site_windows[i].number == number)
			return &gb_site_windows[i];
	return NULL;
}

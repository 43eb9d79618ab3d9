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

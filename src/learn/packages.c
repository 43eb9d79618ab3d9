/* SPDX-License-Identifier: Apache-2.0 */
/* Libraries that came with the function: which of its files a library reads depends on what it is asked for, and says
 * nothing about the function. */
#include "learn/boundaries.h"

#include "base/text.h"
#include "policy/set.h"

#include <errno.h>
#include <stdlib.h>

/* So many files of one package make it a package that is used. */
#define FILES_MIN 4u

static bool is_folder(const struct gb_boundaries *boundaries, struct gb_span folder)
{
	for (size_t i = 0; i < boundaries->package_count; i++)
		if (gb_policy_glob_matches(boundaries->packages[i], folder))
			return true;
	return false;
}

/* The folder of the package that PATH lies in, without a slash at its end; empty: in none. */
static struct gb_span package_of(const struct gb_boundaries *boundaries, struct gb_span path)
{
	size_t from = 0, name;

	for (size_t slash = gb_span_find_byte(path, '/', 0); slash != SIZE_MAX;
	        slash = gb_span_find_byte(path, '/', slash + 1))
		if (is_folder(boundaries, gb_span_sub(path, 0, slash + 1)))
			from = slash + 1;
	if (from == 0 || from == path.n)
		return GB_SPAN_EMPTY;
	name = gb_span_find_byte(path, '/', from);
	/* npm's scopes are no packages: @scope/name. */
	if (name != SIZE_MAX && path.p[from] == '@')
		name = gb_span_find_byte(path, '/', name + 1);
	return name == SIZE_MAX || name + 1 == path.n ? GB_SPAN_EMPTY : gb_span_sub(path, 0, name);
}

static int all_below(struct gb_arena *arena, struct gb_span folder, struct gb_span *ret)
{
	char *bytes = gb_arena_take(arena, folder.n + 3);
	struct gb_text text = gb_text_on(bytes, folder.n + 3);

	if (bytes == NULL)
		return -ENOMEM;
	gb_text_add(&text, folder);
	gb_text_add_cstr(&text, "/**");
	*ret = gb_text_span(&text);
	return 0;
}

static int package_compare(const void *left, const void *right)
{
	return gb_learn_span_compare(*(const struct gb_span *)left, *(const struct gb_span *)right);
}

/* How many of the sorted PACKAGES are PACKAGE. */
static size_t count_of(const struct gb_span *packages, size_t count, struct gb_span package)
{
	size_t low = 0, high = count, n = 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (gb_learn_span_compare(packages[middle], package) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	while (low + n < count && gb_span_equal(packages[low + n], package))
		n++;
	return n;
}

int gb_learn_packages(
        struct gb_arena *arena, const struct gb_boundaries *boundaries, struct gb_span *paths, size_t count)
{
	struct gb_span *packages = gb_arena_take(arena, (count + 1) * sizeof(*packages));
	size_t found = 0;
	int r = 0;

	if (packages == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		packages[found] = package_of(boundaries, paths[i]);
		found += packages[found].n != 0 ? 1 : 0;
	}
	if (found != 0)
		qsort(packages, found, sizeof(*packages), package_compare);
	for (size_t i = 0; i < count && r == 0 && found != 0; i++) {
		struct gb_span package = package_of(boundaries, paths[i]);

		if (package.n != 0 && count_of(packages, found, package) >= FILES_MIN)
			r = all_below(arena, package, &paths[i]);
	}
	return r;
}

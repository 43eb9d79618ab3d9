/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The latest first. */
static int version_compare(const void *left, const void *right)
{
	const struct gb_profile_version *a = *(const struct gb_profile_version *const *)left;
	const struct gb_profile_version *b = *(const struct gb_profile_version *const *)right;
	int order = gb_learn_span_compare(b->latest, a->latest);

	if (order == 0)
		order = gb_learn_span_compare(b->earliest, a->earliest);
	return order != 0 ? order : gb_learn_span_compare(b->key.bytes, a->key.bytes);
}

int gb_profile_forget(struct gb_profile *profile, size_t count, size_t *ret_count)
{
	struct gb_profile_list *versions = &profile->versions;
	const struct gb_profile_version **sorted;
	size_t kept = 0;

	*ret_count = 0;
	if (versions->count <= count)
		return 0;
	sorted = malloc(versions->count * sizeof(*sorted));
	if (sorted == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < versions->count; i++)
		sorted[i] = (const struct gb_profile_version *)versions->items[i];
	qsort(sorted, versions->count, sizeof(*sorted), version_compare);
	/* The list keeps its own order. */
	for (size_t i = 0; i < versions->count; i++)
		for (size_t k = 0; k < count; k++)
			if (&sorted[k]->key == versions->items[i]) {
				versions->items[kept++] = versions->items[i];
				break;
			}
	free(sorted);
	*ret_count = versions->count - kept;
	versions->count = kept;
	return 0;
}

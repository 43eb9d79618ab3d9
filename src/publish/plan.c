/* SPDX-License-Identifier: Apache-2.0 */
#include "publish/plan.h"

#include <string.h>

struct plan plan_of(const struct gb_publication *last, const unsigned char sha256[GB_SHA256_BYTES],
        const struct target_look *look, bool must_look)
{
	bool is_same = last != NULL && memcmp(last->sha256, sha256, GB_SHA256_BYTES) == 0;
	bool is_published = is_same && last->state == GB_PUBLICATION_PUBLISHED;

	if (is_same && last->state == GB_PUBLICATION_REFUSED)
		return (struct plan){PLAN_NOTHING, 0};
	if (is_published && !must_look)
		return (struct plan){PLAN_NOTHING, 0};
	if (look == NULL)
		return (struct plan){PLAN_LOOK, 0};
	if (is_same && look->serial == (uint64_t)last->serial)
		return (struct plan){is_published ? PLAN_NOTHING : PLAN_FINISH, last->serial};
	/* Functions take no smaller serial than the one they have, so what is greater (a database that was restored, say) has
	 * to be outdone. */
	if (is_same && !is_published && look->serial < (uint64_t)last->serial)
		return (struct plan){PLAN_AGAIN, last->serial};
	return (struct plan){PLAN_NEW, look->serial >= INT64_MAX ? INT64_MAX : (int64_t)look->serial + 1};
}

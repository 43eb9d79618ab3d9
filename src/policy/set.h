/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy/set: path patterns. Private to the directory; documented in docs/POLICY.md.
 */
#ifndef GB_POLICY_SET_H
#define GB_POLICY_SET_H

#include "policy/policy.h"

/* Elements of PART, which gb_policy_open() has checked. */
static inline const void *part_elements(const struct gb_policy *policy, struct gb_blob_part part)
{
	return policy->blob.p + part.offset;
}

static inline struct gb_span blob_text(const struct gb_policy *policy, struct gb_blob_text text)
{
	return gb_span_of(policy->blob.p + policy->header->text.offset + text.offset, text.n);
}

/* Of a match with stars: where to go on when the rest of the pattern failed. */
struct glob_retry {
	size_t pattern_at; /* behind the star; 0: none */
	size_t text_at;
};

static inline bool glob_is_star(struct gb_span pattern, size_t at)
{
	return at < pattern.n && pattern.p[at] == '*';
}

/* Whether some pattern of SET matches all of PATH; *ret_tag is then the tag of one that does. */
bool gb_policy_set_holds(
        const struct gb_policy *policy, const struct gb_blob_set *set, struct gb_span path, uint32_t *ret_tag);

/* Whether PATTERN matches all of PATH: `*` stands for any bytes but '/', `**` for any bytes, and a `**` between two
 * slashes also for nothing at all (one slash). No recursion; time is bounded by the product of the two lengths and the number of stars. */
bool gb_policy_glob_matches(struct gb_span pattern, struct gb_span path);

#endif

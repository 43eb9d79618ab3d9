/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/set.h"

#include "policy/moment.h"

/* The next place at or behind AT where a `**` + '/' may end: the start of a segment. */
static size_t next_segment(struct gb_span path, size_t at)
{
	size_t slash = gb_span_find_byte(path, '/', at);

	return slash == SIZE_MAX ? SIZE_MAX : slash + 1;
}

/* PATTERN and PATH agree up to FROM. Only the last star of each kind needs another try: a shorter match of an earlier one leaves the later one, which
 * takes anything up to a slash (or anything at all), at least as many ways on. */
static bool glob_matches_from(struct gb_span pattern, struct gb_span path, size_t from)
{
	struct glob_retry one = {0}, all = {0};
	bool by_segment = false;
	size_t p = from, s = from;

	for (;;) {
		if (glob_is_star(pattern, p) && glob_is_star(pattern, p + 1)) {
			p += 2;
			if (p == pattern.n)
				return true;
			by_segment = p < pattern.n && p >= 3 && pattern.p[p - 3] == '/' && pattern.p[p] == '/';
			p += by_segment ? 1 : 0;
			all = (struct glob_retry){p, s};
			one = (struct glob_retry){0};
			continue;
		}
		if (glob_is_star(pattern, p)) {
			one = (struct glob_retry){++p, s};
			continue;
		}
		if (p == pattern.n && s == path.n)
			return true;
		if (p < pattern.n && s < path.n && pattern.p[p] == path.p[s]) {
			p++;
			s++;
			continue;
		}
		if (one.pattern_at != 0 && one.text_at < path.n && path.p[one.text_at] != '/') {
			p = one.pattern_at;
			s = ++one.text_at;
			continue;
		}
		if (all.pattern_at == 0 || all.text_at >= path.n)
			return false;
		all.text_at = by_segment ? next_segment(path, all.text_at) : all.text_at + 1;
		if (all.text_at == SIZE_MAX)
			return false;
		p = all.pattern_at;
		s = all.text_at;
		one = (struct glob_retry){0};
	}
}

bool gb_policy_glob_matches(struct gb_span pattern, struct gb_span path)
{
	return glob_matches_from(pattern, path, 0);
}

/* The walk has led here along the literal head; comparing it again keeps a blob that lies about it harmless. */
static bool pattern_matches(const struct gb_policy *policy, const struct gb_blob_pattern *pattern, struct gb_span path)
{
	struct gb_span text = blob_text(policy, pattern->text);
	size_t tail;

	if (pattern->literal_n == text.n)
		return gb_span_equal(path, text);
	if (!gb_span_starts(path, gb_span_sub(text, 0, pattern->literal_n)))
		return false;
	tail = gb_span_find_last_byte(text, '*') + 1;
	if (!gb_span_ends(path, gb_span_sub(text, tail, SIZE_MAX)))
		return false;
	return glob_matches_from(text, path, pattern->literal_n);
}

static const struct gb_blob_node *child_of(
        const struct gb_blob_node *nodes, const struct gb_blob_node *node, unsigned char first)
{
	size_t low = node->first_child, high = low + node->child_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (nodes[middle].first < first)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == (size_t)node->first_child + node->child_count || nodes[low].first != first)
		return NULL;
	return &nodes[low];
}

bool gb_policy_set_holds(
        const struct gb_policy *policy, const struct gb_blob_set *set, struct gb_span path, uint32_t *ret_tag)
{
	const struct gb_blob_node *nodes = part_elements(policy, set->nodes);
	const struct gb_blob_pattern *patterns = part_elements(policy, set->patterns);
	const struct gb_blob_node *node = nodes;
	size_t at = 0;

	if (set->nodes.count == 0)
		return false;
	for (;;) {
		struct gb_span label;

		for (size_t i = 0; i < node->pattern_count; i++) {
			const struct gb_blob_pattern *pattern = &patterns[node->first_pattern + i];

			if (!pattern_matches(policy, pattern, path) || !gb_policy_tag_holds(policy, pattern->tag))
				continue;
			*ret_tag = pattern->tag;
			return true;
		}
		if (at == path.n)
			return false;
		node = child_of(nodes, node, path.p[at]);
		if (node == NULL)
			return false;
		label = blob_text(policy, (struct gb_blob_text){node->label, node->label_n});
		if (!gb_span_starts(gb_span_sub(path, at, SIZE_MAX), label))
			return false;
		at += label.n;
	}
}

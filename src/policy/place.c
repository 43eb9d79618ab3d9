/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns for places in events. */
#include "policy/firewall.h"
#include "policy/set.h"

static bool is_border(unsigned char c)
{
	return c == '.' || c == '[' || c == ']';
}

/* `.**` ends the pattern, and something below begins here in PATH, or nothing more comes. */
static bool is_tail(struct gb_span pattern, size_t p, struct gb_span path, size_t s)
{
	return p + 3 == pattern.n && pattern.p[p] == '.' && pattern.p[p + 1] == '*' && pattern.p[p + 2] == '*' &&
	       (s == path.n || path.p[s] == '.' || path.p[s] == '[');
}

static bool is_same(unsigned char a, unsigned char b, bool has_case)
{
	return has_case ? a == b : gb_ascii_lower(a) == gb_ascii_lower(b);
}

/* Of two stars only the last of each kind needs another try, as in set.c. */
bool gb_policy_event_path_matches(struct gb_span pattern, struct gb_span path)
{
	bool has_case =
	        !gb_span_starts(path, GB_SPAN("headers.")) && !gb_span_starts(path, GB_SPAN("multiValueHeaders."));
	struct glob_retry one = {0}, all = {0};
	size_t p = 0, s = 0;

	for (;;) {
		if (is_tail(pattern, p, path, s))
			return true;
		if (glob_is_star(pattern, p) && glob_is_star(pattern, p + 1)) {
			p += 2;
			if (p == pattern.n)
				return true;
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
		if (p < pattern.n && s < path.n && is_same(pattern.p[p], path.p[s], has_case)) {
			p++;
			s++;
			continue;
		}
		if (one.pattern_at != 0 && one.text_at < path.n && !is_border(path.p[one.text_at])) {
			p = one.pattern_at;
			s = ++one.text_at;
			continue;
		}
		if (all.pattern_at == 0 || all.text_at >= path.n)
			return false;
		p = all.pattern_at;
		s = ++all.text_at;
		one = (struct glob_retry){0};
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/span.h"

bool gb_span_equal_nocase(struct gb_span a, struct gb_span b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (gb_ascii_lower(a.p[i]) != gb_ascii_lower(b.p[i]))
			return false;
	return true;
}

bool gb_span_is_one_of(struct gb_span s, const char *words)
{
	for (struct gb_span word = gb_span_cstr(words); word.n != 0; word = gb_span_cstr(words)) {
		if (gb_span_equal(s, word))
			return true;
		words += word.n + 1;
	}
	return false;
}

size_t gb_span_find_byte(struct gb_span s, unsigned char c, size_t from)
{
	for (size_t i = from; i < s.n; i++)
		if (s.p[i] == c)
			return i;
	return SIZE_MAX;
}

size_t gb_span_find_last_byte(struct gb_span s, unsigned char c)
{
	for (size_t i = s.n; i > 0; i--)
		if (s.p[i - 1] == c)
			return i - 1;
	return SIZE_MAX;
}

size_t gb_span_find(struct gb_span s, struct gb_span needle, size_t from)
{
	if (needle.n == 0 || needle.n > s.n || from > s.n - needle.n)
		return SIZE_MAX;
	for (size_t i = from; i <= s.n - needle.n; i++) {
		if (s.p[i] != needle.p[0] || s.p[i + needle.n - 1] != needle.p[needle.n - 1])
			continue;
		if (__builtin_memcmp(s.p + i, needle.p, needle.n) == 0)
			return i;
	}
	return SIZE_MAX;
}

struct gb_span gb_span_trim(struct gb_span s)
{
	while (s.n > 0 && gb_ascii_is_space(s.p[s.n - 1]))
		s.n--;
	while (s.n > 0 && gb_ascii_is_space(s.p[0])) {
		s.p++;
		s.n--;
	}
	return s;
}

struct gb_span gb_span_take_word(struct gb_span *line)
{
	struct gb_span rest = gb_span_trim(*line);
	size_t n = 0;

	while (n < rest.n && !gb_ascii_is_space(rest.p[n]))
		n++;
	*line = gb_span_sub(rest, n, SIZE_MAX);
	return gb_span_sub(rest, 0, n);
}

struct gb_span gb_span_basename(struct gb_span s)
{
	size_t slash = gb_span_find_last_byte(s, '/');

	return slash == SIZE_MAX ? s : gb_span_sub(s, slash + 1, SIZE_MAX);
}

bool gb_span_to_u64(struct gb_span s, uint64_t *ret_value)
{
	uint64_t value = 0;

	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (!gb_ascii_is_digit(s.p[i]) || __builtin_mul_overflow(value, 10u, &value) ||
		        __builtin_add_overflow(value, (uint64_t)(s.p[i] - '0'), &value))
			return false;
	}
	*ret_value = value;
	return true;
}

uint64_t gb_span_hash(struct gb_span s)
{
	return gb_span_hash_more(GB_HASH_START, s);
}

uint64_t gb_span_hash_more(uint64_t hash, struct gb_span s)
{
	for (size_t i = 0; i < s.n; i++)
		hash = (hash ^ s.p[i]) * 0x100000001b3u;
	return hash;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "store/driver.h"

#include "wire/json.h"

#include <errno.h>

/* Length of the start of S that is plain ASCII without NUL, eight bytes at a time. */
static size_t plain_ascii(struct gb_span s)
{
	size_t i = 0;

	for (; i + 8 <= s.n; i += 8) {
		uint64_t word;

		memcpy(&word, s.p + i, sizeof word);
		if (((word | (word - 0x0101010101010101u)) & 0x8080808080808080u) != 0)
			break;
	}
	while (i < s.n && s.p[i] != 0 && s.p[i] < 0x80)
		i++;
	return i;
}

static size_t clean_prefix(struct gb_span s)
{
	size_t i = 0;

	while ((i += plain_ascii(gb_span_sub(s, i, SIZE_MAX))) < s.n) {
		bool is_valid;
		size_t n;

		if (s.p[i] == 0)
			break;
		n = gb_json_character(gb_span_sub(s, i, SIZE_MAX), &is_valid);
		if (!is_valid)
			break;
		i += n;
	}
	return i;
}

bool gb_sql_is_clean(struct gb_span s)
{
	return clean_prefix(s) == s.n;
}

size_t gb_sql_clean_into(struct gb_span s, char *to)
{
	size_t n = 0;

	while (s.n > 0) {
		size_t good = clean_prefix(s);

		memcpy(to + n, s.p, good);
		n += good;
		s = gb_span_sub(s, good, SIZE_MAX);
		if (s.n > 0) {
			memcpy(to + n, "\xef\xbf\xbd", 3);
			n += 3;
			s = gb_span_sub(s, 1, SIZE_MAX);
		}
	}
	return n;
}

int gb_sql_clean(const struct gb_sql_value *values, size_t count, struct gb_sql_value *ret_values, char **ret_memory)
{
	size_t need = 0;
	char *to;

	for (size_t i = 0; i < count; i++) {
		ret_values[i] = values[i];
		if (values[i].type == GB_SQL_TEXT && !gb_sql_is_clean(values[i].bytes))
			need += 3 * values[i].bytes.n;
	}
	*ret_memory = NULL;
	if (need == 0)
		return 0;
	to = *ret_memory = malloc(need);
	if (to == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		if (values[i].type != GB_SQL_TEXT || gb_sql_is_clean(values[i].bytes))
			continue;
		ret_values[i].bytes = gb_span_of(to, gb_sql_clean_into(values[i].bytes, to));
		to += ret_values[i].bytes.n;
	}
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GraphQL abuse: a document whose cost is out of proportion, by depth or by the number of aliases. A person's or a
 * generator's queries stay far below both bounds; introspection is asked by tools of every kind, and said in strict mode.
 */
#include "inspect/bytes.h"
#include "inspect/detect/detect.h"

#define DEPTH_MAX   24u
#define ALIASES_MAX 60u

static bool is_document(struct gb_span text)
{
	static const struct gb_span words[] = {{(const unsigned char *)"query", 5},
	        {(const unsigned char *)"mutation", 8}, {(const unsigned char *)"subscription", 12},
	        {(const unsigned char *)"fragment", 8}};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (gb_span_starts(text, words[i]) && text.n > words[i].n &&
		        (gb_ascii_is_space(text.p[words[i].n]) || text.p[words[i].n] == '{' ||
		                text.p[words[i].n] == '('))
			return true;
	return text.n > 0 && text.p[0] == '{';
}

static bool is_name(unsigned char c)
{
	return gb_ascii_is_alpha(c) || gb_ascii_is_digit(c) || c == '_';
}

static bool find_introspection(struct gb_span text, struct gb_detect_hit *hit)
{
	size_t at = gb_bytes_find_text(text, GB_SPAN("__schema"), 0);

	if (at == SIZE_MAX)
		at = gb_bytes_find_text(text, GB_SPAN("__type("), 0);
	*hit = (struct gb_detect_hit){.reason = "graphql_introspection", .from = at, .length = 7};
	return at != SIZE_MAX;
}

bool gb_detect_graphql(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit)
{
	struct gb_span text = gb_span_trim(input->text);
	size_t depth = 0, parens = 0, aliases = 0;
	bool is_string = false;

	if (text.n <= DEPTH_MAX / 2 || !is_document(text))
		return false;
	for (size_t at = 0; at < text.n; at++) {
		unsigned char c = text.p[at];

		if (c == '"')
			is_string = !is_string;
		if (is_string)
			continue;
		/* What selections never hold: another language. */
		if (c == ';' || c == '<' || c == '>' || c == '+' || c == '/' || (c == '=' && parens == 0))
			return false;
		parens += c == '(';
		parens -= c == ')' && parens > 0;
		if (parens != 0)
			continue;
		depth += c == '{';
		depth -= c == '}' && depth > 0;
		aliases += c == ':' && depth > 0 && at > 0 && is_name(text.p[at - 1]);
		if (depth > DEPTH_MAX || aliases > ALIASES_MAX) {
			*ret_hit = (struct gb_detect_hit){
			        .reason = depth > DEPTH_MAX ? "graphql_depth" : "graphql_aliases",
			        .from = 0,
			        .length = at + 1};
			return true;
		}
	}
	return input->is_strict && find_introspection(text, ret_hit);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/regex_parser.h"

#include <errno.h>

static int read_choice(struct gb_regex_parser *parser, struct gb_regex_node **ret_node);

int gb_regex_refuse(const struct gb_regex_parser *parser, size_t at, const char *why)
{
	return gb_diag_set(parser->diag, -EINVAL, 0, 0, "regular expression, character %zu: %s", at + 1, why);
}

bool gb_regex_take(struct gb_regex_parser *parser, struct gb_span word)
{
	if (!gb_span_starts(gb_span_sub(parser->text, parser->at, SIZE_MAX), word))
		return false;
	parser->at += word.n;
	return true;
}

static int read_group(struct gb_regex_parser *parser, struct gb_regex_node **ret_node)
{
	size_t start = parser->at - 1;
	int r;

	if (!gb_regex_take(parser, GB_SPAN("?:")) && gb_regex_peek(parser) == '?')
		return gb_regex_refuse(parser, start,
		        "(?…) other than (?:…): look-around and names are not known; (?i) and (?s) stand at the begin");
	if (++parser->depth > GB_REGEX_DEPTH_MAX)
		return gb_regex_refuse(parser, start, "groups are nested too deep");
	r = read_choice(parser, ret_node);
	if (r < 0)
		return r;
	parser->depth--;
	return gb_regex_take(parser, GB_SPAN(")")) ? 0 : gb_regex_refuse(parser, start, "the group has no )");
}

/* A character of several bytes is one thing to repeat. */
static int read_character(struct gb_regex_parser *parser, struct gb_regex_node **ret_node)
{
	struct gb_regex_node *sequence = gb_regex_node_new(parser->arena, GB_REGEX_SEQUENCE);

	if (sequence == NULL)
		return -ENOMEM;
	do {
		struct gb_regex_node *byte = gb_regex_node_byte(parser->arena, parser->text.p[parser->at]);

		if (byte == NULL)
			return -ENOMEM;
		gb_regex_node_append(sequence, byte);
		parser->at++;
	} while (gb_regex_peek(parser) >= 0 && (gb_regex_peek(parser) & 0xc0) == 0x80);
	*ret_node = sequence;
	return 0;
}

static int read_atom(struct gb_regex_parser *parser, struct gb_regex_node **ret_node)
{
	struct gb_regex_node *node;
	size_t start = parser->at;
	int c = parser->text.p[parser->at], byte = -1, r = 0;

	if (c >= 0xc0)
		return read_character(parser, ret_node);
	parser->at++;
	if (c == '(')
		return read_group(parser, ret_node);
	if (c == '*' || c == '+' || c == '?' || c == '{')
		return gb_regex_refuse(parser, start, "a repetition of nothing; escape it to mean the character");
	if (c == '^' || c == '$')
		return gb_regex_refuse(
		        parser, start, "^ and $ stand at the begin and the end only, where they change nothing");
	if (c == ']' || c == '}')
		return gb_regex_refuse(
		        parser, start, "a closing bracket without an opening one; escape it to mean the character");
	node = gb_regex_node_new(parser->arena, GB_REGEX_SET);
	if (node == NULL)
		return -ENOMEM;
	if (c == '[') {
		r = gb_regex_read_class(parser, node->set);
	} else if (c == '.') {
		gb_regex_set_invert(node->set);
		if (!parser->is_dot_all)
			node->set[0] &= ~((uint64_t)1 << '\n');
	} else if (c == '\\') {
		r = gb_regex_read_escape(parser, node->set, &byte);
	} else {
		byte = c;
	}
	if (byte >= 0)
		gb_regex_set_add(node->set, (unsigned char)byte);
	if (parser->has_no_case)
		gb_regex_set_add_other_case(node->set);
	*ret_node = node;
	return r;
}

/* `{m}`, `{m,}`, `{m,n}` behind the brace. */
static int read_bounds(struct gb_regex_parser *parser, uint32_t *ret_least, uint32_t *ret_most)
{
	size_t start = parser->at - 1;
	struct gb_span rest = gb_span_sub(parser->text, parser->at, SIZE_MAX);
	size_t end = gb_span_find_byte(rest, '}', 0), comma;
	struct gb_span inside = gb_span_sub(rest, 0, end == SIZE_MAX ? 0 : end);
	uint64_t least, most;

	comma = gb_span_find_byte(inside, ',', 0);
	if (!gb_span_to_u64(gb_span_sub(inside, 0, comma == SIZE_MAX ? inside.n : comma), &least))
		return gb_regex_refuse(
		        parser, start, "braces hold {m}, {m,} or {m,n}; escape them to mean the character");
	most = least;
	if (comma != SIZE_MAX && comma + 1 == inside.n)
		most = GB_REGEX_ANY_NUMBER;
	else if (comma != SIZE_MAX && !gb_span_to_u64(gb_span_sub(inside, comma + 1, SIZE_MAX), &most))
		return gb_regex_refuse(
		        parser, start, "braces hold {m}, {m,} or {m,n}; escape them to mean the character");
	if (least > GB_REGEX_REPEAT_MAX ||
	        (most != GB_REGEX_ANY_NUMBER && (most > GB_REGEX_REPEAT_MAX || most < least)))
		return gb_regex_refuse(parser, start, "a repetition of at most 255, the smaller number first");
	parser->at += end + 1;
	*ret_least = (uint32_t)least;
	*ret_most = (uint32_t)most;
	return 0;
}

static int read_repeat(struct gb_regex_parser *parser, struct gb_regex_node **node)
{
	struct gb_regex_node *repeat;
	size_t start = parser->at;
	int c = gb_regex_peek(parser);

	if (c != '*' && c != '+' && c != '?' && c != '{')
		return 0;
	parser->at++;
	repeat = gb_regex_node_new(parser->arena, GB_REGEX_REPEAT);
	if (repeat == NULL)
		return -ENOMEM;
	repeat->least = c == '+' ? 1 : 0;
	repeat->most = c == '?' ? 1 : GB_REGEX_ANY_NUMBER;
	if (c == '{') {
		int r = read_bounds(parser, &repeat->least, &repeat->most);

		if (r < 0)
			return r;
	}
	(void)gb_regex_take(parser, GB_SPAN("?")); /* which of several matches is found makes no difference here */
	c = gb_regex_peek(parser);
	if (c == '*' || c == '+' || c == '?' || c == '{')
		return gb_regex_refuse(parser, start, "two repetitions one behind the other; group the first");
	gb_regex_node_append(repeat, *node);
	*node = repeat;
	return 0;
}

static bool is_end_anchor(const struct gb_regex_parser *parser)
{
	return gb_regex_peek(parser) == '$' && parser->at + 1 == parser->text.n && parser->depth == 0;
}

static int read_sequence(struct gb_regex_parser *parser, struct gb_regex_node **ret_node)
{
	struct gb_regex_node *sequence = gb_regex_node_new(parser->arena, GB_REGEX_SEQUENCE);

	if (sequence == NULL)
		return -ENOMEM;
	while (gb_regex_peek(parser) >= 0 && gb_regex_peek(parser) != '|' && gb_regex_peek(parser) != ')' &&
	        !is_end_anchor(parser)) {
		struct gb_regex_node *node = NULL;
		int r = read_atom(parser, &node);

		if (r >= 0)
			r = read_repeat(parser, &node);
		if (r < 0)
			return r;
		gb_regex_node_append(sequence, node);
	}
	*ret_node = sequence;
	return 0;
}

static int read_choice(struct gb_regex_parser *parser, struct gb_regex_node **ret_node)
{
	struct gb_regex_node *choice = gb_regex_node_new(parser->arena, GB_REGEX_CHOICE);

	if (choice == NULL)
		return -ENOMEM;
	do {
		struct gb_regex_node *sequence = NULL;
		int r = read_sequence(parser, &sequence);

		if (r < 0)
			return r;
		gb_regex_node_append(choice, sequence);
	} while (gb_regex_take(parser, GB_SPAN("|")));
	*ret_node = choice;
	return 0;
}

int gb_regex_parse(struct gb_arena *arena, struct gb_span text, struct gb_regex_node **ret_node, struct gb_diag *diag)
{
	struct gb_regex_parser parser = {.arena = arena, .text = text, .diag = diag};
	int r;

	for (bool is_flag = true; is_flag;) {
		is_flag = false;
		if (gb_regex_take(&parser, GB_SPAN("(?i)")))
			is_flag = parser.has_no_case = true;
		if (gb_regex_take(&parser, GB_SPAN("(?s)")))
			is_flag = parser.is_dot_all = true;
	}
	(void)gb_regex_take(&parser, GB_SPAN("^"));
	r = read_choice(&parser, ret_node);
	if (r < 0)
		return r;
	(void)gb_regex_take(&parser, GB_SPAN("$"));
	if (parser.at < text.n)
		return gb_regex_refuse(&parser, parser.at, "a ) without a (; escape it to mean the character");
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GraphQL abuse: a document whose cost is out of proportion, by depth, by the number of aliases, directives or documents in
 * one batch, or by fragments that contain each other. A person's or a generator's queries stay far below the bounds; introspection is asked by tools of every kind, and said in strict mode.
 */
#include "inspect/bytes.h"
#include "inspect/detect/detect.h"

#define DEPTH_MAX      24u
#define ALIASES_MAX    60u
#define DIRECTIVES_MAX 40u
#define REPEATED_MAX   6u  /* directives on one field */
#define BATCH_MAX      24u /* documents in one list */
#define FRAGMENTS_MAX  16u /* that are looked at */

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

static struct gb_span name_at(struct gb_span text, size_t at)
{
	size_t end = at;

	while (end < text.n && is_name(text.p[end]))
		end++;
	return gb_span_sub(text, at, end - at);
}

static size_t skip_blanks(struct gb_span text, size_t at)
{
	while (at < text.n && (gb_ascii_is_space(text.p[at]) || text.p[at] == ','))
		at++;
	return at;
}

struct fragments {
	struct gb_span names[FRAGMENTS_MAX];
	uint32_t spreads[FRAGMENTS_MAX]; /* bits of those that it contains */
	unsigned count;
};

static unsigned fragment_of(const struct fragments *fragments, struct gb_span name)
{
	unsigned i = 0;

	while (i < fragments->count && !gb_span_equal(fragments->names[i], name))
		i++;
	return i;
}

/* `fragment NAME on`, all of them. */
static void list_fragments(struct gb_span text, struct fragments *fragments)
{
	const struct gb_span word = GB_SPAN("fragment");

	for (size_t at = gb_bytes_find_text(text, word, 0); at != SIZE_MAX && fragments->count < FRAGMENTS_MAX;
	        at = gb_bytes_find_text(text, word, at + word.n)) {
		struct gb_span name = name_at(text, skip_blanks(text, at + word.n));

		if (name.n != 0 && (at == 0 || !is_name(text.p[at - 1])))
			fragments->names[fragments->count++] = name;
	}
}

/* ...NAME within the fragment that begins last before it. */
static void list_spreads(struct gb_span text, struct fragments *fragments)
{
	unsigned inside = FRAGMENTS_MAX;

	for (size_t at = 0; at + 3 < text.n; at++) {
		unsigned spread;

		for (unsigned i = 0; i < fragments->count; i++)
			if (fragments->names[i].p == text.p + at)
				inside = i;
		if (inside == FRAGMENTS_MAX || text.p[at] != '.' ||
		        !gb_span_starts(gb_span_sub(text, at, 3), GB_SPAN("...")))
			continue;
		spread = fragment_of(fragments, name_at(text, skip_blanks(text, at + 3)));
		if (spread < fragments->count)
			fragments->spreads[inside] |= 1u << spread;
	}
}

/* fragment A on T {...B} fragment B on T {...A}: a server that does not check goes round for ever. */
static bool find_cycle(struct gb_detect_work *work, struct gb_span text, struct gb_detect_hit *hit)
{
	struct fragments fragments = {0};

	list_fragments(text, &fragments);
	if (fragments.count == 0 || !gb_detect_spend(work, text.n * fragments.count))
		return false;
	list_spreads(text, &fragments);
	for (unsigned i = 0; i < fragments.count; i++)
		for (unsigned k = 0; k < fragments.count; k++)
			if ((fragments.spreads[k] & 1u << i) != 0)
				fragments.spreads[k] |= fragments.spreads[i];
	for (unsigned i = 0; i < fragments.count; i++) {
		if ((fragments.spreads[i] & 1u << i) == 0)
			continue;
		*hit = (struct gb_detect_hit){.reason = "graphql_fragment_cycle",
		        .from = (size_t)(fragments.names[i].p - text.p),
		        .length = fragments.names[i].n};
		return true;
	}
	return false;
}

/* [24].query: the document is one of many that came in one list. */
static bool is_batched(struct gb_span path)
{
	size_t open = path.n, number = 0;

	if (!gb_span_ends(path, GB_SPAN("].query")))
		return false;
	for (open = path.n - 7; open > 0 && gb_ascii_is_digit(path.p[open - 1]);)
		open--;
	for (size_t at = open; at < path.n - 7 && number < 1000; at++)
		number = number * 10 + (path.p[at] - '0');
	return open > 0 && path.p[open - 1] == '[' && number >= BATCH_MAX;
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
	size_t depth = 0, parens = 0, aliases = 0, directives = 0, repeated = 0;
	bool is_string = false;

	if (text.n == 0 || !is_document(text))
		return false;
	if (is_batched(input->path)) {
		*ret_hit = (struct gb_detect_hit){.reason = "graphql_batch", .from = 0, .length = text.n};
		return true;
	}
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
		/* @a@a@a: names and blanks alone between them. */
		if (c == '@')
			directives++, repeated++;
		else if (!is_name(c) && !gb_ascii_is_space(c) && c != ')')
			repeated = 0;
		if (depth > DEPTH_MAX || aliases > ALIASES_MAX || directives > DIRECTIVES_MAX ||
		        repeated > REPEATED_MAX) {
			*ret_hit = (struct gb_detect_hit){.reason = depth > DEPTH_MAX       ? "graphql_depth"
			                                            : aliases > ALIASES_MAX ? "graphql_aliases"
			                                                                    : "graphql_directives",
			        .from = 0,
			        .length = at + 1};
			return true;
		}
	}
	return find_cycle(input->work, text, ret_hit) || (input->is_strict && find_introspection(text, ret_hit));
}

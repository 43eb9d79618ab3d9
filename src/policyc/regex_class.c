/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/regex_parser.h"

#include <string.h>

static void set_add_range(uint64_t *set, unsigned first, unsigned last)
{
	for (unsigned c = first; c <= last; c++)
		gb_regex_set_add(set, (unsigned char)c);
}

void gb_regex_set_invert(uint64_t *set)
{
	for (unsigned i = 0; i < 4; i++)
		set[i] = ~set[i];
}

void gb_regex_set_add_other_case(uint64_t *set)
{
	for (unsigned c = 'a'; c <= 'z'; c++) {
		unsigned upper = c - 'a' + 'A';

		if ((set[c / 64] >> c % 64 & 1) != 0 || (set[upper / 64] >> upper % 64 & 1) != 0) {
			gb_regex_set_add(set, (unsigned char)c);
			gb_regex_set_add(set, (unsigned char)upper);
		}
	}
}

struct named_set {
	const char *name;
	const char *ranges; /* pairs: first, last */
};

static const struct named_set escape_sets[] = {
        {"d", "09"},
        {"w", "09AZaz__"},
        {"s", "\t\r  "},
};

static const struct named_set posix_sets[] = {
        {"alnum", "09AZaz"},
        {"alpha", "AZaz"},
        {"blank", "\t\t  "},
        {"digit", "09"},
        {"lower", "az"},
        {"print", " ~"},
        {"punct", "!/:@[`{~"},
        {"space", "\t\r  "},
        {"upper", "AZ"},
        {"word", "09AZaz__"},
        {"xdigit", "09AFaf"},
};

static void set_add_named(uint64_t *set, const struct named_set *named, bool is_inverted)
{
	uint64_t own[4] = {0};

	for (const char *range = named->ranges; *range != '\0'; range += 2)
		set_add_range(own, (unsigned char)range[0], (unsigned char)range[1]);
	if (is_inverted)
		gb_regex_set_invert(own);
	for (unsigned i = 0; i < 4; i++)
		set[i] |= own[i];
}

static int digit_of(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int gb_regex_read_escape(struct gb_regex_parser *parser, uint64_t *set, int *ret_byte)
{
	static const char letters[] = "tnrfv", values[] = "\t\n\r\f\v";
	size_t start = parser->at - 1;
	int c = gb_regex_peek(parser);
	const char *letter;

	if (c < 0)
		return gb_regex_refuse(parser, start, "a backslash at the end; write \\\\ for the character itself");
	parser->at++;
	*ret_byte = -1;
	for (size_t i = 0; i < sizeof(escape_sets) / sizeof(escape_sets[0]); i++) {
		if ((c | 0x20) != escape_sets[i].name[0])
			continue;
		set_add_named(set, &escape_sets[i], (c & 0x20) == 0);
		return 0;
	}
	letter = strchr(letters, c);
	if (letter != NULL && c != 0) {
		*ret_byte = (unsigned char)values[letter - letters];
		return 0;
	}
	if (c == 'x') {
		int high = digit_of(gb_regex_peek(parser));
		int low = parser->at + 1 < parser->text.n ? digit_of(parser->text.p[parser->at + 1]) : -1;

		if (high < 0 || low < 0)
			return gb_regex_refuse(parser, start, "\\x wants two hexadecimal digits");
		parser->at += 2;
		*ret_byte = high * 16 + low;
		return 0;
	}
	if (c >= '1' && c <= '9')
		return gb_regex_refuse(
		        parser, start, "a back-reference: no expression that is judged in linear time has them");
	if (c == 'b' || c == 'B' || c == 'A' || c == 'z' || c == 'Z')
		return gb_regex_refuse(
		        parser, start, "\\b, \\A and \\z are not known; the whole text must match anyway");
	if (c == '0' || gb_ascii_is_alpha((unsigned char)c))
		return gb_regex_refuse(parser, start, "an unknown escape");
	*ret_byte = c;
	return 0;
}

/* `[:name:]` inside a class. */
static int read_posix(struct gb_regex_parser *parser, uint64_t *set)
{
	size_t start = parser->at;
	bool is_inverted;

	parser->at += 2;
	is_inverted = gb_regex_take(parser, GB_SPAN("^"));
	for (size_t i = 0; i < sizeof(posix_sets) / sizeof(posix_sets[0]); i++) {
		struct gb_span rest = gb_span_sub(parser->text, parser->at, SIZE_MAX);
		struct gb_span name = gb_span_cstr(posix_sets[i].name);

		if (!gb_span_starts(rest, name) || !gb_span_starts(gb_span_sub(rest, name.n, SIZE_MAX), GB_SPAN(":]")))
			continue;
		set_add_named(set, &posix_sets[i], is_inverted);
		parser->at += name.n + 2;
		return 0;
	}
	return gb_regex_refuse(
	        parser, start, "an unknown class name; known are [:alnum:], [:alpha:], [:digit:], [:space:], …");
}

/* One byte of a class, or a set (*ret_byte is -1). */
static int read_class_item(struct gb_regex_parser *parser, uint64_t *set, int *ret_byte)
{
	int c = gb_regex_peek(parser);

	*ret_byte = -1;
	if (gb_span_starts(gb_span_sub(parser->text, parser->at, SIZE_MAX), GB_SPAN("[:")))
		return read_posix(parser, set);
	if (c < 0)
		return gb_regex_refuse(parser, parser->at, "the class has no ]");
	if (c >= 0x80)
		return gb_regex_refuse(parser, parser->at, "only ASCII can stand in a class; write (?:ä|ö) instead");
	parser->at++;
	if (c == '\\')
		return gb_regex_read_escape(parser, set, ret_byte);
	*ret_byte = c;
	return 0;
}

int gb_regex_read_class(struct gb_regex_parser *parser, uint64_t *set)
{
	bool is_inverted = gb_regex_take(parser, GB_SPAN("^"));

	for (bool is_first = true; is_first || gb_regex_peek(parser) != ']'; is_first = false) {
		size_t start = parser->at;
		int first, last, r = read_class_item(parser, set, &first);

		if (r < 0)
			return r;
		if (first < 0)
			continue;
		last = first;
		if (gb_regex_peek(parser) == '-' && parser->at + 1 < parser->text.n &&
		        parser->text.p[parser->at + 1] != ']') {
			parser->at++;
			r = read_class_item(parser, set, &last);
			if (r < 0)
				return r;
			if (last < first)
				return gb_regex_refuse(parser, start, "a range that ends before it begins");
		}
		set_add_range(set, (unsigned)first, (unsigned)last);
	}
	parser->at++;
	if (is_inverted)
		gb_regex_set_invert(set);
	return 0;
}

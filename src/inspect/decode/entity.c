/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/bytes.h"
#include "inspect/decode/decode.h"

struct entity {
	const char *name;
	unsigned char byte;
};

/* The named references that give ASCII; HTML standard §13.5. */
static const struct entity entities[] = {
        {"amp", '&'},
        {"lt", '<'},
        {"gt", '>'},
        {"quot", '"'},
        {"apos", '\''},
        {"nbsp", ' '},
        {"Tab", '\t'},
        {"NewLine", '\n'},
        {"sol", '/'},
        {"bsol", '\\'},
        {"lpar", '('},
        {"rpar", ')'},
        {"semi", ';'},
        {"colon", ':'},
        {"period", '.'},
        {"comma", ','},
        {"excl", '!'},
        {"num", '#'},
        {"dollar", '$'},
        {"percnt", '%'},
        {"ast", '*'},
        {"plus", '+'},
        {"equals", '='},
        {"quest", '?'},
        {"commat", '@'},
        {"lsqb", '['},
        {"rsqb", ']'},
        {"lbrack", '['},
        {"rbrack", ']'},
        {"lcub", '{'},
        {"rcub", '}'},
        {"lbrace", '{'},
        {"rbrace", '}'},
        {"verbar", '|'},
        {"vert", '|'},
        {"grave", '`'},
        {"lowbar", '_'},
        {"Hat", '^'},
};

/* A numeric reference at AT (of the &): bytes read, or 0. The semicolon may be missing, as browsers allow. */
static size_t number_at(struct gb_span in, size_t at, uint32_t *ret_code)
{
	size_t i = at + 2;
	bool is_hex = i < in.n && gb_ascii_lower(in.p[i]) == 'x';
	uint32_t code = 0;
	size_t digits = 0;

	i += is_hex;
	while (i < in.n && digits < 10) {
		int digit = gb_hex_value(in.p[i]);

		if (digit < 0 || (!is_hex && digit > 9))
			break;
		if (code <= 0x10ffff)
			code = code * (is_hex ? 16u : 10u) + (uint32_t)digit;
		i++;
		digits++;
	}
	if (digits == 0 || code > 0x10ffff)
		return 0;
	*ret_code = code;
	return i - at + (i < in.n && in.p[i] == ';');
}

static size_t name_at(struct gb_span in, size_t at, uint32_t *ret_code)
{
	struct gb_span name;
	size_t end = at + 1;

	/* Most & are none: a blank or the next field of a query stands behind. */
	while (end < in.n && gb_ascii_is_alpha(in.p[end]))
		end++;
	if (end == at + 1 || end == in.n || in.p[end] != ';')
		return 0;
	name = gb_span_sub(in, at + 1, end - at - 1);
	for (size_t e = 0; e < sizeof(entities) / sizeof(entities[0]); e++) {
		if (entities[e].name[0] != (char)name.p[0] || !gb_span_equal(name, gb_span_cstr(entities[e].name)))
			continue;
		*ret_code = entities[e].byte;
		return name.n + 2;
	}
	return 0;
}

size_t gb_decode_entities(struct gb_span in, unsigned char *out)
{
	size_t n = 0;

	for (size_t at = 0; at < in.n;) {
		uint32_t code = 0;
		size_t taken = 0;

		if (in.p[at] == '&' && at + 2 < in.n)
			taken = in.p[at + 1] == '#' ? number_at(in, at, &code) : name_at(in, at, &code);
		if (taken == 0) {
			out[n++] = in.p[at++];
			continue;
		}
		n += gb_decode_put_utf8(code, out + n);
		at += taken;
	}
	return n;
}

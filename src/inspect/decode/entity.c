/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/bytes.h"
#include "inspect/decode/decode.h"

#define NAME_MAX_BYTES 24u /* of the names below */

/* Named references of the HTML standard (§13.5) that give ASCII, or a quote or blank that passes for it. First the byte,
 * then * when the semicolon may be missing, then the name. Sorted by name. */
static const char *const references[] = {
        "&*AMP",
        "\" CloseCurlyDoubleQuote",
        "' CloseCurlyQuote",
        "` DiacriticalGrave",
        ">*GT",
        "^ Hat",
        "<*LT",
        "\n NewLine",
        "  NonBreakingSpace",
        "\" OpenCurlyDoubleQuote",
        "' OpenCurlyQuote",
        "\" Prime",
        "\"*QUOT",
        "\t Tab",
        "_ UnderBar",
        "| VerticalLine",
        "&*amp",
        "' apos",
        "* ast",
        "\\ bsol",
        ": colon",
        ", comma",
        "@ commat",
        "- dash",
        "$ dollar",
        "  emsp",
        "  ensp",
        "= equals",
        "! excl",
        "` grave",
        ">*gt",
        "- hyphen",
        "{ lbrace",
        "[ lbrack",
        "{ lcub",
        "\" ldquo",
        "_ lowbar",
        "( lpar",
        "[ lsqb",
        "' lsquo",
        "<*lt",
        "* midast",
        " *nbsp",
        "# num",
        "% percnt",
        ". period",
        "+ plus",
        "' prime",
        "? quest",
        "\"*quot",
        "} rbrace",
        "] rbrack",
        "} rcub",
        "\" rdquo",
        ") rpar",
        "] rsqb",
        "' rsquo",
        "; semi",
        "/ sol",
        "  thinsp",
        "| verbar",
        "| vert",
};

/* Windows-1252 for the numbers of control codes: HTML standard §13.2.5.80. The quotes are what matters. */
static uint32_t replaced(uint32_t code)
{
	switch (code) {
	case 0x82:
	case 0x91:
	case 0x92: return '\'';
	case 0x84:
	case 0x93:
	case 0x94: return '"';
	case 0x8b: return '<';
	case 0x9b: return '>';
	default: return code;
	}
}

/* A numeric reference at AT (of the &): bytes read, or 0. Zeros in front are many or none, the semicolon may be missing,
 * as browsers allow. */
static size_t number_at(struct gb_span in, size_t at, uint32_t *ret_code)
{
	size_t i = at + 2, start;
	bool is_hex = i < in.n && gb_ascii_lower(in.p[i]) == 'x';
	uint32_t code = 0;

	i += is_hex;
	for (start = i; i < in.n; i++) {
		int digit = gb_hex_value(in.p[i]);

		if (digit < 0 || (!is_hex && digit > 9))
			break;
		if (code <= 0x10ffff)
			code = code * (is_hex ? 16u : 10u) + (uint32_t)digit;
	}
	if (i == start || code > 0x10ffff)
		return 0;
	*ret_code = replaced(code);
	return i - at + (i < in.n && in.p[i] == ';');
}

/* Order of NAME before, at or behind the name in ROW. */
static int order(struct gb_span name, const char *row)
{
	for (size_t i = 0; i < name.n; i++) {
		unsigned char c = (unsigned char)row[2 + i];

		if (name.p[i] != c)
			return name.p[i] < c ? -1 : 1;
	}
	return row[2 + name.n] == '\0' ? 0 : -1;
}

static const char *reference_of(struct gb_span name)
{
	size_t low = 0, high = sizeof(references) / sizeof(references[0]);

	while (low < high) {
		size_t middle = (low + high) / 2;
		int side = order(name, references[middle]);

		if (side == 0)
			return references[middle];
		if (side < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static size_t name_at(struct gb_span in, size_t at, uint32_t *ret_code)
{
	size_t end = at + 1;
	const char *row;

	/* Most & are none: a blank or the next field of a query stands behind. */
	while (end < in.n && end - at <= NAME_MAX_BYTES && gb_ascii_is_alpha(in.p[end]))
		end++;
	if (end == at + 1)
		return 0;
	if (end < in.n && in.p[end] == ';') {
		row = reference_of(gb_span_sub(in, at + 1, end - at - 1));
		if (row != NULL) {
			*ret_code = (unsigned char)row[0];
			return end - at + 1;
		}
	}
	/* &ltscript> is <script>; but &lt=1 in a query is the field lt. */
	for (size_t n = 2; n <= 4 && at + 1 + n <= end; n++) {
		row = reference_of(gb_span_sub(in, at + 1, n));
		if (row != NULL && row[1] == '*' && !(at + 1 + n < in.n && in.p[at + 1 + n] == '=')) {
			*ret_code = (unsigned char)row[0];
			return n + 1;
		}
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

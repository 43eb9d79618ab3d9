/* SPDX-License-Identifier: Apache-2.0 */
/* Each decoder by a table: what goes in, what comes out. Input and output are blocks of exactly their size. */
#include "inspect/decode/decode.h"
#include "inspect/inspect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct row {
	const char *name;
	struct gb_span in;
	struct gb_span out; /* p NULL: none */
};

#define T(text)                                                                                                        \
	{                                                                                                              \
		(const unsigned char *)(text), sizeof(text) - 1                                                        \
	}
#define NONE                                                                                                           \
	{                                                                                                              \
		NULL, 0                                                                                                \
	}

typedef size_t decoder(struct gb_span in, unsigned char *out);

static unsigned char *copy_of(struct gb_span s)
{
	unsigned char *p = malloc(s.n == 0 ? 1 : s.n);

	assert_non_null(p);
	if (s.n != 0)
		memcpy(p, s.p, s.n);
	return p;
}

static void check(decoder *decode, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		unsigned char *in = copy_of(rows[i].in), *out = malloc(rows[i].in.n == 0 ? 1 : rows[i].in.n);
		size_t n;

		assert_non_null(out);
		n = decode(gb_span_of(in, rows[i].in.n), out);
		if (rows[i].out.p == NULL ? n != SIZE_MAX
		                          : n == SIZE_MAX || !gb_span_equal(gb_span_of(out, n), rows[i].out))
			fail_msg("'%s': got '%.*s'", rows[i].name, n == SIZE_MAX ? 4 : (int)n,
			        n == SIZE_MAX ? "none" : (const char *)out);
		free(in);
		free(out);
	}
}

#define CHECK(decode, rows) check(decode, rows, sizeof(rows) / sizeof(rows[0]))

static void test_entities(void **state)
{
	static const struct row rows[] = {
	        {"decimal", T("&#60;"), T("<")},
	        {"no semicolon", T("&#60a"), T("<a")},
	        {"zeros in front", T("&#0000000000000000000000060;b"), T("<b")},
	        {"hexadecimal", T("&#x3c;&#X3C;&#x3cscript"), T("<<<script")},
	        {"names", T("&lt;&colon;&Tab;&NewLine;&lpar;&sol;&lbrace;"), T("<:\t\n(/{")},
	        {"upper-case names that exist", T("&LT;&AMP;&QUOT;"), T("<&\"")},
	        {"names that need no semicolon", T("&ltscript&gt"), T("<script>")},
	        {"names that need one", T("&colon &lpar"), T("&colon &lpar")},
	        {"a field of a query", T("a=1&lt=2&gt=3"), T("a=1&lt=2&gt=3")},
	        {"not doubled", T("&amp;lt;"), T("&lt;")},
	        {"Windows-1252 quotes", T("&#146;&#x94;"), T("'\"")},
	        {"unknown name", T("&nonsense;"), T("&nonsense;")},
	        {"no digits", T("&#;&#x;"), T("&#;&#x;")},
	        {"beyond Unicode", T("&#99999999999;"), T("&#99999999999;")},
	        {"end of the text", T("a&"), T("a&")},
	};

	(void)state;
	CHECK(gb_decode_entities, rows);
}

static void test_fold(void **state)
{
	static const struct row rows[] = {
	        {"full width", T("\xef\xbc\x9cscript\xef\xbc\x9e"), T("<script>")},
	        {"overlong of two", T("\xc0\xae\xc0\xaf"), T("./")},
	        {"overlong of three", T("\xe0\x80\xaf"), T("/")},
	        {"overlong of four", T("\xf0\x80\x80\xaf"), T("/")},
	        {"typographic quotes", T("\xe2\x80\x98 or \xe2\x80\x9d"), T("' or \"")},
	        {"modifier apostrophe", T("\xca\xbc"), T("'")},
	        {"Greek question mark", T("\xcd\xbe"), T(";")},
	        {"small forms", T("\xef\xb9\xa4\xef\xb9\xa5"), T("<>")},
	        {"letters of mathematics", T("\xf0\x9d\x92\x94\xf0\x9d\x91\x92"), T("se")},
	        {"letters in circles", T("\xe2\x93\xa2\xe2\x92\xb6"), T("sA")},
	        {"soft hyphen and zero width", T("scr\xc2\xadip\xe2\x80\x8bt"), T("script")},
	        {"no-break blank",
	                T("a\xc2\xa0"
	                  "b"),
	                T("a b")},
	        {"carriage returns", T("a\rb\r\nc"), T("a\nb\nc")},
	        {"other letters stay", T("\xc3\xa4\xe4\xb8\xad"), T("\xc3\xa4\xe4\xb8\xad")},
	};

	(void)state;
	CHECK(gb_decode_fold, rows);
}

static void test_base64(void **state)
{
	static const struct row rows[] = {
	        {"padded", T("YTtjYXQgL2V0Yy9wYXNzd2Q="), T("a;cat /etc/passwd")},
	        {"not padded", T("YTtjYXQgL2V0Yy9wYXNzd2Q"), T("a;cat /etc/passwd")},
	        {"in lines", T("YTtj\r\nYXQg\nL2V0Yy9wYXNzd2Q="), T("a;cat /etc/passwd")},
	        {"alphabet of addresses", T("YTw_Pj8-"), T("a<?>?>")},
	        {"letters beyond ASCII only", T("0L/RgNC40LLQtdGC"),
	                T("\xd0\xbf\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82")},
	        {"binary", T("iVBORw0KGgoAAAAN"), NONE},
	        {"a digit too many", T("YTtjY"), NONE},
	        {"text behind the padding", T("YTtjYQ==YTtj"), NONE},
	};

	(void)state;
	CHECK(gb_decode_base64, rows);
}

static void test_utf16(void **state)
{
	static const struct row rows[] = {
	        {"little, marked", T("\xff\xfe<\0a\0"), T("<a")},
	        {"big, marked", T("\xfe\xff\0<\0a"), T("<a")},
	        {"little", T("<\0a\0>\0"), T("<a>")},
	        {"big", T("\0<\0a\0>"), T("<a>")},
	        {"a quote that looks like one", T("a\0\x19\x20 \0o\0r\0 \0"), T("a' or ")},
	        {"full width", T("\xfe\xff\xff\x1c\0a"), T("<a")},
	        {"letters of other scripts", T("\xfe\xff\x4e\x2d\0a\0e"),
	                T("\xc2\xbf"
	                  "ae")},
	        {"pair of surrogates", T("\xfe\xff\xd8\x3d\xde\x00\0<"), T("\xc2\xbf<")},
	        {"a byte too many", T("<\0a\0>\0b"), T("<a>")},
	        {"text", T("<script>"), NONE},
	        {"zeros", T("\0\0\0\0\0\0"), NONE},
	        {"short", T("a\0"), NONE},
	};

	(void)state;
	CHECK(gb_decode_utf16, rows);
}

static void test_hex(void **state)
{
	static const struct row rows[] = {
	        {"digits", T("613b636174202f6574632f706173737764"), T("a;cat /etc/passwd")},
	        {"prefixed", T("0x613B636174202F"), T("a;cat /")},
	        {"in pairs", T("61 3b 63 61 74 20"), T("a;cat ")},
	        {"colons", T("61:3b:63:61:74:20"), T("a;cat ")},
	        {"a list", T("0x61,0x3b,0x63,0x61,0x74,0x20"), T("a;cat ")},
	        {"escapes", T("\\x61\\x3b\\x63\\x61\\x74\\x20"), T("a;cat ")},
	        {"a checksum", T("9e107d9d372bb6826bd81d3542a419d6"), NONE},
	        {"half a byte", T("613b636174202"), NONE},
	        {"short", T("613b63"), NONE},
	        {"other letters", T("613b6361742g"), NONE},
	};

	(void)state;
	CHECK(gb_decode_hex, rows);
}

static void test_numbers(void **state)
{
	static const struct row rows[] = {
	        {"plain", T("105, 100"), T("id")},
	        {"signed", T("-61,-92 , 59"), T("\xc3\xa4;")},
	        {"largest", T("255,-128"), T("\xff\x80")},
	        {"too large", T("256"), NONE},
	        {"too small", T("-129"), NONE},
	        {"fraction", T("1.5"), NONE},
	        {"word", T("1,true"), NONE},
	        {"nothing between", T("1,,2"), NONE},
	        {"many digits", T("00000105"), NONE},
	};

	(void)state;
	CHECK(gb_decode_numbers, rows);
}

#include "deflated.h"

static void test_inflate(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(deflated) / sizeof(deflated[0]); i++) {
		unsigned char *in = copy_of(gb_span_of(deflated[i].p, deflated[i].n)), out[4096];
		struct gb_span text = gb_span_of(in, deflated[i].n);
		enum gb_deflate_coat coat = gb_decode_deflate_coat(text);
		struct gb_inflated result;

		if (coat != deflated[i].coat)
			fail_msg("'%s': coat %d", deflated[i].name, (int)coat);
		if (gb_decode_inflate(text, coat, out, sizeof(out), &result) != deflated[i].is_good)
			fail_msg("'%s': good or not", deflated[i].name);
		if (result.total != deflated[i].total)
			fail_msg("'%s': %llu bytes", deflated[i].name, (unsigned long long)result.total);
		if (!gb_span_starts(gb_span_of(out, result.n), gb_span_cstr(deflated[i].begin)))
			fail_msg("'%s': begins otherwise", deflated[i].name);
		free(in);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_entities),
	        cmocka_unit_test(test_fold),
	        cmocka_unit_test(test_base64),
	        cmocka_unit_test(test_utf16),
	        cmocka_unit_test(test_hex),
	        cmocka_unit_test(test_numbers),
	        cmocka_unit_test(test_inflate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

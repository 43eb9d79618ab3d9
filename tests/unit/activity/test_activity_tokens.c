/* SPDX-License-Identifier: Apache-2.0 */
/* A shell command cut into tokens: which they are, that they tile the text, and that depth is bounded. */
#include "tiling.h"

#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Tokens as text: kind letter, "!" for a command word's start, the bytes. */
struct token_row {
	const char *text;
	const char *want;
};

static const struct token_row token_rows[] = {
        {"ls -l", "T!ls|B |T-l|"},
        {"a=1 b+=2 ls", "=a=|T1|B |=b+=|T2|B |T!ls|"},
        {"x[1]=2", "=x[1]=|T2|"},
        {"if a;then b;fi", "Rif|B |T!a|O;|Rthen|B |T!b|O;|Rfi|"},
        {"echo if", "T!echo|B |Tif|"},
        {"a\\\nb c", "T!a|C\\\n|Tb|B |Tc|"},
        {"a 2>&1 >f", "T!a|B |>2>&|T1|B |>>|Tf|"},
        {"\"a$x\"'b'", "Q!\"|qa|E$x|Z\"|Q'|qb|Z'|"},
        {"a$(b)c", "T!a|S$(|T!b|s)|Tc|"},
        {"a `b 'c` d", "T!a|B |S`|T!b|B |Q'|qc|s`|B |Td|"},
        {"a ${x:-'}'} b", "T!a|B |S${|qx:-|Q'|q}|Z'|s}|B |Tb|"},
        {"a $((1+(2))) b", "T!a|B |S$((|A1+|A(|A2|A)|s))|B |Tb|"},
        {"f() { g; }", "T!f|O()|B |R{|B |T!g|O;|B |R}|"},
        {"a # b\nc", "T!a|B |## b|O\n|T!c|"},
        {"a \"b\"#c", "T!a|B |Q\"|qb|Z\"|T#|Tc|"},
        {"a b#c", "T!a|B |Tb#c|"},
        {"cat <<E\nx\nE\nls", "T!cat|B |><<|TE|O\n|Hx|H\n|hE\n|T!ls|"},
        {"cat <<E; ls\n$x\nE", "T!cat|B |><<|TE|O;|B |T!ls|O\n|E$x|H\n|hE|"},
        {"a <<<b", "T!a|B |><<<|Tb|"},
        {"a<(b)", "T!a|S<(|T!b|s)|"},
        {">f ls", ">>|Tf|B |T!ls|"},
};

static const char kind_letters[_GB_SHELL_KIND_MAX] = {
        [GB_SHELL_END] = '.',
        [GB_SHELL_BLANK] = 'B',
        [GB_SHELL_CONTINUATION] = 'C',
        [GB_SHELL_TEXT] = 'T',
        [GB_SHELL_ASSIGNMENT] = '=',
        [GB_SHELL_RESERVED] = 'R',
        [GB_SHELL_OPERATOR] = 'O',
        [GB_SHELL_REDIRECTION] = '>',
        [GB_SHELL_QUOTE_OPEN] = 'Q',
        [GB_SHELL_QUOTED] = 'q',
        [GB_SHELL_QUOTE_CLOSE] = 'Z',
        [GB_SHELL_EXPANSION] = 'E',
        [GB_SHELL_SUBSTITUTION_OPEN] = 'S',
        [GB_SHELL_SUBSTITUTION_CLOSE] = 's',
        [GB_SHELL_ARITHMETIC] = 'A',
        [GB_SHELL_HEREDOC] = 'H',
        [GB_SHELL_HEREDOC_CLOSE] = 'h',
        [GB_SHELL_COMMENT] = '#',
};

static void test_tokens(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(token_rows) / sizeof(token_rows[0]); i++) {
		char buffer[512];
		struct gb_text got = gb_text_on(buffer, sizeof(buffer));
		struct gb_span text = gb_span_cstr(token_rows[i].text);
		struct gb_shell_lexer lexer;
		struct gb_shell_token token;
		const uint8_t start = GB_SHELL_WORD_START | GB_SHELL_COMMAND_WORD;

		gb_shell_start(&lexer, text);
		while (gb_shell_next(&lexer, &token)) {
			gb_text_add_byte(&got, (unsigned char)kind_letters[token.kind]);
			if ((token.flags & start) == start)
				gb_text_add_byte(&got, '!');
			gb_text_add(&got, gb_span_sub(text, token.offset, token.length));
			gb_text_add_byte(&got, '|');
		}
		assert_string_equal(gb_text_cstr(&got), token_rows[i].want);
	}
}

/* Every text of four symbols out of those that mean something to the shell. */
static void test_tokens_tile(void **state)
{
	static const char alphabet[] = "a '\"$(){}`\\\n<>|&;#=1";
	const size_t symbols = sizeof(alphabet) - 1;
	size_t total = symbols * symbols * symbols * symbols;

	(void)state;
	for (size_t n = 0; n < total; n++) {
		unsigned char *p = malloc(4);
		size_t rest = n;

		assert_non_null(p);
		for (size_t i = 0; i < 4; i++, rest /= symbols)
			p[i] = (unsigned char)alphabet[rest % symbols];
		check_tiling(gb_span_of(p, 4));
		free(p);
	}
}

static void test_depth_is_bounded(void **state)
{
	enum { N = 100000 };
	unsigned char *p = malloc(2 * N);
	struct gb_shell_lexer lexer;
	struct gb_shell_token token;

	(void)state;
	assert_non_null(p);
	for (size_t i = 0; i < N; i++)
		memcpy(p + 2 * i, "$(", 2);
	check_tiling(gb_span_of(p, 2 * N));
	gb_shell_start(&lexer, gb_span_of(p, 2 * N));
	while (gb_shell_next(&lexer, &token))
		;
	assert_true(lexer.is_limited);
	assert_int_not_equal(gb_shell_flow(gb_span_of(p, 2 * N), 10, N).reason, GB_R_NONE);
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_tokens),
	        cmocka_unit_test(test_tokens_tile),
	        cmocka_unit_test(test_depth_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

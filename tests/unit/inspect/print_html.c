/* SPDX-License-Identifier: Apache-2.0 */
/* What the tokenizer of HTML makes of each line of standard input, for compare_html: one line of tokens a line, names and
 * values in hexadecimal. */
#include "inspect/lex/html.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

static void print_part(char kind, struct gb_span part)
{
	printf("%c", kind);
	for (size_t i = 0; i < part.n; i++)
		printf("%02x", part.p[i]);
	printf(" ");
}

/* \n stands for a line break. */
static size_t unescape(char *line, size_t n)
{
	size_t m = 0;

	for (size_t i = 0; i < n; i++) {
		bool is_break = line[i] == '\\' && i + 1 < n && line[i + 1] == 'n';

		line[m++] = is_break ? '\n' : line[i];
		i += is_break;
	}
	return m;
}

int main(void)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	while ((n = getline(&line, &cap, stdin)) >= 0) {
		struct gb_html html;
		struct gb_html_token token;

		if (n > 0 && line[n - 1] == '\n')
			n--;
		gb_html_start(&html, gb_span_of(line, unescape(line, (size_t)n)), 0, GB_HTML_DATA, false);
		while (gb_html_next(&html, &token)) {
			if (token.kind == GB_HTML_TAG)
				print_part('T', token.name);
			if (token.kind == GB_HTML_ATTRIBUTE) {
				print_part('A', token.name);
				print_part('V', token.value);
			}
			if (token.kind == GB_HTML_TAG_END)
				printf("> ");
			if (token.kind == GB_HTML_COMMENT)
				printf("C ");
		}
		printf("\n");
	}
	free(line);
	return 0;
}

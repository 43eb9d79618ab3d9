/* SPDX-License-Identifier: Apache-2.0 */
/* verdicts: what the C library says of payloads, one in base64 a line, in the form of `gambeson inspect --batch`. The base64
 * decoder is this program's own: the contract is what is compared. */
#include "inspect/inspect.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

static int sextet(int c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static size_t decode(char *line)
{
	unsigned bits = 0, held = 0;
	size_t n = 0;

	for (const char *at = line; sextet(*at) >= 0; at++) {
		bits = bits << 6 | (unsigned)sextet(*at);
		held += 6;
		if (held >= 8) {
			held -= 8;
			line[n++] = (char)(bits >> held);
		}
	}
	return n;
}

int main(void)
{
	struct gb_inspect_scratch *scratch = malloc(gb_inspect_scratch_bytes());
	char *line = NULL;
	size_t cap = 0;

	while (scratch != NULL && getline(&line, &cap, stdin) >= 0) {
		struct gb_inspect_report report;
		size_t n = decode(line);

		gb_inspect_value(NULL, gb_span_of(line, n), scratch, &report);
		if (report.finding_count == 0)
			puts("benign");
		else
			printf("attack\t%s\t%s\n", gb_inspect_class_facts(report.findings[0].attack_class)->code,
			        report.findings[0].reason);
	}
	free(line);
	free(scratch);
	return 0;
}

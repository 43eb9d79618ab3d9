/* SPDX-License-Identifier: Apache-2.0 */
/* verdicts: what the C library says of payloads, one in base64 a line, in the form of `gambeson inspect --batch`. The base64
 * decoder is not the product's: the contract is what is compared. */
#include "../../bench/base64.h"
#include "inspect/inspect.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

int main(void)
{
	struct gb_inspect_scratch *scratch = malloc(gb_inspect_scratch_bytes());
	char *line = NULL;
	size_t cap = 0;

	while (scratch != NULL && getline(&line, &cap, stdin) >= 0) {
		struct gb_inspect_report report;
		size_t n = base64_decode(line);

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

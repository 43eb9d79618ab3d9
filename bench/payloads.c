/* SPDX-License-Identifier: Apache-2.0 */
/* bench_payloads: what Gambeson says of payloads, and how long each takes (payloads.h). */
#include "inspect/inspect.h"
#include "payloads.h"

static bool judge(void *context, const char *p, size_t n)
{
	struct gb_inspect_report report;

	gb_inspect_value(NULL, gb_span_of(p, n), context, &report);
	return report.finding_count != 0;
}

int main(void)
{
	struct gb_inspect_scratch *scratch = malloc(gb_inspect_scratch_bytes());

	if (scratch == NULL)
		return 1;
	payloads_judge_all(judge, scratch);
	free(scratch);
	return 0;
}

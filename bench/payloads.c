/* SPDX-License-Identifier: Apache-2.0 */
/* bench_payloads: what Gambeson says of payloads, and how long each takes (payloads.h): as in block mode, when one finding is
 * enough, or, with the argument `all`, as in detect mode. */
#include "inspect/inspect.h"
#include "payloads.h"

#include <string.h>

struct judging {
	struct gb_inspect_options options;
	struct gb_inspect_scratch *scratch;
};

static bool judge(void *context, const char *p, size_t n)
{
	const struct judging *judging = context;
	struct gb_inspect_report report;

	gb_inspect_value(&judging->options, gb_span_of(p, n), judging->scratch, &report);
	return report.finding_count != 0;
}

int main(int argc, char **argv)
{
	struct gb_inspect_scratch *scratch = malloc(gb_inspect_scratch_bytes());
	struct judging judging = {.options.is_brief = argc < 2 || strcmp(argv[1], "all") != 0, .scratch = scratch};

	if (scratch == NULL)
		return 1;
	payloads_judge_all(judge, &judging);
	free(scratch);
	return 0;
}

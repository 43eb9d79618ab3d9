/* SPDX-License-Identifier: Apache-2.0 */
/* What the engine passes over, no detector convicts: any text gets the same findings when every detector reads all of it,
 * and the same verdict when one finding is enough. */
#include "inspect/inspect.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(int is_true)
{
	if (!is_true)
		abort();
}

static void check_all(const uint8_t *data, size_t n,
        void (*inspect)(const struct gb_inspect_options *, struct gb_span, struct gb_inspect_scratch *,
                struct gb_inspect_report *))
{
	static struct gb_inspect_scratch *scratch;
	const struct gb_inspect_options quick = {0}, thorough = {.is_thorough = true}, brief = {.is_brief = true};
	struct gb_inspect_report seen, all;
	size_t count;
	struct {
		enum gb_attack_class attack_class;
		const char *reason;
		size_t from, length;
	} kept[GB_INSPECT_FINDINGS_MAX];

	if (scratch == NULL)
		scratch = malloc(gb_inspect_scratch_bytes());
	if (scratch == NULL)
		abort();
	inspect(&quick, gb_span_of(data, n), scratch, &seen);
	count = seen.finding_count;
	for (size_t i = 0; i < count; i++) {
		kept[i].attack_class = seen.findings[i].attack_class;
		kept[i].reason = seen.findings[i].reason;
		kept[i].from = seen.findings[i].from;
		kept[i].length = seen.findings[i].length;
	}
	inspect(&thorough, gb_span_of(data, n), scratch, &all);
	check(count == all.finding_count && seen.limits == all.limits);
	for (size_t i = 0; i < count; i++)
		check(kept[i].attack_class == all.findings[i].attack_class &&
		        kept[i].reason == all.findings[i].reason && kept[i].from == all.findings[i].from &&
		        kept[i].length == all.findings[i].length);
	inspect(&brief, gb_span_of(data, n), scratch, &all);
	check((count != 0) == (all.finding_count != 0));
}

/* As one string, and as an event if it is JSON: the same bytes have paths then. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	check_all(data, n, gb_inspect_value);
	check_all(data, n, gb_inspect_event);
	return 0;
}

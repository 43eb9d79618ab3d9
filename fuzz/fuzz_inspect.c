/* SPDX-License-Identifier: Apache-2.0 */
/* The whole firewall on any bytes: evidence lies in its value, the work is bounded, the same input gives the same. */
#include "inspect/inspect.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(int is_true)
{
	if (!is_true)
		abort();
}

static void see_string(void *context, const struct gb_inspect_string *string)
{
	uint64_t *bytes = context;
	struct gb_span path = gb_inspect_string_path(string);

	/* Reads every byte, so that the sanitizer sees a span that is too long. */
	for (size_t i = 0; i < string->value.n; i++)
		*bytes += string->value.p[i];
	for (size_t i = 0; i < path.n; i++)
		*bytes += path.p[i];
	check(string->origin < _GB_ORIGIN_MAX);
}

static void check_finding(const struct gb_inspect_finding *finding)
{
	check(finding->length > 0 && finding->from < finding->value.n);
	check(finding->length <= finding->value.n - finding->from);
	check(finding->reason != NULL && gb_inspect_class_facts(finding->attack_class)->code[0] != '\0');
}

static void check_report(const struct gb_inspect_report *report, size_t n)
{
	check(report->finding_count <= GB_INSPECT_FINDINGS_MAX && report->cited_count <= GB_INSPECT_CITED_MAX);
	check(report->steps <= (uint64_t)n * 128 + (1u << 21));
	for (size_t i = 0; i < report->finding_count; i++)
		check_finding(&report->findings[i]);
	for (size_t i = 0; i < report->cited_count; i++)
		check_finding(&report->cited[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct gb_inspect_scratch *scratch;
	uint64_t bytes = 0, bytes_again = 0;
	struct gb_inspect_options options = {.on_string = see_string, .context = &bytes};
	struct gb_inspect_report report, again;

	if (scratch == NULL)
		scratch = malloc(gb_inspect_scratch_bytes());
	if (scratch == NULL)
		abort();
	gb_inspect_event(&options, gb_span_of(data, n), scratch, &report);
	check_report(&report, n);
	options.context = &bytes_again;
	gb_inspect_event(&options, gb_span_of(data, n), scratch, &again);
	check(bytes == bytes_again && report.steps == again.steps && report.finding_count == again.finding_count);
	gb_inspect_value(&options, gb_span_of(data, n), scratch, &report);
	check_report(&report, n);
	return 0;
}

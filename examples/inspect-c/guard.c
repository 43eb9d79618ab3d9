/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The input firewall in a program of one's own: an event on standard input, one line for each attack in it, exit status
 * 1 when there was one.
 *
 *	cc -o guard guard.c $(pkg-config --cflags --libs gambeson-inspect)
 *	printf '{"name":"; cat /etc/passwd #"}' | ./guard
 */
#include <gambeson/inspect.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVENT_BYTES_MAX (6u * 1024u * 1024u)

int main(void)
{
	struct gb_inspect_scratch *scratch = (struct gb_inspect_scratch *)malloc(gb_inspect_scratch_bytes());
	unsigned char *event = (unsigned char *)malloc(EVENT_BYTES_MAX);
	struct gb_inspect_options options;
	struct gb_inspect_report report;
	size_t i, n;

	if (scratch == NULL || event == NULL || strcmp(gb_inspect_version(), GB_INSPECT_VERSION) != 0)
		return 3;
	n = fread(event, 1, EVENT_BYTES_MAX, stdin);
	memset(&options, 0, sizeof(options)); /* all classes */
	gb_inspect_event(&options, gb_span_of(event, n), scratch, &report);
	for (i = 0; i < report.finding_count; i++) {
		const struct gb_inspect_finding *finding = &report.findings[i];
		const struct gb_class_facts *facts = gb_inspect_class_facts(finding->attack_class);

		printf("%s: %s in %.*s (%s), CWE-%u\n", facts->alert, finding->reason, (int)finding->path.n,
		        (const char *)finding->path.p, gb_inspect_origin_name(finding->origin), (unsigned)facts->cwe);
	}
	free(event);
	free(scratch);
	return report.finding_count != 0;
}

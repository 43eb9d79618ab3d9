/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson inspect --json: docs/formats/inspect.md. */
#include "cmd/gambeson/inspect.h"

#include "wire/json.h"

#include <limits.h>
#include <string.h>

/* A path or a value that a finding keeps, each byte escaped as \u00XX. */
#define STRING_BYTES_MAX (6u * (size_t)PATH_MAX + 2u)

static void put_string(const char *name, struct gb_span s)
{
	char buffer[STRING_BYTES_MAX];
	struct gb_text text = gb_text_on(buffer, sizeof(buffer));

	gb_json_add_string(&text, gb_json_fit(s, sizeof(buffer) - 2));
	printf("\"%s\":", name);
	fwrite(text.p, 1, text.n, stdout);
}

/* Offsets are those of the bytes that a reader of the JSON gets. ACTION: NULL without a policy. */
static void put_finding(const struct gb_inspect_finding *finding, const char *severity, const char *action)
{
	const struct gb_class_facts *facts = gb_inspect_class_facts(finding->attack_class);
	size_t from = gb_json_shown_bytes(gb_span_sub(finding->value, 0, finding->from));

	printf("{\"class\":\"%s\",\"type\":\"%s\",\"reason\":\"%s\",\"severity\":\"%s\",\"confidence\":\"%s\","
	       "\"attack\":[\"%s\"],"
	       "\"cwe\":%u,\"origin\":\"%s\",",
	        facts->code, facts->alert, finding->reason, severity, gb_inspect_confidence_name(finding->confidence),
	        facts->attack, facts->cwe, gb_inspect_origin_name(finding->origin));
	put_string("path", finding->path);
	putchar(',');
	put_string("value", finding->value);
	printf(",\"from\":%zu,\"length\":%zu", from,
	        gb_json_shown_bytes(gb_span_sub(finding->value, finding->from, finding->length)));
	if (action != NULL)
		printf(",\"action\":\"%s\"", action);
	putchar('}');
}

static void put_limits(const struct gb_inspect_report *report)
{
	const char *comma = "";

	printf("\"limited\":%s,\"limits\":[", report->is_limited ? "true" : "false");
	for (unsigned limit = 0; limit < _GB_LIMIT_MAX; limit++)
		if ((report->limits & 1u << limit) != 0) {
			printf("%s\"%s\"", comma, gb_inspect_limit_name((enum gb_inspect_limit)limit));
			comma = ",";
		}
	putchar(']');
}

/* What the policy does about it, and why beside the findings. */
static void put_action(const struct gb_policy *policy, const struct gb_firewall_verdict *verdict)
{
	printf("\"action\":\"%s\",", gb_inspection_action_name(gb_inspection_action(verdict)));
	if (verdict->report.is_limited)
		printf("\"limit_action\":\"%s\",", gb_inspection_action_name(verdict->limit_mode));
	if (verdict->source == NULL)
		return;
	fputs("\"source\":{", stdout);
	put_string("list", gb_policy_firewall_text(policy, verdict->source->name));
	putchar(',');
	put_string("category", gb_policy_firewall_text(policy, verdict->source->category));
	printf(",\"action\":\"%s\"},", gb_inspection_action_name(verdict->source_mode));
}

void gb_inspection_print_json(const struct gb_inspection *session, const struct gb_inspection_subject *subject,
        const struct gb_firewall_verdict *verdict)
{
	const struct gb_inspect_report *report = &verdict->report;
	const struct gb_policy *policy = session->firewall.policy;
	struct gb_span client = policy == NULL ? report->source_ip : gb_span_of(verdict->client, verdict->client_n);

	putchar('{');
	put_string("file", gb_span_cstr(subject->file));
	if (subject->line != 0)
		printf(",\"line\":%llu", (unsigned long long)subject->line);
	printf(",\"verdict\":\"%s\",\"shape\":\"%s\",", report->finding_count != 0 ? "attack" : "benign",
	        gb_inspect_shape_name(report->shape));
	if (client.n != 0) {
		put_string("source_ip", client);
		putchar(',');
	}
	if (policy != NULL)
		put_action(policy, verdict);
	printf("\"bytes\":%zu,\"steps\":%llu,", subject->text.n, (unsigned long long)report->steps);
	put_limits(report);
	fputs(",\"findings\":[", stdout);
	for (size_t i = 0; i < report->finding_count; i++) {
		if (i != 0)
			putchar(',');
		put_finding(&report->findings[i], gb_inspect_class_facts(report->findings[i].attack_class)->severity,
		        policy == NULL ? NULL : gb_inspection_action_name(verdict->modes[i]));
	}
	fputs("],\"cited\":[", stdout);
	for (size_t i = 0; i < report->cited_count; i++) {
		if (i != 0)
			putchar(',');
		put_finding(&report->cited[i], GB_INSPECT_CITED_SEVERITY, NULL);
	}
	puts("]}");
}

/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson inspect: what a person reads. */
#include "cmd/gambeson/inspect.h"

#include "cmd/gambeson/screen.h"

#include <unistd.h>

void gb_inspection_print_name(FILE *out, const struct gb_inspection_subject *subject)
{
	(void)gb_screen_text(out, gb_span_cstr(subject->file));
	if (subject->line != 0)
		fprintf(out, ":%llu", (unsigned long long)subject->line);
}

/* ACTION: NULL without a policy. SEVERITY: of the class, or what a mention has. */
static void print_finding(
        const struct gb_inspect_finding *finding, const char *severity, const char *action, bool is_coloured)
{
	const struct gb_class_facts *facts = gb_inspect_class_facts(finding->attack_class);

	fputs("  ", stdout);
	gb_screen_colour(stdout, is_coloured, GB_COLOUR_BOLD);
	fputs(facts->alert, stdout);
	gb_screen_colour(stdout, is_coloured, GB_COLOUR_NONE);
	if (finding->path.n != 0) {
		fputs(" in ", stdout);
		(void)gb_screen_text(stdout, finding->path);
		printf(" (%s)", gb_inspect_origin_name(finding->origin));
	}
	putchar('\n');
	gb_screen_evidence(stdout, is_coloured, 4, finding->value, finding->from, finding->length);
	printf("    %s / %s / %s, confidence %s / %s / CWE-%u", facts->code, finding->reason, severity,
	        gb_inspect_confidence_name(finding->confidence), facts->attack, facts->cwe);
	printf("%s%s\n", action == NULL ? "" : " / ", action == NULL ? "" : action);
}

static void print_source(const struct gb_inspection *session, const struct gb_firewall_verdict *verdict)
{
	if (verdict->source == NULL)
		return;
	fputs("  the client is on the list ", stdout);
	(void)gb_screen_text(stdout, gb_policy_firewall_text(session->firewall.policy, verdict->source->name));
	printf(" / %s\n", gb_inspection_action_name(verdict->source_mode));
}

static void print_limits(const struct gb_inspect_report *report)
{
	for (unsigned limit = 0; limit < _GB_LIMIT_MAX; limit++)
		if ((report->limits & 1u << limit) != 0)
			printf("  not looked at: %s (%s)\n", gb_inspect_limit_text((enum gb_inspect_limit)limit),
			        gb_inspect_limit_name((enum gb_inspect_limit)limit));
	if (report->limit_path.n != 0) {
		fputs("  first at ", stdout);
		(void)gb_screen_text(stdout, report->limit_path);
		putchar('\n');
	}
}

static void print_shape(const struct gb_inspection *session, const struct gb_firewall_verdict *verdict)
{
	const struct gb_inspect_report *report = &verdict->report;
	struct gb_span client =
	        session->firewall.policy == NULL ? report->source_ip : gb_span_of(verdict->client, verdict->client_n);

	if (session->settings->value)
		fputs("one value", stdout);
	else if (report->shape == GB_SHAPE_NOT_JSON)
		fputs("not JSON, judged as one text", stdout);
	else if (report->shape == GB_SHAPE_OTHER)
		fputs("event of no known shape", stdout);
	else
		printf("%s event", gb_inspect_shape_name(report->shape));
	if (client.n != 0) {
		fputs(", from ", stdout);
		(void)gb_screen_text(stdout, client);
	}
	if (session->options.is_strict)
		fputs(", strict", stdout);
}

void gb_inspection_print_text(const struct gb_inspection *session, const struct gb_inspection_subject *subject,
        const struct gb_firewall_verdict *verdict)
{
	const struct gb_inspect_report *report = &verdict->report;
	const bool is_coloured = gb_has_colour(STDOUT_FILENO), is_attack = report->finding_count != 0;
	const bool has_policy = session->firewall.policy != NULL;

	gb_inspection_print_name(stdout, subject);
	fputs(": ", stdout);
	gb_screen_colour(stdout, is_coloured, is_attack ? GB_COLOUR_RED : GB_COLOUR_GREEN);
	fputs(is_attack ? "attack" : "nothing found", stdout);
	if (has_policy)
		printf(", %s", gb_inspection_action_name(gb_inspection_action(verdict)));
	gb_screen_colour(stdout, is_coloured, GB_COLOUR_NONE);
	fputs(" (", stdout);
	print_shape(session, verdict);
	fputs(")\n", stdout);
	print_source(session, verdict);
	for (size_t i = 0; i < report->finding_count; i++)
		print_finding(&report->findings[i], gb_inspect_class_facts(report->findings[i].attack_class)->severity,
		        has_policy ? gb_inspection_action_name(verdict->modes[i]) : NULL, is_coloured);
	for (size_t i = 0; i < report->cited_count; i++) {
		fputs("  only mentioned:\n", stdout);
		print_finding(&report->cited[i], GB_INSPECT_CITED_SEVERITY, NULL, is_coloured);
	}
	if (report->finding_count == GB_INSPECT_FINDINGS_MAX)
		printf("  %u findings are the most that are kept; there may be more\n", GB_INSPECT_FINDINGS_MAX);
	print_limits(report);
	if (has_policy && report->is_limited)
		printf("  for what was not looked at / %s\n", gb_inspection_action_name(verdict->limit_mode));
}

void gb_inspection_print_summary(const struct gb_inspection *session)
{
	if (session->event_count < 2 && session->unread_count == 0)
		return;
	printf("%zu event%s: %zu with an attack, %zu without", session->event_count,
	        session->event_count == 1 ? "" : "s", session->attack_count,
	        session->event_count - session->attack_count);
	if (session->firewall.policy != NULL)
		printf("; %zu blocked, %zu only reported", session->action_counts[GB_MODE_BLOCK],
		        session->action_counts[GB_MODE_DETECT]);
	if (session->unread_count != 0)
		printf("; %zu could not be read", session->unread_count);
	putchar('\n');
}

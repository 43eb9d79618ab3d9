/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson inspect --explain: every string of the event, the encodings undone on it, one after the other, and which
 * detectors read what came out; then the verdict, and why there is none. */
#include "cmd/gambeson/inspect.h"

#include "cmd/gambeson/screen.h"

#include <string.h>

#define SHOWN_BYTES  160u /* of a string */
#define CHAIN_MAX    16u
#define PATH_COMPARE 512u

struct explanation {
	const char *chain[CHAIN_MAX]; /* layers undone up to the string at hand */
	char path[PATH_COMPARE];      /* of the string printed last */
	size_t path_n;
	enum gb_origin origin;
	size_t strings, texts, read;
	uint32_t readers; /* of the string at hand: bit per class */
	bool is_open;     /* its readers are not printed yet */
};

static void print_readers(struct explanation *explanation)
{
	const char *comma = "";

	if (!explanation->is_open)
		return;
	explanation->is_open = false;
	explanation->read += explanation->readers != 0;
	if (explanation->readers == 0)
		return;
	fputs("        read by ", stdout);
	for (int c = GB_CLASS_NONE + 1; c < _GB_CLASS_MAX; c++)
		if ((explanation->readers & 1u << c) != 0) {
			printf("%s%s", comma, gb_inspect_class_facts((enum gb_attack_class)c)->code);
			comma = ", ";
		}
	putchar('\n');
}

static void on_string(void *context, const struct gb_inspect_string *string)
{
	struct explanation *explanation = context;
	const struct gb_span path = gb_inspect_string_path(string);
	const size_t path_n = path.n < PATH_COMPARE ? path.n : PATH_COMPARE;
	unsigned depth = string->decodings < CHAIN_MAX ? string->decodings : CHAIN_MAX - 1;

	print_readers(explanation);
	for (unsigned i = 0; i < depth; i++)
		explanation->chain[i] = explanation->chain[i] == NULL ? "" : explanation->chain[i];
	explanation->chain[depth] = string->layer;
	if (explanation->strings == 0 || depth == 0 || path_n != explanation->path_n ||
	        memcmp(explanation->path, path.p, path_n) != 0 || explanation->origin != string->origin) {
		explanation->strings++;
		fputs("  ", stdout);
		(void)gb_screen_text(stdout, path.n != 0 ? path : GB_SPAN("the whole input"));
		printf(" (%s): ", gb_inspect_origin_name(string->origin));
		memcpy(explanation->path, path.p, path_n);
		explanation->path_n = path_n;
		explanation->origin = string->origin;
	} else
		fputs("      ", stdout);
	for (unsigned i = 1; i <= depth; i++)
		printf("%s%s", i == 1 ? "[" : ", ", explanation->chain[i]);
	if (depth != 0)
		fputs(" undone] ", stdout);
	(void)gb_screen_text(stdout, gb_span_sub(string->value, 0, SHOWN_BYTES));
	if (string->value.n > SHOWN_BYTES)
		printf("... (%zu bytes)", string->value.n);
	putchar('\n');
	explanation->texts++;
	explanation->readers = 0;
	explanation->is_open = true;
}

static void on_detector(void *context, enum gb_attack_class attack_class, const char *reason)
{
	struct explanation *explanation = context;

	explanation->readers |= 1u << attack_class;
	if (reason != NULL)
		printf("        %s: %s\n", gb_inspect_class_facts(attack_class)->code, reason);
}

static void print_reasons(const struct gb_inspect_finding *findings, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		printf("%s%s: %s in ", i == 0 ? "" : ", ", gb_inspect_class_facts(findings[i].attack_class)->code,
		        findings[i].reason);
		(void)gb_screen_text(stdout, findings[i].path.n != 0 ? findings[i].path : GB_SPAN("it"));
	}
	putchar('\n');
}

static void print_doubts(struct gb_inspection *session, const struct gb_inspection_subject *subject)
{
	struct gb_inspect_options strict = session->options;
	struct gb_firewall_verdict verdict;

	if (strict.is_strict)
		return;
	strict.is_strict = true;
	gb_inspection_run(session, &strict, subject->text, &verdict);
	if (verdict.report.finding_count == 0) {
		puts("  --strict finds nothing either");
		return;
	}
	fputs("  --strict would find ", stdout);
	print_reasons(verdict.report.findings, verdict.report.finding_count);
}

/* What a finding is known by when the memory that it points into holds another event's. */
static uint64_t mark_of(const struct gb_inspect_finding *finding)
{
	return gb_span_hash(finding->path) * 31 + gb_span_hash(gb_span_cstr(finding->reason));
}

/* What would be found without the policy, and is not in VERDICT, which is lost by asking. */
static void print_let_through(struct gb_inspection *session, const struct gb_inspection_subject *subject,
        const struct gb_firewall_verdict *verdict)
{
	uint64_t told[GB_INSPECT_FINDINGS_MAX];
	size_t told_count = verdict->report.finding_count, count = 0;
	struct gb_inspect_report all;

	for (size_t i = 0; i < told_count; i++)
		told[i] = mark_of(&verdict->report.findings[i]);
	gb_inspect_event(&session->options, subject->text, session->scratch, &all);
	for (size_t i = 0; i < all.finding_count; i++) {
		bool is_told = false;

		for (size_t k = 0; k < told_count; k++)
			is_told = is_told || told[k] == mark_of(&all.findings[i]);
		if (!is_told)
			all.findings[count++] = all.findings[i];
	}
	if (count == 0)
		return;
	fputs("  the policy lets through ", stdout);
	print_reasons(all.findings, count);
}

void gb_inspection_explain(struct gb_inspection *session, const struct gb_inspection_subject *subject,
        struct gb_firewall_verdict *ret_verdict)
{
	struct gb_inspect_options options = session->options;
	struct explanation explanation = {.origin = GB_ORIGIN_VALUE};

	options.on_string = on_string;
	options.on_detector = on_detector;
	options.context = &explanation;
	gb_inspection_print_name(stdout, subject);
	puts(": what was looked at (what no detector reads holds none of the bytes that one asks for)");
	gb_inspection_run(session, &options, subject->text, ret_verdict);
	print_readers(&explanation);
	gb_inspection_print_text(session, subject, ret_verdict);
	printf("  %zu strings became %zu texts, %zu of them were read by a detector\n", explanation.strings,
	        explanation.texts, explanation.read);
	if (session->firewall.policy != NULL)
		print_let_through(session, subject, ret_verdict);
	else if (ret_verdict->report.finding_count == 0) {
		puts("  no detector found the structure of an attack");
		print_doubts(session, subject);
	}
}

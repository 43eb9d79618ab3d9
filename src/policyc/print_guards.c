/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "base/day.h"
#include "policyc/guards.h"
#include "policyc/print.h"

#include <time.h>

#define SECONDS_A_DAY 86400

bool gb_policyc_has_guard(const struct gb_policyc_document *document, enum gb_control control)
{
	if (document->control_modes[control] == GB_BLOB_MODE_POSTURE && control != GB_CONTROL_CREDENTIAL)
		return true;
	for (size_t guard = 0; guard < _GB_BLOB_GUARD_MAX; guard++)
		if (gb_policyc_guards[guard].control == control && document->guards.texts[guard].count != 0)
			return true;
	for (size_t kind = 0; control == GB_CONTROL_BUDGET && kind < _GB_USAGE_MAX; kind++)
		if (document->guards.budgets[kind] != 0)
			return true;
	return control == GB_CONTROL_FORBIDDEN &&
	       (document->guards.forbidden_day != 0 || document->guards.files.count != 0);
}

static void add_day(const struct gb_policyc_document *document, struct gb_text *text)
{
	gb_day_print(document->guards.forbidden_day, text);
}

static void print_budgets(const struct gb_policyc_document *document, FILE *out)
{
	for (size_t kind = 0; kind < _GB_USAGE_MAX; kind++)
		if (document->guards.budgets[kind] != 0)
			fprintf(out, "    %s: %u\n", gb_policyc_budget_keys[kind], document->guards.budgets[kind]);
}

static void print_section(
        const struct gb_policyc_document *document, const char *name, enum gb_control control, FILE *out)
{
	const struct gb_policyc_guards_of_document *guards = &document->guards;
	char buffer[32];
	struct gb_text day = gb_text_on(buffer, sizeof(buffer));
	bool is_empty = control != GB_CONTROL_FORBIDDEN || (guards->forbidden_day == 0 && guards->files.count == 0);

	if (!gb_policyc_has_guard(document, control))
		return;
	for (size_t guard = 0; guard < _GB_BLOB_GUARD_MAX; guard++)
		if (gb_policyc_guards[guard].control == control && guards->texts[guard].count != 0)
			is_empty = false;
	for (size_t kind = 0; control == GB_CONTROL_BUDGET && kind < _GB_USAGE_MAX; kind++)
		if (guards->budgets[kind] != 0)
			is_empty = false;
	fprintf(out, "  %s:%s\n", name, is_empty ? " {}" : "");
	if (control == GB_CONTROL_BUDGET)
		print_budgets(document, out);
	if (control == GB_CONTROL_FORBIDDEN)
		gb_policyc_print_strings(4, "lists", &guards->files, out);
	if (control == GB_CONTROL_FORBIDDEN && guards->forbidden_day != 0) {
		add_day(document, &day);
		fprintf(out, "    date: \"%s\"\n", gb_text_cstr(&day));
	}
	for (size_t guard = 0; guard < _GB_BLOB_GUARD_MAX; guard++)
		if (gb_policyc_guards[guard].control == control)
			gb_policyc_print_strings(4, gb_policyc_guards[guard].key, &guards->texts[guard], out);
}

void gb_policyc_print_guards(const struct gb_policyc_document *document, FILE *out)
{
	print_section(document, "drift", GB_CONTROL_DRIFT, out);
	print_section(document, "forbidden", GB_CONTROL_FORBIDDEN, out);
	print_section(document, "decoys", GB_CONTROL_DECOY, out);
	print_section(document, "budgets", GB_CONTROL_BUDGET, out);
	print_section(document, "hygiene", GB_CONTROL_HYGIENE, out);
}

void gb_policyc_print_guards_table(const struct gb_policyc_document *document, FILE *out)
{
	char buffer[32];
	struct gb_text day = gb_text_on(buffer, sizeof(buffer));

	for (size_t guard = 0; guard < _GB_BLOB_GUARD_MAX; guard++) {
		const struct gb_policyc_guard *facts = &gb_policyc_guards[guard];

		if (document->guards.texts[guard].count != 0)
			fprintf(out, "%s: %zu %s\n", facts->section, document->guards.texts[guard].count, facts->key);
	}
	for (size_t kind = 0; kind < _GB_USAGE_MAX; kind++)
		if (document->guards.budgets[kind] != 0)
			fprintf(out, "budgets: %s %u\n", gb_policyc_budget_keys[kind], document->guards.budgets[kind]);
	if (document->guards.forbidden_day == 0)
		return;
	add_day(document, &day);
	fprintf(out, "forbidden: the oldest list is of %s, %lld days old\n", gb_text_cstr(&day),
	        (long long)time(NULL) / SECONDS_A_DAY - (long long)document->guards.forbidden_day);
}

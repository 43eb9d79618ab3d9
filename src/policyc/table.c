/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/guards.h"
#include "policyc/print.h"

#include <string.h>

static void print_visible(const char *text, FILE *out)
{
	for (; *text != '\0'; text++)
		fputc((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text, out);
}

static void print_row(const char *what, const char *text, FILE *out)
{
	fprintf(out, "  %-12s ", what);
	print_visible(text, out);
	fputc('\n', out);
}

static void print_rows(const char *what, const struct gb_policyc_strings *strings, FILE *out)
{
	for (size_t i = 0; i < strings->count; i++)
		print_row(what, strings->items[i], out);
}

static void print_process(const struct gb_policyc_process *process, FILE *out)
{
	fprintf(out, "  %-12s ", "run");
	print_visible(process->executable, out);
	if (process->name != NULL) {
		fputs(" as ", out);
		print_visible(process->name, out);
	}
	if (process->argument_count != 0)
		fputs(" :", out);
	for (size_t i = 0; i < process->argument_count; i++) {
		fputs(process->arguments[i].is_shell ? " shell[ " : " ", out);
		print_visible(process->arguments[i].text, out);
		fputs(process->arguments[i].is_shell ? " ]" : "", out);
	}
	fputc('\n', out);
}

static void print_group(const char *title, const struct gb_policyc_group *group, FILE *out)
{
	fputs(title, out);
	if (group->name != NULL) {
		fputs(" ", out);
		print_visible(group->name, out);
	}
	fputs("\n", out);
	for (size_t i = 0; i < group->process_count; i++)
		print_process(&group->processes[i], out);
	print_rows("read", &group->read, out);
	print_rows("write", &group->write, out);
	print_rows("map", &group->map, out);
	print_rows("connect", &group->addresses, out);
	print_rows("host", &group->hosts, out);
	for (int kind = 1; kind < _GB_ACTIVITY_KIND_MAX; kind++)
		if ((group->kinds >> kind & 1u) != 0)
			print_row("kind", gb_activity_kind_name((enum gb_activity_kind)kind), out);
}

static void print_mode(const struct gb_policyc_document *document, const char *name, enum gb_control control, FILE *out)
{
	uint8_t mode = document->control_modes[control];

	fprintf(out, " %s=%s", name,
	        gb_mode_name(mode == GB_BLOB_MODE_POSTURE || mode > document->posture ? document->posture
	                                                                              : (enum gb_mode)mode));
}

void gb_policyc_print_table(const struct gb_policyc_document *document, FILE *out)
{
	fputs("policy ", out);
	print_visible(document->name[0] == '\0' ? "(no name)" : document->name, out);
	fprintf(out, ": posture %s, stance %s%s;", gb_mode_name(document->posture), gb_stance_name(document->stance),
	        document->observe ? ", observing" : "");
	print_mode(document, "firewall", GB_CONTROL_FIREWALL, out);
	print_mode(document, "flow", GB_CONTROL_FLOW, out);
	print_mode(document, "rules", GB_CONTROL_RULE, out);
	print_mode(document, "allowlist", GB_CONTROL_ALLOWLIST, out);
	for (int control = GB_CONTROL_DRIFT; control < _GB_CONTROL_MAX; control++)
		if (document->control_modes[control] != GB_MODE_OFF)
			print_mode(document, gb_control_name((enum gb_control)control), (enum gb_control)control, out);
	fputc('\n', out);
	gb_policyc_print_firewall_table(&document->firewall, out);
	gb_policyc_print_guards_table(document, out);
	print_group("allowed", &document->allow, out);
	for (size_t i = 0; i < document->rules.count; i++)
		print_group("forbidden by rule", &document->rules.items[i], out);
	for (size_t i = 0; i < document->exclusions.count; i++)
		print_group("excluded", &document->exclusions.items[i], out);
}

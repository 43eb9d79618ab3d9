/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/guards.h"
#include "policyc/moment.h"
#include "policyc/print.h"
#include "policyc/reader.h"

#include <string.h>

static void print_visible(const char *text, FILE *out)
{
	for (struct gb_span rest = gb_span_cstr(text); rest.n != 0;) {
		size_t n = gb_policyc_hidden_bytes(rest);

		(void)fputc(n == 0 ? rest.p[0] : '?', out);
		rest = gb_span_sub(rest, n == 0 ? 1 : n, SIZE_MAX);
	}
}

static void print_row(const char *what, const char *text, FILE *out)
{
	fprintf(out, "  %-12s ", what);
	print_visible(text, out);
	fputc('\n', out);
}

static void print_rows(const char *what, const struct gb_policyc_patterns *patterns, FILE *out)
{
	for (size_t i = 0; i < patterns->count; i++) {
		bool is_regex = patterns->items[i].kind == GB_POLICYC_REGEX;

		fprintf(out, "  %-12s %s", what, is_regex ? "regex[ " : "");
		print_visible(patterns->items[i].text, out);
		fputs(is_regex ? " ]\n" : "\n", out);
	}
}

static void print_apis(const struct gb_policyc_entry *entry, FILE *out)
{
	for (size_t i = 0; i < entry->api_count; i++) {
		const struct gb_policyc_api *api = &entry->apis[i];

		fprintf(out, "  %-12s ", "api");
		print_visible(api->action, out);
		for (size_t k = 0; k < api->resources.count; k++) {
			fputs(k == 0 ? " of " : ", ", out);
			print_visible(api->resources.items[k].text, out);
		}
		fputc('\n', out);
	}
}

static void print_requests(const struct gb_policyc_entry *entry, FILE *out)
{
	for (size_t i = 0; i < entry->request_count; i++) {
		const struct gb_policyc_http *request = &entry->requests[i];

		fprintf(out, "  %-12s %s ", "http", request->method == NULL ? "*" : request->method);
		print_visible(request->host.text == NULL ? "*" : request->host.text, out);
		fputc(' ', out);
		print_visible(request->path.text == NULL ? "/**" : request->path.text, out);
		fputc('\n', out);
	}
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

/* "rule NAME (FILE:LINE) until DATE, by AUTHOR: REASON" */
static void print_title(const char *title, const struct gb_policyc_entry *entry, FILE *out)
{
	char buffer[40];
	struct gb_text day = gb_text_on(buffer, sizeof(buffer));

	fputs(title, out);
	if (entry->name != NULL) {
		fputs(" ", out);
		print_visible(entry->name, out);
	}
	if (entry->origin.file != NULL) {
		fputs(" (", out);
		print_visible(entry->origin.file, out);
		fprintf(out, ":%u)", entry->origin.line);
	}
	if (entry->expires != 0) {
		gb_policyc_moment_print(entry->expires, GB_POLICYC_DAY_LAST, &day);
		fprintf(out, " until %s", gb_text_cstr(&day));
	}
	if (entry->author != NULL) {
		fputs(", by ", out);
		print_visible(entry->author, out);
	}
	if (entry->reason != NULL) {
		fputs(": ", out);
		print_visible(entry->reason, out);
	}
	fputc('\n', out);
}

static void print_entry(const char *title, const struct gb_policyc_entry *entry, FILE *out)
{
	print_title(title, entry, out);
	for (size_t i = 0; i < entry->process_count; i++)
		print_process(&entry->processes[i], out);
	print_rows("command", &entry->commands, out);
	print_rows("read", &entry->read, out);
	print_rows("write", &entry->write, out);
	print_rows("read, write", &entry->any, out);
	print_rows("map", &entry->map, out);
	print_rows("connect", &entry->addresses, out);
	print_rows("host", &entry->hosts, out);
	print_apis(entry, out);
	print_requests(entry, out);
	for (size_t i = 0; i < entry->input_count; i++)
		gb_policyc_print_exception_row(&entry->inputs[i], out);
	for (int kind = 1; kind < _GB_ACTIVITY_KIND_MAX; kind++)
		if ((entry->kinds >> kind & 1u) != 0)
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
	char buffer[40];
	struct gb_text day = gb_text_on(buffer, sizeof(buffer));

	if (document->enforce == GB_POLICYC_AT_TIME)
		gb_policyc_moment_print(document->enforce_at, GB_POLICYC_DAY_FIRST, &day);
	fputs("policy ", out);
	print_visible(document->name[0] == '\0' ? "(no name)" : document->name, out);
	fprintf(out, ": posture %s%s%s, stance %s%s;", gb_mode_name(document->posture), day.n == 0 ? "" : " from ",
	        gb_text_cstr(&day), gb_stance_name(document->stance), document->observe ? ", observing" : "");
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
	print_entry("allowed", &document->allow, out);
	for (size_t i = 0; i < document->rules.count; i++)
		print_entry("forbidden by rule", &document->rules.items[i], out);
	for (size_t i = 0; i < document->exclusions.count; i++)
		print_entry("excluded", &document->exclusions.items[i], out);
}

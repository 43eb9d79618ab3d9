/* SPDX-License-Identifier: Apache-2.0 */
/* Rules, exclusions and the allowlist, printed. */
#include "policyc/print.h"

#include "policyc/moment.h"

#include <string.h>

static bool takes_any_arguments(const struct gb_policyc_process *process)
{
	return process->argument_count == 1 && !process->arguments[0].is_shell &&
	       strcmp(process->arguments[0].text, "**") == 0;
}

static void print_process(int indent, const struct gb_policyc_process *process, FILE *out)
{
	fprintf(out, "%*s- executable: ", indent, "");
	gb_policyc_print_text(process->executable, out);
	fputc('\n', out);
	if (process->name != NULL)
		gb_policyc_print_pair(indent + 2, "name", process->name, out);
	if (takes_any_arguments(process))
		return;
	fprintf(out, "%*sarguments:%s\n", indent + 2, "", process->argument_count == 0 ? " []" : "");
	for (size_t i = 0; i < process->argument_count; i++) {
		fprintf(out, "%*s- %s", indent + 4, "", process->arguments[i].is_shell ? "shell: " : "");
		gb_policyc_print_text(process->arguments[i].text, out);
		fputc('\n', out);
	}
}

static void print_kinds(int indent, uint32_t kinds, FILE *out)
{
	if (kinds == 0)
		return;
	fprintf(out, "%*skinds:\n", indent, "");
	for (int kind = 1; kind < _GB_ACTIVITY_KIND_MAX; kind++)
		if ((kinds >> kind & 1u) != 0)
			fprintf(out, "%*s- %s\n", indent + 2, "", gb_activity_kind_name((enum gb_activity_kind)kind));
}

/* TEXT as it would stand in a list of paths: what is directly in a directory is said in so many words, since a star
 * alone at the end is all that lies below it. */
static void print_pattern(const struct gb_policyc_pattern *pattern, enum gb_policyc_path_form form, FILE *out)
{
	size_t n = strlen(pattern->text);
	struct gb_span text = gb_span_of(pattern->text, n);

	if (pattern->kind == GB_POLICYC_REGEX) {
		fputs("regex: ", out);
		gb_policyc_print_text(pattern->text, out);
	} else if (form == GB_POLICYC_PATHS && gb_span_ends(text, GB_SPAN("/*"))) {
		char directory[GB_POLICYC_PATTERN_BYTES_MAX + 1];
		struct gb_text short_text = gb_text_on(directory, sizeof(directory));

		gb_text_add(&short_text, n == 2 ? GB_SPAN("/") : gb_span_sub(text, 0, n - 2));
		fputs("in: ", out);
		gb_policyc_print_text(gb_text_cstr(&short_text), out);
	} else {
		gb_policyc_print_text(pattern->text, out);
	}
}

static void print_patterns(int indent, const char *key, const struct gb_policyc_patterns *patterns,
        enum gb_policyc_path_form form, FILE *out)
{
	if (patterns->count == 0)
		return;
	fprintf(out, "%*s%s:\n", indent, "", key);
	for (size_t i = 0; i < patterns->count; i++) {
		fprintf(out, "%*s- ", indent + 2, "");
		print_pattern(&patterns->items[i], form, out);
		fputc('\n', out);
	}
}

static void print_apis(int indent, const struct gb_policyc_entry *entry, FILE *out)
{
	if (entry->api_count != 0)
		fprintf(out, "%*sawsApis:\n", indent, "");
	for (size_t i = 0; i < entry->api_count; i++) {
		fprintf(out, "%*s- action: ", indent + 2, "");
		gb_policyc_print_text(entry->apis[i].action, out);
		fputc('\n', out);
		print_patterns(indent + 4, "resources", &entry->apis[i].resources, GB_POLICYC_NO_PATHS, out);
	}
}

static void print_part(int indent, const char *key, const struct gb_policyc_pattern *pattern, FILE *out)
{
	if (pattern->text == NULL)
		return;
	fprintf(out, "%*s%s: %s", indent, "", key, pattern->kind == GB_POLICYC_REGEX ? "{regex: " : "");
	gb_policyc_print_text(pattern->text, out);
	fputs(pattern->kind == GB_POLICYC_REGEX ? "}\n" : "\n", out);
}

static void print_requests(int indent, const struct gb_policyc_entry *entry, FILE *out)
{
	if (entry->request_count != 0)
		fprintf(out, "%*shttp:\n", indent, "");
	for (size_t i = 0; i < entry->request_count; i++) {
		const struct gb_policyc_http *request = &entry->requests[i];

		fprintf(out, "%*s-\n", indent + 2, "");
		if (request->method != NULL)
			gb_policyc_print_pair(indent + 4, "method", request->method, out);
		print_part(indent + 4, "host", &request->host, out);
		print_part(indent + 4, "path", &request->path, out);
	}
}

void gb_policyc_print_matches(int indent, const struct gb_policyc_entry *entry, FILE *out)
{
	if (entry->process_count != 0)
		fprintf(out, "%*sprocesses:\n", indent, "");
	for (size_t i = 0; i < entry->process_count; i++)
		print_process(indent + 2, &entry->processes[i], out);
	print_patterns(indent, "commands", &entry->commands, GB_POLICYC_NO_PATHS, out);
	if (entry->read.count + entry->write.count + entry->any.count + entry->map.count != 0)
		fprintf(out, "%*sfiles:\n", indent, "");
	print_patterns(indent + 2, "read", &entry->read, GB_POLICYC_PATHS, out);
	print_patterns(indent + 2, "write", &entry->write, GB_POLICYC_PATHS, out);
	print_patterns(indent + 2, "any", &entry->any, GB_POLICYC_PATHS, out);
	print_patterns(indent + 2, "map", &entry->map, GB_POLICYC_PATHS, out);
	print_patterns(indent, "addresses", &entry->addresses, GB_POLICYC_NO_PATHS, out);
	print_patterns(indent, "hosts", &entry->hosts, GB_POLICYC_NO_PATHS, out);
	print_apis(indent, entry, out);
	print_requests(indent, entry, out);
	if (entry->input_count != 0)
		fprintf(out, "%*sinputs:\n", indent, "");
	for (size_t i = 0; i < entry->input_count; i++)
		gb_policyc_print_exception(indent + 2, &entry->inputs[i], out);
	print_kinds(indent, entry->kinds, out);
}

static void print_scope(const struct gb_policyc_scope *scope, FILE *out)
{
	if (gb_policyc_scope_is_empty(scope))
		return;
	fputs("      scope:\n", out);
	gb_policyc_print_strings(8, "accounts", &scope->accounts, out);
	gb_policyc_print_strings(8, "regions", &scope->regions, out);
	gb_policyc_print_strings(8, "groups", &scope->groups, out);
	gb_policyc_print_strings(8, "functions", &scope->functions, out);
	gb_policyc_print_strings(8, "runtimes", &scope->runtimes, out);
	gb_policyc_print_strings(8, "versions", &scope->versions, out);
	gb_policyc_print_strings(8, "aliases", &scope->aliases, out);
	if (scope->tags.count != 0)
		fputs("        tags:\n", out);
	for (size_t i = 0; i < scope->tags.count; i++) {
		fputs("          ", out);
		gb_policyc_print_text(scope->tags.items[i].key, out);
		fputs(": ", out);
		gb_policyc_print_text(scope->tags.items[i].value, out);
		fputc('\n', out);
	}
}

static void print_expires(int64_t expires, FILE *out)
{
	char buffer[40];
	struct gb_text text = gb_text_on(buffer, sizeof(buffer));

	if (expires == 0)
		return;
	gb_policyc_moment_print(expires, GB_POLICYC_DAY_LAST, &text);
	gb_policyc_print_pair(6, "expires", gb_text_cstr(&text), out);
}

void gb_policyc_print_entries(const char *key, const struct gb_policyc_entries *entries, FILE *out)
{
	if (entries->count != 0)
		fprintf(out, "  %s:\n", key);
	for (size_t i = 0; i < entries->count; i++) {
		const struct gb_policyc_entry *entry = &entries->items[i];

		fputs("    -\n", out);
		if (entry->name != NULL)
			gb_policyc_print_pair(6, "name", entry->name, out);
		if (entry->reason != NULL)
			gb_policyc_print_pair(6, "reason", entry->reason, out);
		if (entry->author != NULL)
			gb_policyc_print_pair(6, "author", entry->author, out);
		print_expires(entry->expires, out);
		print_scope(&entry->scope, out);
		gb_policyc_print_matches(6, entry, out);
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/print.h"

#include "policyc/guards.h"

#include <string.h>

static bool is_plain_byte(unsigned char c)
{
	return gb_ascii_is_alpha(c) || gb_ascii_is_digit(c) || c == '/' || c == '.' || c == '_' || c == '-' || c == '+';
}

/* Words that some YAML reader takes for something else than text. */
static bool is_word_of_yaml(const char *text)
{
	static const char *const words[] = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (gb_span_equal_nocase(gb_span_cstr(text), gb_span_cstr(words[i])))
			return true;
	return false;
}

static bool is_plain(const char *text)
{
	if (text[0] != '/' && !gb_ascii_is_alpha((unsigned char)text[0]))
		return false;
	for (const char *c = text; *c != '\0'; c++)
		if (!is_plain_byte((unsigned char)*c))
			return false;
	return !is_word_of_yaml(text);
}

/* Characters that YAML takes for line ends or not at all: C1 controls, U+2028, U+2029, the byte order mark, U+FFFE and
 * U+FFFF. Their length in bytes, or 0. */
static size_t odd_character(const unsigned char *c, unsigned *ret_code)
{
	if (c[0] == 0xc2 && c[1] >= 0x80 && c[1] <= 0x9f) {
		*ret_code = c[1];
		return 2;
	}
	if (c[0] == 0xe2 && c[1] == 0x80 && (c[2] == 0xa8 || c[2] == 0xa9)) {
		*ret_code = 0x2000u + (c[2] & 0x3fu);
		return 3;
	}
	if (c[0] == 0xef && ((c[1] == 0xbb && c[2] == 0xbf) || (c[1] == 0xbf && c[2] >= 0xbe))) {
		*ret_code = 0xf000u + ((c[1] & 0x3fu) << 6) + (c[2] & 0x3fu);
		return 3;
	}
	return 0;
}

void gb_policyc_print_text(const char *text, FILE *out)
{
	if (is_plain(text)) {
		fputs(text, out);
		return;
	}
	fputc('"', out);
	for (const char *c = text; *c != '\0'; c++) {
		unsigned code = 0;
		size_t n = odd_character((const unsigned char *)c, &code);

		if (n != 0) {
			fprintf(out, "\\u%04X", code);
			c += n - 1;
		} else if (*c == '"' || *c == '\\')
			fprintf(out, "\\%c", *c);
		else if (*c == '\n')
			fputs("\\n", out);
		else if ((unsigned char)*c < 0x20 || *c == 0x7f)
			fprintf(out, "\\x%02X", (unsigned char)*c);
		else
			fputc(*c, out);
	}
	fputc('"', out);
}

void gb_policyc_print_pair(int indent, const char *key, const char *value, FILE *out)
{
	fprintf(out, "%*s%s: ", indent, "", key);
	gb_policyc_print_text(value, out);
	fputc('\n', out);
}

void gb_policyc_print_strings(int indent, const char *key, const struct gb_policyc_strings *strings, FILE *out)
{
	if (strings->count == 0)
		return;
	fprintf(out, "%*s%s:\n", indent, "", key);
	for (size_t i = 0; i < strings->count; i++) {
		fprintf(out, "%*s- ", indent + 2, "");
		gb_policyc_print_text(strings->items[i], out);
		fputc('\n', out);
	}
}

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

static void print_entries(int indent, const struct gb_policyc_group *group, FILE *out)
{
	if (group->process_count != 0)
		fprintf(out, "%*sprocesses:\n", indent, "");
	for (size_t i = 0; i < group->process_count; i++)
		print_process(indent + 2, &group->processes[i], out);
	if (group->read.count != 0 || group->write.count != 0 || group->map.count != 0)
		fprintf(out, "%*sfiles:\n", indent, "");
	gb_policyc_print_strings(indent + 2, "read", &group->read, out);
	gb_policyc_print_strings(indent + 2, "write", &group->write, out);
	gb_policyc_print_strings(indent + 2, "map", &group->map, out);
	gb_policyc_print_strings(indent, "addresses", &group->addresses, out);
	gb_policyc_print_strings(indent, "hosts", &group->hosts, out);
	print_kinds(indent, group->kinds, out);
}

static bool is_empty(const struct gb_policyc_group *group)
{
	return group->process_count == 0 && group->read.count == 0 && group->write.count == 0 &&
	       group->map.count == 0 && group->addresses.count == 0 && group->hosts.count == 0 && group->kinds == 0;
}

static void print_groups(const char *key, const struct gb_policyc_groups *groups, FILE *out)
{
	if (groups->count != 0)
		fprintf(out, "  %s:\n", key);
	for (size_t i = 0; i < groups->count; i++) {
		const struct gb_policyc_group *group = &groups->items[i];

		if (group->name == NULL && is_empty(group)) {
			fputs("    - {}\n", out);
			continue;
		}
		fputs("    -\n", out);
		if (group->name != NULL)
			gb_policyc_print_pair(6, "name", group->name, out);
		print_entries(6, group, out);
	}
}

static void print_controls(const struct gb_policyc_document *document, FILE *out)
{
	static const struct {
		const char *name;
		enum gb_control control;
	} controls[] = {
	        {"firewall", GB_CONTROL_FIREWALL},
	        {"flow", GB_CONTROL_FLOW},
	        {"rules", GB_CONTROL_RULE},
	        {"allowlist", GB_CONTROL_ALLOWLIST},
	        {"drift", GB_CONTROL_DRIFT},
	        {"forbidden", GB_CONTROL_FORBIDDEN},
	        {"decoys", GB_CONTROL_DECOY},
	        {"credentials", GB_CONTROL_CREDENTIAL},
	        {"budgets", GB_CONTROL_BUDGET},
	        {"hygiene", GB_CONTROL_HYGIENE},
	};
	bool is_begun = false;

	for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++) {
		uint8_t mode = document->control_modes[controls[i].control];

		if (mode == GB_BLOB_MODE_POSTURE)
			continue;
		/* Off is what they are when nothing is said. */
		if (mode == GB_MODE_OFF && controls[i].control >= GB_CONTROL_DRIFT &&
		        controls[i].control != GB_CONTROL_CREDENTIAL &&
		        !gb_policyc_has_guard(document, controls[i].control))
			continue;
		if (!is_begun)
			fputs("  controls:\n", out);
		is_begun = true;
		gb_policyc_print_pair(4, controls[i].name, gb_mode_name((enum gb_mode)mode), out);
	}
}

void gb_policyc_print(const struct gb_policyc_document *document, FILE *out)
{
	fputs("apiVersion: gambeson/v1\nkind: FunctionPolicy\n", out);
	if (document->name[0] != '\0') {
		fputs("metadata:\n", out);
		gb_policyc_print_pair(2, "name", document->name, out);
	}
	fputs("spec:\n", out);
	gb_policyc_print_pair(2, "posture", gb_mode_name(document->posture), out);
	gb_policyc_print_pair(2, "stance", gb_stance_name(document->stance), out);
	if (document->observe)
		fputs("  observe: true\n", out);
	print_controls(document, out);
	fputs("  flow:\n", out);
	gb_policyc_print_pair(4, "onLimit", gb_mode_name(document->flow_on_limit), out);
	if (document->block_body != NULL) {
		fputs("  block:\n", out);
		gb_policyc_print_pair(4, "body", document->block_body, out);
	}
	gb_policyc_print_firewall(&document->firewall, out);
	/* An allowlist in force with nothing on it still has to be said. */
	if (!is_empty(&document->allow) || document->control_modes[GB_CONTROL_ALLOWLIST] == GB_BLOB_MODE_POSTURE) {
		fputs("  allow:\n", out);
		print_entries(4, &document->allow, out);
	}
	gb_policyc_print_guards(document, out);
	print_groups("rules", &document->rules, out);
	print_groups("exclusions", &document->exclusions, out);
}

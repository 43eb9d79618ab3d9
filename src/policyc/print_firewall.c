/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/print.h"

#include "inspect/inspect.h"
#include "base/day.h"
#include "policyc/range.h"

#include <time.h>

static const char *const limit_words[_GB_MODE_MAX] = {"pass", "detect", "block"};
static const char *const redaction_words[_GB_BLOB_REDACT_MAX] = {"surroundings", "none", "all"};
static const char *const source_words[_GB_BLOB_SOURCE_MAX] = {"off", "detect", "block", "allow"};

static void print_ranges(int indent, const char *key, const struct gb_policyc_ranges *ranges, FILE *out)
{
	if (ranges->count == 0)
		return;
	fprintf(out, "%*s%s:\n", indent, "", key);
	for (size_t i = 0; i < ranges->count; i++) {
		char buffer[128];
		struct gb_text text = gb_text_on(buffer, sizeof(buffer));

		gb_policyc_range_print(&ranges->items[i], &text);
		fprintf(out, "%*s- \"%s\"\n", indent + 2, "", gb_text_cstr(&text));
	}
}

static void print_classes(const struct gb_policyc_firewall *firewall, FILE *out)
{
	bool is_begun = false;

	for (int c = 1; c < _GB_CLASS_MAX; c++) {
		if (firewall->class_modes[c] == GB_BLOB_MODE_POSTURE)
			continue;
		if (!is_begun)
			fputs("    classes:\n", out);
		is_begun = true;
		gb_policyc_print_pair(6, gb_inspect_class_facts((enum gb_attack_class)c)->code,
		        gb_mode_name((enum gb_mode)firewall->class_modes[c]), out);
	}
}

static const char *const mention_words[_GB_BLOB_MENTION_MAX] = {"report", "block", "ignore"};

static void print_mentions(const struct gb_policyc_firewall *firewall, FILE *out)
{
	bool is_begun = false;

	for (int c = 1; c < _GB_CLASS_MAX; c++) {
		if (firewall->mentions[c] == GB_BLOB_MENTION_REPORT)
			continue;
		if (!is_begun)
			fputs("    mentions:\n", out);
		is_begun = true;
		gb_policyc_print_pair(6, gb_inspect_class_facts((enum gb_attack_class)c)->code,
		        mention_words[firewall->mentions[c]], out);
	}
}

void gb_policyc_print_exception(int indent, const struct gb_policyc_exception *exception, FILE *out)
{
	fprintf(out, "%*s-\n", indent, "");
	if (exception->classes != 0)
		fprintf(out, "%*sclasses:\n", indent + 2, "");
	for (int c = 1; c < _GB_CLASS_MAX; c++)
		if ((exception->classes >> c & 1u) != 0)
			fprintf(out, "%*s- %s\n", indent + 4, "",
			        gb_inspect_class_facts((enum gb_attack_class)c)->code);
	gb_policyc_print_strings(indent + 2, "reasons", &exception->reasons, out);
	gb_policyc_print_strings(indent + 2, "paths", &exception->paths, out);
	gb_policyc_print_strings(indent + 2, "routes", &exception->routes, out);
	gb_policyc_print_pair(indent + 2, "mode", gb_mode_name(exception->mode), out);
}

static void print_list(const struct gb_policyc_source_list *list, FILE *out)
{
	char buffer[32];
	struct gb_text day = gb_text_on(buffer, sizeof(buffer));

	fputs("        -\n", out);
	gb_policyc_print_pair(10, "name", list->name, out);
	if (list->category[0] != '\0')
		gb_policyc_print_pair(10, "category", list->category, out);
	if (list->day != 0) {
		gb_day_print(list->day, &day);
		fprintf(out, "          date: \"%s\"\n", gb_text_cstr(&day));
	}
	if (list->mode != GB_BLOB_MODE_POSTURE)
		gb_policyc_print_pair(10, "mode", source_words[list->mode], out);
	if (list->file != NULL)
		gb_policyc_print_pair(10, "file", list->file, out);
	print_ranges(10, "networks", &list->ranges, out);
}

static void print_sources(const struct gb_policyc_firewall *firewall, FILE *out)
{
	fputs("    sources:\n", out);
	gb_policyc_print_pair(6, "mode", gb_mode_name(firewall->source_mode), out);
	fprintf(out, "      clientAddress:\n        trustedHops: %u\n", firewall->trusted_hops);
	print_ranges(8, "trustedProxies", &firewall->trusted_proxies, out);
	if (firewall->address_header[0] != '\0')
		gb_policyc_print_pair(8, "header", firewall->address_header, out);
	if (firewall->source_list_count != 0)
		fputs("      lists:\n", out);
	for (size_t i = 0; i < firewall->source_list_count; i++)
		print_list(&firewall->source_lists[i], out);
}

void gb_policyc_print_firewall(const struct gb_policyc_firewall *firewall, FILE *out)
{
	fputs("  firewall:\n", out);
	gb_policyc_print_pair(4, "sensitivity", firewall->is_strict ? "strict" : "balanced", out);
	gb_policyc_print_pair(4, "onLimit", limit_words[firewall->on_limit], out);
	gb_policyc_print_pair(4, "redact", redaction_words[firewall->redaction], out);
	print_classes(firewall, out);
	print_mentions(firewall, out);
	if (firewall->exception_count != 0)
		fputs("    exceptions:\n", out);
	for (size_t i = 0; i < firewall->exception_count; i++)
		gb_policyc_print_exception(6, &firewall->exceptions[i], out);
	print_sources(firewall, out);
}

static void print_words(const char *what, const struct gb_policyc_strings *strings, FILE *out)
{
	for (size_t i = 0; i < strings->count; i++) {
		fputs(i == 0 ? what : ", ", out);
		gb_policyc_print_text(strings->items[i], out);
	}
}

void gb_policyc_print_exception_row(const struct gb_policyc_exception *exception, FILE *out)
{
	bool is_begun = false;

	fprintf(out, "  %-12s", exception->mode == GB_MODE_OFF ? "let through" : "report only");
	for (int c = 1; c < _GB_CLASS_MAX; c++)
		if ((exception->classes >> c & 1u) != 0) {
			fprintf(out, "%s%s", is_begun ? "," : " ",
			        gb_inspect_class_facts((enum gb_attack_class)c)->code);
			is_begun = true;
		}
	if (!is_begun)
		fputs(" every class", out);
	print_words(" for ", &exception->reasons, out);
	print_words(" in ", &exception->paths, out);
	print_words(" on ", &exception->routes, out);
	fputc('\n', out);
}

static void print_list_row(
        const struct gb_policyc_firewall *firewall, const struct gb_policyc_source_list *list, FILE *out)
{
	uint32_t today = (uint32_t)(time(NULL) / 86400), age = today > list->day ? today - list->day : 0;
	unsigned mode = list->mode == GB_BLOB_MODE_POSTURE ? (unsigned)firewall->source_mode : list->mode;
	char buffer[32];
	struct gb_text day = gb_text_on(buffer, sizeof(buffer));

	fprintf(out, "  %-12s ", source_words[mode]);
	gb_policyc_print_text(list->name, out);
	if (list->category[0] != '\0') {
		fputs(" (", out);
		gb_policyc_print_text(list->category, out);
		fputc(')', out);
	}
	if (list->file != NULL)
		fputs(": file not read", out);
	else
		fprintf(out, ": %zu ranges", list->ranges.count);
	if (list->day == 0) {
		fputs(", age not known\n", out);
		return;
	}
	gb_day_print(list->day, &day);
	fprintf(out, ", of %s, %u day%s old\n", gb_text_cstr(&day), age, age == 1 ? "" : "s");
}

static void print_client_row(const struct gb_policyc_firewall *firewall, FILE *out)
{
	fprintf(out, "  %-12s %u trusted %s", "client", firewall->trusted_hops,
	        firewall->trusted_hops == 1 ? "hop" : "hops");
	for (size_t i = 0; i < firewall->trusted_proxies.count; i++) {
		char buffer[128];
		struct gb_text text = gb_text_on(buffer, sizeof(buffer));

		gb_policyc_range_print(&firewall->trusted_proxies.items[i], &text);
		fprintf(out, "%s%s", i == 0 ? ", proxies " : " ", gb_text_cstr(&text));
	}
	if (firewall->address_header[0] != '\0')
		fprintf(out, ", header %s", firewall->address_header);
	fputc('\n', out);
}

void gb_policyc_print_firewall_table(const struct gb_policyc_firewall *firewall, FILE *out)
{
	fprintf(out, "firewall: %s, onLimit %s, redact %s", firewall->is_strict ? "strict" : "balanced",
	        limit_words[firewall->on_limit], redaction_words[firewall->redaction]);
	for (int c = 1; c < _GB_CLASS_MAX; c++)
		if (firewall->class_modes[c] != GB_BLOB_MODE_POSTURE)
			fprintf(out, ", %s %s", gb_inspect_class_facts((enum gb_attack_class)c)->code,
			        gb_mode_name((enum gb_mode)firewall->class_modes[c]));
	for (int c = 1; c < _GB_CLASS_MAX; c++)
		if (firewall->mentions[c] != GB_BLOB_MENTION_REPORT)
			fprintf(out, ", mentions of %s %s", gb_inspect_class_facts((enum gb_attack_class)c)->code,
			        mention_words[firewall->mentions[c]]);
	fputc('\n', out);
	for (size_t i = 0; i < firewall->exception_count; i++)
		gb_policyc_print_exception_row(&firewall->exceptions[i], out);
	if (firewall->source_list_count != 0)
		print_client_row(firewall, out);
	for (size_t i = 0; i < firewall->source_list_count; i++)
		print_list_row(firewall, &firewall->source_lists[i], out);
}

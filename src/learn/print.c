/* SPDX-License-Identifier: Apache-2.0 */
/* A profile as its file: members in the order of the alphabet, lists in an order of their own content, an element a line. */
#include "learn/store.h"

#include "wire/json.h"

#include <errno.h>
#include <inttypes.h>

struct printer {
	FILE *out;
	char *buffer; /* any string, escaped */
	size_t cap;
	const char *comma; /* between elements of the list in hand */
};

static void print_text(struct printer *printer, struct gb_span s)
{
	struct gb_text text = gb_text_on(printer->buffer, printer->cap);

	gb_json_add_string(&text, s);
	fwrite(text.p, 1, text.n, printer->out);
}

static void print_member(struct printer *printer, const char *name, struct gb_span s)
{
	if (s.n == 0)
		return;
	fprintf(printer->out, "\"%s\":", name);
	print_text(printer, s);
	fputc(',', printer->out);
}

static void print_keys(struct printer *printer, const char *name, const struct gb_profile_list *list)
{
	if (list->count == 0)
		return;
	fprintf(printer->out, "\"%s\":[", name);
	for (size_t i = 0; i < list->count; i++) {
		if (i != 0)
			fputc(',', printer->out);
		print_text(printer, list->items[i]->bytes);
	}
	fputs("],", printer->out);
}

static void print_seen(struct printer *printer, const struct gb_profile_seen *seen, bool is_first)
{
	fputs(is_first ? "[" : ",[", printer->out);
	print_text(printer, seen->key.bytes);
	fprintf(printer->out, ",%" PRIu64, seen->count);
	for (size_t i = 0; i < seen->first_count; i++) {
		fprintf(printer->out, ",[%" PRIu64 ",", seen->first[i].at);
		print_text(printer, seen->first[i].request);
		fputc(']', printer->out);
	}
	fputc(']', printer->out);
}

/* What it is; of one in a version what is known about it, too. The last member has no comma. */
static void print_item(struct printer *printer, const struct gb_profile_key *element)
{
	const struct gb_profile_item *item = (const struct gb_profile_item *)element;

	fputc('{', printer->out);
	if (item->argument_count != 0) {
		fputs("\"arguments\":[", printer->out);
		for (size_t i = 0; i < item->argument_count; i++) {
			if (i != 0)
				fputc(',', printer->out);
			print_text(printer, item->arguments[i]);
		}
		fputs("],", printer->out);
	}
	fputs(item->is_cut ? "\"cut\":true," : "", printer->out);
	fputs(item->is_each ? "\"each\":true," : "", printer->out);
	print_member(printer, "earliest", item->earliest);
	fprintf(printer->out, "\"kind\":\"%s\",", gb_activity_kind_name(item->kind));
	print_member(printer, "latest", item->latest);
	print_member(printer, "object", item->object);
	fputs(item->is_pattern ? "\"pattern\":true," : "", printer->out);
	if (item->seen.count != 0) {
		fputs("\"seen\":[", printer->out);
		for (size_t i = 0; i < item->seen.count; i++)
			print_seen(printer, (const struct gb_profile_seen *)item->seen.items[i], i == 0);
		fputs("],", printer->out);
	}
	print_keys(printer, "sources", &item->sources);
	fputs("\"subject\":", printer->out);
	print_text(printer, item->subject);
	fputs(item->is_unsourced ? ",\"unsourced\":true}" : "}", printer->out);
}

static void print_sandbox(struct printer *printer, const struct gb_profile_key *element)
{
	const struct gb_profile_sandbox *sandbox = (const struct gb_profile_sandbox *)element;

	fputs("{\"id\":", printer->out);
	print_text(printer, sandbox->key.bytes);
	fprintf(printer->out, ",\"invocations\":%" PRIu64, sandbox->invocations);
	if (sandbox->limit != 0)
		fprintf(printer->out, ",\"limit\":%" PRIu64, sandbox->limit);
	for (size_t i = 0; i < sandbox->shapes.count; i++) {
		const struct gb_profile_shape *shape = (const struct gb_profile_shape *)sandbox->shapes.items[i];

		fputs(i == 0 ? ",\"shapes\":{" : ",", printer->out);
		print_text(printer, shape->key.bytes);
		fprintf(printer->out, ":%" PRIu64 "%s", shape->count, i + 1 == sandbox->shapes.count ? "}" : "");
	}
	fputc('}', printer->out);
}

static void print_key(struct printer *printer, const struct gb_profile_key *element)
{
	print_text(printer, element->bytes);
}

static void print_decision(struct printer *printer, const struct gb_profile_key *element)
{
	const struct gb_profile_decision *decision = (const struct gb_profile_decision *)element;

	fputc('{', printer->out);
	print_member(printer, "by", decision->by);
	fputs("\"item\":", printer->out);
	print_text(printer, decision->key.bytes);
	fputs(",\"time\":", printer->out);
	print_text(printer, decision->time);
	fprintf(printer->out, ",\"word\":\"%s\"}", decision->word == GB_PROFILE_APPROVED ? "approved" : "rejected");
}

static void print_list(struct printer *printer, const char *name, const struct gb_profile_list *list,
        void (*print)(struct printer *printer, const struct gb_profile_key *element))
{
	fprintf(printer->out, "\"%s\":[", name);
	for (size_t i = 0; i < list->count; i++) {
		fputs(i == 0 ? "\n" : ",\n", printer->out);
		print(printer, list->items[i]);
	}
	fputs(list->count == 0 ? "]" : "\n]", printer->out);
}

static void print_version(struct printer *printer, const struct gb_profile_key *element)
{
	const struct gb_profile_version *version = (const struct gb_profile_version *)element;

	fputc('{', printer->out);
	print_member(printer, "code", version->code);
	print_member(printer, "earliest", version->earliest);
	print_list(printer, "items", &version->items, print_item);
	fputc(',', printer->out);
	print_member(printer, "latest", version->latest);
	print_member(printer, "number", version->number);
	print_list(printer, "sandboxes", &version->sandboxes, print_sandbox);
	fputs(",\"sources\":[", printer->out);
	for (size_t i = 0; i < version->sources.count; i++) {
		fputs(i == 0 ? "" : ",", printer->out);
		print_key(printer, version->sources.items[i]);
	}
	fputs("]}", printer->out);
}

int gb_profile_print(const struct gb_profile *profile, FILE *out)
{
	struct printer printer = {.out = out, .cap = 6 * (8 * GB_PROFILE_TEXT_MAX) + 2};

	printer.buffer = malloc(printer.cap);
	if (printer.buffer == NULL)
		return -ENOMEM;
	fputs("{\"gambeson_profile\":1,\n", out);
	print_list(&printer, "decisions", &profile->decisions, print_decision);
	fputs(",\n\"findings\":{", out);
	print_list(&printer, "items", &profile->bad_items, print_item);
	fputc(',', out);
	print_list(&printer, "requests", &profile->bad_requests, print_key);
	fputs("},\n", out);
	print_member(&printer, "function", profile->function);
	fputs(profile->function.n != 0 ? "\n" : "", out);
	print_list(&printer, "versions", &profile->versions, print_version);
	fputs("}\n", out);
	free(printer.buffer);
	return 0;
}

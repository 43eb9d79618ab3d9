/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct listing {
	struct gb_policyc_document *document;
	struct gb_policyc_strings lines;
};

static int add_line(struct listing *listing, const char *text)
{
	struct gb_policyc_strings *lines = &listing->lines;

	if (gb_arena_grow(listing->document->arena, &lines->items, lines->count, &lines->cap, sizeof(*lines->items)) <
	        0)
		return -ENOMEM;
	lines->items[lines->count] = gb_policyc_copy(listing->document, gb_span_cstr(text));
	return lines->items[lines->count++] == NULL ? -ENOMEM : 0;
}

static int add_words(struct listing *listing, const char *word, const struct gb_policyc_patterns *list)
{
	char line[2 * GB_POLICYC_PATTERN_BYTES_MAX];
	int r = 0;

	for (size_t i = 0; i < list->count && r == 0; i++) {
		(void)snprintf(line, sizeof(line), "%s %s", word, list->items[i].text);
		r = add_line(listing, line);
	}
	return r;
}

static int add_process(struct listing *listing, const struct gb_policyc_process *process)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	int r;

	if (out == NULL)
		return -ENOMEM;
	fprintf(out, "process %s", process->executable);
	if (process->name != NULL)
		fprintf(out, " as %s:", process->name);
	for (size_t i = 0; i < process->argument_count; i++)
		fprintf(out, process->arguments[i].is_shell ? " {%s}" : " %s", process->arguments[i].text);
	r = fclose(out) != 0 ? -ENOMEM : add_line(listing, text);
	free(text);
	return r;
}

static int add_api(struct listing *listing, const struct gb_policyc_api *api)
{
	char line[3 * GB_POLICYC_PATTERN_BYTES_MAX];
	int r = 0;

	if (api->resources.count == 0) {
		(void)snprintf(line, sizeof(line), "api %s", api->action);
		return add_line(listing, line);
	}
	for (size_t i = 0; i < api->resources.count && r == 0; i++) {
		(void)snprintf(line, sizeof(line), "api %s %s", api->action, api->resources.items[i].text);
		r = add_line(listing, line);
	}
	return r;
}

static int line_compare(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

int gb_learn_list(struct gb_policyc_document *document, struct gb_policyc_strings *ret_lines)
{
	const struct gb_policyc_entry *allow = &document->allow;
	struct listing listing = {.document = document};
	size_t kept = 0;
	int r = add_words(&listing, "read", &allow->read);

	if (r == 0)
		r = add_words(&listing, "write", &allow->write);
	if (r == 0)
		r = add_words(&listing, "map", &allow->map);
	if (r == 0)
		r = add_words(&listing, "address", &allow->addresses);
	if (r == 0)
		r = add_words(&listing, "host", &allow->hosts);
	for (size_t i = 0; i < allow->process_count && r == 0; i++)
		r = add_process(&listing, &allow->processes[i]);
	for (size_t i = 0; i < allow->api_count && r == 0; i++)
		r = add_api(&listing, &allow->apis[i]);
	for (size_t i = 0; i < allow->request_count && r == 0; i++) {
		const struct gb_policyc_http *request = &allow->requests[i];
		char line[3 * GB_POLICYC_PATTERN_BYTES_MAX];

		(void)snprintf(line, sizeof(line), "request %s %s%s", request->method != NULL ? request->method : "*",
		        request->host.text != NULL ? request->host.text : "*",
		        request->path.text != NULL ? request->path.text : "/**");
		r = add_line(&listing, line);
	}
	for (unsigned kind = 1; kind < _GB_ACTIVITY_KIND_MAX && r == 0; kind++)
		if ((allow->kinds >> kind & 1) != 0)
			r = add_line(&listing, gb_activity_kind_name((enum gb_activity_kind)kind));
	if (r < 0)
		return r;
	if (listing.lines.count != 0)
		qsort(listing.lines.items, listing.lines.count, sizeof(*listing.lines.items), line_compare);
	for (size_t i = 0; i < listing.lines.count; i++)
		if (i == 0 || strcmp(listing.lines.items[i], listing.lines.items[kept - 1]) != 0)
			listing.lines.items[kept++] = listing.lines.items[i];
	listing.lines.count = kept;
	*ret_lines = listing.lines;
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/policyc.h"

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/arena.h"
#include "base/day.h"
#include "policyc/range.h"

#include <errno.h>
#include <string.h>

#define LIST_FILE_BYTES_MAX (64u * 1024u * 1024u)

/* "# date: 2026-11-20": the list's own word, unless the document has said it. */
static void take_comment(struct gb_policyc_source_list *list, struct gb_span comment)
{
	struct gb_span text = gb_span_trim(comment);

	if (list->day == 0 && gb_span_starts(text, GB_SPAN("date:")))
		(void)gb_day_parse(gb_span_sub(gb_span_trim(gb_span_sub(text, 5, SIZE_MAX)), 0, 10), &list->day);
}

/* A line without its comment. */
static struct gb_span content_of(struct gb_policyc_source_list *list, struct gb_span line)
{
	for (size_t at = 0; at < line.n; at++) {
		if (line.p[at] != '#' && line.p[at] != ';')
			continue;
		take_comment(list, gb_span_sub(line, at + 1, SIZE_MAX));
		return gb_span_trim(gb_span_sub(line, 0, at));
	}
	return gb_span_trim(line);
}

int gb_policyc_add_source_text(struct gb_policyc_document *document, struct gb_policyc_source_list *list,
        const char *name, struct gb_span text, struct gb_diag *diag)
{
	size_t number = 0, bad_count = 0, first_bad = 0;
	struct gb_diag first = {0};

	if (gb_span_starts(text, GB_SPAN("\xef\xbb\xbf")))
		text = gb_span_sub(text, 3, SIZE_MAX);
	while (text.n != 0) {
		size_t end = gb_span_find_byte(text, '\n', 0);
		struct gb_span content = content_of(list, gb_span_sub(text, 0, end));
		struct gb_diag fault = {0};
		int r = 0;

		number++;
		if (content.n != 0)
			r = gb_policyc_add_range(document, &list->ranges, content, &fault);
		if (r == -ENOMEM)
			return r;
		if (r < 0 && bad_count++ == 0) {
			first_bad = number;
			first = fault;
		}
		text = end == SIZE_MAX ? GB_SPAN_EMPTY : gb_span_sub(text, end + 1, SIZE_MAX);
	}
	if (bad_count == 0)
		return 0;
	if (bad_count == 1)
		return gb_diag_set(diag, -EINVAL, 0, 0, "%.80s:%zu: %.140s", name, first_bad, first.message);
	return gb_diag_set(diag, -EINVAL, 0, 0, "%.80s:%zu: %.110s (and %zu more bad lines)", name, first_bad,
	        first.message, bad_count - 1);
}

static int load(struct gb_policyc_document *document, struct gb_policyc_source_list *list, const char *directory,
        struct gb_diag *diag)
{
	GB_CLEANUP(gb_freep) char *data = NULL;
	char path[4096];
	struct gb_text text = gb_text_on(path, sizeof(path));
	size_t n = 0;
	int r;

	if (list->file[0] != '/' && directory[0] != '\0') {
		gb_text_add_cstr(&text, directory);
		gb_text_add_byte(&text, '/');
	}
	gb_text_add_cstr(&text, list->file);
	r = text.truncated ? -ENAMETOOLONG : gb_fd_read_file(gb_text_cstr(&text), LIST_FILE_BYTES_MAX, &data, &n);
	if (r < 0)
		return gb_diag_set(
		        diag, r, 0, 0, "list '%.60s': %.120s cannot be read: %s", list->name, list->file, strerror(-r));
	r = gb_policyc_add_source_text(document, list, list->file, gb_span_of(data, n), diag);
	if (r == 0)
		list->file = NULL;
	return r;
}

int gb_policyc_load_sources(struct gb_policyc_document *document, const char *directory, struct gb_diag *diag)
{
	for (size_t i = 0; i < document->firewall.source_list_count; i++) {
		struct gb_policyc_source_list *list = &document->firewall.source_lists[i];
		int r = list->file == NULL ? 0 : load(document, list, directory, diag);

		if (r < 0)
			return r;
	}
	return 0;
}

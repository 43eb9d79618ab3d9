/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/store.h"

#include "base/text.h"
#include "policy/set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Reading one of these is never a function's business, however often it was seen. */
static const struct gb_span never_files[] = {
        GB_SPAN("/etc/shadow"),
        GB_SPAN("/etc/shadow-"),
        GB_SPAN("/etc/gshadow"),
        GB_SPAN("/proc/*/mem"),
        GB_SPAN("/proc/*/environ"),
        GB_SPAN("/proc/*/task/*/mem"),
        GB_SPAN("/dev/mem"),
        GB_SPAN("/dev/kmem"),
};

struct gb_learn *gb_learn_new(void)
{
	struct gb_policyc_arena *arena = gb_policyc_arena_new();
	struct gb_learn *learn = arena == NULL ? NULL : gb_policyc_arena_take(arena, sizeof(*learn));

	if (learn == NULL) {
		gb_policyc_arena_free(arena);
		return NULL;
	}
	learn->arena = arena;
	return learn;
}

void gb_learn_free(struct gb_learn *learn)
{
	if (learn != NULL)
		gb_policyc_arena_free(learn->arena);
}

void gb_learn_freep(struct gb_learn **learn)
{
	gb_learn_free(*learn);
}

static int span_compare(const void *left, const void *right)
{
	return gb_learn_span_compare(*(const struct gb_span *)left, *(const struct gb_span *)right);
}

static bool is_bad_request(const struct gb_learn *learn, struct gb_span request)
{
	return request.n != 0 && learn->bad_count != 0 &&
	       bsearch(&request, learn->bad_requests, learn->bad_count, sizeof(request), span_compare) != NULL;
}

static int item_compare(const struct gb_learn_item *a, const struct gb_learn_item *b)
{
	int order = (int)a->kind - (int)b->kind;

	if (order == 0)
		order = gb_learn_span_compare(a->subject, b->subject);
	if (order == 0)
		order = gb_learn_span_compare(a->object, b->object);
	if (order == 0)
		order = (a->argument_count > b->argument_count) - (a->argument_count < b->argument_count);
	for (size_t i = 0; order == 0 && i < a->argument_count; i++)
		order = gb_learn_span_compare(a->arguments[i], b->arguments[i]);
	return order;
}

/* Findings before observations of the same thing. */
static int item_order(const void *left, const void *right)
{
	const struct gb_learn_item *a = left, *b = right;
	int order = item_compare(a, b);

	return order != 0 ? order : b->is_finding - a->is_finding;
}

static bool is_never(const struct gb_learn_item *item)
{
	if (item->kind == GB_ACTIVITY_PROCESS_TRACE || item->kind == GB_ACTIVITY_SANDBOX_CHANGE ||
	        item->kind == GB_ACTIVITY_KERNEL_ACCESS)
		return true;
	/* A star in a name would be a pattern. */
	if (gb_span_find_byte(item->subject, '*', 0) != SIZE_MAX || gb_span_find_byte(item->object, '*', 0) != SIZE_MAX)
		return true;
	for (size_t i = 0; i < sizeof(never_files) / sizeof(never_files[0]); i++)
		if (gb_policy_glob_matches(never_files[i], item->subject) ||
		        gb_policy_glob_matches(never_files[i], item->object))
			return true;
	return false;
}

/* Keep what may be learned, each thing once, at the front of learn->items. */
static size_t select_items(struct gb_learn *learn, struct gb_learn_summary *summary)
{
	size_t kept = 0, last_bad = SIZE_MAX;

	for (size_t i = 0; i < learn->count; i++) {
		struct gb_learn_item *item = &learn->items[i];

		if (item->is_finding) {
			last_bad = i;
			continue;
		}
		if (last_bad != SIZE_MAX && item_compare(item, &learn->items[last_bad]) == 0)
			summary->found++;
		else if (is_bad_request(learn, item->request))
			summary->beside_findings++;
		else if (is_never(item))
			summary->never++;
		else if (kept == 0 || item_compare(item, &learn->items[kept - 1]) != 0) {
			/* Places up to `last_bad` may be written over: its content moves along. */
			struct gb_learn_item moved = *item;

			*item = learn->items[kept];
			if (last_bad == kept)
				last_bad = i;
			learn->items[kept++] = moved;
		}
	}
	return kept;
}

static int add_address(struct gb_policyc_document *document, const struct gb_learn_item *item)
{
	char buffer[1200];
	struct gb_text text = gb_text_on(buffer, sizeof(buffer));
	bool is_unix;

	if (item->object.n != 0)
		return gb_policyc_add_host(document, &document->allow.hosts, item->object, NULL);
	is_unix = item->subject.n != 0 && (item->subject.p[0] == '/' || item->subject.p[0] == '@');

	if (is_unix)
		gb_text_add_cstr(&text, "unix:");
	if (gb_span_starts(item->subject, GB_SPAN("family "))) {
		gb_text_add_cstr(&text, "family:");
		gb_text_add(&text, gb_span_sub(item->subject, 7, SIZE_MAX));
	} else {
		gb_text_add(&text, item->subject);
	}
	if (text.truncated)
		return 0;
	return gb_policyc_add_address(document, &document->allow.addresses, gb_text_span(&text), NULL);
}

struct paths {
	struct gb_learn_paths read, write, map;
};

static int add_item(struct gb_learn *learn, struct gb_policyc_document *document, struct paths *paths,
        const struct gb_learn_item *item)
{
	int r = 0;

	switch (item->kind) {
	case GB_ACTIVITY_FILE_READ: return gb_learn_paths_add(learn->arena, &paths->read, item->subject);
	case GB_ACTIVITY_FILE_WRITE:
	case GB_ACTIVITY_FILE_DELETE:
	case GB_ACTIVITY_FILE_MODE: return gb_learn_paths_add(learn->arena, &paths->write, item->subject);
	case GB_ACTIVITY_FILE_RENAME:
	case GB_ACTIVITY_FILE_LINK:
		r = gb_learn_paths_add(learn->arena,
		        item->kind == GB_ACTIVITY_FILE_RENAME ? &paths->write : &paths->read, item->subject);
		return r < 0 ? r : gb_learn_paths_add(learn->arena, &paths->write, item->object);
	case GB_ACTIVITY_LIBRARY_MAP: return gb_learn_paths_add(learn->arena, &paths->map, item->subject);
	case GB_ACTIVITY_NET_CONNECT:
	case GB_ACTIVITY_NET_SEND: return add_address(document, item);
	case GB_ACTIVITY_NAME_LOOKUP: return gb_policyc_add_host(document, &document->allow.hosts, item->subject, NULL);
	case GB_ACTIVITY_NET_LISTEN:
	case GB_ACTIVITY_MEMORY_FILE:
	case GB_ACTIVITY_MEMORY_EXECUTABLE:
	case GB_ACTIVITY_NET_SOCKET: document->allow.kinds |= 1u << item->kind; return 0;
	case GB_ACTIVITY_PROCESS_START:
	case GB_ACTIVITY_PROCESS_TRACE:
	case GB_ACTIVITY_SANDBOX_CHANGE:
	case GB_ACTIVITY_KERNEL_ACCESS:
	case GB_ACTIVITY_NONE:
	case _GB_ACTIVITY_KIND_MAX: break;
	}
	return 0;
}

static int address_compare(const void *left, const void *right)
{
	const struct gb_policyc_pattern *a = left, *b = right;

	return strcmp(a->text, b->text);
}

/* One thing can be seen as a connect and as a send. */
static void addresses_once(struct gb_policyc_patterns *list)
{
	size_t kept = 0;

	if (list->count == 0)
		return;
	qsort(list->items, list->count, sizeof(*list->items), address_compare);
	for (size_t i = 1; i < list->count; i++)
		if (strcmp(list->items[i].text, list->items[kept].text) != 0)
			list->items[++kept] = list->items[i];
	list->count = kept + 1;
}

static size_t count_invocations(struct gb_learn *learn)
{
	struct gb_span *requests = gb_policyc_arena_take(learn->arena, (learn->count + 1) * sizeof(*requests));
	size_t count = 0, different = 0;

	if (requests == NULL)
		return 0;
	for (size_t i = 0; i < learn->count; i++)
		if (learn->items[i].request.n != 0)
			requests[count++] = learn->items[i].request;
	qsort(requests, count, sizeof(*requests), span_compare);
	for (size_t i = 0; i < count; i++)
		different += i == 0 || !gb_span_equal(requests[i], requests[i - 1]) ? 1 : 0;
	return different;
}

static int fill(struct gb_learn *learn, struct gb_policyc_document *document, size_t kept)
{
	struct paths paths = {0};
	int r = 0;

	document->control_modes[GB_CONTROL_ALLOWLIST] = GB_BLOB_MODE_POSTURE;
	for (size_t i = 0; i < kept && r >= 0; i++) {
		r = add_item(learn, document, &paths, &learn->items[i]);
		/* What no document can say (a relative path, a nameless socket) is not learned: it will be reported. */
		if (r == -EINVAL)
			r = 0;
	}
	if (r == 0)
		r = gb_learn_processes(learn->arena, learn->items, kept, document);
	if (r == 0)
		r = gb_learn_paths_finish(learn->arena, &paths.read, document, &document->allow.read);
	if (r == 0)
		r = gb_learn_paths_finish(learn->arena, &paths.write, document, &document->allow.write);
	if (r == 0)
		r = gb_learn_paths_finish(learn->arena, &paths.map, document, &document->allow.map);
	addresses_once(&document->allow.addresses);
	return r;
}

int gb_learn_document(
        struct gb_learn *learn, struct gb_policyc_document **ret_document, struct gb_learn_summary *ret_summary)
{
	struct gb_policyc_document *document = gb_policyc_document_new();
	struct gb_learn_summary summary = learn->summary;
	int r;

	if (document == NULL)
		return -ENOMEM;
	summary.invocations = count_invocations(learn);
	if (learn->bad_count != 0)
		qsort(learn->bad_requests, learn->bad_count, sizeof(*learn->bad_requests), span_compare);
	if (learn->count != 0)
		qsort(learn->items, learn->count, sizeof(*learn->items), item_order);
	r = fill(learn, document, select_items(learn, &summary));
	if (r < 0) {
		gb_policyc_document_free(document);
		return r;
	}
	if (ret_summary != NULL)
		*ret_summary = summary;
	*ret_document = document;
	return 0;
}

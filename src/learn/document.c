/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/boundaries.h"

#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct learner {
	struct gb_policyc_document *document;
	struct gb_learn_paths read, write, map;
};

static int add_item(struct gb_arena *arena, struct learner *learner, const struct gb_profile_item *item)
{
	struct gb_policyc_document *document = learner->document;
	int r = 0;

	switch (item->kind) {
	case GB_ACTIVITY_FILE_READ: return gb_learn_paths_add(arena, &learner->read, item->subject);
	case GB_ACTIVITY_FILE_WRITE:
	case GB_ACTIVITY_FILE_DELETE:
	case GB_ACTIVITY_FILE_MODE: return gb_learn_paths_add(arena, &learner->write, item->subject);
	case GB_ACTIVITY_FILE_RENAME:
	case GB_ACTIVITY_FILE_LINK:
		r = gb_learn_paths_add(
		        arena, item->kind == GB_ACTIVITY_FILE_RENAME ? &learner->write : &learner->read, item->subject);
		return r < 0 ? r : gb_learn_paths_add(arena, &learner->write, item->object);
	case GB_ACTIVITY_LIBRARY_MAP: return gb_learn_paths_add(arena, &learner->map, item->subject);
	case GB_ACTIVITY_NET_LISTEN:
	case GB_ACTIVITY_MEMORY_FILE:
	case GB_ACTIVITY_MEMORY_EXECUTABLE:
	case GB_ACTIVITY_NET_SOCKET: document->allow.kinds |= 1u << item->kind; return 0;
	case GB_ACTIVITY_PROCESS_START:
	case GB_ACTIVITY_AWS_API:
	case GB_ACTIVITY_HTTP_REQUEST:
	case GB_ACTIVITY_NET_CONNECT:
	case GB_ACTIVITY_NET_SEND:
	case GB_ACTIVITY_NAME_LOOKUP:
	case GB_ACTIVITY_PROCESS_TRACE:
	case GB_ACTIVITY_SANDBOX_CHANGE:
	case GB_ACTIVITY_KERNEL_ACCESS:
	case GB_ACTIVITY_NONE:
	case _GB_ACTIVITY_KIND_MAX: break;
	}
	return 0;
}

static int text_compare(const void *left, const void *right)
{
	const struct gb_policyc_pattern *a = left, *b = right;

	return strcmp(a->text, b->text);
}

/* One thing can be seen as a connect and as a send. */
static void patterns_once(struct gb_policyc_patterns *list)
{
	size_t kept = 0;

	if (list->count == 0)
		return;
	qsort(list->items, list->count, sizeof(*list->items), text_compare);
	for (size_t i = 1; i < list->count; i++)
		if (strcmp(list->items[i].text, list->items[kept].text) != 0)
			list->items[++kept] = list->items[i];
	list->count = kept + 1;
}

int gb_learn_generalise(struct gb_arena *arena, const struct gb_learn_settings *settings,
        const struct gb_profile_item *const *items, size_t count, struct gb_policyc_document *document)
{
	struct learner learner = {.document = document,
	        .read = {.boundaries = settings->boundaries, .has_packages = true},
	        .write = {.boundaries = settings->boundaries},
	        .map = {.boundaries = settings->boundaries}};
	int r = gb_learn_bases(settings, document);

	for (size_t i = 0; i < count && r >= 0; i++) {
		r = add_item(arena, &learner, items[i]);
		/* What no document can say (a relative path, a nameless socket) is not learned: it will be reported. */
		if (r == -EINVAL)
			r = 0;
	}
	if (r == 0)
		r = gb_learn_processes(arena, items, count, document);
	if (r == 0)
		r = gb_learn_network(arena, settings, items, count, document);
	if (r == 0)
		r = gb_learn_calls(arena, items, count, document);
	if (r == 0)
		r = gb_learn_paths_finish(arena, &learner.read, document, &document->allow.read);
	if (r == 0)
		r = gb_learn_paths_finish(arena, &learner.write, document, &document->allow.write);
	if (r == 0)
		r = gb_learn_paths_finish(arena, &learner.map, document, &document->allow.map);
	patterns_once(&document->allow.addresses);
	patterns_once(&document->allow.hosts);
	return r;
}

int gb_learn_allowlist(const struct gb_learn_view *view, struct gb_policyc_document **ret_document)
{
	struct gb_policyc_document *document = gb_policyc_document_new();
	struct gb_arena *arena = gb_arena_new();
	const struct gb_profile_item **items = NULL;
	size_t count = 0;
	int r = document == NULL || arena == NULL ? -ENOMEM : 0;

	if (r == 0) {
		items = gb_arena_take(arena, (view->count + 1) * sizeof(*items));
		r = items == NULL ? -ENOMEM : 0;
	}
	for (size_t i = 0; i < view->count && r == 0; i++)
		if (view->entries[i].status == GB_LEARN_LEARNED)
			items[count++] = view->entries[i].item;
	if (r == 0) {
		document->control_modes[GB_CONTROL_ALLOWLIST] = GB_BLOB_MODE_POSTURE;
		r = gb_learn_generalise(arena, &view->settings, items, count, document);
	}
	gb_arena_free(arena);
	if (r < 0) {
		gb_policyc_document_free(document);
		return r;
	}
	*ret_document = document;
	return 0;
}

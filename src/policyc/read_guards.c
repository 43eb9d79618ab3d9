/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/guards.h"

#include "base/arena.h"
#include "base/day.h"

#include <errno.h>
#include <stddef.h>

#define BUDGET_MAX     1000000u
#define FILE_BYTES_MAX 1024u

/* A section means its control, unless `controls` says otherwise. */
static void switch_on(struct gb_policyc_reader *reader, enum gb_control control)
{
	reader->sections |= 1u << control;
}

/* TARGET: one of the document's lists. */
static int read_text(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	const struct gb_policyc_strings *list = target;
	enum gb_blob_guard guard = (enum gb_blob_guard)(list - reader->document->guards.texts);
	int r = gb_policyc_need_text(reader, node);

	return r < 0 ? r
	             : gb_policyc_placed(
	                       reader, node, gb_policyc_add_guard(reader->document, guard, node->text, reader->diag));
}

#define OF_DOCUMENT(member) .offset = offsetof(struct gb_policyc_document, member)
#define TEXTS(key, guard)                                                                                              \
	{                                                                                                              \
		(key), .read_item = read_text, OF_DOCUMENT(guards.texts[guard])                                        \
	}

static int read_list_file(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_document *document = reader->document;
	struct gb_policyc_strings *files = target;
	int r = gb_policyc_need_text(reader, node);

	if (r < 0)
		return r;
	if (node->text.n == 0 || node->text.n > FILE_BYTES_MAX)
		return gb_policyc_complain(reader, node, "the name of a list's file is expected here");
	if (gb_arena_grow(document->arena, &files->items, files->count, &files->cap, sizeof(*files->items)) < 0)
		return -ENOMEM;
	files->items[files->count] = gb_policyc_file_beside(reader, node);
	return files->items[files->count++] == NULL ? -ENOMEM : 0;
}

static int read_date(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	return gb_day_parse(node->text, target)
	               ? 0
	               : gb_policyc_complain(reader, node, "a day is expected here, like \"2026-11-20\"");
}

int gb_policyc_read_drift(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const struct gb_policyc_field fields[] = {TEXTS("trusted", GB_BLOB_TRUSTED), {.name = NULL}};

	switch_on(reader, GB_CONTROL_DRIFT);
	return gb_policyc_read_map(reader, node, fields, target);
}

int gb_policyc_read_forbidden(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const struct gb_policyc_field fields[] = {
	        {"lists", .read_item = read_list_file, OF_DOCUMENT(guards.files)},
	        TEXTS("names", GB_BLOB_FORBIDDEN_NAMES),
	        TEXTS("paths", GB_BLOB_FORBIDDEN_PATHS),
	        TEXTS("sha256", GB_BLOB_FORBIDDEN_HASHES),
	        TEXTS("marks", GB_BLOB_FORBIDDEN_MARKS),
	        {"date", .read = read_date, OF_DOCUMENT(guards.forbidden_day)},
	        {.name = NULL},
	};

	switch_on(reader, GB_CONTROL_FORBIDDEN);
	return gb_policyc_read_map(reader, node, fields, target);
}

int gb_policyc_read_decoys(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const struct gb_policyc_field fields[] = {
	        TEXTS("variables", GB_BLOB_DECOY_VARIABLES),
	        TEXTS("files", GB_BLOB_DECOY_FILES),
	        TEXTS("hosts", GB_BLOB_DECOY_HOSTS),
	        {.name = NULL},
	};
	const struct gb_policyc_strings *texts = reader->document->guards.texts;
	int r;

	switch_on(reader, GB_CONTROL_DECOY);
	r = gb_policyc_read_map(reader, node, fields, target);
	if (r == 0 && texts[GB_BLOB_DECOY_VARIABLES].count + texts[GB_BLOB_DECOY_FILES].count > GB_DECOYS_MAX)
		return gb_policyc_complain(reader, node, "there is room for 12 variables and files");
	return r;
}

static int read_budget(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	uint32_t *budget = target;
	uint64_t number = 0;
	int r = gb_policyc_need_text(reader, node);

	if (r < 0)
		return r;
	if (!gb_span_to_u64(node->text, &number) || number == 0 || number > BUDGET_MAX)
		return gb_policyc_complain(reader, node, "a number from 1 to 1000000 is expected here");
	*budget = (uint32_t)number;
	return 0;
}

int gb_policyc_read_budgets(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_document *document = target;

	switch_on(reader, GB_CONTROL_BUDGET);
	if (node->kind != GB_POLICYC_MAP)
		return gb_policyc_complain(reader, node, "budgets ('processes: 20') are expected here");
	for (const struct gb_policyc_node *key = node->first; key != NULL; key = key->next->next) {
		size_t index = 0;
		int r = gb_policyc_read_word(reader, key, "budget", gb_policyc_budget_keys, _GB_USAGE_MAX, &index);

		if (r == 0)
			r = gb_policyc_check_twice(reader, node, key);
		if (r == 0)
			r = read_budget(reader, key->next, &document->guards.budgets[index]);
		if (r < 0)
			return r;
	}
	return 0;
}

int gb_policyc_read_hygiene(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const struct gb_policyc_field fields[] = {TEXTS("keep", GB_BLOB_KEPT_FILES), {.name = NULL}};

	switch_on(reader, GB_CONTROL_HYGIENE);
	return gb_policyc_read_map(reader, node, fields, target);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/guards.h"

#include "policyc/arena.h"
#include "policyc/day.h"

#include <errno.h>

#define COUNT(table)   (sizeof(table) / sizeof((table)[0]))
#define BUDGET_MAX     1000000u
#define FILE_BYTES_MAX 1024u

int gb_policyc_read_guard_mode(
        struct gb_policyc_reader *reader, const struct gb_policyc_node *node, enum gb_control control)
{
	enum gb_mode mode = GB_MODE_OFF;
	int r = gb_policyc_read_mode(reader, node, &mode);

	if (r == 0) {
		reader->document->control_modes[control] = (uint8_t)mode;
		reader->guard_modes |= 1u << control;
	}
	return r;
}

/* A section means its control, unless `controls` says otherwise. */
static void switch_on(struct gb_policyc_reader *reader, enum gb_control control)
{
	reader->guard_sections |= 1u << control;
}

static int read_text(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, enum gb_blob_guard guard)
{
	int r = gb_policyc_need_text(reader, node);

	return r < 0 ? r
	             : gb_policyc_placed(
	                       reader, node, gb_policyc_add_guard(reader->document, guard, node->text, reader->diag));
}

#define READ_TEXTS(name, guard)                                                                                        \
	static int name##_item(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)     \
	{                                                                                                              \
		(void)target;                                                                                          \
		return read_text(reader, node, guard);                                                                 \
	}                                                                                                              \
	static int name(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)            \
	{                                                                                                              \
		return gb_policyc_read_list(reader, node, target, name##_item);                                        \
	}

READ_TEXTS(read_trusted, GB_BLOB_TRUSTED)
READ_TEXTS(read_names, GB_BLOB_FORBIDDEN_NAMES)
READ_TEXTS(read_paths, GB_BLOB_FORBIDDEN_PATHS)
READ_TEXTS(read_hashes, GB_BLOB_FORBIDDEN_HASHES)
READ_TEXTS(read_marks, GB_BLOB_FORBIDDEN_MARKS)
READ_TEXTS(read_variables, GB_BLOB_DECOY_VARIABLES)
READ_TEXTS(read_files, GB_BLOB_DECOY_FILES)
READ_TEXTS(read_hosts, GB_BLOB_DECOY_HOSTS)
READ_TEXTS(read_keep, GB_BLOB_KEPT_FILES)

static int read_list_file(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_document *document = reader->document;
	struct gb_policyc_strings *files = target;
	int r = gb_policyc_need_text(reader, node);

	if (r < 0)
		return r;
	if (node->text.n == 0 || node->text.n > FILE_BYTES_MAX)
		return gb_policyc_complain(reader, node, "the name of a list's file is expected here");
	if (gb_policyc_arena_grow(document->arena, &files->items, files->count, &files->cap, sizeof(*files->items)) < 0)
		return -ENOMEM;
	files->items[files->count] = gb_policyc_copy(document, node->text);
	return files->items[files->count++] == NULL ? -ENOMEM : 0;
}

static int read_lists(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_document *document = target;

	return gb_policyc_read_list(reader, node, &document->guards.files, read_list_file);
}

static int read_date(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_document *document = target;

	return gb_policyc_day_parse(node->text, &document->guards.forbidden_day)
	               ? 0
	               : gb_policyc_complain(reader, node, "a day is expected here, like \"2026-11-20\"");
}

int gb_policyc_read_drift(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const struct gb_policyc_field fields[] = {{"trusted", read_trusted}};

	switch_on(reader, GB_CONTROL_DRIFT);
	return gb_policyc_read_map(reader, node, fields, COUNT(fields), target);
}

int gb_policyc_read_forbidden(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const struct gb_policyc_field fields[] = {{"lists", read_lists}, {"names", read_names},
	        {"paths", read_paths}, {"sha256", read_hashes}, {"marks", read_marks}, {"date", read_date}};

	switch_on(reader, GB_CONTROL_FORBIDDEN);
	return gb_policyc_read_map(reader, node, fields, COUNT(fields), target);
}

int gb_policyc_read_decoys(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const struct gb_policyc_field fields[] = {
	        {"variables", read_variables}, {"files", read_files}, {"hosts", read_hosts}};
	const struct gb_policyc_strings *texts = reader->document->guards.texts;
	int r;

	switch_on(reader, GB_CONTROL_DECOY);
	r = gb_policyc_read_map(reader, node, fields, COUNT(fields), target);
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

		if (r == 0 && document->guards.budgets[index] != 0)
			r = gb_policyc_complain(reader, key, "this budget stands here a second time");
		if (r == 0)
			r = read_budget(reader, key->next, &document->guards.budgets[index]);
		if (r < 0)
			return r;
	}
	return 0;
}

int gb_policyc_read_hygiene(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const struct gb_policyc_field fields[] = {{"keep", read_keep}};

	switch_on(reader, GB_CONTROL_HYGIENE);
	return gb_policyc_read_map(reader, node, fields, COUNT(fields), target);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Rules and exclusions beside the documents, and those in documents one by one. */
#include "policyc/choose.h"
#include "policyc/reader.h"

#include "base/text.h"
#include "wire/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ADDITIONS_MAX 50000u

static int copy(struct gb_arena *arena, struct gb_span text, struct gb_span *ret)
{
	unsigned char *to = gb_arena_take(arena, text.n + 1);

	if (to == NULL)
		return -ENOMEM;
	if (text.n != 0)
		memcpy(to, text.p, text.n);
	*ret = gb_span_of(to, text.n);
	return 0;
}

static int copy_word(struct gb_arena *arena, const char **word)
{
	struct gb_span text;
	int r = copy(arena, gb_span_cstr(*word == NULL ? "" : *word), &text);

	*word = (const char *)text.p;
	return r;
}

/* These stand beside the entry. */
static int check_members(const struct gb_policyc_node *node, struct gb_diag *diag)
{
	static const char *const beside[] = {"reason", "author", "expires", "scope"};

	if (node == NULL || node->kind != GB_POLICYC_MAP)
		return gb_diag_set(diag, -EINVAL, node == NULL ? 1 : node->line, 1,
		        "an entry is fields: 'files: {read: [/etc/hosts]}', …");
	for (const struct gb_policyc_node *key = node->first; key != NULL; key = key->next->next)
		for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++)
			if (gb_span_equal(key->text, gb_span_cstr(beside[i])))
				return gb_diag_set(diag, -EINVAL, key->line, key->column,
				        "'%s' stands beside the entry, not in it", beside[i]);
	return 0;
}

static int read_one(const struct gb_policyc_added *added, struct gb_policyc_document *document, struct gb_diag *diag)
{
	struct gb_policyc_layer layer = {.kind = GB_POLICYC_FUNCTION};
	struct gb_policyc_reader reader = {.document = document, .layer = &layer, .diag = diag, .is_addition = true};
	struct gb_policyc_entries *entries = added->is.is_exclusion ? &document->exclusions : &document->rules;
	struct gb_policyc_entry *entry;
	int r;

	document->at = (struct gb_policyc_origin){gb_policyc_copy(document, gb_span_cstr(added->is.file)), 1};
	if (document->at.file == NULL)
		return -ENOMEM;
	r = added->is.is_exclusion ? gb_policyc_read_exclusion(&reader, added->node, document)
	                           : gb_policyc_read_rule(&reader, added->node, document);
	if (r < 0)
		return r;
	entry = &entries->items[entries->count - 1];
	if (entry->name == NULL)
		entry->name = document->at.file;
	entry->reason = added->is.reason.n == 0 ? NULL : gb_policyc_copy(document, added->is.reason);
	entry->author = added->is.author.n == 0 ? NULL : gb_policyc_copy(document, added->is.author);
	entry->expires = added->is.expires;
	document->at = (struct gb_policyc_origin){0};
	return (entry->reason == NULL && added->is.reason.n != 0) || (entry->author == NULL && added->is.author.n != 0)
	               ? -ENOMEM
	               : 0;
}

static int check(const struct gb_policyc_added *added, struct gb_diag *diag)
{
	struct gb_policyc_document *scratch = gb_policyc_document_new();
	int r = scratch == NULL ? -ENOMEM : read_one(added, scratch, diag);

	gb_policyc_document_free(scratch);
	return r;
}

int gb_policyc_set_add_entry(
        struct gb_policyc_set *set, const struct gb_policyc_addition *addition, struct gb_diag *diag)
{
	struct gb_policyc_added added = {.is = *addition};
	struct gb_policyc_node *root = NULL;
	int r = copy(set->arena, addition->entry, &added.is.entry);

	if (diag != NULL)
		*diag = (struct gb_diag){0};
	if (set->added_count == ADDITIONS_MAX)
		return gb_diag_set(diag, -EFBIG, 0, 0, "more than %u rules and exclusions", ADDITIONS_MAX);
	if (r == 0)
		r = copy(set->arena, addition->reason, &added.is.reason);
	if (r == 0)
		r = copy(set->arena, addition->author, &added.is.author);
	if (r == 0)
		r = copy_word(set->arena, &added.is.file);
	if (r == 0)
		r = copy_word(set->arena, &added.is.name);
	if (r == 0)
		r = gb_policyc_tree_parse(set->arena, added.is.entry, 1, &root, diag);
	if (r == 0)
		r = check_members(root, diag);
	added.node = root;
	if (r == 0)
		r = check(&added, diag);
	if (r == 0)
		r = gb_arena_grow(set->arena, &set->added, set->added_count, &set->added_cap, sizeof(*set->added));
	if (r == 0)
		set->added[set->added_count++] = added;
	return r;
}

static bool is_for(const struct gb_policyc_added *added, const struct gb_policyc_choice *choice)
{
	const char *name = added->is.name, *own = NULL;

	switch (added->is.scope) {
	case GB_POLICYC_FOR_ACCOUNT:
		if (name[0] == '\0')
			return true;
		own = choice->function.account;
		break;
	case GB_POLICYC_FOR_GROUP: own = choice->group; break;
	case GB_POLICYC_FOR_FUNCTION: own = choice->function.key; break;
	}
	return own != NULL && strcmp(own, name) == 0;
}

bool gb_policyc_has_added(const struct gb_policyc_set *set, const struct gb_policyc_choice *choice)
{
	for (size_t i = 0; i < set->added_count; i++)
		if (is_for(&set->added[i], choice))
			return true;
	return false;
}

int gb_policyc_added_apply(const struct gb_policyc_set *set, const struct gb_policyc_choice *choice,
        struct gb_policyc_document *document, size_t *ret_count, struct gb_diag *diag)
{
	int r = 0;

	*ret_count = 0;
	for (size_t i = 0; i < set->added_count && r == 0; i++)
		if (is_for(&set->added[i], choice)) {
			struct gb_diag inner = {0};

			r = read_one(&set->added[i], document, &inner);
			if (r < 0 && r != -ENOMEM)
				return gb_diag_set(diag, r, 0, 0, "%.100s:%u:%u: %.120s", set->added[i].is.file,
				        inner.line, inner.column, inner.message);
			*ret_count += r == 0;
		}
	return r;
}

static void print_text(struct gb_span text, FILE *out)
{
	char room[4096];
	struct gb_text escaped;

	/* Piece by piece: escaped it is six times as long at most. */
	(void)fputc('"', out);
	while (text.n != 0) {
		size_t n = text.n < 512 ? text.n : 512;

		while (n < text.n && n > 508 && (text.p[n] & 0xc0u) == 0x80u)
			n--;
		escaped = gb_text_on(room, sizeof(room));
		gb_json_add_string(&escaped, gb_span_sub(text, 0, n));
		(void)fwrite(room + 1, 1, escaped.n - 2, out);
		text = gb_span_sub(text, n, SIZE_MAX);
	}
	(void)fputc('"', out);
}

static void print_node(const struct gb_policyc_node *node, FILE *out);

/* Trees have at most GB_POLICYC_DEPTH_MAX levels. NOLINTBEGIN(misc-no-recursion) */
static void print_node(const struct gb_policyc_node *node, FILE *out)
{
	bool is_map = node->kind == GB_POLICYC_MAP, is_value = false;

	if (node->kind == GB_POLICYC_SCALAR) {
		print_text(node->text, out);
		return;
	}
	(void)fputc(is_map ? '{' : '[', out);
	for (const struct gb_policyc_node *child = node->first; child != NULL; child = child->next) {
		if (child != node->first)
			(void)fputc(is_map && is_value ? ':' : ',', out);
		is_value = is_map && !is_value;
		print_node(child, out);
	}
	(void)fputc(is_map ? '}' : ']', out);
}
/* NOLINTEND(misc-no-recursion) */

static const struct gb_policyc_node *list_of(const struct gb_policyc_node *spec, struct gb_span name)
{
	for (const struct gb_policyc_node *key = spec == NULL || spec->kind != GB_POLICYC_MAP ? NULL : spec->first;
	        key != NULL; key = key->next->next)
		if (gb_span_equal(key->text, name))
			return key->next;
	return NULL;
}

int gb_policyc_set_entries(const struct gb_policyc_set *set, size_t index, bool is_exclusion,
        gb_policyc_entry_row *on_entry, void *context)
{
	const struct gb_policyc_layer *layer = &set->layers[index];
	const struct gb_policyc_entries *entries =
	        is_exclusion ? &layer->document->exclusions : &layer->document->rules;
	const struct gb_policyc_node *list =
	        list_of(layer->spec, is_exclusion ? GB_SPAN("exclusions") : GB_SPAN("rules"));
	const struct gb_policyc_node *node = list == NULL ? NULL : list->first;
	int r = 0;

	for (size_t i = 0; i < entries->count && node != NULL && r >= 0; i++, node = node->next) {
		char *text = NULL;
		size_t n = 0;
		FILE *out = open_memstream(&text, &n);

		if (out == NULL)
			return -ENOMEM;
		print_node(node, out);
		r = fclose(out) == 0 ? on_entry(context, &entries->items[i], gb_span_of(text, n), node->line) : -ENOMEM;
		free(text);
	}
	return r < 0 ? r : 0;
}

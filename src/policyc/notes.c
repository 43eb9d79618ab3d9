/* SPDX-License-Identifier: Apache-2.0 */
/* What is worth a word about a set that is good: what has expired, and what no function of a list needs. */
#include "policyc/set.h"

#include "base/text.h"
#include "base/arena.h"
#include "policyc/choose.h"
#include "policyc/moment.h"

#include <errno.h>
#include <string.h>

struct noter {
	struct gb_policyc_set *set;
	int64_t now;
	struct gb_policyc_note *items;
	size_t count, cap;
	bool *layer_used;
	bool **entry_used; /* by layer; rules, then exclusions */
};

static int note(struct noter *noter, struct gb_policyc_origin origin, struct gb_text *text)
{
	struct gb_arena *arena = noter->set->arena;
	char *copy = gb_arena_take(arena, text->n + 1);

	if (copy == NULL || gb_arena_grow(arena, &noter->items, noter->count, &noter->cap, sizeof(*noter->items)) < 0)
		return -ENOMEM;
	memcpy(copy, text->p, text->n);
	noter->items[noter->count++] = (struct gb_policyc_note){origin, copy};
	return 0;
}

static void add_name(struct gb_text *text, const char *noun, const char *name)
{
	gb_text_add_cstr(text, noun);
	if (name == NULL || name[0] == '\0')
		return;
	gb_text_add_cstr(text, " '");
	gb_text_add_cstr(text, name);
	gb_text_add_cstr(text, "'");
}

static int note_expired(struct noter *noter, const char *noun, const struct gb_policyc_entries *entries)
{
	int r = 0;

	for (size_t i = 0; i < entries->count && r == 0; i++) {
		const struct gb_policyc_entry *entry = &entries->items[i];
		char buffer[300];
		struct gb_text text = gb_text_on(buffer, sizeof(buffer));

		if (entry->expires == 0 || entry->expires > noter->now)
			continue;
		add_name(&text, noun, entry->name);
		gb_text_add_cstr(&text, " expired ");
		gb_policyc_moment_print(entry->expires, GB_POLICYC_DAY_LAST, &text);
		gb_text_add_cstr(&text, " and holds no longer; take it out, or give it a new date");
		r = note(noter, entry->origin, &text);
	}
	return r;
}

static int note_layer(struct noter *noter, const struct gb_policyc_layer *layer)
{
	char buffer[300];
	struct gb_text text = gb_text_on(buffer, sizeof(buffer));
	int r = note_expired(noter, "rule", &layer->document->rules);

	if (r == 0)
		r = note_expired(noter, "exclusion", &layer->document->exclusions);
	if (r < 0 || layer->previous_hash == NULL || layer->previous_expires > noter->now)
		return r;
	add_name(&text, "the previous secret of group", layer->document->name);
	gb_text_add_cstr(&text, " expired ");
	gb_policyc_moment_print(layer->previous_expires, GB_POLICYC_DAY_LAST, &text);
	gb_text_add_cstr(&text, "; take 'previous' out");
	return note(noter, layer->origin, &text);
}

static const struct gb_policyc_entry *entry_at(const struct gb_policyc_document *document, size_t index)
{
	return index < document->rules.count ? &document->rules.items[index]
	                                     : &document->exclusions.items[index - document->rules.count];
}

static size_t entry_count(const struct gb_policyc_document *document)
{
	return document->rules.count + document->exclusions.count;
}

static int use_begin(struct noter *noter)
{
	struct gb_arena *arena = noter->set->arena;

	noter->layer_used = gb_arena_take(arena, noter->set->count * sizeof(bool) + 1);
	noter->entry_used = gb_arena_take(arena, noter->set->count * sizeof(bool *) + 1);
	if (noter->layer_used == NULL || noter->entry_used == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < noter->set->count; i++) {
		noter->entry_used[i] = gb_arena_take(arena, entry_count(noter->set->layers[i].document) + 1);
		if (noter->entry_used[i] == NULL)
			return -ENOMEM;
	}
	return 0;
}

/* What is not told may well match. */
static void use_entries(struct noter *noter, size_t layer, const struct gb_policyc_choice *choice)
{
	const struct gb_policyc_document *document = noter->set->layers[layer].document;

	noter->layer_used[layer] = true;
	for (size_t i = 0; i < entry_count(document); i++) {
		const char *field;

		if (gb_policyc_scope_answer(&entry_at(document, i)->scope, &choice->function, choice->group, &field) !=
		        GB_POLICYC_NO)
			noter->entry_used[layer][i] = true;
	}
}

static int use(struct noter *noter, const struct gb_policyc_function *function)
{
	struct gb_policyc_choice choice;
	struct gb_diag diag = {0};
	char buffer[400];
	struct gb_text text = gb_text_on(buffer, sizeof(buffer));
	int r = gb_policyc_choose(noter->set->arena, noter->set, function, noter->now, &choice, &diag);

	if (r == -EINVAL) {
		add_name(&text, "function", function->name == NULL ? function->arn : function->name);
		gb_text_add_cstr(&text, ": ");
		gb_text_add_cstr(&text, diag.message);
		return note(noter, (struct gb_policyc_origin){0}, &text);
	}
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	for (size_t kind = 0; kind < _GB_POLICYC_LAYER_MAX; kind++)
		if (choice.layers[kind] != NULL)
			use_entries(noter, (size_t)(choice.layers[kind] - noter->set->layers), &choice);
	return 0;
}

static int note_unused(struct noter *noter, size_t index)
{
	const struct gb_policyc_layer *layer = &noter->set->layers[index];
	char buffer[400];
	struct gb_text text = gb_text_on(buffer, sizeof(buffer));

	if (!noter->layer_used[index] && layer->kind != GB_POLICYC_ACCOUNT) {
		add_name(&text, gb_policyc_layer_word(layer->kind), layer->document->name);
		gb_text_add_cstr(&text, layer->kind == GB_POLICYC_GROUP
		                                ? " is the best match of no function of the list"
		                                : " is for no function of the list");
		return note(noter, layer->origin, &text);
	}
	for (size_t i = 0; i < entry_count(layer->document); i++) {
		const struct gb_policyc_entry *entry = entry_at(layer->document, i);
		int r;

		if (noter->entry_used[index][i])
			continue;
		text = gb_text_on(buffer, sizeof(buffer));
		gb_text_add_cstr(&text, "the scope of ");
		add_name(&text, i < layer->document->rules.count ? "rule" : "exclusion", entry->name);
		gb_text_add_cstr(&text, " matches no function of the list");
		r = note(noter, entry->origin, &text);
		if (r < 0)
			return r;
	}
	return 0;
}

int gb_policyc_set_notes(struct gb_policyc_set *set, int64_t now, const struct gb_policyc_function *functions,
        size_t count, struct gb_policyc_notes *ret_notes)
{
	struct noter noter = {.set = set, .now = now};
	int r = 0;

	for (size_t i = 0; i < set->count && r == 0; i++)
		r = note_layer(&noter, &set->layers[i]);
	if (r == 0 && count != 0)
		r = use_begin(&noter);
	for (size_t i = 0; i < count && r == 0; i++)
		r = use(&noter, &functions[i]);
	for (size_t i = 0; i < set->count && count != 0 && r == 0; i++)
		r = note_unused(&noter, i);
	if (r == 0)
		*ret_notes = (struct gb_policyc_notes){noter.items, noter.count};
	return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/set.h"

#include "base/text.h"
#include "base/arena.h"
#include "policyc/layer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct gb_policyc_set *gb_policyc_set_new(void)
{
	struct gb_policyc_set *set = calloc(1, sizeof(*set));

	if (set == NULL)
		return NULL;
	set->arena = gb_arena_new();
	if (set->arena == NULL) {
		free(set);
		return NULL;
	}
	return set;
}

static void layers_drop(struct gb_policyc_set *set, size_t kept)
{
	while (set->count > kept)
		gb_policyc_document_free(set->layers[--set->count].document);
}

void gb_policyc_set_free(struct gb_policyc_set *set)
{
	if (set == NULL)
		return;
	layers_drop(set, 0);
	for (size_t i = 0; i < set->text_count; i++)
		gb_arena_free(set->texts[i]);
	gb_arena_free(set->arena);
	free(set);
}

void gb_policyc_set_freep(struct gb_policyc_set **set)
{
	gb_policyc_set_free(*set);
}

size_t gb_policyc_set_count(const struct gb_policyc_set *set)
{
	return set->count;
}

struct gb_policyc_document *gb_policyc_set_document(struct gb_policyc_set *set, size_t index)
{
	return set->layers[index].document;
}

struct gb_policyc_origin gb_policyc_set_origin(const struct gb_policyc_set *set, size_t index)
{
	return set->layers[index].origin;
}

struct gb_policyc_set_counts gb_policyc_set_counts(const struct gb_policyc_set *set)
{
	size_t counts[_GB_POLICYC_LAYER_MAX] = {0};

	for (size_t i = 0; i < set->count; i++)
		counts[set->layers[i].kind]++;
	return (struct gb_policyc_set_counts){
	        counts[GB_POLICYC_ACCOUNT], counts[GB_POLICYC_GROUP], counts[GB_POLICYC_FUNCTION]};
}

static int complain_twice(struct gb_diag *diag, const struct gb_policyc_layer *layer,
        const struct gb_policyc_layer *other, const char *what)
{
	return gb_diag_set(diag, -EINVAL, layer->origin.line, 1, "%s; the first is %.120s:%u", what, other->origin.file,
	        other->origin.line);
}

static bool is_nameless(const struct gb_policyc_layer *layer)
{
	return layer->kind == GB_POLICYC_FUNCTION && layer->document->name[0] == '\0' && !layer->has_match;
}

/* LAYER against what is there already. */
static int check_layer(const struct gb_policyc_set *set, const struct gb_policyc_layer *layer, struct gb_diag *diag)
{
	char what[200];
	struct gb_text text = gb_text_on(what, sizeof(what));

	if (set->count != 0 && (is_nameless(layer) || is_nameless(&set->layers[0])))
		return gb_diag_set(diag, -EINVAL, is_nameless(layer) ? layer->origin.line : 1, 1,
		        "whose policy is the one without a name? among others a FunctionPolicy has the function's name "
		        "or "
		        "ARN ('metadata: {name: …}'), or a 'match'");
	if (layer->kind == GB_POLICYC_FUNCTION && !layer->has_match && strchr(layer->document->name, '*') != NULL)
		return gb_diag_set(diag, -EINVAL, layer->origin.line, 1,
		        "the name of a function has no '*'; write 'spec: {match: {functions: [\"%.60s\"]}}'",
		        layer->document->name);
	for (size_t i = 0; i < set->count; i++) {
		const struct gb_policyc_layer *other = &set->layers[i];

		if (other->kind != layer->kind)
			continue;
		if (layer->kind == GB_POLICYC_ACCOUNT)
			return complain_twice(diag, layer, other, "a set has one AccountPolicy");
		if (layer->document->name[0] != '\0' && strcmp(other->document->name, layer->document->name) == 0) {
			gb_text_add_cstr(&text, "a ");
			gb_text_add_cstr(&text, gb_policyc_layer_word(layer->kind));
			gb_text_add_cstr(&text, " of the name '");
			gb_text_add_cstr(&text, layer->document->name);
			gb_text_add_cstr(&text, "' is there already");
			return complain_twice(diag, layer, other, gb_text_cstr(&text));
		}
		if (layer->key != NULL && other->key != NULL && strcmp(layer->key, other->key) == 0)
			return complain_twice(diag, layer, other, "two groups have this key");
	}
	return 0;
}

static int add_layer(
        struct gb_policyc_set *set, const struct gb_policyc_node *root, const char *file, struct gb_diag *diag)
{
	struct gb_policyc_layer layer;
	int r;

	if (set->count == GB_POLICYC_SET_DOCUMENTS_MAX)
		return gb_diag_set(diag, -EFBIG, root == NULL ? 1 : root->line, 1, "more than 10000 documents");
	r = gb_policyc_layer_read(root, file, &layer, diag);
	if (r < 0)
		return r;
	r = check_layer(set, &layer, diag);
	if (r == 0)
		r = gb_arena_grow(set->arena, &set->layers, set->count, &set->cap, sizeof(*set->layers));
	if (r < 0) {
		gb_policyc_document_free(layer.document);
		return r;
	}
	set->layers[set->count++] = layer;
	return 0;
}

/* In ARENA, which the set owns from here on. */
static int add_text(
        struct gb_policyc_set *set, struct gb_arena *arena, const char *file, struct gb_span text, struct gb_diag *diag)
{
	struct gb_policyc_node *root = NULL;
	size_t file_n = strlen(file) + 1;
	char *kept = gb_arena_take(arena, file_n);
	int r = kept == NULL ? -ENOMEM : gb_policyc_tree_parse(arena, text, GB_POLICYC_SET_DOCUMENTS_MAX, &root, diag);

	if (r < 0)
		return r;
	memcpy(kept, file, file_n);
	/* An empty text is no policy, and complained about as such; nothing between two '---' is nothing. */
	if (root == NULL || root->next == NULL)
		return add_layer(set, root, kept, diag);
	for (; root != NULL && r == 0; root = root->next)
		if (root->kind != GB_POLICYC_SCALAR || root->text.n != 0)
			r = add_layer(set, root, kept, diag);
	return r;
}

int gb_policyc_set_add(struct gb_policyc_set *set, const char *file, struct gb_span text, struct gb_diag *diag)
{
	size_t count = set->count;
	struct gb_arena *arena;
	int r;

	if (diag != NULL)
		*diag = (struct gb_diag){0};
	if (text.n > GB_POLICYC_SET_BYTES_MAX - set->bytes)
		return gb_diag_set(diag, -EFBIG, 0, 0, "the set has more than %u bytes", GB_POLICYC_SET_BYTES_MAX);
	arena = gb_arena_new();
	if (arena == NULL)
		return -ENOMEM;
	r = gb_arena_grow(set->arena, &set->texts, set->text_count, &set->text_cap, sizeof(*set->texts));
	if (r == 0)
		r = add_text(set, arena, file, text, diag);
	if (r < 0) {
		layers_drop(set, count);
		gb_arena_free(arena);
		return r;
	}
	set->texts[set->text_count++] = arena;
	set->bytes += text.n;
	return 0;
}

int gb_policyc_set_group(const struct gb_policyc_set *set, const char *name, struct gb_policyc_group_facts *ret_facts,
        struct gb_diag *diag)
{
	const struct gb_policyc_layer *found = NULL;
	size_t count = 0;

	for (size_t i = 0; i < set->count; i++) {
		const struct gb_policyc_layer *layer = &set->layers[i];

		if (layer->kind != GB_POLICYC_GROUP || (name != NULL && strcmp(layer->document->name, name) != 0))
			continue;
		found = layer;
		count++;
	}
	if (count == 0)
		return gb_diag_set(diag, -ENOENT, 0, 0, "there is no group%s%.100s%s", name == NULL ? "" : " '",
		        name == NULL ? "" : name, name == NULL ? "" : "'");
	if (count > 1)
		return gb_diag_set(diag, -ENOENT, 0, 0, "there are %zu groups; say which one", count);
	*ret_facts = (struct gb_policyc_group_facts){
	        found->document->name, found->key, found->secret_hash, found->previous_expires};
	return 0;
}

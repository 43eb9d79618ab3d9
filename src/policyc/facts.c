/* SPDX-License-Identifier: Apache-2.0 */
/* A document as a set of facts. What a document means is its blob, and the text of a blob names each thing in one way: so
 * the facts are read off the tree of that text, and nothing that a policy can hold is left out. */
#include "base/cleanup.h"
#include "base/arena.h"
#include "policyc/facts.h"
#include "policyc/tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct collector {
	struct gb_arena *arena;
	struct gb_policyc_facts *facts;
};

static int add(struct collector *collector, const char *path, const char *value, bool is_item)
{
	struct gb_policyc_facts *facts = collector->facts;
	size_t path_n = strlen(path) + 1, value_n = strlen(value) + 1;
	char *bytes = gb_arena_take(collector->arena, path_n + value_n);

	if (bytes == NULL ||
	        gb_arena_grow(collector->arena, &facts->items, facts->count, &facts->cap, sizeof(*facts->items)) < 0)
		return -ENOMEM;
	memcpy(bytes, path, path_n);
	memcpy(bytes + path_n, value, value_n);
	facts->items[facts->count++] =
	        (struct gb_policyc_fact){.path = bytes, .value = bytes + path_n, .is_item = is_item};
	return 0;
}

/* NODE in one line. Its depth is limited by the parser. */
static void render(const struct gb_policyc_node *node, FILE *out)
{
	bool is_key = true;

	if (node->kind == GB_POLICYC_SCALAR) {
		(void)fwrite(node->text.p, 1, node->text.n, out);
		return;
	}
	fputc(node->kind == GB_POLICYC_MAP ? '{' : '[', out);
	for (const struct gb_policyc_node *child = node->first; child != NULL; child = child->next) {
		render(child, out);
		if (child->next != NULL)
			fputs(node->kind == GB_POLICYC_MAP && is_key ? ": " : ", ", out);
		is_key = !is_key;
	}
	fputc(node->kind == GB_POLICYC_MAP ? '}' : ']', out);
}

static int add_node(struct collector *collector, const char *path, const struct gb_policyc_node *node, bool is_item)
{
	GB_CLEANUP(gb_freep) char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	if (out == NULL)
		return -ENOMEM;
	render(node, out);
	return fclose(out) != 0 ? -ENOMEM : add(collector, path, text, is_item);
}

/* The value of KEY in MAP. */
static const struct gb_policyc_node *value_of(const struct gb_policyc_node *map, struct gb_span key)
{
	for (const struct gb_policyc_node *child = map->first; child != NULL; child = child->next->next)
		if (gb_span_equal(child->text, key))
			return child->next;
	return NULL;
}

/* Things that have a name of their own; of a process `name` says how it is called. */
static bool is_list_of_named(const char *path)
{
	struct gb_span s = gb_span_cstr(path);

	return gb_span_equal(s, GB_SPAN("rules")) || gb_span_equal(s, GB_SPAN("exclusions")) ||
	       gb_span_equal(s, GB_SPAN("firewall.sources.lists"));
}

static int collect(struct collector *collector, const char *path, const struct gb_policyc_node *node);

static int collect_list(struct collector *collector, const char *path, const struct gb_policyc_node *list)
{
	int r = 0;

	for (const struct gb_policyc_node *item = list->first; item != NULL && r == 0; item = item->next) {
		const struct gb_policyc_node *name =
		        item->kind == GB_POLICYC_MAP && is_list_of_named(path) ? value_of(item, GB_SPAN("name")) : NULL;
		GB_CLEANUP(gb_freep) char *below = NULL;

		if (name == NULL) {
			r = add_node(collector, path, item, true);
			continue;
		}
		if (asprintf(&below, "%s[%.*s]", path, (int)name->text.n, (const char *)name->text.p) < 0)
			return -ENOMEM;
		r = add(collector, path, below + strlen(path), true);
		if (r == 0)
			r = collect(collector, below, item);
	}
	return r;
}

static int collect(struct collector *collector, const char *path, const struct gb_policyc_node *node)
{
	bool is_named = path[0] != '\0' && path[strlen(path) - 1] == ']';
	int r = 0;

	if (node->kind == GB_POLICYC_SCALAR)
		return add_node(collector, path, node, false);
	if (node->kind == GB_POLICYC_LIST)
		return collect_list(collector, path, node);
	for (const struct gb_policyc_node *key = node->first; key != NULL && r == 0; key = key->next->next) {
		GB_CLEANUP(gb_freep) char *below = NULL;

		if (is_named && gb_span_equal(key->text, GB_SPAN("name")))
			continue;
		if (asprintf(&below, "%s%s%.*s", path, path[0] == '\0' ? "" : ".", (int)key->text.n,
		            (const char *)key->text.p) < 0)
			return -ENOMEM;
		r = collect(collector, below, key->next);
	}
	return r;
}

static int compare(const void *a_memory, const void *b_memory)
{
	const struct gb_policyc_fact *a = a_memory, *b = b_memory;

	return gb_policyc_fact_compare(a, b);
}

int gb_policyc_fact_compare(const struct gb_policyc_fact *a, const struct gb_policyc_fact *b)
{
	int order = strcmp(a->path, b->path);

	return order != 0 ? order : strcmp(a->value, b->value);
}

/* TEXT is what gb_policyc_print() wrote. */
static int collect_text(struct gb_policyc_facts *facts, struct gb_span text, struct gb_diag *diag)
{
	struct collector collector = {.arena = facts->arena, .facts = facts};
	struct gb_policyc_node *root = NULL;
	const struct gb_policyc_node *spec;
	int r = gb_policyc_tree_parse(facts->arena, text, 1, &root, diag);

	spec = r == 0 && root != NULL ? value_of(root, GB_SPAN("spec")) : NULL;
	if (r == 0 && spec != NULL)
		r = collect(&collector, "", spec);
	if (r == 0 && facts->count != 0)
		qsort(facts->items, facts->count, sizeof(*facts->items), compare);
	return r;
}

static int print_blob(struct gb_span blob, char **ret_text, size_t *ret_n)
{
	GB_CLEANUP(gb_policyc_document_freep) struct gb_policyc_document *document = NULL;
	struct gb_policy policy;
	FILE *out;
	int r = gb_policy_open(blob, &policy);

	if (r == 0)
		r = gb_policyc_of_blob(&policy, &document);
	if (r < 0)
		return r;
	/* Why a rule is there changes nothing that an agent does. */
	for (size_t i = 0; i < document->rules.count; i++)
		document->rules.items[i].reason = NULL;
	for (size_t i = 0; i < document->exclusions.count; i++)
		document->exclusions.items[i].reason = NULL;
	out = open_memstream(ret_text, ret_n);
	if (out == NULL)
		return -ENOMEM;
	gb_policyc_print(document, out);
	return fclose(out) != 0 ? -ENOMEM : 0;
}

int gb_policyc_facts_of(struct gb_span blob, struct gb_policyc_facts *ret_facts, struct gb_diag *diag)
{
	GB_CLEANUP(gb_freep) char *text = NULL;
	size_t n = 0;
	int r = print_blob(blob, &text, &n);

	*ret_facts = (struct gb_policyc_facts){.arena = r == 0 ? gb_arena_new() : NULL};
	if (r == 0)
		r = ret_facts->arena == NULL ? -ENOMEM : collect_text(ret_facts, gb_span_of(text, n), diag);
	if (r < 0)
		gb_policyc_facts_done(ret_facts);
	return r;
}

void gb_policyc_facts_done(struct gb_policyc_facts *facts)
{
	gb_arena_free(facts->arena);
	*facts = (struct gb_policyc_facts){0};
}

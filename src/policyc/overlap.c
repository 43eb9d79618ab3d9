/* SPDX-License-Identifier: Apache-2.0 */
/* All of what an exclusion adds lies within what a rule takes away, or the other way round: not the same text, but the same
 * mistake; or on purpose. By the automata of both, of as many pairs as are looked at in no time. */
#include "policyc/layer.h"

#include "base/arena.h"
#include "policyc/expression.h"
#include "policyc/items.h"
#include "policyc/scope.h"

#include <errno.h>

#define COMPARISONS_MAX 1000u
#define LOOKS_MAX       4000000u

struct finder {
	struct gb_arena *arena;
	unsigned left;  /* comparisons */
	unsigned looks; /* at pairs */
	int failed;
};

/* What is said of two entries: INNER is within OUTER. */
struct found {
	const struct gb_policyc_item *inner, *outer;
	const char *list;
};

static const char *const set_words[_GB_BLOB_SET_MAX + 1] = {
        [GB_BLOB_FILES_READ] = "files.read",
        [GB_BLOB_FILES_WRITE] = "files.write",
        [GB_BLOB_FILES_LIBRARY] = "files.map",
        [GB_BLOB_FILES_SOCKET] = "addresses",
        [GB_BLOB_APIS] = "awsApis",
        [GB_BLOB_REQUESTS] = "http",
        [GB_BLOB_PLACE_HOSTS] = "hosts",
};

static bool may_look(struct finder *finder)
{
	if (finder->left == 0 || finder->looks == 0)
		return false;
	finder->looks--;
	return true;
}

/* The automaton of ITEM; false when there is none, or it is too large. */
static bool automaton_of(
        struct finder *finder, const struct gb_policyc_item *item, struct gb_span glob, struct gb_regex_automaton *ret)
{
	struct gb_regex_node *node = NULL;
	struct gb_diag diag = {0};
	int r;

	if (item->request != NULL)
		r = gb_policyc_tree_of_request(finder->arena, item->request, &node, &diag);
	else if (item->pattern != NULL)
		r = gb_regex_parse(finder->arena, gb_span_cstr(item->pattern->text), &node, &diag);
	else
		r = gb_policyc_tree_of_glob(finder->arena, glob, &node, &diag);
	if (r == 0)
		r = gb_regex_compile(finder->arena, node, ret, &diag);
	finder->failed = r == -ENOMEM ? r : finder->failed;
	return r == 0;
}

static bool is_for_the_same(const struct gb_policyc_item *inner, const struct gb_policyc_item *outer)
{
	/* What outlives the other is not in vain. */
	bool is_outlived = outer->entry->expires != 0 &&
	                   (inner->entry->expires == 0 || inner->entry->expires > outer->entry->expires);

	return !is_outlived && gb_policyc_scope_equal(&inner->entry->scope, &outer->entry->scope);
}

/* Whether all that INNER matches OUTER matches too. Their globs are given where they have no pattern. */
static bool is_within(struct finder *finder, const struct gb_policyc_item *inner, struct gb_span inner_glob,
        const struct gb_policyc_item *outer, struct gb_span outer_glob)
{
	struct gb_regex_automaton a, b;
	int r;

	if (finder->failed < 0 || !is_for_the_same(inner, outer))
		return false;
	finder->left--;
	if (!automaton_of(finder, inner, inner_glob, &a) || !automaton_of(finder, outer, outer_glob, &b))
		return false;
	r = gb_regex_is_within(finder->arena, &a, &b);
	finder->failed = r < 0 ? r : finder->failed;
	return r > 0;
}

/* A glob's head is all that is fixed in front: what is within it begins so. */
static bool may_hold(const struct gb_policyc_item *outer, const struct gb_policyc_item *inner)
{
	return gb_span_starts(inner->key, gb_span_sub(outer->key, 0, outer->literal_n));
}

static bool find_in_globs(struct finder *finder, const struct gb_policyc_item *inner,
        const struct gb_policyc_items *outers, struct found *ret)
{
	for (size_t i = 0; i < outers->count && may_look(finder); i++) {
		const struct gb_policyc_item *outer = &outers->items[i];

		if (inner->pattern == NULL && inner->request == NULL && !may_hold(outer, inner))
			continue;
		if (!is_within(finder, inner, inner->key, outer, outer->key))
			continue;
		*ret = (struct found){inner, outer, ret->list};
		return true;
	}
	return false;
}

static bool find_in_expressions(struct finder *finder, const struct gb_policyc_item *inner, unsigned place,
        const struct gb_policyc_items *outers, struct found *ret)
{
	for (size_t i = 0; i < outers->count && may_look(finder); i++) {
		const struct gb_policyc_item *outer = &outers->items[i];

		if (outer->place != place || !is_within(finder, inner, inner->key, outer, outer->key))
			continue;
		*ret = (struct found){inner, outer, ret->list};
		return true;
	}
	return false;
}

/* What stands in INNERS, about PLACE, within something of OUTERS. */
static bool find_at(struct finder *finder, unsigned place, const struct gb_policyc_items *inners,
        const struct gb_policyc_flat *outer, struct found *ret)
{
	const struct gb_policyc_items *globs =
	        place == GB_BLOB_PLACE_HOSTS ? &outer->hosts : &outer->sets[place < _GB_BLOB_SET_MAX ? place : 0];

	for (size_t i = 0; i < inners->count; i++) {
		const struct gb_policyc_item *item = &inners->items[i];

		if ((item->pattern != NULL || item->request != NULL) && item->place != place)
			continue;
		ret->list = set_words[place];
		if (find_in_globs(finder, item, globs, ret) ||
		        find_in_expressions(finder, item, place, &outer->expressions, ret))
			return true;
	}
	return false;
}

/* A program with any arguments takes in the same with some. */
static bool find_process(struct finder *finder, const struct gb_policyc_items *inners,
        const struct gb_policyc_items *outers, struct found *ret)
{
	for (size_t i = 0; i < inners->count * outers->count && may_look(finder); i++) {
		const struct gb_policyc_item *inner = &inners->items[i / outers->count],
		                             *outer = &outers->items[i % outers->count];

		if (outer->process->name != NULL || outer->process->argument_count != 1 ||
		        !gb_span_equal(gb_span_cstr(outer->process->arguments[0].text), GB_SPAN("**")) ||
		        outer->process->arguments[0].is_shell ||
		        !is_within(finder, inner, gb_span_cstr(inner->process->executable), outer,
		                gb_span_cstr(outer->process->executable)))
			continue;
		*ret = (struct found){inner, outer, "processes"};
		return true;
	}
	return false;
}

static bool is_same_block(const struct gb_blob_address *inner, const struct gb_blob_address *outer)
{
	if (outer->prefix_n == GB_BLOB_FAMILY_PREFIX_N || inner->prefix_n == GB_BLOB_FAMILY_PREFIX_N ||
	        outer->prefix_n > inner->prefix_n || outer->port_first > inner->port_first ||
	        outer->port_last < inner->port_last)
		return false;
	for (unsigned bit = 0; bit < outer->prefix_n; bit++)
		if (((inner->ip[bit / 8] ^ outer->ip[bit / 8]) >> (7 - bit % 8) & 1) != 0)
			return false;
	return true;
}

static bool find_address(struct finder *finder, const struct gb_policyc_items *inners,
        const struct gb_policyc_items *outers, struct found *ret)
{
	for (size_t i = 0; i < inners->count * outers->count && may_look(finder); i++) {
		const struct gb_policyc_item *inner = &inners->items[i / outers->count],
		                             *outer = &outers->items[i % outers->count];

		if (!is_for_the_same(inner, outer) || !is_same_block(&inner->address, &outer->address))
			continue;
		*ret = (struct found){inner, outer, "addresses"};
		return true;
	}
	return false;
}

static bool find(struct finder *finder, const struct gb_policyc_flat *inner, const struct gb_policyc_flat *outer,
        struct found *ret)
{
	for (unsigned place = 0; place <= GB_BLOB_PLACE_HOSTS; place++) {
		const struct gb_policyc_items *globs = place == GB_BLOB_PLACE_HOSTS
		                                               ? &inner->hosts
		                                               : &inner->sets[place < _GB_BLOB_SET_MAX ? place : 0];

		if (find_at(finder, place, globs, outer, ret) ||
		        find_at(finder, place, &inner->expressions, outer, ret))
			return true;
	}
	return find_process(finder, &inner->processes, &outer->processes, ret) ||
	       find_address(finder, &inner->addresses, &outer->addresses, ret);
}

static const char *name_of(const struct gb_policyc_item *item)
{
	return item->entry->name == NULL ? "without a name" : item->entry->name;
}

int gb_policyc_find_overlap(
        const struct gb_policyc_document *document, enum gb_policyc_overlap kind, struct gb_diag *diag)
{
	struct finder finder = {.arena = gb_arena_new(), .left = COMPARISONS_MAX, .looks = LOOKS_MAX};
	struct gb_policyc_flat rules, exclusions;
	struct found found = {0};
	bool is_found = false;
	int r = finder.arena == NULL ? -ENOMEM : 0;

	if (r == 0)
		r = gb_policyc_flatten(finder.arena, document->rules.items, document->rules.count, &rules);
	if (r == 0)
		r = gb_policyc_flatten(
		        finder.arena, document->exclusions.items, document->exclusions.count, &exclusions);
	if (r == 0 && kind == GB_POLICYC_EXCLUSION_IN_RULE)
		is_found = find(&finder, &exclusions, &rules, &found);
	else if (r == 0)
		is_found = find(&finder, &rules, &exclusions, &found);
	if (r == 0)
		r = finder.failed;
	if (r == 0 && is_found && kind == GB_POLICYC_EXCLUSION_IN_RULE)
		r = gb_diag_set(diag, -EINVAL, found.inner->entry->origin.line, 1,
		        "exclusion '%.30s' is in vain: all that it adds to %s rule '%.30s' on line %u%s%.60s takes "
		        "away; the "
		        "rule goes first: narrow the rule, or give them different scopes",
		        name_of(found.inner), found.list, name_of(found.outer), found.outer->entry->origin.line,
		        found.outer->entry->origin.file == NULL ? "" : " of ",
		        found.outer->entry->origin.file == NULL ? "" : found.outer->entry->origin.file);
	else if (r == 0 && is_found)
		r = gb_diag_set(diag, -EINVAL, found.inner->entry->origin.line, 1,
		        "rule '%.30s' takes away part of what exclusion '%.30s' on line %u adds to %s",
		        name_of(found.inner), name_of(found.outer), found.outer->entry->origin.line, found.list);
	gb_arena_free(finder.arena);
	return r;
}

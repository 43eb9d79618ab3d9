/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of functions, as people write them and as AWS's command line prints them. */
#include "policyc/set.h"

#include "base/arena.h"
#include "policyc/tree.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

struct list_reader {
	struct gb_policyc_function_list *list;
	struct gb_diag *diag;
};

static int complain(struct list_reader *reader, const struct gb_policyc_node *node, const char *what)
{
	return gb_diag_set(reader->diag, -EINVAL, node->line, node->column, "%s", what);
}

static int copy(struct list_reader *reader, struct gb_span text, const char **ret_copy)
{
	char *bytes = gb_arena_take(reader->list->arena, text.n + 1);

	if (bytes == NULL)
		return -ENOMEM;
	if (text.n != 0)
		memcpy(bytes, text.p, text.n);
	*ret_copy = bytes;
	return 0;
}

static int read_tags(
        struct list_reader *reader, const struct gb_policyc_node *map, struct gb_policyc_function *function)
{
	struct gb_policyc_tags tags = {0};

	if (map->kind != GB_POLICYC_MAP)
		return complain(reader, map, "tags with their values ('env: prod') are expected here");
	for (const struct gb_policyc_node *key = map->first; key != NULL; key = key->next->next) {
		struct gb_policyc_tag tag = {0};
		int r;

		if (key->kind != GB_POLICYC_SCALAR || key->next->kind != GB_POLICYC_SCALAR)
			return complain(reader, key, "a tag is text, and so is its value");
		r = copy(reader, key->text, &tag.key);
		if (r == 0)
			r = copy(reader, key->next->text, &tag.value);
		if (r == 0)
			r = gb_arena_grow(reader->list->arena, &tags.items, tags.count, &tags.cap, sizeof(*tags.items));
		if (r < 0)
			return r;
		tags.items[tags.count++] = tag;
	}
	function->tags = tags.items;
	function->tag_count = tags.count;
	function->has_tags = true;
	return 0;
}

/* Our names and AWS's. */
static const struct {
	const char *name, *aws_name;
	size_t offset;
} fields[] = {
        {"name", "FunctionName", offsetof(struct gb_policyc_function, name)},
        {"arn", "FunctionArn", offsetof(struct gb_policyc_function, arn)},
        {"account", "Account", offsetof(struct gb_policyc_function, account)},
        {"region", "Region", offsetof(struct gb_policyc_function, region)},
        {"version", "Version", offsetof(struct gb_policyc_function, version)},
        {"alias", "Alias", offsetof(struct gb_policyc_function, alias)},
        {"runtime", "Runtime", offsetof(struct gb_policyc_function, runtime)},
};

static int read_field(struct list_reader *reader, const struct gb_policyc_node *key, bool is_aws,
        struct gb_policyc_function *function)
{
	const struct gb_policyc_node *value = key->next;

	if (gb_span_equal(key->text, is_aws ? GB_SPAN("Tags") : GB_SPAN("tags")))
		return read_tags(reader, value, function);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		const char **target = (const char **)((char *)function + fields[i].offset);

		if (!gb_span_equal(key->text, gb_span_cstr(is_aws ? fields[i].aws_name : fields[i].name)))
			continue;
		if (value->kind != GB_POLICYC_SCALAR)
			return complain(reader, value, "text is expected here");
		return copy(reader, value->text, target);
	}
	return is_aws ? 0
	              : gb_diag_set(reader->diag, -EINVAL, key->line, key->column,
	                        "unknown field '%.*s'; known are name, arn, account, region, version, alias, runtime, "
	                        "tags",
	                        (int)(key->text.n < 60 ? key->text.n : 60), (const char *)key->text.p);
}

static int read_function(struct list_reader *reader, const struct gb_policyc_node *map, bool is_aws)
{
	struct gb_policyc_function_list *list = reader->list;
	struct gb_policyc_function function = {0};

	if (map->kind != GB_POLICYC_MAP)
		return complain(reader, map, "a function ('name: …', 'arn: …') is expected here");
	for (const struct gb_policyc_node *key = map->first; key != NULL; key = key->next->next) {
		int r = key->kind != GB_POLICYC_SCALAR ? complain(reader, key, "a field's name must be plain text")
		                                       : read_field(reader, key, is_aws, &function);

		if (r < 0)
			return r;
	}
	if (function.name == NULL && function.arn == NULL)
		return complain(reader, map, "a function has a name or an ARN");
	if (gb_arena_grow(list->arena, &list->items, list->count, &list->cap, sizeof(*list->items)) < 0)
		return -ENOMEM;
	list->items[list->count++] = function;
	return 0;
}

static int read_root(struct list_reader *reader, const struct gb_policyc_node *root)
{
	const struct gb_policyc_node *functions = root;
	bool is_aws = false;

	if (root != NULL && root->kind == GB_POLICYC_MAP) {
		const struct gb_policyc_node *key = root->first;

		for (; key != NULL; key = key->next->next) {
			is_aws = gb_span_equal(key->text, GB_SPAN("Functions"));
			if (is_aws || gb_span_equal(key->text, GB_SPAN("functions")))
				break;
		}
		functions = key == NULL ? NULL : key->next;
	}
	if (functions == NULL || functions->kind != GB_POLICYC_LIST)
		return gb_diag_set(reader->diag, -EINVAL, root == NULL ? 1 : root->line, 1,
		        "a list of functions is expected here, or what 'aws lambda list-functions' prints");
	for (const struct gb_policyc_node *item = functions->first; item != NULL; item = item->next) {
		int r = read_function(reader, item, is_aws);

		if (r < 0)
			return r;
	}
	return 0;
}

int gb_policyc_function_list_read(struct gb_span text, struct gb_policyc_function_list *ret_list, struct gb_diag *diag)
{
	struct gb_arena *arena = gb_arena_new();
	struct list_reader reader = {.list = ret_list, .diag = diag};
	struct gb_policyc_node *root = NULL;
	int r = -ENOMEM;

	*ret_list = (struct gb_policyc_function_list){.arena = gb_arena_new()};
	if (arena != NULL && ret_list->arena != NULL)
		r = gb_policyc_tree_parse(arena, text, 1, &root, diag);
	if (r == 0)
		r = read_root(&reader, root);
	gb_arena_free(arena);
	if (r < 0)
		gb_policyc_function_list_done(ret_list);
	return r;
}

void gb_policyc_function_list_done(struct gb_policyc_function_list *list)
{
	gb_arena_free(list->arena);
	*list = (struct gb_policyc_function_list){0};
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/policyc.h"

#include "policyc/arena.h"
#include "policyc/tree.h"
#include "policyc/words.h"

#include <errno.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

struct reader {
	struct gb_policyc_document *document;
	struct gb_diag *diag;
	bool has_allow, has_allowlist_mode;
};

/* A key of a map and what reads its value into TARGET. */
struct field {
	const char *name;
	int (*read)(struct reader *reader, const struct gb_policyc_node *value, void *target);
};

static int shown(struct gb_span s)
{
	return (int)(s.n < 60 ? s.n : 60);
}

/* Errors of the add functions know no place: NODE is it. */
static int placed(struct reader *reader, const struct gb_policyc_node *node, int r)
{
	if (r < 0 && reader->diag != NULL && reader->diag->line == 0) {
		reader->diag->line = node->line;
		reader->diag->column = node->column;
	}
	return r;
}

static int complain(struct reader *reader, const struct gb_policyc_node *node, const char *what)
{
	return gb_diag_set(reader->diag, -EINVAL, node->line, node->column, "%s", what);
}

static bool is_nothing(const struct gb_policyc_node *node)
{
	return node->kind == GB_POLICYC_SCALAR && node->is_plain &&
	       (node->text.n == 0 || gb_span_equal(node->text, GB_SPAN("null")) ||
	               gb_span_equal(node->text, GB_SPAN("~")));
}

static int unknown(struct reader *reader, const struct gb_policyc_node *node, const char *noun,
        const char *const *known, size_t count)
{
	const char *nearest = gb_policyc_nearest(node->text, known, count);
	char list[120];

	if (nearest != NULL)
		return gb_diag_set(reader->diag, -EINVAL, node->line, node->column,
		        "unknown %s '%.*s'; did you mean '%s'?", noun, shown(node->text), (const char *)node->text.p,
		        nearest);
	gb_policyc_join(known, count, list, sizeof(list));
	return gb_diag_set(reader->diag, -EINVAL, node->line, node->column, "unknown %s '%.*s'; known are %s", noun,
	        shown(node->text), (const char *)node->text.p, list);
}

static int unknown_field(
        struct reader *reader, const struct gb_policyc_node *key, const struct field *fields, size_t count)
{
	const char *names[16];

	for (size_t i = 0; i < count; i++)
		names[i] = fields[i].name;
	return unknown(reader, key, "field", names, count);
}

static int check_twice(struct reader *reader, const struct gb_policyc_node *map, const struct gb_policyc_node *key)
{
	for (const struct gb_policyc_node *other = map->first; other != key; other = other->next->next)
		if (gb_span_equal(other->text, key->text))
			return gb_diag_set(reader->diag, -EINVAL, key->line, key->column,
			        "field '%.*s' stands here a second time; the first is on line %u", shown(key->text),
			        (const char *)key->text.p, other->line);
	return 0;
}

static int read_map(struct reader *reader, const struct gb_policyc_node *map, const struct field *fields, size_t count,
        void *target)
{
	if (is_nothing(map))
		return 0;
	if (map->kind != GB_POLICYC_MAP)
		return complain(reader, map, "fields ('name: value') are expected here");
	for (const struct gb_policyc_node *key = map->first; key != NULL; key = key->next->next) {
		size_t i = 0;
		int r;

		if (key->kind != GB_POLICYC_SCALAR)
			return complain(reader, key, "a field's name must be plain text");
		while (i < count && !gb_span_equal(key->text, gb_span_cstr(fields[i].name)))
			i++;
		if (i == count)
			return unknown_field(reader, key, fields, count);
		r = check_twice(reader, map, key);
		if (r == 0)
			r = fields[i].read(reader, key->next, target);
		if (r < 0)
			return placed(reader, key->next, r);
	}
	return 0;
}

static int read_list(struct reader *reader, const struct gb_policyc_node *list, void *target,
        int (*read)(struct reader *reader, const struct gb_policyc_node *item, void *target))
{
	if (is_nothing(list))
		return 0;
	if (list->kind != GB_POLICYC_LIST)
		return complain(reader, list, "a list ('- entry') is expected here");
	for (const struct gb_policyc_node *item = list->first; item != NULL; item = item->next) {
		int r = read(reader, item, target);

		if (r < 0)
			return placed(reader, item, r);
	}
	return 0;
}

static int need_text(struct reader *reader, const struct gb_policyc_node *node)
{
	return node->kind == GB_POLICYC_SCALAR ? 0 : complain(reader, node, "text is expected here");
}

static int read_string(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	const char **text = target;
	int r = need_text(reader, node);

	if (r < 0)
		return r;
	*text = gb_policyc_copy(reader->document, node->text);
	return *text == NULL ? -ENOMEM : 0;
}

static int read_name(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	int r = read_string(reader, node, target);

	if (r < 0)
		return r;
	if (node->text.n == 0 || node->text.n > GB_POLICYC_NAME_BYTES_MAX)
		return complain(reader, node, "a name has 1 to 128 bytes");
	return 0;
}

static const char *const mode_words[] = {"off", "detect", "block"};
static const char *const stance_words[] = {"open", "closed"};
static const char *const bool_words[] = {"true", "false"};

static int read_mode(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	enum gb_mode *mode = target;

	if (node->kind == GB_POLICYC_SCALAR && gb_mode_of_name(node->text, mode))
		return 0;
	return need_text(reader, node) < 0 ? -EINVAL : unknown(reader, node, "mode", mode_words, COUNT(mode_words));
}

static int read_stance(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_document *document = target;

	if (node->kind == GB_POLICYC_SCALAR && gb_stance_of_name(node->text, &document->stance))
		return 0;
	return need_text(reader, node) < 0 ? -EINVAL
	                                   : unknown(reader, node, "stance", stance_words, COUNT(stance_words));
}

static int read_bool(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	bool *value = target;

	*value = gb_span_equal(node->text, GB_SPAN("true"));
	if (*value || gb_span_equal(node->text, GB_SPAN("false")))
		return 0;
	return need_text(reader, node) < 0 ? -EINVAL : unknown(reader, node, "value", bool_words, COUNT(bool_words));
}

static int read_posture(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_document *document = target;

	return read_mode(reader, node, &document->posture);
}

static int read_observe(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_document *document = target;

	return read_bool(reader, node, &document->observe);
}

static int read_control(struct reader *reader, const struct gb_policyc_node *node, enum gb_control control)
{
	enum gb_mode mode = GB_MODE_OFF;
	int r = read_mode(reader, node, &mode);

	if (r == 0)
		reader->document->control_modes[control] = (uint8_t)mode;
	return r;
}

static int read_firewall(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	(void)target;
	return read_control(reader, node, GB_CONTROL_FIREWALL);
}

static int read_flow_mode(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	(void)target;
	return read_control(reader, node, GB_CONTROL_FLOW);
}

static int read_allowlist(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	(void)target;
	reader->has_allowlist_mode = true;
	return read_control(reader, node, GB_CONTROL_ALLOWLIST);
}

static int read_rules_mode(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	(void)target;
	return read_control(reader, node, GB_CONTROL_RULE);
}

static int read_controls(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const struct field fields[] = {
	        {"firewall", read_firewall},
	        {"flow", read_flow_mode},
	        {"allowlist", read_allowlist},
	        {"rules", read_rules_mode},
	};

	return read_map(reader, node, fields, COUNT(fields), target);
}

static int read_on_limit(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_document *document = target;

	return read_mode(reader, node, &document->flow_on_limit);
}

static int read_flow(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const struct field fields[] = {{"onLimit", read_on_limit}};

	return read_map(reader, node, fields, COUNT(fields), target);
}

static int read_body(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_document *document = target;
	int r = read_string(reader, node, &document->block_body);

	if (r == 0 && node->text.n > 16384)
		return complain(reader, node, "the body of a blocked answer has at most 16384 bytes");
	return r;
}

static int read_block(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const struct field fields[] = {{"body", read_body}};

	return read_map(reader, node, fields, COUNT(fields), target);
}

static int read_path_item(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	int r = need_text(reader, node);

	return r < 0 ? r : gb_policyc_add_path(reader->document, target, node->text, reader->diag);
}

static int read_address_item(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	int r = need_text(reader, node);

	return r < 0 ? r : gb_policyc_add_address(reader->document, target, node->text, reader->diag);
}

static int read_host_item(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	int r = need_text(reader, node);

	return r < 0 ? r : gb_policyc_add_host(reader->document, target, node->text, reader->diag);
}

static int read_kind_item(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	enum gb_activity_kind kind = gb_activity_kind_of_name(node->text);
	struct gb_policyc_group *group = target;
	const char *names[_GB_ACTIVITY_KIND_MAX - 1];

	if (kind != GB_ACTIVITY_NONE) {
		group->kinds |= 1u << kind;
		return 0;
	}
	if (need_text(reader, node) < 0)
		return -EINVAL;
	for (int i = 1; i < _GB_ACTIVITY_KIND_MAX; i++)
		names[i - 1] = gb_activity_kind_name((enum gb_activity_kind)i);
	return unknown(reader, node, "kind", names, COUNT(names));
}

static int read_read(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_group *group = target;

	return read_list(reader, node, &group->read, read_path_item);
}

static int read_write(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_group *group = target;

	return read_list(reader, node, &group->write, read_path_item);
}

static int read_map_paths(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_group *group = target;

	return read_list(reader, node, &group->map, read_path_item);
}

static int read_files(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const struct field fields[] = {{"read", read_read}, {"write", read_write}, {"map", read_map_paths}};

	return read_map(reader, node, fields, COUNT(fields), target);
}

static int read_addresses(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_group *group = target;

	return read_list(reader, node, &group->addresses, read_address_item);
}

static int read_hosts(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_group *group = target;

	return read_list(reader, node, &group->hosts, read_host_item);
}

static int read_kinds(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	return read_list(reader, node, target, read_kind_item);
}

struct process_nodes {
	const struct gb_policyc_node *executable, *name, *arguments;
};

static int keep_executable(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct process_nodes *nodes = target;

	nodes->executable = node;
	return need_text(reader, node);
}

static int keep_name(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct process_nodes *nodes = target;

	nodes->name = node;
	return need_text(reader, node);
}

static int keep_arguments(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct process_nodes *nodes = target;

	(void)reader;
	nodes->arguments = node;
	return 0;
}

static int add_shell(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	int r = need_text(reader, node);

	return r < 0 ? r : gb_policyc_add_argument(reader->document, target, node->text, true, reader->diag);
}

static int read_argument(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const struct field fields[] = {{"shell", add_shell}};

	if (node->kind == GB_POLICYC_MAP && node->first != NULL)
		return read_map(reader, node, fields, COUNT(fields), target);
	if (node->kind != GB_POLICYC_SCALAR)
		return complain(reader, node, "an argument is text, or { shell: TEXT }");
	return gb_policyc_add_argument(reader->document, target, node->text, false, reader->diag);
}

static int read_process(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const struct field fields[] = {
	        {"executable", keep_executable},
	        {"name", keep_name},
	        {"arguments", keep_arguments},
	};
	struct process_nodes nodes = {0};
	struct gb_policyc_process *process = NULL;
	int r = 0;

	if (node->kind == GB_POLICYC_SCALAR)
		nodes.executable = node;
	else
		r = read_map(reader, node, fields, COUNT(fields), &nodes);
	if (r < 0)
		return r;
	if (nodes.executable == NULL)
		return complain(reader, node, "field 'executable' is missing");
	r = gb_policyc_add_process(reader->document, target, nodes.executable->text,
	        nodes.name == NULL ? GB_SPAN_EMPTY : nodes.name->text, &process, reader->diag);
	if (r < 0)
		return placed(reader, nodes.executable, r);
	/* No word about the arguments: any. */
	if (nodes.arguments == NULL)
		return gb_policyc_add_argument(reader->document, process, GB_SPAN("**"), false, reader->diag);
	return read_list(reader, nodes.arguments, process, read_argument);
}

static int read_processes(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	return read_list(reader, node, target, read_process);
}

static int read_group_name(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_group *group = target;

	return read_name(reader, node, &group->name);
}

/* The allowlist has no name: its fields begin at the second. */
static const struct field group_fields[] = {
        {"name", read_group_name},
        {"processes", read_processes},
        {"files", read_files},
        {"addresses", read_addresses},
        {"hosts", read_hosts},
        {"kinds", read_kinds},
};

static int read_allow(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_document *document = target;

	reader->has_allow = true;
	return read_map(reader, node, group_fields + 1, COUNT(group_fields) - 1, &document->allow);
}

static int read_group(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_groups *groups = target;
	struct gb_policyc_group *group;
	int r = gb_policyc_add_group(reader->document, groups, GB_SPAN_EMPTY, &group);

	if (r == 0)
		r = read_map(reader, node, group_fields, COUNT(group_fields), group);
	if (r < 0 || group->name == NULL)
		return r;
	for (size_t i = 0; i + 1 < groups->count; i++)
		if (groups->items[i].name != NULL && strcmp(groups->items[i].name, group->name) == 0)
			return gb_diag_set(reader->diag, -EINVAL, node->line, node->column,
			        "the name '%.60s' stands here a second time", group->name);
	return 0;
}

static int read_rules(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_document *document = target;

	return read_list(reader, node, &document->rules, read_group);
}

static int read_exclusions(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_document *document = target;

	return read_list(reader, node, &document->exclusions, read_group);
}

static int read_spec(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const struct field fields[] = {
	        {"posture", read_posture},
	        {"stance", read_stance},
	        {"observe", read_observe},
	        {"controls", read_controls},
	        {"flow", read_flow},
	        {"block", read_block},
	        {"allow", read_allow},
	        {"rules", read_rules},
	        {"exclusions", read_exclusions},
	};

	return read_map(reader, node, fields, COUNT(fields), target);
}

static int read_document_name(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_document *document = target;

	return read_name(reader, node, &document->name);
}

static int read_metadata(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const struct field fields[] = {{"name", read_document_name}};

	return read_map(reader, node, fields, COUNT(fields), target);
}

static int read_fixed(struct reader *reader, const struct gb_policyc_node *node, const char *noun, const char *word)
{
	if (gb_span_equal(node->text, gb_span_cstr(word)))
		return 0;
	return need_text(reader, node) < 0 ? -EINVAL : unknown(reader, node, noun, &word, 1);
}

static int read_api_version(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	(void)target;
	return read_fixed(reader, node, "apiVersion", "gambeson/v1");
}

static int read_document_kind(struct reader *reader, const struct gb_policyc_node *node, void *target)
{
	(void)target;
	return read_fixed(reader, node, "kind", "FunctionPolicy");
}

static bool has_field(const struct gb_policyc_node *map, struct gb_span name)
{
	for (const struct gb_policyc_node *key = map->first; key != NULL; key = key->next->next)
		if (gb_span_equal(key->text, name))
			return true;
	return false;
}

static int read_root(struct reader *reader, const struct gb_policyc_node *root)
{
	static const struct field fields[] = {
	        {"apiVersion", read_api_version},
	        {"kind", read_document_kind},
	        {"metadata", read_metadata},
	        {"spec", read_spec},
	};
	int r;

	if (root == NULL || root->kind != GB_POLICYC_MAP)
		return gb_diag_set(reader->diag, -EINVAL, 1, 1,
		        "this is no policy: it must begin with 'apiVersion: gambeson/v1' and 'kind: FunctionPolicy'");
	r = read_map(reader, root, fields, COUNT(fields), reader->document);
	if (r < 0)
		return r;
	if (!has_field(root, GB_SPAN("apiVersion")))
		return complain(reader, root, "field 'apiVersion' is missing; write 'apiVersion: gambeson/v1'");
	if (!has_field(root, GB_SPAN("kind")))
		return complain(reader, root, "field 'kind' is missing; write 'kind: FunctionPolicy'");
	/* A policy that says what is allowed means it; one that does not has no allowlist to hold against anybody. */
	if (reader->has_allow && !reader->has_allowlist_mode)
		reader->document->control_modes[GB_CONTROL_ALLOWLIST] = GB_BLOB_MODE_POSTURE;
	return 0;
}

int gb_policyc_parse(struct gb_span text, struct gb_policyc_document **ret_document, struct gb_diag *diag)
{
	struct reader reader = {.document = gb_policyc_document_new(), .diag = diag};
	struct gb_policyc_arena *arena = gb_policyc_arena_new();
	struct gb_policyc_node *root = NULL;
	int r = -ENOMEM;

	if (diag != NULL)
		*diag = (struct gb_diag){0};
	if (reader.document != NULL && arena != NULL)
		r = gb_policyc_tree_parse(arena, text, &root, diag);
	if (r == 0)
		r = read_root(&reader, root);
	gb_policyc_arena_free(arena);
	if (r < 0) {
		gb_policyc_document_free(reader.document);
		return r;
	}
	*ret_document = reader.document;
	return 0;
}

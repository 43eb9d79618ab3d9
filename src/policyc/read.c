/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/policyc.h"

#include "policyc/arena.h"
#include "policyc/guards.h"
#include "policyc/reader.h"
#include "policyc/tree.h"

#include <errno.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char *const stance_words[] = {"open", "closed"};
static const char *const bool_words[] = {"true", "false"};

static int read_stance(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_document *document = target;

	if (node->kind == GB_POLICYC_SCALAR && gb_stance_of_name(node->text, &document->stance))
		return 0;
	return gb_policyc_need_text(reader, node) < 0
	               ? -EINVAL
	               : gb_policyc_unknown(reader, node, "stance", stance_words, COUNT(stance_words));
}

static int read_bool(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	bool *value = target;

	*value = gb_span_equal(node->text, GB_SPAN("true"));
	if (*value || gb_span_equal(node->text, GB_SPAN("false")))
		return 0;
	return gb_policyc_need_text(reader, node) < 0
	               ? -EINVAL
	               : gb_policyc_unknown(reader, node, "value", bool_words, COUNT(bool_words));
}

static int read_posture(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_document *document = target;

	return gb_policyc_read_mode(reader, node, &document->posture);
}

static int read_observe(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_document *document = target;

	return read_bool(reader, node, &document->observe);
}

static int read_control(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, enum gb_control control)
{
	enum gb_mode mode = GB_MODE_OFF;
	int r = gb_policyc_read_mode(reader, node, &mode);

	if (r == 0)
		reader->document->control_modes[control] = (uint8_t)mode;
	return r;
}

static int read_firewall(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	(void)target;
	return read_control(reader, node, GB_CONTROL_FIREWALL);
}

static int read_flow_mode(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	(void)target;
	return read_control(reader, node, GB_CONTROL_FLOW);
}

static int read_allowlist(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	(void)target;
	reader->has_allowlist_mode = true;
	return read_control(reader, node, GB_CONTROL_ALLOWLIST);
}

static int read_rules_mode(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	(void)target;
	return read_control(reader, node, GB_CONTROL_RULE);
}

#define READ_GUARD_MODE(name, control)                                                                                 \
	static int name(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)            \
	{                                                                                                              \
		(void)target;                                                                                          \
		return gb_policyc_read_guard_mode(reader, node, control);                                              \
	}

READ_GUARD_MODE(read_drift_mode, GB_CONTROL_DRIFT)
READ_GUARD_MODE(read_forbidden_mode, GB_CONTROL_FORBIDDEN)
READ_GUARD_MODE(read_decoys_mode, GB_CONTROL_DECOY)
READ_GUARD_MODE(read_credentials_mode, GB_CONTROL_CREDENTIAL)
READ_GUARD_MODE(read_budgets_mode, GB_CONTROL_BUDGET)
READ_GUARD_MODE(read_hygiene_mode, GB_CONTROL_HYGIENE)

static int read_controls(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const struct gb_policyc_field fields[] = {
	        {"firewall", read_firewall},
	        {"flow", read_flow_mode},
	        {"allowlist", read_allowlist},
	        {"rules", read_rules_mode},
	        {"drift", read_drift_mode},
	        {"forbidden", read_forbidden_mode},
	        {"decoys", read_decoys_mode},
	        {"credentials", read_credentials_mode},
	        {"budgets", read_budgets_mode},
	        {"hygiene", read_hygiene_mode},
	};

	return gb_policyc_read_map(reader, node, fields, COUNT(fields), target);
}

static int read_on_limit(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_document *document = target;

	return gb_policyc_read_mode(reader, node, &document->flow_on_limit);
}

static int read_flow(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const struct gb_policyc_field fields[] = {{"onLimit", read_on_limit}};

	return gb_policyc_read_map(reader, node, fields, COUNT(fields), target);
}

static int read_body(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_document *document = target;
	int r = gb_policyc_read_string(reader, node, &document->block_body);

	if (r == 0 && node->text.n > 16384)
		return gb_policyc_complain(reader, node, "the body of a blocked answer has at most 16384 bytes");
	return r;
}

static int read_block(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const struct gb_policyc_field fields[] = {{"body", read_body}};

	return gb_policyc_read_map(reader, node, fields, COUNT(fields), target);
}

static int read_path_item(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	int r = gb_policyc_need_text(reader, node);

	return r < 0 ? r : gb_policyc_add_path(reader->document, target, node->text, reader->diag);
}

static int read_address_item(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	int r = gb_policyc_need_text(reader, node);

	return r < 0 ? r : gb_policyc_add_address(reader->document, target, node->text, reader->diag);
}

static int read_host_item(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	int r = gb_policyc_need_text(reader, node);

	return r < 0 ? r : gb_policyc_add_host(reader->document, target, node->text, reader->diag);
}

static int read_kind_item(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	enum gb_activity_kind kind = gb_activity_kind_of_name(node->text);
	struct gb_policyc_group *group = target;
	const char *names[_GB_ACTIVITY_KIND_MAX - 1];

	if (kind != GB_ACTIVITY_NONE) {
		group->kinds |= 1u << kind;
		return 0;
	}
	if (gb_policyc_need_text(reader, node) < 0)
		return -EINVAL;
	for (int i = 1; i < _GB_ACTIVITY_KIND_MAX; i++)
		names[i - 1] = gb_activity_kind_name((enum gb_activity_kind)i);
	return gb_policyc_unknown(reader, node, "kind", names, COUNT(names));
}

static int read_read(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_group *group = target;

	return gb_policyc_read_list(reader, node, &group->read, read_path_item);
}

static int read_write(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_group *group = target;

	return gb_policyc_read_list(reader, node, &group->write, read_path_item);
}

static int read_map_paths(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_group *group = target;

	return gb_policyc_read_list(reader, node, &group->map, read_path_item);
}

static int read_files(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const struct gb_policyc_field fields[] = {
	        {"read", read_read}, {"write", read_write}, {"map", read_map_paths}};

	return gb_policyc_read_map(reader, node, fields, COUNT(fields), target);
}

static int read_addresses(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_group *group = target;

	return gb_policyc_read_list(reader, node, &group->addresses, read_address_item);
}

static int read_hosts(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_group *group = target;

	return gb_policyc_read_list(reader, node, &group->hosts, read_host_item);
}

static int read_kinds(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	return gb_policyc_read_list(reader, node, target, read_kind_item);
}

struct process_nodes {
	const struct gb_policyc_node *executable, *name, *arguments;
};

static int keep_executable(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct process_nodes *nodes = target;

	nodes->executable = node;
	return gb_policyc_need_text(reader, node);
}

static int keep_name(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct process_nodes *nodes = target;

	nodes->name = node;
	return gb_policyc_need_text(reader, node);
}

static int keep_arguments(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct process_nodes *nodes = target;

	(void)reader;
	nodes->arguments = node;
	return 0;
}

static int add_shell(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	int r = gb_policyc_need_text(reader, node);

	return r < 0 ? r : gb_policyc_add_argument(reader->document, target, node->text, true, reader->diag);
}

static int read_argument(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const struct gb_policyc_field fields[] = {{"shell", add_shell}};

	if (node->kind == GB_POLICYC_MAP && node->first != NULL)
		return gb_policyc_read_map(reader, node, fields, COUNT(fields), target);
	if (node->kind != GB_POLICYC_SCALAR)
		return gb_policyc_complain(reader, node, "an argument is text, or { shell: TEXT }");
	return gb_policyc_add_argument(reader->document, target, node->text, false, reader->diag);
}

static int read_process(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const struct gb_policyc_field fields[] = {
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
		r = gb_policyc_read_map(reader, node, fields, COUNT(fields), &nodes);
	if (r < 0)
		return r;
	if (nodes.executable == NULL)
		return gb_policyc_complain(reader, node, "field 'executable' is missing");
	r = gb_policyc_add_process(reader->document, target, nodes.executable->text,
	        nodes.name == NULL ? GB_SPAN_EMPTY : nodes.name->text, &process, reader->diag);
	if (r < 0)
		return gb_policyc_placed(reader, nodes.executable, r);
	/* No word about the arguments: any. */
	if (nodes.arguments == NULL)
		return gb_policyc_add_argument(reader->document, process, GB_SPAN("**"), false, reader->diag);
	return gb_policyc_read_list(reader, nodes.arguments, process, read_argument);
}

static int read_processes(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	return gb_policyc_read_list(reader, node, target, read_process);
}

static int read_group_name(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_group *group = target;

	return gb_policyc_read_name(reader, node, &group->name);
}

/* The allowlist has no name: its fields begin at the second. */
static const struct gb_policyc_field group_fields[] = {
        {"name", read_group_name},
        {"processes", read_processes},
        {"files", read_files},
        {"addresses", read_addresses},
        {"hosts", read_hosts},
        {"kinds", read_kinds},
};

static int read_allow(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_document *document = target;

	reader->has_allow = true;
	return gb_policyc_read_map(reader, node, group_fields + 1, COUNT(group_fields) - 1, &document->allow);
}

static int read_group(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_groups *groups = target;
	struct gb_policyc_group *group;
	int r = gb_policyc_add_group(reader->document, groups, GB_SPAN_EMPTY, &group);

	if (r == 0)
		r = gb_policyc_read_map(reader, node, group_fields, COUNT(group_fields), group);
	if (r < 0 || group->name == NULL)
		return r;
	for (size_t i = 0; i + 1 < groups->count; i++)
		if (groups->items[i].name != NULL && strcmp(groups->items[i].name, group->name) == 0)
			return gb_diag_set(reader->diag, -EINVAL, node->line, node->column,
			        "the name '%.60s' stands here a second time", group->name);
	return 0;
}

static int read_rules(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_document *document = target;

	return gb_policyc_read_list(reader, node, &document->rules, read_group);
}

static int read_exclusions(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_document *document = target;

	return gb_policyc_read_list(reader, node, &document->exclusions, read_group);
}

static int read_firewall_settings(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_document *document = target;

	return gb_policyc_read_firewall(reader, node, &document->firewall);
}

static int read_spec(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const struct gb_policyc_field fields[] = {
	        {"posture", read_posture},
	        {"stance", read_stance},
	        {"observe", read_observe},
	        {"controls", read_controls},
	        {"flow", read_flow},
	        {"block", read_block},
	        {"firewall", read_firewall_settings},
	        {"allow", read_allow},
	        {"rules", read_rules},
	        {"exclusions", read_exclusions},
	        {"drift", gb_policyc_read_drift},
	        {"forbidden", gb_policyc_read_forbidden},
	        {"decoys", gb_policyc_read_decoys},
	        {"budgets", gb_policyc_read_budgets},
	        {"hygiene", gb_policyc_read_hygiene},
	};

	return gb_policyc_read_map(reader, node, fields, COUNT(fields), target);
}

static int read_document_name(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_document *document = target;

	return gb_policyc_read_name(reader, node, &document->name);
}

static int read_metadata(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const struct gb_policyc_field fields[] = {{"name", read_document_name}};

	return gb_policyc_read_map(reader, node, fields, COUNT(fields), target);
}

static int read_fixed(
        struct gb_policyc_reader *reader, const struct gb_policyc_node *node, const char *noun, const char *word)
{
	if (gb_span_equal(node->text, gb_span_cstr(word)))
		return 0;
	return gb_policyc_need_text(reader, node) < 0 ? -EINVAL : gb_policyc_unknown(reader, node, noun, &word, 1);
}

static int read_api_version(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	(void)target;
	return read_fixed(reader, node, "apiVersion", "gambeson/v1");
}

static int read_document_kind(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
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

static int read_root(struct gb_policyc_reader *reader, const struct gb_policyc_node *root)
{
	static const struct gb_policyc_field fields[] = {
	        {"apiVersion", read_api_version},
	        {"kind", read_document_kind},
	        {"metadata", read_metadata},
	        {"spec", read_spec},
	};
	int r;

	if (root == NULL || root->kind != GB_POLICYC_MAP)
		return gb_diag_set(reader->diag, -EINVAL, 1, 1,
		        "this is no policy: it must begin with 'apiVersion: gambeson/v1' and 'kind: FunctionPolicy'");
	r = gb_policyc_read_map(reader, root, fields, COUNT(fields), reader->document);
	if (r < 0)
		return r;
	if (!has_field(root, GB_SPAN("apiVersion")))
		return gb_policyc_complain(
		        reader, root, "field 'apiVersion' is missing; write 'apiVersion: gambeson/v1'");
	if (!has_field(root, GB_SPAN("kind")))
		return gb_policyc_complain(reader, root, "field 'kind' is missing; write 'kind: FunctionPolicy'");
	/* A policy that says what is allowed means it; one that does not has no allowlist to hold against anybody. */
	if (reader->has_allow && !reader->has_allowlist_mode)
		reader->document->control_modes[GB_CONTROL_ALLOWLIST] = GB_BLOB_MODE_POSTURE;
	for (int control = GB_CONTROL_DRIFT; control < _GB_CONTROL_MAX; control++)
		if ((reader->guard_sections & ~reader->guard_modes) >> control & 1u)
			reader->document->control_modes[control] = GB_BLOB_MODE_POSTURE;
	return 0;
}

int gb_policyc_parse(struct gb_span text, struct gb_policyc_document **ret_document, struct gb_diag *diag)
{
	struct gb_policyc_reader reader = {.document = gb_policyc_document_new(), .diag = diag};
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

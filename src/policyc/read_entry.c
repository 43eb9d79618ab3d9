/* SPDX-License-Identifier: Apache-2.0 */
/* Rules, exclusions and the allowlist of a document: what they match. */
#include "policyc/reader.h"

#include "base/text.h"
#include "base/arena.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define ENTRIES_MAX  10000u

typedef int add_function(struct gb_policyc_document *document, struct gb_policyc_patterns *list, struct gb_span text,
        struct gb_diag *diag);

static int read_regex(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	int r = gb_policyc_need_text(reader, node);

	return r < 0 ? r
	             : gb_policyc_placed(
	                       reader, node, gb_policyc_add_regex(reader->document, target, node->text, reader->diag));
}

const struct gb_policyc_field gb_policyc_regex_fields[] = {{"regex", .read = read_regex}, {.name = NULL}};

/* TEXT, or { regex: TEXT }. */
static int read_pattern(struct gb_policyc_reader *reader, const struct gb_policyc_node *node,
        struct gb_policyc_patterns *list, add_function *add)
{
	if (node->kind == GB_POLICYC_SCALAR)
		return add(reader->document, list, node->text, reader->diag);
	if (node->kind == GB_POLICYC_MAP && node->first != NULL)
		return gb_policyc_read_map(reader, node, gb_policyc_regex_fields, list);
	return gb_policyc_complain(reader, node, "text is expected here, or { regex: TEXT }");
}

/* `in: DIR`: what lies directly in a directory. */
static int read_in(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	char buffer[GB_POLICYC_PATTERN_BYTES_MAX + 8];
	struct gb_text text = gb_text_on(buffer, sizeof(buffer));
	int r = gb_policyc_need_text(reader, node);

	if (r < 0)
		return r;
	gb_text_add(&text, gb_span_equal(node->text, GB_SPAN("/")) ? GB_SPAN_EMPTY : node->text);
	gb_text_add_cstr(&text, "/*");
	if (text.truncated)
		return gb_policyc_complain(reader, node, "longer than 1024 bytes");
	return gb_policyc_placed(
	        reader, node, gb_policyc_add_path(reader->document, target, gb_text_span(&text), reader->diag));
}

/* A path; one that ends in a segment that is a star alone means all that lies below, as in `find` and in the policies
 * that people bring along. */
static int read_path(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const struct gb_policyc_field fields[] = {
	        {"regex", .read = read_regex},
	        {"in", .read = read_in},
	        {.name = NULL},
	};
	char buffer[GB_POLICYC_PATTERN_BYTES_MAX + 8];
	struct gb_text text = gb_text_on(buffer, sizeof(buffer));

	if (node->kind == GB_POLICYC_MAP && node->first != NULL && node->first->next->next == NULL)
		return gb_policyc_read_map(reader, node, fields, target);
	if (node->kind != GB_POLICYC_SCALAR)
		return gb_policyc_complain(reader, node, "a path is expected here, or { in: DIR }, or { regex: TEXT }");
	gb_text_add(&text, node->text);
	if (gb_span_ends(node->text, GB_SPAN("/*")))
		gb_text_add_byte(&text, '*');
	return gb_policyc_add_path(
	        reader->document, target, text.truncated ? node->text : gb_text_span(&text), reader->diag);
}

static int read_address(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	int r = gb_policyc_need_text(reader, node);

	return r < 0 ? r : gb_policyc_add_address(reader->document, target, node->text, reader->diag);
}

static int read_host(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	return read_pattern(reader, node, target, gb_policyc_add_host);
}

static int read_command(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	return read_pattern(reader, node, target, gb_policyc_add_command);
}

static int read_kind(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	enum gb_activity_kind kind = gb_activity_kind_of_name(node->text);
	uint32_t *kinds = target;
	const char *names[_GB_ACTIVITY_KIND_MAX - 1];

	if (kind != GB_ACTIVITY_NONE) {
		*kinds |= 1u << kind;
		return 0;
	}
	if (gb_policyc_need_text(reader, node) < 0)
		return -EINVAL;
	for (int i = 1; i < _GB_ACTIVITY_KIND_MAX; i++)
		names[i - 1] = gb_activity_kind_name((enum gb_activity_kind)i);
	return gb_policyc_unknown(reader, node, "kind", names, COUNT(names));
}

struct process_nodes {
	const struct gb_policyc_node *executable, *name, *arguments;
};

static int add_shell(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	int r = gb_policyc_need_text(reader, node);

	return r < 0 ? r : gb_policyc_add_argument(reader->document, target, node->text, true, reader->diag);
}

static int read_argument(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const struct gb_policyc_field fields[] = {{"shell", .read = add_shell}, {.name = NULL}};

	if (node->kind == GB_POLICYC_MAP && node->first != NULL)
		return gb_policyc_read_map(reader, node, fields, target);
	if (node->kind != GB_POLICYC_SCALAR)
		return gb_policyc_complain(reader, node, "an argument is text, or { shell: TEXT }");
	return gb_policyc_add_argument(reader->document, target, node->text, false, reader->diag);
}

static int read_process(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const struct gb_policyc_field fields[] = {
	        {"executable", .read = gb_policyc_keep_text, .offset = offsetof(struct process_nodes, executable)},
	        {"name", .read = gb_policyc_keep_text, .offset = offsetof(struct process_nodes, name)},
	        {"arguments", .read = gb_policyc_keep, .offset = offsetof(struct process_nodes, arguments)},
	        {.name = NULL},
	};
	struct process_nodes nodes = {0};
	struct gb_policyc_process *process = NULL;
	int r = 0;

	if (node->kind == GB_POLICYC_SCALAR)
		nodes.executable = node;
	else
		r = gb_policyc_read_map(reader, node, fields, &nodes);
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

static int read_input(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_entry *entry = target;
	struct gb_policyc_exception exception = {.mode = GB_MODE_OFF};
	int r = gb_policyc_read_exception(reader, node, &exception);

	if (r < 0)
		return r;
	if (gb_arena_grow(reader->document->arena, &entry->inputs, entry->input_count, &entry->input_cap,
	            sizeof(*entry->inputs)) < 0)
		return -ENOMEM;
	entry->inputs[entry->input_count++] = exception;
	return 0;
}

#define OF_ENTRY(member) .offset = offsetof(struct gb_policyc_entry, member)

static const struct gb_policyc_field file_fields[] = {
        {"read", .read_item = read_path, OF_ENTRY(read)},
        {"write", .read_item = read_path, OF_ENTRY(write)},
        {"any", .read_item = read_path, OF_ENTRY(any)},
        {"map", .read_item = read_path, OF_ENTRY(map)},
        {.name = NULL},
};

#define MATCHES                                                                                                        \
	{"processes", .read_item = read_process}, {"commands", .read_item = read_command, OF_ENTRY(commands)},         \
	        {"files", .fields = file_fields}, {"addresses", .read_item = read_address, OF_ENTRY(addresses)},       \
	        {"hosts", .read_item = read_host, OF_ENTRY(hosts)}, {"awsApis", .read_item = gb_policyc_read_api},     \
	        {"http", .read_item = gb_policyc_read_request},                                                        \
	{                                                                                                              \
		"kinds", .read_item = read_kind, OF_ENTRY(kinds)                                                       \
	}

#define METADATA                                                                                                       \
	{"name", .read = gb_policyc_read_name, OF_ENTRY(name)},                                                        \
	        {"reason", .read = gb_policyc_read_remark, OF_ENTRY(reason)},                                          \
	        {"author", .read = gb_policyc_read_remark, OF_ENTRY(author)},                                          \
	        {"expires", .read = gb_policyc_read_expires, OF_ENTRY(expires)},                                       \
	{                                                                                                              \
		"scope", .fields = gb_policyc_scope_fields, OF_ENTRY(scope)                                            \
	}

const struct gb_policyc_field gb_policyc_allow_fields[] = {MATCHES, {.name = NULL}};

static int read_entry(struct gb_policyc_reader *reader, const struct gb_policyc_node *node,
        struct gb_policyc_entries *entries, const char *noun, const struct gb_policyc_field *fields)
{
	struct gb_policyc_entry *entry;
	int r;

	if (entries->count == ENTRIES_MAX)
		return gb_policyc_complain(reader, node, "more than 10000 entries; put several patterns into one");
	r = gb_policyc_add_entry(reader->document, entries, GB_SPAN_EMPTY, &entry);
	if (r == 0)
		r = gb_policyc_read_map(reader, node, fields, entry);
	if (r < 0)
		return r;
	if (gb_policyc_entry_is_empty(entry))
		return gb_diag_set(reader->diag, -EINVAL, node->line, node->column,
		        "this %s names nothing that it could match: files, processes, commands, hosts, …", noun);
	if (entry->name == NULL || reader->is_addition)
		return 0;
	for (size_t i = 0; i + 1 < entries->count; i++) {
		const struct gb_policyc_entry *other = &entries->items[i];
		bool is_elsewhere = other->origin.file != NULL && other->origin.file != entry->origin.file;

		if (other->name != NULL && strcmp(other->name, entry->name) == 0)
			return gb_diag_set(reader->diag, -EINVAL, node->line, node->column,
			        "the name '%.60s' stands here a second time; the first is on line %u%s%.100s",
			        entry->name, other->origin.line, is_elsewhere ? " of " : "",
			        is_elsewhere ? other->origin.file : "");
	}
	return 0;
}

int gb_policyc_read_rule(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const struct gb_policyc_field fields[] = {METADATA, MATCHES, {.name = NULL}};

	(void)target;
	return read_entry(reader, node, &reader->document->rules, "rule", fields);
}

int gb_policyc_read_exclusion(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const struct gb_policyc_field fields[] = {
	        METADATA, MATCHES, {"inputs", .read_item = read_input}, {.name = NULL}};

	(void)target;
	return read_entry(reader, node, &reader->document->exclusions, "exclusion", fields);
}

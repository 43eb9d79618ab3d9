/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/tree.h"

#include "policyc/policyc.h"

#include <errno.h>
#include <string.h>
#include <yaml.h>

struct builder {
	struct gb_arena *arena;
	struct gb_diag *diag;
	struct gb_policyc_node *root, *last_root;
	struct gb_policyc_node *open[GB_POLICYC_DEPTH_MAX];
	size_t depth;
	size_t node_count;
	size_t document_count, document_count_max;
};

static int complain_at(struct builder *builder, yaml_mark_t mark, int r, const char *what)
{
	return gb_diag_set(builder->diag, r, (uint32_t)mark.line + 1, (uint32_t)mark.column + 1, "%s", what);
}

static struct gb_policyc_node *node_add(struct builder *builder, enum gb_policyc_node_kind kind, yaml_mark_t mark)
{
	struct gb_policyc_node *node = gb_arena_take(builder->arena, sizeof(*node));
	struct gb_policyc_node *parent = builder->depth == 0 ? NULL : builder->open[builder->depth - 1];

	if (node == NULL)
		return NULL;
	node->kind = kind;
	node->line = (uint32_t)mark.line + 1;
	node->column = (uint32_t)mark.column + 1;
	if (parent == NULL && builder->root == NULL)
		builder->root = node;
	else if (parent == NULL)
		builder->last_root->next = node;
	else if (parent->last == NULL)
		parent->first = node;
	else
		parent->last->next = node;
	if (parent != NULL)
		parent->last = node;
	else
		builder->last_root = node;
	return node;
}

/* An anchor is for aliases, which make a large tree of a small text; a tag says that something is not what it looks like. */
static int check_plain(
        struct builder *builder, const yaml_event_t *event, const yaml_char_t *anchor, const yaml_char_t *tag)
{
	if (anchor != NULL)
		return complain_at(
		        builder, event->start_mark, -EINVAL, "anchors are not taken in policies; write it out");
	if (tag != NULL)
		return complain_at(builder, event->start_mark, -EINVAL, "tags ('!…') are not taken in policies");
	return 0;
}

static int node_open(struct builder *builder, enum gb_policyc_node_kind kind, const yaml_event_t *event,
        const yaml_char_t *anchor, const yaml_char_t *tag)
{
	struct gb_policyc_node *node;
	int r = check_plain(builder, event, anchor, tag);

	if (r < 0)
		return r;
	if (builder->depth == GB_POLICYC_DEPTH_MAX)
		return complain_at(builder, event->start_mark, -EFBIG, "nested deeper than 16 levels");
	node = node_add(builder, kind, event->start_mark);
	if (node == NULL)
		return -ENOMEM;
	builder->open[builder->depth++] = node;
	return 0;
}

static int scalar_add(struct builder *builder, const yaml_event_t *event)
{
	struct gb_policyc_node *node;
	char *copy;
	int r = check_plain(builder, event, event->data.scalar.anchor, event->data.scalar.tag);

	if (r < 0)
		return r;
	if (memchr(event->data.scalar.value, '\0', event->data.scalar.length) != NULL)
		return complain_at(builder, event->start_mark, -EINVAL, "this text has a NUL character in it");
	node = node_add(builder, GB_POLICYC_SCALAR, event->start_mark);
	copy = gb_arena_take(builder->arena, event->data.scalar.length + 1);
	if (node == NULL || copy == NULL)
		return -ENOMEM;
	memcpy(copy, event->data.scalar.value, event->data.scalar.length);
	node->text = gb_span_of(copy, event->data.scalar.length);
	node->is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	return 0;
}

static int take_event(struct builder *builder, const yaml_event_t *event)
{
	if (builder->node_count++ > GB_POLICYC_NODES_MAX)
		return complain_at(builder, event->start_mark, -EFBIG, "more than 100000 entries");
	switch (event->type) {
	case YAML_SCALAR_EVENT: return scalar_add(builder, event);
	case YAML_SEQUENCE_START_EVENT:
		return node_open(builder, GB_POLICYC_LIST, event, event->data.sequence_start.anchor,
		        event->data.sequence_start.tag);
	case YAML_MAPPING_START_EVENT:
		return node_open(builder, GB_POLICYC_MAP, event, event->data.mapping_start.anchor,
		        event->data.mapping_start.tag);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT: builder->depth--; return 0;
	case YAML_ALIAS_EVENT:
		return complain_at(
		        builder, event->start_mark, -EINVAL, "aliases are not taken in policies; write it out");
	case YAML_DOCUMENT_START_EVENT:
		if (builder->document_count++ < builder->document_count_max)
			return 0;
		return complain_at(builder, event->start_mark, -EINVAL, "a second document; one is expected here");
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_END_EVENT: break;
	}
	return 0;
}

static int parse_failed(struct builder *builder, const yaml_parser_t *parser)
{
	if (parser->error == YAML_MEMORY_ERROR)
		return -ENOMEM;
	if (parser->error == YAML_READER_ERROR)
		return gb_diag_set(builder->diag, -EINVAL, 1, 1, "byte %zu: %s", parser->problem_offset,
		        parser->problem == NULL ? "unreadable" : parser->problem);
	return gb_diag_set(builder->diag, -EINVAL, (uint32_t)parser->problem_mark.line + 1,
	        (uint32_t)parser->problem_mark.column + 1, "%s%s%s", parser->context == NULL ? "" : parser->context,
	        parser->context == NULL ? "" : ": ", parser->problem == NULL ? "unreadable" : parser->problem);
}

int gb_policyc_tree_parse(struct gb_arena *arena, struct gb_span text, size_t count_max,
        struct gb_policyc_node **ret_root, struct gb_diag *diag)
{
	struct builder builder = {.arena = arena, .diag = diag, .document_count_max = count_max};
	bool is_end = false;
	yaml_parser_t parser;
	int r = 0;

	if (text.n > GB_POLICYC_DOCUMENT_BYTES_MAX)
		return gb_diag_set(diag, -EFBIG, 0, 0, "the document has %zu bytes; at most %u are taken", text.n,
		        GB_POLICYC_DOCUMENT_BYTES_MAX);
	if (yaml_parser_initialize(&parser) == 0)
		return -ENOMEM;
	yaml_parser_set_input_string(&parser, text.n == 0 ? (const unsigned char *)"" : text.p, text.n);
	while (r == 0 && !is_end) {
		yaml_event_t event;

		if (yaml_parser_parse(&parser, &event) == 0) {
			r = parse_failed(&builder, &parser);
			break;
		}
		is_end = event.type == YAML_STREAM_END_EVENT;
		r = take_event(&builder, &event);
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	if (r == 0)
		*ret_root = builder.root;
	return r;
}

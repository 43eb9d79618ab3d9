/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/emit.h"

#include "base/text.h"
#include "policyc/expression.h"

#include <errno.h>

/* The automaton of NODE in the blob; its index, or a negative errno. */
static int add_automaton(struct gb_policyc_emitter *emitter, const struct gb_regex_node *node)
{
	struct gb_regex_automaton automaton;
	struct gb_blob_automaton out;
	size_t index = emitter->automata.n / sizeof(out), transitions;
	static const unsigned char zeros[2];
	int r = gb_regex_compile(emitter->arena, node, &automaton, emitter->diag);

	if (r < 0)
		return r;
	if (index > UINT16_MAX)
		return -EFBIG;
	transitions = (size_t)automaton.state_count * automaton.class_count;
	out = (struct gb_blob_automaton){
	        .classes = (uint32_t)emitter->tables.n,
	        .next = (uint32_t)emitter->tables.n + 256,
	        .accepts = (uint32_t)(emitter->tables.n + 256 + transitions * sizeof(*automaton.next)),
	        .state_count = (uint16_t)automaton.state_count,
	        .class_count = (uint16_t)automaton.class_count,
	};
	gb_policyc_buffer_add(&emitter->tables, automaton.classes, 256);
	gb_policyc_buffer_add(&emitter->tables, automaton.next, transitions * sizeof(*automaton.next));
	gb_policyc_buffer_add(&emitter->tables, automaton.accepts, automaton.state_count);
	gb_policyc_buffer_add(&emitter->tables, zeros, emitter->tables.n % 2);
	gb_policyc_buffer_add(&emitter->automata, &out, sizeof(out));
	return emitter->tables.failed < 0 ? emitter->tables.failed : (int)index;
}

static void add_expression(
        struct gb_policyc_emitter *emitter, struct gb_blob_expression expression, struct gb_blob_part *part)
{
	gb_policyc_buffer_add(&emitter->body, &expression, sizeof(expression));
	part->count++;
}

/* The commands of the list, ITEMS, make one automaton, and their programs another. */
static int add_commands(struct gb_policyc_emitter *emitter, const struct gb_policyc_item *items, size_t count,
        struct gb_blob_part *part)
{
	struct gb_regex_node *commands = gb_regex_node_new(emitter->arena, GB_REGEX_CHOICE);
	struct gb_regex_node *programs = gb_regex_node_new(emitter->arena, GB_REGEX_CHOICE), *node;
	int r = 0, index;

	if (commands == NULL || programs == NULL)
		return -ENOMEM;
	/* Read twice, since a tree has one place. */
	for (size_t i = 0; i < count; i++) {
		r = gb_policyc_tree_of_command(emitter->arena, items[i].pattern, &node, emitter->diag);
		if (r < 0)
			return r;
		gb_regex_node_append(commands, node);
		r = gb_policyc_tree_of_command(emitter->arena, items[i].pattern, &node, emitter->diag);
		if (r == 0)
			r = gb_policyc_add_programs(emitter->arena, node, programs);
		if (r < 0)
			return r;
	}
	node = gb_policyc_tree_of_sequence(emitter->arena, commands);
	index = node == NULL ? -ENOMEM : add_automaton(emitter, node);
	for (size_t i = 0; i < count && index >= 0; i++)
		add_expression(emitter,
		        (struct gb_blob_expression){
		                .text = gb_policyc_emit_text(emitter, gb_span_cstr(items[i].pattern->text)),
		                .place = GB_BLOB_PLACE_COMMANDS,
		                .is_regex = items[i].pattern->kind == GB_POLICYC_REGEX,
		                .automaton = (uint16_t)index,
		                .tag = gb_policyc_emit_tag(emitter, items[i].name)},
		        part);
	if (index < 0 || programs->first == NULL)
		return index < 0 ? index : 0;
	node = gb_policyc_tree_of_sequence(emitter->arena, programs);
	index = node == NULL ? -ENOMEM : add_automaton(emitter, node);
	if (index < 0)
		return index;
	add_expression(emitter,
	        (struct gb_blob_expression){.place = GB_BLOB_PLACE_PROGRAMS, .automaton = (uint16_t)index}, part);
	return 0;
}

/* "METHOD\nhost\npath" as the document has it, a letter in front of each part that may be a regular expression. */
static struct gb_blob_text add_request_text(struct gb_policyc_emitter *emitter, const struct gb_policyc_http *request)
{
	char buffer[4096];
	struct gb_text text = gb_text_on(buffer, sizeof(buffer));
	const struct gb_policyc_pattern *parts[] = {&request->host, &request->path};

	gb_text_add_cstr(&text, request->method == NULL ? "" : request->method);
	for (size_t i = 0; i < 2; i++) {
		gb_text_add_byte(&text, '\n');
		if (parts[i]->text == NULL)
			continue;
		gb_text_add_byte(&text, parts[i]->kind == GB_POLICYC_REGEX ? 'r' : 't');
		gb_text_add_cstr(&text, parts[i]->text);
	}
	return gb_policyc_emit_text(emitter, gb_text_span(&text));
}

static int add_one(struct gb_policyc_emitter *emitter, const struct gb_policyc_item *item, struct gb_blob_part *part)
{
	struct gb_blob_expression out = {
	        .place = item->place, .is_regex = 1, .tag = gb_policyc_emit_tag(emitter, item->name)};
	struct gb_regex_node *node;
	int r;

	if (item->request != NULL)
		r = gb_policyc_tree_of_request(emitter->arena, item->request, &node, emitter->diag);
	else
		r = gb_regex_parse(emitter->arena, gb_span_cstr(item->pattern->text), &node, emitter->diag);
	if (r == 0)
		r = add_automaton(emitter, node);
	if (r < 0)
		return r;
	out.automaton = (uint16_t)r;
	out.text = item->request != NULL ? add_request_text(emitter, item->request)
	                                 : gb_policyc_emit_text(emitter, gb_span_cstr(item->pattern->text));
	add_expression(emitter, out, part);
	return 0;
}

int gb_policyc_emit_expressions(
        struct gb_policyc_emitter *emitter, const struct gb_policyc_items *list, struct gb_blob_part *ret_part)
{
	struct gb_blob_part part = {gb_policyc_body_offset(&emitter->body), 0};
	int r = 0;

	for (size_t i = 0; i < list->count && r == 0;) {
		size_t end = i + 1;

		if (list->items[i].place == GB_BLOB_PLACE_COMMANDS) {
			end = list->count;
			r = add_commands(emitter, &list->items[i], end - i, &part);
		} else {
			r = add_one(emitter, &list->items[i], &part);
		}
		i = end;
	}
	*ret_part = part;
	return r;
}

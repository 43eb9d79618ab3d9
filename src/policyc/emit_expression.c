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

/* When something is in force: seconds since 1970, 0 without a limit. */
struct period {
	uint32_t from, until;
};

static uint32_t end_of(const struct gb_policyc_item *item)
{
	return gb_policyc_emit_second(item->entry->expires);
}

static bool is_during(const struct gb_policyc_item *item, const struct period *period)
{
	return end_of(item) == 0 || end_of(item) > period->from;
}

/* The next period behind PERIOD: it begins where a command ends. False: there is none. */
static bool period_next(const struct gb_policyc_item *items, size_t count, struct period *period)
{
	uint32_t next = 0;

	for (size_t i = 0; i < count; i++) {
		uint32_t end = end_of(&items[i]);

		if (end > period->until && (next == 0 || end < next))
			next = end;
	}
	*period = (struct period){.from = period->until, .until = next};
	return period->from != 0;
}

/* What ITEMS that hold in PERIOD are at PLACE: whole commands, or their programs. NULL in *ret: nothing. */
static int tree_of(struct gb_policyc_emitter *emitter, const struct gb_policyc_item *items, size_t count,
        const struct period *period, enum gb_blob_place place, struct gb_regex_node **ret)
{
	struct gb_regex_node *choice = gb_regex_node_new(emitter->arena, GB_REGEX_CHOICE), *node;
	int r = choice == NULL ? -ENOMEM : 0;

	*ret = NULL;
	for (size_t i = 0; i < count && r == 0; i++) {
		if (!is_during(&items[i], period))
			continue;
		r = gb_policyc_tree_of_command(emitter->arena, items[i].pattern, &node, emitter->diag);
		if (r == 0 && place == GB_BLOB_PLACE_PROGRAMS)
			r = gb_policyc_add_programs(emitter->arena, node, choice);
		else if (r == 0)
			gb_regex_node_append(choice, node);
	}
	if (r < 0 || choice->first == NULL)
		return r;
	*ret = gb_policyc_tree_of_sequence(emitter->arena, choice);
	return *ret == NULL ? -ENOMEM : 0;
}

/* Of what holds in PERIOD; 0 where it is of several. */
static uint32_t common_tag(const struct gb_policyc_emitter *emitter, const struct gb_policyc_item *items, size_t count,
        const struct period *period)
{
	uint32_t tag = 0;
	bool is_any = false;

	for (size_t i = 0; i < count; i++) {
		uint32_t own = gb_policyc_emit_tag(emitter, items[i].entry);

		if (!is_during(&items[i], period))
			continue;
		if (is_any && own != tag)
			return 0;
		tag = own;
		is_any = true;
	}
	return tag;
}

/* The commands that hold in PERIOD make one automaton, and their programs another. */
static int add_period(struct gb_policyc_emitter *emitter, const struct gb_policyc_item *items, size_t count,
        const struct period *period, enum gb_blob_place place, struct gb_blob_part *part)
{
	struct gb_blob_expression out = {.place = (uint8_t)place, .from = period->from, .until = period->until};
	struct gb_regex_node *node;
	int r = tree_of(emitter, items, count, period, place, &node);

	if (r < 0 || node == NULL)
		return r;
	r = add_automaton(emitter, node);
	if (r < 0)
		return r;
	out.automaton = (uint16_t)r;
	if (place == GB_BLOB_PLACE_PROGRAMS) {
		out.tag = common_tag(emitter, items, count, period);
		add_expression(emitter, out, part);
	}
	for (size_t i = 0; i < count && place == GB_BLOB_PLACE_COMMANDS; i++) {
		if (!is_during(&items[i], period))
			continue;
		out.text = gb_policyc_emit_text(emitter, gb_span_cstr(items[i].pattern->text));
		out.is_regex = items[i].pattern->kind == GB_POLICYC_REGEX;
		out.tag = gb_policyc_emit_tag(emitter, items[i].entry);
		add_expression(emitter, out, part);
	}
	return 0;
}

static int add_commands(struct gb_policyc_emitter *emitter, const struct gb_policyc_item *items, size_t count,
        struct gb_blob_part *part)
{
	int r = 0;

	for (unsigned place = GB_BLOB_PLACE_COMMANDS; place <= GB_BLOB_PLACE_PROGRAMS && r == 0; place++) {
		struct period period = {0, 0};

		(void)period_next(items, count, &period);
		do
			r = add_period(emitter, items, count, &period, (enum gb_blob_place)place, part);
		while (r == 0 && period_next(items, count, &period));
	}
	return r;
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
	        .place = item->place, .is_regex = 1, .tag = gb_policyc_emit_tag(emitter, item->entry)};
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

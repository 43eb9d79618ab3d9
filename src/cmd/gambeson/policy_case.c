/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/gambeson/policy_case.h"

#include "base/text.h"
#include "base/words.h"

#include <errno.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int complain(struct gb_policy_case *of, const struct gb_policyc_node *node, const char *what)
{
	return gb_diag_set(&of->diag, -EINVAL, node->line, node->column, "%s", what);
}

/* An error of what knows no place stands at NODE. */
static int placed(struct gb_policy_case *of, const struct gb_policyc_node *node, int r)
{
	if (r < 0 && of->diag.line == 0) {
		of->diag.line = node->line;
		of->diag.column = node->column;
	}
	return r;
}

static int unknown(struct gb_policy_case *of, const struct gb_policyc_node *node, const char *noun,
        const char *const *known, size_t count)
{
	const char *nearest = gb_words_nearest(node->text, known, count);
	char names[160];

	gb_words_join(known, count, names, sizeof(names));
	return gb_diag_set(&of->diag, -EINVAL, node->line, node->column, "unknown %s '%.*s'%s%s%s", noun,
	        (int)(node->text.n < 60 ? node->text.n : 60), node->text.n == 0 ? "" : (const char *)node->text.p,
	        nearest == NULL ? "; known are " : "; did you mean '", nearest == NULL ? names : nearest,
	        nearest == NULL ? "" : "'?");
}

static int need_text(struct gb_policy_case *of, const struct gb_policyc_node *node)
{
	return node->kind == GB_POLICYC_SCALAR ? 0 : complain(of, node, "text is expected here");
}

/* Each text of NODE, a list or one text, to ADD. */
static int each_text(struct gb_policy_case *of, const struct gb_policyc_node *node,
        int (*add)(struct gb_policy_case *of, const struct gb_policyc_node *text))
{
	int r = 0;

	if (node->kind == GB_POLICYC_SCALAR)
		return placed(of, node, add(of, node));
	if (node->kind == GB_POLICYC_MAP)
		return complain(of, node, "text, or a list of texts, is expected here");
	for (const struct gb_policyc_node *item = node->first; item != NULL && r == 0; item = item->next) {
		r = need_text(of, item);
		if (r == 0)
			r = placed(of, item, add(of, item));
	}
	return r;
}

static int read_name(struct gb_policy_case *of, const struct gb_policyc_node *node)
{
	int r = need_text(of, node);

	of->name = node->text;
	return r == 0 && node->text.n == 0 ? complain(of, node, "a case's name is not empty") : r;
}

static int words_of(struct gb_policy_case *of, const struct gb_policyc_node *node, struct gb_span *words, size_t *count)
{
	for (const struct gb_policyc_node *item = node->first; item != NULL; item = item->next) {
		int r = need_text(of, item);

		if (r < 0)
			return r;
		words[(*count)++] = item->text;
	}
	return 0;
}

/* { kind, subject, object, arguments }, as in an event. */
static int words_of_map(
        struct gb_policy_case *of, const struct gb_policyc_node *map, struct gb_span *words, size_t *count)
{
	static const char *const known[] = {"kind", "subject", "object", "arguments"};
	const struct gb_policyc_node *values[COUNT(known)] = {0};
	bool is_connection;

	for (const struct gb_policyc_node *key = map->first; key != NULL; key = key->next->next) {
		size_t i = 0;

		while (i < COUNT(known) && !gb_span_equal(key->text, gb_span_cstr(known[i])))
			i++;
		if (i == COUNT(known))
			return unknown(of, key, "field", known, COUNT(known));
		if (values[i] != NULL)
			return complain(of, key, "this field stands twice");
		values[i] = key->next;
		if ((key->next->kind != GB_POLICYC_SCALAR) != (i == 3) ||
		        (i == 3 && key->next->kind != GB_POLICYC_LIST))
			return complain(of, key->next, i == 3 ? "a list is expected here" : "text is expected here");
	}
	if (values[0] == NULL)
		return complain(of, map, "an activity has a 'kind'");
	is_connection = gb_span_starts(values[0]->text, GB_SPAN("net_"));
	words[(*count)++] = values[0]->text;
	if (values[1] != NULL)
		words[(*count)++] = values[1]->text;
	/* Of a process it is the script, which its arguments tell. */
	if (values[2] != NULL && !gb_span_equal(values[0]->text, GB_SPAN("process_start"))) {
		if (is_connection)
			words[(*count)++] = GB_SPAN("--name");
		words[(*count)++] = values[2]->text;
	}
	return values[3] == NULL ? 0 : words_of(of, values[3], words, count);
}

static size_t child_count(const struct gb_policyc_node *node)
{
	size_t count = 0;

	for (const struct gb_policyc_node *child = node->first; child != NULL; child = child->next)
		count += 1 + (child->kind == GB_POLICYC_LIST ? child_count(child) : 0);
	return count;
}

static int read_activity(struct gb_policy_case *of, const struct gb_policyc_node *node)
{
	struct gb_span *words;
	size_t count = 0;
	int r;

	of->has_activity = true;
	if (node->kind == GB_POLICYC_SCALAR)
		return placed(of, node, gb_activity_text_line(&of->activity, node->text, &of->diag));
	words = gb_arena_take(of->arena, (child_count(node) + 4) * sizeof(*words));
	if (words == NULL)
		return -ENOMEM;
	r = node->kind == GB_POLICYC_LIST ? words_of(of, node, words, &count) : words_of_map(of, node, words, &count);
	if (r == 0)
		r = gb_activity_text_words(&of->activity, words, count, &of->diag);
	return placed(of, node, r);
}

static int read_expect(struct gb_policy_case *of, const struct gb_policyc_node *node)
{
	const char *known[_GB_DECISION_MAX];

	for (unsigned i = 0; i < _GB_DECISION_MAX; i++) {
		known[i] = gb_decision_text(i);
		if (node->kind == GB_POLICYC_SCALAR && gb_span_equal(node->text, gb_span_cstr(known[i]))) {
			of->expect = i;
			of->has_expect = true;
			return 0;
		}
	}
	return unknown(of, node, "decision", known, COUNT(known));
}

static int read_control(struct gb_policy_case *of, const struct gb_policyc_node *node)
{
	const char *known[_GB_CONTROL_MAX];
	size_t count = 0;

	for (unsigned i = 1; i < _GB_CONTROL_MAX; i++) {
		known[count++] = gb_control_name(i);
		if (node->kind == GB_POLICYC_SCALAR && gb_span_equal(node->text, gb_span_cstr(gb_control_name(i)))) {
			of->control = i;
			of->has_control = true;
			return 0;
		}
	}
	return unknown(of, node, "control", known, count);
}

static int add_input(struct gb_policy_case *of, const struct gb_policyc_node *text)
{
	return gb_activity_case_input(&of->activity, GB_SPAN("input"), text->text, &of->diag);
}

static int add_credential(struct gb_policy_case *of, const struct gb_policyc_node *text)
{
	return gb_activity_case_credential(&of->activity, text->text, &of->diag);
}

static int add_over(struct gb_policy_case *of, const struct gb_policyc_node *text)
{
	return gb_activity_case_over(&of->activity, text->text, &of->diag);
}

static int read_inputs(struct gb_policy_case *of, const struct gb_policyc_node *node)
{
	return each_text(of, node, add_input);
}

static int read_credentials(struct gb_policy_case *of, const struct gb_policyc_node *node)
{
	return each_text(of, node, add_credential);
}

static int read_over(struct gb_policy_case *of, const struct gb_policyc_node *node)
{
	return each_text(of, node, add_over);
}

static const char *cstr(struct gb_policy_case *of, struct gb_span a, struct gb_span b, char between)
{
	char *bytes = gb_arena_take(of->arena, a.n + b.n + 2);
	struct gb_text text = gb_text_on(bytes, a.n + b.n + 2);

	if (bytes == NULL)
		return NULL;
	gb_text_add(&text, a);
	if (between != '\0')
		gb_text_add_byte(&text, (unsigned char)between);
	gb_text_add(&text, b);
	return gb_text_cstr(&text);
}

static int read_tags(struct gb_policy_case *of, const struct gb_policyc_node *map)
{
	struct gb_strings *tags = &of->target.tags;

	if (map->kind != GB_POLICYC_MAP)
		return complain(of, map, "tags with their values ('env: prod') are expected here");
	tags->items = gb_arena_take(of->arena, (child_count(map) + 1) * sizeof(*tags->items));
	tags->count = 0;
	if (tags->items == NULL)
		return -ENOMEM;
	tags->items[0] = "none";
	for (const struct gb_policyc_node *key = map->first; key != NULL; key = key->next->next) {
		int r = need_text(of, key->next);

		if (r < 0)
			return r;
		tags->items[tags->count] = cstr(of, key->text, key->next->text, '=');
		if (tags->items[tags->count++] == NULL)
			return -ENOMEM;
	}
	tags->count += map->first == NULL;
	return 0;
}

/* A name or an ARN, or what there is to say of the function. Nothing of the command line's holds then. */
static int read_function(struct gb_policy_case *of, const struct gb_policyc_node *node)
{
	static const char *const known[] = {"name", "arn", "account", "region", "version", "alias", "runtime", "tags"};
	const char **targets[] = {&of->target.function, &of->target.function, &of->target.account, &of->target.region,
	        &of->target.version, &of->target.alias, &of->target.runtime};

	of->has_function = true;
	of->target = (struct gb_policy_target){.at = of->target.at};
	if (node->kind == GB_POLICYC_SCALAR) {
		of->target.function = cstr(of, node->text, GB_SPAN_EMPTY, '\0');
		return of->target.function == NULL ? -ENOMEM : 0;
	}
	if (node->kind != GB_POLICYC_MAP)
		return complain(of, node, "a function is its name, its ARN, or a map of what there is to say of it");
	for (const struct gb_policyc_node *key = node->first; key != NULL; key = key->next->next) {
		size_t i = 0;
		int r = 0;

		while (i < COUNT(known) && !gb_span_equal(key->text, gb_span_cstr(known[i])))
			i++;
		if (i == COUNT(known))
			return unknown(of, key, "field", known, COUNT(known));
		r = i == COUNT(targets) ? read_tags(of, key->next) : need_text(of, key->next);
		if (r < 0)
			return r;
		if (i < COUNT(targets) && (*targets[i] = cstr(of, key->next->text, GB_SPAN_EMPTY, '\0')) == NULL)
			return -ENOMEM;
	}
	return 0;
}

static const struct {
	const char *name;
	int (*read)(struct gb_policy_case *of, const struct gb_policyc_node *node);
} fields[] = {
        {"name", read_name},
        {"activity", read_activity},
        {"expect", read_expect},
        {"control", read_control},
        {"function", read_function},
        {"inputs", read_inputs},
        {"credentials", read_credentials},
        {"over", read_over},
};

static int read_fields(struct gb_policy_case *of)
{
	const char *known[COUNT(fields)];
	uint32_t seen = 0;

	if (of->node->kind != GB_POLICYC_MAP)
		return complain(of, of->node, "a case is a map: name, activity, expect");
	for (size_t i = 0; i < COUNT(fields); i++)
		known[i] = fields[i].name;
	for (const struct gb_policyc_node *key = of->node->first; key != NULL; key = key->next->next) {
		size_t i = 0;
		int r;

		while (i < COUNT(fields) && !gb_span_equal(key->text, gb_span_cstr(known[i])))
			i++;
		if (i == COUNT(fields))
			return unknown(of, key, "field", known, COUNT(known));
		if ((seen >> i & 1u) != 0)
			return complain(of, key, "this field stands twice");
		seen |= 1u << i;
		r = fields[i].read(of, key->next);
		if (r < 0)
			return r;
	}
	if (of->name.n == 0 || !of->has_activity || !of->has_expect)
		return complain(of, of->node,
		        of->name.n == 0     ? "a case has a 'name'"
		        : !of->has_activity ? "a case has an 'activity', like file_read /etc/passwd"
		                            : "a case has an 'expect': allow, observe, report or deny");
	return 0;
}

int gb_policy_case_read(struct gb_arena *arena, const struct gb_policyc_node *node,
        const struct gb_policy_target *target, struct gb_policy_case *ret_case)
{
	int r;

	*ret_case = (struct gb_policy_case){.arena = arena, .node = node, .target = *target};
	r = gb_activity_case_new(&ret_case->activity);
	return r < 0 ? r : read_fields(ret_case);
}

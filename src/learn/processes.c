/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/store.h"

#include "activity/shell.h"
#include "base/text.h"
#include "learn/typed.h"
#include "policy/command.h"
#include "policyc/template.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* An invocation is cut into parts: fixed ones, which make it what it is, and places, which may vary. Invocations whose
 * fixed parts are the same are one group; each place is generalised over the group, and where it cannot be, the group
 * is split by its values. */
struct part {
	struct gb_span text;
	enum gb_learn_freedom freedom;
	bool is_place;
	bool is_shell; /* a piece of a shell text */
	bool ends_argument;
};

struct invocation {
	struct gb_span executable, name;
	struct part *parts;
	size_t count, cap;
	struct gb_span key; /* all that is fixed */
};

struct learner {
	struct gb_policyc_arena *arena;
	struct gb_policyc_document *document;
	struct invocation *invocations;
	size_t count;
};

static int part_add(struct learner *learner, struct invocation *invocation, struct part part)
{
	if (gb_policyc_arena_grow(learner->arena, &invocation->parts, invocation->count, &invocation->cap,
	            sizeof(*invocation->parts)) < 0)
		return -ENOMEM;
	invocation->parts[invocation->count++] = part;
	return 0;
}

/* Words of a command that are not the program to run, and the insides of quotes, may vary. An option may not: it is
 * part of what is done. */
static bool varies_in_shell(const struct gb_shell_token *token, struct gb_span text)
{
	if ((token->flags & GB_SHELL_COMMAND_WORD) != 0)
		return false;
	if (token->kind == GB_SHELL_QUOTED)
		return true;
	return token->kind == GB_SHELL_TEXT && text.p[0] != '-';
}

static int cut_shell(struct learner *learner, struct invocation *invocation, struct gb_span text)
{
	struct gb_shell_lexer lexer;
	struct gb_shell_token token;
	int r = 0;

	gb_shell_start(&lexer, text);
	while (r == 0 && gb_shell_next(&lexer, &token)) {
		struct part part = {.text = gb_span_sub(text, token.offset, token.length), .is_shell = true};

		part.is_place = varies_in_shell(&token, part.text);
		part.freedom = part.is_place ? GB_LEARN_TYPED : GB_LEARN_FIXED;
		part.ends_argument = token.offset + token.length == text.n;
		/* Fixed text that goes on is one part; so is a word in pieces. */
		if (invocation->count != 0 && invocation->parts[invocation->count - 1].is_shell &&
		        !invocation->parts[invocation->count - 1].ends_argument &&
		        invocation->parts[invocation->count - 1].is_place == part.is_place) {
			struct part *last = &invocation->parts[invocation->count - 1];

			last->text.n += part.text.n;
			last->ends_argument = part.ends_argument;
			continue;
		}
		r = part_add(learner, invocation, part);
	}
	return r;
}

/* "--out=/tmp/x": the option is fixed, its value a place of the same argument. */
static int cut_argument(struct learner *learner, struct invocation *invocation, struct gb_span text)
{
	struct part part = {.text = text, .ends_argument = true};
	size_t equals = gb_span_find_byte(text, '=', 0);
	int r;

	if (text.n != 0 && text.p[0] == '-' && !gb_policy_hole_fits(GB_BLOB_CHUNK_NUMBER, GB_HOLE_IN_ARGUMENT, text)) {
		if (equals == SIZE_MAX || equals + 1 == text.n)
			return part_add(learner, invocation, part);
		part.text = gb_span_sub(text, 0, equals + 1);
		part.ends_argument = false;
		r = part_add(learner, invocation, part);
		if (r < 0)
			return r;
		part = (struct part){.text = gb_span_sub(text, equals + 1, SIZE_MAX), .ends_argument = true};
		part.freedom = GB_LEARN_TYPED;
	} else {
		part.freedom = GB_LEARN_FREE;
	}
	part.is_place = true;
	return part_add(learner, invocation, part);
}

/* The program text of ITEM, judged as the policy will judge it. */
static int command_of(struct learner *learner, const struct gb_profile_item *item, struct gb_command_text *ret_command)
{
	struct gb_activity activity = {.kind = item->kind, .subject = item->subject};
	struct gb_text text;
	size_t n = 0;
	char *bytes;

	for (size_t i = 0; i < item->argument_count; i++)
		n += item->arguments[i].n + 1;
	bytes = gb_policyc_arena_take(learner->arena, n + 1);
	if (bytes == NULL)
		return -ENOMEM;
	text = gb_text_on(bytes, n);
	for (size_t i = 0; i < item->argument_count; i++) {
		gb_text_add(&text, item->arguments[i]);
		gb_text_add_byte(&text, '\0');
	}
	activity.arguments = gb_text_span(&text);
	*ret_command = gb_policy_command(&activity);
	return 0;
}

static int cut(struct learner *learner, const struct gb_profile_item *item, struct invocation *ret_invocation)
{
	struct invocation invocation = {.executable = item->subject};
	struct gb_command_text command;
	int r = command_of(learner, item, &command);

	if (item->argument_count != 0)
		invocation.name = gb_span_basename(item->arguments[0]);
	for (size_t i = 1; i < item->argument_count && r == 0; i++) {
		struct part fixed = {.text = item->arguments[i], .ends_argument = true};
		bool is_text = command.language != GB_COMMAND_NONE && command.index == i;

		/* Only where the text is all of the argument; else ("-cTEXT", "--eval=TEXT") it stays as it is. */
		if (is_text && command.language == GB_COMMAND_SHELL &&
		        gb_span_equal(command.text, item->arguments[i]) && command.text.n != 0)
			r = cut_shell(learner, &invocation, item->arguments[i]);
		else if (is_text)
			r = part_add(learner, &invocation, fixed);
		else
			r = cut_argument(learner, &invocation, item->arguments[i]);
	}
	*ret_invocation = invocation;
	return r;
}

static int make_key(struct learner *learner, struct invocation *invocation)
{
	size_t n = invocation->executable.n + invocation->name.n + 2;
	struct gb_text key;
	char *bytes;

	for (size_t i = 0; i < invocation->count; i++)
		n += invocation->parts[i].text.n + 2;
	bytes = gb_policyc_arena_take(learner->arena, n);
	if (bytes == NULL)
		return -ENOMEM;
	key = gb_text_on(bytes, n);
	gb_text_add(&key, invocation->executable);
	gb_text_add_byte(&key, '\0');
	gb_text_add(&key, invocation->name);
	gb_text_add_byte(&key, '\0');
	for (size_t i = 0; i < invocation->count; i++) {
		const struct part *part = &invocation->parts[i];

		gb_text_add_byte(
		        &key, (unsigned char)(part->is_place | part->is_shell << 1 | part->ends_argument << 2));
		gb_text_add(&key, part->is_place ? GB_SPAN_EMPTY : part->text);
		gb_text_add_byte(&key, '\0');
	}
	invocation->key = gb_text_span(&key);
	return 0;
}

static int key_compare(const void *left, const void *right)
{
	const struct invocation *a = left, *b = right;
	int order = gb_learn_span_compare(a->key, b->key);

	for (size_t i = 0; order == 0 && i < a->count && i < b->count; i++)
		order = gb_learn_span_compare(a->parts[i].text, b->parts[i].text);
	return order;
}

static int value_compare(const void *left, const void *right)
{
	return gb_learn_span_compare(*(const struct gb_span *)left, *(const struct gb_span *)right);
}

/* The different values of part AT in [from, to), sorted. */
static int values_of(
        struct learner *learner, size_t from, size_t to, size_t at, struct gb_span **ret, size_t *ret_count)
{
	struct gb_span *values = gb_policyc_arena_take(learner->arena, (to - from) * sizeof(*values));
	size_t kept = 0;

	if (values == NULL)
		return -ENOMEM;
	for (size_t i = from; i < to; i++)
		values[i - from] = learner->invocations[i].parts[at].text;
	qsort(values, to - from, sizeof(*values), value_compare);
	for (size_t i = 1; i < to - from; i++)
		if (!gb_span_equal(values[i], values[kept]))
			values[++kept] = values[i];
	*ret = values;
	*ret_count = kept + 1;
	return 0;
}

/* What part AT is over [from, to), as text of a document. 1: written; 0: its values must stay apart. */
static int generalise(struct learner *learner, size_t from, size_t to, size_t at, struct gb_text *out)
{
	const struct part *part = &learner->invocations[from].parts[at];
	struct gb_span *values;
	size_t count;
	int r = values_of(learner, from, to, at, &values, &count);

	if (r < 0)
		return r;
	if (count == 1) {
		bool is_alone = !part->is_shell && part->ends_argument &&
		                (at == 0 || learner->invocations[from].parts[at - 1].ends_argument);

		gb_policyc_template_escape(values[0], is_alone, out);
		return 1;
	}
	return gb_learn_typed(
	        values, count, part->is_shell ? GB_HOLE_IN_SHELL : GB_HOLE_IN_ARGUMENT, part->freedom, out);
}

/* The shape of [from, to), all places generalised. */
static int emit(struct learner *learner, size_t from, size_t to)
{
	const struct invocation *first = &learner->invocations[from];
	struct gb_policyc_process *process;
	char buffer[16384];
	struct gb_text text = gb_text_on(buffer, sizeof(buffer));
	int r = gb_policyc_add_process(
	        learner->document, &learner->document->allow, first->executable, first->name, &process, NULL);

	/* What a document cannot say (an executable in no path) is not learned. */
	if (r == -EINVAL)
		return 0;
	for (size_t i = 0; i < first->count && r >= 0; i++) {
		r = generalise(learner, from, to, i, &text);
		if (r < 0 || !first->parts[i].ends_argument)
			continue;
		r = text.truncated ? -EINVAL
		                   : gb_policyc_add_argument(learner->document, process, gb_text_span(&text),
		                             first->parts[i].is_shell, NULL);
		text = gb_text_on(buffer, sizeof(buffer));
	}
	if (r != -EINVAL)
		return r < 0 ? r : 0;
	/* Longer than a shape may be: take the half-made one back. */
	learner->document->allow.process_count--;
	return 0;
}

struct range {
	size_t from, to;
};

typedef int part_order(const struct part *a, const struct part *b);

static int compare_kind(const struct part *a, const struct part *b)
{
	return (int)gb_learn_kind(a->text) - (int)gb_learn_kind(b->text);
}

static int compare_class(const struct part *a, const struct part *b)
{
	enum gb_hole_place place = a->is_shell ? GB_HOLE_IN_SHELL : GB_HOLE_IN_ARGUMENT;
	struct gb_learn_class x = gb_learn_class(a->text, place), y = gb_learn_class(b->text, place);

	return x.holes != y.holes ? (x.holes < y.holes ? -1 : 1) : gb_learn_span_compare(x.folder, y.folder);
}

static int compare_ending(const struct part *a, const struct part *b)
{
	return gb_learn_span_compare(gb_learn_ending(a->text), gb_learn_ending(b->text));
}

static int compare_beginning(const struct part *a, const struct part *b)
{
	return gb_learn_span_compare(gb_learn_beginning(a->text), gb_learn_beginning(b->text));
}

static int compare_text(const struct part *a, const struct part *b)
{
	return gb_learn_span_compare(a->text, b->text);
}

/* Values that cannot become one place are taken apart as little as needed, so that another value beside some of them does
 * not undo what those show. */
static part_order *const orders[] = {compare_kind, compare_class, compare_ending, compare_beginning, compare_text};

/* Order [from, to) by part AT. Insertion keeps equal ones in order. */
static void sort_by(struct learner *learner, struct range range, size_t at, part_order *order)
{
	for (size_t i = range.from + 1; i < range.to; i++) {
		struct invocation moved = learner->invocations[i];
		size_t k = i;

		for (; k > range.from && order(&learner->invocations[k - 1].parts[at], &moved.parts[at]) > 0; k--)
			learner->invocations[k] = learner->invocations[k - 1];
		learner->invocations[k] = moved;
	}
}

/* The first order in which the values of RANGE at AT are not all one. */
static part_order *dividing_order(const struct learner *learner, struct range range, size_t at)
{
	for (size_t k = 0; k + 1 < sizeof(orders) / sizeof(orders[0]); k++)
		for (size_t i = range.from + 1; i < range.to; i++)
			if (orders[k](&learner->invocations[i - 1].parts[at], &learner->invocations[i].parts[at]) != 0)
				return orders[k];
	return compare_text;
}

/* The first place of RANGE that cannot be generalised; parts' count when there is none; negative errno. */
static int64_t stuck_place(struct learner *learner, struct range range)
{
	size_t count = learner->invocations[range.from].count;

	for (size_t i = 0; i < count; i++) {
		char buffer[16384];
		struct gb_text text = gb_text_on(buffer, sizeof(buffer));
		int r = generalise(learner, range.from, range.to, i, &text);

		if (r < 0)
			return r;
		if (r == 0)
			return (int64_t)i;
	}
	return (int64_t)count;
}

/* Split until every range has a shape. Each split takes a value apart: at most one range an invocation. */
static int emit_split(struct learner *learner, struct range whole)
{
	struct range *stack = gb_policyc_arena_take(learner->arena, (whole.to - whole.from + 1) * sizeof(*stack));
	size_t depth = 1;

	if (stack == NULL)
		return -ENOMEM;
	stack[0] = whole;
	while (depth > 0) {
		part_order *order;
		struct range range = stack[--depth];
		int64_t at = stuck_place(learner, range);
		size_t to = range.to;

		if (at < 0)
			return (int)at;
		if ((size_t)at == learner->invocations[range.from].count) {
			int r = emit(learner, range.from, range.to);

			if (r < 0)
				return r;
			continue;
		}
		order = dividing_order(learner, range, (size_t)at);
		sort_by(learner, range, (size_t)at, order);
		/* From the end, so that they come off the stack in order. */
		for (size_t i = range.to; i-- > range.from;) {
			if (i > range.from &&
			        order(&learner->invocations[i - 1].parts[at], &learner->invocations[i].parts[at]) == 0)
				continue;
			stack[depth++] = (struct range){i, to};
			to = i;
		}
	}
	return 0;
}

int gb_learn_processes(struct gb_policyc_arena *arena, const struct gb_profile_item *const *items, size_t count,
        struct gb_policyc_document *document)
{
	struct learner learner = {.arena = arena, .document = document};
	int r = 0;

	learner.invocations = gb_policyc_arena_take(arena, (count + 1) * sizeof(*learner.invocations));
	if (learner.invocations == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < count && r == 0; i++) {
		struct invocation *invocation = &learner.invocations[learner.count];

		if (items[i]->kind != GB_ACTIVITY_PROCESS_START)
			continue;
		r = cut(&learner, items[i], invocation);
		if (r == 0)
			r = make_key(&learner, invocation);
		learner.count++;
	}
	if (r == 0 && learner.count != 0)
		qsort(learner.invocations, learner.count, sizeof(*learner.invocations), key_compare);
	for (size_t from = 0; from < learner.count && r == 0;) {
		size_t to = from + 1;

		while (to < learner.count && gb_span_equal(learner.invocations[to].key, learner.invocations[from].key))
			to++;
		r = emit_split(&learner, (struct range){from, to});
		from = to;
	}
	return r;
}

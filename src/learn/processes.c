/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/process.h"

#include "base/text.h"
#include "policyc/template.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int key_compare(const void *left, const void *right)
{
	const struct gb_invocation *a = left, *b = right;
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
        struct gb_processes *learner, size_t from, size_t to, size_t at, struct gb_span **ret, size_t *ret_count)
{
	struct gb_span *values = gb_arena_take(learner->arena, (to - from) * sizeof(*values));
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
static int generalise(struct gb_processes *learner, size_t from, size_t to, size_t at, struct gb_text *out)
{
	const struct gb_part *part = &learner->invocations[from].parts[at];
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
static int emit(struct gb_processes *learner, size_t from, size_t to)
{
	const struct gb_invocation *first = &learner->invocations[from];
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

typedef int part_order(const struct gb_part *a, const struct gb_part *b);

static int compare_kind(const struct gb_part *a, const struct gb_part *b)
{
	return (int)gb_learn_kind(a->text) - (int)gb_learn_kind(b->text);
}

static int compare_class(const struct gb_part *a, const struct gb_part *b)
{
	enum gb_hole_place place = a->is_shell ? GB_HOLE_IN_SHELL : GB_HOLE_IN_ARGUMENT;
	struct gb_learn_class x = gb_learn_class(a->text, place), y = gb_learn_class(b->text, place);

	return x.holes != y.holes ? (x.holes < y.holes ? -1 : 1) : gb_learn_span_compare(x.folder, y.folder);
}

static int compare_ending(const struct gb_part *a, const struct gb_part *b)
{
	return gb_learn_span_compare(gb_learn_ending(a->text), gb_learn_ending(b->text));
}

static int compare_beginning(const struct gb_part *a, const struct gb_part *b)
{
	return gb_learn_span_compare(gb_learn_beginning(a->text), gb_learn_beginning(b->text));
}

static int compare_text(const struct gb_part *a, const struct gb_part *b)
{
	return gb_learn_span_compare(a->text, b->text);
}

/* Values that cannot become one place are taken apart as little as needed, so that another value beside some of them does
 * not undo what those show. */
static part_order *const orders[] = {compare_kind, compare_class, compare_ending, compare_beginning, compare_text};

/* Both halves of [from, to), each in order, into one, through SCRATCH. Equal ones keep their order. */
static void merge_halves(struct gb_invocation *items, struct range range, size_t middle, size_t at, part_order *order,
        struct gb_invocation *scratch)
{
	size_t a = range.from, b = middle, n = 0;

	while (a < middle || b < range.to) {
		bool is_left = b == range.to || (a < middle && order(&items[a].parts[at], &items[b].parts[at]) <= 0);

		scratch[n++] = items[is_left ? a++ : b++];
	}
	memcpy(items + range.from, scratch, n * sizeof(*items));
}

/* Order [from, to) by part AT. */
static int sort_by(struct gb_processes *learner, struct range range, size_t at, part_order *order)
{
	size_t count = range.to - range.from;
	struct gb_invocation *scratch = malloc(count * sizeof(*scratch));

	if (scratch == NULL)
		return -ENOMEM;
	for (size_t width = 1; width < count; width *= 2)
		for (size_t from = range.from; from + width < range.to; from += 2 * width) {
			size_t to = from + 2 * width < range.to ? from + 2 * width : range.to;

			merge_halves(learner->invocations, (struct range){from, to}, from + width, at, order, scratch);
		}
	free(scratch);
	return 0;
}

/* The first order in which the values of RANGE at AT are not all one. */
static part_order *dividing_order(const struct gb_processes *learner, struct range range, size_t at)
{
	for (size_t k = 0; k + 1 < sizeof(orders) / sizeof(orders[0]); k++)
		for (size_t i = range.from + 1; i < range.to; i++)
			if (orders[k](&learner->invocations[i - 1].parts[at], &learner->invocations[i].parts[at]) != 0)
				return orders[k];
	return compare_text;
}

/* The first place of RANGE that cannot be generalised; parts' count when there is none; negative errno. */
static int64_t stuck_place(struct gb_processes *learner, struct range range)
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
static int emit_split(struct gb_processes *learner, struct range whole)
{
	struct range *stack = gb_arena_take(learner->arena, (whole.to - whole.from + 1) * sizeof(*stack));
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
		if (sort_by(learner, range, (size_t)at, order) < 0)
			return -ENOMEM;
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

int gb_learn_processes(struct gb_arena *arena, const struct gb_profile_item *const *items, size_t count,
        struct gb_policyc_document *document)
{
	struct gb_processes learner = {.arena = arena, .document = document};
	int r = 0;

	learner.invocations = gb_arena_take(arena, (count + 1) * sizeof(*learner.invocations));
	if (learner.invocations == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < count && r == 0; i++) {
		struct gb_invocation *invocation = &learner.invocations[learner.count];

		if (items[i]->kind != GB_ACTIVITY_PROCESS_START)
			continue;
		r = gb_learn_cut(&learner, items[i], invocation);
		if (r == 0)
			r = gb_learn_key(&learner, invocation);
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

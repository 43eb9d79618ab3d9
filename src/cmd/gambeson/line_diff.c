/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/gambeson/line_diff.h"

#include "base/cleanup.h"
#include "cmd/gambeson/screen.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#define CELLS_MAX (4u * 1024u * 1024u) /* of the table of common lines */
#define AROUND    3u

struct lines {
	struct gb_span *items;
	size_t count;
};

static int split(struct gb_span text, struct lines *ret_lines)
{
	size_t count = 0;

	for (size_t at = 0; at < text.n; at++)
		count += text.p[at] == '\n';
	ret_lines->items = calloc(count + 1, sizeof(*ret_lines->items));
	ret_lines->count = 0;
	if (ret_lines->items == NULL)
		return -ENOMEM;
	for (size_t at = 0; at < text.n;) {
		size_t feed = gb_span_find_byte(text, '\n', at), end = feed == SIZE_MAX ? text.n : feed;

		ret_lines->items[ret_lines->count++] = gb_span_sub(text, at, end - at);
		at = end + 1;
	}
	return 0;
}

/* One line of the outcome: its sign, and where it stands on either side. */
struct step {
	char sign;
	size_t from, to;
};

struct comparison {
	struct lines from, to;
	size_t begin, from_end, to_end; /* what lies between the lines that begin and end both */
	uint32_t *common;               /* of the lines behind each pair of places between them; NULL: too many */
	struct step *steps;
	size_t count;
	int differing;
};

static void find_middle(struct comparison *c)
{
	size_t begin = 0, from = c->from.count, to = c->to.count;

	while (begin < from && begin < to && gb_span_equal(c->from.items[begin], c->to.items[begin]))
		begin++;
	while (from > begin && to > begin && gb_span_equal(c->from.items[from - 1], c->to.items[to - 1])) {
		from--;
		to--;
	}
	c->begin = begin;
	c->from_end = from;
	c->to_end = to;
}

/* The longest common subsequence, from the end. */
static int count_common(struct comparison *c)
{
	size_t rows = c->from_end - c->begin, columns = c->to_end - c->begin;

	if ((rows + 1) * (columns + 1) > CELLS_MAX)
		return 0;
	c->common = calloc((rows + 1) * (columns + 1), sizeof(*c->common));
	if (c->common == NULL)
		return -ENOMEM;
	for (size_t i = rows; i-- > 0;)
		for (size_t j = columns; j-- > 0;) {
			uint32_t *cell = &c->common[i * (columns + 1) + j];
			uint32_t down = cell[columns + 1], right = cell[1];

			if (gb_span_equal(c->from.items[c->begin + i], c->to.items[c->begin + j]))
				*cell = cell[columns + 2] + 1;
			else
				*cell = down > right ? down : right;
		}
	return 0;
}

static void add_step(struct comparison *c, char sign, size_t *from, size_t *to)
{
	c->steps[c->count++] = (struct step){sign, *from, *to};
	c->differing += sign != ' ';
	*from += sign != '+';
	*to += sign != '-';
}

static char next_sign(const struct comparison *c, size_t from, size_t to)
{
	size_t columns = c->to_end - c->begin + 1;
	const uint32_t *cell;

	if (from < c->begin || from >= c->from_end || to >= c->to_end)
		return from < c->begin || (from >= c->from_end && to >= c->to_end) ? ' '
		       : from < c->from_end                                        ? '-'
		                                                                   : '+';
	if (c->common == NULL)
		return '-';
	if (gb_span_equal(c->from.items[from], c->to.items[to]))
		return ' ';
	cell = &c->common[(from - c->begin) * columns + (to - c->begin)];
	return cell[columns] >= cell[1] ? '-' : '+';
}

static int walk(struct comparison *c)
{
	size_t from = 0, to = 0;

	c->steps = calloc(c->from.count + c->to.count + 1, sizeof(*c->steps));
	if (c->steps == NULL)
		return -ENOMEM;
	while (from < c->from.count || to < c->to.count)
		add_step(c, next_sign(c, from, to), &from, &to);
	return 0;
}

static bool is_near(const struct comparison *c, size_t at)
{
	size_t first = at < AROUND ? 0 : at - AROUND;

	for (size_t i = first; i < c->count && i <= at + AROUND; i++)
		if (c->steps[i].sign != ' ')
			return true;
	return false;
}

static void print(FILE *out, bool is_coloured, const struct comparison *c)
{
	bool was_shown = false;

	for (size_t i = 0; i < c->count; i++) {
		const struct step *step = &c->steps[i];
		bool is_shown = is_near(c, i);

		if (is_shown && !was_shown)
			(void)fprintf(out, "@@ -%zu +%zu @@\n", step->from + 1, step->to + 1);
		was_shown = is_shown;
		if (!is_shown)
			continue;
		gb_screen_colour(
		        out, is_coloured && step->sign != ' ', step->sign == '-' ? GB_COLOUR_RED : GB_COLOUR_GREEN);
		(void)fputc(step->sign, out);
		(void)gb_screen_text(out, step->sign == '+' ? c->to.items[step->to] : c->from.items[step->from]);
		gb_screen_colour(out, is_coloured && step->sign != ' ', GB_COLOUR_NONE);
		(void)fputc('\n', out);
	}
}

int gb_line_diff(FILE *out, bool is_coloured, struct gb_span from, struct gb_span to)
{
	struct comparison c = {.differing = 0};
	int r = split(from, &c.from);

	if (r == 0)
		r = split(to, &c.to);
	if (r == 0) {
		find_middle(&c);
		r = count_common(&c);
	}
	if (r == 0)
		r = walk(&c);
	if (r == 0)
		print(out, is_coloured, &c);
	free(c.from.items);
	free(c.to.items);
	free(c.common);
	free(c.steps);
	return r < 0 ? r : c.differing;
}

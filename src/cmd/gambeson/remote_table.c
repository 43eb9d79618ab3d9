/* SPDX-License-Identifier: Apache-2.0 */
/* Tables that fit the terminal: what is cut ends with "…", and what there is no room for is left out. */
#include "cmd/gambeson/remote.h"
#include "cmd/gambeson/screen.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define COLUMNS_MAX 12
#define GAP         2u
#define CUT_WELL    14u /* columns that a cut cell keeps, where there is room */
#define CUT_HARD    7u

static size_t terminal_width(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
		return SIZE_MAX; /* a file or a pipe: nothing is cut */
	return size.ws_col;
}

static const json_t *member(const json_t *row, const char *path)
{
	char name[64];
	const char *dot;

	while ((dot = strchr(path, '.')) != NULL && (size_t)(dot - path) < sizeof(name)) {
		memcpy(name, path, (size_t)(dot - path));
		name[dot - path] = '\0';
		row = json_object_get(row, name);
		path = dot + 1;
	}
	return json_object_get(row, path);
}

/* A time of the API, 2026-11-21T14:30:00.123Z, as people read it. */
static void shorten_time(char *text)
{
	static const char form[] = "0000-00-00T00:00:00.000Z";

	for (size_t i = 0; i < sizeof(form); i++)
		if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
			return;
	text[10] = ' ';
	text[19] = '\0';
}

/* A cell as text; the caller's to free. */
static char *cell_text(const json_t *value)
{
	char *text = NULL;

	if (json_is_string(value)) {
		text = strdup(json_string_value(value));
		if (text != NULL)
			shorten_time(text);
		return text;
	}
	if (json_is_true(value) || json_is_false(value))
		return strdup(json_is_true(value) ? "yes" : "no");
	if (json_is_integer(value))
		return asprintf(&text, "%" JSON_INTEGER_FORMAT, json_integer_value(value)) < 0 ? NULL : text;
	if (json_is_array(value)) {
		size_t i, n = 0;
		const json_t *item;
		FILE *out = open_memstream(&text, &n);

		if (out == NULL)
			return NULL;
		json_array_foreach(value, i, item)(void) fprintf(
		        out, "%s%s", i == 0 ? "" : " ", json_string_value(item) != NULL ? json_string_value(item) : "");
		(void)fclose(out);
		return text;
	}
	return strdup("");
}

/* TEXT as the screen shows it, and its columns. */
static char *shown(const char *text, size_t *ret_width)
{
	char *printed = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&printed, &n);

	*ret_width = 0;
	if (out == NULL)
		return NULL;
	*ret_width = gb_screen_text(out, gb_span_cstr(text));
	(void)fclose(out);
	return printed;
}

struct cell {
	char *text;
	size_t width;
};

struct table {
	const struct gb_remote_column *columns;
	size_t count, rows, widths[COLUMNS_MAX];
	bool is_left_out[COLUMNS_MAX];
	struct cell *cells; /* COLUMNS_MAX a row; the heads are the first */
};

static size_t width_of(const struct table *table)
{
	size_t all = 0, shown = 0;

	for (size_t i = 0; i < table->count; i++) {
		all += table->is_left_out[i] ? 0 : table->widths[i];
		shown += !table->is_left_out[i];
	}
	return all + (shown > 1 ? GAP * (shown - 1) : 0);
}

/* Take from the widest columns that may be cut, or from all of them, until LIMIT is met or none is wider than LEAST. */
static bool narrow(struct table *table, size_t limit, size_t least, bool is_any)
{
	for (size_t all = width_of(table); all > limit; all--) {
		size_t widest = table->count;

		for (size_t i = 0; i < table->count; i++)
			if (!table->is_left_out[i] && (is_any || (table->columns[i].fit & GB_FIT_CUT) != 0) &&
			        table->widths[i] > least &&
			        (widest == table->count || table->widths[i] > table->widths[widest]))
				widest = i;
		if (widest == table->count)
			return false;
		table->widths[widest]--;
	}
	return true;
}

/* Make it as wide as the terminal: cut what may be cut, then leave out what is not needed, the last first. */
static void fit(struct table *table)
{
	size_t limit = terminal_width();

	if (narrow(table, limit, CUT_WELL, false))
		return;
	for (size_t i = table->count; i > 0; i--) {
		if ((table->columns[i - 1].fit & GB_FIT_SPARE) == 0)
			continue;
		table->is_left_out[i - 1] = true;
		if (narrow(table, limit, CUT_WELL, false))
			return;
	}
	if (!narrow(table, limit, CUT_HARD, false))
		(void)narrow(table, limit, 1, true);
}

static void print_cell(const struct cell *cell, size_t width, bool is_last)
{
	size_t columns = cell->width;
	struct gb_span text = gb_span_cstr(cell->text);

	if (cell->width > width) {
		text = gb_span_sub(text, 0, gb_screen_fit(text, width - 1, &columns));
		columns++;
	}
	(void)fwrite(text.p, 1, text.n, stdout);
	(void)fputs(cell->width > width ? "…" : "", stdout);
	for (; !is_last && columns < width; columns++)
		(void)putchar(' ');
}

static void print_row(const struct table *table, size_t row)
{
	size_t last = table->count;

	while (last > 0 && table->is_left_out[last - 1])
		last--;
	for (size_t i = 0; i < last; i++) {
		if (table->is_left_out[i])
			continue;
		print_cell(&table->cells[row * COLUMNS_MAX + i], table->widths[i], i + 1 == last);
		(void)fputs(i + 1 == last ? "" : "  ", stdout);
	}
	(void)putchar('\n');
}

static void fill_column(struct table *table, size_t column, const json_t *list)
{
	struct cell *cell = &table->cells[column];
	size_t filled = 0;

	cell->text = shown(table->columns[column].head, &cell->width);
	table->widths[column] = cell->width;
	for (size_t i = 0; i < table->rows; i++) {
		char *text = cell_text(member(json_array_get(list, i), table->columns[column].member));

		cell += COLUMNS_MAX;
		cell->text = shown(text != NULL ? text : "", &cell->width);
		filled += cell->width != 0;
		free(text);
		if (cell->width > table->widths[column])
			table->widths[column] = cell->width;
	}
	table->is_left_out[column] =
	        table->rows != 0 && filled == 0 && (table->columns[column].fit & GB_FIT_SPARE) != 0;
}

void gb_remote_table(const json_t *list, const struct gb_remote_column *columns)
{
	struct table table = {.columns = columns, .rows = json_array_size(list)};
	bool is_coloured = gb_has_colour(STDOUT_FILENO);

	while (table.count < COLUMNS_MAX && columns[table.count].head != NULL)
		table.count++;
	table.cells = calloc((table.rows + 1) * COLUMNS_MAX, sizeof(*table.cells));
	if (table.cells == NULL)
		return;
	for (size_t i = 0; i < table.count; i++)
		fill_column(&table, i, list);
	fit(&table);
	gb_screen_colour(stdout, is_coloured, GB_COLOUR_BOLD);
	print_row(&table, 0);
	gb_screen_colour(stdout, is_coloured, GB_COLOUR_NONE);
	for (size_t i = 1; i <= table.rows; i++)
		print_row(&table, i);
	for (size_t i = 0; i < (table.rows + 1) * COLUMNS_MAX; i++)
		free(table.cells[i].text);
	free(table.cells);
}

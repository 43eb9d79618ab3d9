/* SPDX-License-Identifier: Apache-2.0 */
/* Tables that fit the terminal: what may be cut is cut, and says so. */
#include "cmd/gambeson/remote.h"
#include "cmd/gambeson/screen.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define COLUMNS_MAX 12
#define WIDE_MIN    16u /* columns that a cut cell keeps */

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

/* A cell as text; the caller's to free. */
static char *cell_text(const json_t *value)
{
	char *text = NULL;

	if (json_is_string(value))
		return strdup(json_string_value(value));
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

/* What wide columns lose when all is wider than the terminal. */
static void fit(const struct gb_remote_column *columns, size_t *widths, size_t count)
{
	size_t all = 2 * (count - 1), limit = terminal_width();

	for (size_t i = 0; i < count; i++)
		all += widths[i];
	while (all > limit) {
		size_t widest = count;

		for (size_t i = 0; i < count; i++)
			if (columns[i].is_wide && widths[i] > WIDE_MIN &&
			        (widest == count || widths[i] > widths[widest]))
				widest = i;
		if (widest == count)
			return;
		widths[widest]--;
		all--;
	}
}

/* The beginning of TEXT that has at most WIDTH columns: bytes, and the columns that they take. */
static size_t cut(const char *text, size_t width, size_t *ret_columns)
{
	size_t n = 0, columns = 0;

	while (text[n] != '\0' && columns < width) {
		n++;
		while (((unsigned char)text[n] & 0xc0) == 0x80)
			n++;
		columns++;
	}
	*ret_columns = columns;
	return n;
}

static void print_cell(const struct cell *cell, size_t width, bool is_last)
{
	size_t columns = cell->width, n = cell->text == NULL ? 0 : strlen(cell->text);

	if (cell->text != NULL && cell->width > width) {
		n = cut(cell->text, width - 1, &columns);
		(void)printf("%.*s…", (int)n, cell->text);
		columns++;
	} else {
		(void)fwrite(cell->text != NULL ? cell->text : "", 1, n, stdout);
	}
	for (; !is_last && columns < width + 2; columns++)
		(void)putchar(' ');
}

void gb_remote_table(const json_t *list, const struct gb_remote_column *columns)
{
	size_t count = 0, rows = json_array_size(list), widths[COLUMNS_MAX];
	struct cell *cells;

	while (count < COLUMNS_MAX && columns[count].head != NULL)
		count++;
	cells = calloc((rows + 1) * COLUMNS_MAX, sizeof(*cells));
	if (cells == NULL)
		return;
	for (size_t c = 0; c < count; c++) {
		cells[c].text = shown(columns[c].head, &cells[c].width);
		widths[c] = cells[c].width;
		for (size_t i = 0; i < rows; i++) {
			struct cell *cell = &cells[(i + 1) * COLUMNS_MAX + c];
			char *text = cell_text(member(json_array_get(list, i), columns[c].member));

			cell->text = shown(text != NULL ? text : "", &cell->width);
			free(text);
			if (cell->width > widths[c])
				widths[c] = cell->width;
		}
	}
	fit(columns, widths, count);
	for (size_t i = 0; i <= rows; i++) {
		gb_screen_colour(stdout, i == 0 && gb_has_colour(STDOUT_FILENO), GB_COLOUR_BOLD);
		for (size_t c = 0; c < count; c++)
			print_cell(&cells[i * COLUMNS_MAX + c], widths[c], c + 1 == count);
		gb_screen_colour(stdout, i == 0 && gb_has_colour(STDOUT_FILENO), GB_COLOUR_NONE);
		(void)putchar('\n');
	}
	for (size_t i = 0; i < (rows + 1) * COLUMNS_MAX; i++)
		free(cells[i].text);
	free(cells);
}

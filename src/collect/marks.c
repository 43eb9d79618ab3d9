/* SPDX-License-Identifier: Apache-2.0 */
#include "collect/aws.h"

#include "base/base64.h"
#include "base/fd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MARKS_MAX   (64u << 20)
#define MARKS_FIRST "gambeson ingest 1\n"

int collect_marks_read(const char *path, struct collect_marks *ret_marks, struct gb_diag *diag)
{
	int r;

	*ret_marks = (struct collect_marks){.text = NULL};
	if (path == NULL)
		return 0;
	r = gb_fd_read_file(path, MARKS_MAX, &ret_marks->text, &ret_marks->n);
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return gb_diag_set(diag, r, 0, 0, "%.150s: %s", path, strerror(-r));
	if (gb_span_starts(gb_span_of(ret_marks->text, ret_marks->n), GB_SPAN(MARKS_FIRST)))
		return 0;
	free(ret_marks->text);
	ret_marks->text = NULL;
	return gb_diag_set(diag, -EINVAL, 0, 0, "%.150s: does not say where such a source was read up to", path);
}

static struct gb_span take_field(struct gb_span *line)
{
	size_t tab = gb_span_find_byte(*line, '\t', 0);
	struct gb_span field = gb_span_sub(*line, 0, tab);

	*line = tab == SIZE_MAX ? GB_SPAN_EMPTY : gb_span_sub(*line, tab + 1, SIZE_MAX);
	return field;
}

/* What FIELD stands for, in ARENA. */
static bool decode(struct gb_span field, struct gb_arena *arena, struct gb_span *ret)
{
	unsigned char *bytes;
	ssize_t n;

	*ret = GB_SPAN_EMPTY;
	if (gb_span_equal(field, GB_SPAN("-")))
		return true;
	bytes = gb_arena_take(arena, GB_BASE64_BYTES(field.n));
	n = bytes == NULL || field.n == 0 ? -EINVAL : gb_base64_decode(field, bytes);
	if (n < 0)
		return false;
	*ret = gb_span_of(bytes, (size_t)n);
	return true;
}

bool collect_marks_find(const struct collect_marks *marks, const char *const *keys, size_t key_count,
        struct gb_arena *arena, struct gb_span *ret_values, size_t value_count)
{
	struct gb_span rest = gb_span_of(marks->text, marks->n), value;

	while (rest.n > 0) {
		struct gb_span line = gb_span_sub(rest, 0, gb_span_find_byte(rest, '\n', 0));
		size_t i = 0;

		rest = gb_span_sub(rest, line.n + 1, SIZE_MAX);
		while (i < key_count && decode(take_field(&line), arena, &value) &&
		        gb_span_equal(value, gb_span_cstr(keys[i])))
			i++;
		if (i < key_count)
			continue;
		for (i = 0; i < value_count && decode(take_field(&line), arena, &ret_values[i]);)
			i++;
		if (i == value_count)
			return true;
	}
	return false;
}

static void append(struct collect_marks_writer *writer, struct gb_span bytes)
{
	if (writer->n + bytes.n > writer->cap) {
		size_t cap = (writer->n + bytes.n) * 2 + 4096;
		char *grown = realloc(writer->p, cap);

		if (grown == NULL) {
			writer->has_failed = true;
			return;
		}
		writer->p = grown;
		writer->cap = cap;
	}
	memcpy(writer->p + writer->n, bytes.p, bytes.n);
	writer->n += bytes.n;
}

void collect_marks_add(struct collect_marks_writer *writer, const struct gb_span *fields, size_t count)
{
	if (writer->n == 0)
		append(writer, GB_SPAN(MARKS_FIRST));
	for (size_t i = 0; i < count; i++) {
		char room[GB_BASE64_CHARS(8192)];
		struct gb_text text = gb_text_on(room, sizeof(room));

		if (fields[i].n == 0)
			gb_text_add_byte(&text, '-');
		else
			gb_base64_add_url(&text, fields[i]);
		writer->has_failed |= text.truncated;
		append(writer, gb_text_span(&text));
		append(writer, i + 1 < count ? GB_SPAN("\t") : GB_SPAN("\n"));
	}
}

int collect_marks_write(const char *path, struct collect_marks_writer *writer, struct gb_diag *diag)
{
	int r = writer->has_failed ? -ENOMEM : 0;

	if (r == 0 && path != NULL && writer->n > 0)
		r = gb_fd_write_file(path, gb_span_of(writer->p, writer->n), 0600);
	free(writer->p);
	*writer = (struct collect_marks_writer){.p = NULL};
	return r < 0 ? gb_diag_set(diag, r, 0, 0, "%.150s: %s", path, strerror(-r)) : 0;
}

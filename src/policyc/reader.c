/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/reader.h"

#include "base/arena.h"
#include "base/words.h"

#include <errno.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define FIELDS_MAX   24u /* of a map */

static int shown(struct gb_span s)
{
	return (int)(s.n < 60 ? s.n : 60);
}

/* Errors of the add functions know no place: NODE is it. */
int gb_policyc_placed(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, int r)
{
	if (r < 0 && reader->diag != NULL && reader->diag->line == 0) {
		reader->diag->line = node->line;
		reader->diag->column = node->column;
	}
	return r;
}

int gb_policyc_complain(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, const char *what)
{
	return gb_diag_set(reader->diag, -EINVAL, node->line, node->column, "%s", what);
}

static bool is_nothing(const struct gb_policyc_node *node)
{
	return node->kind == GB_POLICYC_SCALAR && node->is_plain &&
	       (node->text.n == 0 || gb_span_equal(node->text, GB_SPAN("null")) ||
	               gb_span_equal(node->text, GB_SPAN("~")));
}

int gb_policyc_unknown(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, const char *noun,
        const char *const *known, size_t count)
{
	const char *nearest = gb_words_nearest(node->text, known, count);
	char list[120];

	if (nearest != NULL)
		return gb_diag_set(reader->diag, -EINVAL, node->line, node->column,
		        "unknown %s '%.*s'; did you mean '%s'?", noun, shown(node->text), (const char *)node->text.p,
		        nearest);
	gb_words_join(known, count, list, sizeof(list));
	return gb_diag_set(reader->diag, -EINVAL, node->line, node->column, "unknown %s '%.*s'; known are %s", noun,
	        shown(node->text), (const char *)node->text.p, list);
}

static int unknown_field(
        struct gb_policyc_reader *reader, const struct gb_policyc_node *key, const struct gb_policyc_field *fields)
{
	const char *names[FIELDS_MAX];
	size_t count = 0;

	for (; fields[count].name != NULL && count < FIELDS_MAX; count++)
		names[count] = fields[count].name;
	return gb_policyc_unknown(reader, key, "field", names, count);
}

static int read_field(struct gb_policyc_reader *reader, const struct gb_policyc_node *value,
        const struct gb_policyc_field *field, void *map_target)
{
	void *target = (char *)map_target + field->offset;

	if (field->fields != NULL)
		return gb_policyc_read_map(reader, value, field->fields, target);
	if (field->read_item != NULL)
		return gb_policyc_read_list(reader, value, target, field->read_item);
	return field->read(reader, value, target);
}

int gb_policyc_check_twice(
        struct gb_policyc_reader *reader, const struct gb_policyc_node *map, const struct gb_policyc_node *key)
{
	for (const struct gb_policyc_node *other = map->first; other != key; other = other->next->next)
		if (gb_span_equal(other->text, key->text))
			return gb_diag_set(reader->diag, -EINVAL, key->line, key->column,
			        "field '%.*s' stands here a second time; the first is on line %u", shown(key->text),
			        (const char *)key->text.p, other->line);
	return 0;
}

int gb_policyc_read_map(struct gb_policyc_reader *reader, const struct gb_policyc_node *map,
        const struct gb_policyc_field *fields, void *target)
{
	if (is_nothing(map))
		return 0;
	if (map->kind != GB_POLICYC_MAP)
		return gb_policyc_complain(reader, map, "fields ('name: value') are expected here");
	for (const struct gb_policyc_node *key = map->first; key != NULL; key = key->next->next) {
		const struct gb_policyc_field *field = fields;
		int r;

		if (key->kind != GB_POLICYC_SCALAR)
			return gb_policyc_complain(reader, key, "a field's name must be plain text");
		while (field->name != NULL && !gb_span_equal(key->text, gb_span_cstr(field->name)))
			field++;
		if (field->name == NULL)
			return unknown_field(reader, key, fields);
		r = gb_policyc_check_twice(reader, map, key);
		if (r == 0)
			r = read_field(reader, key->next, field, target);
		if (r < 0)
			return gb_policyc_placed(reader, key->next, r);
	}
	return 0;
}

int gb_policyc_read_list(struct gb_policyc_reader *reader, const struct gb_policyc_node *list, void *target,
        int (*read)(struct gb_policyc_reader *reader, const struct gb_policyc_node *item, void *target))
{
	if (is_nothing(list))
		return 0;
	if (list->kind != GB_POLICYC_LIST)
		return gb_policyc_complain(reader, list, "a list ('- entry') is expected here");
	for (const struct gb_policyc_node *item = list->first; item != NULL; item = item->next) {
		int r;

		reader->document->at.line = item->line;
		r = read(reader, item, target);
		if (r < 0)
			return gb_policyc_placed(reader, item, r);
	}
	return 0;
}

int gb_policyc_need_text(struct gb_policyc_reader *reader, const struct gb_policyc_node *node)
{
	return node->kind == GB_POLICYC_SCALAR ? 0 : gb_policyc_complain(reader, node, "text is expected here");
}

int gb_policyc_read_string(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	const char **text = target;
	int r = gb_policyc_need_text(reader, node);

	if (r < 0)
		return r;
	*text = gb_policyc_copy(reader->document, node->text);
	return *text == NULL ? -ENOMEM : 0;
}

size_t gb_policyc_hidden_bytes(struct gb_span text)
{
	const unsigned char c = text.p[0], second = text.n > 1 ? text.p[1] : 0, third = text.n > 2 ? text.p[2] : 0;

	if (c < 0x20 || c == 0x7f)
		return 1;
	if (c == 0xc2 && ((second >= 0x80 && second <= 0x9f) || second == 0xad))
		return 2;
	if ((c == 0xef && second == 0xbb && third == 0xbf) ||
	        (c == 0xe2 && second == 0x80 &&
	                ((third >= 0x8b && third <= 0x8f) || (third >= 0xa8 && third <= 0xae))) ||
	        (c == 0xe2 && second == 0x81 && third >= 0xa0 && third <= 0xaf))
		return 3;
	return 0;
}

/* Names stand in log lines and on terminals. */
static bool has_hidden_character(struct gb_span text)
{
	for (size_t i = 0; i < text.n; i++)
		if (gb_policyc_hidden_bytes(gb_span_sub(text, i, SIZE_MAX)) != 0)
			return true;
	return false;
}

int gb_policyc_read_name(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	int r = gb_policyc_read_string(reader, node, target);

	if (r < 0)
		return r;
	if (node->text.n == 0 || node->text.n > GB_POLICYC_NAME_BYTES_MAX)
		return gb_policyc_complain(reader, node, "a name has 1 to 128 bytes");
	if (has_hidden_character(node->text))
		return gb_policyc_complain(reader, node,
		        "a name has no control characters, nor those that change the direction of writing");
	return 0;
}

static const char *const mode_words[] = {"off", "detect", "block"};

int gb_policyc_read_mode(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	enum gb_mode *mode = target;

	if (node->kind == GB_POLICYC_SCALAR && gb_mode_of_name(node->text, mode))
		return 0;
	return gb_policyc_need_text(reader, node) < 0
	               ? -EINVAL
	               : gb_policyc_unknown(reader, node, "mode", mode_words, COUNT(mode_words));
}

int gb_policyc_read_word(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, const char *noun,
        const char *const *words, size_t count, size_t *ret_index)
{
	int r = gb_policyc_need_text(reader, node);

	for (size_t i = 0; i < count && r == 0; i++)
		if (gb_span_equal(node->text, gb_span_cstr(words[i]))) {
			*ret_index = i;
			return 0;
		}
	return r < 0 ? r : gb_policyc_unknown(reader, node, noun, words, count);
}

const char *gb_policyc_file_beside(struct gb_policyc_reader *reader, const struct gb_policyc_node *node)
{
	struct gb_span file = gb_span_cstr(reader->document->at.file);
	size_t slash = gb_span_find_last_byte(file, '/');
	size_t folder_n = slash == SIZE_MAX || gb_span_starts(node->text, GB_SPAN("/")) ? 0 : slash + 1;
	char *path = gb_arena_take(reader->document->arena, folder_n + node->text.n + 1);

	if (path == NULL)
		return NULL;
	if (folder_n != 0)
		memcpy(path, file.p, folder_n);
	if (node->text.n != 0)
		memcpy(path + folder_n, node->text.p, node->text.n);
	return path;
}

int gb_policyc_keep_text(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	*(const struct gb_policyc_node **)target = node;
	return gb_policyc_need_text(reader, node);
}

int gb_policyc_keep(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	(void)reader;
	*(const struct gb_policyc_node **)target = node;
	return 0;
}

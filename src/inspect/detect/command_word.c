/* SPDX-License-Identifier: Apache-2.0 */
/* What the word of a command names, however it is written, and whether it is written so to hide that. */
#include "inspect/bytes.h"
#include "inspect/detect/command.h"

/* BASE, or what is left of it without a version (gcc10.1) or a second part (rmt-tar). */
static enum gb_command_name base_kind(struct gb_span base)
{
	enum gb_command_name kind = gb_detect_command_name(base);
	struct gb_span stem = base;
	size_t dash = gb_bytes_find(base, '-', 1);

	if (kind != GB_NAME_UNKNOWN)
		return kind;
	if (dash != SIZE_MAX)
		stem = gb_span_sub(base, 0, dash);
	else
		while (stem.n > 1 && (gb_ascii_is_digit(stem.p[stem.n - 1]) || stem.p[stem.n - 1] == '.'))
			stem.n--;
	kind = stem.n < base.n ? gb_detect_command_name(stem) : GB_NAME_UNKNOWN;
	return kind >= GB_NAME_COMMAND ? GB_NAME_COMMAND : GB_NAME_UNKNOWN;
}

/* What the command word names, however it is written. */
enum gb_command_name gb_detect_simple_kind(const struct gb_detect_simple *simple)
{
	struct gb_span name = gb_span_of(simple->name, simple->name_n);
	struct gb_span base;
	enum gb_command_name kind;

	if (simple->has_braces && name.n > 1 && name.p[0] == '{') {
		size_t comma = gb_bytes_find(name, ',', 0);

		if (comma != SIZE_MAX)
			name = gb_span_sub(name, 1, comma - 1);
	}
	while (name.n != 0 && (name.p[0] == '@' || name.p[0] == '+'))
		name = gb_span_sub(name, 1, name.n);
	if (simple->is_name_cut || (simple->is_path && gb_bytes_find_text(name, GB_SPAN("://"), 0) != SIZE_MAX))
		return GB_NAME_UNKNOWN;
	base = gb_span_basename(name);
	if (gb_span_ends(base, GB_SPAN(".exe")) || gb_span_ends(base, GB_SPAN(".com")))
		base.n -= 4;
	kind = simple->has_expansion ? gb_detect_command_name(base) : base_kind(base);
	/* AC/DC names no program. */
	if (simple->is_path && kind != GB_NAME_UNKNOWN)
		return name.n == base.n || name.p[0] == '/' || name.p[0] == '.' || name.p[0] == '~' ||
		                       name.n - base.n > 4 || gb_bytes_find(name, ':', 0) != SIZE_MAX ||
		                       simple->has_expansion
		               ? GB_NAME_CERTAIN
		               : GB_NAME_UNKNOWN;
	if (simple->is_path && gb_bytes_find_text(name, GB_SPAN("bin/"), 0) != SIZE_MAX)
		return GB_NAME_COMMAND;
	return kind;
}

enum gb_command_name gb_detect_word_kind(struct gb_span word)
{
	struct gb_detect_simple simple;

	if (word.n > GB_SIMPLE_NAME_MAX)
		return GB_NAME_UNKNOWN;
	simple.has_braces = simple.is_name_cut = simple.has_expansion = false;
	simple.is_path = gb_bytes_find(word, '/', 0) != SIZE_MAX;
	for (simple.name_n = 0; simple.name_n < word.n; simple.name_n++)
		simple.name[simple.name_n] = (char)gb_ascii_lower(word.p[simple.name_n]);
	return gb_detect_simple_kind(&simple);
}

/* /b?n/c*t, not **.ts or *.txt: a glob that stands for letters of a program's path. */
static bool is_glob_of_letters(struct gb_span name)
{
	return gb_bytes_find_text(name, GB_SPAN("**"), 0) == SIZE_MAX && gb_bytes_find(name, '.', 0) == SIZE_MAX &&
	       gb_bytes_find(name, '/', 1) != SIZE_MAX && name.p[name.n - 1] != '/';
}

/* Ways to write a command word that nobody uses but to hide it. */
bool gb_detect_is_disguised(const struct gb_detect_simple *simple, enum gb_command_name kind)
{
	if (kind == GB_NAME_UNKNOWN)
		return simple->has_glob && simple->is_path && simple->name_n > 4 && simple->name[0] == '/' &&
		       is_glob_of_letters(gb_span_of(simple->name, simple->name_n));
	return (simple->has_quotes && simple->pieces > 1) || (simple->has_escapes && simple->name_n > 1) ||
	       simple->has_braces || (simple->has_glob && simple->is_path) ||
	       (simple->has_expansion && simple->name_n > 1);
}

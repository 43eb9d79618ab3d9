/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/expression.h"

#include "base/text.h"
#include "policyc/template.h"

#include <errno.h>
#include <stdlib.h>

/* What the places of policy/hole.h take in shell text. */
#define INERT   "A-Za-z0-9_.,:@%+=\\x80-\\xff-"
#define NO_DOT  "A-Za-z0-9_,:@%+=\\x80-\\xff-"
#define NO_DASH "A-Za-z0-9_,:@%+=\\x80-\\xff"
/* A segment of a path, but for "..". */
#define SEGMENT "(?:[" NO_DOT "][" INERT "]*|\\.(?:[" NO_DOT "][" INERT "]*)?|\\.\\.[" INERT "]+)"
#define FIRST   "(?:[" NO_DASH "][" INERT "]*|\\.(?:[" NO_DOT "][" INERT "]*)?|\\.\\.[" INERT "]+)"

static const char *const hole_regexes[_GB_BLOB_CHUNK_MAX] = {
        [GB_BLOB_CHUNK_WORD] = "[A-Za-z0-9_\\x80-\\xff][" INERT "]*",
        [GB_BLOB_CHUNK_NUMBER] = "[+-]?[0-9]+(?:\\.[0-9]+)?",
        [GB_BLOB_CHUNK_PATH] = "(?:" FIRST "(?:/" SEGMENT "?)*|(?:/" SEGMENT "?)+)",
        [GB_BLOB_CHUNK_URL] = "[hH][tT][tT][pP][sS]?://[" INERT "/?#~]+",
};

#define REGEX_BYTES_MAX 16384u

static void add_escaped(struct gb_text *out, struct gb_span literal)
{
	for (size_t i = 0; i < literal.n; i++) {
		unsigned char c = literal.p[i];

		if (c < 0x80 && !gb_ascii_is_alpha(c) && !gb_ascii_is_digit(c) && c > ' ')
			gb_text_add_byte(out, '\\');
		gb_text_add_byte(out, c);
	}
}

static int parse(
        struct gb_arena *arena, const struct gb_text *text, struct gb_regex_node **ret_node, struct gb_diag *diag)
{
	if (text->truncated)
		return gb_diag_set(diag, -EINVAL, 0, 0, "a pattern is too long for a regular expression beside it");
	return gb_regex_parse(arena, gb_text_span(text), ret_node, diag);
}

int gb_policyc_tree_of_glob(
        struct gb_arena *arena, struct gb_span glob, struct gb_regex_node **ret_node, struct gb_diag *diag)
{
	char *buffer = gb_arena_take(arena, REGEX_BYTES_MAX);
	struct gb_text text;

	if (buffer == NULL)
		return -ENOMEM;
	text = gb_text_on(buffer, REGEX_BYTES_MAX);
	for (size_t i = 0; i < glob.n; i++) {
		struct gb_span rest = gb_span_sub(glob, i, SIZE_MAX);

		if (gb_span_starts(rest, GB_SPAN("/**/"))) {
			gb_text_add_cstr(&text, "/(?:.*/)?");
			i += 3;
		} else if (gb_span_starts(rest, GB_SPAN("**"))) {
			gb_text_add_cstr(&text, ".*");
			i++;
		} else if (glob.p[i] == '*') {
			gb_text_add_cstr(&text, "[^/\\n]*");
		} else {
			add_escaped(&text, gb_span_sub(rest, 0, 1));
		}
	}
	return parse(arena, &text, ret_node, diag);
}

int gb_policyc_tree_of_command(struct gb_arena *arena, const struct gb_policyc_pattern *command,
        struct gb_regex_node **ret_node, struct gb_diag *diag)
{
	struct gb_policyc_template *template;
	struct gb_text text;
	char *buffer;
	int r;

	if (command->kind == GB_POLICYC_REGEX)
		return gb_regex_parse(arena, gb_span_cstr(command->text), ret_node, diag);
	template = gb_arena_take(arena, sizeof(*template));
	buffer = gb_arena_take(arena, REGEX_BYTES_MAX);
	if (template == NULL || buffer == NULL)
		return -ENOMEM;
	r = gb_policyc_template_parse(gb_span_cstr(command->text), true, template, diag);
	if (r < 0)
		return r;
	text = gb_text_on(buffer, REGEX_BYTES_MAX);
	for (size_t i = 0; i < template->chunk_count; i++) {
		const struct gb_policyc_chunk *chunk = &template->chunks[i];

		if (chunk->kind == GB_BLOB_CHUNK_LITERAL)
			add_escaped(&text, gb_span_of(template->bytes + chunk->from, chunk->length));
		else
			gb_text_add_cstr(&text, hole_regexes[chunk->kind]);
	}
	return parse(arena, &text, ret_node, diag);
}

/* PATTERN (text NULL: any) and, unless it is the last part, a line feed behind it, at the end of SEQUENCE. */
static int add_part(struct gb_arena *arena, struct gb_regex_node *sequence, struct gb_policyc_pattern pattern,
        bool is_last, struct gb_diag *diag)
{
	struct gb_span text = pattern.text == NULL ? GB_SPAN("**") : gb_span_cstr(pattern.text);
	struct gb_regex_node *node = NULL, *feed;
	int r;

	if (pattern.text != NULL && pattern.kind == GB_POLICYC_REGEX)
		r = gb_regex_parse(arena, text, &node, diag);
	else
		r = gb_policyc_tree_of_glob(arena, text, &node, diag);
	if (r < 0)
		return r;
	gb_regex_node_append(sequence, node);
	if (is_last)
		return 0;
	feed = gb_regex_node_byte(arena, '\n');
	if (feed == NULL)
		return -ENOMEM;
	gb_regex_node_append(sequence, feed);
	return 0;
}

int gb_policyc_tree_of_request(struct gb_arena *arena, const struct gb_policyc_http *request,
        struct gb_regex_node **ret_node, struct gb_diag *diag)
{
	struct gb_regex_node *sequence = gb_regex_node_new(arena, GB_REGEX_SEQUENCE);
	int r;

	if (sequence == NULL)
		return -ENOMEM;
	r = add_part(arena, sequence, (struct gb_policyc_pattern){.text = request->method}, false, diag);
	if (r == 0)
		r = add_part(arena, sequence, request->host, false, diag);
	if (r == 0)
		r = add_part(arena, sequence, request->path, true, diag);
	*ret_node = sequence;
	return r;
}

static bool is_byte(const struct gb_regex_node *node, unsigned char c)
{
	uint64_t set[4] = {0};

	set[c / 64] = (uint64_t)1 << c % 64;
	return node->kind == GB_REGEX_SET && node->set[0] == set[0] && node->set[1] == set[1] &&
	       node->set[2] == set[2] && node->set[3] == set[3];
}

static bool is_operator(const struct gb_regex_node *node)
{
	return is_byte(node, '|') || is_byte(node, '&') || is_byte(node, ';');
}

/* PART without blanks at its end, when anything is left of it. */
static void add_program(struct gb_regex_node *parts, struct gb_regex_node *part)
{
	struct gb_regex_node *end = NULL;

	for (struct gb_regex_node *node = part->first; node != NULL; node = node->next)
		if (!is_byte(node, ' '))
			end = node;
	if (end == NULL)
		return;
	end->next = NULL;
	part->last = end;
	gb_regex_node_append(parts, part);
}

static int split_sequence(struct gb_arena *arena, struct gb_regex_node *sequence, struct gb_regex_node *parts)
{
	struct gb_regex_node *part = gb_regex_node_new(arena, GB_REGEX_SEQUENCE), *next;

	if (part == NULL)
		return -ENOMEM;
	for (struct gb_regex_node *node = sequence->first; node != NULL; node = next) {
		next = node->next;
		node->next = NULL;
		if (is_operator(node)) {
			add_program(parts, part);
			part = gb_regex_node_new(arena, GB_REGEX_SEQUENCE);
			if (part == NULL)
				return -ENOMEM;
		} else if (part->first != NULL || !is_byte(node, ' ')) {
			gb_regex_node_append(part, node);
		}
	}
	add_program(parts, part);
	return 0;
}

int gb_policyc_add_programs(struct gb_arena *arena, struct gb_regex_node *command, struct gb_regex_node *parts)
{
	struct gb_regex_node *next;
	int r = 0;

	/* A tree that was read is a choice of sequences. */
	for (struct gb_regex_node *sequence = command->first; sequence != NULL && r == 0; sequence = next) {
		next = sequence->next;
		r = split_sequence(arena, sequence, parts);
	}
	return r;
}

struct gb_regex_node *gb_policyc_tree_of_sequence(struct gb_arena *arena, struct gb_regex_node *choice)
{
	struct gb_regex_node *sequence = gb_regex_node_new(arena, GB_REGEX_SEQUENCE);
	struct gb_regex_node *repeat = gb_regex_node_new(arena, GB_REGEX_REPEAT);
	struct gb_regex_node *blank = gb_regex_node_byte(arena, ' ');

	if (sequence == NULL || repeat == NULL || blank == NULL)
		return NULL;
	gb_regex_node_append(sequence, choice);
	gb_regex_node_append(sequence, blank);
	gb_regex_node_append(repeat, sequence);
	repeat->least = 1;
	repeat->most = GB_REGEX_ANY_NUMBER;
	return repeat;
}

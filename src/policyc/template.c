/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/template.h"

#include "policy/hole.h"

#include <errno.h>

static const char *const hole_names[_GB_BLOB_CHUNK_MAX] = {
        [GB_BLOB_CHUNK_LITERAL] = NULL,
        [GB_BLOB_CHUNK_WORD] = "word",
        [GB_BLOB_CHUNK_NUMBER] = "number",
        [GB_BLOB_CHUNK_PATH] = "path",
        [GB_BLOB_CHUNK_URL] = "url",
};

const char *gb_policyc_hole_name(enum gb_blob_chunk_kind kind)
{
	return hole_names[kind];
}

static enum gb_blob_chunk_kind kind_of_name(struct gb_span name)
{
	for (int kind = GB_BLOB_CHUNK_LITERAL + 1; kind < _GB_BLOB_CHUNK_MAX; kind++)
		if (gb_span_equal(name, gb_span_cstr(hole_names[kind])))
			return (enum gb_blob_chunk_kind)kind;
	return GB_BLOB_CHUNK_LITERAL;
}

static int complain(struct gb_diag *diag, struct gb_span text, const char *what)
{
	return gb_diag_set(diag, -EINVAL, 0, 0, "argument '%.*s': %s", (int)(text.n < 80 ? text.n : 80),
	        (const char *)text.p, what);
}

static struct gb_policyc_chunk *chunk_add(struct gb_policyc_template *out, enum gb_blob_chunk_kind kind)
{
	struct gb_policyc_chunk *chunk;

	if (out->chunk_count == GB_POLICYC_CHUNKS_MAX)
		return NULL;
	chunk = &out->chunks[out->chunk_count++];
	*chunk = (struct gb_policyc_chunk){.kind = kind, .from = out->n};
	return chunk;
}

static bool literal_add(struct gb_policyc_template *out, unsigned char c)
{
	struct gb_policyc_chunk *last = out->chunk_count == 0 ? NULL : &out->chunks[out->chunk_count - 1];

	if (last == NULL || last->kind != GB_BLOB_CHUNK_LITERAL)
		last = chunk_add(out, GB_BLOB_CHUNK_LITERAL);
	if (last == NULL || out->n == sizeof(out->bytes))
		return false;
	out->bytes[out->n++] = (char)c;
	last->length++;
	return true;
}

/* The hole that begins at AT, where a '<' is; *ret_end is behind its '>'. In shell text, '<' without a known name in it
 * is a redirection. */
static enum gb_blob_chunk_kind hole_at(struct gb_span text, size_t at, size_t *ret_end)
{
	size_t end = gb_span_find_byte(text, '>', at);

	if (end == SIZE_MAX)
		return GB_BLOB_CHUNK_LITERAL;
	*ret_end = end + 1;
	return kind_of_name(gb_span_sub(text, at + 1, end - at - 1));
}

int gb_policyc_template_parse(
        struct gb_span text, bool is_shell, struct gb_policyc_template *ret_template, struct gb_diag *diag)
{
	struct gb_policyc_template *out = ret_template;

	out->kind = is_shell ? GB_BLOB_ARGUMENT_SHELL : GB_BLOB_ARGUMENT_TEXT;
	out->chunk_count = 0;
	out->n = 0;
	if (!is_shell && gb_span_equal(text, GB_SPAN("*"))) {
		out->kind = GB_BLOB_ARGUMENT_ANY;
		return 0;
	}
	if (!is_shell && gb_span_equal(text, GB_SPAN("**"))) {
		out->kind = GB_BLOB_ARGUMENT_REST;
		return 0;
	}
	for (size_t at = 0; at < text.n; at++) {
		unsigned char c = text.p[at];
		enum gb_blob_chunk_kind kind;
		size_t end = 0;

		if (c == '\\' && at + 1 < text.n &&
		        (text.p[at + 1] == '\\' || text.p[at + 1] == '<' || text.p[at + 1] == '*')) {
			c = text.p[++at];
		} else if (c == '<') {
			kind = hole_at(text, at, &end);
			if (kind == GB_BLOB_CHUNK_LITERAL && !is_shell)
				return complain(diag, text,
				        "unknown place; known are <word> <number> <path> <url>; write '\\<' for a "
				        "plain '<'");
			if (kind != GB_BLOB_CHUNK_LITERAL) {
				if (out->chunk_count != 0 &&
				        out->chunks[out->chunk_count - 1].kind != GB_BLOB_CHUNK_LITERAL)
					return complain(diag, text, "two places touch; put text between them");
				if (chunk_add(out, kind) == NULL)
					return complain(diag, text, "too many places");
				at = end - 1;
				continue;
			}
		}
		if (!literal_add(out, c))
			return complain(diag, text, "too long");
	}
	return 0;
}

void gb_policyc_template_escape(struct gb_span literal, bool is_whole, struct gb_text *out)
{
	for (size_t i = 0; i < literal.n; i++) {
		unsigned char c = literal.p[i];

		if (c == '\\' || c == '<' || (c == '*' && is_whole && literal.n <= 2))
			gb_text_add_byte(out, '\\');
		gb_text_add_byte(out, c);
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/typed.h"

#include "policyc/template.h"

/* A bare word may be a subcommand: a few samples do not make it variable. */
#define BARE_WORDS_MIN 4u
#define FREE_MIN       4u

static bool is_boundary(unsigned char c)
{
	return c == '/' || c == '.' || c == '_' || c == '=' || c == ':' || c == ',' || c == '@' || c == '-';
}

static bool all_fit(const struct gb_span *values, size_t count, size_t head, size_t tail, enum gb_blob_chunk_kind kind,
        enum gb_hole_place place)
{
	for (size_t i = 0; i < count; i++) {
		if (values[i].n < head + tail ||
		        !gb_policy_hole_fits(kind, place, gb_span_sub(values[i], head, values[i].n - head - tail)))
			return false;
	}
	return true;
}

/* What all values begin with, back to a boundary. */
static size_t head_of(const struct gb_span *values, size_t count)
{
	size_t n = values[0].n;

	for (size_t i = 1; i < count; i++) {
		size_t same = 0;

		while (same < n && same < values[i].n && values[0].p[same] == values[i].p[same])
			same++;
		n = same;
	}
	while (n > 0 && !is_boundary(values[0].p[n - 1]))
		n--;
	return n;
}

/* What all values end with, from a boundary on, HEAD not touched. */
static size_t tail_of(const struct gb_span *values, size_t count, size_t head)
{
	size_t n = values[0].n - head;

	for (size_t i = 1; i < count; i++) {
		size_t same = 0;

		while (same < n && same < values[i].n - head &&
		        values[0].p[values[0].n - 1 - same] == values[i].p[values[i].n - 1 - same])
			same++;
		n = same;
	}
	while (n > 0 && !is_boundary(values[0].p[values[0].n - n]))
		n--;
	return n;
}

static void write_template(
        struct gb_span value, size_t head, size_t tail, enum gb_blob_chunk_kind kind, struct gb_text *out)
{
	gb_policyc_template_escape(gb_span_sub(value, 0, head), false, out);
	gb_text_add_byte(out, '<');
	gb_text_add_cstr(out, gb_policyc_hole_name(kind));
	gb_text_add_byte(out, '>');
	gb_policyc_template_escape(gb_span_sub(value, value.n - tail, tail), false, out);
}

struct gb_learn_class gb_learn_class(struct gb_span value, enum gb_hole_place place)
{
	static const enum gb_blob_chunk_kind kinds[] = {
	        GB_BLOB_CHUNK_URL, GB_BLOB_CHUNK_NUMBER, GB_BLOB_CHUNK_WORD, GB_BLOB_CHUNK_PATH};
	struct gb_learn_class class = {0};

	/* A number below nothing is one like others. */
	if (value.n != 0 && value.p[0] == '-' && gb_policy_hole_fits(GB_BLOB_CHUNK_NUMBER, place, value))
		value = gb_span_sub(value, 1, SIZE_MAX);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		class.holes |= gb_policy_hole_fits(kinds[i], place, value) ? 1u << kinds[i] : 0;
	if (value.n != 0 && value.p[0] == '/')
		class.folder = gb_span_sub(value, 0, gb_span_find_byte(value, '/', 1));
	return class;
}

unsigned char gb_learn_kind(struct gb_span value)
{
	if (value.n == 0 || gb_policy_hole_fits(GB_BLOB_CHUNK_NUMBER, GB_HOLE_IN_ARGUMENT, value))
		return 0;
	return value.p[0] == '-' || value.p[0] == '/' ? value.p[0] : 0;
}

struct gb_span gb_learn_ending(struct gb_span value)
{
	struct gb_span name = gb_span_basename(value);

	return gb_span_sub(name, gb_span_find_last_byte(name, '.'), SIZE_MAX);
}

struct gb_span gb_learn_beginning(struct gb_span value)
{
	size_t n = value.n;

	while (n > 0 && !is_boundary(value.p[n - 1]))
		n--;
	return gb_span_sub(value, 0, n);
}

static bool all_relative(const struct gb_span *values, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (values[i].n == 0 || values[i].p[0] == '/')
			return false;
	return true;
}

bool gb_learn_typed(const struct gb_span *values, size_t count, enum gb_hole_place place, enum gb_learn_freedom freedom,
        struct gb_text *out)
{
	size_t head, tail;

	if (freedom == GB_LEARN_FIXED)
		return false;
	if (all_fit(values, count, 0, 0, GB_BLOB_CHUNK_URL, place)) {
		write_template(values[0], 0, 0, GB_BLOB_CHUNK_URL, out);
		return true;
	}
	if (all_fit(values, count, 0, 0, GB_BLOB_CHUNK_NUMBER, place)) {
		write_template(values[0], 0, 0, GB_BLOB_CHUNK_NUMBER, out);
		return true;
	}
	head = head_of(values, count);
	tail = tail_of(values, count, head);
	/* A place that is only a piece of a word of one letter more or less says little; one between fixed ends does. */
	if ((head != 0 || tail != 0 || count >= BARE_WORDS_MIN) &&
	        all_fit(values, count, head, tail, GB_BLOB_CHUNK_WORD, place)) {
		write_template(values[0], head, tail, GB_BLOB_CHUNK_WORD, out);
		return true;
	}
	/* Never across a directory of the root: two files of /tmp and of /etc stay two files. */
	if (((head > 1 && values[0].p[0] == '/' &&
	             gb_span_find_byte(gb_span_sub(values[0], 0, head), '/', 1) != SIZE_MAX) ||
	            (head == 0 && all_relative(values, count)) || (head > 0 && values[0].p[0] != '/')) &&
	        all_fit(values, count, head, tail, GB_BLOB_CHUNK_PATH, place) &&
	        !(head == 0 && count < BARE_WORDS_MIN)) {
		write_template(values[0], head, tail, GB_BLOB_CHUNK_PATH, out);
		return true;
	}
	if (freedom != GB_LEARN_FREE || count < FREE_MIN || head == 1)
		return false;
	for (size_t i = 0; i < count; i++)
		if (gb_learn_kind(values[i]) != 0)
			return false;
	gb_text_add_byte(out, '*');
	return true;
}

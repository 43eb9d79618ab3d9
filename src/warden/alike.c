/* SPDX-License-Identifier: Apache-2.0 */
/*
 * warden/alike: observations that differ in what is made up while a function runs are counted as one, or a table of any
 * size would be full one day. What the learner makes one thing of by a single sample (docs/LEARNING.md) is one from the
 * beginning; of what takes more samples, enough are told one by one first.
 */
#include "warden/state.h"

#include "activity/made_up.h"

#define PATH_ROOM (GB_RING_TEXT_BYTES + 16u)

static uint64_t begin(const struct gb_warden *warden, const struct gb_ring_record *record, uint8_t form)
{
	uint64_t hash = gb_span_hash_more(warden->observing.salt, gb_span_of(&record->kind, sizeof(record->kind)));

	/* What is cut is another thing than the whole that begins alike. */
	hash = gb_span_hash_more(hash, gb_span_of(&record->is_cut, sizeof(record->is_cut)));
	return gb_span_hash_more(hash, gb_span_of(&form, sizeof(form)));
}

/* Lengths stand in front, so that no two different texts are one. */
static uint64_t add(uint64_t hash, struct gb_span s)
{
	return gb_span_hash_more(gb_span_hash_more(hash, gb_span_of(&s.n, sizeof(s.n))), s);
}

static uint64_t end(uint64_t hash)
{
	return hash == 0 ? 1 : hash;
}

uint64_t warden_alike_exact(const struct gb_warden *warden, const struct gb_ring_record *record)
{
	uint64_t hash = begin(warden, record, 0);

	hash = add(hash, gb_ring_subject(record));
	hash = add(hash, gb_ring_object(record));
	return end(add(hash, gb_ring_arguments(record)));
}

static uint64_t add_template(uint64_t hash, struct gb_span path, bool *ret_is_sure)
{
	char buffer[PATH_ROOM];
	struct gb_text text = gb_text_on(buffer, sizeof(buffer));
	bool is_sure = false;

	gb_made_up_path(path, gb_made_up_folder(path), &text, &is_sure);
	*ret_is_sure = *ret_is_sure || is_sure;
	return add(hash, is_sure ? gb_text_span(&text) : path);
}

uint64_t warden_alike_pattern(const struct gb_warden *warden, const struct gb_ring_record *record)
{
	enum gb_activity_kind kind = (enum gb_activity_kind)record->kind;
	struct gb_span subject = gb_ring_subject(record), object = gb_ring_object(record);
	uint64_t hash = begin(warden, record, 1);
	bool has_two = gb_made_up_is_two_files(kind), is_sure = false;

	/* A star in a name could be taken for that of a pattern. */
	if (record->is_cut != 0 || (!has_two && !gb_made_up_is_file(kind)) ||
	        gb_span_find_byte(subject, '*', 0) != SIZE_MAX || gb_span_find_byte(object, '*', 0) != SIZE_MAX)
		return 0;
	hash = add_template(hash, subject, &is_sure);
	hash = has_two ? add_template(hash, object, &is_sure) : add(hash, object);
	return is_sure ? end(hash) : 0;
}

/* S, whose first FROM bytes count as they are. */
static uint64_t add_mask(uint64_t hash, struct gb_span s, size_t from, bool *ret_is_masked)
{
	char buffer[GB_RING_TEXT_BYTES];
	struct gb_text text = gb_text_on(buffer, sizeof(buffer));

	if (from >= s.n)
		return add(hash, s);
	gb_text_add(&text, gb_span_sub(s, 0, from));
	gb_made_up_mask(gb_span_sub(s, from, SIZE_MAX), &text);
	*ret_is_masked = *ret_is_masked || !gb_span_equal(gb_text_span(&text), s);
	return add(hash, gb_text_span(&text));
}

static bool has_paths(enum gb_activity_kind kind)
{
	return gb_made_up_is_file(kind) || gb_made_up_is_two_files(kind);
}

uint64_t warden_alike_shape(const struct gb_warden *warden, const struct gb_ring_record *record)
{
	enum gb_activity_kind kind = (enum gb_activity_kind)record->kind;
	struct gb_span subject = gb_ring_subject(record), object = gb_ring_object(record);
	uint64_t hash = begin(warden, record, 2);
	bool is_masked = false;

	/* A program is what it is, and so is a file where nobody makes up names. */
	hash = add_mask(hash, subject,
	        has_paths(kind)                     ? gb_made_up_folder(subject)
	        : kind == GB_ACTIVITY_PROCESS_START ? SIZE_MAX
	                                            : 0,
	        &is_masked);
	hash = add_mask(hash, object, has_paths(kind) ? gb_made_up_folder(object) : 0, &is_masked);
	hash = add_mask(hash, gb_ring_arguments(record), 0, &is_masked);
	return is_masked ? end(hash) : 0;
}

/* How a name begins: up to the last '-', '_' or '.' in its first half, or its first three bytes. */
static size_t head_of(struct gb_span name)
{
	for (size_t at = name.n / 2; at > 0; at--)
		if (gb_span_find_byte(GB_SPAN("-_."), name.p[at - 1], 0) != SIZE_MAX)
			return at;
	return name.n < 3 ? name.n : 3;
}

uint64_t warden_alike_folder(const struct gb_warden *warden, const struct gb_ring_record *record)
{
	enum gb_activity_kind kind = (enum gb_activity_kind)record->kind;
	struct gb_span subject = gb_ring_subject(record), name = gb_span_basename(subject);
	size_t head = head_of(name), dot = gb_span_find_last_byte(name, '.');
	uint64_t hash = begin(warden, record, 3);

	if (!gb_made_up_is_file(kind) || gb_made_up_folder(subject) == SIZE_MAX)
		return 0;
	hash = add(hash, gb_span_sub(subject, 0, subject.n - name.n));
	hash = add(hash, gb_span_sub(name, 0, head));
	return end(add(hash, dot == SIZE_MAX || dot < head ? GB_SPAN_EMPTY : gb_span_sub(name, dot, SIZE_MAX)));
}

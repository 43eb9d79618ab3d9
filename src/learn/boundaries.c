/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/ranges.h"

#include "policy/set.h"

#include <errno.h>

/* Made of data/boundaries.txt. */
extern const char gb_boundaries_text[];
extern const size_t gb_boundaries_text_bytes;

static int add_span(
        struct gb_boundaries *boundaries, struct gb_span **items, size_t *count, size_t *cap, struct gb_span word)
{
	int r = gb_arena_grow(boundaries->arena, items, *count, cap, sizeof(**items));

	if (r == 0)
		(*items)[(*count)++] = gb_profile_copy(boundaries->arena, word, &r);
	return r;
}

static int add_never(struct gb_boundaries *boundaries, struct gb_span kind_name, struct gb_span pattern)
{
	struct gb_boundary_never never = {.kind = gb_activity_kind_of_name(kind_name)};
	int r = 0;

	if (never.kind == GB_ACTIVITY_NONE && !gb_span_equal(kind_name, GB_SPAN("any")))
		return -EINVAL;
	if (never.kind == GB_ACTIVITY_NONE && pattern.n == 0)
		return -EINVAL;
	never.pattern = gb_profile_copy(boundaries->arena, pattern, &r);
	if (r == 0)
		r = gb_arena_grow(boundaries->arena, &boundaries->never, boundaries->never_count,
		        &boundaries->never_cap, sizeof(*boundaries->never));
	if (r == 0)
		boundaries->never[boundaries->never_count++] = never;
	return r;
}

static int add_block(struct gb_boundaries *boundaries, struct gb_span word)
{
	struct gb_boundary_block block;
	int r;

	if (!gb_learn_block_parse(word, &block))
		return -EINVAL;
	r = gb_arena_grow(boundaries->arena, &boundaries->blocks, boundaries->block_count, &boundaries->block_cap,
	        sizeof(*boundaries->blocks));
	if (r == 0)
		boundaries->blocks[boundaries->block_count++] = block;
	return r;
}

static bool is_folder(struct gb_span word)
{
	return word.n > 1 && word.p[0] == '/' && word.p[word.n - 1] == '/';
}

/* -EINVAL: no such word, or not what belongs behind it. */
static int add_words(struct gb_boundaries *b, struct gb_span word, struct gb_span first, struct gb_span second)
{
	if (gb_span_equal(word, GB_SPAN("never")))
		return add_never(b, first, second);
	if (first.n == 0 || second.n != 0)
		return -EINVAL;
	if (gb_span_equal(word, GB_SPAN("vary")))
		return is_folder(first) ? add_span(b, &b->vary, &b->vary_count, &b->vary_cap, first) : -EINVAL;
	if (gb_span_equal(word, GB_SPAN("package")))
		return is_folder(first) ? add_span(b, &b->packages, &b->package_count, &b->package_cap, first)
		                        : -EINVAL;
	if (gb_span_equal(word, GB_SPAN("host")))
		return add_span(b, &b->hosts, &b->host_count, &b->host_cap, first);
	if (gb_span_equal(word, GB_SPAN("shared")))
		return add_span(b, &b->shared, &b->shared_count, &b->shared_cap, first);
	return gb_span_equal(word, GB_SPAN("network")) ? add_block(b, first) : -EINVAL;
}

static int parse_line(struct gb_boundaries *boundaries, struct gb_span line, uint32_t number, struct gb_diag *diag)
{
	struct gb_span rest = gb_span_sub(line, 0, gb_span_find_byte(line, '#', 0));
	struct gb_span word = gb_span_take_word(&rest), first = gb_span_take_word(&rest),
	               second = gb_span_take_word(&rest);
	int r;

	if (word.n == 0)
		return 0;
	r = gb_span_trim(rest).n != 0 ? -EINVAL : add_words(boundaries, word, first, second);
	if (r == -EINVAL)
		return gb_diag_set(diag, r, number, 1,
		        "'%.*s' is no boundary; wanted: vary FOLDER/, package FOLDER/, never KIND [PATTERN], host "
		        "NAME, address BLOCK "
		        "or "
		        "shared SERVICE",
		        (int)(line.n < 60 ? line.n : 60), (const char *)line.p);
	return r;
}

int gb_boundaries_parse(struct gb_span text, struct gb_boundaries **ret_boundaries, struct gb_diag *diag)
{
	struct gb_arena *arena = gb_arena_new();
	struct gb_boundaries *boundaries = arena == NULL ? NULL : gb_arena_take(arena, sizeof(*boundaries));
	uint32_t number = 1;
	int r = 0;

	if (boundaries == NULL) {
		gb_arena_free(arena);
		return -ENOMEM;
	}
	boundaries->arena = arena;
	while (text.n > 0 && r == 0) {
		size_t end = gb_span_find_byte(text, '\n', 0);

		r = parse_line(boundaries, gb_span_sub(text, 0, end), number++, diag);
		text = gb_span_sub(text, end == SIZE_MAX ? text.n : end + 1, SIZE_MAX);
	}
	if (r < 0) {
		gb_boundaries_free(boundaries);
		return r;
	}
	*ret_boundaries = boundaries;
	return 0;
}

struct gb_boundaries *gb_boundaries_new(void)
{
	struct gb_boundaries *boundaries = NULL;

	return gb_boundaries_parse(gb_span_of(gb_boundaries_text, gb_boundaries_text_bytes), &boundaries, NULL) < 0
	               ? NULL
	               : boundaries;
}

void gb_boundaries_free(struct gb_boundaries *boundaries)
{
	if (boundaries != NULL)
		gb_arena_free(boundaries->arena);
}

size_t gb_boundaries_vary(const struct gb_boundaries *boundaries, struct gb_span path)
{
	for (size_t i = 0; i < boundaries->vary_count; i++)
		if (gb_span_starts(path, boundaries->vary[i]))
			return boundaries->vary[i].n;
	return SIZE_MAX;
}

bool gb_boundaries_never_of(const struct gb_boundaries *boundaries, enum gb_activity_kind kind, struct gb_span subject,
        struct gb_span object)
{
	for (size_t i = 0; i < boundaries->never_count; i++) {
		const struct gb_boundary_never *never = &boundaries->never[i];

		if (never->kind != GB_ACTIVITY_NONE && never->kind != kind)
			continue;
		if (never->pattern.n == 0 || gb_policy_glob_matches(never->pattern, subject) ||
		        (object.n != 0 && gb_policy_glob_matches(never->pattern, object)))
			return true;
	}
	return false;
}

bool gb_boundaries_never(const struct gb_boundaries *boundaries, const struct gb_profile_item *item)
{
	return gb_boundaries_never_of(boundaries, item->kind, item->subject, item->object);
}

bool gb_boundaries_host(const struct gb_boundaries *boundaries, struct gb_span name)
{
	/* A name of one part is a registry. */
	if (gb_span_find_byte(name, '.', 0) == SIZE_MAX)
		return true;
	for (size_t i = 0; i < boundaries->host_count; i++) {
		struct gb_span host = boundaries->hosts[i];

		if (gb_span_ends(name, host) && (name.n == host.n || name.p[name.n - host.n - 1] == '.'))
			return true;
	}
	return false;
}

bool gb_boundaries_network(const struct gb_boundaries *boundaries, const unsigned char ip[16])
{
	for (size_t i = 0; i < boundaries->block_count; i++)
		if (gb_learn_block_holds(&boundaries->blocks[i], ip))
			return true;
	return false;
}

bool gb_boundaries_shared(const struct gb_boundaries *boundaries, struct gb_span service)
{
	for (size_t i = 0; i < boundaries->shared_count; i++)
		if (gb_span_equal(boundaries->shared[i], service))
			return true;
	return false;
}

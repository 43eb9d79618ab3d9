/* SPDX-License-Identifier: Apache-2.0 */
/* Which rule or exclusion an entry comes from, why it is there, and until when. */
#include "policyc/emit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int string_compare(const char *a, const char *b)
{
	return strcmp(a == NULL ? "" : a, b == NULL ? "" : b);
}

static int tag_compare(const void *left, const void *right)
{
	const struct gb_policyc_tag_of *a = left, *b = right;
	int order = string_compare(a->name, b->name);

	if (order == 0)
		order = string_compare(a->reason, b->reason);
	return order != 0 ? order : (a->until > b->until) - (a->until < b->until);
}

uint32_t gb_policyc_emit_second(int64_t moment)
{
	if (moment < 0)
		return 1;
	return moment > UINT32_MAX ? UINT32_MAX : (uint32_t)moment;
}

static struct gb_policyc_tag_of tag_of(const struct gb_policyc_entry *entry)
{
	return (struct gb_policyc_tag_of){
	        .name = entry->name, .reason = entry->reason, .until = gb_policyc_emit_second(entry->expires)};
}

static bool is_empty(const struct gb_policyc_tag_of *tag)
{
	return tag->name == NULL && tag->reason == NULL && tag->until == 0;
}

int gb_policyc_emit_note_tag(struct gb_policyc_emitter *emitter, const struct gb_policyc_entry *entry)
{
	struct gb_policyc_tag_of tag = tag_of(entry);

	if (is_empty(&tag))
		return 0;
	if (gb_arena_grow(emitter->arena, &emitter->tag_list, emitter->tag_count, &emitter->tag_cap,
	            sizeof(*emitter->tag_list)) < 0)
		return -ENOMEM;
	emitter->tag_list[emitter->tag_count++] = tag;
	return 0;
}

static struct gb_blob_text text_of(struct gb_policyc_emitter *emitter, const char *s)
{
	return s == NULL ? (struct gb_blob_text){0, 0} : gb_policyc_emit_text(emitter, gb_span_cstr(s));
}

int gb_policyc_emit_tags(struct gb_policyc_emitter *emitter)
{
	struct gb_policyc_tag_of *tags = emitter->tag_list;
	size_t kept = 0;

	if (emitter->tag_count == 0)
		return 0;
	qsort(tags, emitter->tag_count, sizeof(*tags), tag_compare);
	for (size_t i = 1; i < emitter->tag_count; i++)
		if (tag_compare(&tags[i], &tags[kept]) != 0)
			tags[++kept] = tags[i];
	emitter->tag_count = kept + 1;
	if (emitter->tag_count > UINT16_MAX)
		return -EFBIG;
	for (size_t i = 0; i < emitter->tag_count; i++) {
		struct gb_blob_tag out = {.name = text_of(emitter, tags[i].name),
		        .reason = text_of(emitter, tags[i].reason),
		        .until = tags[i].until};

		gb_policyc_buffer_add(&emitter->tags, &out, sizeof(out));
	}
	return 0;
}

uint16_t gb_policyc_emit_tag(const struct gb_policyc_emitter *emitter, const struct gb_policyc_entry *entry)
{
	struct gb_policyc_tag_of tag, *found;

	if (entry == NULL)
		return 0;
	tag = tag_of(entry);
	if (is_empty(&tag))
		return 0;
	found = bsearch(&tag, emitter->tag_list, emitter->tag_count, sizeof(tag), tag_compare);
	return found == NULL ? 0 : (uint16_t)(found - emitter->tag_list + 1);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The allowlist, the rules, the exclusions. */
#include "policyc/emit.h"

#include "policyc/template.h"

#include <errno.h>
#include <string.h>

/* How far a short text is looked for among those that stand there already, so that a large policy compiles fast too. */
#define TEXT_SHARED_BYTES 32768u

/* A short text that stands there already is used again: words and executables repeat. */
struct gb_blob_text gb_policyc_emit_text(struct gb_policyc_emitter *emitter, struct gb_span s)
{
	struct gb_span have = gb_span_sub(gb_span_of(emitter->text.p, emitter->text.n), 0, TEXT_SHARED_BYTES);
	size_t at = s.n == 0 || s.n > 64 ? SIZE_MAX : gb_span_find(have, s, 0);

	if (s.n == 0)
		return (struct gb_blob_text){0, 0};
	if (at == SIZE_MAX) {
		at = emitter->text.n;
		gb_policyc_buffer_add(&emitter->text, s.p, s.n);
	}
	return (struct gb_blob_text){(uint32_t)at, (uint32_t)s.n};
}

static struct gb_blob_part patterns_emit(struct gb_policyc_emitter *emitter, const struct gb_policyc_items *list)
{
	struct gb_blob_part part = {gb_policyc_body_offset(&emitter->body), (uint32_t)list->count};

	for (size_t i = 0; i < list->count; i++) {
		struct gb_blob_pattern pattern = {
		        .text = gb_policyc_emit_text(emitter, list->items[i].key),
		        .literal_n = (uint16_t)list->items[i].literal_n,
		        .tag = gb_policyc_emit_tag(emitter, list->items[i].entry),
		};

		gb_policyc_buffer_add(&emitter->body, &pattern, sizeof(pattern));
	}
	return part;
}

static int set_emit(
        struct gb_policyc_emitter *emitter, const struct gb_policyc_items *list, struct gb_blob_set *ret_set)
{
	if (list->count > UINT16_MAX)
		return -EFBIG;
	ret_set->patterns = patterns_emit(emitter, list);
	if (emitter->body.failed < 0)
		return emitter->body.failed;
	return gb_policyc_emit_nodes(emitter->arena, &emitter->body, list, ret_set->patterns.offset, &ret_set->nodes);
}

static int argument_emit(struct gb_policyc_emitter *emitter, const struct gb_policyc_argument *argument)
{
	struct gb_policyc_template template;
	struct gb_blob_argument out;
	int r = gb_policyc_template_parse(gb_span_cstr(argument->text), argument->is_shell, &template, NULL);

	if (r < 0)
		return r;
	out = (struct gb_blob_argument){
	        .kind = template.kind,
	        .first_chunk = (uint32_t)(emitter->chunks.n / sizeof(struct gb_blob_chunk)),
	        .chunk_count = (uint32_t) template.chunk_count,
	};
	for (size_t i = 0; i < template.chunk_count; i++) {
		struct gb_blob_chunk chunk = {.kind = template.chunks[i].kind};

		if (chunk.kind == GB_BLOB_CHUNK_LITERAL)
			chunk.text = gb_policyc_emit_text(emitter,
			        gb_span_of(template.bytes + template.chunks[i].from, template.chunks[i].length));
		gb_policyc_buffer_add(&emitter->chunks, &chunk, sizeof(chunk));
	}
	gb_policyc_buffer_add(&emitter->arguments, &out, sizeof(out));
	return 0;
}

static int processes_emit(
        struct gb_policyc_emitter *emitter, const struct gb_policyc_items *list, struct gb_blob_part *ret_part)
{
	*ret_part = (struct gb_blob_part){gb_policyc_body_offset(&emitter->body), (uint32_t)list->count};
	for (size_t i = 0; i < list->count; i++) {
		const struct gb_policyc_process *process = list->items[i].process;
		struct gb_blob_process out = {
		        .executable = gb_policyc_emit_text(emitter, gb_span_cstr(process->executable)),
		        .name = gb_policyc_emit_text(emitter, gb_span_cstr(process->name)),
		        .first_argument = (uint32_t)(emitter->arguments.n / sizeof(struct gb_blob_argument)),
		        .argument_count = (uint32_t)process->argument_count,
		        .tag = gb_policyc_emit_tag(emitter, list->items[i].entry),
		};

		for (size_t a = 0; a < process->argument_count; a++) {
			int r = argument_emit(emitter, &process->arguments[a]);

			if (r < 0)
				return r;
		}
		gb_policyc_buffer_add(&emitter->body, &out, sizeof(out));
	}
	return 0;
}

static struct gb_blob_part addresses_emit(struct gb_policyc_emitter *emitter, const struct gb_policyc_items *list)
{
	struct gb_blob_part part = {gb_policyc_body_offset(&emitter->body), (uint32_t)list->count};

	for (size_t i = 0; i < list->count; i++) {
		struct gb_blob_address address = list->items[i].address;

		address.tag = gb_policyc_emit_tag(emitter, list->items[i].entry);
		gb_policyc_buffer_add(&emitter->body, &address, sizeof(address));
	}
	return part;
}

static void kinds_emit(
        struct gb_policyc_emitter *emitter, const struct gb_policyc_flat *flat, struct gb_blob_list *ret_list)
{
	ret_list->kinds = flat->kinds;
	ret_list->kind_tags = (struct gb_blob_part){gb_policyc_body_offset(&emitter->body), 0};
	for (uint32_t kind = 0; kind < _GB_ACTIVITY_KIND_MAX; kind++) {
		struct gb_blob_kind out = {kind, gb_policyc_emit_tag(emitter, flat->kind_entries[kind])};

		if (out.tag == 0)
			continue;
		gb_policyc_buffer_add(&emitter->body, &out, sizeof(out));
		ret_list->kind_tags.count++;
	}
}

int gb_policyc_emit_list(
        struct gb_policyc_emitter *emitter, const struct gb_policyc_flat *flat, struct gb_blob_list *ret_list)
{
	int r = 0;

	kinds_emit(emitter, flat, ret_list);
	for (size_t i = 0; i < _GB_BLOB_SET_MAX && r == 0; i++)
		r = set_emit(emitter, &flat->sets[i], &ret_list->sets[i]);
	if (r == 0)
		r = processes_emit(emitter, &flat->processes, &ret_list->processes);
	if (r < 0)
		return r;
	ret_list->addresses = addresses_emit(emitter, &flat->addresses);
	ret_list->hosts = patterns_emit(emitter, &flat->hosts);
	return gb_policyc_emit_expressions(emitter, &flat->expressions, &ret_list->expressions);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/policyc.h"

#include "policyc/arena.h"
#include "policyc/emit.h"
#include "policyc/guards.h"
#include "policyc/template.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The blob is header, body, tags, arguments, chunks, text. Body: sets, processes, addresses and hosts of all lists. */
struct emitter {
	struct gb_policyc_arena *arena;
	struct gb_policyc_buffer body, tags, arguments, chunks, text, own;
	const char **tag_names;
	size_t tag_count, tag_cap;
	struct gb_blob_header header;
};

void gb_policyc_buffer_add(struct gb_policyc_buffer *buffer, const void *bytes, size_t n)
{
	if (buffer->failed < 0)
		return;
	/* Twice the limit in any part is too much in all. */
	if (n > 2 * GB_BLOB_BYTES_MAX || buffer->n > 2 * GB_BLOB_BYTES_MAX) {
		buffer->failed = -EFBIG;
		return;
	}
	if (n > buffer->cap - buffer->n) {
		size_t cap = (buffer->cap + n) * 2;
		unsigned char *grown = realloc(buffer->p, cap);

		if (grown == NULL) {
			buffer->failed = -ENOMEM;
			return;
		}
		buffer->p = grown;
		buffer->cap = cap;
	}
	if (n != 0)
		memcpy(buffer->p + buffer->n, bytes, n);
	buffer->n += n;
}

/* How far a short text is looked for among those that stand there already, so that a large policy compiles fast too. */
#define TEXT_SHARED_BYTES 32768u

/* A short text that stands there already is used again: words and executables repeat. */
static struct gb_blob_text text_add(struct emitter *emitter, struct gb_span s)
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

static uint32_t body_offset(const struct emitter *emitter)
{
	return gb_policyc_body_offset(&emitter->body);
}

/* Names that stand at entries, each once, sorted. */
static int tag_compare(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static int tags_note(struct emitter *emitter, const struct gb_policyc_items *list)
{
	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i].name == NULL)
			continue;
		if (gb_policyc_arena_grow(emitter->arena, &emitter->tag_names, emitter->tag_count, &emitter->tag_cap,
		            sizeof(*emitter->tag_names)) < 0)
			return -ENOMEM;
		emitter->tag_names[emitter->tag_count++] = list->items[i].name;
	}
	return 0;
}

static int tags_note_all(struct emitter *emitter, const struct gb_policyc_flat *flat)
{
	int r = 0;

	for (size_t i = 0; i < _GB_BLOB_FILES_MAX && r == 0; i++)
		r = tags_note(emitter, &flat->files[i]);
	if (r == 0)
		r = tags_note(emitter, &flat->processes);
	if (r == 0)
		r = tags_note(emitter, &flat->addresses);
	return r < 0 ? r : tags_note(emitter, &flat->hosts);
}

static int tags_emit(struct emitter *emitter)
{
	size_t kept = 0;

	if (emitter->tag_count == 0)
		return 0;
	qsort(emitter->tag_names, emitter->tag_count, sizeof(*emitter->tag_names), tag_compare);
	for (size_t i = 1; i < emitter->tag_count; i++)
		if (strcmp(emitter->tag_names[i], emitter->tag_names[kept]) != 0)
			emitter->tag_names[++kept] = emitter->tag_names[i];
	emitter->tag_count = kept + 1;
	if (emitter->tag_count > UINT16_MAX)
		return -EFBIG;
	for (size_t i = 0; i < emitter->tag_count; i++) {
		struct gb_blob_text text = text_add(emitter, gb_span_cstr(emitter->tag_names[i]));

		gb_policyc_buffer_add(&emitter->tags, &text, sizeof(text));
	}
	return 0;
}

static uint16_t tag_of(const struct emitter *emitter, const char *name)
{
	const char **found;

	if (name == NULL)
		return 0;
	found = bsearch(&name, emitter->tag_names, emitter->tag_count, sizeof(name), tag_compare);
	return found == NULL ? 0 : (uint16_t)(found - emitter->tag_names + 1);
}

static struct gb_blob_part patterns_emit(struct emitter *emitter, const struct gb_policyc_items *list)
{
	struct gb_blob_part part = {body_offset(emitter), (uint32_t)list->count};

	for (size_t i = 0; i < list->count; i++) {
		struct gb_blob_pattern pattern = {
		        .text = text_add(emitter, list->items[i].key),
		        .literal_n = (uint16_t)list->items[i].literal_n,
		        .tag = tag_of(emitter, list->items[i].name),
		};

		gb_policyc_buffer_add(&emitter->body, &pattern, sizeof(pattern));
	}
	return part;
}

static int set_emit(struct emitter *emitter, const struct gb_policyc_items *list, struct gb_blob_set *ret_set)
{
	if (list->count > UINT16_MAX)
		return -EFBIG;
	ret_set->patterns = patterns_emit(emitter, list);
	if (emitter->body.failed < 0)
		return emitter->body.failed;
	return gb_policyc_emit_nodes(emitter->arena, &emitter->body, list, ret_set->patterns.offset, &ret_set->nodes);
}

static int argument_emit(struct emitter *emitter, const struct gb_policyc_argument *argument)
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
			chunk.text = text_add(emitter,
			        gb_span_of(template.bytes + template.chunks[i].from, template.chunks[i].length));
		gb_policyc_buffer_add(&emitter->chunks, &chunk, sizeof(chunk));
	}
	gb_policyc_buffer_add(&emitter->arguments, &out, sizeof(out));
	return 0;
}

static int processes_emit(struct emitter *emitter, const struct gb_policyc_items *list, struct gb_blob_part *ret_part)
{
	*ret_part = (struct gb_blob_part){body_offset(emitter), (uint32_t)list->count};
	for (size_t i = 0; i < list->count; i++) {
		const struct gb_policyc_process *process = list->items[i].process;
		struct gb_blob_process out = {
		        .executable = text_add(emitter, gb_span_cstr(process->executable)),
		        .name = text_add(emitter, gb_span_cstr(process->name)),
		        .first_argument = (uint32_t)(emitter->arguments.n / sizeof(struct gb_blob_argument)),
		        .argument_count = (uint32_t)process->argument_count,
		        .tag = tag_of(emitter, list->items[i].name),
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

static struct gb_blob_part addresses_emit(struct emitter *emitter, const struct gb_policyc_items *list)
{
	struct gb_blob_part part = {body_offset(emitter), (uint32_t)list->count};

	for (size_t i = 0; i < list->count; i++) {
		struct gb_blob_address address = list->items[i].address;

		address.tag = tag_of(emitter, list->items[i].name);
		gb_policyc_buffer_add(&emitter->body, &address, sizeof(address));
	}
	return part;
}

static int list_emit(struct emitter *emitter, const struct gb_policyc_flat *flat, struct gb_blob_list *ret_list)
{
	int r = 0;

	ret_list->kinds = flat->kinds;
	for (size_t i = 0; i < _GB_BLOB_FILES_MAX && r == 0; i++)
		r = set_emit(emitter, &flat->files[i], &ret_list->files[i]);
	if (r == 0)
		r = processes_emit(emitter, &flat->processes, &ret_list->processes);
	if (r < 0)
		return r;
	ret_list->addresses = addresses_emit(emitter, &flat->addresses);
	ret_list->hosts = patterns_emit(emitter, &flat->hosts);
	return 0;
}

static int lists_emit(struct emitter *emitter, const struct gb_policyc_document *document)
{
	struct gb_policyc_flat flat[_GB_BLOB_LIST_MAX];
	int r = gb_policyc_flatten(emitter->arena, &document->allow, 1, &flat[GB_BLOB_ALLOW]);

	if (r == 0)
		r = gb_policyc_flatten(
		        emitter->arena, document->rules.items, document->rules.count, &flat[GB_BLOB_RULES]);
	if (r == 0)
		r = gb_policyc_flatten(emitter->arena, document->exclusions.items, document->exclusions.count,
		        &flat[GB_BLOB_EXCLUSIONS]);
	for (size_t i = 0; i < _GB_BLOB_LIST_MAX && r == 0; i++)
		r = tags_note_all(emitter, &flat[i]);
	if (r == 0)
		r = tags_emit(emitter);
	for (size_t i = 0; i < _GB_BLOB_LIST_MAX && r == 0; i++)
		r = list_emit(emitter, &flat[i], &emitter->header.lists[i]);
	return r;
}

static int guards_emit(struct emitter *emitter, const struct gb_policyc_document *document)
{
	struct gb_blob_guards *guards = &emitter->header.guards;

	memcpy(guards->budgets, document->guards.budgets, sizeof(document->guards.budgets));
	guards->forbidden_day = document->guards.forbidden_day;
	for (size_t guard = 0; guard < _GB_BLOB_GUARD_MAX; guard++) {
		struct gb_policyc_strings sorted;
		int r = gb_policyc_guard_sorted(emitter->arena, document, (enum gb_blob_guard)guard, &sorted);

		if (r < 0)
			return r;
		guards->texts[guard] = (struct gb_blob_part){body_offset(emitter), (uint32_t)sorted.count};
		for (size_t i = 0; i < sorted.count; i++) {
			struct gb_span bytes = gb_span_cstr(sorted.items[i]);
			unsigned char hash[32];
			struct gb_blob_text text;

			if (guard == GB_BLOB_FORBIDDEN_HASHES) {
				gb_policyc_hash_bytes(sorted.items[i], hash);
				bytes = gb_span_of(hash, sizeof(hash));
			}
			text = text_add(emitter, bytes);
			gb_policyc_buffer_add(&emitter->body, &text, sizeof(text));
		}
	}
	return emitter->body.failed;
}

static void settings_emit(struct emitter *emitter, const struct gb_policyc_document *document, uint64_t serial)
{
	struct gb_blob_header *header = &emitter->header;

	memcpy(header->magic, GB_BLOB_MAGIC, sizeof(header->magic));
	header->version = GB_BLOB_VERSION;
	header->serial = serial;
	header->posture = (uint8_t)document->posture;
	header->stance = (uint8_t)document->stance;
	header->observe = document->observe;
	header->flow_on_limit = (uint8_t)document->flow_on_limit;
	memset(header->control_modes, (int)GB_BLOB_MODE_POSTURE, sizeof(header->control_modes));
	memcpy(header->control_modes, document->control_modes, sizeof(document->control_modes));
	header->name = text_add(emitter, gb_span_cstr(document->name));
	header->block_body = text_add(emitter, gb_span_cstr(document->block_body));
}

/* Join PART behind the body. */
static struct gb_blob_part part_join(
        struct emitter *emitter, const struct gb_policyc_buffer *part, size_t element_bytes)
{
	struct gb_blob_part out = {body_offset(emitter), (uint32_t)(part->n / element_bytes)};

	if (part->failed < 0)
		emitter->body.failed = part->failed;
	gb_policyc_buffer_add(&emitter->body, part->p, part->n);
	return out;
}

static int join(
        struct emitter *emitter, const struct gb_policyc_firewall *firewall, unsigned char **ret_blob, size_t *ret_n)
{
	static const unsigned char zeros[8];
	struct gb_blob_header *header = &emitter->header;
	unsigned char *blob;
	size_t n;
	int r;

	header->tags = part_join(emitter, &emitter->tags, sizeof(struct gb_blob_text));
	header->arguments = part_join(emitter, &emitter->arguments, sizeof(struct gb_blob_argument));
	header->chunks = part_join(emitter, &emitter->chunks, sizeof(struct gb_blob_chunk));
	header->text = part_join(emitter, &emitter->text, 1);
	gb_policyc_buffer_add(&emitter->body, zeros, (8 - emitter->body.n % 8) % 8);
	if (emitter->body.failed < 0)
		return emitter->body.failed;
	n = sizeof(*header) + emitter->body.n;
	if (n > GB_BLOB_SHARED_BYTES_MAX)
		return -EFBIG;
	header->shared_bytes = (uint32_t)n;
	r = gb_policyc_emit_firewall(emitter->arena, firewall, (uint32_t)n, &emitter->own, &header->firewall);
	if (r < 0)
		return r == -EFBIG ? -E2BIG : r;
	n += emitter->own.n;
	if (n > GB_BLOB_BYTES_MAX)
		return -E2BIG;
	blob = malloc(n);
	if (blob == NULL)
		return -ENOMEM;
	header->total_bytes = (uint32_t)n;
	memcpy(blob, header, sizeof(*header));
	if (emitter->body.n != 0)
		memcpy(blob + sizeof(*header), emitter->body.p, emitter->body.n);
	if (emitter->own.n != 0)
		memcpy(blob + header->shared_bytes, emitter->own.p, emitter->own.n);
	header->checksum = gb_blob_checksum(gb_span_of(blob, n));
	memcpy(blob, header, sizeof(*header));
	*ret_blob = blob;
	*ret_n = n;
	return 0;
}

/* What a compiled policy has no form for. */
static int check_entry(const struct gb_policyc_entry *entry, bool is_resolved, struct gb_diag *diag)
{
	const struct gb_policyc_patterns *const lists[] = {
	        &entry->read, &entry->write, &entry->any, &entry->map, &entry->hosts};

	if (!is_resolved && (entry->expires != 0 || !gb_policyc_scope_is_empty(&entry->scope)))
		return gb_diag_set(diag, -EINVAL, 0, 0, "'%.60s' has a scope or an expiry and was not resolved",
		        entry->name == NULL ? "an entry" : entry->name);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		for (size_t k = 0; k < lists[i]->count; k++)
			if (lists[i]->items[k].kind == GB_POLICYC_REGEX)
				return gb_diag_set(
				        diag, -EINVAL, 0, 0, "regular expressions are not yet in a compiled policy");
	if (entry->commands.count + entry->api_count + entry->request_count != 0)
		return gb_diag_set(diag, -EINVAL, 0, 0, "commands, awsApis and http are not yet in a compiled policy");
	return 0;
}

static int check_document(const struct gb_policyc_document *document, struct gb_diag *diag)
{
	int r = check_entry(&document->allow, document->is_resolved, diag);

	for (size_t i = 0; i < document->rules.count && r == 0; i++)
		r = check_entry(&document->rules.items[i], document->is_resolved, diag);
	for (size_t i = 0; i < document->exclusions.count && r == 0; i++)
		r = check_entry(&document->exclusions.items[i], document->is_resolved, diag);
	if (r == 0 && !document->is_resolved && document->enforce != GB_POLICYC_AT_ONCE)
		return gb_diag_set(diag, -EINVAL, 0, 0, "`enforce` was not resolved");
	return r;
}

/* The exceptions of the firewall and those of the exclusions. */
static int firewall_join(
        struct emitter *emitter, const struct gb_policyc_document *document, struct gb_policyc_firewall *ret_firewall)
{
	size_t count = document->firewall.exception_count;
	struct gb_policyc_exception *joined;

	*ret_firewall = document->firewall;
	for (size_t i = 0; i < document->exclusions.count; i++)
		count += document->exclusions.items[i].input_count;
	if (count == document->firewall.exception_count)
		return 0;
	joined = gb_policyc_arena_take(emitter->arena, count * sizeof(*joined));
	if (joined == NULL)
		return -ENOMEM;
	ret_firewall->exceptions = joined;
	ret_firewall->exception_count = count;
	for (size_t i = 0; i < document->firewall.exception_count; i++)
		*joined++ = document->firewall.exceptions[i];
	for (size_t i = 0; i < document->exclusions.count; i++)
		for (size_t k = 0; k < document->exclusions.items[i].input_count; k++)
			*joined++ = document->exclusions.items[i].inputs[k];
	return count > GB_BLOB_EXCEPTIONS_MAX ? -E2BIG : 0;
}

int gb_policyc_compile(const struct gb_policyc_document *document, uint64_t serial, unsigned char **ret_blob,
        size_t *ret_n, struct gb_diag *diag)
{
	struct emitter emitter = {0};
	struct gb_policyc_firewall firewall;
	int r = check_document(document, diag);

	if (r < 0)
		return r;
	emitter.arena = gb_policyc_arena_new();
	r = -ENOMEM;
	for (size_t i = 0; i < document->firewall.source_list_count; i++)
		if (document->firewall.source_lists[i].file != NULL) {
			gb_policyc_arena_free(emitter.arena);
			return gb_diag_set(diag, -EINVAL, 0, 0, "list '%.60s': its file %.120s has not been read",
			        document->firewall.source_lists[i].name, document->firewall.source_lists[i].file);
		}
	if (document->guards.files.count != 0) {
		gb_policyc_arena_free(emitter.arena);
		return gb_diag_set(
		        diag, -EINVAL, 0, 0, "the list %.120s has not been read", document->guards.files.items[0]);
	}
	if (emitter.arena != NULL) {
		settings_emit(&emitter, document, serial);
		r = lists_emit(&emitter, document);
	}
	if (r == 0)
		r = guards_emit(&emitter, document);
	if (r == 0)
		r = firewall_join(&emitter, document, &firewall);
	if (r == 0)
		r = join(&emitter, &firewall, ret_blob, ret_n);
	free(emitter.body.p);
	free(emitter.tags.p);
	free(emitter.arguments.p);
	free(emitter.chunks.p);
	free(emitter.text.p);
	free(emitter.own.p);
	gb_policyc_arena_free(emitter.arena);
	if (r == -EFBIG)
		return gb_diag_set(diag, r, 0, 0,
		        "the policy is too large: more than %u bytes compiled; use patterns instead of single paths",
		        GB_BLOB_SHARED_BYTES_MAX);
	if (r == -E2BIG)
		return gb_diag_set(diag, -EFBIG, 0, 0,
		        "the policy is too large: more than %u bytes compiled with its source lists, or more than %u "
		        "exceptions for inputs",
		        GB_BLOB_BYTES_MAX, GB_BLOB_EXCEPTIONS_MAX);
	return r;
}

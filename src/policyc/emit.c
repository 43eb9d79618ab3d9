/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/policyc.h"

#include "base/arena.h"
#include "policyc/emit.h"
#include "policyc/guards.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

static int lists_emit(struct gb_policyc_emitter *emitter, const struct gb_policyc_document *document)
{
	struct gb_policyc_flat flat[_GB_BLOB_LIST_MAX];
	int r = gb_policyc_flatten(emitter->arena, &document->allow, 1, &flat[GB_BLOB_ALLOW]);

	if (r == 0)
		r = gb_policyc_flatten(
		        emitter->arena, document->rules.items, document->rules.count, &flat[GB_BLOB_RULES]);
	if (r == 0)
		r = gb_policyc_flatten(emitter->arena, document->exclusions.items, document->exclusions.count,
		        &flat[GB_BLOB_EXCLUSIONS]);
	for (size_t i = 0; i < document->rules.count && r == 0; i++)
		r = gb_policyc_emit_note_tag(emitter, &document->rules.items[i]);
	for (size_t i = 0; i < document->exclusions.count && r == 0; i++)
		r = gb_policyc_emit_note_tag(emitter, &document->exclusions.items[i]);
	if (r == 0)
		r = gb_policyc_emit_tags(emitter);
	for (size_t i = 0; i < _GB_BLOB_LIST_MAX && r == 0; i++)
		r = gb_policyc_emit_list(emitter, &flat[i], &emitter->header.lists[i]);
	return r;
}

static int guards_emit(struct gb_policyc_emitter *emitter, const struct gb_policyc_document *document)
{
	struct gb_blob_guards *guards = &emitter->header.guards;

	memcpy(guards->budgets, document->guards.budgets, sizeof(document->guards.budgets));
	guards->forbidden_day = document->guards.forbidden_day;
	for (size_t guard = 0; guard < _GB_BLOB_GUARD_MAX; guard++) {
		struct gb_policyc_strings sorted;
		int r = gb_policyc_guard_sorted(emitter->arena, document, (enum gb_blob_guard)guard, &sorted);

		if (r < 0)
			return r;
		guards->texts[guard] =
		        (struct gb_blob_part){gb_policyc_body_offset(&emitter->body), (uint32_t)sorted.count};
		for (size_t i = 0; i < sorted.count; i++) {
			struct gb_span bytes = gb_span_cstr(sorted.items[i]);
			unsigned char hash[32];
			struct gb_blob_text text;

			if (guard == GB_BLOB_FORBIDDEN_HASHES) {
				gb_policyc_hash_bytes(sorted.items[i], hash);
				bytes = gb_span_of(hash, sizeof(hash));
			}
			text = gb_policyc_emit_text(emitter, bytes);
			gb_policyc_buffer_add(&emitter->body, &text, sizeof(text));
		}
	}
	return emitter->body.failed;
}

static void settings_emit(
        struct gb_policyc_emitter *emitter, const struct gb_policyc_document *document, uint64_t serial)
{
	struct gb_blob_header *header = &emitter->header;

	memcpy(header->magic, GB_BLOB_MAGIC, sizeof(header->magic));
	header->version = GB_BLOB_VERSION;
	header->serial = serial;
	if (document->enforce == GB_POLICYC_AT_TIME)
		header->enforced_from = gb_policyc_emit_second(document->enforce_at);
	header->posture = (uint8_t)document->posture;
	header->stance = (uint8_t)document->stance;
	header->observe = document->observe;
	header->review = document->review_unlisted;
	header->flow_on_limit = (uint8_t)document->flow_on_limit;
	memset(header->control_modes, (int)GB_BLOB_MODE_POSTURE, sizeof(header->control_modes));
	memcpy(header->control_modes, document->control_modes, sizeof(document->control_modes));
	header->name = gb_policyc_emit_text(emitter, gb_span_cstr(document->name));
	header->block_body = gb_policyc_emit_text(emitter, gb_span_cstr(document->block_body));
}

/* Join PART behind the body. */
static struct gb_blob_part part_join(
        struct gb_policyc_emitter *emitter, const struct gb_policyc_buffer *part, size_t element_bytes)
{
	struct gb_blob_part out = {gb_policyc_body_offset(&emitter->body), (uint32_t)(part->n / element_bytes)};

	if (part->failed < 0)
		emitter->body.failed = part->failed;
	gb_policyc_buffer_add(&emitter->body, part->p, part->n);
	return out;
}

static int join(struct gb_policyc_emitter *emitter, const struct gb_policyc_firewall *firewall,
        unsigned char **ret_blob, size_t *ret_n)
{
	static const unsigned char zeros[8];
	struct gb_blob_header *header = &emitter->header;
	unsigned char *blob;
	size_t n;
	int r;

	header->tags = part_join(emitter, &emitter->tags, sizeof(struct gb_blob_tag));
	header->arguments = part_join(emitter, &emitter->arguments, sizeof(struct gb_blob_argument));
	header->chunks = part_join(emitter, &emitter->chunks, sizeof(struct gb_blob_chunk));
	header->automata = part_join(emitter, &emitter->automata, sizeof(struct gb_blob_automaton));
	header->tables = part_join(emitter, &emitter->tables, 1);
	header->text = part_join(emitter, &emitter->text, 1);
	gb_policyc_buffer_add(&emitter->body, zeros, (8 - emitter->body.n % 8) % 8);
	if (emitter->body.failed < 0)
		return emitter->body.failed;
	n = sizeof(*header) + emitter->body.n;
	if (n > GB_BLOB_SHARED_BYTES_MAX)
		return -EFBIG;
	header->shared_bytes = (uint32_t)n;
	r = gb_policyc_emit_firewall(emitter, firewall, (uint32_t)n);
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
	if (!is_resolved && !gb_policyc_scope_is_empty(&entry->scope))
		return gb_diag_set(diag, -EINVAL, 0, 0, "'%.60s' has a scope and was not resolved",
		        entry->name == NULL ? "an entry" : entry->name);
	return 0;
}

static int check_document(const struct gb_policyc_document *document, struct gb_diag *diag)
{
	int r = check_entry(&document->allow, document->is_resolved, diag);

	for (size_t i = 0; i < document->rules.count && r == 0; i++)
		r = check_entry(&document->rules.items[i], document->is_resolved, diag);
	for (size_t i = 0; i < document->exclusions.count && r == 0; i++)
		r = check_entry(&document->exclusions.items[i], document->is_resolved, diag);
	if (r == 0 && !document->is_resolved && document->enforce == GB_POLICYC_AFTER_LEARNING)
		return gb_diag_set(diag, -EINVAL, 0, 0, "`enforce` was not resolved");
	return r;
}

/* The exceptions of the firewall and those of the exclusions. */
static int firewall_join(struct gb_policyc_emitter *emitter, const struct gb_policyc_document *document,
        struct gb_policyc_firewall *ret_firewall)
{
	size_t count = document->firewall.exception_count;
	struct gb_policyc_exception *joined;

	*ret_firewall = document->firewall;
	for (size_t i = 0; i < document->exclusions.count; i++)
		count += document->exclusions.items[i].input_count;
	if (count == document->firewall.exception_count)
		return 0;
	joined = gb_arena_take(emitter->arena, count * sizeof(*joined));
	if (joined == NULL)
		return -ENOMEM;
	ret_firewall->exceptions = joined;
	ret_firewall->exception_count = count;
	for (size_t i = 0; i < document->firewall.exception_count; i++)
		*joined++ = document->firewall.exceptions[i];
	for (size_t i = 0; i < document->exclusions.count; i++)
		for (size_t k = 0; k < document->exclusions.items[i].input_count; k++) {
			*joined = document->exclusions.items[i].inputs[k];
			joined++->entry = &document->exclusions.items[i];
		}
	return count > GB_BLOB_EXCEPTIONS_MAX ? -E2BIG : 0;
}

int gb_policyc_compile(const struct gb_policyc_document *document, uint64_t serial, unsigned char **ret_blob,
        size_t *ret_n, struct gb_diag *diag)
{
	struct gb_policyc_emitter emitter = {0};
	struct gb_policyc_firewall firewall;
	int r = check_document(document, diag);

	if (r < 0)
		return r;
	emitter.arena = gb_arena_new();
	emitter.diag = diag;
	r = -ENOMEM;
	for (size_t i = 0; i < document->firewall.source_list_count; i++)
		if (document->firewall.source_lists[i].file != NULL) {
			gb_arena_free(emitter.arena);
			return gb_diag_set(diag, -EINVAL, 0, 0, "list '%.60s': its file %.120s has not been read",
			        document->firewall.source_lists[i].name, document->firewall.source_lists[i].file);
		}
	if (document->guards.files.count != 0) {
		gb_arena_free(emitter.arena);
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
	free(emitter.automata.p);
	free(emitter.tables.p);
	free(emitter.text.p);
	free(emitter.own.p);
	gb_arena_free(emitter.arena);
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

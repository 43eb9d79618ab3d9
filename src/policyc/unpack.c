/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/policyc.h"

#include "policyc/address.h"
#include "policyc/template.h"
#include "policyc/guards.h"
#include "policyc/unpack.h"
#include "policy/firewall.h"

#include <errno.h>
#include <string.h>

static bool is_text(const char *have, struct gb_span wanted)
{
	return have == NULL ? wanted.n == 0 : gb_span_equal(gb_span_cstr(have), wanted);
}

int gb_policyc_unpack_entry_of(const struct gb_policyc_unpacker *unpacker, struct gb_policyc_entries *entries,
        uint32_t tag, struct gb_policyc_entry **ret_entry)
{
	const struct gb_blob_tag *tags = gb_policyc_unpack_elements(unpacker, unpacker->policy->header->tags),
	                         none = {0};
	const struct gb_blob_tag *of = tag == 0 ? &none : &tags[tag - 1];
	struct gb_span name = gb_policyc_unpack_text_of(unpacker, of->name),
	               reason = gb_policyc_unpack_text_of(unpacker, of->reason);
	int r;

	if (entries == NULL) {
		*ret_entry = &unpacker->document->allow;
		return 0;
	}
	for (size_t i = 0; i < entries->count; i++) {
		struct gb_policyc_entry *entry = &entries->items[i];

		if (!is_text(entry->name, name) || !is_text(entry->reason, reason) || entry->expires != of->until)
			continue;
		*ret_entry = entry;
		return 0;
	}
	r = gb_policyc_add_entry(unpacker->document, entries, name, ret_entry);
	if (r < 0)
		return r;
	(*ret_entry)->expires = of->until;
	if (reason.n != 0)
		(*ret_entry)->reason = gb_policyc_copy(unpacker->document, reason);
	return reason.n != 0 && (*ret_entry)->reason == NULL ? -ENOMEM : 0;
}

struct gb_policyc_patterns *gb_policyc_unpack_paths_of(struct gb_policyc_entry *entry, size_t set)
{
	if (set == GB_BLOB_FILES_READ)
		return &entry->read;
	return set == GB_BLOB_FILES_WRITE ? &entry->write : &entry->map;
}

static int socket_add(const struct gb_policyc_unpacker *unpacker, struct gb_policyc_entry *entry, struct gb_span path)
{
	char buffer[GB_POLICYC_PATTERN_BYTES_MAX + 8];
	struct gb_text text = gb_text_on(buffer, sizeof(buffer));

	gb_text_add_cstr(&text, "unix:");
	gb_text_add(&text, path);
	if (text.truncated)
		return -EINVAL;
	return gb_policyc_add_address(unpacker->document, &entry->addresses, gb_text_span(&text), NULL);
}

static int set_unpack(const struct gb_policyc_unpacker *unpacker, const struct gb_blob_list *list, size_t set,
        struct gb_policyc_entries *entries)
{
	const struct gb_blob_pattern *patterns = gb_policyc_unpack_elements(unpacker, list->sets[set].patterns);

	for (size_t i = 0; i < list->sets[set].patterns.count; i++) {
		struct gb_span path = gb_policyc_unpack_text_of(unpacker, patterns[i].text);
		struct gb_policyc_entry *entry;
		int r = gb_policyc_unpack_entry_of(unpacker, entries, patterns[i].tag, &entry);

		if (r == 0 && set == GB_BLOB_FILES_SOCKET)
			r = socket_add(unpacker, entry, path);
		else if (r == 0)
			r = gb_policyc_add_path(unpacker->document, gb_policyc_unpack_paths_of(entry, set), path, NULL);
		if (r < 0)
			return r;
	}
	return 0;
}

static int argument_unpack(const struct gb_policyc_unpacker *unpacker, const struct gb_blob_argument *argument,
        struct gb_policyc_process *process)
{
	const struct gb_blob_chunk *chunks = gb_policyc_unpack_elements(unpacker, unpacker->policy->header->chunks);
	bool is_shell = argument->kind == GB_BLOB_ARGUMENT_SHELL;
	char buffer[16384];
	struct gb_text text = gb_text_on(buffer, sizeof(buffer));

	if (argument->kind == GB_BLOB_ARGUMENT_ANY)
		gb_text_add_cstr(&text, "*");
	if (argument->kind == GB_BLOB_ARGUMENT_REST)
		gb_text_add_cstr(&text, "**");
	for (size_t i = 0; i < argument->chunk_count; i++) {
		const struct gb_blob_chunk *chunk = &chunks[argument->first_chunk + i];

		if (chunk->kind == GB_BLOB_CHUNK_LITERAL) {
			gb_policyc_template_escape(gb_policyc_unpack_text_of(unpacker, chunk->text),
			        !is_shell && argument->chunk_count == 1, &text);
			continue;
		}
		gb_text_add_byte(&text, '<');
		gb_text_add_cstr(&text, gb_policyc_hole_name((enum gb_blob_chunk_kind)chunk->kind));
		gb_text_add_byte(&text, '>');
	}
	if (text.truncated)
		return -EINVAL;
	return gb_policyc_add_argument(unpacker->document, process, gb_text_span(&text), is_shell, NULL);
}

static int processes_unpack(
        const struct gb_policyc_unpacker *unpacker, const struct gb_blob_list *list, struct gb_policyc_entries *entries)
{
	const struct gb_blob_process *processes = gb_policyc_unpack_elements(unpacker, list->processes);
	const struct gb_blob_argument *arguments =
	        gb_policyc_unpack_elements(unpacker, unpacker->policy->header->arguments);

	for (size_t i = 0; i < list->processes.count; i++) {
		struct gb_policyc_process *process;
		struct gb_policyc_entry *entry;
		int r = gb_policyc_unpack_entry_of(unpacker, entries, processes[i].tag, &entry);

		if (r == 0)
			r = gb_policyc_add_process(unpacker->document, entry,
			        gb_policyc_unpack_text_of(unpacker, processes[i].executable),
			        gb_policyc_unpack_text_of(unpacker, processes[i].name), &process, NULL);
		for (size_t a = 0; a < processes[i].argument_count && r == 0; a++)
			r = argument_unpack(unpacker, &arguments[processes[i].first_argument + a], process);
		if (r < 0)
			return r;
	}
	return 0;
}

static int addresses_unpack(
        const struct gb_policyc_unpacker *unpacker, const struct gb_blob_list *list, struct gb_policyc_entries *entries)
{
	const struct gb_blob_address *addresses = gb_policyc_unpack_elements(unpacker, list->addresses);

	for (size_t i = 0; i < list->addresses.count; i++) {
		struct gb_policyc_entry *entry;
		char buffer[128];
		struct gb_text text = gb_text_on(buffer, sizeof(buffer));
		int r = gb_policyc_unpack_entry_of(unpacker, entries, addresses[i].tag, &entry);

		gb_policyc_address_print(&addresses[i], &text);
		if (r == 0)
			r = gb_policyc_add_address(unpacker->document, &entry->addresses, gb_text_span(&text), NULL);
		if (r < 0)
			return r;
	}
	return 0;
}

static int hosts_unpack(
        const struct gb_policyc_unpacker *unpacker, const struct gb_blob_list *list, struct gb_policyc_entries *entries)
{
	const struct gb_blob_pattern *hosts = gb_policyc_unpack_elements(unpacker, list->hosts);

	for (size_t i = 0; i < list->hosts.count; i++) {
		struct gb_policyc_entry *entry;
		int r = gb_policyc_unpack_entry_of(unpacker, entries, hosts[i].tag, &entry);

		if (r == 0)
			r = gb_policyc_add_host(unpacker->document, &entry->hosts,
			        gb_policyc_unpack_text_of(unpacker, hosts[i].text), NULL);
		if (r < 0)
			return r;
	}
	return 0;
}

static int kinds_unpack(
        const struct gb_policyc_unpacker *unpacker, const struct gb_blob_list *list, struct gb_policyc_entries *entries)
{
	const struct gb_blob_kind *tagged = gb_policyc_unpack_elements(unpacker, list->kind_tags);
	size_t next = 0;

	for (uint32_t kind = 0; kind < _GB_ACTIVITY_KIND_MAX; kind++) {
		struct gb_policyc_entry *entry;
		uint32_t tag = 0;
		int r;

		if ((list->kinds >> kind & 1u) == 0)
			continue;
		if (next < list->kind_tags.count && tagged[next].kind == kind)
			tag = tagged[next++].tag;
		r = gb_policyc_unpack_entry_of(unpacker, entries, tag, &entry);
		if (r < 0)
			return r;
		entry->kinds |= 1u << kind;
	}
	return 0;
}

static int list_unpack(
        const struct gb_policyc_unpacker *unpacker, enum gb_blob_list_name name, struct gb_policyc_entries *entries)
{
	const struct gb_blob_list *list = &unpacker->policy->header->lists[name];
	int r = 0;

	for (size_t i = 0; i <= GB_BLOB_FILES_SOCKET && r == 0; i++)
		r = set_unpack(unpacker, list, i, entries);
	if (r == 0)
		r = gb_policyc_unpack_calls(unpacker, list, entries);
	if (r == 0)
		r = gb_policyc_unpack_expressions(unpacker, list, entries);
	if (r == 0)
		r = processes_unpack(unpacker, list, entries);
	if (r == 0)
		r = addresses_unpack(unpacker, list, entries);
	if (r == 0)
		r = hosts_unpack(unpacker, list, entries);
	return r < 0 ? r : kinds_unpack(unpacker, list, entries);
}

static int guards_unpack(const struct gb_policyc_unpacker *unpacker)
{
	const struct gb_blob_guards *guards = &unpacker->policy->header->guards;
	struct gb_policyc_document *document = unpacker->document;

	memcpy(document->guards.budgets, guards->budgets, sizeof(document->guards.budgets));
	document->guards.forbidden_day = guards->forbidden_day;
	for (size_t guard = 0; guard < _GB_BLOB_GUARD_MAX; guard++) {
		const struct gb_blob_text *texts = gb_policyc_unpack_elements(unpacker, guards->texts[guard]);

		for (size_t i = 0; i < guards->texts[guard].count; i++) {
			struct gb_span bytes = gb_policyc_unpack_text_of(unpacker, texts[i]);
			char digits[65];
			int r;

			for (size_t k = 0; guard == GB_BLOB_FORBIDDEN_HASHES && k < 32; k++)
				(void)snprintf(digits + 2 * k, 3, "%02x", bytes.p[k]);
			r = gb_policyc_add_guard(document, (enum gb_blob_guard)guard,
			        guard == GB_BLOB_FORBIDDEN_HASHES ? gb_span_of(digits, 64) : bytes, NULL);
			if (r < 0)
				return r;
		}
	}
	gb_policyc_forget_default_trusted(document);
	return 0;
}

static int settings_unpack(const struct gb_policyc_unpacker *unpacker)
{
	const struct gb_blob_header *header = unpacker->policy->header;
	struct gb_policyc_document *document = unpacker->document;

	document->name = gb_policyc_copy(document, gb_policyc_unpack_text_of(unpacker, header->name));
	if (header->block_body.n != 0)
		document->block_body =
		        gb_policyc_copy(document, gb_policyc_unpack_text_of(unpacker, header->block_body));
	document->posture = (enum gb_mode)header->posture;
	document->stance = (enum gb_stance)header->stance;
	document->observe = header->observe != 0;
	document->enforce = header->enforced_from != 0 ? GB_POLICYC_AT_TIME : GB_POLICYC_AT_ONCE;
	document->enforce_at = header->enforced_from;
	document->review_unlisted = header->review != 0;
	document->flow_on_limit = (enum gb_mode)header->flow_on_limit;
	memcpy(document->control_modes, header->control_modes, sizeof(document->control_modes));
	return document->name == NULL || (header->block_body.n != 0 && document->block_body == NULL) ? -ENOMEM : 0;
}

int gb_policyc_of_blob(const struct gb_policy *policy, struct gb_policyc_document **ret_document)
{
	struct gb_policyc_unpacker unpacker = {.policy = policy, .document = gb_policyc_document_new()};
	int r = -ENOMEM;

	if (unpacker.document != NULL)
		r = settings_unpack(&unpacker);
	/* The shared part alone says nothing of the firewall's settings. */
	if (r == 0 && policy->blob.n == policy->header->total_bytes) {
		r = gb_policy_firewall_open(policy);
		if (r == 0)
			r = gb_policyc_unpack_firewall(&unpacker);
	}
	if (r == 0)
		r = list_unpack(&unpacker, GB_BLOB_ALLOW, NULL);
	if (r == 0)
		r = list_unpack(&unpacker, GB_BLOB_RULES, &unpacker.document->rules);
	if (r == 0)
		r = list_unpack(&unpacker, GB_BLOB_EXCLUSIONS, &unpacker.document->exclusions);
	if (r == 0)
		r = guards_unpack(&unpacker);
	if (r < 0) {
		gb_policyc_document_free(unpacker.document);
		return r;
	}
	*ret_document = unpacker.document;
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/policyc.h"

#include "policyc/address.h"
#include "base/arena.h"
#include "policyc/pattern.h"
#include "policyc/template.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct gb_policyc_document *gb_policyc_document_new(void)
{
	struct gb_arena *arena = gb_arena_new();
	struct gb_policyc_document *document;

	if (arena == NULL)
		return NULL;
	document = gb_arena_take(arena, sizeof(*document));
	if (document == NULL) {
		gb_arena_free(arena);
		return NULL;
	}
	document->arena = arena;
	document->name = "";
	document->posture = GB_MODE_DETECT;
	document->flow_on_limit = GB_MODE_DETECT;
	memset(document->control_modes, (int)GB_BLOB_MODE_POSTURE, sizeof(document->control_modes));
	document->control_modes[GB_CONTROL_ALLOWLIST] = GB_MODE_OFF;
	document->control_modes[GB_CONTROL_DRIFT] = GB_MODE_OFF;
	document->control_modes[GB_CONTROL_FORBIDDEN] = GB_MODE_OFF;
	document->control_modes[GB_CONTROL_DECOY] = GB_MODE_OFF;
	document->control_modes[GB_CONTROL_BUDGET] = GB_MODE_OFF;
	document->control_modes[GB_CONTROL_HYGIENE] = GB_MODE_OFF;
	document->firewall = (struct gb_policyc_firewall){
	        .on_limit = GB_MODE_DETECT, .source_mode = GB_MODE_DETECT, .trusted_hops = 1, .address_header = ""};
	memset(document->firewall.class_modes, (int)GB_BLOB_MODE_POSTURE, sizeof(document->firewall.class_modes));
	return document;
}

void gb_policyc_document_free(struct gb_policyc_document *document)
{
	if (document != NULL)
		gb_arena_free(document->arena);
}

void gb_policyc_document_freep(struct gb_policyc_document **document)
{
	gb_policyc_document_free(*document);
}

const char *gb_policyc_copy(struct gb_policyc_document *document, struct gb_span s)
{
	char *copy = gb_arena_take(document->arena, s.n + 1);

	if (copy != NULL && s.n != 0)
		memcpy(copy, s.p, s.n);
	return copy;
}

static int complain(struct gb_diag *diag, const char *noun, struct gb_span text, const char *what)
{
	return gb_diag_set(diag, -EINVAL, 0, 0, "%s '%.*s': %s", noun, (int)(text.n < 100 ? text.n : 100),
	        (const char *)text.p, what);
}

int gb_policyc_strings_add(struct gb_policyc_document *document, struct gb_policyc_strings *list, struct gb_span s)
{
	const char *copy = gb_policyc_copy(document, s);

	if (copy == NULL ||
	        gb_arena_grow(document->arena, &list->items, list->count, &list->cap, sizeof(*list->items)) < 0)
		return -ENOMEM;
	list->items[list->count++] = copy;
	return 0;
}

int gb_policyc_patterns_add(struct gb_policyc_document *document, struct gb_policyc_patterns *list, struct gb_span text,
        enum gb_policyc_pattern_kind kind)
{
	struct gb_policyc_pattern pattern = {gb_policyc_copy(document, text), kind, document->at};

	if (pattern.text == NULL ||
	        gb_arena_grow(document->arena, &list->items, list->count, &list->cap, sizeof(*list->items)) < 0)
		return -ENOMEM;
	list->items[list->count++] = pattern;
	return 0;
}

static bool has_segment(struct gb_span path, struct gb_span segment)
{
	for (size_t at = 0; at < path.n; at++) {
		struct gb_span rest;

		if (path.p[at] != '/')
			continue;
		rest = gb_span_sub(path, at + 1, SIZE_MAX);
		if (gb_span_starts(rest, segment) && (rest.n == segment.n || rest.p[segment.n] == '/'))
			return true;
	}
	return false;
}

const char *gb_policyc_path_fault(struct gb_span pattern)
{
	size_t stars = 0;

	if (pattern.n == 0 || (pattern.p[0] != '/' && pattern.p[0] != '@'))
		return "must be absolute; write '/**/NAME' for a name anywhere";
	if (pattern.n > GB_POLICYC_PATTERN_BYTES_MAX)
		return "is longer than 1024 bytes";
	for (size_t i = 0; i < pattern.n; i++) {
		if (pattern.p[i] == '\0')
			return "has a NUL byte";
		if (pattern.p[i] != '*')
			continue;
		if (i >= 2 && pattern.p[i - 1] == '*' && pattern.p[i - 2] == '*')
			return "has three stars in a row; '*' is within a segment, '**' across segments";
		stars += i == 0 || pattern.p[i - 1] != '*' ? 1 : 0;
	}
	if (stars > GB_POLICYC_STARS_MAX)
		return "has more than 8 wildcards";
	if (pattern.p[0] == '/' && (gb_span_find(pattern, GB_SPAN("//"), 0) != SIZE_MAX ||
	                                   has_segment(pattern, GB_SPAN(".")) || has_segment(pattern, GB_SPAN(".."))))
		return "is no canonical path: write it without '//', '.' and '..'";
	return NULL;
}

int gb_policyc_add_path(struct gb_policyc_document *document, struct gb_policyc_patterns *list, struct gb_span pattern,
        struct gb_diag *diag)
{
	const char *fault = gb_policyc_path_fault(pattern);

	if (fault != NULL)
		return complain(diag, "path", pattern, fault);
	return gb_policyc_patterns_add(document, list, pattern, GB_POLICYC_GLOB);
}

int gb_policyc_add_address(struct gb_policyc_document *document, struct gb_policyc_patterns *list,
        struct gb_span address, struct gb_diag *diag)
{
	struct gb_blob_address parsed;
	char buffer[128];
	struct gb_text text = gb_text_on(buffer, sizeof(buffer));
	const char *fault;
	int r;

	if (gb_span_starts(address, GB_SPAN("unix:"))) {
		fault = gb_policyc_path_fault(gb_span_sub(address, 5, SIZE_MAX));
		if (fault != NULL)
			return complain(diag, "address", address, fault);
		return gb_policyc_patterns_add(document, list, address, GB_POLICYC_GLOB);
	}
	r = gb_policyc_address_parse(address, &parsed, diag);
	if (r < 0)
		return r;
	gb_policyc_address_print(&parsed, &text);
	return gb_policyc_patterns_add(document, list, gb_text_span(&text), GB_POLICYC_GLOB);
}

const char *gb_policyc_host_fault(struct gb_span host)
{
	size_t from = gb_span_starts(host, GB_SPAN("*.")) ? 2 : 0;

	if (host.n == from || host.n > 253)
		return "must be a name like example.com or *.example.com";
	for (size_t i = from; i < host.n; i++) {
		unsigned char c = host.p[i];

		if ((c < 'a' || c > 'z') && !gb_ascii_is_digit(c) && c != '-' && c != '_' && c != '.')
			return "may have lower-case letters, digits, '-', '_' and '.' only; addresses go into "
			       "'addresses'";
		if (c == '.' && (i == from || i + 1 == host.n || host.p[i - 1] == '.'))
			return "has an empty part";
	}
	return NULL;
}

int gb_policyc_add_host(struct gb_policyc_document *document, struct gb_policyc_patterns *list, struct gb_span host,
        struct gb_diag *diag)
{
	const char *fault = gb_policyc_host_fault(host);

	if (fault != NULL)
		return complain(diag, "host", host, fault);
	return gb_policyc_patterns_add(document, list, host, GB_POLICYC_GLOB);
}

int gb_policyc_add_process(struct gb_policyc_document *document, struct gb_policyc_entry *entry,
        struct gb_span executable, struct gb_span name, struct gb_policyc_process **ret_process, struct gb_diag *diag)
{
	const char *fault = gb_policyc_path_fault(executable);
	struct gb_policyc_process process = {.origin = document->at};

	if (fault != NULL)
		return complain(diag, "executable", executable, fault);
	process.executable = gb_policyc_copy(document, executable);
	if (name.n != 0)
		process.name = gb_policyc_copy(document, name);
	if (process.executable == NULL || (name.n != 0 && process.name == NULL) ||
	        gb_arena_grow(document->arena, &entry->processes, entry->process_count, &entry->process_cap,
	                sizeof(*entry->processes)) < 0)
		return -ENOMEM;
	entry->processes[entry->process_count] = process;
	*ret_process = &entry->processes[entry->process_count++];
	return 0;
}

int gb_policyc_add_argument(struct gb_policyc_document *document, struct gb_policyc_process *process,
        struct gb_span text, bool is_shell, struct gb_diag *diag)
{
	struct gb_policyc_template template;
	struct gb_policyc_argument argument = {.is_shell = is_shell};
	int r;

	if (process->argument_count != 0) {
		const struct gb_policyc_argument *last = &process->arguments[process->argument_count - 1];

		if (!last->is_shell && strcmp(last->text, "**") == 0)
			return complain(diag, "argument", text, "nothing may follow '**', which takes all the rest");
	}
	r = gb_policyc_template_parse(text, is_shell, &template, diag);
	if (r < 0)
		return r;
	argument.text = gb_policyc_copy(document, text);
	if (argument.text == NULL || gb_arena_grow(document->arena, &process->arguments, process->argument_count,
	                                     &process->argument_cap, sizeof(*process->arguments)) < 0)
		return -ENOMEM;
	process->arguments[process->argument_count++] = argument;
	return 0;
}

int gb_policyc_add_entry(struct gb_policyc_document *document, struct gb_policyc_entries *entries, struct gb_span name,
        struct gb_policyc_entry **ret_entry)
{
	struct gb_policyc_entry entry = {.origin = document->at};

	if (name.n != 0) {
		entry.name = gb_policyc_copy(document, name);
		if (entry.name == NULL)
			return -ENOMEM;
	}
	if (gb_arena_grow(document->arena, &entries->items, entries->count, &entries->cap, sizeof(*entries->items)) < 0)
		return -ENOMEM;
	entries->items[entries->count] = entry;
	*ret_entry = &entries->items[entries->count++];
	return 0;
}

bool gb_policyc_entry_is_empty(const struct gb_policyc_entry *entry)
{
	return entry->process_count + entry->read.count + entry->write.count + entry->any.count + entry->map.count +
	                       entry->commands.count + entry->addresses.count + entry->hosts.count + entry->api_count +
	                       entry->request_count + entry->input_count ==
	               0 &&
	       entry->kinds == 0;
}

bool gb_policyc_scope_is_empty(const struct gb_policyc_scope *scope)
{
	return scope->accounts.count + scope->regions.count + scope->groups.count + scope->functions.count +
	               scope->runtimes.count + scope->versions.count + scope->aliases.count + scope->tags.count ==
	       0;
}

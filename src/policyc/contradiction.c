/* SPDX-License-Identifier: Apache-2.0 */
/* The same thing taken away by a rule and added by an exclusion, for the same functions: one of the two is a mistake. */
#include "policyc/layer.h"

#include "base/arena.h"
#include "policyc/scope.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Something that an entry names: where (the list), and what. */
struct thing {
	const char *list;
	enum gb_policyc_pattern_kind kind;
	const char *text;
	const struct gb_policyc_entry *entry;
	uint32_t line;
};

struct things {
	struct gb_arena *arena;
	struct thing *items;
	size_t count, cap;
	int failed;
};

static void add(struct things *things, struct thing thing)
{
	if (things->failed < 0)
		return;
	if (thing.text == NULL ||
	        gb_arena_grow(things->arena, &things->items, things->count, &things->cap, sizeof(*things->items)) < 0) {
		things->failed = -ENOMEM;
		return;
	}
	things->items[things->count++] = thing;
}

static void add_patterns(struct things *things, const struct gb_policyc_entry *entry, const char *list,
        const struct gb_policyc_patterns *patterns)
{
	for (size_t i = 0; i < patterns->count; i++)
		add(things, (struct thing){list, patterns->items[i].kind, patterns->items[i].text, entry,
		                    patterns->items[i].origin.line});
}

/* Texts, each with a byte in front that no text has, as one. */
static const char *joined(struct gb_arena *arena, const char *const *texts, size_t count)
{
	size_t n = 1;
	char *out, *end;

	for (size_t i = 0; i < count; i++)
		n += texts[i] == NULL ? 1 : strlen(texts[i]) + 1;
	out = end = gb_arena_take(arena, n);
	for (size_t i = 0; i < count && out != NULL; i++) {
		size_t text_n = texts[i] == NULL ? 0 : strlen(texts[i]);

		*end++ = texts[i] == NULL ? 1 : 2;
		if (text_n != 0)
			memcpy(end, texts[i], text_n);
		end += text_n;
	}
	return out;
}

static void add_process(
        struct things *things, const struct gb_policyc_entry *entry, const struct gb_policyc_process *process)
{
	size_t count = 2 + 2 * process->argument_count;
	const char **texts = gb_arena_take(things->arena, count * sizeof(*texts));

	if (texts == NULL) {
		things->failed = -ENOMEM;
		return;
	}
	texts[0] = process->executable;
	texts[1] = process->name;
	for (size_t i = 0; i < process->argument_count; i++) {
		texts[2 + 2 * i] = process->arguments[i].is_shell ? "shell" : NULL;
		texts[3 + 2 * i] = process->arguments[i].text;
	}
	add(things, (struct thing){"processes", GB_POLICYC_GLOB, joined(things->arena, texts, count), entry,
	                    process->origin.line});
}

static void add_entry(struct things *things, const struct gb_policyc_entry *entry)
{
	add_patterns(things, entry, "files.read", &entry->read);
	add_patterns(things, entry, "files.read", &entry->any);
	add_patterns(things, entry, "files.write", &entry->write);
	add_patterns(things, entry, "files.write", &entry->any);
	add_patterns(things, entry, "files.map", &entry->map);
	add_patterns(things, entry, "commands", &entry->commands);
	add_patterns(things, entry, "addresses", &entry->addresses);
	add_patterns(things, entry, "hosts", &entry->hosts);
	for (size_t i = 0; i < entry->process_count; i++)
		add_process(things, entry, &entry->processes[i]);
	for (size_t i = 0; i < entry->api_count; i++) {
		const struct gb_policyc_api *api = &entry->apis[i];

		for (size_t k = 0; k < api->resources.count; k++)
			add(things,
			        (struct thing){"awsApis", GB_POLICYC_GLOB,
			                joined(things->arena,
			                        (const char *const[]){api->action, api->resources.items[k].text}, 2),
			                entry, api->origin.line});
		if (api->resources.count == 0)
			add(things, (struct thing){"awsApis", GB_POLICYC_GLOB, api->action, entry, api->origin.line});
	}
	for (size_t i = 0; i < entry->request_count; i++) {
		const struct gb_policyc_http *request = &entry->requests[i];

		add(things, (struct thing){"http", GB_POLICYC_GLOB,
		                    joined(things->arena,
		                            (const char *const[]){request->method, request->host.text,
		                                    request->host.kind == GB_POLICYC_REGEX ? "regex" : NULL,
		                                    request->path.text,
		                                    request->path.kind == GB_POLICYC_REGEX ? "regex" : NULL},
		                            5),
		                    entry, request->origin.line});
	}
	for (int kind = 1; kind < _GB_ACTIVITY_KIND_MAX; kind++)
		if ((entry->kinds >> kind & 1u) != 0)
			add(things,
			        (struct thing){"kinds", GB_POLICYC_GLOB,
			                gb_activity_kind_name((enum gb_activity_kind)kind), entry, entry->origin.line});
}

static int thing_compare(const void *left, const void *right)
{
	const struct thing *a = left, *b = right;
	int order = strcmp(a->list, b->list);

	if (order == 0)
		order = (int)a->kind - (int)b->kind;
	return order != 0 ? order : strcmp(a->text, b->text);
}

/* What RULES has of THING for the same functions, or NULL. */
static const struct thing *twin_of(const struct things *rules, const struct thing *thing)
{
	size_t low = 0, high = rules->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (thing_compare(&rules->items[middle], thing) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < rules->count && thing_compare(&rules->items[low], thing) == 0; low++)
		if (gb_policyc_scope_equal(&rules->items[low].entry->scope, &thing->entry->scope))
			return &rules->items[low];
	return NULL;
}

static const char *name_of(const struct gb_policyc_entry *entry)
{
	return entry->name == NULL ? "without a name" : entry->name;
}

/* THING's text for a message, as far as there is room. */
static const char *shown(const struct thing *thing, char *buffer, size_t cap)
{
	size_t n = 0;

	for (const char *c = thing->text; *c != '\0' && n + 1 < cap; c++)
		if ((unsigned char)*c >= ' ')
			buffer[n++] = *c;
		else if (n != 0 && buffer[n - 1] != ' ')
			buffer[n++] = ' ';
	buffer[n] = '\0';
	return buffer;
}

static int complain(const struct thing *thing, const struct thing *twin, struct gb_diag *diag)
{
	const char *file = twin->entry->origin.file;
	bool is_elsewhere =
	        file != NULL && thing->entry->origin.file != NULL && strcmp(file, thing->entry->origin.file) != 0;
	char text[50];

	return gb_diag_set(diag, -EINVAL, thing->line, 1,
	        "exclusion '%.30s' adds to %s what rule '%.30s' on line %u%s%.60s takes away: '%s'; the rule goes "
	        "first: "
	        "take one out, or give them different scopes",
	        name_of(thing->entry), thing->list, name_of(twin->entry), twin->line, is_elsewhere ? " of " : "",
	        is_elsewhere ? file : "", shown(twin, text, sizeof(text)));
}

int gb_policyc_check_contradictions(const struct gb_policyc_document *document, struct gb_diag *diag)
{
	struct things rules = {0}, exclusions = {0};
	int r = 0;

	if (document->rules.count == 0 || document->exclusions.count == 0)
		return 0;
	rules.arena = exclusions.arena = gb_arena_new();
	if (rules.arena == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < document->rules.count; i++)
		add_entry(&rules, &document->rules.items[i]);
	for (size_t i = 0; i < document->exclusions.count; i++)
		add_entry(&exclusions, &document->exclusions.items[i]);
	r = rules.failed < 0 ? rules.failed : exclusions.failed;
	if (r == 0 && rules.count != 0)
		qsort(rules.items, rules.count, sizeof(*rules.items), thing_compare);
	for (size_t i = 0; i < exclusions.count && r == 0; i++) {
		const struct thing *thing = &exclusions.items[i], *twin = twin_of(&rules, thing);

		if (twin != NULL)
			r = complain(thing, twin, diag);
	}
	gb_arena_free(rules.arena);
	return r < 0 ? r : gb_policyc_find_overlap(document, GB_POLICYC_EXCLUSION_IN_RULE, diag);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What documents and rules list, pattern by pattern. */
#include "publish/items.h"

#include <stdio.h>
#include <string.h>

/* One entry of a policy, and what is said of each of its patterns. */
struct source {
	struct gb_items *items;
	const char *verdict;
	const struct gb_policyc_entry *entry;
	bool is_allow; /* of `allow`: what has no file was learned, and is there already */
};

/* Where a rule of its own says its number: "rule/12". NULL: it stands in a document. */
static const char *rule_of(const char *file)
{
	static const char *const heads[] = {"rule/", "exclusion/"};

	for (size_t i = 0; file != NULL && i < 2; i++)
		if (strncmp(file, heads[i], strlen(heads[i])) == 0)
			return file + strlen(heads[i]);
	return NULL;
}

static bool is_shown(const struct source *source, const char *file, const char *kind)
{
	return !(source->is_allow && file == NULL) && gb_items_takes(source->items, kind);
}

/* ENTRY is taken. */
static void add(const struct source *source, const char *file, const char *kind, const char *activity,
        const char *value, json_t *entry)
{
	const char *rule = rule_of(file);
	json_t *item = json_pack("{s:s, s:s, s:s, s:i, s:n, s:n, s:s, s:s, s:o, s:s?}", "kind", kind, "activity",
	        activity, "value", value, "count", 0, "first_seen", "last_seen", "origin",
	        rule != NULL ? "added" : "static", "verdict", source->verdict, "entry",
	        entry == NULL ? json_null() : entry, "rule", rule);

	gb_items_add(source->items, item);
}

static json_t *pattern_json(const struct gb_policyc_pattern *pattern)
{
	return pattern->kind == GB_POLICYC_REGEX ? json_pack("{s:s}", "regex", pattern->text)
	                                         : json_string(pattern->text);
}

static void add_patterns(const struct source *source, const struct gb_policyc_patterns *list, const char *kind,
        const char *activity, const char *section, const char *field)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct gb_policyc_pattern *pattern = &list->items[i];
		json_t *of = NULL;

		if (!is_shown(source, pattern->origin.file, kind))
			continue;
		of = json_pack("{s:[o]}", field, pattern_json(pattern));
		add(source, pattern->origin.file, kind, activity, pattern->text,
		        section == NULL ? of : json_pack("{s:o}", section, of));
	}
}

static void add_processes(const struct source *source)
{
	for (size_t i = 0; i < source->entry->process_count; i++) {
		const struct gb_policyc_process *process = &source->entry->processes[i];
		json_t *one, *list;
		char value[2048];
		size_t n;

		if (!is_shown(source, process->origin.file, "process"))
			continue;
		n = (size_t)snprintf(value, sizeof(value), "%.1024s", process->executable);
		list = json_array();
		for (size_t k = 0; k < process->argument_count; k++) {
			const struct gb_policyc_argument *argument = &process->arguments[k];

			(void)json_array_append_new(list, argument->is_shell
			                                          ? json_pack("{s:s}", "shell", argument->text)
			                                          : json_string(argument->text));
			if (n + strlen(argument->text) + 2 < sizeof(value))
				n += (size_t)snprintf(value + n, sizeof(value) - n, " %s", argument->text);
		}
		one = json_pack("{s:s, s:s*, s:o}", "executable", process->executable, "name", process->name,
		        "arguments", list);
		add(source, process->origin.file, "process", "process_start", value,
		        json_pack("{s:[o]}", "processes", one));
	}
}

static json_t *resources_json(const struct gb_policyc_api *api)
{
	json_t *list = json_array();

	for (size_t i = 0; i < api->resources.count; i++)
		(void)json_array_append_new(list, json_string(api->resources.items[i].text));
	return list;
}

static void add_calls(const struct source *source)
{
	for (size_t i = 0; i < source->entry->api_count; i++) {
		const struct gb_policyc_api *api = &source->entry->apis[i];
		json_t *one;

		if (!is_shown(source, api->origin.file, "api"))
			continue;
		one = json_pack("{s:s}", "action", api->action);
		if (api->resources.count != 0)
			(void)json_object_set_new(one, "resources", resources_json(api));
		add(source, api->origin.file, "api", "aws_api", api->action, json_pack("{s:[o]}", "awsApis", one));
	}
	for (size_t i = 0; i < source->entry->request_count; i++) {
		const struct gb_policyc_http *request = &source->entry->requests[i];
		json_t *one;
		char value[2200];

		if (!is_shown(source, request->origin.file, "http"))
			continue;
		one = json_pack("{s:s*}", "method", request->method);
		if (request->host.text != NULL)
			(void)json_object_set_new(one, "host", pattern_json(&request->host));
		if (request->path.text != NULL)
			(void)json_object_set_new(one, "path", pattern_json(&request->path));
		(void)snprintf(value, sizeof(value), "%s %s%s", request->method == NULL ? "*" : request->method,
		        request->host.text == NULL ? "*" : request->host.text,
		        request->path.text == NULL ? "/**" : request->path.text);
		add(source, request->origin.file, "http", "http_request", value, json_pack("{s:[o]}", "http", one));
	}
}

static void add_entry(const struct source *source)
{
	const struct gb_policyc_entry *entry = source->entry;

	add_processes(source);
	add_patterns(source, &entry->commands, "process", "process_start", NULL, "commands");
	add_patterns(source, &entry->read, "file", "file_read", "files", "read");
	add_patterns(source, &entry->write, "file", "file_write", "files", "write");
	add_patterns(source, &entry->any, "file", "file_write", "files", "any");
	add_patterns(source, &entry->map, "library", "library_map", "files", "map");
	add_patterns(source, &entry->addresses, "address", "net_connect", NULL, "addresses");
	add_patterns(source, &entry->hosts, "host", "name_lookup", NULL, "hosts");
	add_calls(source);
	/* Where a kind stands is told of rules and exclusions alone. */
	for (int kind = 1; kind < _GB_ACTIVITY_KIND_MAX && !source->is_allow; kind++) {
		const char *name = gb_activity_kind_name((enum gb_activity_kind)kind);

		if ((entry->kinds >> kind & 1u) != 0 && is_shown(source, entry->origin.file, "other"))
			add(source, entry->origin.file, "other", name, name, json_pack("{s:[s]}", "kinds", name));
	}
}

void gb_items_add_listed(struct gb_items *items, const struct gb_policyc_document *document)
{
	struct source source = {.items = items, .verdict = "allow", .entry = &document->allow, .is_allow = true};

	add_entry(&source);
	source.is_allow = false;
	for (size_t i = 0; i < document->exclusions.count; i++) {
		source.entry = &document->exclusions.items[i];
		add_entry(&source);
	}
	source.verdict = "deny";
	for (size_t i = 0; i < document->rules.count; i++) {
		source.entry = &document->rules.items[i];
		add_entry(&source);
	}
}

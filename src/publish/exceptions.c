/* SPDX-License-Identifier: Apache-2.0 */
#include "publish/exceptions.h"

#include "base/cleanup.h"
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct gb_title gb_title_of(const char *text)
{
	struct gb_title title;
	size_t n = text == NULL ? 0 : strlen(text), cap = sizeof(title.text) - 4;
	bool is_cut = n > cap;

	n = is_cut ? cap : n;
	while (is_cut && n > 0 && ((unsigned char)text[n] & 0xc0u) == 0x80u)
		n--;
	(void)snprintf(title.text, sizeof(title.text), "%.*s%s", (int)n, text == NULL ? "" : text, is_cut ? "…" : "");
	return title;
}

static json_t *scope_of(const char *kind, const char *member, struct gb_span name)
{
	return name.n == 0 ? json_pack("{s:s}", "kind", kind)
	                   : json_pack("{s:s, s:s%}", "kind", kind, member, (const char *)name.p, name.n);
}

static bool is_good(const json_t *entry)
{
	GB_CLEANUP(gb_freep) char *text = json_dumps(entry, JSON_COMPACT);
	const char *activity;
	struct gb_diag diag;
	struct gb_rule rule = {.list = GB_SPAN("exclusion"),
	        .scope = GB_SPAN("account"),
	        .entry = gb_span_cstr(text == NULL ? "" : text)};

	return text != NULL && rule.entry.n <= GB_RULE_ENTRY_MAX && gb_publish_check_rule(&rule, &activity, &diag) == 0;
}

/* Both are taken. */
static void append(struct gb_drafts *drafts, json_t *entry, json_t *scope, const char *warning, const char *title)
{
	struct gb_title cut = gb_title_of(title);
	char both[600];

	(void)snprintf(both, sizeof(both), "%s%s%s", drafts->standing == NULL ? "" : drafts->standing,
	        drafts->standing != NULL && warning != NULL ? "; " : "", warning == NULL ? "" : warning);
	if (json_array_append_new(drafts->list,
	            json_pack("{s:s, s:s, s:o, s:o, s:s?}", "title", strlen(title) < 600 ? title : cut.text, "list",
	                    "exclusion", "scope", scope, "entry", entry, "warning", both[0] == '\0' ? NULL : both)) < 0)
		drafts->failed = -ENOMEM;
}

void gb_drafts_add(struct gb_drafts *drafts, json_t *entry, const char *warning, const char *format, ...)
{
	char title[700], id[24];
	const json_t *other;
	va_list list;
	size_t i;

	json_array_foreach(drafts->list, i, other) if (json_equal(json_object_get(other, "entry"), entry))
	{
		json_decref(entry);
		return;
	}
	if (entry == NULL || !is_good(entry)) {
		json_decref(entry);
		return;
	}
	va_start(list, format);
	(void)vsnprintf(title, sizeof(title), format, list);
	va_end(list);
	(void)snprintf(id, sizeof(id), "%" PRId64, drafts->function->id);
	append(drafts, entry, scope_of("function", "function", gb_span_cstr(id)), warning, title);
}

/* The narrowest entry once more, for more functions. */
static void widen(struct gb_drafts *drafts, const char *group)
{
	json_t *entry = json_object_get(json_array_get(drafts->list, 0), "entry");
	struct gb_span account = drafts->function->account;
	struct gb_title name = gb_title_of(group), number = gb_title_of((const char *)account.p);
	char title[300];

	if (entry == NULL)
		return;
	if (group != NULL) {
		(void)snprintf(
		        title, sizeof(title), "The first of these for every function of the group %s", name.text);
		append(drafts, json_deep_copy(entry), scope_of("group", "name", gb_span_cstr(group)),
		        "it holds for every function of the group", title);
	}
	if (account.n != 0) {
		(void)snprintf(
		        title, sizeof(title), "The first of these for every function of the account %s", number.text);
		append(drafts, json_deep_copy(entry), scope_of("account", "name", account),
		        "it holds for every function of the account", title);
	}
}

/* Places in a list differ from event to event: Records[3] as Records[*]. NULL: there are none. */
static json_t *any_index(const char *path)
{
	char room[256];
	struct gb_text text = gb_text_on(room, sizeof(room));
	bool is_changed = false;

	for (const char *c = path; *c != '\0'; c++) {
		size_t digits = *c == '[' ? strspn(c + 1, "0123456789") : 0;

		gb_text_add_byte(&text, (unsigned char)*c);
		if (digits == 0 || c[1 + digits] != ']')
			continue;
		gb_text_add_byte(&text, '*');
		c += digits;
		is_changed = true;
	}
	return is_changed && !text.truncated ? json_stringn(text.p, text.n) : NULL;
}

static json_t *input_entry(const char *class_name, json_t *path, const char *reason)
{
	json_t *input = class_name == NULL ? json_object() : json_pack("{s:[s]}", "classes", class_name);

	if (path != NULL)
		(void)json_object_set_new(input, "paths", json_pack("[o]", path));
	if (reason != NULL)
		(void)json_object_set_new(input, "reasons", json_pack("[s]", reason));
	return json_pack("{s:[o]}", "inputs", input);
}

static void drafts_of_input(struct gb_drafts *drafts, const json_t *line)
{
	const char *class_name = json_string_value(json_object_get(line, "class"));
	const char *reason = json_string_value(json_object_get(line, "reason"));
	const char *path = json_string_value(json_object_get(json_object_get(line, "input"), "path"));
	struct gb_title class_title = gb_title_of(class_name), where = gb_title_of(path), why = gb_title_of(reason);
	json_t *any;

	if (path != NULL && reason != NULL)
		gb_drafts_add(drafts, input_entry(class_name, json_string(path), reason), NULL,
		        "Let %s with the reason %s pass at %s", class_title.text, why.text, where.text);
	any = path == NULL ? NULL : any_index(path);
	if (any != NULL && reason != NULL)
		gb_drafts_add(drafts, input_entry(class_name, any, reason), NULL,
		        "Let %s with the reason %s pass at %s, at any place of the list", class_title.text, why.text,
		        where.text);
	else
		json_decref(any);
	if (path != NULL)
		gb_drafts_add(drafts, input_entry(class_name, json_string(path), NULL),
		        "every attack of the class passes there", "Let %s pass at %s, whatever the reason",
		        class_title.text, where.text);
	if (reason != NULL)
		gb_drafts_add(drafts, input_entry(class_name, NULL, reason), "every input of the function is concerned",
		        "Let %s with the reason %s pass everywhere", class_title.text, why.text);
	if (path != NULL)
		gb_drafts_add(drafts, input_entry(NULL, json_string(path), NULL),
		        "nothing that comes in there is held against anybody any more", "Let everything pass at %s",
		        where.text);
}

/* What no exclusion changes; NULL: one can. */
static const char *why_none(const char *control, const char *class_name, const char *rule)
{
	static const char *const fixed[] = {"self", "decoys", "drift", "forbidden", "hygiene"};

	if (control == NULL)
		return "this event is no finding of a control";
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		if (strcmp(control, fixed[i]) == 0)
			return "no exclusion changes what this control says; its own settings in the policy do";
	if (strcmp(control, "rule") == 0)
		return rule != NULL ? "a rule forbids it, and rules go before exclusions: change or delete that rule"
		                    : "a rule forbids it, and rules go before exclusions";
	if (class_name != NULL && (strcmp(class_name, "source") == 0 || strcmp(class_name, "limit") == 0))
		return "this is about the client's address or the event's size: see firewall.sources and onLimit of "
		       "the "
		       "policy";
	return NULL;
}

static void draft(struct gb_drafts *drafts, const char *control, const json_t *line)
{
	const json_t *activity = json_object_get(line, "activity");

	if (strcmp(control, "flow") == 0)
		drafts->standing =
		        "what came in with the request had changed this command: with the exception nobody looks "
		        "at that any more";
	if (strcmp(control, "credentials") == 0)
		drafts->standing =
		        "keys of the function's role went out with it: with the exception nobody looks at that "
		        "any more";
	if (json_is_object(activity))
		gb_drafts_of_activity(drafts, activity);
	else if (json_object_get(line, "class") != NULL)
		drafts_of_input(drafts, line);
}

int gb_publish_exceptions(const struct gb_function *function, const char *group, const json_t *line, json_t **ret_list,
        const char **ret_note)
{
	const char *control = json_string_value(json_object_get(line, "control"));
	const char *rule = json_string_value(json_object_get(json_object_get(line, "rule"), "name"));
	struct gb_drafts drafts = {
	        .function = function, .boundaries = gb_boundaries_new(), .arena = gb_arena_new(), .list = json_array()};

	*ret_note = why_none(control, json_string_value(json_object_get(line, "class")), rule);
	if (drafts.boundaries == NULL || drafts.arena == NULL || drafts.list == NULL)
		drafts.failed = -ENOMEM;
	else if (*ret_note == NULL)
		draft(&drafts, control, line);
	if (drafts.failed == 0)
		widen(&drafts, group);
	if (drafts.failed == 0 && *ret_note == NULL && json_array_size(drafts.list) == 0)
		*ret_note = "no entry of a policy can say what this event is about";
	gb_boundaries_free(drafts.boundaries);
	gb_arena_free(drafts.arena);
	if (drafts.failed < 0) {
		json_decref(drafts.list);
		return drafts.failed;
	}
	*ret_list = drafts.list;
	return 0;
}

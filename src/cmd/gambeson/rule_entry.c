/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/gambeson/rule_entry.h"

#include "base/cleanup.h"
#include "base/fd.h"
#include "policyc/moment.h"
#include "policyc/tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ENTRY_BYTES_MAX (256u * 1024u)

static json_t *value_of(const struct gb_policyc_node *node, struct gb_diag *diag);

static json_t *text_of(const struct gb_policyc_node *node, struct gb_diag *diag)
{
	json_t *text = json_stringn((const char *)node->text.p, node->text.n);

	if (text == NULL)
		(void)gb_diag_set(diag, -EINVAL, node->line, node->column, "it is not UTF-8");
	return text;
}

static json_t *scalar_of(const struct gb_policyc_node *node, struct gb_diag *diag)
{
	uint64_t number;

	if (node->is_plain && gb_span_equal(node->text, GB_SPAN("true")))
		return json_true();
	if (node->is_plain && gb_span_equal(node->text, GB_SPAN("false")))
		return json_false();
	if (node->is_plain && gb_span_to_u64(node->text, &number) && number <= INT64_MAX)
		return json_integer((json_int_t)number);
	return text_of(node, diag);
}

static json_t *list_of(const struct gb_policyc_node *node, struct gb_diag *diag)
{
	json_t *list = json_array();

	for (const struct gb_policyc_node *item = node->first; list != NULL && item != NULL; item = item->next)
		if (json_array_append_new(list, value_of(item, diag)) < 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

static json_t *map_of(const struct gb_policyc_node *node, struct gb_diag *diag)
{
	json_t *map = json_object();

	for (const struct gb_policyc_node *key = node->first; map != NULL && key != NULL; key = key->next->next) {
		json_t *name = key->kind == GB_POLICYC_SCALAR ? text_of(key, diag) : NULL;
		bool is_twice = name != NULL && json_object_get(map, json_string_value(name)) != NULL;

		if (is_twice)
			(void)gb_diag_set(
			        diag, -EINVAL, key->line, key->column, "'%.80s' stands twice", json_string_value(name));
		if (name == NULL || is_twice ||
		        json_object_set_new(map, json_string_value(name), value_of(key->next, diag)) < 0) {
			json_decref(map);
			map = NULL;
		}
		json_decref(name);
		if (map == NULL)
			break;
	}
	return map;
}

/* The tree's depth is bounded where it is read. NULL with DIAG, or when memory is short. */
static json_t *value_of(const struct gb_policyc_node *node, struct gb_diag *diag)
{
	switch (node->kind) {
	case GB_POLICYC_LIST: return list_of(node, diag);
	case GB_POLICYC_MAP: return map_of(node, diag);
	case GB_POLICYC_SCALAR: break;
	}
	return scalar_of(node, diag);
}

static int parse(const struct gb_command *self, struct gb_span text, json_t **ret_entry)
{
	GB_CLEANUP(gb_arena_freep) struct gb_arena *arena = gb_arena_new();
	struct gb_policyc_node *root = NULL;
	struct gb_diag diag = {0};
	int r = arena == NULL ? -ENOMEM : gb_policyc_tree_parse(arena, text, 1, &root, &diag);

	if (r == 0 && (root == NULL || root->kind != GB_POLICYC_MAP))
		r = gb_diag_set(&diag, -EINVAL, 1, 1, "an entry is a map, as 'files: {read: [/etc/hosts]}'");
	*ret_entry = r == 0 ? value_of(root, &diag) : NULL;
	if (*ret_entry != NULL)
		return GB_EXIT_OK;
	if (diag.message[0] == '\0')
		return gb_complain(self, GB_EXIT_SYSTEM, "out of memory");
	return gb_complain(
	        self, GB_EXIT_USAGE, "the entry, line %u, column %u: %s", diag.line, diag.column, diag.message);
}

int gb_rule_entry_read(const struct gb_command *self, const char *text, json_t **ret_entry)
{
	GB_CLEANUP(gb_freep) char *data = NULL;
	const char *path = text[0] == '@' ? text + 1 : text;
	size_t n = 0;
	int r;

	if (text[0] != '@' && strcmp(text, "-") != 0)
		return parse(self, gb_span_cstr(text), ret_entry);
	r = gb_fd_read_file(path, ENTRY_BYTES_MAX, &data, &n);
	if (r < 0)
		return gb_complain(self, GB_EXIT_SYSTEM, "%s cannot be read: %s", path, strerror(-r));
	return parse(self, gb_span_of(data, n), ret_entry);
}

/* The id of the only function called NAME. */
static int find_function(struct gb_remote *remote, const char *name, char id[static 32])
{
	const char *path = gb_remote_add(remote, "/v1/functions?limit=500", "text", name);
	json_t *answer = NULL;
	const json_t *function;
	size_t i, found = 0;
	int status = gb_remote_ask(remote, "GET", path, NULL, &answer);

	if (status != GB_EXIT_OK)
		return status;
	json_array_foreach(json_object_get(answer, "functions"), i, function)
	{
		const char *called = json_string_value(json_object_get(function, "name"));
		const char *number = json_string_value(json_object_get(function, "id"));

		if (called == NULL || number == NULL || strcmp(called, name) != 0)
			continue;
		found++;
		(void)snprintf(id, 32, "%s", number);
	}
	json_decref(answer);
	if (found == 0)
		return gb_complain(remote->command, GB_EXIT_FINDINGS, "there is no function '%s'", name);
	return found == 1 ? GB_EXIT_OK
	                  : gb_complain(remote->command, GB_EXIT_USAGE,
	                            "there are %zu functions '%s': say which by its id, from 'gambeson functions list'",
	                            found, name);
}

int gb_rule_function(struct gb_remote *remote, const char *text, char id[static 32])
{
	if (text[0] == '\0' || text[strspn(text, "0123456789")] != '\0' || strlen(text) > 19)
		return find_function(remote, text, id);
	(void)snprintf(id, 32, "%s", text);
	return GB_EXIT_OK;
}

int gb_rule_scope_read(struct gb_remote *remote, const struct gb_rule_scope *scope, json_t **ret_scope)
{
	char id[32] = "";
	int status = GB_EXIT_OK;

	if ((scope->function != NULL) + (scope->group != NULL) + (scope->account != NULL) + scope->everywhere != 1)
		return gb_complain(remote->command, GB_EXIT_USAGE,
		        "say whom it is for: one of --function, --group, --account and --everywhere");
	if (scope->function != NULL)
		status = gb_rule_function(remote, scope->function, id);
	if (status != GB_EXIT_OK)
		return status;
	if (scope->function != NULL)
		*ret_scope = json_pack("{s:s, s:s}", "kind", "function", "function", id);
	else if (scope->group != NULL)
		*ret_scope = json_pack("{s:s, s:s}", "kind", "group", "name", scope->group);
	else if (scope->account != NULL)
		*ret_scope = json_pack("{s:s, s:s}", "kind", "account", "name", scope->account);
	else
		*ret_scope = json_pack("{s:s}", "kind", "account");
	return *ret_scope != NULL ? GB_EXIT_OK : gb_complain(remote->command, GB_EXIT_USAGE, "the name is not UTF-8");
}

int gb_rule_expires_put(const struct gb_command *self, const char *text, json_t *body)
{
	char buffer[40];
	struct tm parts;
	int64_t moment;

	if (text == NULL)
		return GB_EXIT_OK;
	if (strcmp(text, "never") == 0) {
		(void)json_object_set_new(body, "expires", json_null());
		return GB_EXIT_OK;
	}
	if (!gb_policyc_moment_parse(gb_span_cstr(text), GB_POLICYC_DAY_LAST, &moment))
		return gb_complain(self, GB_EXIT_USAGE,
		        "--expires: '%s' is no date (2026-12-01), no moment (2026-12-01T18:00:00Z) and not 'never'",
		        text);
	/* Never a date alone, which would be the end of that day. */
	if (gmtime_r(&(time_t){moment}, &parts) == NULL ||
	        strftime(buffer, sizeof(buffer), "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
		return gb_complain(self, GB_EXIT_USAGE, "--expires: '%s' is too far off", text);
	(void)json_object_set_new(body, "expires", json_string(buffer));
	return GB_EXIT_OK;
}

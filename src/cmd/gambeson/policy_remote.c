/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/gambeson/policy_remote.h"

#include "publish/publish.h"

#include <stdlib.h>
#include <string.h>

static bool is_kind(const char *kind)
{
	for (size_t i = 0; kind != NULL && gb_publish_kinds[i] != NULL; i++)
		if (strcmp(kind, gb_publish_kinds[i]) == 0)
			return true;
	return false;
}

static bool is_document(const json_t *item)
{
	const char *name = json_string_value(json_object_get(item, "name"));

	return is_kind(json_string_value(json_object_get(item, "kind"))) && name != NULL && name[0] != '\0' &&
	       strlen(name) <= GB_POLICY_NAME_MAX && json_integer_value(json_object_get(item, "revision")) > 0;
}

int gb_policy_remote_list(struct gb_remote *remote, json_t **ret_list)
{
	json_t *answer = NULL, *list;
	const json_t *item;
	size_t i;
	int status = gb_remote_ask(remote, "GET", "/v1/policies", NULL, &answer);

	if (status != GB_EXIT_OK)
		return status;
	list = json_object_get(answer, "policies");
	if (!json_is_array(list))
		status = gb_complain(remote->command, GB_EXIT_SYSTEM,
		        "%s answers without policies: is it a Gambeson server?", remote->server);
	json_array_foreach(list, i, item)
	{
		if (status == GB_EXIT_OK && !is_document(item))
			status = gb_complain(remote->command, GB_EXIT_SYSTEM,
			        "%s names a document that can be none: is it of another version?", remote->server);
	}
	*ret_list = status == GB_EXIT_OK ? json_incref(list) : NULL;
	json_decref(answer);
	return status;
}

const json_t *gb_policy_remote_find(const json_t *list, const char *kind, const char *name)
{
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
	{
		if (strcmp(json_string_value(json_object_get(item, "kind")), kind) == 0 &&
		        strcmp(json_string_value(json_object_get(item, "name")), name) == 0)
			return item;
	}
	return NULL;
}

const char *gb_policy_remote_path(struct gb_remote *remote, const char *kind, const char *name)
{
	const char *escaped = gb_remote_escape(remote, name);
	size_t n = escaped == NULL ? 0 : strlen(escaped) + strlen(kind) + sizeof("/v1/policies//");
	char *path = escaped == NULL ? NULL : gb_arena_take(remote->arena, n);

	if (path != NULL)
		(void)snprintf(path, n, "/v1/policies/%s/%s", kind, escaped);
	return path;
}

int gb_policy_remote_body(struct gb_remote *remote, const char *kind, const char *name, char **ret_body, size_t *ret_n)
{
	json_t *answer = NULL;
	const json_t *body;
	int status = gb_remote_ask(remote, "GET", gb_policy_remote_path(remote, kind, name), NULL, &answer);

	if (status == GB_EXIT_OK) {
		body = json_object_get(answer, "body");
		*ret_n = json_string_length(body);
		*ret_body = json_is_string(body) ? strndup(json_string_value(body), *ret_n) : NULL;
		if (*ret_body == NULL)
			status = gb_complain(remote->command, GB_EXIT_SYSTEM, "%s answers without the document's body",
			        remote->server);
	}
	json_decref(answer);
	return status;
}

void gb_policy_remote_note(json_t *rows, const char *state, const char *kind, const char *name, int64_t revision,
        const char *file, const char *why)
{
	json_t *row = json_pack("{s:s, s:s, s:s}", "state", state, "kind", kind, "name", name);

	if (revision > 0)
		(void)json_object_set_new(row, "revision", json_integer(revision));
	if (file != NULL)
		(void)json_object_set_new(row, "file", json_string(file));
	if (why != NULL)
		(void)json_object_set_new(row, "why", json_string(why));
	(void)json_array_append_new(rows, row);
}

void gb_policy_remote_tell(const struct gb_remote *remote, const json_t *rows)
{
	static const struct gb_remote_column columns[] = {{"STATE", "state", GB_FIT_WHOLE},
	        {"KIND", "kind", GB_FIT_WHOLE}, {"NAME", "name", GB_FIT_CUT}, {"FUNCTIONS", "functions", GB_FIT_SPARE},
	        {"REVISION", "revision", GB_FIT_SPARE}, {"FILE", "file", GB_FIT_ANY}, {"WHY", "why", GB_FIT_CUT},
	        {NULL, NULL, GB_FIT_WHOLE}};
	const json_t *row;
	size_t i;

	if (!remote->is_json) {
		gb_remote_table(rows, columns);
		return;
	}
	json_array_foreach(rows, i, row) gb_remote_print_line(row);
}

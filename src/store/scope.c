/* SPDX-License-Identifier: Apache-2.0 */
#include "store/scope.h"

#include "store/sqlite.h"

#include "base/arena.h"

#include <errno.h>
#include <jansson.h>

/* {"accounts":["1"],"tags":[{"team":"shop"}]}; PostgreSQL's gb_in_scope() reads the same. */
static json_t *scope_json(const struct gb_scope *scope)
{
	json_t *accounts = json_array();
	json_t *tags = json_array();
	json_t *all = json_pack("{s:o, s:o}", "accounts", accounts, "tags", tags);
	bool is_whole = true;

	if (scope->is_empty)
		json_object_set_new(all, "nothing", json_true());
	for (size_t i = 0; i < scope->account_count; i++)
		json_array_append_new(accounts, json_stringn((const char *)scope->accounts[i].p, scope->accounts[i].n));
	for (size_t i = 0; i < scope->tag_count; i++) {
		struct gb_span tag = scope->tags[i];
		size_t equals = gb_span_find_byte(tag, '=', 0);
		struct gb_span key = gb_span_sub(tag, 0, equals);
		struct gb_span value = equals == SIZE_MAX ? GB_SPAN_EMPTY : gb_span_sub(tag, equals + 1, SIZE_MAX);
		json_t *object = json_object();

		json_object_setn_new(object, (const char *)key.p, key.n, json_stringn((const char *)value.p, value.n));
		is_whole = is_whole && json_object_size(object) == 1;
		json_array_append_new(tags, object);
	}
	/* A name that is no UTF-8 was left out: who should see little must not see all. */
	if (json_array_size(accounts) != scope->account_count || !is_whole)
		json_object_set_new(all, "nothing", json_true());
	return all;
}

int gb_scope_value(const struct gb_scope *scope, struct gb_arena *arena, struct gb_sql_value *ret_value)
{
	json_t *json;
	size_t n;
	char *text;

	*ret_value = gb_sql_text(GB_SPAN_EMPTY);
	if (scope == NULL || (!scope->is_empty && scope->account_count == 0 && scope->tag_count == 0))
		return 0;
	json = scope_json(scope);
	n = json_dumpb(json, NULL, 0, JSON_COMPACT);
	text = n == 0 ? NULL : gb_arena_take(arena, n);
	if (text != NULL)
		*ret_value = gb_sql_text(gb_span_of(text, json_dumpb(json, text, n, JSON_COMPACT)));
	json_decref(json);
	return text == NULL ? -ENOMEM : 0;
}

static bool is_string(const json_t *value, struct gb_span wanted)
{
	return json_is_string(value) &&
	       gb_span_equal(gb_span_of(json_string_value(value), json_string_length(value)), wanted);
}

static bool has_tag(json_t *wanted, json_t *tags)
{
	json_t *tag;
	size_t i;

	json_array_foreach(wanted, i, tag)
	{
		const char *key;
		json_t *value;

		json_object_foreach(tag, key, value) if (json_equal(json_object_get(tags, key), value)) return true;
	}
	return false;
}

static bool is_in(json_t *scope, struct gb_span account, struct gb_span tags)
{
	json_t *accounts = json_object_get(scope, "accounts");
	json_t *wanted = json_object_get(scope, "tags");
	bool is_in = json_array_size(accounts) == 0;
	json_t *value;
	json_t *object;
	size_t i;

	if (!json_is_object(scope) || json_object_get(scope, "nothing") != NULL)
		return false;
	json_array_foreach(accounts, i, value) is_in = is_in || is_string(value, account);
	if (!is_in || json_array_size(wanted) == 0)
		return is_in;
	object = json_loadb((const char *)tags.p, tags.n, JSON_ALLOW_NUL, NULL);
	is_in = has_tag(wanted, object);
	json_decref(object);
	return is_in;
}

bool gb_scope_has(struct gb_span scope_text, struct gb_span account, struct gb_span tags)
{
	json_t *scope;
	bool result;

	if (scope_text.n == 0)
		return true;
	scope = json_loadb((const char *)scope_text.p, scope_text.n, JSON_ALLOW_NUL, NULL);
	result = is_in(scope, account, tags);
	json_decref(scope);
	return result;
}

static struct gb_span text_of(sqlite3_value *value)
{
	const unsigned char *text = sqlite3_value_text(value);

	return gb_span_of(text, text == NULL ? 0 : (size_t)sqlite3_value_bytes(value));
}

static void free_scope(void *scope)
{
	json_decref(scope);
}

/* gb_in_scope(scope, account, tags): the scope is read once a statement. */
static void in_scope(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct gb_span text = text_of(values[0]);
	json_t *scope = sqlite3_get_auxdata(context, 0);

	(void)count;
	if (text.n == 0 && sqlite3_value_type(values[0]) == SQLITE_TEXT) {
		sqlite3_result_int(context, 1);
		return;
	}
	if (scope != NULL) {
		sqlite3_result_int(context, is_in(scope, text_of(values[1]), text_of(values[2])));
		return;
	}
	scope = json_loadb((const char *)text.p, text.n, JSON_ALLOW_NUL, NULL);
	sqlite3_result_int(context, is_in(scope, text_of(values[1]), text_of(values[2])));
	sqlite3_set_auxdata(context, 0, scope, free_scope);
}

int gb_sqlite_functions(struct gb_store *store, struct gb_diag *diag)
{
	struct gb_sqlite *sqlite = store->connection;
	int r = sqlite3_create_function(
	        sqlite->db, "gb_in_scope", 3, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, in_scope, NULL, NULL);

	return r == SQLITE_OK ? 0 : gb_sqlite_error(store, r, diag);
}

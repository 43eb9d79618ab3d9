/* SPDX-License-Identifier: Apache-2.0 */
#include "control/rule_json.h"

#include "policyc/moment.h"
#include "store/store.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *time_or_null(int64_t ms)
{
	return ms == 0 ? json_null() : gb_json_time(ms);
}

static json_t *id_text(int64_t id)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%" PRId64, id);
	return json_string(text);
}

static const char *state_of(int64_t expires, int64_t now_ms)
{
	return expires != 0 && expires <= now_ms ? "expired" : "active";
}

static json_t *scope_json(const struct gb_rule *rule)
{
	json_t *scope = json_pack("{s:o}", "kind", gb_json_text(rule->scope));

	if (rule->function != 0)
		(void)json_object_set_new(scope, "function", id_text(rule->function));
	else if (rule->name.n != 0)
		(void)json_object_set_new(scope, "name", gb_json_text(rule->name));
	return scope;
}

json_t *gb_rule_json(const struct gb_rule *rule, int64_t now_ms)
{
	json_t *entry = gb_json_load(rule->entry);
	json_t *object = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:s}", "id",
	        id_text(rule->id), "list", gb_json_text(rule->list), "activity", gb_json_text(rule->activity), "entry",
	        entry != NULL ? entry : json_object(), "scope", scope_json(rule), "reason", gb_json_text(rule->reason),
	        "author", gb_json_text(rule->author), "created", gb_json_time(rule->created), "changed",
	        gb_json_time(rule->changed), "expires", time_or_null(rule->expires), "state",
	        state_of(rule->expires, now_ms), "origin", "resource");

	if (object != NULL && rule->function_name.n != 0)
		(void)json_object_set_new(object, "function_name", gb_json_text(rule->function_name));
	return object;
}

json_t *gb_document_entry_json(const struct gb_document_entry *of, int64_t now_ms)
{
	const char *kind = strcmp(of->kind, "AccountPolicy") == 0 ? "account"
	                   : strcmp(of->kind, "Group") == 0       ? "group"
	                                                          : "function";
	const char *reason = of->entry->reason == NULL ? "" : of->entry->reason;
	const char *author = of->entry->author == NULL ? "" : of->entry->author;
	json_t *entry = gb_json_load(of->json), *object;
	char id[900];

	(void)json_object_del(entry, "reason");
	(void)json_object_del(entry, "author");
	(void)json_object_del(entry, "expires");
	(void)snprintf(id, sizeof(id), "%s/%.800s/%s/%zu", of->kind, of->name,
	        of->is_exclusion ? "exclusions" : "rules", of->index);
	object = json_pack("{s:s, s:s, s:s, s:o, s:{s:s}, s:s, s:s, s:n, s:o, s:s, s:s, s:{s:s, s:s, s:i}}", "id", id,
	        "list", of->is_exclusion ? "exclusion" : "rule", "activity", gb_publish_activity_of(of->entry), "entry",
	        entry != NULL ? entry : json_object(), "scope", "kind", kind, "reason", reason, "author", author,
	        "created", "expires", time_or_null(of->entry->expires * 1000), "state",
	        state_of(of->entry->expires * 1000, now_ms), "origin", "document", "document", "kind", of->kind, "name",
	        of->name, "line", (int)of->line);
	if (object != NULL && strcmp(kind, "account") != 0)
		(void)json_object_set_new(json_object_get(object, "scope"), "name", json_string(of->name));
	return object;
}

struct finding {
	struct gb_call *call;
	struct gb_function *function;
};

static int keep(void *context, const struct gb_function *function)
{
	const struct finding *finding = context;
	int r = gb_function_copy(finding->call->arena, function, finding->function);

	return r < 0 ? r : 1;
}

int gb_call_function(struct gb_call *call, struct gb_span text, struct gb_function *ret_function)
{
	struct finding finding = {call, ret_function};
	struct gb_diag diag = {0};
	uint64_t id;
	int r;

	if (!gb_span_to_u64(text, &id) || id == 0 || id > INT64_MAX)
		return 0;
	r = gb_function_get(call->store, call->actor->scope, (int64_t)id, keep, &finding, &diag);
	if (r >= 0)
		return r;
	(void)gb_call_failed(call, r, &diag);
	return -EINVAL;
}

/* The entry as it is kept: with its lines, so that a place in it can be told. */
static int take_entry(struct gb_call *call, const json_t *body, struct gb_rule *rule)
{
	const json_t *entry = json_object_get(body, "entry");
	char *text, *copy;
	size_t n;

	if (!json_is_object(entry)) {
		(void)gb_call_problem(call, 400, "bad-value", "entry is an object as in a policy document's list");
		return -EINVAL;
	}
	text = json_dumps(entry, JSON_INDENT(2));
	n = text == NULL ? 0 : strlen(text);
	copy = text == NULL || n > GB_RULE_ENTRY_MAX ? NULL : gb_arena_take(call->arena, n + 1);
	if (copy != NULL)
		memcpy(copy, text, n);
	free(text);
	if (n > GB_RULE_ENTRY_MAX)
		(void)gb_call_problem(call, 422, "invalid", "entry has more than %u bytes", GB_RULE_ENTRY_MAX);
	else if (copy == NULL)
		(void)gb_call_failed(call, -ENOMEM, NULL);
	rule->entry = gb_span_of(copy, n);
	return copy == NULL ? -EINVAL : 0;
}

/* A date, to its end, or a moment. */
static int take_expires(struct gb_call *call, const json_t *body, struct gb_rule *rule)
{
	struct gb_span text;
	int64_t seconds;

	if (gb_call_text(call, body, "expires", 40, false, &text) != 0)
		return json_object_get(body, "expires") == NULL || json_is_null(json_object_get(body, "expires"))
		               ? 0
		               : -EINVAL;
	if (gb_policyc_moment_parse(text, GB_POLICYC_DAY_LAST, &seconds) &&
	        seconds * 1000 > gb_store_now_ms(call->store)) {
		rule->expires = seconds * 1000;
		return 0;
	}
	(void)gb_call_problem(call, 422, "invalid",
	        "expires is a date (2026-12-31, to its end) or a moment (2026-12-31T18:00:00Z) that is to come");
	return -EINVAL;
}

static int check_members(
        struct gb_call *call, const json_t *body, const char *where, const char *const *known, size_t count)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)body, name, value)
	{
		size_t i = 0;

		while (i < count && strcmp(known[i], name) != 0)
			i++;
		if (i < count)
			continue;
		(void)gb_call_problem(call, 422, "invalid", "%.64s: %s has no such member", name, where);
		return -EINVAL;
	}
	return 0;
}

/* As policyc has it. */
static int check_entry(struct gb_call *call, struct gb_rule *rule)
{
	struct gb_diag diag = {0};
	const char *activity;
	int r = gb_publish_check_rule(rule, &activity, &diag);

	if (r == 0) {
		rule->activity = gb_span_cstr(activity);
		return 0;
	}
	if (r == -EINVAL || r == -EFBIG)
		(void)gb_call_problem_at(call, 422, "invalid", diag.line, diag.column, diag.message);
	else
		(void)gb_call_failed(call, r, &diag);
	return -EINVAL;
}

static int take_function(struct gb_call *call, struct gb_span text, struct gb_rule *rule)
{
	struct gb_function function;
	int r = gb_call_function(call, text, &function);

	if (r == 0)
		(void)gb_call_problem(call, 422, "invalid", "scope: there is no such function");
	if (r <= 0)
		return -EINVAL;
	rule->function = function.id;
	rule->function_account = function.account;
	rule->function_region = function.region;
	rule->function_name = function.name;
	return 0;
}

static int take_scope(struct gb_call *call, const json_t *body, struct gb_rule *rule)
{
	static const char *const known[] = {"kind", "name", "function"};
	const json_t *scope = json_object_get(body, "scope");
	struct gb_span name, function;
	bool is_function;

	if (!json_is_object(scope)) {
		(void)gb_call_problem(
		        call, 400, "bad-value", "scope is an object: {\"kind\": \"function\", \"function\": ID}");
		return -EINVAL;
	}
	if (check_members(call, scope, "a scope", known, 3) < 0 ||
	        gb_call_text(call, scope, "kind", 16, true, &rule->scope) < 0 ||
	        gb_call_text(call, scope, "name", GB_RULE_NAME_BYTES, false, &name) < 0 ||
	        gb_call_text(call, scope, "function", 24, false, &function) < 0)
		return -EINVAL;
	is_function = gb_span_equal(rule->scope, GB_SPAN("function"));
	if (!is_function && !gb_span_equal(rule->scope, GB_SPAN("account")) &&
	        !gb_span_equal(rule->scope, GB_SPAN("group")))
		(void)gb_call_problem(call, 422, "invalid", "scope: kind is account, group or function");
	else if (is_function != (function.n != 0) || (is_function && name.n != 0))
		(void)gb_call_problem(call, 422, "invalid", "scope: a function, and nothing else, has the id of one");
	else if (gb_span_equal(rule->scope, GB_SPAN("group")) && name.n == 0)
		(void)gb_call_problem(call, 422, "invalid", "scope: which group? give its name");
	else {
		rule->name = name;
		return is_function ? take_function(call, function, rule) : 0;
	}
	return -EINVAL;
}

int gb_rule_read(struct gb_call *call, const json_t *body, struct gb_rule *ret_rule)
{
	static const char *const known[] = {"list", "scope", "entry", "reason", "expires"};
	struct gb_rule *rule = ret_rule;

	*rule = (struct gb_rule){.author = call->actor->name};
	if (check_members(call, body, "a rule", known, 5) < 0 ||
	        gb_call_text(call, body, "list", 16, true, &rule->list) < 0)
		return -EINVAL;
	if (!gb_span_equal(rule->list, GB_SPAN("rule")) && !gb_span_equal(rule->list, GB_SPAN("exclusion"))) {
		(void)gb_call_problem(call, 422, "invalid", "list is rule or exclusion");
		return -EINVAL;
	}
	if (take_scope(call, body, rule) < 0 || take_entry(call, body, rule) < 0 ||
	        gb_call_text(call, body, "reason", GB_RULE_REASON_MAX, false, &rule->reason) < 0 ||
	        take_expires(call, body, rule) < 0)
		return -EINVAL;
	return check_entry(call, rule);
}

int gb_rule_read_change(struct gb_call *call, const json_t *body, struct gb_rule *rule)
{
	static const char *const known[] = {"entry", "reason", "expires"};

	if (check_members(call, body, "a change", known, 3) < 0)
		return -EINVAL;
	if (json_object_get(body, "entry") != NULL && (take_entry(call, body, rule) < 0 || check_entry(call, rule) < 0))
		return -EINVAL;
	if (json_object_get(body, "reason") != NULL &&
	        gb_call_text(call, body, "reason", GB_RULE_REASON_MAX, false, &rule->reason) < 0)
		return -EINVAL;
	if (json_object_get(body, "expires") != NULL) {
		rule->expires = 0;
		if (take_expires(call, body, rule) < 0)
			return -EINVAL;
	}
	rule->author = call->actor->name;
	return 0;
}

bool gb_rule_may_change(struct gb_call *call, const struct gb_rule *rule)
{
	const struct gb_scope *scope = call->actor->scope;

	/* Of one function it was found, so it is seen. */
	if (scope == NULL || rule->function != 0)
		return true;
	for (size_t i = 0; i < scope->account_count && scope->tag_count == 0 && !scope->is_empty; i++)
		if (gb_span_equal(rule->scope, GB_SPAN("account")) && gb_span_equal(rule->name, scope->accounts[i]))
			return true;
	(void)gb_call_problem(call, 403, "forbidden", "this is for functions that you do not see, too");
	return false;
}

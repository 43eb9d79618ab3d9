/* SPDX-License-Identifier: Apache-2.0 */
/* Rates, scopes, roles, routes and texts: what needs no server. */
#include "control/auth.h"
#include "control/scope.h"
#include "control/state.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void rates_fill_with_time(void **state)
{
	struct gb_rates *rates;
	int64_t now = 1000000;
	struct gb_span who = GB_SPAN("anna"), other = GB_SPAN("bert");

	(void)state;
	assert_int_equal(gb_rates_new(&rates), 0);
	for (int i = 0; i < 10; i++)
		assert_int_equal(gb_rates_take(rates, GB_RATE_SIGN_IN_ACCOUNT, who, now), 0);
	assert_int_equal(gb_rates_take(rates, GB_RATE_SIGN_IN_ACCOUNT, who, now), 60);
	assert_int_equal(gb_rates_look(rates, GB_RATE_SIGN_IN_ACCOUNT, who, now + 59001), 1);
	assert_int_equal(gb_rates_take(rates, GB_RATE_SIGN_IN_ACCOUNT, other, now), 0);
	assert_int_equal(gb_rates_take(rates, GB_RATE_SIGN_IN_ADDRESS, who, now), 0);
	assert_int_equal(gb_rates_take(rates, GB_RATE_SIGN_IN_ACCOUNT, who, now + 60000), 0);
	assert_true(gb_rates_take(rates, GB_RATE_SIGN_IN_ACCOUNT, who, now + 60000) > 0);
	/* A clock that is set back locks nobody out. */
	assert_int_equal(gb_rates_take(rates, GB_RATE_SIGN_IN_ACCOUNT, who, now - 100000000), 0);
	now -= 100000000;
	for (int i = 0; i < 100; i++) {
		assert_int_equal(gb_rates_take(rates, GB_RATE_SIGN_IN_ACCOUNT, who, now), 0);
		gb_rates_return(rates, GB_RATE_SIGN_IN_ACCOUNT, who);
	}
	gb_rates_forgive(rates, GB_RATE_SIGN_IN_ACCOUNT, who);
	for (int i = 0; i < 10; i++)
		assert_int_equal(gb_rates_take(rates, GB_RATE_SIGN_IN_ACCOUNT, who, now), 0);
	gb_rates_free(rates);
}

/* Whoever has used his up is not forgotten because of 200,000 names that were used once. */
static void rates_outlive_a_flood(void **state)
{
	struct gb_rates *rates;
	char name[32];

	(void)state;
	assert_int_equal(gb_rates_new(&rates), 0);
	for (int i = 0; i < 11; i++)
		assert_int_equal(gb_rates_take(rates, GB_RATE_SIGN_IN_ACCOUNT, GB_SPAN("anna"), 1000) > 0, i == 10);
	for (int i = 0; i < 200000; i++) {
		int n = snprintf(name, sizeof(name), "flood%d", i);

		assert_int_equal(gb_rates_take(rates, GB_RATE_SIGN_IN_ACCOUNT, gb_span_of(name, (size_t)n), 1000), 0);
	}
	assert_true(gb_rates_take(rates, GB_RATE_SIGN_IN_ACCOUNT, GB_SPAN("anna"), 1000) > 0);
	gb_rates_free(rates);
}

static const struct {
	const char *scopes, *wanted;
	bool is_for;
} token_rows[] = {
        {"events:read", "events:read", true},
        {"events:read", "events:write", false},
        {"events:write", "events:read", true},
        {"events:*", "events:write", true},
        {"*", "ingest", true},
        {"ingest", "ingest", true},
        {"ingest", "events:read", false},
        {"events:write", "ingest", false},
        {"users:read events:read", "events:read", true},
        {"", "events:read", false},
        {"event:read", "events:read", false},
        {"events", "events:read", false},
        {"events:", "events:read", false},
        {"events:readx", "events:read", false},
        {":*", "events:read", false},
        {"e*", "events:read", false},
};

static void scopes_of_tokens(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(token_rows) / sizeof(token_rows[0]); i++)
		if (gb_auth_has_scope(gb_span_cstr(token_rows[i].scopes), gb_span_cstr(token_rows[i].wanted)) !=
		        token_rows[i].is_for)
			fail_msg("'%s' for '%s'", token_rows[i].scopes, token_rows[i].wanted);
}

static const struct {
	const char *inner, *outer;
	bool is_within;
} within_rows[] = {
        {"null", "null", true},
        {"null", "{\"accounts\":[\"1\"]}", false},
        {"{\"accounts\":[\"1\"]}", "null", true},
        {"{\"accounts\":[\"1\"]}", "{\"accounts\":[\"1\",\"2\"]}", true},
        {"{\"accounts\":[\"1\",\"3\"]}", "{\"accounts\":[\"1\",\"2\"]}", false},
        {"{\"tags\":[\"a=b\"]}", "{\"accounts\":[\"1\"]}", false},
        {"{\"accounts\":[\"1\"],\"tags\":[\"a=b\"]}", "{\"accounts\":[\"1\"]}", true},
        {"{\"accounts\":[\"1\"]}", "{\"accounts\":[\"1\"],\"tags\":[\"a=b\"]}", false},
};

static const struct gb_scope *scope_of(const char *text, struct gb_arena *arena)
{
	json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);
	const struct gb_scope *scope;
	struct gb_span stored;

	assert_int_equal(gb_scope_text_of(value, arena, &stored), 0);
	assert_int_equal(gb_scope_of_text(stored, arena, &scope), 0);
	json_decref(value);
	return scope;
}

static void scopes_within_scopes(void **state)
{
	struct gb_arena *arena = gb_arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(within_rows) / sizeof(within_rows[0]); i++)
		if (gb_scope_is_within(scope_of(within_rows[i].inner, arena), scope_of(within_rows[i].outer, arena)) !=
		        within_rows[i].is_within)
			fail_msg("%s in %s", within_rows[i].inner, within_rows[i].outer);
	gb_arena_free(arena);
}

static void scopes_are_checked(void **state)
{
	static const char *const bad[] = {"1", "[]", "\"x\"", "{\"accounts\":1}", "{\"accounts\":[1]}",
	        "{\"accounts\":[\"\"]}", "{\"tags\":[\"a\"]}", "{\"tags\":[\"=a\"]}", "{\"account\":[\"1\"]}",
	        "{\"accounts\":[\"1\"],\"x\":1}"};
	struct gb_arena *arena = gb_arena_new();
	const struct gb_scope *scope;
	struct gb_span stored;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		json_t *value = json_loads(bad[i], JSON_DECODE_ANY, NULL);

		if (gb_scope_text_of(value, arena, &stored) != -EINVAL)
			fail_msg("%s", bad[i]);
		json_decref(value);
	}
	/* What stands in the database and cannot be read sees nothing. */
	assert_int_equal(gb_scope_of_text(GB_SPAN("garbage"), arena, &scope), 0);
	assert_true(scope != NULL && scope->is_empty);
	gb_arena_free(arena);
}

static void roles(void **state)
{
	(void)state;
	for (enum gb_role role = GB_ROLE_VIEWER; role < _GB_ROLE_MAX; role++)
		assert_int_equal(gb_role_of(gb_span_cstr(gb_role_text(role))), role);
	assert_int_equal(gb_role_of(GB_SPAN("nobody")), GB_ROLE_NOBODY);
	assert_int_equal(gb_role_of(GB_SPAN("Admin")), GB_ROLE_NOBODY);
	assert_int_equal(gb_role_of(GB_SPAN_EMPTY), GB_ROLE_NOBODY);
}

static const struct {
	const char *method, *path, *operation, *allowed;
} route_rows[] = {
        {"GET", "/v1/users", "listUsers", ""},
        {"HEAD", "/v1/users", "listUsers", ""},
        {"GET", "/v1/users/7", "getUser", ""},
        {"GET", "/v1/users/%37", "getUser", ""},
        {"DELETE", "/v1/users/7", "deleteUser", ""},
        {"PUT", "/v1/users/7", NULL, "GET, PATCH, DELETE"},
        {"get", "/v1/users", NULL, "GET, POST"},
        {"GET", "/v1/users/", NULL, ""},
        {"GET", "/v1/users/7/", NULL, ""},
        {"GET", "/v1/users/7/x", NULL, ""},
        {"GET", "/v1/%75sers", NULL, ""},
        {"GET", "/v1", NULL, ""},
};

static void routes_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(route_rows) / sizeof(route_rows[0]); i++) {
		char allowed[GB_ALLOWED_CHARS];
		const struct gb_route *route =
		        gb_router_find(gb_span_cstr(route_rows[i].method), gb_span_cstr(route_rows[i].path), allowed);
		/* The portal's pages have none. */
		const char *operation = route != NULL && route->operation_id[0] != '\0' ? route->operation_id : NULL;

		if ((operation == NULL) != (route_rows[i].operation == NULL) ||
		        (operation != NULL && strcmp(operation, route_rows[i].operation) != 0))
			fail_msg("%s %s: %s", route_rows[i].method, route_rows[i].path,
			        operation != NULL ? operation : "none");
		if (route == NULL && strcmp(allowed, route_rows[i].allowed) != 0)
			fail_msg("%s %s: allowed %s", route_rows[i].method, route_rows[i].path, allowed);
	}
}

static void times(void **state)
{
	static const struct {
		int64_t time;
		const char *text;
	} rows[] = {{0, "1970-01-01T00:00:00.000Z"}, {1795271400123, "2026-11-21T14:30:00.123Z"},
	        {253402300799999, "9999-12-31T23:59:59.999Z"}};
	json_t *value;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		value = gb_json_time(rows[i].time);
		assert_string_equal(json_string_value(value), rows[i].text);
		json_decref(value);
	}
	assert_true(json_is_null(gb_json_time(-1)) && json_is_null(gb_json_time(INT64_MAX)));
	assert_null(gb_json_text(GB_SPAN("\xff")));
	assert_null(gb_json_load(GB_SPAN("{\"a\":1,\"a\":2}")));
	assert_null(gb_json_load(GB_SPAN("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]")));
	assert_null(gb_json_load(GB_SPAN_EMPTY));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(rates_fill_with_time),
	        cmocka_unit_test(rates_outlive_a_flood),
	        cmocka_unit_test(scopes_of_tokens),
	        cmocka_unit_test(scopes_within_scopes),
	        cmocka_unit_test(scopes_are_checked),
	        cmocka_unit_test(roles),
	        cmocka_unit_test(routes_are_found),
	        cmocka_unit_test(times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

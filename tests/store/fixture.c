/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include "store/functions.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int64_t now_of(void *context)
{
	return ((struct fixture *)context)->now;
}

struct gb_store *fixture_open(struct fixture *fixture)
{
	struct gb_store *store = NULL;

	assert_ok(fixture, gb_store_open(fixture->url, &store, &fixture->diag));
	gb_store_set_clock(store, now_of, fixture);
	return store;
}

static int begin(void **state, enum gb_store_kind kind)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);
	int r;

	assert_non_null(fixture);
	fixture->kind = kind;
	fixture->now = 1795000000000; /* 2026-11-18 */
	snprintf(fixture->folder, sizeof fixture->folder, "/tmp/gb-store-XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	if (kind == GB_STORE_SQLITE) {
		snprintf(fixture->url, sizeof fixture->url, "sqlite:%s/gambeson.db", fixture->folder);
	} else {
		const char *url = getenv("GAMBESON_TEST_POSTGRES");

		if (url == NULL)
			fail_msg("run it by tests/store/cluster");
		snprintf(fixture->url, sizeof fixture->url, "%s", url);
	}
	fixture->store = fixture_open(fixture);
	if (kind == GB_STORE_POSTGRES) {
		r = gb_sql_run(fixture->store, "DROP SCHEMA public CASCADE", NULL, 0, NULL, NULL, &fixture->diag);
		assert_ok(fixture, r);
		r = gb_sql_run(fixture->store, "CREATE SCHEMA public", NULL, 0, NULL, NULL, &fixture->diag);
		assert_ok(fixture, r);
	}
	assert_ok(fixture, gb_store_migrate(fixture->store, &fixture->diag));
	*state = fixture;
	return 0;
}

int fixture_sqlite(void **state)
{
	return begin(state, GB_STORE_SQLITE);
}

int fixture_postgres(void **state)
{
	return begin(state, GB_STORE_POSTGRES);
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *where)
{
	(void)about;
	(void)kind;
	(void)where;
	return remove(path);
}

int fixture_end(void **state)
{
	struct fixture *fixture = *state;

	gb_store_close(fixture->store);
	(void)nftw(fixture->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(fixture);
	return 0;
}

int64_t fixture_function(struct fixture *fixture, const char *account, const char *name)
{
	const struct gb_function_sighting sighting = {.account = gb_span_cstr(account),
	        .region = GB_SPAN("eu-west-1"),
	        .name = gb_span_cstr(name),
	        .time = fixture->now};
	struct gb_function_ids ids = {0};

	assert_ok(fixture, gb_functions_seen(fixture->store, &sighting, 1, &ids, &fixture->diag));
	return ids.function;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stores for tests: each test runs on an empty SQLite store in a temporary folder and on an empty database of the PostgreSQL
 * server that tests/store/cluster runs. For tests of other directories too.
 */
#ifndef GB_TESTS_STORE_FIXTURE_H
#define GB_TESTS_STORE_FIXTURE_H

#include "store/store.h"

struct fixture {
	enum gb_store_kind kind;
	char folder[64];
	char url[256];
	struct gb_store *store; /* migrated */
	int64_t now;            /* of the store's clock */
	struct gb_diag diag;
};

/* cmocka's set-up and tear-down; *state is a struct fixture. */
int fixture_sqlite(void **state);
int fixture_postgres(void **state);
int fixture_end(void **state);

/* One more connection to the same store. */
struct gb_store *fixture_open(struct fixture *fixture);

/* The id of the function NAME of ACCOUNT in eu-west-1, seen now. */
int64_t fixture_function(struct fixture *fixture, const char *account, const char *name);

/* Each test on both databases: const struct CMUnitTest tests[] = {ON_BOTH(inserts), ON_BOTH(queries)}; */
#define ON_BOTH(test)                                                                                                  \
	{#test " (SQLite)", test, fixture_sqlite, fixture_end, NULL},                                                  \
	{                                                                                                              \
#test " (PostgreSQL)", test, fixture_postgres, fixture_end, NULL                                       \
	}

/* R is 0 or more, else fails with the store's message. */
#define assert_ok(fixture, r)                                                                                          \
	do {                                                                                                           \
		int assert_ok_r = (r);                                                                                 \
		if (assert_ok_r < 0)                                                                                   \
			fail_msg("%s: %d: %s", #r, assert_ok_r, (fixture)->diag.message);                              \
	} while (0)

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/migrate: the files of src/store/migrations/{sqlite,postgres}, put into the program by tools/make-migrations. Private to
 * src/store.
 */
#ifndef GB_STORE_MIGRATE_H
#define GB_STORE_MIGRATE_H

#include "store/driver.h"

#define GB_MIGRATION_NUMBER_MAX 999

struct gb_migration {
	enum gb_store_kind kind;
	int number;
	const char *name;
	const char *text;
};

extern const struct gb_migration gb_migrations[]; /* by number */
extern const size_t gb_migrations_count;

#endif

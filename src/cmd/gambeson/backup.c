/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson backup: a whole copy of a server's database, while it runs. */
#include "cmd/gambeson/commands.h"

#include "base/cleanup.h"
#include "store/store.h"

#include <stdio.h>
#include <unistd.h>

struct settings {
	const char *data, *store;
};

static const struct gb_option options[] = {
        GB_TEXT(struct settings, data, "data", "FOLDER", "the server's folder (default: ./gambeson-data)"),
        GB_TEXT(struct settings, store, "store", "URL", "its database, where that is not in the folder"),
        {.name = NULL},
};

static int show(void *context, uint64_t done, uint64_t all)
{
	(void)context;
	if (isatty(STDERR_FILENO) == 1 && all != 0)
		(void)fprintf(stderr, "\r%3u %%  %llu of %llu pages", (unsigned)(done * 100 / all),
		        (unsigned long long)done, (unsigned long long)all);
	return 0;
}

static int run(const struct gb_command *self, void *context, const struct gb_strings *operands)
{
	const struct settings *settings = context;
	GB_CLEANUP(gb_freep) char *url = NULL;
	GB_CLEANUP(gb_store_closep) struct gb_store *store = NULL;
	struct gb_diag diag = {0};
	const char *folder = settings->data != NULL ? settings->data : "./gambeson-data";
	int r;

	if (asprintf(&url, "sqlite:%s/gambeson.db", folder) < 0)
		return gb_complain(self, GB_EXIT_SYSTEM, "out of memory");
	if (settings->store == NULL && access(url + 7, R_OK) < 0)
		return gb_complain(
		        self, GB_EXIT_SYSTEM, "%s is not there: say --data, the folder of gambeson serve", url + 7);
	r = gb_store_open(settings->store != NULL ? settings->store : url, &store, &diag);
	if (r >= 0)
		r = gb_store_backup(store, operands->items[0], show, NULL, &diag);
	if (isatty(STDERR_FILENO) == 1)
		(void)fputc('\n', stderr);
	return r < 0 ? gb_complain(self, GB_EXIT_SYSTEM, "%s", diag.message) : GB_EXIT_OK;
}

const struct gb_command gb_cmd_backup = {
        .name = "backup",
        .summary = "copy a server's database, whole, while it runs",
        .operands = "FILE",
        .operands_min = 1,
        .operands_max = 1,
        .options = options,
        .settings_bytes = sizeof(struct settings),
        .run = run,
        .notes = "FILE must not exist yet; it appears once it is complete. To restore, stop the server and put it in "
                 "place "
                 "of\n"
                 "FOLDER/gambeson.db. With PostgreSQL, use pg_dump.\n",
};

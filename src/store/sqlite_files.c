/* SPDX-License-Identifier: Apache-2.0 */
/* What is about files: locks beside the database, its size, copies of it. */
#include "store/sqlite.h"

#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define BACKUP_PAGES 1024 /* between two looks at whether to go on */

/* The lock lives as long as the description of the file: it ends with the process. */
int gb_sqlite_lock(struct gb_store *store, const char *name, struct gb_diag *diag)
{
	struct gb_sqlite *sqlite = store->connection;
	size_t slot = GB_SQLITE_LOCKS;
	char path[4096];
	int fd;

	for (size_t i = 0; i < GB_SQLITE_LOCKS; i++) {
		if (strcmp(sqlite->locks[i].name, name) == 0)
			return 0;
		if (sqlite->locks[i].name[0] == '\0')
			slot = i;
	}
	if (slot == GB_SQLITE_LOCKS)
		return gb_diag_set(diag, -ENOSPC, 0, 0, "more than %u locks", GB_SQLITE_LOCKS);
	if (snprintf(path, sizeof path, "%s.%s.lock", sqlite->path, name) >= (int)sizeof path)
		return gb_diag_set(diag, -ENAMETOOLONG, 0, 0, "the path of lock %s is too long", name);
	fd = gb_fd_open(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
	if (fd < 0)
		return gb_diag_set(diag, fd, 0, 0, "cannot open %s: %s", path, strerror(-fd));
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		int error = errno == EWOULDBLOCK ? EBUSY : errno;

		gb_fd_closep(&fd);
		return gb_diag_set(diag, -error, 0, 0, "%s is held by another program", name);
	}
	sqlite->locks[slot].fd = fd;
	snprintf(sqlite->locks[slot].name, sizeof sqlite->locks[slot].name, "%s", name);
	return 0;
}

void gb_sqlite_unlock(struct gb_store *store, const char *name)
{
	struct gb_sqlite *sqlite = store->connection;

	for (size_t i = 0; i < GB_SQLITE_LOCKS; i++)
		if (sqlite->locks[i].name[0] != '\0' && strcmp(sqlite->locks[i].name, name) == 0) {
			gb_fd_closep(&sqlite->locks[i].fd);
			sqlite->locks[i].name[0] = '\0';
		}
}

void gb_sqlite_unlock_all(struct gb_sqlite *sqlite)
{
	for (size_t i = 0; i < GB_SQLITE_LOCKS; i++)
		if (sqlite->locks[i].name[0] != '\0')
			gb_fd_closep(&sqlite->locks[i].fd);
}

static int pragma(struct gb_store *store, const char *text, int64_t *ret_value, struct gb_diag *diag)
{
	int r = gb_sql_integer_of(store, text, NULL, 0, ret_value, diag);

	return r < 0 ? r : 0;
}

int gb_sqlite_size(struct gb_store *store, uint64_t *ret_bytes, struct gb_diag *diag)
{
	struct gb_sqlite *sqlite = store->connection;
	char path[4096];
	struct stat status;
	uint64_t bytes = 0;

	if (stat(sqlite->path, &status) < 0)
		return gb_diag_set(diag, -errno, 0, 0, "cannot look at %s: %s", sqlite->path, strerror(errno));
	bytes = (uint64_t)status.st_size;
	snprintf(path, sizeof path, "%s-wal", sqlite->path);
	if (stat(path, &status) == 0)
		bytes += (uint64_t)status.st_size;
	*ret_bytes = bytes;
	return 0;
}

/* All pages in use: events are nearly all of it. */
int gb_sqlite_events_size(struct gb_store *store, uint64_t *ret_bytes, struct gb_diag *diag)
{
	int64_t pages, unused, page_bytes;
	int r;

	if ((r = pragma(store, "PRAGMA page_count", &pages, diag)) < 0 ||
	        (r = pragma(store, "PRAGMA freelist_count", &unused, diag)) < 0 ||
	        (r = pragma(store, "PRAGMA page_size", &page_bytes, diag)) < 0)
		return r;
	*ret_bytes = (uint64_t)(pages - unused) * (uint64_t)page_bytes;
	return 0;
}

static int copy(sqlite3_backup *backup, int (*progress)(void *context, uint64_t done, uint64_t all), void *context)
{
	int r;

	do {
		r = sqlite3_backup_step(backup, BACKUP_PAGES);
		if (progress != NULL && (r == SQLITE_OK || r == SQLITE_DONE)) {
			uint64_t all = (uint64_t)sqlite3_backup_pagecount(backup);

			if (progress(context, all - (uint64_t)sqlite3_backup_remaining(backup), all) != 0)
				return SQLITE_INTERRUPT;
		}
		if (r == SQLITE_BUSY || r == SQLITE_LOCKED)
			sqlite3_sleep(10);
	} while (r == SQLITE_OK || r == SQLITE_BUSY || r == SQLITE_LOCKED);
	return r == SQLITE_DONE ? SQLITE_OK : r;
}

/* Within one read transaction, so that writers of other connections do not make it begin again for ever. */
static int copy_to(struct gb_store *store, const char *path,
        int (*progress)(void *context, uint64_t done, uint64_t all), void *context, struct gb_diag *diag)
{
	struct gb_sqlite *sqlite = store->connection;
	sqlite3_backup *backup = NULL;
	sqlite3 *to = NULL;
	int r = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE, NULL);

	if (r == SQLITE_OK)
		r = sqlite3_exec(sqlite->db, "BEGIN; SELECT count(*) FROM counters", NULL, NULL, NULL);
	if (r == SQLITE_OK) {
		backup = sqlite3_backup_init(to, "main", sqlite->db, "main");
		r = backup == NULL ? sqlite3_errcode(to) : copy(backup, progress, context);
		sqlite3_backup_finish(backup);
		(void)sqlite3_exec(sqlite->db, "ROLLBACK", NULL, NULL, NULL);
	}
	/* One file that stands alone. */
	if (r == SQLITE_OK)
		r = sqlite3_exec(to, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
	if (r == SQLITE_INTERRUPT)
		r = gb_diag_set(diag, -ECANCELED, 0, 0, "the backup was ended");
	else if (r != SQLITE_OK)
		r = gb_diag_set(
		        diag, (r & 0xff) == SQLITE_FULL ? -ENOSPC : -EIO, 0, 0, "%s: %s", path, sqlite3_errstr(r));
	sqlite3_close(to);
	return r;
}

int gb_sqlite_backup(struct gb_store *store, const char *path,
        int (*progress)(void *context, uint64_t done, uint64_t all), void *context, struct gb_diag *diag)
{
	char temporary[4096];
	int fd;
	int r;

	if (store->is_in_transaction)
		return gb_diag_set(diag, -EALREADY, 0, 0, "a transaction is open");
	if (snprintf(temporary, sizeof temporary, "%s.part", path) >= (int)sizeof temporary)
		return gb_diag_set(diag, -ENAMETOOLONG, 0, 0, "the path of the backup is too long");
	if (access(path, F_OK) == 0)
		return gb_diag_set(diag, -EEXIST, 0, 0, "%s exists already", path);
	(void)unlink(temporary);
	fd = gb_fd_open(temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
	if (fd < 0)
		return gb_diag_set(diag, fd, 0, 0, "cannot make %s: %s", temporary, strerror(-fd));
	r = copy_to(store, temporary, progress, context, diag);
	if (r == 0 && fsync(fd) < 0)
		r = gb_diag_set(diag, -errno, 0, 0, "%s: %s", temporary, strerror(errno));
	gb_fd_closep(&fd);
	/* link(2) and not rename(2): what has come there meanwhile stays. */
	if (r == 0 && link(temporary, path) < 0)
		r = gb_diag_set(diag, -errno, 0, 0, "cannot make %s: %s", path, strerror(errno));
	(void)unlink(temporary);
	return r;
}

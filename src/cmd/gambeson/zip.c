/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/gambeson/zip.h"

#include "base/cleanup.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>

#define FILE_OVERHEAD_BYTES 1024u /* headers, and what deflate adds to data that cannot be compressed */

static int add_file(struct archive *archive, const struct gb_zip_file *file)
{
	struct archive_entry *entry = archive_entry_new();
	int r = ARCHIVE_FATAL;

	if (entry == NULL)
		return r;
	archive_entry_set_pathname(entry, file->name);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, file->mode);
	archive_entry_set_size(entry, (la_int64_t)file->data.n);
	archive_entry_set_uid(entry, 0);
	archive_entry_set_gid(entry, 0);
	/* No time at all: DOS times would hang on the time zone. */
	archive_entry_unset_mtime(entry);
	r = archive_write_header(archive, entry);
	if (r == ARCHIVE_OK && archive_write_data(archive, file->data.p, file->data.n) != (la_ssize_t)file->data.n)
		r = ARCHIVE_FATAL;
	archive_entry_free(entry);
	return r;
}

static int write_all(struct archive *archive, const struct gb_zip_file *files, size_t count)
{
	int r = ARCHIVE_OK;

	for (size_t i = 0; i < count && r == ARCHIVE_OK; i++)
		r = add_file(archive, &files[i]);
	return r == ARCHIVE_OK ? archive_write_close(archive) : r;
}

int gb_zip_build(
        const struct gb_zip_file *files, size_t count, unsigned char **ret_data, size_t *ret_n, struct gb_diag *diag)
{
	GB_CLEANUP(gb_freep) unsigned char *data = NULL;
	struct archive *archive = archive_write_new();
	size_t cap = 4096, used = 0;
	int r;

	for (size_t i = 0; i < count; i++)
		cap += files[i].data.n + files[i].data.n / 64 + FILE_OVERHEAD_BYTES;
	data = malloc(cap);
	if (archive == NULL || data == NULL) {
		(void)archive_write_free(archive);
		return -ENOMEM;
	}
	r = archive_write_set_format_zip(archive);
	/* Else the end is padded to a tape's block. */
	if (r == ARCHIVE_OK)
		r = archive_write_set_bytes_in_last_block(archive, 1);
	if (r == ARCHIVE_OK)
		r = archive_write_open_memory(archive, data, cap, &used);
	if (r == ARCHIVE_OK)
		r = write_all(archive, files, count);
	if (r != ARCHIVE_OK)
		(void)gb_diag_set(diag, -EIO, 0, 0, "cannot make the zip: %s", archive_error_string(archive));
	(void)archive_write_free(archive);
	if (r != ARCHIVE_OK)
		return -EIO;
	*ret_data = GB_TAKE_PTR(data);
	*ret_n = used;
	return 0;
}

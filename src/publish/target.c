/* SPDX-License-Identifier: Apache-2.0 */
#include "publish/target.h"

#include "base/cleanup.h"
#include "base/fd.h"
#include "wire/blob.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_BYTES (GB_LOCATION_PATH_MAX + TARGET_PATH_BYTES + 64u)
#define TEMPORARY  ".new"

struct target {
	struct gb_location location;
	struct gb_aws *aws; /* S3 */
	int folder_fd;      /* folder; locked while something is put */
};

int target_open(const struct gb_location *location, struct target **ret_target, struct gb_diag *diag)
{
	struct target *target = calloc(1, sizeof(*target));
	int r = 0;

	if (target == NULL)
		return -ENOMEM;
	target->location = *location;
	target->folder_fd = -1;
	if (location->kind == GB_LOCATION_S3) {
		r = gb_aws_new(&target->aws);
	} else if (location->kind == GB_LOCATION_FOLDER) {
		if (mkdir(location->path, 0755) < 0 && errno != EEXIST)
			r = gb_diag_set(diag, -errno, 0, 0, "the policy store %.120s cannot be made: %s",
			        location->path, strerror(errno));
		if (r == 0)
			target->folder_fd = gb_fd_open(location->path, O_RDONLY | O_DIRECTORY, 0);
		if (r == 0 && target->folder_fd < 0)
			r = gb_diag_set(diag, target->folder_fd, 0, 0, "the policy store %.120s cannot be opened: %s",
			        location->path, strerror(-target->folder_fd));
	} else {
		r = gb_diag_set(
		        diag, -EINVAL, 0, 0, "policies are published to a folder or to s3://…, not to a web server");
	}
	if (r < 0) {
		target_close(target);
		return r;
	}
	*ret_target = target;
	return 0;
}

void target_close(struct target *target)
{
	if (target == NULL)
		return;
	gb_aws_free(target->aws);
	gb_fd_closep(&target->folder_fd);
	free(target);
}

void target_cancel(struct target *target)
{
	if (target->aws != NULL)
		gb_aws_cancel(target->aws);
}

void target_path(struct gb_span account, struct gb_span region, struct gb_span name, char ret_path[TARGET_PATH_BYTES])
{
	char parts[3][GB_LOCATION_NAME_MAX];

	gb_location_add_name(account, parts[0]);
	gb_location_add_name(region, parts[1]);
	gb_location_add_name(name, parts[2]);
	(void)snprintf(ret_path, TARGET_PATH_BYTES, "/%s/%s/%s", parts[0], parts[1], parts[2]);
}

static uint64_t serial_of(struct gb_span file)
{
	struct gb_blob_header header;
	struct gb_span blob;

	if (gb_blob_verify(file, NULL, &blob) < 0)
		return 0;
	memcpy(&header, blob.p, sizeof(header));
	return header.serial;
}

static int look_in_folder(struct target *target, const char *path, struct target_look *look, struct gb_diag *diag)
{
	GB_CLEANUP(gb_freep) char *data = NULL;
	char whole[PATH_BYTES];
	size_t n = 0;
	int r;

	(void)snprintf(whole, sizeof(whole), "%s%s/policy.gbp", target->location.path, path);
	r = gb_fd_read_file(whole, GB_BLOB_FILE_BYTES_MAX, &data, &n);
	if (r == -ENOENT || r == -ENOTDIR)
		return 0;
	if (r < 0)
		return gb_diag_set(diag, r, 0, 0, "%.150s cannot be read: %s", whole, strerror(-r));
	look->is_there = true;
	look->serial = serial_of(gb_span_of(data, n));
	return 0;
}

int target_look(struct target *target, const char *path, struct gb_arena *arena, struct target_look *ret_look,
        struct gb_diag *diag)
{
	struct gb_s3_object object;
	char whole[PATH_BYTES];
	int r;

	*ret_look = (struct target_look){.is_there = false};
	if (target->aws == NULL)
		return look_in_folder(target, path, ret_look, diag);
	(void)snprintf(whole, sizeof(whole), "%s/policy.gbp", path);
	r = gb_s3_get(target->aws, &target->location, whole, NULL, GB_BLOB_FILE_BYTES_MAX, arena, &object, diag);
	/* What is too large is none of ours; it goes. */
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	ret_look->is_there = true;
	ret_look->serial = serial_of(object.body);
	memcpy(ret_look->etag, object.etag, sizeof(ret_look->etag));
	return 0;
}

/* Whole or not at all, and on disk; one that was killed half way leaves a temporary file that the next one takes. */
static int write_file(const char *folder, const char *name, struct gb_span file)
{
	GB_CLEANUP(gb_fd_closep) int folder_fd = gb_fd_open(folder, O_RDONLY | O_DIRECTORY, 0);
	GB_CLEANUP(gb_fd_closep) int fd = -1;
	int r;

	if (folder_fd < 0)
		return folder_fd;
	fd = openat(folder_fd, TEMPORARY, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	r = gb_fd_write_all(fd, file);
	if (r == 0 && (fsync(fd) < 0 || renameat(folder_fd, TEMPORARY, folder_fd, name) < 0 || fsync(folder_fd) < 0))
		r = -errno;
	return r;
}

/* Every folder of PATH below ROOT that is not there. */
static int make_folders(const char *root, const char *path)
{
	char whole[PATH_BYTES];

	for (size_t n = 1; n <= strlen(path); n++) {
		if (path[n] != '/' && path[n] != '\0')
			continue;
		(void)snprintf(whole, sizeof(whole), "%s%.*s", root, (int)n, path);
		if (mkdir(whole, 0755) < 0 && errno != EEXIST)
			return -errno;
	}
	return 0;
}

static int put_in_folder(
        struct target *target, const char *path, uint64_t serial, struct gb_span file, const struct target_look *seen)
{
	struct target_look look = {.is_there = false};
	char history[TARGET_PATH_BYTES + 16], folder[PATH_BYTES], name[PATH_BYTES + 64];
	int r = look_in_folder(target, path, &look, NULL);

	if (r < 0)
		return r;
	if (look.serial != seen->serial)
		return -ESTALE;
	(void)snprintf(history, sizeof(history), "%s/history", path);
	r = make_folders(target->location.path, history);
	(void)snprintf(folder, sizeof(folder), "%s%s", target->location.path, history);
	(void)snprintf(name, sizeof(name), "%llu.gbp", (unsigned long long)serial);
	if (r == 0)
		r = write_file(folder, name, file);
	(void)snprintf(folder, sizeof(folder), "%s%s", target->location.path, path);
	if (r == 0)
		r = write_file(folder, "policy.gbp", file);
	if (r == 0 && serial > TARGET_KEPT) {
		(void)snprintf(
		        name, sizeof(name), "%s/history/%llu.gbp", folder, (unsigned long long)serial - TARGET_KEPT);
		(void)unlink(name);
	}
	return r;
}

static int put_in_s3(struct target *target, const char *path, uint64_t serial, struct gb_span file,
        const struct target_look *look, struct gb_arena *arena, char ret_etag[GB_S3_ETAG_BYTES], struct gb_diag *diag)
{
	enum gb_s3_condition condition = !look->is_there         ? GB_S3_IF_ABSENT
	                                 : look->etag[0] != '\0' ? GB_S3_IF_ETAG
	                                                         : GB_S3_ANYWAY;
	char whole[PATH_BYTES];
	int r;

	(void)snprintf(whole, sizeof(whole), "%s/history/%llu.gbp", path, (unsigned long long)serial);
	r = gb_s3_put(target->aws, &target->location, whole, file, GB_S3_ANYWAY, NULL, arena, ret_etag, diag);
	(void)snprintf(whole, sizeof(whole), "%s/policy.gbp", path);
	if (r == 0)
		r = gb_s3_put(
		        target->aws, &target->location, whole, file, condition, look->etag, arena, ret_etag, diag);
	if (r == 0 && serial > TARGET_KEPT) {
		(void)snprintf(
		        whole, sizeof(whole), "%s/history/%llu.gbp", path, (unsigned long long)serial - TARGET_KEPT);
		(void)!gb_s3_delete(target->aws, &target->location, whole, arena, NULL);
	}
	return r;
}

int target_put(struct target *target, const char *path, uint64_t serial, struct gb_span file,
        const struct target_look *look, struct gb_arena *arena, char ret_etag[GB_S3_ETAG_BYTES], struct gb_diag *diag)
{
	int r;

	ret_etag[0] = '\0';
	if (target->aws != NULL)
		return put_in_s3(target, path, serial, file, look, arena, ret_etag, diag);
	/* Somebody who shares the folder, but not the database. */
	if (flock(target->folder_fd, LOCK_EX | LOCK_NB) < 0)
		return gb_diag_set(diag, -EBUSY, 0, 0, "another program publishes to %.150s", target->location.path);
	r = put_in_folder(target, path, serial, file, look);
	(void)flock(target->folder_fd, LOCK_UN);
	return r < 0 ? gb_diag_set(diag, r, 0, 0, "%.100s%.100s cannot be written: %s", target->location.path, path,
	                       strerror(-r))
	             : 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "cage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Where the new root is put together; covered again by its own /tmp. */
#define STAGE "/tmp"

static const char *const host_directories[] = {"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc"};
static const char *const devices[] = {"null", "zero", "full", "random", "urandom"};

static void stage_path(char path[static PATH_MAX], const char *name)
{
	if (snprintf(path, PATH_MAX, "%s%s", STAGE, name) >= PATH_MAX) {
		errno = ENAMETOOLONG;
		cage_die(name);
	}
}

/* Make the directory NAME and its parents in the new root. */
static void make_directory(const char *name)
{
	char path[PATH_MAX];

	stage_path(path, name);
	for (char *p = path + sizeof(STAGE); *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(path, 0755) < 0 && errno != EEXIST)
			cage_die(path);
		*p = '/';
	}
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		cage_die(path);
}

static void make_file(const char *name)
{
	char path[PATH_MAX];
	int fd;

	stage_path(path, name);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		cage_die(path);
	close(fd);
}

/* A recursive bind whose every mount is then read-only; a plain MS_REMOUNT would leave the submounts writable. */
static void bind_read_only(const char *source, const char *target)
{
	struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID};
	char path[PATH_MAX];

	stage_path(path, target);
	if (mount(source, path, NULL, MS_BIND | MS_REC, NULL) < 0)
		cage_die(source);
	if (syscall(SYS_mount_setattr, AT_FDCWD, path, AT_RECURSIVE, &attributes, sizeof(attributes)) < 0)
		cage_die("mount_setattr");
}

/* NAME of the root whose path is PREFIX, into the new root. */
static void copy_or_bind(const char *prefix, const char *name)
{
	char source[PATH_MAX], target[PATH_MAX], link[PATH_MAX];
	struct stat status;
	ssize_t n;

	if (snprintf(source, sizeof(source), "%s%s", prefix, name) >= (int)sizeof(source)) {
		errno = ENAMETOOLONG;
		cage_die(name);
	}
	if (lstat(source, &status) < 0)
		return;
	stage_path(target, name);
	if (S_ISLNK(status.st_mode)) {
		n = readlink(source, link, sizeof(link) - 1);
		if (n < 0)
			cage_die(source);
		link[n] = '\0';
		if (symlink(link, target) < 0)
			cage_die(target);
		return;
	}
	if (S_ISDIR(status.st_mode))
		make_directory(name);
	else
		make_file(name);
	bind_read_only(source, name);
}

/* All of an image but what the cage has of its own. */
static void bind_image(const char *image)
{
	static const char *const own[] = {".", "..", "dev", "opt", "proc", "sys", "tmp"};
	DIR *directory = opendir(image);
	struct dirent *entry;
	char name[PATH_MAX];

	if (directory == NULL)
		cage_die(image);
	while ((entry = readdir(directory)) != NULL) {
		bool is_own = false;

		for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
			is_own = is_own || strcmp(own[i], entry->d_name) == 0;
		if (!is_own && snprintf(name, sizeof(name), "/%s", entry->d_name) < (int)sizeof(name))
			copy_or_bind(image, name);
	}
	closedir(directory);
}

static int hold(const char *path, char held[static 32])
{
	int fd = open(path, O_PATH | O_CLOEXEC);

	if (fd < 0)
		cage_die(path);
	snprintf(held, 32, "/proc/self/fd/%d", fd);
	return fd;
}

static void make_devices(void)
{
	char source[PATH_MAX], target[PATH_MAX];

	make_directory("/dev");
	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
		snprintf(source, sizeof(source), "/dev/%s", devices[i]);
		make_file(source);
		stage_path(target, source);
		if (mount(source, target, NULL, MS_BIND, NULL) < 0)
			cage_die(source);
	}
	if (symlink("/proc/self/fd", STAGE "/dev/fd") < 0 || symlink("/proc/self/fd/0", STAGE "/dev/stdin") < 0 ||
	        symlink("/proc/self/fd/1", STAGE "/dev/stdout") < 0 ||
	        symlink("/proc/self/fd/2", STAGE "/dev/stderr") < 0)
		cage_die("/dev links");
}

static void bind_requested(const struct cage_bind *bind)
{
	struct stat status;

	if (stat(bind->source, &status) < 0)
		cage_die(bind->source);
	if (S_ISDIR(status.st_mode))
		make_directory(bind->target);
	else
		make_file(bind->target);
	bind_read_only(bind->source, bind->target);
}

void cage_root_enter(const struct cage *cage)
{
	/* Sources may lie under /tmp, which the stage covers: hold them by descriptor. */
	char held[CAGE_BINDS][32], image[32];
	int held_fds[CAGE_BINDS], image_fd = -1;

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		cage_die("mount namespace");
	for (size_t i = 0; i < cage->bind_count; i++)
		held_fds[i] = hold(cage->binds[i].source, held[i]);
	if (cage->image != NULL)
		image_fd = hold(cage->image, image);
	if (mount("cage", STAGE, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=4m") < 0)
		cage_die(STAGE);
	if (cage->image != NULL)
		bind_image(image);
	for (size_t i = 0; cage->image == NULL && i < sizeof(host_directories) / sizeof(host_directories[0]); i++)
		copy_or_bind("", host_directories[i]);
	if (image_fd >= 0)
		close(image_fd);
	make_devices();
	make_directory("/proc");
	make_directory("/tmp");
	make_directory("/var/task");
	make_directory("/opt");
	for (size_t i = 0; i < cage->bind_count; i++) {
		bind_requested(&(struct cage_bind){held[i], cage->binds[i].target});
		close(held_fds[i]);
	}
	if (mount("proc", STAGE "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		cage_die("/proc");
	if (mount("tmp", STAGE "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777,size=512m") < 0)
		cage_die("/tmp");
	if (mount(NULL, STAGE, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL) < 0)
		cage_die("read-only root");
	/* pivot_root(".", "."): the old root ends up below the new one and is taken off. */
	if (chdir(STAGE) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		cage_die("pivot_root");
}

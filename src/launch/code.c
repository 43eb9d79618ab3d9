/* SPDX-License-Identifier: Apache-2.0 */
/*
 * launch/code: which code runs here, so that what was learned of another is not taken for this one's. Contents are not
 * read: a start would take seconds. Names, sizes, times and permissions change with every deployment that changes a file.
 */
#include "launch/launch.h"

#include "base/fd.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPTH_MAX   4u
#define ENTRIES_MAX 1024u /* 1.7 ms */
#define LANES       2u

/* Sums, so that the order in which a directory lists its entries does not matter. */
struct walk {
	const char *left_out; /* path of a folder */
	unsigned entries;
	uint64_t sums[LANES];
	char path[4096];
	struct gb_text name; /* on path */
};

static void add_entry(struct walk *walk, const struct stat *about)
{
	bool is_file = S_ISREG(about->st_mode);
	uint64_t facts[] = {S_ISDIR(about->st_mode) ? S_IFDIR : about->st_mode, is_file ? (uint64_t)about->st_size : 0,
	        is_file ? (uint64_t)about->st_mtim.tv_sec : 0};

	for (uint64_t lane = 0; lane < LANES; lane++) {
		uint64_t hash = gb_span_hash_more(GB_HASH_START + lane, gb_text_span(&walk->name));

		walk->sums[lane] += gb_span_hash_more(hash, gb_span_of(facts, sizeof(facts)));
	}
}

/* What packages are made of is told by the list that their manager keeps, and by their names. Compiled Python appears as
 * the function runs. */
static bool is_entered(const char *parent, const char *entry)
{
	return strcmp(entry, "__pycache__") != 0 && strcmp(parent, "node_modules") != 0;
}

static int take_directory(struct walk *walk, int at, const char *directory, unsigned depth);

static int take_entry(struct walk *walk, int fd, const char *directory, const struct dirent *listed, unsigned depth)
{
	const char *entry = listed->d_name;
	struct stat about = {.st_mode = S_IFDIR};

	if (++walk->entries > ENTRIES_MAX || walk->name.truncated)
		return -E2BIG;
	if (listed->d_type != DT_DIR && fstatat(fd, entry, &about, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (!S_ISDIR(about.st_mode)) {
		add_entry(walk, &about);
		return 0;
	}
	if (gb_span_equal(gb_text_span(&walk->name), gb_span_cstr(walk->left_out)))
		return 0;
	add_entry(walk, &about);
	return depth < DEPTH_MAX && is_entered(directory, entry) ? take_directory(walk, fd, entry, depth + 1) : 0;
}

/* The depth is bounded by DEPTH_MAX. */
static int take_directory(struct walk *walk, int at, const char *directory, unsigned depth)
{
	int fd = openat(at, directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *listing = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	size_t n_before = walk->name.n;
	int r = 0;

	if (listing == NULL) {
		r = errno == 0 ? -EIO : -errno;
		if (fd >= 0)
			(void)close(fd);
		return r;
	}
	while (r == 0 && (entry = readdir(listing)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		gb_text_add_byte(&walk->name, '/');
		gb_text_add_cstr(&walk->name, entry->d_name);
		r = take_entry(walk, fd, directory, entry, depth);
		walk->name.n = n_before;
	}
	(void)closedir(listing);
	return r;
}

bool gb_launch_code_find(
        const char *const *folders, size_t count, const char *left_out, char ret_code[GB_LAUNCH_CODE_BYTES])
{
	struct walk walk = {.left_out = left_out};
	struct gb_text text = gb_text_on(ret_code, GB_LAUNCH_CODE_BYTES);
	unsigned char bytes[sizeof(walk.sums)];

	ret_code[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		int r;

		walk.name = gb_text_on(walk.path, sizeof(walk.path));
		gb_text_add_cstr(&walk.name, folders[i]);
		r = take_directory(&walk, AT_FDCWD, folders[i], 1);
		if (r < 0 && r != -ENOENT)
			return false;
	}
	if (walk.entries == 0)
		return false;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(walk.sums[i / 8] >> (56 - 8 * (i % 8)));
	gb_text_add_hex(&text, gb_span_of(bytes, sizeof(bytes)));
	(void)gb_text_cstr(&text);
	return true;
}

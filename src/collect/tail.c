/* SPDX-License-Identifier: Apache-2.0 */
#include "collect/tail.h"

#include "base/base64.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/sha256.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD_MAX 1024u
/* Who writes goes on writing into a file that was renamed until he is told. */
#define RENAMED_MS 1000

struct gb_collect_tail {
	char *path;
	int fd;
	struct gb_collect_mark mark; /* behind what was handed out */
	size_t begin, end;           /* of what was read and not handed out */
	bool is_renamed;             /* what is open is not what PATH names */
	int64_t renamed_ms;          /* since when that is known */
	unsigned char bytes[GB_COLLECT_CHUNK_MAX];
};

void gb_collect_mark_print(const struct gb_collect_mark *mark, char ret_text[GB_COLLECT_MARK_CHARS])
{
	const uint64_t numbers[] = {mark->device, mark->file, mark->offset, mark->head_n};
	struct gb_text text = gb_text_on(ret_text, GB_COLLECT_MARK_CHARS);

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		gb_text_add_u64(&text, numbers[i]);
		gb_text_add_byte(&text, ' ');
	}
	gb_base64_add_url(&text, gb_span_of(mark->head, sizeof(mark->head)));
	(void)gb_text_cstr(&text);
}

bool gb_collect_mark_parse(struct gb_span text, struct gb_collect_mark *ret_mark)
{
	struct gb_collect_mark mark = {0};
	unsigned char head[GB_BASE64_BYTES(GB_BASE64_CHARS(32))];
	uint64_t head_n;
	struct gb_span word;

	if (!gb_span_to_u64(gb_span_take_word(&text), &mark.device) ||
	        !gb_span_to_u64(gb_span_take_word(&text), &mark.file) ||
	        !gb_span_to_u64(gb_span_take_word(&text), &mark.offset) ||
	        !gb_span_to_u64(gb_span_take_word(&text), &head_n) || head_n > HEAD_MAX || mark.offset > INT64_MAX)
		return false;
	word = gb_span_take_word(&text);
	if (word.n != GB_BASE64_CHARS(sizeof(mark.head)) || gb_base64_decode(word, head) != sizeof(mark.head))
		return false;
	memcpy(mark.head, head, sizeof(mark.head));
	mark.head_n = (uint32_t)head_n;
	*ret_mark = mark;
	return true;
}

/* What FD begins with, at most the first N bytes. */
static int take_head(int fd, size_t n, uint32_t *ret_n, unsigned char ret_head[32])
{
	unsigned char bytes[HEAD_MAX];
	ssize_t got = pread(fd, bytes, n < sizeof(bytes) ? n : sizeof(bytes), 0);

	if (got < 0)
		return -errno;
	*ret_n = (uint32_t)got;
	gb_sha256(gb_span_of(bytes, (size_t)got), ret_head);
	return 0;
}

/* Whether FD is the file that MARK is about. */
static bool is_known(int fd, const struct gb_collect_mark *mark)
{
	unsigned char head[32];
	struct stat about;
	uint32_t n;

	return fstat(fd, &about) == 0 && (uint64_t)about.st_dev == mark->device &&
	       (uint64_t)about.st_ino == mark->file && (uint64_t)about.st_size >= mark->offset &&
	       take_head(fd, mark->head_n, &n, head) == 0 && n == mark->head_n &&
	       memcmp(head, mark->head, sizeof(head)) == 0;
}

/* The file that MARK is about under another name in PATH's folder: "app.log.1" of "app.log". -1: it is gone. */
static int find_renamed(const char *path, const struct gb_collect_mark *mark)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX] = ".";
	struct dirent *entry;
	int found = -1;
	DIR *listing;

	if (slash != NULL && (size_t)(slash - path) + 1 < sizeof(folder)) {
		memcpy(folder, path, (size_t)(slash - path) + 1);
		folder[slash - path + 1] = '\0';
	}
	listing = opendir(folder);
	if (listing == NULL)
		return -1;
	while (found < 0 && (entry = readdir(listing)) != NULL) {
		if ((uint64_t)entry->d_ino != mark->file)
			continue;
		found = openat(dirfd(listing), entry->d_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
		if (found >= 0 && !is_known(found, mark))
			gb_fd_closep(&found);
	}
	(void)closedir(listing);
	return found;
}

/* From OFFSET of what was just opened. */
static int begin_at(struct gb_collect_tail *tail, uint64_t offset)
{
	struct stat about;

	if (fstat(tail->fd, &about) < 0)
		return -errno;
	if (!S_ISREG(about.st_mode))
		return -EINVAL;
	tail->mark = (struct gb_collect_mark){
	        .device = (uint64_t)about.st_dev, .file = (uint64_t)about.st_ino, .offset = offset};
	tail->begin = tail->end = 0;
	return 0;
}

static int open_path(struct gb_collect_tail *tail, const struct gb_collect_mark *mark, enum gb_collect_from from)
{
	struct stat about;

	tail->fd = gb_fd_open(tail->path, O_RDONLY | O_NONBLOCK, 0);
	if (mark != NULL && (tail->fd < 0 || !is_known(tail->fd, mark))) {
		int renamed = find_renamed(tail->path, mark);

		if (renamed >= 0) {
			gb_fd_closep(&tail->fd);
			tail->fd = renamed;
			tail->is_renamed = true;
			return begin_at(tail, mark->offset);
		}
		/* Rotated away and gone, or truncated: all that is there is new. */
		from = GB_COLLECT_FROM_BEGIN;
		mark = NULL;
	}
	if (tail->fd < 0)
		return tail->fd;
	if (mark == NULL && from == GB_COLLECT_FROM_END && fstat(tail->fd, &about) == 0)
		return begin_at(tail, (uint64_t)about.st_size);
	return begin_at(tail, mark != NULL ? mark->offset : 0);
}

int gb_collect_tail_open(const char *path, const struct gb_collect_mark *mark, enum gb_collect_from from,
        struct gb_collect_tail **ret_tail, struct gb_diag *diag)
{
	struct gb_collect_tail *tail = calloc(1, sizeof(*tail));
	int r = tail == NULL ? -ENOMEM : 0;

	if (r == 0) {
		tail->fd = -1;
		tail->path = strdup(path);
		r = tail->path == NULL ? -ENOMEM : open_path(tail, mark, from);
	}
	if (r == 0) {
		*ret_tail = tail;
		return 0;
	}
	gb_collect_tail_close(tail);
	return gb_diag_set(diag, r, 0, 0, "%.200s: %s", path, r == -EINVAL ? "is no regular file" : strerror(-r));
}

void gb_collect_tail_close(struct gb_collect_tail *tail)
{
	if (tail == NULL)
		return;
	gb_fd_closep(&tail->fd);
	free(tail->path);
	free(tail);
}

/* The file was cut, and may have grown again since. */
static bool was_truncated(const struct gb_collect_tail *tail)
{
	unsigned char head[32];
	struct stat about;
	uint32_t n;

	if (fstat(tail->fd, &about) < 0)
		return false;
	if ((uint64_t)about.st_size < tail->mark.offset + (tail->end - tail->begin))
		return true;
	return tail->mark.head_n > 0 && take_head(tail->fd, tail->mark.head_n, &n, head) == 0 &&
	       (n != tail->mark.head_n || memcmp(head, tail->mark.head, sizeof(head)) != 0);
}

/* At the end of what is open: whether PATH names another file now. 1: it is open, or what was left of the old one is due. */
static int follow_path(struct gb_collect_tail *tail, bool is_last)
{
	struct stat named, open_one;
	int fd;

	if (fstat(tail->fd, &open_one) < 0)
		return -errno;
	if (stat(tail->path, &named) < 0 || (named.st_ino == open_one.st_ino && named.st_dev == open_one.st_dev))
		return 0;
	if (tail->renamed_ms == 0)
		tail->renamed_ms = gb_monotonic_ms();
	if (!is_last && gb_monotonic_ms() - tail->renamed_ms < RENAMED_MS)
		return 0;
	if (tail->end > tail->begin && !tail->is_renamed) {
		tail->is_renamed = true;
		return 1;
	}
	fd = gb_fd_open(tail->path, O_RDONLY | O_NONBLOCK, 0);
	if (fd < 0)
		return 0;
	gb_fd_closep(&tail->fd);
	tail->fd = fd;
	tail->is_renamed = false;
	tail->renamed_ms = 0;
	return begin_at(tail, 0) < 0 ? -EIO : 1;
}

/* More bytes behind those that are there. */
static ssize_t fill(struct gb_collect_tail *tail)
{
	ssize_t n;

	if (tail->begin > 0) {
		tail->end -= tail->begin;
		memmove(tail->bytes, tail->bytes + tail->begin, tail->end);
		tail->begin = 0;
	}
	if (tail->end == sizeof(tail->bytes))
		return 0;
	do
		n = pread(tail->fd, tail->bytes + tail->end, sizeof(tail->bytes) - tail->end,
		        (off_t)(tail->mark.offset + tail->end));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	tail->end += (size_t)n;
	return n;
}

static int hand_out(struct gb_collect_tail *tail, size_t n, struct gb_span *ret_lines)
{
	*ret_lines = gb_span_of(tail->bytes + tail->begin, n);
	tail->begin += n;
	tail->mark.offset += n;
	return 1;
}

int gb_collect_tail_read(struct gb_collect_tail *tail, bool is_last, struct gb_span *ret_lines, struct gb_diag *diag)
{
	if (was_truncated(tail) && begin_at(tail, 0) < 0)
		return gb_diag_set(diag, -EIO, 0, 0, "%.200s: cannot be read any more", tail->path);
	for (;;) {
		ssize_t n = fill(tail);
		const unsigned char *feed;
		int r;

		if (n < 0)
			return gb_diag_set(diag, (int)n, 0, 0, "%.200s: %s", tail->path, strerror((int)-n));
		feed = tail->end == 0 ? NULL : memrchr(tail->bytes, '\n', tail->end);
		if (feed != NULL)
			return hand_out(tail, (size_t)(feed + 1 - tail->bytes), ret_lines);
		if (tail->end == sizeof(tail->bytes))
			return hand_out(tail, tail->end, ret_lines);
		if (n > 0)
			continue;
		/* A file that nobody names any more gets no further line feed. */
		if (tail->end > 0 && (is_last || tail->is_renamed))
			return hand_out(tail, tail->end, ret_lines);
		r = follow_path(tail, is_last);
		if (r < 0)
			return gb_diag_set(diag, r, 0, 0, "%.200s: %s", tail->path, strerror(-r));
		if (r == 0)
			return 0;
	}
}

void gb_collect_tail_mark(struct gb_collect_tail *tail, struct gb_collect_mark *ret_mark)
{
	size_t n = tail->mark.offset < HEAD_MAX ? (size_t)tail->mark.offset : HEAD_MAX;

	/* Only of what was read: it does not change any more. */
	if (tail->mark.head_n < n && take_head(tail->fd, n, &tail->mark.head_n, tail->mark.head) < 0)
		tail->mark.head_n = 0;
	*ret_mark = tail->mark;
}

void gb_collect_tail_progress(const struct gb_collect_tail *tail, uint64_t *ret_done, uint64_t *ret_all)
{
	struct stat about;

	*ret_done = tail->mark.offset;
	*ret_all = fstat(tail->fd, &about) == 0 ? (uint64_t)about.st_size : tail->mark.offset;
}

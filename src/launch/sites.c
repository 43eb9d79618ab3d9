/* SPDX-License-Identifier: Apache-2.0 */
#include "launch/launch.h"

#include "activity/path.h"
#include "base/cleanup.h"
#include "base/fd.h"
#include "base/format.h"
#include "site/overlay.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SCRIPT_DEPTH_MAX  4
#define FUTEX_WAKE        1  /* linux/futex.h, which does not come with musl */
#define POPULATE_WRITE    23 /* MADV_POPULATE_WRITE, Linux 5.14 */
#define HEAD_BYTES        4096u
#define LIBRARY_BYTES_MAX (64u * 1024u * 1024u)

/* `#!interpreter argument`: PATH becomes the interpreter's; for `#!/usr/bin/env NAME` that of NAME. */
static int follow_script(const char *head, char *path, size_t cap)
{
	char line[GB_LAUNCH_PATH_MAX];
	char *rest = line, *word, *next, *slash;
	size_t n = strcspn(head + 2, "\n");

	if (n >= sizeof(line))
		return -ENAMETOOLONG;
	memcpy(line, head + 2, n);
	line[n] = '\0';
	word = strtok_r(rest, " \t\r", &rest);
	if (word == NULL)
		return -ENOEXEC;
	next = strtok_r(rest, " \t\r", &rest);
	slash = strrchr(word, '/');
	if (next != NULL && strcmp(slash == NULL ? word : slash + 1, "env") == 0)
		word = next;
	return gb_launch_program_find(word, path, cap, NULL);
}

/* The dynamic loader has no PT_INTERP either, but started as a program it honours LD_PRELOAD. It is known by its name,
 * in PROGRAM or behind its links (musl's ld-musl-x86_64.so.1 is a link to libc.so). */
static bool is_loader(const char *program)
{
	char real[PATH_MAX];

	return gb_path_is_loader(gb_span_cstr(program)) ||
	       (realpath(program, real) != NULL && gb_path_is_loader(gb_span_cstr(real)));
}

/* PT_INTERP of the ELF file NAME whose first bytes are HEAD, or the file itself when it is a loader; empty for a static
 * one. */
static int read_interpreter(const char *name, int fd, const char *head, size_t head_n, char *path)
{
	bool is_dynamic = false;
	Elf64_Ehdr elf;
	Elf64_Phdr program;

	path[0] = '\0';
	if (head_n < sizeof(elf))
		return -ENOEXEC;
	memcpy(&elf, head, sizeof(elf));
	if (memcmp(elf.e_ident, ELFMAG, SELFMAG) != 0 || elf.e_ident[EI_CLASS] != ELFCLASS64 ||
	        elf.e_phentsize != sizeof(program))
		return -ENOEXEC;
	for (size_t i = 0; i < elf.e_phnum; i++) {
		size_t at = (size_t)elf.e_phoff + i * sizeof(program);
		ssize_t n;

		if (elf.e_phoff > HEAD_BYTES || at + sizeof(program) > head_n)
			return -ENOEXEC;
		memcpy(&program, head + at, sizeof(program));
		is_dynamic = is_dynamic || program.p_type == PT_DYNAMIC;
		if (program.p_type != PT_INTERP)
			continue;
		if (program.p_filesz == 0 || program.p_filesz > GB_LAUNCH_PATH_MAX)
			return -ENOEXEC;
		n = pread(fd, path, program.p_filesz, (off_t)program.p_offset);
		if (n != (ssize_t)program.p_filesz || path[program.p_filesz - 1] != '\0') {
			path[0] = '\0';
			return -ENOEXEC;
		}
		return 0;
	}
	if (is_dynamic && elf.e_type == ET_DYN && strlen(name) < GB_LAUNCH_PATH_MAX && is_loader(name))
		memcpy(path, name, strlen(name) + 1);
	return 0;
}

int gb_launch_interpreter_find(const char *runtime, char *path)
{
	char program[PATH_MAX], head[HEAD_BYTES + 1];

	path[0] = '\0';
	if (strlen(runtime) >= sizeof(program))
		return -ENAMETOOLONG;
	memcpy(program, runtime, strlen(runtime) + 1);
	for (int depth = 0; depth < SCRIPT_DEPTH_MAX; depth++) {
		GB_CLEANUP(gb_fd_closep) int fd = gb_fd_open(program, O_RDONLY, 0);
		ssize_t n;
		int r;

		if (fd < 0)
			return fd;
		n = gb_fd_read_upto(fd, head, HEAD_BYTES);
		if (n < 0)
			return (int)n;
		head[n] = '\0';
		if (n < 2 || memcmp(head, "#!", 2) != 0)
			return read_interpreter(program, fd, head, (size_t)n, path);
		r = follow_script(head, program, sizeof(program));
		if (r < 0)
			return r;
	}
	return -ELOOP;
}

int gb_launch_static_open(const char *runtime)
{
	GB_CLEANUP(gb_fd_closep) int fd = gb_fd_open(runtime, O_RDONLY, 0);
	unsigned char head[GB_SITE_HEAD_BYTES];
	enum gb_site_program kind;
	ssize_t n;

	if (fd < 0)
		return fd;
	n = gb_fd_read_upto(fd, head, sizeof(head));
	if (n < 0)
		return (int)n;
	kind = gb_site_program_kind(gb_span_of(head, (size_t)n));
	if (kind != GB_PROGRAM_STATIC && kind != GB_PROGRAM_MUSL)
		return -ENOEXEC;
	return GB_TAKE_FD(fd);
}

static bool is_known(const struct gb_segment *segment, size_t count, const unsigned char *build_id)
{
	for (size_t i = 0; i < count; i++)
		if (memcmp(segment->site_tables[i].build_id, build_id, GB_SEGMENT_BUILD_ID_BYTES) == 0)
			return true;
	return false;
}

/* The table is written in place and counts only once its `count` is set. */
static bool fill_table(struct gb_segment *segment, size_t index, struct gb_overlay_code *code, struct gb_span file)
{
	struct gb_site_table *table = &segment->site_tables[index];
	unsigned char build_id[GB_SEGMENT_BUILD_ID_BYTES] = {0};
	struct gb_site_image image;
	size_t n;
	int count;

	if (gb_site_image_of_file(file, &image) < 0 || image.build_id.n == 0)
		return false;
	n = image.build_id.n < sizeof(build_id) ? image.build_id.n : sizeof(build_id);
	memcpy(build_id, image.build_id.p, n);
	if (is_known(segment, index, build_id))
		return false;
	count = gb_site_find(&image, table->sites, sizeof(table->sites) / sizeof(table->sites[0]), NULL);
	if (count <= 0)
		return false;
	memcpy(table->build_id, build_id, sizeof(build_id));
	table->count = (uint32_t)count;
	/* Where it cannot be made, processes patch by themselves. */
	if (code->cap != 0)
		(void)gb_overlay_make(&image, table, code, &segment->overlays[index]);
	return true;
}

/* A library's file as long as it is looked at. */
struct mapped {
	void *bytes; /* NULL: none */
	size_t n;
};

static bool fill_from(struct gb_segment *segment, size_t index, struct gb_overlay_code *code, const char *path,
        struct mapped *ret_mapped)
{
	GB_CLEANUP(gb_fd_closep) int fd = gb_fd_open(path, O_RDONLY, 0);
	struct stat about;
	void *bytes;

	if (fd < 0 || fstat(fd, &about) < 0 || !S_ISREG(about.st_mode) || about.st_size <= 0 ||
	        about.st_size > (off_t)LIBRARY_BYTES_MAX)
		return false;
	bytes = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	if (bytes == MAP_FAILED)
		return false;
	*ret_mapped = (struct mapped){bytes, (size_t)about.st_size};
	return fill_table(segment, index, code, gb_span_of(bytes, (size_t)about.st_size));
}

/* The loader and what lies beside it: before glibc 2.34 (Amazon Linux 2) open, connect and others have copies in libpthread. */
static const char *const beside[] = {"libc.so.6", "libpthread.so.0"};

enum { LIBRARIES = 1 + sizeof(beside) / sizeof(beside[0]) };

static int fill(
        struct gb_segment *segment, const char *interpreter, struct gb_overlay_code *code, struct mapped *mapped)
{
	char loader[PATH_MAX], library[PATH_MAX + 32];
	size_t count = 0;
	char *slash;

	if (interpreter[0] == '\0' || realpath(interpreter, loader) == NULL)
		return 0;
	if (fill_from(segment, count, code, loader, &mapped[0]))
		count++;
	slash = strrchr(loader, '/');
	*slash = '\0';
	for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++) {
		(void)gb_format(library, sizeof(library), "%s/%s", loader, beside[i]);
		if (count < GB_SEGMENT_SITE_TABLES && fill_from(segment, count, code, library, &mapped[1 + i]))
			count++;
	}
	return (int)count;
}

void gb_launch_sites_announce(struct gb_segment *segment)
{
	__atomic_store_n(&segment->sites_state, GB_SITES_COMING, __ATOMIC_RELEASE);
}

/* All page faults of it at once: half their price. Kernels that do not know it take them one by one. */
static void make_pages(unsigned char *from, size_t n)
{
	(void)madvise(from, n, POPULATE_WRITE);
}

int gb_launch_sites_fill(struct gb_segment *segment, const char *interpreter, bool is_sealed)
{
	struct gb_overlay_code code = {
	        .bytes = segment->code, .cap = is_sealed ? sizeof(segment->code) : 0, .about_to_write = make_pages};
	struct mapped mapped[LIBRARIES] = {0};
	int count = fill(segment, interpreter, &code, mapped);

	__atomic_store_n(&segment->sites_state, GB_SITES_SETTLED, __ATOMIC_RELEASE);
	(void)syscall(SYS_futex, &segment->sites_state, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
	/* The runtime waits for the above; what follows is in nobody's way. */
	for (size_t i = 0; i < LIBRARIES; i++)
		if (mapped[i].bytes != NULL)
			(void)munmap(mapped[i].bytes, mapped[i].n);
	/* Written once, never read here: the processes that map these pages have them in memory. */
	if (code.used != 0)
		(void)madvise(segment->code, code.used, MADV_DONTNEED);
	return count;
}

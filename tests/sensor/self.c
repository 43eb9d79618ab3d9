/* SPDX-License-Identifier: Apache-2.0 */
/*
 * self: prints what a program knows of itself: arguments, environment, auxiliary vector, /proc/self. Linked statically,
 * its output must be the same whether the kernel starts it or the sensor loads it.
 *
 *	self [again] [ARGUMENT…]	with `again`, once more by /proc/self/exe
 */
#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

extern char _start[], **environ;

static int bss[100000];
static int data = 42;
static char *volatile bad_pointer = (char *)8;

static void say_link(const char *name, const char *path, size_t cap)
{
	char target[4096];
	ssize_t n = readlink(path, target, cap);

	printf("%s %zd %.*s\n", name, n, n > 0 ? (int)n : 0, target);
}

static void say_headers(void)
{
	const Elf64_Phdr *headers = (const Elf64_Phdr *)getauxval(AT_PHDR);
	unsigned long count = getauxval(AT_PHNUM), loads = 0;
	const char *linker = (const char *)getauxval(AT_BASE);

	for (unsigned long i = 0; i < count; i++)
		loads += headers[i].p_type == PT_LOAD;
	printf("headers %lu, %lu to load, entry %d, linker %d, page %lu\n", count, loads,
	        getauxval(AT_ENTRY) == (unsigned long)_start,
	        linker == NULL                         ? 0
	        : memcmp(linker, ELFMAG, SELFMAG) == 0 ? 1
	                                               : -1,
	        getauxval(AT_PAGESZ));
}

static void say_environment(void)
{
	for (char **entry = environ; *entry != NULL; entry++)
		if (strncmp(*entry, "LD_PRELOAD=", 11) != 0 && strncmp(*entry, "GAMBESON_SENSOR=", 16) != 0)
			printf("environment %s\n", *entry);
}

int main(int argc, char **argv)
{
	int aligned __attribute__((aligned(16))) = 0, sum = 0, fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	char magic[4] = {0};

	for (int i = 0; i < argc; i++)
		printf("argument %s\n", argv[i]);
	say_environment();
	say_headers();
	say_link("name", "/proc/self/exe", 4096);
	say_link("cut name", "/proc/self/exe", 9);
	printf("bad buffer %zd\n", readlink("/proc/self/exe", bad_pointer, 100));
	for (size_t i = 0; i < sizeof(bss) / sizeof(bss[0]); i++)
		sum += bss[i];
	printf("bss %d, data %d, stack %d\n", sum, data, (int)((uintptr_t)&aligned & 15u));
	printf("own file %d %zd\n", fd < 0 ? -1 : 0, read(fd, magic, 4));
	printf("a file %d\n", access("/etc/hostname", R_OK) == 0 && open("/etc/hostname", O_RDONLY | O_CLOEXEC) > 0);
	(void)fflush(stdout);
	if (argc > 1 && strcmp(argv[1], "again") == 0) {
		argv[1] = argv[0];
		(void)execv("/proc/self/exe", argv + 1);
		perror("/proc/self/exe");
	}
	return 7;
}

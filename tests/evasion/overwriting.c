/* SPDX-License-Identifier: Apache-2.0 */
/* overwriting TECHNIQUE: code of one's own comes to lie where a file of the base image is mapped. */
#include "canary.h"

#include <dlfcn.h>
#include <stdint.h>
#include <sys/mman.h>

/* open(path) by a `syscall` instruction; returns the descriptor. */
static const unsigned char code[] = {0xb8, 0x02, 0, 0, 0, 0x31, 0xf6, 0x31, 0xd2, 0x0f, 0x05, 0xc3};

static void run_code(void *at)
{
	int (*function)(const char *);

	memcpy(&function, &at, sizeof(function));
	show(function(SECRET));
}

/* A page of a library that nobody patches, in use or not. */
static void *page_of_library(int rights)
{
	Dl_info where;
	int fd;

	dladdr(dlsym(RTLD_DEFAULT, "open"), &where);
	fd = open(where.dli_fname, O_RDONLY);
	return mmap(NULL, 4096, rights, MAP_PRIVATE, fd, 1 << 16);
}

static void written_then_executable(void)
{
	void *at = page_of_library(PROT_READ | PROT_WRITE);

	memcpy(at, code, sizeof(code));
	if (mprotect(at, 4096, PROT_READ | PROT_EXEC) == 0)
		run_code(at);
}

static void written_then_idle_then_executable(void)
{
	void *at = page_of_library(PROT_READ | PROT_WRITE);

	memcpy(at, code, sizeof(code));
	mprotect(at, 4096, PROT_READ);
	if (mprotect(at, 4096, PROT_READ | PROT_EXEC) == 0)
		run_code(at);
}

static void *text_of_libm(void)
{
	void *library = dlopen("libm.so.6", RTLD_NOW);

	return library ? (void *)((uintptr_t)dlsym(library, "lgamma_r") & ~(uintptr_t)4095) : NULL;
}

static void all_rights(void)
{
	void *at = text_of_libm();

	if (at && mprotect(at, 4096, PROT_READ | PROT_WRITE | PROT_EXEC) == 0) {
		memcpy(at, code, sizeof(code));
		run_code(at);
	}
}

static void rights_by_turns(void)
{
	void *at = text_of_libm();

	if (at && mprotect(at, 4096, PROT_READ | PROT_WRITE) == 0) {
		memcpy(at, code, sizeof(code));
		if (mprotect(at, 4096, PROT_READ | PROT_EXEC) == 0)
			run_code(at);
	}
}

/* The library makes a call that nobody can patch; it is not to be loaded at all. */
static void library_unpatchable(void)
{
	void *library = dlopen("/opt/programs/unpatchable.so", RTLD_NOW);
	int (*function)(long, const char *, long);
	void *symbol = library ? dlsym(library, "unpatchable") : NULL;

	if (symbol) {
		memcpy(&function, &symbol, sizeof(function));
		show(function(0, SECRET, O_RDONLY));
	}
}

static const struct technique techniques[] = {
        {"unpatchable", library_unpatchable},
        {"private", written_then_executable},
        {"private-idle", written_then_idle_then_executable},
        {"libm-rwx", all_rights},
        {"libm-turns", rights_by_turns},
};

int main(int argc, char **argv)
{
	return run_technique(techniques, sizeof(techniques) / sizeof(techniques[0]), argc, argv);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* site_dump --watched: the numbers of all system calls that are watched.
 * site_dump [--stranger] LIBRARY: the sites of a library, a line each: address of the first byte replaced, system call number (-1:
 * unknown), address of the syscall instruction, bytes replaced. The last line: "unpatchable COUNT nanoseconds TIME".
 * --stranger: as of a library of which nothing is known. */
#include "base/fd.h"
#include "site/site.h"

#include <elf.h>
#include <string.h>
#include <time.h>

static uint64_t now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void print(const struct gb_site *site)
{
	bool is_head = site->shape == GB_SITE_MOV_SYSCALL || site->shape == GB_SITE_HEAD;
	unsigned call = is_head ? site->offset + site->length : site->offset;
	unsigned replaced = is_head && site->length >= 5 ? site->length : site->length + 2u;

	printf("%x %d %x %u\n", site->offset, site->number == GB_SITE_NUMBER_UNKNOWN ? -1 : site->number, call,
	        replaced);
}

/* In memory a library has no section headers. */
static bool drop_sections(char *data, size_t n)
{
	Elf64_Ehdr header;

	if (n < sizeof(header))
		return false;
	memcpy(&header, data, sizeof(header));
	header.e_shnum = 0;
	memcpy(data, &header, sizeof(header));
	return true;
}

int main(int argc, char **argv)
{
	static struct gb_site sites[4096];
	struct gb_site_image image;
	size_t n, unpatchable = 0;
	uint64_t best = UINT64_MAX;
	bool is_stranger = argc == 3 && strcmp(argv[1], "--stranger") == 0;
	char *data = NULL;
	int count = 0;

	if (argc == 2 && strcmp(argv[1], "--watched") == 0) {
		for (unsigned number = 0; number < 1024; number++)
			if (gb_site_is_watched(number))
				printf("%u\n", number);
		return 0;
	}
	if (argc != 2 + is_stranger || gb_fd_read_file(argv[argc - 1], 64u << 20, &data, &n) < 0 ||
	        (is_stranger && !drop_sections(data, n)) || gb_site_image_of_file(gb_span_of(data, n), &image) < 0) {
		(void)fprintf(stderr, "site_dump: cannot read an ELF library\n");
		return 1;
	}
	image.may_hold_data = is_stranger && !image.is_go;
	for (int round = 0; round < 5; round++) {
		uint64_t start = now_ns(), took;

		count = gb_site_find(&image, sites, sizeof(sites) / sizeof(sites[0]), &unpatchable);
		took = now_ns() - start;
		best = took < best ? took : best;
	}
	for (int i = 0; i < count; i++)
		if (sites[i].shape != GB_SITE_UNPATCHABLE)
			print(&sites[i]);
	printf("unpatchable %zu nanoseconds %llu\n", unpatchable, (unsigned long long)best);
	free(data);
	return count > 0 ? 0 : 1;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/loader.h"

#include "site/site.h"

#include <elf.h>
#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#define PAGE_BYTES   4096u
#define SECTIONS_MAX 64u

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

static uintptr_t page_down(uintptr_t address)
{
	return address & ~(uintptr_t)(PAGE_BYTES - 1);
}

static uintptr_t page_up(uintptr_t address)
{
	return page_down(address + PAGE_BYTES - 1);
}

/* The program headers are in the head of the file: gb_site_program_kind() has seen to it. */
static Elf64_Phdr header_at(const unsigned char *head, unsigned i)
{
	Elf64_Ehdr file;
	Elf64_Phdr segment;

	__builtin_memcpy(&file, head, sizeof(file));
	__builtin_memcpy(&segment, head + file.e_phoff + i * sizeof(segment), sizeof(segment));
	return segment;
}

struct extent {
	uintptr_t from;
	uintptr_t to;
	uintptr_t alignment;
};

static int measure(const unsigned char *head, unsigned count, struct extent *ret_extent)
{
	struct extent extent = {UINTPTR_MAX, 0, PAGE_BYTES};

	for (unsigned i = 0; i < count; i++) {
		Elf64_Phdr segment = header_at(head, i);
		uintptr_t end;

		if (segment.p_type != PT_LOAD)
			continue;
		if (__builtin_add_overflow(segment.p_vaddr, segment.p_memsz, &end) || end >= GB_MACHINE_ADDRESS_END ||
		        segment.p_filesz > segment.p_memsz ||
		        ((segment.p_vaddr ^ segment.p_offset) & (PAGE_BYTES - 1)) != 0)
			return -ENOEXEC;
		if (page_down(segment.p_vaddr) < extent.from)
			extent.from = page_down(segment.p_vaddr);
		if (page_up(end) > extent.to)
			extent.to = page_up(end);
		if (segment.p_align > extent.alignment && (segment.p_align & (segment.p_align - 1)) == 0 &&
		        segment.p_align <= 1u << 30)
			extent.alignment = segment.p_align;
	}
	*ret_extent = extent;
	return extent.to > extent.from ? 0 : -ENOEXEC;
}

/* Take the whole range, so that nothing else comes to lie in its gaps. Result: the load address. */
static int reserve(const struct extent *extent, bool is_fixed, uintptr_t *ret_load_address)
{
	size_t bytes = extent->to - extent->from;
	size_t spare = is_fixed || extent->alignment == PAGE_BYTES ? 0 : extent->alignment;
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | (is_fixed ? MAP_FIXED_NOREPLACE : 0);
	long at = gb_call6(SYS_mmap, is_fixed ? (long)extent->from : 0, (long)(bytes + spare), PROT_NONE, flags, -1, 0);
	uintptr_t from;

	if (at < 0 && at > -4096)
		return (int)at;
	from = (uintptr_t)at;
	if (is_fixed && from != extent->from)
		return -EEXIST;
	if (spare != 0) {
		from = ((uintptr_t)at + spare - 1) & ~(uintptr_t)(spare - 1);
		if (from != (uintptr_t)at)
			(void)gb_call3(SYS_munmap, at, (long)(from - (uintptr_t)at), 0);
		if (from + bytes != (uintptr_t)at + bytes + spare)
			(void)gb_call3(SYS_munmap, (long)(from + bytes),
			        (long)((uintptr_t)at + bytes + spare - from - bytes), 0);
	}
	*ret_load_address = from - extent->from;
	return 0;
}

static int protection_of(const Elf64_Phdr *segment)
{
	return ((segment->p_flags & PF_R) != 0 ? PROT_READ : 0) | ((segment->p_flags & PF_W) != 0 ? PROT_WRITE : 0) |
	       ((segment->p_flags & PF_X) != 0 ? PROT_EXEC : 0);
}

/* The file's bytes, then zeros to the end of their page, then empty pages. */
static int map_segment(int fd, const Elf64_Phdr *segment, uintptr_t load_address)
{
	uintptr_t start = load_address + segment->p_vaddr, file_end = start + segment->p_filesz;
	uintptr_t end = page_up(start + segment->p_memsz);
	int protection = protection_of(segment);
	long at;

	if (segment->p_filesz != 0) {
		at = gb_call6(SYS_mmap, (long)page_down(start), (long)(page_up(file_end) - page_down(start)),
		        protection, MAP_PRIVATE | MAP_FIXED, fd, (long)page_down(segment->p_offset));
		if (at < 0 && at > -4096)
			return (int)at;
	} else {
		file_end = page_down(start);
	}
	if (segment->p_memsz == segment->p_filesz)
		return 0;
	if ((segment->p_flags & PF_W) != 0 && file_end != page_up(file_end))
		__builtin_memset((void *)file_end, 0, page_up(file_end) - file_end);
	if (end > page_up(file_end)) {
		at = gb_call6(SYS_mmap, (long)page_up(file_end), (long)(end - page_up(file_end)), protection,
		        MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		if (at < 0 && at > -4096)
			return (int)at;
	}
	return 0;
}

void gb_sensor_narrow(long fd, uintptr_t load_address, struct gb_span *ref_text)
{
	unsigned char sections[SECTIONS_MAX * sizeof(Elf64_Shdr)];
	uint64_t address = (uintptr_t)ref_text->p - load_address;
	Elf64_Ehdr file;
	long n;

	if (!gb_span_starts(*ref_text, GB_SPAN(ELFMAG)) || ref_text->n < sizeof(file) ||
	        gb_call4(SYS_pread64, fd, (long)&file, sizeof(file), 0) != sizeof(file) ||
	        __builtin_memcmp(&file, ref_text->p, sizeof(file)) != 0 || file.e_shentsize != sizeof(Elf64_Shdr) ||
	        file.e_shnum > SECTIONS_MAX)
		return;
	n = gb_call4(SYS_pread64, fd, (long)sections, (long)(file.e_shnum * sizeof(Elf64_Shdr)), (long)file.e_shoff);
	if (n > 0)
		gb_site_narrow(gb_span_of(sections, (size_t)n), ref_text, &address);
}

int gb_loader_map(int fd, struct gb_loaded *ret_loaded)
{
	unsigned char head[GB_SITE_HEAD_BYTES];
	long n = gb_call4(SYS_pread64, fd, (long)head, sizeof(head), 0);
	struct gb_span interpreter;
	enum gb_site_program kind;
	Elf64_Ehdr file;
	struct extent extent;
	struct gb_loaded loaded = {0};
	int result;

	if (n < 0)
		return (int)n;
	kind = gb_site_program_kind(gb_span_of(head, (size_t)n));
	if (kind != GB_PROGRAM_STATIC && kind != GB_PROGRAM_MUSL)
		return -ENOEXEC;
	interpreter = gb_site_program_interpreter(gb_span_of(head, (size_t)n));
	if (interpreter.n != 0)
		__builtin_memcpy(loaded.interpreter, interpreter.p, interpreter.n);
	__builtin_memcpy(&file, head, sizeof(file));
	result = measure(head, file.e_phnum, &extent);
	if (result == 0)
		result = reserve(&extent, file.e_type == ET_EXEC, &loaded.load_address);
	for (unsigned i = 0; result == 0 && i < file.e_phnum; i++) {
		Elf64_Phdr segment = header_at(head, i);

		if (segment.p_type != PT_LOAD)
			continue;
		result = map_segment(fd, &segment, loaded.load_address);
		if (file.e_phoff >= segment.p_offset && file.e_phoff < segment.p_offset + segment.p_filesz)
			loaded.headers = loaded.load_address + segment.p_vaddr + (file.e_phoff - segment.p_offset);
		if ((segment.p_flags & PF_X) != 0 && loaded.text.n == 0)
			loaded.text =
			        gb_span_of((const void *)(loaded.load_address + segment.p_vaddr), segment.p_filesz);
	}
	if (result < 0)
		return result;
	gb_sensor_narrow(fd, loaded.load_address, &loaded.text);
	loaded.header_count = file.e_phnum;
	loaded.entry = loaded.load_address + file.e_entry;
	*ret_loaded = loaded;
	return 0;
}

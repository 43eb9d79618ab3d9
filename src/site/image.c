/* SPDX-License-Identifier: Apache-2.0 */
#include "site/machine.h"
#include "site/site.h"

#include <elf.h>
#include <errno.h>

#define PROGRAM_HEADERS_MAX 64u

/* COUNT bytes at OFFSET of FILE, or the empty span. */
static struct gb_span part(struct gb_span file, uint64_t offset, uint64_t count)
{
	if (offset > file.n || count > file.n - offset)
		return GB_SPAN_EMPTY;
	return gb_span_sub(file, (size_t)offset, (size_t)count);
}

static struct gb_span find_build_id(struct gb_span notes)
{
	while (notes.n >= sizeof(Elf64_Nhdr)) {
		Elf64_Nhdr note;
		size_t name_n, desc_n, all;

		__builtin_memcpy(&note, notes.p, sizeof(note));
		name_n = ((size_t)note.n_namesz + 3u) & ~(size_t)3u;
		desc_n = ((size_t)note.n_descsz + 3u) & ~(size_t)3u;
		all = sizeof(note) + name_n + desc_n;
		if (all > notes.n)
			break;
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
		        __builtin_memcmp(notes.p + sizeof(note), "GNU", 4) == 0)
			return gb_span_sub(notes, sizeof(note) + name_n, note.n_descsz);
		notes = gb_span_sub(notes, all, notes.n);
	}
	return GB_SPAN_EMPTY;
}

void gb_site_narrow(struct gb_span sections, struct gb_span *ref_text, uint64_t *ref_address)
{
	uint64_t from = UINT64_MAX, to = 0, end = *ref_address + ref_text->n;

	for (; sections.n >= sizeof(Elf64_Shdr); sections = gb_span_sub(sections, sizeof(Elf64_Shdr), sections.n)) {
		Elf64_Shdr section;

		__builtin_memcpy(&section, sections.p, sizeof(section));
		if ((section.sh_flags & SHF_EXECINSTR) == 0 || section.sh_type != SHT_PROGBITS ||
		        section.sh_addr < *ref_address || section.sh_addr > end ||
		        section.sh_size > end - section.sh_addr)
			continue;
		from = section.sh_addr < from ? section.sh_addr : from;
		to = section.sh_addr + section.sh_size > to ? section.sh_addr + section.sh_size : to;
	}
	if (from >= to)
		return;
	*ref_text = gb_span_sub(*ref_text, (size_t)(from - *ref_address), (size_t)(to - from));
	*ref_address = from;
}

bool gb_site_is_go(struct gb_span notes)
{
	return gb_span_find(notes, gb_span_of("Go\0", 4), 0) != SIZE_MAX;
}

/* Where the bytes of a segment are: in a file by offset, in a loaded library by address. */
enum layout { LAYOUT_FILE, LAYOUT_LOADED };

/* Every program header has been looked at before. */
static void find_frames_part(
        struct gb_span all, enum layout layout, const Elf64_Ehdr *header, struct gb_site_frames *frames)
{
	for (unsigned i = 0; i < header->e_phnum && frames->header.n != 0; i++) {
		Elf64_Phdr segment;

		__builtin_memcpy(&segment, all.p + header->e_phoff + i * sizeof(segment), sizeof(segment));
		if (segment.p_type != PT_LOAD || frames->address - segment.p_vaddr >= segment.p_filesz)
			continue;
		frames->part = part(all, layout == LAYOUT_FILE ? segment.p_offset : segment.p_vaddr, segment.p_filesz);
		frames->part_address = segment.p_vaddr;
	}
}

static int read_image(struct gb_span all, enum layout layout, struct gb_site_image *ret_image)
{
	struct gb_site_image image = {.text = GB_SPAN_EMPTY, .build_id = GB_SPAN_EMPTY};
	Elf64_Ehdr header;

	if (all.n < sizeof(header))
		return -ENOEXEC;
	__builtin_memcpy(&header, all.p, sizeof(header));
	if (__builtin_memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64 ||
	        header.e_machine != gb_site_elf_machine || header.e_phentsize != sizeof(Elf64_Phdr) ||
	        header.e_phnum > PROGRAM_HEADERS_MAX)
		return -ENOEXEC;
	for (unsigned i = 0; i < header.e_phnum; i++) {
		struct gb_span at = part(all, header.e_phoff + i * sizeof(Elf64_Phdr), sizeof(Elf64_Phdr));
		Elf64_Phdr segment;
		uint64_t place;

		if (at.n == 0)
			return -ENOEXEC;
		__builtin_memcpy(&segment, at.p, sizeof(segment));
		place = layout == LAYOUT_FILE ? segment.p_offset : segment.p_vaddr;
		if (segment.p_type == PT_LOAD && (segment.p_flags & PF_X) != 0 && image.text.n == 0) {
			image.text = part(all, place, segment.p_filesz);
			image.text_address = segment.p_vaddr;
		} else if (segment.p_type == PT_GNU_EH_FRAME) {
			image.frames.header = part(all, place, segment.p_filesz);
			image.frames.address = segment.p_vaddr;
		} else if (segment.p_type == PT_NOTE) {
			struct gb_span notes = part(all, place, segment.p_filesz);

			if (image.build_id.n == 0)
				image.build_id = find_build_id(notes);
			image.is_go = image.is_go || gb_site_is_go(notes);
		}
	}
	image.segment = image.text;
	image.segment_address = image.text_address;
	find_frames_part(all, layout, &header, &image.frames);
	if (image.text.n == 0 || image.text_address > UINT32_MAX - image.text.n)
		return -ENOEXEC;
	if (layout == LAYOUT_FILE && header.e_shentsize == sizeof(Elf64_Shdr))
		gb_site_narrow(part(all, header.e_shoff, header.e_shnum * sizeof(Elf64_Shdr)), &image.text,
		        &image.text_address);
	*ret_image = image;
	return 0;
}

int gb_site_image_of_file(struct gb_span file, struct gb_site_image *ret_image)
{
	return read_image(file, LAYOUT_FILE, ret_image);
}

int gb_site_image_of_library(const void *base, struct gb_site_image *ret_image)
{
	return read_image(gb_span_of(base, UINT32_MAX), LAYOUT_LOADED, ret_image);
}

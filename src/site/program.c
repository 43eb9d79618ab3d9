/* SPDX-License-Identifier: Apache-2.0 */
#include "site/machine.h"
#include "site/site.h"

#include <elf.h>

/* Empty where it is longer than musl's, or not within HEAD. */
static struct gb_span interpreter_at(struct gb_span head, const Elf64_Phdr *segment)
{
	struct gb_span path;

	if (segment->p_offset > head.n || segment->p_filesz > head.n - segment->p_offset || segment->p_filesz == 0 ||
	        segment->p_filesz > GB_SITE_INTERPRETER_BYTES)
		return GB_SPAN_EMPTY;
	path = gb_span_sub(head, segment->p_offset, segment->p_filesz);
	return gb_span_find_byte(path, '\0', 0) == path.n - 1 ? path : GB_SPAN_EMPTY;
}

/* What the kernel makes of it, and the path of the interpreter where it is of interest. */
static enum gb_site_program look_at(struct gb_span head, struct gb_span *ret_interpreter)
{
	struct gb_span path;
	Elf64_Ehdr header;

	if (head.n < sizeof(header) || __builtin_memcmp(head.p, ELFMAG, SELFMAG) != 0)
		return GB_PROGRAM_OTHER;
	__builtin_memcpy(&header, head.p, sizeof(header));
	if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != gb_site_elf_machine ||
	        (header.e_type != ET_EXEC && header.e_type != ET_DYN) || header.e_phentsize != sizeof(Elf64_Phdr) ||
	        header.e_phoff > head.n || header.e_phnum > (head.n - header.e_phoff) / sizeof(Elf64_Phdr))
		return GB_PROGRAM_FOREIGN;
	for (unsigned i = 0; i < header.e_phnum; i++) {
		Elf64_Phdr segment;

		__builtin_memcpy(&segment, head.p + header.e_phoff + i * sizeof(segment), sizeof(segment));
		if (segment.p_type != PT_INTERP)
			continue;
		path = interpreter_at(head, &segment);
		if (!gb_span_starts(gb_span_basename(path), GB_SPAN("ld-musl-")))
			return GB_PROGRAM_DYNAMIC;
		*ret_interpreter = path;
		return GB_PROGRAM_MUSL;
	}
	return GB_PROGRAM_STATIC;
}

bool gb_site_program_linker(struct gb_span head, uint64_t *ret_offset, uint64_t *ret_n)
{
	Elf64_Phdr segment;
	Elf64_Ehdr header;
	struct gb_span unused;

	if (look_at(head, &unused) != GB_PROGRAM_DYNAMIC)
		return false;
	__builtin_memcpy(&header, head.p, sizeof(header));
	for (uint64_t at = header.e_phoff;; at += sizeof(segment)) {
		__builtin_memcpy(&segment, head.p + at, sizeof(segment));
		if (segment.p_type == PT_INTERP)
			break;
	}
	*ret_offset = segment.p_offset;
	*ret_n = segment.p_filesz;
	return true;
}

enum gb_site_program gb_site_program_kind(struct gb_span head)
{
	struct gb_span interpreter;

	return look_at(head, &interpreter);
}

struct gb_span gb_site_program_interpreter(struct gb_span head)
{
	struct gb_span interpreter = GB_SPAN_EMPTY;

	(void)look_at(head, &interpreter);
	return interpreter;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "site/machine.h"
#include "site/site.h"

#include <elf.h>

enum gb_site_program gb_site_program_kind(struct gb_span head)
{
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
		if (segment.p_type == PT_INTERP)
			return GB_PROGRAM_DYNAMIC;
	}
	return GB_PROGRAM_STATIC;
}

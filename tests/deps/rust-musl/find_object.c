/* SPDX-License-Identifier: Apache-2.0 */
/* GCC 12's unwinder asks glibc for the object that an address lies in; musl does not know the question. */
#include <link.h>
#include <stddef.h>
#include <stdint.h>

struct found {
	unsigned long long flags;
	void *start, *end;
	void *map, *eh_frame;
	unsigned long long reserved[7];
};

struct question {
	uintptr_t address;
	struct found *found;
};

static int ask(struct dl_phdr_info *object, size_t size, void *data)
{
	const struct question *question = data;
	void *eh_frame = NULL, *start = NULL, *end = NULL;

	(void)size;
	for (int i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
		uintptr_t from = object->dlpi_addr + segment->p_vaddr;

		if (segment->p_type == PT_GNU_EH_FRAME)
			eh_frame = (void *)from;
		else if (segment->p_type == PT_LOAD && question->address - from < segment->p_memsz) {
			start = (void *)from;
			end = (void *)(from + segment->p_memsz);
		}
	}
	if (start == NULL || eh_frame == NULL)
		return 0;
	*question->found = (struct found){.start = start, .end = end, .eh_frame = eh_frame};
	return 1;
}

int _dl_find_object(void *address, struct found *found);

int _dl_find_object(void *address, struct found *found)
{
	struct question question = {(uintptr_t)address, found};

	return dl_iterate_phdr(ask, &question) == 1 ? 0 : -1;
}

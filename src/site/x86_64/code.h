/* SPDX-License-Identifier: Apache-2.0 */
/*
 * site/x86_64/code: as much of the x86-64 instruction format as is needed to walk straight code around a system call.
 * Pure, freestanding. Instructions that it does not know have length 0; it never guesses.
 */
#ifndef GB_SITE_X86_64_CODE_H
#define GB_SITE_X86_64_CODE_H

#include "base/span.h"

struct gb_code_instruction {
	unsigned length; /* 0: unknown or cut short */
	bool is_movable; /* runs the same at another address, and falls through */
	bool sets_eax;   /* to `eax` */
	bool spoils_eax; /* to something that is not known here */
	uint32_t eax;
};

/* The instruction at the start of CODE. */
struct gb_code_instruction gb_code_decode(struct gb_span code);

/* Its length alone, in a third of the time. */
unsigned gb_code_length(struct gb_span code);

/* Whether an instruction begins at offset AT of TEXT, as far as the code before it tells. Nothing told counts as yes. */
bool gb_code_is_instruction(struct gb_span text, size_t at);

enum gb_code_opinion {
	GB_CODE_INSIDE = 0, /* of another instruction, or no code at all */
	GB_CODE_UNKNOWN,    /* the bytes before are none that are known here */
	GB_CODE_INSTRUCTION,
};

/* The same with more care, for what is to be patched. *ret_from: where a walk begins that meets AT, if it is an
 * instruction. */
enum gb_code_opinion gb_code_judge(struct gb_span text, size_t at, size_t *ret_from);

/* Whether a direct jump or call near the range may land in [FROM, TO] (offsets in TEXT): rel8 forms everywhere they can
 * reach; rel32 forms at most REACH bytes away. */
#define GB_CODE_REACH 1024u
bool gb_code_is_target(struct gb_span text, size_t from, size_t to, size_t reach);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * site: find the places in a library's code that make a watched system call and can be replaced by a jump. Pure: bytes
 * in, sites out; used by the warden once per library while the runtime is being loaded, and by the sensor itself for a library
 * that the warden did not know. Freestanding. What differs between machines is in site/<machine>/.
 */
#ifndef GB_SITE_SITE_H
#define GB_SITE_SITE_H

#include "base/span.h"
#include "wire/segment.h"

/* Whether the sensor has a handler for system call NUMBER of this machine. */
bool gb_site_is_watched(unsigned number);
/* Whether it is one of those that matter for some descriptors only (reading, writing, receiving). */
bool gb_site_is_watched_for_some(unsigned number);

/* The functions of a library, as unwinders find them. */
struct gb_site_frames {
	struct gb_span header; /* .eh_frame_hdr; empty when there is none */
	uint64_t address;      /* its virtual address */
	struct gb_span part;   /* the segment that it lies in, with .eh_frame */
	uint64_t part_address; /* its virtual address */
};

/* Whether ADDRESS is inside of a function that has a frame, and where that begins. */
bool gb_site_frames_find(const struct gb_site_frames *frames, uint64_t address, uint64_t *ret_function);

/* An ELF file mapped or read whole: its executable part and its build id. */
struct gb_site_image {
	struct gb_span text;    /* bytes of the executable segment; of a file with section headers the code in it */
	uint64_t text_address;  /* virtual address of its first byte, as in the program headers */
	struct gb_span segment; /* the whole executable segment, which begins with a page */
	uint64_t segment_address;
	struct gb_span build_id; /* empty when there is none */
	struct gb_site_frames frames;
	bool is_go;
	/* The reader leaves it false. True: only what FRAMES say is code is taken for it, and calls whose number is set right
	 * before them; for libraries of whom nothing is known. */
	bool may_hold_data;
	/* The same: calls that cannot be patched are among the sites found, as far as their number is known. */
	bool tells_unpatchable;
};

/* Whether these NOTES are of a program by Go's linker, which makes its system calls itself, on stacks of 2 KB. */
bool gb_site_is_go(struct gb_span notes);

/* Read program headers and notes. -ENOEXEC when FILE is not a 64-bit ELF of this machine or is cut short. */
__attribute__((warn_unused_result)) int gb_site_image_of_file(struct gb_span file, struct gb_site_image *ret_image);

/* Narrow TEXT, which lies at ADDRESS, to where the code in it begins and ends by a file's SECTIONS (its section headers).
 * What old linkers and those of small programs put beside the code into the one segment that they make (names,
 * relocations, constants) may hold the bytes of a system call. Without sections that say so TEXT stays as it is. */
void gb_site_narrow(struct gb_span sections, struct gb_span *ref_text, uint64_t *ref_address);

/* The same as gb_site_image_of_file() of a library that the dynamic linker has loaded at BASE (its lowest address, where the ELF header lies). */
__attribute__((warn_unused_result)) int gb_site_image_of_library(const void *base, struct gb_site_image *ret_image);

/* What the kernel makes of a program file, as far as the sensor cares. */
enum gb_site_program {
	GB_PROGRAM_OTHER = 0, /* no ELF: a script, or nothing */
	GB_PROGRAM_DYNAMIC,   /* has an interpreter, which loads the sensor */
	GB_PROGRAM_STATIC,    /* none: the sensor has to load it */
	GB_PROGRAM_MUSL,    /* musl's: it maps the sensor, but leaves it to the program to start it, and Go's do not */
	GB_PROGRAM_FOREIGN, /* another machine's, a 32-bit one, or one whose program headers lie outside of HEAD */
};

#define GB_SITE_HEAD_BYTES 4096u /* program headers of every linker in use lie within */

/* HEAD: the first GB_SITE_HEAD_BYTES of the file, or all of a shorter one. */
enum gb_site_program gb_site_program_kind(struct gb_span head);

#define GB_SITE_INTERPRETER_BYTES 64u /* of the path of musl's interpreter, with its NUL */

/* The path of the interpreter of a program that is GB_PROGRAM_MUSL by its HEAD, with its NUL; empty for others. Points
 * into HEAD. */
struct gb_span gb_site_program_interpreter(struct gb_span head);
/* Of a GB_PROGRAM_DYNAMIC: where in the file the name of its dynamic linker is, with its NUL. */
bool gb_site_program_linker(struct gb_span head, uint64_t *ret_offset, uint64_t *ret_n);

/* Find all sites. Result: their number (at most CAP are written), or -ENOSPC when there are more than CAP.
 * *ret_unpatchable (may be NULL) counts watched or unknown system call instructions that no shape fits. */
__attribute__((warn_unused_result)) int gb_site_find(
        const struct gb_site_image *image, struct gb_site *sites, size_t cap, size_t *ret_unpatchable);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * site/x86_64/detour: what a detour does:
 *
 *	the straight code that stood before the call, moved
 *	unknown number only: look it up in a table of 512 bytes
 *	reading, writing, receiving, closing: look the descriptor up in a table of 1024 bytes
 *	fcntl, ioctl: compare the command with the few that are watched
 *	if the call is not watched, make it right here, or go back to it, with the stack and registers as they were
 *	step over the red zone; call the entry; step back
 *	the straight code that stood behind the call, moved
 *	jump back
 *
 * It is a jump that leads to the detour, never a call, since the code may keep data below its stack pointer.
 */
#include "site/detour.h"
#include "site/machine.h"

#include <sys/syscall.h>

#define ENTRY_AT      0u
#define SMALL_AT      8u
#define SOCKETS_AT    16u
#define RESERVED_AT   24u
#define SITE_BYTES    104u /* of a detour, head and tails not counted */
#define SYSCALL_BYTES 2u
#define JUMP_BYTES    5u

/* What the table holds. */
#define WATCHED_NOT  0
#define WATCHED_ALL  1
#define WATCHED_SOME 2 /* for some descriptors */

#define TABLE_CHECK_BYTES      16
#define DESCRIPTOR_CHECK_BYTES (8 + TABLE_CHECK_BYTES)

/* A site taken apart. */
struct cut {
	const unsigned char *head; /* first byte replaced */
	unsigned head_n;
	const unsigned char *call; /* the syscall instruction */
	unsigned tail_n;
	unsigned replaced_n;   /* bytes from head on that may be overwritten */
	uintptr_t call_at;     /* run-time address of the syscall instruction */
	uintptr_t continue_at; /* and of what comes behind everything that moves */
};

static void put(struct gb_detours *w, const void *bytes, size_t n)
{
	if ((size_t)(w->end - w->p) < n)
		return;
	__builtin_memcpy(w->p, bytes, n);
	w->p += n;
	w->at += n;
}

#define PUT(w, ...)                                                                                                    \
	do {                                                                                                           \
		static const unsigned char gb_bytes[] = {__VA_ARGS__};                                                 \
		put(w, gb_bytes, sizeof(gb_bytes));                                                                    \
	} while (0)

/* The 4 bytes of a displacement that is counted from their end. */
static void put_relative(struct gb_detours *w, uintptr_t target)
{
	int32_t displacement = (int32_t)(target - (w->at + 4));

	put(w, &displacement, sizeof(displacement));
}

static void put_jump(struct gb_detours *w, uintptr_t target)
{
	PUT(w, 0xe9);
	put_relative(w, target);
}

static unsigned char watched_as(unsigned number)
{
	if (!gb_site_is_watched(number))
		return WATCHED_NOT;
	return gb_site_is_watched_for_some(number) ? WATCHED_SOME : WATCHED_ALL;
}

static bool cut_site(const struct gb_site *site, const struct gb_detour_place *place, struct cut *ret_cut)
{
	struct cut cut = {.head = place->original, .call = place->original};

	if (site->length > 32 || site->length < 3)
		return false;
	if (site->shape == GB_SITE_MOV_SYSCALL || site->shape == GB_SITE_HEAD) {
		cut.head_n = site->length;
		cut.call += cut.head_n;
		cut.replaced_n = cut.head_n >= JUMP_BYTES ? cut.head_n : cut.head_n + SYSCALL_BYTES;
	} else {
		cut.tail_n = site->length;
		cut.replaced_n = SYSCALL_BYTES + cut.tail_n;
	}
	cut.call_at = place->at + cut.head_n;
	cut.continue_at = cut.call_at + SYSCALL_BYTES + cut.tail_n;
	*ret_cut = cut;
	/* The table was made from another file if there is no such instruction. */
	return cut.call[0] == 0x0f && cut.call[1] == 0x05;
}

/* Places in a detour from where it goes on as unwatched: the byte in front of each is the displacement. */
struct skips {
	unsigned char *at[4];
	unsigned count;
};

static void put_skip(struct gb_detours *w, struct skips *skips, unsigned char condition)
{
	const unsigned char bytes[] = {condition, 0};

	put(w, bytes, sizeof(bytes));
	skips->at[skips->count++] = w->p;
}

/* Numbers that are watched; those that are watched for some descriptors only. The kernel looks at 32 bits. */
static void put_number_check(struct gb_detours *w, struct skips *skips)
{
	PUT(w, 0x3d, 0xff, 0x01, 0x00, 0x00); /* cmp $511,%eax */
	put_skip(w, skips, 0x77);             /* ja unwatched */
	PUT(w, 0x4c, 0x8d, 0x1d);             /* lea table(%rip),%r11 */
	put_relative(w, w->table);
	PUT(w, 0x89, 0xc1);                           /* mov %eax,%ecx */
	PUT(w, 0x41, 0x80, 0x3c, 0x0b, WATCHED_NOT);  /* cmpb $0,(%r11,%rcx) */
	put_skip(w, skips, 0x74);                     /* je unwatched */
	PUT(w, 0x41, 0x80, 0x3c, 0x0b, WATCHED_SOME); /* cmpb $2,(%r11,%rcx) */
	PUT(w, 0x75, DESCRIPTOR_CHECK_BYTES);         /* jne over the next check */
}

static void put_table_check(struct gb_detours *w, struct skips *skips)
{
	PUT(w, 0x89, 0xf9);       /* mov %edi,%ecx */
	PUT(w, 0x4c, 0x8b, 0x1d); /* mov sockets(%rip),%r11 */
	put_relative(w, w->pointers + SOCKETS_AT);
	PUT(w, 0x41, 0x80, 0x3c, 0x0b, 0x00); /* cmpb $0,(%r11,%rcx) */
	put_skip(w, skips, 0x74);             /* je unwatched */
}

static void put_descriptor_check(struct gb_detours *w, struct skips *skips)
{
	PUT(w, 0x81, 0xff, 0x00, 0x04, 0x00, 0x00); /* cmp $1024,%edi */
	put_skip(w, skips, 0x73);                   /* jae unwatched */
	put_table_check(w, skips);
}

static void put_close_check(struct gb_detours *w, struct skips *skips)
{
	PUT(w, 0x3b, 0x3d); /* cmp reserved(%rip),%edi */
	put_relative(w, w->pointers + RESERVED_AT);
	PUT(w, 0x73, TABLE_CHECK_BYTES); /* jae over the next check */
	put_table_check(w, skips);
}

/* The values of the second argument that are watched. */
static void put_argument_check(struct gb_detours *w, struct skips *skips, const struct gb_site_window *window)
{
	const uint32_t negated = 0u - window->first;
	const unsigned char width = (unsigned char)(window->last - window->first);

	PUT(w, 0x8d, 0x8e); /* lea -first(%rsi),%ecx */
	put(w, &negated, sizeof(negated));
	PUT(w, 0x83, 0xf9); /* cmp $width,%ecx */
	put(w, &width, sizeof(width));
	put_skip(w, skips, 0x77); /* ja unwatched */
}

static void put_detour(struct gb_detours *w, const struct cut *cut, unsigned number, bool has_small_stacks)
{
	const unsigned char *after = cut->call + SYSCALL_BYTES;
	struct skips skips = {0};
	const struct gb_site_window *window = gb_site_window_of(number);

	put(w, cut->head, cut->head_n);
	if (number == GB_SITE_NUMBER_UNKNOWN)
		put_number_check(w, &skips);
	if (number == GB_SITE_NUMBER_UNKNOWN || watched_as(number) == WATCHED_SOME)
		put_descriptor_check(w, &skips);
	else if (number == SYS_close)
		put_close_check(w, &skips);
	else if (window != NULL)
		put_argument_check(w, &skips, window);
	PUT(w, 0x48, 0x8d, 0x64, 0x24, 0x80); /* lea -128(%rsp),%rsp */
	PUT(w, 0xff, 0x15);                   /* call *entry(%rip) */
	put_relative(w, w->pointers + (has_small_stacks ? SMALL_AT : ENTRY_AT));
	PUT(w, 0x48, 0x8d, 0xa4, 0x24, 0x80, 0, 0, 0); /* lea 128(%rsp),%rsp */
	put(w, after, cut->tail_n);
	put_jump(w, cut->continue_at);
	if (skips.count == 0)
		return;
	for (unsigned i = 0; i < skips.count; i++)
		skips.at[i][-1] = (unsigned char)(w->p - skips.at[i]);
	if (cut->head_n >= JUMP_BYTES) {
		put_jump(w, cut->call_at);
		return;
	}
	PUT(w, 0x0f, 0x05);
	put(w, after, cut->tail_n);
	put_jump(w, cut->continue_at);
}

void gb_detour_put_pointers(unsigned char *to, const struct gb_detour_pointers *pointers)
{
	__builtin_memcpy(to + ENTRY_AT, &pointers->entry, sizeof(pointers->entry));
	__builtin_memcpy(to + SMALL_AT, &pointers->entry_small, sizeof(pointers->entry_small));
	__builtin_memcpy(to + SOCKETS_AT, &pointers->name_sockets, sizeof(pointers->name_sockets));
	__builtin_memcpy(to + RESERVED_AT, &pointers->reserved, sizeof(pointers->reserved));
}

void gb_detour_put_table(unsigned char *to)
{
	for (unsigned number = 0; number < GB_DETOUR_TABLE_BYTES; number++)
		to[number] = WATCHED_NOT;
	for (size_t i = 0; i < gb_site_watched_count && gb_site_watched[i] < GB_DETOUR_TABLE_BYTES; i++)
		to[gb_site_watched[i]] = watched_as(gb_site_watched[i]);
}

static void write_jump(const struct cut *cut, const struct gb_detour_place *place, uintptr_t detour_at)
{
	struct gb_detours w = {.p = place->patched, .end = place->patched + cut->replaced_n, .at = place->at};

	put_jump(&w, detour_at);
	while (w.p < w.end)
		*w.p++ = 0xcc; /* nobody comes here; if somebody does, better a trap than half an instruction */
}

size_t gb_detour_bytes(const struct gb_site *site)
{
	return SITE_BYTES + 2u * site->length;
}

bool gb_detour_put(struct gb_detours *w, const struct gb_site *site, const struct gb_detour_place *place)
{
	uintptr_t detour_at = w->at;
	struct cut cut;

	if (!cut_site(site, place, &cut))
		return true;
	if (w->end - w->p < (long)GB_DETOUR_BYTES_MAX)
		return false;
	put_detour(w, &cut, site->number, place->has_small_stacks);
	write_jump(&cut, place, detour_at);
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * site/aarch64/detour: every instruction has 4 bytes, so the svc alone makes room for a branch, and nothing else moves.
 * What a detour does:
 *
 *	put x16 and x30 on the stack, below the word that Go keeps under the stack pointer
 *	unknown number only: look it up in a table of 512 bytes
 *	reading, writing, receiving, closing: look the descriptor up in a table of 1024 bytes
 *	fcntl, ioctl: compare the command with the few that are watched
 *	call the entry; take x16 and x30 back; branch back
 *	if the call is not watched: take x16 and x30 back, make the call right here, branch back
 *
 * The checks use instructions that leave the flags alone.
 */
#include "site/detour.h"
#include "site/machine.h"

#include <sys/syscall.h>

#define ENTRY_AT    0u
#define SMALL_AT    8u
#define SOCKETS_AT  16u
#define RESERVED_AT 24u
#define SITE_BYTES  100u
#define SKIPS_MAX   4u

/* What the table holds. */
#define WATCHED_NOT  0
#define WATCHED_ALL  1 /* the only odd one */
#define WATCHED_SOME 2 /* for some descriptors */

#define SVC         0xd4000001u
#define SAVE        0xa9be7bf0u /* stp x16, x30, [sp, #-32]! */
#define TAKE_BACK   0xa8c27bf0u /* ldp x16, x30, [sp], #32 */
#define CALL_X16    0xd63f0200u /* blr x16 */
#define HIGH_NUMBER 0x53097d10u /* lsr w16, w8, #9; of the number the kernel looks at 32 bits */
#define NUMBER_ROW  0x38684a10u /* ldrb w16, [x16, w8, uxtw] */
#define HIGH_SOCKET 0x530a7c10u /* lsr w16, w0, #10 */
#define SOCKET_ROW  0x38604a10u /* ldrb w16, [x16, w0, uxtw] */
#define LESS_SOCKET 0xcb204210u /* sub x16, x16, w0, uxtw */
#define LESS_ONE    0xd1000610u /* sub x16, x16, #1 */

#define SKIP_IF_NOT_ZERO 0x35000010u /* cbnz w16 */
#define SKIP_IF_ZERO     0x34000010u /* cbz w16 */
#define SKIP_IF_ODD      0x37000010u /* tbnz w16, #0 */
#define SKIP_IF_NEGATIVE 0xb7f80010u /* tbnz x16, #63 */

#define REACH_BYTES ((int64_t)128 << 20)

static void put(struct gb_detours *w, uint32_t instruction)
{
	if (w->end - w->p < 4)
		return;
	__builtin_memcpy(w->p, &instruction, sizeof(instruction));
	w->p += sizeof(instruction);
	w->at += sizeof(instruction);
}

/* How many instructions TARGET is from FROM, as the COUNT bits at AT. */
static uint32_t distance(uintptr_t from, uintptr_t target, unsigned count, unsigned at)
{
	return ((uint32_t)((int64_t)(target - from) / 4) & ((1u << count) - 1)) << at;
}

static uint32_t branch(uintptr_t from, uintptr_t target)
{
	return 0x14000000u | distance(from, target, 26, 0);
}

/* adrp x16, the page of TARGET */
static void put_page(struct gb_detours *w, uintptr_t target)
{
	uint32_t pages = (uint32_t)((target >> 12) - (w->at >> 12));

	put(w, 0x90000010u | (pages & 3u) << 29 | (pages >> 2 & 0x7ffffu) << 5);
}

/* x16 is what the 8 aligned bytes at TARGET hold. */
static void put_load(struct gb_detours *w, uintptr_t target)
{
	put_page(w, target);
	put(w, 0xf9400210u | (uint32_t)(target & 0xfffu) / 8u << 10); /* ldr x16, [x16, #…] */
}

static void put_address(struct gb_detours *w, uintptr_t target)
{
	put_page(w, target);
	put(w, 0x91000210u | (uint32_t)(target & 0xfffu) << 10); /* add x16, x16, #… */
}

/* Branches whose target is not known yet. */
struct skips {
	unsigned char *at[SKIPS_MAX];
	unsigned count;
};

static void put_skip(struct gb_detours *w, struct skips *skips, uint32_t instruction)
{
	skips->at[skips->count++] = w->p;
	put(w, instruction);
}

static void land_here(const struct gb_detours *w, unsigned char *skip, unsigned bits)
{
	uint32_t instruction;

	__builtin_memcpy(&instruction, skip, sizeof(instruction));
	instruction |= distance((uintptr_t)skip, (uintptr_t)w->p, bits, 5);
	__builtin_memcpy(skip, &instruction, sizeof(instruction));
}

static unsigned char watched_as(unsigned number)
{
	if (!gb_site_is_watched(number))
		return WATCHED_NOT;
	return gb_site_is_watched_for_some(number) ? WATCHED_SOME : WATCHED_ALL;
}

static void put_descriptor_check(struct gb_detours *w, struct skips *skips)
{
	put(w, HIGH_SOCKET);
	put_skip(w, skips, SKIP_IF_NOT_ZERO);
	put_load(w, w->pointers + SOCKETS_AT);
	put(w, SOCKET_ROW);
	put_skip(w, skips, SKIP_IF_ZERO);
}

/* A reserved descriptor, or one above, is always watched. */
static void put_close_check(struct gb_detours *w, struct skips *skips)
{
	unsigned char *over;

	put_load(w, w->pointers + RESERVED_AT);
	put(w, LESS_SOCKET);
	put(w, LESS_ONE);
	over = w->p;
	put(w, SKIP_IF_NEGATIVE);
	put_load(w, w->pointers + SOCKETS_AT);
	put(w, SOCKET_ROW);
	put_skip(w, skips, SKIP_IF_ZERO);
	land_here(w, over, 14);
}

/* Numbers that are watched; those that are watched for some descriptors only. */
static void put_number_check(struct gb_detours *w, struct skips *skips)
{
	unsigned char *over;

	put(w, HIGH_NUMBER);
	put_skip(w, skips, SKIP_IF_NOT_ZERO);
	put_address(w, w->table);
	put(w, NUMBER_ROW);
	put_skip(w, skips, SKIP_IF_ZERO);
	over = w->p;
	put(w, SKIP_IF_ODD);
	put_descriptor_check(w, skips);
	land_here(w, over, 14);
}

/* The values of the second argument that are watched: what is left of it above the first has no higher bits. A few more
 * than asked for may pass, which the handler finds out. */
static void put_argument_check(struct gb_detours *w, struct skips *skips, const struct gb_site_window *window)
{
	unsigned bits = 0;

	while ((window->last - window->first) >> bits != 0)
		bits++;
	put(w, 0x51400030u | (uint32_t)(window->first >> 12) << 10);    /* sub w16, w1, #…, lsl #12 */
	put(w, 0x51000210u | (uint32_t)(window->first & 0xfffu) << 10); /* sub w16, w16, #… */
	put(w, 0x53007e10u | bits << 16);                               /* lsr w16, w16, #… */
	put_skip(w, skips, SKIP_IF_NOT_ZERO);
}

static void put_detour(struct gb_detours *w, uintptr_t after, unsigned number, bool has_small_stacks)
{
	const struct gb_site_window *window = gb_site_window_of(number);
	struct skips skips = {.count = 0};

	put(w, SAVE);
	if (number == GB_SITE_NUMBER_UNKNOWN)
		put_number_check(w, &skips);
	else if (watched_as(number) == WATCHED_SOME)
		put_descriptor_check(w, &skips);
	else if (number == SYS_close)
		put_close_check(w, &skips);
	else if (window != NULL)
		put_argument_check(w, &skips, window);
	put_load(w, w->pointers + (has_small_stacks ? SMALL_AT : ENTRY_AT));
	put(w, CALL_X16);
	put(w, TAKE_BACK);
	put(w, branch(w->at, after));
	if (skips.count == 0)
		return;
	for (unsigned i = 0; i < skips.count; i++)
		land_here(w, skips.at[i], 19);
	put(w, TAKE_BACK);
	put(w, SVC);
	put(w, branch(w->at, after));
}

/* What was written must be seen by instruction fetches: the data cache is cleaned to where they meet, and what the
 * instruction cache has of it is dropped, unless this processor says that it does so itself. */
static void publish(const unsigned char *from, const unsigned char *to)
{
	uint64_t type, line;

	__asm__ volatile("mrs %0, ctr_el0" : "=r"(type));
	line = (uint64_t)4 << (type >> 16 & 15u);
	for (uintptr_t at = (uintptr_t)from & ~(line - 1); (type & 1u << 28) == 0 && at < (uintptr_t)to; at += line)
		__asm__ volatile("dc cvau, %0" : : "r"(at) : "memory");
	__asm__ volatile("dsb ish" : : : "memory");
	line = (uint64_t)4 << (type & 15u);
	for (uintptr_t at = (uintptr_t)from & ~(line - 1); (type & 1u << 29) == 0 && at < (uintptr_t)to; at += line)
		__asm__ volatile("ic ivau, %0" : : "r"(at) : "memory");
	__asm__ volatile("dsb ish\n\tisb" : : : "memory");
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
		to[number] = watched_as(number);
}

size_t gb_detour_bytes(const struct gb_site *site)
{
	(void)site;
	return SITE_BYTES;
}

bool gb_detour_put(struct gb_detours *w, const struct gb_site *site, const struct gb_detour_place *place)
{
	const unsigned char *detour = w->p;
	uintptr_t detour_at = w->at;
	int64_t jump = (int64_t)(detour_at - place->at);
	uint32_t instruction;

	__builtin_memcpy(&instruction, place->original, sizeof(instruction));
	/* The table was made from another file if there is no such instruction. */
	if (instruction != SVC || (place->at & 3u) != 0 || jump >= REACH_BYTES - (int64_t)SITE_BYTES ||
	        jump <= -REACH_BYTES + (int64_t)SITE_BYTES)
		return true;
	if (w->end - w->p < (long)GB_DETOUR_BYTES_MAX)
		return false;
	put_detour(w, place->at + 4, site->number, place->has_small_stacks);
	publish(detour, w->p);
	__atomic_store_n((uint32_t *)(void *)place->patched, branch(place->at, detour_at), __ATOMIC_RELEASE);
	publish(place->patched, place->patched + 4);
	return true;
}

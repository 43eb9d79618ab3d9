/* SPDX-License-Identifier: Apache-2.0 */
/*
 * site/aarch64: every instruction has 4 bytes, and a branch that replaces the svc reaches 128 MB: a site is the svc alone.
 * What is to find out is the number, so that calls that nobody watches stay as they are.
 */
#include "site/site.h"

#include <errno.h>
#include <sys/syscall.h>

#define SVC       0xd4000001u
#define LOOK_BACK 16u  /* instructions of straight code before the call */
#define REACH     256u /* instructions around it, among which branches into that code are looked for */

static uint32_t instruction_at(struct gb_span text, size_t at)
{
	uint32_t instruction;

	__builtin_memcpy(&instruction, text.p + at, sizeof(instruction));
	return instruction;
}

static unsigned field(uint32_t instruction, unsigned at)
{
	return instruction >> at & 31u;
}

/* Whether what begins here is never left to the next instruction, or comes back from elsewhere: b, bl, br, blr, ret. */
static bool is_end(uint32_t instruction)
{
	return (instruction & 0x7c000000u) == 0x14000000u || (instruction & 0xfe000000u) == 0xd6000000u;
}

/* Branches have no result; of the others the places where one may stand. */
static bool may_set_x8(uint32_t instruction)
{
	bool is_branch = (instruction & 0x1c000000u) == 0x14000000u && (instruction & 0xff000000u) != 0xd5000000u;
	bool is_load_or_store = (instruction & 0x0a000000u) == 0x08000000u;

	if (is_branch)
		return false;
	if (field(instruction, 0) == 8)
		return true;
	/* The second register of a pair, an address that is counted up, the status of an exclusive store. */
	return is_load_or_store &&
	       (field(instruction, 10) == 8 || field(instruction, 5) == 8 || field(instruction, 16) == 8);
}

/* mov w8 or x8, #imm16 */
static bool sets_number(uint32_t instruction, uint32_t *ret_number)
{
	*ret_number = instruction >> 5 & 0xffffu;
	return (instruction & 0x7fe0001fu) == 0x52800008u;
}

/* The number that straight code before the call puts into x8. False: it does not, or something else does. */
static bool find_number(struct gb_span text, size_t call_at, uint32_t *ret_number, size_t *ret_at)
{
	for (unsigned back = 1; back <= LOOK_BACK && back * 4u <= call_at; back++) {
		uint32_t instruction = instruction_at(text, call_at - back * 4u);

		if (sets_number(instruction, ret_number)) {
			*ret_at = call_at - back * 4u;
			return true;
		}
		if (is_end(instruction) || may_set_x8(instruction))
			return false;
	}
	return false;
}

/* Bytes from a direct branch to its target; 0: it is none. */
static int64_t branch_distance(uint32_t instruction)
{
	if ((instruction & 0x7c000000u) == 0x14000000u) /* b, bl */
		return (int64_t)((uint64_t)instruction << 38) >> 36;
	if ((instruction & 0xff000000u) == 0x54000000u || (instruction & 0x7e000000u) == 0x34000000u) /* b.cond, cbz */
		return (int64_t)((uint64_t)(instruction >> 5) << 45) >> 43;
	if ((instruction & 0x7e000000u) == 0x36000000u) /* tbz */
		return (int64_t)((uint64_t)(instruction >> 5) << 50) >> 48;
	return 0;
}

/* Whether a branch near by lands behind FROM, up to TO. */
static bool is_target(struct gb_span text, size_t from, size_t to)
{
	size_t low = from > REACH * 4u ? from - REACH * 4u : from & 3u, high = to + REACH * 4u;

	for (size_t at = low; at < high && at + 4 <= text.n; at += 4) {
		int64_t distance = branch_distance(instruction_at(text, at));
		int64_t target = (int64_t)at + distance;

		if (distance != 0 && target > (int64_t)from && target <= (int64_t)to)
			return true;
	}
	return false;
}

/* Tables lie in the executable segment too: the neighbours of a call are instructions that exist. */
static bool is_code(struct gb_span text, size_t at)
{
	unsigned group;

	if (at + 4 > text.n)
		return false;
	group = instruction_at(text, at) >> 25 & 15u;
	return group != 0 && group != 1 && group != 3;
}

/* musl's thread that nobody joins unmaps its own stack and ends by the next call: no detour could come back. */
static bool is_end_of_thread(struct gb_span text, uint32_t number, size_t at)
{
	uint32_t next;

	return number == SYS_munmap && at + 12 <= text.n && sets_number(instruction_at(text, at + 4), &next) &&
	       next == SYS_exit && instruction_at(text, at + 8) == SVC;
}

static bool judge(struct gb_span text, size_t at, struct gb_site *ret_site)
{
	uint32_t number = 0;
	size_t number_at = 0;
	bool has_number = find_number(text, at, &number, &number_at);

	if (has_number && is_end_of_thread(text, number, at))
		return false;
	if (has_number && !gb_site_is_watched(number)) {
		if (!is_target(text, number_at, at))
			return false;
		has_number = false;
	}
	if (!has_number && (at < 4 || !is_code(text, at - 4) || !is_code(text, at + 4)))
		return false;
	*ret_site = (struct gb_site){.offset = (uint32_t)at,
	        .number = has_number ? (uint16_t)number : GB_SITE_NUMBER_UNKNOWN,
	        .shape = GB_SITE_WHOLE};
	return true;
}

int gb_site_find(const struct gb_site_image *image, struct gb_site *sites, size_t cap, size_t *ret_unpatchable)
{
	struct gb_span text = image->text;
	size_t count = 0;

	for (size_t at = (size_t)(-image->text_address & 3u); at + 4 <= text.n; at += 4) {
		struct gb_site site;

		if (instruction_at(text, at) != SVC || !judge(text, at, &site))
			continue;
		if (count == cap)
			return -ENOSPC;
		site.offset += (uint32_t)image->text_address;
		sites[count++] = site;
	}
	if (ret_unpatchable != NULL)
		*ret_unpatchable = 0;
	return (int)count;
}

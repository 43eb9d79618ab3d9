/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/x86_64/detour: what a detour does:
 *
 *	the straight code that stood before the call, moved
 *	unknown number only: look it up in a table of 512 bytes
 *	reading, writing, receiving: look the descriptor up in a table of 1024 bytes
 *	if the call is not watched, make it right here, or go back to it, with the stack and registers as they were
 *	step over the red zone; call the entry; step back
 *	the straight code that stood behind the call, moved
 *	jump back
 *
 * It is a jump that leads to the detour, never a call, since the code may keep data below its stack pointer.
 */
#include "sensor/detour.h"

#define SMALL_BASE_AT 16u
#define TABLE_AT      32u
#define TABLE_BYTES   512u
#define SITE_BYTES    100u /* of a detour, head and tails not counted */
#define SYSCALL_BYTES 2u
#define JUMP_BYTES    5u

_Static_assert(GB_DETOURS_AT == TABLE_AT + TABLE_BYTES, "the table ends where the detours begin");

/* What the table holds. */
#define WATCHED_NOT  0
#define WATCHED_ALL  1
#define WATCHED_SOME 2 /* for the descriptors in gb_sensor_name_sockets */

#define DESCRIPTOR_CHECK_BYTES 27

/* A site taken apart. */
struct cut {
	unsigned char *head; /* first byte replaced */
	unsigned head_n;
	unsigned char *call; /* the syscall instruction */
	unsigned tail_n;
	unsigned replaced_n; /* bytes from head on that may be overwritten */
};

static void put(struct gb_detours *w, const void *bytes, size_t n)
{
	if ((size_t)(w->end - w->p) < n)
		return;
	__builtin_memcpy(w->p, bytes, n);
	w->p += n;
}

#define PUT(w, ...)                                                                                                    \
	do {                                                                                                           \
		static const unsigned char gb_bytes[] = {__VA_ARGS__};                                                 \
		put(w, gb_bytes, sizeof(gb_bytes));                                                                    \
	} while (0)

/* The 4 bytes of a displacement that is counted from their end. */
static void put_relative(struct gb_detours *w, const unsigned char *target)
{
	int32_t displacement = (int32_t)(target - (w->p + 4));

	put(w, &displacement, sizeof(displacement));
}

static void put_jump(struct gb_detours *w, const unsigned char *target)
{
	PUT(w, 0xe9);
	put_relative(w, target);
}

static unsigned char watched_as(unsigned number)
{
	const struct gb_syscall *row = gb_syscall_row(number);

	if (row == NULL)
		return WATCHED_NOT;
	return row->family == GB_SYSCALL_RECEIVE || row->family == GB_SYSCALL_WRITE ? WATCHED_SOME : WATCHED_ALL;
}

static bool cut_site(const struct gb_sensor_library *library, const struct gb_site *site, struct cut *ret_cut)
{
	struct cut cut = {0};
	size_t from;

	cut.head = (unsigned char *)(library->load_address + site->offset);
	from = (size_t)(cut.head - library->text.p);
	if (cut.head < library->text.p || from + 64 > library->text.n || site->length > 32 || site->length < 3)
		return false;
	if (site->shape == GB_SITE_MOV_SYSCALL || site->shape == GB_SITE_HEAD) {
		cut.head_n = site->length;
		cut.call = cut.head + cut.head_n;
		cut.replaced_n = cut.head_n >= JUMP_BYTES ? cut.head_n : cut.head_n + SYSCALL_BYTES;
	} else {
		cut.call = cut.head;
		cut.tail_n = site->length;
		cut.replaced_n = SYSCALL_BYTES + cut.tail_n;
	}
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
	put_relative(w, w->base + TABLE_AT);
	PUT(w, 0x89, 0xc1);                           /* mov %eax,%ecx */
	PUT(w, 0x41, 0x80, 0x3c, 0x0b, WATCHED_NOT);  /* cmpb $0,(%r11,%rcx) */
	put_skip(w, skips, 0x74);                     /* je unwatched */
	PUT(w, 0x41, 0x80, 0x3c, 0x0b, WATCHED_SOME); /* cmpb $2,(%r11,%rcx) */
	PUT(w, 0x75, DESCRIPTOR_CHECK_BYTES);         /* jne over the next check */
}

static void put_descriptor_check(struct gb_detours *w, struct skips *skips)
{
	const unsigned char *table = gb_sensor_name_sockets;

	_Static_assert(GB_SENSOR_DESCRIPTORS == 1024, "as in the comparison");
	PUT(w, 0x81, 0xff, 0x00, 0x04, 0x00, 0x00); /* cmp $1024,%edi */
	put_skip(w, skips, 0x73);                   /* jae unwatched */
	PUT(w, 0x89, 0xf9);                         /* mov %edi,%ecx */
	PUT(w, 0x49, 0xbb);                         /* movabs $table,%r11 */
	put(w, &table, sizeof(table));
	PUT(w, 0x41, 0x80, 0x3c, 0x0b, 0x00); /* cmpb $0,(%r11,%rcx) */
	put_skip(w, skips, 0x74);             /* je unwatched */
}

static void put_detour(struct gb_detours *w, const struct cut *cut, unsigned number, bool has_small_stacks)
{
	const unsigned char *after = cut->call + SYSCALL_BYTES;
	struct skips skips = {0};

	put(w, cut->head, cut->head_n);
	if (number == GB_SITE_NUMBER_UNKNOWN)
		put_number_check(w, &skips);
	if (number == GB_SITE_NUMBER_UNKNOWN || watched_as(number) == WATCHED_SOME)
		put_descriptor_check(w, &skips);
	PUT(w, 0x48, 0x8d, 0x64, 0x24, 0x80); /* lea -128(%rsp),%rsp */
	PUT(w, 0xe8);                         /* call entry */
	put_relative(w, has_small_stacks ? w->base + SMALL_BASE_AT : w->base);
	PUT(w, 0x48, 0x8d, 0xa4, 0x24, 0x80, 0, 0, 0); /* lea 128(%rsp),%rsp */
	put(w, after, cut->tail_n);
	put_jump(w, after + cut->tail_n);
	if (skips.count == 0)
		return;
	for (unsigned i = 0; i < skips.count; i++)
		skips.at[i][-1] = (unsigned char)(w->p - skips.at[i]);
	if (cut->head_n >= JUMP_BYTES) {
		put_jump(w, cut->call);
		return;
	}
	PUT(w, 0x0f, 0x05);
	put(w, after, cut->tail_n);
	put_jump(w, after + cut->tail_n);
}

void gb_detour_put_base(struct gb_detours *w)
{
	const uintptr_t entries[] = {(uintptr_t)gb_sensor_entry, (uintptr_t)gb_sensor_entry_small};
	unsigned char *base = w->p;

	for (unsigned i = 0; i < 2; i++) {
		w->p = base + i * SMALL_BASE_AT;
		PUT(w, 0xff, 0x25, 0, 0, 0, 0); /* jmp *0(%rip) */
		put(w, &entries[i], sizeof(entries[i]));
	}
	for (unsigned number = 0; number < TABLE_BYTES; number++)
		base[TABLE_AT + number] = watched_as(number);
	w->p = base + GB_DETOURS_AT;
}

static void write_jump(const struct cut *cut, const unsigned char *detour)
{
	struct gb_detours w = {.p = cut->head, .end = cut->head + cut->replaced_n};

	put_jump(&w, detour);
	while (w.p < w.end)
		*w.p++ = 0xcc; /* nobody comes here; if somebody does, better a trap than half an instruction */
}

size_t gb_detour_bytes(const struct gb_site *site)
{
	return SITE_BYTES + 2u * site->length;
}

bool gb_detour_put(struct gb_detours *w, const struct gb_sensor_library *library, const struct gb_site *site)
{
	unsigned char *detour = w->p;
	struct cut cut;

	if (!cut_site(library, site, &cut))
		return true;
	put_detour(w, &cut, site->number, library->has_small_stacks);
	if (w->end - w->p < (long)GB_DETOUR_BYTES_MAX)
		return false;
	write_jump(&cut, detour);
	return true;
}

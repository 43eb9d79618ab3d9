/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/patch: a detour for each site, in one mapping near the libraries, and a jump to it at the site. Runs once, from
 * the constructor, before the program has threads. What a detour does:
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
#include "sensor/sensor.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#define PAGE_BYTES       4096u
#define SMALL_BASE_AT    16u
#define TABLE_AT         32u
#define TABLE_BYTES      512u
#define DETOURS_AT       (TABLE_AT + TABLE_BYTES)
#define DETOUR_BYTES_MAX 152u /* with heads and tails of up to 32 and 17 bytes, twice */
#define SITE_BYTES       100u /* of a detour, head and tails not counted */
#define REACH            0x7fff0000u
#define SYSCALL_BYTES    2u
#define JUMP_BYTES       5u
#define PLACES_TRIED     120u
#define PLACES_APART     ((uintptr_t)16 << 20)

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

/* What the table holds. */
#define WATCHED_NOT  0
#define WATCHED_ALL  1
#define WATCHED_SOME 2 /* for the descriptors in gb_sensor_name_sockets */

#define DESCRIPTOR_CHECK_BYTES 27

struct writer {
	unsigned char *p;
	unsigned char *end;
};

/* A site taken apart. */
struct cut {
	unsigned char *head; /* first byte replaced */
	unsigned head_n;
	unsigned char *call; /* the syscall instruction */
	unsigned tail_n;
	unsigned replaced_n; /* bytes from head on that may be overwritten */
};

static void put(struct writer *w, const void *bytes, size_t n)
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
static void put_relative(struct writer *w, const unsigned char *target)
{
	int32_t displacement = (int32_t)(target - (w->p + 4));

	put(w, &displacement, sizeof(displacement));
}

static void put_jump(struct writer *w, const unsigned char *target)
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

static void put_skip(struct writer *w, struct skips *skips, unsigned char condition)
{
	const unsigned char bytes[] = {condition, 0};

	put(w, bytes, sizeof(bytes));
	skips->at[skips->count++] = w->p;
}

/* Numbers that are watched; those that are watched for some descriptors only. */
static void put_number_check(struct writer *w, struct skips *skips, const unsigned char *base)
{
	PUT(w, 0x48, 0x3d, 0xff, 0x01, 0x00, 0x00); /* cmp $511,%rax */
	put_skip(w, skips, 0x77);                   /* ja unwatched */
	PUT(w, 0x48, 0x8d, 0x0d);                   /* lea table(%rip),%rcx */
	put_relative(w, base + TABLE_AT);
	PUT(w, 0x80, 0x3c, 0x01, WATCHED_NOT);  /* cmpb $0,(%rcx,%rax) */
	put_skip(w, skips, 0x74);               /* je unwatched */
	PUT(w, 0x80, 0x3c, 0x01, WATCHED_SOME); /* cmpb $2,(%rcx,%rax) */
	PUT(w, 0x75, DESCRIPTOR_CHECK_BYTES);   /* jne over the next check */
}

static void put_descriptor_check(struct writer *w, struct skips *skips)
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

static void put_detour(
        struct writer *w, const struct cut *cut, unsigned number, bool has_small_stacks, const unsigned char *base)
{
	const unsigned char *after = cut->call + SYSCALL_BYTES;
	struct skips skips = {0};

	put(w, cut->head, cut->head_n);
	if (number == GB_SITE_NUMBER_UNKNOWN)
		put_number_check(w, &skips, base);
	if (number == GB_SITE_NUMBER_UNKNOWN || watched_as(number) == WATCHED_SOME)
		put_descriptor_check(w, &skips);
	PUT(w, 0x48, 0x8d, 0x64, 0x24, 0x80); /* lea -128(%rsp),%rsp */
	PUT(w, 0xe8);                         /* call entry */
	put_relative(w, has_small_stacks ? base + SMALL_BASE_AT : base);
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

static bool is_near(uintptr_t a, uintptr_t b)
{
	return (a > b ? a - b : b - a) < REACH;
}

static bool is_near_all(uintptr_t at, const struct gb_sensor_library *libraries, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!is_near(at, (uintptr_t)libraries[i].text.p))
			return false;
	return true;
}

static long map_memory(uintptr_t place, size_t bytes)
{
	return gb_call6(SYS_mmap, (long)place, (long)bytes, PROT_READ | PROT_WRITE,
	        MAP_PRIVATE | MAP_ANONYMOUS | (place != 0 ? MAP_FIXED_NOREPLACE : 0), -1, 0);
}

/* Memory within reach of every library: wherever the kernel puts it, or below the first library, or above it. */
static long map_detours(const struct gb_sensor_library *libraries, size_t count, size_t bytes)
{
	uintptr_t first = (uintptr_t)libraries[0].text.p & ~(uintptr_t)(PAGE_BYTES - 1), place = 0;

	for (unsigned tries = 0; tries < PLACES_TRIED; tries++) {
		uintptr_t distance = (uintptr_t)(tries / 2 + 1) * PLACES_APART;
		bool is_above = (tries & 1u) != 0 || first < distance + PLACES_APART;
		long at = map_memory(place, bytes);

		/* A kernel that does not know MAP_FIXED_NOREPLACE (before 4.17) takes the place as a hint. */
		if (at > 0 && is_near_all((uintptr_t)at, libraries, count))
			return at;
		if (at > 0)
			(void)gb_call3(SYS_munmap, at, (long)bytes, 0);
		place = is_above ? first + distance : first - distance;
	}
	return -ENOMEM;
}

static void put_base(struct writer *w)
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
	w->p = base + DETOURS_AT;
}

static void write_jump(const struct cut *cut, const unsigned char *detour)
{
	struct writer w = {.p = cut->head, .end = cut->head + cut->replaced_n};

	put_jump(&w, detour);
	while (w.p < w.end)
		*w.p++ = 0xcc; /* nobody comes here; if somebody does, better a trap than half an instruction */
}

static int patch_library(const struct gb_sensor_library *library, struct writer *w, const unsigned char *base)
{
	uintptr_t low = UINTPTR_MAX, high = 0;
	struct cut cut;

	for (size_t i = 0; i < library->site_count; i++) {
		uintptr_t at = library->load_address + library->sites[i].offset;

		low = at < low ? at : low;
		high = at > high ? at : high;
	}
	low &= ~(uintptr_t)(PAGE_BYTES - 1);
	high = (high + 64 + PAGE_BYTES - 1) & ~(uintptr_t)(PAGE_BYTES - 1);
	if (low < ((uintptr_t)library->text.p & ~(uintptr_t)(PAGE_BYTES - 1)))
		return -ENOEXEC;
	if (high > (((uintptr_t)library->text.p + library->text.n + PAGE_BYTES - 1) & ~(uintptr_t)(PAGE_BYTES - 1)))
		high = ((uintptr_t)library->text.p + library->text.n + PAGE_BYTES - 1) & ~(uintptr_t)(PAGE_BYTES - 1);
	if (gb_call3(SYS_mprotect, (long)low, (long)(high - low), PROT_READ | PROT_WRITE | PROT_EXEC) < 0)
		return -EACCES;
	for (size_t i = 0; i < library->site_count; i++) {
		unsigned char *detour = w->p;

		if (!cut_site(library, &library->sites[i], &cut))
			continue;
		put_detour(w, &cut, library->sites[i].number, library->has_small_stacks, base);
		if (w->end - w->p < (long)DETOUR_BYTES_MAX)
			break; /* cannot be: the mapping was sized for all */
		write_jump(&cut, detour);
		gb_sensor.site_count++;
	}
	(void)gb_call3(SYS_mprotect, (long)low, (long)(high - low), PROT_READ | PROT_EXEC);
	if (gb_sensor.patched_count < GB_SENSOR_RANGES_MAX)
		gb_sensor.patched[gb_sensor.patched_count++] = (struct gb_sensor_range){low, high};
	return 0;
}

int gb_sensor_patch(const struct gb_sensor_library *libraries, size_t count)
{
	size_t bytes = DETOURS_AT + DETOUR_BYTES_MAX;
	struct writer w;
	long at;
	int result = 0;

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < libraries[i].site_count; k++)
			bytes += SITE_BYTES + 2u * libraries[i].sites[k].length;
	bytes = (bytes + PAGE_BYTES - 1) & ~(size_t)(PAGE_BYTES - 1);
	at = map_detours(libraries, count, bytes);
	if (at <= 0)
		return at == 0 ? -ENOMEM : (int)at;
	w = (struct writer){.p = (unsigned char *)at, .end = (unsigned char *)at + bytes};
	put_base(&w);
	/* The detours become executable before the first jump to them: the patching itself makes system calls only by the
	 * sensor's own instructions, but a signal handler may run in between. */
	if (gb_call3(SYS_mprotect, at, (long)bytes, PROT_READ | PROT_WRITE | PROT_EXEC) < 0)
		return -EACCES;
	for (size_t i = 0; i < count; i++) {
		int patched = patch_library(&libraries[i], &w, (const unsigned char *)at);

		if (patched < 0)
			result = patched;
	}
	if (gb_call3(SYS_mprotect, at, (long)bytes, PROT_READ | PROT_EXEC) < 0)
		return -EACCES;
	return result;
}

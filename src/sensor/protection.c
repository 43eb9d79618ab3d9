/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/protection: calls that change what memory is: what becomes code, and what is the sensor's own.
 */
#include "sensor/sensor.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#define NR_PROCESS_MADVISE 440
#define NR_MEMFD_SECRET    447

#define ADVICE_DONTNEED_LOCKED 24 /* since Linux 5.18 */
#define READ_IMPLIES_EXEC      0x0400000u
#define ONLY_ASK               0xffffffffu
#define RANGES_MAX             1024u /* UIO_MAXIOV */
#define PAGE_BYTES             4096u

/* Private pages that are given back come again as the file has them: without our jumps. */
static bool gives_pages_back(long advice)
{
	return advice == MADV_DONTNEED || advice == MADV_FREE || advice == MADV_REMOVE ||
	       advice == ADVICE_DONTNEED_LOCKED;
}

/* Whether the call would make the sensor's memory writable, change it, or put something else in its place. */
static bool takes_own_memory(const struct gb_sensor_frame *frame)
{
	const long *a = frame->arguments;
	enum gb_sensor_owned owned;

	if (frame->number == SYS_mmap && (a[3] & MAP_FIXED) == 0)
		return false;
	if (frame->number == SYS_mremap && (a[3] & MREMAP_FIXED) != 0 &&
	        gb_sensor_own_find((uintptr_t)a[4], (size_t)a[2]) != GB_SENSOR_OWNED_NOT)
		return true;
	owned = gb_sensor_own_find((uintptr_t)a[0], (size_t)a[1]);
	if (owned == GB_SENSOR_OWNED_NOT || owned == GB_SENSOR_OWNED_DATA)
		return owned == GB_SENSOR_OWNED_DATA;
	/* Other people's code with our jumps in it: the linker and debuggers may do what leaves them alone. */
	switch (frame->number) {
	case SYS_mprotect:
	case SYS_pkey_mprotect: return (a[2] & PROT_WRITE) != 0;
	case SYS_madvise: return gives_pages_back((int32_t)a[2]);
	case SYS_mmap:
	case SYS_munmap:
		if (owned == GB_SENSOR_OWNED_CODE)
			return true;
		gb_sensor_own_forget((uintptr_t)a[0], (size_t)a[1]);
		return false;
	default: return true;
	}
}

static bool makes_executable(const struct gb_sensor_frame *frame)
{
	return (frame->number == SYS_mmap || frame->number == SYS_mprotect || frame->number == SYS_pkey_mprotect) &&
	       (frame->arguments[2] & PROT_EXEC) != 0;
}

/* Memory of no file is made, or a file mapped that can be changed while it runs. */
static int judge_memory(void)
{
	const struct gb_activity activity = {.kind = GB_ACTIVITY_MEMORY_EXECUTABLE};

	return gb_sensor_judge(&activity, -EACCES);
}

static int judge_library(struct gb_span path, long fd)
{
	struct gb_activity activity = {.kind = GB_ACTIVITY_LIBRARY_MAP, .subject = path};
	int result;

	if (!gb_sensor_is_judging(activity.kind))
		return 0;
	gb_sensor_content_take(&activity, fd);
	result = gb_sensor_judge(&activity, -EACCES);
	gb_sensor_content_release(activity.content);
	return result;
}

/* A file that nobody changes is the same shared or private; private, it can be patched. */
static bool can_be_private(const struct gb_sensor_frame *frame, struct gb_span path)
{
	long kind = frame->arguments[3] & MAP_TYPE;

	return kind == MAP_PRIVATE ||
	       (!gb_span_starts(path, GB_SPAN("/memfd:")) &&
	               (gb_call3(SYS_fcntl, frame->arguments[4], F_GETFL, 0) & O_ACCMODE) == O_RDONLY);
}

/* The memory gets the right to execute when its system calls are patched. */
static long map_stranger(struct gb_sensor_frame *frame, struct gb_span path)
{
	long protection = frame->arguments[2], at, result;

	frame->arguments[2] = (protection | PROT_READ) & ~PROT_EXEC;
	frame->arguments[3] = (frame->arguments[3] & ~MAP_TYPE) | MAP_PRIVATE;
	at = gb_sensor_run(frame);
	if (at < 0 && at > -4096)
		return at;
	result = gb_sensor_patch_mapping(
	        (uintptr_t)at, (size_t)frame->arguments[1], frame->arguments[4], (uint64_t)frame->arguments[5], path);
	/* As mmap says of a file system where nothing may be executed. */
	if (result == 0 && gb_call3(SYS_mprotect, at, frame->arguments[1], protection) < 0)
		result = -EPERM;
	if (result == 0)
		return at;
	(void)gb_call3(SYS_munmap, at, frame->arguments[1], 0);
	return result;
}

static long map_file(struct gb_sensor_frame *frame, struct gb_sensor_scratch *scratch)
{
	struct gb_span path;
	int result = gb_sensor_name_of_fd(frame->arguments[4], scratch->canonical, sizeof(scratch->canonical), &path);

	if (result < 0)
		return gb_sensor_run(frame); /* pipes and sockets: the kernel refuses them itself */
	result = judge_library(path, frame->arguments[4]);
	if (result == 0 && gb_sensor_is_stranger(path)) {
		if ((frame->arguments[2] & PROT_WRITE) == 0 && can_be_private(frame, path))
			return map_stranger(frame, path);
		if ((frame->arguments[2] & PROT_WRITE) != 0)
			result = judge_memory();
	}
	return result < 0 ? result : gb_sensor_run(frame);
}

/* Whether pages of a file's private mapping have been written to: they are memory of no file then (bit 61 of their entry
 * in /proc/self/pagemap is not set; 62 and 63 say that there is one). What the sensor wrote does not count. */
static bool was_written(uintptr_t from, size_t n, struct gb_sensor_scratch *scratch)
{
	uint64_t *entries = (uint64_t *)(void *)scratch->raw;
	size_t page = from / PAGE_BYTES, end = (from + n + PAGE_BYTES - 1) / PAGE_BYTES;
	long fd, some = 0;
	bool is_written = false;

	if (gb_sensor_own_find(from, n) != GB_SENSOR_OWNED_NOT)
		return false;
	fd = gb_call4(SYS_openat, AT_FDCWD, (long)"/proc/self/pagemap", O_RDONLY | O_CLOEXEC, 0);
	for (; fd >= 0 && page < end && !is_written; page += (size_t)some / sizeof(*entries)) {
		size_t most = (end - page) * sizeof(*entries);

		some = gb_call4(SYS_pread64, fd, (long)entries, (long)(most < PAGE_BYTES ? most : PAGE_BYTES),
		        (long)(page * sizeof(*entries)));
		if (some < (long)sizeof(*entries))
			break;
		for (size_t i = 0; i < (size_t)some / sizeof(*entries) && !is_written; i++)
			is_written = entries[i] >> 62 != 0 && (entries[i] >> 61 & 1u) == 0;
	}
	if (fd >= 0)
		(void)gb_call3(SYS_close, fd, 0, 0);
	return is_written;
}

/* mprotect: memory of its own, or a file that was mapped to be read only. */
static long make_executable(struct gb_sensor_frame *frame, struct gb_sensor_scratch *scratch)
{
	uintptr_t from = (uintptr_t)frame->arguments[0];
	struct gb_sensor_mapped file = gb_sensor_mapped_file(from, (size_t)frame->arguments[1], scratch);
	int result = file.path.n == 0 ? judge_memory() : judge_library(file.path, -1);
	long fd;

	if (result == 0 && file.path.n != 0 &&
	        ((frame->arguments[2] & PROT_WRITE) != 0 || was_written(from, (size_t)frame->arguments[1], scratch)))
		result = judge_memory();
	if (result < 0)
		return result;
	if (file.path.n != 0 && file.is_private && file.from <= from && file.path.n < sizeof(scratch->raw) &&
	        (frame->arguments[2] & PROT_WRITE) == 0 && gb_sensor_is_stranger(file.path)) {
		__builtin_memcpy(scratch->raw, file.path.p, file.path.n);
		scratch->raw[file.path.n] = '\0';
		fd = gb_call4(SYS_openat, AT_FDCWD, (long)scratch->raw, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
		if (fd >= 0 && gb_call3(SYS_mprotect, (long)from, frame->arguments[1], PROT_READ) == 0)
			result = gb_sensor_patch_mapping(from, (size_t)frame->arguments[1], fd,
			        file.offset + (from - file.from), gb_span_of(scratch->raw, file.path.n));
		if (fd >= 0)
			(void)gb_call3(SYS_close, fd, 0, 0);
	}
	return result < 0 ? result : gb_sensor_run(frame);
}

static long handle_executable(struct gb_sensor_frame *frame)
{
	bool is_mmap = frame->number == SYS_mmap;
	struct gb_sensor_scratch *scratch;
	long result;

	/* Which file lies at an address takes long to find out, and compilers at run time ask for it often. */
	if (gb_sensor.segment == NULL || gb_sensor_posture() == GB_MODE_OFF ||
	        (!is_mmap && !gb_sensor_is_judging(GB_ACTIVITY_MEMORY_EXECUTABLE)))
		return gb_sensor_run(frame);
	if (is_mmap && (frame->arguments[3] & MAP_ANONYMOUS) != 0) {
		result = judge_memory();
		return result < 0 ? result : gb_sensor_run(frame);
	}
	scratch = gb_sensor_scratch_claim();
	if (scratch == NULL)
		return -ENOMEM;
	result = is_mmap ? map_file(frame, scratch) : make_executable(frame, scratch);
	gb_sensor_scratch_release(scratch);
	return result;
}

static int judge_memory_file(struct gb_sensor_frame *frame, char *name, size_t cap)
{
	struct gb_activity activity = {.kind = GB_ACTIVITY_MEMORY_FILE, .subject = GB_SPAN("memfd_secret")};
	long n;

	if (!gb_sensor_is_judging(activity.kind))
		return 0;
	if (frame->number == SYS_memfd_create) {
		n = gb_sensor_copy_string(name, cap, frame->arguments[0]);
		if (n < 0 || (size_t)n == cap)
			return 0; /* names of more than 249 bytes are EINVAL */
		frame->arguments[0] = (long)name;
		activity.subject = gb_span_of(name, (size_t)n);
	}
	return gb_sensor_judge(&activity, -EACCES);
}

static int refuse_own(void)
{
	struct gb_activity activity = {
	        .kind = GB_ACTIVITY_MEMORY_EXECUTABLE, .subject = GB_SPAN("memory of the sensor")};

	return gb_sensor_refuse(&activity, GB_R_TAMPER, -EACCES);
}

/* System V shared memory comes executable, or in the place of other memory, when asked to. */
static int judge_attachment(const struct gb_sensor_frame *frame)
{
	const struct gb_activity activity = {
	        .kind = GB_ACTIVITY_MEMORY_EXECUTABLE, .subject = GB_SPAN("shared memory")};
	long flags = frame->arguments[2];
	struct shmid_ds status = {0};
	int result = 0;

	if ((flags & SHM_REMAP) != 0 && gb_call3(SYS_shmctl, frame->arguments[0], IPC_STAT, (long)&status) >= 0 &&
	        gb_sensor_own_find((uintptr_t)frame->arguments[1], status.shm_segsz) != GB_SENSOR_OWNED_NOT)
		result = refuse_own();
	if (result == 0 && (flags & SHM_EXEC) != 0)
		result = gb_sensor_judge(&activity, -EACCES);
	return result;
}

/* From then on all memory that can be read would be code, without anybody asking for it. */
static int judge_personality(const struct gb_sensor_frame *frame)
{
	const struct gb_activity activity = {
	        .kind = GB_ACTIVITY_MEMORY_EXECUTABLE, .subject = GB_SPAN("READ_IMPLIES_EXEC")};
	uint32_t persona = (uint32_t)frame->arguments[0];

	if (persona == ONLY_ASK || (persona & READ_IMPLIES_EXEC) == 0)
		return 0;
	return gb_sensor_judge(&activity, -EACCES);
}

/* madvise of many ranges, since Linux 6.13 of one's own. The kernel gets our copy of the list. */
static long advise_many(struct gb_sensor_frame *frame)
{
	uint64_t count = (uint64_t)frame->arguments[2];
	struct gb_sensor_scratch *scratch;
	struct iovec *ranges;
	long result = 0;

	if (count > RANGES_MAX)
		return gb_sensor_run(frame); /* EINVAL */
	scratch = gb_sensor_scratch_claim();
	if (scratch == NULL)
		return -ENOMEM;
	_Static_assert(RANGES_MAX * sizeof(*ranges) <= sizeof(*scratch), "the kernel's longest list fits");
	ranges = (struct iovec *)(void *)scratch;
	if (gb_sensor_copy(ranges, frame->arguments[1], count * sizeof(*ranges)) < 0)
		frame->arguments[1] = GB_SENSOR_BAD_POINTER;
	else
		frame->arguments[1] = (long)ranges;
	for (uint64_t i = 0; i < count && result == 0 && frame->arguments[1] == (long)ranges; i++)
		if (gives_pages_back((int32_t)frame->arguments[3]) &&
		        gb_sensor_own_find((uintptr_t)ranges[i].iov_base, ranges[i].iov_len) != GB_SENSOR_OWNED_NOT)
			result = refuse_own();
	if (result == 0)
		result = gb_sensor_run(frame);
	gb_sensor_scratch_release(scratch);
	return result;
}

long gb_sensor_handle_memory(struct gb_sensor_frame *frame)
{
	char name[256];
	int result = 0;

	switch (frame->number) {
	case SYS_memfd_create:
	case NR_MEMFD_SECRET: result = judge_memory_file(frame, name, sizeof(name)); break;
	case SYS_shmat: result = judge_attachment(frame); break;
	case SYS_personality: result = judge_personality(frame); break;
	case NR_PROCESS_MADVISE: return advise_many(frame);
	default: /* address, length, … */
		if (frame->number == SYS_mremap)
			gb_sensor_note_file_mapping();
		if (takes_own_memory(frame))
			result = refuse_own();
		else if (makes_executable(frame))
			return handle_executable(frame);
	}
	return result < 0 ? result : gb_sensor_run(frame);
}

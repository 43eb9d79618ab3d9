/* SPDX-License-Identifier: Apache-2.0 */
#include "launch/launch.h"

#include "base/fd.h"
#include "base/format.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010 /* Linux 5.1 */
#endif

#define HIGHEST_FD  1022
#define STACK_BYTES (256u * 1024u) /* more than the start has used */

/* A file that may be cut short by the function would kill the warden with SIGBUS: size seals come first, and alone
 * where the kernel does not know the write seal. */
static bool seal(int fd, int more)
{
	if (more != 0 && fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL | more) == 0)
		return true;
	(void)fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
	return false;
}

static int reopen_read_only(int fd)
{
	char path[40];
	int opened;

	(void)gb_format(path, sizeof(path), "/proc/self/fd/%d", fd);
	opened = gb_fd_open(path, O_RDONLY, 0);
	return opened >= 0 ? opened : fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

/* Highest free descriptor number from FROM downward; -EMFILE when none of 64 is free. */
static int free_number(int from)
{
	for (int fd = from; fd > 2 && fd > from - 64; fd--)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			return fd;
	return -EMFILE;
}

/* Move *FD to the highest free number from FROM downward. Result: that number. */
static int move_high(int *fd, int from)
{
	int number = free_number(from);

	if (number < 0)
		return number;
	if (dup3(*fd, number, O_CLOEXEC) < 0)
		return -errno;
	gb_fd_closep(fd);
	*fd = number;
	return number;
}

static int highest_usable(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur > HIGHEST_FD + 2)
		return HIGHEST_FD;
	return (int)limit.rlim_cur - 2;
}

/* NULL, and errno says why. */
static void *map(int fd, size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

void gb_launch_memory_trim(void)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	/* A page is left for what runs below this frame until the call is made. */
	uintptr_t end = ((uintptr_t)__builtin_frame_address(0) & ~(page - 1)) - page;

	/* Of what is not mapped the kernel says so, and does the rest. */
	(void)madvise((void *)(end - STACK_BYTES), STACK_BYTES, MADV_DONTNEED);
}

int gb_launch_memory_make(struct gb_launch_memory *ret_memory, struct gb_diag *diag)
{
	struct gb_launch_memory memory = {.segment_fd = -1, .ring_fd = -1};
	void *segment = NULL, *ring = NULL;
	bool is_sealable = false, is_ring_sealable = false;
	int writable = gb_fd_memory("gambeson-segment", sizeof(struct gb_segment), &is_sealable);
	int r = writable;

	if (r < 0)
		goto out;
	r = memory.ring_fd = gb_fd_memory("gambeson-ring", sizeof(struct gb_ring), &is_ring_sealable);
	if (r < 0)
		goto out;
	segment = map(writable, sizeof(struct gb_segment));
	if (segment != NULL)
		ring = map(memory.ring_fd, sizeof(struct gb_ring));
	if (segment == NULL || ring == NULL) {
		r = -errno;
		goto out;
	}
	memory.is_sealed = is_sealable && seal(writable, F_SEAL_FUTURE_WRITE);
	if (is_ring_sealable)
		(void)seal(memory.ring_fd, 0);
	r = memory.segment_fd = reopen_read_only(writable);
	if (r < 0)
		goto out;
	gb_fd_closep(&writable);
	r = move_high(&memory.segment_fd, highest_usable());
	if (r >= 0)
		r = move_high(&memory.ring_fd, memory.segment_fd - 1);
	if (r < 0)
		goto out;
	memory.segment = segment;
	memory.ring = ring;
	memory.segment->magic = GB_SEGMENT_MAGIC;
	memory.segment->version = GB_SEGMENT_VERSION;
	memory.segment->size_bytes = (uint32_t)sizeof(struct gb_segment);
	*ret_memory = memory;
	return 0;
out:
	if (segment != NULL)
		(void)munmap(segment, sizeof(struct gb_segment));
	if (ring != NULL)
		(void)munmap(ring, sizeof(struct gb_ring));
	gb_fd_closep(&writable);
	gb_fd_closep(&memory.segment_fd);
	gb_fd_closep(&memory.ring_fd);
	return gb_diag_set(diag, r, 0, 0, "the shared memory cannot be made: %s", strerror(-r));
}

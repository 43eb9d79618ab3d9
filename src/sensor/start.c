/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/start: the constructor. Finds the environment, the warden's two memory files, and patches the libraries. If
 * anything is missing it leaves the process alone.
 */
#include "sensor/sensor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>

#define ARGUMENTS_MAX      0x200000
#define ANSWER_TIME_OUT_US 200000
#define SITES_TIME_OUT_S   1

/* musl calls constructors without arguments; its `environ` is set by then. Weak: a program may have none. */
extern char **environ __attribute__((weak, visibility("default")));

static struct gb_span find_variable(char **environment, struct gb_span name)
{
	for (; *environment != NULL; environment++) {
		size_t n = 0;

		/* Not as a span: it would count the bytes of every variable first. */
		while (n < name.n && (unsigned char)(*environment)[n] == name.p[n])
			n++;
		if (n == name.n)
			return gb_span_cstr(*environment + n);
	}
	return GB_SPAN_EMPTY;
}

static bool parse_variable(struct gb_span value, struct gb_span *ret_socket_name)
{
	uint64_t numbers[2];

	for (int i = 0; i < 2; i++) {
		size_t comma = gb_span_find_byte(value, ',', 0);

		if (comma == SIZE_MAX || !gb_span_to_u64(gb_span_sub(value, 0, comma), &numbers[i]) ||
		        numbers[i] > INT32_MAX)
			return false;
		value = gb_span_sub(value, comma + 1, value.n);
	}
	gb_sensor.segment_fd = (int)numbers[0];
	gb_sensor.ring_fd = (int)numbers[1];
	*ret_socket_name = value;
	return true;
}

/* The first BYTES of a file of at least SIZE. */
static void *map_file(int fd, size_t size, size_t bytes, int protection)
{
	struct stat status = {0};
	long at;

	if (gb_call3(SYS_fstat, fd, (long)&status, 0) < 0 || status.st_size < (off_t)size)
		return NULL;
	at = gb_call6(SYS_mmap, 0, (long)bytes, protection, MAP_SHARED, fd, 0);
	return at < 0 && at > -4096 ? NULL : (void *)at;
}

static bool map_warden(void)
{
	struct gb_segment *segment = map_file(gb_sensor.segment_fd, sizeof(*segment), GB_SEGMENT_READ_BYTES, PROT_READ);

	if (segment == NULL)
		return false;
	if (segment->magic != GB_SEGMENT_MAGIC || segment->version != GB_SEGMENT_VERSION ||
	        segment->size_bytes != sizeof(*segment)) {
		(void)gb_call3(SYS_munmap, (long)segment, GB_SEGMENT_READ_BYTES, 0);
		return false;
	}
	gb_sensor.ring =
	        map_file(gb_sensor.ring_fd, sizeof(*gb_sensor.ring), sizeof(*gb_sensor.ring), PROT_READ | PROT_WRITE);
	gb_sensor.segment = segment;
	for (unsigned i = 0; i < GB_SEGMENT_POLICY_AREAS; i++)
		gb_sensor.policies[i] = (struct gb_policy){.header = (const void *)segment->policy[i],
		        .blob = gb_span_of(segment->policy[i], sizeof(segment->policy[i]))};
	return true;
}

/* Two descriptors by SCM_RIGHTS; false when the warden does not answer in time. */
static bool receive_descriptors(int from, int *ret_fds)
{
	char byte = 0, control[CMSG_SPACE(2 * sizeof(int))] __attribute__((aligned(8))) = {0};
	struct iovec vector = {&byte, 1};
	struct msghdr message = {
	        .msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
	struct cmsghdr *header;

	if (gb_call3(SYS_recvmsg, from, (long)&message, MSG_CMSG_CLOEXEC) != 1)
		return false;
	header = CMSG_FIRSTHDR(&message);
	if (header == NULL || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS ||
	        header->cmsg_len != CMSG_LEN(2 * sizeof(int)))
		return false;
	__builtin_memcpy(ret_fds, CMSG_DATA(header), 2 * sizeof(int));
	return true;
}

/* A process that lost the descriptors asks the warden; they go to their own numbers. */
static void ask_warden(struct gb_span socket_name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct timeval time_out = {.tv_sec = 0, .tv_usec = ANSWER_TIME_OUT_US};
	long connection;
	int fds[2];

	if (socket_name.n == 0 || socket_name.n > sizeof(address.sun_path) - 1)
		return;
	connection = gb_call3(SYS_socket, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (connection < 0)
		return;
	__builtin_memcpy(address.sun_path + 1, socket_name.p, socket_name.n);
	(void)gb_call6(SYS_setsockopt, connection, SOL_SOCKET, SO_RCVTIMEO, (long)&time_out, sizeof(time_out), 0);
	(void)gb_call6(SYS_setsockopt, connection, SOL_SOCKET, SO_SNDTIMEO, (long)&time_out, sizeof(time_out), 0);
	if (gb_call3(SYS_connect, connection, (long)&address,
	            (long)(offsetof(struct sockaddr_un, sun_path) + 1 + socket_name.n)) == 0 &&
	        receive_descriptors((int)connection, fds)) {
		(void)gb_call3(SYS_dup3, fds[0], gb_sensor.segment_fd, O_CLOEXEC);
		(void)gb_call3(SYS_dup3, fds[1], gb_sensor.ring_fd, O_CLOEXEC);
		for (int i = 0; i < 2; i++)
			if (fds[i] != gb_sensor.segment_fd && fds[i] != gb_sensor.ring_fd)
				(void)gb_call3(SYS_close, fds[i], 0, 0);
	}
	(void)gb_call3(SYS_close, connection, 0, 0);
}

static void keep_for_children(struct gb_span variable)
{
	struct gb_text text = gb_text_on(gb_sensor.variable, sizeof(gb_sensor.variable));

	gb_text_add(&text, GB_SPAN(GB_SENSOR_VARIABLE "="));
	gb_text_add(&text, variable);
	(void)gb_text_cstr(&text);
	gb_sensor.variable_n = text.n;
	text = gb_text_on(gb_sensor.preload, sizeof(gb_sensor.preload));
	gb_text_add(&text, GB_SPAN("LD_PRELOAD="));
	gb_text_add(&text, gb_span_cstr(gb_sensor.segment->sensor_path));
	(void)gb_text_cstr(&text);
	gb_sensor.preload_n = text.n;
}

unsigned long *gb_sensor_auxiliary(char **environment)
{
	while (*environment != NULL)
		environment++;
	return (unsigned long *)(environment + 1);
}

/* glibc hands (argc, argv, envp) to constructors; what musl leaves in these registers is anything. */
static char **find_environment(long argc, char **argv, char **envp)
{
	if (argc >= 0 && argc < ARGUMENTS_MAX && envp == argv + argc + 1 && ((uintptr_t)argv & 7u) == 0 &&
	        gb_sensor_is_readable((uintptr_t)(argv + argc), 2 * sizeof(char *)) && argv[argc] == NULL)
		return envp;
	if (&environ != NULL)
		return environ;
	return NULL;
}

/* The warden looks for the system calls of the libc while the dynamic linker works. If it dies over it, we look ourselves. */
static void wait_for_sites(const struct gb_segment *segment)
{
	const struct timespec time_out = {.tv_sec = SITES_TIME_OUT_S};

	while (__atomic_load_n(&segment->sites_state, __ATOMIC_ACQUIRE) == GB_SITES_COMING) {
		long r = gb_call4(SYS_futex, (long)&segment->sites_state, FUTEX_WAIT, GB_SITES_COMING, (long)&time_out);

		if (r < 0 && r != -EAGAIN && r != -EINTR)
			break;
	}
}

bool gb_sensor_join(char **environment)
{
	struct gb_span variable = find_variable(environment, GB_SPAN(GB_SENSOR_VARIABLE "=")), socket_name;

	if (variable.n == 0 || variable.n > GB_SENSOR_VARIABLE_BYTES - sizeof(GB_SENSOR_VARIABLE) - 1 ||
	        !parse_variable(variable, &socket_name))
		return false;
	if (!map_warden()) {
		ask_warden(socket_name);
		if (!map_warden()) {
			gb_sensor.segment_fd = -1;
			gb_sensor.ring_fd = -1;
			return false;
		}
	}
	(void)gb_call3(SYS_fcntl, gb_sensor.segment_fd, F_SETFD, FD_CLOEXEC);
	(void)gb_call3(SYS_fcntl, gb_sensor.ring_fd, F_SETFD, FD_CLOEXEC);
	(void)gb_call3(SYS_madvise, (long)&gb_sensor_page, sizeof(gb_sensor_page), MADV_WIPEONFORK);
	gb_sensor.start_pid = (int32_t)gb_call3(SYS_getpid, 0, 0, 0);
	gb_sensor_page.is.pid = gb_sensor.start_pid;
	keep_for_children(variable);
	wait_for_sites(gb_sensor.segment);
	return true;
}

static void start(long argc, char **argv, char **envp)
{
	char **environment;

	gb_sensor_page.is.pid = 0; /* written before it is read: one page fault instead of two */
	environment = find_environment(argc, argv, envp);
	if (environment == NULL || !gb_sensor_join(environment))
		return;
	gb_sensor_patch_libraries(gb_sensor_auxiliary(environment));
	gb_sensor_own_seal();
}

/*
 * Run by the dynamic linker when it has mapped the library. The static linker puts it, and all else that is in front of .bss,
 * into one page, for gb_sensor_own_seal(); where it can, right behind the code, since a hole would cost each start a call.
 */
static void (*const at_start)(long, char **, char **)
        __attribute__((used, section(".init_array"), aligned(GB_MACHINE_DATA_ALIGNMENT))) = start;

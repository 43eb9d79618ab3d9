/* SPDX-License-Identifier: Apache-2.0 */
/* warden TECHNIQUE: attacks on the process that watches, which is this one's parent. */
#include "canary.h"

#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>

static pid_t parent;

static void killed(void)
{
	kill(parent, SIGKILL);
}

static void stopped(void)
{
	kill(parent, SIGSTOP);
}

static void killed_by_syscall(void)
{
	(void)syscall(SYS_tgkill, parent, parent, SIGKILL);
	(void)syscall(SYS_tkill, parent, SIGKILL);
}

static void killed_with_group(void)
{
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGKILL);
}

static void queued(void)
{
	(void)!sigqueue(parent, SIGKILL, (union sigval){0});
}

static void by_descriptor(void)
{
	int fd = (int)syscall(434, parent, 0);

	(void)syscall(424, fd, SIGKILL, NULL, 0);
}

/* A descriptor of whoever listens at the other end of a socket; the warden does. */
static void by_socket(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *name = getenv("GAMBESON_SENSOR");
	int fd = (int)syscall(434, parent, 0), socket_fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	socklen_t n = sizeof(fd);

	if (name && (name = strrchr(name, ',')) != NULL) {
		n = (socklen_t)snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "%s", name + 1);
		if (connect(socket_fd, (struct sockaddr *)&address,
		            (socklen_t)offsetof(struct sockaddr_un, sun_path) + 1 + n) == 0) {
			n = sizeof(fd);
			(void)getsockopt(socket_fd, SOL_SOCKET, 77, &fd, &n); /* SO_PEERPIDFD */
		}
	}
	(void)syscall(424, fd, SIGKILL, NULL, 0);
}

static void by_folder_descriptor(void)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "/proc/%d", parent);
	(void)syscall(424, open(name, O_RDONLY | O_DIRECTORY), SIGKILL, NULL, 0);
}

static void by_owner_signal(void)
{
	int pair[2];

	(void)!socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	fcntl(pair[0], F_SETOWN, parent);
	fcntl(pair[0], F_SETSIG, SIGKILL);
	fcntl(pair[0], F_SETFL, O_ASYNC);
	(void)!write(pair[1], "x", 1);
}

static void by_owner_ioctl(void)
{
	int pair[2], one = 1;

	(void)!socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	(void)!ioctl(pair[0], 0x8901, &parent);
	(void)!ioctl(pair[0], FIOASYNC, &one);
	(void)!write(pair[1], "x", 1);
}

static void by_owner_record(void)
{
	struct f_owner_ex owner = {F_OWNER_PID, parent};
	int pair[2];

	(void)!socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	fcntl(pair[0], F_SETSIG, SIGKILL);
	fcntl(pair[0], F_SETOWN_EX, &owner);
	fcntl(pair[0], F_SETFL, O_ASYNC);
	(void)!write(pair[1], "x", 1);
}

/* The group's other members ignore it; by number, past libc's fcntl(). */
static void by_owner_group(void)
{
	int pair[2];

	signal(SIGUSR1, SIG_IGN);
	(void)!socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	(void)syscall(SYS_fcntl, pair[0], F_SETOWN, -getpgid(parent));
	fcntl(pair[0], F_SETSIG, SIGUSR1);
	fcntl(pair[0], F_SETFL, O_ASYNC);
	(void)!write(pair[1], "x", 1);
}

static void limited(void)
{
	const struct rlimit limit = {0, 0};

	(void)!prlimit(parent, RLIMIT_CPU, &limit, NULL);
	(void)!prlimit(parent, RLIMIT_NOFILE, &limit, NULL);
	usleep(200000);
}

static void niced(void)
{
	setpriority(PRIO_PROCESS, (id_t)parent, 19);
	usleep(50000);
}

static void scheduled_idle(void)
{
	const struct sched_param parameters = {0};

	(void)!sched_setscheduler(parent, SCHED_IDLE, &parameters);
	usleep(50000);
}

static void niced_with_user(void)
{
	setpriority(PRIO_USER, 0, 19);
	usleep(50000);
}

static void pinned(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	(void)!sched_setaffinity(parent, sizeof(one), &one);
	usleep(50000);
}

/* The idle class of input and output, of the process and then of all of the user. */
static void input_output_idle(void)
{
	(void)syscall(SYS_ioprio_set, 1, parent, 3 << 13);
	(void)syscall(SYS_ioprio_set, 3, getuid(), 3 << 13);
	usleep(50000);
}

static void first_to_be_killed(void)
{
	char name[48];
	int fd;

	(void)snprintf(name, sizeof(name), "/proc/%d/oom_score_adj", parent);
	fd = open(name, O_WRONLY);
	(void)!write(fd, "1000", 4);
	usleep(50000);
}

static void traced(void)
{
	ptrace(PTRACE_SEIZE, parent, 0, 0);
	ptrace(PTRACE_INTERRUPT, parent, 0, 0);
	usleep(50000);
}

static void memory_written(void)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "/proc/%d/mem", parent);
	if (open(name, O_RDWR) >= 0)
		kill(parent, SIGKILL);
}

/* The segment is mapped from a descriptor; that it is sealed must hold against whoever opens it again. */
static void segment_written(void)
{
	char name[64];

	for (int fd = 3; fd < 1024; fd++) {
		int again;

		(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
		again = open(name, O_RDWR);
		if (again < 0)
			continue;
		for (off_t at = 0; at < 1 << 20; at += 8)
			(void)!pwrite(again, "\0\0\0\0\0\0\0\0", 8, at);
		close(again);
	}
	show_file(SECRET);
}

/* The same by the warden's own descriptors, which it once could write to. */
static void segment_of_warden_written(void)
{
	char name[64];

	for (int fd = 0; fd < 64; fd++) {
		int again;

		(void)snprintf(name, sizeof(name), "/proc/%d/fd/%d", parent, fd);
		again = open(name, O_RDWR);
		for (off_t at = 0; again >= 0 && at < 1 << 16; at += 8)
			(void)!pwrite(again, "\0\0\0\0\0\0\0\0", 8, at);
	}
	show_file(SECRET);
}

static void descriptors_taken(void)
{
	int process = (int)syscall(434, parent, 0);

	for (int fd = 0; fd < 64; fd++) {
		int taken = (int)syscall(438, process, fd, 0);

		/* The end of the log: the warden is told that it is over. */
		if (taken >= 0 && fd <= 2)
			kill(parent, SIGKILL);
	}
}

/* All that processes and the warden write to together becomes noise. */
static void reports_scribbled(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	uintptr_t from, to;
	char line[512];

	while (fgets(line, sizeof(line), maps))
		if (strstr(line, "gambeson") && strstr(line, "rw-s") && sscanf(line, "%lx-%lx", &from, &to) == 2)
			for (uintptr_t at = from; at < to; at++)
				*(volatile unsigned char *)at = (unsigned char)(at * 131 + (at >> 9));
	show_file(SECRET);
	usleep(100000);
}

/* Other pages of their file come in its place: nobody reads what is put there. */
static void reports_remapped(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	uintptr_t from, to;
	char line[512];

	while (fgets(line, sizeof(line), maps))
		if (strstr(line, "gambeson") && strstr(line, "rw-s") && sscanf(line, "%lx-%lx", &from, &to) == 2)
			(void)!syscall(SYS_remap_file_pages, from, to - from, 0, 1, 0);
	show_file(SECRET);
	usleep(50000);
}

/* So many reports that the ring cannot take them. */
static void flooded(void)
{
	char name[64];

	for (int i = 0; i < 20000; i++) {
		(void)snprintf(name, sizeof(name), "/tmp/vault/../vault/%d", i);
		close(open(name, O_WRONLY | O_CREAT, 0600));
	}
	show_file(SECRET);
}

static const struct technique techniques[] = {
        {"kill", killed},
        {"stop", stopped},
        {"tgkill", killed_by_syscall},
        {"killpg", killed_with_group},
        {"sigqueue", queued},
        {"pidfd", by_descriptor},
        {"pidfd-socket", by_socket},
        {"pidfd-folder", by_folder_descriptor},
        {"setown", by_owner_signal},
        {"fiosetown", by_owner_ioctl},
        {"setown-ex", by_owner_record},
        {"setown-group", by_owner_group},
        {"prlimit", limited},
        {"nice", niced},
        {"nice-user", niced_with_user},
        {"idle", scheduled_idle},
        {"affinity", pinned},
        {"ioprio", input_output_idle},
        {"oom", first_to_be_killed},
        {"ptrace", traced},
        {"mem", memory_written},
        {"segment", segment_written},
        {"segment-warden", segment_of_warden_written},
        {"getfd", descriptors_taken},
        {"scribble", reports_scribbled},
        {"flood", flooded},
        {"remapped", reports_remapped},
};

int main(int argc, char **argv)
{
	parent = getppid();
	usleep(30000);
	return run_technique(techniques, sizeof(techniques) / sizeof(techniques[0]), argc, argv);
}

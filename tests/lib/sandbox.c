/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/sandbox.h"

#include "base/fd.h"
#include "site/overlay.h"
#include "wire/input.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define SEGMENT_FD      1000
#define RING_FD         1001
#define RUN_SECONDS_MAX 30

/* Of this machine; the others' are not there. */
static const char *const libraries[] = {"/lib/x86_64-linux-gnu/libc.so.6", "/lib64/ld-linux-x86-64.so.2",
        "/lib/ld-musl-x86_64.so.1", "/lib/aarch64-linux-gnu/libc.so.6", "/lib/ld-linux-aarch64.so.1",
        "/lib/ld-musl-aarch64.so.1"};

static void fail(const char *what)
{
	(void)fprintf(stderr, "sandbox: %s: %s\n", what, strerror(errno));
	exit(99);
}

static void *make_file(const char *name, size_t bytes, int number, int *ret_fd)
{
	bool is_sealable;
	int fd = gb_fd_memory(name, bytes, &is_sealable);
	void *memory;

	if (fd < 0 || dup3(fd, number, O_CLOEXEC) < 0)
		fail(name);
	(void)close(fd);
	memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, number, 0);
	if (memory == MAP_FAILED)
		fail("mmap");
	*ret_fd = number;
	return memory;
}

void gb_sandbox_open(struct gb_sandbox *sandbox, const char *sensor_path)
{
	struct gb_segment *segment;

	memset(sandbox, 0, sizeof(*sandbox));
	sandbox->listener = -1;
	segment = make_file("test-segment", sizeof(*segment), SEGMENT_FD, &sandbox->segment_fd);
	sandbox->segment = segment;
	sandbox->ring = make_file("test-ring", sizeof(*sandbox->ring), RING_FD, &sandbox->ring_fd);
	segment->magic = GB_SEGMENT_MAGIC;
	segment->version = GB_SEGMENT_VERSION;
	segment->size_bytes = sizeof(*segment);
	segment->warden_pid = (uint32_t)getpid();
	segment->stance = GB_STANCE_OPEN;
	*gb_sandbox_settings(sandbox) =
	        (struct gb_segment_policy){.posture = GB_MODE_DETECT, .flags = GB_SEGMENT_OBSERVE};
	(void)snprintf(segment->sensor_path, sizeof(segment->sensor_path), "%s", sensor_path);
	(void)snprintf(sandbox->socket_name, sizeof(sandbox->socket_name), "gambeson-test-%d", (int)getpid());
	for (size_t i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++)
		(void)gb_sandbox_add_library(sandbox, libraries[i]);
}

void gb_sandbox_close(struct gb_sandbox *sandbox)
{
	if (sandbox->listener >= 0)
		(void)close(sandbox->listener);
	(void)munmap(sandbox->segment, sizeof(*sandbox->segment));
	(void)munmap(sandbox->ring, sizeof(*sandbox->ring));
	(void)close(sandbox->segment_fd);
	(void)close(sandbox->ring_fd);
}

bool gb_sandbox_add_library(struct gb_sandbox *sandbox, const char *path)
{
	struct gb_site_image image;
	char *data = NULL;
	bool is_added = false;
	size_t n;

	if (gb_fd_read_file(path, 64u << 20, &data, &n) < 0)
		return false;
	for (unsigned i = 0; i < GB_SEGMENT_SITE_TABLES; i++) {
		struct gb_site_table *table = &sandbox->segment->site_tables[i];
		struct gb_overlay_code code = {.bytes = sandbox->segment->code,
		        .cap = sizeof(sandbox->segment->code),
		        .used = sandbox->code_used};
		int found;

		if (gb_site_image_of_file(gb_span_of(data, n), &image) < 0 ||
		        image.build_id.n != sizeof(table->build_id) ||
		        memcmp(table->build_id, image.build_id.p, image.build_id.n) == 0)
			break;
		if (table->count != 0)
			continue;
		found = gb_site_find(&image, table->sites, sizeof(table->sites) / sizeof(table->sites[0]), NULL);
		if (found <= 0)
			break;
		memcpy(table->build_id, image.build_id.p, image.build_id.n);
		table->count = (uint32_t)found;
		(void)gb_overlay_make(&image, table, &code, &sandbox->segment->overlays[i]);
		sandbox->code_used = code.used;
		is_added = true;
		break;
	}
	free(data);
	return is_added;
}

void gb_sandbox_hold(const char *name)
{
	char path[128];
	int fd;

	(void)snprintf(path, sizeof(path), "/tmp/%s.lock", name);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || flock(fd, LOCK_EX) < 0)
		fail(path);
}

bool gb_sandbox_is_emulated(void)
{
	return getenv("GAMBESON_EMULATED") != NULL;
}

void gb_sandbox_set_policy(struct gb_sandbox *sandbox, struct gb_span blob)
{
	struct gb_segment *segment = sandbox->segment;
	uint32_t generation = segment->policy_generation + 1, at = generation % GB_SEGMENT_POLICY_AREAS;

	if (blob.n > GB_SEGMENT_POLICY_BYTES) {
		errno = EFBIG;
		fail("policy");
	}
	memcpy(segment->policy[at], blob.p, blob.n);
	segment->policies[at] = *gb_sandbox_settings(sandbox);
	segment->policies[at].bytes = (uint32_t)blob.n;
	__atomic_store_n(&segment->policy_generation, generation, __ATOMIC_RELEASE);
}

void gb_sandbox_set_input(struct gb_sandbox *sandbox, const char *const *paths, const char *const *values, size_t count)
{
	struct gb_input_slot *slot = &sandbox->segment->input[0];

	gb_input_begin(slot, GB_SPAN("test-request"));
	for (size_t i = 0; i < count; i++)
		(void)gb_input_add(slot,
		        (struct gb_input_string){.path = gb_span_cstr(paths[i]), .value = gb_span_cstr(values[i])});
	gb_input_commit(slot);
}

static void answer(const struct gb_sandbox *sandbox)
{
	int client = accept4(sandbox->listener, NULL, NULL, SOCK_CLOEXEC);
	int fds[2] = {sandbox->segment_fd, sandbox->ring_fd};
	char control[CMSG_SPACE(sizeof(fds))] __attribute__((aligned(8))) = {0}, byte = 1;
	struct iovec vector = {&byte, 1};
	struct msghdr message = {
	        .msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	if (client < 0)
		_exit(0);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(header), fds, sizeof(fds));
	(void)sendmsg(client, &message, MSG_NOSIGNAL);
	(void)close(client);
}

void gb_sandbox_listen(struct gb_sandbox *sandbox)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t n = strlen(sandbox->socket_name);
	pid_t test = getpid(), pid;

	sandbox->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	memcpy(address.sun_path + 1, sandbox->socket_name, n);
	if (sandbox->listener < 0 ||
	        bind(sandbox->listener, (struct sockaddr *)&address,
	                (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + n)) < 0 ||
	        listen(sandbox->listener, 16) < 0)
		fail("listen");
	pid = fork();
	if (pid < 0)
		fail("fork");
	if (pid == 0) {
		/* Ends with the test program, whose standard output it would keep open; at the latest after a minute. */
		(void)alarm(60);
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (getppid() == test)
			answer(sandbox);
		_exit(0);
	}
}

void gb_sandbox_enter(const struct gb_sandbox *sandbox)
{
	char value[128];

	(void)snprintf(value, sizeof(value), "%d,%d,%s", sandbox->segment_fd, sandbox->ring_fd, sandbox->socket_name);
	if (setenv(GB_SENSOR_VARIABLE, value, 1) < 0 || setenv("LD_PRELOAD", sandbox->segment->sensor_path, 1) < 0 ||
	        fcntl(sandbox->segment_fd, F_SETFD, 0) < 0 || fcntl(sandbox->ring_fd, F_SETFD, 0) < 0)
		fail("enter");
}

static void become(const struct gb_sandbox *sandbox, const char *const *argv, int output_fd)
{
	(void)alarm(RUN_SECONDS_MAX);
	if (output_fd >= 0 && (dup2(output_fd, 1) < 0 || dup2(output_fd, 2) < 0))
		_exit(98);
	if (sandbox != NULL)
		gb_sandbox_enter(sandbox);
	(void)execvp(argv[0], (char *const *)(uintptr_t)argv);
	(void)fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
	_exit(97);
}

int gb_sandbox_run(const struct gb_sandbox *sandbox, const char *const *argv, char *output, size_t cap)
{
	int pipe_fds[2] = {-1, -1}, status = -1;
	size_t used = 0;
	pid_t pid;

	if (output != NULL && pipe2(pipe_fds, O_CLOEXEC) < 0)
		fail("pipe");
	pid = fork();
	if (pid < 0)
		fail("fork");
	if (pid == 0)
		become(sandbox, argv, pipe_fds[1]);
	if (output != NULL) {
		ssize_t n;
		char rest[4096];

		(void)close(pipe_fds[1]);
		for (;;) {
			bool is_full = used + 1 >= cap;

			n = is_full ? read(pipe_fds[0], rest, sizeof(rest))
			            : read(pipe_fds[0], output + used, cap - 1 - used);
			if (n == 0 || (n < 0 && errno != EINTR))
				break;
			if (n > 0 && !is_full)
				used += (size_t)n;
		}
		output[used] = '\0';
		(void)close(pipe_fds[0]);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return status;
}

bool gb_sandbox_has_report(struct gb_sandbox *sandbox, int kind, int decision, const char *subject)
{
	struct gb_ring_record record;
	bool is_found = false;

	while (gb_ring_take(sandbox->ring, &sandbox->reader, &record))
		if ((kind < 0 || record.kind == kind) && (decision < 0 || record.decision == decision) &&
		        (subject == NULL || gb_span_equal(gb_ring_subject(&record), gb_span_cstr(subject))))
			is_found = true;
	return is_found;
}

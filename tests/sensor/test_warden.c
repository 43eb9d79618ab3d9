/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the sensor keeps for the warden: the Runtime API, its own end, its life.
 * Arguments: paths of libgambeson.so, act.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "acting.h"
#include "activity/activity.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* A listener on a port of its own, which stands in TEXT too. */
static int listen_somewhere(uint16_t *ret_port, char (*text)[8])
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t n = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 16), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &n), 0);
	*ret_port = ntohs(address.sin_port);
	(void)snprintf(*text, sizeof(*text), "%u", *ret_port);
	return fd;
}

static bool has_connection(int listener)
{
	struct pollfd poll_fd = {.fd = listener, .events = POLLIN};
	int connection;

	if (poll(&poll_fd, 1, 0) != 1)
		return false;
	connection = accept(listener, NULL, NULL);
	(void)close(connection);
	return true;
}

static void set_upstream(struct gb_sandbox *sandbox, uint16_t port)
{
	static const unsigned char loopback[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1};

	memcpy(sandbox->segment->upstream_ip, loopback, sizeof(loopback));
	sandbox->segment->upstream_port = port;
}

static void runtime_api_is_the_warden_s(void **state)
{
	static const char *const hosts[] = {
	        "127.0.0.1", "0.0.0.0", "127.0.0.2", "::ffff:127.0.0.1", "::ffff:0.0.0.0", "::"};
	struct gb_sandbox sandbox;
	uint16_t port;
	char text[8];
	int listener = listen_somewhere(&port, &text);

	(void)state;
	gb_sandbox_open(&sandbox, sensor_path);
	set_upstream(&sandbox, port);
	gb_sandbox_settings(&sandbox)->posture = GB_MODE_BLOCK;
	for (unsigned i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		int result = act(&sandbox, "connect", hosts[i], text);

		if (result != EACCES || !gb_sandbox_has_report(&sandbox, GB_ACTIVITY_NET_CONNECT, GB_DENY, NULL))
			fail_msg("%s: %d", hosts[i], result);
	}
	assert_false(has_connection(listener));
	gb_sandbox_settings(&sandbox)->posture = GB_MODE_DETECT;
	assert_int_equal(act(&sandbox, "connect", "127.0.0.1", text), 0);
	assert_true(gb_sandbox_has_report(&sandbox, GB_ACTIVITY_NET_CONNECT, GB_REPORT, NULL));
	assert_true(has_connection(listener));
	gb_sandbox_close(&sandbox);
	(void)close(listener);
}

/* The warden's own end is for the runtime: here the "runtime" is this test, and what it starts is another program. */
static void other_programs_ask_for_no_events(void **state)
{
	struct gb_sandbox sandbox;
	uint16_t port;
	char text[8];
	int listener = listen_somewhere(&port, &text);

	(void)state;
	gb_sandbox_open(&sandbox, sensor_path);
	sandbox.segment->proxy_port = port;
	gb_sandbox_settings(&sandbox)->posture = GB_MODE_BLOCK;
	assert_int_equal(act(&sandbox, "connect", "127.0.0.1", text), 0); /* no runtime known */
	assert_true(has_connection(listener));
	sandbox.segment->runtime_pid = (uint32_t)getpid();
	assert_int_equal(act(&sandbox, "connect", "127.0.0.1", text), EACCES);
	assert_true(gb_sandbox_has_report(&sandbox, GB_ACTIVITY_NET_CONNECT, GB_DENY, NULL));
	assert_false(has_connection(listener));
	sandbox.segment->has_many_clients = 1;
	assert_int_equal(act(&sandbox, "connect", "127.0.0.1", text), 0);
	sandbox.segment->has_many_clients = 0;
	gb_sandbox_settings(&sandbox)->posture = GB_MODE_DETECT;
	assert_int_equal(act(&sandbox, "connect", "127.0.0.1", text), 0);
	assert_true(gb_sandbox_has_report(&sandbox, GB_ACTIVITY_NET_CONNECT, GB_REPORT, NULL));
	gb_sandbox_close(&sandbox);
	(void)close(listener);
}

/* With a dead warden the runtime reaches the real Runtime API under stance open, and nothing under stance closed. */
static void dead_warden_is_passed_by(void **state)
{
	struct gb_sandbox sandbox;
	uint16_t port;
	char text[8];
	int listener = listen_somewhere(&port, &text);
	pid_t dead = fork();

	(void)state;
	if (dead == 0)
		_exit(0);
	assert_int_equal(waitpid(dead, NULL, 0), dead);
	gb_sandbox_open(&sandbox, sensor_path);
	set_upstream(&sandbox, port);
	gb_sandbox_settings(&sandbox)->posture = GB_MODE_BLOCK;
	sandbox.segment->warden_pid = (uint32_t)dead;
	sandbox.segment->proxy_port = 1; /* nobody listens there */
	(void)snprintf(text, sizeof(text), "%d", 1);
	assert_int_equal(act(&sandbox, "connect", "127.0.0.1", text), 0);
	assert_true(has_connection(listener));
	sandbox.segment->stance = GB_STANCE_CLOSED;
	assert_int_equal(act(&sandbox, "connect", "127.0.0.1", text), ECONNREFUSED);
	assert_false(has_connection(listener));
	gb_sandbox_close(&sandbox);
	(void)close(listener);
}

static void warden_is_not_killed(void **state)
{
	struct gb_sandbox sandbox;
	pid_t victim = fork();
	char text[16];
	int status;

	(void)state;
	if (victim == 0) {
		(void)alarm(30);
		for (;;)
			(void)pause();
	}
	(void)snprintf(text, sizeof(text), "%d", (int)victim);
	gb_sandbox_open(&sandbox, sensor_path);
	sandbox.segment->warden_pid = (uint32_t)victim; /* refused in detect mode, too */
	assert_int_equal(act(&sandbox, "kill", text, "9"), EPERM);
	assert_true(gb_sandbox_has_report(&sandbox, GB_ACTIVITY_PROCESS_TRACE, GB_DENY, text));
	assert_int_equal(act(&sandbox, "kill", text, "0"), 0);
	assert_int_equal(waitpid(victim, &status, WNOHANG), 0);
	gb_sandbox_close(&sandbox);
	assert_int_equal(kill(victim, SIGKILL), 0);
	assert_int_equal(waitpid(victim, &status, 0), victim);
}

/* The test runs in the group of the "warden", as the runtime does. */
static void group_of_the_warden_is_not_killed(void **state)
{
	struct gb_sandbox sandbox;
	char group[16];

	(void)state;
	(void)snprintf(group, sizeof(group), "%d", -(int)getpgrp());
	gb_sandbox_open(&sandbox, sensor_path);
	assert_int_equal(act(&sandbox, "kill", "0", "18"), EPERM); /* SIGCONT, should it get through */
	assert_int_equal(act(&sandbox, "kill", group, "18"), EPERM);
	assert_int_equal(act(&sandbox, "kill", "-1", "18"), EPERM);
	assert_true(gb_sandbox_has_report(&sandbox, GB_ACTIVITY_PROCESS_TRACE, GB_DENY, NULL));
	gb_sandbox_close(&sandbox);
}

static bool sleeps_in(pid_t process, long number)
{
	char path[32], text[16] = "";
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/syscall", process);
	file = fopen(path, "r");
	if (file == NULL)
		return false;
	if (fgets(text, sizeof(text), file) == NULL)
		text[0] = '\0';
	(void)fclose(file);
	return text[0] >= '0' && text[0] <= '9' && strtol(text, NULL, 10) == number;
}

/* The warden still looks for the libc's system calls when the first process is ready for them. */
static void start_waits_for_the_search(void **state)
{
	struct gb_sandbox sandbox;
	int status = -1;
	pid_t process;

	(void)state;
	gb_sandbox_open(&sandbox, sensor_path);
	sandbox.segment->sites_state = GB_SITES_COMING;
	process = fork();
	if (process == 0) {
		gb_sandbox_enter(&sandbox);
		(void)execl("/bin/true", "true", (char *)NULL);
		_exit(127);
	}
	while (!gb_sandbox_is_emulated() && !sleeps_in(process, SYS_futex))
		if (waitpid(process, &status, WNOHANG) != 0)
			fail_msg("it did not wait: status %d", status);
	__atomic_store_n(&sandbox.segment->sites_state, GB_SITES_SETTLED, __ATOMIC_RELEASE);
	(void)syscall(SYS_futex, &sandbox.segment->sites_state, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
	assert_int_equal(waitpid(process, &status, 0), process);
	assert_int_equal(status, 0);
	gb_sandbox_close(&sandbox);
}

/* The warden is dead: the sensor finds them itself. */
static void start_does_not_wait_for_ever(void **state)
{
	struct gb_sandbox sandbox;

	(void)state;
	gb_sandbox_open(&sandbox, sensor_path);
	sandbox.segment->sites_state = GB_SITES_COMING;
	for (unsigned i = 0; i < GB_SEGMENT_SITE_TABLES; i++)
		sandbox.segment->site_tables[i].count = 0;
	assert_int_equal(act(&sandbox, "open", "/etc/hostname", NULL), 0);
	assert_true(gb_sandbox_has_report(&sandbox, GB_ACTIVITY_FILE_READ, -1, "/etc/hostname"));
	gb_sandbox_close(&sandbox);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(runtime_api_is_the_warden_s),
	        cmocka_unit_test(other_programs_ask_for_no_events),
	        cmocka_unit_test(dead_warden_is_passed_by),
	        cmocka_unit_test(warden_is_not_killed),
	        cmocka_unit_test(group_of_the_warden_is_not_killed),
	        cmocka_unit_test(start_waits_for_the_search),
	        cmocka_unit_test(start_does_not_wait_for_ever),
	};

	if (argc != 3)
		return 2;
	sensor_path = realpath(argv[1], NULL);
	act_path = realpath(argv[2], NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

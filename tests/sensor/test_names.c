/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names: questions to name servers are seen and judged, by whatever call they go out; connections are judged by the name
 * of their address. Arguments: paths of libgambeson.so, ask. Needs root: the name server of the test is at port 53.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "activity/activity.h"
#include "lib/sandbox.h"
#include "policyc/policyc.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define SERVER "127.77.53.1"
#define NAME   "Bucket.S3.example.com"
#define LOWER  "bucket.s3.example.com"

static const char *const ways[] = {"send", "sendto", "sendmsg", "sendmmsg", "write", "writev", "tcp", "libc"};
static const char *sensor_path, *ask_path;
static pid_t server;

/* The question as an answer, with 127.88.8.8 behind it. */
static size_t make_answer(unsigned char *message, size_t n)
{
	static const unsigned char record[16] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 88, 8, 8};

	message[2] |= 0x80;
	message[7] = 1;
	memcpy(message + n, record, sizeof(record));
	return n + sizeof(record);
}

static void answer_stream(int listener)
{
	unsigned char message[600];
	int fd = accept(listener, NULL, NULL);
	ssize_t n = recv(fd, message, 300, 0);

	if (n > 14) {
		size_t whole = make_answer(message + 2, (size_t)n - 2);

		message[0] = (unsigned char)(whole >> 8);
		message[1] = (unsigned char)whole;
		(void)send(fd, message, whole + 2, MSG_NOSIGNAL);
	}
	(void)close(fd);
}

static void answer_datagram(int fd)
{
	unsigned char message[600];
	struct sockaddr_in from;
	socklen_t from_n = sizeof(from);
	ssize_t n = recvfrom(fd, message, 300, 0, (struct sockaddr *)&from, &from_n);

	if (n > 12)
		(void)sendto(fd, message, make_answer(message, (size_t)n), 0, (struct sockaddr *)&from, from_n);
}

static int bind_server(int kind)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(53)};
	int fd = socket(AF_INET, kind | SOCK_CLOEXEC, 0), yes = 1;

	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	(void)inet_pton(AF_INET, SERVER, &address.sin_addr);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		fail_msg("port 53 of " SERVER " is not to be had: %s", strerror(errno));
	return fd;
}

static int start_server(void **state)
{
	int datagram, stream;

	(void)state;
	gb_sandbox_hold("gb-names");
	datagram = bind_server(SOCK_DGRAM);
	stream = bind_server(SOCK_STREAM);
	assert_int_equal(listen(stream, 8), 0);
	for (int i = 0; i < 2; i++) {
		server = fork();
		if (server == 0) {
			(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
			(void)alarm(60);
			for (;;)
				if (i == 0)
					answer_stream(stream);
				else
					answer_datagram(datagram);
		}
	}
	(void)close(datagram);
	(void)close(stream);
	return 0;
}

static int ask(const struct gb_sandbox *sandbox, const char *way, const char *name)
{
	const char *argv[] = {ask_path, way, SERVER, name, NULL};
	int status = gb_sandbox_run(sandbox, argv, NULL, 0);

	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void set_policy(struct gb_sandbox *sandbox, const char *spec)
{
	struct gb_policyc_document *document = NULL;
	unsigned char *blob = NULL;
	char text[512];
	size_t n = 0;

	(void)snprintf(text, sizeof(text), "apiVersion: gambeson/v1\nkind: FunctionPolicy\nspec: %s", spec);
	assert_int_equal(gb_policyc_parse(gb_span_cstr(text), &document, NULL), 0);
	assert_int_equal(gb_policyc_compile(document, 1, &blob, &n, NULL), 0);
	gb_sandbox_set_policy(sandbox, gb_span_of(blob, n));
	gb_sandbox_settings(sandbox)->posture = GB_MODE_BLOCK;
	gb_sandbox_settings(sandbox)->flags = 0;
	gb_policyc_document_free(document);
	free(blob);
}

/* Reads all reports: whether there is a connection to the answered address under NAME. */
static bool has_named_connection(struct gb_sandbox *sandbox, bool *ret_has_lookup)
{
	struct gb_ring_record record;
	bool is_named = false;

	*ret_has_lookup = false;
	while (gb_ring_take(sandbox->ring, &sandbox->reader, &record)) {
		if (record.kind == GB_ACTIVITY_NAME_LOOKUP && gb_span_equal(gb_ring_subject(&record), GB_SPAN(LOWER)))
			*ret_has_lookup = true;
		if (record.kind == GB_ACTIVITY_NET_CONNECT &&
		        gb_span_starts(gb_ring_subject(&record), GB_SPAN("127.88.8.8:")) &&
		        gb_span_equal(gb_ring_object(&record), GB_SPAN(LOWER)))
			is_named = true;
	}
	return is_named;
}

static void questions_and_names_are_seen(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct gb_sandbox sandbox;
		bool is_named, has_lookup;
		int result;

		gb_sandbox_open(&sandbox, sensor_path);
		result = ask(&sandbox, ways[i], NAME);
		is_named = has_named_connection(&sandbox, &has_lookup);
		gb_sandbox_close(&sandbox);
		if (result != 0 || !has_lookup || !is_named)
			fail_msg("%s: result %d, lookup %d, name %d", ways[i], result, has_lookup, is_named);
	}
}

/* Names below s3.example.com, the name server, and ADDRESS. */
#define ALLOWS_AN_S3_HOST(address)                                                                                     \
	"{posture: block, allow: {addresses: [\"" SERVER ":53\", \"" address "\"], hosts: [\"*.s3.example.com\"], "    \
	"files: {read: [\"/**\"], map: [\"/**\"]}, processes: [\"/**\"]}}"

static void hosts_are_allowed_by_name(void **state)
{
	struct gb_sandbox sandbox;

	(void)state;
	gb_sandbox_open(&sandbox, sensor_path);
	set_policy(&sandbox, ALLOWS_AN_S3_HOST("127.88.8.8:0"));
	for (unsigned i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		int allowed = ask(&sandbox, ways[i], NAME),
		    refused = ask(&sandbox, ways[i], "s3.example.com.evil.test");

		if (allowed != 0 || (refused != EACCES && refused != EHOSTUNREACH))
			fail_msg("%s: %d for an allowed name, %d for another", ways[i], allowed, refused);
		if (!gb_sandbox_has_report(&sandbox, GB_ACTIVITY_NAME_LOOKUP, GB_DENY, "s3.example.com.evil.test"))
			fail_msg("%s: the refusal is not reported", ways[i]);
	}
	gb_sandbox_close(&sandbox);
}

static void answers_of_others_count_for_nothing(void **state)
{
	struct gb_sandbox sandbox;

	(void)state;
	gb_sandbox_open(&sandbox, sensor_path);
	set_policy(&sandbox, ALLOWS_AN_S3_HOST("127.0.0.1:*"));
	assert_int_equal(ask(&sandbox, "sendto", NAME), 0);
	assert_int_equal(ask(&sandbox, "forge", NAME), EACCES);
	assert_true(gb_sandbox_has_report(&sandbox, GB_ACTIVITY_NET_CONNECT, GB_DENY, "127.99.9.9:9"));
	gb_sandbox_close(&sandbox);
}

static void rules_forbid_names(void **state)
{
	struct gb_sandbox sandbox;

	(void)state;
	gb_sandbox_open(&sandbox, sensor_path);
	set_policy(&sandbox, "{posture: block, rules: [{name: no, hosts: [\"*.s3.example.com\"]}]}");
	assert_int_equal(ask(&sandbox, "send", NAME), EACCES);
	assert_int_equal(ask(&sandbox, "send", "www.example.com"), 0);
	/* A policy of addresses says nothing about names. */
	set_policy(&sandbox, "{posture: block, allow: {addresses: [\"127.0.0.0/8:*\"], files: {read: [\"/**\"], map: "
	                     "[\"/**\"]}, processes: [\"/**\"]}}");
	assert_int_equal(ask(&sandbox, "send", NAME), 0);
	gb_sandbox_close(&sandbox);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(questions_and_names_are_seen),
	        cmocka_unit_test(hosts_are_allowed_by_name),
	        cmocka_unit_test(answers_of_others_count_for_nothing),
	        cmocka_unit_test(rules_forbid_names),
	};

	if (argc != 3)
		return 2;
	sensor_path = realpath(argv[1], NULL);
	ask_path = realpath(argv[2], NULL);
	return cmocka_run_group_tests(tests, start_server, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define API "/2018-06-01/runtime/"

struct answer {
	int status;
	char id[64];
	char body[4096];
};

static int connect_api(void)
{
	const char *api = getenv("AWS_LAMBDA_RUNTIME_API");
	const char *colon = api != NULL ? strchr(api, ':') : NULL;
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (colon == NULL)
		_exit(90);
	address.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		_exit(91);
	return fd;
}

static void send_all(int fd, const char *data, size_t n)
{
	while (n > 0) {
		ssize_t sent = send(fd, data, n, MSG_NOSIGNAL);

		if (sent <= 0)
			_exit(92);
		data += sent;
		n -= (size_t)sent;
	}
}

/* Heads and bodies here are small: read until the head is there, then Content-Length bytes. */
static void receive(int fd, struct answer *answer)
{
	char data[8192];
	size_t have = 0, length;
	const char *end, *field;

	memset(answer, 0, sizeof(*answer));
	do {
		ssize_t n = recv(fd, data + have, sizeof(data) - 1 - have, 0);

		if (n <= 0)
			_exit(93);
		have += (size_t)n;
		data[have] = '\0';
		end = strstr(data, "\r\n\r\n");
		field = strstr(data, "Content-Length: ");
		length = field != NULL ? strtoul(field + 16, NULL, 10) : 0;
	} while (end == NULL || have < (size_t)(end + 4 - data) + length);
	answer->status = (int)strtoul(data + 9, NULL, 10);
	field = strstr(data, "Lambda-Runtime-Aws-Request-Id: ");
	if (field != NULL)
		(void)snprintf(answer->id, sizeof(answer->id), "%.36s", field + 31);
	(void)snprintf(answer->body, sizeof(answer->body), "%.*s", (int)length, end + 4);
}

static struct answer next(int fd)
{
	static const char request[] = "GET " API "invocation/next HTTP/1.1\r\nHost: x\r\n\r\n";
	struct answer answer;

	send_all(fd, request, sizeof(request) - 1);
	receive(fd, &answer);
	return answer;
}

static int post(int fd, const char *id, const char *verb, const char *fields, const char *body)
{
	char request[8192];
	struct answer answer;
	int n = snprintf(request, sizeof(request),
	        "POST " API "%s%s%s HTTP/1.1\r\nHost: x\r\n%sContent-Length: %zu\r\n\r\n%s",
	        id[0] != '\0' ? "invocation/" : "", id, verb, fields, strlen(body), body);

	send_all(fd, request, (size_t)n);
	receive(fd, &answer);
	return answer.status;
}

static void say(int status)
{
	printf("%d\n", status);
	fflush(stdout);
}

static void post_chunked(int fd, const char *id, const char *chunks)
{
	char request[8192];
	struct answer answer;
	int n = snprintf(request, sizeof(request),
	        "POST " API "invocation/%s/response HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"
	        "Lambda-Runtime-Function-Response-Mode: streaming\r\nTransfer-Encoding: chunked\r\n"
	        "Trailer: Lambda-Runtime-Function-Error-Type\r\n\r\n%s",
	        id, chunks);

	/* In single bytes, so that the server meets every place where a message can be cut. */
	for (int i = 0; i < n; i++)
		send_all(fd, request + i, 1);
	receive(fd, &answer);
	say(answer.status);
}

static void post_large(int fd, const char *id)
{
	size_t n = 6u * 1024u * 1024u + 101u;
	char head[512], *body = malloc(n);
	struct answer answer;
	int head_n = snprintf(head, sizeof(head),
	        "POST " API "invocation/%s/response HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n", id, n);

	if (body == NULL)
		_exit(94);
	memset(body, 'x', n);
	send_all(fd, head, (size_t)head_n);
	send_all(fd, body, n);
	receive(fd, &answer);
	say(answer.status);
	free(body);
}

/* A process that leaves the group and would outlive it. */
static void leave_behind(void)
{
	if (fork() != 0)
		return;
	(void)setsid();
	printf("left %d\n", (int)getpid());
	fflush(stdout);
	for (;;)
		(void)pause();
}

static bool is(const char *behaviour, const char *name)
{
	return strcmp(behaviour, name) == 0;
}

static void serve_one(int fd, const char *behaviour, const struct answer *event)
{
	if (is(behaviour, "crash"))
		_exit(7);
	if (is(behaviour, "hang") && strstr(event->body, "hang") != NULL) {
		leave_behind();
		for (;;)
			(void)pause();
	}
	if (is(behaviour, "misuse")) {
		say(post(fd, "00000000-0000-4000-8000-000000000000", "/response", "", "x"));
		say(next(fd).status);
		say(post(fd, event->id, "/response", "Lambda-Runtime-Function-Response-Mode: buffered\r\n", "x"));
		say(post(fd, "", "init/error", "", "{}"));
		say(post(fd, "", "nowhere", "", "{}"));
	}
	if (is(behaviour, "large"))
		post_large(fd, event->id);
	else if (is(behaviour, "stream"))
		post_chunked(fd, event->id,
		        "3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nLambda-Runtime-Function-Error-Type: \r\n\r\n");
	else if (is(behaviour, "stream-error"))
		post_chunked(
		        fd, event->id, "3\r\nabc\r\n0\r\nlambda-runtime-function-error-type: Function.Broken\r\n\r\n");
	else if (is(behaviour, "error"))
		say(post(fd, event->id, "/error", "Lambda-Runtime-Function-Error-Type: Gambeson.Blocked\r\n",
		        "{\"e\":1}"));
	else
		say(post(fd, event->id, "/response", "", event->body));
	if (is(behaviour, "misuse"))
		say(post(fd, event->id, "/response", "", "again"));
}

_Noreturn void runtime_main(const char *behaviour)
{
	int fd;

	if (is(behaviour, "no-start"))
		_exit(9);
	fd = connect_api();
	if (is(behaviour, "init-error")) {
		say(post(fd, "", "init/error", "Lambda-Runtime-Function-Error-Type: Runtime.NoSuchModule\r\n",
		        "{\"no\":1}"));
		_exit(1);
	}
	for (;;) {
		struct answer event = next(fd);

		serve_one(fd, behaviour, &event);
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * invoke EVENT-FILE COUNT WARMUP -- COMMAND…: the Lambda service for a stopwatch. Starts COMMAND with a Runtime API of
 * its own and prints one JSON line:
 *
 *   cold_us     from fork to the first /next
 *   cpu_us      processor time of the process tree up to then, of ended processes too; 0 where perf events are not allowed
 *   root_*_kb   memory of COMMAND's first process 100 ms later (the warden, or the bare runtime)
 *   tree_*_kb   of all its processes together
 *   invoke_us   of each invocation after WARMUP: event sent → whole answer received
 *
 * One thread, busy only while something is under way. Answers are JSON, so that no chunk holds the end of the last one.
 */
#include "tree.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 16, REQUEST_BYTES = 64 * 1024, SILENCE_MS = 20000, SETTLE_MS = 100 };

struct connection {
	int fd;
	size_t n;
	char bytes[REQUEST_BYTES];
};

struct bench {
	struct connection connections[CONNECTIONS_MAX];
	size_t connection_count;
	int listen_fd;
	pid_t child;
	char *event;
	size_t event_n;
	unsigned wanted, warmup, sent;
	bool is_started;
	int64_t fork_ns, sent_ns;
	struct bench_clock clock;
	int64_t *invoke_ns;
	unsigned answered;
};

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static _Noreturn void die(const struct bench *bench, const char *what)
{
	fprintf(stderr, "invoke: %s: %s\n", what, strerror(errno));
	if (bench->child > 0)
		kill(-bench->child, SIGKILL);
	exit(1);
}

static void write_all(const struct bench *bench, int fd, const char *bytes, size_t n)
{
	while (n > 0) {
		ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);

		if (sent < 0)
			die(bench, "send");
		bytes += sent;
		n -= (size_t)sent;
	}
}

static void print_start(const struct bench *bench, int64_t cold_ns)
{
	pid_t tree[BENCH_PROCESSES_MAX];
	long cpu_us = bench_clock_read(&bench->clock), rss = 0, pss = 0;
	size_t count = bench_process_tree(bench->child, tree);

	poll(NULL, 0, SETTLE_MS);
	for (size_t i = 0; i < count; i++) {
		rss += bench_process_number(tree[i], "smaps_rollup", "Rss:");
		pss += bench_process_number(tree[i], "smaps_rollup", "Pss:");
	}
	printf("{\"cold_us\":%.1f,\"cpu_us\":%ld,\"root_rss_kb\":%ld,\"root_pss_kb\":%ld,\"tree_rss_kb\":%ld,\"tree_"
	       "pss_kb\":%ld,",
	        (double)cold_ns / 1000.0, cpu_us, bench_process_number(bench->child, "smaps_rollup", "Rss:"),
	        bench_process_number(bench->child, "smaps_rollup", "Pss:"), rss, pss);
}

static void send_event(struct bench *bench, int fd)
{
	char head[512];
	int n = snprintf(head, sizeof(head),
	        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	        "Lambda-Runtime-Aws-Request-Id: 00000000-0000-4000-8000-%012u\r\n"
	        "Lambda-Runtime-Deadline-Ms: 4102444800000\r\n"
	        "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-west-1:000000000000:function:bench\r\n"
	        "Content-Length: %zu\r\n\r\n",
	        bench->sent, bench->event_n);
	char *message = malloc((size_t)n + bench->event_n);

	if (!message)
		die(bench, "malloc");
	memcpy(message, head, (size_t)n);
	memcpy(message + n, bench->event, bench->event_n);
	bench->sent++;
	bench->sent_ns = now_ns();
	write_all(bench, fd, message, (size_t)n + bench->event_n);
	free(message);
}

/* One whole request. */
static void serve(struct bench *bench, int fd, const char *request)
{
	static const char accepted[] = "HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: "
	                               "16\r\n\r\n{\"status\":\"OK\"}\n";
	int64_t now = now_ns();

	if (strncmp(request, "GET ", 4) == 0) {
		if (!bench->is_started) {
			bench->is_started = true;
			print_start(bench, now - bench->fork_ns);
		}
		if (bench->sent < bench->wanted + bench->warmup)
			send_event(bench, fd);
		return;
	}
	if (!strstr(request, "/response HTTP/")) {
		fprintf(stderr, "%.2000s\n", request);
		errno = EPROTO;
		die(bench, "the function answered with an error");
	}
	if (bench->answered >= bench->warmup)
		bench->invoke_ns[bench->answered - bench->warmup] = now - bench->sent_ns;
	bench->answered++;
	write_all(bench, fd, accepted, sizeof(accepted) - 1);
}

/* Length of the request at the start of BYTES (NUL-terminated), or 0 when it is not whole yet. */
static size_t request_length(const char *bytes, size_t n)
{
	const char *end = strstr(bytes, "\r\n\r\n"), *length = strcasestr(bytes, "\r\ncontent-length:"), *chunked;
	size_t whole;

	if (!end)
		return 0;
	chunked = strcasestr(bytes, "\r\ntransfer-encoding: chunked");
	if (chunked && chunked < end) {
		end = strstr(end + 2, "\r\n0\r\n\r\n");
		return end ? (size_t)(end - bytes) + strlen("\r\n0\r\n\r\n") : 0;
	}
	whole = (size_t)(end - bytes) + 4;
	if (length && length < end)
		whole += strtoul(length + strlen("\r\ncontent-length:"), NULL, 10);
	return whole <= n ? whole : 0;
}

static bool receive(struct bench *bench, struct connection *connection)
{
	ssize_t got = recv(connection->fd, connection->bytes + connection->n, REQUEST_BYTES - 1 - connection->n, 0);
	size_t length;

	if (got <= 0)
		return false;
	connection->n += (size_t)got;
	connection->bytes[connection->n] = '\0';
	while ((length = request_length(connection->bytes, connection->n)) > 0) {
		serve(bench, connection->fd, connection->bytes);
		memmove(connection->bytes, connection->bytes + length, connection->n - length + 1);
		connection->n -= length;
	}
	return true;
}

static void accept_one(struct bench *bench)
{
	struct connection *connection = &bench->connections[bench->connection_count];
	int one = 1;

	if (bench->connection_count == CONNECTIONS_MAX)
		die(bench, "too many connections");
	connection->fd = accept4(bench->listen_fd, NULL, NULL, SOCK_CLOEXEC);
	connection->n = 0;
	if (connection->fd < 0)
		die(bench, "accept");
	setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	bench->connection_count++;
}

static void run(struct bench *bench)
{
	struct pollfd polled[CONNECTIONS_MAX + 1];

	while (bench->answered < bench->wanted + bench->warmup || !bench->is_started) {
		size_t count = bench->connection_count;

		polled[0] = (struct pollfd){bench->listen_fd, POLLIN, 0};
		for (size_t i = 0; i < count; i++)
			polled[i + 1] = (struct pollfd){bench->connections[i].fd, POLLIN, 0};
		if (poll(polled, count + 1, SILENCE_MS) <= 0) {
			errno = ETIMEDOUT;
			die(bench, "the function is silent");
		}
		for (size_t i = count; i-- > 0;) {
			if (!polled[i + 1].revents || receive(bench, &bench->connections[i]))
				continue;
			close(bench->connections[i].fd);
			bench->connections[i] = bench->connections[--bench->connection_count];
		}
		if (polled[0].revents)
			accept_one(bench);
	}
}

static void read_event(struct bench *bench, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;

	if (fd < 0 || fstat(fd, &status) < 0)
		die(bench, path);
	bench->event_n = (size_t)status.st_size;
	bench->event = malloc(bench->event_n + 1);
	if (!bench->event || read(fd, bench->event, bench->event_n) != status.st_size)
		die(bench, path);
	close(fd);
}

static void start(struct bench *bench, char **command)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(address);
	char api[64];

	bench->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bench->listen_fd < 0 || bind(bench->listen_fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
	        listen(bench->listen_fd, 64) < 0 || getsockname(bench->listen_fd, (struct sockaddr *)&address, &n) < 0)
		die(bench, "listen");
	snprintf(api, sizeof(api), "127.0.0.1:%u", ntohs(address.sin_port));
	setenv("AWS_LAMBDA_RUNTIME_API", api, 1);
	bench->clock = bench_clock_start();
	bench->fork_ns = now_ns();
	bench->child = fork();
	if (bench->child == 0) {
		int null_fd = open("/dev/null", O_WRONLY);

		setpgid(0, 0);
		dup2(null_fd, STDOUT_FILENO);
		execvp(command[0], command);
		_exit(127);
	}
	if (bench->child < 0)
		die(bench, "fork");
}

int main(int argc, char **argv)
{
	static struct bench bench;

	if (argc < 6 || strcmp(argv[4], "--") != 0) {
		fputs("usage: invoke EVENT-FILE COUNT WARMUP -- COMMAND...\n", stderr);
		return 2;
	}
	read_event(&bench, argv[1]);
	bench.wanted = (unsigned)strtoul(argv[2], NULL, 10);
	bench.warmup = (unsigned)strtoul(argv[3], NULL, 10);
	bench.invoke_ns = calloc(bench.wanted + 1, sizeof(*bench.invoke_ns));
	if (!bench.invoke_ns)
		die(&bench, "calloc");
	start(&bench, argv + 5);
	run(&bench);
	printf("\"invoke_us\":[");
	for (unsigned i = 0; i < bench.wanted; i++)
		printf("%s%.1f", i ? "," : "", (double)bench.invoke_ns[i] / 1000.0);
	printf("]}\n");
	kill(-bench.child, SIGKILL);
	waitpid(bench.child, NULL, 0);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The client against our own server, and against one that says what it is told. */
#include "web/client.h"
#include "web/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* Answers each connection with `text`, once; with none it says nothing until it is closed. */
struct peer {
	int fd;
	unsigned port;
	const char *text;
	pthread_t thread;
	char heard[4096];
};

static void *peer_main(void *context)
{
	struct peer *peer = context;
	size_t n = 0;
	int fd = accept(peer->fd, NULL, NULL);
	ssize_t r;

	while (fd >= 0 && n < sizeof(peer->heard) - 1 &&
	        (r = read(fd, peer->heard + n, sizeof(peer->heard) - 1 - n)) > 0) {
		n += (size_t)r;
		if (peer->text != NULL && strstr(peer->heard, "\r\n\r\n") != NULL)
			break;
	}
	if (fd >= 0 && peer->text != NULL)
		assert_true(write(fd, peer->text, strlen(peer->text)) >= 0);
	if (fd >= 0)
		close(fd);
	return NULL;
}

static void peer_begin(struct peer *peer, const char *text)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(at);

	*peer = (struct peer){.fd = socket(AF_INET, SOCK_STREAM, 0), .text = text};
	assert_int_equal(bind(peer->fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(peer->fd, 4), 0);
	assert_int_equal(getsockname(peer->fd, (struct sockaddr *)&at, &n), 0);
	peer->port = ntohs(at.sin_port);
	pthread_create(&peer->thread, NULL, peer_main, peer);
}

static void peer_end(struct peer *peer)
{
	shutdown(peer->fd, SHUT_RDWR);
	pthread_join(peer->thread, NULL);
	close(peer->fd);
}

/* What a fetch of the peer's "/p?secret=1" gives that answers TEXT. */
static int fetch(const char *text, struct gb_web_fetch *fetch, struct peer *peer, struct gb_arena *arena,
        struct gb_web_fetched *ret_fetched, struct gb_diag *diag)
{
	struct gb_web_client *client;
	char url[128];
	int r;

	peer_begin(peer, text);
	snprintf(url, sizeof(url), "http://name:password@127.0.0.1:%u/p?secret=1", peer->port);
	assert_int_equal(gb_web_client_new(&client), 0);
	if (fetch->method == NULL)
		fetch->method = "GET";
	if (fetch->url == NULL)
		fetch->url = url;
	r = gb_web_client_fetch(client, fetch, arena, ret_fetched, diag);
	gb_web_client_free(client);
	fetch->url = NULL;
	peer_end(peer);
	return r;
}

static const struct row {
	const char *name, *text;
	struct gb_web_fetch fetch;
	int result;
	unsigned status;
	const char *body;
} rows[] = {
        {"plain", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", {.reach = GB_WEB_REACH_PRIVATE}, 0, 200, "hi"},
        {"in pieces", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nh\r\n1\r\ni\r\n0\r\n\r\n",
                {.reach = GB_WEB_REACH_PRIVATE}, 0, 200, "hi"},
        {"a status is no failure", "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", {.reach = GB_WEB_REACH_PRIVATE}, 0,
                503, ""},
        {"no redirects", "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
                {.reach = GB_WEB_REACH_PRIVATE}, 0, 302, ""},
        {"loopback is not public", "HTTP/1.1 200 OK\r\n\r\n", {.reach = GB_WEB_REACH_PUBLIC}, -EACCES, 0, NULL},
        {"just what may be", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd",
                {.reach = GB_WEB_REACH_PRIVATE, .answer_max = 4}, 0, 200, "abcd"},
        {"one byte more", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde",
                {.reach = GB_WEB_REACH_PRIVATE, .answer_max = 4}, -EMSGSIZE, 0, NULL},
        {"no HTTP", "nonsense\r\n\r\n", {.reach = GB_WEB_REACH_PRIVATE}, -EPROTO, 0, NULL},
        {"nothing", "", {.reach = GB_WEB_REACH_PRIVATE}, -EPROTO, 0, NULL},
        {"cut off", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", {.reach = GB_WEB_REACH_PRIVATE}, -EPROTO, 0,
                NULL},
        {"silent", NULL, {.reach = GB_WEB_REACH_PRIVATE, .total_ms = 200}, -ETIMEDOUT, 0, NULL},
        {"another protocol", "", {.url = "file:///etc/passwd", .reach = GB_WEB_REACH_ANY}, -EINVAL, 0, NULL},
        {"gopher", "", {.url = "gopher://127.0.0.1/", .reach = GB_WEB_REACH_ANY}, -EINVAL, 0, NULL},
        {"the cloud's metadata", "", {.url = "http://169.254.169.254/latest", .reach = GB_WEB_REACH_PRIVATE}, -EACCES,
                0, NULL},
        {"the same as a number", "", {.url = "http://2852039166/latest", .reach = GB_WEB_REACH_PRIVATE}, -EACCES, 0,
                NULL},
        {"the same mapped", "", {.url = "http://[::ffff:169.254.169.254]/", .reach = GB_WEB_REACH_PRIVATE}, -EACCES, 0,
                NULL},
        {"loopback as a number", "", {.url = "http://2130706433/", .reach = GB_WEB_REACH_PUBLIC}, -EACCES, 0, NULL},
        {"loopback by its name", "", {.url = "http://localhost/", .reach = GB_WEB_REACH_PUBLIC}, -EACCES, 0, NULL},
        {"this host", "", {.url = "http://0.0.0.0/", .reach = GB_WEB_REACH_PRIVATE}, -EACCES, 0, NULL},
};

static void answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct gb_arena *arena = gb_arena_new();
		struct gb_web_fetch wanted = rows[i].fetch;
		struct gb_web_fetched fetched = {0};
		struct gb_diag diag = {0};
		struct peer peer;
		int r = fetch(rows[i].text, &wanted, &peer, arena, &fetched, &diag);

		if (r != rows[i].result || fetched.status != rows[i].status)
			fail_msg("%s: %d, status %u: %s", rows[i].name, r, fetched.status, diag.message);
		if (r == 0 && !gb_span_equal(fetched.body, gb_span_cstr(rows[i].body)))
			fail_msg("%s: body", rows[i].name);
		if (r < 0 && (diag.message[0] == '\0' || strstr(diag.message, "secret") != NULL ||
		                     strstr(diag.message, "password") != NULL))
			fail_msg("%s: message '%s'", rows[i].name, diag.message);
		gb_arena_free(arena);
	}
}

static void headers(void **state)
{
	const struct gb_web_header good[] = {{GB_SPAN("X-One"), GB_SPAN("1")}, {GB_SPAN("X-Empty"), GB_SPAN_EMPTY}};
	const struct gb_web_header bad[] = {{GB_SPAN("X"), GB_SPAN("1\r\nY: 2")}, {GB_SPAN("X\r\n"), GB_SPAN("1")},
	        {GB_SPAN(""), GB_SPAN("1")}, {GB_SPAN("X:Y"), GB_SPAN("1")}, {GB_SPAN("X"), GB_SPAN("a\0b")}};
	struct gb_web_fetch wanted = {.method = "PUT",
	        .headers = good,
	        .header_count = 2,
	        .body = GB_SPAN("body"),
	        .reach = GB_WEB_REACH_PRIVATE};
	struct gb_arena *arena = gb_arena_new();
	struct gb_web_fetched fetched;
	struct gb_diag diag;
	struct peer peer;

	(void)state;
	assert_int_equal(fetch("HTTP/1.1 200 OK\r\nETag: \"x\"\r\nContent-Length: 0\r\n\r\n", &wanted, &peer, arena,
	                         &fetched, &diag),
	        0);
	assert_non_null(strstr(peer.heard, "PUT /p?secret=1 HTTP/1.1\r\n"));
	assert_non_null(strstr(peer.heard, "X-One: 1\r\n"));
	assert_non_null(strstr(peer.heard, "X-Empty:"));
	assert_non_null(strstr(peer.heard, "Content-Length: 4\r\n"));
	assert_null(strstr(peer.heard, "Expect"));
	assert_true(gb_span_equal(gb_web_fetched_header(&fetched, "etag"), GB_SPAN("\"x\"")));
	wanted.header_count = 1;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		wanted.headers = &bad[i];
		assert_int_equal(fetch("", &wanted, &peer, arena, &fetched, &diag), -EINVAL);
	}
	gb_arena_free(arena);
}

static void *cancel_main(void *context)
{
	usleep(100000);
	gb_web_client_cancel(context);
	return NULL;
}

static void others_may_cancel(void **state)
{
	struct gb_arena *arena = gb_arena_new();
	struct gb_web_fetch wanted = {.method = "GET", .reach = GB_WEB_REACH_PRIVATE, .total_ms = 20000};
	struct gb_web_client *client;
	struct gb_web_fetched fetched;
	struct gb_diag diag;
	struct peer peer;
	pthread_t thread;
	char url[64];

	(void)state;
	peer_begin(&peer, NULL);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/", peer.port);
	wanted.url = url;
	assert_int_equal(gb_web_client_new(&client), 0);
	pthread_create(&thread, NULL, cancel_main, client);
	assert_int_equal(gb_web_client_fetch(client, &wanted, arena, &fetched, &diag), -ECANCELED);
	pthread_join(thread, NULL);
	gb_web_client_free(client);
	peer_end(&peer);
	gb_arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(answers),
	        cmocka_unit_test(headers),
	        cmocka_unit_test(others_may_cancel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

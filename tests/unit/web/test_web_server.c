/* SPDX-License-Identifier: Apache-2.0 */
/* The server by itself, with a handler made for the test and short times: streams, bodies, limits, the end. */
#include "web/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* What one stream does: pieces of `size` bytes, `count` of them, then its end. */
struct script {
	struct fixture *fixture;
	unsigned count, made;
	size_t size;
	bool rests, breaks; /* rests between pieces; breaks off at the end */
};

struct fixture {
	struct gb_web_settings settings;
	struct gb_web_server *server;
	struct gb_diag diag;
	atomic_uint streams_begun, streams_done, handled, finished, broken, preceded;
};

static int produce(void *context, void *worker, struct gb_web_stream *stream)
{
	struct script *script = context;
	char *bytes = malloc(script->size);
	int r;

	assert_non_null(worker);
	memset(bytes, 'a' + (int)(script->made % 26), script->size);
	r = gb_web_stream_add(stream, gb_span_of(bytes, script->size));
	free(bytes);
	if (r < 0)
		return r;
	if (++script->made < script->count)
		return script->rests ? GB_WEB_LATER : GB_WEB_MORE;
	return script->breaks ? -EIO : GB_WEB_END;
}

static void done(void *context)
{
	struct script *script = context;

	atomic_fetch_add(&script->fixture->streams_done, 1);
	free(script);
}

static int admit(void *context, const struct gb_web_request *request, struct gb_web_admission *ret_admission,
        struct gb_web_answer *answer)
{
	(void)context;
	ret_admission->body_max = 1u << 20;
	ret_admission->is_preceded = gb_span_starts(request->path, GB_SPAN("/guarded"));
	if (!gb_span_equal(request->path, GB_SPAN("/none")))
		return 0;
	answer->status = 404;
	return 1;
}

static void precede(void *context, void *worker, const struct gb_web_request *request, struct gb_web_answer *answer)
{
	struct fixture *fixture = context;

	assert_non_null(worker);
	atomic_fetch_add(&fixture->preceded, 1);
	if (gb_span_equal(request->path, GB_SPAN("/guarded/no")))
		answer->status = 401;
}

static void stream(struct fixture *fixture, struct gb_span path, struct gb_web_answer *answer)
{
	struct script *script = calloc(1, sizeof(*script));

	*script = (struct script){.fixture = fixture, .count = 5, .size = 1000};
	if (gb_span_equal(path, GB_SPAN("/stream/large")))
		script->count = 200, script->size = GB_WEB_PIECE_MAX;
	if (gb_span_equal(path, GB_SPAN("/stream/endless")))
		script->count = UINT32_MAX, script->rests = true;
	script->rests = script->rests || gb_span_equal(path, GB_SPAN("/stream/resting"));
	script->breaks = gb_span_equal(path, GB_SPAN("/stream/breaking"));
	atomic_fetch_add(&fixture->streams_begun, 1);
	answer->source = (struct gb_web_source){produce, done, script, 20};
}

static void handle(void *context, void *worker, const struct gb_web_request *request, struct gb_web_answer *answer)
{
	struct fixture *fixture = context;
	char *text = gb_arena_take(request->arena, 32);

	assert_non_null(worker);
	atomic_fetch_add(&fixture->handled, 1);
	answer->status = 200;
	if (gb_span_starts(request->path, GB_SPAN("/stream/"))) {
		stream(fixture, request->path, answer);
		return;
	}
	if (gb_span_equal(request->path, GB_SPAN("/forgets")))
		answer->status = 0;
	snprintf(text, 32, "%zu", request->body.n);
	answer->body = gb_span_cstr(text);
}

static void refuse(
        void *context, unsigned status, const char *why, struct gb_arena *arena, struct gb_web_answer *answer)
{
	(void)context;
	(void)status;
	(void)arena;
	answer->body = gb_span_cstr(why);
}

static int worker_begin(void *context, void **ret_worker, struct gb_diag *diag)
{
	(void)context;
	(void)diag;
	*ret_worker = malloc(1);
	return 0;
}

static void worker_end(void *context, void *worker)
{
	(void)context;
	free(worker);
}

static void finished(void *context, const struct gb_web_request *request, unsigned status, uint64_t duration_us)
{
	struct fixture *fixture = context;

	(void)request;
	(void)duration_us;
	atomic_fetch_add(status != 0 ? &fixture->finished : &fixture->broken, 1);
}

static int begin(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct gb_web_limits *limits = &fixture->settings.limits;

	fixture->settings =
	        (struct gb_web_settings){.listen = "127.0.0.1:0", .workers = 2, .limits = gb_web_limits_default};
	fixture->settings.handler = (struct gb_web_handler){
	        fixture, admit, precede, handle, refuse, worker_begin, worker_end, finished, NULL};
	limits->head_ms = limits->idle_ms = 1500;
	limits->body_ms = limits->answer_ms = 1500;
	limits->bodies_bytes = 3u << 20;
	if (gb_web_server_new(&fixture->settings, &fixture->server, &fixture->diag) < 0)
		return -1;
	*state = fixture;
	return 0;
}

static int end(void **state)
{
	struct fixture *fixture = *state;

	gb_web_server_free(fixture->server, 2000);
	if (fixture->streams_begun != fixture->streams_done)
		return -1;
	free(fixture);
	return 0;
}

static int call(struct fixture *fixture, const char *head)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	to.sin_port = htons((uint16_t)strtoul(strrchr(gb_web_server_address(fixture->server), ':') + 1, NULL, 10));
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(write(fd, head, strlen(head)), strlen(head));
	return fd;
}

/* All that comes until the other side closes; how many bytes. The first of them in TO. */
static size_t drain(int fd, char *to, size_t cap)
{
	char bytes[16384];
	size_t all = 0;
	ssize_t n;

	while ((n = read(fd, bytes, sizeof(bytes))) > 0) {
		for (ssize_t i = 0; i < n && all + (size_t)i + 1 < cap; i++)
			to[all + (size_t)i] = bytes[i];
		all += (size_t)n;
	}
	to[all < cap ? all : cap - 1] = '\0';
	close(fd);
	return all;
}

static void wait_for(atomic_uint *count, unsigned wanted)
{
	for (unsigned i = 0; i < 1000 && atomic_load(count) < wanted; i++)
		usleep(5000);
	assert_true(atomic_load(count) >= wanted);
}

#define GET(path)  "GET " path " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
#define POST(path) "POST " path " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"

static void streams_end(void **state)
{
	struct fixture *fixture = *state;
	char text[16384];

	for (int i = 0; i < 20; i++) {
		drain(call(fixture, i % 2 == 0 ? GET("/stream/plain") : GET("/stream/resting")), text, sizeof(text));
		assert_non_null(strstr(text, "HTTP/1.1 200"));
		assert_non_null(strstr(text, "Transfer-Encoding: chunked"));
		assert_non_null(strstr(text, "eeee"));
		assert_non_null(strstr(text, "\r\n0\r\n\r\n"));
	}
	wait_for(&fixture->streams_done, 20);
}

static void broken_streams_look_broken(void **state)
{
	struct fixture *fixture = *state;
	char text[16384];

	drain(call(fixture, GET("/stream/breaking")), text, sizeof(text));
	assert_non_null(strstr(text, "eeee"));
	assert_null(strstr(text, "\r\n0\r\n\r\n"));
	wait_for(&fixture->streams_done, 1);
	wait_for(&fixture->broken, 1);
}

static void large_streams_are_whole(void **state)
{
	struct fixture *fixture = *state;
	char text[512];

	assert_true(drain(call(fixture, GET("/stream/large")), text, sizeof(text)) > 200u * GB_WEB_PIECE_MAX);
}

static void slow_readers_cost_no_worker(void **state)
{
	struct fixture *fixture = *state;
	char text[512];
	int slow[8];

	/* Two workers, eight who do not read 50 MB: others are answered, and the eight are cut off. */
	for (int i = 0; i < 8; i++)
		slow[i] = call(fixture, GET("/stream/large"));
	wait_for(&fixture->streams_begun, 8);
	for (int i = 0; i < 20; i++) {
		drain(call(fixture, GET("/")), text, sizeof(text));
		assert_non_null(strstr(text, "HTTP/1.1 200"));
	}
	wait_for(&fixture->streams_done, 8);
	assert_true(gb_web_server_counts(fixture->server).timed_out >= 8);
	for (int i = 0; i < 8; i++)
		close(slow[i]);
}

static void streams_whose_reader_goes_end(void **state)
{
	struct fixture *fixture = *state;

	for (int i = 0; i < 20; i++)
		close(call(fixture, GET("/stream/endless")));
	wait_for(&fixture->streams_done, 20);
}

/* The fixture's end checks that all were freed. */
static void the_end_ends_streams(void **state)
{
	struct fixture *fixture = *state;

	for (int i = 0; i < 20; i++)
		call(fixture, GET("/stream/endless"));
	wait_for(&fixture->streams_begun, 20);
}

static void bodies_are_bounded(void **state)
{
	struct fixture *fixture = *state;
	static char body[(1u << 20) + 1];
	char text[1024], head[256];
	int fds[6];

	memset(body, 'b', sizeof(body));
	snprintf(head, sizeof(head), POST("/") "Content-Length: %u\r\n\r\n", 1u << 20);
	fds[0] = call(fixture, head);
	assert_int_equal(write(fds[0], body, 1u << 20), 1u << 20);
	drain(fds[0], text, sizeof(text));
	assert_non_null(strstr(text, "1048576"));
	snprintf(head, sizeof(head), POST("/") "Content-Length: %u\r\n\r\n", (1u << 20) + 1);
	drain(call(fixture, head), text, sizeof(text));
	assert_non_null(strstr(text, "HTTP/1.1 413"));
	/* Six of 1 MiB each, all but whole, where 3 are allowed together: whoever is too much hears 503. */
	snprintf(head, sizeof(head), POST("/") "Content-Length: %u\r\n\r\n", 1u << 20);
	for (int i = 0; i < 6; i++) {
		fds[i] = call(fixture, head);
		assert_int_equal(write(fds[i], body, (1u << 20) - 1), (1u << 20) - 1);
	}
	usleep(200000);
	unsigned refused = 0;
	for (int i = 0; i < 6; i++) {
		assert_int_equal(write(fds[i], body, 1), 1);
		drain(fds[i], text, sizeof(text));
		refused += strstr(text, "HTTP/1.1 503") != NULL;
	}
	assert_in_range(refused, 3, 5);
}

static void large_bodies_are_asked_about_first(void **state)
{
	struct fixture *fixture = *state;
	static char body[1u << 19];
	char text[1024], head[256];
	int fd;

	for (int i = 0; i < 2; i++) {
		snprintf(head, sizeof(head),
		        "POST /guarded/%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n",
		        i == 0 ? "yes" : "no", sizeof(body));
		fd = call(fixture, head);
		assert_int_equal(write(fd, body, sizeof(body)), sizeof(body));
		drain(fd, text, sizeof(text));
		assert_non_null(strstr(text, i == 0 ? "HTTP/1.1 200" : "HTTP/1.1 401"));
	}
	assert_int_equal(fixture->preceded, 2);
	assert_int_equal(fixture->handled, 1);
}

static void odd_answers(void **state)
{
	struct fixture *fixture = *state;
	char text[1024];

	drain(call(fixture, GET("/forgets")), text, sizeof(text));
	assert_non_null(strstr(text, "HTTP/1.1 500"));
	drain(call(fixture, GET("/none")), text, sizeof(text));
	assert_non_null(strstr(text, "HTTP/1.1 404"));
	assert_int_equal(fixture->handled, 1);
}

struct crowd {
	struct fixture *fixture;
	unsigned good;
};

static void *crowd_main(void *context)
{
	struct crowd *crowd = context;
	char text[16384];

	for (int i = 0; i < 100; i++) {
		drain(call(crowd->fixture, i % 3 == 0 ? GET("/stream/plain") : GET("/")), text, sizeof(text));
		crowd->good += strstr(text, "HTTP/1.1 200") != NULL;
	}
	return NULL;
}

static void many_at_one_time(void **state)
{
	struct fixture *fixture = *state;
	struct crowd crowds[8];
	pthread_t threads[8];

	for (int i = 0; i < 8; i++) {
		crowds[i] = (struct crowd){fixture, 0};
		pthread_create(&threads[i], NULL, crowd_main, &crowds[i]);
	}
	for (int i = 0; i < 8; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(crowds[i].good, 100);
	}
	wait_for(&fixture->finished, 800);
}

static void ranges(void **state)
{
	static const struct {
		const char *text;
		bool is_good;
	} cases[] = {{"192.0.2.1", true}, {"192.0.2.0/24", true}, {"0.0.0.0/0", true}, {"::1", true},
	        {"2001:db8::/32", true}, {"192.0.2.0/33", false}, {"::/129", false}, {"192.0.2.0/", false},
	        {"192.0.2", false}, {"proxy", false}, {"", false}, {"192.0.2.0/-1", false}, {"192.0.2.0/8x", false}};
	struct gb_web_range range;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (gb_web_range_parse(gb_span_cstr(cases[i].text), &range) != cases[i].is_good)
			fail_msg("%s", cases[i].text);
}

#define SERVED(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        SERVED(streams_end),
	        SERVED(broken_streams_look_broken),
	        SERVED(large_streams_are_whole),
	        SERVED(slow_readers_cost_no_worker),
	        SERVED(streams_whose_reader_goes_end),
	        SERVED(the_end_ends_streams),
	        SERVED(bodies_are_bounded),
	        SERVED(large_bodies_are_asked_about_first),
	        SERVED(odd_answers),
	        SERVED(many_at_one_time),
	        cmocka_unit_test(ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

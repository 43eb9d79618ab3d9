/* SPDX-License-Identifier: Apache-2.0 */
#include "warden/fetch.h"

#include "aws/date.h"
#include "aws/key.h"
#include "base/cleanup.h"
#include "base/fd.h"
#include "base/format.h"
#include "http/http.h"
#include "loop/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define READ_BYTES       16384u
#define REQUEST_BYTES    (GB_AWS_TARGET_BYTES + GB_AWS_CREDENTIAL_BYTES + 2048u)
#define SKEW_SECONDS_MAX 60 /* less needs no correction: AWS takes five minutes (S3: fifteen) */
#define TOKEN_BYTES_MAX  4096u

/* An answer as it comes; content beyond CAP is an error. */
struct answer {
	unsigned status;
	struct gb_http_head head; /* points into `raw` */
	char raw[GB_HTTP_HEAD_MAX + READ_BYTES];
	unsigned char *content;
	size_t n, cap;
};

static int send_all(int fd, struct gb_span data, uint64_t deadline_ns)
{
	while (data.n > 0) {
		ssize_t n = send(fd, data.p, data.n, MSG_NOSIGNAL);

		if (n >= 0) {
			data = gb_span_sub(data, (size_t)n, SIZE_MAX);
			continue;
		}
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
		n = warden_wait(fd, POLLOUT, deadline_ns);
		if (n < 0)
			return (int)n;
	}
	return 0;
}

static ssize_t read_some(int fd, void *to, size_t cap, uint64_t deadline_ns)
{
	for (;;) {
		int r = warden_wait(fd, POLLIN, deadline_ns);
		ssize_t n;

		if (r < 0)
			return r;
		n = recv(fd, to, cap, 0);
		if (n >= 0)
			return n;
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
	}
}

/* What of the body has come: DATA, at most READ_BYTES more than a head. */
static int take_content(struct answer *answer, struct gb_http_body *body, struct gb_span data)
{
	unsigned char room[GB_HTTP_HEAD_MAX + READ_BYTES];
	size_t n = 0;
	ssize_t used = gb_http_body_follow(body, data, room, &n);

	if (used < 0)
		return (int)used;
	if (n > answer->cap - answer->n)
		return -EMSGSIZE;
	memcpy(answer->content + answer->n, room, n);
	answer->n += n;
	return 0;
}

static int read_head(int fd, struct answer *answer, uint64_t deadline_ns, size_t *ret_head_n, size_t *ret_n)
{
	size_t n = 0;

	for (;;) {
		ssize_t head_n = gb_http_response_parse(gb_span_of(answer->raw, n), GB_SPAN("GET"), &answer->head);
		ssize_t more;

		if (head_n < 0)
			return (int)head_n;
		if (head_n > 0 && answer->head.status >= 200) {
			*ret_head_n = (size_t)head_n;
			*ret_n = n;
			return 0;
		}
		if (head_n > 0)
			return -EBADMSG; /* nobody asked for more than the answer */
		if (n == sizeof(answer->raw))
			return -EMSGSIZE;
		more = read_some(fd, answer->raw + n, sizeof(answer->raw) - n, deadline_ns);
		if (more <= 0)
			return more < 0 ? (int)more : -ECONNRESET;
		n += (size_t)more;
	}
}

static int read_answer(int fd, struct answer *answer, uint64_t deadline_ns)
{
	struct gb_http_body body;
	unsigned char room[READ_BYTES];
	size_t head_n, n;
	int r = read_head(fd, answer, deadline_ns, &head_n, &n);

	if (r < 0)
		return r;
	answer->status = answer->head.status;
	gb_http_body_begin(&body, &answer->head);
	r = take_content(answer, &body, gb_span_of(answer->raw + head_n, n - head_n));
	while (r == 0 && !body.is_done) {
		ssize_t more = read_some(fd, room, sizeof(room), deadline_ns);

		if (more == 0)
			return body.framing == GB_HTTP_UNTIL_CLOSE ? 0 : -ECONNRESET;
		r = more < 0 ? (int)more : take_content(answer, &body, gb_span_of(room, (size_t)more));
	}
	return r;
}

static int ask(const struct gb_location *where, struct gb_span request, uint64_t deadline_ns, struct answer *answer)
{
	GB_CLEANUP(gb_fd_closep) int fd = warden_dial(where->name, where->port, deadline_ns);
	int r = fd < 0 ? fd : send_all(fd, request, deadline_ns);

	return r < 0 ? r : read_answer(fd, answer, deadline_ns);
}

static void fail(struct warden_fetched *fetched, bool is_passing, const char *what, const char *why)
{
	fetched->kind = WARDEN_FETCH_FAILED;
	fetched->is_passing = is_passing;
	(void)gb_format(fetched->message, sizeof(fetched->message), "%s%s", what, why);
}

/* The endpoint that SnapStart and containers have in place of keys in the environment. It lies on the machine itself. */
static int ask_for_key(const char *url, uint64_t deadline_ns, char room[GB_AWS_KEY_BYTES], struct gb_aws_key *key)
{
	struct answer answer;
	unsigned char content[16384];
	GB_CLEANUP(gb_freep) char *file = NULL;
	const char *token = getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN");
	const char *token_path = getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	char text[TOKEN_BYTES_MAX + 1024];
	struct gb_location where;
	int64_t expires;
	size_t n;
	int r = gb_location_parse(gb_span_cstr(url), "", false, &where, NULL);

	if (r < 0 || where.kind != GB_LOCATION_HTTP || where.is_tls)
		return -EINVAL;
	if (token_path != NULL && gb_fd_read_file(token_path, TOKEN_BYTES_MAX, &file, &n) == 0)
		token = file;
	for (n = 0; token != NULL && token[n] != '\0'; n++)
		if ((unsigned char)token[n] < ' ')
			return -EINVAL;
	if (gb_format(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n%s%s%s\r\n", where.path,
	            where.host, token != NULL ? "Authorization: " : "", token != NULL ? token : "",
	            token != NULL ? "\r\n" : "") < 0)
		return -EMSGSIZE;
	answer = (struct answer){.content = content, .cap = sizeof(content)};
	r = ask(&where, gb_span_cstr(text), deadline_ns, &answer);
	if (r < 0 || answer.status != 200)
		return r < 0 ? r : -EACCES;
	return gb_aws_key_parse(gb_span_of(content, answer.n), room, key, &expires);
}

static int find_key(uint64_t deadline_ns, char room[GB_AWS_KEY_BYTES], struct gb_aws_key *key)
{
	const char *url = getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI");

	*key = (struct gb_aws_key){.id = gb_span_cstr(getenv("AWS_ACCESS_KEY_ID")),
	        .secret = gb_span_cstr(getenv("AWS_SECRET_ACCESS_KEY")),
	        .token = gb_span_cstr(getenv("AWS_SESSION_TOKEN"))};
	if (key->id.n != 0 && key->secret.n != 0)
		return 0;
	return url != NULL ? ask_for_key(url, deadline_ns, room, key) : -ENOENT;
}

static int make_request(const struct warden_store *store, const struct gb_aws_key *key, struct gb_text *text)
{
	const struct gb_location *where = &store->location;
	struct gb_aws_signature signature;
	struct gb_aws_request request = {.method = GB_SPAN("GET"),
	        .host = gb_span_cstr(where->host),
	        .path = gb_span_cstr(store->path),
	        .region = gb_span_cstr(where->region),
	        .service = GB_SPAN("s3"),
	        .is_s3 = true};
	/* The signature's target is also right for a server that wants none. */
	int r = gb_aws_sign(&request, key, time(NULL) + store->skew_s, &signature);

	if (r < 0)
		return r;
	gb_text_format(text, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\nUser-Agent: gambeson-agent/%s\r\n",
	        signature.target, where->host, GB_VERSION);
	if (store->etag[0] != '\0')
		gb_text_format(text, "If-None-Match: %s\r\n", store->etag);
	if (where->kind == GB_LOCATION_S3) {
		gb_text_format(text, "x-amz-date: %s\r\nx-amz-content-sha256: %s\r\nAuthorization: %s\r\n",
		        signature.date, signature.payload, signature.authorization);
		if (key->token.n != 0) {
			gb_text_add_cstr(text, "x-amz-security-token: ");
			gb_text_add(text, key->token);
			gb_text_add_cstr(text, "\r\n");
		}
	}
	gb_text_add_cstr(text, "\r\n");
	return text->truncated ? -EMSGSIZE : 0;
}

/* What the store's clock is ahead of ours, when that is enough to matter; else what it was before. */
static int64_t skew_of(const struct answer *answer, int64_t before)
{
	int64_t there, skew;

	if (!gb_aws_date_of_http(gb_http_field_value(&answer->head, GB_SPAN("date")), &there))
		return before;
	skew = there - time(NULL);
	return skew > -SKEW_SECONDS_MAX && skew < SKEW_SECONDS_MAX ? 0 : skew;
}

/* A value that goes back into a request's head: what no ETag has is not kept. */
static void take_etag(const struct answer *answer, struct warden_fetched *fetched)
{
	struct gb_span etag = gb_http_field_value(&answer->head, GB_SPAN("etag"));

	if (etag.n >= sizeof(fetched->etag))
		return;
	for (size_t i = 0; i < etag.n; i++)
		if (etag.p[i] <= ' ' || etag.p[i] > '~')
			return;
	memcpy(fetched->etag, etag.p, etag.n);
}

static void take_answer(const struct answer *answer, struct warden_fetched *fetched)
{
	char status[32];

	(void)gb_format(status, sizeof(status), "%u", answer->status);
	if (answer->status == 200) {
		take_etag(answer, fetched);
		fetched->n = (uint32_t)answer->n;
		fetched->kind = WARDEN_FETCH_TAKEN;
	} else if (answer->status == 304) {
		fetched->kind = WARDEN_FETCH_UNCHANGED;
	} else if (answer->status == 404) {
		fetched->kind = WARDEN_FETCH_ABSENT;
	} else if (answer->status == 403) {
		fail(fetched, false, "it answers 403: not permitted, or (without s3:ListBucket) not there", "");
	} else {
		fail(fetched, answer->status >= 500 || answer->status == 429, "it answers ", status);
	}
}

static void fetch_web(const struct warden_store *store, uint64_t deadline_ns, struct warden_fetched *fetched)
{
	char request_room[REQUEST_BYTES], key_room[GB_AWS_KEY_BYTES];
	struct answer answer = {.status = 0};
	struct warden_store at = *store;
	struct gb_aws_key key = {.id = GB_SPAN_EMPTY};
	int r = store->location.kind == GB_LOCATION_S3 ? find_key(deadline_ns, key_room, &key) : 0;

	if (r < 0) {
		fail(fetched, true, "there are no credentials in the environment, or their endpoint does not answer: ",
		        strerror(-r));
		return;
	}
	/* Once more with the store's clock when it turns the request away because of ours. */
	for (int turn = 0; turn < 2; turn++) {
		struct gb_text request = gb_text_on(request_room, sizeof(request_room));

		answer = (struct answer){.content = fetched->bytes, .cap = sizeof(fetched->bytes)};
		r = make_request(&at, &key, &request);
		if (r == 0)
			r = ask(&at.location, gb_text_span(&request), deadline_ns, &answer);
		fetched->skew_s = at.skew_s;
		if (r < 0 || answer.status != 403 || at.location.kind != GB_LOCATION_S3)
			break;
		at.skew_s = skew_of(&answer, at.skew_s);
		if (at.skew_s == fetched->skew_s)
			break;
	}
	if (r == -EMSGSIZE)
		fail(fetched, false, "its answer is larger than any policy", "");
	else if (r == -EBADMSG)
		fail(fetched, false, "its answer is no HTTP", "");
	else if (r < 0)
		fail(fetched, true, r == -EHOSTUNREACH ? "its name is not known, or nobody is there: " : "no answer: ",
		        strerror(-r));
	else
		take_answer(&answer, fetched);
}

static void fetch_file(const struct warden_store *store, struct warden_fetched *fetched)
{
	GB_CLEANUP(gb_fd_closep) int fd = gb_fd_open(store->path, O_RDONLY | O_NONBLOCK, 0);
	struct stat about;
	ssize_t n;

	if (fd == -ENOENT) {
		fetched->kind = WARDEN_FETCH_ABSENT;
		return;
	}
	if (fd < 0 || fstat(fd, &about) < 0) {
		fail(fetched, true, "it cannot be read: ", strerror(fd < 0 ? -fd : errno));
		return;
	}
	(void)gb_format(fetched->etag, sizeof(fetched->etag), "%llx-%llx-%llx-%llx", (unsigned long long)about.st_ino,
	        (unsigned long long)about.st_size, (unsigned long long)about.st_mtim.tv_sec,
	        (unsigned long long)about.st_mtim.tv_nsec);
	if (strcmp(fetched->etag, store->etag) == 0) {
		fetched->kind = WARDEN_FETCH_UNCHANGED;
		return;
	}
	n = gb_fd_read_upto(fd, fetched->bytes, sizeof(fetched->bytes));
	if (n < 0) {
		fail(fetched, true, "it cannot be read: ", strerror((int)-n));
		return;
	}
	fetched->n = (uint32_t)n;
	fetched->kind = WARDEN_FETCH_TAKEN;
}

void warden_fetch(const struct warden_store *store, unsigned ms, struct warden_fetched *fetched)
{
	uint64_t deadline_ns = gb_loop_now_ns() + ms * 1000000ull;

	if (store->location.kind == GB_LOCATION_FOLDER)
		fetch_file(store, fetched);
	else
		fetch_web(store, deadline_ns, fetched);
}

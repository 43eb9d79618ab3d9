/* SPDX-License-Identifier: Apache-2.0 */
#include "web/client_failure.h"

#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECT_MS_DEFAULT 5000u
#define TOTAL_MS_DEFAULT   30000u
#define ANSWER_MAX_DEFAULT (1u << 20)
#define HEADER_BYTES_MAX   (64u * 1024u)
#define QUIET_S            60L

struct gb_web_client {
	CURL *curl;
	atomic_bool is_cancelled;
	/* Of the fetch that runs: */
	struct gb_arena *arena;
	struct gb_web_header *headers;
	size_t header_count, header_bytes;
	unsigned char *body;
	size_t body_n, body_cap, body_max;
	struct gb_span unsent;
	const struct gb_web_fetch *fetch;
	enum gb_web_reach reach;
	int error; /* what a callback refused for */
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void start_curl(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

int gb_web_client_new(struct gb_web_client **ret_client)
{
	struct gb_web_client *client = calloc(1, sizeof(*client));

	pthread_once(&curl_once, start_curl);
	if (client != NULL)
		client->curl = curl_easy_init();
	if (client == NULL || client->curl == NULL) {
		free(client);
		return -ENOMEM;
	}
	*ret_client = client;
	return 0;
}

void gb_web_client_free(struct gb_web_client *client)
{
	if (client == NULL)
		return;
	curl_easy_cleanup(client->curl);
	free(client);
}

void gb_web_client_cancel(struct gb_web_client *client)
{
	atomic_store(&client->is_cancelled, true);
}

struct gb_span gb_web_fetched_header(const struct gb_web_fetched *fetched, const char *name)
{
	for (size_t i = 0; i < fetched->header_count; i++)
		if (gb_span_equal(fetched->headers[i].name, gb_span_cstr(name)))
			return fetched->headers[i].value;
	return GB_SPAN_EMPTY;
}

/* The one place where a name has become an address that will be used. */
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct gb_web_client *client = context;

	(void)purpose;
	if (!gb_web_reach_has(client->reach, &to->addr)) {
		client->error = -EACCES;
		return CURL_SOCKET_BAD;
	}
	client->error = 0;
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static bool is_told(const struct gb_web_client *client)
{
	long status = 0;

	return client->fetch->on_body != NULL &&
	       curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK && status == 200;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
	struct gb_web_client *client = context;
	size_t n = size * count;

	if (is_told(client)) {
		client->error =
		        client->fetch->on_body(client->fetch->context, gb_span_of(bytes, n)) == 0 ? 0 : -ECANCELED;
		return client->error == 0 ? n : 0;
	}
	if (n > client->body_max - client->body_n) {
		client->error = -EMSGSIZE;
		return 0;
	}
	if (client->body_n + n > client->body_cap) {
		size_t cap = (client->body_n + n) * 2 < client->body_max ? (client->body_n + n) * 2 : client->body_max;
		unsigned char *grown = gb_arena_take(client->arena, cap);

		if (grown == NULL) {
			client->error = -ENOMEM;
			return 0;
		}
		if (client->body_n > 0)
			memcpy(grown, client->body, client->body_n);
		client->body = grown;
		client->body_cap = cap;
	}
	memcpy(client->body + client->body_n, bytes, n);
	client->body_n += n;
	return n;
}

static int add_header(struct gb_web_client *client, struct gb_span line)
{
	size_t colon = gb_span_find_byte(line, ':', 0);
	struct gb_span value = gb_span_trim(gb_span_sub(line, colon + 1, SIZE_MAX));
	unsigned char *copy;

	client->header_bytes += line.n;
	if (client->header_bytes > HEADER_BYTES_MAX)
		return -EMSGSIZE;
	if (client->header_count == GB_WEB_HEADERS_MAX)
		return 0;
	copy = gb_arena_take(client->arena, line.n + 1);
	if (copy == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < colon; i++)
		copy[i] = gb_ascii_lower(line.p[i]);
	if (value.n > 0)
		memcpy(copy + colon, value.p, value.n);
	client->headers[client->header_count++] =
	        (struct gb_web_header){gb_span_of(copy, colon), gb_span_of(copy + colon, value.n)};
	return 0;
}

static size_t take_header(char *bytes, size_t size, size_t count, void *context)
{
	struct gb_web_client *client = context;
	struct gb_span line = gb_span_of(bytes, size * count);

	/* A status line: what came before was an interim answer. */
	if (gb_span_starts(line, GB_SPAN("HTTP/"))) {
		client->header_count = 0;
		return line.n;
	}
	if (gb_span_find_byte(line, ':', 0) != SIZE_MAX)
		client->error = add_header(client, line);
	return client->error < 0 ? 0 : line.n;
}

static size_t give_body(char *to, size_t size, size_t count, void *context)
{
	struct gb_web_client *client = context;
	size_t n = client->unsent.n < size * count ? client->unsent.n : size * count;

	if (n > 0)
		memcpy(to, client->unsent.p, n);
	client->unsent = gb_span_sub(client->unsent, n, SIZE_MAX);
	return n;
}

static int rewind_body(void *context, curl_off_t offset, int origin)
{
	const struct gb_web_fetch *fetch = ((void **)context)[0];
	struct gb_web_client *client = ((void **)context)[1];

	if (origin != SEEK_SET)
		return CURL_SEEKFUNC_CANTSEEK;
	client->unsent = gb_span_sub(fetch->body, (size_t)offset, SIZE_MAX);
	return CURL_SEEKFUNC_OK;
}

static int watch(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	struct gb_web_client *client = context;

	(void)a;
	(void)b;
	(void)c;
	(void)d;
	return atomic_load(&client->is_cancelled) ? 1 : 0;
}

static int append(struct curl_slist **list, const char *line)
{
	struct curl_slist *longer = curl_slist_append(*list, line);

	if (longer == NULL)
		return -ENOMEM;
	*list = longer;
	return 0;
}

static int list_headers(struct gb_arena *arena, const struct gb_web_fetch *fetch, struct curl_slist **list)
{
	int r = append(list, "Expect:");

	for (size_t i = 0; r == 0 && i < fetch->header_count; i++) {
		struct gb_span name = fetch->headers[i].name, value = fetch->headers[i].value;
		char *line = gb_arena_take(arena, name.n + value.n + 3);

		if (line == NULL)
			return -ENOMEM;
		for (size_t k = 0; k < name.n; k++)
			if (name.p[k] <= ' ' || name.p[k] >= 0x7f || name.p[k] == ':')
				return -EINVAL;
		for (size_t k = 0; k < value.n; k++)
			if ((value.p[k] < ' ' && value.p[k] != '\t') || value.p[k] == 0x7f)
				return -EINVAL;
		/* An empty value is written "Name;" for libcurl. */
		snprintf(line, name.n + value.n + 3, "%.*s%s%.*s", (int)name.n, (const char *)name.p,
		        value.n > 0 ? ": " : ";", (int)value.n, (const char *)value.p);
		r = name.n > 0 ? append(list, line) : -EINVAL;
	}
	return r;
}

static void set_limits(CURL *curl, const struct gb_web_fetch *fetch)
{
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(curl, CURLOPT_MAXCONNECTS, 4L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
	        (long)(fetch->connect_ms > 0 ? fetch->connect_ms : CONNECT_MS_DEFAULT));
	if (fetch->on_body != NULL) {
		curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
		curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, QUIET_S);
	}
	if (fetch->on_body == NULL || fetch->total_ms > 0)
		curl_easy_setopt(
		        curl, CURLOPT_TIMEOUT_MS, (long)(fetch->total_ms > 0 ? fetch->total_ms : TOTAL_MS_DEFAULT));
	if (fetch->ca_file != NULL)
		curl_easy_setopt(curl, CURLOPT_CAINFO, fetch->ca_file);
}

static void set_body(CURL *curl, const struct gb_web_fetch *fetch)
{
	bool has_body = fetch->body.n > 0 || strcmp(fetch->method, "POST") == 0 || strcmp(fetch->method, "PUT") == 0 ||
	                strcmp(fetch->method, "PATCH") == 0;

	if (strcmp(fetch->method, "HEAD") == 0) {
		curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
	} else if (has_body) {
		curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
		curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)fetch->body.n);
	} else {
		curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
	}
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, fetch->method);
}

static void set_callbacks(struct gb_web_client *client, void **rewind)
{
	CURL *curl = client->curl;

	curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, client);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, client);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, client);
	curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_body);
	curl_easy_setopt(curl, CURLOPT_READDATA, client);
	curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, rewind_body);
	curl_easy_setopt(curl, CURLOPT_SEEKDATA, rewind);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, watch);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, client);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
}

int gb_web_client_fetch(struct gb_web_client *client, const struct gb_web_fetch *fetch, struct gb_arena *arena,
        struct gb_web_fetched *ret_fetched, struct gb_diag *diag)
{
	struct curl_slist *list = NULL;
	void *rewind[2] = {(void *)(uintptr_t)fetch, client};
	long status = 0;
	CURLcode code;
	int r;

	client->arena = arena;
	client->fetch = fetch;
	client->headers = gb_arena_take(arena, GB_WEB_HEADERS_MAX * sizeof(*client->headers));
	client->header_count = client->header_bytes = client->body_n = client->body_cap = 0;
	client->body = NULL;
	client->body_max = fetch->answer_max > 0 ? fetch->answer_max : ANSWER_MAX_DEFAULT;
	client->unsent = fetch->body;
	client->reach = fetch->reach;
	client->error = 0;
	r = client->headers != NULL ? list_headers(arena, fetch, &list) : -ENOMEM;
	if (r < 0) {
		curl_slist_free_all(list);
		return gb_diag_set(
		        diag, r, 0, 0, r == -EINVAL ? "a header to be sent is malformed" : "memory is short");
	}
	/* Connections and the cache of names outlive this. A kept connection was checked against the reach of its own fetch:
	 * one that may go nowhere else asks for a new one. */
	curl_easy_reset(client->curl);
	set_limits(client->curl, fetch);
	set_body(client->curl, fetch);
	set_callbacks(client, rewind);
	curl_easy_setopt(client->curl, CURLOPT_URL, fetch->url);
	curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, list);
	curl_easy_setopt(client->curl, CURLOPT_FRESH_CONNECT, fetch->reach == GB_WEB_REACH_PUBLIC ? 1L : 0L);
	code = curl_easy_perform(client->curl);
	curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &status);
	curl_slist_free_all(list);
	if (code != CURLE_OK)
		return web_client_failure(client->curl, code, client->error, fetch, diag);
	*ret_fetched = (struct gb_web_fetched){
	        (unsigned)status, client->headers, client->header_count, gb_span_of(client->body, client->body_n)};
	return 0;
}

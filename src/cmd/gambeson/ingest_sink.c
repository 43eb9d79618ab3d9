/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/gambeson/ingest.h"

#include "cmd/gambeson/screen.h"
#include "store/store.h"
#include "web/client.h"

#include <errno.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define WAIT_FIRST_MS 500u
#define WAIT_MAX_MS   30000u
#define HEADER_MAX    1024u

int ingest_sink_open(struct ingest_sink *sink, const char *url)
{
	struct gb_diag diag = {0};
	int r;

	if (sink->server != NULL)
		return gb_web_client_new(&sink->client) < 0
		               ? gb_complain(sink->command, GB_EXIT_SYSTEM, "out of memory")
		               : GB_EXIT_OK;
	r = gb_store_open(url, &sink->store, &diag);
	if (r >= 0)
		r = gb_store_migrate(sink->store, &diag);
	return r < 0 ? gb_complain(sink->command, GB_EXIT_SYSTEM, "%s", diag.message) : GB_EXIT_OK;
}

void ingest_sink_close(struct ingest_sink *sink)
{
	gb_store_close(sink->store);
	gb_web_client_free(sink->client);
}

static void count(struct ingest_sink *sink, const struct gb_collect_told *told)
{
	sink->lines += told->lines;
	sink->broken += told->broken;
	sink->forged += told->forged;
	sink->others += told->texts;
	sink->unlearned += told->unlearned;
	if (told->why != NULL && sink->first_broken[0] == '\0')
		(void)snprintf(sink->first_broken, sizeof(sink->first_broken), "%s", told->why);
}

/* Until MS have gone by, or we are to stop. */
static void wait_ms(const struct ingest_sink *sink, unsigned ms)
{
	for (; ms > 0 && !*sink->must_stop; ms = ms > 100 ? ms - 100 : 0)
		(void)usleep((ms > 100 ? 100 : ms) * 1000);
}

static unsigned longer(unsigned ms)
{
	return ms * 2 > WAIT_MAX_MS ? WAIT_MAX_MS : ms * 2;
}

struct gb_collect_batch *ingest_sink_batch(const struct ingest_sink *sink)
{
	return gb_collect_batch_new(sink->store != NULL ? gb_store_now_ms(sink->store) : (int64_t)time(NULL) * 1000);
}

/* A database that is away is waited for: what was not confirmed is said again, and stored once. */
int ingest_sink_store(struct ingest_sink *sink, struct gb_collect_batch *batch)
{
	unsigned ms = WAIT_FIRST_MS;
	struct gb_diag diag = {0};
	int r;

	while ((r = gb_collect_store(sink->store, &batch, 1, &diag)) == -EAGAIN || r == -ECONNRESET) {
		if (*sink->must_stop)
			break;
		if (r == -EAGAIN)
			continue;
		gb_complain(sink->command, GB_EXIT_SYSTEM, "%s; trying again", diag.message);
		wait_ms(sink, ms);
		ms = longer(ms);
	}
	if (r < 0)
		return gb_complain(sink->command, GB_EXIT_SYSTEM, "%s", diag.message);
	count(sink, gb_collect_batch_told(batch));
	return GB_EXIT_OK;
}

static int put_into_store(struct ingest_sink *sink, struct gb_span bytes)
{
	struct gb_collect_batch *batch = ingest_sink_batch(sink);
	struct gb_diag diag = {0};
	int status;

	if (batch == NULL)
		return gb_complain(sink->command, GB_EXIT_SYSTEM, "out of memory");
	status = gb_collect_batch_add(
	                 batch, bytes, sink->is_text ? GB_COLLECT_TEXT : GB_COLLECT_ANY, &sink->origin, &diag) < 0
	                 ? gb_complain(sink->command, GB_EXIT_SYSTEM, "%s", diag.message)
	                 : ingest_sink_store(sink, batch);
	gb_collect_batch_free(batch);
	return status;
}

/* "Bearer TOKEN", or of a group's "KEY:SECRET" "Basic …". */
static bool make_authorization(const char *token, char *to, size_t cap)
{
	size_t n = strlen(token);

	if (strchr(token, ':') == NULL)
		return (size_t)snprintf(to, cap, "Bearer %s", token) < cap;
	if (sodium_base64_encoded_len(n, sodium_base64_VARIANT_ORIGINAL) + 6 > cap)
		return false;
	memcpy(to, "Basic ", 6);
	sodium_bin2base64(to + 6, cap - 6, (const unsigned char *)token, n, sodium_base64_VARIANT_ORIGINAL);
	return true;
}

static uint64_t number_of(const json_t *answer, const char *name)
{
	const json_t *value = json_object_get(answer, name);

	return json_is_integer(value) && json_integer_value(value) > 0 ? (uint64_t)json_integer_value(value) : 0;
}

static int take_answer(struct ingest_sink *sink, const struct gb_web_fetched *fetched, bool *ret_refused)
{
	json_t *answer = json_loadb((const char *)fetched->body.p, fetched->body.n, 0, NULL);
	const char *text;
	int status = GB_EXIT_OK;

	if (fetched->status == 200) {
		sink->lines += number_of(answer, "lines");
		sink->broken += number_of(answer, "broken");
		sink->forged += number_of(answer, "forged");
		sink->others += number_of(answer, "others");
		sink->refused += number_of(answer, "refused");
		sink->unlearned += number_of(answer, "unlearned");
		text = json_string_value(json_object_get(answer, "first_broken"));
		if (text != NULL && sink->first_broken[0] == '\0')
			(void)snprintf(sink->first_broken, sizeof(sink->first_broken), "%s", text);
	} else if (ret_refused != NULL && (fetched->status == 400 || fetched->status == 413)) {
		*ret_refused = true;
	} else {
		text = json_string_value(json_object_get(answer, "detail"));
		status = GB_EXIT_SYSTEM;
		(void)fflush(stdout);
		(void)fprintf(
		        stderr, "gambeson %s: %s answers %u: ", sink->command->name, sink->server, fetched->status);
		(void)gb_screen_text(stderr, gb_span_cstr(text));
		(void)fputc('\n', stderr);
	}
	json_decref(answer);
	return status;
}

static unsigned said_ms(const struct gb_web_fetched *fetched, unsigned otherwise)
{
	uint64_t seconds;

	return gb_span_to_u64(gb_web_fetched_header(fetched, "retry-after"), &seconds) && seconds * 1000 < WAIT_MAX_MS
	               ? (unsigned)seconds * 1000
	               : otherwise;
}

/* RET_REFUSED: NULL: that is an error. */
static int put_to_server(struct ingest_sink *sink, struct gb_span bytes, bool *ret_refused)
{
	char url[2048], authorization[HEADER_MAX];
	struct gb_web_header headers[] = {{GB_SPAN("content-type"), GB_SPAN("application/octet-stream")},
	        {GB_SPAN("authorization"), GB_SPAN_EMPTY}};
	struct gb_web_fetch fetch = {.method = "POST",
	        .url = url,
	        .headers = headers,
	        .header_count = 2,
	        .body = bytes,
	        .reach = GB_WEB_REACH_ANY,
	        .ca_file = sink->ca,
	        .total_ms = 120000};

	if ((size_t)snprintf(url, sizeof(url), "%s/v1/ingest%s", sink->server, sink->query) >= sizeof(url) ||
	        !make_authorization(sink->token, authorization, sizeof(authorization)))
		return gb_complain(sink->command, GB_EXIT_USAGE, "the server's URL or the token is too long");
	if (sink->is_text)
		headers[0].value = GB_SPAN("text/plain");
	headers[1].value = gb_span_cstr(authorization);
	for (unsigned ms = WAIT_FIRST_MS;; ms = longer(ms)) {
		struct gb_arena *arena = gb_arena_new();
		struct gb_web_fetched fetched = {0};
		struct gb_diag diag = {0};
		int r = arena == NULL ? -ENOMEM : gb_web_client_fetch(sink->client, &fetch, arena, &fetched, &diag);
		bool must_wait = r < 0 || fetched.status == 429 || fetched.status >= 500;
		unsigned pause = must_wait && r == 0 ? said_ms(&fetched, ms) : ms;
		int status = must_wait ? GB_EXIT_SYSTEM : take_answer(sink, &fetched, ret_refused);

		gb_arena_free(arena);
		if (r == -EINVAL || r == -ENOMEM)
			return gb_complain(sink->command, GB_EXIT_USAGE, "%s: %s", sink->server, diag.message);
		if (!must_wait)
			return status;
		if (r < 0)
			gb_complain(sink->command, GB_EXIT_SYSTEM, "%s: %s; trying again", sink->server, diag.message);
		wait_ms(sink, pause);
		if (*sink->must_stop)
			return GB_EXIT_SYSTEM;
	}
}

int ingest_sink_send(struct ingest_sink *sink, struct gb_span body, bool *ret_refused)
{
	*ret_refused = false;
	return put_to_server(sink, body, ret_refused);
}

int ingest_sink_put(struct ingest_sink *sink, struct gb_span bytes)
{
	return sink->server != NULL ? put_to_server(sink, bytes, NULL) : put_into_store(sink, bytes);
}

int ingest_sink_settle(struct ingest_sink *sink)
{
	struct gb_diag diag = {0};
	int r = 1;

	/* A server does it by itself, also one that serves this store. */
	if (sink->store == NULL || gb_store_lock(sink->store, "verify", &diag) < 0)
		return GB_EXIT_OK;
	while (r > 0)
		r = gb_collect_verify(sink->store, GB_COLLECT_GRACE_MS, &diag);
	gb_store_unlock(sink->store, "verify");
	/* Looked at again with what comes next. */
	return r < 0 && r != -ECONNRESET ? gb_complain(sink->command, GB_EXIT_SYSTEM, "%s", diag.message) : GB_EXIT_OK;
}

void ingest_sink_print(const struct ingest_sink *sink, bool is_json)
{
	if (is_json) {
		printf("{\"lines\":%llu,\"broken\":%llu,\"forged\":%llu,\"others\":%llu,\"refused\":%llu,"
		       "\"unlearned\":%llu,\"unreadable\":%llu}\n",
		        (unsigned long long)sink->lines, (unsigned long long)sink->broken,
		        (unsigned long long)sink->forged, (unsigned long long)sink->others,
		        (unsigned long long)sink->refused, (unsigned long long)sink->unlearned,
		        (unsigned long long)sink->unreadable);
		return;
	}
	printf("%llu lines taken, %llu other log lines passed over", (unsigned long long)sink->lines,
	        (unsigned long long)sink->others);
	if (sink->broken > 0) {
		printf(", %llu broken (the first: ", (unsigned long long)sink->broken);
		(void)gb_screen_text(stdout, gb_span_cstr(sink->first_broken));
		putchar(')');
	}
	if (sink->forged > 0)
		printf(", %llu forged", (unsigned long long)sink->forged);
	if (sink->refused > 0)
		printf(", %llu refused: of accounts or functions that this token is not for",
		        (unsigned long long)sink->refused);
	if (sink->unlearned > 0)
		printf(", %llu not learned from", (unsigned long long)sink->unlearned);
	if (sink->unreadable > 0)
		printf(", %llu records left out as a whole", (unsigned long long)sink->unreadable);
	printf("\n");
}

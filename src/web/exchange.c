/* SPDX-License-Identifier: Apache-2.0 */
/* One request from its first line to the end of its answer. Everything but gb_web_exchange_work() is on the event loop's
 * thread; while a worker has the exchange its connection is suspended, so that they never meet. */
#include "web/state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void *gb_web_exchange_begin(void *context, const char *target, struct MHD_Connection *mhd)
{
	struct gb_web_exchange *exchange = calloc(1, sizeof(*exchange));
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	if (exchange == NULL)
		return NULL;
	exchange->server = context;
	exchange->connection = info != NULL ? info->socket_context : NULL;
	exchange->mhd = mhd;
	exchange->begun_us = gb_web_clock_us();
	exchange->target = strdup(target);
	exchange->arena = gb_arena_new();
	exchange->request.arena = exchange->arena;
	if (exchange->connection != NULL && exchange->target != NULL && exchange->arena != NULL)
		return exchange;
	free(exchange->target);
	gb_arena_free(exchange->arena);
	free(exchange);
	return NULL;
}

static void refuse(struct gb_web_exchange *exchange, unsigned status, const char *why)
{
	const struct gb_web_handler *handler = &exchange->server->settings->handler;

	atomic_fetch_add(&exchange->server->refused, 1);
	exchange->answer = (struct gb_web_answer){.status = status};
	if (handler->refuse != NULL)
		handler->refuse(handler->context, status, why, exchange->arena, &exchange->answer);
}

static struct MHD_Response *response_of(struct gb_web_exchange *exchange)
{
	struct gb_web_answer *answer = &exchange->answer;
	struct gb_web_source source = answer->source;

	if (source.produce != NULL) {
		answer->source = (struct gb_web_source){0};
		return gb_web_stream_response(exchange->server, exchange->mhd, source);
	}
	return MHD_create_response_from_buffer(
	        answer->body.n, (void *)(uintptr_t)answer->body.p, MHD_RESPMEM_PERSISTENT);
}

/* Names are literals, values were copied with a zero behind them: gb_web_answer_header(). */
static bool add_headers(struct MHD_Response *response, const struct gb_web_answer *answer)
{
	for (size_t i = 0; i < answer->header_count; i++)
		if (MHD_add_response_header(response, (const char *)answer->headers[i].name.p,
		            (const char *)answer->headers[i].value.p) != MHD_YES)
			return false;
	return !answer->is_last || MHD_add_response_header(response, "Connection", "close") == MHD_YES;
}

static enum MHD_Result respond(struct gb_web_exchange *exchange)
{
	const struct gb_web_limits *limits = &exchange->server->settings->limits;
	struct MHD_Response *response;
	enum MHD_Result result;

	if (exchange->answer.status < 200 || exchange->answer.status > 599)
		refuse(exchange, 500, "no answer was made");
	/* Where the last chunk ends two readers may see otherwise (a bare line feed, an extension): what stands behind is nobody's request. */
	if (atomic_load(&exchange->server->is_stopping) ||
	        gb_web_request_header(&exchange->request, "transfer-encoding").n > 0)
		exchange->answer.is_last = true;
	response = response_of(exchange);
	if (response == NULL)
		return MHD_NO;
	if (!add_headers(response, &exchange->answer)) {
		MHD_destroy_response(response);
		return MHD_NO;
	}
	exchange->phase = GB_WEB_PHASE_ANSWERED;
	gb_web_connection_deadline(
	        exchange->connection, limits->answer_ms + exchange->answer.body.n / limits->answer_bytes_per_ms);
	result = MHD_queue_response(exchange->mhd, exchange->answer.status, response);
	MHD_destroy_response(response);
	return result;
}

/* To a worker; the connection rests until gb_web_exchange_work() is through. */
static enum MHD_Result hand_over(struct gb_web_exchange *exchange, enum gb_web_work_kind kind)
{
	exchange->work = (struct gb_web_work){.kind = kind, .subject = exchange};
	gb_web_connection_deadline(exchange->connection, 0);
	MHD_suspend_connection(exchange->mhd);
	if (gb_web_crew_add(exchange->server, &exchange->work) < 0) {
		refuse(exchange, 503, "too much is waiting here; come again");
		MHD_resume_connection(exchange->mhd);
	}
	return MHD_YES;
}

static void allow_body(struct gb_web_exchange *exchange, uint64_t length)
{
	const struct gb_web_limits *limits = &exchange->server->settings->limits;

	if (length == 0 || length > exchange->admission.body_max)
		length = exchange->admission.body_max;
	exchange->phase = GB_WEB_PHASE_BODY;
	gb_web_connection_deadline(exchange->connection, limits->body_ms + length / limits->body_bytes_per_ms);
}

static enum MHD_Result head(struct gb_web_exchange *exchange, const char *method, const char *version)
{
	const struct gb_web_handler *handler = &exchange->server->settings->handler;
	const char *why;
	uint64_t length;
	bool has_body;
	unsigned status = gb_web_request_read(exchange, method, version, &length, &has_body, &why);

	exchange->is_counted = true;
	atomic_fetch_add(&exchange->server->active, 1);
	atomic_fetch_add(&exchange->server->requests, 1);
	if (status != 0) {
		refuse(exchange, status, why);
		exchange->answer.is_last = true;
		return respond(exchange);
	}
	if (handler->admit(handler->context, &exchange->request, &exchange->admission, &exchange->answer) != 0)
		return respond(exchange);
	if (length > exchange->admission.body_max) {
		refuse(exchange, 413, "the body is larger than may be sent here");
		return respond(exchange);
	}
	allow_body(exchange, length);
	if (!has_body || !exchange->admission.is_preceded || handler->precede == NULL)
		return MHD_YES;
	exchange->phase = GB_WEB_PHASE_PRECEDE;
	return hand_over(exchange, GB_WEB_WORK_PRECEDE);
}

static void drop_body(struct gb_web_exchange *exchange)
{
	atomic_fetch_sub(&exchange->server->bodies_bytes, exchange->body_cap);
	free(exchange->body);
	exchange->body = NULL;
	exchange->body_cap = 0;
	exchange->request.body = GB_SPAN_EMPTY;
}

/* Room for N bytes in all. 0, -EBUSY: others hold what there may be; -ENOMEM. */
static int grow_body(struct gb_web_exchange *exchange, size_t n)
{
	struct gb_web_server *server = exchange->server;
	size_t cap = exchange->body_cap, wanted = n * 2 < 4096 ? 4096 : n * 2;
	unsigned char *grown;

	if (n <= cap)
		return 0;
	if (wanted > exchange->admission.body_max)
		wanted = exchange->admission.body_max;
	exchange->body_cap = wanted;
	if (atomic_fetch_add(&server->bodies_bytes, wanted - cap) + (wanted - cap) >
	        server->settings->limits.bodies_bytes)
		return -EBUSY;
	grown = realloc(exchange->body, wanted);
	if (grown == NULL)
		return -ENOMEM;
	exchange->body = grown;
	return 0;
}

/* Whatever was refused already is read and dropped: libmicrohttpd can answer only behind it. */
static void take_body(struct gb_web_exchange *exchange, const char *upload, size_t n)
{
	size_t have = exchange->request.body.n;

	if (exchange->answer.status != 0)
		return;
	if (n > exchange->admission.body_max - have) {
		refuse(exchange, 413, "the body is larger than may be sent here");
		exchange->answer.is_last = true;
		drop_body(exchange);
		return;
	}
	if (grow_body(exchange, have + n) < 0) {
		refuse(exchange, 503, "too many large bodies at one time; come again");
		drop_body(exchange);
		return;
	}
	memcpy(exchange->body + have, upload, n);
	exchange->request.body = gb_span_of(exchange->body, have + n);
}

enum MHD_Result gb_web_exchange_go(void *context, struct MHD_Connection *mhd, const char *url, const char *method,
        const char *version, const char *upload, size_t *upload_n, void **holder)
{
	struct gb_web_exchange *exchange = *holder;

	(void)context;
	(void)mhd;
	(void)url;
	if (exchange == NULL)
		return MHD_NO;
	if (exchange->phase == GB_WEB_PHASE_HEAD)
		return head(exchange, method, version);
	/* After it was resumed libmicrohttpd asks once more about the head; that is not the end of the body. */
	if (exchange->phase == GB_WEB_PHASE_PRECEDE && exchange->answer.status == 0) {
		allow_body(exchange, 0);
		if (*upload_n == 0)
			return MHD_YES;
	}
	if (*upload_n > 0) {
		take_body(exchange, upload, *upload_n);
		*upload_n = 0;
		return MHD_YES;
	}
	if (exchange->phase == GB_WEB_PHASE_BODY && exchange->answer.status == 0) {
		exchange->phase = GB_WEB_PHASE_WORK;
		return hand_over(exchange, GB_WEB_WORK_HANDLE);
	}
	return exchange->phase == GB_WEB_PHASE_ANSWERED ? MHD_YES : respond(exchange);
}

void gb_web_exchange_work(struct gb_web_exchange *exchange, enum gb_web_work_kind kind, void *worker)
{
	const struct gb_web_handler *handler = &exchange->server->settings->handler;
	struct MHD_Connection *mhd = exchange->mhd;

	if (kind == GB_WEB_WORK_PRECEDE) {
		handler->precede(handler->context, worker, &exchange->request, &exchange->answer);
		if (exchange->answer.status != 0)
			exchange->answer.is_last = true;
	} else {
		handler->handle(handler->context, worker, &exchange->request, &exchange->answer);
	}
	/* From here on the exchange is the event loop's. */
	MHD_resume_connection(mhd);
}

void gb_web_exchange_end(void *context, struct MHD_Connection *mhd, void **holder, enum MHD_RequestTerminationCode code)
{
	struct gb_web_server *server = context;
	struct gb_web_exchange *exchange = *holder;
	const struct gb_web_handler *handler = &server->settings->handler;

	(void)mhd;
	*holder = NULL;
	if (exchange == NULL)
		return;
	if (exchange->is_counted && handler->finished != NULL)
		handler->finished(handler->context, &exchange->request,
		        code == MHD_REQUEST_TERMINATED_COMPLETED_OK ? exchange->answer.status : 0,
		        gb_web_clock_us() - exchange->begun_us);
	if (exchange->is_counted)
		atomic_fetch_sub(&server->active, 1);
	/* A stream that was never begun. */
	if (exchange->answer.source.done != NULL)
		exchange->answer.source.done(exchange->answer.source.context);
	drop_body(exchange);
	gb_web_connection_deadline(exchange->connection, server->settings->limits.idle_ms);
	free(exchange->target);
	gb_arena_free(exchange->arena);
	free(exchange);
}

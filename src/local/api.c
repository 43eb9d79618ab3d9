/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Runtime API as the service speaks it (AWS Lambda developer guide, "Using the Lambda runtime API"): what it
 * refuses, it refuses here with the same status, so that clients and proxies meet it before they meet the service.
 */
#include "local/run.h"

#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define API_PREFIX "/2018-06-01/runtime/"
#define JSON_FIELD "Content-Type: application/json\r\n"

static void copy_text(char *to, size_t cap, struct gb_span s)
{
	struct gb_text text = gb_text_on(to, cap);

	gb_text_add(&text, gb_span_sub(s, 0, cap - 1));
	(void)gb_text_cstr(&text);
}

/* "…/invocation/ID/response" and "…/error": the id is whatever stands between. */
static enum gb_local_route route_of_invocation(struct gb_span rest, char id[64])
{
	size_t slash = gb_span_find_byte(rest, '/', 0);
	struct gb_span verb;

	if (slash == SIZE_MAX)
		return ROUTE_UNKNOWN;
	verb = gb_span_sub(rest, slash + 1, SIZE_MAX);
	copy_text(id, 64, gb_span_sub(rest, 0, slash));
	if (gb_span_equal(verb, GB_SPAN("response")))
		return ROUTE_RESPONSE;
	return gb_span_equal(verb, GB_SPAN("error")) ? ROUTE_ERROR : ROUTE_UNKNOWN;
}

static enum gb_local_route route_of(const struct gb_http_head *head, char id[64])
{
	struct gb_span invocation = GB_SPAN(API_PREFIX "invocation/");
	bool is_get = gb_span_equal(head->method, GB_SPAN("GET"));

	if (is_get && gb_span_equal(head->target, GB_SPAN("/2018-06-01/ping")))
		return ROUTE_PING;
	if (is_get && gb_span_equal(head->target, GB_SPAN(API_PREFIX "invocation/next")))
		return ROUTE_NEXT;
	if (!gb_span_equal(head->method, GB_SPAN("POST")))
		return ROUTE_UNKNOWN;
	if (gb_span_equal(head->target, GB_SPAN(API_PREFIX "init/error")))
		return ROUTE_INIT_ERROR;
	if (gb_span_starts(head->target, invocation))
		return route_of_invocation(gb_span_sub(head->target, invocation.n, SIZE_MAX), id);
	return ROUTE_UNKNOWN;
}

/* The service knows (Runtime|Function).Word and calls everything else Function.Unknown. */
static void copy_error_type(char *to, size_t cap, struct gb_span type)
{
	struct gb_span word = type;

	if (gb_span_starts(type, GB_SPAN("Runtime.")))
		word = gb_span_sub(type, 8, SIZE_MAX);
	else if (gb_span_starts(type, GB_SPAN("Function.")))
		word = gb_span_sub(type, 9, SIZE_MAX);
	if (word.n == type.n || word.n < 2 || word.p[0] < 'A' || word.p[0] > 'Z' || !gb_ascii_is_alpha(word.p[1]))
		type = GB_SPAN("Function.Unknown");
	copy_text(to, cap, type);
}

void gb_local_request_read(struct gb_local_request *request, const struct gb_http_head *head)
{
	struct gb_span mode = gb_http_field_value(head, GB_SPAN("Lambda-Runtime-Function-Response-Mode"));
	struct gb_span type = gb_http_field_value(head, GB_SPAN("Lambda-Runtime-Function-Error-Type"));
	struct gb_span connection = gb_http_field_value(head, GB_SPAN("Connection"));

	request->route = route_of(head, request->id);
	request->is_streamed = gb_span_equal_nocase(mode, GB_SPAN("streaming"));
	request->has_bad_mode = mode.n > 0 && !request->is_streamed;
	request->closes = gb_span_equal_nocase(connection, GB_SPAN("close")) ||
	                  (head->minor_version == 0 && !gb_span_equal_nocase(connection, GB_SPAN("keep-alive")));
	copy_text(request->content_type, sizeof(request->content_type),
	        gb_http_field_value(head, GB_SPAN("Content-Type")));
	if (request->route == ROUTE_ERROR || request->route == ROUTE_INIT_ERROR)
		copy_error_type(request->error_type, sizeof(request->error_type), type);
}

/* An error that shows up while the answer is being streamed travels in a trailer. */
static void read_trailers(struct gb_local_request *request)
{
	struct gb_span trailers = gb_local_bytes_span(&request->trailers),
	               name = GB_SPAN("lambda-runtime-function-error-type");
	size_t at = 0;

	while (at < trailers.n) {
		size_t end = gb_span_find(trailers, GB_SPAN("\r\n"), at), colon;
		struct gb_span line = gb_span_sub(trailers, at, end == SIZE_MAX ? SIZE_MAX : end - at);

		colon = gb_span_find_byte(line, ':', 0);
		if (colon != SIZE_MAX && gb_span_equal_nocase(gb_span_sub(line, 0, colon), name)) {
			line = gb_span_trim(gb_span_sub(line, colon + 1, SIZE_MAX));
			if (line.n > 0)
				copy_error_type(request->error_type, sizeof(request->error_type), line);
		}
		at += line.n + 2;
	}
}

static void answer_error(struct gb_local_connection *connection, unsigned status, const char *type, const char *message)
{
	char body[256];
	int n = snprintf(body, sizeof(body), "{\"errorMessage\":\"%s\",\"errorType\":\"%s\"}", message, type);

	gb_local_answer(connection, status, JSON_FIELD, gb_span_of(body, n < 0 ? 0 : (size_t)n));
}

static void answer_accepted(struct gb_local_connection *connection)
{
	gb_local_answer(connection, 202, JSON_FIELD, GB_SPAN("{\"status\":\"OK\"}\n"));
}

static void invalid_transition(struct gb_local_connection *connection)
{
	answer_error(
	        connection, 403, "InvalidStateTransition", "this call is not allowed in the runtime's present state");
}

/* A version 4 UUID, as the service's request ids are. */
static void make_request_id(char id[37])
{
	unsigned char bytes[16];
	struct gb_text text = gb_text_on(id, 37);

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		memset(bytes, 0, sizeof(bytes));
	bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40);
	bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
	for (size_t i = 0; i < sizeof(bytes); i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			gb_text_add_byte(&text, '-');
		gb_text_add_hex(&text, gb_span_of(bytes + i, 1));
	}
	(void)gb_text_cstr(&text);
}

static void send_event(struct gb_local_connection *connection, const struct gb_local_slot *slot)
{
	const struct gb_local_settings *settings = connection->run->settings;
	const struct gb_local_invocation *invocation = &slot->invocation;
	struct timespec now;
	char fields[800];
	uint64_t now_ms;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	now_ms = (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
	(void)snprintf(fields, sizeof(fields),
	        JSON_FIELD "Lambda-Runtime-Aws-Request-Id: %s\r\n"
	                   "Lambda-Runtime-Deadline-Ms: %llu\r\n"
	                   "Lambda-Runtime-Invoked-Function-Arn: %s\r\n"
	                   "Lambda-Runtime-Trace-Id: Root=1-%08llx-%.8s%.4s%.12s;Parent=%.8s%.8s;Sampled=0\r\n",
	        invocation->request_id, (unsigned long long)(now_ms + settings->timeout_ms), settings->function_arn,
	        (unsigned long long)now.tv_sec, invocation->request_id, invocation->request_id + 9,
	        invocation->request_id + 24, invocation->request_id, invocation->request_id + 28);
	gb_local_answer(connection, 200, fields, settings->events[invocation->event_index]);
}

static struct gb_local_slot *free_slot(struct gb_local_run *run)
{
	for (size_t i = 0; i < run->settings->concurrency; i++)
		if (run->slots[i].state == SLOT_FREE)
			return &run->slots[i];
	return NULL;
}

void gb_local_hand_out(struct gb_local_run *run)
{
	for (size_t i = 0; i < GB_LOCAL_CONNECTIONS_MAX; i++) {
		struct gb_local_connection *connection = &run->connections[i];
		struct gb_local_slot *slot = free_slot(run);

		if (slot == NULL || run->next_index == run->settings->invocation_count)
			return;
		if (connection->watch.fd < 0 || connection->state != CONNECTION_WAITING)
			continue;
		make_request_id(slot->invocation.request_id);
		gb_local_slot_begin(slot);
		send_event(connection, slot);
	}
}

static void handle_next(struct gb_local_connection *connection)
{
	struct gb_local_run *run = connection->run;
	bool is_busy = false;

	gb_local_log_drain(run);
	for (size_t i = 0; i < GB_LOCAL_SLOTS_MAX; i++) {
		if (run->slots[i].state == SLOT_ANSWERED)
			gb_local_slot_finish(&run->slots[i]);
		is_busy = is_busy || run->slots[i].state == SLOT_WORKING;
	}
	if (is_busy && run->settings->concurrency == 1) {
		invalid_transition(connection);
		return;
	}
	if (!run->is_initialised) {
		run->is_initialised = true;
		run->init_us = (gb_loop_now_ns() - run->start_ns) / 1000u;
		gb_loop_timer_drop(&run->loop, &run->phase);
	}
	connection->state = CONNECTION_WAITING;
	gb_local_hand_out(run);
	if (!is_busy && run->next_index == run->settings->invocation_count && run->slots[0].state == SLOT_FREE)
		run->has_ended = true;
}

static void take_answer(struct gb_local_connection *connection, struct gb_local_slot *slot)
{
	struct gb_local_request *request = &connection->request;
	struct gb_local_invocation *invocation = &slot->invocation;

	read_trailers(request);
	invocation->status =
	        request->route == ROUTE_RESPONSE && request->error_type[0] == '\0' ? GB_LOCAL_OK : GB_LOCAL_ERROR;
	invocation->is_streamed = request->is_streamed;
	invocation->response = request->body;
	request->body = (struct gb_local_bytes){0};
	memcpy(invocation->content_type, request->content_type, sizeof(invocation->content_type));
	memcpy(invocation->error_type, request->error_type, sizeof(invocation->error_type));
	gb_local_slot_answered(slot);
}

static void refuse_large(struct gb_local_connection *connection, struct gb_local_slot *slot)
{
	struct gb_local_invocation *invocation = &slot->invocation;

	answer_error(connection, 413, "RequestEntityTooLarge", "the payload is larger than the service takes");
	invocation->status = GB_LOCAL_ERROR;
	copy_text(invocation->error_type, sizeof(invocation->error_type), GB_SPAN("Function.ResponseSizeTooLarge"));
	(void)snprintf(invocation->error_message, sizeof(invocation->error_message),
	        "the answer is larger than the %u bytes that the service takes", GB_LOCAL_PAYLOAD_MAX);
	gb_local_slot_answered(slot);
}

static void handle_answer(struct gb_local_connection *connection)
{
	struct gb_local_run *run = connection->run;
	struct gb_local_slot *slot = NULL;

	for (size_t i = 0; i < GB_LOCAL_SLOTS_MAX && slot == NULL; i++)
		if (run->slots[i].state != SLOT_FREE &&
		        strcmp(run->slots[i].invocation.request_id, connection->request.id) == 0)
			slot = &run->slots[i];
	if (slot == NULL) {
		answer_error(connection, 400, "InvalidRequestID", "no event with this request id is in hand");
	} else if (slot->state != SLOT_WORKING) {
		invalid_transition(connection);
	} else if (connection->request.has_bad_mode) {
		answer_error(connection, 400, "Runtime.InvalidResponseModeHeader",
		        "the response mode can only be streaming");
	} else if (connection->request.is_too_large) {
		refuse_large(connection, slot);
	} else {
		take_answer(connection, slot);
		answer_accepted(connection);
	}
}

static void handle_init_error(struct gb_local_connection *connection)
{
	struct gb_local_run *run = connection->run;
	struct gb_local_request *request = &connection->request;

	if (run->is_initialised || run->has_init_failure) {
		invalid_transition(connection);
		return;
	}
	run->has_init_failure = true;
	run->init_failure.response = request->body;
	request->body = (struct gb_local_bytes){0};
	memcpy(run->init_failure.error_type, request->error_type, sizeof(request->error_type));
	answer_accepted(connection);
}

void gb_local_request_handle(struct gb_local_connection *connection)
{
	switch (connection->request.route) {
	case ROUTE_PING: gb_local_answer(connection, 200, "Content-Type: text/plain\r\n", GB_SPAN("pong")); break;
	case ROUTE_NEXT: handle_next(connection); break;
	case ROUTE_RESPONSE:
	case ROUTE_ERROR: handle_answer(connection); break;
	case ROUTE_INIT_ERROR: handle_init_error(connection); break;
	case ROUTE_UNKNOWN: answer_error(connection, 404, "NotFound", "the Runtime API has no such call"); break;
	}
}

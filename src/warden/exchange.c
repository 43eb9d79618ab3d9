/* SPDX-License-Identifier: Apache-2.0 */
#include "warden/state.h"

#include <errno.h>
#include <sys/mman.h>

/* The client named us as the host; upstream gets the name that the platform gave. Changes the head's length. */
static size_t rewrite_host(struct warden_connection *connection, const struct gb_http_head *head, size_t head_n)
{
	struct gb_span host = gb_http_field_value(head, GB_SPAN("host"));
	struct gb_span upstream = gb_span_cstr(connection->warden->options.runtime_api);

	if (host.n == 0 ||
	        !warden_buffer_replace(&connection->up, (size_t)(host.p - connection->up.p), host.n, upstream))
		return head_n;
	return head_n - host.n + upstream.n;
}

static void keep_text(char *to, size_t cap, size_t *ret_n, struct gb_span s)
{
	*ret_n = s.n <= cap ? s.n : 0;
	if (*ret_n != 0)
		memcpy(to, s.p, *ret_n);
}

static void begin_call(struct warden_connection *connection, struct gb_span request_id)
{
	struct gb_warden *warden = connection->warden;

	keep_text(connection->request_id, sizeof(connection->request_id), &connection->request_id_n, request_id);
	connection->is_held = connection->call == CALL_NEXT;
	/* What the last event, or the start, brought about is told before the sandbox may be frozen, or copied. */
	if (connection->call == CALL_NEXT || connection->call == CALL_RESTORE)
		warden_drain(warden);
	if (connection->call == CALL_NEXT) {
		warden_invocation_next(warden, connection);
		warden_refresh_put(warden, false);
		warden_hygiene_between(warden);
	}
	if (connection->call == CALL_NEXT || connection->call == CALL_RESTORE)
		warden_seal(warden);
}

static int take_request_head(struct warden_connection *connection)
{
	struct warden_buffer *up = &connection->up;
	struct gb_http_head *head = &connection->warden->head;
	struct gb_span request_id;
	ssize_t n = gb_http_request_parse(warden_buffer_part(up, up->framed, up->end), head);
	size_t head_n;

	if (n <= 0)
		return (int)n;
	connection->is_request_head_method = gb_span_equal(head->method, GB_SPAN("HEAD"));
	connection->call = warden_call_of(head, &request_id);
	gb_http_body_begin(&connection->request_body, head);
	begin_call(connection, request_id);
	head_n = rewrite_host(connection, head, (size_t)n);
	if (connection->call == CALL_NEXT)
		keep_text(connection->next_head, sizeof(connection->next_head), &connection->next_head_n,
		        warden_buffer_part(up, up->framed, up->framed + head_n));
	up->framed += head_n;
	up->ready = up->framed;
	connection->road = ROAD_RUNTIME;
	connection->request = PHASE_BODY;
	connection->response = PHASE_HEAD;
	return 1;
}

static const char refusal[] = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/* Tell the client, if nothing of another response is on its way. */
static int refuse(struct warden_connection *connection)
{
	struct warden_buffer *down = &connection->down;

	if (down->begin != down->end)
		return -EBADMSG;
	down->begin = down->ready = down->framed = down->end = 0;
	if (!warden_buffer_replace(down, 0, 0, GB_SPAN(refusal)))
		return -EBADMSG;
	down->ready = down->framed = down->end;
	connection->is_closing = true;
	return 0;
}

int warden_exchange_requests(struct warden_connection *connection)
{
	struct warden_buffer *up = &connection->up;
	ssize_t n;

	if (connection->is_closing)
		return 0;
	if (connection->request == PHASE_HEAD && up->framed < up->end) {
		int r = take_request_head(connection);

		if (r < 0)
			return refuse(connection);
	}
	if (connection->request != PHASE_BODY)
		return 0;
	n = gb_http_body_follow(&connection->request_body, warden_buffer_part(up, up->framed, up->end), NULL, NULL);
	if (n < 0)
		return refuse(connection);
	up->framed += (size_t)n;
	up->ready = up->framed;
	if (!connection->request_body.is_done)
		return 0;
	connection->request = PHASE_DONE;
	/* Before the answer is complete upstream: the platform may freeze the sandbox on the next request, or end it. */
	if (connection->call == CALL_RESPONSE || connection->call == CALL_ERROR || connection->call == CALL_START_ERROR)
		warden_drain(connection->warden);
	if (connection->call == CALL_RESPONSE || connection->call == CALL_ERROR)
		warden_invocation_answered(
		        connection->warden, gb_span_of(connection->request_id, connection->request_id_n));
	return 0;
}

static void show_down(struct warden_connection *connection)
{
	connection->is_held = false;
	connection->down.ready = connection->down.framed;
}

/* A connection that upstream has closed carries no further request of ours. */
static int say_upstream(struct warden_connection *connection, struct gb_span request)
{
	struct warden_buffer *up = &connection->up;

	if (connection->up_ended || connection->is_up_shut || connection->is_up_last) {
		int r = warden_connection_upstream_renew(connection);

		if (r < 0)
			return r;
	}
	/* Everything before was written: begin is at ready. Pipelined bytes of the client stay behind. */
	if (!warden_buffer_replace(up, up->ready, 0, request))
		return -ENOBUFS;
	up->ready += request.n;
	up->framed = up->ready;
	connection->response = PHASE_HEAD;
	return 0;
}

/* The event must not reach the runtime: answer it, then ask for another. */
static int answer_blocked(struct warden_connection *connection, unsigned slot, enum gb_event_shape shape)
{
	char request[8192];
	struct gb_text text = gb_text_on(request, sizeof(request));

	warden_firewall_answer(connection->warden, slot, shape, &text);
	if (text.truncated)
		return -ENOBUFS;
	/* An event larger than the buffer was not read to its end: that connection is of no more use. */
	if (!connection->response_body.is_done)
		connection->up_ended = true;
	warden_buffer_drop(&connection->down);
	warden_invocation_retire(connection->warden, slot);
	connection->road = ROAD_BLOCKED;
	return say_upstream(connection, gb_text_span(&text));
}

/* Content of the held event; false when there is no memory to decode it in. */
static bool decode_event(struct gb_warden *warden, const struct warden_connection *connection, struct gb_span *ret_body)
{
	const struct warden_buffer *down = &connection->down;
	struct gb_http_body again = {.framing = GB_HTTP_CHUNKED};
	size_t n = 0;

	*ret_body = warden_buffer_part(down, down->ready + connection->event_at, down->framed);
	if (connection->event_framing != GB_HTTP_CHUNKED)
		return true;
	if (warden->decoded == NULL) {
		void *memory = mmap(NULL, EVENT_BYTES_MAX, PROT_READ | PROT_WRITE,
		        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

		if (memory == MAP_FAILED)
			return false;
		warden->decoded = memory;
	}
	if (gb_http_body_follow(&again, *ret_body, warden->decoded, &n) < 0)
		return false;
	*ret_body = gb_span_of(warden->decoded, n);
	return true;
}

static bool must_block(
        struct gb_warden *warden, struct warden_connection *connection, unsigned slot, enum gb_event_shape *ret_shape)
{
	bool is_whole = connection->response_body.is_done, is_blocked;
	struct gb_span body;

	if (!is_whole)
		gb_warden_write_notice(warden, "medium", "input_truncated",
		        "the event is larger than %u bytes; what is behind was not inspected", EVENT_BYTES_MAX);
	if (!decode_event(warden, connection, &body)) {
		is_blocked = gb_warden_stance(warden) == GB_STANCE_CLOSED;
		gb_warden_write_notice(warden, "high", "not_inspected",
		        "there is no memory to inspect the event; it is %s",
		        is_blocked ? "answered with an error, because the stance is closed" : "passed on");
		return is_blocked;
	}
	is_blocked = warden_firewall_judge(warden, slot, body, is_whole, ret_shape);
	if (body.p == warden->decoded && body.n > EVENT_KEPT_BYTES)
		(void)madvise(warden->decoded + EVENT_KEPT_BYTES, body.n - EVENT_KEPT_BYTES, MADV_DONTNEED);
	return is_blocked;
}

/* The event is there, or as much of it as can be held. */
static int judge_event(struct warden_connection *connection)
{
	unsigned slot = (unsigned)connection->event_slot;
	enum gb_event_shape shape = GB_SHAPE_OTHER;

	if (must_block(connection->warden, connection, slot, &shape))
		return answer_blocked(connection, slot, shape);
	warden_observe_event(connection->warden, slot, shape);
	show_down(connection);
	warden_drain_schedule(connection->warden);
	return 0;
}

/* Result: 1 a head was taken, 0 it is not complete, negative errno. */
static int take_response_head(struct warden_connection *connection)
{
	struct warden_buffer *down = &connection->down;
	struct gb_http_head *head = &connection->warden->head;
	struct gb_span method = connection->is_request_head_method ? GB_SPAN("HEAD") : GB_SPAN("GET");
	ssize_t n = gb_http_response_parse(warden_buffer_part(down, down->framed, down->end), method, head);

	if (n <= 0)
		return (int)n;
	if (head->status == 101)
		return -EPROTO;
	down->framed += (size_t)n;
	if (head->status < 200) {
		if (connection->road == ROAD_RUNTIME)
			down->ready = down->framed;
		return 1;
	}
	connection->response = PHASE_BODY;
	connection->is_up_last =
	        gb_span_equal_nocase(gb_http_field_value(head, GB_SPAN("connection")), GB_SPAN("close"));
	gb_http_body_begin(&connection->response_body, head);
	if (connection->road == ROAD_BLOCKED)
		return 1;
	if (connection->call == CALL_RESTORE && head->status == 200)
		warden_restored(connection->warden);
	connection->is_held = connection->is_held && head->status == 200;
	if (!connection->is_held) {
		show_down(connection);
		return 1;
	}
	/* Not when it was asked for: that may be long ago. */
	warden_refresh_put(connection->warden, true);
	warden_policy_refresh(connection->warden, false);
	connection->event_at = down->framed - down->ready;
	connection->event_framing = head->framing;
	connection->event_slot = (int)warden_invocation_begin(connection->warden, connection, head);
	return 1;
}

/* Our answer was taken (or refused: there is nothing more to be done about it): go on for the runtime. */
static int resume_next(struct warden_connection *connection)
{
	static const char plain[] = "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: runtime\r\n\r\n";
	struct gb_span next = connection->next_head_n == 0 ? GB_SPAN(plain)
	                                                   : gb_span_of(connection->next_head, connection->next_head_n);

	warden_seal(connection->warden);
	warden_buffer_drop(&connection->down);
	connection->road = ROAD_RUNTIME;
	connection->call = CALL_NEXT;
	connection->is_held = true;
	return say_upstream(connection, next);
}

static int finish_response(struct warden_connection *connection)
{
	connection->response = PHASE_DONE;
	if (connection->road == ROAD_BLOCKED)
		return resume_next(connection);
	if (connection->is_held)
		return judge_event(connection);
	return 0;
}

static int follow_response(struct warden_connection *connection)
{
	struct warden_buffer *down = &connection->down;
	ssize_t n = gb_http_body_follow(
	        &connection->response_body, warden_buffer_part(down, down->framed, down->end), NULL, NULL);

	if (n < 0)
		return (int)n;
	down->framed += (size_t)n;
	if (connection->road == ROAD_BLOCKED)
		warden_buffer_drop_framed(down);
	else if (!connection->is_held)
		down->ready = down->framed;
	if (connection->response_body.is_done)
		return finish_response(connection);
	if (connection->is_held && warden_buffer_room(down, EVENT_BYTES_MAX) == 0)
		return judge_event(connection);
	return 0;
}

int warden_exchange_responses(struct warden_connection *connection)
{
	struct warden_buffer *down = &connection->down;

	if (connection->is_closing || down->framed == down->end)
		return 0;
	if (connection->request == PHASE_HEAD || connection->response == PHASE_DONE)
		return -EPROTO; /* upstream speaks out of turn */
	while (connection->response == PHASE_HEAD && down->framed < down->end) {
		int r = take_response_head(connection);

		if (r <= 0)
			return r;
	}
	return connection->response == PHASE_BODY ? follow_response(connection) : 0;
}

int warden_exchange_upstream_ended(struct warden_connection *connection)
{
	if (connection->response == PHASE_BODY && connection->response_body.framing == GB_HTTP_UNTIL_CLOSE) {
		connection->response_body.is_done = true;
		return finish_response(connection);
	}
	if (connection->is_held || connection->road == ROAD_BLOCKED)
		return -ECONNRESET;
	return 0;
}

bool warden_exchange_finish(struct warden_connection *connection)
{
	if (connection->request != PHASE_DONE || connection->response != PHASE_DONE ||
	        connection->up.begin != connection->up.ready || connection->down.begin != connection->down.ready)
		return false;
	connection->request = PHASE_HEAD;
	connection->response = PHASE_HEAD;
	warden_buffer_release(&connection->down);
	return true;
}

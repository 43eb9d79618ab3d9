/* SPDX-License-Identifier: Apache-2.0 */
/*
 * warden/connection: the two ends of one connection of the runtime, what lies between them, and how it is understood. Private to
 * the directory. connection.c reads and writes; exchange.c frames what was read and decides what goes on; buffer.c and call.c
 * know nothing of the warden.
 */
#ifndef GB_WARDEN_CONNECTION_H
#define GB_WARDEN_CONNECTION_H

#include "base/span.h"
#include "http/http.h"
#include "loop/loop.h"
#include "wire/event.h"

#define STREAM_BYTES      (16u * 1024u) /* read ahead of the other side, each direction */
#define REQUEST_BYTES_MAX (64u * 1024u) /* room of the upward buffer: a stream's bytes and an answer of our own */
#define EVENT_BYTES_MAX   (8u * 1024u * 1024u) /* held and inspected as a whole; Lambda's limit is 6 MB */
#define EVENT_KEPT_BYTES  (64u * 1024u)        /* not given back to the system after an event */
#define NEXT_HEAD_MAX     2048u

struct gb_warden;

/* Bytes on their way: [begin, ready) may be written out, [ready, framed) has been understood but is held back,
 * [framed, end) is not yet understood. */
struct warden_buffer {
	unsigned char *p;
	size_t cap;
	size_t begin, ready, framed, end;
	size_t high; /* how far it was ever filled since memory was last given back */
};

enum warden_call {
	CALL_OTHER = 0,
	CALL_NEXT,        /* GET …/runtime/invocation/next */
	CALL_RESPONSE,    /* POST …/runtime/invocation/ID/response */
	CALL_ERROR,       /* POST …/runtime/invocation/ID/error */
	CALL_RESTORE,     /* GET …/runtime/restore/next: SnapStart; answered once the snapshot is restored */
	CALL_START_ERROR, /* POST …/runtime/init/error, …/runtime/restore/error */
};

enum warden_phase {
	PHASE_HEAD = 0,
	PHASE_BODY,
	PHASE_DONE,
};

/* Whose exchange is under way on the upstream connection. */
enum warden_road {
	ROAD_RUNTIME = 0, /* the runtime's own */
	ROAD_BLOCKED,     /* our answer to a blocked event; its response is for nobody */
};

struct warden_connection {
	struct gb_warden *warden;
	uint64_t serial; /* 0: slot is free */
	int down_fd, up_fd;
	struct gb_loop_watch down_watch, up_watch;
	bool is_connecting;
	bool down_ended, up_ended; /* end of file seen */
	bool is_up_shut;           /* end of file passed on */
	bool is_up_last;           /* upstream said that it closes after this response */
	bool is_closing;           /* close once everything is written */
	struct warden_buffer up, down;
	enum warden_road road;
	enum warden_call call;
	enum warden_phase request, response;
	bool is_request_head_method; /* HEAD */
	bool is_held;                /* the response is an event that is not yet judged */
	size_t event_at;             /* where its body begins, from down.ready */
	struct gb_http_body request_body, response_body;
	enum gb_http_framing event_framing;
	int event_slot;
	char request_id[64]; /* of CALL_RESPONSE and CALL_ERROR */
	size_t request_id_n;
	char next_head[NEXT_HEAD_MAX]; /* the request for an event, to be said again after a blocked one */
	size_t next_head_n;
};

/* connection.c */
/* The loop's callback of the listening socket: take the runtime's connections, as many as there is room for. */
void warden_connections_accept(void *context, uint32_t events);
/* Close both ends; the slot is free then. An event that it took stays in hand (warden_invocation_next). */
void warden_connection_close(struct warden_connection *connection);
/* Another connection to the Runtime API, for a request of our own after upstream closed the first. */
__attribute__((warn_unused_result)) int warden_connection_upstream_renew(struct warden_connection *connection);
/* The one with this serial, or NULL when it is closed. */
struct warden_connection *warden_connection_of(struct gb_warden *warden, uint64_t serial);

/* exchange.c: understand what was read; negative errno: the connection cannot go on. */
__attribute__((warn_unused_result)) int warden_exchange_requests(struct warden_connection *connection);
__attribute__((warn_unused_result)) int warden_exchange_responses(struct warden_connection *connection);
/* Upstream closed. Negative: that was no proper end of a response. */
__attribute__((warn_unused_result)) int warden_exchange_upstream_ended(struct warden_connection *connection);
/* Start over when both messages have been passed on wholly. True when it did. */
bool warden_exchange_finish(struct warden_connection *connection);

/* call.c: what a request to the Runtime API is; the id of what it answers, or empty. */
enum warden_call warden_call_of(const struct gb_http_head *head, struct gb_span *ret_request_id);

/* buffer.c */
/* Its bytes from FROM to TO, counted from the beginning of its memory. */
struct gb_span warden_buffer_part(const struct warden_buffer *buffer, size_t from, size_t to);
/* Bytes that may be read into it; makes room at its end. */
size_t warden_buffer_room(struct warden_buffer *buffer, size_t limit);
/* Put NEW in place of OLD_N bytes at AT (at or behind `ready`). False when it does not fit; nothing is changed then. */
bool warden_buffer_replace(struct warden_buffer *buffer, size_t at, size_t old_n, struct gb_span new);
/* Forget everything in it that is not ready. */
void warden_buffer_drop(struct warden_buffer *buffer);
/* Forget what is framed but not ready; what is not yet understood moves up. */
void warden_buffer_drop_framed(struct warden_buffer *buffer);
/* Give memory beyond EVENT_KEPT_BYTES back to the system. For an empty buffer. */
void warden_buffer_release(struct warden_buffer *buffer);

#endif

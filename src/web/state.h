/* SPDX-License-Identifier: Apache-2.0 */
/*
 * web/state: what the files of the server share. Locks, in the order in which they are taken: stream, work, connections.
 * libmicrohttpd's own lock comes last: suspend and resume are called with any of them held.
 */
#ifndef GB_WEB_STATE_H
#define GB_WEB_STATE_H

#include "web/server.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

/* A socket. Made and freed on the event loop's thread. */
struct gb_web_connection {
	struct gb_web_server *server;
	struct gb_web_connection *next, *previous;
	int fd;
	unsigned char address[16]; /* of the peer, whoever that is */
	bool is_proxy;
	uint64_t deadline_ms; /* 0: none. Under the lock */
};

enum gb_web_work_kind { GB_WEB_WORK_PRECEDE, GB_WEB_WORK_HANDLE, GB_WEB_WORK_PRODUCE };

/* Embedded in what is worked on. */
struct gb_web_work {
	struct gb_web_work *next;
	enum gb_web_work_kind kind;
	void *subject;
};

struct gb_web_crew {
	pthread_mutex_t lock;
	pthread_cond_t is_wanted, is_begun;
	struct gb_web_work *first, **last;
	unsigned queued, running, begun;
	int begin_error;
	struct gb_diag diag;
	bool is_stopping;
	pthread_t threads[64];
	unsigned count;
};

struct gb_web_stream {
	pthread_mutex_t lock;
	struct gb_web_server *server;
	struct gb_web_stream *next, *previous; /* under the server's streams_lock */
	struct gb_web_source source;
	struct MHD_Connection *connection;
	struct gb_web_work work;
	unsigned references; /* the answer's, a worker's */
	unsigned char *bytes;
	size_t n, cap, sent;
	uint64_t wake_ms; /* with GB_WEB_LATER */
	bool is_suspended, is_ended, is_broken, is_gone, is_working, is_later;
};

struct gb_web_certificate {
	pthread_mutex_t lock;
	struct gb_span chain, key; /* PEM, malloc'ed */
	struct timespec chain_changed, key_changed;
};

struct gb_web_server {
	const struct gb_web_settings *settings;
	struct MHD_Daemon *daemon;
	int listen_fd;
	char address[64];
	struct gb_web_crew crew;
	struct gb_web_certificate certificate;
	pthread_mutex_t connections_lock;
	struct gb_web_connection *connections;
	pthread_mutex_t streams_lock;
	struct gb_web_stream *streams;
	pthread_t watch;
	bool has_watch;
	atomic_bool is_stopping, is_over;
	atomic_uint active; /* requests between head and end of answer */
	atomic_uint connection_count;
	atomic_size_t bodies_bytes;
	atomic_uint_fast64_t requests, refused, timed_out;
};

enum gb_web_phase {
	GB_WEB_PHASE_HEAD,
	GB_WEB_PHASE_PRECEDE,
	GB_WEB_PHASE_BODY,
	GB_WEB_PHASE_WORK,
	GB_WEB_PHASE_ANSWERED
};

/* One request and its answer. */
struct gb_web_exchange {
	struct gb_web_server *server;
	struct gb_web_connection *connection;
	struct MHD_Connection *mhd;
	enum gb_web_phase phase;
	struct gb_arena *arena;
	char *target;
	struct gb_web_request request;
	struct gb_web_answer answer;
	struct gb_web_admission admission;
	struct gb_web_work work;
	struct gb_web_stream *stream;
	unsigned char *body;
	size_t body_cap;
	uint64_t begun_us;
	bool is_counted;
};

uint64_t gb_web_clock_us(void);
static inline uint64_t gb_web_clock_ms(void)
{
	return gb_web_clock_us() / 1000;
}

/* listen.c: a bound, listening, non-blocking socket, and where it listens. */
__attribute__((warn_unused_result)) int gb_web_listen(
        const char *where, char *ret_address, size_t cap, struct gb_diag *diag);

/* tls.c: read both files; 0, 1 when nothing has changed since, or a negative errno with DIAG. */
__attribute__((warn_unused_result)) int gb_web_certificate_read(
        struct gb_web_certificate *certificate, const char *chain_path, const char *key_path, struct gb_diag *diag);
void gb_web_certificate_done(struct gb_web_certificate *certificate);
/* gnutls_certificate_retrieve_function3, as libmicrohttpd wants it. */
void *gb_web_certificate_callback(void);

/* connection.c: the event loop's callbacks, and the watch over times. */
enum MHD_Result gb_web_connection_accept(void *server, const struct sockaddr *address, socklen_t address_n);
void gb_web_connection_notify(
        void *server, struct MHD_Connection *mhd, void **connection, enum MHD_ConnectionNotificationCode code);
void gb_web_connection_deadline(struct gb_web_connection *connection, uint64_t in_ms); /* 0: none */
/* Break off those whose time is over; all of them with IS_ALL. */
void gb_web_connections_cut(struct gb_web_server *server, bool is_all);
bool gb_web_is_proxy(const struct gb_web_settings *settings, const unsigned char address[16]);

/* work.c: the worker threads. */
__attribute__((warn_unused_result)) int gb_web_crew_start(struct gb_web_server *server, struct gb_diag *diag);
/* -EBUSY when too much waits or the end has come. */
__attribute__((warn_unused_result)) int gb_web_crew_add(struct gb_web_server *server, struct gb_web_work *work);
/* Does what waits, then ends the threads. */
void gb_web_crew_stop(struct gb_web_server *server);

/* exchange.c */
void *gb_web_exchange_begin(void *server, const char *target, struct MHD_Connection *mhd);
enum MHD_Result gb_web_exchange_go(void *server, struct MHD_Connection *mhd, const char *url, const char *method,
        const char *version, const char *upload, size_t *upload_n, void **exchange);
void gb_web_exchange_end(
        void *server, struct MHD_Connection *mhd, void **exchange, enum MHD_RequestTerminationCode code);
void gb_web_exchange_work(struct gb_web_exchange *exchange, enum gb_web_work_kind kind, void *worker);

/* request.c: fill the request from what libmicrohttpd read; 0 or the status that refuses it, with *ret_why. */
unsigned gb_web_request_read(struct gb_web_exchange *exchange, const char *method, const char *version,
        uint64_t *ret_length, bool *ret_has_body, const char **ret_why);

/* stream.c: an answer of libmicrohttpd for SOURCE, which is taken in any case; NULL when memory is short. */
struct MHD_Response *gb_web_stream_response(
        struct gb_web_server *server, struct MHD_Connection *mhd, struct gb_web_source source);
void gb_web_stream_work(struct gb_web_stream *stream, void *worker);
/* Wake those that waited long enough; with IS_END, end all. */
void gb_web_streams_wake(struct gb_web_server *server, bool is_end);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * local/run: private state of one run, shared by the files of this directory.
 *
 *	run.c      which event goes when; ends of invocations and of processes; time-outs
 *	server.c   connections: HTTP in and out
 *	api.c      what each request of the Runtime API means
 *	process.c  start, kill, memory
 *	log.c      the function's log
 */
#ifndef GB_LOCAL_RUN_H
#define GB_LOCAL_RUN_H

#include "http/http.h"
#include "local/local.h"
#include "loop/loop.h"

#include <sys/types.h>

#define GB_LOCAL_CONNECTIONS_MAX 256u
#define GB_LOCAL_SLOTS_MAX       64u

enum gb_local_slot_state {
	SLOT_FREE = 0,
	SLOT_WORKING,  /* event handed out */
	SLOT_ANSWERED, /* answer is there; the invocation ends when the runtime asks for the next event */
};

struct gb_local_run;

struct gb_local_slot {
	enum gb_local_slot_state state;
	struct gb_local_run *run;
	struct gb_local_invocation invocation;
	uint64_t begin_ns;
	struct gb_loop_timer timer;
};

enum gb_local_connection_state {
	CONNECTION_HEAD = 0,
	CONNECTION_BODY,
	CONNECTION_WAITING, /* long poll: no event to hand out */
};

enum gb_local_route {
	ROUTE_UNKNOWN = 0,
	ROUTE_PING,
	ROUTE_NEXT,
	ROUTE_RESPONSE,
	ROUTE_ERROR,
	ROUTE_INIT_ERROR,
};

/* What a request says, kept while its body comes in. */
struct gb_local_request {
	enum gb_local_route route;
	char id[64];
	char content_type[96];
	char error_type[96];
	bool is_streamed;
	bool has_bad_mode;
	bool closes;
	bool is_too_large;
	struct gb_local_bytes body;
	struct gb_local_bytes trailers;
};

struct gb_local_connection {
	struct gb_local_run *run;
	struct gb_loop_watch watch; /* fd -1: unused */
	enum gb_local_connection_state state;
	struct gb_local_bytes in;
	struct gb_local_bytes out;
	struct gb_http_body body;
	struct gb_local_request request;
	bool closes_after_output;
};

struct gb_local_run {
	const struct gb_local_settings *settings;
	struct gb_local_summary *summary;
	struct gb_loop loop;
	struct gb_loop_watch listener;
	struct gb_loop_watch log;
	struct gb_loop_watch child; /* pidfd */
	struct gb_loop_watch stop;
	struct gb_loop_timer phase; /* init, and the wait after the last answer */
	uint16_t port;
	pid_t pid; /* of the function's first process, leader of its group; 0: none */
	bool is_initialised;
	bool has_ended; /* the process is gone or must go: leave the loop */
	uint64_t start_ns;
	uint64_t init_us;
	size_t next_index;                       /* of the next invocation to hand out */
	struct gb_local_bytes log_pending;       /* read, not yet dealt out */
	struct gb_local_bytes early_log;         /* written while no event was in hand */
	struct gb_local_invocation init_failure; /* error body of /init/error */
	bool has_init_failure;
	char end_text[96]; /* how the process ended */
	int error;         /* out of memory and the like: the run fails */
	struct gb_local_slot slots[GB_LOCAL_SLOTS_MAX];
	struct gb_local_connection connections[GB_LOCAL_CONNECTIONS_MAX];
};

/* server.c */
__attribute__((warn_unused_result)) int gb_local_server_open(struct gb_local_run *run, struct gb_diag *diag);
void gb_local_server_drop_connections(struct gb_local_run *run);
void gb_local_server_close(struct gb_local_run *run);
/* Answer the request at hand on CONNECTION. FIELDS are whole header lines. */
void gb_local_answer(struct gb_local_connection *connection, unsigned status, const char *fields, struct gb_span body);

/* api.c */
void gb_local_request_read(struct gb_local_request *request, const struct gb_http_head *head);
void gb_local_request_handle(struct gb_local_connection *connection);
/* Hand events to waiting connections while there are both. */
void gb_local_hand_out(struct gb_local_run *run);

/* run.c */
void gb_local_slot_finish(struct gb_local_slot *slot);
void gb_local_fail(struct gb_local_run *run, int error);
void gb_local_slot_answered(struct gb_local_slot *slot);
void gb_local_slot_begin(struct gb_local_slot *slot);

/* log.c */
void gb_local_log_drain(struct gb_local_run *run);

/* process.c */
__attribute__((warn_unused_result)) int gb_local_process_start(
        struct gb_local_run *run, int *ret_log_fd, struct gb_diag *diag);
/* Kill the group and everything that was left to us; reap; note how the first process ended and the memory used. */
void gb_local_process_end(struct gb_local_run *run);
/* The first process has ended by itself: reap it and say how in run->end_text. */
void gb_local_process_note_end(struct gb_local_run *run);

#endif

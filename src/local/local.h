/* SPDX-License-Identifier: Apache-2.0 */
/*
 * local: a stand-in of the Lambda service on a person's machine. It starts a function's process as the platform would
 * (environment, process group, merged log), speaks the Runtime API with it on 127.0.0.1, hands out events, and collects
 * what came back and what was logged in between. It knows nothing of Gambeson but the first bytes of its log lines.
 *
 * One gb_local_run() at a time in a process (it reaps the children that it started, and whatever they left behind).
 * Everything is allocated in the run and freed at its end; an invocation is valid during its callback only.
 */
#ifndef GB_LOCAL_LOCAL_H
#define GB_LOCAL_LOCAL_H

#include "base/diag.h"
#include "base/span.h"

/* What the service takes and gives at most: 6 MB and 100 bytes; 200 MB streamed. */
#define GB_LOCAL_PAYLOAD_MAX (6u * 1024u * 1024u + 100u)
#define GB_LOCAL_STREAM_MAX  (200u * 1024u * 1024u)
#define GB_LOCAL_LOG_MAX     (8u * 1024u * 1024u) /* kept per invocation; the rest is dropped and counted */

/* Bytes that grow. Zero-initialise. */
struct gb_local_bytes {
	unsigned char *p;
	size_t n;
	size_t cap;
};
__attribute__((warn_unused_result)) int gb_local_bytes_add(struct gb_local_bytes *bytes, struct gb_span s);
/* Take away the first N bytes. */
void gb_local_bytes_drop(struct gb_local_bytes *bytes, size_t n);
/* Release the memory; the struct is empty then. For GB_CLEANUP too. */
void gb_local_bytes_free(struct gb_local_bytes *bytes);
static inline struct gb_span gb_local_bytes_span(const struct gb_local_bytes *bytes)
{
	return gb_span_of(bytes->p, bytes->n);
}

enum gb_local_status {
	GB_LOCAL_NOT_RUN = 0,
	GB_LOCAL_OK,         /* the function answered */
	GB_LOCAL_ERROR,      /* it answered with an error, or with more than the service takes */
	GB_LOCAL_INIT_ERROR, /* it never asked for an event */
	GB_LOCAL_TIMEOUT,    /* it was killed after timeout_ms */
	GB_LOCAL_EXITED,     /* its process ended instead of answering */
	_GB_LOCAL_STATUS_MAX,
};
/* "ok", "error", "init_error", "timeout", "exited", "not_run". */
const char *gb_local_status_name(enum gb_local_status status);

struct gb_local_invocation {
	size_t index;        /* counts from 0 */
	size_t event_index;  /* of settings->events */
	char request_id[37]; /* empty when it was never handed out */
	enum gb_local_status status;
	struct gb_local_bytes response; /* body of the answer, also of an error */
	struct gb_local_bytes log;      /* what was written meanwhile; of the first one of a process, its start too */
	size_t log_dropped;             /* bytes over GB_LOCAL_LOG_MAX */
	char content_type[96];
	char error_type[96]; /* the header (or trailer) that says it; else set by the runner: "Sandbox.Timedout" … */
	char error_message[200]; /* the runner's own sentence when no answer came, else empty */
	bool is_streamed;
	uint64_t init_us;     /* start of the process until it asked for an event; 0 for all but its first */
	uint64_t duration_us; /* event handed out until the answer was there */
};

struct gb_local_settings {
	const char *directory;          /* current directory of the function */
	const char *const *argv;        /* NULL-terminated; argv[0] is looked for in PATH */
	const char *const *environment; /* NULL-terminated; AWS_LAMBDA_RUNTIME_API is added here */
	const char *function_arn;
	const struct gb_span *events;
	size_t event_count;
	size_t invocation_count; /* events are handed out in turn, again from the first when there are fewer */
	size_t concurrency;      /* at most so many events in one process at a time; from 1 */
	uint64_t timeout_ms;     /* of an invocation */
	uint64_t init_timeout_ms;
	int stop_fd; /* readable: stop now, kill all; -1: none */
	void (*on_done)(void *context, const struct gb_local_invocation *invocation);
	void *context;
};

struct gb_local_summary {
	size_t count[_GB_LOCAL_STATUS_MAX];
	size_t processes;    /* how often the function was started */
	uint64_t max_rss_kb; /* largest resident size seen: sum over the function's live processes at the end of each
				 * process's life, or of the largest single one that ended before */
	bool is_stopped;     /* by stop_fd */
};

/* Run. 0 when all invocations were carried through, whatever became of them. Errors (DIAG says more): the program could
 * not be started, no socket, no memory. */
__attribute__((warn_unused_result)) int gb_local_run(
        const struct gb_local_settings *settings, struct gb_local_summary *ret_summary, struct gb_diag *diag);

/* One piece of a log: a line without its line feed. *is_gambeson: it has the form of one of Gambeson's lines; a
 * function that wrote no line feed before it does not hide it. Returns false at the end; *at starts from 0. */
bool gb_local_log_next(struct gb_span log, size_t *at, struct gb_span *ret_line, bool *ret_is_gambeson);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * warden/state: the warden's memory, private to its directory; one struct that is made once and lives as long as the process. Each
 * part is changed by the files that its heading names, and read by all. What has a header of its own: connections (connection.h),
 * the policy and its store (policy_state.h), what was seen (observe.h).
 */
#ifndef GB_WARDEN_STATE_H
#define GB_WARDEN_STATE_H

#include "firewall/firewall.h"
#include "http/http.h"
#include "inspect/inspect.h"
#include "loop/loop.h"
#include "warden/connection.h"
#include "warden/lineage.h"
#include "warden/observe.h"
#include "warden/policy_state.h"
#include "warden/warden.h"

#include <netinet/in.h>
#include <sys/socket.h>

#define CONNECTIONS_MAX      32u
#define FINDINGS_PER_EVENT   100u
#define WARDEN_PROCESSES_MAX 1024u
#define WARDEN_FILES_MAX     2048u
#define QUEUE_BYTES          (64u * 1024u)

struct warden_output {
	int fd;
	bool is_socket;
	bool must_poll; /* could not be made non-blocking: ask before each write */
	struct gb_loop_watch watch;
	uint64_t seq;
	uint32_t lost_lines; /* since the last notice about them */
	size_t queue_begin, queue_end;
	char queue[QUEUE_BYTES];
};

struct warden_invocation {
	bool is_active;
	bool is_answered;
	uint64_t connection; /* serial of the one that took the event */
	uint64_t order;      /* grows; the smallest is the oldest */
	uint64_t deadline_ms;
	char request_id[64];
	size_t request_id_n;
	char arn[192];
	size_t arn_n;
	char source_ip[64];
	size_t source_ip_n;
	uint32_t findings;         /* lines written about it */
	enum gb_event_shape shape; /* known once it was judged */
};

/* One of /proc. */
struct warden_process {
	pid_t pid, parent;
	bool is_family; /* the runtime or below it */
	uint64_t ticks; /* of its own and its dead children's processor time */
};

struct warden_usage {
	struct gb_loop_timer timer;
	bool has_begun;
	uint32_t told; /* bit per enum gb_usage: in this invocation */
	uint64_t ticks_before, tmp_before;
	struct warden_process family[WARDEN_PROCESSES_MAX];
};

struct warden_hygiene {
	bool has_begun;
	uint32_t count;
	uint64_t files[WARDEN_FILES_MAX]; /* hashes of names */
};

/* Lines that are written and not yet vouched for. */
struct warden_sealing {
	bool has_key;
	uint64_t first;    /* number of the line that hashes[0] is for */
	uint64_t written;  /* bit i: hashes[i] is set */
	uint64_t of_seal;  /* bit i: that line is itself a seal */
	uint64_t since_ns; /* when the first that is none was written */
	unsigned char hashes[GB_EVENT_SEAL_LINES_MAX][GB_EVENT_LINE_HASH_BYTES];
	struct gb_ed25519_signer signer;
};

struct gb_warden {
	struct gb_warden_options options;
	struct gb_loop loop;
	struct warden_output output;
	struct warden_sealing sealing;
	struct warden_policy policy;
	struct warden_refresh refresh;

	/* proxy */
	int listen_fd;
	struct gb_loop_watch listen_watch;
	unsigned port;
	struct sockaddr_storage upstream;
	socklen_t upstream_n;
	uint64_t serials;
	struct warden_connection connections[CONNECTIONS_MAX];
	struct warden_invocation invocations[GB_SEGMENT_INPUT_SLOTS];
	uint64_t orders;
	bool had_event; /* false while the function initialises */
	struct gb_inspect_scratch *scratch;
	unsigned char *decoded;   /* content of a chunked event */
	struct gb_http_head head; /* working memory of a call */

	/* hand-out of descriptors */
	int handout_fd;
	struct gb_loop_watch handout_watch;
	char socket_name[32];

	/* reports */
	struct gb_ring_reader reader;
	struct gb_loop_timer drain_timer;
	unsigned looks;            /* at the ring since it was last drained */
	uint32_t findings_outside; /* finding lines outside an invocation */
	uint32_t lost_reports;     /* since the last notice */
	struct warden_observing observing;
	struct warden_lineage lineage;

	struct warden_usage usage;
	struct warden_hygiene hygiene;

	/* runtime */
	int signal_fd;
	struct gb_loop_watch signal_watch;
	pid_t runtime;
	const char *runtime_path; /* the caller's */
	bool has_sensor;
	bool is_runtime_dead;
	int runtime_status;
};

/* output.c */
/* A descriptor of the same standard output that does not block, where there can be one; written to only by these functions. */
void warden_output_open(struct gb_warden *warden);
/* Try for at most TIMEOUT_MS to get everything out. */
void warden_output_flush(struct gb_warden *warden, int timeout_ms);
/* LINE, which has HEAD and ends with its newline, is written now, or queued, or counted as lost. Never waits. */
void warden_output_put(struct gb_warden *warden, const struct gb_event_head *head, struct gb_span line);
/* Members of the next line; takes its number. */
struct gb_event_head warden_output_head(struct gb_warden *warden, struct gb_span request);

/* seal.c */
/* A new key, and so the id of another sandbox, whose first line is the next. Without randomness: none. */
void warden_seal_renew(struct gb_warden *warden);
/* The public half; empty: there is none. */
struct gb_span warden_seal_key(const struct gb_warden *warden);
/* LINE, number SEQ, was written. */
void warden_seal_add(struct gb_warden *warden, uint64_t seq, struct gb_span line);
/* Vouch for the lines since the last time, if there are any. */
void warden_seal(struct gb_warden *warden);
/* The same, when the oldest of them waits for long. */
void warden_seal_when_old(struct gb_warden *warden);

/* invocation.c */
/* The connection asks for an event: what it worked on is over. */
void warden_invocation_next(struct gb_warden *warden, struct warden_connection *connection);
/* An event has come: its slot. */
unsigned warden_invocation_begin(
        struct gb_warden *warden, struct warden_connection *connection, const struct gb_http_head *head);
/* The event of SLOT is over: no sensor compares with its strings any more. */
void warden_invocation_retire(struct gb_warden *warden, unsigned slot);
/* The runtime has answered this one; it stays in hand until its connection asks for another. */
void warden_invocation_answered(struct gb_warden *warden, struct gb_span request_id);
/* The only one in hand, or -1. */
int warden_invocation_only(const struct gb_warden *warden);
/* Ids of all in hand; they live as long as these are. Result: how many. */
size_t warden_invocation_list(const struct gb_warden *warden, struct gb_span ret_ids[GB_SEGMENT_INPUT_SLOTS]);
/* Whether any is in hand. */
bool warden_invocation_is_any(const struct gb_warden *warden);
/* Of SLOT, or empty when it is -1: its request id, and the client's address as the event tells it. */
struct gb_span warden_invocation_id(const struct gb_warden *warden, int slot);
struct gb_span warden_invocation_source_ip(const struct gb_warden *warden, int slot);

/* firewall.c */
/* Judge an event; its strings are then in SLOT. True: block it. IS_WHOLE: nothing of it is missing in BODY. */
bool warden_firewall_judge(
        struct gb_warden *warden, unsigned slot, struct gb_span body, bool is_whole, enum gb_event_shape *ret_shape);
/* The request that answers a blocked event in the runtime's stead. */
void warden_firewall_answer(struct gb_warden *warden, unsigned slot, enum gb_event_shape shape, struct gb_text *text);

/* restore.c: SnapStart has restored this sandbox from a snapshot. */
void warden_restored(struct gb_warden *warden);
/* warden.c: the start line once more. */
void warden_write_start_again(struct gb_warden *warden);

/* usage.c: an event has come while none was in hand: budgets begin anew. */
void warden_usage_begin(struct gb_warden *warden);
/* What /proc says of PID; false: nothing. */
bool warden_process_read(pid_t pid, struct warden_process *ret_process);
/* hygiene.c: an event is asked for: look at what the last has left. */
void warden_hygiene_between(struct gb_warden *warden);

/* drain.c */
/* The timer by which the ring is looked at; before the next two. */
void warden_drain_open(struct gb_warden *warden);
/* Write what the ring holds now, at most two rings full; what was lost is told by a notice. */
void warden_drain(struct gb_warden *warden);
/* When it is looked at next: soon while something runs. */
void warden_drain_schedule(struct gb_warden *warden);

/* report.c: one record of the ring, as a finding line. The record's lengths are in range, nothing else is known. */
void warden_report_finding(struct gb_warden *warden, const struct gb_ring_record *record);
/* Whether a further finding line may be written for SLOT (-1: none); counts it, or its loss. */
bool warden_report_admit(struct gb_warden *warden, int slot);
/* Mask INPUT as the policy says; BUFFER must live as long as it. True: nothing of the value is left. */
bool warden_report_mask(
        const struct gb_warden *warden, struct gb_event_input *input, char buffer[GB_FIREWALL_SHOWN_BYTES]);
/* Random id of a finding. */
void warden_report_id(uint64_t time_ms, char ret_id[GB_EVENT_ULID_BYTES]);

/* handout.c: the abstract socket where a process that lost the descriptors gets them. Negative errno: none could be opened. */
__attribute__((warn_unused_result)) int warden_handout_open(struct gb_warden *warden);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * warden/state: the warden's memory, private to its directory. Who changes what: connection.c and exchange.c the
 * connections, invocation.c the invocations and the segment's input slots, policy.c the policy and the segment's
 * settings, drain.c the ring reader, observe.c the table of what was seen and the segment's round, output.c the line queue, seal.c the key and the
 * lines to be signed.
 */
#ifndef GB_WARDEN_STATE_H
#define GB_WARDEN_STATE_H

#include "firewall/firewall.h"
#include "http/http.h"
#include "inspect/inspect.h"
#include "loop/loop.h"
#include "policy/policy.h"
#include "warden/fetch.h"
#include "warden/warden.h"

#include <netinet/in.h>
#include <sys/socket.h>

#define CONNECTIONS_MAX      32u
#define STREAM_BYTES         (16u * 1024u) /* read ahead of the other side, each direction */
#define REQUEST_BYTES_MAX    (64u * 1024u) /* room of the upward buffer: a stream's bytes and an answer of our own */
#define EVENT_BYTES_MAX      (8u * 1024u * 1024u) /* held and inspected as a whole; Lambda's limit is 6 MB */
#define EVENT_KEPT_BYTES     (64u * 1024u)        /* not given back to the system after an event */
#define NEXT_HEAD_MAX        2048u
#define SEEN_SLOTS           4096u
#define SEEN_MAX             (SEEN_SLOTS / 4u * 3u)
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

/* Something that was observed, or things that are alike, and in how many invocations. */
struct warden_item {
	uint64_t hash;
	uint32_t n;
	uint16_t round; /* in which it was counted last */
	uint16_t names; /* how many of things that are alike have an entry of their own */
};

struct warden_observing {
	char sandbox[16];
	uint64_t salt; /* random: where an entry lies depends on the sandbox */
	uint64_t invocations, invocations_told;
	uint64_t progress_at; /* number of invocations at which progress is told next */
	uint64_t shapes[_GB_SHAPE_MAX];
	uint32_t start_round;   /* of start-up, or of what comes between a restore and the first event */
	uint64_t round_order;   /* of the youngest event when the round began */
	uint64_t held_until_ms; /* no new round before; 0: none is waited for */
	bool is_full;
	/* One behind the other, so that a few take a page and not one each; by hash: which, counted from 1, or 0. */
	uint32_t count;
	struct warden_item items[SEEN_MAX];
	uint16_t places[SEEN_SLOTS];
};

struct warden_stamp {
	uint64_t device, file, bytes, seconds, nanoseconds;
};

struct warden_policy {
	char *file;            /* malloc'ed, kept while its policy is in force: lists of sources are large */
	struct gb_policy view; /* into it */
	bool is_loaded;
	bool is_refused;
	uint64_t serial;
	struct warden_stamp stamp;  /* of the file last looked at */
	struct warden_stamp loaded; /* of the one loaded, or refused, last */
	bool is_forced;             /* the look that is put off is */
	bool is_of_store;           /* what is in force came from the policy store: the file is older */
	struct gb_loop_timer timer;
	struct gb_loop_timer dates; /* when something of it expires or begins */
	/* Of the segment's areas: what lies there (no header: nothing), since when it is in force, and the modes of the
	 * controls then. */
	struct gb_policy areas[GB_SEGMENT_POLICY_AREAS];
	uint64_t put_at[GB_SEGMENT_POLICY_AREAS];
	uint8_t modes[GB_SEGMENT_POLICY_AREAS][_GB_CONTROL_MAX];
};

/* Looks at the policy store. One is under way while `fetched` is there; CHILD does it. */
struct warden_refresh {
	struct warden_store store;
	struct gb_loop_timer timer; /* the next look; the end of the patience with this one */
	bool is_settled;            /* the timer was put off, so that an event that comes now goes first */
	pid_t child;
	int done_fd; /* ends when the child does */
	struct gb_loop_watch watch;
	struct warden_fetched *fetched;
	char *file; /* malloc'ed: fetched, to be put in force when the timer says so */
	size_t file_n;
	struct gb_loop_timer put_timer;
	unsigned failures; /* in a row */
	bool is_failure_told, is_absence_told;
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

/* connection.c */
void warden_connections_accept(void *context, uint32_t events);
void warden_connection_close(struct warden_connection *connection);
/* Another connection to the Runtime API, for a request of our own after upstream closed the first. */
__attribute__((warn_unused_result)) int warden_connection_upstream_renew(struct warden_connection *connection);
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

/* invocation.c */
/* The connection asks for an event: what it worked on is over. */
void warden_invocation_next(struct gb_warden *warden, struct warden_connection *connection);
/* An event has come: its slot. */
unsigned warden_invocation_begin(
        struct gb_warden *warden, struct warden_connection *connection, const struct gb_http_head *head);
void warden_invocation_retire(struct gb_warden *warden, unsigned slot);
void warden_invocation_answered(struct gb_warden *warden, struct gb_span request_id);
/* The only one in hand, or -1. */
int warden_invocation_only(const struct gb_warden *warden);
/* Ids of all in hand. */
size_t warden_invocation_list(const struct gb_warden *warden, struct gb_span ret_ids[GB_SEGMENT_INPUT_SLOTS]);
bool warden_invocation_is_any(const struct gb_warden *warden);
struct gb_span warden_invocation_id(const struct gb_warden *warden, int slot);
struct gb_span warden_invocation_source_ip(const struct gb_warden *warden, int slot);

/* firewall.c */
/* Judge an event; its strings are then in SLOT. True: block it. IS_WHOLE: nothing of it is missing in BODY. */
bool warden_firewall_judge(
        struct gb_warden *warden, unsigned slot, struct gb_span body, bool is_whole, enum gb_event_shape *ret_shape);
/* The request that answers a blocked event in the runtime's stead. */
void warden_firewall_answer(struct gb_warden *warden, unsigned slot, enum gb_event_shape shape, struct gb_text *text);

/* policy.c */
enum gb_mode warden_policy_posture(const struct gb_warden *warden);
enum gb_mode warden_policy_mode(const struct gb_warden *warden, enum gb_control control);
/* The same at GENERATION, low bits; 0 stands for now. */
enum gb_mode warden_policy_mode_then(const struct gb_warden *warden, enum gb_control control, uint16_t generation);
/* The rule or exclusion of this TAG in the policy in force; in that of GENERATION, low bits. Empty when it is not known. */
struct gb_event_rule warden_policy_rule(const struct gb_warden *warden, uint32_t tag);
struct gb_event_rule warden_policy_rule_then(const struct gb_warden *warden, uint32_t tag, uint16_t generation);
/* A text of a policy. */
struct gb_span warden_policy_text(const struct gb_policy *policy, struct gb_blob_text text);
/* Of the policy in force, or empty. */
struct gb_span warden_policy_name(const struct gb_warden *warden);
/* Answer to a blocked HTTP event, or empty. */
struct gb_span warden_policy_block_body(const struct gb_warden *warden);
/* What events are judged by. */
struct gb_firewall warden_policy_firewall(const struct gb_warden *warden);
enum gb_blob_redaction warden_policy_redaction(const struct gb_warden *warden);
/* Put BLOB, which is in *FILE (malloc'ed, taken over when it is in force), in force for the warden and the sensors. */
__attribute__((warn_unused_result)) int warden_policy_put(struct gb_warden *warden, char **file, struct gb_span blob);
/* Tell the sensors the modes of single controls that were set without a policy. */
__attribute__((warn_unused_result)) int warden_policy_put_bare(struct gb_warden *warden);
/* When something of the policy in force expires or begins next, in seconds since 1970; 0: never. */
uint32_t warden_policy_next_change(const struct gb_warden *warden);
bool warden_policy_has_changed(const struct gb_warden *warden);
/* Put it in force again as of now. */
__attribute__((warn_unused_result)) int warden_policy_put_again(struct gb_warden *warden);
/* Milliseconds until another policy may be put in force. */
uint64_t warden_policy_wait_ms(const struct gb_warden *warden);

/* policy_file.c */
/* Load again when the file has changed (IS_FORCED: in any case); a refusal is told by a notice. */
void warden_policy_refresh(struct gb_warden *warden, bool is_forced);

/* What expires or begins by now does so, which is told by a notice. */
void warden_policy_follow_dates(struct gb_warden *warden);

/* Load without asking whether the file has changed, as gb_warden_policy_load(), and publish the settings. */
__attribute__((warn_unused_result)) int warden_policy_load_again(struct gb_warden *warden, struct gb_diag *diag);
/* Say by notices what came of that. */
void warden_policy_tell(struct gb_warden *warden, int result, const struct gb_diag *diag);

/* Take *FILE, N bytes that came from WHERE (for messages): checked and put in force, which takes *FILE over. With IS_OF_STORE
 * it must be for this function. Result as that of gb_warden_policy_load(). */
__attribute__((warn_unused_result)) int warden_policy_take(
        struct gb_warden *warden, const char *where, bool is_of_store, char **file, size_t n, struct gb_diag *diag);

/* refresh.c */
/* Look at the policy store from now on, first at once; nothing when there is none. */
void warden_refresh_open(struct gb_warden *warden);
/* The sandbox was asleep, perhaps for months: look at once. */
void warden_refresh_hurry(struct gb_warden *warden);
/* Put in force what was fetched, if there is anything, between two events: not while one is in hand. IS_URGENT: at once, for
 * where there is always one. */
void warden_refresh_put(struct gb_warden *warden, bool is_urgent);
/* No look is under way from now on. */
void warden_refresh_end(struct gb_warden *warden);

/* restore.c: SnapStart has restored this sandbox from a snapshot. */
void warden_restored(struct gb_warden *warden);
/* warden.c: the start line once more. */
void warden_write_start_again(struct gb_warden *warden);

/* usage.c: an event has come while none was in hand: budgets begin anew. */
void warden_usage_begin(struct gb_warden *warden);
/* hygiene.c: an event is asked for: look at what the last has left. */
void warden_hygiene_between(struct gb_warden *warden);

/* observe.c */
/* A sandbox of a random id, in which nothing was seen. */
void warden_observe_open(struct gb_warden *warden);
/* From now on it is another one. */
void warden_observe_renew(struct gb_warden *warden);
struct gb_span warden_observe_sandbox(const struct gb_warden *warden);
/* The event of SLOT is handed to the function. */
void warden_observe_event(struct gb_warden *warden, unsigned slot, enum gb_event_shape shape);
/* INVOCATION had to make room for another. */
void warden_observe_evicted(struct gb_warden *warden, const struct warden_invocation *invocation);
/* Count an observation. Result: in how many invocations it was seen, when it is to be told now; else 0. *ret_is_alike: it,
 * or what differs from it in made-up names only. */
uint32_t warden_observe_count(struct gb_warden *warden, const struct gb_ring_record *record, bool *ret_is_alike);
/* Whether the observation was made while the events were in hand that are now. */
bool warden_observe_is_current(const struct gb_warden *warden, const struct gb_ring_record *record);
/* Whether it was made at start-up. */
bool warden_observe_is_start(const struct gb_warden *warden, const struct gb_ring_record *record);
/* The sandbox ends: tell what was not told yet. */
void warden_observe_end(struct gb_warden *warden);

/* alike.c: hashes of RECORD by itself; by the pattern that it fits, with its made-up names as the reason; by what is left of
 * it without what may be made up; by folder, beginning and ending of its name. 0: there is no such. */
uint64_t warden_alike_exact(const struct gb_warden *warden, const struct gb_ring_record *record);
uint64_t warden_alike_pattern(const struct gb_warden *warden, const struct gb_ring_record *record);
uint64_t warden_alike_shape(const struct gb_warden *warden, const struct gb_ring_record *record);
uint64_t warden_alike_folder(const struct gb_warden *warden, const struct gb_ring_record *record);

/* drain.c */
void warden_drain(struct gb_warden *warden);
void warden_drain_schedule(struct gb_warden *warden);
void warden_drain_open(struct gb_warden *warden);

/* report.c: one record of the ring, as a finding line. The record's lengths are in range, nothing else is known. */
void warden_report_finding(struct gb_warden *warden, const struct gb_ring_record *record);
/* Whether a further finding line may be written for SLOT (-1: none); counts it, or its loss. */
bool warden_report_admit(struct gb_warden *warden, int slot);
/* Mask INPUT as the policy says; BUFFER must live as long as it. True: nothing of the value is left. */
bool warden_report_mask(
        const struct gb_warden *warden, struct gb_event_input *input, char buffer[GB_FIREWALL_SHOWN_BYTES]);
/* Random id of a finding. */
void warden_report_id(uint64_t time_ms, char ret_id[GB_EVENT_ULID_BYTES]);

/* handout.c */
__attribute__((warn_unused_result)) int warden_handout_open(struct gb_warden *warden);

#endif

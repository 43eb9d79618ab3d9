/* SPDX-License-Identifier: Apache-2.0 */
/*
 * warden: the parent of the runtime. It stands between the runtime and the Runtime API, looks at each event before the
 * function does, keeps the strings of the events in hand in the segment, and turns the sensors' reports into lines of
 * the function's log. One thread, one loop. After gb_warden_open() nothing is allocated: connection slots, event
 * buffers (address space; memory only as events need it, given back after large ones), line queue and tables have
 * fixed sizes. What the function can write (HTTP, report ring) is trusted in nothing.
 */
#ifndef GB_WARDEN_WARDEN_H
#define GB_WARDEN_WARDEN_H

#include "activity/verdict.h"
#include "base/diag.h"
#include "policy/policy.h"
#include "wire/event.h"
#include "wire/ring.h"
#include "wire/segment.h"

#include <signal.h>
#include <sys/types.h>

struct gb_warden;

/* A setting of the function; without `is_set` the policy decides, and without a policy the default. */
struct gb_warden_mode_setting {
	bool is_set;
	enum gb_mode mode;
};

struct gb_warden_options {
	struct gb_segment *segment; /* all borrowed, to outlive the warden */
	struct gb_ring *ring;
	int segment_fd; /* read-only; handed out with ring_fd to processes that lost theirs */
	int ring_fd;
	bool is_sealed;
	const char *runtime_api;    /* "host:port"; NULL: no proxy */
	const char *policy_path;    /* NULL: none */
	const char *key_path;       /* NULL: unsigned policies are taken */
	bool is_policy_named;       /* a policy that is not there is then an error */
	const char *policy_store;   /* what aws/location.h describes, without TLS; NULL: there is none */
	unsigned policy_interval_s; /* the store is looked at so often; 0: every 60 s */
	const char *block_body;     /* NULL: the policy's, or the built-in one */
	struct gb_warden_mode_setting mode;
	struct gb_warden_mode_setting firewall;
	struct gb_warden_mode_setting flow;
	bool has_observe, observe;
	const char *function; /* name, as the platform says; NULL: not known. So the next two */
	const char *function_version;
	const char *region; /* where it runs, as the platform says; NULL: not known */
	const char *code;   /* hash of it */
	/* Called when SnapStart has restored this sandbox from a snapshot. Result: how many decoys have new values, or -errno. */
	int (*on_restore)(void *context);
	void *on_restore_context;
	bool has_stance;
	enum gb_stance stance;
};

/* A warden that only has the function's log (its own, non-blocking way to standard output) and the loop. NULL: no
 * memory or no epoll. */
struct gb_warden *gb_warden_new(const struct gb_warden_options *options);
/* Close everything. NULL is fine. */
void gb_warden_free(struct gb_warden *warden);

/* Listen for the runtime (if there is a Runtime API) and for lost processes; fill the segment's addresses and
 * settings. Done before the runtime starts, so that no request can come too early. */
__attribute__((warn_unused_result)) int gb_warden_open(struct gb_warden *warden, struct gb_diag *diag);

/* Load the policy, at the start or again. Result: 1 a new one is in force, 0 there is none or it is unchanged,
 * negative errno: refused, DIAG says why; the last good one stays in force. Writes no line. */
__attribute__((warn_unused_result)) int gb_warden_policy_load(struct gb_warden *warden, struct gb_diag *diag);

/* What `policy_store` means for this function; -EINVAL with DIAG: nothing that can be looked at, and none is. */
__attribute__((warn_unused_result)) int gb_warden_store_find(struct gb_warden *warden, struct gb_diag *diag);

/* Look at the policy store now and wait for it, MS at most. 0, or negative errno: no policy came of it, DIAG says why. */
__attribute__((warn_unused_result)) int gb_warden_policy_await(
        struct gb_warden *warden, unsigned ms, struct gb_diag *diag);

/* Put what follows from environment and policy (stance, posture, observing) into the segment. */
void gb_warden_publish_settings(struct gb_warden *warden);

/* What the function's settings and the policy together say. */
enum gb_stance gb_warden_stance(const struct gb_warden *warden);
bool gb_warden_observes(const struct gb_warden *warden);

/* The policy in force, or NULL; until the next is loaded. Mode of a control under it. */
const struct gb_policy *gb_warden_policy(const struct gb_warden *warden);
enum gb_mode gb_warden_mode(const struct gb_warden *warden, enum gb_control control);

/* Port of the proxy on 127.0.0.1, 0 when there is none; name of the abstract socket without its NUL. */
unsigned gb_warden_port(const struct gb_warden *warden);
const char *gb_warden_socket_name(const struct gb_warden *warden);

/* Lines. */
void gb_warden_write_start(struct gb_warden *warden, const char *runtime, bool has_sensor);
__attribute__((format(__printf__, 4, 5))) void gb_warden_write_notice(
        struct gb_warden *warden, const char *severity, const char *reason, const char *format, ...);

/* Block the signals that the warden takes by descriptor; *ret_mask and *ret_child_signal are what the runtime is to get
 * back. Before fork. */
__attribute__((warn_unused_result)) int gb_warden_signals_take(
        struct gb_warden *warden, sigset_t *ret_mask, struct sigaction *ret_child_signal);

/* Serve until RUNTIME is dead; everything that was reported is then written. Result: its wait status. */
int gb_warden_run(struct gb_warden *warden, pid_t runtime);

#endif

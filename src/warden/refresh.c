/* SPDX-License-Identifier: Apache-2.0 */
/*
 * warden/refresh: the policy store is looked at time and again, by a child process for each look, so that no event waits for
 * a network and no answer of a stranger is parsed here. The child leaves what it got in memory that both have, and ends.
 */
#include "warden/state.h"

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/format.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#define INTERVAL_S    60u
#define SETTLE_MS     5u
#define PATIENCE_MS   (WARDEN_FETCH_MS + 1000u)
#define JITTER_PART   8u /* of the interval: how much shorter it may be */
#define FAILURES_TOLD 3u /* in a row that will pass */
#define CLOSE_MAX     4096
#define SKEW_MAX      (10ll * 365 * 86400)
#define NS_PER_MS     1000000ull

static void look_after(struct gb_warden *warden, uint64_t ms);

/* The interval, or somewhat less, so that a thousand sandboxes do not ask in one moment. */
static uint64_t next_ms(const struct gb_warden *warden)
{
	uint64_t ms =
	        (warden->options.policy_interval_s == 0 ? INTERVAL_S : warden->options.policy_interval_s) * 1000ull;
	uint32_t random = 0;

	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
		random = (uint32_t)gb_loop_now_ns();
	return ms - random % (ms / JITTER_PART + 1);
}

/* For messages: the folder's file, or host and path. */
static const char *where(const struct gb_warden *warden, char room[160])
{
	const struct warden_store *store = &warden->refresh.store;

	if (gb_format(room, 160, "%s%s", store->location.host, store->path) < 0)
		room[159] = '\0';
	return room;
}

static void put(struct gb_warden *warden)
{
	struct warden_refresh *refresh = &warden->refresh;
	char room[160];
	struct gb_diag diag;
	int r = warden_policy_take(warden, where(warden, room), true, &refresh->file, refresh->file_n, &diag);

	free(GB_TAKE_PTR(refresh->file));
	if (r > 0)
		gb_warden_publish_settings(warden);
	warden_policy_tell(warden, r, &diag);
}

static void on_put_due(void *context)
{
	warden_refresh_put(context, false);
}

void warden_refresh_put(struct gb_warden *warden, bool is_urgent)
{
	struct warden_refresh *refresh = &warden->refresh;
	uint64_t later;

	if (refresh->file == NULL || (!is_urgent && warden_invocation_is_any(warden)))
		return;
	later = warden_policy_wait_ms(warden);
	if (later == 0) {
		put(warden);
		return;
	}
	refresh->put_timer.on_due = on_put_due;
	refresh->put_timer.context = warden;
	gb_loop_timer_set(&warden->loop, &refresh->put_timer, later * NS_PER_MS);
}

/* What the child left is copied before it is looked at. */
static void take_policy(struct gb_warden *warden, const struct warden_fetched *fetched, size_t n)
{
	struct warden_refresh *refresh = &warden->refresh;

	free(GB_TAKE_PTR(refresh->file));
	refresh->file = malloc(n == 0 ? 1 : n);
	if (refresh->file == NULL)
		return;
	memcpy(refresh->file, fetched->bytes, n);
	refresh->file_n = n;
	/* Remembered also when the policy is refused in a moment: the same bytes would be refused again. */
	memcpy(refresh->store.etag, fetched->etag, sizeof(refresh->store.etag) - 1);
	warden_refresh_put(warden, false);
}

/* Said once, until it is over. A failure that may pass by itself is said when it has come for the third time. */
static void tell_failure(struct gb_warden *warden, bool is_passing, const char *message)
{
	struct warden_refresh *refresh = &warden->refresh;
	char room[160];

	refresh->failures++;
	if (refresh->is_failure_told || (is_passing && refresh->failures < FAILURES_TOLD))
		return;
	refresh->is_failure_told = true;
	gb_warden_write_notice(warden, "medium", "policy_unreachable", "the policy store %.120s: %.140s; %s",
	        where(warden, room), message,
	        warden->policy.is_loaded ? "the last good policy stays in force" : "there is no policy in force");
}

static void tell_absence(struct gb_warden *warden)
{
	char room[160];

	if (warden->refresh.is_absence_told)
		return;
	warden->refresh.is_absence_told = true;
	gb_warden_write_notice(warden, warden->policy.is_of_store ? "medium" : "low", "policy_absent",
	        "the policy store has none for this function: %.120s; %s", where(warden, room),
	        warden->policy.is_loaded ? "what is in force stays" : "there is none in force");
}

static void tell_success(struct gb_warden *warden)
{
	struct warden_refresh *refresh = &warden->refresh;

	if (refresh->is_failure_told)
		gb_warden_write_notice(warden, "low", "policy_reachable", "the policy store answers again");
	refresh->failures = 0;
	refresh->is_failure_told = false;
}

static void take(struct gb_warden *warden, const struct warden_fetched *fetched)
{
	struct warden_refresh *refresh = &warden->refresh;
	size_t n = fetched->n;
	char message[sizeof(fetched->message)];

	if (fetched->skew_s > -SKEW_MAX && fetched->skew_s < SKEW_MAX)
		refresh->store.skew_s = fetched->skew_s;
	switch (fetched->kind) {
	case WARDEN_FETCH_UNCHANGED: tell_success(warden); return;
	case WARDEN_FETCH_TAKEN:
		if (n > sizeof(fetched->bytes))
			break;
		tell_success(warden);
		refresh->is_absence_told = false;
		take_policy(warden, fetched, n);
		return;
	case WARDEN_FETCH_ABSENT:
		tell_success(warden);
		tell_absence(warden);
		return;
	case WARDEN_FETCH_FAILED:
	default: break;
	}
	memcpy(message, fetched->message, sizeof(message));
	message[sizeof(message) - 1] = '\0';
	tell_failure(warden, fetched->is_passing || message[0] == '\0',
	        message[0] == '\0' ? "the look at it was cut off" : message);
}

static void finish(struct gb_warden *warden)
{
	struct warden_refresh *refresh = &warden->refresh;
	struct warden_fetched *fetched = GB_TAKE_PTR(refresh->fetched);

	gb_loop_watch_drop(&warden->loop, &refresh->watch);
	gb_fd_closep(&refresh->done_fd);
	refresh->child = 0;
	look_after(warden, next_ms(warden));
	take(warden, fetched);
	(void)munmap(fetched, sizeof(*fetched));
}

static void on_done(void *context, uint32_t events)
{
	(void)events;
	finish(context);
}

/* Nothing of the warden's may stay open here when the warden closes it. */
static void close_all_but(int fd)
{
	if (dup2(fd, 0) < 0)
		_exit(1);
#ifdef SYS_close_range
	if (syscall(SYS_close_range, 1u, ~0u, 0u) == 0)
		return;
#endif
	for (int other = 1; other < CLOSE_MAX; other++)
		(void)close(other);
}

_Noreturn static void be_child(struct gb_warden *warden, pid_t parent, int done_fd)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent)
		_exit(1);
	close_all_but(done_fd);
	/* What strangers say is parsed here: without the key that lines are signed with. */
	explicit_bzero(&warden->sealing, sizeof(warden->sealing));
	warden_fetch(&warden->refresh.store, WARDEN_FETCH_MS, warden->refresh.fetched);
	_exit(0);
}

/* 0, or negative errno. */
static int begin(struct gb_warden *warden)
{
	struct warden_refresh *refresh = &warden->refresh;
	struct warden_fetched *fetched =
	        mmap(NULL, sizeof(*fetched), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t self = getpid();
	int ends[2], r = 0;

	if (fetched == MAP_FAILED)
		return -errno;
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) {
		r = -errno;
		(void)munmap(fetched, sizeof(*fetched));
		return r;
	}
	refresh->fetched = fetched;
	refresh->child = _Fork();
	if (refresh->child == 0)
		be_child(warden, self, ends[1]);
	if (refresh->child < 0)
		r = -errno;
	gb_fd_closep(&ends[1]);
	refresh->done_fd = ends[0];
	if (r < 0) {
		gb_fd_closep(&refresh->done_fd);
		refresh->fetched = NULL;
		refresh->child = 0;
		(void)munmap(fetched, sizeof(*fetched));
	}
	return r;
}

static void on_due(void *context)
{
	struct gb_warden *warden = context;
	struct warden_refresh *refresh = &warden->refresh;

	if (refresh->fetched != NULL) {
		/* Its own deadline has passed: it waits for a dead file system, say. */
		(void)kill(refresh->child, SIGKILL);
		look_after(warden, PATIENCE_MS);
		return;
	}
	/* A frozen sandbox is thawed because an event has come: that goes first. */
	refresh->is_settled = !refresh->is_settled;
	if (refresh->is_settled) {
		look_after(warden, SETTLE_MS);
		return;
	}
	refresh->watch = (struct gb_loop_watch){.on_ready = on_done, .context = warden};
	if (begin(warden) < 0) {
		tell_failure(warden, true, "no process could be started to look at it");
		look_after(warden, next_ms(warden));
		return;
	}
	refresh->watch.fd = refresh->done_fd;
	look_after(warden, PATIENCE_MS);
	if (gb_loop_watch_set(&warden->loop, &refresh->watch, EPOLLIN) < 0)
		warden_refresh_end(warden);
}

static void look_after(struct gb_warden *warden, uint64_t ms)
{
	struct gb_loop_timer *timer = &warden->refresh.timer;

	timer->on_due = on_due;
	timer->context = warden;
	gb_loop_timer_set(&warden->loop, timer, ms * NS_PER_MS);
}

int gb_warden_store_find(struct gb_warden *warden, struct gb_diag *diag)
{
	const struct gb_warden_options *options = &warden->options;
	struct warden_store *store = &warden->refresh.store;
	char region[GB_LOCATION_NAME_MAX], function[GB_LOCATION_NAME_MAX];
	struct gb_diag inner;
	int r;

	if (options->policy_store == NULL)
		return 0;
	r = gb_location_parse(gb_span_cstr(options->policy_store), options->region == NULL ? "" : options->region,
	        false, &store->location, &inner);
	if (r < 0)
		return gb_diag_set(diag, r, 0, 0, "GAMBESON_POLICY_URL: %.200s", inner.message);
	if (store->location.is_tls)
		return gb_diag_set(diag, -EINVAL, 0, 0,
		        "GAMBESON_POLICY_URL: the agent speaks no TLS; give an http endpoint, or a folder");
	if (store->location.kind != GB_LOCATION_FOLDER && options->key_path == NULL)
		return gb_diag_set(diag, -EINVAL, 0, 0,
		        "GAMBESON_POLICY_URL: what comes over a network must be signed: set GAMBESON_POLICY_KEY");
	if (options->function == NULL || options->function[0] == '\0')
		return gb_diag_set(diag, -EINVAL, 0, 0,
		        "GAMBESON_POLICY_URL: AWS_LAMBDA_FUNCTION_NAME does not say which function this is");
	gb_location_add_name(gb_span_cstr(options->region), region);
	gb_location_add_name(gb_span_cstr(options->function), function);
	r = gb_format(store->path, sizeof(store->path), "%s%s%s/%s/%s/policy.gbp",
	        store->location.is_path_style ? "/" : "", store->location.is_path_style ? store->location.bucket : "",
	        store->location.path, region, function);
	return r < 0 ? gb_diag_set(diag, -EINVAL, 0, 0, "GAMBESON_POLICY_URL: it is too long") : 0;
}

void warden_refresh_open(struct gb_warden *warden)
{
	/* Not when it was waited for. */
	if (warden->refresh.store.path[0] != '\0' && warden->refresh.timer.due_ns == 0)
		look_after(warden, 0);
}

void warden_refresh_hurry(struct gb_warden *warden)
{
	if (warden->refresh.store.path[0] != '\0' && warden->refresh.fetched == NULL)
		look_after(warden, 0);
}

void warden_refresh_end(struct gb_warden *warden)
{
	struct warden_refresh *refresh = &warden->refresh;

	if (refresh->fetched == NULL)
		return;
	(void)kill(refresh->child, SIGKILL);
	gb_loop_watch_drop(&warden->loop, &refresh->watch);
	gb_fd_closep(&refresh->done_fd);
	(void)munmap(GB_TAKE_PTR(refresh->fetched), sizeof(struct warden_fetched));
	refresh->child = 0;
}

int gb_warden_policy_await(struct gb_warden *warden, unsigned ms, struct gb_diag *diag)
{
	struct warden_refresh *refresh = &warden->refresh;
	int r;

	if (refresh->store.path[0] == '\0')
		return warden->policy.is_loaded ? 0 : gb_diag_set(diag, -ENOENT, 0, 0, "there is no policy");
	refresh->watch = (struct gb_loop_watch){.fd = -1};
	r = begin(warden);
	if (r == 0)
		r = warden_wait(refresh->done_fd, POLLIN, gb_loop_now_ns() + ms * NS_PER_MS);
	if (r == 0)
		finish(warden);
	else
		warden_refresh_end(warden);
	if (warden->policy.is_loaded)
		return 0;
	return gb_diag_set(diag, -ENOENT, 0, 0, "no policy came from the policy store %.120s%.100s",
	        refresh->store.location.host, refresh->store.path);
}

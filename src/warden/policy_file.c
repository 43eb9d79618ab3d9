/* SPDX-License-Identifier: Apache-2.0 */
/*
 * warden/policy_file: the file that the policy comes in, which may be replaced at any time.
 */
#include "warden/state.h"

#include "base/cleanup.h"
#include "base/fd.h"
#include "wire/pins.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#define DAY_SECONDS 86400

#define YOUNG_MS 50
/* The clock may be set meanwhile. */
#define DATES_LOOK_SECONDS 600

static struct warden_stamp stamp_now(const struct gb_warden *warden)
{
	struct stat about;

	if (stat(warden->options.policy_path, &about) < 0)
		return (struct warden_stamp){.bytes = 0};
	return (struct warden_stamp){.device = about.st_dev,
	        .file = about.st_ino,
	        .bytes = (uint64_t)about.st_size,
	        .seconds = (uint64_t)about.st_mtim.tv_sec,
	        .nanoseconds = (uint64_t)about.st_mtim.tv_nsec};
}

static bool is_same(const struct warden_stamp *a, const struct warden_stamp *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/* Written a moment ago: it may be half written, or change again without another time. */
static bool is_young(const struct warden_stamp *stamp)
{
	struct timespec now;
	int64_t age_ms;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	age_ms = (now.tv_sec - (int64_t)stamp->seconds) * 1000 + (now.tv_nsec - (int64_t)stamp->nanoseconds) / 1000000;
	return age_ms >= 0 && age_ms < YOUNG_MS;
}

static int read_pins(const char *path, struct gb_pins *ret_pins, struct gb_diag *diag)
{
	GB_CLEANUP(gb_freep) char *data = NULL;
	struct gb_diag what = {0};
	size_t n;
	int r = gb_fd_read_file(path, GB_PINS_BYTES_MAX, &data, &n);

	if (r < 0)
		return gb_diag_set(diag, r, 0, 0, "the policy key %.120s cannot be read: %s", path, strerror(-r));
	r = gb_pins_parse(gb_span_of(data, n), ret_pins, &what);
	return r < 0 ? gb_diag_set(diag, r, 0, 0, "the policy key %.120s: %.100s", path, what.message) : 0;
}

static bool is_in_force(const struct gb_warden *warden, struct gb_span blob)
{
	return warden->policy.is_loaded && gb_span_equal(warden->policy.view.blob, blob);
}

/* A policy store holds those of all functions, and all have the same key's signature: one that is for another function is not
 * ours, whoever put it in our place. It is named after its function, or REGION/FUNCTION. */
static bool is_ours(const struct gb_warden *warden, struct gb_span blob)
{
	struct gb_span function = gb_span_cstr(warden->options.function), name, region;
	struct gb_policy opened;

	if (gb_policy_open(blob, &opened) < 0)
		return true; /* refused for that in a moment */
	name = warden_policy_text(&opened, opened.header->name);
	region = gb_span_sub(name, 0, gb_span_find_byte(name, '/', 0));
	if (gb_span_equal(region, gb_span_cstr(warden->options.region)))
		name = gb_span_sub(name, region.n + 1, SIZE_MAX);
	return gb_span_equal(name, function);
}

int warden_policy_take(
        struct gb_warden *warden, const char *path, bool is_of_store, char **file, size_t n, struct gb_diag *diag)
{
	struct gb_blob_header header;
	struct gb_pins pins;
	struct gb_span blob;
	int r;

	if (warden->options.key_path != NULL) {
		r = read_pins(warden->options.key_path, &pins, diag);
		if (r < 0)
			return r;
		r = gb_pins_verify(&pins, gb_span_of(*file, n), (uint32_t)(time(NULL) / DAY_SECONDS), &blob);
	} else {
		r = gb_blob_verify(gb_span_of(*file, n), NULL, &blob);
	}
	if (r < 0)
		return gb_diag_set(diag, r, 0, 0, "policy %.120s is refused: %s", path, gb_blob_error_text(r));
	if (is_in_force(warden, blob))
		return 0;
	memcpy(&header, blob.p, sizeof(header));
	if (warden->policy.is_loaded && header.serial < warden->policy.serial)
		return gb_diag_set(diag, -ESTALE, 0, 0,
		        "policy %.120s is refused: its serial %llu is older than %llu, in force", path,
		        (unsigned long long)header.serial, (unsigned long long)warden->policy.serial);
	if (is_of_store && !is_ours(warden, blob))
		return gb_diag_set(diag, -EPERM, 0, 0, "policy %.120s is refused: it is for another function", path);
	r = warden_policy_put(warden, file, blob);
	if (r < 0)
		return gb_diag_set(diag, r, 0, 0, "policy %.120s is refused: %s", path, gb_blob_error_text(r));
	warden->policy.is_of_store = is_of_store;
	return 1;
}

static int load(struct gb_warden *warden, struct gb_diag *diag)
{
	GB_CLEANUP(gb_freep) char *data = NULL;
	const char *path = warden->options.policy_path;
	size_t n;
	int r;

	if (path == NULL || warden->policy.is_of_store)
		return 0;
	warden->policy.stamp = stamp_now(warden);
	r = gb_fd_read_file(path, GB_BLOB_FILE_BYTES_MAX, &data, &n);
	if (r == -ENOENT && !warden->options.is_policy_named)
		return 0;
	if (r < 0)
		return gb_diag_set(diag, r, 0, 0, "policy %.120s is refused: %s", path, gb_blob_error_text(r));
	return warden_policy_take(warden, path, false, &data, n, diag);
}

int gb_warden_policy_load(struct gb_warden *warden, struct gb_diag *diag)
{
	int r = load(warden, diag);

	warden->policy.is_refused = r < 0;
	if (warden->policy.is_loaded || (!warden->options.firewall.is_set && !warden->options.flow.is_set))
		return r;
	if (warden->options.segment->policy_generation == 0 && warden_policy_put_bare(warden) < 0 && r == 0)
		return gb_diag_set(diag, -EINVAL, 0, 0, "the modes of single controls cannot be set");
	return r;
}

static void on_due(void *context)
{
	struct gb_warden *warden = context;

	warden_policy_refresh(warden, warden->policy.is_forced);
}

static void look_later(struct gb_warden *warden, uint64_t ms)
{
	warden->policy.timer.on_due = on_due;
	warden->policy.timer.context = warden;
	gb_loop_timer_set(&warden->loop, &warden->policy.timer, ms * 1000000u);
}

int warden_policy_load_again(struct gb_warden *warden, struct gb_diag *diag)
{
	struct warden_policy *policy = &warden->policy;
	int r = gb_warden_policy_load(warden, diag);

	policy->loaded = policy->stamp;
	if (is_young(&policy->stamp)) {
		policy->stamp = (struct warden_stamp){.bytes = UINT64_MAX};
		look_later(warden, YOUNG_MS);
	}
	if (r > 0)
		gb_warden_publish_settings(warden);
	return r;
}

void warden_policy_tell(struct gb_warden *warden, int result, const struct gb_diag *diag)
{
	if (result < 0)
		gb_warden_write_notice(warden, "high", "policy_refused", "%s; %s", diag->message,
		        warden->policy.is_loaded ? "the last good one stays in force" : "there is none in force");
	else if (result > 0)
		gb_warden_write_notice(warden, "low", "policy_loaded", "policy serial %llu is in force now",
		        (unsigned long long)warden->policy.serial);
}

static void on_date(void *context)
{
	warden_policy_refresh(context, false);
}

/* In a sandbox that is frozen between events the timer comes late: each event asks, too. */
static void look_at_dates(struct gb_warden *warden)
{
	uint32_t next = warden_policy_next_change(warden);
	int64_t seconds = (int64_t)next - (int64_t)time(NULL);

	if (next == 0)
		return;
	warden->policy.dates.on_due = on_date;
	warden->policy.dates.context = warden;
	seconds = seconds < 1 ? 1 : seconds > DATES_LOOK_SECONDS ? DATES_LOOK_SECONDS : seconds;
	gb_loop_timer_set(&warden->loop, &warden->policy.dates, (uint64_t)seconds * 1000000000u);
}

void warden_policy_follow_dates(struct gb_warden *warden)
{
	uint64_t later = warden_policy_wait_ms(warden);

	if (warden_policy_has_changed(warden) && later == 0) {
		if (warden_policy_put_again(warden) == 0)
			gb_warden_write_notice(warden, "low", "policy_changed",
			        "policy serial %llu: what was to expire or begin by now has",
			        (unsigned long long)warden->policy.serial);
	} else if (warden_policy_has_changed(warden)) {
		look_later(warden, later);
	}
	look_at_dates(warden);
}

void warden_policy_refresh(struct gb_warden *warden, bool is_forced)
{
	struct warden_policy *policy = &warden->policy;
	struct warden_stamp stamp, told = policy->loaded;
	struct gb_diag diag;
	uint64_t later;
	int r;

	warden_policy_follow_dates(warden);
	if (warden->options.policy_path == NULL || policy->is_of_store)
		return;
	stamp = stamp_now(warden);
	if (!is_forced && is_same(&stamp, &policy->stamp))
		return;
	later = warden_policy_wait_ms(warden);
	policy->is_forced = is_forced && later != 0;
	if (later != 0) {
		look_later(warden, later);
		return;
	}
	r = warden_policy_load_again(warden, &diag);
	/* A file that is looked at twice because it is young is refused once. */
	if (r >= 0 || is_forced || !is_same(&policy->loaded, &told))
		warden_policy_tell(warden, r, &diag);
}

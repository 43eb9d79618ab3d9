/* SPDX-License-Identifier: Apache-2.0 */
#include "warden/state.h"

#include "base/cleanup.h"
#include "base/fd.h"
#include "wire/pins.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#define DAY_SECONDS 86400

static enum gb_mode least(enum gb_mode a, enum gb_mode b)
{
	return a < b ? a : b;
}

static const struct gb_policy *view(const struct gb_warden *warden)
{
	return warden->policy.is_loaded ? &warden->policy.view : NULL;
}

enum gb_mode warden_policy_posture(const struct gb_warden *warden)
{
	const struct gb_warden_mode_setting *setting = &warden->options.mode;
	enum gb_mode of_policy = view(warden) != NULL ? (enum gb_mode)view(warden)->header->posture : GB_MODE_BLOCK;

	if (setting->is_set)
		return least(setting->mode, of_policy);
	return view(warden) != NULL ? of_policy : GB_MODE_DETECT;
}

enum gb_mode warden_policy_mode(const struct gb_warden *warden, enum gb_control control)
{
	enum gb_mode posture = warden_policy_posture(warden);

	if (view(warden) == NULL && control == GB_CONTROL_FIREWALL && warden->options.firewall.is_set)
		return least(warden->options.firewall.mode, posture);
	if (view(warden) == NULL && control == GB_CONTROL_FLOW && warden->options.flow.is_set)
		return least(warden->options.flow.mode, posture);
	return gb_policy_mode(view(warden), control, posture);
}

const struct gb_policy *gb_warden_policy(const struct gb_warden *warden)
{
	return view(warden);
}

enum gb_mode gb_warden_mode(const struct gb_warden *warden, enum gb_control control)
{
	return warden_policy_mode(warden, control);
}

struct gb_firewall warden_policy_firewall(const struct gb_warden *warden)
{
	return (struct gb_firewall){.policy = view(warden), .mode = warden_policy_mode(warden, GB_CONTROL_FIREWALL)};
}

enum gb_blob_redaction warden_policy_redaction(const struct gb_warden *warden)
{
	return view(warden) == NULL ? GB_BLOB_REDACT_SURROUNDINGS
	                            : (enum gb_blob_redaction)view(warden)->header->firewall.redaction;
}

bool gb_warden_observes(const struct gb_warden *warden)
{
	if (warden->options.has_observe)
		return warden->options.observe;
	return view(warden) == NULL || view(warden)->header->observe != 0;
}

static struct gb_span text_of(const struct gb_policy *policy, struct gb_blob_text text)
{
	return gb_span_sub(gb_span_sub(policy->blob, policy->header->text.offset, policy->header->text.count),
	        text.offset, text.n);
}

struct gb_span warden_policy_name(const struct gb_warden *warden)
{
	return view(warden) == NULL ? GB_SPAN_EMPTY : text_of(view(warden), view(warden)->header->name);
}

enum gb_stance gb_warden_stance(const struct gb_warden *warden)
{
	if (warden->options.has_stance)
		return warden->options.stance;
	return view(warden) == NULL ? GB_STANCE_OPEN : (enum gb_stance)view(warden)->header->stance;
}

struct gb_span warden_policy_block_body(const struct gb_warden *warden)
{
	if (warden->options.block_body != NULL)
		return gb_span_cstr(warden->options.block_body);
	return view(warden) == NULL ? GB_SPAN_EMPTY : text_of(view(warden), view(warden)->header->block_body);
}

void gb_warden_publish_settings(struct gb_warden *warden)
{
	struct gb_segment *segment = warden->options.segment;

	segment->stance = gb_warden_stance(warden);
	segment->posture = warden_policy_posture(warden);
	segment->flags = gb_warden_observes(warden) ? GB_SEGMENT_OBSERVE : 0u;
}

/* Remember which file lies there. True: another one than last time, or changed. */
static bool take_stamp(struct gb_warden *warden)
{
	struct stat about = {0};
	struct warden_stamp now = {0};

	if (stat(warden->options.policy_path, &about) == 0)
		now = (struct warden_stamp){.device = about.st_dev,
		        .file = about.st_ino,
		        .bytes = (uint64_t)about.st_size,
		        .seconds = (uint64_t)about.st_mtim.tv_sec,
		        .nanoseconds = (uint64_t)about.st_mtim.tv_nsec};
	if (memcmp(&now, &warden->policy.stamp, sizeof(now)) == 0)
		return false;
	warden->policy.stamp = now;
	return true;
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

/* Put the shared part of a checked blob into the area that is not in use and raise the generation: readers in
 * mid-flight keep the old one and notice that it changed. */
static int put_into_segment(struct gb_warden *warden, struct gb_span shared)
{
	struct gb_segment *segment = warden->options.segment;
	uint32_t generation = segment->policy_generation + 1;
	struct gb_policy opened;
	unsigned char *area;
	int r;

	if (generation == 0)
		generation = 2;
	area = segment->policy[generation & 1u];
	if (shared.n > GB_SEGMENT_POLICY_BYTES)
		return -EFBIG;
	memcpy(area, shared.p, shared.n);
	/* What is opened is what lies in the segment, which nobody else can change. */
	r = gb_policy_open(gb_span_of(area, shared.n), &opened);
	if (r < 0)
		return r;
	segment->policy_bytes[generation & 1u] = (uint32_t)shared.n;
	__atomic_store_n(&segment->policy_generation, generation, __ATOMIC_RELEASE);
	return 0;
}

/* *FILE is taken over when it is in force. */
static int put_in_force(struct gb_warden *warden, char **file, struct gb_span blob)
{
	struct gb_policy opened;
	int r = gb_policy_open(blob, &opened);

	if (r == 0)
		r = gb_policy_firewall_open(&opened);
	if (r == 0)
		r = put_into_segment(warden, gb_span_sub(blob, 0, opened.header->shared_bytes));
	if (r < 0)
		return r;
	free(warden->policy.file);
	warden->policy.file = *file;
	*file = NULL;
	warden->policy.view = opened;
	warden->policy.serial = opened.header->serial;
	warden->policy.is_loaded = true;
	return 0;
}

static bool is_in_force(const struct gb_warden *warden, struct gb_span blob)
{
	return warden->policy.is_loaded && gb_span_equal(warden->policy.view.blob, blob);
}

static int take_file(struct gb_warden *warden, const char *path, char **file, size_t n, struct gb_diag *diag)
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
	r = put_in_force(warden, file, blob);
	if (r < 0)
		return gb_diag_set(diag, r, 0, 0, "policy %.120s is refused: %s", path, gb_blob_error_text(r));
	return 1;
}

/* Modes of single controls without a policy: told to the sensors by a policy that says nothing else. */
static int put_bare_modes(struct gb_warden *warden)
{
	struct gb_blob_header header = {.version = GB_BLOB_VERSION,
	        .total_bytes = (uint32_t)sizeof(header),
	        .shared_bytes = (uint32_t)sizeof(header),
	        .posture = GB_MODE_BLOCK,
	        .flow_on_limit = GB_MODE_DETECT};
	struct gb_span blob = gb_span_of(&header, sizeof(header));

	memcpy(header.magic, GB_BLOB_MAGIC, sizeof(header.magic));
	header.control_modes[GB_CONTROL_FIREWALL] = (uint8_t)warden_policy_mode(warden, GB_CONTROL_FIREWALL);
	header.control_modes[GB_CONTROL_FLOW] = (uint8_t)warden_policy_mode(warden, GB_CONTROL_FLOW);
	header.control_modes[GB_CONTROL_CREDENTIAL] = GB_BLOB_MODE_POSTURE;
	header.checksum = gb_blob_checksum(blob);
	return put_into_segment(warden, blob);
}

static int load(struct gb_warden *warden, struct gb_diag *diag)
{
	GB_CLEANUP(gb_freep) char *data = NULL;
	const char *path = warden->options.policy_path;
	size_t n;
	int r;

	if (path == NULL)
		return 0;
	(void)take_stamp(warden);
	r = gb_fd_read_file(path, GB_BLOB_FILE_BYTES_MAX, &data, &n);
	if (r == -ENOENT && !warden->options.is_policy_named)
		return 0;
	if (r < 0)
		return gb_diag_set(diag, r, 0, 0, "policy %.120s is refused: %s", path, gb_blob_error_text(r));
	return take_file(warden, path, &data, n, diag);
}

int gb_warden_policy_load(struct gb_warden *warden, struct gb_diag *diag)
{
	int r = load(warden, diag);

	warden->policy.is_refused = r < 0;
	if (warden->policy.is_loaded || (!warden->options.firewall.is_set && !warden->options.flow.is_set))
		return r;
	if (warden->options.segment->policy_generation == 0 && put_bare_modes(warden) < 0 && r == 0)
		return gb_diag_set(diag, -EINVAL, 0, 0, "the modes of single controls cannot be set");
	return r;
}

void warden_policy_refresh(struct gb_warden *warden, bool is_forced)
{
	struct gb_diag diag;
	int r;

	if (warden->options.policy_path == NULL || (!take_stamp(warden) && !is_forced))
		return;
	r = gb_warden_policy_load(warden, &diag);
	if (r < 0)
		gb_warden_write_notice(warden, "high", "policy_refused", "%s; %s", diag.message,
		        warden->policy.is_loaded ? "the last good one stays in force" : "there is none in force");
	gb_warden_publish_settings(warden);
	if (r > 0)
		gb_warden_write_notice(warden, "low", "policy_loaded", "policy serial %llu is in force now",
		        (unsigned long long)warden->policy.serial);
}

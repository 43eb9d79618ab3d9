/* SPDX-License-Identifier: Apache-2.0 */
#include "warden/state.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

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
	enum gb_mode of_policy = view(warden) != NULL ? gb_policy_posture(view(warden)) : GB_MODE_BLOCK;

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
	return view(warden) == NULL || gb_policy_observes(view(warden));
}

struct gb_span warden_policy_text(const struct gb_policy *policy, struct gb_blob_text text)
{
	return gb_span_sub(gb_span_sub(policy->blob, policy->header->text.offset, policy->header->text.count),
	        text.offset, text.n);
}

struct gb_span warden_policy_name(const struct gb_warden *warden)
{
	return view(warden) == NULL ? GB_SPAN_EMPTY : warden_policy_text(view(warden), view(warden)->header->name);
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
	return view(warden) == NULL ? GB_SPAN_EMPTY
	                            : warden_policy_text(view(warden), view(warden)->header->block_body);
}

uint64_t warden_policy_wait_ms(const struct gb_warden *warden)
{
	uint32_t generation = warden->options.segment->policy_generation;
	uint64_t gone_at, now = gb_loop_now_ns();

	if (generation + 1 < GB_SEGMENT_POLICY_AREAS)
		return 0;
	/* What lies there went out of force when the one after it was put in force. */
	gone_at = warden->policy.put_at[(generation + 2) % GB_SEGMENT_POLICY_AREAS];
	if (now - gone_at >= GB_SEGMENT_POLICY_GRACE_MS * 1000000ull)
		return 0;
	return GB_SEGMENT_POLICY_GRACE_MS - (now - gone_at) / 1000000u;
}

static uint32_t now_s(void)
{
	return (uint32_t)time(NULL);
}

/* Put the shared part of a checked blob, or nothing, into the next area, together with the settings that follow from
 * what the warden itself goes by now, and raise the generation. */
static int put_into_segment(struct gb_warden *warden, struct gb_span shared)
{
	struct gb_segment *segment = warden->options.segment;
	uint32_t generation = segment->policy_generation + 1, at = generation % GB_SEGMENT_POLICY_AREAS;
	struct gb_policy opened = {0};
	int r;

	if (shared.n > GB_SEGMENT_POLICY_BYTES)
		return -EFBIG;
	if (shared.n != 0) {
		memcpy(segment->policy[at], shared.p, shared.n);
		/* What is opened is what lies in the segment, which nobody else can change. */
		r = gb_policy_open(gb_span_of(segment->policy[at], shared.n), &opened);
		if (r < 0)
			return r;
	}
	opened.moment = warden->policy.view.moment;
	segment->policies[at] = (struct gb_segment_policy){.bytes = (uint32_t)shared.n,
	        .moment = opened.moment,
	        .posture = warden_policy_posture(warden),
	        .flags = gb_warden_observes(warden) ? GB_SEGMENT_OBSERVE : 0u};
	for (int control = 0; control < _GB_CONTROL_MAX; control++)
		warden->policy.modes[at][control] = (uint8_t)warden_policy_mode(warden, (enum gb_control)control);
	warden->policy.areas[at] = opened;
	warden->policy.put_at[at] = gb_loop_now_ns();
	__atomic_store_n(&segment->policy_generation, generation, __ATOMIC_RELEASE);
	return 0;
}

/* The function may have written anything as GENERATION. */
static bool is_known(const struct gb_warden *warden, uint16_t generation)
{
	uint16_t age = (uint16_t)(warden->options.segment->policy_generation - generation);

	return generation != 0 && age < GB_SEGMENT_POLICY_AREAS;
}

static struct gb_event_rule rule_of(const struct gb_policy *policy, uint32_t tag)
{
	return (struct gb_event_rule){.name = gb_policy_tag(policy, tag), .reason = gb_policy_tag_reason(policy, tag)};
}

struct gb_event_rule warden_policy_rule(const struct gb_warden *warden, uint32_t tag)
{
	return view(warden) == NULL ? (struct gb_event_rule){0} : rule_of(view(warden), tag);
}

struct gb_event_rule warden_policy_rule_then(const struct gb_warden *warden, uint32_t tag, uint16_t generation)
{
	const struct gb_policy *policy = &warden->policy.areas[generation % GB_SEGMENT_POLICY_AREAS];

	return is_known(warden, generation) && policy->header != NULL ? rule_of(policy, tag)
	                                                              : (struct gb_event_rule){0};
}

enum gb_mode warden_policy_mode_then(const struct gb_warden *warden, enum gb_control control, uint16_t generation)
{
	if (!is_known(warden, generation))
		return warden_policy_mode(warden, control);
	return (enum gb_mode)warden->policy.modes[generation % GB_SEGMENT_POLICY_AREAS][control];
}

void gb_warden_publish_settings(struct gb_warden *warden)
{
	warden->options.segment->stance = gb_warden_stance(warden);
	/* Without a policy there is nothing that could be refused. */
	if (warden->options.segment->policy_generation == 0)
		(void)!put_into_segment(warden, GB_SPAN_EMPTY);
}

int warden_policy_put(struct gb_warden *warden, char **file, struct gb_span blob)
{
	struct warden_policy *policy = &warden->policy;
	struct gb_policy opened, before = policy->view;
	bool was_loaded = policy->is_loaded;
	int r = gb_policy_open(blob, &opened);

	if (r == 0)
		r = gb_policy_firewall_open(&opened);
	if (r < 0)
		return r;
	opened.moment = now_s();
	policy->view = opened;
	policy->is_loaded = true;
	r = put_into_segment(warden, gb_span_sub(blob, 0, opened.header->shared_bytes));
	if (r < 0) {
		policy->view = before;
		policy->is_loaded = was_loaded;
		return r;
	}
	free(policy->file);
	policy->file = *file;
	*file = NULL;
	policy->serial = opened.header->serial;
	return 0;
}

uint32_t warden_policy_next_change(const struct gb_warden *warden)
{
	return view(warden) == NULL ? 0 : gb_policy_next_change(view(warden));
}

bool warden_policy_has_changed(const struct gb_warden *warden)
{
	uint32_t next = warden_policy_next_change(warden);

	return next != 0 && next <= now_s();
}

int warden_policy_put_again(struct gb_warden *warden)
{
	struct gb_policy *policy = &warden->policy.view;
	uint32_t before = policy->moment;
	int r;

	policy->moment = now_s();
	r = put_into_segment(warden, gb_span_sub(policy->blob, 0, policy->header->shared_bytes));
	if (r < 0)
		policy->moment = before;
	return r;
}

int warden_policy_put_bare(struct gb_warden *warden)
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

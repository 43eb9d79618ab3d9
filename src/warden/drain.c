/* SPDX-License-Identifier: Apache-2.0 */
#include "warden/state.h"

#define LOOK_BUSY_NS (5ull * 1000000u) /* a look costs no system call but the wait itself */
#define LOOK_IDLE_NS (1000ull * 1000000u)
#define LOOKS_INVOKE 4u   /* looks until what is there is written in any case */
#define LOOKS_INIT   100u /* a start reports much in little time: in few lines, mostly before the first event */
#define MANY_RECORDS (GB_RING_RECORDS / 4u)

/* Observations of one drain, grouped in as few lines as hold them. */
struct group {
	char line[GB_EVENT_LINE_MAX];
	struct gb_text text;
	struct gb_event_head head;
	bool is_begun;
	bool is_init, is_current; /* of all in the line */
};

static void end_group(struct gb_warden *warden, struct group *group)
{
	if (!group->is_begun)
		return;
	gb_event_observations_end(&group->text);
	warden_output_put(warden, &group->head, gb_text_span(&group->text));
	group->is_begun = false;
}

static void begin_group(struct gb_warden *warden, struct group *group)
{
	struct gb_span among[GB_EVENT_AMONG_MAX];
	struct gb_event_scene scene = {.is_init = group->is_init, .among = among};
	int only = group->is_current && !group->is_init ? warden_invocation_only(warden) : -1;

	group->head = warden_output_head(warden, warden_invocation_id(warden, only));
	if (!group->is_init)
		scene.invocations = warden->observing.invocations;
	if (only >= 0) {
		scene.shape = gb_inspect_shape_name(warden->invocations[only].shape);
		scene.source_ip = warden_invocation_source_ip(warden, only);
	} else if (group->is_current && !group->is_init) {
		scene.among_count = warden_invocation_list(warden, among);
	}
	group->text = gb_text_on(group->line, sizeof(group->line));
	gb_event_observations_begin(&group->text, &group->head, &scene);
	group->is_begun = true;
}

static void add_to_group(
        struct gb_warden *warden, struct group *group, const struct gb_ring_record *record, uint32_t n, bool is_alike)
{
	const struct gb_event_activity item = {.is_present = true,
	        .kind = gb_activity_kind_name((enum gb_activity_kind)record->kind),
	        .subject = gb_ring_subject(record),
	        .object = gb_ring_object(record),
	        .arguments = gb_ring_arguments(record),
	        .is_cut = record->is_cut != 0,
	        .is_alike = is_alike};
	bool is_init = warden_observe_is_start(warden, record), is_current = warden_observe_is_current(warden, record);

	if (group->is_init != is_init || group->is_current != is_current)
		end_group(warden, group);
	group->is_init = is_init;
	group->is_current = is_current;
	for (int attempt = 0; attempt < 2; attempt++) {
		if (!group->is_begun)
			begin_group(warden, group);
		if (gb_event_observations_add(&group->text, &item, n))
			return;
		end_group(warden, group);
	}
}

static void take_record(struct gb_warden *warden, const struct gb_ring_record *record, struct group *group)
{
	bool is_alike;
	uint32_t n;

	switch ((enum gb_decision)record->decision) {
	case GB_DENY:
	case GB_REPORT:
		/* Lines stand in the order of their numbers. */
		end_group(warden, group);
		warden_report_finding(warden, record);
		warden_lineage_note(warden, record);
		return;
	case GB_OBSERVE: warden_lineage_note(warden, record); break;
	case GB_ALLOW:
	case _GB_DECISION_MAX:
	default: return;
	}
	if (record->kind == GB_ACTIVITY_NONE || record->kind >= _GB_ACTIVITY_KIND_MAX)
		return;
	n = warden_observe_count(warden, record, &is_alike);
	if (n != 0)
		add_to_group(warden, group, record, n, is_alike);
}

static void tell_losses(struct gb_warden *warden)
{
	uint32_t reports, lines = warden->output.lost_lines;

	reports = warden->lost_reports + gb_ring_lost(warden->options.ring, &warden->reader);
	if (reports == 0 && lines == 0)
		return;
	warden->lost_reports = 0;
	warden->output.lost_lines = 0;
	gb_warden_write_notice(warden, "medium", "reports_lost",
	        "%u reports were not written one by one, %u lines found the log full", reports, lines);
}

void warden_drain(struct gb_warden *warden)
{
	struct gb_ring_record record;
	struct group group;

	group.is_begun = group.is_init = group.is_current = false;
	warden->looks = 0;
	/* Bounded: a process that reports without end must not keep us from serving the runtime. */
	for (unsigned taken = 0; taken < 2 * GB_RING_RECORDS; taken++) {
		if (!gb_ring_take(warden->options.ring, &warden->reader, &record))
			break;
		take_record(warden, &record, &group);
	}
	end_group(warden, &group);
	tell_losses(warden);
}

static void on_due(void *context)
{
	struct gb_warden *warden = context;

	/* The head is the function's to write: it only hastens or delays what comes anyway. */
	uint32_t waiting = __atomic_load_n(&warden->options.ring->head, __ATOMIC_RELAXED) - warden->reader.tail;

	if (waiting >= MANY_RECORDS || ++warden->looks >= (warden->had_event ? LOOKS_INVOKE : LOOKS_INIT))
		warden_drain(warden);
	warden_seal_when_old(warden);
	warden_drain_schedule(warden);
}

/* Between invocations a sandbox is mostly frozen; the slow beat is for platforms that do not freeze. */
void warden_drain_schedule(struct gb_warden *warden)
{
	bool is_busy = !warden->had_event || warden->port == 0 || warden_invocation_is_any(warden);

	gb_loop_timer_set(&warden->loop, &warden->drain_timer, is_busy ? LOOK_BUSY_NS : LOOK_IDLE_NS);
}

void warden_drain_open(struct gb_warden *warden)
{
	warden->drain_timer = (struct gb_loop_timer){.on_due = on_due, .context = warden};
}

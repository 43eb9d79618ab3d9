/* SPDX-License-Identifier: Apache-2.0 */
#include "warden/state.h"

#include <sys/random.h>

#define LOOK_BUSY_NS (5ull * 1000000u) /* a look costs no system call but the wait itself */
#define LOOK_IDLE_NS (1000ull * 1000000u)
#define LOOKS_INVOKE 4u   /* looks until what is there is written in any case */
#define LOOKS_INIT   100u /* a start reports much in little time: in few lines, mostly before the first event */
#define MANY_RECORDS (GB_RING_RECORDS / 4u)
#define SEEN_PROBES  16u
#define SEEN_MAX     (SEEN_SLOTS / 4u * 3u)

/* Observations of one drain, grouped in as few lines as hold them. */
struct group {
	char line[GB_EVENT_LINE_MAX];
	struct gb_text text;
	bool is_begun;
};

static void end_group(struct gb_warden *warden, struct group *group)
{
	if (!group->is_begun)
		return;
	gb_event_observations_end(&group->text);
	warden_output_put(warden, gb_text_span(&group->text));
	group->is_begun = false;
}

static void add_to_group(struct gb_warden *warden, struct group *group, const struct gb_event_activity *item)
{
	for (int attempt = 0; attempt < 2; attempt++) {
		if (!group->is_begun) {
			struct gb_event_head head = warden_output_head(
			        warden, warden_invocation_id(warden, warden_invocation_only(warden)));

			group->text = gb_text_on(group->line, sizeof(group->line));
			gb_event_observations_begin(&group->text, &head, warden->had_event ? "invoke" : "init");
			group->is_begun = true;
		}
		if (gb_event_observations_add(&group->text, item))
			return;
		end_group(warden, group);
	}
}

static uint64_t hash_of(const struct gb_warden *warden, const struct gb_ring_record *record)
{
	uint64_t hash = gb_span_hash_more(warden->seen_start, gb_span_of(&record->kind, sizeof(record->kind)));

	/* What is cut is another thing than the whole that begins alike. */
	hash = gb_span_hash_more(hash, gb_span_of(&record->is_cut, sizeof(record->is_cut)));
	hash = gb_span_hash_more(hash, gb_span_of(&record->subject_n, sizeof(record->subject_n)));
	hash = gb_span_hash_more(hash, gb_span_of(&record->object_n, sizeof(record->object_n)));
	hash = gb_span_hash_more(
	        hash, gb_span_of(record->text, (size_t)record->subject_n + record->object_n + record->arguments_n));
	return hash == 0 ? 1 : hash;
}

/* Whether the sandbox has not seen this yet. A full table admits nothing more, which a notice says once. */
static bool is_new(struct gb_warden *warden, const struct gb_ring_record *record)
{
	uint64_t hash = hash_of(warden, record);

	for (size_t probe = 0; probe < SEEN_PROBES; probe++) {
		uint64_t *slot = &warden->seen[(hash + probe) % SEEN_SLOTS];

		if (*slot == hash)
			return false;
		if (*slot != 0)
			continue;
		if (warden->seen_count >= SEEN_MAX)
			break;
		*slot = hash;
		warden->seen_count++;
		return true;
	}
	if (!warden->is_seen_full) {
		warden->is_seen_full = true;
		gb_warden_write_notice(warden, "medium", "observation_limit",
		        "the function did more than %u different things; further observations are not reported",
		        SEEN_MAX);
	}
	return false;
}

static void take_record(struct gb_warden *warden, const struct gb_ring_record *record, struct group *group)
{
	struct gb_event_activity item = {.is_present = true};

	switch ((enum gb_decision)record->decision) {
	case GB_DENY:
	case GB_REPORT: warden_report_finding(warden, record); return;
	case GB_OBSERVE: break;
	case GB_ALLOW:
	case _GB_DECISION_MAX:
	default: return;
	}
	if (record->kind == GB_ACTIVITY_NONE || record->kind >= _GB_ACTIVITY_KIND_MAX || !is_new(warden, record))
		return;
	item.kind = gb_activity_kind_name((enum gb_activity_kind)record->kind);
	item.subject = gb_ring_subject(record);
	item.object = gb_ring_object(record);
	item.arguments = gb_ring_arguments(record);
	item.is_cut = record->is_cut != 0;
	add_to_group(warden, group, &item);
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

	group.is_begun = false;
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
	uint64_t random = 0;

	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) != (ssize_t)sizeof(random))
		random = gb_loop_now_ns();
	warden->seen_start = GB_HASH_START ^ random;
	warden->drain_timer = (struct gb_loop_timer){.on_due = on_due, .context = warden};
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/sensor.h"

#include <errno.h>
#include <sys/syscall.h>
#include <time.h>

#define SEEN_ENTRIES          512u
#define FINDINGS_A_SECOND_MAX 200u
#define TURNS_MAX             8u

/* What this process has observed, by hash: mark, round in which it was counted last, in how many. Inherited at fork, which
 * is as it should be. */
static uint64_t seen[SEEN_ENTRIES];

struct sight {
	uint64_t *entry;
	uint64_t before; /* what the entry was */
	uint16_t round;
	uint16_t count;
};

/* Generation of the policy that was last found good; every thread would write the same. */
static uint32_t checked_generation;

static uint32_t generation_now(void)
{
	return __atomic_load_n(&gb_sensor.segment->policy_generation, __ATOMIC_ACQUIRE);
}

static bool is_good(uint32_t generation, struct gb_span blob)
{
	struct gb_policy fresh;

	if (__atomic_load_n(&checked_generation, __ATOMIC_ACQUIRE) == generation)
		return true;
	if (blob.n > GB_SEGMENT_POLICY_BYTES || gb_policy_open(blob, &fresh) < 0)
		return false;
	__atomic_store_n(&checked_generation, generation, __ATOMIC_RELEASE);
	return true;
}

static struct gb_sensor_force force_of(uint32_t generation)
{
	const struct gb_segment_policy *settings = gb_segment_policy_of(gb_sensor.segment, generation);
	struct gb_sensor_force force = {.generation = generation,
	        .posture = (enum gb_mode)settings->posture,
	        .observes = (settings->flags & GB_SEGMENT_OBSERVE) != 0};

	force.judges = gb_sensor.policies[generation % GB_SEGMENT_POLICY_AREAS];
	force.judges.moment = settings->moment;
	if (settings->bytes == 0 || !is_good(generation, gb_span_of(force.judges.blob.p, settings->bytes)))
		force.judges.header = NULL;
	return force;
}

struct gb_sensor_force gb_sensor_in_force(void)
{
	return force_of(generation_now());
}

enum gb_mode gb_sensor_posture(void)
{
	return (enum gb_mode)gb_segment_policy_of(gb_sensor.segment, generation_now())->posture;
}

static uint64_t now_ns(void)
{
	struct timespec now = {0};

	(void)gb_call3(SYS_clock_gettime, CLOCK_REALTIME, (long)&now, 0);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

bool gb_sensor_is_judging(enum gb_activity_kind kind)
{
	const struct gb_segment_policy *settings;

	if (gb_sensor.segment == NULL)
		return false;
	settings = gb_segment_policy_of(gb_sensor.segment, generation_now());
	if (settings->posture == GB_MODE_OFF)
		return false;
	if ((settings->flags & GB_SEGMENT_OBSERVE) != 0 || settings->bytes != 0)
		return true;
	/* Without a policy only the flow from the input is judged, whose sinks here are programs started, and what would
	 * get round the sensor. */
	return kind == GB_ACTIVITY_PROCESS_START || kind == GB_ACTIVITY_FILE_READ || kind == GB_ACTIVITY_FILE_WRITE ||
	       kind == GB_ACTIVITY_KERNEL_ACCESS;
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
	return hash ^ hash >> 32;
}

/* Eight bytes at a time: every open is hashed. */
static uint64_t mix_text(uint64_t hash, struct gb_span text)
{
	uint64_t word = 0;

	hash = mix(hash, text.n);
	if (text.n < sizeof(word)) {
		for (size_t i = 0; i < text.n; i++)
			word = word << 8 | text.p[i];
		return mix(hash, word);
	}
	for (size_t at = 0; at + sizeof(word) < text.n; at += sizeof(word)) {
		__builtin_memcpy(&word, text.p + at, sizeof(word));
		hash = mix(hash, word);
	}
	__builtin_memcpy(&word, text.p + text.n - sizeof(word), sizeof(word));
	return mix(hash, word);
}

static uint64_t hash_of(const struct gb_activity *a)
{
	uint64_t hash = mix_text((uint64_t)a->kind, a->subject);

	if (a->object.n != 0 || a->arguments.n != 0)
		hash = mix_text(mix_text(hash, a->object), a->arguments);
	return hash;
}

/* Rounds since ENTRY was counted; negative when another thread was quicker. */
static int16_t age_of(uint64_t entry, uint16_t round)
{
	return (int16_t)(round - (uint16_t)(entry >> 16));
}

/* Count A when this invocation has not shown it yet. True: it is to be told, which what comes again and again is ever more
 * rarely. When the table is full what was not seen for longest goes, and is counted anew. */
static bool take_sight(const struct gb_activity *a, struct sight *ret_sight)
{
	uint16_t round = (uint16_t)__atomic_load_n(&gb_sensor.segment->round, __ATOMIC_RELAXED), count = 1;
	uint64_t hash = hash_of(a), mark = hash >> 32 | 1u, before = 0, *place = NULL;

	for (unsigned i = 0; i < 4; i++) {
		uint64_t *entry = &seen[(hash + i) % SEEN_ENTRIES];
		uint64_t value = __atomic_load_n(entry, __ATOMIC_RELAXED);

		if (value >> 32 == mark) {
			if (age_of(value, round) < GB_SEGMENT_ROUNDS_APART)
				return false;
			count = (uint16_t)value == UINT16_MAX ? UINT16_MAX : (uint16_t)(value + 1);
			place = entry;
			before = value;
			break;
		}
		if (place == NULL || value == 0 || age_of(value, round) > age_of(before, round)) {
			place = entry;
			before = value;
		}
		if (value == 0)
			break;
	}
	__atomic_store_n(place, mark << 32 | (uint64_t)round << 16 | count, __ATOMIC_RELAXED);
	*ret_sight = (struct sight){.entry = place, .before = before, .round = round, .count = count};
	return gb_ring_is_told(count);
}

/* A process that is refused in a loop must not fill the ring. */
static bool is_within_rate(uint64_t time_ns)
{
	struct gb_sensor_process *process = &gb_sensor_page.is;
	uint64_t second = time_ns / 1000000000u;

	if (process->finding_second != second) {
		process->finding_second = second;
		process->finding_count = 0;
	}
	return __atomic_add_fetch(&process->finding_count, 1, __ATOMIC_RELAXED) <= FINDINGS_A_SECOND_MAX;
}

/* Apart from its caller: half a KB of stack, cleared, that what has been reported before does without. */
__attribute__((noinline)) static void put_report(struct gb_ring *ring, const struct gb_activity *activity,
        const struct gb_verdict *verdict, int result, const struct sight *sight)
{
	struct gb_ring_report report = {
	        .subject = activity->subject, .object = activity->object, .arguments = activity->arguments};

	/* There is little room in a report: a script that stands among the arguments is not said twice. */
	if (activity->kind == GB_ACTIVITY_PROCESS_START &&
	        gb_span_find(activity->arguments, activity->object, 0) != SIZE_MAX)
		report.object = GB_SPAN_EMPTY;
	report.head.pid = (uint32_t)gb_call3(SYS_getpid, 0, 0, 0);
	if (sight->entry == NULL || activity->kind == GB_ACTIVITY_PROCESS_START)
		report.head.parent = (uint32_t)gb_call3(SYS_getppid, 0, 0, 0);
	report.head.time_ns = now_ns();
	report.head.kind = (uint16_t)activity->kind;
	report.head.decision = (uint8_t)verdict->decision;
	report.head.control = (uint8_t)verdict->control;
	report.head.reason = (uint16_t)verdict->reason;
	report.head.input_slot = (int8_t)verdict->input_slot;
	report.head.input_entry = verdict->input_entry;
	report.head.input_from = verdict->input_from;
	report.head.input_length = verdict->input_length;
	report.head.error = (uint16_t)-result;
	report.head.tag = (uint16_t)verdict->tag;
	report.head.round = sight->round;
	report.head.sightings = sight->count;
	report.head.policy = (uint16_t)verdict->policy;
	if (sight->entry == NULL && !is_within_rate(report.head.time_ns))
		(void)__atomic_fetch_add(&ring->dropped, 1, __ATOMIC_RELAXED);
	else if (!gb_ring_put(ring, &report) && sight->entry != NULL)
		__atomic_store_n(sight->entry, sight->before, __ATOMIC_RELAXED); /* told when it is seen again */
}

int gb_sensor_report(const struct gb_activity *activity, const struct gb_verdict *verdict, int error)
{
	struct gb_ring *ring = gb_sensor.ring;
	int result = verdict->decision == GB_DENY ? error : 0;
	struct sight sight = {.entry = NULL};

	if (ring != NULL && (verdict->decision != GB_OBSERVE || take_sight(activity, &sight)))
		put_report(ring, activity, verdict, result, &sight);
	return result;
}

/* Programs look for files in many places where there are none; what is not there is neither learned nor a finding. */
static bool hangs_on_existence(const struct gb_activity *activity, const struct gb_verdict *verdict)
{
	return activity->kind == GB_ACTIVITY_FILE_READ && verdict->control == GB_CONTROL_ALLOWLIST;
}

static struct gb_verdict evaluate(const struct gb_sensor_force *force, const struct gb_activity *activity)
{
	const struct gb_policy_context context = {
	        .policy = gb_sensor_policy(force),
	        .inputs = gb_sensor.segment->input,
	        .posture = force->posture,
	        .observe = force->observes,
	        .secrets = gb_sensor.segment->secrets,
	        .usage = gb_sensor.ring == NULL ? NULL : gb_sensor.ring->usage,
	        .exceeded = gb_sensor.segment->exceeded,
	};
	struct gb_verdict verdict = gb_policy_evaluate(&context, activity);

	verdict.policy = force->generation;
	return verdict;
}

/* One policy judges, however often it is changed meanwhile: the one that was in force at first, while it stands. */
static struct gb_verdict judge_by_one(const struct gb_activity *activity)
{
	uint32_t generation = generation_now();
	struct gb_verdict verdict = gb_verdict_allow();

	if (activity->policy != 0 && gb_segment_policy_stands(activity->policy, generation))
		generation = activity->policy;
	for (unsigned turn = 0; turn < TURNS_MAX; turn++) {
		const struct gb_sensor_force force = force_of(generation);

		verdict = evaluate(&force, activity);
		generation = generation_now();
		if (gb_segment_policy_stands(force.generation, generation))
			break;
	}
	return verdict;
}

int gb_sensor_judge_ahead(const struct gb_activity *activity, int error, struct gb_verdict *ret_pending)
{
	struct gb_verdict verdict;

	ret_pending->decision = GB_ALLOW;
	if (!gb_sensor_is_judging(activity->kind))
		return 0;
	verdict = judge_by_one(activity);
	if (verdict.decision == GB_ALLOW)
		return 0;
	if (verdict.decision == GB_OBSERVE || hangs_on_existence(activity, &verdict)) {
		*ret_pending = verdict;
		return 0;
	}
	return gb_sensor_report(activity, &verdict, error);
}

void gb_sensor_observe(const struct gb_activity *activity, const struct gb_verdict *pending, long result)
{
	if ((pending->decision == GB_OBSERVE || pending->decision == GB_REPORT) && result != -ENOENT &&
	        result != -ENOTDIR)
		(void)gb_sensor_report(activity, pending, 0);
}

int gb_sensor_judge(const struct gb_activity *activity, int error)
{
	struct gb_verdict pending;
	int result = gb_sensor_judge_ahead(activity, error, &pending);

	if (result == 0 && pending.decision == GB_DENY)
		return gb_sensor_report(activity, &pending, error);
	gb_sensor_observe(activity, &pending, 0);
	return result;
}

int gb_sensor_refuse(const struct gb_activity *activity, enum gb_reason reason, int error)
{
	enum gb_mode mode = gb_sensor.segment == NULL ? GB_MODE_OFF : gb_sensor_posture();
	struct gb_verdict verdict = {.control = GB_CONTROL_SELF, .reason = reason, .input_slot = -1};

	if (mode == GB_MODE_OFF)
		return 0;
	/* A killed warden could not even report it; the function loses nothing by being refused that. */
	if (mode == GB_MODE_BLOCK || (reason == GB_R_TAMPER && activity->kind == GB_ACTIVITY_PROCESS_TRACE))
		verdict.decision = GB_DENY;
	else
		verdict.decision = GB_REPORT;
	return gb_sensor_report(activity, &verdict, error);
}

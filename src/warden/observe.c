/* SPDX-License-Identifier: Apache-2.0 */
/*
 * warden/observe: what learning needs besides the observations themselves: which sandbox, how many events of which shape,
 * in how many of them a thing was seen (docs/formats/event.md). Nothing here ever says more than was seen: where it is
 * not known which of several events in hand something belongs to, they count as one.
 */
#include "warden/state.h"

#include <sys/random.h>

#define SEEN_PROBES 16u
/* Of things that differ in what may be made up, and of files that begin and end alike, so many are told one by one. */
#define SHAPES_TOLD 16u
#define NAMES_TOLD  64u
/* An event may be worked on for so long (Lambda's limit), when it does not say until when. */
#define EVENT_MS_MAX (15u * 60u * 1000u)

void warden_observe_open(struct gb_warden *warden)
{
	static const char digits[] = "0123456789abcdef";
	struct warden_observing *observing = &warden->observing;
	struct {
		uint64_t sandbox, salt;
	} random = {0, 0};

	/* Without randomness yet (early boot) the clock still tells sandboxes apart. */
	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) != (ssize_t)sizeof(random))
		random.sandbox = random.salt = gb_loop_now_ns();
	for (size_t i = 0; i < sizeof(observing->sandbox); i++)
		observing->sandbox[i] = digits[random.sandbox >> 4 * i & 15u];
	observing->salt = GB_HASH_START ^ random.salt;
	observing->invocations = observing->invocations_told = 0;
	observing->progress_at = 1;
	memset(observing->shapes, 0, sizeof(observing->shapes));
	if (observing->count != 0)
		memset(observing->places, 0, sizeof(observing->places));
	observing->count = 0;
	observing->is_full = false;
}

void warden_observe_renew(struct gb_warden *warden)
{
	uint32_t round = warden->options.segment->round + GB_SEGMENT_ROUNDS_APART;

	warden_observe_open(warden);
	/* Processes are to tell again what they told as another sandbox. */
	warden->observing.start_round = round;
	__atomic_store_n(&warden->options.segment->round, round, __ATOMIC_RELEASE);
}

struct gb_span warden_observe_sandbox(const struct gb_warden *warden)
{
	return gb_span_of(warden->observing.sandbox, sizeof(warden->observing.sandbox));
}

/* Where it stands which entry HASH has, or would stand; NULL: there is no room. */
static uint16_t *find_place(struct warden_observing *observing, uint64_t hash)
{
	for (size_t probe = 0; probe < SEEN_PROBES; probe++) {
		uint16_t *place = &observing->places[(hash + probe) % SEEN_SLOTS];

		if (*place == 0 || observing->items[*place - 1].hash == hash)
			return place;
	}
	return NULL;
}

/* The entry of HASH, or NULL. */
static struct warden_item *find(struct warden_observing *observing, uint64_t hash)
{
	const uint16_t *place = find_place(observing, hash);

	return place == NULL || *place == 0 ? NULL : &observing->items[*place - 1];
}

/* The entry of HASH, a new one (n is 0) when there is none. A full table takes nothing more, which a notice says once. */
static struct warden_item *take(struct gb_warden *warden, uint64_t hash)
{
	struct warden_observing *observing = &warden->observing;
	uint16_t *place = find_place(observing, hash);

	if (place != NULL && *place == 0 && observing->count < SEEN_MAX) {
		observing->items[observing->count] = (struct warden_item){.hash = hash};
		*place = (uint16_t)++observing->count;
	}
	if (place != NULL && *place != 0)
		return &observing->items[*place - 1];
	if (!observing->is_full) {
		observing->is_full = true;
		gb_warden_write_notice(warden, "medium", "observation_limit",
		        "the function did more than %u different things; further observations are not reported",
		        SEEN_MAX);
	}
	return NULL;
}

/* The last number up to N at which a thing is told. */
static uint32_t told_at(uint32_t n)
{
	return n <= 4 ? n : 1u << (31 - __builtin_clz(n));
}

/* What RECORD counts to: itself, or all that is alike once so many of them were told that another one teaches nothing. */
static struct warden_item *item_of(struct gb_warden *warden, const struct gb_ring_record *record, bool *ret_is_alike)
{
	static const struct kin {
		uint64_t (*hash)(const struct gb_warden *warden, const struct gb_ring_record *record);
		uint16_t enough;
	} kins[] = {{warden_alike_shape, SHAPES_TOLD}, {warden_alike_folder, NAMES_TOLD}};
	uint64_t exact = warden_alike_pattern(warden, record);
	struct warden_item *item, *alike[2] = {NULL, NULL};

	*ret_is_alike = exact != 0;
	if (exact != 0)
		return take(warden, exact);
	exact = warden_alike_exact(warden, record);
	item = find(&warden->observing, exact);
	if (item != NULL)
		return item;
	for (size_t i = 0; i < 2; i++) {
		uint64_t hash = kins[i].hash(warden, record);

		alike[i] = hash == 0 ? NULL : take(warden, hash);
		*ret_is_alike = alike[i] != NULL && alike[i]->names >= kins[i].enough;
		if (*ret_is_alike)
			return alike[i];
	}
	item = take(warden, exact);
	for (size_t i = 0; i < 2 && item != NULL; i++)
		if (alike[i] != NULL)
			alike[i]->names++;
	return item;
}

uint32_t warden_observe_count(struct gb_warden *warden, const struct gb_ring_record *record, bool *ret_is_alike)
{
	struct warden_item *item = item_of(warden, record, ret_is_alike);
	uint64_t most = warden->observing.invocations == 0 ? 1 : warden->observing.invocations;
	uint32_t before, n, sightings = record->sightings;

	if (item == NULL)
		return 0;
	before = n = item->n;
	if (before == 0 || (int16_t)(record->round - item->round) >= GB_SEGMENT_ROUNDS_APART)
		n++;
	if (n > before)
		item->round = record->round;
	/* A process tells what comes again and again ever more rarely, but counts all of it. It may lie. */
	if (sightings > most)
		sightings = (uint32_t)most;
	if (sightings > n) {
		n = sightings;
		item->round = record->round;
	}
	item->n = n;
	return told_at(n) > told_at(before) ? n : 0;
}

bool warden_observe_is_current(const struct gb_warden *warden, const struct gb_ring_record *record)
{
	return record->round == (uint16_t)warden->options.segment->round;
}

bool warden_observe_is_start(const struct gb_warden *warden, const struct gb_ring_record *record)
{
	return record->round == (uint16_t)warden->observing.start_round;
}

static uint64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

void warden_observe_evicted(struct gb_warden *warden, const struct warden_invocation *invocation)
{
	uint64_t until = invocation->deadline_ms != 0 ? invocation->deadline_ms : now_ms() + EVENT_MS_MAX;

	if (!invocation->is_answered && until > warden->observing.held_until_ms)
		warden->observing.held_until_ms = until;
}

/* A new round begins with the event of SLOT once no event that was in hand when the present one began is: the rounds
 * after next cannot share an event with it. By itself, it is two rounds away from all that was. */
static void advance(struct gb_warden *warden, unsigned slot)
{
	struct warden_observing *observing = &warden->observing;
	uint32_t round = warden->options.segment->round, step = 2;

	for (unsigned i = 0; i < GB_SEGMENT_INPUT_SLOTS; i++) {
		const struct warden_invocation *other = &warden->invocations[i];

		if (i == slot || !other->is_active || other->is_answered)
			continue;
		if (other->order <= observing->round_order)
			return;
		step = 1;
	}
	/* Of events that had to make room nobody knows when they end. */
	if (observing->held_until_ms != 0 && now_ms() <= observing->held_until_ms)
		return;
	observing->held_until_ms = 0;
	observing->round_order = warden->orders;
	round += round == observing->start_round ? 1 : step;
	round += (uint16_t)round == (uint16_t)observing->start_round ? 1 : 0;
	__atomic_store_n(&warden->options.segment->round, round, __ATOMIC_RELEASE);
}

static void write_progress(struct gb_warden *warden)
{
	struct warden_observing *observing = &warden->observing;
	struct gb_event_shape_count counts[_GB_SHAPE_MAX];
	char line[GB_EVENT_LINE_MAX];
	struct gb_text text = gb_text_on(line, sizeof(line));
	struct gb_event_head head;

	for (unsigned shape = 0; shape < _GB_SHAPE_MAX; shape++)
		counts[shape] = (struct gb_event_shape_count){
		        .shape = gb_inspect_shape_name(shape), .count = observing->shapes[shape]};
	head = warden_output_head(warden, GB_SPAN_EMPTY);
	gb_event_write_progress(&text, &head, observing->invocations, counts, _GB_SHAPE_MAX);
	warden_output_put(warden, &head, gb_text_span(&text));
	observing->invocations_told = observing->invocations;
}

void warden_observe_event(struct gb_warden *warden, unsigned slot, enum gb_event_shape shape)
{
	struct warden_observing *observing = &warden->observing;

	warden->invocations[slot].shape = shape;
	observing->invocations++;
	observing->shapes[shape]++;
	advance(warden, slot);
	if (observing->invocations < observing->progress_at)
		return;
	observing->progress_at = (observing->invocations * 5 + 3) / 4;
	if (gb_warden_observes(warden))
		write_progress(warden);
}

void warden_observe_end(struct gb_warden *warden)
{
	if (warden->observing.invocations != warden->observing.invocations_told && gb_warden_observes(warden))
		write_progress(warden);
}

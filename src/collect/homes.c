/* SPDX-License-Identifier: Apache-2.0 */
/*
 * collect/homes: which function a line belongs to: what the log service says of the log, else what the sandbox's start line
 * said. Whoever brings lines may name any sandbox.
 */
#include "collect/put.h"

#include "store/functions.h"
#include "store/store.h"

#include <errno.h>
#include <string.h>

#define FRESH_MS 60000

/* The home of SANDBOX and ORIGIN in the table, a new one when there is none. */
struct home *collect_find_home(struct put *put, uint64_t sandbox, const struct gb_collect_origin *origin)
{
	uint64_t hash =
	        (sandbox ^ gb_span_hash_more(gb_span_hash(origin->function), origin->account)) * 0x9e3779b97f4a7c15u;
	size_t at;

	for (at = (size_t)(hash >> 20) & put->home_mask;; at = (at + 1) & put->home_mask) {
		struct home *home = put->home_at[at];

		if (home == NULL)
			break;
		/* Who brings lines into one log decides nothing about another's, whatever sandbox he names. */
		if (home->sandbox.id == sandbox && gb_span_equal(home->origin->function, origin->function) &&
		        gb_span_equal(home->origin->account, origin->account) &&
		        gb_span_equal(home->origin->region, origin->region))
			return home;
	}
	put->home_at[at] = &put->homes[put->home_count++];
	*put->home_at[at] = (struct home){.origin = origin, .sandbox = {.id = sandbox, .start_seq = -1}};
	return put->home_at[at];
}

/* The slot of SANDBOX among those that say whose they are. */
static struct home **find_owner(struct put *put, uint64_t sandbox)
{
	size_t at = (size_t)(sandbox * 0x9e3779b97f4a7c15u >> 20) & put->home_mask;

	while (put->owner_at[at] != NULL && put->owner_at[at]->sandbox.id != sandbox)
		at = (at + 1) & put->home_mask;
	return &put->owner_at[at];
}

/* Bare lines beside others of their sandbox are of its function. */
void collect_gather_owners(struct put *put)
{
	for (size_t i = 0; i < put->home_count; i++) {
		struct home *home = &put->homes[i], **owner = find_owner(put, home->sandbox.id);

		if (home->sandbox.id != 0 && (home->start != NULL || home->origin->function.n != 0) &&
		        (*owner == NULL || ((*owner)->start == NULL && home->start != NULL)))
			*owner = home;
	}
}

static int take_name(void *context, const struct gb_function *function)
{
	struct put *put = context;
	struct gb_function_sighting *sighting = put->sighting;
	struct gb_span *const to[] = {&sighting->account, &sighting->region, &sighting->name};
	const struct gb_span from[] = {function->account, function->region, function->name};

	for (size_t i = 0; i < 3; i++) {
		unsigned char *copy = gb_arena_take(put->arena, from[i].n);

		if (copy == NULL)
			return -ENOMEM;
		if (from[i].n != 0)
			memcpy(copy, from[i].p, from[i].n);
		*to[i] = gb_span_of(copy, from[i].n);
	}
	return 0;
}

static bool is_same_or_empty(struct gb_span wanted, struct gb_span there)
{
	return wanted.n == 0 || gb_span_equal(wanted, there);
}

static void look_beside(const struct home *owner, struct gb_function_sighting *ret_there)
{
	if (owner == NULL)
		return;
	ret_there->account = owner->origin->account;
	ret_there->region = owner->origin->region;
	ret_there->name = owner->origin->function.n != 0 ? owner->origin->function : owner->start->function;
}

/* What the store knows of the sandbox, and which function it is a sighting of. */
static int look_up(struct put *put, struct home *home, struct gb_function_sighting *sighting, struct gb_diag *diag)
{
	const struct collect_line *start = home->start;
	struct gb_function_sighting there = {.name = GB_SPAN_EMPTY};
	struct gb_sandbox known = {0};
	int r = 0;

	if (home->sandbox.id != 0) {
		r = gb_sandbox_get(put->store, home->sandbox.id, &known, diag);
		if (r < 0)
			return r;
		home->is_known = r > 0;
		if (r > 0)
			home->sandbox = known;
	}
	*sighting = (struct gb_function_sighting){.account = home->origin->account,
	        .region = home->origin->region,
	        .name = home->origin->function,
	        .time = home->last_time,
	        .is_event = home->has_event};
	if (start != NULL) {
		if (sighting->name.n == 0)
			sighting->name = start->function;
		sighting->code = start->code;
		sighting->number = start->function_version;
		sighting->runtime = start->runtime;
		sighting->agent_version = start->version;
		sighting->mode = start->mode;
	}
	if (known.function != 0 && sighting->name.n == 0) {
		put->sighting = &there;
		r = gb_function_get(put->store, NULL, known.function, take_name, put, diag);
	} else if (sighting->name.n == 0 && home->sandbox.id != 0) {
		look_beside(*find_owner(put, home->sandbox.id), &there);
	}
	/* Whoever may speak for one account does not get into another by a sandbox's name. */
	if (sighting->name.n == 0 && is_same_or_empty(sighting->account, there.account) &&
	        is_same_or_empty(sighting->region, there.region)) {
		sighting->account = there.account;
		sighting->region = there.region;
		sighting->name = there.name;
	}
	if (sighting->name.n == 0)
		sighting->name = GB_SPAN("unknown");
	return r < 0 ? r : 0;
}

static int put_sandbox(struct put *put, struct home *home, struct gb_diag *diag)
{
	struct gb_sandbox *sandbox = &home->sandbox;
	bool is_started =
	        home->start != NULL && (sandbox->start_seq < 0 || (home->start->has_key && !sandbox->has_key));
	int r;

	if (sandbox->id == 0 || (home->is_known && !is_started && home->last_time < sandbox->time + FRESH_MS))
		return 0;
	if (sandbox->function == 0)
		sandbox->function = home->ids.function;
	if (sandbox->version == 0)
		sandbox->version = home->ids.version;
	if (is_started) {
		/* Whoever could say that a sandbox has no key would be believed in all that follows. */
		home->was_denied_key = sandbox->start_seq >= 0;
		sandbox->start_seq = home->start->seq;
		sandbox->has_key = home->start->has_key;
		memcpy(sandbox->key, home->start->key, sizeof(sandbox->key));
	}
	sandbox->time = home->last_time;
	sandbox->stream = home->origin->stream;
	r = gb_sandbox_put(put->store, sandbox, diag);
	return r == 0 && is_started ? gb_seals_adopt(put->store, sandbox->id, diag) : r;
}

/* Logs do not always say of which account they are, and before the start line of which function. */
static bool is_of_another(const struct gb_function_sighting *owner, const struct gb_function_sighting *sighting)
{
	return !gb_span_equal(owner->name, GB_SPAN("unknown")) &&
	       (!gb_span_equal(owner->name, sighting->name) ||
	               (owner->account.n != 0 && sighting->account.n != 0 &&
	                       !gb_span_equal(owner->account, sighting->account)));
}

/* Whether HOME's log, of the function SIGHTING, is that of the function whose sandbox it names, as far as that is known. */
static int compare_owner(
        struct put *put, struct home *home, const struct gb_function_sighting *sighting, struct gb_diag *diag)
{
	struct gb_function_sighting owner = {.name = GB_SPAN_EMPTY};
	struct gb_sandbox now = home->sandbox;
	int r = 0;

	if (now.id == 0)
		return 0;
	if (!home->is_known)
		r = gb_sandbox_get(put->store, now.id, &now, diag);
	if (r < 0 || now.function == 0 || now.function == home->ids.function)
		return r < 0 ? r : 0;
	put->sighting = &owner;
	r = gb_function_get(put->store, NULL, now.function, take_name, put, diag);
	home->is_foreign = r > 0 && is_of_another(&owner, sighting);
	return r < 0 ? r : 0;
}

int collect_put_homes(struct put *put, struct gb_diag *diag)
{
	struct gb_function_sighting *sightings = gb_arena_take(put->arena, put->home_count * sizeof(*sightings));
	struct gb_function_ids *ids = gb_arena_take(put->arena, put->home_count * sizeof(*ids));
	int r = sightings == NULL || ids == NULL ? -ENOMEM : 0;

	for (size_t i = 0; i < put->home_count && r >= 0; i++)
		r = look_up(put, &put->homes[i], &sightings[i], diag);
	if (r >= 0)
		r = gb_functions_seen(put->store, sightings, put->home_count, ids, diag);
	for (size_t i = 0; i < put->home_count && r >= 0; i++) {
		put->homes[i].ids = ids[i];
		if (ids[i].version == 0)
			put->homes[i].ids.version = put->homes[i].sandbox.version;
		if (put->homes[i].start != NULL)
			r = put_sandbox(put, &put->homes[i], diag);
	}
	/* What a start line says of its sandbox goes before what other logs say. */
	for (size_t i = 0; i < put->home_count && r >= 0; i++)
		if (put->homes[i].start == NULL)
			r = put_sandbox(put, &put->homes[i], diag);
	for (size_t i = 0; i < put->home_count && r >= 0; i++)
		r = compare_owner(put, &put->homes[i], &sightings[i], diag);
	return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * publish/learn: lines that wait are merged into their function's profile, whatever their order and however often; then it is
 * looked at whether learning may end. A function's state is `profiling` (nothing was seen yet), `learning`, `ready` (an allowlist is
 * proposed) or `enforcing` (one is in force). New code goes back to `learning`, and what is in force stays.
 */
#include "publish/publish.h"

#include "base/cleanup.h"
#include "learn/learn.h"
#include "publish/each.h"
#include "publish/waiting.h"
#include "store/documents.h"
#include "store/learning.h"
#include "store/profiles.h"
#include "store/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SETTLE_MAX    5000  /* lines that came, looked at */
#define FUNCTIONS_MAX 200u  /* of a round */
#define EVENTS_MAX    50000 /* looked through for findings */
#define LINES_MAX     1000u /* of a function at a time: the database has one writer meanwhile */
#define VERSIONS_KEPT 8u

static int on_id(void *context, int64_t function)
{
	int64_t **next = context;

	*(*next)++ = function;
	return 0;
}

static int load(struct gb_store *store, int64_t function, struct gb_profile **ret_profile, int64_t *ret_revision,
        struct gb_diag *diag)
{
	struct gb_arena *arena = gb_arena_new();
	struct gb_span body;
	int r = arena == NULL ? -ENOMEM : gb_profile_load(store, function, arena, &body, ret_revision, diag);

	if (r > 0)
		r = gb_profile_parse(body, ret_profile, diag);
	else if (r == 0)
		r = (*ret_profile = gb_profile_new()) == NULL ? -ENOMEM : 0;
	gb_arena_free(arena);
	return r;
}

static int save(struct gb_store *store, int64_t function, const struct gb_profile *profile, int64_t revision,
        struct gb_diag *diag)
{
	GB_CLEANUP(gb_freep) char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);
	int r = out == NULL ? -ENOMEM : gb_profile_print(profile, out);

	if (out != NULL && fclose(out) != 0 && r == 0)
		r = -ENOMEM;
	return r < 0 ? r : gb_profile_save(store, function, gb_span_of(text, n), revision, diag);
}

/* In a transaction: the lines go, and the profile has them. Result: how many lines. */
static int merge(struct gb_store *store, const struct gb_function *function, struct gb_profile **ret_profile,
        struct gb_learn_round *round, struct gb_diag *diag)
{
	GB_CLEANUP(waiting_done) struct waiting waiting;
	struct gb_profile_reading reading = {0};
	int64_t revision;
	size_t gone;
	int r = waiting_open(&waiting, function->name), lines = 0;

	if (r == 0)
		r = load(store, function->id, ret_profile, &revision, diag);
	if (r == 0)
		r = lines = gb_observations_take(store, function->id, LINES_MAX, waiting_add, &waiting, diag);
	if (r >= 0)
		r = waiting_finish(&waiting);
	if (r == 0)
		r = gb_profile_add_log(*ret_profile, gb_span_of(waiting.starts, waiting.starts_n), &reading);
	reading = (struct gb_profile_reading){0};
	if (r == 0)
		r = gb_profile_add_log(*ret_profile, gb_span_of(waiting.lines, waiting.lines_n), &reading);
	if (r == 0)
		r = gb_profile_forget(*ret_profile, VERSIONS_KEPT, &gone);
	if (r == 0 && lines > 0)
		r = save(store, function->id, *ret_profile, revision, diag);
	round->lines += (size_t)lines;
	round->broken += reading.broken;
	return r < 0 ? r : lines;
}

/* Put TEXT as KIND's document KEY unless that is what stands there. 1: it was new. */
static int put_list(struct gb_store *store, const char *kind, const char *key, struct gb_span text, const char *comment,
        struct gb_diag *diag)
{
	const struct gb_document document = {.kind = gb_span_cstr(kind),
	        .name = gb_span_cstr(key),
	        .body = text,
	        .author = GB_SPAN("gambeson"),
	        .comment = gb_span_cstr(comment)};
	struct gb_arena *arena = gb_arena_new();
	struct gb_document there;
	int64_t revision;
	int r = arena == NULL ? -ENOMEM : gb_document_get(store, document.kind, document.name, 0, arena, &there, diag);
	bool is_same = r > 0 && !there.is_deleted && gb_span_equal(there.body, text);

	gb_arena_free(arena);
	if (r < 0 || is_same)
		return r < 0 ? r : 0;
	r = gb_document_put(store, &document, GB_DOCUMENT_ANY, &revision, diag);
	return r < 0 ? r : 1;
}

/* Whether an allowlist is in force, and whether that is TEXT. */
static int compare_list(struct gb_store *store, const char *key, struct gb_span text, bool *ret_is_there,
        bool *ret_is_same, struct gb_diag *diag)
{
	struct gb_arena *arena = gb_arena_new();
	struct gb_document there;
	int r = arena == NULL ? -ENOMEM
	                      : gb_document_get(store, GB_SPAN(GB_PUBLISH_ALLOWLIST), gb_span_cstr(key), 0, arena,
	                                &there, diag);

	*ret_is_there = r > 0 && !there.is_deleted;
	*ret_is_same = *ret_is_there && gb_span_equal(there.body, text);
	gb_arena_free(arena);
	return r < 0 ? r : 0;
}

/* Whether the function's policy says that it is enforced after learning. */
static int is_automatic(struct gb_store *store, const struct gb_function *function, bool *ret_is, struct gb_diag *diag)
{
	GB_CLEANUP(gb_policyc_set_freep) struct gb_policyc_set *set = NULL;
	GB_CLEANUP(gb_policyc_document_freep) struct gb_policyc_document *learned = NULL;
	struct gb_policyc_resolution resolution;
	int r = gb_publish_set(store, function, &set, diag);

	*ret_is = false;
	if (r == 0)
		r = gb_publish_resolve(store, set, function, &resolution, &learned, diag);
	if (r == 0) {
		*ret_is = resolution.is_after_learning;
		gb_policyc_resolution_done(&resolution);
	}
	/* A policy that is refused, or none: a person decides. */
	return r == -ENOENT || r == -EINVAL ? 0 : r;
}

static int print_list(
        const struct gb_learn_view *view, const struct gb_function *function, char **ret_text, size_t *ret_n)
{
	GB_CLEANUP(gb_policyc_document_freep) struct gb_policyc_document *document = NULL;
	char part[GB_LOCATION_NAME_MAX];
	FILE *out;
	int r = gb_learn_allowlist(view, &document);

	if (r < 0)
		return r;
	gb_location_add_name(function->name, part);
	document->name = gb_policyc_copy(document, gb_span_cstr(part[0] == '=' ? "function" : part));
	out = document->name == NULL ? NULL : open_memstream(ret_text, ret_n);
	if (out == NULL)
		return -ENOMEM;
	gb_policyc_print(document, out);
	return fclose(out) == 0 ? 0 : -ENOMEM;
}

/* Learning has ended: propose the allowlist, or put it in force. */
static int end_learning(struct gb_store *store, const struct gb_function *function, const struct gb_learn_view *view,
        const char **ret_state, struct gb_diag *diag)
{
	GB_CLEANUP(gb_freep) char *text = NULL;
	char key[GB_PUBLISH_KEY_BYTES];
	bool is_there, is_same, is_own;
	size_t n = 0;
	int r = print_list(view, function, &text, &n);

	gb_publish_function_key(function->account, function->region, function->name, key);
	if (r == 0)
		r = compare_list(store, key, gb_span_of(text, n), &is_there, &is_same, diag);
	if (r < 0)
		return r;
	*ret_state = is_there ? "enforcing" : "ready";
	if (is_same)
		return 0;
	r = is_automatic(store, function, &is_own, diag);
	if (r < 0)
		return r;
	if (is_own)
		*ret_state = "enforcing";
	r = put_list(store, is_own ? GB_PUBLISH_ALLOWLIST : GB_PUBLISH_PROPOSAL, key, gb_span_of(text, n),
	        is_own ? "learning has ended" : "learning has ended; waits for a person", diag);
	return r < 0 ? r : 0;
}

/* What the profile says of the newest code. */
static int decide(struct gb_store *store, const struct gb_function *function, const struct gb_profile *profile,
        const struct gb_boundaries *boundaries, struct gb_diag *diag)
{
	GB_CLEANUP(gb_learn_view_freep) struct gb_learn_view *view = NULL;
	struct gb_learn_settings settings = gb_learn_settings_usual();
	struct gb_learn_decision decision = {0};
	struct gb_arena *arena = gb_arena_new();
	const char *state = "profiling";
	struct gb_diag inner = {0};
	int r = arena == NULL ? -ENOMEM : gb_function_code(store, function->id, arena, &settings.version, diag);

	settings.boundaries = boundaries;
	if (r >= 0)
		r = gb_learn_view_new(profile, &settings, &view, &inner);
	/* New code of which nothing was seen yet. */
	if (r == -ENOENT)
		r = 0;
	else if (r == 0)
		r = gb_learn_decide(view, &decision);
	if (r == 0 && view != NULL && view->invocations > 0)
		state = "learning";
	if (r == 0 && view == NULL && !gb_span_equal(function->state, GB_SPAN("profiling")) && settings.version.n != 0)
		state = "learning";
	if (r == 0 && decision.is_done)
		r = end_learning(store, function, view, &state, diag);
	if (r == 0)
		r = gb_function_learned(store, function->id, state, decision.percent, decision.bound, diag);
	if (r == 0 && view != NULL && decision.invocations > 0)
		r = gb_learning_note(store, function->id, view->version_name,
		        &(struct gb_learning_point){.invocations = (int64_t)decision.invocations,
		                .needed = (int64_t)decision.needed,
		                .percent = decision.percent,
		                .bound = decision.bound,
		                .time = gb_store_now_ms(store)},
		        diag);
	gb_arena_free(arena);
	return r < 0 ? r : 0;
}

struct learning {
	struct gb_store *store;
	const struct gb_boundaries *boundaries;
	struct gb_learn_round *round;
	struct gb_diag *diag;
	int lines; /* that were merged */
};

static int learn_function(void *context, const struct gb_function *function)
{
	GB_CLEANUP(gb_profile_freep) struct gb_profile *profile = NULL;
	struct learning *learning = context;

	learning->lines = merge(learning->store, function, &profile, learning->round, learning->diag);
	return learning->lines < 0 ? learning->lines
	                           : decide(learning->store, function, profile, learning->boundaries, learning->diag);
}

/* Result: how many lines were merged, or negative. */
static int learn_of(struct gb_store *store, int64_t id, const struct gb_boundaries *boundaries,
        struct gb_learn_round *round, struct gb_diag *diag)
{
	struct learning learning = {.store = store, .boundaries = boundaries, .round = round, .diag = diag};
	int r = gb_store_begin(store, diag);

	if (r == 0)
		r = each_one(store, NULL, id, learn_function, &learning, diag);
	if (r >= 0)
		r = gb_store_commit(store, diag);
	if (r < 0)
		gb_store_rollback(store);
	return r < 0 ? r : learning.lines;
}

int gb_publish_learn(struct gb_store *store, bool (*is_stopping)(void *context), void *context,
        struct gb_learn_round *ret_round, struct gb_diag *diag)
{
	int64_t functions[FUNCTIONS_MAX], *next = functions;
	struct gb_boundaries *boundaries;
	struct gb_settled settled = {.ready = 0};
	bool has_more;
	int count, r = gb_observations_settle(store, SETTLE_MAX, &settled, diag);

	*ret_round = (struct gb_learn_round){.left_out = settled.left_out};
	if (r == 0)
		r = gb_observations_add_findings(store, EVENTS_MAX, &has_more, diag);
	if (r < 0)
		return r;
	/* A thing is not learned before all is known that speaks against it. */
	count = has_more ? 0 : gb_observations_functions(store, 0, FUNCTIONS_MAX, on_id, &next, diag);
	ret_round->has_more = has_more || settled.has_more || count == (int)FUNCTIONS_MAX;
	r = 0;
	if (count <= 0)
		return count;
	boundaries = gb_boundaries_new();
	if (boundaries == NULL)
		return -ENOMEM;
	for (int i = 0; i < count && r >= 0 && (is_stopping == NULL || !is_stopping(context)); i++) {
		r = learn_of(store, functions[i], boundaries, ret_round, diag);
		ret_round->functions += r >= 0;
		ret_round->has_more |= r == (int)LINES_MAX;
	}
	gb_boundaries_free(boundaries);
	return r < 0 ? r : 0;
}

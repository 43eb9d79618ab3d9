/* SPDX-License-Identifier: Apache-2.0 */
#include "publish/preview.h"

#include "base/cleanup.h"
#include "publish/each.h"
#include "publish/judge.h"
#include "store/profiles.h"
#include "store/store.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *gb_decision_word(enum gb_decision decision)
{
	static const char *const words[_GB_DECISION_MAX] = {
	        [GB_DENY] = "deny", [GB_REPORT] = "report", [GB_OBSERVE] = "observe", [GB_ALLOW] = "allow"};

	return (unsigned)decision < _GB_DECISION_MAX ? words[decision] : "deny";
}

struct previewing {
	struct gb_store *store;
	const struct gb_scope *scope;
	const struct gb_rule *rule;
	struct gb_policyc_set *without, *with;
	const struct gb_boundaries *boundaries;
	struct gb_publish_preview *preview;
	gb_publish_example_row *on_example;
	void *context;
	int64_t end;
	struct gb_diag *diag;
	/* The function in hand. */
	const struct gb_function *function;
	struct judge before, after;
	const struct gb_event *event;
};

static bool is_over(const struct previewing *previewing)
{
	return previewing->preview->examined >= GB_PREVIEW_JUDGED ||
	       gb_store_now_ms(previewing->store) >= previewing->end;
}

static int tell(struct previewing *previewing, const struct gb_activity *activity, enum gb_decision before,
        enum gb_decision after)
{
	previewing->preview->examined++;
	if (before == after)
		return 0;
	previewing->preview->changed++;
	return previewing->on_example(
	        previewing->context, &(struct gb_publish_example){.function = previewing->function,
	                                     .event = previewing->event,
	                                     .activity = activity,
	                                     .before = before,
	                                     .after = after});
}

/* What the newest code was seen to do, each thing once. */
static int judge_profile(struct previewing *previewing)
{
	GB_CLEANUP(gb_arena_freep) struct gb_arena *arena = gb_arena_new();
	GB_CLEANUP(gb_profile_freep) struct gb_profile *profile = NULL;
	GB_CLEANUP(gb_learn_view_freep) struct gb_learn_view *view = NULL;
	struct gb_learn_settings settings = gb_learn_settings_usual();
	struct gb_diag inner = {0};
	struct gb_span body;
	int64_t revision;
	int r = arena == NULL ? -ENOMEM
	                      : gb_profile_load(previewing->store, previewing->function->id, arena, &body, &revision,
	                                previewing->diag);

	if (r <= 0)
		return r;
	settings.boundaries = previewing->boundaries;
	r = gb_profile_parse(body, &profile, &inner);
	if (r == 0)
		r = gb_learn_view_new(profile, &settings, &view, &inner);
	for (size_t i = 0; r == 0 && i < view->count && !is_over(previewing); i++) {
		struct gb_activity activity;

		r = gb_learn_activity(arena, view->entries[i].item, &activity);
		if (r == 0)
			r = tell(previewing, &activity, judge_activity(&previewing->before, &activity).decision,
			        judge_activity(&previewing->after, &activity).decision);
	}
	return r == -ENOENT || r == -EINVAL ? 0 : r;
}

static enum gb_decision recorded_of(const struct gb_event *event)
{
	return gb_span_equal(event->facets.action, GB_SPAN("blocked")) ? GB_DENY : GB_REPORT;
}

static int on_activity(void *context, const struct gb_learn_told *told)
{
	struct previewing *previewing = context;
	struct gb_span control = previewing->event->facets.control;
	enum gb_decision recorded = recorded_of(previewing->event);

	return tell(previewing, &told->activity, judge_finding(&previewing->before, &told->activity, control, recorded),
	        judge_finding(&previewing->after, &told->activity, control, recorded));
}

static struct gb_span text_of(const json_t *object, const char *name)
{
	const json_t *text = json_object_get(object, name);

	return gb_span_of(json_string_value(text), json_string_length(text));
}

static int judge_event_input(struct previewing *previewing, const struct gb_event *event)
{
	json_t *line = json_loadb((const char *)event->body.p, event->body.n, 0, NULL);
	const json_t *input = json_object_get(line, "input");
	struct gb_span class_code = text_of(line, "class"), path = text_of(input, "path"),
	               reason = text_of(line, "reason");
	int r = 0;

	if (json_is_object(input) && gb_span_equal(event->facets.control, GB_SPAN("firewall")))
		r = tell(previewing, NULL,
		        judge_input(&previewing->before, class_code, path, reason, recorded_of(event)),
		        judge_input(&previewing->after, class_code, path, reason, recorded_of(event)));
	json_decref(line);
	return r;
}

static int ignore_sandbox(void *context, struct gb_span sandbox, uint64_t invocations)
{
	(void)context;
	(void)sandbox;
	(void)invocations;
	return 0;
}

static int on_event(void *context, const struct gb_event *event)
{
	struct previewing *previewing = context;
	struct gb_learn_walk walk = {.on_activity = on_activity, .on_sandbox = ignore_sandbox, .context = previewing};
	int r;

	if (is_over(previewing))
		return 1;
	previewing->event = event;
	r = gb_learn_walk_log(&walk, event->body);
	if (r == 0 && walk.without_activity != 0)
		r = judge_event_input(previewing, event);
	previewing->event = NULL;
	return r;
}

static int judge_events(struct previewing *previewing)
{
	static const struct gb_span finding = GB_SPAN("finding");
	const struct gb_event_filter filter = {
	        .functions = &previewing->function->id, .function_count = 1, .kinds = {&finding, 1}};
	struct gb_event_page page = {.is_end = true};
	int r = gb_events_query(previewing->store, previewing->scope, &filter, (struct gb_event_cursor){0},
	        GB_PREVIEW_EVENTS, on_event, previewing, &page, previewing->diag);

	previewing->preview->is_truncated |= !page.is_end;
	return r < 0 ? r : 0;
}

static void note_conflict(struct previewing *previewing)
{
	const char *before = previewing->before.resolution.conflict, *after = previewing->after.resolution.conflict;

	if (after != NULL && before == NULL && previewing->preview->conflict[0] == '\0')
		(void)snprintf(previewing->preview->conflict, sizeof(previewing->preview->conflict), "%s", after);
}

/* Both policies of FUNCTION. 1; 0: none can be made, without the rule either. */
static int open_both(struct previewing *previewing, const struct gb_function *function)
{
	struct gb_diag old = {0};
	int before = judge_open(previewing->store, previewing->without, function, false, &previewing->before, &old);
	int r = judge_open(previewing->store, previewing->with, function, false, &previewing->after, previewing->diag);

	if (before < 0 && (r == -EINVAL || r == -EFBIG))
		return before == -EINVAL || before == -EFBIG ? 0 : before;
	return r < 0 ? r : before == 0;
}

static int look_at(struct previewing *previewing, const struct gb_function *function)
{
	int opened = open_both(previewing, function), r = opened < 0 ? opened : 0;

	previewing->function = function;
	if (opened > 0 && previewing->before.resolution.addition_count != previewing->after.resolution.addition_count) {
		previewing->preview->functions++;
		note_conflict(previewing);
		r = judge_events(previewing);
		if (r == 0)
			r = judge_profile(previewing);
	}
	judge_done(&previewing->before);
	judge_done(&previewing->after);
	return r;
}

static int look_at_next(void *context, const struct gb_function *function)
{
	struct previewing *previewing = context;
	int r = look_at(previewing, function);

	return r < 0 ? r : previewing->preview->functions >= GB_PREVIEW_FUNCTIONS || is_over(previewing);
}

static int look_at_all(struct previewing *previewing)
{
	const struct gb_rule *rule = previewing->rule;
	struct gb_function_filter filter = {.account = GB_SPAN_EMPTY};
	int r;

	if (gb_span_equal(rule->scope, GB_SPAN("account")))
		filter.account = rule->name;
	r = rule->function != 0 ? each_one(previewing->store, previewing->scope, rule->function, look_at_next,
	                                  previewing, previewing->diag)
	                        : each_function(previewing->store, previewing->scope, &filter, previewing->end,
	                                  look_at_next, previewing, previewing->diag);
	previewing->preview->is_truncated |= r == 0 || is_over(previewing);
	return r < 0 ? r : 0;
}

/* The documents and rules as they are, and with one more. */
static int open_sets(struct previewing *previewing, const struct gb_function *only)
{
	GB_CLEANUP(gb_arena_freep) struct gb_arena *arena = gb_arena_new();
	struct gb_policyc_addition addition;
	int r = arena == NULL ? -ENOMEM
	                      : gb_publish_set(previewing->store, only, &previewing->without, previewing->diag);

	if (r == 0)
		r = gb_publish_set(previewing->store, only, &previewing->with, previewing->diag);
	if (r == 0)
		r = gb_publish_addition(previewing->rule, arena, &addition);
	return r < 0 ? r : gb_policyc_set_add_entry(previewing->with, &addition, previewing->diag);
}

int gb_publish_preview(struct gb_store *store, const struct gb_scope *scope, const struct gb_rule *rule,
        gb_publish_example_row *on_example, void *context, struct gb_publish_preview *ret_preview, struct gb_diag *diag)
{
	const struct gb_function only = {.id = rule->function, .account = rule->function_account};
	struct gb_boundaries *boundaries = gb_boundaries_new();
	struct gb_diag own = {0};
	struct previewing previewing = {.store = store,
	        .scope = scope,
	        .rule = rule,
	        .boundaries = boundaries,
	        .preview = ret_preview,
	        .on_example = on_example,
	        .context = context,
	        .end = gb_store_now_ms(store) + GB_PREVIEW_MS,
	        .diag = diag != NULL ? diag : &own};
	int r = boundaries == NULL ? -ENOMEM : 0;

	*ret_preview = (struct gb_publish_preview){.functions = 0};
	if (r == 0)
		r = open_sets(&previewing, rule->function != 0 ? &only : NULL);
	if (r == 0)
		r = look_at_all(&previewing);
	gb_policyc_set_free(previewing.without);
	gb_policyc_set_free(previewing.with);
	gb_boundaries_free(boundaries);
	return r;
}

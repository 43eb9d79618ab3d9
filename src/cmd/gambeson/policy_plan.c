/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/gambeson/policy_plan.h"

#include "cmd/gambeson/line_diff.h"
#include "cmd/gambeson/screen.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct planning {
	struct gb_remote *remote;
	const struct gb_policy_locals *locals;
	const struct gb_policy_base *base;
	bool is_forced, has_prune;
	struct gb_policy_plans *plans;
};

/* Why PLAN's document on the server may not be overwritten; NULL: it may. */
static const char *why_not(const struct planning *planning, const struct gb_policy_plan *plan)
{
	int64_t known = gb_policy_base_revision(planning->base, plan->kind, plan->name);

	if (planning->is_forced || known == plan->revision)
		return NULL;
	if (plan->revision == 0)
		return "deleted on the server since it was pulled";
	if (known == 0)
		return plan->local == NULL ? "made on the server since the pull"
		                           : "on the server too, and it was not pulled from there";
	return "changed on the server since it was pulled";
}

static int plan_local(struct planning *planning, const struct gb_policy_local *local, struct gb_policy_plan *plan)
{
	const json_t *item = gb_policy_remote_find(planning->plans->list, local->kind, local->name);
	int status;

	*plan = (struct gb_policy_plan){.kind = local->kind,
	        .name = local->name,
	        .local = local,
	        .action = item == NULL ? GB_POLICY_MAKE : GB_POLICY_CHANGE,
	        .revision = json_integer_value(json_object_get(item, "revision"))};
	if (item != NULL) {
		status = gb_policy_remote_body(planning->remote, plan->kind, plan->name, &plan->there, &plan->there_n);
		if (status != GB_EXIT_OK)
			return status;
		if (gb_span_equal(gb_span_of(plan->there, plan->there_n), gb_policy_local_text(local))) {
			plan->action = GB_POLICY_KEEP;
			return GB_EXIT_OK;
		}
	}
	plan->why = why_not(planning, plan);
	if (plan->why != NULL)
		plan->action = GB_POLICY_REFUSE;
	return GB_EXIT_OK;
}

static int plan_deletion(struct planning *planning, const json_t *item, struct gb_policy_plan *plan)
{
	*plan = (struct gb_policy_plan){.action = GB_POLICY_DELETE,
	        .kind = json_string_value(json_object_get(item, "kind")),
	        .name = json_string_value(json_object_get(item, "name")),
	        .revision = json_integer_value(json_object_get(item, "revision"))};
	plan->why = why_not(planning, plan);
	if (plan->why != NULL)
		plan->action = GB_POLICY_REFUSE;
	return gb_policy_remote_body(planning->remote, plan->kind, plan->name, &plan->there, &plan->there_n);
}

static int make_plans(struct planning *planning)
{
	const json_t *item;
	size_t i;
	int status = gb_policy_remote_list(planning->remote, &planning->plans->list);

	if (status != GB_EXIT_OK)
		return status;
	planning->plans->items = calloc(
	        planning->locals->count + json_array_size(planning->plans->list) + 1, sizeof(*planning->plans->items));
	if (planning->plans->items == NULL)
		return gb_complain(planning->remote->command, GB_EXIT_SYSTEM, "out of memory");
	for (i = 0; status == GB_EXIT_OK && i < planning->locals->count; i++)
		status = plan_local(
		        planning, &planning->locals->items[i], &planning->plans->items[planning->plans->count++]);
	json_array_foreach(planning->plans->list, i, item)
	{
		if (status == GB_EXIT_OK && planning->has_prune &&
		        gb_policy_locals_find(planning->locals, json_string_value(json_object_get(item, "kind")),
		                json_string_value(json_object_get(item, "name"))) == NULL)
			status = plan_deletion(planning, item, &planning->plans->items[planning->plans->count++]);
	}
	return status;
}

int gb_policy_plans_make(struct gb_remote *remote, const struct gb_policy_locals *locals,
        const struct gb_policy_base *base, bool is_forced, bool has_prune, struct gb_policy_plans *ret_plans)
{
	struct planning planning = {remote, locals, base, is_forced, has_prune, ret_plans};

	*ret_plans = (struct gb_policy_plans){.count = 0};
	return make_plans(&planning);
}

void gb_policy_plans_done(struct gb_policy_plans *plans)
{
	for (size_t i = 0; i < plans->count; i++)
		free(plans->items[i].there);
	free(plans->items);
	json_decref(plans->list);
}

/* What PLAN changes. Result: enum gb_exit. */
int gb_policy_plan_show(const struct gb_command *self, const struct gb_policy_plan *plan)
{
	static const char *const words[] = {[GB_POLICY_MAKE] = "new",
	        [GB_POLICY_CHANGE] = "changed",
	        [GB_POLICY_DELETE] = "deleted",
	        [GB_POLICY_REFUSE] = "refused"};
	int r;

	if (plan->action == GB_POLICY_KEEP)
		return GB_EXIT_OK;
	(void)printf("--- %s %s ", words[plan->action], plan->kind);
	(void)gb_screen_text(stdout, gb_span_cstr(plan->name));
	(void)putchar('\n');
	r = gb_line_diff(stdout, gb_has_colour(STDOUT_FILENO), gb_span_of(plan->there, plan->there_n),
	        gb_policy_local_text(plan->local));
	return r < 0 ? gb_complain(self, GB_EXIT_SYSTEM, "out of memory") : GB_EXIT_OK;
}

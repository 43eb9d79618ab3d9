/* SPDX-License-Identifier: Apache-2.0 */
/* Learning and publishing (publish/publish.h), in the background. Of several servers one does each. */
#include "control/publish_task.h"

#include "control/state.h"
#include "publish/publish.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define LEARN_MS   1000u
#define PUBLISH_MS 500u /* a change of a function, of the time; changed documents wake it */

struct publishing {
	struct gb_plane *control;
	struct gb_location location;
	char data[PATH_MAX];
	struct gb_publish *publish;
	size_t failed; /* in the round before */
};

static bool is_stopping(void *context)
{
	return gb_task_is_stopping(context);
}

static int learn(struct gb_store *store, void *context, struct gb_diag *diag)
{
	struct gb_learn_round round;
	int r;

	do {
		r = gb_publish_learn(store, is_stopping, context, &round, diag);
		if (r == 0 && round.broken > 0)
			gb_log(context, GB_LOG_WARNING, "observations that cannot be read", "{s:I}", "count",
			        (json_int_t)round.broken);
		if (r == 0 && round.left_out > 0)
			gb_log(context, GB_LOG_WARNING, "observations that their sandboxes do not vouch for", "{s:I}",
			        "left_out", (json_int_t)round.left_out);
	} while (r == 0 && round.has_more && !gb_task_is_stopping(context));
	return r;
}

static int publish(struct gb_store *store, void *context, struct gb_diag *diag)
{
	struct publishing *publishing = context;
	struct gb_publish_round round;
	int r = gb_publish_run(publishing->publish, store, &round, diag);

	if (r < 0)
		return r;
	if (round.published > 0 || round.refused > 0)
		gb_log(publishing->control, GB_LOG_INFO, "policies published", "{s:I,s:I}", "published",
		        (json_int_t)round.published, "refused", (json_int_t)round.refused);
	/* Said once, until it is over. */
	if (round.failed > 0 && publishing->failed == 0)
		gb_log(publishing->control, GB_LOG_ERROR, "policies cannot be published", "{s:s}", "why",
		        round.complaint);
	if (round.failed == 0 && publishing->failed > 0)
		gb_log(publishing->control, GB_LOG_INFO, "policies can be published again", NULL);
	publishing->failed = round.failed;
	return 0;
}

static void stop(void *context)
{
	struct publishing *publishing = context;

	gb_publish_cancel(publishing->publish);
}

static void done(void *context)
{
	struct publishing *publishing = context;

	gb_publish_free(publishing->publish);
	free(publishing);
}

static int find_store(struct publishing *publishing, struct gb_diag *diag)
{
	const struct gb_control_settings *settings = publishing->control->settings;
	char room[PATH_MAX + 16];
	const char *region = getenv("AWS_REGION");
	int n;

	if (realpath(settings->data, publishing->data) == NULL)
		return gb_diag_set(diag, -errno, 0, 0, "%.150s: %s", settings->data, strerror(errno));
	n = snprintf(room, sizeof(room), "%s/policies", publishing->data);
	if (settings->policies != NULL)
		return gb_location_parse(gb_span_cstr(settings->policies), region == NULL ? "" : region, true,
		        &publishing->location, diag);
	return gb_location_parse(gb_span_of(room, (size_t)n), "", true, &publishing->location, diag);
}

int gb_publish_tasks_add(struct gb_plane *control, struct gb_diag *diag)
{
	struct publishing *publishing = calloc(1, sizeof(*publishing));
	struct gb_task tasks[] = {
	        {.name = "learn", .period_ms = LEARN_MS, .is_singleton = true, .run = learn, .context = control},
	        {.name = "publish",
	                .period_ms = PUBLISH_MS,
	                .is_singleton = true,
	                .run = publish,
	                .context = publishing,
	                .stop = stop,
	                .done = done}};
	struct gb_publish_settings settings = {.is_stopping = is_stopping, .context = control};
	int r;

	if (publishing == NULL)
		return -ENOMEM;
	publishing->control = control;
	r = find_store(publishing, diag);
	settings.data = publishing->data;
	settings.location = &publishing->location;
	if (r == 0)
		r = gb_publish_new(&settings, &publishing->publish, diag);
	if (r == 0)
		r = gb_task_add(control, &tasks[0]);
	if (r == 0)
		r = gb_task_add(control, &tasks[1]);
	if (r < 0)
		done(publishing);
	return r;
}

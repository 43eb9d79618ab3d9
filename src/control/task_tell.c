/* SPDX-License-Identifier: Apache-2.0 */
#include "control/task_tell.h"

#include "tell/turn.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define FEED_MS 400u
#define SEND_MS 400u
#define TIDY_MS 10000u
#define SENDERS 3u /* a slow receiver holds up one of them, for 20 s */
#define TURNS   50 /* of the feed at one time: others write too */

struct telling {
	struct gb_plane *control;
	struct gb_tell_sender *sender;
};

struct gb_tell_settings gb_tell_settings_of(const struct gb_plane *control)
{
	const struct gb_control_settings *settings = control->settings;

	return (struct gb_tell_settings){.folder = settings->data,
	        .portal = settings->portal,
	        .ca_file = settings->tell_ca,
	        .host = control->host,
	        .reach = settings->tell_reach};
}

static bool is_stopping(void *context)
{
	const struct telling *telling = context;

	return gb_task_is_stopping(telling->control);
}

static int feed(struct gb_store *store, void *context, struct gb_diag *diag)
{
	const struct telling *telling = context;
	int r = 1;

	for (int i = 0; r > 0 && i < TURNS && !gb_task_is_stopping(telling->control); i++)
		r = gb_tell_feed(store, diag);
	return r == -EAGAIN ? 0 : r;
}

static int send_due(struct gb_store *store, void *context, struct gb_diag *diag)
{
	struct telling *telling = context;
	int r = 1;

	while (r > 0 && !gb_task_is_stopping(telling->control))
		r = gb_tell_send(store, telling->sender, is_stopping, telling, diag);
	return r == -EAGAIN ? 0 : r;
}

static int tidy(struct gb_store *store, void *context, struct gb_diag *diag)
{
	int r = gb_tell_tidy(store, diag);

	(void)context;
	return r == -EAGAIN ? 0 : r;
}

static void stop(void *context)
{
	struct telling *telling = context;

	if (telling->sender)
		gb_tell_sender_cancel(telling->sender);
}

static void done(void *context)
{
	struct telling *telling = context;

	gb_tell_sender_free(telling->sender);
	free(telling);
}

static int add(struct gb_plane *control, struct gb_task task, bool has_sender, struct gb_diag *diag)
{
	const struct gb_tell_settings settings = gb_tell_settings_of(control);
	struct telling *telling = calloc(1, sizeof(*telling));
	int r = telling ? 0 : -ENOMEM;

	task.context = telling;
	task.stop = stop;
	task.done = done;
	if (telling)
		telling->control = control;
	if (r == 0 && has_sender)
		r = gb_tell_sender_new(&settings, &telling->sender, diag);
	if (r == 0)
		r = gb_task_add(control, &task);
	if (r < 0 && telling)
		done(telling);
	return r;
}

/* A name that may stand in a protocol's line. */
static void name_host(char *host, size_t cap)
{
	size_t n = 0;

	if (gethostname(host, cap - 1) < 0)
		host[0] = '\0';
	while (n < cap - 1 && (gb_ascii_is_alpha((unsigned char)host[n]) || gb_ascii_is_digit((unsigned char)host[n]) ||
	                              host[n] == '-' || host[n] == '.'))
		n++;
	if (n == 0 || host[n] != '\0')
		snprintf(host, cap, "gambeson");
}

int gb_tasks_tell(struct gb_plane *control, struct gb_diag *diag)
{
	static const char *const names[SENDERS] = {"tell-send-1", "tell-send-2", "tell-send-3"};
	int r;

	name_host(control->host, sizeof(control->host));
	r = add(control, (struct gb_task){.name = "tell-feed", .period_ms = FEED_MS, .is_singleton = true, .run = feed},
	        false, diag);

	if (r == 0)
		r = add(control,
		        (struct gb_task){.name = "tell-tidy", .period_ms = TIDY_MS, .is_singleton = true, .run = tidy},
		        false, diag);
	for (size_t i = 0; r == 0 && i < SENDERS; i++)
		r = add(control, (struct gb_task){.name = names[i], .period_ms = SEND_MS, .run = send_due}, true, diag);
	return r;
}

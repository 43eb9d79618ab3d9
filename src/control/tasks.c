/* SPDX-License-Identifier: Apache-2.0 */
/* Background work of this server: each task is in a file of its own, and has a line here. */
#include "control/publish_task.h"
#include "control/state.h"
#include "control/task_tell.h"

extern const struct gb_task gb_clean_task, gb_forget_task, gb_incident_task, gb_verify_task;

static const struct gb_task *const tasks[] = {
        &gb_clean_task,
        &gb_forget_task,
        &gb_incident_task,
        &gb_verify_task,
};

int gb_tasks_start(struct gb_plane *control, struct gb_diag *diag)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < sizeof(tasks) / sizeof(tasks[0]); i++)
		r = gb_task_add(control, tasks[i]);
	if (r >= 0)
		r = gb_retention_task_add(control);
	if (r >= 0)
		r = gb_publish_tasks_add(control, diag);
	return r < 0 ? r : gb_tasks_tell(control, diag);
}

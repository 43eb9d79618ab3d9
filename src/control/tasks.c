/* SPDX-License-Identifier: Apache-2.0 */
/* Background work of this server: each area adds its own here, and the code of a task is in a file of its own. */
#include "control/state.h"
#include "control/task_tell.h"

extern const struct gb_task gb_clean_task;

int gb_tasks_start(struct gb_plane *control, struct gb_diag *diag)
{
	int r = gb_task_add(control, &gb_clean_task);

	return r < 0 ? r : gb_tasks_tell(control, diag);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* control/publish_task: the tasks "learn" and "publish". Private to its directory. */
#ifndef GB_CONTROL_PUBLISH_TASK_H
#define GB_CONTROL_PUBLISH_TASK_H

#include "control/control.h"

__attribute__((warn_unused_result)) int gb_publish_tasks_add(struct gb_plane *control, struct gb_diag *diag);

#endif

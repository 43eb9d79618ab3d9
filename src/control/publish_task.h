/* SPDX-License-Identifier: Apache-2.0 */
/* control/publish_task: the tasks "learn" and "publish". Private to its directory. */
#ifndef GB_CONTROL_PUBLISH_TASK_H
#define GB_CONTROL_PUBLISH_TASK_H

#include "control/control.h"

/* The tasks that learn and publish, each on one server at a time. -ENOMEM, or what is wrong with the place to publish to, in DIAG. */
__attribute__((warn_unused_result)) int gb_publish_tasks_add(struct gb_plane *control, struct gb_diag *diag);

#endif

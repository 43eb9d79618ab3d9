/* SPDX-License-Identifier: Apache-2.0 */
/* control/task_tell: telling others, in the background. */
#ifndef GB_CONTROL_TASK_TELL_H
#define GB_CONTROL_TASK_TELL_H

#include "control/state.h"
#include "tell/deliver.h"

/* Tasks: one that reads the feed, some that send, one that tidies up. */
__attribute__((warn_unused_result)) int gb_tasks_tell(struct gb_plane *control, struct gb_diag *diag);

/* What senders of this server are made with. */
struct gb_tell_settings gb_tell_settings_of(const struct gb_plane *control);

#endif

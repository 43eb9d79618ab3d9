/* SPDX-License-Identifier: Apache-2.0 */
/* control/setup: the first administrator. While there is no user, each start makes a new secret, which is printed as a link,
 * ends after a day, and makes one administrator, once. */
#ifndef GB_CONTROL_SETUP_H
#define GB_CONTROL_SETUP_H

#include "control/control.h"
#include "store/store.h"

/* At start: a secret in RET_SECRET (GB_SECRET_CHARS), or 0 when there are users. 1, 0, or a negative errno. */
__attribute__((warn_unused_result)) int gb_setup_begin(struct gb_store *store, char *ret_secret, struct gb_diag *diag);

#endif

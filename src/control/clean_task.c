/* SPDX-License-Identifier: Apache-2.0 */
/* What has ended is taken out of the database: sessions, and sign-ins that nobody came back from. */
#include "control/auth.h"
#include "control/state.h"
#include "store/sign_ins.h"

static int run(struct gb_store *store, void *context, struct gb_diag *diag)
{
	int64_t now = gb_clock_ms();
	int r = gb_sessions_expire(store, now, now - GB_SESSION_IDLE_MS, diag);

	(void)context;
	return r < 0 ? r : gb_sign_ins_expire(store, now, diag);
}

const struct gb_task gb_clean_task = {.name = "sessions", .period_ms = 600000, .is_singleton = true, .run = run};

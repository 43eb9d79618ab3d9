/* SPDX-License-Identifier: Apache-2.0 */
/* Whether what came in is authentic, behind ingest. */
#include "collect/collect.h"

#include "control/state.h"

#define RUNS_MAX 20u

/* Bounded, so that the server can end. */
static int verify(struct gb_store *store, void *context, struct gb_diag *diag)
{
	int r = 1;

	(void)context;
	for (unsigned i = 0; i < RUNS_MAX && r > 0; i++)
		r = gb_collect_verify(store, GB_COLLECT_GRACE_MS, diag);
	return r < 0 ? r : 0;
}

static int forget(struct gb_store *store, void *context, struct gb_diag *diag)
{
	(void)context;
	return gb_collect_forget(store, diag);
}

const struct gb_task gb_verify_task = {.name = "verify", .period_ms = 1000, .is_singleton = true, .run = verify};
const struct gb_task gb_forget_task = {.name = "forget", .period_ms = 60000, .is_singleton = true, .run = forget};

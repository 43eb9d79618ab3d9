/* SPDX-License-Identifier: Apache-2.0 */
/*
 * warden/restore: a SnapStart snapshot of the initialised sandbox was taken while the runtime waited for the answer to
 * /restore/next, and that answer has come: this is one of many copies, perhaps months later.
 */
#include "warden/state.h"

void warden_restored(struct gb_warden *warden)
{
	struct gb_diag diag;
	int loaded, renewed = 0;

	warden_observe_renew(warden);
	warden_seal_renew(warden);
	loaded = warden_policy_load_again(warden, &diag);
	warden_policy_follow_dates(warden);
	if (warden->options.on_restore != NULL)
		renewed = warden->options.on_restore(warden->options.on_restore_context);
	warden_write_start_again(warden);
	warden_policy_tell(warden, loaded, &diag);
	warden_refresh_hurry(warden);
	if (renewed < 0)
		gb_warden_write_notice(
		        warden, "medium", "no_decoys", "not all decoys could be made anew: %s", strerror(-renewed));
	gb_warden_write_notice(warden, "low", "restored",
	        "restored from a snapshot: the policy was read again, this is a sandbox of its own now, %d decoy files "
	        "have "
	        "new values; decoys in variables keep the snapshot's",
	        renewed < 0 ? 0 : renewed);
}

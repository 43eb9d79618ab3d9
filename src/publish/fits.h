/* SPDX-License-Identifier: Apache-2.0 */
/*
 * publish/fits: whether every function that has a policy still has one with a rule or document that is about to be written. What does not
 * fit is refused, since a function whose policy cannot be made keeps an old one.
 */
#ifndef GB_PUBLISH_FITS_H
#define GB_PUBLISH_FITS_H

#include "publish/trial.h"

#define GB_FITS_MS                                                                                                     \
	3000 /* functions that were not looked at by then are the publisher's: it leaves them their last policy, and says why */

/* 0; -EINVAL with DIAG, which names a function and what is wrong with its policy: one can be made without RULE only. RULE has been checked. */
__attribute__((warn_unused_result)) int gb_publish_fits(
        struct gb_store *store, const struct gb_rule *rule, struct gb_diag *diag);

/* The same of a document's change, which gb_publish_check() found good. */
__attribute__((warn_unused_result)) int gb_publish_document_fits(
        struct gb_store *store, const struct gb_publish_change *change, struct gb_diag *diag);

#endif

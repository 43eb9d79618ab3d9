/* SPDX-License-Identifier: Apache-2.0 */
/*
 * learn: observations out of a function's log → an allowlist that a person can read. Simple and honest: what was seen
 * is allowed as it was seen; a part becomes a pattern only where the evidence says that it varies (docs/POLICY.md).
 * Never learned: what a finding names, whatever happened in an invocation with a finding, and what never belongs on an
 * allowlist. Hosted code.
 */
#ifndef GB_LEARN_LEARN_H
#define GB_LEARN_LEARN_H

#include "base/diag.h"
#include "policyc/policyc.h"

struct gb_learn;

struct gb_learn_summary {
	size_t lines;           /* Gambeson's own */
	size_t items;           /* observations in them */
	size_t invocations;     /* that showed any */
	size_t beside_findings; /* observations left out: their invocation had a finding */
	size_t found;           /* observations left out: a finding names the same thing */
	size_t never;           /* observations left out: never to be learned */
	size_t broken;          /* lines or items that could not be read */
	size_t cut;             /* items that the log holds only in part */
};

struct gb_learn *gb_learn_new(void);
void gb_learn_free(struct gb_learn *learn);
/* For GB_CLEANUP. */
void gb_learn_freep(struct gb_learn **learn);

/* Take what is Gambeson's out of LOG, a text of lines; other lines are passed over. -ENOMEM. */
__attribute__((warn_unused_result)) int gb_learn_add_log(struct gb_learn *learn, struct gb_span log);

/* The document of all that was added. The order in which logs were added does not matter. *ret_summary may be NULL. */
__attribute__((warn_unused_result)) int gb_learn_document(
        struct gb_learn *learn, struct gb_policyc_document **ret_document, struct gb_learn_summary *ret_summary);

#endif

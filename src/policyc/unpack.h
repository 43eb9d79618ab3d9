/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policyc/unpack: parts of a blob → parts of a document. Private to policyc.
 */
#ifndef GB_POLICYC_UNPACK_H
#define GB_POLICYC_UNPACK_H

#include "policyc/policyc.h"

/* The firewall's settings of POLICY, which gb_policy_firewall_open() has taken, into DOCUMENT. */
__attribute__((warn_unused_result)) int gb_policyc_unpack_firewall(
        const struct gb_policy *policy, struct gb_policyc_document *document);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policyc/address: addresses as they stand in documents. Private to policyc.
 *   10.0.0.0/8:5432   10.0.0.1:80   [fd00::/8]:443   [::1]:*   10.0.0.1:1024-65535   family:16
 */
#ifndef GB_POLICYC_ADDRESS_H
#define GB_POLICYC_ADDRESS_H

#include "base/diag.h"
#include "base/text.h"
#include "wire/blob.h"

/* TEXT as a policy document writes it: address or block with a port or ports, or `family:N`. -EINVAL with DIAG. */
__attribute__((warn_unused_result)) int gb_policyc_address_parse(
        struct gb_span text, struct gb_blob_address *ret_address, struct gb_diag *diag);

/* The one form that stands for ADDRESS. */
void gb_policyc_address_print(const struct gb_blob_address *address, struct gb_text *out);

#endif

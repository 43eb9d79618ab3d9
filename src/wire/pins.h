/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire/pins: the keys that a function trusts to sign its policies, as they lie in the layer (policy.pub). One 32-byte key
 * as such, or lines of text:
 *
 *     # what stands behind a # is a comment
 *     9d61b19d…9d3fcb4f                     an Ed25519 public key, 64 hexadecimal digits
 *     d75a9801…f707511a until 2027-01-31    one that is trusted up to that day, which is the last
 *     least-serial 118                      no policy with a smaller serial is taken
 */
#ifndef GB_WIRE_PINS_H
#define GB_WIRE_PINS_H

#include "base/diag.h"
#include "wire/blob.h"

#define GB_PINS_MAX       8u
#define GB_PINS_BYTES_MAX 4096u

struct gb_pin {
	unsigned char key[GB_BLOB_KEY_BYTES];
	uint32_t last_day; /* since 1970-01-01; 0: for ever */
};

struct gb_pins {
	struct gb_pin pins[GB_PINS_MAX];
	size_t count;
	uint64_t least_serial; /* 0: any */
};

/* Read FILE. -EINVAL with DIAG: no key, too many, a line that is none of the above. */
__attribute__((warn_unused_result)) int gb_pins_parse(
        struct gb_span file, struct gb_pins *ret_pins, struct gb_diag *diag);

/* gb_blob_verify() with the pinned key that the file names; TODAY is in days since 1970-01-01. Also: -EKEYEXPIRED when that
 * key is trusted no longer, -ESTALE when the serial is too small. */
__attribute__((warn_unused_result)) int gb_pins_verify(
        const struct gb_pins *pins, struct gb_span file, uint32_t today, struct gb_span *ret_blob);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/base64: RFC 4648, both alphabets. No allocation.
 */
#ifndef GB_BASE_BASE64_H
#define GB_BASE_BASE64_H

#include "base/text.h"

#include <sys/types.h>

/* Characters of N bytes, without padding; bytes that N characters can stand for at most. */
#define GB_BASE64_CHARS(n) (((n)*4 + 2) / 3)
#define GB_BASE64_BYTES(n) ((n) / 4 * 3 + 2)

/* S in the alphabet that is safe in URLs (`-`, `_`), without padding. */
void gb_base64_add_url(struct gb_text *text, struct gb_span s);

/* All of S, in either alphabet, with or without padding, into RET, which has room for GB_BASE64_BYTES(S.n) bytes and
 * may be where S is. Result: bytes, or -EINVAL: something else is in S, or it ends in the middle of a byte. */
__attribute__((warn_unused_result)) ssize_t gb_base64_decode(struct gb_span s, unsigned char *ret);

#endif

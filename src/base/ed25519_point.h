/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/ed25519_point: points of the curve and numbers modulo the order of its group, for ed25519.c and ed25519_sign.c.
 * No branch and no address depends on what goes in, where not said otherwise.
 */
#ifndef GB_BASE_ED25519_POINT_H
#define GB_BASE_ED25519_POINT_H

#include "base/ed25519_field.h"

/* x = X/Z, y = Y/Z, x·y = T/Z. */
struct point {
	struct field x, y, z, t;
};

/* A point made ready to be added often. */
struct addend {
	struct field y_plus_x, y_minus_x, z2, t2d;
};

extern const struct point gb_ed25519_base_point;

/* RFC 8032 §5.1.4, complete: right for any two points. T is needed only when an addition follows. */
struct point gb_ed25519_point_double(const struct point *p, bool with_t);
struct point gb_ed25519_point_add(const struct point *p, const struct addend *q, bool with_t);
struct addend gb_ed25519_addend_of(const struct point *p);
void gb_ed25519_point_encode(const struct point *p, unsigned char out[32]);

/* Whether S, which is public, is the one way to write its number. */
bool gb_ed25519_scalar_is_below_order(const uint64_t s[4]);
/* DIGEST, 512 bits little-endian, modulo the group order. */
void gb_ed25519_scalar_reduce(const unsigned char digest[64], uint64_t ret_scalar[4]);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/ed25519_field: numbers modulo p = 2^255 - 19 as five limbs of 51 bits. Private to ed25519.c.
 *
 * Bounds: mul and square take limbs below 2^54 and give limbs below 2^51 + 2^13; add gives below 2^53 for such results;
 * subtract adds 4p first, so its second operand may be a sum of two results and its result is below 2^54.
 */
#ifndef GB_BASE_ED25519_FIELD_H
#define GB_BASE_ED25519_FIELD_H

#include "base/span.h"

struct field {
	uint64_t v[5];
};

#define FIELD_MASK ((1ull << 51) - 1)

__extension__ typedef unsigned __int128 field_wide;

static const struct field field_one = {{1, 0, 0, 0, 0}};

static inline struct field field_add(struct field a, struct field b)
{
	for (size_t i = 0; i < 5; i++)
		a.v[i] += b.v[i];
	return a;
}

static inline struct field field_subtract(struct field a, struct field b)
{
	a.v[0] += 0x1fffffffffffb4u - b.v[0];
	for (size_t i = 1; i < 5; i++)
		a.v[i] += 0x1ffffffffffffcu - b.v[i];
	return a;
}

__attribute__((always_inline)) static inline struct field field_carry(field_wide r[5])
{
	struct field out;

	/* Written out: the agent is compiled for size, and this is most of what a signature costs. */
	r[1] += (uint64_t)(r[0] >> 51);
	r[2] += (uint64_t)(r[1] >> 51);
	r[3] += (uint64_t)(r[2] >> 51);
	r[4] += (uint64_t)(r[3] >> 51);
	out = (struct field){{(uint64_t)r[0] & FIELD_MASK, (uint64_t)r[1] & FIELD_MASK, (uint64_t)r[2] & FIELD_MASK,
	        (uint64_t)r[3] & FIELD_MASK, (uint64_t)r[4] & FIELD_MASK}};
	out.v[0] += (uint64_t)(r[4] >> 51) * 19;
	out.v[1] += out.v[0] >> 51;
	out.v[0] &= FIELD_MASK;
	return out;
}

/* Not in all of its callers, nor the next but one: that would be 30 KB. A square is, in the one loop that has most of them. */
__attribute__((noinline, unused)) static struct field field_mul(struct field a, struct field b)
{
	uint64_t a1 = a.v[1] * 19, a2 = a.v[2] * 19, a3 = a.v[3] * 19, a4 = a.v[4] * 19;
	field_wide r[5];

	r[0] = (field_wide)a.v[0] * b.v[0] + (field_wide)a4 * b.v[1] + (field_wide)a3 * b.v[2] +
	       (field_wide)a2 * b.v[3] + (field_wide)a1 * b.v[4];
	r[1] = (field_wide)a.v[1] * b.v[0] + (field_wide)a.v[0] * b.v[1] + (field_wide)a4 * b.v[2] +
	       (field_wide)a3 * b.v[3] + (field_wide)a2 * b.v[4];
	r[2] = (field_wide)a.v[2] * b.v[0] + (field_wide)a.v[1] * b.v[1] + (field_wide)a.v[0] * b.v[2] +
	       (field_wide)a4 * b.v[3] + (field_wide)a3 * b.v[4];
	r[3] = (field_wide)a.v[3] * b.v[0] + (field_wide)a.v[2] * b.v[1] + (field_wide)a.v[1] * b.v[2] +
	       (field_wide)a.v[0] * b.v[3] + (field_wide)a4 * b.v[4];
	r[4] = (field_wide)a.v[4] * b.v[0] + (field_wide)a.v[3] * b.v[1] + (field_wide)a.v[2] * b.v[2] +
	       (field_wide)a.v[1] * b.v[3] + (field_wide)a.v[0] * b.v[4];
	return field_carry(r);
}

static inline struct field field_square(struct field a)
{
	uint64_t d0 = a.v[0] * 2, d1 = a.v[1] * 2, d2 = a.v[2] * 2;
	uint64_t a3 = a.v[3] * 19, a4 = a.v[4] * 19;
	field_wide r[5];

	r[0] = (field_wide)a.v[0] * a.v[0] + (field_wide)d1 * a4 + (field_wide)d2 * a3;
	r[1] = (field_wide)d0 * a.v[1] + (field_wide)d2 * a4 + (field_wide)a.v[3] * a3;
	r[2] = (field_wide)d0 * a.v[2] + (field_wide)a.v[1] * a.v[1] + (field_wide)(a.v[3] * 2) * a4;
	r[3] = (field_wide)d0 * a.v[3] + (field_wide)d1 * a.v[2] + (field_wide)a.v[4] * a4;
	r[4] = (field_wide)d0 * a.v[4] + (field_wide)d1 * a.v[3] + (field_wide)a.v[2] * a.v[2];
	return field_carry(r);
}

__attribute__((noinline, unused)) static struct field field_square_times(struct field a, unsigned count)
{
	while (count-- > 0)
		a = field_square(a);
	return a;
}

/* The one representative below p. */
static inline struct field field_reduce(struct field a)
{
	uint64_t carry;

	/* Twice: the first round may leave one bit above 2^255. */
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < 4; i++) {
			a.v[i + 1] += a.v[i] >> 51;
			a.v[i] &= FIELD_MASK;
		}
		a.v[0] += 19 * (a.v[4] >> 51);
		a.v[4] &= FIELD_MASK;
	}
	/* a < 2^255 + 19·2 now in all: a ≥ p exactly when a + 19 carries out of bit 255. */
	carry = 19;
	for (size_t i = 0; i < 5; i++)
		carry = (a.v[i] + carry) >> 51;
	a.v[0] += 19 * carry;
	for (size_t i = 0; i < 4; i++) {
		a.v[i + 1] += a.v[i] >> 51;
		a.v[i] &= FIELD_MASK;
	}
	a.v[4] &= FIELD_MASK;
	return a;
}

static inline void field_encode(struct field a, unsigned char out[32])
{
	uint64_t w[4];

	a = field_reduce(a);
	w[0] = a.v[0] | a.v[1] << 51;
	w[1] = a.v[1] >> 13 | a.v[2] << 38;
	w[2] = a.v[2] >> 26 | a.v[3] << 25;
	w[3] = a.v[3] >> 39 | a.v[4] << 12;
	__builtin_memcpy(out, w, sizeof(w));
}

/* Bit 255 is not looked at. */
static inline struct field field_decode(const unsigned char in[32])
{
	uint64_t w[4];

	__builtin_memcpy(w, in, sizeof(w));
	return (struct field){{
	        w[0] & FIELD_MASK,
	        (w[0] >> 51 | w[1] << 13) & FIELD_MASK,
	        (w[1] >> 38 | w[2] << 26) & FIELD_MASK,
	        (w[2] >> 25 | w[3] << 39) & FIELD_MASK,
	        (w[3] >> 12) & FIELD_MASK,
	}};
}

static inline bool field_equal(struct field a, struct field b)
{
	unsigned char x[32], y[32];

	field_encode(a, x);
	field_encode(b, y);
	return __builtin_memcmp(x, y, sizeof(x)) == 0;
}

/* a^(2^250 - 1), the common part of inversion and square root; *ret_11 is a^11. */
static inline struct field field_power_250(struct field a, struct field *ret_11)
{
	struct field a2 = field_square(a);
	struct field a9 = field_mul(field_square_times(a2, 2), a);
	struct field a11 = field_mul(a9, a2);
	struct field a5 = field_mul(field_square(a11), a9); /* 2^5 - 1 */
	struct field a10 = field_mul(field_square_times(a5, 5), a5);
	struct field a20 = field_mul(field_square_times(a10, 10), a10);
	struct field a40 = field_mul(field_square_times(a20, 20), a20);
	struct field a50 = field_mul(field_square_times(a40, 10), a10);
	struct field a100 = field_mul(field_square_times(a50, 50), a50);
	struct field a200 = field_mul(field_square_times(a100, 100), a100);

	*ret_11 = a11;
	return field_mul(field_square_times(a200, 50), a50);
}

/* a^(p - 2) = 1/a. */
static inline struct field field_invert(struct field a)
{
	struct field a11, a250 = field_power_250(a, &a11);

	return field_mul(field_square_times(a250, 5), a11);
}

/* a^((p - 5) / 8). */
static inline struct field field_power_p58(struct field a)
{
	struct field a11, a250 = field_power_250(a, &a11);

	return field_mul(field_square_times(a250, 2), a);
}

#endif

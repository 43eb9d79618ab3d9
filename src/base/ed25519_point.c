/* SPDX-License-Identifier: Apache-2.0 */
#include "base/ed25519_point.h"

/* gcc 12 packs the limbs into vectors to copy them and loses more than it wins: 79 µs a signature with, 67 without. */
#if !defined(__clang__)
#pragma GCC optimize("no-tree-vectorize", "no-tree-slp-vectorize")
#endif

/* RFC 8032 §5.1.4: twice the d of the curve. */
static const struct field curve_2d = {
        {0x69b9426b2f159u, 0x35050762add7au, 0x3cf44c0038052u, 0x6738cc7407977u, 0x2406d9dc56dffu}};
/* Order of the base point: 2^252 + 27742317777372353535851937790883648493. */
static const uint64_t group_order[4] = {0x5812631a5cf5d3edu, 0x14def9dea2f79cd6u, 0, 0x1000000000000000u};

const struct point gb_ed25519_base_point = {
        .x = {{0x62d608f25d51au, 0x412a4b4f6592au, 0x75b7171a4b31du, 0x1ff60527118feu, 0x216936d3cd6e5u}},
        .y = {{0x6666666666658u, 0x4ccccccccccccu, 0x1999999999999u, 0x3333333333333u, 0x6666666666666u}},
        .z = {{1, 0, 0, 0, 0}},
        .t = {{0x68ab3a5b7dda3u, 0xeea2a5eadbbu, 0x2af8df483c27eu, 0x332b375274732u, 0x67875f0fd78b7u}},
};

static struct point finish(struct field e, struct field f, struct field g, struct field h, bool with_t)
{
	struct point out = {.x = field_mul(e, f), .y = field_mul(g, h), .z = field_mul(f, g)};

	if (with_t)
		out.t = field_mul(e, h);
	return out;
}

/* RFC 8032 §5.1.4. T is needed only when an addition follows. */
struct point gb_ed25519_point_double(const struct point *p, bool with_t)
{
	struct field a = field_square(p->x), b = field_square(p->y), zz = field_square(p->z);
	struct field h = field_add(a, b);
	struct field e = field_subtract(h, field_square(field_add(p->x, p->y)));
	struct field g = field_subtract(a, b);
	struct field f = field_add(field_add(zz, zz), g);

	return finish(e, f, g, h, with_t);
}

struct point gb_ed25519_point_add(const struct point *p, const struct addend *q, bool with_t)
{
	struct field a = field_mul(field_subtract(p->y, p->x), q->y_minus_x);
	struct field b = field_mul(field_add(p->y, p->x), q->y_plus_x);
	struct field c = field_mul(p->t, q->t2d), d = field_mul(p->z, q->z2);

	return finish(field_subtract(b, a), field_subtract(d, c), field_add(d, c), field_add(b, a), with_t);
}

struct addend gb_ed25519_addend_of(const struct point *p)
{
	return (struct addend){
	        .y_plus_x = field_add(p->y, p->x),
	        .y_minus_x = field_subtract(p->y, p->x),
	        .z2 = field_add(p->z, p->z),
	        .t2d = field_mul(p->t, curve_2d),
	};
}

void gb_ed25519_point_encode(const struct point *p, unsigned char out[32])
{
	struct field inverse = field_invert(p->z);
	unsigned char x[32];

	field_encode(field_mul(p->x, inverse), x);
	field_encode(field_mul(p->y, inverse), out);
	out[31] = (unsigned char)(out[31] | (x[0] & 1) << 7);
}

bool gb_ed25519_scalar_is_below_order(const uint64_t s[4])
{
	for (size_t i = 4; i > 0; i--)
		if (s[i - 1] != group_order[i - 1])
			return s[i - 1] < group_order[i - 1];
	return false;
}

/* R·2^32 + WORD, modulo the order L = 2^252 + c: of the product, q·2^252 + low, q·L is taken off, which makes it less than
 * L and, because q < 2^34, more than -L. */
static void shift_in(uint64_t r[4], uint32_t word)
{
	uint64_t t[4] = {r[0] << 32 | word, r[1] << 32 | r[0] >> 32, r[2] << 32 | r[1] >> 32, r[3] << 32 | r[2] >> 32};
	uint64_t q = r[3] >> 32 << 4 | t[3] >> 60, borrow = 0, mask;
	field_wide qc = (field_wide)q * group_order[0], carry = 0;
	uint64_t off[4] = {(uint64_t)qc};

	qc = (qc >> 64) + (field_wide)q * group_order[1];
	off[1] = (uint64_t)qc;
	off[2] = (uint64_t)(qc >> 64);
	t[3] &= (1ull << 60) - 1;
	for (size_t i = 0; i < 4; i++) {
		field_wide difference = (field_wide)t[i] - off[i] - borrow;

		t[i] = (uint64_t)difference;
		borrow = (uint64_t)(difference >> 64) & 1u;
	}
	mask = 0 - borrow;
	for (size_t i = 0; i < 4; i++) {
		carry += (field_wide)t[i] + (group_order[i] & mask);
		r[i] = (uint64_t)carry;
		carry >>= 64;
	}
}

void gb_ed25519_scalar_reduce(const unsigned char digest[64], uint64_t ret_scalar[4])
{
	uint64_t r[4] = {0};
	uint32_t words[16];

	__builtin_memcpy(words, digest, sizeof(words));
	for (size_t i = 16; i-- > 0;)
		shift_in(r, words[i]);
	__builtin_memcpy(ret_scalar, r, sizeof(r));
}

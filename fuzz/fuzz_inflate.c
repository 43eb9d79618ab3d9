/* SPDX-License-Identifier: Apache-2.0 */
/* Inflate: never more than the room, the same with less room, a total that is at least what was written. */
#include "inspect/decode/decode.h"

#include <stdlib.h>
#include <string.h>

#define ROOM 65536u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(int is_true)
{
	if (!is_true)
		abort();
}

static void compare(struct gb_span in, enum gb_deflate_coat coat)
{
	unsigned char *all = malloc(ROOM), *some = malloc(ROOM / 64);
	struct gb_inflated whole, part;
	bool is_good, is_good_part;

	if (all == NULL || some == NULL)
		abort();
	is_good = gb_decode_inflate(in, coat, all, ROOM, &whole);
	is_good_part = gb_decode_inflate(in, coat, some, ROOM / 64, &part);
	check(is_good == is_good_part && whole.total == part.total);
	check(whole.n <= ROOM && whole.n <= whole.total && part.n <= ROOM / 64 && part.n <= whole.n);
	check(whole.n == whole.total || whole.n == ROOM);
	check(part.n == 0 || memcmp(all, some, part.n) == 0);
	/* A code of one bit stands for 258 bytes at most. */
	check(whole.total <= (uint64_t)in.n * 8 * 258);
	free(all);
	free(some);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct gb_span in = gb_span_of(data, n);

	compare(in, GB_DEFLATE_NONE);
	if (gb_decode_deflate_coat(in) != GB_DEFLATE_NONE)
		compare(in, gb_decode_deflate_coat(in));
	return 0;
}

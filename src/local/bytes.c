/* SPDX-License-Identifier: Apache-2.0 */
#include "local/local.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int gb_local_bytes_add(struct gb_local_bytes *bytes, struct gb_span s)
{
	size_t needed;

	if (__builtin_add_overflow(bytes->n, s.n, &needed))
		return -ENOMEM;
	if (needed > bytes->cap) {
		size_t cap = bytes->cap < 512 ? 512 : bytes->cap;
		unsigned char *grown;

		while (cap < needed && cap <= SIZE_MAX / 2)
			cap *= 2;
		if (cap < needed)
			return -ENOMEM;
		grown = realloc(bytes->p, cap);
		if (grown == NULL)
			return -ENOMEM;
		bytes->p = grown;
		bytes->cap = cap;
	}
	if (s.n > 0)
		memcpy(bytes->p + bytes->n, s.p, s.n);
	bytes->n = needed;
	return 0;
}

void gb_local_bytes_drop(struct gb_local_bytes *bytes, size_t n)
{
	if (n > bytes->n)
		n = bytes->n;
	if (n == 0)
		return;
	bytes->n -= n;
	memmove(bytes->p, bytes->p + n, bytes->n);
}

void gb_local_bytes_free(struct gb_local_bytes *bytes)
{
	free(bytes->p);
	*bytes = (struct gb_local_bytes){0};
}

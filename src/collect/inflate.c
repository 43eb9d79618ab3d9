/* SPDX-License-Identifier: Apache-2.0 */
#include "collect/batch.h"

#include <errno.h>
#include <string.h>
#include <zlib.h>

#define ROOM_MIN (64u * 1024u)

struct unpacked {
	unsigned char *p;
	size_t n, cap;
};

static int grow(struct gb_collect_batch *batch, struct unpacked *unpacked, size_t more)
{
	unsigned char *p;
	int r = 0;

	p = collect_room(batch, unpacked->cap + more, &r);
	if (p == NULL)
		return r;
	/* Only what is new counts. */
	batch->expanded -= unpacked->cap;
	if (unpacked->n != 0)
		memcpy(p, unpacked->p, unpacked->n);
	unpacked->p = p;
	unpacked->cap += more;
	return 0;
}

/* What the last four bytes say of the size; it may be a lie. */
static size_t said_size(struct gb_span body)
{
	const unsigned char *p = body.p + body.n - 4;
	size_t n = (size_t)p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16 | (size_t)p[3] << 24;

	return n < ROOM_MIN ? ROOM_MIN : n > GB_COLLECT_EXPANDED_MAX ? ROOM_MIN : n;
}

static int inflate_all(struct gb_collect_batch *batch, z_stream *z, struct unpacked *unpacked)
{
	for (;;) {
		int status, r;

		if (unpacked->n == unpacked->cap) {
			r = grow(batch, unpacked, unpacked->cap);
			if (r < 0)
				return r;
		}
		z->next_out = unpacked->p + unpacked->n;
		z->avail_out = (uInt)(unpacked->cap - unpacked->n);
		status = inflate(z, Z_NO_FLUSH);
		unpacked->n = unpacked->cap - z->avail_out;
		if (status == Z_MEM_ERROR)
			return -ENOMEM;
		if (status == Z_STREAM_END && z->avail_in == 0)
			return 0;
		/* Several may stand one behind the other. */
		if (status == Z_STREAM_END && inflateReset(z) == Z_OK)
			continue;
		if (status != Z_OK || (z->avail_in == 0 && z->avail_out != 0))
			return -EBADMSG;
	}
}

int collect_inflate(struct gb_collect_batch *batch, struct gb_span body, struct gb_span *ret)
{
	z_stream z = {.next_in = (Bytef *)(uintptr_t)body.p, .avail_in = (uInt)body.n};
	struct unpacked unpacked = {0};
	int r;

	if (body.n < 18 || body.n > UINT32_MAX)
		return -EBADMSG;
	r = grow(batch, &unpacked, said_size(body));
	if (r < 0)
		return r;
	if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK)
		return -ENOMEM;
	r = inflate_all(batch, &z, &unpacked);
	(void)inflateEnd(&z);
	*ret = gb_span_of(unpacked.p, unpacked.n);
	return r;
}

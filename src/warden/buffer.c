/* SPDX-License-Identifier: Apache-2.0 */
#include "warden/state.h"

#include <sys/mman.h>

struct gb_span warden_buffer_part(const struct warden_buffer *buffer, size_t from, size_t to)
{
	return gb_span_of(buffer->p + from, to - from);
}

size_t warden_buffer_room(struct warden_buffer *buffer, size_t limit)
{
	size_t used = buffer->end - buffer->begin;

	if (used == 0) {
		buffer->begin = buffer->ready = buffer->framed = buffer->end = 0;
	} else if (buffer->begin > 0 && buffer->end >= limit && used < limit) {
		memmove(buffer->p, buffer->p + buffer->begin, used);
		buffer->ready -= buffer->begin;
		buffer->framed -= buffer->begin;
		buffer->end = used;
		buffer->begin = 0;
	}
	return buffer->end < limit ? limit - buffer->end : 0;
}

bool warden_buffer_replace(struct warden_buffer *buffer, size_t at, size_t old_n, struct gb_span new)
{
	size_t behind = buffer->end - at - old_n;

	if (new.n > old_n &&new.n - old_n > buffer->cap - buffer->end)
		return false;
	memmove(buffer->p + at + new.n, buffer->p + at + old_n, behind);
	if (new.n != 0)
		memcpy(buffer->p + at, new.p, new.n);
	buffer->end = at + new.n + behind;
	if (buffer->end > buffer->high)
		buffer->high = buffer->end;
	return true;
}

void warden_buffer_drop(struct warden_buffer *buffer)
{
	buffer->framed = buffer->end = buffer->ready;
}

void warden_buffer_drop_framed(struct warden_buffer *buffer)
{
	size_t behind = buffer->end - buffer->framed;

	if (buffer->framed == buffer->ready)
		return;
	memmove(buffer->p + buffer->ready, buffer->p + buffer->framed, behind);
	buffer->framed = buffer->ready;
	buffer->end = buffer->ready + behind;
}

void warden_buffer_release(struct warden_buffer *buffer)
{
	if (buffer->high > EVENT_KEPT_BYTES)
		(void)madvise(buffer->p + EVENT_KEPT_BYTES, buffer->high - EVENT_KEPT_BYTES, MADV_DONTNEED);
	buffer->high = 0;
}

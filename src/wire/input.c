/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/input.h"

static uint32_t entry_bytes(uint32_t path_n, uint32_t value_n)
{
	return (uint32_t)((sizeof(struct gb_input_entry) + path_n + value_n + 3u) & ~3u);
}

void gb_input_begin(struct gb_input_slot *slot, struct gb_span request_id)
{
	__atomic_store_n(&slot->sequence, slot->sequence | 1u, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	slot->entry_count = 0;
	slot->used = 0;
	slot->is_truncated = 0;
	request_id = gb_span_sub(request_id, 0, sizeof(slot->request_id));
	slot->request_id_n = (uint32_t)request_id.n;
	if (request_id.n != 0)
		__builtin_memcpy(slot->request_id, request_id.p, request_id.n);
}

bool gb_input_add(struct gb_input_slot *slot, struct gb_input_string string)
{
	struct gb_input_entry entry;
	unsigned char *at = slot->bytes + slot->used;

	string.path = gb_span_sub(string.path, 0, GB_INPUT_PATH_MAX);
	if (string.value.n > sizeof(slot->bytes) ||
	        entry_bytes((uint32_t)string.path.n, (uint32_t)string.value.n) > sizeof(slot->bytes) - slot->used) {
		slot->is_truncated = 1;
		return false;
	}
	entry = (struct gb_input_entry){
	        .value_n = (uint32_t)string.value.n, .path_n = (uint16_t)string.path.n, .origin = string.origin};
	__builtin_memcpy(at, &entry, sizeof(entry));
	if (string.path.n != 0)
		__builtin_memcpy(at + sizeof(entry), string.path.p, string.path.n);
	if (string.value.n != 0)
		__builtin_memcpy(at + sizeof(entry) + string.path.n, string.value.p, string.value.n);
	slot->used += entry_bytes(entry.path_n, entry.value_n);
	slot->entry_count++;
	return true;
}

void gb_input_commit(struct gb_input_slot *slot)
{
	slot->is_active = 1;
	__atomic_store_n(&slot->sequence, (slot->sequence | 1u) + 1u, __ATOMIC_RELEASE);
}

void gb_input_retire(struct gb_input_slot *slot)
{
	__atomic_store_n(&slot->is_active, 0, __ATOMIC_RELEASE);
}

bool gb_input_open(const struct gb_input_slot *slot, uint32_t *ret_sequence)
{
	uint32_t sequence = __atomic_load_n(&slot->sequence, __ATOMIC_ACQUIRE);

	if ((sequence & 1u) != 0 || __atomic_load_n(&slot->is_active, __ATOMIC_ACQUIRE) == 0)
		return false;
	*ret_sequence = sequence;
	return true;
}

bool gb_input_next(const struct gb_input_slot *slot, struct gb_input_cursor *cursor, struct gb_input_string *ret_string)
{
	uint32_t used = __atomic_load_n(&slot->used, __ATOMIC_RELAXED);
	struct gb_input_entry entry;
	const unsigned char *at = slot->bytes + cursor->offset;
	size_t room;

	if (used > sizeof(slot->bytes))
		used = sizeof(slot->bytes);
	if (cursor->offset >= used || used - cursor->offset < sizeof(entry))
		return false;
	__builtin_memcpy(&entry, at, sizeof(entry));
	room = used - cursor->offset - sizeof(entry);
	if (entry.path_n > room || entry.value_n > room - entry.path_n)
		return false;
	ret_string->path = gb_span_of(at + sizeof(entry), entry.path_n);
	ret_string->value = gb_span_of(at + sizeof(entry) + entry.path_n, entry.value_n);
	ret_string->origin = entry.origin;
	cursor->offset += entry_bytes(entry.path_n, entry.value_n);
	cursor->index++;
	return true;
}

bool gb_input_unchanged(const struct gb_input_slot *slot, uint32_t sequence)
{
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return __atomic_load_n(&slot->sequence, __ATOMIC_RELAXED) == sequence;
}

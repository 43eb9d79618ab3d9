/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/firewall.h"

#include <errno.h>

static bool part_is_inside(const struct gb_policy *policy, struct gb_blob_part part, size_t element_bytes)
{
	uint64_t bytes = (uint64_t)part.count * element_bytes;

	if (part.count == 0)
		return part.offset <= policy->blob.n;
	if (element_bytes > 1 && part.offset % 4 != 0)
		return false;
	return part.offset >= policy->header->shared_bytes && part.offset <= policy->blob.n &&
	       bytes <= policy->blob.n - part.offset;
}

static bool text_is_inside(const struct gb_policy *policy, struct gb_blob_text text)
{
	uint32_t cap = policy->header->firewall.text.count;

	return text.offset <= cap && text.n <= cap - text.offset;
}

static bool ranges_rise4(const struct gb_policy *policy, const struct gb_blob_ranges *ranges)
{
	const uint32_t *first = (const void *)(policy->blob.p + ranges->first);
	const uint32_t *last = (const void *)(policy->blob.p + ranges->last);

	for (size_t i = 0; i < ranges->count; i++)
		if (first[i] > last[i] || (i > 0 && first[i] <= last[i - 1]))
			return false;
	return true;
}

static bool ranges_rise6(const struct gb_policy *policy, const struct gb_blob_ranges *ranges)
{
	const unsigned char *first = policy->blob.p + ranges->first, *last = policy->blob.p + ranges->last;

	for (size_t i = 0; i < ranges->count; i++)
		if (__builtin_memcmp(first + i * 16, last + i * 16, 16) > 0 ||
		        (i > 0 && __builtin_memcmp(first + i * 16, last + (i - 1) * 16, 16) <= 0))
			return false;
	return true;
}

static bool ranges_are_good(
        const struct gb_policy *policy, const struct gb_blob_ranges *ranges, size_t address_bytes, uint32_t list_count)
{
	if (ranges->count == 0)
		return ranges->first == 0 && ranges->last == 0 && ranges->list == 0;
	if (!part_is_inside(policy, (struct gb_blob_part){ranges->first, ranges->count}, address_bytes) ||
	        !part_is_inside(policy, (struct gb_blob_part){ranges->last, ranges->count}, address_bytes))
		return false;
	if (!(address_bytes == 4 ? ranges_rise4(policy, ranges) : ranges_rise6(policy, ranges)))
		return false;
	if (list_count == 0)
		return ranges->list == 0;
	if (!part_is_inside(policy, (struct gb_blob_part){ranges->list, ranges->count}, 1))
		return false;
	for (size_t i = 0; i < ranges->count; i++)
		if (policy->blob.p[ranges->list + i] >= list_count)
			return false;
	return true;
}

static bool exceptions_are_good(const struct gb_policy *policy)
{
	const struct gb_blob_firewall *firewall = &policy->header->firewall;
	const struct gb_blob_exception *exceptions = (const void *)(policy->blob.p + firewall->exceptions.offset);
	const struct gb_blob_text *texts = (const void *)(policy->blob.p + firewall->texts.offset);
	uint64_t count = 0;

	if (firewall->exceptions.count > GB_BLOB_EXCEPTIONS_MAX ||
	        !part_is_inside(policy, firewall->exceptions, sizeof(*exceptions)) ||
	        !part_is_inside(policy, firewall->texts, sizeof(*texts)))
		return false;
	for (size_t i = 0; i < firewall->exceptions.count; i++) {
		if (exceptions[i].mode >= GB_MODE_BLOCK || exceptions[i].tag > policy->header->tags.count)
			return false;
		count += (uint64_t)exceptions[i].path_count + exceptions[i].reason_count +
		         2 * (uint64_t)exceptions[i].route_count;
	}
	if (count != firewall->texts.count)
		return false;
	for (size_t i = 0; i < firewall->texts.count; i++)
		if (!text_is_inside(policy, texts[i]))
			return false;
	return true;
}

static bool lists_are_good(const struct gb_policy *policy)
{
	const struct gb_blob_firewall *firewall = &policy->header->firewall;
	const struct gb_blob_source_list *lists = (const void *)(policy->blob.p + firewall->source_lists.offset);

	if (firewall->source_lists.count > GB_BLOB_SOURCE_LISTS_MAX ||
	        !part_is_inside(policy, firewall->source_lists, sizeof(*lists)))
		return false;
	for (size_t i = 0; i < firewall->source_lists.count; i++)
		if (!text_is_inside(policy, lists[i].name) || !text_is_inside(policy, lists[i].category) ||
		        (lists[i].mode >= _GB_BLOB_SOURCE_MAX && lists[i].mode != GB_BLOB_MODE_POSTURE))
			return false;
	if (firewall->source_lists.count == 0)
		return firewall->sources4.count == 0 && firewall->sources6.count == 0;
	return ranges_are_good(policy, &firewall->sources4, 4, firewall->source_lists.count) &&
	       ranges_are_good(policy, &firewall->sources6, 16, firewall->source_lists.count);
}

static bool settings_are_good(const struct gb_blob_firewall *firewall)
{
	if (firewall->is_strict > 1 || firewall->on_limit >= _GB_MODE_MAX ||
	        firewall->redaction >= _GB_BLOB_REDACT_MAX || firewall->source_mode >= _GB_MODE_MAX ||
	        firewall->trusted_hops < 1 || firewall->trusted_hops > GB_BLOB_TRUSTED_HOPS_MAX)
		return false;
	for (size_t i = 0; i < sizeof(firewall->class_modes); i++)
		if ((gb_blob_class_mode(firewall->class_modes[i]) >= _GB_MODE_MAX &&
		            gb_blob_class_mode(firewall->class_modes[i]) != GB_BLOB_MODE_POSTURE) ||
		        gb_blob_class_mention(firewall->class_modes[i]) >= _GB_BLOB_MENTION_MAX)
			return false;
	return true;
}

int gb_policy_firewall_open(const struct gb_policy *policy)
{
	const struct gb_blob_firewall *firewall = &policy->header->firewall;

	if (policy->blob.n != policy->header->total_bytes || !settings_are_good(firewall) ||
	        !part_is_inside(policy, firewall->text, 1) || !text_is_inside(policy, firewall->address_header) ||
	        !exceptions_are_good(policy) || !lists_are_good(policy) ||
	        !ranges_are_good(policy, &firewall->proxies4, 4, 0) ||
	        !ranges_are_good(policy, &firewall->proxies6, 16, 0))
		return -EBADMSG;
	return 0;
}

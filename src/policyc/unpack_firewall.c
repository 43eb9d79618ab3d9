/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/unpack.h"

#include "base/text.h"
#include "policy/firewall.h"
#include "base/arena.h"

#include <errno.h>
#include <string.h>

static const void *elements(const struct gb_policy *policy, uint32_t offset)
{
	return policy->blob.p + offset;
}

static int strings_add(struct gb_policyc_document *document, struct gb_policyc_strings *list, struct gb_span text)
{
	const char *copy = gb_policyc_copy(document, text);

	if (copy == NULL ||
	        gb_arena_grow(document->arena, &list->items, list->count, &list->cap, sizeof(*list->items)) < 0)
		return -ENOMEM;
	list->items[list->count++] = copy;
	return 0;
}

static int routes_unpack(const struct gb_policy *policy, struct gb_policyc_document *document,
        const struct gb_blob_text *texts, uint32_t count, struct gb_policyc_strings *ret_routes)
{
	for (uint32_t i = 0; i < count; i++) {
		char buffer[512];
		struct gb_text route = gb_text_on(buffer, sizeof(buffer));
		int r;

		gb_text_add(&route, gb_policy_firewall_text(policy, texts[2 * i]));
		gb_text_add_byte(&route, ' ');
		gb_text_add(&route, gb_policy_firewall_text(policy, texts[2 * i + 1]));
		r = route.truncated ? -EINVAL : strings_add(document, ret_routes, gb_text_span(&route));
		if (r < 0)
			return r;
	}
	return 0;
}

/* Into the exclusion of TAG; into the firewall's own when there is none. */
static int exception_add(
        const struct gb_policyc_unpacker *unpacker, uint32_t tag, struct gb_policyc_exception exception)
{
	struct gb_policyc_document *document = unpacker->document;
	struct gb_policyc_firewall *to = &document->firewall;
	struct gb_policyc_entry *entry;
	int r;

	if (tag == 0) {
		r = gb_arena_grow(document->arena, &to->exceptions, to->exception_count, &to->exception_cap,
		        sizeof(*to->exceptions));
		if (r == 0)
			to->exceptions[to->exception_count++] = exception;
		return r;
	}
	r = gb_policyc_unpack_entry_of(unpacker, &document->exclusions, tag, &entry);
	if (r == 0)
		r = gb_arena_grow(
		        document->arena, &entry->inputs, entry->input_count, &entry->input_cap, sizeof(*entry->inputs));
	if (r == 0)
		entry->inputs[entry->input_count++] = exception;
	return r;
}

static int exceptions_unpack(const struct gb_policyc_unpacker *unpacker)
{
	const struct gb_policy *policy = unpacker->policy;
	struct gb_policyc_document *document = unpacker->document;
	const struct gb_blob_firewall *from = &policy->header->firewall;
	const struct gb_blob_exception *exceptions = elements(policy, from->exceptions.offset);
	const struct gb_blob_text *texts = elements(policy, from->texts.offset);

	for (uint32_t i = 0; i < from->exceptions.count; i++) {
		struct gb_policyc_exception exception = {
		        .classes = exceptions[i].classes, .mode = (enum gb_mode)exceptions[i].mode};
		int r = 0;

		for (uint32_t k = 0; k < exceptions[i].path_count && r == 0; k++)
			r = strings_add(document, &exception.paths, gb_policy_firewall_text(policy, *texts++));
		for (uint32_t k = 0; k < exceptions[i].reason_count && r == 0; k++)
			r = strings_add(document, &exception.reasons, gb_policy_firewall_text(policy, *texts++));
		if (r == 0)
			r = routes_unpack(policy, document, texts, exceptions[i].route_count, &exception.routes);
		texts += 2 * (size_t)exceptions[i].route_count;
		if (r == 0)
			r = exception_add(unpacker, exceptions[i].tag, exception);
		if (r < 0)
			return r;
	}
	return 0;
}

static int range_add(
        struct gb_policyc_document *document, struct gb_policyc_ranges *ranges, const struct gb_policyc_range *range)
{
	if (gb_arena_grow(document->arena, &ranges->items, ranges->count, &ranges->cap, sizeof(*ranges->items)) < 0)
		return -ENOMEM;
	ranges->items[ranges->count++] = *range;
	return 0;
}

static void mapped(uint32_t number, unsigned char ip[16])
{
	memset(ip, 0, 10);
	memset(ip + 10, 0xff, 2);
	for (int i = 0; i < 4; i++)
		ip[12 + i] = (unsigned char)(number >> (24 - 8 * i));
}

/* Each range goes to the list that decides there, or (without lists) to OTHER. */
static int ranges_unpack(const struct gb_policy *policy, struct gb_policyc_document *document,
        const struct gb_blob_ranges *from, bool is_v4, struct gb_policyc_ranges *other)
{
	const unsigned char *first = elements(policy, from->first), *last = elements(policy, from->last);
	const unsigned char *list = elements(policy, from->list);

	for (uint32_t i = 0; i < from->count; i++) {
		struct gb_policyc_range range;
		uint32_t number;
		int r;

		if (is_v4) {
			memcpy(&number, first + 4 * (size_t)i, 4);
			mapped(number, range.first);
			memcpy(&number, last + 4 * (size_t)i, 4);
			mapped(number, range.last);
		} else {
			memcpy(range.first, first + 16 * (size_t)i, 16);
			memcpy(range.last, last + 16 * (size_t)i, 16);
		}
		r = range_add(
		        document, other != NULL ? other : &document->firewall.source_lists[list[i]].ranges, &range);
		if (r < 0)
			return r;
	}
	return 0;
}

static int lists_unpack(const struct gb_policy *policy, struct gb_policyc_document *document)
{
	const struct gb_blob_firewall *from = &policy->header->firewall;
	const struct gb_blob_source_list *lists = elements(policy, from->source_lists.offset);
	struct gb_policyc_firewall *to = &document->firewall;

	for (uint32_t i = 0; i < from->source_lists.count; i++) {
		struct gb_policyc_source_list list = {
		        .name = gb_policyc_copy(document, gb_policy_firewall_text(policy, lists[i].name)),
		        .category = gb_policyc_copy(document, gb_policy_firewall_text(policy, lists[i].category)),
		        .day = lists[i].day,
		        .mode = (uint8_t)lists[i].mode};

		if (list.name == NULL || list.category == NULL ||
		        gb_arena_grow(document->arena, &to->source_lists, to->source_list_count, &to->source_list_cap,
		                sizeof(*to->source_lists)) < 0)
			return -ENOMEM;
		to->source_lists[to->source_list_count++] = list;
	}
	return 0;
}

int gb_policyc_unpack_firewall(const struct gb_policyc_unpacker *unpacker)
{
	const struct gb_policy *policy = unpacker->policy;
	struct gb_policyc_document *document = unpacker->document;
	const struct gb_blob_firewall *from = &policy->header->firewall;
	struct gb_policyc_firewall *to = &document->firewall;
	int r;

	to->is_strict = from->is_strict != 0;
	to->on_limit = (enum gb_mode)from->on_limit;
	to->redaction = (enum gb_blob_redaction)from->redaction;
	to->source_mode = (enum gb_mode)from->source_mode;
	to->trusted_hops = from->trusted_hops;
	for (size_t i = 0; i < sizeof(to->class_modes); i++) {
		to->class_modes[i] = gb_blob_class_mode(from->class_modes[i]);
		to->mentions[i] = gb_blob_class_mention(from->class_modes[i]);
	}
	to->address_header = gb_policyc_copy(document, gb_policy_firewall_text(policy, from->address_header));
	if (to->address_header == NULL)
		return -ENOMEM;
	r = exceptions_unpack(unpacker);
	if (r == 0)
		r = lists_unpack(policy, document);
	if (r == 0)
		r = ranges_unpack(policy, document, &from->sources4, true, NULL);
	if (r == 0)
		r = ranges_unpack(policy, document, &from->sources6, false, NULL);
	if (r == 0)
		r = ranges_unpack(policy, document, &from->proxies4, true, &to->trusted_proxies);
	if (r == 0)
		r = ranges_unpack(policy, document, &from->proxies6, false, &to->trusted_proxies);
	return r;
}

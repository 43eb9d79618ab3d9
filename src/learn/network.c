/* SPDX-License-Identifier: Apache-2.0 */
/* Names and addresses. One is as it was seen, unless several show what they have in common, and that is nobody else's. */
#include "learn/activity.h"
#include "learn/ranges.h"

#include "base/ip.h"
#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* So many made-up names of one domain, or addresses of one network, are that domain or network. */
#define NAMES_MIN     4u
#define ADDRESSES_MIN 4u
#define V4_BITS       120u /* a /24, in its mapped form */
#define V6_BITS       64u
/* So many addresses of one AWS service in one region are the service there, if it has no more ranges than that. */
#define SERVICE_MIN 2u
#define RANGES_MAX  256u

struct target {
	unsigned char ip[16];
	uint16_t port;
	struct gb_span text;
	const struct gb_range *range; /* smallest that has it and is of one service; NULL: none */
	bool is_done;
};

struct network {
	struct gb_arena *arena;
	const struct gb_learn_settings *settings;
	struct gb_policyc_document *document;
	struct gb_span *names;
	struct target *targets;
	size_t name_count, target_count;
};

/* -EINVAL: what no document can say is not learned; it will be reported. */
static int unless_invalid(int r)
{
	return r == -EINVAL ? 0 : r;
}

static int add_address(struct network *network, struct gb_span prefix, struct gb_span text)
{
	char buffer[1200];
	struct gb_text address = gb_text_on(buffer, sizeof(buffer));

	gb_text_add(&address, prefix);
	gb_text_add(&address, text);
	if (address.truncated)
		return 0;
	return unless_invalid(gb_policyc_add_address(
	        network->document, &network->document->allow.addresses, gb_text_span(&address), NULL));
}

static int add_host(struct network *network, struct gb_span name)
{
	return unless_invalid(gb_policyc_add_host(network->document, &network->document->allow.hosts, name, NULL));
}

static int add_item(struct network *network, const struct gb_profile_item *item)
{
	struct gb_span subject = item->subject;
	struct gb_activity activity;
	int r;

	if (item->kind == GB_ACTIVITY_NAME_LOOKUP || item->object.n != 0) {
		/* The name under which an address was looked up says more than the address. */
		network->names[network->name_count++] = item->object.n != 0 ? item->object : subject;
		return 0;
	}
	if (gb_span_starts(subject, GB_SPAN("family ")))
		return add_address(network, GB_SPAN("family:"), gb_span_sub(subject, 7, SIZE_MAX));
	if (subject.n != 0 && (subject.p[0] == '/' || subject.p[0] == '@'))
		return add_address(network, GB_SPAN("unix:"), subject);
	r = gb_learn_activity(network->arena, item, &activity);
	if (r < 0 || activity.address.family != GB_ADDRESS_IP)
		return r < 0 ? r : add_address(network, GB_SPAN_EMPTY, subject);
	network->targets[network->target_count] = (struct target){.port = activity.address.port, .text = subject};
	memcpy(network->targets[network->target_count++].ip, activity.address.ip, 16);
	return 0;
}

static int span_compare(const void *left, const void *right)
{
	return gb_learn_span_compare(*(const struct gb_span *)left, *(const struct gb_span *)right);
}

/* By what stands behind the first label, then by all of it. */
static int name_compare(const void *left, const void *right)
{
	struct gb_span a = *(const struct gb_span *)left, b = *(const struct gb_span *)right;
	int order = gb_learn_span_compare(gb_span_sub(a, gb_span_find_byte(a, '.', 0), SIZE_MAX),
	        gb_span_sub(b, gb_span_find_byte(b, '.', 0), SIZE_MAX));

	return order != 0 ? order : span_compare(left, right);
}

/* The domain of NAME, dot in front. */
static struct gb_span domain_of(struct gb_span name)
{
	return gb_span_sub(name, gb_span_find_byte(name, '.', 0), SIZE_MAX);
}

/* "shard-0017", "4f9a21c0b7": made up, not chosen by somebody. */
static bool is_made_up(struct gb_span name)
{
	struct gb_span label = gb_span_sub(name, 0, gb_span_find_byte(name, '.', 0));
	size_t digits = 0;

	for (size_t i = 0; i < label.n; i++)
		digits += gb_ascii_is_digit(label.p[i]) ? 1 : 0;
	return digits >= 2;
}

static int finish_names(struct network *network)
{
	size_t count = 0;
	int r = 0;

	if (network->name_count != 0)
		qsort(network->names, network->name_count, sizeof(*network->names), name_compare);
	for (size_t i = 0; i < network->name_count; i++)
		if (i == 0 || !gb_span_equal(network->names[i], network->names[count - 1]))
			network->names[count++] = network->names[i];
	for (size_t from = 0, to; from < count && r == 0; from = to) {
		struct gb_span domain = domain_of(network->names[from]);
		size_t made_up = 0;
		bool is_wide;

		for (to = from; to < count && gb_span_equal(domain_of(network->names[to]), domain); to++)
			made_up += is_made_up(network->names[to]) ? 1 : 0;
		is_wide = made_up >= NAMES_MIN && domain.n > 1 && network->settings->boundaries != NULL &&
		          !gb_boundaries_host(network->settings->boundaries, gb_span_sub(domain, 1, SIZE_MAX));
		for (size_t i = from; i < to && r == 0; i++)
			if (!is_wide || !is_made_up(network->names[i]))
				r = add_host(network, network->names[i]);
		if (is_wide && r == 0) {
			char buffer[300];
			struct gb_text text = gb_text_on(buffer, sizeof(buffer));

			gb_text_add_byte(&text, '*');
			gb_text_add(&text, domain);
			r = text.truncated ? 0 : add_host(network, gb_text_span(&text));
		}
	}
	return r;
}

static int target_compare(const void *left, const void *right)
{
	const struct target *a = left, *b = right;
	int order = (int)a->port - (int)b->port;

	return order != 0 ? order : memcmp(a->ip, b->ip, 16);
}

static bool is_same_service(const struct gb_range *a, const struct gb_range *b)
{
	return gb_span_equal(a->service, b->service) && gb_span_equal(a->region, b->region);
}

/* Ranges overlap: AMAZON has them all. The smallest of a service that shares it with nobody is meant. */
static void find_ranges(struct network *network)
{
	const struct gb_ranges *ranges = network->settings->ranges;

	for (size_t i = 0; i < network->target_count; i++)
		for (size_t k = 0; k < ranges->count; k++) {
			const struct gb_range *range = &ranges->items[k];
			struct target *target = &network->targets[i];

			if (gb_learn_block_holds(&range->block, target->ip) &&
			        !gb_boundaries_shared(network->settings->boundaries, range->service) &&
			        (target->range == NULL || target->range->block.bits < range->block.bits))
				target->range = range;
		}
}

static int add_ranges(struct network *network, const struct gb_range *of, uint16_t port)
{
	const struct gb_ranges *ranges = network->settings->ranges;
	int r = 0;

	for (size_t k = 0; k < ranges->count && r == 0; k++) {
		const struct gb_range *range = &ranges->items[k];
		bool is_v6 = gb_span_find_byte(range->text, ':', 0) != SIZE_MAX;
		char buffer[80];
		struct gb_text text = gb_text_on(buffer, sizeof(buffer));

		if (!is_same_service(range, of))
			continue;
		gb_text_add_cstr(&text, is_v6 ? "[" : "");
		gb_text_add(&text, range->text);
		gb_text_add_cstr(&text, is_v6 ? "]:" : ":");
		gb_text_add_u64(&text, port);
		r = add_address(network, GB_SPAN_EMPTY, gb_text_span(&text));
	}
	return r;
}

/* Addresses of a service, on one port: its ranges in the region. */
static int finish_services(struct network *network)
{
	int r = 0;

	if (network->settings->ranges == NULL || network->settings->boundaries == NULL)
		return 0;
	find_ranges(network);
	for (size_t i = 0; i < network->target_count && r == 0; i++) {
		const struct target *first = &network->targets[i];
		size_t count = 0, ranges = 0;

		if (first->range == NULL || first->is_done)
			continue;
		for (size_t k = i; k < network->target_count; k++)
			count += network->targets[k].range != NULL && network->targets[k].port == first->port &&
			                         is_same_service(network->targets[k].range, first->range)
			                 ? 1
			                 : 0;
		for (size_t k = 0; k < network->settings->ranges->count; k++)
			ranges += is_same_service(&network->settings->ranges->items[k], first->range) ? 1 : 0;
		if (count < SERVICE_MIN || ranges > RANGES_MAX)
			continue;
		r = add_ranges(network, first->range, first->port);
		for (size_t k = network->target_count; k-- > i;)
			if (network->targets[k].range != NULL && network->targets[k].port == first->port &&
			        is_same_service(network->targets[k].range, first->range))
				network->targets[k].is_done = true;
	}
	return r;
}

/* IP/BITS:PORT of TARGET's network. */
static int add_block(struct network *network, const struct target *target)
{
	bool is_v4 = gb_ip_is_v4(target->ip);
	char buffer[80];
	struct gb_text text = gb_text_on(buffer, sizeof(buffer));

	if (is_v4) {
		for (size_t i = 12; i < 15; i++) {
			gb_text_add_u64(&text, target->ip[i]);
			gb_text_add_byte(&text, '.');
		}
		gb_text_add_cstr(&text, "0/24:");
	} else {
		gb_text_add_byte(&text, '[');
		for (size_t i = 0; i < 8; i += 2) {
			gb_text_add_hex(&text, gb_span_of(target->ip + i, 2));
			gb_text_add_byte(&text, ':');
		}
		gb_text_add_cstr(&text, ":/64]:");
	}
	gb_text_add_u64(&text, target->port);
	return add_address(network, GB_SPAN_EMPTY, gb_text_span(&text));
}

static bool is_same_network(const struct target *a, const struct target *b)
{
	size_t bytes = (gb_ip_is_v4(a->ip) ? V4_BITS : V6_BITS) / 8;

	return a->port == b->port && memcmp(a->ip, b->ip, bytes) == 0;
}

static int finish_addresses(struct network *network)
{
	int r = 0;

	for (size_t from = 0, to; from < network->target_count && r == 0; from = to) {
		const struct target *first = &network->targets[from];
		size_t count = 0;
		bool is_wide;

		for (to = from; to < network->target_count && is_same_network(&network->targets[to], first); to++)
			count += to == from || memcmp(network->targets[to].ip, network->targets[to - 1].ip, 16) != 0
			                 ? 1
			                 : 0;
		is_wide = count >= ADDRESSES_MIN && network->settings->boundaries != NULL &&
		          gb_boundaries_network(network->settings->boundaries, first->ip);
		for (size_t i = from; i < to && r == 0 && !is_wide; i++)
			if (!network->targets[i].is_done)
				r = add_address(network, GB_SPAN_EMPTY, network->targets[i].text);
		if (is_wide && r == 0)
			r = add_block(network, first);
	}
	return r;
}

int gb_learn_network(struct gb_arena *arena, const struct gb_learn_settings *settings,
        const struct gb_profile_item *const *items, size_t count, struct gb_policyc_document *document)
{
	struct network network = {.arena = arena, .settings = settings, .document = document};
	int r = 0;

	network.names = gb_arena_take(arena, (count + 1) * sizeof(*network.names));
	network.targets = gb_arena_take(arena, (count + 1) * sizeof(*network.targets));
	if (network.names == NULL || network.targets == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < count && r == 0; i++)
		if (items[i]->kind == GB_ACTIVITY_NET_CONNECT || items[i]->kind == GB_ACTIVITY_NET_SEND ||
		        items[i]->kind == GB_ACTIVITY_NAME_LOOKUP)
			r = add_item(&network, items[i]);
	if (network.target_count != 0)
		qsort(network.targets, network.target_count, sizeof(*network.targets), target_compare);
	if (r == 0)
		r = finish_names(&network);
	if (r == 0)
		r = finish_services(&network);
	return r < 0 ? r : finish_addresses(&network);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/expression.h"
#include "policy/list.h"
#include "policy/moment.h"
#include "policy/set.h"

/* `*` does not end at a dot: *.example.com is every name below. */
bool gb_policy_host_holds(
        const struct gb_policy *policy, const struct gb_blob_list *list, struct gb_span name, uint32_t *ret_tag)
{
	const struct gb_blob_pattern *hosts = part_elements(policy, list->hosts);

	if (name.n == 0)
		return false;
	for (size_t i = 0; i < list->hosts.count; i++) {
		if (!gb_policy_glob_matches(blob_text(policy, hosts[i].text), name) ||
		        !gb_policy_tag_holds(policy, hosts[i].tag))
			continue;
		*ret_tag = hosts[i].tag;
		return true;
	}
	return gb_policy_expression_holds(policy, list, GB_BLOB_PLACE_HOSTS, name, ret_tag);
}

bool gb_policy_knows_hosts(const struct gb_policy *policy, const struct gb_blob_list *list)
{
	size_t index = 0;
	uint32_t tag;

	return list->hosts.count != 0 ||
	       gb_policy_automaton_at(policy, list, GB_BLOB_PLACE_HOSTS, &index, &tag) != NULL;
}

/* The first PREFIX_N bits of IP, the others zero. */
static void mask(const unsigned char ip[16], unsigned prefix_n, unsigned char ret_ip[16])
{
	for (unsigned i = 0; i < 16; i++) {
		unsigned bits = prefix_n > 8 * i ? prefix_n - 8 * i : 0;

		ret_ip[i] = bits >= 8 ? ip[i] : (unsigned char)(ip[i] & ~(0xffu >> bits));
	}
}

/* Of blocks sorted by prefix and address, the first in [FROM, COUNT) that is not before (PREFIX_N, IP). */
static size_t lower_bound(
        const struct gb_blob_address *blocks, size_t from, size_t count, unsigned prefix_n, const unsigned char ip[16])
{
	while (from < count) {
		size_t middle = from + (count - from) / 2;
		const struct gb_blob_address *block = &blocks[middle];

		if (block->prefix_n < prefix_n ||
		        (block->prefix_n == prefix_n && __builtin_memcmp(block->ip, ip, 16) < 0))
			from = middle + 1;
		else
			count = middle;
	}
	return from;
}

/* One search for each length of prefix that there is. */
static bool blocks_hold(
        const struct gb_policy *policy, struct gb_blob_part part, const struct gb_address *address, uint32_t *ret_tag)
{
	const struct gb_blob_address *blocks = part_elements(policy, part);
	size_t at = 0, count = part.count;

	while (at < count && blocks[at].prefix_n != GB_BLOB_FAMILY_PREFIX_N) {
		unsigned prefix_n = blocks[at].prefix_n;
		unsigned char ip[16];

		mask(address->ip, prefix_n, ip);
		for (at = lower_bound(blocks, at, count, prefix_n, ip);
		        at < count && blocks[at].prefix_n == prefix_n && __builtin_memcmp(blocks[at].ip, ip, 16) == 0;
		        at++) {
			if (address->port < blocks[at].port_first || address->port > blocks[at].port_last ||
			        !gb_policy_tag_holds(policy, blocks[at].tag))
				continue;
			*ret_tag = blocks[at].tag;
			return true;
		}
		__builtin_memset(ip, 0, sizeof(ip));
		at = lower_bound(blocks, at, count, prefix_n + 1, ip);
	}
	return false;
}

static bool family_holds(const struct gb_policy *policy, struct gb_blob_part part, uint16_t family, uint32_t *ret_tag)
{
	const struct gb_blob_address *blocks = part_elements(policy, part);

	for (size_t i = part.count; i > 0 && blocks[i - 1].prefix_n == GB_BLOB_FAMILY_PREFIX_N; i--) {
		if (blocks[i - 1].port_first != family || !gb_policy_tag_holds(policy, blocks[i - 1].tag))
			continue;
		*ret_tag = blocks[i - 1].tag;
		return true;
	}
	return false;
}

bool gb_policy_destination_holds(const struct gb_policy *policy, const struct gb_blob_list *list,
        const struct gb_activity *activity, uint32_t *ret_tag)
{
	const struct gb_address *address = &activity->address;

	if (address->family == GB_ADDRESS_OTHER)
		return family_holds(policy, list->addresses, address->family_number, ret_tag);
	if (address->family != GB_ADDRESS_IP)
		return false;
	return gb_policy_host_holds(policy, list, activity->object, ret_tag) ||
	       blocks_hold(policy, list->addresses, address, ret_tag);
}

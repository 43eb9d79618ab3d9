/* SPDX-License-Identifier: Apache-2.0 */
/* Whose address counts. What stands left of what a trusted proxy wrote is the client's own word. */
#include "firewall/firewall.h"

/* The last address of *rest, which is cut before it. */
static bool pop(struct gb_span *rest, struct gb_span *ret_address)
{
	size_t comma = gb_span_find_last_byte(*rest, ',');

	if (rest->n == 0)
		return false;
	*ret_address = gb_span_trim(comma == SIZE_MAX ? *rest : gb_span_sub(*rest, comma + 1, SIZE_MAX));
	*rest = comma == SIZE_MAX ? GB_SPAN_EMPTY : gb_span_sub(*rest, 0, comma);
	return true;
}

static bool is_proxy(const struct gb_policy *policy, struct gb_span address)
{
	unsigned char ip[16];

	return gb_firewall_address_parse(address, ip) && gb_policy_is_proxy(policy, ip);
}

/* From the right: as many as are trusted by number, then those that are trusted by name. */
static struct gb_span of_chain(const struct gb_policy *policy, struct gb_span chain)
{
	uint32_t hops = policy->header->firewall.trusted_hops;
	struct gb_span client = GB_SPAN_EMPTY, next;

	for (uint32_t i = 0; i < hops && pop(&chain, &next); i++)
		client = next;
	while (is_proxy(policy, client) && pop(&chain, &next))
		client = next;
	return client;
}

static bool has_proxies(const struct gb_policy *policy)
{
	return policy->header->firewall.proxies4.count != 0 || policy->header->firewall.proxies6.count != 0;
}

struct gb_span gb_firewall_client(const struct gb_policy *policy, enum gb_event_shape shape,
        const struct gb_inspect_head *head, struct gb_span peer)
{
	struct gb_span chain = head->forwarded_for, named = head->header, client = peer;
	unsigned char ip[16];

	if (policy == NULL)
		return peer;
	if ((shape == GB_SHAPE_ALB || shape == GB_SHAPE_VPC_LATTICE) && chain.n != 0) {
		client = of_chain(policy, chain);
		(void)pop(&chain, &peer);
	}
	/* Where proxies are named, only one of them may say whose request it passes on. */
	if (named.n != 0 && (!has_proxies(policy) || is_proxy(policy, peer)) && pop(&named, &peer) &&
	        gb_firewall_address_parse(peer, ip))
		return peer;
	return client;
}

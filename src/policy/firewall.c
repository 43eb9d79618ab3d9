/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/firewall.h"

#include "base/ip.h"
#include "policy/moment.h"
#include "policy/set.h"

struct gb_span gb_policy_firewall_text(const struct gb_policy *policy, struct gb_blob_text text)
{
	return gb_span_of(policy->blob.p + policy->header->firewall.text.offset + text.offset, text.n);
}

/* Index of the range that holds IP, or SIZE_MAX. */
static size_t find4(const struct gb_policy *policy, const struct gb_blob_ranges *ranges, uint32_t ip)
{
	const uint32_t *first = (const void *)(policy->blob.p + ranges->first);
	const uint32_t *last = (const void *)(policy->blob.p + ranges->last);
	size_t base = 0, n = ranges->count;

	if (n == 0)
		return SIZE_MAX;
	/* Without a branch that depends on what is read: this is the most frequent look-up of large lists. */
	while (n > 1) {
		size_t half = n / 2;

		base = first[base + half] <= ip ? base + half : base;
		n -= half;
	}
	return first[base] <= ip && ip <= last[base] ? base : SIZE_MAX;
}

static size_t find6(const struct gb_policy *policy, const struct gb_blob_ranges *ranges, const unsigned char ip[16])
{
	const unsigned char *first = policy->blob.p + ranges->first, *last = policy->blob.p + ranges->last;
	size_t base = 0, n = ranges->count;

	if (n == 0)
		return SIZE_MAX;
	while (n > 1) {
		size_t half = n / 2;

		base = __builtin_memcmp(first + (base + half) * 16, ip, 16) <= 0 ? base + half : base;
		n -= half;
	}
	if (__builtin_memcmp(first + base * 16, ip, 16) > 0 || __builtin_memcmp(last + base * 16, ip, 16) < 0)
		return SIZE_MAX;
	return base;
}

static size_t find(const struct gb_policy *policy, const struct gb_blob_ranges *four, const struct gb_blob_ranges *six,
        const unsigned char ip[16], const struct gb_blob_ranges **ret_ranges)
{
	uint32_t number = (uint32_t)ip[12] << 24 | (uint32_t)ip[13] << 16 | (uint32_t)ip[14] << 8 | ip[15];

	*ret_ranges = gb_ip_is_v4(ip) ? four : six;
	return *ret_ranges == four ? find4(policy, four, number) : find6(policy, six, ip);
}

const struct gb_blob_source_list *gb_policy_source(const struct gb_policy *policy, const unsigned char ip[16])
{
	const struct gb_blob_firewall *firewall = &policy->header->firewall;
	const struct gb_blob_source_list *lists = part_elements(policy, firewall->source_lists);
	const struct gb_blob_ranges *ranges;
	size_t index = find(policy, &firewall->sources4, &firewall->sources6, ip, &ranges);

	return index == SIZE_MAX ? NULL : &lists[policy->blob.p[ranges->list + index]];
}

enum gb_mode gb_policy_source_mode(const struct gb_policy *policy, const struct gb_blob_source_list *list)
{
	uint32_t mode = list->mode == GB_BLOB_MODE_POSTURE ? policy->header->firewall.source_mode : list->mode;

	return mode == GB_BLOB_SOURCE_ALLOW ? GB_MODE_OFF : (enum gb_mode)mode;
}

bool gb_policy_is_proxy(const struct gb_policy *policy, const unsigned char ip[16])
{
	const struct gb_blob_firewall *firewall = &policy->header->firewall;
	const struct gb_blob_ranges *ranges;

	return find(policy, &firewall->proxies4, &firewall->proxies6, ip, &ranges) != SIZE_MAX;
}

static bool reason_matches(struct gb_span pattern, struct gb_span reason)
{
	if (gb_span_ends(pattern, GB_SPAN("*")))
		return gb_span_starts(reason, gb_span_sub(pattern, 0, pattern.n - 1));
	return gb_span_equal(pattern, reason);
}

/* A path that an application may take for another one is nobody's route. */
static bool is_canonical(struct gb_span route)
{
	return gb_span_find(route, GB_SPAN("//"), 0) == SIZE_MAX && gb_span_find(route, GB_SPAN("/."), 0) == SIZE_MAX &&
	       gb_span_find_byte(route, '%', 0) == SIZE_MAX && gb_span_find_byte(route, '\\', 0) == SIZE_MAX &&
	       gb_span_find_byte(route, ';', 0) == SIZE_MAX;
}

static bool route_matches(struct gb_span method, struct gb_span path, const struct gb_policy_place *place)
{
	if (place->method.n == 0 ||
	        (!gb_span_equal(method, GB_SPAN("*")) && !gb_span_equal_nocase(method, place->method)))
		return false;
	if (place->resource.n != 0 && gb_policy_glob_matches(path, place->resource))
		return true;
	return place->route.n != 0 && is_canonical(place->route) && gb_policy_glob_matches(path, place->route);
}

/* Whether what EXCEPTION names holds; its texts begin at TEXTS. */
static bool exception_holds(const struct gb_policy *policy, const struct gb_blob_exception *exception,
        const struct gb_blob_text *texts, const struct gb_policy_place *place)
{
	bool holds = exception->path_count == 0;

	if (exception->classes != 0 && (exception->classes >> place->attack_class & 1u) == 0)
		return false;
	for (size_t i = 0; i < exception->path_count && !holds; i++)
		holds = gb_policy_event_path_matches(gb_policy_firewall_text(policy, texts[i]), place->path);
	if (!holds)
		return false;
	texts += exception->path_count;
	holds = exception->reason_count == 0;
	for (size_t i = 0; i < exception->reason_count && !holds; i++)
		holds = place->reason.p != NULL &&
		        reason_matches(gb_policy_firewall_text(policy, texts[i]), place->reason);
	if (!holds)
		return false;
	texts += exception->reason_count;
	holds = exception->route_count == 0;
	for (size_t i = 0; i < exception->route_count && !holds; i++)
		holds = route_matches(gb_policy_firewall_text(policy, texts[2 * i]),
		        gb_policy_firewall_text(policy, texts[2 * i + 1]), place);
	return holds;
}

enum gb_mode gb_policy_exception_mode(
        const struct gb_policy *policy, const struct gb_policy_place *place, uint32_t *ret_tag)
{
	const struct gb_blob_firewall *firewall = &policy->header->firewall;
	const struct gb_blob_exception *exceptions = part_elements(policy, firewall->exceptions);
	const struct gb_blob_text *texts = part_elements(policy, firewall->texts);
	enum gb_mode mode = GB_MODE_BLOCK;

	*ret_tag = 0;
	for (size_t i = 0; i < firewall->exceptions.count && mode != GB_MODE_OFF; i++) {
		if (exceptions[i].mode < mode && gb_policy_tag_holds(policy, exceptions[i].tag) &&
		        exception_holds(policy, &exceptions[i], texts, place)) {
			mode = (enum gb_mode)exceptions[i].mode;
			*ret_tag = exceptions[i].tag;
		}
		texts += exceptions[i].path_count + exceptions[i].reason_count + 2 * (size_t)exceptions[i].route_count;
	}
	return mode;
}

bool gb_policy_has_routes(const struct gb_policy *policy)
{
	const struct gb_blob_firewall *firewall = &policy->header->firewall;
	const struct gb_blob_exception *exceptions = part_elements(policy, firewall->exceptions);

	for (size_t i = 0; i < firewall->exceptions.count; i++)
		if (exceptions[i].route_count != 0)
			return true;
	return false;
}

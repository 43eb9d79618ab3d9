/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/shape.h"

#include "base/text.h"
#include "inspect/bytes.h"

static bool is_name(const struct gb_shape_row *row, struct gb_span name, bool is_folded)
{
	const char *wanted = gb_shape_names + row->name_at;

	if (row->name_n != name.n)
		return false;
	if (!is_folded)
		return memcmp(wanted, name.p, name.n) == 0;
	for (size_t i = 0; i < name.n; i++)
		if (gb_ascii_lower(name.p[i]) != (unsigned char)wanted[i])
			return false;
	return true;
}

struct gb_walk_member gb_shape_member_of(unsigned node, enum gb_origin origin, struct gb_span name)
{
	struct gb_walk_member member = {.node = GB_NODE_OTHER, .origin = (uint8_t)origin};

	if (node == GB_NODE_OTHER)
		return member;
	member = gb_shape_nodes[node].others;
	if (name.n != 0) {
		unsigned first = gb_ascii_lower(name.p[0]), last = gb_ascii_lower(name.p[name.n - 1]);
		unsigned bucket = (unsigned)(node * 29 + name.n * 11 + first * 3 + last * 5) & 255;

		for (unsigned i = gb_shape_buckets[bucket]; i < gb_shape_buckets[bucket + 1]; i++) {
			const struct gb_shape_row *row = &gb_shape_rows[i];

			if (row->node == node && is_name(row, name, gb_shape_nodes[node].is_folded)) {
				member = row->member;
				break;
			}
		}
	}
	if (member.origin == GB_ORIGIN_INHERITED)
		member.origin = (uint8_t)origin;
	return member;
}

enum gb_event_shape gb_shape_of(uint64_t signs)
{
	for (size_t i = 0; i < gb_shape_rule_count; i++)
		if ((signs & gb_shape_rules[i].signs) == gb_shape_rules[i].signs)
			return gb_shape_rules[i].shape;
	return GB_SHAPE_OTHER;
}

/* S without the port that a load balancer may be told to add, or the length of its network, if it is an address at all:
 * S3 and CloudTrail put names of services in its place. */
static struct gb_span address_of(struct gb_span s)
{
	size_t colon = gb_span_find_byte(s, ':', 0), points = 0, digits = 0;

	if (s.n > 2 && s.p[0] == '[') {
		size_t end = gb_span_find_byte(s, ']', 0);

		s = end == SIZE_MAX ? GB_SPAN_EMPTY : gb_span_sub(s, 1, end - 1);
	} else if (colon != SIZE_MAX && gb_span_find_last_byte(s, ':') == colon) {
		s = gb_span_sub(s, 0, colon);
	}
	s = gb_span_sub(s, 0, gb_span_find_byte(s, '/', 0));
	for (size_t i = 0; i < s.n; i++) {
		points += s.p[i] == '.' || s.p[i] == ':';
		digits += gb_ascii_is_digit(s.p[i]);
		if (gb_hex_value(s.p[i]) < 0 && s.p[i] != '.' && s.p[i] != ':')
			return GB_SPAN_EMPTY;
	}
	return points >= 2 && digits != 0 && s.n <= 45 ? s : GB_SPAN_EMPTY;
}

/* A load balancer appends the address that it saw itself; what stands before it is the client's word. */
static struct gb_span last_hop(struct gb_span forwarded)
{
	size_t comma = gb_span_find_last_byte(forwarded, ',');

	return gb_span_trim(comma == SIZE_MAX ? forwarded : gb_span_sub(forwarded, comma + 1, SIZE_MAX));
}

struct gb_span gb_shape_source(
        enum gb_event_shape shape, const struct gb_shape_addresses *addresses, enum gb_source_trust *ret_trust)
{
	struct gb_span found = GB_SPAN_EMPTY;

	*ret_trust = GB_SOURCE_PLATFORM;
	switch ((unsigned)shape) {
	case GB_SHAPE_OTHER:
	case GB_SHAPE_NOT_JSON: break;
	case GB_SHAPE_S3: found = addresses->record; break;
	case GB_SHAPE_ALB:
	case GB_SHAPE_VPC_LATTICE:
		*ret_trust = GB_SOURCE_LAST_HOP;
		found = last_hop(addresses->forwarded);
		break;
	case GB_SHAPE_EVENTBRIDGE:
		*ret_trust = GB_SOURCE_MESSAGE;
		found = addresses->claimed;
		break;
	default: found = addresses->platform; break;
	}
	found = address_of(gb_span_trim(found));
	if (found.n == 0)
		*ret_trust = GB_SOURCE_UNKNOWN;
	return found;
}

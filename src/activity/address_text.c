/* SPDX-License-Identifier: Apache-2.0 */
/* The way back: what the sensor tells of an address. Hosted: it asks inet_pton(3). */
#include "activity/address.h"

#include "base/ip.h"

bool gb_address_of_text(struct gb_span text, struct gb_address *ret_address)
{
	bool is_v6 = gb_span_starts(text, GB_SPAN("["));
	size_t colon = gb_span_find_last_byte(text, ':');
	uint64_t number;

	*ret_address = (struct gb_address){.family = GB_ADDRESS_OTHER};
	if (gb_span_starts(text, GB_SPAN("/")) || gb_span_starts(text, GB_SPAN("@"))) {
		ret_address->family = GB_ADDRESS_UNIX;
		return true;
	}
	if (gb_span_starts(text, GB_SPAN("family "))) {
		if (!gb_span_to_u64(gb_span_sub(text, 7, SIZE_MAX), &number) || number > UINT16_MAX)
			return false;
		ret_address->family_number = (uint16_t)number;
		return true;
	}
	if (colon == SIZE_MAX || !gb_span_to_u64(gb_span_sub(text, colon + 1, SIZE_MAX), &number) ||
	        number > UINT16_MAX || (is_v6 && (colon < 2 || text.p[colon - 1] != ']')) ||
	        !gb_ip_parse(gb_span_sub(text, is_v6 ? 1 : 0, is_v6 ? colon - 2 : colon), is_v6, ret_address->ip))
		return false;
	ret_address->family = GB_ADDRESS_IP;
	ret_address->port = (uint16_t)number;
	return true;
}

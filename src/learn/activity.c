/* SPDX-License-Identifier: Apache-2.0 */
/* An item of a profile, as the sensor would have it judged. */
#include "learn/activity.h"

#include "base/ip.h"
#include "base/text.h"

#include <errno.h>

/* "10.0.0.1:80", "[::1]:80", "/run/x.sock", "@name", "family 16" */
static struct gb_address address_of(struct gb_span text)
{
	struct gb_address address = {.family = GB_ADDRESS_OTHER};
	bool is_v6 = text.n != 0 && text.p[0] == '[';
	size_t colon = gb_span_find_last_byte(text, ':');
	struct gb_span host;
	uint64_t number;

	if (text.n != 0 && (text.p[0] == '/' || text.p[0] == '@')) {
		address.family = GB_ADDRESS_UNIX;
		return address;
	}
	if (gb_span_starts(text, GB_SPAN("family "))) {
		if (gb_span_to_u64(gb_span_sub(text, 7, SIZE_MAX), &number) && number <= UINT16_MAX)
			address.family_number = (uint16_t)number;
		return address;
	}
	if (colon == SIZE_MAX || !gb_span_to_u64(gb_span_sub(text, colon + 1, SIZE_MAX), &number) ||
	        number > UINT16_MAX)
		return address;
	host = gb_span_sub(text, is_v6 ? 1 : 0, is_v6 && colon >= 2 ? colon - 2 : colon);
	if (!gb_ip_parse(host, is_v6, address.ip))
		return address;
	address.family = GB_ADDRESS_IP;
	address.port = (uint16_t)number;
	return address;
}

int gb_learn_activity(struct gb_policyc_arena *arena, const struct gb_profile_item *item, struct gb_activity *ret)
{
	struct gb_text text;
	size_t n = 1;
	char *bytes;

	for (size_t i = 0; i < item->argument_count; i++)
		n += item->arguments[i].n + 1;
	bytes = gb_policyc_arena_take(arena, n);
	if (bytes == NULL)
		return -ENOMEM;
	text = gb_text_on(bytes, n);
	for (size_t i = 0; i < item->argument_count; i++) {
		gb_text_add(&text, item->arguments[i]);
		gb_text_add_byte(&text, '\0');
	}
	*ret = (struct gb_activity){
	        .kind = item->kind, .subject = item->subject, .object = item->object, .arguments = gb_text_span(&text)};
	if (item->kind == GB_ACTIVITY_NET_CONNECT || item->kind == GB_ACTIVITY_NET_SEND ||
	        item->kind == GB_ACTIVITY_NET_LISTEN)
		ret->address = address_of(item->subject);
	return 0;
}

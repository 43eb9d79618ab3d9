/* SPDX-License-Identifier: Apache-2.0 */
/* An item of a profile, as the sensor would have it judged. */
#include "learn/activity.h"

#include "activity/address.h"
#include "base/text.h"

#include <errno.h>

int gb_learn_activity(struct gb_arena *arena, const struct gb_profile_item *item, struct gb_activity *ret)
{
	struct gb_text text;
	size_t n = 1;
	char *bytes;

	for (size_t i = 0; i < item->argument_count; i++)
		n += item->arguments[i].n + 1;
	bytes = gb_arena_take(arena, n);
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
		(void)!gb_address_of_text(item->subject, &ret->address); /* one that is none is on no list */
	return 0;
}

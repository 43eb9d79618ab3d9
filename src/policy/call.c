/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of cloud APIs and HTTP requests, as one text each: wire/blob.h says how it is written. */
#include "policy/list.h"
#include "policy/set.h"

#include "base/text.h"

#define CALL_BYTES_MAX 2560u

/* A line feed in a part could stand for the border between two. */
static bool add_part(struct gb_text *text, struct gb_span part, bool is_lower)
{
	for (size_t i = 0; i < part.n; i++) {
		if (part.p[i] == '\n')
			return false;
		gb_text_add_byte(text, is_lower ? gb_ascii_lower(part.p[i]) : part.p[i]);
	}
	return true;
}

bool gb_policy_call_holds(const struct gb_policy *policy, const struct gb_blob_list *list,
        const struct gb_activity *activity, uint32_t *ret_tag)
{
	bool is_api = activity->kind == GB_ACTIVITY_AWS_API;
	enum gb_blob_set_name set = is_api ? GB_BLOB_APIS : GB_BLOB_REQUESTS;
	size_t blank = is_api ? SIZE_MAX : gb_span_find_byte(activity->subject, ' ', 0);
	char buffer[CALL_BYTES_MAX];
	struct gb_text text = gb_text_on(buffer, sizeof(buffer));
	bool is_good = add_part(&text, gb_span_sub(activity->subject, 0, blank), is_api);

	if (!is_api) {
		if (blank == SIZE_MAX)
			return false;
		gb_text_add_byte(&text, '\n');
		is_good = is_good && add_part(&text, gb_span_sub(activity->subject, blank + 1, SIZE_MAX), true);
	}
	gb_text_add_byte(&text, '\n');
	is_good = is_good && add_part(&text, activity->object, false);
	if (!is_good || text.truncated)
		return false;
	return gb_policy_set_holds(policy, &list->sets[set], gb_text_span(&text), ret_tag) ||
	       gb_policy_expression_holds(policy, list, set, gb_text_span(&text), ret_tag);
}

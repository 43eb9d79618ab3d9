/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SNS: the form of Publish (API of 2010-03-31). The subject is one line of ASCII; message attributes are what receivers
 * filter by, and take no text from events but what has a closed set of values.
 */
#include "tell/draft.h"

#include <errno.h>

#define MESSAGE_MAX 200000u /* of 262,144 bytes for the message with its attributes */
#define SUBJECT_MAX 100u

/* NAME=VALUE of a form: everything but letters, digits and "-_.~" as %XX. */
static void add_pair(struct gb_text *text, const char *name, struct gb_span value)
{
	static const char hex[] = "0123456789ABCDEF";

	if (text->n > 0)
		gb_text_add_byte(text, '&');
	gb_text_add_cstr(text, name);
	gb_text_add_byte(text, '=');
	for (size_t i = 0; i < value.n; i++) {
		unsigned char c = value.p[i];

		if (gb_ascii_is_alpha(c) || gb_ascii_is_digit(c) || c == '-' || c == '_' || c == '.' || c == '~') {
			gb_text_add_byte(text, c);
		} else {
			gb_text_add_byte(text, '%');
			gb_text_add_byte(text, (unsigned char)hex[c >> 4]);
			gb_text_add_byte(text, (unsigned char)hex[c & 15]);
		}
	}
}

/* Attribute NUMBER of the message. */
static void add_attribute(struct gb_text *text, unsigned number, const char *name, struct gb_span value)
{
	static const char *const parts[] = {".Name", ".Value.DataType", ".Value.StringValue"};
	const struct gb_span values[] = {gb_span_cstr(name), GB_SPAN("String"), value};

	for (size_t i = 0; i < 3; i++) {
		char room[64];
		struct gb_text pair = gb_text_on(room, sizeof(room));

		gb_text_add_cstr(&pair, "MessageAttributes.entry.");
		gb_text_add_u64(&pair, number);
		gb_text_add_cstr(&pair, parts[i]);
		add_pair(text, gb_text_cstr(&pair), values[i]);
	}
}

static void add_subject(struct gb_draft *draft, struct gb_text *text, const struct gb_tell_notice *n)
{
	char room[SUBJECT_MAX];
	struct gb_text subject = gb_text_on(room, SUBJECT_MAX - 1);
	struct gb_span title = gb_draft_title(draft, n, 400);

	gb_text_add_cstr(&subject, "Gambeson: ");
	for (size_t i = 0; i < title.n && !subject.truncated; i++)
		gb_text_add_byte(&subject, title.p[i] >= 0x20 && title.p[i] < 0x7f ? title.p[i] : '?');
	add_pair(text, "Subject", gb_text_span(&subject));
}

int gb_tell_write_sns(
        struct gb_draft *draft, const struct gb_tell_notice *notices, size_t count, struct gb_span *ret_message)
{
	const struct gb_tell_notice *n = &notices[0];
	struct gb_text text;
	struct gb_span message;
	int result;

	(void)count;
	if (draft->target->topic.n == 0 || !gb_draft_is_key(draft->target->key))
		return -EINVAL;
	result = gb_draft_content(draft, MESSAGE_MAX, n, &message);
	if (result < 0)
		return result;
	draft->room = message.n * 3 + 4096;
	text = gb_draft_text(draft);
	add_pair(&text, "Action", GB_SPAN("Publish"));
	add_pair(&text, "Version", GB_SPAN("2010-03-31"));
	add_pair(&text, "TopicArn", draft->target->topic);
	add_subject(draft, &text, n);
	add_pair(&text, "Message", message);
	add_attribute(&text, 1, "severity", gb_span_cstr(gb_tell_severity_name(n->severity)));
	add_attribute(&text, 2, "action",
	        gb_span_equal(n->action, GB_SPAN("blocked")) ? GB_SPAN("blocked") : GB_SPAN("observed"));
	if (gb_span_ends(draft->target->topic, GB_SPAN(".fifo"))) {
		add_pair(&text, "MessageGroupId", GB_SPAN("gambeson"));
		add_pair(&text, "MessageDeduplicationId", draft->target->key);
	}
	if (text.truncated)
		return -EMSGSIZE;
	*ret_message = gb_text_span(&text);
	return 0;
}

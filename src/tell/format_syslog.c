/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Syslog, RFC 5424. The structured data has 32473 as its number of an enterprise, which RFC 5612 sets aside for examples:
 * Gambeson has none of its own. How messages are framed on a stream (RFC 6587) is the sender's.
 */
#include "tell/draft.h"

#include <errno.h>

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

static const unsigned severities[_GB_TELL_SEVERITY_MAX] = {
        [GB_TELL_INFO] = 6,
        [GB_TELL_LOW] = 5,
        [GB_TELL_MEDIUM] = 4,
        [GB_TELL_HIGH] = 3,
        [GB_TELL_CRITICAL] = 2,
};

/* A field of the header: printable ASCII without spaces, or "-". */
static void add_field(struct gb_text *text, struct gb_span value, size_t maximum)
{
	size_t count = 0;

	gb_text_add_byte(text, ' ');
	for (size_t i = 0; i < value.n && count < maximum; i++)
		if (value.p[i] > 0x20 && value.p[i] < 0x7f) {
			gb_text_add_byte(text, value.p[i]);
			count++;
		}
	if (count == 0)
		gb_text_add_byte(text, '-');
}

static void add_parameter(struct gb_draft *draft, struct gb_text *text, const char *name, struct gb_span value)
{
	struct gb_span shown;

	if (value.n == 0)
		return;
	shown = gb_draft_show(draft, value, 1024);
	gb_text_add_byte(text, ' ');
	gb_text_add_cstr(text, name);
	gb_text_add_cstr(text, "=\"");
	for (size_t i = 0; i < shown.n; i++) {
		if (shown.p[i] == '"' || shown.p[i] == '\\' || shown.p[i] == ']')
			gb_text_add_byte(text, '\\');
		gb_text_add_byte(text, shown.p[i]);
	}
	gb_text_add_byte(text, '"');
}

static void add_data(struct gb_draft *draft, struct gb_text *text, const struct gb_tell_notice *n)
{
	char digits[24];
	struct gb_text number = gb_text_on(digits, sizeof(digits));

	gb_text_add_u64(&number, n->count);
	gb_text_add_cstr(text, " [gambeson@32473");
	add_parameter(draft, text, "id", n->id);
	add_parameter(draft, text, "type", n->type);
	add_parameter(draft, text, "severity", gb_span_cstr(gb_tell_severity_name(n->severity)));
	add_parameter(draft, text, "action", n->action);
	add_parameter(draft, text, "class", n->class_name);
	add_parameter(draft, text, "control", n->control);
	add_parameter(draft, text, "reason", n->reason);
	add_parameter(draft, text, "function", n->function.name);
	add_parameter(draft, text, "account", n->function.account);
	add_parameter(draft, text, "region", n->function.region);
	add_parameter(draft, text, "request", n->request);
	add_parameter(draft, text, "sandbox", n->sandbox);
	add_parameter(draft, text, "sourceIp", n->source_ip);
	add_parameter(draft, text, "count", gb_text_span(&number));
	gb_text_add_byte(text, ']');
}

static int sentence_of(struct gb_draft *draft, const struct gb_tell_notice *n, struct gb_span *ret)
{
	struct gb_text text = gb_draft_text(draft);

	gb_text_add(&text, gb_draft_title(draft, n, 400));
	if (n->message.n > 0) {
		gb_text_add_cstr(&text, ": ");
		gb_text_add(&text, gb_draft_show(draft, n->message, 2048));
	}
	*ret = gb_text_span(&text);
	return text.truncated ? -EMSGSIZE : 0;
}

/* Content of another format. JSON leaves DEL as it is, which syslog ought not to hold. */
static void add_content(struct gb_text *text, struct gb_span content)
{
	for (size_t at = 0; at < content.n;) {
		struct gb_span rest = gb_span_sub(content, at, SIZE_MAX);
		struct gb_span piece = gb_span_sub(rest, 0, gb_span_find_byte(rest, 0x7f, 0));

		gb_text_add(text, piece);
		at += piece.n;
		if (at < content.n) {
			gb_text_add_cstr(text, "\\u007f");
			at++;
		}
	}
}

int gb_tell_write_syslog(
        struct gb_draft *draft, const struct gb_tell_notice *notices, size_t count, struct gb_span *ret_message)
{
	const struct gb_tell_notice *n = &notices[0];
	struct gb_text text = gb_draft_text(draft);
	bool is_text = draft->target->content == GB_TELL_TEXT;
	struct gb_span content;
	int result = is_text ? sentence_of(draft, n, &content) : gb_draft_content(draft, draft->size_max, n, &content);

	(void)count;
	if (result < 0)
		return result;
	if (draft->target->facility > 23)
		return -EINVAL;
	gb_text_add_byte(&text, '<');
	gb_text_add_u64(&text, draft->target->facility * 8 + severities[n->severity]);
	gb_text_add_cstr(&text, ">1 ");
	gb_tell_add_time(&text, n->time_ms);
	add_field(&text, draft->target->host, 255);
	gb_text_add_cstr(&text, " gambeson -");
	add_field(&text, n->kind, 32);
	/* Content of a format of its own has all that the structured data would say once more. */
	if (is_text)
		add_data(draft, &text, n);
	else
		gb_text_add_cstr(&text, " -");
	gb_text_add_byte(&text, ' ');
	if (is_text)
		gb_text_add_cstr(&text, BYTE_ORDER_MARK);
	add_content(&text, content);
	if (text.truncated)
		return -EMSGSIZE;
	*ret_message = gb_text_span(&text);
	return 0;
}

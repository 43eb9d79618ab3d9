/* SPDX-License-Identifier: Apache-2.0 */
/* Common Event Format, version 0: one line. Keys and lengths are those of its dictionary of extensions. */
#include "tell/draft.h"

#include "base/ip.h"

#include <errno.h>

static const int severities[_GB_TELL_SEVERITY_MAX] = {
        [GB_TELL_INFO] = 1,
        [GB_TELL_LOW] = 3,
        [GB_TELL_MEDIUM] = 5,
        [GB_TELL_HIGH] = 8,
        [GB_TELL_CRITICAL] = 10,
};

/* One field of the header: a pipe or backslash is escaped; a line cannot end here, so it was shown. */
static void add_head(struct gb_draft *draft, struct gb_text *text, struct gb_span value)
{
	struct gb_span shown = gb_draft_show(draft, value, 512);

	for (size_t i = 0; i < shown.n; i++) {
		if (shown.p[i] == '|' || shown.p[i] == '\\')
			gb_text_add_byte(text, '\\');
		gb_text_add_byte(text, shown.p[i]);
	}
	gb_text_add_byte(text, '|');
}

/* A value of the extension: '=' and '\' are escaped; CEF has no escape for other controls, so it was shown. */
static void add_value(struct gb_text *text, struct gb_span shown)
{
	for (size_t i = 0; i < shown.n; i++) {
		if (shown.p[i] == '=' || shown.p[i] == '\\')
			gb_text_add_byte(text, '\\');
		gb_text_add_byte(text, shown.p[i]);
	}
}

static void add_text(
        struct gb_draft *draft, struct gb_text *text, const char *key, struct gb_span value, size_t maximum)
{
	if (value.n == 0)
		return;
	gb_text_add_byte(text, ' ');
	gb_text_add_cstr(text, key);
	gb_text_add_byte(text, '=');
	add_value(text, gb_draft_show(draft, value, maximum));
}

/* A custom string and what it is. */
static void add_custom(
        struct gb_draft *draft, struct gb_text *text, unsigned number, const char *label, struct gb_span value)
{
	char key[] = "cs0", label_key[] = "cs0Label";

	if (value.n == 0)
		return;
	key[2] = label_key[2] = (char)('0' + number);
	add_text(draft, text, label_key, gb_span_cstr(label), 1023);
	add_text(draft, text, key, value, 4000);
}

static void add_number(struct gb_text *text, const char *key, int64_t value)
{
	gb_text_add_byte(text, ' ');
	gb_text_add_cstr(text, key);
	gb_text_add_byte(text, '=');
	gb_text_add_i64(text, value);
}

static void add_source(struct gb_draft *draft, struct gb_text *text, struct gb_span address)
{
	unsigned char ip[16];

	if (gb_ip_parse(address, false, ip)) {
		add_text(draft, text, "src", address, 45);
	} else if (gb_ip_parse(address, true, ip)) {
		add_text(draft, text, "c6a2Label", GB_SPAN("Source IPv6 Address"), 1023);
		add_text(draft, text, "c6a2", address, 45);
	}
}

static void add_extension(struct gb_draft *draft, struct gb_text *text, const struct gb_tell_notice *n)
{
	struct gb_span link = gb_draft_link(draft, n);

	gb_text_add_cstr(text, "rt=");
	gb_text_add_i64(text, n->time_ms);
	add_number(text, "start", n->first_ms);
	add_number(text, "end", n->last_ms);
	add_number(text, "cnt", n->count > INT32_MAX ? INT32_MAX : (int64_t)n->count);
	add_text(draft, text, "externalId", n->id, 40);
	add_text(draft, text, "act", n->action, 63);
	add_text(draft, text, "cat", n->class_name, 1023);
	add_text(draft, text, "reason", n->reason, 1023);
	add_text(draft, text, "msg", n->message, 1023);
	add_text(draft, text, "destinationServiceName", n->function.name, 1023);
	add_source(draft, text, n->source_ip);
	if (gb_span_starts(n->activity, GB_SPAN("file")))
		add_text(draft, text, "filePath", n->subject, 1023);
	else if (gb_span_starts(n->activity, GB_SPAN("process")))
		add_text(draft, text, "dproc", n->subject, 1023);
	if (n->pid > 0)
		add_number(text, "dpid", n->pid);
	add_custom(draft, text, 1, "Function", gb_tell_function_arn(draft->arena, &n->function));
	add_custom(draft, text, 2, "AWS Request Id", n->request);
	add_custom(draft, text, 3, "Input Path", n->input_path);
	add_custom(draft, text, 4, "Evidence", n->input_value.n ? n->input_value : n->object);
	add_custom(draft, text, 5, "Control", n->control);
	add_custom(draft, text, 6, "Link", link);
	if (n->cwe > 0) {
		add_text(draft, text, "cn1Label", GB_SPAN("CWE"), 1023);
		add_number(text, "cn1", n->cwe);
	}
}

int gb_tell_write_cef(
        struct gb_draft *draft, const struct gb_tell_notice *notices, size_t count, struct gb_span *ret_message)
{
	const struct gb_tell_notice *n = &notices[0];
	struct gb_text text = gb_draft_text(draft);

	(void)count;
	gb_text_add_cstr(&text, "CEF:0|Gambeson|Gambeson|" GB_VERSION "|");
	add_head(draft, &text, n->reason.n ? n->reason : n->type);
	add_head(draft, &text, n->type);
	gb_text_add_i64(&text, severities[n->severity]);
	gb_text_add_byte(&text, '|');
	add_extension(draft, &text, n);
	if (text.truncated)
		return -EMSGSIZE;
	*ret_message = gb_text_span(&text);
	return 0;
}

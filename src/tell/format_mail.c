/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mail: RFC 5322 and MIME, text and HTML. No text from an event can leave its place: the subject is encoded words of
 * RFC 2047, both bodies are base64, addresses were checked, and the HTML has every value escaped and loads nothing.
 */
#include "tell/draft.h"

#include <errno.h>

#define DAY_MS       86400000
#define SUBJECT_MAX  200u
#define WORD_BYTES   45u /* of text in one encoded word: 60 characters of base64, 75 in all at most */
#define LINE_BYTES   57u /* of a body in one line of 76 */
#define BOUNDARY_MAX 80u

static void add_base64(struct gb_text *text, struct gb_span s)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < s.n; i += 3) {
		uint32_t group = (uint32_t)s.p[i] << 16;

		if (i + 1 < s.n)
			group |= (uint32_t)s.p[i + 1] << 8;
		if (i + 2 < s.n)
			group |= s.p[i + 2];
		gb_text_add_byte(text, (unsigned char)alphabet[group >> 18]);
		gb_text_add_byte(text, (unsigned char)alphabet[group >> 12 & 63]);
		gb_text_add_byte(text, i + 1 < s.n ? (unsigned char)alphabet[group >> 6 & 63] : '=');
		gb_text_add_byte(text, i + 2 < s.n ? (unsigned char)alphabet[group & 63] : '=');
	}
}

static void add_body(struct gb_text *text, struct gb_span body)
{
	for (size_t i = 0; i < body.n; i += LINE_BYTES) {
		add_base64(text, gb_span_sub(body, i, LINE_BYTES));
		gb_text_add_cstr(text, "\r\n");
	}
}

/* The start of S that is whole characters and at most MAXIMUM bytes; S is valid UTF-8. */
static struct gb_span whole(struct gb_span s, size_t maximum)
{
	size_t n = s.n < maximum ? s.n : maximum;

	while (n > 0 && n < s.n && (s.p[n] & 0xc0) == 0x80)
		n--;
	return gb_span_sub(s, 0, n);
}

static void add_subject(struct gb_text *text, struct gb_span subject)
{
	gb_text_add_cstr(text, "Subject:");
	while (subject.n > 0) {
		struct gb_span word = whole(subject, WORD_BYTES);

		gb_text_add_cstr(text, " =?UTF-8?B?");
		add_base64(text, word);
		gb_text_add_cstr(text, "?=\r\n");
		subject = gb_span_sub(subject, word.n, SIZE_MAX);
	}
}

/* "Date: Sat, 21 Nov 2026 14:30:00 +0000" */
static void add_date(struct gb_text *text, int64_t time_ms)
{
	static const char days[] = "ThuFriSatSunMonTueWed"; /* 1970-01-01 was a Thursday */
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char room[32] = "";
	struct gb_text iso = gb_text_on(room, sizeof(room));
	struct gb_span all, month;
	uint64_t number = 1;

	gb_tell_add_time(&iso, time_ms);
	all = gb_text_span(&iso);
	month = gb_span_sub(all, 5, 2);
	if (!gb_span_to_u64(month, &number) || number < 1 || number > 12)
		number = 1;
	gb_text_add_cstr(text, "Date: ");
	gb_text_add(text, gb_span_of(days + (time_ms < 0 ? 0 : time_ms) / DAY_MS % 7 * 3, 3));
	gb_text_add_cstr(text, ", ");
	gb_text_add(text, gb_span_sub(all, 8, 2));
	gb_text_add_byte(text, ' ');
	gb_text_add(text, gb_span_of(months + (number - 1) * 3, 3));
	gb_text_add_byte(text, ' ');
	gb_text_add(text, gb_span_sub(all, 0, 4));
	gb_text_add_byte(text, ' ');
	gb_text_add(text, gb_span_sub(all, 11, 8));
	gb_text_add_cstr(text, " +0000\r\n");
}

static void add_escaped(struct gb_text *text, struct gb_span s)
{
	for (size_t i = 0; i < s.n; i++)
		switch (s.p[i]) {
		case '&': gb_text_add_cstr(text, "&amp;"); break;
		case '<': gb_text_add_cstr(text, "&lt;"); break;
		case '>': gb_text_add_cstr(text, "&gt;"); break;
		case '"': gb_text_add_cstr(text, "&quot;"); break;
		case '\'': gb_text_add_cstr(text, "&#39;"); break;
		/* Parts a scheme from its address, so that readers of mail make no link of it. */
		case ':': gb_text_add_cstr(text, ":<wbr>"); break;
		default: gb_text_add_byte(text, s.p[i]);
		}
}

static void add_link(struct gb_text *text, struct gb_span link)
{
	if (link.n == 0)
		return;
	gb_text_add_cstr(text, "<p><a href=\"");
	for (size_t i = 0; i < link.n; i++)
		if (link.p[i] == '&' || link.p[i] == '"' || link.p[i] == '<' || link.p[i] == '>')
			gb_text_add_cstr(text, link.p[i] == '&' ? "&amp;" : "");
		else
			gb_text_add_byte(text, link.p[i]);
	gb_text_add_cstr(text, "\">Open in Gambeson</a></p>\n");
}

static int html_of(struct gb_draft *draft, const struct gb_tell_notice *n, struct gb_span *ret)
{
	struct gb_text text = gb_draft_text(draft);
	struct gb_draft_fact facts[GB_DRAFT_FACTS_MAX];
	size_t count = gb_draft_facts(draft, n, SIZE_MAX, facts);
	struct gb_span evidence = gb_draft_evidence(draft, n, SIZE_MAX);

	gb_text_add_cstr(&text,
	        "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>Gambeson</title></head><body>\n<h2>");
	add_escaped(&text, gb_draft_title(draft, n, 400));
	gb_text_add_cstr(&text, "</h2>\n");
	if (n->message.n > 0) {
		gb_text_add_cstr(&text, "<p>");
		add_escaped(&text, gb_draft_show(draft, n->message, SIZE_MAX));
		gb_text_add_cstr(&text, "</p>\n");
	}
	gb_text_add_cstr(&text, "<table>\n");
	for (size_t i = 0; i < count; i++) {
		gb_text_add_cstr(&text, "<tr><th align=\"left\">");
		gb_text_add_cstr(&text, facts[i].label);
		gb_text_add_cstr(&text, "</th><td>");
		add_escaped(&text, facts[i].value);
		gb_text_add_cstr(&text, "</td></tr>\n");
	}
	gb_text_add_cstr(&text, "</table>\n");
	if (evidence.n > 0) {
		gb_text_add_cstr(&text, "<p>Evidence:</p>\n<pre>");
		add_escaped(&text, evidence);
		gb_text_add_cstr(&text, "</pre>\n");
	}
	add_link(&text, gb_draft_link(draft, n));
	gb_text_add_cstr(&text, "</body></html>\n");
	*ret = gb_text_span(&text);
	return text.truncated ? -EMSGSIZE : 0;
}

static void add_part(struct gb_text *text, struct gb_span boundary, const char *type, struct gb_span body)
{
	gb_text_add_cstr(text, "--");
	gb_text_add(text, boundary);
	gb_text_add_cstr(text, "\r\nContent-Type: ");
	gb_text_add_cstr(text, type);
	gb_text_add_cstr(text, "; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n");
	add_body(text, body);
}

static void add_head(
        struct gb_draft *draft, struct gb_text *text, const struct gb_tell_notice *n, struct gb_span boundary)
{
	const struct gb_tell_target *target = draft->target;

	gb_text_add_cstr(text, "From: Gambeson <");
	gb_text_add(text, target->from);
	gb_text_add_cstr(text, ">\r\nTo:");
	for (size_t i = 0; i < target->to_count; i++) {
		gb_text_add_cstr(text, i == 0 ? " <" : ",\r\n <");
		gb_text_add(text, target->to[i]);
		gb_text_add_byte(text, '>');
	}
	gb_text_add_cstr(text, "\r\n");
	/* The same whenever it is sent again. */
	add_date(text, n->last_ms > 0 ? n->last_ms : target->now_ms);
	gb_text_add_cstr(text, "Message-ID: <");
	gb_text_add(text, target->key);
	gb_text_add(text, gb_span_sub(target->from, gb_span_find_last_byte(target->from, '@'), SIZE_MAX));
	gb_text_add_cstr(text, ">\r\n");
	add_subject(text, gb_draft_title(draft, n, SUBJECT_MAX));
	gb_text_add_cstr(text, "Auto-Submitted: auto-generated\r\nX-Gambeson-Severity: ");
	gb_text_add_cstr(text, gb_tell_severity_name(n->severity));
	gb_text_add_cstr(text, "\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=\"");
	gb_text_add(text, boundary);
	gb_text_add_cstr(text, "\"\r\n\r\n");
}

int gb_tell_write_mail(
        struct gb_draft *draft, const struct gb_tell_notice *notices, size_t count, struct gb_span *ret_message)
{
	const struct gb_tell_target *target = draft->target;
	struct gb_text text = gb_draft_text(draft);
	char room[BOUNDARY_MAX];
	struct gb_text boundary = gb_text_on(room, sizeof(room));
	struct gb_span plain, html = GB_SPAN_EMPTY;
	int result;

	if (target->to_count == 0 || target->to_count > GB_TELL_TO_MAX || !gb_draft_is_key(target->key) ||
	        !gb_tell_address_check(target->from))
		return -EINVAL;
	for (size_t i = 0; i < target->to_count; i++)
		if (!gb_tell_address_check(target->to[i]))
			return -EINVAL;
	gb_text_add_cstr(&boundary, "gambeson-");
	gb_text_add(&boundary, target->key); /* base64 has no '-': it cannot occur in a body */
	result = gb_tell_write_text(draft, notices, count, &plain);
	if (result == 0)
		result = html_of(draft, &notices[0], &html);
	if (result < 0)
		return result;
	add_head(draft, &text, &notices[0], gb_text_span(&boundary));
	add_part(&text, gb_text_span(&boundary), "text/plain", plain);
	add_part(&text, gb_text_span(&boundary), "text/html", html);
	gb_text_add_cstr(&text, "--");
	gb_text_add(&text, gb_text_span(&boundary));
	gb_text_add_cstr(&text, "--\r\n");
	if (text.truncated || boundary.truncated)
		return -EMSGSIZE;
	*ret_message = gb_text_span(&text);
	return 0;
}

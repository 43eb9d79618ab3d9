/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Microsoft Teams: a message with an Adaptive Card 1.4, as incoming webhooks and workflows take it. What comes from
 * outside stands in text runs, which know no Markdown; a mention would need an entity beside the text, and there is none.
 * "{{" would begin a macro for dates, so the two are parted.
 */
#include "tell/draft.h"

#define VALUE_MAX    2000u
#define EVIDENCE_MAX 4000u

static json_t *run(struct gb_draft *draft, struct gb_span text)
{
	char *room = gb_arena_take(draft->arena, text.n * 4 + 1);
	struct gb_text out = gb_text_on(room, room ? text.n * 4 + 1 : 0);
	json_t *object = json_object();

	for (size_t i = 0; i < text.n; i++) {
		gb_text_add_byte(&out, text.p[i]);
		if (text.p[i] == '{' && i + 1 < text.n && text.p[i + 1] == '{')
			gb_text_add(&out, GB_SPAN("\xe2\x81\xa0")); /* U+2060: joins words and is not seen */
	}
	gb_draft_literal(draft, object, "type", "TextRun");
	gb_draft_put(draft, object, "text", room ? json_stringn(room, out.n) : NULL);
	return object;
}

static void add_line(struct gb_draft *draft, json_t *body, json_t *first, json_t *second)
{
	json_t *block = json_object(), *inlines = json_array();

	if (first)
		gb_draft_append(draft, inlines, first);
	if (second)
		gb_draft_append(draft, inlines, second);
	gb_draft_literal(draft, block, "type", "RichTextBlock");
	gb_draft_put(draft, block, "inlines", inlines);
	gb_draft_append(draft, body, block);
}

static json_t *with(struct gb_draft *draft, json_t *object, const char *name, const char *value)
{
	gb_draft_literal(draft, object, name, value);
	return object;
}

static void add_facts(struct gb_draft *draft, json_t *body, const struct gb_tell_notice *n)
{
	struct gb_draft_fact facts[GB_DRAFT_FACTS_MAX];
	size_t count = gb_draft_facts(draft, n, VALUE_MAX, facts);

	for (size_t i = 0; i < count; i++) {
		char label[32];
		struct gb_text text = gb_text_on(label, sizeof(label));

		gb_text_add_cstr(&text, facts[i].label);
		gb_text_add_cstr(&text, ": ");
		add_line(draft, body, with(draft, run(draft, gb_text_span(&text)), "weight", "Bolder"),
		        run(draft, facts[i].value));
	}
}

static json_t *card_of(struct gb_draft *draft, const struct gb_tell_notice *n)
{
	static const char *const colours[_GB_TELL_SEVERITY_MAX] = {
	        "Default", "Accent", "Warning", "Attention", "Attention"};
	struct gb_span evidence = gb_draft_evidence(draft, n, EVIDENCE_MAX), link = gb_draft_link(draft, n);
	json_t *card = json_object(), *body = json_array(), *title = run(draft, gb_draft_title(draft, n, 300));

	gb_draft_literal(draft, card, "type", "AdaptiveCard");
	gb_draft_literal(draft, card, "version", "1.4");
	gb_draft_literal(draft, title, "size", "Large");
	gb_draft_literal(draft, title, "weight", "Bolder");
	gb_draft_literal(draft, title, "color", colours[n->severity]);
	add_line(draft, body, title, NULL);
	if (n->message.n > 0)
		add_line(draft, body, run(draft, gb_draft_show(draft, n->message, VALUE_MAX)), NULL);
	add_facts(draft, body, n);
	if (evidence.n > 0)
		add_line(draft, body, with(draft, run(draft, evidence), "fontType", "Monospace"), NULL);
	gb_draft_put(draft, card, "body", body);
	if (link.n > 0) {
		json_t *action = json_object(), *actions = json_array();

		gb_draft_literal(draft, action, "type", "Action.OpenUrl");
		gb_draft_literal(draft, action, "title", "Open in Gambeson");
		gb_draft_exact(draft, action, "url", link, 2048);
		gb_draft_append(draft, actions, action);
		gb_draft_put(draft, card, "actions", actions);
	}
	return card;
}

int gb_tell_write_teams(
        struct gb_draft *draft, const struct gb_tell_notice *notices, size_t count, struct gb_span *ret_message)
{
	json_t *root = json_object(), *attachment = json_object(), *attachments = json_array();

	(void)count;
	gb_draft_literal(draft, attachment, "contentType", "application/vnd.microsoft.card.adaptive");
	gb_draft_put(draft, attachment, "contentUrl", json_null());
	gb_draft_put(draft, attachment, "content", card_of(draft, &notices[0]));
	gb_draft_append(draft, attachments, attachment);
	gb_draft_literal(draft, root, "type", "message");
	gb_draft_put(draft, root, "attachments", attachments);
	return gb_draft_dump(draft, root, ret_message);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Slack: a message of blocks. What comes from outside stands in plain_text only, with '&', '<' and '>' as entities: so no
 * <!channel>, no <@user>, no link, no emphasis and no emoji comes out of it. Limits are Block Kit's, in bytes where it
 * counts characters.
 */
#include "tell/draft.h"

#define HEADER_MAX  150u
#define FIELD_MAX   2000u
#define FIELDS_MAX  10u /* of one section */
#define TEXT_MAX    3000u
#define PREVIEW_MAX 1000u

/* TEXT for Slack in at most MAXIMUM bytes: the three characters that begin markup escaped. */
static json_t *plain(struct gb_draft *draft, const char *label, struct gb_span text, size_t maximum)
{
	char *room = gb_arena_take(draft->arena, maximum);
	struct gb_text out = gb_text_on(room, room ? maximum : 0);
	/* Each '&' becomes five bytes: shown text is shortened until it fits. */
	for (size_t cut = maximum - 40; room && cut > 8; cut -= cut / 4) {
		struct gb_span shown = gb_draft_show(draft, text, cut);

		out = gb_text_on(room, maximum);
		gb_text_add_cstr(&out, label);
		for (size_t i = 0; i < shown.n; i++) {
			const char *entity = shown.p[i] == '&'   ? "&amp;"
			                     : shown.p[i] == '<' ? "&lt;"
			                     : shown.p[i] == '>' ? "&gt;"
			                                         : NULL;

			if (entity)
				gb_text_add_cstr(&out, entity);
			else
				gb_text_add_byte(&out, shown.p[i]);
		}
		if (!out.truncated)
			break;
	}
	if (out.truncated)
		out.n = 0;
	return room ? json_stringn(room, out.n) : NULL;
}

static json_t *plain_text(struct gb_draft *draft, const char *label, struct gb_span text, size_t maximum)
{
	json_t *object = json_object();

	gb_draft_literal(draft, object, "type", "plain_text");
	gb_draft_put(draft, object, "text", plain(draft, label, text, maximum));
	gb_draft_put(draft, object, "emoji", json_false());
	return object;
}

static json_t *block(struct gb_draft *draft, const char *type, json_t *text)
{
	json_t *object = json_object();

	gb_draft_literal(draft, object, "type", type);
	gb_draft_put(draft, object, "text", text);
	return object;
}

static void add_facts(struct gb_draft *draft, json_t *blocks, const struct gb_tell_notice *n)
{
	struct gb_draft_fact facts[GB_DRAFT_FACTS_MAX];
	size_t count = gb_draft_facts(draft, n, FIELD_MAX / 4, facts);

	for (size_t from = 0; from < count; from += FIELDS_MAX) {
		json_t *section = json_object(), *fields = json_array();

		for (size_t i = from; i < count && i < from + FIELDS_MAX; i++) {
			char label[32];
			struct gb_text text = gb_text_on(label, sizeof(label));

			gb_text_add_cstr(&text, facts[i].label);
			gb_text_add_byte(&text, '\n');
			gb_draft_append(
			        draft, fields, plain_text(draft, gb_text_cstr(&text), facts[i].value, FIELD_MAX));
		}
		gb_draft_literal(draft, section, "type", "section");
		gb_draft_put(draft, section, "fields", fields);
		gb_draft_append(draft, blocks, section);
	}
}

static void add_button(struct gb_draft *draft, json_t *blocks, const struct gb_tell_notice *n)
{
	struct gb_span link = gb_draft_link(draft, n);
	json_t *button, *elements, *actions;

	if (link.n == 0)
		return;
	button = block(draft, "button", plain_text(draft, "", GB_SPAN("Open in Gambeson"), 75));
	elements = json_array();
	actions = json_object();
	gb_draft_literal(draft, button, "action_id", "open");
	gb_draft_exact(draft, button, "url", link, TEXT_MAX);
	gb_draft_append(draft, elements, button);
	gb_draft_literal(draft, actions, "type", "actions");
	gb_draft_put(draft, actions, "elements", elements);
	gb_draft_append(draft, blocks, actions);
}

int gb_tell_write_slack(
        struct gb_draft *draft, const struct gb_tell_notice *notices, size_t count, struct gb_span *ret_message)
{
	const struct gb_tell_notice *n = &notices[0];
	struct gb_span title = gb_draft_title(draft, n, HEADER_MAX), evidence = gb_draft_evidence(draft, n, TEXT_MAX);
	json_t *root = json_object(), *blocks = json_array();

	(void)count;
	/* What notifications show; with parse "none" Slack looks for no names and addresses in it. */
	gb_draft_put(draft, root, "text", plain(draft, "", title, PREVIEW_MAX));
	gb_draft_literal(draft, root, "parse", "none");
	gb_draft_put(draft, root, "mrkdwn", json_false());
	gb_draft_put(draft, root, "link_names", json_false());
	gb_draft_put(draft, root, "unfurl_links", json_false());
	gb_draft_put(draft, root, "unfurl_media", json_false());
	gb_draft_append(draft, blocks, block(draft, "header", plain_text(draft, "", title, HEADER_MAX)));
	if (n->message.n > 0)
		gb_draft_append(draft, blocks, block(draft, "section", plain_text(draft, "", n->message, TEXT_MAX)));
	add_facts(draft, blocks, n);
	if (evidence.n > 0)
		gb_draft_append(
		        draft, blocks, block(draft, "section", plain_text(draft, "Evidence\n", evidence, TEXT_MAX)));
	add_button(draft, blocks, n);
	gb_draft_put(draft, root, "blocks", blocks);
	return gb_draft_dump(draft, root, ret_message);
}

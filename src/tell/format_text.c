/* SPDX-License-Identifier: Apache-2.0 */
/* Plain text for people: a sentence, the facts line by line, what convicted, and a link. */
#include "tell/draft.h"

#include <errno.h>

int gb_tell_write_text(
        struct gb_draft *draft, const struct gb_tell_notice *notices, size_t count, struct gb_span *ret_message)
{
	const struct gb_tell_notice *n = &notices[0];
	struct gb_text text = gb_draft_text(draft);
	struct gb_draft_fact facts[GB_DRAFT_FACTS_MAX];
	size_t fact_count = gb_draft_facts(draft, n, SIZE_MAX, facts);
	struct gb_span evidence = gb_draft_evidence(draft, n, SIZE_MAX), link = gb_draft_link(draft, n);

	(void)count;
	gb_text_add(&text, gb_draft_title(draft, n, 400));
	gb_text_add_byte(&text, '\n');
	if (n->message.n > 0) {
		gb_text_add(&text, gb_draft_show(draft, n->message, SIZE_MAX));
		gb_text_add_byte(&text, '\n');
	}
	gb_text_add_byte(&text, '\n');
	for (size_t i = 0; i < fact_count; i++) {
		gb_text_add_cstr(&text, facts[i].label);
		gb_text_add_cstr(&text, ": ");
		gb_text_add(&text, facts[i].value);
		gb_text_add_byte(&text, '\n');
	}
	if (evidence.n > 0) {
		gb_text_add_cstr(&text, "Evidence: ");
		gb_text_add(&text, evidence);
		gb_text_add_byte(&text, '\n');
	}
	if (link.n > 0) {
		gb_text_add_byte(&text, '\n');
		gb_text_add(&text, link);
		gb_text_add_byte(&text, '\n');
	}
	if (text.truncated)
		return -EMSGSIZE;
	*ret_message = gb_text_span(&text);
	return 0;
}

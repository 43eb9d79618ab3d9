/* SPDX-License-Identifier: Apache-2.0 */
/* inspect/cited_mention: a finding, and what of the text around it belongs to what. Private to cited.c. */
#ifndef GB_INSPECT_CITED_MENTION_H
#define GB_INSPECT_CITED_MENTION_H

#include "inspect/cited_words.h"
#include "inspect/inspect.h"

#define GB_CITED_AROUND   600u /* bytes of prose that are read on each side */
#define GB_CITED_SENTENCE 240u

struct gb_cited_mention {
	enum gb_attack_class attack_class;
	struct gb_span reason;
	struct gb_span text;
	size_t from, to; /* what is mentioned: its frame, or what convicts and belongs to it */
	size_t sentence; /* where the one begins that it stands in */
	enum gb_cited_mark mark;
	struct gb_cited_prose around, before, behind; /* on both sides; of the sentence that it stands in */
};

/* Reads around FINDING, and around the frame that it stands in when HAS_FRAME; false when it cannot be a mention. */
bool gb_cited_mention_of(
        const struct gb_inspect_finding *finding, bool has_frame, struct gb_cited_mention *ret_mention);

bool gb_cited_has_reason(const struct gb_cited_mention *mention, const char *prefix);
/* As many WORDS, as many of them HELD together or talk of software, and not much else. */
bool gb_cited_is_prose(const struct gb_cited_prose *prose, unsigned words, unsigned held);
/* Whether script in what is mentioned does more than show that it runs. */
bool gb_cited_reaches_out(const struct gb_cited_mention *mention);
/* <button …> does not work in …: what the text begins with is what its first sentence is about. */
bool gb_cited_is_subject(const struct gb_cited_mention *mention);

/* cited_talk.c. Whether the text talks of software, and of what it mentions as of a thing. */
bool gb_cited_is_talked_of(const struct gb_cited_mention *mention);

/* How the attack is tied to what stands around it. */
struct gb_cited_tie {
	bool is_attached;  /* to a word before it */
	bool is_led;       /* typed …, such as …, value=…, b) … */
	bool is_appended;  /* to a sentence that has its stop */
	bool is_continued; /* by the sentence's words, or its stop */
	bool is_at_end;
	bool is_item; /* behind a comma */
};
/* cited_tie.c */
struct gb_cited_tie gb_cited_tie_of(const struct gb_cited_mention *mention);

/* PIECE without the brackets, quotes and stops around it. */
struct gb_span gb_cited_strip(struct gb_span piece);

/* cited_kind.c. Whether the kind of the text decides; then *ret_is_mention is the answer. */
bool gb_cited_kind_of(const struct gb_cited_mention *mention, bool *ret_is_mention);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* inspect/cited_mention: a finding, and what of the text around it belongs to what. Private to cited.c. */
#ifndef GB_INSPECT_CITED_MENTION_H
#define GB_INSPECT_CITED_MENTION_H

#include "inspect/cited_words.h"
#include "inspect/inspect.h"

#define GB_CITED_AROUND   600u /* bytes of prose that are read on each side */
#define GB_CITED_SENTENCE 240u
#define GB_CITED_LINE     400u

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
/* What works within any text, and does more than show that it runs: a page prints the prose with it, a log looks it up. */
bool gb_cited_is_potent(const struct gb_cited_mention *mention);
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

/* Where the line of AT begins, or as far back as is looked. */
static inline size_t gb_cited_line_start(struct gb_span text, size_t at)
{
	const size_t least = at > GB_CITED_LINE ? at - GB_CITED_LINE : 0;

	while (at > least && text.p[at - 1] != '\n')
		at--;
	return at;
}

/* Where the line behind AT begins. */
static inline size_t gb_cited_next_line(struct gb_span text, size_t at)
{
	size_t end = gb_bytes_find(text, '\n', at);

	return end == SIZE_MAX ? text.n : end + 1;
}

/* Where the name that may begin at AT ends. */
static inline size_t gb_cited_name_end(struct gb_span text, size_t at)
{
	while (at < text.n && gb_byte_is_name[text.p[at]])
		at++;
	return at;
}

/* cited_list.c. Whether it is a string of a list in brackets; an item or row of several. */
bool gb_cited_is_listed(const struct gb_cited_mention *mention);
bool gb_cited_is_listed_line(const struct gb_cited_mention *mention);

/* cited_refused.c. Whether a program's message names it. */
bool gb_cited_is_refused(const struct gb_cited_mention *mention);

/* cited_program.c */
bool gb_cited_starts_with_one(struct gb_span text, const char *const *begins, size_t count);
/* Whether LINE begins as one of a program does: a declaration, a comment, a keyword. */
bool gb_cited_is_line_of_code(struct gb_span line);
/* The path of the mention stands in a program's source, whose lines no file function takes for a name. */
bool gb_cited_is_path_of_program(const struct gb_cited_mention *mention);
/* Whether the text is a program of several lines, a script as a file holds it, or goes on with a name that it declared. */
bool gb_cited_is_program(const struct gb_cited_mention *mention);
bool gb_cited_is_script_file(const struct gb_cited_mention *mention);
bool gb_cited_is_declared(const struct gb_cited_mention *mention);

/* cited_statement.c. Whether it is a part of a whole statement, filter or script. */
bool gb_cited_is_statement(const struct gb_cited_mention *mention);

/* cited_plain.c. Whether all of the value shows that nobody would run it. */
bool gb_cited_is_plain(const struct gb_cited_mention *mention);

/* cited_log.c. Whether it stands in a line of a log, behind what such lines begin with. */
bool gb_cited_is_logged(const struct gb_cited_mention *mention);

/* cited_source.c. Whether it is a part of source that stands by itself: a test, a patch, a program. */
bool gb_cited_is_source(const struct gb_cited_mention *mention);

/* cited_kind.c. Whether the kind of the text decides; then *ret_is_mention is the answer. */
bool gb_cited_kind_of(const struct gb_cited_mention *mention, bool *ret_is_mention);

#endif

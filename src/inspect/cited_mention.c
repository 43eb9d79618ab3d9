/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/cited_mention.h"

#include "inspect/bytes.h"

#include <string.h>

#define WORDS_MIN    4u
#define BETWEEN_TAGS 100u
#define TRIES_MAX    32u
#define SUBJECT_MAX  1u
#define BEHIND_MIN   2u
#define TAGS_MAX     4u

/* Markup and what a browser or template engine finds wherever it stands. */
static size_t tag_around(struct gb_span text, size_t at)
{
	for (size_t i = at + 1; i > 0 && at - (i - 1) < GB_CITED_SENTENCE; i--) {
		if (text.p[i - 1] == '<')
			return i - 1;
		if (text.p[i - 1] == '>' && i - 1 != at)
			break;
	}
	return at;
}

/* The first of the tags that stand side by side up to the one at AT. */
static size_t tag_start(struct gb_span text, size_t at)
{
	at = tag_around(text, at);
	for (unsigned i = 0; i < TAGS_MAX && at > 1 && text.p[at - 1] == '>'; i++)
		at = tag_around(text, at - 2);
	return at;
}

/* Behind the last of the tags that follow each other from AT on, in one line. */
static size_t tags_end(struct gb_span text, size_t at)
{
	size_t end = at;

	for (size_t i = at; i < text.n && i - end < BETWEEN_TAGS && text.p[i] != '\n'; i++)
		if (text.p[i] == '>')
			end = i + 1;
	return end;
}

/* Whether the sentence before AT ends there: a stop behind a word, not behind a letter as in e.g. and z.B. */
static bool is_sentence_start(struct gb_span text, size_t at)
{
	if (at == 0 || text.p[at - 1] == '\n')
		return true;
	return at > 3 && gb_ascii_is_space(text.p[at - 1]) &&
	       gb_bytes_find(GB_SPAN(".!?"), text.p[at - 2], 0) != SIZE_MAX &&
	       (text.p[at - 2] != '.' || text.p[at - 4] != '.');
}

static size_t sentence_start(struct gb_span text, size_t at)
{
	size_t i = at;

	while (at - i < GB_CITED_SENTENCE && (i == at ? i != 0 && text.p[i - 1] != '\n' : !is_sentence_start(text, i)))
		i--;
	return i;
}

static size_t sentence_end(struct gb_span text, size_t at)
{
	size_t i = at;

	while (i < text.n && i - at < GB_CITED_SENTENCE && text.p[i] != '\n' &&
	        !(gb_bytes_find(GB_SPAN(".!?"), text.p[i], 0) != SIZE_MAX &&
	                (i + 1 == text.n || gb_ascii_is_space(text.p[i + 1]))))
		i++;
	return i;
}

/* Behind the comment by which a statement hides what follows, or before a sentence that it runs into up to the text's end; else TO. */
static size_t statement_end(struct gb_span text, size_t from, size_t to)
{
	struct gb_span attack = gb_span_sub(text, 0, to);
	size_t dashes = gb_bytes_find_text(attack, GB_SPAN("--"), from), hash = gb_bytes_find(attack, '#', from);

	if (dashes != SIZE_MAX)
		return dashes + 2;
	if (hash != SIZE_MAX)
		return hash + 1;
	for (size_t at = from + 1, tries = 0; to == text.n && at < text.n && tries < TRIES_MAX; at++) {
		struct gb_cited_prose prose = {0};

		if (!gb_ascii_is_space(text.p[at]))
			continue;
		tries++;
		gb_cited_prose_add(text, at, text.n - at < GB_CITED_SENTENCE ? text.n : at + GB_CITED_SENTENCE, &prose);
		if (prose.words >= WORDS_MIN && prose.glue + prose.talk >= 3 && 2 * prose.words >= prose.pieces)
			return at;
		/* What stands further on is less. */
		if (prose.glue + prose.talk < 3 && text.n - at < GB_CITED_SENTENCE)
			return to;
	}
	return to;
}

/* Behind what no blank parts from it, without the sentence's own stops. */
static size_t piece_end(struct gb_span text, size_t at)
{
	size_t end = at;

	while (end < text.n && end - at < GB_CITED_SENTENCE && !gb_ascii_is_space(text.p[end]))
		end++;
	while (end > at && gb_bytes_find(GB_SPAN(".,:;?!)"), text.p[end - 1], 0) != SIZE_MAX)
		end--;
	return end;
}

static void read_around(struct gb_cited_mention *mention)
{
	struct gb_span text = mention->text;
	size_t start = mention->from > GB_CITED_AROUND ? mention->from - GB_CITED_AROUND : 0;
	size_t end = text.n - mention->to < GB_CITED_AROUND ? text.n : mention->to + GB_CITED_AROUND;

	gb_cited_prose_add(text, start, mention->from, &mention->around);
	gb_cited_prose_add(text, mention->to, end, &mention->around);
	mention->sentence = sentence_start(text, mention->from);
	gb_cited_prose_add(text, mention->sentence, mention->from, &mention->before);
	gb_cited_prose_add(text, mention->to, sentence_end(text, mention->to), &mention->behind);
}

bool gb_cited_mention_of(const struct gb_inspect_finding *finding, bool has_frame, struct gb_cited_mention *ret_mention)
{
	struct gb_cited_mention mention = {
	        .attack_class = finding->attack_class,
	        .reason = gb_span_cstr(finding->reason),
	        .text = finding->value,
	        .from = finding->from,
	        .to = finding->from + finding->length,
	};
	const bool is_markup = finding->attack_class == GB_CLASS_XSS || finding->attack_class == GB_CLASS_XML_ENTITY;
	struct gb_cited_frame frame;

	if (finding->length == 0 ||
	        (is_markup && gb_span_equal_nocase(gb_span_sub(mention.text, 0, 11), GB_SPAN("javascript:"))))
		return false;
	if (is_markup)
		mention.from = tag_start(mention.text, mention.from);
	frame = gb_cited_frame_of(mention.text, mention.from);
	/* Quotes within a document are its own. */
	if (finding->attack_class == GB_CLASS_XML_ENTITY && frame.mark >= GB_CITED_FIELD &&
	        gb_bytes_find(mention.text, '<', 0) < frame.from)
		return false;
	/* A shell's reader begins with the text. */
	if (frame.mark == GB_CITED_BARE && finding->attack_class == GB_CLASS_COMMAND_INJECTION && finding->from == 0)
		frame = gb_cited_frame_of(mention.text, finding->length - 1);
	if (!has_frame)
		frame.mark = GB_CITED_BARE;
	mention.mark = frame.mark;
	if (frame.mark != GB_CITED_BARE) {
		mention.from = frame.from;
		mention.to = frame.to;
	} else if (is_markup) {
		mention.to = tags_end(mention.text, mention.to);
	} else if (finding->attack_class == GB_CLASS_SQL_INJECTION) {
		mention.to = statement_end(mention.text, mention.from, mention.to);
	} else {
		mention.to = piece_end(mention.text, mention.to);
	}
	read_around(&mention);
	*ret_mention = mention;
	return true;
}

bool gb_cited_has_reason(const struct gb_cited_mention *mention, const char *prefix)
{
	return gb_span_starts(mention->reason, gb_span_cstr(prefix));
}

bool gb_cited_is_prose(const struct gb_cited_prose *prose, unsigned words, unsigned held)
{
	return prose->words >= words && (prose->glue != 0 || prose->talk >= 3) && prose->glue + prose->talk >= held &&
	       2 * prose->words >= prose->pieces;
}

/* src="https://…" of what is no script: where it ends; else AT. */
static size_t address_end(struct gb_span markup, size_t at)
{
	size_t tag = at, end;

	if (at == 0 || markup.p[at - 1] != ' ' ||
	        !gb_span_equal_nocase(gb_span_sub(markup, at, 9), GB_SPAN("src=\"http")))
		return at;
	while (tag > 0 && markup.p[tag - 1] != '<')
		tag--;
	if (gb_span_equal_nocase(gb_span_sub(markup, tag, 6), GB_SPAN("script")))
		return at;
	end = gb_bytes_find(markup, '"', at + 5);
	return end == SIZE_MAX ? at : end;
}

/* Calls and addresses by which script does more than show that it runs. */
static bool reaches_out(struct gb_span markup)
{
	static const char *const names[] = {"//", "fetch", "request", "location", "eval", "atob", "import", "fromchar",
	        "beacon", "constructor", "setinterval", "settimeout", "base64", ".js", ".post", "http"};

	for (size_t at = 0; at < markup.n; at++) {
		const unsigned char first = gb_ascii_lower(markup.p[at]);
		const size_t address = first == 's' ? address_end(markup, at) : at;

		if (address > at) {
			at = address;
			continue;
		}

		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (first == (unsigned char)names[i][0] &&
			        gb_span_equal_nocase(gb_span_sub(markup, at, strlen(names[i])), gb_span_cstr(names[i])))
				return true;
	}
	return false;
}

bool gb_cited_reaches_out(const struct gb_cited_mention *mention)
{
	struct gb_span markup = gb_span_sub(mention->text, mention->from, mention->to - mention->from);
	const size_t angle = gb_bytes_find(markup, '<', 0);

	/* "http://…?q=<p onclick=…>": the address around it is no script. */
	return reaches_out(
	        mention->mark == GB_CITED_BARE || angle == SIZE_MAX ? markup : gb_span_sub(markup, angle, SIZE_MAX));
}

/* <button …> does not work in …: what the text begins with is what its first sentence is about. */
bool gb_cited_is_subject(const struct gb_cited_mention *mention)
{
	struct gb_span behind = gb_span_sub(mention->text, mention->to, SIZE_MAX);

	if (mention->from > SUBJECT_MAX || behind.n < 2)
		return false;
	if (behind.p[0] == ' ' && (behind.p[1] == '-' || behind.p[1] == '('))
		behind = gb_span_sub(behind, 2, SIZE_MAX);
	behind = gb_span_trim(behind);
	return behind.n != 0 && behind.p[0] >= 'a' && behind.p[0] <= 'z' && mention->behind.words > BEHIND_MIN &&
	       mention->behind.glue != 0 && 2 * mention->behind.words >= mention->behind.pieces;
}

bool gb_cited_is_potent(const struct gb_cited_mention *mention)
{
	switch ((int)mention->attack_class) {
	case GB_CLASS_XSS: return gb_cited_reaches_out(mention);
	case GB_CLASS_TEMPLATE:
		return gb_cited_has_reason(mention, "template_capability") ||
		       gb_cited_has_reason(mention, "template_object_walk") ||
		       gb_cited_has_reason(mention, "template_type_named");
	case GB_CLASS_NAMING_LOOKUP: return !gb_cited_has_reason(mention, "jndi_leak_lookup");
	default: return false;
	}
}

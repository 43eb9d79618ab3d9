/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/cited.h"

#include "inspect/bytes.h"
#include "inspect/cited_words.h"
#include "inspect/prose.h"

#include <string.h>

#define AROUND_BYTES   600u /* of prose that are read on each side */
#define SENTENCE_BYTES 240u
#define VALUE_BYTES    32u /* of a value that an attack breaks out of */
#define WORDS_MIN      4u
#define TAGS_MAX       4u
#define BEFORE_MIN     3u
#define BEHIND_MIN     2u

/* What sentences do without. */
#define CODE_BYTES (GB_BYTE_SEMICOLON | GB_BYTE_EQUAL | GB_BYTE_BRACE)

struct mention {
	enum gb_attack_class attack_class;
	struct gb_span reason;
	struct gb_span text;
	size_t from, to; /* what is mentioned: its frame, or what convicts and belongs to it */
	size_t sentence; /* where the one begins that it stands in */
	enum gb_cited_mark mark;
	struct gb_cited_prose around, before, behind; /* on both sides; of the sentence that it stands in */
};

static bool has_reason(const struct mention *mention, const char *prefix)
{
	return gb_span_starts(mention->reason, gb_span_cstr(prefix));
}

/* Markup and what a browser or template engine finds wherever it stands. */
static size_t tag_around(struct gb_span text, size_t at)
{
	for (size_t i = at + 1; i > 0 && at - (i - 1) < SENTENCE_BYTES; i--) {
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

/* Behind the last tag of the line. */
static size_t tags_end(struct gb_span text, size_t at)
{
	size_t end = at;

	for (size_t i = at; i < text.n && i - at < AROUND_BYTES && text.p[i] != '\n'; i++)
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

	while (at - i < SENTENCE_BYTES && (i == at ? i != 0 && text.p[i - 1] != '\n' : !is_sentence_start(text, i)))
		i--;
	return i;
}

static size_t sentence_end(struct gb_span text, size_t at)
{
	size_t i = at;

	while (i < text.n && i - at < SENTENCE_BYTES && text.p[i] != '\n' &&
	        !(gb_bytes_find(GB_SPAN(".!?"), text.p[i], 0) != SIZE_MAX &&
	                (i + 1 == text.n || gb_ascii_is_space(text.p[i + 1]))))
		i++;
	return i;
}

/* Behind the comment by which a statement hides what follows; TO when there is none. */
static size_t comment_end(struct gb_span text, size_t from, size_t to)
{
	struct gb_span attack = gb_span_sub(text, 0, to);
	size_t dashes = gb_bytes_find_text(attack, GB_SPAN("--"), from), hash = gb_bytes_find(attack, '#', from);

	if (dashes != SIZE_MAX)
		return dashes + 2;
	return hash != SIZE_MAX ? hash + 1 : to;
}

static void read_around(struct mention *mention)
{
	struct gb_span text = mention->text;
	size_t start = mention->from > AROUND_BYTES ? mention->from - AROUND_BYTES : 0;
	size_t end = text.n - mention->to < AROUND_BYTES ? text.n : mention->to + AROUND_BYTES;

	gb_cited_prose_add(text, start, mention->from, &mention->around);
	gb_cited_prose_add(text, mention->to, end, &mention->around);
	mention->sentence = sentence_start(text, mention->from);
	gb_cited_prose_add(text, mention->sentence, mention->from, &mention->before);
	gb_cited_prose_add(text, mention->to, sentence_end(text, mention->to), &mention->behind);
}

static bool is_prose(const struct gb_cited_prose *prose, unsigned words, unsigned held)
{
	return prose->words >= words && (prose->glue != 0 || prose->talk >= 3) && prose->glue + prose->talk >= held &&
	       2 * prose->words >= prose->pieces;
}

/* A sentence before it that does not end there, and that goes on behind it. */
static bool is_within_sentence(const struct mention *mention)
{
	struct gb_span text = mention->text, before = gb_span_trim(gb_span_sub(text, 0, mention->from));
	struct gb_span behind = gb_span_trim(gb_span_sub(text, mention->to, SIZE_MAX));

	size_t piece = mention->from;

	while (piece > mention->sentence && !gb_ascii_is_space(text.p[piece - 1]))
		piece--;
	if (gb_bytes_mask(gb_span_sub(text, mention->sentence, piece - mention->sentence)) & CODE_BYTES)
		return false;
	if (before.n < 4 || (gb_bytes_find(GB_SPAN(".!?>"), before.p[before.n - 1], 0) != SIZE_MAX &&
	                            (before.p[before.n - 1] != '.' || before.p[before.n - 3] != '.')))
		return false;
	if (behind.n == 0 || (behind.p[0] >= 'A' && behind.p[0] <= 'Z'))
		return false;
	return is_prose(&mention->before, BEFORE_MIN, 1) && mention->behind.words >= BEHIND_MIN &&
	       mention->behind.glue + mention->behind.talk != 0;
}

/* "… the following text: admin' or": a colon, and a short value at most behind it. */
static bool is_introduced(const struct mention *mention)
{
	struct gb_span text = mention->text;
	size_t at = mention->from;

	while (at > 1 && mention->from - at < VALUE_BYTES &&
	        !(gb_ascii_is_space(text.p[at - 1]) && text.p[at - 2] == ':'))
		at--;
	return at > 1 && gb_ascii_is_space(text.p[at - 1]) && text.p[at - 2] == ':' &&
	       is_prose(&mention->before, BEFORE_MIN, 2) && mention->before.talk != 0;
}

/* Calls and addresses by which script does more than show that it runs. */
static bool reaches_out(struct gb_span markup)
{
	static const char *const names[] = {"//", "cookie", "storage", "fetch", "request", "location", "eval", "atob",
	        "import", "fromchar", "document", "beacon", "constructor", "setinterval", "settimeout", "base64",
	        "innerhtml", ".js", "function", "post", "http"};

	for (size_t at = 0; at < markup.n; at++) {
		const unsigned char first = gb_ascii_lower(markup.p[at]);

		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (first == (unsigned char)names[i][0] &&
			        gb_span_equal_nocase(gb_span_sub(markup, at, strlen(names[i])), gb_span_cstr(names[i])))
				return true;
	}
	return false;
}

/* A page shows what it is given, quotes and sentences with it: those must tell of software, and bare markup must do nothing. */
static bool is_mentioned_markup(const struct mention *mention)
{
	if (mention->mark == GB_CITED_FENCE || mention->mark == GB_CITED_CODE)
		return true;
	if (mention->mark == GB_CITED_QUOTE)
		return mention->around.talk != 0;
	return mention->around.talk >= 2 && (is_within_sentence(mention) || is_introduced(mention)) &&
	       !reaches_out(gb_span_sub(mention->text, mention->from, mention->to - mention->from));
}

static bool is_mentioned_template(const struct mention *mention)
{
	if (mention->mark == GB_CITED_FENCE || mention->mark == GB_CITED_CODE)
		return true;
	if (has_reason(mention, "template_capability") || has_reason(mention, "template_object_walk") ||
	        has_reason(mention, "template_engine_object") || has_reason(mention, "template_type_named"))
		return false;
	if (mention->mark == GB_CITED_QUOTE)
		return mention->around.talk != 0;
	return mention->around.talk >= 2 && (is_within_sentence(mention) || is_introduced(mention));
}

/* Languages of which a text is read from its start, or from where a value ends. */
static bool is_mentioned_statement(const struct mention *mention)
{
	if (mention->mark != GB_CITED_BARE)
		return mention->mark != GB_CITED_QUOTE || mention->around.talk != 0;
	return (mention->around.talk >= 2 && is_within_sentence(mention)) || is_introduced(mention);
}

/* A document of XML begins with markup. */
static bool is_behind_prose(const struct mention *mention)
{
	struct gb_cited_prose prose = {0};
	size_t angle = gb_bytes_find(mention->text, '<', 0);

	if (angle == SIZE_MAX || angle > mention->from)
		return false;
	gb_cited_prose_add(mention->text, angle > AROUND_BYTES ? angle - AROUND_BYTES : 0, angle, &prose);
	return is_prose(&prose, BEFORE_MIN, 2) && prose.talk != 0;
}

static bool decide(const struct mention *mention)
{
	if (mention->attack_class == GB_CLASS_XML_ENTITY && is_behind_prose(mention))
		return true;
	if (!is_prose(&mention->around, WORDS_MIN, 2))
		return false;
	switch ((int)mention->attack_class) {
	case GB_CLASS_XSS: return is_mentioned_markup(mention);
	case GB_CLASS_TEMPLATE: return is_mentioned_template(mention);
	/* It is what logs do with any text. */
	case GB_CLASS_NAMING_LOOKUP: return mention->mark != GB_CITED_BARE && has_reason(mention, "jndi_leak_lookup");
	/* What a cell is begun with is at its start. */
	case GB_CLASS_CSV_INJECTION: return mention->mark != GB_CITED_BARE || is_introduced(mention);
	case GB_CLASS_HEADER_INJECTION:
	case GB_CLASS_REDIRECT:
	case GB_CLASS_FORGED_TOKEN:
	case GB_CLASS_GRAPHQL: return false;
	default: return is_mentioned_statement(mention);
	}
}

/* Where the text goes on behind the mention that FINDING lies in; 0 when there is none. */
static size_t mention_end(const struct gb_inspect_finding *finding)
{
	struct mention mention = {
	        .attack_class = finding->attack_class,
	        .reason = gb_span_cstr(finding->reason),
	        .text = finding->value,
	        .from = finding->from,
	        .to = finding->from + finding->length,
	};
	const bool is_markup = finding->attack_class == GB_CLASS_XSS || finding->attack_class == GB_CLASS_XML_ENTITY;
	struct gb_cited_frame frame;

	if (mention.text.n <= finding->length ||
	        (is_markup && gb_span_equal_nocase(gb_span_sub(mention.text, 0, 11), GB_SPAN("javascript:"))))
		return 0;
	if (is_markup)
		mention.from = tag_start(mention.text, mention.from);
	frame = gb_cited_frame_of(mention.text, mention.from);
	if (finding->attack_class == GB_CLASS_XML_ENTITY && gb_bytes_find(mention.text, '<', 0) < frame.from)
		return 0;
	mention.mark = frame.mark;
	if (frame.mark != GB_CITED_BARE) {
		mention.from = frame.from;
		mention.to = frame.to;
	} else if (is_markup) {
		mention.to = tags_end(mention.text, mention.to);
	} else if (finding->attack_class == GB_CLASS_SQL_INJECTION) {
		mention.to = comment_end(mention.text, mention.from, mention.to);
	}
	read_around(&mention);
	return decide(&mention) ? mention.to : 0;
}

enum gb_mention gb_cited_read(const struct gb_inspect_finding *finding, size_t *ret_end)
{
	*ret_end = 0;
	if (gb_prose_is_void(finding))
		return GB_MENTION_VOID;
	*ret_end = mention_end(finding);
	return *ret_end != 0 || gb_prose_cites(finding) ? GB_MENTION_CITED : GB_MENTION_NONE;
}

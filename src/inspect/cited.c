/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/cited.h"

#include "inspect/bytes.h"
#include "inspect/cited_mention.h"
#include "inspect/prose.h"

#define VALUE_BYTES      32u /* of a value that an attack breaks out of */
#define WORDS_MIN        4u
#define ITEM_WORDS_MAX   3u
#define DOCUMENT_WORDS   20u
#define DOCUMENT_GLUE    4u
#define DOCUMENT_TALK    3u
#define BEFORE_MIN       2u
#define BEHIND_MIN       2u
#define BEHIND_ALONE_MIN 4u

/* What sentences do without. */
#define CODE_BYTES (GB_BYTE_EQUAL | GB_BYTE_BRACE)

/* A stop behind it, and then a blank or nothing. */
static bool is_at_stop(struct gb_span behind)
{
	return behind.n != 0 && (behind.p[0] == '.' || behind.p[0] == '?') &&
	       (behind.n == 1 || gb_ascii_is_space(behind.p[1]));
}

/* The last word before it is the sentence's own: no stop, and no code. */
static bool is_sentence_open(const struct gb_cited_mention *mention)
{
	struct gb_span text = mention->text, before;
	size_t piece = mention->from;

	while (piece > mention->sentence && !gb_ascii_is_space(text.p[piece - 1]))
		piece--;
	if (gb_bytes_mask(gb_span_sub(text, mention->sentence, piece - mention->sentence)) & CODE_BYTES)
		return false;
	before = gb_span_trim(gb_span_sub(text, 0, mention->from));
	return before.n > 3 && (gb_bytes_find(GB_SPAN(".!?>"), before.p[before.n - 1], 0) == SIZE_MAX ||
	                               (before.p[before.n - 1] == '.' && before.p[before.n - 3] == '.'));
}

/* A sentence before it that does not end there, and that goes on behind it, or has its stop there. */
static bool is_within_sentence(const struct gb_cited_mention *mention)
{
	const struct gb_cited_prose *before = &mention->before, *behind = &mention->behind;
	struct gb_span rest = gb_span_sub(mention->text, mention->to, SIZE_MAX);

	if (before->words == 0 || !is_sentence_open(mention))
		return false;
	if (is_at_stop(gb_span_trim(rest)))
		return mention->around.talk >= 2 && before->talk != 0 && gb_cited_is_prose(before, BEFORE_MIN, 2);
	rest = gb_span_trim(rest);
	if (rest.n == 0 || (rest.p[0] >= 'A' && rest.p[0] <= 'Z' && !gb_span_starts(rest, GB_SPAN("I "))) ||
	        behind->glue + behind->talk == 0)
		return false;
	if (before->words >= BEFORE_MIN)
		return before->glue + before->talk != 0 && (behind->words >= BEHIND_MIN || behind->glue != 0);
	return behind->words >= BEHIND_ALONE_MIN && behind->glue != 0 && mention->around.talk >= 3;
}

/* "… the following text: admin' or": a colon, and a short value at most behind it. */
static bool is_introduced(const struct gb_cited_mention *mention)
{
	struct gb_span text = mention->text;
	size_t at = mention->from;

	while (at > 1 && mention->from - at < VALUE_BYTES &&
	        !(gb_ascii_is_space(text.p[at - 1]) && text.p[at - 2] == ':'))
		at--;
	return at > 1 && gb_ascii_is_space(text.p[at - 1]) && text.p[at - 2] == ':' &&
	       gb_cited_is_prose(&mention->before, BEFORE_MIN + 1, 2) && mention->before.talk != 0;
}

/* A long text about software, and a line of it that holds little but the attack: an item of a list, an answer. */
static bool is_item(const struct gb_cited_mention *mention)
{
	const struct gb_cited_prose *around = &mention->around;
	struct gb_cited_prose line = {0};
	size_t start = mention->from;

	while (start > 0 && mention->from - start < GB_CITED_SENTENCE && mention->text.p[start - 1] != '\n')
		start--;
	gb_cited_prose_add(mention->text, start, mention->from, &line);
	return line.words <= ITEM_WORDS_MAX && around->words >= DOCUMENT_WORDS && around->glue >= DOCUMENT_GLUE &&
	       around->talk >= DOCUMENT_TALK;
}

/* A page shows what it is given, quotes and sentences with it: those must tell of software, and bare markup must do nothing. */
static bool is_mentioned_markup(const struct gb_cited_mention *mention)
{
	if (mention->mark == GB_CITED_FENCE || mention->mark == GB_CITED_CODE)
		return true;
	if (mention->mark == GB_CITED_QUOTE)
		return mention->around.talk != 0;
	if (gb_cited_reaches_out(mention))
		return false;
	if (mention->around.talk >= 2 && (is_within_sentence(mention) || is_introduced(mention) || is_item(mention)))
		return true;
	return mention->around.talk != 0 && gb_cited_is_subject(mention);
}

static bool is_mentioned_template(const struct gb_cited_mention *mention)
{
	if (mention->mark == GB_CITED_FENCE || mention->mark == GB_CITED_CODE)
		return true;
	if (gb_cited_is_potent(mention))
		return false;
	if (mention->mark == GB_CITED_QUOTE)
		return mention->around.talk != 0;
	return mention->around.talk >= 2 && (is_within_sentence(mention) || is_introduced(mention));
}

/* An object or a path that a sentence goes on behind would have to be read together with it, whatever the sentence is about. */
static bool is_read_on(const struct gb_cited_mention *mention)
{
	switch ((int)mention->attack_class) {
	case GB_CLASS_NOSQL_INJECTION:
	case GB_CLASS_FILE_INCLUSION:
		return mention->before.words >= BEFORE_MIN && mention->behind.words > BEHIND_MIN &&
		       mention->behind.glue != 0 && 2 * mention->behind.words >= mention->behind.pieces;
	default: return false;
	}
}

/* Languages of which a text is read from its start, or from where a value ends. */
static bool is_mentioned_statement(const struct gb_cited_mention *mention)
{
	/* A shell reads backticks. */
	if (mention->mark == GB_CITED_CODE && mention->attack_class == GB_CLASS_COMMAND_INJECTION)
		return mention->around.talk >= 2 || is_within_sentence(mention);
	if (mention->mark != GB_CITED_BARE)
		return mention->mark != GB_CITED_QUOTE || mention->around.talk != 0;
	if (is_within_sentence(mention) && (mention->around.talk >= 2 || is_read_on(mention)))
		return true;
	return is_introduced(mention) || is_item(mention);
}

static bool decide(const struct gb_cited_mention *mention)
{
	bool is_mention;

	if (gb_cited_kind_of(mention, &is_mention))
		return is_mention;
	if (!gb_cited_is_prose(&mention->around, mention->around.talk >= 3 ? WORDS_MIN - 1 : WORDS_MIN, 2))
		return false;
	switch ((int)mention->attack_class) {
	case GB_CLASS_XSS: return is_mentioned_markup(mention);
	case GB_CLASS_TEMPLATE: return is_mentioned_template(mention);
	/* It is what logs do with any text. */
	case GB_CLASS_NAMING_LOOKUP:
		return mention->mark != GB_CITED_BARE && gb_cited_has_reason(mention, "jndi_leak_lookup");
	/* What a cell is begun with is at its start. */
	case GB_CLASS_CSV_INJECTION: return mention->mark != GB_CITED_BARE || is_introduced(mention);
	case GB_CLASS_HEADER_INJECTION:
	case GB_CLASS_REDIRECT:
	case GB_CLASS_FORGED_TOKEN:
	case GB_CLASS_GRAPHQL: return false;
	default: return is_mentioned_statement(mention);
	}
}

enum gb_mention gb_cited_read(const struct gb_inspect_finding *finding, size_t *ret_end)
{
	struct gb_cited_mention mention = {0};

	*ret_end = 0;
	if (gb_prose_is_void(finding))
		return GB_MENTION_VOID;
	if (gb_cited_mention_of(finding, true, &mention) && (decide(&mention) || gb_cited_is_talked_of(&mention)))
		*ret_end = mention.to;
	/* "it says …, what is that": the quotes are around the sentence. */
	else if (mention.mark == GB_CITED_QUOTE && gb_cited_mention_of(finding, false, &mention) &&
	         gb_cited_is_talked_of(&mention))
		*ret_end = mention.to;
	return *ret_end != 0 || gb_prose_cites(finding) ? GB_MENTION_CITED : GB_MENTION_NONE;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/cited.h"

#include "inspect/bytes.h"
#include "inspect/cited_mention.h"
#include "inspect/detect/capability.h"
#include "inspect/prose.h"

#include <string.h>

#define VALUE_BYTES      32u /* of a value that an attack breaks out of */
#define WORDS_MIN        4u
#define ITEM_WORDS_MAX   3u
#define DOCUMENT_WORDS   20u
#define DOCUMENT_GLUE    4u
#define DOCUMENT_TALK    3u
#define SUBJECT_MAX      1u
#define FIELDS_MIN       3u
#define FOLLOWED_MIN     5u
#define LABEL_BYTES      64u
#define PAGE_BYTES       2048u
#define BEFORE_MIN       2u
#define BEHIND_MIN       2u
#define BEHIND_ALONE_MIN 4u

/* What sentences do without. */
#define CODE_BYTES (GB_BYTE_EQUAL | GB_BYTE_BRACE)

static bool has_reason(const struct gb_cited_mention *mention, const char *prefix)
{
	return gb_span_starts(mention->reason, gb_span_cstr(prefix));
}

static bool is_prose(const struct gb_cited_prose *prose, unsigned words, unsigned held)
{
	return prose->words >= words && (prose->glue != 0 || prose->talk >= 3) && prose->glue + prose->talk >= held &&
	       2 * prose->words >= prose->pieces;
}

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
		return mention->around.talk >= 2 && before->talk != 0 && is_prose(before, BEFORE_MIN, 2);
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
	       is_prose(&mention->before, BEFORE_MIN + 1, 2) && mention->before.talk != 0;
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

/* "GET /a HTTP/1.1" behind an address and a time, as servers log it. */
static bool is_logged_request(const struct gb_cited_mention *mention)
{
	struct gb_span request = gb_span_sub(mention->text, mention->from, mention->to - mention->from);
	struct gb_span before = gb_span_sub(mention->text, 0, mention->from);

	return mention->mark == GB_CITED_QUOTE && gb_bytes_find_text(request, GB_SPAN(" HTTP/"), 0) != SIZE_MAX &&
	       gb_span_ends(before, GB_SPAN("] ")) && gb_bytes_find(before, ':', 0) != SIZE_MAX;
}

/* A field of a log line that has more of them. */
static bool is_field(const struct gb_cited_mention *mention)
{
	struct gb_span text = mention->text;
	unsigned fields = 0;

	for (size_t at = 0; at < text.n && at < GB_CITED_AROUND && fields < FIELDS_MIN; at++)
		fields += text.p[at] == '=' && at > 0 && gb_byte_is_name[text.p[at - 1]] &&
		          (at < mention->from || at >= mention->to);
	return fields >= FIELDS_MIN && mention->around.talk >= 2;
}

/* Calls and addresses by which script does more than show that it runs. */
static bool reaches_out(struct gb_span markup)
{
	static const char *const names[] = {"//", "fetch", "request", "location", "eval", "atob", "import", "fromchar",
	        "beacon", "constructor", "setinterval", "settimeout", "base64", ".js", "post", "http"};

	for (size_t at = 0; at < markup.n; at++) {
		const unsigned char first = gb_ascii_lower(markup.p[at]);

		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (first == (unsigned char)names[i][0] &&
			        gb_span_equal_nocase(gb_span_sub(markup, at, strlen(names[i])), gb_span_cstr(names[i])))
				return true;
	}
	return false;
}

static bool mentions_reach(const struct gb_cited_mention *mention)
{
	return reaches_out(gb_span_sub(mention->text, mention->from, mention->to - mention->from));
}

/* <button …> does not work in …: what the text begins with is what its first sentence is about. */
static bool is_subject(const struct gb_cited_mention *mention)
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

/* //a[@b='c']/d, whole: what another language finds in its brackets is a predicate. */
static bool is_path_of_xml(const struct gb_cited_mention *mention)
{
	struct gb_span text = mention->text;
	size_t open = gb_bytes_find(gb_span_sub(text, 0, LABEL_BYTES), '[', 0);

	if (mention->attack_class != GB_CLASS_SQL_INJECTION && mention->attack_class != GB_CLASS_COMMAND_INJECTION)
		return false;
	return text.n > 3 && text.p[0] == '/' && text.p[1] == '/' && gb_ascii_is_alpha(text.p[2]) && open != SIZE_MAX &&
	       open < mention->from && gb_bytes_find(gb_span_sub(text, 0, open), ' ', 0) == SIZE_MAX &&
	       gb_bytes_find_text(text, GB_SPAN("--"), 0) == SIZE_MAX && gb_bytes_find(text, ';', 0) == SIZE_MAX &&
	       (mention->attack_class == GB_CLASS_COMMAND_INJECTION
	                       ? gb_bytes_find_text(gb_span_sub(text, mention->from, 4), GB_SPAN("//"), 0) != SIZE_MAX
	                       : gb_bytes_find(gb_span_sub(text, mention->from, 8), '@', 0) != SIZE_MAX);
}

/* … refuses !!python/tuple: behind a word a tag of YAML is a part of the text. */
static bool is_tag_in_words(const struct gb_cited_mention *mention)
{
	struct gb_span before = gb_span_sub(mention->text, 0, mention->from);

	return has_reason(mention, "object_yaml_tag") && before.n > 2 && before.p[before.n - 1] == ' ' &&
	       gb_ascii_is_alpha(before.p[before.n - 2]) && mention->before.words >= BEFORE_MIN;
}

/* A page shows what it is given, quotes and sentences with it: those must tell of software, and bare markup must do nothing. */
static bool is_mentioned_markup(const struct gb_cited_mention *mention)
{
	if (mention->mark == GB_CITED_FENCE || mention->mark == GB_CITED_CODE)
		return true;
	if (mention->mark == GB_CITED_QUOTE)
		return mention->around.talk != 0;
	if (mentions_reach(mention))
		return false;
	if (mention->around.talk >= 2 && (is_within_sentence(mention) || is_introduced(mention) || is_item(mention)))
		return true;
	return mention->around.talk != 0 && is_subject(mention);
}

static bool is_mentioned_template(const struct gb_cited_mention *mention)
{
	if (mention->mark == GB_CITED_FENCE || mention->mark == GB_CITED_CODE)
		return true;
	if (has_reason(mention, "template_capability") || has_reason(mention, "template_object_walk") ||
	        has_reason(mention, "template_type_named"))
		return false;
	if (mention->mark == GB_CITED_QUOTE)
		return mention->around.talk != 0;
	return mention->around.talk >= 2 && (is_within_sentence(mention) || is_introduced(mention));
}

/* Languages of which a text is read from its start, or from where a value ends. */
static bool is_mentioned_statement(const struct gb_cited_mention *mention)
{
	/* A shell reads backticks. */
	if (mention->mark == GB_CITED_CODE && mention->attack_class == GB_CLASS_COMMAND_INJECTION)
		return mention->around.talk >= 2 || is_within_sentence(mention);
	if (mention->mark != GB_CITED_BARE)
		return mention->mark != GB_CITED_QUOTE || mention->around.talk != 0;
	return (mention->around.talk >= 2 && is_within_sentence(mention)) || is_introduced(mention) || is_item(mention);
}

/* A sentence behind what is no formula any more. */
static bool is_followed(const struct gb_cited_mention *mention)
{
	return mention->behind.words >= FOLLOWED_MIN && mention->behind.glue >= 2 &&
	       2 * mention->behind.words >= mention->behind.pieces;
}

/* Mango selector: { … }: words in front of what would have to be an object from its first byte. */
static bool is_labelled(const struct gb_cited_mention *mention)
{
	struct gb_cited_prose label = {0};
	size_t brace = gb_bytes_find(mention->text, '{', 0);

	if (brace == SIZE_MAX || brace > LABEL_BYTES || brace > mention->from || brace < 3 ||
	        !gb_span_ends(gb_span_sub(mention->text, 0, brace), GB_SPAN(": ")))
		return false;
	if ((gb_bytes_mask(gb_span_sub(mention->text, 0, brace)) & (GB_BYTE_SINGLE | GB_BYTE_DOUBLE)) != 0)
		return false;
	gb_cited_prose_add(mention->text, 0, brace, &label);
	return label.words >= BEFORE_MIN && label.words == label.pieces;
}

/* <?php … ?> that calls nothing that reaches out, and a sentence behind it. */
static bool is_tame_page(const struct gb_cited_mention *mention)
{
	struct gb_span text = mention->text;
	size_t close = gb_bytes_find_text(gb_span_sub(text, 0, PAGE_BYTES), GB_SPAN("?>"), 0);
	struct gb_cited_prose prose = {0};

	if (!gb_span_starts(text, GB_SPAN("<?")) || close == SIZE_MAX ||
	        gb_bytes_find(gb_span_sub(text, 0, close), '`', 0) != SIZE_MAX)
		return false;
	for (size_t at = 2, end; at < close; at = end + (end == at)) {
		for (end = at; end < close && gb_byte_is_name[text.p[end]];)
			end++;
		if (gb_capability_of(gb_span_sub(text, at, end - at)) != 0 &&
		        (end == close || text.p[end] != '\'' || text.p[at - 1] != '\''))
			return false;
	}
	gb_cited_prose_add(
	        text, close + 2, text.n - close > GB_CITED_AROUND ? close + GB_CITED_AROUND : text.n, &prose);
	return is_prose(&prose, WORDS_MIN, 2);
}

/* A document of XML begins with markup. */
static bool is_behind_prose(const struct gb_cited_mention *mention)
{
	struct gb_cited_prose prose = {0};
	size_t angle = gb_bytes_find(mention->text, '<', 0);

	if (angle == SIZE_MAX || angle > mention->from)
		return false;
	gb_cited_prose_add(mention->text, angle > GB_CITED_AROUND ? angle - GB_CITED_AROUND : 0, angle, &prose);
	return is_prose(&prose, BEFORE_MIN + 1, 2) && prose.talk != 0;
}

static bool decide(const struct gb_cited_mention *mention)
{
	if (mention->attack_class == GB_CLASS_XML_ENTITY && is_behind_prose(mention))
		return true;
	if (mention->mark == GB_CITED_FIELD)
		return mention->attack_class != GB_CLASS_NAMING_LOOKUP && mention->attack_class != GB_CLASS_TEMPLATE &&
		       is_field(mention);
	if (is_logged_request(mention))
		return mention->attack_class == GB_CLASS_SQL_INJECTION ||
		       mention->attack_class == GB_CLASS_FILE_INCLUSION ||
		       mention->attack_class == GB_CLASS_COMMAND_INJECTION ||
		       (mention->attack_class == GB_CLASS_XSS && !mentions_reach(mention));
	if (is_path_of_xml(mention))
		return true;
	if (mention->attack_class == GB_CLASS_DESERIALIZATION && is_tag_in_words(mention))
		return true;
	/* Its own language would read the sentence as well. */
	if ((mention->attack_class == GB_CLASS_CSV_INJECTION || mention->attack_class == GB_CLASS_XML_ENTITY) &&
	        mention->behind.talk >= 2 && is_subject(mention))
		return true;
	if ((mention->attack_class == GB_CLASS_CSV_INJECTION || mention->attack_class == GB_CLASS_NOSQL_INJECTION) &&
	        mention->behind.talk >= 2 && is_followed(mention))
		return true;
	if (mention->attack_class == GB_CLASS_NOSQL_INJECTION && is_labelled(mention))
		return true;
	if (mention->attack_class == GB_CLASS_CODE_INJECTION && is_tame_page(mention))
		return true;
	if (!is_prose(&mention->around, mention->around.talk >= 3 ? WORDS_MIN - 1 : WORDS_MIN, 2))
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

enum gb_mention gb_cited_read(const struct gb_inspect_finding *finding, size_t *ret_end)
{
	struct gb_cited_mention mention;

	*ret_end = 0;
	if (gb_prose_is_void(finding))
		return GB_MENTION_VOID;
	if (gb_cited_mention_of(finding, &mention) && decide(&mention))
		*ret_end = mention.to;
	return *ret_end != 0 || gb_prose_cites(finding) ? GB_MENTION_CITED : GB_MENTION_NONE;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Mentions that are told by what the whole text is: a line of a log, a page, a path, what its own reader would stumble over. */
#include "inspect/bytes.h"
#include "inspect/cited_mention.h"
#include "inspect/detect/capability.h"

#include <string.h>

#define WORDS_MIN    4u
#define FIELDS_MIN   3u
#define FOLLOWED_MIN 5u
#define LABEL_BYTES  64u
#define PAGE_BYTES   2048u
#define BEFORE_MIN   2u

/* "GET /a HTTP/1.1" behind an address and a time, as servers log it, and behind that "…" "…" of the same request. */
static bool is_logged_request(const struct gb_cited_mention *mention)
{
	struct gb_span request = gb_span_sub(mention->text, mention->from, mention->to - mention->from);
	struct gb_span before = gb_span_sub(mention->text, 0, mention->from);
	size_t quote = gb_bytes_find_text(before, GB_SPAN("] \""), 0);

	if (mention->mark != GB_CITED_QUOTE || gb_bytes_find(before, ':', 0) == SIZE_MAX)
		return false;
	if (gb_bytes_find_text(request, GB_SPAN(" HTTP/"), 0) != SIZE_MAX && gb_span_ends(before, GB_SPAN("] ")))
		return true;
	return quote != SIZE_MAX && quote > FIELDS_MIN &&
	       gb_bytes_find_text(before, GB_SPAN(" HTTP/"), quote) != SIZE_MAX;
}

/* A field of a log line that has more of them. */
static bool is_field(const struct gb_cited_mention *mention)
{
	struct gb_span text = mention->text;
	unsigned fields = 0, named = 0;

	for (size_t at = 0; at < text.n && at < GB_CITED_AROUND; at++)
		if (text.p[at] == '=' && at > 0 && gb_byte_is_name[text.p[at - 1]] &&
		        (at < mention->from || at >= mention->to)) {
			size_t start = at;

			while (start > 0 && at - start < LABEL_BYTES && gb_byte_is_name[text.p[start - 1]])
				start--;
			fields++;
			named += (gb_words_find(&gb_cited_words, gb_span_sub(text, start, at - start)) &
			                 (GB_CITED_TALK | GB_CITED_SITE)) != 0;
		}
	/* Attributes of markup that is cut off before them. */
	if (mention->attack_class == GB_CLASS_XSS) {
		struct gb_span value = gb_span_sub(text, mention->from + 1, mention->to - mention->from - 1);
		size_t angle = gb_bytes_find(value, '<', 0);

		if (angle == SIZE_MAX || gb_bytes_find(value, '"', 0) < angle)
			return false;
	}
	return fields >= FIELDS_MIN && mention->around.talk + named >= 2;
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

	return gb_cited_has_reason(mention, "object_yaml_tag") && before.n > 2 && before.p[before.n - 1] == ' ' &&
	       gb_ascii_is_alpha(before.p[before.n - 2]) && mention->before.words >= BEFORE_MIN;
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
	return gb_cited_is_prose(&prose, WORDS_MIN, 2);
}

/* A document of XML begins with markup. */
static bool is_behind_prose(const struct gb_cited_mention *mention)
{
	struct gb_cited_prose prose = {0};
	size_t angle = gb_bytes_find(mention->text, '<', 0);

	if (angle == SIZE_MAX || angle > mention->from)
		return false;
	gb_cited_prose_add(mention->text, angle > GB_CITED_AROUND ? angle - GB_CITED_AROUND : 0, angle, &prose);
	return gb_cited_is_prose(&prose, BEFORE_MIN + 1, 2) && prose.talk != 0;
}

/* const a = …: a program of its own from the first byte, no part of a page's. */
static bool is_program(const struct gb_cited_mention *mention)
{
	static const char *const words[] = {"const ", "let ", "function ", "export ", "async function "};
	struct gb_span text = mention->text;

	if (!gb_cited_has_reason(mention, "xss_script_") || gb_bytes_find(text, '<', 0) != SIZE_MAX ||
	        gb_cited_reaches_out(mention))
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (gb_span_starts(text, gb_span_cstr(words[i])))
			return gb_bytes_find(text, ' ', strlen(words[i])) != SIZE_MAX;
	return false;
}

bool gb_cited_kind_of(const struct gb_cited_mention *mention, bool *ret_is_mention)
{
	*ret_is_mention = true;
	if (mention->attack_class == GB_CLASS_XML_ENTITY && is_behind_prose(mention))
		return true;
	if (gb_cited_is_plain(mention) || gb_cited_is_statement(mention) || gb_cited_is_source(mention) ||
	        (!gb_cited_is_potent(mention) && gb_cited_is_logged(mention)))
		return true;
	if (mention->mark == GB_CITED_FIELD) {
		*ret_is_mention = mention->attack_class != GB_CLASS_NAMING_LOOKUP &&
		                  mention->attack_class != GB_CLASS_TEMPLATE && is_field(mention);
		return true;
	}
	if (is_logged_request(mention)) {
		*ret_is_mention = mention->attack_class == GB_CLASS_SQL_INJECTION ||
		                  mention->attack_class == GB_CLASS_FILE_INCLUSION ||
		                  mention->attack_class == GB_CLASS_COMMAND_INJECTION ||
		                  mention->attack_class == GB_CLASS_XSS ||
		                  mention->attack_class == GB_CLASS_NAMING_LOOKUP;
		return true;
	}
	if (is_path_of_xml(mention) || (mention->attack_class == GB_CLASS_XSS && is_program(mention)))
		return true;
	if (mention->attack_class == GB_CLASS_DESERIALIZATION && is_tag_in_words(mention))
		return true;
	/* Its own language would read the sentence as well. */
	if ((mention->attack_class == GB_CLASS_CSV_INJECTION || mention->attack_class == GB_CLASS_XML_ENTITY) &&
	        mention->behind.talk >= 2 && gb_cited_is_subject(mention))
		return true;
	if ((mention->attack_class == GB_CLASS_CSV_INJECTION || mention->attack_class == GB_CLASS_NOSQL_INJECTION) &&
	        mention->behind.talk >= 2 && is_followed(mention))
		return true;
	if (mention->attack_class == GB_CLASS_NOSQL_INJECTION && is_labelled(mention))
		return true;
	if (mention->attack_class == GB_CLASS_CODE_INJECTION && is_tame_page(mention))
		return true;
	return false;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mentions that are told by what the text is about, whatever language the attack is in: prose around it that talks of
 * software, and how the attack is tied to its sentence. What is appended to a sentence that is complete without it, or to
 * a word, wants more of that than what a sentence names and goes on behind.
 */
#include "inspect/bytes.h"
#include "inspect/cited_mention.h"
#include "inspect/detect/detect.h"
#include "inspect/lex/sql_words.h"

#define PIECE_MAX       64u
#define WORDS_MIN       4u
#define WORDS_FRAMED    3u
#define WORDS_ALONE     7u /* of a language that the table has no glue of */
#define SUBJECT_WORDS   5u
#define CONTINUED_WORDS 2u
#define CAPITALS_MAX    6u
#define QUESTION_WORDS  4u

/* Talk of software, by word: what only people use who talk of it, what everybody says of web sites. */
#define TALK_WORD      2u
#define TALK_SITE      1u
#define TALK_TECHNICAL 2u /* once */
#define TALK_LITTLE    2u
#define TALK_SOME      3u
#define TALK_MORE      5u
#define TALK_DENSE     6u /* and nothing that holds sentences together */
#define TALK_MUCH      8u

#define SIGNS GB_SPAN("={}<>;|&$\\[]")

struct talk {
	unsigned words; /* of no meaning in the attack's language */
	unsigned glue;
	unsigned talk;
	bool is_technical; /* index.php, user_id, render(), CSP: names as people use who talk of software */
	unsigned pieces;   /* what blanks part */
	unsigned signs;    /* that prose does without */
};

struct gb_span gb_cited_strip(struct gb_span piece)
{
	while (piece.n != 0 && gb_cited_is_of(GB_SPAN("([\"'`*"), piece.p[0]))
		piece = gb_span_sub(piece, 1, SIZE_MAX);
	while (piece.n != 0 && gb_cited_is_of(GB_SPAN(".,:;?!)]\"'`*"), piece.p[piece.n - 1]))
		piece.n--;
	return piece;
}

/* A name with its parts joined, or an acronym. */
static bool is_technical(struct gb_span name)
{
	bool has_join = false, has_lower = false, has_upper = false;

	if (name.n < 2 || name.n > PIECE_MAX)
		return false;
	for (size_t i = 0; i < name.n; i++) {
		const unsigned char c = name.p[i];

		if (gb_ascii_is_alpha(c)) {
			has_lower |= c >= 'a';
			has_upper |= c < 'a';
			has_join |= i > 0 && c < 'a' && name.p[i - 1] >= 'a' && name.p[i - 1] <= 'z';
			continue;
		}
		if (!gb_ascii_is_digit(c) && !gb_cited_is_of(GB_SPAN("_./-#()"), c))
			return false;
		has_join |= i > 0 && i + 1 < name.n && gb_cited_is_of(GB_SPAN("_./("), c);
	}
	if (has_join)
		return has_lower;
	return has_upper && !has_lower && name.n <= CAPITALS_MAX && gb_ascii_is_alpha(name.p[0]) &&
	       gb_sql_word_of(name) == GB_SQL_UNKNOWN;
}

static bool is_own_word(enum gb_attack_class attack_class, struct gb_span word)
{
	enum gb_sql_word kind;

	if (attack_class == GB_CLASS_COMMAND_INJECTION)
		return gb_detect_is_command(word);
	if (attack_class != GB_CLASS_SQL_INJECTION && attack_class != GB_CLASS_NOSQL_INJECTION)
		return false;
	kind = gb_sql_word_of(word);
	return kind != GB_SQL_UNKNOWN && kind != GB_SQL_PROSE;
}

static void add_piece(
        enum gb_attack_class attack_class, struct gb_span text, size_t from, size_t to, struct talk *ref_talk)
{
	struct gb_span piece = gb_cited_strip(gb_span_sub(text, from, to - from));
	struct gb_cited_prose prose = {0};

	for (size_t i = from; i < to; i++)
		ref_talk->signs += gb_cited_is_of(SIGNS, text.p[i]);
	ref_talk->pieces++;
	if (is_own_word(attack_class, piece))
		return;
	gb_cited_prose_add(text, from, to, &prose);
	ref_talk->words += prose.words;
	ref_talk->glue += prose.glue;
	ref_talk->talk += prose.site != 0 ? TALK_SITE * prose.site : TALK_WORD * prose.talk;
	ref_talk->is_technical |= prose.talk == 0 && is_technical(piece);
}

static void add(enum gb_attack_class attack_class, struct gb_span text, size_t from, size_t to, struct talk *ref_talk)
{
	for (size_t at = from, end; at < to; at = end) {
		while (at < to && gb_ascii_is_space(text.p[at]))
			at++;
		for (end = at; end < to && !gb_ascii_is_space(text.p[end]);)
			end++;
		if (end > at)
			add_piece(attack_class, text, at, end, ref_talk);
	}
}

/* Brackets and quotes that are opened in it are closed in it. */
static bool is_closed(struct gb_span attack)
{
	unsigned quotes = 0, open = 0;

	for (size_t i = 0; i < attack.n; i++) {
		quotes += attack.p[i] == '"';
		open += attack.p[i] == '(';
		if (attack.p[i] == ')' && open-- == 0)
			return false;
	}
	return quotes % 2 == 0 && open == 0;
}

/* …; why does this not work?: of a program or statement that ends so nothing runs. */
static bool is_asked_about(const struct gb_cited_mention *mention)
{
	const struct gb_span text = gb_span_trim(mention->text);
	struct gb_cited_prose prose = {0};
	size_t start;

	if (mention->attack_class != GB_CLASS_CODE_INJECTION && mention->attack_class != GB_CLASS_SQL_INJECTION &&
	        !gb_cited_has_reason(mention, "code_") && !gb_cited_has_reason(mention, "xss_script_code"))
		return false;
	if (text.n == 0 || text.p[text.n - 1] != '?')
		return false;
	for (start = text.n - 1; start > mention->to && text.n - start < GB_CITED_SENTENCE; start--)
		if (gb_cited_is_of(GB_SPAN("\n;.:>"), text.p[start]))
			break;
	if (start <= mention->to ||
	        gb_bytes_find_text(gb_span_sub(text, mention->from, SIZE_MAX), GB_SPAN("--"), 0) != SIZE_MAX ||
	        gb_bytes_find_text(gb_span_sub(text, mention->from, SIZE_MAX), GB_SPAN("//"), 0) != SIZE_MAX ||
	        gb_bytes_find(gb_span_sub(text, mention->from, SIZE_MAX), '#', 0) != SIZE_MAX)
		return false;
	gb_cited_prose_add(text, start, text.n, &prose);
	return prose.words >= QUESTION_WORDS && prose.glue >= 2 && prose.words + 2 >= prose.pieces;
}

/* A page's source that reaches for nothing, and a paragraph behind it that tells of it or asks. */
static bool is_pasted_page(const struct gb_cited_mention *mention)
{
	const struct gb_span text = gb_span_trim(mention->text);
	struct gb_cited_mention page = *mention;
	struct talk tail = {0};
	size_t end = text.n;

	if (mention->attack_class != GB_CLASS_XSS || text.n == 0 || text.p[0] != '<')
		return false;
	while (end > 0 && text.n - end < GB_CITED_AROUND && text.p[end - 1] != '>')
		end--;
	if (end == 0 || end == text.n || text.p[end - 1] != '>' || text.p[end] != '\n')
		return false;
	add(mention->attack_class, text, end, text.n, &tail);
	page.from = 0;
	page.to = end;
	return tail.words >= SUBJECT_WORDS && tail.glue >= 2 && 2 * tail.words >= tail.pieces &&
	       (tail.talk >= TALK_LITTLE || text.p[text.n - 1] == '?') && !gb_cited_reaches_out(&page);
}

/* Languages whose statements may run on behind what convicts: what stands there must be prose to count. */
static bool may_run_on(enum gb_attack_class attack_class)
{
	return attack_class == GB_CLASS_SQL_INJECTION || attack_class == GB_CLASS_NOSQL_INJECTION ||
	       attack_class == GB_CLASS_COMMAND_INJECTION || attack_class == GB_CLASS_CODE_INJECTION;
}

/* The brackets around an expression are its own, and a scheme before a script. */
static struct gb_cited_mention widen(const struct gb_cited_mention *mention)
{
	struct gb_cited_mention wide = *mention;

	if (wide.from > 2 && wide.text.p[wide.from - 1] == ' ' &&
	        gb_cited_is_of(GB_SPAN("{%"), wide.text.p[wide.from - 2]))
		wide.from--;
	while (wide.from > 0 && gb_cited_is_of(GB_SPAN("{$#%"), wide.text.p[wide.from - 1]))
		wide.from--;
	if (wide.to + 1 < wide.text.n && wide.text.p[wide.to] == ' ' && wide.text.p[wide.to + 1] == '}')
		wide.to++;
	while (wide.to < wide.text.n && gb_cited_is_of(GB_SPAN("}%"), wide.text.p[wide.to]))
		wide.to++;
	if (wide.attack_class == GB_CLASS_XSS && wide.from > 0 && wide.text.p[wide.from - 1] == ':')
		for (wide.from--; wide.from > 0 && gb_ascii_is_alpha(wide.text.p[wide.from - 1]);)
			wide.from--;
	return wide;
}

/* [text](javascript:…), <? … ?>: a page makes a link of it or runs it, whatever the sentence around. */
static bool is_embedded(const struct gb_cited_mention *mention)
{
	if (mention->mark == GB_CITED_FENCE || mention->mark == GB_CITED_CODE)
		return false;
	if (mention->attack_class == GB_CLASS_XSS)
		return gb_span_ends(gb_span_sub(mention->text, 0, mention->from), GB_SPAN("]("));
	return mention->attack_class == GB_CLASS_CODE_INJECTION &&
	       gb_span_starts(gb_span_trim(mention->text), GB_SPAN("<"));
}

/* Markup, look-ups and templates are found in whatever text they stand. */
static bool works_anywhere(enum gb_attack_class attack_class)
{
	return attack_class == GB_CLASS_XSS || attack_class == GB_CLASS_TEMPLATE ||
	       attack_class == GB_CLASS_NAMING_LOOKUP;
}

/* What the text begins with, and then tells of. */
static bool is_first(const struct gb_cited_mention *mention, const struct gb_cited_tie *tie, const struct talk *behind)
{
	size_t to = mention->to;

	while (to < mention->text.n && mention->text.p[to] == ')')
		to++;
	while (to + 1 < mention->text.n && gb_ascii_is_space(mention->text.p[to]) && mention->text.p[to] != '\n')
		to++;
	/* Or a paragraph of its own. */
	if (to < mention->text.n && mention->text.p[to] == '\n')
		return behind->words >= SUBJECT_WORDS && behind->glue >= 2 && behind->talk >= TALK_LITTLE &&
		       !gb_cited_is_potent(mention) && 2 * behind->words >= behind->pieces;
	return tie->is_continued && behind->words >= SUBJECT_WORDS && behind->glue >= 2 &&
	       behind->talk >= TALK_LITTLE && is_closed(gb_span_sub(mention->text, mention->from, to - mention->from));
}

/* Its sentence asks. */
static bool is_questioned(const struct gb_cited_mention *mention)
{
	const struct gb_span rest = gb_span_sub(mention->text, mention->to, GB_CITED_SENTENCE);

	for (size_t i = 0; i < rest.n && rest.p[i] != '\n'; i++) {
		const bool is_last = i + 1 == rest.n || gb_ascii_is_space(rest.p[i + 1]);

		if (is_last && rest.p[i] == '?')
			return true;
		if (is_last && i > 1 && gb_cited_is_of(GB_SPAN(".!"), rest.p[i]))
			return false;
		/* Of ideographs: ？ */
		if (gb_span_starts(gb_span_sub(rest, i, 3), GB_SPAN("\xef\xbc\x9f")))
			return true;
	}
	return false;
}

static bool is_named(const struct gb_cited_mention *mention, const struct gb_cited_tie *tie, const struct talk *behind,
        unsigned talk)
{
	/* A shell reads backticks. */
	const bool is_framed = mention->mark == GB_CITED_QUOTE || mention->mark == GB_CITED_FENCE ||
	                       (mention->mark == GB_CITED_CODE && mention->attack_class != GB_CLASS_COMMAND_INJECTION);

	if (is_framed && works_anywhere(mention->attack_class))
		return talk >= (gb_cited_is_potent(mention) ? TALK_SOME : TALK_LITTLE);
	if (is_framed)
		return talk >= TALK_LITTLE || (behind->words > CONTINUED_WORDS && behind->glue != 0);
	if (tie->is_led && tie->is_continued)
		return talk >= (gb_cited_is_potent(mention) ? TALK_SOME : TALK_LITTLE);
	if (tie->is_attached || (tie->is_appended && tie->is_at_end))
		return talk >= TALK_MUCH;
	if (gb_cited_is_potent(mention))
		return talk >= (tie->is_led || tie->is_continued ? TALK_MORE : TALK_MUCH);
	if (!tie->is_led && !tie->is_continued)
		return talk >= TALK_MORE;
	/* A shell reads on behind any words. */
	return talk >= (mention->attack_class == GB_CLASS_COMMAND_INJECTION ? TALK_SOME : TALK_LITTLE);
}

/* Words, a colon and a blank before it, on its line. */
static bool is_labelled(const struct gb_cited_mention *mention)
{
	const struct gb_span before = gb_span_sub(mention->text, mention->sentence, mention->from - mention->sentence);

	return gb_bytes_find_text(before, GB_SPAN(": "), 0) != SIZE_MAX;
}

bool gb_cited_is_talked_of(const struct gb_cited_mention *narrow)
{
	const struct gb_cited_mention mention = widen(narrow);
	const struct gb_span text = mention.text;
	const size_t start = mention.from > GB_CITED_AROUND ? mention.from - GB_CITED_AROUND : 0;
	const size_t end = text.n - mention.to < GB_CITED_AROUND ? text.n : mention.to + GB_CITED_AROUND;
	struct gb_cited_tie tie = gb_cited_tie_of(&mention);
	struct talk before = {0}, behind = {0};
	const unsigned least =
	        mention.mark == GB_CITED_BARE || works_anywhere(mention.attack_class) ? WORDS_MIN : WORDS_FRAMED;
	unsigned words, glue, talk;
	bool is_asking;

	/* Most attacks have no words around them. */
	if (narrow->around.words < 2 || is_embedded(&mention))
		return false;
	if (is_asked_about(&mention) || is_pasted_page(&mention))
		return true;
	add(mention.attack_class, text, start, mention.from, &before);
	add(mention.attack_class, text, mention.to, end, &behind);
	if (may_run_on(mention.attack_class) && behind.glue == 0)
		behind.words = behind.talk = 0;
	words = before.words + behind.words;
	glue = before.glue + behind.glue;
	talk = before.talk + behind.talk + (before.is_technical || behind.is_technical ? TALK_TECHNICAL : 0);
	/* Example of a request: `…` */
	if ((mention.mark == GB_CITED_CODE || mention.mark == GB_CITED_FENCE) &&
	        !works_anywhere(mention.attack_class) && tie.is_led && talk >= TALK_SOME && words >= 2 &&
	        before.signs + behind.signs <= words)
		return true;
	/* Blocked request: … */
	if (mention.mark == GB_CITED_BARE && !gb_cited_is_potent(&mention) && tie.is_led && before.words >= 2 &&
	        talk >= TALK_DENSE - 2 && mention.attack_class != GB_CLASS_COMMAND_INJECTION &&
	        !works_anywhere(mention.attack_class) && before.signs <= before.words && is_labelled(&mention))
		return true;
	if (before.signs + behind.signs > words || 2 * words < before.pieces + behind.pieces || words < least)
		return false;
	is_asking = words >= QUESTION_WORDS && !tie.is_attached && !gb_cited_is_potent(&mention) && before.words != 0 &&
	            is_questioned(&mention);
	if (is_asking && works_anywhere(mention.attack_class) &&
	        !gb_cited_has_reason(&mention, "xss_template_expression"))
		return true;
	if (is_asking)
		tie.is_led = tie.is_continued = true;
	if (is_asking && talk >= TALK_LITTLE)
		return true;
	if (glue == 0 && words < WORDS_ALONE && talk < TALK_DENSE)
		return false;
	if (before.words == 0 && !before.is_technical)
		return is_first(&mention, &tie, &behind);
	return is_named(&mention, &tie, &behind, talk);
}

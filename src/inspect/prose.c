/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/prose.h"

#include "inspect/bytes.h"
#include "inspect/unread.h"

#include <string.h>

#define BEFORE_BYTES       200u
#define BEHIND_BYTES       120u
#define WORDS_BEFORE_MIN   3u
#define WORDS_BEHIND_MIN   2u
#define WORDS_ALONE_MIN    5u /* behind, when there are none before */
#define SENTENCE_WORDS_MIN 4u
#define GLUE_BYTES_MAX     8u

/* What holds sentences together, English ones first, and is no word of SQL, a shell or a programming language. Sorted. */
static const char glue[][GLUE_BYTES_MAX] = {"a", "about", "after", "again", "also", "always", "am", "an", "another",
        "are", "aren't", "auch", "auf", "avec", "because", "been", "before", "being", "but", "can", "can't", "could",
        "dans", "das", "der", "did", "didn't", "does", "doesn't", "don't", "een", "ein", "eine", "either", "est",
        "ever", "every", "few", "had", "has", "hasn't", "have", "he", "her", "het", "his", "how", "however", "i'd",
        "i'll", "i'm", "i've", "ich", "instead", "isn't", "ist", "it", "it's", "its", "itself", "just", "kann", "los",
        "many", "may", "me", "might", "mit", "much", "must", "my", "neither", "never", "nicht", "niet", "nobody", "nor",
        "nothing", "nous", "och", "of", "often", "our", "ours", "para", "pas", "please", "por", "pour", "que", "quite",
        "rather", "shall", "she", "should", "sie", "since", "sind", "so", "som", "some", "still", "such", "sur", "than",
        "thanks", "that", "that's", "the", "their", "them", "there", "these", "they", "they're", "those", "though",
        "through", "to", "too", "uma", "una", "und", "une", "us", "very", "von", "vous", "was", "wasn't", "we", "we're",
        "were", "weren't", "what", "whether", "which", "whom", "whose", "why", "wie", "will", "wir", "wird", "without",
        "won't", "would", "yet", "you", "you're", "your", "yours", "zu"};

bool gb_prose_is_glue(struct gb_span word)
{
	char lower[GLUE_BYTES_MAX] = {0};
	size_t low = 0, high = sizeof(glue) / sizeof(glue[0]);

	if (word.n >= GLUE_BYTES_MAX)
		return false;
	for (size_t i = 0; i < word.n; i++)
		lower[i] = (char)gb_ascii_lower(word.p[i]);
	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = memcmp(glue[middle], lower, sizeof(lower));

		if (order == 0)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

struct sentence {
	unsigned words; /* of letters alone, with blanks or punctuation around them */
	unsigned glue;
};

static bool is_end_of_word(unsigned char c)
{
	return gb_ascii_is_space(c) || c == '.' || c == ',' || c == ':' || c == ';' || c == '?' || c == '!' || c == ')';
}

static struct sentence read_sentence(struct gb_span text, size_t from, size_t to)
{
	struct sentence sentence = {0};

	for (size_t at = from; at < to;) {
		size_t end = at;

		while (end < to && (gb_ascii_is_alpha(text.p[end]) || text.p[end] == '\'' || text.p[end] >= 0x80))
			end++;
		if (end > at && (at == 0 || gb_ascii_is_space(text.p[at - 1]) || text.p[at - 1] == '(') &&
		        (end == text.n || is_end_of_word(text.p[end]))) {
			sentence.words++;
			sentence.glue += gb_prose_is_glue(gb_span_sub(text, at, end - at));
		}
		at = end + 1;
	}
	return sentence;
}

/* Behind a comment's start nothing that follows disturbs; behind a quote the text's own begins. */
static bool hides_rest(struct gb_span text, size_t from)
{
	struct gb_span rest = gb_span_sub(text, from, BEHIND_BYTES);

	return text.p[from] == '\'' || text.p[from] == '"' || text.p[from] == '`' ||
	       (gb_bytes_mask(rest) & (GB_BYTE_SEMICOLON | GB_BYTE_BACKTICK)) != 0 ||
	       gb_bytes_find(rest, '#', 0) != SIZE_MAX || gb_bytes_find_text(rest, GB_SPAN("--"), 0) != SIZE_MAX ||
	       gb_bytes_find_text(rest, GB_SPAN("//"), 0) != SIZE_MAX ||
	       gb_bytes_find_text(rest, GB_SPAN("/*"), 0) != SIZE_MAX;
}

/* Languages whose readers give up on a whole that does not end as it began. */
static bool wants_end(enum gb_attack_class attack_class)
{
	return attack_class == GB_CLASS_SQL_INJECTION || attack_class == GB_CLASS_CODE_INJECTION ||
	       attack_class == GB_CLASS_NOSQL_INJECTION || attack_class == GB_CLASS_CSV_INJECTION;
}

bool gb_prose_is_sentence(struct gb_span text)
{
	struct sentence sentence = read_sentence(text, 0, text.n < BEHIND_BYTES ? text.n : BEHIND_BYTES);

	return sentence.words >= SENTENCE_WORDS_MIN && sentence.glue != 0;
}

/* Where the word or path around AT begins and ends. */
static size_t token_start(struct gb_span text, size_t at)
{
	while (at > 0 && !gb_ascii_is_space(text.p[at - 1]) &&
	        gb_bytes_find(GB_SPAN("'\"`(<>,;=|&"), text.p[at - 1], 0) == SIZE_MAX)
		at--;
	return at;
}

/* /a/b/../c: never leaves its own first folder. */
static bool stays_below_start(struct gb_span text, size_t at)
{
	unsigned depth = 0;

	while (at < text.n && text.p[at] == '/') {
		size_t end = ++at;

		while (end < text.n && (gb_byte_is_name[text.p[end]] || text.p[end] == '.' || text.p[end] == '-' ||
		                               text.p[end] == '@'))
			end++;
		if (!gb_span_equal(gb_span_sub(text, at, end - at), GB_SPAN("..")))
			depth += end > at;
		else if (depth <= 1)
			return false;
		else
			depth--;
		at = end;
	}
	return depth > 0 && (at == text.n || gb_ascii_is_space(text.p[at]) ||
	                            gb_bytes_find(GB_SPAN("'\"`):,;]"), text.p[at], 0) != SIZE_MAX);
}

/* Whether BEFORE ends in a method of HTTP and does not begin with it. */
static bool is_method(struct gb_span before)
{
	static const char *const methods[] = {"GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"};

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (gb_span_ends(before, gb_span_cstr(methods[i])))
			return gb_span_trim(before).n > strlen(methods[i]) + 1;
	return false;
}

/* key="… before AT, and another key before that. */
static bool is_behind_key(struct gb_span text, size_t at)
{
	size_t open = at, equal;

	while (open > 0 && at - open < BEFORE_BYTES && text.p[open - 1] != '"')
		open--;
	if (open < 3 || text.p[open - 1] != '"' || text.p[open - 2] != '=')
		return false;
	equal = gb_bytes_find(text, '=', 0);
	return equal < open - 2 && gb_bytes_find(gb_span_sub(text, 0, open), ' ', equal) != SIZE_MAX;
}

/* https://a/b/c/../d: an address whose path never leaves its first folder, and nothing else. */
static bool is_tame_address(struct gb_span text)
{
	size_t host = gb_span_starts(text, GB_SPAN("https://"))  ? 8
	              : gb_span_starts(text, GB_SPAN("http://")) ? 7
	                                                         : SIZE_MAX;

	for (size_t at = host; at < text.n; at++) {
		if (text.p[at] == '/')
			return at > host && stays_below_start(text, at);
		if (!gb_byte_is_name[text.p[at]] && text.p[at] != '.' && text.p[at] != '-' && text.p[at] != ':')
			return false;
	}
	return false;
}

/* open '/a/b/../c', ../a: No such file: an error names the file, and what stands behind it is no part of any name. */
static bool is_named(struct gb_span text, size_t from)
{
	size_t start = token_start(text, from), end = from;
	struct sentence behind;

	if (is_tame_address(text))
		return true;
	if (gb_span_trim(gb_span_sub(text, 0, start)).n == 0)
		return false;
	if (stays_below_start(text, start))
		return true;
	while (end < text.n && !gb_ascii_is_space(text.p[end]))
		end++;
	if (end == text.n)
		return false;
	/* "GET /a/../b HTTP/1.1": a line of a log, in which more than the request stands. */
	if (gb_span_starts(gb_span_sub(text, end, 6), GB_SPAN(" HTTP/")) && start > 5 && text.p[start - 1] == ' ')
		return is_method(gb_span_sub(text, 0, start - 1));
	/* matched "../a" in b */
	if (start > 0 && gb_bytes_find(GB_SPAN("\"'`"), text.p[start - 1], 0) != SIZE_MAX &&
	        text.p[end - 1] == text.p[start - 1] && gb_bytes_find(text, '<', 0) == SIZE_MAX &&
	        read_sentence(text, 0, start - 1).words >= WORDS_BEHIND_MIN &&
	        read_sentence(text, end, text.n).words != 0)
		return true;
	/* uri="/a/../b" status=403 */
	if (text.p[end - 1] == '"' && is_behind_key(text, start) && gb_bytes_find(text, '<', 0) == SIZE_MAX &&
	        gb_bytes_find(text, '=', end) != SIZE_MAX)
		return true;
	if (text.p[end - 1] != ':')
		return false;
	behind = read_sentence(text, end, text.n - end < BEHIND_BYTES ? text.n : end + BEHIND_BYTES);
	return behind.words >= WORDS_BEHIND_MIN &&
	       read_sentence(text, start > BEFORE_BYTES ? start - BEFORE_BYTES : 0, start).words != 0;
}

/* <!ENTITY behind words: entities are declared within <!DOCTYPE. */
static bool is_undeclared(struct gb_span text)
{
	size_t angle = gb_bytes_find(text, '<', 0);

	return angle != SIZE_MAX && angle <= BEFORE_BYTES &&
	       gb_span_starts(gb_span_sub(text, angle, 8), GB_SPAN("<!ENTITY")) &&
	       gb_bytes_find(gb_span_sub(text, 0, angle), '[', 0) == SIZE_MAX &&
	       read_sentence(text, 0, angle).words >= WORDS_BEHIND_MIN;
}

bool gb_prose_is_void(const struct gb_inspect_finding *finding)
{
	struct gb_span text = finding->value, reason = gb_span_cstr(finding->reason);

	switch ((int)finding->attack_class) {
	case GB_CLASS_SQL_INJECTION:
		return gb_unread_is_void(
		        gb_span_starts(reason, GB_SPAN("sql_boolean_")) ? GB_UNREAD_CONDITION : GB_UNREAD_SQL, text,
		        finding->from);
	case GB_CLASS_NOSQL_INJECTION: return gb_unread_is_void(GB_UNREAD_QUERY, text, finding->from);
	case GB_CLASS_CODE_INJECTION:
		return text.p[finding->from] != '<' && gb_unread_is_void(GB_UNREAD_CODE, text, finding->from);
	case GB_CLASS_COMMAND_INJECTION:
		if (gb_span_starts(reason, GB_SPAN("code_")))
			return gb_unread_is_void(GB_UNREAD_CODE, text, finding->from);
		/* What stands behind a separator is a command of its own. */
		return gb_span_starts(reason, GB_SPAN("powershell_")) &&
		       (gb_bytes_mask(gb_span_sub(text, finding->from + 1, SIZE_MAX)) &
		               (GB_BYTE_SEMICOLON | GB_BYTE_PIPE | GB_BYTE_NEWLINE | GB_BYTE_AMPERSAND)) == 0 &&
		       gb_unread_is_void(GB_UNREAD_OBJECT, text, finding->from);
	case GB_CLASS_XSS:
		/* All of a link is one script. */
		if (gb_span_equal(reason, GB_SPAN("xss_script_url")))
			return gb_span_equal_nocase(gb_span_sub(gb_span_trim(text), 0, 11), GB_SPAN("javascript:")) &&
			       gb_bytes_find(text, '<', 0) == SIZE_MAX && gb_bytes_find(text, '"', 0) == SIZE_MAX &&
			       gb_unread_is_void(GB_UNREAD_OBJECT, text, finding->from);
		return gb_span_starts(reason, GB_SPAN("xss_script_")) && gb_bytes_find(text, '<', 0) == SIZE_MAX &&
		       gb_bytes_find_text(text, GB_SPAN("script:"), 0) == SIZE_MAX &&
		       gb_unread_is_void(GB_UNREAD_OBJECT, text, finding->from);
	case GB_CLASS_FILE_INCLUSION:
		return gb_span_starts(reason, GB_SPAN("path_traversal")) && is_named(text, finding->from);
	case GB_CLASS_XML_ENTITY: return is_undeclared(text);
	default: return false;
	}
}

bool gb_prose_cites(const struct gb_inspect_finding *finding)
{
	const enum gb_attack_class attack_class = finding->attack_class;
	const struct gb_span text = finding->value;
	const size_t from = finding->from, length = finding->length;
	size_t behind = from + length, room = text.n - behind;
	struct sentence before, after;

	/* An address with a sentence behind it. */
	if (attack_class == GB_CLASS_SERVER_REQUEST) {
		after = read_sentence(text, behind, behind + (room < BEHIND_BYTES ? room : BEHIND_BYTES));
		return after.words >= WORDS_ALONE_MIN && after.glue != 0;
	}
	if (!wants_end(attack_class) && attack_class != GB_CLASS_COMMAND_INJECTION &&
	        attack_class != GB_CLASS_FILE_INCLUSION)
		return false;
	before = read_sentence(text, from > BEFORE_BYTES ? from - BEFORE_BYTES : 0, from);
	after = read_sentence(text, behind, behind + (room < BEHIND_BYTES ? room : BEHIND_BYTES));
	if (before.words >= WORDS_BEFORE_MIN && before.glue != 0 && attack_class != GB_CLASS_CSV_INJECTION)
		return attack_class == GB_CLASS_FILE_INCLUSION || (after.words >= WORDS_BEHIND_MIN && after.glue != 0);
	return wants_end(attack_class) && after.words >= WORDS_ALONE_MIN && after.glue != 0 &&
	       text.p[text.n - 1] == '.' && !hides_rest(text, from);
}

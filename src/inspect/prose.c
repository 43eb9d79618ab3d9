/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/prose.h"

#include "inspect/bytes.h"

#define BEFORE_BYTES     200u
#define BEHIND_BYTES     120u
#define WORDS_BEFORE_MIN 3u
#define WORDS_BEHIND_MIN 2u
#define WORDS_ALONE_MIN  5u /* behind, when there are none before */
#define GLUE_BYTES_MAX   8u

/* What holds English sentences together and is no word of SQL, a shell or a programming language. Sorted. */
static const char glue[][GLUE_BYTES_MAX] = {"a", "about", "after", "an", "are", "because", "been", "but", "can",
        "could", "did", "does", "don't", "every", "had", "has", "have", "how", "it", "it's", "its", "just", "may", "me",
        "my", "of", "our", "should", "so", "some", "that", "the", "their", "them", "there", "these", "they", "to", "us",
        "was", "we", "were", "what", "which", "why", "will", "would", "you", "your"};

static bool is_glue(struct gb_span word)
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
			sentence.glue += is_glue(gb_span_sub(text, at, end - at));
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

bool gb_prose_cites(enum gb_attack_class attack_class, struct gb_span text, size_t from, size_t length)
{
	size_t behind = from + length, room = text.n - behind;
	struct sentence before, after;

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

/* SPDX-License-Identifier: Apache-2.0 */
/* What single words are to the languages of unread.h, and to sentences. */
#include "inspect/lex/sql_words.h"
#include "inspect/prose.h"
#include "inspect/unread_words.h"

/* WORDS are in small letters. */
static bool in_words(struct gb_span word, const char *const *words, size_t count)
{
	const unsigned char first = word.n == 0 ? 0 : gb_ascii_lower(word.p[0]);

	for (size_t i = 0; i < count; i++)
		if (first == (unsigned char)words[i][0] && gb_span_equal_nocase(word, gb_span_cstr(words[i])))
			return true;
	return false;
}

bool gb_unread_is_sql(enum gb_unread_language language)
{
	return language == GB_UNREAD_SQL || language == GB_UNREAD_CONDITION;
}

bool gb_unread_is_keyword(enum gb_unread_language language, struct gb_span word)
{
	static const char *const script[] = {"var", "let", "const", "new", "return", "throw", "typeof", "function",
	        "class", "extends", "in", "of", "else", "if", "for", "while", "do", "void", "delete", "instanceof",
	        "async", "await", "yield", "try", "catch", "finally", "case", "import", "export", "default", "from",
	        "as", "static", "get", "set", "with", "switch", "break", "continue"};
	static const char *const code[] = {"and", "or", "not", "is", "if", "then", "end", "unless", "until", "print",
	        "puts", "echo", "def", "lambda", "pass", "raise", "assert", "del", "global", "except", "elif", "public",
	        "private", "begin", "rescue", "use", "require", "include", "my", "our", "xor"};

	if (gb_unread_is_sql(language)) {
		enum gb_sql_word kind = gb_sql_word_of(word);

		return kind != GB_SQL_UNKNOWN && kind != GB_SQL_PROSE;
	}
	return in_words(word, script, sizeof(script) / sizeof(script[0])) ||
	       (language == GB_UNREAD_CODE && in_words(word, code, sizeof(code) / sizeof(code[0])));
}

bool gb_unread_is_plain(struct gb_span word)
{
	static const char *const words[] = {
	        "detach", "return", "merge", "match", "skip", "allow", "filtering", "optional"};

	for (size_t i = 0; i < word.n; i++)
		if (word.p[i] < 'a' || word.p[i] > 'z')
			return false;
	return !gb_unread_is_keyword(GB_UNREAD_SQL, word) && !in_words(word, words, sizeof(words) / sizeof(words[0]));
}

/* What stands before a noun and nowhere else. */
bool gb_unread_is_article(struct gb_span word)
{
	static const char *const words[] = {
	        "the", "your", "our", "their", "its", "these", "those", "das", "ein", "eine", "une"};

	return in_words(word, words, sizeof(words) / sizeof(words[0]));
}

/* Words of sentences that statements have too. */
bool gb_unread_is_glue(enum gb_unread_language language, struct gb_span word)
{
	static const char *const words[] = {"a", "an", "of", "to", "after", "before", "instead", "without", "some",
	        "every", "has", "does", "each", "either", "since", "through"};

	return gb_prose_is_glue(word) && ((!gb_unread_is_sql(language) && language != GB_UNREAD_QUERY) ||
	                                         !in_words(word, words, sizeof(words) / sizeof(words[0])));
}

bool gb_unread_begins_statement(enum gb_unread_language language, struct gb_span word)
{
	switch ((int)gb_sql_word_of(word)) {
	case GB_SQL_SELECT:
	case GB_SQL_INSERT:
	case GB_SQL_UPDATE:
	case GB_SQL_DELETE:
	case GB_SQL_DROP:
	case GB_SQL_STATEMENT: return gb_unread_is_sql(language);
	default: return false;
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Regular expressions: what they match, what is refused, and glibc's answers to the same questions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policyc/regex.h"

#include <errno.h>
#include <regex.h>

static int compile(struct gb_arena *arena, const char *text, struct gb_regex_automaton *automaton, struct gb_diag *diag)
{
	struct gb_regex_node *node;
	int r = gb_regex_parse(arena, gb_span_cstr(text), &node, diag);

	return r < 0 ? r : gb_regex_compile(arena, node, automaton, diag);
}

#define CURL "\\./bin/curl \\-\\-silent \\-L \\S* \\| /lib64/ld\\-linux\\-x86\\-64\\.so\\.2"

static const struct match_row {
	const char *regex, *text;
	bool is_match;
} match_rows[] = {
        {"", "", true},
        {"", "a", false},
        {"abc", "abc", true},
        {"abc", "xabc", false},
        {"abc", "abcx", false},
        {"^abc$", "abc", true},
        {"a.c", "a/c", true},
        {"a.c", "a\nc", false},
        {"(?s)a.c", "a\nc", true},
        {"(?i)Abc", "aBC", true},
        {"(?i)[a-c]+", "ABC", true},
        {"a|bc", "bc", true},
        {"a|bc", "ac", false},
        {"|a", "", true},
        {"a*", "aaaa", true},
        {"(ab)*", "abab", true},
        {"(ab)*", "aba", false},
        {"(?:ab)+", "", false},
        {"a?b??", "ab", true},
        {"a{3}", "aaa", true},
        {"a{3}", "aa", false},
        {"a{2,}", "aaaaa", true},
        {"a{2,4}", "aaaaa", false},
        {"a{0}", "", true},
        {"()*", "", true},
        {"(a*)*", "aaa", true},
        {"(a|a*)+b", "aaab", true},
        {"\\d+\\.\\d+", "3.14", true},
        {"\\w+", "a_1", true},
        {"\\w+", "a-1", false},
        {"[^/]+", "a.b", true},
        {"[^/]+", "a/b", false},
        {"[]a]+", "]a", true},
        {"[a-]+", "a-", true},
        {"[\\d.]+", "1.2", true},
        {"[[:alpha:]_]+", "a_b", true},
        {"[[:^digit:]]", "a", true},
        {"[[:^digit:]]", "1", false},
        {"\\x41\\t", "A\t", true},
        {"\\(\\)\\[\\]\\{\\}\\*\\+\\?\\|\\^\\$\\.\\\\", "()[]{}*+?|^$.\\", true},
        {"ä+", "ää", true},
        {"ä+", "ä\xa4", false},
        {"\\S*", "a;b", true},
        {"\\S*", "a b", false},
        {CURL, "./bin/curl --silent -L http://x/y.doc | /lib64/ld-linux-x86-64.so.2", true},
        {CURL, "./bin/curl --silent -L http://x/y.doc | /lib64/ld-linux-x86-64.so.2 ./bin/catdoc -", false},
        {CURL, "./bin/curl --silent -L http://x/ y | /lib64/ld-linux-x86-64.so.2", false},
        {"\\./bin/catdoc \\-", "./bin/catdoc -", true},
        {"\\./bin/catdoc \\-", "x/bin/catdoc -", false},
};

static void matches(void **state)
{
	unsigned failures = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(match_rows) / sizeof(match_rows[0]); i++) {
		const struct match_row *row = &match_rows[i];
		struct gb_arena *arena = gb_arena_new();
		struct gb_regex_automaton automaton;
		struct gb_diag diag = {.message = ""};
		int r = compile(arena, row->regex, &automaton, &diag);

		if (r < 0 || gb_regex_matches(&automaton, gb_span_cstr(row->text)) != row->is_match) {
			print_error("%s on %s: %d %s\n", row->regex, row->text, r, diag.message);
			failures++;
		}
		gb_arena_free(arena);
	}
	assert_int_equal(failures, 0);
}

static const struct refusal_row {
	const char *regex, *message;
} refusal_rows[] = {
        {"(a)\\1", "character 4: a back-reference"},
        {"a(?=b)", "character 2: (?…) other than (?:…)"},
        {"(?<n>a)", "character 1: (?…) other than (?:…)"},
        {"(?i", "character 1: (?…) other than (?:…)"},
        {"\\bx", "character 1: \\b"},
        {"\\q", "character 1: an unknown escape"},
        {"a\\", "character 2: a backslash at the end"},
        {"\\x4", "character 1: \\x wants two"},
        {"*a", "character 1: a repetition of nothing"},
        {"a**", "character 2: two repetitions"},
        {"a{2", "character 2: braces hold"},
        {"a{x}", "character 2: braces hold"},
        {"a{300}", "character 2: a repetition of at most 255"},
        {"a{3,2}", "character 2: a repetition of at most 255"},
        {"a^b", "character 2: ^ and $ stand at the begin"},
        {"a$b", "character 2: ^ and $ stand at the begin"},
        {"(a", "character 1: the group has no )"},
        {"a)", "character 2: a ) without a ("},
        {"[a", "character 3: the class has no ]"},
        {"[z-a]", "character 2: a range that ends before it begins"},
        {"[[:nope:]]", "character 2: an unknown class name"},
        {"[ä]", "character 2: only ASCII"},
        {"a]", "character 2: a closing bracket"},
        {"(a|b)*a(a|b){20}", "needs too many states"},
        {"((a{200}){200}){200}", "needs too many states"},
};

static void refusals(void **state)
{
	unsigned failures = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(refusal_rows) / sizeof(refusal_rows[0]); i++) {
		const struct refusal_row *row = &refusal_rows[i];
		struct gb_arena *arena = gb_arena_new();
		struct gb_regex_automaton automaton;
		struct gb_diag diag = {.message = ""};
		int r = compile(arena, row->regex, &automaton, &diag);

		if (r != -EINVAL || strstr(diag.message, row->message) == NULL) {
			print_error("%s: %d %s\n", row->regex, r, diag.message);
			failures++;
		}
		gb_arena_free(arena);
	}
	assert_int_equal(failures, 0);
}

static void deep_groups_are_refused(void **state)
{
	struct gb_arena *arena = gb_arena_new();
	struct gb_regex_automaton automaton;
	char text[101];

	(void)state;
	memset(text, '(', 100);
	text[100] = '\0';
	assert_int_equal(compile(arena, text, &automaton, NULL), -EINVAL);
	gb_arena_free(arena);
}

static unsigned next_random(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 16;
}

/* An expression that POSIX reads in the same way. */
static size_t add_random(char *out, size_t room, unsigned *seed, unsigned depth)
{
	static const char *const atoms[] = {"a", "b", "c", "[ab]", "[^a]", ".", "\\."};
	static const char *const repeats[] = {"*", "+", "?", "{2}", "{1,2}", "{2,}"};
	size_t n = 0;

	out[0] = '\0';
	for (unsigned i = 0, count = 1 + next_random(seed) % 3; i < count && n + 12 < room; i++) {
		if (depth < 3 && next_random(seed) % 3 == 0) {
			n += (size_t)snprintf(out + n, room - n, "(");
			n += add_random(out + n, room - n - 4, seed, depth + 1);
			if (next_random(seed) % 2 == 0) {
				n += (size_t)snprintf(out + n, room - n, "|");
				n += add_random(out + n, room - n - 4, seed, depth + 1);
			}
			n += (size_t)snprintf(out + n, room - n, ")");
		} else {
			n += (size_t)snprintf(out + n, room - n, "%s", atoms[next_random(seed) % 7]);
		}
		if (next_random(seed) % 3 == 0)
			n += (size_t)snprintf(out + n, room - n, "%s", repeats[next_random(seed) % 6]);
	}
	return n;
}

/* All texts over a, b, c and the dot of at most five characters. */
static void compare_all_texts(const char *regex, const struct gb_regex_automaton *ours, const regex_t *theirs)
{
	for (unsigned number = 0, length = 0; length <= 5; number++) {
		char text[6] = {0};
		unsigned rest = number;

		for (unsigned i = 0; i < length; i++, rest /= 4)
			text[i] = "abc."[rest % 4];
		if (rest != 0) {
			length++;
			number = UINT32_MAX;
			continue;
		}
		if (gb_regex_matches(ours, gb_span_cstr(text)) != (regexec(theirs, text, 0, NULL, 0) == 0))
			fail_msg("%s on \"%s\": glibc sees it otherwise", regex, text);
	}
}

static void agrees_with_the_c_library(void **state)
{
	unsigned seed = 20261121, compared = 0;

	(void)state;
	for (unsigned i = 0; i < 400; i++) {
		struct gb_arena *arena = gb_arena_new();
		struct gb_regex_automaton ours;
		char regex[200], anchored[220];
		regex_t theirs;

		(void)add_random(regex, sizeof(regex), &seed, 0);
		(void)snprintf(anchored, sizeof(anchored), "^(%s)$", regex);
		if (compile(arena, regex, &ours, NULL) == 0 &&
		        regcomp(&theirs, anchored, REG_EXTENDED | REG_NOSUB) == 0) {
			compare_all_texts(regex, &ours, &theirs);
			regfree(&theirs);
			compared++;
		}
		gb_arena_free(arena);
	}
	assert_true(compared > 350);
}

/* The least automaton of a language is one, however it was written. */
static void same_language_same_automaton(void **state)
{
	static const char *const pairs[][2] = {{"a|b|c", "[a-c]"}, {"(a*)*", "a*"}, {"aa*", "a+"},
	        {"(ab|ac)", "a(b|c)"}, {"a{1,3}", "a(a(a)?)?"}, {"x|", "x?"}, {"\\d", "[0-9]"}, {"(a|b)*", "(a*b*)*"}};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct gb_arena *arena = gb_arena_new();
		struct gb_regex_automaton a, b;

		assert_int_equal(compile(arena, pairs[i][0], &a, NULL), 0);
		assert_int_equal(compile(arena, pairs[i][1], &b, NULL), 0);
		assert_int_equal(a.state_count, b.state_count);
		assert_int_equal(a.class_count, b.class_count);
		assert_memory_equal(a.classes, b.classes, sizeof(a.classes));
		assert_memory_equal(a.next, b.next, (size_t)a.state_count * a.class_count * sizeof(*a.next));
		assert_memory_equal(a.accepts, b.accepts, a.state_count * sizeof(*a.accepts));
		gb_arena_free(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(matches),
	        cmocka_unit_test(refusals),
	        cmocka_unit_test(deep_groups_are_refused),
	        cmocka_unit_test(agrees_with_the_c_library),
	        cmocka_unit_test(same_language_same_automaton),
	};

	return cmocka_run_group_tests_name("tests", tests, NULL, NULL);
}

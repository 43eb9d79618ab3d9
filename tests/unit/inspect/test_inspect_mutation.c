/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Structure convicts: of each attack in the case files of query languages, some hundred variants with other case, blanks,
 * comments, literals, names, quotes and encodings must fire as well; the same words without their structure must not.
 */
#include "cases.h"
#include "inspect/inspect.h"
#include "inspect/lex/sql_words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../lib/scratch.h"

/* Sanitizers look at memory, for which fewer do. */
#define VARIANTS    (CASES_ARE_SANITIZED ? 10u : 240u)
#define VARIANT_MAX 8192u

enum mutation {
	MUTATE_CASE = 1u << 0,
	MUTATE_BLANKS = 1u << 1,
	MUTATE_COMMENTS = 1u << 2,
	MUTATE_NUMBERS = 1u << 3,
	MUTATE_NAMES = 1u << 4,
	MUTATE_QUOTES = 1u << 5,
	MUTATE_ENCODING = 1u << 6,
};

struct text {
	unsigned char p[VARIANT_MAX];
	size_t n;
};

struct rng {
	uint64_t state;
};

static unsigned next_random(struct rng *rng, unsigned below)
{
	rng->state ^= rng->state << 13;
	rng->state ^= rng->state >> 7;
	rng->state ^= rng->state << 17;
	return (unsigned)(rng->state >> 11) % below;
}

static bool is_name_byte(unsigned char c)
{
	return gb_ascii_is_alpha(c) || gb_ascii_is_digit(c) || c == '_' || c >= 0x80;
}

static void put(struct text *out, const void *bytes, size_t n)
{
	if (n > sizeof(out->p) - out->n)
		n = sizeof(out->p) - out->n;
	memcpy(out->p + out->n, bytes, n);
	out->n += n;
}

/* Whether AT lies behind the beginning of a line comment, where blanks and breaks mean something. */
static bool is_commented(const struct text *in, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (in->p[i] == '#' || (in->p[i] == '-' && i + 1 < in->n && in->p[i + 1] == '-') ||
		        (in->p[i] == '/' && i + 1 < in->n && (in->p[i + 1] == '/' || in->p[i + 1] == '*')))
			return true;
	return false;
}

static void mutate_case(struct rng *rng, const struct text *in, struct text *out)
{
	*out = *in;
	for (size_t i = 0; i < out->n; i++)
		if (gb_ascii_is_alpha(out->p[i]) && (i == 0 || out->p[i - 1] != '\\') && next_random(rng, 2) != 0)
			out->p[i] ^= 0x20;
}

static void mutate_blanks(struct rng *rng, const struct text *in, struct text *out, bool has_comments)
{
	static const char *const blanks[] = {" ", "  ", "\t", "\n", "\r\n", "\f", " \t ", "/**/", "/*x*/", " /**/ "};
	const unsigned count = has_comments ? sizeof(blanks) / sizeof(blanks[0]) : 7;

	out->n = 0;
	for (size_t i = 0; i < in->n; i++) {
		const char *blank;

		if (in->p[i] != ' ' || is_commented(in, i) || i == 0 || i + 1 == in->n) {
			put(out, in->p + i, 1);
			continue;
		}
		blank = blanks[next_random(rng, count)];
		put(out, blank, strlen(blank));
	}
}

/* The same number becomes the same other one, since `5 or 5` is an attack for being the same. */
static void mutate_numbers(struct rng *rng, const struct text *in, struct text *out)
{
	const unsigned seed = 1 + next_random(rng, 900);

	out->n = 0;
	for (size_t i = 0; i < in->n;) {
		size_t end = i;
		unsigned value = 0;
		char digits[16];

		while (end < in->n && gb_ascii_is_digit(in->p[end]))
			value = value * 10 + in->p[end++] - '0';
		if (end == i || end - i > 3 || value == 0 ||
		        (i > 0 && (is_name_byte(in->p[i - 1]) || strchr("%\\.$&#!-:", in->p[i - 1]))) ||
		        (end < in->n && (is_name_byte(in->p[end]) || in->p[end] == '.' || in->p[end] == ':' ||
		                                in->p[end] == '-'))) {
			end = end == i ? i + 1 : end;
			put(out, in->p + i, end - i);
		} else {
			snprintf(digits, sizeof(digits), "%u", value * seed % 997 + 1);
			put(out, digits, strlen(digits));
		}
		i = end;
	}
}

/* Words of the data's own, which the languages do not know. */
static bool is_own_name(struct gb_span name)
{
	static const char *const names[] = {"users", "user", "name", "password", "passwords", "admin", "members",
	        "email", "username", "table1", "foo", "bar", "bob", "injection", "cn", "mail", "login"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (gb_span_equal(name, gb_span_cstr(names[i])))
			return gb_sql_word_of(name) == GB_SQL_UNKNOWN;
	return false;
}

static void mutate_names(struct rng *rng, const struct text *in, struct text *out)
{
	static const char *const names[] = {"kunden", "t_orders", "zz9", "Invoice", "emp", "geheim2", "_col", "qwe"};

	out->n = 0;
	for (size_t i = 0; i < in->n;) {
		size_t end = i;

		while (end < in->n && is_name_byte(in->p[end]))
			end++;
		if (end == i)
			put(out, in->p + end++, 1);
		else if (is_own_name(gb_span_of(in->p + i, end - i)) && (i == 0 || !strchr("%\\$", in->p[i - 1]))) {
			const char *name = names[next_random(rng, sizeof(names) / sizeof(names[0]))];

			put(out, name, strlen(name));
		} else
			put(out, in->p + i, end - i);
		i = end;
	}
}

static void mutate_quotes(const struct text *in, struct text *out)
{
	*out = *in;
	/* "x" as a whole is a word in quotes, not one behind a quote. */
	if (in->p[0] == '\'')
		return;
	for (size_t i = 0; i < out->n; i++)
		if (out->p[i] == '\'')
			out->p[i] = '"';
		else if (out->p[i] == '"')
			out->p[i] = '\'';
}

static void mutate_encoding(struct rng *rng, const struct text *in, struct text *out)
{
	const bool is_whole = next_random(rng, 2) != 0;

	out->n = 0;
	for (size_t i = 0; i < in->n; i++) {
		char escaped[4];

		if (!is_whole && is_name_byte(in->p[i])) {
			put(out, in->p + i, 1);
			continue;
		}
		snprintf(escaped, sizeof(escaped), next_random(rng, 2) != 0 ? "%%%02x" : "%%%02X", in->p[i]);
		put(out, escaped, 3);
	}
}

static void mutate(struct rng *rng, unsigned mutations, const struct inspect_case *one, struct text *ret_text)
{
	static struct text other;
	unsigned chosen = mutations & (1 + next_random(rng, 127));

	ret_text->n = 0;
	put(ret_text, one->input, one->input_n);
	/* What is encoded already says too much by its bytes to be changed below that. */
	if (memchr(one->input, '%', one->input_n) != NULL || memchr(one->input, '\\', one->input_n) != NULL)
		chosen &= MUTATE_CASE | MUTATE_NAMES;
#define APPLY(which, call)                                                                                             \
	if ((chosen & (which)) != 0) {                                                                                 \
		call;                                                                                                  \
		*ret_text = other;                                                                                     \
	}
	APPLY(MUTATE_NAMES, mutate_names(rng, ret_text, &other))
	APPLY(MUTATE_NUMBERS, mutate_numbers(rng, ret_text, &other))
	APPLY(MUTATE_CASE, mutate_case(rng, ret_text, &other))
	APPLY(MUTATE_BLANKS, mutate_blanks(rng, ret_text, &other, (mutations & MUTATE_COMMENTS) != 0))
	APPLY(MUTATE_QUOTES, mutate_quotes(ret_text, &other))
	APPLY(MUTATE_ENCODING, mutate_encoding(rng, ret_text, &other))
#undef APPLY
}

static bool is_attack(struct gb_span text)
{
	static const struct gb_inspect_options options;
	struct gb_inspect_report report;

	gb_inspect_value(&options, text, scratch, &report);
	return report.finding_count != 0;
}

/* The words alone, in the order of the alphabet. */
static int compare_words(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

static bool is_attack_by_words(const struct inspect_case *one)
{
	char copy[2048], *words[256];
	size_t n = one->input_n < sizeof(copy) - 1 ? one->input_n : sizeof(copy) - 1, count = 0;
	struct text sorted = {.n = 0};

	for (size_t i = 0; i < n; i++)
		copy[i] = gb_ascii_is_alpha(one->input[i]) || one->input[i] == '_' ? (char)one->input[i] : ' ';
	copy[n] = '\0';
	for (char *word = strtok(copy, " "); word != NULL && count < 256; word = strtok(NULL, " "))
		words[count++] = word;
	qsort(words, count, sizeof(words[0]), compare_words);
	put(&sorted, "Words: ", 7);
	for (size_t i = 0; i < count; i++) {
		put(&sorted, words[i], strlen(words[i]));
		put(&sorted, ", ", 2);
	}
	return is_attack(gb_span_of(sorted.p, sorted.n));
}

static void check(const char *name, unsigned mutations)
{
	static struct text variant;
	struct rng rng = {.state = 0x9e3779b97f4a7c15};
	unsigned count = 0, fired = 0, words = 0, words_fired = 0;
	char path[512];
	struct inspect_case one;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", GB_CASES, name);
	file = fopen(path, "re");
	assert_non_null(file);
	while (case_next(file, &one)) {
		const bool is_wanted = strcmp(one.want, "benign") != 0 && strncmp(one.want, "not ", 4) != 0;
		unsigned missed = 0;

		for (unsigned i = 0; is_wanted && i < VARIANTS; i++) {
			mutate(&rng, mutations, &one, &variant);
			count++;
			if (is_attack(gb_span_of(variant.p, variant.n)))
				fired++;
			else if (missed++ == 0)
				printf("# %s: '%s' missed as: %.*s\n", name, one.title, (int)variant.n, variant.p);
		}
		if (is_wanted) {
			words++;
			words_fired += is_attack_by_words(&one);
		}
		case_free(&one);
	}
	fclose(file);
	printf("# %s: %u of %u variants fire, %.2f %%; %u of %u by their words alone\n", name, fired, count,
	        100.0 * fired / count, words_fired, words);
	assert_true(count >= VARIANTS * 10);
	assert_true(fired * 100.0 >= count * 99.0);
	assert_true(words_fired * 100.0 <= words * 1.0);
}

static void test_sql(void **state)
{
	const unsigned all = MUTATE_CASE | MUTATE_BLANKS | MUTATE_COMMENTS | MUTATE_NUMBERS | MUTATE_NAMES |
	                     MUTATE_QUOTES | MUTATE_ENCODING;

	(void)state;
	check("sql.case", all);
	check("matrix-sql.case", all);
}

/* Script, operators and XPath are spelled in one case only. */
static void test_nosql(void **state)
{
	(void)state;
	check("nosql.case", MUTATE_NUMBERS | MUTATE_NAMES | MUTATE_ENCODING);
	check("matrix-nosql.case", MUTATE_NUMBERS | MUTATE_NAMES | MUTATE_ENCODING);
}

static void test_directory(void **state)
{
	(void)state;
	check("directory.case", MUTATE_NUMBERS | MUTATE_NAMES | MUTATE_ENCODING);
	check("matrix-directory.case", MUTATE_NUMBERS | MUTATE_NAMES | MUTATE_ENCODING);
}

static void test_csv(void **state)
{
	(void)state;
	check("csv.case", MUTATE_CASE | MUTATE_NUMBERS | MUTATE_NAMES | MUTATE_ENCODING);
	check("matrix-csv.case", MUTATE_CASE | MUTATE_NUMBERS | MUTATE_NAMES | MUTATE_ENCODING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_sql),
	        cmocka_unit_test(test_nosql),
	        cmocka_unit_test(test_directory),
	        cmocka_unit_test(test_csv),
	};

	return run_tests_with_scratch(tests);
}

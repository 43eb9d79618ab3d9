/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is tame, no detector convicts: random texts of the shapes that the engine passes over, made of the words that
 * detectors know (data/), get the same findings when every detector reads them.
 */
#include "cases.h"
#include "inspect/inspect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

/* Sanitizers look at memory, for which fewer do. */
#define TEXTS     (CASES_ARE_SANITIZED ? 2000u : 120000u)
#define WORDS_MAX 16384u
#define PARTS_MAX 20u
#define TEXT_MAX  2048u

struct rng {
	uint64_t state;
};

static struct gb_inspect_scratch *scratch;
static char *words[WORDS_MAX];
static size_t word_count;

static unsigned next_random(struct rng *rng, unsigned below)
{
	rng->state ^= rng->state << 13;
	rng->state ^= rng->state >> 7;
	rng->state ^= rng->state << 17;
	return (unsigned)(rng->state >> 11) % below;
}

static void add_word(const char *word)
{
	assert_true(word_count < WORDS_MAX);
	words[word_count] = strdup(word);
	assert_non_null(words[word_count]);
	word_count++;
}

/* Of each line the first word is the kind of the others. */
static void read_words(const char *name)
{
	FILE *file = fopen(name, "re");
	char line[1024];

	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL) {
		char *rest = line, *word;

		line[strcspn(line, "#\n")] = 0;
		(void)strsep(&rest, " ");
		while (rest != NULL && (word = strsep(&rest, " ")) != NULL)
			if (word[0] != 0)
				add_word(word);
	}
	fclose(file);
}

struct shape {
	const char *name;
	const char *const *joints; /* between two words */
	size_t joint_count;
	size_t closing;      /* from this one on also behind the last */
	bool has_bare_words; /* letters and digits alone */
};

static const char *const sentence_joints[] = {" ", " ", " ", " ", " ", " ", ", ", ". ", " (", ") ", ") (", "! ", "? ",
        ": ", "-", " - ", "'s ", "'t ", "...", "?!", "\n", ".", ")", "), ", "!)"};
static const char *const odd_joints[] = {" ", " ", ", ", ". ", " (", ") ", "'s ", "-", "; ", "/", "\n", "\"", "\" ",
        " '", "' ", "=", "&", "@", "_", "+", "%", "#", "$", "\xe2\x80\x99", "\xe2\x80\x94 ", "\xc3\xa9", "(", "<", ">",
        "|", "\\", "`", "{", "[", "*"};

#define JOINTS(list) list, sizeof(list) / sizeof((list)[0])
static const struct shape shapes[] = {
        {"sentence", JOINTS(sentence_joints), 18, true},
        {"anything", JOINTS(odd_joints), 0, false},
};

static bool is_bare(const char *word)
{
	for (; *word != 0; word++)
		if (!gb_ascii_is_alpha((unsigned char)*word) && !gb_ascii_is_digit((unsigned char)*word))
			return false;
	return true;
}

static size_t append(char *text, size_t n, const char *part)
{
	size_t length = strlen(part);

	if (n + length > TEXT_MAX)
		return n;
	memcpy(text + n, part, length);
	return n + length;
}

static size_t make_text(struct rng *rng, const struct shape *shape, char *text)
{
	const unsigned parts = 1 + next_random(rng, PARTS_MAX);
	size_t n = next_random(rng, 16) == 0 ? append(text, 0, "(") : 0;

	for (unsigned i = 0; i < parts; i++) {
		const char *word = words[next_random(rng, (unsigned)word_count)];
		size_t from = n;

		while (shape->has_bare_words && !is_bare(word))
			word = words[next_random(rng, (unsigned)word_count)];
		n = append(text, n, word);
		if (n > from && gb_ascii_is_alpha((unsigned char)text[from]) && next_random(rng, 6) == 0)
			text[from] &= (char)0xdf;
		if (i + 1 < parts)
			n = append(text, n, shape->joints[next_random(rng, (unsigned)shape->joint_count)]);
		else if (next_random(rng, 3) == 0)
			n = append(text, n,
			        shape->joints[shape->closing +
			                      next_random(rng, (unsigned)(shape->joint_count - shape->closing))]);
	}
	return n;
}

/* One of each kind of ordinary value; what is changed in them are words and signs. */
static const char *const values[] = {"api.example.com", "ada.lovelace@example.com", "/orders/42/items", "POST /orders",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "en-GB,en;q=0.7", "gzip, deflate, br",
        "application/json; charset=utf-8",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Safari/537.36", "curl/7.68.0",
        "HTTP/1.1", "2026-03-12T19:03:58.000Z", "12/Mar/2026:19:03:58 +0000", "203.0.113.7",
        "https://cdn.example.com/img/3f9884b9.jpg?w=320&h=200", "https://example.org/about-us/", "8f3a9c1d2e4b5a60",
        "be82f2d7-81bb-4462-ba8f-2da8ff201412", "JKJaXmPLvHcESHA", "AB-1234", "1,234.50", "10:30", "us-east-1",
        "It's a well-known fact (or so they say), isn't it?", "Thanks for your help with the 2 orders.", "$default",
        "name=Ada&page=2", "{\"note\": \"call me\", \"tags\": [\"a-b\", \"x@example.com\"]}",
        "Calle de Alcal\xc3\xa1 12, Madrid"};
static const char value_signs[] = " ,.-_/:;()'@=&?!+*\"#~%";

static size_t change_value(struct rng *rng, char *text)
{
	const char *seed = values[next_random(rng, sizeof(values) / sizeof(values[0]))];
	char changed[2 * TEXT_MAX];
	size_t n = strlen(seed);

	memcpy(text, seed, n);
	for (unsigned changes = 1 + next_random(rng, 4); changes != 0 && n != 0 && n < TEXT_MAX - 64; changes--) {
		const char *word = words[next_random(rng, (unsigned)word_count)];
		const char sign = value_signs[next_random(rng, sizeof(value_signs) - 1)];
		size_t from = next_random(rng, (unsigned)n), end, kind = next_random(rng, 10);
		int length;

		while (from > 0 && gb_ascii_is_alpha((unsigned char)text[from - 1]))
			from--;
		for (end = from; end < n && gb_ascii_is_alpha((unsigned char)text[end]);)
			end++;
		if (kind < 6)
			length = snprintf(changed, sizeof(changed), "%.*s%s%.*s", (int)from, text, word, (int)(n - end),
			        text + end);
		else if (kind < 8)
			length = snprintf(changed, sizeof(changed), "%.*s%c%.*s", (int)from, text, sign,
			        (int)(n - from), text + from);
		else
			length = snprintf(changed, sizeof(changed), "%.*s%c%s%.*s", (int)from, text, sign, word,
			        (int)(n - end), text + end);
		n = (size_t)length < TEXT_MAX ? (size_t)length : TEXT_MAX;
		memcpy(text, changed, n);
	}
	return n;
}

static void count_detector(void *context, enum gb_attack_class attack_class, const char *reason)
{
	(void)attack_class;
	(void)reason;
	++*(size_t *)context;
}

/* Whether TEXT, a value or the whole of an EVENT, gets the same findings on both ways. *REF_TAME counts those that no detector
 * read. */
static bool is_same(struct gb_span text, bool is_event, size_t *ref_tame)
{
	void (*const inspect)(const struct gb_inspect_options *, struct gb_span, struct gb_inspect_scratch *,
	        struct gb_inspect_report *) = is_event ? gb_inspect_event : gb_inspect_value;
	size_t read = 0;
	const struct gb_inspect_options quick = {.on_detector = count_detector, .context = &read};
	const struct gb_inspect_options thorough = {.is_thorough = true};
	struct gb_inspect_report seen, all;
	struct gb_inspect_finding kept[GB_INSPECT_FINDINGS_MAX];
	static char paths[GB_INSPECT_FINDINGS_MAX][512];

	inspect(&quick, text, scratch, &seen);
	*ref_tame += read == 0;
	memcpy(kept, seen.findings, sizeof(kept));
	for (size_t i = 0; i < seen.finding_count; i++)
		memcpy(paths[i], kept[i].path.p, kept[i].path.n);
	inspect(&thorough, text, scratch, &all);
	if (seen.finding_count != all.finding_count || seen.limits != all.limits)
		return false;
	for (size_t i = 0; i < all.finding_count; i++)
		if (kept[i].attack_class != all.findings[i].attack_class || kept[i].reason != all.findings[i].reason ||
		        kept[i].from != all.findings[i].from || kept[i].length != all.findings[i].length ||
		        !gb_span_equal(gb_span_of(paths[i], kept[i].path.n), all.findings[i].path))
			return false;
	return true;
}

static void test_random_texts(void **state)
{
	(void)state;
	for (size_t s = 0; s < sizeof(shapes) / sizeof(shapes[0]); s++) {
		struct rng rng = {.state = 88172645463325252u};
		char text[TEXT_MAX];
		size_t tame = 0;

		for (unsigned i = 0; i < TEXTS; i++) {
			size_t n = make_text(&rng, &shapes[s], text);

			if (!is_same(gb_span_of(text, n), false, &tame))
				fail_msg("%s: judged otherwise by all detectors: %.*s", shapes[s].name, (int)n, text);
		}
		/* Without any of them the shape says nothing. */
		assert_true(shapes[s].closing == 0 || tame > TEXTS / 16);
	}
}

static void test_changed_values(void **state)
{
	struct rng rng = {.state = 362436069362436069u};
	char text[TEXT_MAX];
	size_t tame = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (!is_same(gb_span_cstr(values[i]), false, &tame))
			fail_msg("judged otherwise by all detectors: %s", values[i]);
	/* Most of them no detector reads. */
	assert_true(tame > sizeof(values) / sizeof(values[0]) * 3 / 4);
	for (unsigned i = 0; i < TEXTS; i++) {
		size_t n = change_value(&rng, text);

		if (!is_same(gb_span_of(text, n), false, &tame))
			fail_msg("judged otherwise by all detectors: %.*s", (int)n, text);
	}
}

/* Names that make something of the value below them, and ordinary ones. */
static const char *const names[] = {"query", "wildcard", "regexp", "prefix", "$type", "@type", "type",
        "ComparisonOperator", "roles", "script", "prototype", "__proto__", "constructor", "match_all",
        "AttributeValueList", "id", "user", "name", "headers", "host", "body", "queryStringParameters", "a b", "x.y",
        ""};
static const char *const told[] = {"EQ", "b*", "ad?in", "_admin", "java.lang.Runtime", "System.Diagnostics.Process",
        "com.example.Order", "ada", "7", "true", "2026-03-12", "localhost", "eyJhbGciOiJub25lIn0"};

/* A name, or a word that some detector knows. */
static const char *any_name(struct rng *rng)
{
	const char *word = words[next_random(rng, (unsigned)word_count)];

	return next_random(rng, 4) != 0 || strpbrk(word, "\"\\") != NULL
	               ? names[next_random(rng, sizeof(names) / sizeof(names[0]))]
	               : word;
}

/* JSON that ends with a value some levels down, and another behind it. */
static size_t make_event(struct rng *rng, char *text)
{
	char closing[16];
	size_t n = 0, depth = 0;

	for (unsigned levels = 1 + next_random(rng, 4); depth < levels; depth++) {
		const bool is_array = next_random(rng, 4) == 0;

		closing[levels - 1 - depth] = is_array ? ']' : '}';
		n += (size_t)(is_array ? snprintf(text + n, TEXT_MAX - n, "[ 1,\"%s\", ", any_name(rng))
		                       : snprintf(text + n, TEXT_MAX - n,
		                                 "{\"%s\":{\"a\":[\"b\"]},\"%s\" : ", any_name(rng), any_name(rng)));
	}
	n += (size_t)snprintf(text + n, TEXT_MAX - n, "\"%s\"%.*s",
	        next_random(rng, 2) == 0 ? told[next_random(rng, sizeof(told) / sizeof(told[0]))] : any_name(rng),
	        (int)depth, closing);
	return n;
}

static void test_events(void **state)
{
	struct rng rng = {.state = 521288629546311u};
	char text[TEXT_MAX];
	size_t tame = 0;

	(void)state;
	for (unsigned i = 0; i < TEXTS / 4; i++) {
		size_t n = make_event(&rng, text);

		if (!is_same(gb_span_of(text, n), true, &tame))
			fail_msg("judged otherwise by all detectors: %.*s", (int)n, text);
	}
	assert_true(tame > TEXTS / 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_random_texts),
	        cmocka_unit_test(test_changed_values),
	        cmocka_unit_test(test_events),
	};
	static const char *const files[] = {
	        "sql-words.txt", "capabilities.txt", "commands.txt", "nosql-words.txt", "xpath-words.txt"};
	static const char *const others[] = {"the", "please", "order", "and", "or", "in", "like", "1", "2024", "x", "a",
	        "select", "admin", "test", "alert", "eval", "id", "etc", "passwd", "script", "javascript",
	        "constructor", "document"};
	int failed;

	scratch = malloc(gb_inspect_scratch_bytes());
	if (scratch == NULL)
		return 1;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char name[512];

		snprintf(name, sizeof(name), "%s/%s", GB_DATA, files[i]);
		read_words(name);
	}
	for (size_t repeat = 0; repeat < 12; repeat++)
		for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
			add_word(others[i]);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	while (word_count != 0)
		free(words[--word_count]);
	free(scratch);
	return failed;
}

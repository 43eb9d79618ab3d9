/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules judge structure: each attack of the case files still fires when blanks, numbers, names, encodings and what stands
 * around it change, by a seeded generator; each ordinary text stays ordinary.
 */
#include "cases.h"

#include "inspect/inspect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#define VARIANTS   (CASES_ARE_SANITIZED ? 10u : 200u)
#define TEXT_MAX   6000u
#define SHOWN_MAX  12u
#define MISSES_MAX 0.01

struct text {
	unsigned char p[TEXT_MAX];
	size_t n;
};

struct generator {
	uint64_t state;
};

static unsigned draw(struct generator *generator, unsigned below)
{
	generator->state = generator->state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(generator->state >> 33) % below;
}

static void put(struct text *out, unsigned char c)
{
	if (out->n < TEXT_MAX)
		out->p[out->n++] = c;
}

static bool is_letter(unsigned char c)
{
	return gb_ascii_is_alpha(c) || c == '_';
}

/* Other numbers, where a digit stands neither in a name nor in an escape. */
static void change_digits(struct generator *generator, const struct text *in, struct text *out)
{
	for (size_t i = 0; i < in->n; i++) {
		unsigned char c = in->p[i], before = i > 0 ? in->p[i - 1] : ' ',
		              behind = i + 1 < in->n ? in->p[i + 1] : ' ';
		bool is_free =
		        c >= '3' && c <= '7' && (before == ' ' || before == '=') && (behind == ' ' || i + 1 == in->n);

		put(out, is_free ? (unsigned char)('3' + draw(generator, 6)) : c);
	}
}

/* More blanks, or tabs, between words. */
static void change_blanks(struct generator *generator, const struct text *in, struct text *out)
{
	for (size_t i = 0; i < in->n; i++) {
		put(out, in->p[i]);
		if (in->p[i] == ' ' && i > 0 && in->p[i - 1] != '\\' && draw(generator, 2) == 0)
			put(out, draw(generator, 3) == 0 ? '\t' : ' ');
	}
}

static void put_percent(struct generator *generator, struct text *out, unsigned char c)
{
	const char *digits = draw(generator, 2) == 0 ? "0123456789abcdef" : "0123456789ABCDEF";

	put(out, '%');
	put(out, (unsigned char)digits[c >> 4]);
	put(out, (unsigned char)digits[c & 15]);
}

/* As a client encodes it: everything but letters and digits, and some of these. */
static void encode_percent(struct generator *generator, const struct text *in, struct text *out)
{
	const unsigned letters = draw(generator, 3);

	for (size_t i = 0; i < in->n; i++)
		if (!(gb_ascii_is_alpha(in->p[i]) || gb_ascii_is_digit(in->p[i])) || draw(generator, 4) < letters)
			put_percent(generator, out, in->p[i]);
		else
			put(out, in->p[i]);
}

/* Programs, files and hosts by other names of their kind. */
static void change_names(struct generator *generator, const struct text *in, struct text *out)
{
	static const char *const kinds[][6] = {
	        {"cat", "tac", "head", "nl", "od", "xxd"},
	        {"id", "whoami", "uname", "hostname", "printenv", "pwd"},
	        {"curl", "wget", "lynx", "w3m", "axel", "curl"},
	        {"nslookup", "dig", "nslookup", "whois", "nslookup", "dig"},
	        {"zzrun", "qtool", "grumble", "fetchit", "zzrun", "frob9"},
	        {"acmectl", "widgetd", "x2tool", "loadr", "acmectl", "mk-it"},
	        {"mycmd", "ourcmd", "anycmd", "zcmd", "mycmd", "thecmd"},
	};
	const unsigned pick = draw(generator, 6);

	for (size_t i = 0; i < in->n;) {
		size_t n = 0;
		const char *other = NULL;

		while (i + n < in->n && (is_letter(in->p[i + n]) || gb_ascii_is_digit(in->p[i + n])))
			n++;
		if (n == 0) {
			put(out, in->p[i++]);
			continue;
		}
		for (size_t kind = 0; kind < sizeof(kinds) / sizeof(kinds[0]); kind++)
			if (strlen(kinds[kind][0]) == n && memcmp(in->p + i, kinds[kind][0], n) == 0)
				other = kinds[kind][pick];
		/* Only words of their own: not $cat, not \x63at. */
		if (other != NULL && (i == 0 || !gb_span_starts(GB_SPAN("$"), gb_span_of(in->p + i - 1, 1))) &&
		        (i == 0 || in->p[i - 1] != '\\') && (i == 0 || in->p[i - 1] != '%') &&
		        (i + n == in->n || in->p[i + n] != '\'')) {
			while (*other != '\0')
				put(out, (unsigned char)*other++);
		} else {
			for (size_t k = 0; k < n; k++)
				put(out, in->p[i + k]);
		}
		i += n;
	}
}

static void keep(const struct text *in, struct text *out)
{
	memcpy(out->p, in->p, in->n);
	out->n = in->n;
}

/* A value in front of what begins by breaking out. */
static void add_value(struct generator *generator, const struct text *in, struct text *out)
{
	static const char *const values[] = {"1", "x", "10.1.2.3", "report-7.pdf", "a@b.example", "item_3"};
	const char *value = values[draw(generator, 6)];

	if (in->n != 0 && memchr(";|&$`\n", in->p[0], 6) != NULL)
		while (*value != '\0')
			put(out, (unsigned char)*value++);
	for (size_t i = 0; i < in->n; i++)
		put(out, in->p[i]);
}

/* One more way up in front of the first. */
static void add_climb(struct generator *generator, const struct text *in, struct text *out)
{
	(void)generator;
	for (size_t i = 0; i < in->n; i++) {
		if (out->n == i && in->n - i > 3 && memcmp(in->p + i, "../", 3) == 0)
			for (unsigned k = 0; k < 3; k++)
				put(out, (unsigned char)"../"[k]);
		put(out, in->p[i]);
	}
}

/* A scheme's letters in any case. */
static void change_scheme(struct generator *generator, const struct text *in, struct text *out)
{
	bool is_scheme = true;

	for (size_t i = 0; i < in->n; i++) {
		is_scheme &= in->p[i] != ':';
		put(out, is_scheme && i < 6 && in->p[i] >= 'a' && in->p[i] <= 'z' && draw(generator, 2) == 0
		                 ? (unsigned char)(in->p[i] - 32)
		                 : in->p[i]);
	}
}

typedef void (*operation)(struct generator *, const struct text *, struct text *);

struct suite {
	const char *file;
	unsigned at_least; /* cases */
	bool is_attack;
	operation operations[6];
};

static const struct suite suites[] = {
        {"command.case", 50, true, {change_digits, change_blanks, encode_percent, change_names, add_value}},
        {"shell.case", 400, true, {change_digits, change_blanks, encode_percent, change_names, add_value}},
        {"file.case", 20, true, {encode_percent, add_climb}},
        {"path.case", 150, true, {encode_percent, add_climb}},
        {"request.case", 20, true, {change_scheme, encode_percent}},
        {"host.case", 100, true, {change_scheme, encode_percent}},
        {"lookup.case", 40, true, {encode_percent}},
        {"gadget.case", 80, true, {encode_percent}},
        {"benign_shell.case", 400, false, {change_digits, change_blanks, encode_percent}},
};

/* Whether a case takes part: an attack of any class in a file of attacks, ordinary text in one of such. */
static bool takes_part(const struct suite *suite, const struct inspect_case *one)
{
	bool is_benign = strcmp(one->want, "benign") == 0 || strncmp(one->want, "not ", 4) == 0;

	/* Bytes beyond ASCII and what is cut off at a limit have tests of their own. */
	return is_benign != suite->is_attack && one->input_n > 0 && one->input_n < TEXT_MAX / 8;
}

static bool fires(const struct text *text, struct gb_inspect_scratch *scratch)
{
	static const struct gb_inspect_options options;
	struct gb_inspect_report report;
	unsigned char *copy = malloc(text->n == 0 ? 1 : text->n);
	bool is_found;

	assert_non_null(copy);
	memcpy(copy, text->p, text->n);
	gb_inspect_value(&options, gb_span_of(copy, text->n), scratch, &report);
	is_found = report.finding_count != 0;
	free(copy);
	return is_found;
}

static void mutate(
        struct generator *generator, const struct suite *suite, const struct inspect_case *one, struct text *ret)
{
	static struct text from, to;
	unsigned count = 0, rounds = 1 + draw(generator, 3);

	while (count < 6 && suite->operations[count] != NULL)
		count++;
	memcpy(from.p, one->input, one->input_n);
	from.n = one->input_n;
	for (unsigned i = 0; i < rounds; i++) {
		operation apply = suite->operations[draw(generator, count)];

		to.n = 0;
		apply(generator, &from, &to);
		/* Twice encoded is enough; other changes would spoil what is encoded. */
		keep(&to, &from);
		if (apply == encode_percent)
			break;
	}
	keep(&from, ret);
}

static void run_suite(const struct suite *suite, struct gb_inspect_scratch *scratch)
{
	struct generator generator = {.state = 20261121};
	static struct text variant;
	unsigned cases = 0, tried = 0, missed = 0, shown = 0;
	struct inspect_case one;
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", GB_CASES, suite->file);
	file = fopen(path, "re");
	if (file == NULL)
		fail_msg("cannot read %s", path);
	for (; case_next(file, &one); case_free(&one)) {
		if (!takes_part(suite, &one))
			continue;
		cases++;
		for (unsigned i = 0; i < VARIANTS; i++) {
			mutate(&generator, suite, &one, &variant);
			tried++;
			if (fires(&variant, scratch) == suite->is_attack)
				continue;
			missed++;
			if (i < 100 && shown < SHOWN_MAX) {
				shown++;
				i = 100;
				print_error("%s: '%s': %.*s\n", suite->file, one.title, (int)variant.n, variant.p);
			}
		}
	}
	fclose(file);
	print_message("%s: %u of %u variants of %u cases changed sides\n", suite->file, missed, tried, cases);
	assert_true(cases >= suite->at_least);
	if (missed > MISSES_MAX * tried)
		fail_msg("%s: more than 1 %%", suite->file);
}

static void test_variants(void **state)
{
	struct gb_inspect_scratch *scratch = malloc(gb_inspect_scratch_bytes());

	(void)state;
	assert_non_null(scratch);
	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
		run_suite(&suites[i], scratch);
	free(scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_variants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

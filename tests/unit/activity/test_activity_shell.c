/* SPDX-License-Identifier: Apache-2.0 */
/* Where input changes the structure of a shell command, and what of it shows that. */
#include "tiling.h"

#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* An exact-size copy, so that the sanitizer sees a read of one byte too many. */
static struct gb_span exact_copy(struct gb_span s)
{
	unsigned char *p = malloc(s.n == 0 ? 1 : s.n);

	assert_non_null(p);
	if (s.n != 0)
		memcpy(p, s.p, s.n);
	return gb_span_of(p, s.n);
}

#define GOAT_BEFORE "./bin/curl --silent -L "
#define GOAT_AFTER  " | /lib64/ld-linux-x86-64.so.2 ./bin/catdoc -"

struct flow_row {
	const char *name;
	const char *before;
	const char *input;
	const char *after;
	enum gb_reason want;
};

#define GOAT(name, input, want)                                                                                        \
	{                                                                                                              \
		"goat: " name, GOAT_BEFORE, input, GOAT_AFTER, want                                                    \
	}
#define NONE         GB_R_NONE
#define COMMAND      GB_R_FLOW_SHELL_COMMAND
#define SUBSTITUTION GB_R_FLOW_SHELL_SUBSTITUTION
#define REDIRECTION  GB_R_FLOW_SHELL_REDIRECTION
#define QUOTE        GB_R_FLOW_SHELL_QUOTE
#define COMMENT      GB_R_FLOW_SHELL_COMMENT

static const struct flow_row flow_rows[] = {
        GOAT("plain URL", "http://foobar/doc.doc", NONE),
        GOAT("env in the tutorial", "http://foobar;env #", COMMAND),
        GOAT("cat of passwd", "http://example.com;cat /etc/passwd #", COMMAND),
        GOAT("ls with blanks", "http://example.com ; ls -l / #", COMMAND),
        GOAT("substitution", "http://example.com/$(id)", SUBSTITUTION),
        GOAT("process substitution", "http://x/1<(id)", SUBSTITUTION),
        GOAT("process substitution behind a number", "x 1<(id)", SUBSTITUTION),
        GOAT("substitution alone", "$(cat /etc/passwd)", SUBSTITUTION),
        GOAT("backticks", "http://x/`id`", SUBSTITUTION),
        GOAT("IFS", "http://x;cat${IFS}/etc/passwd", COMMAND),
        GOAT("IFS without a separator", "http://x/${IFS}y", SUBSTITUTION),
        GOAT("variable", "http://x/?k=$AWS_SECRET_ACCESS_KEY", SUBSTITUTION),
        GOAT("fork bomb", "http://x;:(){ :|:& };:", COMMAND),
        GOAT("newline", "http://x\nid", COMMAND),
        GOAT("newline at the end", "http://x/\n", NONE),
        GOAT("CR newline", "http://x\r\nid\r\n", COMMAND),
        GOAT("pipe", "http://x|id", COMMAND),
        GOAT("or", "http://x||id", COMMAND),
        GOAT("and", "http://x&&id", COMMAND),
        GOAT("background", "http://x&id", COMMAND),
        GOAT("pipe both", "http://x|&tee /tmp/a", COMMAND),
        GOAT("quoted command word", "http://x;\"id\"", COMMAND),
        GOAT("single quoted command word", "http://x;'i'd", COMMAND),
        GOAT("command from a variable", "http://x;$SHELL", COMMAND),
        GOAT("empty expansions in the word", "http://x;c$@at /etc/passwd", COMMAND),
        GOAT("brace list", "http://x;{cat,/etc/passwd}", COMMAND),
        GOAT("group", "http://x;{ id; }", COMMAND),
        GOAT("subshell", "http://x;(id)", COMMAND),
        GOAT("negation", "http://x;! id", COMMAND),
        GOAT("if", "http://x;if id;then :;fi", COMMAND),
        GOAT("assignment in front", "http://x;A=1 id", COMMAND),
        GOAT("separator only, program's word behind is no command", "http://x;", NONE),
        GOAT("comment", "http://x #", COMMENT),
        GOAT("comment and separator", "http://x; #", COMMENT),
        GOAT("fragment", "http://x/a#b", NONE),
        GOAT("output", "http://x >/tmp/f", REDIRECTION),
        GOAT("output without blanks", "http://x>/tmp/f", REDIRECTION),
        GOAT("append", "http://x>>/tmp/f", REDIRECTION),
        GOAT("input", "http://x</etc/passwd", REDIRECTION),
        GOAT("descriptor", "http://x 2>&1", REDIRECTION),
        GOAT("process substitution", "<(id)", SUBSTITUTION),
        GOAT("ansi quote", "http://x;$'\\x69d'", COMMAND),
        GOAT("query of two", "http://h/?a=1&b=2", NONE),
        GOAT("query of many", "https://h/d.doc?a=1&b=2&utm_source=x&c%5B%5D=3", NONE),
        GOAT("query with dots and dashes", "https://h/d?a=1&utm.source=x&x-amz-id=3&f[]=2", NONE),
        GOAT("query with a file as command", "https://h/d?a=1&./x=y", COMMAND),
        GOAT("query with PATH", "https://h/d?a=1&PATH=/tmp", COMMAND),
        GOAT("query with loader variable", "https://h/d?a=1&LD_PRELOAD=/tmp/x.so", COMMAND),
        GOAT("parameter without a value", "https://h/d?a=1&b", COMMAND),
        GOAT("assignment, then command", "https://h/d?a=1&b=2 id", COMMAND),
        GOAT("percent", "https://h/a%20b%3Bid", NONE),
        GOAT("glob", "https://h/*?[a-z]", NONE),
        GOAT("tilde and braces", "~/{a,b}", NONE),
        GOAT("more arguments", "https://h/a -o /tmp/x", NONE),
        GOAT("whole quoted argument", "'https://h/;id'", NONE),
        GOAT("escaped separator", "https://h/\\;id", NONE),
        GOAT("dollar of money", "https://h/?price=$5", NONE),
        GOAT("dollar at the end", "https://h/?price=5$", NONE),
        GOAT("surname", "https://h/?n=O'Brien", NONE),
        GOAT("two apostrophes", "O'Brien-D'Arcy", NONE),
        GOAT("words in parentheses", "John (Smith) went", NONE),
        GOAT("function definition", "http://x;f(){ id;}", COMMAND),
        GOAT("no function definition: a syntax error", "f(){ id;}", NONE),
        GOAT("substitution with two commands", "http://x/$(true;id)", COMMAND),
        GOAT("non-ASCII", "https://h/\xc3\xa9", NONE),
        GOAT("empty", "", NONE),

        {"whole command", "", "id", "", COMMAND},
        {"whole command line", "", "ls -l /", "", COMMAND},
        {"only blanks", "", "  ", "", NONE},
        {"name of the program run", "", "grep", " -r x .", COMMAND},
        {"assignment in front of the program", "", "A=1", " ls", COMMAND},
        {"part of a command word", "./bin/", "convert", " a b", NONE},
        {"value of the program's assignment", "A=", "v1", " ls", NONE},
        {"value of an assignment, broken out", "A=", "v1 id", " ls", COMMAND},

        {"double quotes: plain", "grep \"", "a; b | c > d # 'x'", "\" f", NONE},
        {"double quotes: closed", "grep \"", "\";id;\"", "\" f", COMMAND},
        {"double quotes: closed, one word", "grep \"", "a\"b", "\" f", QUOTE},
        {"double quotes: variable", "echo \"", "x $HOME", "\"", SUBSTITUTION},
        {"double quotes: substitution", "echo \"", "$(id)", "\"", SUBSTITUTION},
        {"double quotes: backticks", "echo \"", "`id`", "\"", SUBSTITUTION},
        {"double quotes: escaped dollar", "echo \"", "\\$HOME", "\"", NONE},
        {"double quotes: newline", "echo \"", "a\nid", "\"", NONE},
        {"double quotes: backslash takes the closing quote", "grep \"", "x\\", "\" \"f\"", QUOTE},
        {"double quotes: two backslashes", "grep \"", "x\\\\", "\" f", NONE},
        {"double quotes: substitution of the program", "echo \"$(cat ", "a;id", ")\"", COMMAND},
        {"double quotes: closed substitution of the program", "echo \"$(cat ", "a)", ")\"", SUBSTITUTION},
        {"single quotes: plain", "grep '", "$(id) `id` \"x\" ; | & > #", "' f", NONE},
        {"single quotes: closed", "grep '", "';id;'", "' f", COMMAND},
        {"single quotes: closed, data only", "grep '", "O'Brien", "' f", QUOTE},
        {"single quotes: closed and opened", "grep '", "a'b'c", "' f", QUOTE},
        {"single quotes: backslash is nothing", "grep '", "x\\", "' f", NONE},
        {"ansi quotes: escaped quote is data", "grep $'", "x\\'y", "' f", NONE},
        {"ansi quotes: closed", "grep $'", "x';id #", "' f", COMMAND},
        {"open quote swallows the program's", "echo ", "a'", " && echo 'x; reboot'", QUOTE},

        {"program's backticks: plain", "echo `cat ", "a.txt", "`", NONE},
        {"program's backticks: closed", "echo `cat ", "a`", "`", SUBSTITUTION},
        {"program's backticks: command", "echo `cat ", "a;id", "`", COMMAND},
        {"program's parameter: plain", "echo ${x:-", "abc", "}", NONE},
        {"program's parameter: closed", "echo ${x:-", "a};id", "}", COMMAND},
        {"program's arithmetic: number", "echo $((1+", "2", "))", NONE},
        {"program's arithmetic: substitution", "echo $((1+", "a[$(id)]", "))", SUBSTITUTION},
        {"program's dollar meets a parenthesis", "echo $", "(id)", "", SUBSTITUTION},
        {"program's redirection: name", "echo x > ", "file.txt", "", NONE},
        {"program's redirection: more", "echo x > ", "f; id", "", COMMAND},
        {"program's redirection: joined", "echo x >", "> f", "", REDIRECTION},
        {"program's subshell", "(cat ", "f", ")", NONE},
        {"program's subshell: closed and on", "(cat ", "f);(id", ")", COMMAND},
        {"program's if", "if [ -f ", "x", " ]; then cat x; fi", NONE},
        {"program's if: broken", "if [ -f ", "x ]; then id; fi #", " ]; then cat x; fi", COMMAND},
        {"program's for", "for f in ", "a b c", "; do cat $f; done", NONE},
        {"program's case", "case ", "x", " in a) ls;; *) id;; esac", NONE},
        {"program's heredoc: text", "cat <<EOF\n", "hello; ls | x > y 'q\" #c", "\nEOF\nls", NONE},
        {"program's heredoc: substitution", "cat <<EOF\n", "$(id)", "\nEOF\n", SUBSTITUTION},
        {"program's heredoc: quoted delimiter", "cat <<'EOF'\n", "$(id) `id` ${x}", "\nEOF\n", NONE},
        {"program's heredoc: ended", "cat <<EOF\n", "x\nEOF\nid\n", "\nEOF\n", COMMAND},
        {"program's heredoc: ended, nothing more", "cat <<'EOF'\n", "x\nEOF\n", "\nEOF\n", QUOTE},
        {"program's heredoc: delimiter inside a line", "cat <<EOF\n", "x EOF y", "\nEOF\n", NONE},
        {"program's heredoc: tabs", "cat <<-EOF\n", "x", "\n\tEOF\nls", NONE},
        {"program's here-string", "cat <<< ", "x", "", NONE},
        {"program's array", "a=(", "x y", "); ls", NONE},
        {"program's comment", "ls # ", "x;id $(id)", "", NONE},
        {"program's comment: newline", "ls # ", "x\nid", "", COMMAND},
        {"operator split by the boundary", "ls |", "| id", "", COMMAND},
        {"program's separator, then input", "ls; ", "x", "", COMMAND},
        {"input's separator, then program's word", "curl ", "x;", " -o f", COMMAND},
        {"descriptor number in a word", "echo a", "2>b", "", REDIRECTION},
};

/* BEFORE, INPUT and AFTER in one, in BUFFER. */
static struct gb_span put_together(char buffer[512], const char *before, const char *input, const char *after)
{
	struct gb_text text = gb_text_on(buffer, 512);

	gb_text_add_cstr(&text, before);
	gb_text_add_cstr(&text, input);
	gb_text_add_cstr(&text, after);
	assert_false(text.truncated);
	return gb_text_span(&text);
}

static void test_flow(void **state)
{
	unsigned failures = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(flow_rows) / sizeof(flow_rows[0]); i++) {
		const struct flow_row *row = &flow_rows[i];
		char buffer[512];
		struct gb_span command = exact_copy(put_together(buffer, row->before, row->input, row->after));
		enum gb_reason got;

		check_tiling(command);
		got = gb_shell_flow(command, gb_span_cstr(row->before).n, gb_span_cstr(row->input).n).reason;
		free((void *)(uintptr_t)command.p);
		if (got == row->want)
			continue;
		print_error(
		        "%s: %s, wanted %s\n", row->name, gb_reason_facts(got)->name, gb_reason_facts(row->want)->name);
		failures++;
	}
	assert_int_equal(failures, 0);
}

static const struct evidence_row {
	const char *before, *input, *after, *evidence;
} evidence_rows[] = {
        {GOAT_BEFORE, "http://foobar;env #", GOAT_AFTER, ";env"},
        {GOAT_BEFORE, "http://foobar ; cat /etc/passwd #", GOAT_AFTER, "; cat /etc/passwd"},
        {GOAT_BEFORE, "http://x;:(){ :|:& };:", GOAT_AFTER, ";:(){ :|:& };:"},
        {GOAT_BEFORE, "http://x\r\nid\r\n", GOAT_AFTER, "\nid"},
        {GOAT_BEFORE, "http://x && (id)", GOAT_AFTER, "&& (id)"},
        {GOAT_BEFORE, "http://x; if id; then :; fi", GOAT_AFTER, "; if id; then :; fi"},
        {GOAT_BEFORE, "a;b=1;id", GOAT_AFTER, ";id"},
        {GOAT_BEFORE, "a&PATH=/tmp", GOAT_AFTER, "&PATH=/tmp"},
        {"curl ", "x;", " -o f", ";"},
        {"curl ", "x\n", "ls", "\n"},
        {"", "ls -l /", "", "ls -l /"},
        {"ls; ", "x y", "", "x y"},
        {"ls |", "| id", "", "| id"},
        {"A=", "v1 id", " ls", "id"},
        {"grep \"", "\";id;\"", "\" f", ";id;\""},
        {"echo \"$(cat ", "a;id", ")\"", ";id"},
        {"echo \"$(cat ", "a;id)x", "\"", ";id"},
        {GOAT_BEFORE, "http://x/$(true;id)/y", GOAT_AFTER, ";id"},
        {GOAT_BEFORE, "http://x/$(cat $(ls))/y", GOAT_AFTER, "$(cat $(ls))"},
        {GOAT_BEFORE, "http://x/`id`/y", GOAT_AFTER, "`id`"},
        {GOAT_BEFORE, "http://x/${IFS}y", GOAT_AFTER, "${IFS}"},
        {GOAT_BEFORE, "http://x/?k=$HOME&a=1", GOAT_AFTER, "$HOME"},
        {"echo $", "(id) x", "", "(id)"},
        {"echo ${x:-", "a}b", "", "}"},
        {"echo x", " >  /tmp/f y", " z", ">  /tmp/f"},
        {"echo x", " 2>&1 y", " z", "2>&1"},
        {"echo x", " >", "/tmp/f", ">"},
        {"grep '", "O'Brien", "' f", "'"},
        {"grep \"", "x\\", "\" \"f\"", "\\"},
        {"echo ", "a'b", " && echo 'x; reboot'", "'b"},
        {"cat <<'EOF'\n", "x\nEOF\n", "\nEOF\n", "EOF"},
        {"ls ", "x # y", " z", "# y"},
        {"ls ", "x", " z", ""},
};

static void test_evidence(void **state)
{
	unsigned failures = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(evidence_rows) / sizeof(evidence_rows[0]); i++) {
		const struct evidence_row *row = &evidence_rows[i];
		char buffer[512];
		struct gb_span command = put_together(buffer, row->before, row->input, row->after);
		struct gb_shell_harm harm = gb_shell_flow(command, strlen(row->before), strlen(row->input));
		struct gb_span shown = gb_span_sub(command, harm.from, harm.length);

		if (gb_span_equal(shown, gb_span_cstr(row->evidence)))
			continue;
		print_error("%s[%s]: \"%.*s\", wanted \"%s\"\n", row->before, row->input, (int)shown.n,
		        (const char *)shown.p, row->evidence);
		failures++;
	}
	assert_int_equal(failures, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_flow),
	        cmocka_unit_test(test_evidence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

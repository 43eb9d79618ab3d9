/* SPDX-License-Identifier: Apache-2.0 */
#include "activity/shell.h"

struct range {
	struct gb_span text;
	size_t from;
	size_t end;
};

static bool begins_in(const struct range *range, const struct gb_shell_token *token)
{
	return token->offset >= range->from && token->offset < range->end;
}

static bool overlaps(const struct range *range, const struct gb_shell_token *token)
{
	return token->offset < range->end && token->offset + token->length > range->from;
}

/* An unquoted URL `?a=1&utm.source=x` makes the shell look for a program called `utm.source=x`. There is none: such a
 * word is a query parameter. One with a slash in front of its = may be a file, and is not let through. */
static bool is_parameter(struct gb_span text, size_t at)
{
	for (; at < text.n; at++) {
		unsigned char c = text.p[at];

		if (c == '=')
			return true;
		if (!gb_ascii_is_alpha(c) && !gb_ascii_is_digit(c) && c != '_' && c != '-' && c != '.' && c != '%' &&
		        c != '+' && c != '[' && c != ']' && c != ':')
			return false;
	}
	return false;
}

/* Variables that change what the program's later commands do, in their own right. */
static bool is_powerful_variable(struct gb_span name)
{
	static const char *const whole[] = {"PATH", "IFS", "ENV", "PS4", "CDPATH", "HOME", "TMPDIR"};
	static const char *const starts[] = {"LD_", "BASH", "SHELL", "NODE_", "PYTHON", "PERL", "RUBY", "JAVA", "JDK_",
	        "GCONV_", "GAMBESON_", "AWS_"};

	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
		if (gb_span_equal(name, gb_span_cstr(whole[i])))
			return true;
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (gb_span_starts(name, gb_span_cstr(starts[i])))
			return true;
	return false;
}

static bool is_powerful_assignment(const struct range *range, const struct gb_shell_token *token)
{
	struct gb_span name = gb_span_sub(range->text, token->offset, token->length - 1);

	if (gb_span_ends(name, GB_SPAN("+")))
		name.n--;
	return is_powerful_variable(name);
}

/* Whether the backslash at the range's end takes a quote behind it, which the program wrote as a quote. */
static bool escapes_quote(const struct range *range, const struct gb_shell_token *token)
{
	size_t backslashes = 0;

	if (token->offset >= range->end || token->offset + token->length <= range->end)
		return false;
	if (range->text.p[range->end] != '"' && range->text.p[range->end] != '\'')
		return false;
	for (size_t at = range->end; at > token->offset && range->text.p[at - 1] == '\\'; at--)
		backslashes++;
	return backslashes % 2 == 1;
}

static bool cuts_off_text(const struct range *range, const struct gb_shell_token *token)
{
	for (size_t at = range->end; at < token->offset + token->length; at++)
		if (!gb_ascii_is_space(range->text.p[at]))
			return true;
	return false;
}

/* Judges what a token does apart from starting commands. */
static enum gb_reason judge_token(const struct range *range, const struct gb_shell_token *token)
{
	bool is_foreign_closer = overlaps(range, token) && token->opener < range->from;

	switch (token->kind) {
	case GB_SHELL_SUBSTITUTION_OPEN: return overlaps(range, token) ? GB_R_FLOW_SHELL_SUBSTITUTION : GB_R_NONE;
	case GB_SHELL_EXPANSION: {
		unsigned char c = range->text.p[token->offset + 1];

		/* $1, $?, $@ give nothing that a caller does not know. */
		if (begins_in(range, token) && (gb_ascii_is_alpha(c) || c == '_'))
			return GB_R_FLOW_SHELL_SUBSTITUTION;
		return GB_R_NONE;
	}
	case GB_SHELL_SUBSTITUTION_CLOSE: return is_foreign_closer ? GB_R_FLOW_SHELL_SUBSTITUTION : GB_R_NONE;
	case GB_SHELL_REDIRECTION: return overlaps(range, token) ? GB_R_FLOW_SHELL_REDIRECTION : GB_R_NONE;
	case GB_SHELL_HEREDOC_CLOSE: return is_foreign_closer ? GB_R_FLOW_SHELL_QUOTE : GB_R_NONE;
	case GB_SHELL_QUOTE_CLOSE: {
		/* A quote of the input's that ends at one of the program's turns the program's text inside out. */
		bool is_opened_inside = token->opener >= range->from && token->opener < range->end;

		return is_foreign_closer || (is_opened_inside && token->offset >= range->end) ? GB_R_FLOW_SHELL_QUOTE
		                                                                              : GB_R_NONE;
	}
	case GB_SHELL_TEXT:
	case GB_SHELL_QUOTED: return escapes_quote(range, token) ? GB_R_FLOW_SHELL_QUOTE : GB_R_NONE;
	case GB_SHELL_COMMENT:
		return begins_in(range, token) && cuts_off_text(range, token) ? GB_R_FLOW_SHELL_COMMENT : GB_R_NONE;
	case GB_SHELL_END:
	case GB_SHELL_BLANK:
	case GB_SHELL_CONTINUATION:
	case GB_SHELL_ASSIGNMENT:
	case GB_SHELL_RESERVED:
	case GB_SHELL_OPERATOR:
	case GB_SHELL_QUOTE_OPEN:
	case GB_SHELL_ARITHMETIC:
	case GB_SHELL_HEREDOC:
	case _GB_SHELL_KIND_MAX: break;
	}
	return GB_R_NONE;
}

/* Which token made the shell expect a command, as far as the range is concerned. */
struct separator {
	bool is_inside;    /* the last one is in the range */
	bool is_ampersand; /* and is a lone & */
	bool is_opener;    /* and opens a substitution, which is reported as such */
};

static bool starts_command(const struct range *range, const struct gb_shell_token *token, struct separator separator)
{
	bool begins = begins_in(range, token);

	if (token->kind == GB_SHELL_ASSIGNMENT)
		return begins && (!separator.is_inside || is_powerful_assignment(range, token));
	if ((token->flags & GB_SHELL_WORD_START) == 0 || (token->flags & GB_SHELL_COMMAND_WORD) == 0)
		return false;
	if (separator.is_opener)
		return false;
	if (begins)
		return !(separator.is_ampersand && is_parameter(range->text, token->offset));
	return token->offset >= range->end && separator.is_inside;
}

enum gb_reason gb_shell_flow(struct gb_span command, size_t from, size_t length)
{
	struct range range = {.text = command, .from = from < command.n ? from : command.n};
	struct separator separator = {0};
	enum gb_reason worst = GB_R_NONE;
	struct gb_shell_lexer lexer;
	struct gb_shell_token token;

	range.end = length < command.n - range.from ? range.from + length : command.n;
	if (range.from == range.end)
		return GB_R_NONE;
	gb_shell_start(&lexer, command);
	while (gb_shell_next(&lexer, &token)) {
		enum gb_reason reason = judge_token(&range, &token);

		if (starts_command(&range, &token, separator))
			return GB_R_FLOW_SHELL_COMMAND;
		if (reason != GB_R_NONE && (worst == GB_R_NONE || reason < worst))
			worst = reason;
		if ((token.flags & GB_SHELL_TO_COMMAND) != 0) {
			separator.is_inside = overlaps(&range, &token);
			separator.is_opener = separator.is_inside && token.kind == GB_SHELL_SUBSTITUTION_OPEN;
			separator.is_ampersand =
			        separator.is_inside && token.length == 1 && command.p[token.offset] == '&';
		} else if ((token.flags & GB_SHELL_COMMAND_WORD) != 0) {
			separator = (struct separator){0};
		}
	}
	return worst;
}

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
	static const char starts[][10] = {"LD_", "BASH", "SHELL", "NODE_", "PYTHON", "PERL", "RUBY", "JAVA", "JDK_",
	        "GCONV_", "GAMBESON_", "AWS_"};

	if (gb_span_is_one_of(name, "PATH\0IFS\0ENV\0PS4\0CDPATH\0HOME\0TMPDIR\0"))
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
	size_t from;       /* where the row of them and blanks begins: `; {` */
	size_t end;
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

static struct separator next_separator(
        const struct range *range, const struct gb_shell_token *token, struct separator separator)
{
	bool is_in_row = separator.is_inside && separator.end == token->offset;
	size_t end = token->offset + token->length;

	if ((token->flags & GB_SHELL_TO_COMMAND) != 0) {
		bool is_inside = overlaps(range, token);

		return (struct separator){.is_inside = is_inside,
		        .is_opener = is_inside && token->kind == GB_SHELL_SUBSTITUTION_OPEN,
		        .is_ampersand = is_inside && token->length == 1 && range->text.p[token->offset] == '&',
		        .from = is_in_row ? separator.from : token->offset,
		        .end = end};
	}
	if ((token->flags & GB_SHELL_COMMAND_WORD) != 0)
		return (struct separator){0};
	if (is_in_row && (token->kind == GB_SHELL_BLANK || token->kind == GB_SHELL_CONTINUATION))
		separator.end = end;
	return separator;
}

/* What convicts, while the end of it may still be to come. Offsets in the text; cut to the range at last. */
struct evidence {
	enum gb_reason reason;
	size_t from;
	size_t end;
	size_t opener;      /* of the substitution whose close ends it */
	bool awaits_target; /* of a redirection */
};

static struct evidence evidence_of(const struct range *range, const struct gb_shell_token *token, enum gb_reason reason)
{
	struct evidence evidence = {
	        .reason = reason, .from = token->offset, .end = token->offset + token->length, .opener = SIZE_MAX};

	if (token->kind == GB_SHELL_SUBSTITUTION_OPEN) {
		evidence.opener = token->offset;
		evidence.end = range->end;
	} else if (token->kind == GB_SHELL_QUOTE_CLOSE && token->opener >= range->from && token->opener < range->end) {
		evidence.from = token->opener;
	} else if (token->kind == GB_SHELL_TEXT || token->kind == GB_SHELL_QUOTED) {
		evidence.from = range->end - 1;
	}
	evidence.awaits_target = token->kind == GB_SHELL_REDIRECTION;
	return evidence;
}

static void extend(struct evidence *evidence, const struct gb_shell_token *token)
{
	if (token->kind == GB_SHELL_SUBSTITUTION_CLOSE && token->opener == evidence->opener)
		evidence->end = token->offset + token->length;
	if (!evidence->awaits_target || token->offset < evidence->end)
		return;
	if ((token->flags & GB_SHELL_TARGET_WORD) != 0)
		evidence->end = token->offset + token->length;
	else if (token->kind != GB_SHELL_BLANK)
		evidence->awaits_target = false;
}

/* All that the input has the shell run, from TOKEN on: to the range's end, a comment, or the close of what the program
 * opened. */
static struct evidence command_evidence(const struct range *range, struct gb_shell_lexer *lexer,
        struct gb_shell_token token, struct separator separator)
{
	struct evidence evidence = {.reason = GB_R_FLOW_SHELL_COMMAND, .end = range->end};

	evidence.from = separator.is_inside ? separator.from : token.offset;
	while (token.offset < range->end && gb_shell_next(lexer, &token)) {
		if (token.kind != GB_SHELL_COMMENT &&
		        (token.kind != GB_SHELL_SUBSTITUTION_CLOSE || token.opener >= evidence.from))
			continue;
		if (token.offset < evidence.end)
			evidence.end = token.offset;
		break;
	}
	return evidence;
}

static struct gb_shell_harm harm_of(const struct range *range, struct evidence evidence)
{
	size_t from = evidence.from > range->from ? evidence.from : range->from;
	size_t end = evidence.end < range->end ? evidence.end : range->end;

	if (evidence.reason == GB_R_NONE)
		return (struct gb_shell_harm){0};
	while (end > from + 1 && gb_ascii_is_space(range->text.p[end - 1]))
		end--;
	return (struct gb_shell_harm){.reason = evidence.reason, .from = from, .length = end - from};
}

struct gb_shell_harm gb_shell_flow(struct gb_span command, size_t from, size_t length)
{
	struct range range = {.text = command, .from = from < command.n ? from : command.n};
	struct separator separator = {0};
	struct evidence worst = {.opener = SIZE_MAX};
	struct gb_shell_lexer lexer;
	struct gb_shell_token token;

	range.end = length < command.n - range.from ? range.from + length : command.n;
	if (range.from == range.end)
		return (struct gb_shell_harm){0};
	gb_shell_start(&lexer, command);
	while (gb_shell_next(&lexer, &token)) {
		enum gb_reason reason = judge_token(&range, &token);

		if (starts_command(&range, &token, separator))
			return harm_of(&range, command_evidence(&range, &lexer, token, separator));
		if (reason != GB_R_NONE && (worst.reason == GB_R_NONE || reason < worst.reason))
			worst = evidence_of(&range, &token, reason);
		else
			extend(&worst, &token);
		separator = next_separator(&range, &token, separator);
	}
	return harm_of(&range, worst);
}

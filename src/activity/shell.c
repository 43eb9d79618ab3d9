/* SPDX-License-Identifier: Apache-2.0 */
#include "activity/shell_lexer.h"

static void cut_token(struct gb_shell_lexer *lexer, struct gb_shell_token *token, size_t length)
{
	token->length = length;
	lexer->at = token->offset + length;
}

static void take_text(struct gb_shell_lexer *lexer, struct gb_shell_token *token)
{
	struct gb_shell_frame *frame = gb_shell_frame_of(lexer);
	struct gb_span piece = gb_span_sub(lexer->text, token->offset, token->length);

	token->kind = GB_SHELL_TEXT;
	if (frame->word == WORD_NONE && frame->wants_command && !frame->wants_target) {
		const struct gb_shell_word *reserved =
		        gb_shell_is_word_end(lexer->text, lexer->at) ? gb_shell_reserved(piece) : NULL;
		size_t assignment = gb_shell_assignment(piece);

		if (reserved != NULL) {
			token->kind = GB_SHELL_RESERVED;
			token->flags |= GB_SHELL_WORD_START | (reserved->wants_command ? GB_SHELL_TO_COMMAND : 0);
			frame->wants_command = reserved->wants_command;
			return;
		}
		if (assignment != 0) {
			cut_token(lexer, token, assignment);
			token->kind = GB_SHELL_ASSIGNMENT;
			token->flags |= GB_SHELL_WORD_START;
			frame->word = WORD_ASSIGNMENT;
			return;
		}
	}
	gb_shell_word_piece(lexer, token);
}

static void take_heredoc(struct gb_shell_lexer *lexer, struct gb_shell_token *token, bool strips_tabs)
{
	token->kind = GB_SHELL_REDIRECTION;
	gb_shell_frame_of(lexer)->wants_target = true;
	if (lexer->heredoc_count == GB_SHELL_HEREDOCS_MAX) {
		lexer->is_limited = true;
		return;
	}
	lexer->heredocs[lexer->heredoc_count++] = (struct gb_shell_heredoc){.strips_tabs = strips_tabs};
	lexer->reads_delimiter = true;
}

static void take_separator(struct gb_shell_lexer *lexer, struct gb_shell_token *token)
{
	struct gb_shell_frame *frame = gb_shell_frame_of(lexer);

	token->kind = GB_SHELL_OPERATOR;
	token->flags |= GB_SHELL_TO_COMMAND;
	frame->wants_command = true;
	frame->wants_target = false;
	frame->has_command = false;
}

static void take_newline(struct gb_shell_lexer *lexer, struct gb_shell_token *token)
{
	if (gb_shell_frame_of(lexer)->mode == MODE_DATA) {
		token->kind = GB_SHELL_BLANK;
		return;
	}
	take_separator(lexer, token);
	if (lexer->reads_delimiter) {
		/* `<<` with no word behind it: no shell takes that for a here-document. */
		lexer->reads_delimiter = false;
		lexer->heredoc_count--;
	}
	if (lexer->heredoc_count != 0)
		gb_shell_push(lexer, MODE_HEREDOC, token->offset);
	if (gb_shell_frame_of(lexer)->mode != MODE_HEREDOC)
		lexer->heredoc_count = 0;
}

/* ( begins a subshell where a command may stand, an array behind NAME=, and is an error anywhere else: then no shell
 * runs what is inside. */
static void take_left(struct gb_shell_lexer *lexer, struct gb_shell_token *token)
{
	struct gb_shell_frame *frame = gb_shell_frame_of(lexer);
	bool is_subshell = frame->word == WORD_NONE && frame->wants_command && !frame->wants_target;

	token->kind = GB_SHELL_OPERATOR;
	if (is_subshell) {
		token->flags |= GB_SHELL_TO_COMMAND;
		frame->wants_command = false;
		frame->has_command = false;
	} else if (frame->word != WORD_ASSIGNMENT) {
		gb_shell_word_end(lexer, token->offset);
	}
	gb_shell_push(lexer, is_subshell ? MODE_SUBSHELL : MODE_DATA, token->offset);
}

static void take_right(struct gb_shell_lexer *lexer, struct gb_shell_token *token)
{
	struct gb_shell_frame *frame = gb_shell_frame_of(lexer);

	gb_shell_word_end(lexer, token->offset);
	token->kind = GB_SHELL_OPERATOR;
	if (frame->mode == MODE_SUBSTITUTION) {
		gb_shell_close(lexer, token, GB_SHELL_SUBSTITUTION_CLOSE);
	} else if (frame->mode == MODE_SUBSHELL || frame->mode == MODE_DATA) {
		gb_shell_close(lexer, token, GB_SHELL_OPERATOR);
	} else {
		/* The pattern of a `case` branch: commands follow. */
		token->flags |= GB_SHELL_TO_COMMAND;
		frame->wants_command = true;
	}
}

static void next_plain(struct gb_shell_lexer *lexer, struct gb_shell_token *token)
{
	struct gb_shell_frame *frame = gb_shell_frame_of(lexer);
	enum lexeme lexeme;

	lexeme = gb_shell_scan_plain(lexer->text, &lexer->at);
	token->length = lexer->at - token->offset;
	if (lexeme == LEX_REDIRECTION || lexeme == LEX_HEREDOC || lexeme == LEX_HEREDOC_TABS) {
		unsigned char first = lexer->text.p[token->offset];

		/* A number in front names a descriptor only when it begins the word: in a2>b it does not, nor in 1<(a). */
		if ((frame->word != WORD_NONE || (lexer->at < lexer->text.n && lexer->text.p[lexer->at] == '(')) &&
		        first != '<' && first != '>' && first != '&') {
			size_t n = 0;

			while (lexer->text.p[token->offset + n] != '<' && lexer->text.p[token->offset + n] != '>')
				n++;
			cut_token(lexer, token, n);
			lexeme = LEX_TEXT;
		}
	} else if (lexeme == LEX_FUNCTION && !(frame->has_command || frame->word == WORD_COMMAND)) {
		cut_token(lexer, token, 1);
		lexeme = LEX_LEFT;
	}
	if (lexeme != LEX_TEXT && lexeme != LEX_HASH && lexeme != LEX_CONTINUATION && lexeme != LEX_LEFT &&
	        lexeme != LEX_RIGHT && lexeme < LEX_SINGLE)
		gb_shell_word_end(lexer, token->offset);
	switch (lexeme) {
	case LEX_END: return;
	case LEX_BLANK: token->kind = GB_SHELL_BLANK; return;
	case LEX_CONTINUATION: token->kind = GB_SHELL_CONTINUATION; return;
	case LEX_TEXT: take_text(lexer, token); return;
	case LEX_HASH:
		if (frame->word != WORD_NONE) {
			take_text(lexer, token);
			return;
		}
		token->kind = GB_SHELL_COMMENT;
		while (lexer->at < lexer->text.n && lexer->text.p[lexer->at] != '\n' &&
		        !(lexer->text.p[lexer->at] == '`' && lexer->has_backtick))
			lexer->at++;
		token->length = lexer->at - token->offset;
		return;
	case LEX_NEWLINE: take_newline(lexer, token); return;
	case LEX_OPERATOR:
	case LEX_FUNCTION: take_separator(lexer, token); return;
	case LEX_LEFT: take_left(lexer, token); return;
	case LEX_RIGHT: take_right(lexer, token); return;
	case LEX_REDIRECTION:
		token->kind = GB_SHELL_REDIRECTION;
		frame->wants_target = true;
		return;
	case LEX_HEREDOC:
	case LEX_HEREDOC_TABS: take_heredoc(lexer, token, lexeme == LEX_HEREDOC_TABS); return;
	case LEX_SINGLE: gb_shell_open_quote(lexer, token, MODE_SINGLE); return;
	case LEX_ANSI: gb_shell_open_quote(lexer, token, MODE_ANSI); return;
	case LEX_DOUBLE:
	case LEX_LOCALE: gb_shell_open_quote(lexer, token, MODE_DOUBLE); return;
	case LEX_BACKTICK:
	case LEX_SUBSTITUTION:
	case LEX_PROCESS:
	case LEX_ARITHMETIC:
	case LEX_PARAMETER:
	case LEX_EXPANSION: gb_shell_take_expansion(lexer, token, lexeme); return;
	}
}

/* Inside '…' and $'…'. A backtick ends it when one is open around it. */
static void next_single(struct gb_shell_lexer *lexer, struct gb_shell_token *token)
{
	const unsigned char *p = lexer->text.p;
	size_t at = lexer->at;

	if (p[at] == '\'') {
		lexer->at++;
		gb_shell_close(lexer, token, GB_SHELL_QUOTE_CLOSE);
		return;
	}
	if (p[at] == '`' && lexer->has_backtick) {
		lexer->at++;
		gb_shell_backtick(lexer, token);
		return;
	}
	token->kind = GB_SHELL_QUOTED;
	for (; at < lexer->text.n && p[at] != '\'' && !(p[at] == '`' && lexer->has_backtick); at++)
		if (p[at] == '\\' && gb_shell_frame_of(lexer)->mode == MODE_ANSI && at + 1 < lexer->text.n)
			at++;
	lexer->at = at;
}

static void next_quoted(struct gb_shell_lexer *lexer, struct gb_shell_token *token)
{
	struct gb_shell_frame *frame = gb_shell_frame_of(lexer);
	enum lexeme lexeme = gb_shell_scan_quoted(lexer->text, &lexer->at);
	unsigned char first = lexer->text.p[token->offset];

	if (gb_shell_take_expansion(lexer, token, lexeme))
		return;
	token->kind = frame->mode == MODE_ARITHMETIC ? GB_SHELL_ARITHMETIC : GB_SHELL_QUOTED;
	if (frame->mode == MODE_DOUBLE) {
		if (lexeme == LEX_DOUBLE)
			gb_shell_close(lexer, token, GB_SHELL_QUOTE_CLOSE);
	} else if (frame->mode == MODE_PARAMETER) {
		if (first == '}')
			gb_shell_close(lexer, token, GB_SHELL_SUBSTITUTION_CLOSE);
		else if (lexeme == LEX_DOUBLE)
			gb_shell_open_quote(lexer, token, MODE_DOUBLE);
		else if (lexeme == LEX_SINGLE && !frame->in_double)
			gb_shell_open_quote(lexer, token, MODE_SINGLE);
	} else if (frame->mode == MODE_ARITHMETIC) {
		if (lexeme == LEX_LEFT && frame->parens < UINT16_MAX) {
			frame->parens++;
		} else if (first == ')' && frame->parens > 0) {
			frame->parens--;
		} else if (first == ')') {
			if (lexer->at < lexer->text.n && lexer->text.p[lexer->at] == ')')
				lexer->at++;
			gb_shell_close(lexer, token, GB_SHELL_SUBSTITUTION_CLOSE);
		}
	}
	if (token->kind == GB_SHELL_QUOTED && frame->mode == MODE_DOUBLE)
		token->flags |= GB_SHELL_IN_QUOTES;
}

/* Length of the line at AT, newline included, if it is HEREDOC's delimiter; else 0. Quotes around the delimiter are
 * not part of it. */
static size_t delimiter_line(const struct gb_shell_lexer *lexer, const struct gb_shell_heredoc *heredoc, size_t at)
{
	struct gb_span text = lexer->text;
	size_t start = at;

	while (heredoc->strips_tabs && at < text.n && text.p[at] == '\t')
		at++;
	for (size_t i = 0; i < heredoc->delimiter_length; i++) {
		unsigned char c = text.p[heredoc->delimiter_at + i];

		if (c == '\'' || c == '"' || c == '\\')
			continue;
		if (at >= text.n || text.p[at] != c)
			return 0;
		at++;
	}
	if (at >= text.n)
		return at - start;
	return text.p[at] == '\n' ? at + 1 - start : 0;
}

static void next_heredoc(struct gb_shell_lexer *lexer, struct gb_shell_token *token)
{
	struct gb_shell_heredoc *heredoc = &lexer->heredocs[0];
	size_t at = lexer->at;
	size_t closing = lexer->text.p[at - 1] == '\n' ? delimiter_line(lexer, heredoc, at) : 0;

	if (closing != 0) {
		lexer->at += closing;
		for (unsigned i = 1; i < lexer->heredoc_count; i++)
			lexer->heredocs[i - 1] = lexer->heredocs[i];
		lexer->heredoc_count--;
		if (lexer->heredoc_count != 0) {
			token->kind = GB_SHELL_HEREDOC_CLOSE;
			token->opener = gb_shell_frame_of(lexer)->opened_at;
		} else {
			gb_shell_close(lexer, token, GB_SHELL_HEREDOC_CLOSE);
			token->flags |= GB_SHELL_TO_COMMAND;
		}
		return;
	}
	token->kind = GB_SHELL_HEREDOC;
	if (heredoc->is_quoted) {
		while (lexer->at < lexer->text.n && lexer->text.p[lexer->at++] != '\n')
			;
		return;
	}
	gb_shell_take_expansion(lexer, token, gb_shell_scan_quoted(lexer->text, &lexer->at));
}

void gb_shell_start(struct gb_shell_lexer *lexer, struct gb_span text)
{
	lexer->text = text;
	lexer->at = 0;
	lexer->is_limited = false;
	lexer->depth = 0;
	lexer->has_backtick = false;
	lexer->heredoc_count = 0;
	lexer->reads_delimiter = false;
	lexer->frames[0] = (struct gb_shell_frame){.mode = MODE_PLAIN, .wants_command = true};
}

void gb_shell_start_quoted(struct gb_shell_lexer *lexer, struct gb_span text, unsigned char quote)
{
	gb_shell_start(lexer, text);
	lexer->frames[0].wants_command = false;
	lexer->frames[0].word = WORD_ARGUMENT;
	gb_shell_push(lexer, quote == '"' ? MODE_DOUBLE : MODE_SINGLE, SIZE_MAX);
}

bool gb_shell_next(struct gb_shell_lexer *lexer, struct gb_shell_token *ret_token)
{
	struct gb_shell_token token = {.offset = lexer->at, .depth = lexer->depth, .opener = SIZE_MAX};

	if (lexer->at >= lexer->text.n)
		return false;
	switch ((enum mode)gb_shell_frame_of(lexer)->mode) {
	case MODE_PLAIN:
	case MODE_SUBSHELL:
	case MODE_SUBSTITUTION:
	case MODE_BACKTICK:
	case MODE_DATA: next_plain(lexer, &token); break;
	case MODE_SINGLE:
	case MODE_ANSI: next_single(lexer, &token); break;
	case MODE_DOUBLE:
	case MODE_PARAMETER:
	case MODE_ARITHMETIC: next_quoted(lexer, &token); break;
	case MODE_HEREDOC: next_heredoc(lexer, &token); break;
	}
	token.length = lexer->at - token.offset;
	*ret_token = token;
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "activity/shell_lexer.h"

size_t gb_shell_assignment(struct gb_span word)
{
	size_t at = 0;

	while (at < word.n &&
	        (gb_ascii_is_alpha(word.p[at]) || word.p[at] == '_' || (at > 0 && gb_ascii_is_digit(word.p[at]))))
		at++;
	if (at == 0)
		return 0;
	if (at < word.n && word.p[at] == '[') {
		size_t close = gb_span_find_byte(word, ']', at);

		if (close == SIZE_MAX)
			return 0;
		at = close + 1;
	}
	if (at < word.n && word.p[at] == '+')
		at++;
	return at < word.n && word.p[at] == '=' ? at + 1 : 0;
}

static const struct gb_shell_word reserved_words[] = {
        {"if", true},
        {"then", true},
        {"else", true},
        {"elif", true},
        {"fi", false},
        {"do", true},
        {"done", false},
        {"while", true},
        {"until", true},
        {"!", true},
        {"{", true},
        {"}", false},
        {"time", true},
        {"coproc", true},
        {"for", false},
        {"select", false},
        {"case", false},
        {"esac", false},
        {"in", false},
        {"function", false},
};

const struct gb_shell_word *gb_shell_reserved(struct gb_span word)
{
	if (word.n > 8)
		return NULL;
	for (size_t i = 0; i < sizeof(reserved_words) / sizeof(reserved_words[0]); i++)
		if (word.n != 0 && word.p[0] == (unsigned char)reserved_words[i].name[0] &&
		        gb_span_equal(word, gb_span_cstr(reserved_words[i].name)))
			return &reserved_words[i];
	return NULL;
}

bool gb_shell_is_reserved(struct gb_span word)
{
	return gb_shell_reserved(word) != NULL;
}

bool gb_shell_is_word_end(struct gb_span text, size_t at)
{
	if (at >= text.n)
		return true;
	switch (text.p[at]) {
	case ' ':
	case '\t':
	case '\n':
	case ';':
	case '&':
	case '|':
	case '(':
	case ')':
	case '<':
	case '>': return true;
	default: return false;
	}
}

static void delimiter_end(struct gb_shell_lexer *lexer, size_t at)
{
	struct gb_shell_heredoc *heredoc = &lexer->heredocs[lexer->heredoc_count - 1];

	lexer->reads_delimiter = false;
	heredoc->delimiter_length = at - heredoc->delimiter_at;
	if (heredoc->delimiter_length > GB_SHELL_DELIMITER_MAX) {
		lexer->is_limited = true;
		lexer->heredoc_count--;
		return;
	}
	for (size_t i = 0; i < heredoc->delimiter_length; i++) {
		unsigned char c = lexer->text.p[heredoc->delimiter_at + i];

		heredoc->is_quoted |= c == '\'' || c == '"' || c == '\\';
	}
}

void gb_shell_word_end(struct gb_shell_lexer *lexer, size_t at)
{
	struct gb_shell_frame *frame = gb_shell_frame_of(lexer);

	if (frame->word == WORD_NONE)
		return;
	if (frame->word == WORD_COMMAND) {
		frame->wants_command = false;
		frame->has_command = true;
	} else if (frame->word == WORD_ARGUMENT) {
		frame->has_command = false;
	} else if (frame->word == WORD_TARGET) {
		frame->wants_target = false;
		if (lexer->reads_delimiter)
			delimiter_end(lexer, at);
	}
	frame->word = WORD_NONE;
}

void gb_shell_word_piece(struct gb_shell_lexer *lexer, struct gb_shell_token *token)
{
	struct gb_shell_frame *frame = gb_shell_frame_of(lexer);

	if (frame->mode > MODE_DATA) {
		token->flags |= frame->mode == MODE_DOUBLE ? GB_SHELL_IN_QUOTES : 0;
		return;
	}
	if (frame->word == WORD_NONE) {
		token->flags |= GB_SHELL_WORD_START;
		if (frame->wants_target)
			frame->word = WORD_TARGET;
		else
			frame->word = frame->wants_command ? WORD_COMMAND : WORD_ARGUMENT;
		if (lexer->reads_delimiter)
			lexer->heredocs[lexer->heredoc_count - 1].delimiter_at = token->offset;
	}
	if (frame->word == WORD_COMMAND)
		token->flags |= GB_SHELL_COMMAND_WORD;
	else if (frame->word == WORD_TARGET)
		token->flags |= GB_SHELL_TARGET_WORD;
}

void gb_shell_push(struct gb_shell_lexer *lexer, enum mode mode, size_t opened_at)
{
	bool in_double = gb_shell_frame_of(lexer)->mode == MODE_DOUBLE || gb_shell_frame_of(lexer)->in_double;

	if (lexer->depth == GB_SHELL_DEPTH_MAX - 1) {
		lexer->is_limited = true;
		return;
	}
	lexer->depth++;
	if (mode == MODE_BACKTICK)
		lexer->has_backtick = true;
	*gb_shell_frame_of(lexer) = (struct gb_shell_frame){
	        .mode = (uint8_t)mode,
	        .wants_command = mode < MODE_DATA,
	        .in_double = in_double && mode == MODE_PARAMETER,
	        .opened_at = opened_at,
	};
}

void gb_shell_close(struct gb_shell_lexer *lexer, struct gb_shell_token *token, enum gb_shell_kind kind)
{
	token->kind = kind;
	token->opener = gb_shell_frame_of(lexer)->opened_at;
	if (gb_shell_frame_of(lexer)->mode == MODE_BACKTICK)
		lexer->has_backtick = false;
	lexer->depth--;
	token->depth = lexer->depth;
}

void gb_shell_backtick(struct gb_shell_lexer *lexer, struct gb_shell_token *token)
{
	if (!lexer->has_backtick) {
		token->kind = GB_SHELL_SUBSTITUTION_OPEN;
		token->flags |= GB_SHELL_TO_COMMAND;
		gb_shell_word_piece(lexer, token);
		gb_shell_push(lexer, MODE_BACKTICK, token->offset);
		return;
	}
	while (gb_shell_frame_of(lexer)->mode != MODE_BACKTICK)
		lexer->depth--;
	gb_shell_close(lexer, token, GB_SHELL_SUBSTITUTION_CLOSE);
}

void gb_shell_open_quote(struct gb_shell_lexer *lexer, struct gb_shell_token *token, enum mode mode)
{
	token->kind = GB_SHELL_QUOTE_OPEN;
	gb_shell_word_piece(lexer, token);
	gb_shell_push(lexer, mode, token->offset);
}

bool gb_shell_take_expansion(struct gb_shell_lexer *lexer, struct gb_shell_token *token, enum lexeme lexeme)
{
	enum mode mode;

	if (lexeme == LEX_BACKTICK) {
		gb_shell_backtick(lexer, token);
		return true;
	}
	if (lexeme == LEX_EXPANSION) {
		token->kind = GB_SHELL_EXPANSION;
		gb_shell_word_piece(lexer, token);
		return true;
	}
	if (lexeme == LEX_SUBSTITUTION || lexeme == LEX_PROCESS)
		mode = MODE_SUBSTITUTION;
	else if (lexeme == LEX_ARITHMETIC)
		mode = MODE_ARITHMETIC;
	else if (lexeme == LEX_PARAMETER)
		mode = MODE_PARAMETER;
	else
		return false;
	token->kind = GB_SHELL_SUBSTITUTION_OPEN;
	token->flags |= mode == MODE_SUBSTITUTION ? GB_SHELL_TO_COMMAND : 0;
	gb_shell_word_piece(lexer, token);
	gb_shell_push(lexer, mode, token->offset);
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * activity/shell_lexer: what the parts of the shell lexer share: shell_scan.re knows lexemes, shell_words.c words, quotes
 * and nesting, shell.c what each lexeme means where it stands. Private to the lexer.
 */
#ifndef GB_ACTIVITY_SHELL_LEXER_H
#define GB_ACTIVITY_SHELL_LEXER_H

#include "activity/shell.h"

enum mode {
	MODE_PLAIN, /* commands: the text itself, (…), $(…), <(…), `…` */
	MODE_SUBSHELL,
	MODE_SUBSTITUTION,
	MODE_BACKTICK,
	MODE_DATA, /* parentheses that hold words, not commands: arrays, and ( where no shell takes one */
	MODE_DOUBLE,
	MODE_SINGLE,
	MODE_ANSI,
	MODE_PARAMETER,
	MODE_ARITHMETIC,
	MODE_HEREDOC,
};

enum word {
	WORD_NONE,
	WORD_COMMAND,
	WORD_ARGUMENT,
	WORD_ASSIGNMENT,
	WORD_TARGET,
};

/* Lexemes of shell text outside and inside quotes; what each means depends on the frame. */
enum lexeme {
	LEX_END,
	LEX_BLANK,
	LEX_CONTINUATION,
	LEX_TEXT,
	LEX_HASH,
	LEX_NEWLINE,
	LEX_OPERATOR,
	LEX_FUNCTION,
	LEX_LEFT,
	LEX_RIGHT,
	LEX_REDIRECTION,
	LEX_HEREDOC,
	LEX_HEREDOC_TABS,
	LEX_SINGLE,
	LEX_ANSI,
	LEX_DOUBLE,
	LEX_LOCALE,
	LEX_BACKTICK,
	LEX_SUBSTITUTION,
	LEX_PROCESS,
	LEX_ARITHMETIC,
	LEX_PARAMETER,
	LEX_EXPANSION,
};

/* The innermost thing that is open. */
static inline struct gb_shell_frame *gb_shell_frame_of(struct gb_shell_lexer *lexer)
{
	return &lexer->frames[lexer->depth];
}

/* One lexeme of unquoted text from *REF_AT on, which moves behind it. */
enum lexeme gb_shell_scan_plain(struct gb_span text, size_t *ref_at);
/* One lexeme inside double quotes, ${…}, $((…)) or a here-document: everything but $ and ` is text for now. */
enum lexeme gb_shell_scan_quoted(struct gb_span text, size_t *ref_at);

struct gb_shell_word {
	char name[9];
	bool wants_command; /* behind it */
};
/* The reserved word that WORD is, or NULL. */
const struct gb_shell_word *gb_shell_reserved(struct gb_span word);
/* Length of `NAME=`, `NAME+=` or `NAME[…]=` at the start of WORD, or 0. */
size_t gb_shell_assignment(struct gb_span word);
bool gb_shell_is_word_end(struct gb_span text, size_t at);

/* Called before each piece of a word: starts one if none is being read, and gives the token its flags. */
void gb_shell_word_piece(struct gb_shell_lexer *lexer, struct gb_shell_token *token);
/* The word being read, if any, ended before AT. */
void gb_shell_word_end(struct gb_shell_lexer *lexer, size_t at);

/* Open and close frames. */
void gb_shell_push(struct gb_shell_lexer *lexer, enum mode mode, size_t opened_at);
void gb_shell_close(struct gb_shell_lexer *lexer, struct gb_shell_token *token, enum gb_shell_kind kind);
void gb_shell_open_quote(struct gb_shell_lexer *lexer, struct gb_shell_token *token, enum mode mode);
/* `` ` `` ends the nearest open backtick whatever was left open inside, as the shell cuts that text out first. */
void gb_shell_backtick(struct gb_shell_lexer *lexer, struct gb_shell_token *token);
/* The lexemes that mean the same everywhere but in single quotes. False for others. */
bool gb_shell_take_expansion(struct gb_shell_lexer *lexer, struct gb_shell_token *token, enum lexeme lexeme);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
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

static struct gb_shell_frame *frame_of(struct gb_shell_lexer *lexer)
{
	return &lexer->frames[lexer->depth];
}

/*!re2c
re2c:api = custom;
re2c:api:style = free-form;
re2c:define:YYCTYPE = "unsigned char";
re2c:define:YYPEEK = "(at < text.n ? text.p[at] : 0)";
re2c:define:YYSKIP = "at++;";
re2c:define:YYBACKUP = "marker = at;";
re2c:define:YYRESTORE = "at = marker;";
re2c:define:YYLESSTHAN = "at >= text.n";
re2c:yyfill:enable = 0;
re2c:eof = 0;

blank = [ \t];
name = [A-Za-z_][A-Za-z0-9_]*;
special = [0-9@*#?!$-];
any = [\x00-\xff];
escape = "\\" [^\n];
*/

/* One lexeme of unquoted text from *REF_AT on, which moves behind it. */
static enum lexeme scan_plain(struct gb_span text, size_t *ref_at)
{
	size_t at = *ref_at, marker = at;

#define TAKE(lexeme) return *ref_at = at, (lexeme)
	/*!re2c
	plain = [^ \t\n;&|()<>`$'"\\];
	$ { TAKE(LEX_END); }
	blank+ { TAKE(LEX_BLANK); }
	"\\\n" { TAKE(LEX_CONTINUATION); }
	"\\" { TAKE(LEX_TEXT); }
	(plain \ "#" | escape) (plain | escape)* { TAKE(LEX_TEXT); }
	"#" { TAKE(LEX_HASH); }
	"$" { TAKE(LEX_TEXT); }
	"\n" { TAKE(LEX_NEWLINE); }
	";" | "&" | "&&" | "|" | "||" | "|&" | ";;" | ";&" | ";;&" { TAKE(LEX_OPERATOR); }
	"(" blank* ")" { TAKE(LEX_FUNCTION); }
	"(" { TAKE(LEX_LEFT); }
	")" { TAKE(LEX_RIGHT); }
	([0-9]+ | "{" name "}")? ("<" | ">" | ">>" | ">|" | "<>" | "<&" | ">&" | "<<<") { TAKE(LEX_REDIRECTION); }
	"&>" | "&>>" { TAKE(LEX_REDIRECTION); }
	[0-9]* "<<" { TAKE(LEX_HEREDOC); }
	[0-9]* "<<-" { TAKE(LEX_HEREDOC_TABS); }
	"'" { TAKE(LEX_SINGLE); }
	"$'" { TAKE(LEX_ANSI); }
	"\"" { TAKE(LEX_DOUBLE); }
	"$\"" { TAKE(LEX_LOCALE); }
	"`" { TAKE(LEX_BACKTICK); }
	"$(" { TAKE(LEX_SUBSTITUTION); }
	"<(" | ">(" { TAKE(LEX_PROCESS); }
	"$((" { TAKE(LEX_ARITHMETIC); }
	"${" { TAKE(LEX_PARAMETER); }
	"$" (name | special) { TAKE(LEX_EXPANSION); }
	*/
}

/* One lexeme inside double quotes, ${…}, $((…)) or a here-document: everything but $ and ` is text for now. */
static enum lexeme scan_quoted(struct gb_span text, size_t *ref_at)
{
	size_t at = *ref_at, marker = at;

	/*!re2c
	inner = [^`$'"\\(){}\n];
	$ { TAKE(LEX_END); }
	(inner | escape)+ { TAKE(LEX_TEXT); }
	"\\\n" | "\\" | "$" | "{" { TAKE(LEX_TEXT); }
	"\n" { TAKE(LEX_NEWLINE); }
	"(" { TAKE(LEX_LEFT); }
	")" | "}" { TAKE(LEX_RIGHT); }
	"'" { TAKE(LEX_SINGLE); }
	"\"" { TAKE(LEX_DOUBLE); }
	"`" { TAKE(LEX_BACKTICK); }
	"$(" { TAKE(LEX_SUBSTITUTION); }
	"$((" { TAKE(LEX_ARITHMETIC); }
	"${" { TAKE(LEX_PARAMETER); }
	"$" (name | special) { TAKE(LEX_EXPANSION); }
	*/
#undef TAKE
}

/* Length of `NAME=`, `NAME+=` or `NAME[…]=` at the start of WORD, or 0. */
static size_t assignment_length(struct gb_span word)
{
	size_t at = 0;

	while (at < word.n && (gb_ascii_is_alpha(word.p[at]) || word.p[at] == '_' || (at > 0 && gb_ascii_is_digit(word.p[at]))))
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

struct reserved {
	const char *name;
	bool wants_command; /* behind it */
};

static const struct reserved reserved_words[] = {
	{"if", true}, {"then", true}, {"else", true}, {"elif", true}, {"fi", false}, {"do", true}, {"done", false},
	{"while", true}, {"until", true}, {"!", true}, {"{", true}, {"}", false}, {"time", true}, {"coproc", true},
	{"for", false}, {"select", false}, {"case", false}, {"esac", false}, {"in", false}, {"function", false},
};

static const struct reserved *reserved_of(struct gb_span word)
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
	return reserved_of(word) != NULL;
}

static bool is_word_end(struct gb_span text, size_t at)
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

/* The word being read, if any, ended before AT. */
static void word_end(struct gb_shell_lexer *lexer, size_t at)
{
	struct gb_shell_frame *frame = frame_of(lexer);

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

/* Called before each piece of a word: starts one if none is being read, and gives the token its flags. */
static void word_piece(struct gb_shell_lexer *lexer, struct gb_shell_token *token)
{
	struct gb_shell_frame *frame = frame_of(lexer);

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

static void push(struct gb_shell_lexer *lexer, enum mode mode, size_t opened_at)
{
	bool in_double = frame_of(lexer)->mode == MODE_DOUBLE || frame_of(lexer)->in_double;

	if (lexer->depth == GB_SHELL_DEPTH_MAX - 1) {
		lexer->is_limited = true;
		return;
	}
	lexer->depth++;
	if (mode == MODE_BACKTICK)
		lexer->has_backtick = true;
	*frame_of(lexer) = (struct gb_shell_frame){
		.mode = (uint8_t)mode,
		.wants_command = mode < MODE_DATA,
		.in_double = in_double && mode == MODE_PARAMETER,
		.opened_at = opened_at,
	};
}

static void close_frame(struct gb_shell_lexer *lexer, struct gb_shell_token *token, enum gb_shell_kind kind)
{
	token->kind = kind;
	token->opener = frame_of(lexer)->opened_at;
	if (frame_of(lexer)->mode == MODE_BACKTICK)
		lexer->has_backtick = false;
	lexer->depth--;
	token->depth = lexer->depth;
}

/* `` ` `` ends the nearest open backtick whatever was left open inside, as the shell cuts that text out first. */
static void backtick(struct gb_shell_lexer *lexer, struct gb_shell_token *token)
{
	if (!lexer->has_backtick) {
		token->kind = GB_SHELL_SUBSTITUTION_OPEN;
		token->flags |= GB_SHELL_TO_COMMAND;
		word_piece(lexer, token);
		push(lexer, MODE_BACKTICK, token->offset);
		return;
	}
	while (frame_of(lexer)->mode != MODE_BACKTICK)
		lexer->depth--;
	close_frame(lexer, token, GB_SHELL_SUBSTITUTION_CLOSE);
}

static void open_quote(struct gb_shell_lexer *lexer, struct gb_shell_token *token, enum mode mode)
{
	token->kind = GB_SHELL_QUOTE_OPEN;
	word_piece(lexer, token);
	push(lexer, mode, token->offset);
}

/* The lexemes that mean the same everywhere but in single quotes. False for others. */
static bool take_expansion(struct gb_shell_lexer *lexer, struct gb_shell_token *token, enum lexeme lexeme)
{
	enum mode mode;

	if (lexeme == LEX_BACKTICK) {
		backtick(lexer, token);
		return true;
	}
	if (lexeme == LEX_EXPANSION) {
		token->kind = GB_SHELL_EXPANSION;
		word_piece(lexer, token);
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
	word_piece(lexer, token);
	push(lexer, mode, token->offset);
	return true;
}

static void cut_token(struct gb_shell_lexer *lexer, struct gb_shell_token *token, size_t length)
{
	token->length = length;
	lexer->at = token->offset + length;
}

static void take_text(struct gb_shell_lexer *lexer, struct gb_shell_token *token)
{
	struct gb_shell_frame *frame = frame_of(lexer);
	struct gb_span piece = gb_span_sub(lexer->text, token->offset, token->length);

	token->kind = GB_SHELL_TEXT;
	if (frame->word == WORD_NONE && frame->wants_command && !frame->wants_target) {
		const struct reserved *reserved = is_word_end(lexer->text, lexer->at) ? reserved_of(piece) : NULL;
		size_t assignment = assignment_length(piece);

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
	word_piece(lexer, token);
}

static void take_heredoc(struct gb_shell_lexer *lexer, struct gb_shell_token *token, bool strips_tabs)
{
	token->kind = GB_SHELL_REDIRECTION;
	frame_of(lexer)->wants_target = true;
	if (lexer->heredoc_count == GB_SHELL_HEREDOCS_MAX) {
		lexer->is_limited = true;
		return;
	}
	lexer->heredocs[lexer->heredoc_count++] = (struct gb_shell_heredoc){.strips_tabs = strips_tabs};
	lexer->reads_delimiter = true;
}

static void take_separator(struct gb_shell_lexer *lexer, struct gb_shell_token *token)
{
	struct gb_shell_frame *frame = frame_of(lexer);

	token->kind = GB_SHELL_OPERATOR;
	token->flags |= GB_SHELL_TO_COMMAND;
	frame->wants_command = true;
	frame->wants_target = false;
	frame->has_command = false;
}

static void take_newline(struct gb_shell_lexer *lexer, struct gb_shell_token *token)
{
	if (frame_of(lexer)->mode == MODE_DATA) {
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
		push(lexer, MODE_HEREDOC, token->offset);
	if (frame_of(lexer)->mode != MODE_HEREDOC)
		lexer->heredoc_count = 0;
}

/* ( begins a subshell where a command may stand, an array behind NAME=, and is an error anywhere else: then no shell
 * runs what is inside. */
static void take_left(struct gb_shell_lexer *lexer, struct gb_shell_token *token)
{
	struct gb_shell_frame *frame = frame_of(lexer);
	bool is_subshell = frame->word == WORD_NONE && frame->wants_command && !frame->wants_target;

	token->kind = GB_SHELL_OPERATOR;
	if (is_subshell) {
		token->flags |= GB_SHELL_TO_COMMAND;
		frame->wants_command = false;
		frame->has_command = false;
	} else if (frame->word != WORD_ASSIGNMENT) {
		word_end(lexer, token->offset);
	}
	push(lexer, is_subshell ? MODE_SUBSHELL : MODE_DATA, token->offset);
}

static void take_right(struct gb_shell_lexer *lexer, struct gb_shell_token *token)
{
	struct gb_shell_frame *frame = frame_of(lexer);

	word_end(lexer, token->offset);
	token->kind = GB_SHELL_OPERATOR;
	if (frame->mode == MODE_SUBSTITUTION) {
		close_frame(lexer, token, GB_SHELL_SUBSTITUTION_CLOSE);
	} else if (frame->mode == MODE_SUBSHELL || frame->mode == MODE_DATA) {
		close_frame(lexer, token, GB_SHELL_OPERATOR);
	} else {
		/* The pattern of a `case` branch: commands follow. */
		token->flags |= GB_SHELL_TO_COMMAND;
		frame->wants_command = true;
	}
}

static void next_plain(struct gb_shell_lexer *lexer, struct gb_shell_token *token)
{
	struct gb_shell_frame *frame = frame_of(lexer);
	enum lexeme lexeme;

	lexeme = scan_plain(lexer->text, &lexer->at);
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
		word_end(lexer, token->offset);
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
	case LEX_SINGLE: open_quote(lexer, token, MODE_SINGLE); return;
	case LEX_ANSI: open_quote(lexer, token, MODE_ANSI); return;
	case LEX_DOUBLE:
	case LEX_LOCALE: open_quote(lexer, token, MODE_DOUBLE); return;
	case LEX_BACKTICK:
	case LEX_SUBSTITUTION:
	case LEX_PROCESS:
	case LEX_ARITHMETIC:
	case LEX_PARAMETER:
	case LEX_EXPANSION: take_expansion(lexer, token, lexeme); return;
	}
}

/* Inside '…' and $'…'. A backtick ends it when one is open around it. */
static void next_single(struct gb_shell_lexer *lexer, struct gb_shell_token *token)
{
	const unsigned char *p = lexer->text.p;
	size_t at = lexer->at;

	if (p[at] == '\'') {
		lexer->at++;
		close_frame(lexer, token, GB_SHELL_QUOTE_CLOSE);
		return;
	}
	if (p[at] == '`' && lexer->has_backtick) {
		lexer->at++;
		backtick(lexer, token);
		return;
	}
	token->kind = GB_SHELL_QUOTED;
	for (; at < lexer->text.n && p[at] != '\'' && !(p[at] == '`' && lexer->has_backtick); at++)
		if (p[at] == '\\' && frame_of(lexer)->mode == MODE_ANSI && at + 1 < lexer->text.n)
			at++;
	lexer->at = at;
}

static void next_quoted(struct gb_shell_lexer *lexer, struct gb_shell_token *token)
{
	struct gb_shell_frame *frame = frame_of(lexer);
	enum lexeme lexeme = scan_quoted(lexer->text, &lexer->at);
	unsigned char first = lexer->text.p[token->offset];

	if (take_expansion(lexer, token, lexeme))
		return;
	token->kind = frame->mode == MODE_ARITHMETIC ? GB_SHELL_ARITHMETIC : GB_SHELL_QUOTED;
	if (frame->mode == MODE_DOUBLE) {
		if (lexeme == LEX_DOUBLE)
			close_frame(lexer, token, GB_SHELL_QUOTE_CLOSE);
	} else if (frame->mode == MODE_PARAMETER) {
		if (first == '}')
			close_frame(lexer, token, GB_SHELL_SUBSTITUTION_CLOSE);
		else if (lexeme == LEX_DOUBLE)
			open_quote(lexer, token, MODE_DOUBLE);
		else if (lexeme == LEX_SINGLE && !frame->in_double)
			open_quote(lexer, token, MODE_SINGLE);
	} else if (frame->mode == MODE_ARITHMETIC) {
		if (lexeme == LEX_LEFT && frame->parens < UINT16_MAX) {
			frame->parens++;
		} else if (first == ')' && frame->parens > 0) {
			frame->parens--;
		} else if (first == ')') {
			if (lexer->at < lexer->text.n && lexer->text.p[lexer->at] == ')')
				lexer->at++;
			close_frame(lexer, token, GB_SHELL_SUBSTITUTION_CLOSE);
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
			token->opener = frame_of(lexer)->opened_at;
		} else {
			close_frame(lexer, token, GB_SHELL_HEREDOC_CLOSE);
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
	take_expansion(lexer, token, scan_quoted(lexer->text, &lexer->at));
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
	push(lexer, quote == '"' ? MODE_DOUBLE : MODE_SINGLE, SIZE_MAX);
}

bool gb_shell_next(struct gb_shell_lexer *lexer, struct gb_shell_token *ret_token)
{
	struct gb_shell_token token = {.offset = lexer->at, .depth = lexer->depth, .opener = SIZE_MAX};

	if (lexer->at >= lexer->text.n)
		return false;
	switch ((enum mode)frame_of(lexer)->mode) {
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

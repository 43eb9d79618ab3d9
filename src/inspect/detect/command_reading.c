/* SPDX-License-Identifier: Apache-2.0 */
/* Shell text cut into simple commands: what introduced each, what its word is, and what its arguments look like. */
#include "activity/shell.h"
#include "inspect/bytes.h"
#include "inspect/detect/command.h"
#include "inspect/prose.h"

#include <string.h>

#define TOKEN_STEPS 16u

static void begin_simple(struct gb_detect_simple *simple, enum gb_detect_introducer by, size_t from)
{
	*simple = (struct gb_detect_simple){.by = by, .from = from};
}

static struct gb_detect_simple *level(struct gb_detect_reading *reading, unsigned depth)
{
	for (; reading->deepest < depth && reading->deepest + 1 < GB_READING_LEVELS; reading->deepest++)
		begin_simple(&reading->levels[reading->deepest + 1], GB_BY_START, 0);

	return &reading->levels[depth < GB_READING_LEVELS ? depth : GB_READING_LEVELS - 1];
}

static void name_add(struct gb_detect_simple *simple, unsigned char c)
{
	simple->is_name_cut |= simple->name_n == GB_SIMPLE_NAME_MAX;
	if (simple->name_n < GB_SIMPLE_NAME_MAX)
		simple->name[simple->name_n++] = (char)gb_ascii_lower(c);
}

/* A literal piece of the command word. */
static void name_text(struct gb_detect_simple *simple, struct gb_span piece)
{
	if (simple->name_n == 0 && piece.n > 1)
		simple->is_capitalised =
		        piece.p[0] >= 'A' && piece.p[0] <= 'Z' && piece.p[1] >= 'a' && piece.p[1] <= 'z';
	for (size_t i = 0; i < piece.n; i++) {
		unsigned char c = piece.p[i];

		if (c == '\\' && i + 1 < piece.n) {
			simple->has_escapes |= gb_ascii_is_alpha(piece.p[i + 1]) || piece.p[i + 1] == '/';
			simple->is_path |= piece.p[i + 1] == '\\';
			continue;
		}
		if (c == '^' && i + 1 < piece.n && gb_ascii_is_alpha(piece.p[i + 1])) {
			simple->has_escapes = true;
			continue;
		}
		simple->has_upper |= c >= 'A' && c <= 'Z';
		simple->has_glob |= c == '*' || c == '?' || c == '[';
		simple->has_braces |= c == '{' || (simple->has_braces && c == ',');
		simple->is_path |= c == '/';
		name_add(simple, c);
	}
}

/* /x/y ./x ../x ~/x C:\x \\x http://x */
static bool is_rooted(struct gb_span piece)
{
	unsigned char first = piece.p[0], second = piece.n > 1 ? piece.p[1] : 0;

	if (piece.n < 3)
		return false;
	return ((first == '/' || first == '~' || first == '.') &&
	               (second == '/' || second == '.' || gb_ascii_is_alpha(second)) &&
	               gb_bytes_find(piece, '/', 0) != SIZE_MAX) ||
	       (first == '\\' && second == '\\') || (gb_ascii_is_alpha(first) && second == ':' && piece.p[2] == '\\') ||
	       gb_bytes_find_text(piece, GB_SPAN("://"), 1) != SIZE_MAX;
}

/* 12, 4b, 10mm, 3/40, 30%, 99.9: what counts or numbers something; no address, version or path. */
static bool is_amount(struct gb_span piece)
{
	size_t letters = 0, points = 0;

	if (!gb_ascii_is_digit(piece.p[0]))
		return piece.n == 1 && piece.p[0] == '%';
	for (size_t i = 0; i < piece.n; i++) {
		const unsigned char c = piece.p[i];

		letters += gb_ascii_is_alpha(c);
		points += c == '.' || c == ',';
		if (!gb_ascii_is_alpha(c) && !gb_ascii_is_digit(c) && c != '/' && c != '%' && c != '.' && c != ',')
			return false;
	}
	return letters + points == 0 || (letters == 0 && points == 1) || (points == 0 && piece.n <= 4);
}

static void argument_text(struct gb_detect_simple *simple, struct gb_span piece, bool is_start)
{
	size_t letters = 0, digits = 0, slashes = 0, beyond = 0;
	unsigned char first = piece.p[0], last = piece.p[piece.n - 1];

	for (size_t i = 0; i < piece.n; i++) {
		letters += gb_ascii_is_alpha(piece.p[i]);
		digits += gb_ascii_is_digit(piece.p[i]);
		slashes += piece.p[i] == '/' || piece.p[i] == '%' ||
		           (piece.p[i] == '\\' && i > 0 && piece.p[i - 1] == ':');
		beyond += piece.p[i] >= 0x80;
	}
	if (!is_start) {
		simple->paths += slashes > 0 && simple->paths == 0;
		return;
	}
	if (simple->words == 1 && simple->is_variable && gb_detect_command_name(piece) >= GB_NAME_COMMAND)
		simple->runs_argument = true;
	if (first == '-' && piece.n > 1 && letters + digits > 0 && letters + digits + 4 >= piece.n - 1) {
		simple->options++;
		simple->switches += gb_ascii_is_alpha(piece.p[1]) ||
		                    (piece.n > 3 && piece.p[1] == '-' && gb_ascii_is_alpha(piece.p[2]));
	} else if (is_amount(piece)) {
		simple->numbers++;
	} else if (slashes > 0 || (piece.n == 2 && letters == 1 && last == ':')) {
		simple->paths++;
		simple->rooted += is_rooted(piece);
		simple->switches += piece.n == 2 && first == '/' && letters == 1;
	} else if (letters == piece.n && letters > 1) {
		simple->plain++;
		simple->glue += gb_prose_is_glue(piece);
	}
	if ((beyond > 0 && first != '-') ||
	        (letters > 1 && (last == ',' || last == '.' || last == '!' || last == '?' || last == ':')))
		simple->prose++;
}

static bool is_field_separator(struct gb_span expansion)
{
	return gb_span_starts(expansion, GB_SPAN("$IFS")) || gb_span_starts(expansion, GB_SPAN("IFS"));
}

static void take_word_token(
        struct gb_detect_reading *reading, struct gb_detect_simple *simple, const struct gb_shell_token *token)
{
	struct gb_span piece = gb_span_sub(reading->text, token->offset, token->length);
	bool is_start = (token->flags & GB_SHELL_WORD_START) != 0;

	simple->end = token->offset + token->length;
	if ((token->flags & GB_SHELL_COMMAND_WORD) != 0) {
		if (is_start) {
			simple->has_word = true;
			simple->name_at = token->offset;
			simple->is_variable = token->kind == GB_SHELL_EXPANSION && token->length > 1;
		} else {
			simple->is_variable = false;
		}
		simple->pieces++;
		if (token->kind == GB_SHELL_TEXT) {
			name_text(simple, piece);
		} else if (token->kind == GB_SHELL_QUOTE_OPEN) {
			simple->has_quotes = true;
			reading->in_quoted_name = true;
			reading->quoted_name_depth = token->depth + 1u;
		} else {
			simple->has_expansion = true;
		}
		return;
	}
	if ((token->flags & GB_SHELL_TARGET_WORD) != 0)
		return;
	if (is_start)
		simple->words++;
	if (token->kind == GB_SHELL_TEXT)
		argument_text(simple, piece, is_start);
	else if (token->kind == GB_SHELL_QUOTE_OPEN)
		simple->quoted += is_start;
	else
		simple->expansions++;
}

static enum gb_detect_introducer introducer_of(
        const struct gb_detect_reading *reading, const struct gb_shell_token *token)
{
	const unsigned char *p = reading->text.p + token->offset;

	switch (p[0]) {
	case ';': return GB_BY_SEMICOLON;
	case '&': return token->length > 1 ? GB_BY_AND : GB_BY_AMPERSAND;
	case '|': return token->length > 1 && p[1] == '|' ? GB_BY_OR : GB_BY_PIPE;
	case '\n': return GB_BY_NEWLINE;
	case '`': return GB_BY_BACKTICK;
	case '$': return GB_BY_DOLLAR;
	case '<':
	case '>': return GB_BY_PROCESS;
	default: return GB_BY_START;
	}
}

/* A function is defined where a { follows; `f()` inside its own body is a call that misses the point, still a bomb. */
static void note_function(struct gb_detect_reading *reading, const struct gb_detect_simple *simple)
{
	struct gb_span name = gb_span_sub(reading->text, simple->name_at, simple->end - simple->name_at);

	if (reading->function.n != 0 && gb_span_equal(name, reading->function)) {
		reading->self_calls++;
		return;
	}
	if (simple->has_word && simple->words == 0 && simple->pieces == 1)
		reading->defined = name;
}

/* ; & && || | newline ( ) and the () of a function. True when the command it ends convicts. */
static bool take_operator(
        struct gb_detect_reading *reading, struct gb_detect_simple *simple, const struct gb_shell_token *token)
{
	struct gb_span piece = gb_span_sub(reading->text, token->offset, token->length);

	if (piece.p[0] == '(' && piece.n > 1) {
		size_t behind = token->offset + token->length;

		note_function(reading, simple);
		if (behind < reading->text.n && reading->text.p[behind] == '{' && reading->defined.n != 0)
			reading->function = reading->defined;
		begin_simple(simple, simple->by, simple->from);
		return false;
	}
	if (piece.p[0] == '(') {
		reading->is_torn |= simple->has_word && token->offset + 2 < reading->text.n &&
		                    gb_bytes_find(gb_span_sub(reading->text, token->offset + 1, 2), ')', 0) == SIZE_MAX;
		if ((token->flags & GB_SHELL_TO_COMMAND) != 0)
			begin_simple(level(reading, token->depth + 1u), simple->by, simple->from);
		return false;
	}
	if (piece.p[0] == ')') {
		/* The closer has its opener's level; the commands inside were one deeper. */
		if (token->opener != SIZE_MAX && gb_detect_judge(reading, level(reading, token->depth + 1u)))
			return true;
		begin_simple(level(reading, token->depth + 1u), GB_BY_START, token->offset);
		return false;
	}
	simple->is_ended = piece.p[0] != '\n';
	simple->ended_at = token->offset;
	if (gb_detect_judge(reading, simple))
		return true;
	begin_simple(simple, introducer_of(reading, token), token->offset);
	return false;
}

/* if … then … fi, while … do … done, case … esac: whole, and nothing but an operator behind it. */
static bool take_keyword(struct gb_detect_reading *reading, const struct gb_shell_token *token)
{
	static const struct {
		const char *name;
		unsigned sets, needs; /* bits; NEEDS: what has been seen before a word that closes */
	} keywords[] = {{"then", 1, 0}, {"do", 2, 0}, {"case", 4, 0}, {"fi", 0, 1}, {"done", 0, 2}, {"esac", 0, 4}};
	struct gb_span text = reading->text, word = gb_span_sub(text, token->offset, token->length);
	size_t behind = token->offset + token->length;

	while (behind < text.n && gb_ascii_is_space(text.p[behind]))
		behind++;
	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++) {
		if (!gb_span_equal(word, gb_span_cstr(keywords[i].name)))
			continue;
		reading->keywords |= keywords[i].sets;
		if (keywords[i].needs == 0 || (reading->keywords & keywords[i].needs) == 0)
			return false;
		/* As the whole of the text it is a snippet. */
		return !reading->is_script && !reading->is_torn &&
		       (behind == text.n || gb_bytes_find(GB_SPAN(";|&<>#\"'`)}"), text.p[behind], 0) != SIZE_MAX) &&
		       !gb_detect_is_long(reading) &&
		       gb_detect_convict(reading, "shell_compound", token->offset, behind);
	}
	return false;
}

/* An expansion that is written in shells only. */
static bool take_expansion(struct gb_detect_reading *reading, const struct gb_shell_token *token)
{
	size_t length = gb_detect_shell_expansion(reading->text, token->offset);

	return length != 0 && !gb_detect_is_long(reading) &&
	       gb_detect_convict(reading, "shell_expansion", token->offset, token->offset + length);
}

/* `x > 5`: blanks around the sign, and a number behind it that is a word. */
static bool is_comparison(struct gb_span text, const struct gb_shell_token *token)
{
	size_t at = token->offset + token->length, start;

	if (token->length != 1 || token->offset == 0 || text.p[token->offset - 1] != ' ' || at >= text.n ||
	        text.p[at] != ' ')
		return false;
	for (start = ++at; at < text.n && gb_ascii_is_digit(text.p[at]);)
		at++;
	return at > start && (at == text.n || gb_ascii_is_space(text.p[at]));
}

/* True when the token completed a command that convicts. */
static bool take_token(struct gb_detect_reading *reading, const struct gb_shell_token *token)
{
	struct gb_detect_simple *simple = level(reading, token->depth);
	struct gb_span piece = gb_span_sub(reading->text, token->offset, token->length);

	switch (token->kind) {
	case GB_SHELL_OPERATOR: return take_operator(reading, simple, token);
	case GB_SHELL_SUBSTITUTION_OPEN:
		if (take_expansion(reading, token))
			return true;
		take_word_token(reading, simple, token);
		if ((token->flags & GB_SHELL_TO_COMMAND) != 0)
			begin_simple(level(reading, token->depth + 1u), introducer_of(reading, token), token->offset);
		else if (is_field_separator(gb_span_sub(reading->text, token->offset + 2, 3)) &&
		         !gb_detect_is_long(reading))
			return gb_detect_convict(reading, "shell_field_separator", token->offset, token->offset + 6);
		return false;
	case GB_SHELL_SUBSTITUTION_CLOSE: {
		struct gb_detect_simple *inner = level(reading, token->depth + 1u);
		bool is_found = piece.p[0] != '}' && inner->by != GB_BY_START && gb_detect_judge(reading, inner);

		begin_simple(inner, GB_BY_START, token->offset);
		return is_found;
	}
	case GB_SHELL_EXPANSION:
		if (is_field_separator(piece) && !gb_detect_is_long(reading))
			return gb_detect_convict(
			        reading, "shell_field_separator", token->offset, token->offset + token->length);
		take_word_token(reading, simple, token);
		return false;
	case GB_SHELL_QUOTE_OPEN:
		if (take_expansion(reading, token))
			return true;
		take_word_token(reading, simple, token);
		return false;
	case GB_SHELL_TEXT: take_word_token(reading, simple, token); return false;
	case GB_SHELL_QUOTED:
		if (reading->in_quoted_name && token->depth == reading->quoted_name_depth)
			name_text(level(reading, token->depth - 1u), piece);
		return false;
	case GB_SHELL_QUOTE_CLOSE:
		if (token->opener == SIZE_MAX)
			begin_simple(simple, GB_BY_START, token->offset);
		reading->in_quoted_name = false;
		return false;
	case GB_SHELL_REDIRECTION:
		/* -> and => are other languages', and x > 5 compares. */
		if ((token->offset == 0 ||
		            (reading->text.p[token->offset - 1] != '-' && reading->text.p[token->offset - 1] != '=')) &&
		        !is_comparison(reading->text, token))
			simple->redirections++;
		simple->end = token->offset + token->length;
		return false;
	case GB_SHELL_ASSIGNMENT: reading->has_assignment = true; return false;
	case GB_SHELL_RESERVED:
		if (piece.p[0] == '{' && reading->defined.n != 0)
			reading->function = reading->defined;
		reading->defined = GB_SPAN_EMPTY;
		return take_keyword(reading, token);
	case GB_SHELL_END:
	case GB_SHELL_BLANK:
	case GB_SHELL_CONTINUATION:
	case GB_SHELL_ARITHMETIC:
	case GB_SHELL_HEREDOC:
	case GB_SHELL_HEREDOC_CLOSE:
	case GB_SHELL_COMMENT:
	case _GB_SHELL_KIND_MAX: break;
	}
	return false;
}

/* QUOTE: the quote that the text is supposed to lie in, or 0. */
bool gb_detect_read(struct gb_detect_reading *reading, unsigned char quote)
{
	/* gb_shell_start() sets what is read; frames when they are entered. */
	__attribute__((uninitialized)) struct gb_shell_lexer lexer;
	struct gb_shell_token token;

	begin_simple(&reading->levels[0], GB_BY_START, 0);
	reading->deepest = 0;

	reading->has_assignment = false;
	reading->is_torn = false;
	reading->in_quoted_name = false;
	reading->defined = GB_SPAN_EMPTY;
	reading->function = GB_SPAN_EMPTY;
	reading->self_calls = 0;
	reading->is_self_joined = false;
	reading->keywords = 0;
	reading->is_script = quote == 0 && gb_detect_is_snippet(reading->text);
	if (quote == 0)
		gb_shell_start(&lexer, reading->text);
	else
		gb_shell_start_quoted(&lexer, reading->text, quote);
	while (gb_shell_next(&lexer, &token)) {
		if (!gb_detect_spend(reading->work, TOKEN_STEPS))
			return false;
		if (take_token(reading, &token))
			return true;
	}
	for (unsigned i = reading->deepest + 1; i > 0; i--)
		if (gb_detect_judge(reading, &reading->levels[i - 1]))
			return true;
	return false;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Command injection: read the text as a shell would, in the three places where it may have been put (bare, inside '…',
 * inside "…"), cut it into simple commands, and judge each by what introduced it, what its word is, and whether its
 * arguments look like arguments or like prose.
 */
#include "activity/shell.h"
#include "base/text.h"
#include "inspect/bytes.h"
#include "inspect/detect/detect.h"
#include "inspect/lex/lex.h"

#define LEVELS               12u
#define NAME_MAX             40u
#define VARIABLE_LOOKUPS_MAX 16u

enum introducer {
	BY_START,
	BY_SEMICOLON,
	BY_AMPERSAND,
	BY_AND,
	BY_OR,
	BY_PIPE,
	BY_NEWLINE,
	BY_DOLLAR, /* $( */
	BY_BACKTICK,
	BY_PROCESS, /* <( */
};

/* One simple command as it is being read. */
struct simple {
	enum introducer by;
	size_t from; /* of what introduced it */
	size_t end;
	size_t name_at;
	char name[NAME_MAX]; /* quotes, escapes and expansions taken out */
	size_t name_n;
	size_t pieces; /* of the command word */
	bool has_word;
	bool is_name_cut;
	bool is_path;
	bool has_quotes;
	bool has_escapes;
	bool has_expansion;
	bool has_glob;
	bool has_braces;
	bool is_variable;    /* the word is one $NAME */
	bool is_capitalised; /* Like the first word of a sentence */
	bool is_ended;       /* an operator stands behind it */
	bool runs_argument;  /* the word is an empty-looking expansion, the first argument a command */
	unsigned words;
	unsigned options;
	unsigned paths;
	unsigned numbers;
	unsigned expansions;
	unsigned redirections;
	unsigned quoted;
	unsigned plain; /* arguments that are mere words */
	unsigned prose; /* words with a comma or full stop behind, or beyond ASCII */
};

struct reading {
	struct gb_span text;
	uint32_t mask;
	unsigned lines;
	unsigned prose_words; /* in all of the text */
	size_t first_alnum;   /* offset; of letters beyond ASCII too */
	size_t first_brace;
	unsigned lookups; /* of variables, so far */
	unsigned pipes;   /* a row of a table has many */
	bool has_assignment;
	bool in_quoted_name;
	unsigned quoted_name_depth;
	struct gb_span defined;  /* name () was read, { not yet */
	struct gb_span function; /* name of the function defined last */
	unsigned self_calls;
	unsigned deepest; /* level in use */

	struct gb_detect_hit *hit;
	struct simple levels[LEVELS]; /* last: begun one by one, never cleared as a whole */
};

static bool convict(struct reading *reading, const char *reason, size_t from, size_t end)
{
	*reading->hit = (struct gb_detect_hit){.reason = reason, .from = from, .length = end > from ? end - from : 1};
	return true;
}

static void begin_simple(struct simple *simple, enum introducer by, size_t from)
{
	*simple = (struct simple){.by = by, .from = from};
}

static struct simple *level(struct reading *reading, unsigned depth)
{
	for (; reading->deepest < depth && reading->deepest + 1 < LEVELS; reading->deepest++)
		begin_simple(&reading->levels[reading->deepest + 1], BY_START, 0);

	return &reading->levels[depth < LEVELS ? depth : LEVELS - 1];
}

static void name_add(struct simple *simple, unsigned char c)
{
	simple->is_name_cut |= simple->name_n == NAME_MAX;
	if (simple->name_n < NAME_MAX)
		simple->name[simple->name_n++] = (char)gb_ascii_lower(c);
}

/* A literal piece of the command word. */
static void name_text(struct simple *simple, struct gb_span piece)
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
		simple->has_glob |= c == '*' || c == '?' || c == '[';
		simple->has_braces |= c == '{' || (simple->has_braces && c == ',');
		simple->is_path |= c == '/';
		name_add(simple, c);
	}
}

static void argument_text(struct simple *simple, struct gb_span piece, bool is_start)
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
	if (first == '-' && piece.n > 1 && letters + digits > 0 && letters + digits + 4 >= piece.n - 1)
		simple->options++;
	else if (slashes > 0 || (piece.n == 2 && letters == 1 && last == ':'))
		simple->paths++;
	else if (digits == piece.n)
		simple->numbers++;
	else if (letters == piece.n && letters > 1)
		simple->plain++;
	if ((beyond > 0 && first != '-') ||
	        (letters > 1 && (last == ',' || last == '.' || last == '!' || last == '?' || last == ':')))
		simple->prose++;
}

static bool is_field_separator(struct gb_span expansion)
{
	return gb_span_starts(expansion, GB_SPAN("$IFS")) || gb_span_starts(expansion, GB_SPAN("IFS"));
}

static void take_word_token(struct reading *reading, struct simple *simple, const struct gb_shell_token *token)
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

/* BASE, or what is left of it without a version (gcc10.1) or a second part (rmt-tar). */
static enum gb_command_name base_kind(struct gb_span base)
{
	enum gb_command_name kind = gb_detect_command_name(base);
	struct gb_span stem = base;
	size_t dash = gb_bytes_find(base, '-', 1);

	if (kind != GB_NAME_UNKNOWN)
		return kind;
	if (dash != SIZE_MAX)
		stem = gb_span_sub(base, 0, dash);
	else
		while (stem.n > 1 && (gb_ascii_is_digit(stem.p[stem.n - 1]) || stem.p[stem.n - 1] == '.'))
			stem.n--;
	kind = stem.n < base.n ? gb_detect_command_name(stem) : GB_NAME_UNKNOWN;
	return kind >= GB_NAME_COMMAND ? GB_NAME_COMMAND : GB_NAME_UNKNOWN;
}

/* What the command word names, however it is written. */
static enum gb_command_name name_kind(const struct simple *simple)
{
	struct gb_span name = gb_span_of(simple->name, simple->name_n);
	struct gb_span base;
	enum gb_command_name kind;

	if (simple->has_braces && name.n > 1 && name.p[0] == '{') {
		size_t comma = gb_bytes_find(name, ',', 0);

		if (comma != SIZE_MAX)
			name = gb_span_sub(name, 1, comma - 1);
	}
	while (name.n != 0 && (name.p[0] == '@' || name.p[0] == '+'))
		name = gb_span_sub(name, 1, name.n);
	if (simple->is_name_cut || gb_bytes_find_text(name, GB_SPAN("://"), 0) != SIZE_MAX)
		return GB_NAME_UNKNOWN;
	base = gb_span_basename(name);
	if (gb_span_ends(base, GB_SPAN(".exe")) || gb_span_ends(base, GB_SPAN(".com")))
		base.n -= 4;
	kind = simple->has_expansion ? gb_detect_command_name(base) : base_kind(base);
	if (simple->is_path && kind != GB_NAME_UNKNOWN)
		return GB_NAME_CERTAIN;
	if (simple->is_path && gb_bytes_find_text(name, GB_SPAN("bin/"), 0) != SIZE_MAX)
		return GB_NAME_COMMAND;
	return kind;
}

/* Ways to write a command word that nobody uses but to hide it. */
static bool is_disguised(const struct simple *simple, enum gb_command_name kind)
{
	if (kind == GB_NAME_UNKNOWN)
		return simple->has_glob && simple->is_path && simple->name_n > 4;
	return (simple->has_quotes && simple->pieces > 1) || simple->has_escapes || simple->has_braces ||
	       (simple->has_glob && simple->is_path) || (simple->has_expansion && simple->name_n > 1);
}

static unsigned evidence(const struct simple *simple)
{
	return simple->options + simple->paths + simple->expansions + simple->redirections;
}

/* No letters or digits stand in front of what introduced the command: the text begins by breaking out. */
static bool is_first_thing(const struct reading *reading, const struct simple *simple)
{
	return simple->from <= reading->first_alnum;
}

static bool is_long(const struct reading *reading)
{
	return reading->prose_words > 24 || (reading->lines > 6 && reading->prose_words > 10);
}

/* `code` in prose: blanks or punctuation around it, and words. */
static bool is_inline_code(const struct reading *reading, const struct simple *simple)
{
	size_t before = simple->from, after = simple->end + 1;
	bool is_open = before == 0 || reading->text.p[before - 1] == '`' ||
	               gb_ascii_is_space(reading->text.p[before - 1]) || reading->text.p[before - 1] == '(' ||
	               reading->text.p[before - 1] == '"';
	unsigned char next = after < reading->text.n ? reading->text.p[after] : ' ';

	return is_open && reading->prose_words >= 3 && !gb_ascii_is_alpha(next) && next != '/';
}

static bool judge_substitution(struct reading *reading, const struct simple *simple, enum gb_command_name kind)
{
	if (simple->by == BY_BACKTICK && (is_inline_code(reading, simple) || reading->lines > 6))
		return false;
	if (is_disguised(simple, kind))
		return convict(reading, "shell_substitution_disguised", simple->from, simple->end);
	if (kind >= GB_NAME_COMMAND && simple->prose == 0 && !(is_long(reading) && evidence(simple) == 0))
		return convict(reading, "shell_substitution_command", simple->from, simple->end);
	if (kind == GB_NAME_WORD &&
	        (simple->words == 0 || evidence(simple) > 0 || (simple->words == 1 && reading->prose_words <= 2)) &&
	        !is_long(reading))
		return convict(reading, "shell_substitution_command", simple->from, simple->end);
	if (!simple->has_word && simple->redirections > 0)
		return convict(reading, "shell_substitution_file", simple->from, simple->end);
	if (simple->has_word && simple->name_n == 0 && simple->has_expansion && simple->by != BY_PROCESS)
		return convict(reading, "shell_substitution_nested", simple->from, simple->end);
	return simple->options > 0 && simple->plain == 0 && simple->has_word && !is_long(reading) &&
	       simple->by != BY_BACKTICK && convict(reading, "shell_substitution_command", simple->from, simple->end);
}

/* Whether the text says NAME= before it uses $NAME. */
static bool is_set_before(struct reading *reading, const struct simple *simple)
{
	struct gb_span name = gb_span_sub(reading->text, simple->name_at + 1, simple->end - simple->name_at - 1);
	struct gb_span before = gb_span_sub(reading->text, 0, simple->from);
	size_t at;

	/* Each look-up reads the text: a text of nothing but variables must not make that quadratic. */
	if (!simple->is_variable || name.n >= 32 || reading->lookups++ >= VARIABLE_LOOKUPS_MAX)
		return false;
	at = gb_bytes_find_text(before, name, 0);

	return at != SIZE_MAX && at + name.n < before.n && before.p[at + name.n] == '=';
}

static bool judge_separated(struct reading *reading, const struct simple *simple, enum gb_command_name kind)
{
	const bool is_first = is_first_thing(reading, simple);
	const bool is_tight = simple->name_at > 0 && !gb_ascii_is_space(reading->text.p[simple->name_at - 1]);
	const bool is_short = reading->prose_words <= 4;
	const unsigned plain_max = is_first ? 4 : 2;
	const unsigned proof = evidence(simple) + (is_first ? simple->quoted : 0);

	if ((simple->prose > 0 && !is_first) || (simple->is_capitalised && proof == 0))
		return false;
	if (simple->by == BY_PIPE && kind < GB_NAME_CERTAIN && simple->words == 0 && !is_tight && reading->pipes >= 3)
		return false;
	if (is_disguised(simple, kind) && !is_long(reading))
		return convict(reading, "shell_separator_disguised", simple->from, simple->end);
	if (is_long(reading) && (reading->lines > 8 || kind < GB_NAME_COMMAND || proof == 0 || simple->plain > 0))
		return false;
	if (kind == GB_NAME_CERTAIN && (proof > 0 || simple->words <= 1 || is_first) && simple->plain <= 4)
		return convict(reading, "shell_separator_command", simple->from, simple->end);
	if (kind == GB_NAME_COMMAND &&
	        ((proof > 0 && simple->plain <= 4) || ((is_first || is_tight || is_short) && simple->plain <= 3)))
		return convict(reading, "shell_separator_command", simple->from, simple->end);
	if (kind == GB_NAME_WORD && proof > 0 && simple->plain <= plain_max && (is_first || is_tight || is_short))
		return convict(reading, "shell_separator_command", simple->from, simple->end);
	if (kind == GB_NAME_WORD && is_first && simple->plain <= 1 && reading->prose_words <= 3)
		return convict(reading, "shell_separator_command", simple->from, simple->end);
	if (simple->has_expansion && simple->name_n == 0 &&
	        (reading->has_assignment || simple->runs_argument || is_set_before(reading, simple)))
		return convict(reading, "shell_variable_command", simple->from, simple->end);
	if (simple->has_expansion && simple->name_n > 0 && is_tight && simple->expansions + simple->paths > 0)
		return convict(reading, "shell_separator_disguised", simple->from, simple->end);
	return kind == GB_NAME_UNKNOWN && simple->has_word && simple->options > 0 && is_first && simple->plain <= 3 &&
	       simple->name_n > 1 && convict(reading, "shell_separator_option", simple->from, simple->end);
}

static bool judge_newline(struct reading *reading, const struct simple *simple, enum gb_command_name kind)
{
	if (is_first_thing(reading, simple)) {
		/* Markup and queries open a brace, then begin a line: { \n id \n }. */
		if (reading->first_brace < simple->from)
			return false;
		return judge_separated(reading, simple, kind);
	}
	if (reading->lines > 4 || kind < GB_NAME_COMMAND || simple->plain > 0 || simple->prose > 0)
		return false;
	if (evidence(simple) == 0 && (simple->words > 0 || reading->prose_words > 3))
		return false;
	return convict(reading, "shell_newline_command", simple->from, simple->end);
}

/* Nothing introduced it: the whole text would have to be the command. Only what no plain text looks like. */
static bool judge_start(struct reading *reading, const struct simple *simple, enum gb_command_name kind)
{
	if (simple->has_braces && kind != GB_NAME_UNKNOWN && simple->name[0] == '{' && simple->words == 0)
		return convict(reading, "shell_brace_command", simple->from, simple->end);
	if (is_long(reading))
		return false;
	if (simple->is_variable && simple->redirections > 0)
		return convict(reading, "shell_variable_command", simple->from, simple->end);
	if (simple->is_path && simple->name[0] == '/' && simple->options > 0 && kind >= GB_NAME_COMMAND &&
	        simple->prose == 0)
		return convict(reading, "shell_program_command", simple->from, simple->end);
	if (kind != GB_NAME_UNKNOWN && is_disguised(simple, kind) && simple->is_path && simple->options > 0)
		return convict(reading, "shell_disguised_command", simple->from, simple->end);
	if (kind == GB_NAME_UNKNOWN)
		return false;
	if (simple->is_ended &&
	        ((kind == GB_NAME_CERTAIN && simple->words == 0) ||
	                (kind >= GB_NAME_COMMAND && evidence(simple) > 0)) &&
	        simple->plain <= 1 && simple->prose == 0 && !simple->is_capitalised)
		return convict(reading, "shell_command_list", simple->from, simple->end);
	if (simple->has_quotes && kind >= GB_NAME_COMMAND &&
	        (simple->pieces > 2 || (simple->pieces > 1 && evidence(simple) > 0)))
		return convict(reading, "shell_disguised_command", simple->from, simple->end);
	if (simple->has_escapes && kind >= GB_NAME_COMMAND && evidence(simple) > 0)
		return convict(reading, "shell_disguised_command", simple->from, simple->end);
	return simple->has_expansion && simple->name_n > 1 && kind >= GB_NAME_COMMAND &&
	       convict(reading, "shell_disguised_command", simple->from, simple->end);
}

static bool finish_simple(struct reading *reading, struct simple *simple)
{
	enum gb_command_name kind;
	struct gb_span name = gb_span_of(simple->name, simple->name_n);

	if (!simple->has_word && simple->redirections == 0)
		return false;
	kind = name_kind(simple);
	if (reading->function.n != 0 && simple->name_n != 0 && gb_span_equal_nocase(name, reading->function) &&
	        ++reading->self_calls >= 2)
		return convict(reading, "shell_fork_bomb", 0, simple->end);
	switch (simple->by) {
	case BY_START: return judge_start(reading, simple, kind);
	case BY_NEWLINE: return judge_newline(reading, simple, kind);
	case BY_SEMICOLON:
	case BY_AMPERSAND:
	case BY_AND:
	case BY_OR:
	case BY_PIPE: return judge_separated(reading, simple, kind);
	case BY_DOLLAR:
	case BY_BACKTICK:
	case BY_PROCESS: return judge_substitution(reading, simple, kind);
	}
	return false;
}

static enum introducer introducer_of(const struct reading *reading, const struct gb_shell_token *token)
{
	const unsigned char *p = reading->text.p + token->offset;

	switch (p[0]) {
	case ';': return BY_SEMICOLON;
	case '&': return token->length > 1 ? BY_AND : BY_AMPERSAND;
	case '|': return token->length > 1 && p[1] == '|' ? BY_OR : BY_PIPE;
	case '\n': return BY_NEWLINE;
	case '`': return BY_BACKTICK;
	case '$': return BY_DOLLAR;
	case '<':
	case '>': return BY_PROCESS;
	default: return BY_START;
	}
}

/* A function is defined where a { follows; `f()` inside its own body is a call that misses the point, still a bomb. */
static void note_function(struct reading *reading, const struct simple *simple)
{
	struct gb_span name = gb_span_sub(reading->text, simple->name_at, simple->end - simple->name_at);

	if (reading->function.n != 0 && gb_span_equal(name, reading->function)) {
		reading->self_calls++;
		return;
	}
	if (simple->has_word && simple->words == 0 && simple->pieces == 1)
		reading->defined = name;
}

/* True when the token completed a command that convicts. */
static bool take_token(struct reading *reading, const struct gb_shell_token *token)
{
	struct simple *simple = level(reading, token->depth);
	struct gb_span piece = gb_span_sub(reading->text, token->offset, token->length);

	switch (token->kind) {
	case GB_SHELL_OPERATOR:
		if (piece.p[0] == '(' && piece.n > 1) {
			size_t behind = token->offset + token->length;

			note_function(reading, simple);
			if (behind < reading->text.n && reading->text.p[behind] == '{' && reading->defined.n != 0)
				reading->function = reading->defined;
			begin_simple(simple, simple->by, simple->from);
			return false;
		}
		if (piece.p[0] == '(') {
			if ((token->flags & GB_SHELL_TO_COMMAND) != 0)
				begin_simple(level(reading, token->depth + 1u), simple->by, simple->from);
			return false;
		}
		if (piece.p[0] == ')') {
			/* The closer has its opener's level; the commands inside were one deeper. */
			if (token->opener != SIZE_MAX && finish_simple(reading, level(reading, token->depth + 1u)))
				return true;
			begin_simple(level(reading, token->depth + 1u), BY_START, token->offset);
			return false;
		}
		simple->is_ended = piece.p[0] != '\n';
		if (finish_simple(reading, simple))
			return true;
		begin_simple(simple, introducer_of(reading, token), token->offset);
		return false;
	case GB_SHELL_SUBSTITUTION_OPEN:
		take_word_token(reading, simple, token);
		if ((token->flags & GB_SHELL_TO_COMMAND) != 0)
			begin_simple(level(reading, token->depth + 1u), introducer_of(reading, token), token->offset);
		else if (is_field_separator(gb_span_sub(reading->text, token->offset + 2, 3)) && !is_long(reading))
			return convict(reading, "shell_field_separator", token->offset, token->offset + 6);
		return false;
	case GB_SHELL_SUBSTITUTION_CLOSE: {
		struct simple *inner = level(reading, token->depth + 1u);
		bool is_found = piece.p[0] != '}' && inner->by >= BY_DOLLAR && finish_simple(reading, inner);

		begin_simple(inner, BY_START, token->offset);
		return is_found;
	}
	case GB_SHELL_EXPANSION:
		if (is_field_separator(piece) && !is_long(reading))
			return convict(reading, "shell_field_separator", token->offset, token->offset + token->length);
		take_word_token(reading, simple, token);
		return false;
	case GB_SHELL_TEXT:
	case GB_SHELL_QUOTE_OPEN: take_word_token(reading, simple, token); return false;
	case GB_SHELL_QUOTED:
		if (reading->in_quoted_name && token->depth == reading->quoted_name_depth)
			name_text(level(reading, token->depth - 1u), piece);
		return false;
	case GB_SHELL_QUOTE_CLOSE:
		if (token->opener == SIZE_MAX)
			begin_simple(simple, BY_START, token->offset);
		reading->in_quoted_name = false;
		return false;
	case GB_SHELL_REDIRECTION:
		simple->redirections++;
		simple->end = token->offset + token->length;
		return false;
	case GB_SHELL_ASSIGNMENT: reading->has_assignment = true; return false;
	case GB_SHELL_RESERVED:
		if (piece.p[0] == '{' && reading->defined.n != 0)
			reading->function = reading->defined;
		reading->defined = GB_SPAN_EMPTY;
		return false;
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
static bool read_as(struct reading *reading, unsigned char quote)
{
	struct gb_shell_lexer lexer;
	struct gb_shell_token token;

	begin_simple(&reading->levels[0], BY_START, 0);
	reading->deepest = 0;

	reading->has_assignment = false;
	reading->in_quoted_name = false;
	reading->defined = GB_SPAN_EMPTY;
	reading->function = GB_SPAN_EMPTY;
	reading->self_calls = 0;
	if (quote == 0)
		gb_shell_start(&lexer, reading->text);
	else
		gb_shell_start_quoted(&lexer, reading->text, quote);
	while (gb_shell_next(&lexer, &token))
		if (take_token(reading, &token))
			return true;
	for (unsigned i = reading->deepest + 1; i > 0; i--)
		if (finish_simple(reading, &reading->levels[i - 1]))
			return true;
	return false;
}

static void measure_prose(struct reading *reading)
{
	struct gb_span text = reading->text;
	size_t letters = 0, others = 0;

	reading->lines = 1;
	reading->first_alnum = reading->first_brace = SIZE_MAX;
	for (size_t i = 0; i <= text.n; i++) {
		unsigned char c = i < text.n ? text.p[i] : ' ';

		reading->pipes += c == '|';
		if (i < reading->first_alnum && (gb_ascii_is_alpha(c) || gb_ascii_is_digit(c) || c >= 0x80))
			reading->first_alnum = i;
		if (c == '{' && i < reading->first_brace)
			reading->first_brace = i;
		if (gb_ascii_is_alpha(c) || c >= 0x80 || c == '\'') {
			letters++;
			continue;
		}
		if (gb_ascii_is_space(c)) {
			reading->prose_words += letters > 1 && others == 0;
			letters = others = 0;
			reading->lines += c == '\n';
			continue;
		}
		others += !(c == ',' || c == '.' || c == '-' || c == '!' || c == '?');
	}
}

/* system("…"), exec('…'): a function of a programming language that runs a command, with one as its argument. */
static bool find_call(struct reading *reading)
{
	static const char *const functions[] = {"system", "exec", "shell_exec", "passthru", "popen", "proc_open",
	        "pcntl_exec", "execsync", "spawn", "spawnsync", "check_output", "eval"};
	struct gb_span text = reading->text;

	for (size_t paren = gb_bytes_find(text, '(', 0); paren != SIZE_MAX;
	        paren = gb_bytes_find(text, '(', paren + 1)) {
		size_t start = paren, at = paren + 1, end;
		char word[NAME_MAX];
		size_t n = 0;
		bool is_function = false;

		while (start > 0 && paren - start < 16 &&
		        (gb_ascii_is_alpha(text.p[start - 1]) || text.p[start - 1] == '_'))
			start--;
		for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
			is_function |= gb_span_equal_nocase(
			        gb_span_sub(text, start, paren - start), gb_span_cstr(functions[i]));
		if (!is_function)
			continue;
		while (at < text.n && (gb_ascii_is_space(text.p[at]) || text.p[at] == '\\'))
			at++;
		if (at >= text.n || (text.p[at] != '\'' && text.p[at] != '"' && text.p[at] != '`'))
			continue;
		at++;
		for (end = at; end < text.n && n < sizeof(word); end++) {
			unsigned char c = gb_ascii_lower(text.p[end]);

			if (c == '/')
				n = 0;
			else if (gb_ascii_is_alpha(c) || gb_ascii_is_digit(c) || c == '_' || c == '-' || c == '.')
				word[n++] = (char)c;
			else
				break;
		}
		if (gb_detect_command_name(gb_span_of(word, n)) != GB_NAME_UNKNOWN)
			return convict(reading, "code_runs_command", start, end);
	}
	return false;
}

static bool find_cmd_construct(struct reading *reading)
{
	struct gb_span text = reading->text;

	for (size_t at = 0; at + 6 < text.n; at++) {
		size_t length = gb_lex_cmd_construct(text, at);

		if (length != 0)
			return convict(reading, "cmd_construct", at, at + length);
	}
	return false;
}

/* cmd /c …, cmd.exe /k …: the shell of Windows with a command behind it. */
static bool find_cmd_shell(struct reading *reading)
{
	struct gb_span text = reading->text;

	if ((reading->mask & GB_BYTE_SLASH) == 0 || is_long(reading))
		return false;
	for (size_t slash = gb_bytes_find(text, '/', 0); slash != SIZE_MAX;
	        slash = gb_bytes_find(text, '/', slash + 1)) {
		unsigned char letter = slash + 1 < text.n ? gb_ascii_lower(text.p[slash + 1]) : 0;
		struct gb_span before =
		        gb_span_trim(gb_span_sub(text, slash > 9 ? slash - 9 : 0, slash > 9 ? 9 : slash));

		if ((letter != 'c' && letter != 'k') || slash + 3 >= text.n || !gb_ascii_is_space(text.p[slash + 2]))
			continue;
		if (before.n >= 4 && gb_span_equal_nocase(gb_span_sub(before, before.n - 4, 4), GB_SPAN(".exe")))
			before.n -= 4;
		if (before.n < 3 || !gb_span_equal_nocase(gb_span_sub(before, before.n - 3, 3), GB_SPAN("cmd")))
			continue;
		if (before.n > 3 && (gb_ascii_is_alpha(before.p[before.n - 4]) || before.p[before.n - 4] == '_'))
			continue;
		return convict(reading, "cmd_shell", slash - 1, text.n < slash + 32 ? text.n : slash + 32);
	}
	return false;
}

/* `<cat /etc/passwd`: lists put < in front of a command; markup would close it. */
static bool find_input_command(struct reading *reading)
{
	struct gb_span text = reading->text;
	size_t end = 1;

	if (text.n < 3 || text.p[0] != '<' || gb_bytes_find(text, '>', 0) != SIZE_MAX)
		return false;
	while (end < text.n && gb_ascii_is_alpha(text.p[end]))
		end++;
	return gb_detect_command_name(gb_span_sub(text, 1, end - 1)) >= GB_NAME_COMMAND &&
	       convict(reading, "shell_input_command", 0, end);
}

static bool find_fixed(struct reading *reading)
{
	struct gb_span text = reading->text;
	size_t at;

	if ((reading->mask & GB_BYTE_ANGLE) != 0 &&
	        (at = gb_bytes_find_text(text, GB_SPAN("<!--#exec"), 0)) != SIZE_MAX)
		return convict(reading, "ssi_exec", at, at + 9);
	/* A function exported to the environment whose text goes on behind the body: CVE-2014-6271. */
	if (gb_span_starts(text, GB_SPAN("() {")) || gb_span_starts(text, GB_SPAN("(){")))
		return convict(reading, "shell_function_import", 0, text.n < 64 ? text.n : 64);
	if (find_cmd_shell(reading) || find_input_command(reading))
		return true;
	if ((reading->mask & (GB_BYTE_AMPERSAND | GB_BYTE_ANGLE)) != 0 && !is_long(reading) &&
	        (at = gb_bytes_find_text(text, GB_SPAN("/dev/tcp/"), 0)) != SIZE_MAX)
		return convict(reading, "shell_network_device", at, at + 9);
	return false;
}

bool gb_detect_command(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit)
{
	const uint32_t shell = GB_BYTE_SEMICOLON | GB_BYTE_AMPERSAND | GB_BYTE_PIPE | GB_BYTE_BACKTICK |
	                       GB_BYTE_DOLLAR | GB_BYTE_NEWLINE | GB_BYTE_ANGLE | GB_BYTE_BRACE;
	struct reading reading;

	memset(&reading, 0, offsetof(struct reading, levels));
	reading.text = input->text;
	reading.mask = input->mask;
	reading.hit = ret_hit;

	/* Without any of these only a short text can be a command, written in disguise. */
	if ((input->mask & (shell | GB_BYTE_PAREN | GB_BYTE_PERCENT)) == 0 && input->text.n > 160)
		return false;
	measure_prose(&reading);
	if (find_fixed(&reading))
		return true;
	if ((input->mask & (GB_BYTE_PAREN | GB_BYTE_PERCENT)) != 0 && find_cmd_construct(&reading))
		return true;
	if ((input->mask & GB_BYTE_PAREN) != 0 && find_call(&reading))
		return true;
	if ((input->mask & shell) != 0 || (input->text.n < 512 && reading.prose_words < 6)) {
		if (read_as(&reading, 0))
			return true;
	}
	if ((input->mask & shell) == 0)
		return false;
	if ((input->mask & GB_BYTE_SINGLE) != 0 && read_as(&reading, '\''))
		return true;
	return (input->mask & GB_BYTE_DOUBLE) != 0 && read_as(&reading, '"');
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * activity/shell: read POSIX shell and bash text the way the shell does. The flow check asks it what input did to a
 * command; the input firewall asks it whether a string is a command. Freestanding, pure, no recursion: nesting is kept
 * on a fixed stack in the lexer; any bytes may come. Time is linear in the text.
 *
 * Grammar after POSIX.1-2017 XCU 2 and bash(1): quotes, here-documents, substitutions, arithmetic, function
 * definitions, array assignments. Alias and history expansion do not happen in `sh -c` and are not modelled.
 */
#ifndef GB_ACTIVITY_SHELL_H
#define GB_ACTIVITY_SHELL_H

#include "activity/verdict.h"
#include "base/span.h"

#define GB_SHELL_DEPTH_MAX     48u
#define GB_SHELL_HEREDOCS_MAX  4u
#define GB_SHELL_DELIMITER_MAX 256u /* bytes of a here-document's end word */

enum gb_shell_kind {
	GB_SHELL_END = 0,
	GB_SHELL_BLANK,        /* spaces and tabs between words */
	GB_SHELL_CONTINUATION, /* backslash and newline: nothing, also inside a word */
	GB_SHELL_TEXT,         /* literal piece of a word, escapes included as written */
	GB_SHELL_ASSIGNMENT, /* NAME= or NAME+= or NAME[…]= in front of a command; the value follows as word pieces */
	GB_SHELL_RESERVED,   /* if then { } ! … where the shell would take them as such */
	GB_SHELL_OPERATOR,   /* ; & && || | |& ;; newline ( ) and the () of a function definition */
	GB_SHELL_REDIRECTION, /* with the descriptor number in front: 2>&  <<  <<< */
	GB_SHELL_QUOTE_OPEN,  /* ' " $' $" */
	GB_SHELL_QUOTED,      /* bytes inside quotes, or inside ${…} */
	GB_SHELL_QUOTE_CLOSE,
	GB_SHELL_EXPANSION,          /* $name $1 $@ */
	GB_SHELL_SUBSTITUTION_OPEN,  /* $( $(( ${ ` <( >( */
	GB_SHELL_SUBSTITUTION_CLOSE, /* ) )) } ` */
	GB_SHELL_ARITHMETIC,         /* bytes inside $((…)) */
	GB_SHELL_HEREDOC,            /* bytes of a here-document */
	GB_SHELL_HEREDOC_CLOSE,      /* its last line */
	GB_SHELL_COMMENT,
	_GB_SHELL_KIND_MAX,
};

enum gb_shell_flags {
	GB_SHELL_WORD_START = 1u << 0,   /* first token of a word */
	GB_SHELL_COMMAND_WORD = 1u << 1, /* part of a word that the shell runs */
	GB_SHELL_TARGET_WORD = 1u << 2,  /* part of a redirection's target */
	GB_SHELL_IN_QUOTES = 1u << 3,    /* inside double quotes at this level */
	GB_SHELL_TO_COMMAND = 1u << 4,   /* behind this token a command is expected */
};

struct gb_shell_token {
	enum gb_shell_kind kind;
	uint8_t flags; /* enum gb_shell_flags */
	uint8_t depth; /* of nesting, the token's own level */
	size_t offset;
	size_t length; /* never 0 */
	size_t opener; /* of the three CLOSE kinds: offset of the token that opened; else SIZE_MAX */
};

struct gb_shell_frame {
	uint8_t mode;
	uint8_t word;       /* what the word being read is */
	bool wants_command; /* the next word is a command */
	bool wants_target;  /* the next word is a redirection's target */
	bool has_command;   /* exactly the command word has been read: `name ()` may follow */
	bool in_double;     /* a ${…} inside double quotes: single quotes mean nothing */
	uint16_t parens;    /* open ones inside arithmetic */
	size_t opened_at;
};

struct gb_shell_heredoc {
	size_t delimiter_at;
	size_t delimiter_length;
	bool is_quoted;   /* nothing expands in the body */
	bool strips_tabs; /* <<- */
};

/* The caller's storage; about 1.3 KB. Borrows the text. */
struct gb_shell_lexer {
	struct gb_span text;
	size_t at;
	bool is_limited; /* nested deeper than GB_SHELL_DEPTH_MAX: from there on levels are run together */
	uint8_t depth;
	bool has_backtick; /* one is open on the stack; there are never two */
	uint8_t heredoc_count;
	bool reads_delimiter;
	struct gb_shell_frame frames[GB_SHELL_DEPTH_MAX];
	struct gb_shell_heredoc heredocs[GB_SHELL_HEREDOCS_MAX];
};

/* Begin with TEXT, which is borrowed: a whole shell command. */
void gb_shell_start(struct gb_shell_lexer *lexer, struct gb_span text);
/* The same for text that lies inside an open quote, ' or ". That quote's close has SIZE_MAX as opener. */
void gb_shell_start_quoted(struct gb_shell_lexer *lexer, struct gb_span text, unsigned char quote);
/* Whether WORD is one of the words that the shell keeps for its grammar: if, then, {, time … */
bool gb_shell_is_reserved(struct gb_span word);
/* The next token; false at the end. Tokens tile the text: each begins where the one before ended. */
bool gb_shell_next(struct gb_shell_lexer *lexer, struct gb_shell_token *ret_token);

/*
 * What the bytes [FROM, FROM + LENGTH) of COMMAND, which came from input, did to it. GB_R_NONE: they are data, a part
 * of one word, whole words as arguments, or the inside of quotes. Otherwise one of GB_R_FLOW_SHELL_*, the worst first:
 *   COMMAND       a command word begins in the range, or behind it because of an operator in the range
 *   SUBSTITUTION  $(…) `…` <(…) ${…} $NAME begins in the range, or one of the program's ends in it
 *   REDIRECTION   a redirection is in the range
 *   QUOTE         a quote or here-document of the program is closed in the range, or its closing quote escaped
 *   COMMENT       a comment begins in the range and swallows what the program wrote behind it
 * Harmless on purpose: an operator that leads to no command (`&` before `b=2` in an unquoted URL), glob characters,
 * `#` inside a word, $1 and its like, new arguments. Ranges beyond the text are cut.
 */
struct gb_shell_harm {
	enum gb_reason reason;
	/* The part of the range that convicts, as an offset in COMMAND; without a reason both are 0. COMMAND: from the
	 * operator (or the word, when the input wrote none) to the end of what the input has the shell run;
	 * SUBSTITUTION: to its close; REDIRECTION: with its target; QUOTE: what closed, opened or escaped it. */
	size_t from;
	size_t length;
};

struct gb_shell_harm gb_shell_flow(struct gb_span command, size_t from, size_t length);

#endif

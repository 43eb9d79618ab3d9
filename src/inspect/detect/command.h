/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect/detect/command: what the files of command injection share: the reading of a text as a shell would read it
 * (command_reading.c), the judgement on each simple command of it (command_judgement.c), constructs of Windows
 * (command_windows.c), and calls of programming languages and fixed texts (command.c). Private to these files.
 */
#ifndef GB_INSPECT_DETECT_COMMAND_H
#define GB_INSPECT_DETECT_COMMAND_H

#include "inspect/detect/detect.h"

#define GB_READING_LEVELS  12u
#define GB_SIMPLE_NAME_MAX 40u

/* What stands in front of a simple command. */
enum gb_detect_introducer {
	GB_BY_START,
	GB_BY_SEMICOLON,
	GB_BY_AMPERSAND,
	GB_BY_AND,
	GB_BY_OR,
	GB_BY_PIPE,
	GB_BY_NEWLINE,
	GB_BY_DOLLAR, /* $( */
	GB_BY_BACKTICK,
	GB_BY_PROCESS, /* <( */
};

/* One simple command as it is being read. */
struct gb_detect_simple {
	enum gb_detect_introducer by;
	size_t from; /* of what introduced it */
	size_t end;
	size_t name_at;
	char name[GB_SIMPLE_NAME_MAX]; /* quotes, escapes and expansions taken out */
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
	bool has_upper;      /* a capital letter anywhere in the word */
	bool is_ended;       /* an operator stands behind it */
	size_t ended_at;     /* where that is */
	bool runs_argument;  /* the word is an empty-looking expansion, the first argument a command */
	unsigned words;
	unsigned options;
	unsigned paths;
	unsigned switches; /* options that begin with a letter: -x, --long */
	unsigned rooted;   /* /x/y, ./x, ~/x, C:\x, http://x */
	unsigned numbers;
	unsigned expansions;
	unsigned redirections;
	unsigned quoted;
	unsigned plain; /* arguments that are mere words */
	unsigned glue;  /* words that hold a sentence together */
	unsigned prose; /* words with a comma or full stop behind, or beyond ASCII */
};

/* A text that may hold shell commands, and what is known of it. Not initialised as a whole: see `levels`. */
struct gb_detect_reading {
	struct gb_span text;
	uint32_t mask;
	bool is_measured; /* from lines to head_end, and is_list: see gb_detect_measure() */
	unsigned lines;
	unsigned prose_words; /* in all of the text */
	size_t first_alnum;   /* offset; of letters beyond ASCII too */
	size_t first_brace;
	unsigned pipes;   /* a row of a table has many */
	unsigned breaks;  /* ; | & and newlines */
	size_t head_end;  /* where the first run without blanks ends */
	bool is_script;   /* begins with a whole command of its own: a snippet, nothing that was broken out of */
	bool is_torn;     /* a bracket was read behind a word, where no shell but Windows' takes one */
	bool is_list;     /* words and separators of one kind, nothing else: a heading of columns, tags, rows */
	unsigned lookups; /* of variables, so far */
	bool has_assignment;
	bool in_quoted_name;
	unsigned quoted_name_depth;
	struct gb_span defined;  /* name () was read, { not yet */
	struct gb_span function; /* name of the function defined last */
	unsigned self_calls;
	bool is_self_joined; /* by a pipe or in the background */
	unsigned keywords;   /* of the shell's grammar seen where the shell takes them as such, see command_reading.c */
	unsigned deepest;    /* level in use */

	struct gb_detect_hit *hit;
	struct gb_detect_work *work;
	struct gb_detect_simple levels[GB_READING_LEVELS]; /* last: begun one by one, never cleared as a whole */
};

/* Records the bytes [FROM, END) as convicting; true. */
bool gb_detect_convict(struct gb_detect_reading *reading, const char *reason, size_t from, size_t end);

/* Counts lines and words of prose, once; most texts are dismissed before anybody asks. */
void gb_detect_measure(struct gb_detect_reading *reading);

/* Whether the text is an article, not a value: some rules then ask for more. Measures. */
bool gb_detect_is_long(struct gb_detect_reading *reading);

/* Whether only a value, not the words of a sentence, stands in front of what introduced SIMPLE. */
bool gb_detect_is_behind_value(const struct gb_detect_reading *reading, const struct gb_detect_simple *simple);

/* Words and options that convict whatever a command's name is: command_shape.c. */
bool gb_detect_is_shell_shaped(struct gb_detect_reading *reading, const struct gb_detect_simple *simple);

/* git push, npm install: SIMPLE is a program that takes a verb first, and a verb of its own. */
bool gb_detect_has_verb(const struct gb_detect_reading *reading, const struct gb_detect_simple *simple);

/* Notes whether the text begins with a whole command, and whether SIMPLE is what such snippets go on with. */
void gb_detect_note_script(struct gb_detect_reading *reading);
/* Whether TEXT is a line of a timetable or a loop as people write it, from the first byte on. */
bool gb_detect_is_snippet(struct gb_span text);
bool gb_detect_is_routine(const struct gb_detect_reading *reading, const struct gb_detect_simple *simple);

/* Length of an expansion at FROM that only a shell knows: ${x:0:1} ${x//a/b} $'\x63'; or 0. */
size_t gb_detect_shell_expansion(struct gb_span text, size_t from);

/* Whether SIMPLE, whose word is a program's name and may be another's as well, is given nothing that makes it a command.
 * IS_PLACED: it stands where a command is put. command_alone.c. */
bool gb_detect_is_only_named(
        const struct gb_detect_reading *reading, const struct gb_detect_simple *simple, bool is_placed);

/* SIMPLE is a word that a sign joins to another, cut&paste, (find|sort). command_alone.c. */
bool gb_detect_is_joined_word(
        const struct gb_detect_reading *reading, const struct gb_detect_simple *simple, enum gb_command_name kind);

/* command_prose.c. SIMPLE stands behind a separator or in $( ) within `code` of a sentence. */
bool gb_detect_is_in_code_span(const struct gb_detect_reading *reading, const struct gb_detect_simple *simple);
/* SIMPLE, behind a backtick, is `code` in prose, or what is written so. */
bool gb_detect_is_inline_code(
        const struct gb_detect_reading *reading, const struct gb_detect_simple *simple, enum gb_command_name kind);
/* Whether blanks around what joins it make SIMPLE a part of a sentence. */
bool gb_detect_is_spoken_of(const struct gb_detect_reading *reading, const struct gb_detect_simple *simple);
/* `name:` and an indented line. */
bool gb_detect_is_recipe(const struct gb_detect_reading *reading, const struct gb_detect_simple *simple);
/* SIMPLE stands in a tag of markup, or a tag where its word would. */
bool gb_detect_is_in_tag(const struct gb_detect_reading *reading, const struct gb_detect_simple *simple);
/* Whether TEXT begins with a fence of Markdown. */
bool gb_detect_is_fenced(struct gb_span text);
/* Whether SIMPLE is what a table says a number of. */
bool gb_detect_is_row(struct gb_span text, const struct gb_detect_simple *simple);
/* Whether Windows has a program or command called NAME, which is in lower case. */
bool gb_detect_is_of_windows(struct gb_span name);

/* find's -exec, an option whose value is run: command_option.c. */
bool gb_detect_option(struct gb_detect_reading *reading);

/* Whether WORD is a verb that PowerShell approves for its commands. */
bool gb_detect_is_verb(struct gb_span word);

/* x > /var/www/y: command_redirection.c. */
bool gb_detect_redirection(struct gb_detect_reading *reading);

/* What only PowerShell reads. */
bool gb_detect_powershell(struct gb_detect_reading *reading);

/* Whether any reading of TEXT, which holds bytes of the shell's, could convict; MASK: classes of its bytes. */
bool gb_detect_has_candidate(struct gb_span text, uint32_t mask);

/* What the word of SIMPLE names, however it is written. command_word.c. */
enum gb_command_name gb_detect_simple_kind(const struct gb_detect_simple *simple);
/* Whether the word of SIMPLE, which is of KIND, is written as nobody does but to hide it. */
bool gb_detect_is_disguised(const struct gb_detect_simple *simple, enum gb_command_name kind);

/* What a word without quotes, escapes and expansions names where a command may stand. */
enum gb_command_name gb_detect_word_kind(struct gb_span word);

/* Reads the text as a shell would, inside QUOTE (' or ") or bare (0); true as soon as a command convicts. */
bool gb_detect_read(struct gb_detect_reading *reading, unsigned char quote);

/* Judges one simple command that is read to its end; true when it convicts. */
bool gb_detect_judge(struct gb_detect_reading *reading, const struct gb_detect_simple *simple);

/* Constructs of Windows' cmd: `for … in (…) do`, `if exist …`. */
bool gb_detect_cmd_construct(struct gb_detect_reading *reading);

/* cmd /c …, cmd.exe /k …: the shell of Windows with a command behind it. */
bool gb_detect_cmd_shell(struct gb_detect_reading *reading);

#endif

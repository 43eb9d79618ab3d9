/* SPDX-License-Identifier: Apache-2.0 */
/* Whole statements, filters and commands within a text: from their own verb, bracket or name on, and not from a break-out. */
#include "inspect/bytes.h"
#include "inspect/cited_mention.h"
#include "inspect/detect/command.h"

#define BEFORE_BYTES  400u
#define PROGRAM_BYTES 2048u
#define LABEL_BYTES   120u
#define WORDS_MIN     3u

static bool is_statement_verb(struct gb_span word)
{
	static const char *const verbs[] = {"select", "delete", "update", "insert", "create", "alter", "declare",
	        "with", "explain", "replace", "merge", "grant", "exec"};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (gb_span_equal_nocase(word, gb_span_cstr(verbs[i])))
			return true;
	return false;
}

static bool is_statement_part(struct gb_span word)
{
	static const char *const parts[] = {
	        "from", "into", "set", "table", "procedure", "function", "view", "index", "as"};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (gb_span_equal_nocase(word, gb_span_cstr(parts[i])))
			return true;
	return false;
}

/* Where a statement begins before the attack, with its verb and what must follow it; else SIZE_MAX. */
static size_t statement_before(const struct gb_cited_mention *mention)
{
	const struct gb_span text = mention->text;
	size_t verb = SIZE_MAX, at = mention->from > BEFORE_BYTES ? mention->from - BEFORE_BYTES : 0;

	for (size_t end; at < mention->from; at = end + (end == at)) {
		end = gb_cited_name_end(text, at);
		if (end == at)
			continue;
		if (verb == SIZE_MAX && is_statement_verb(gb_span_sub(text, at, end - at)) &&
		        (at == 0 || gb_cited_is_of(GB_SPAN(" \"'`(\n:>"), text.p[at - 1])))
			verb = at;
		else if (verb != SIZE_MAX && is_statement_part(gb_span_sub(text, at, end - at)))
			return verb;
	}
	return SIZE_MAX;
}

/* No quote of it is left open, but for those of words (isn't), and no statement ends in it. */
static bool is_unbroken(struct gb_span before)
{
	unsigned single = 0, pairs = 0;

	for (size_t i = 0; i < before.n; i++) {
		if (before.p[i] == ';')
			return false;
		pairs += before.p[i] == '"';
		single += before.p[i] == '\'' && !(i > 0 && i + 1 < before.n && gb_ascii_is_alpha(before.p[i - 1]) &&
		                                         gb_ascii_is_alpha(before.p[i + 1]));
	}
	/* The statement's own quote may be the last one. */
	return (single + (before.n != 0 && before.p[before.n - 1] == '\'')) % 2 == 0 &&
	       (pairs + (before.n != 0 && before.p[before.n - 1] == '"')) % 2 == 0;
}

/* … the query SELECT * FROM t WHERE a = '' OR 1=1 returns …: a whole statement in a text, of which the attack is a part. */
static bool is_statement_told(const struct gb_cited_mention *mention)
{
	const struct gb_span text = mention->text;
	const size_t verb = statement_before(mention);
	struct gb_cited_prose before = {0}, behind = {0};

	if (verb == SIZE_MAX)
		return false;
	/* What breaks out before it begins somebody else's statement. */
	if (!is_unbroken(gb_span_sub(text, 0, verb)))
		return false;
	gb_cited_prose_add(text, verb > BEFORE_BYTES ? verb - BEFORE_BYTES : 0, verb, &before);
	gb_cited_prose_add(
	        text, mention->to, text.n - mention->to < BEFORE_BYTES ? text.n : mention->to + BEFORE_BYTES, &behind);
	if (before.words >= WORDS_MIN && 2 * before.words >= before.pieces)
		return before.glue + before.talk != 0;
	return verb == 0 && behind.words > WORDS_MIN && behind.glue != 0 && 2 * behind.words >= behind.pieces;
}

/* "DELETE FROM a WHERE 1=1": quotes around a statement from its verb on. */
static bool is_whole_statement(const struct gb_cited_mention *mention)
{
	const struct gb_span text = mention->text;
	const size_t verb = mention->from + 1, end = gb_cited_name_end(text, verb);

	return (mention->mark == GB_CITED_QUOTE || mention->mark == GB_CITED_CODE) && mention->from > 1 &&
	       mention->to < text.n + 1 && text.p[mention->from] != '\'' && text.p[mention->from - 1] == ' ' &&
	       is_statement_verb(gb_span_sub(text, verb, end - verb)) && end < text.n && text.p[end] == ' ' &&
	       is_unbroken(gb_span_sub(text, 0, mention->from));
}

static bool is_end_of_script(struct gb_span word)
{
	static const char *const words[] = {
	        "commit", "rollback", "begin", "vacuum", "analyze", "drop", "use", "truncate", "show", "describe"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (gb_span_equal_nocase(word, gb_span_cstr(words[i])))
			return true;
	return is_statement_verb(word);
}

/* Whole statements one behind the other, from the first byte to the last, which ends one: nothing was broken out of. */
static bool is_script_of_statements(const struct gb_cited_mention *mention)
{
	const struct gb_span text = gb_span_trim(mention->text);
	unsigned statements = 0;

	if (text.n == 0 || text.n > PROGRAM_BYTES || text.p[text.n - 1] != ';' ||
	        gb_bytes_find_text(text, GB_SPAN("xp_"), 0) != SIZE_MAX ||
	        gb_bytes_find_text(text, GB_SPAN("--"), 0) != SIZE_MAX)
		return false;
	for (size_t at = 0, end; at < text.n; at = end + 1) {
		struct gb_span statement;

		end = gb_bytes_find(text, ';', at);
		if (end == SIZE_MAX)
			return false;
		statement = gb_span_trim(gb_span_sub(text, at, end - at));
		if (!is_end_of_script(gb_span_sub(statement, 0, gb_cited_name_end(statement, 0))))
			return false;
		statements++;
	}
	return statements >= 2;
}

/* Statements one on each line, from the first on. */
static bool is_file_of_statements(const struct gb_cited_mention *mention)
{
	const struct gb_span text = gb_span_sub(mention->text, 0, PROGRAM_BYTES);
	unsigned statements = 0, ends = 0;

	for (size_t at = 0; at < text.n; at = gb_cited_next_line(text, at)) {
		size_t end = gb_cited_next_line(text, at);
		struct gb_span line = gb_span_trim(gb_span_sub(text, at, end - at));

		if (at == 0 && line.n != 0 && !is_statement_verb(gb_span_sub(line, 0, gb_cited_name_end(line, 0))) &&
		        !gb_span_starts(line, GB_SPAN("--")) && !gb_span_starts(line, GB_SPAN("/*")))
			return false;
		statements += line.n > 8 && is_statement_verb(gb_span_sub(line, 0, gb_cited_name_end(line, 0)));
		ends += line.n != 0 && line.p[line.n - 1] == ';';
	}
	return statements >= 2 && ends >= 2;
}

/* &lt;: what ends an entity separates nothing. */
static bool is_entity(const struct gb_cited_mention *mention)
{
	const struct gb_span text = mention->text;
	size_t amp = mention->from;
	unsigned entities = 0;

	while (amp > 0 && mention->from - amp < 8 && text.p[amp] != '&')
		amp--;
	for (size_t at = gb_bytes_find(text, '&', 0); at != SIZE_MAX && at < PROGRAM_BYTES;
	        at = gb_bytes_find(text, '&', at + 1)) {
		size_t end = gb_cited_name_end(text, at + 1);

		entities += end > at + 1 && end < text.n && text.p[end] == ';';
	}
	return text.p[amp] == '&' && entities >= 2 &&
	       gb_bytes_find(gb_span_sub(text, amp, mention->from - amp), ' ', 0) == SIZE_MAX;
}

/* "(&(a=b)(c=d))": a filter as a whole, in quotes, closes nothing that it did not open. */
static bool is_whole_filter(const struct gb_cited_mention *mention)
{
	const struct gb_span text = mention->text;
	size_t open = mention->from + 1;
	unsigned depth = 0;

	while (open > 0 && mention->from + 1 - open < BEFORE_BYTES &&
	        !gb_cited_is_of(GB_SPAN("\"'`"), text.p[open - 1]))
		open--;
	if (open == 0 || open >= text.n || text.p[open] != '(')
		return false;
	for (size_t at = open; at < text.n; at++) {
		depth += text.p[at] == '(';
		if (text.p[at] == ')' && --depth == 0)
			return at + 1 < text.n && text.p[at + 1] == text.p[open - 1] && at + 1 >= mention->from + 1;
		if (text.p[at] == text.p[open - 1])
			return false;
	}
	return false;
}

/* db.orders.find({ … }): a call of the shell from its begin, the attack within its brackets. */
static bool is_shell_call(const struct gb_cited_mention *mention)
{
	const struct gb_span text = mention->text;
	const size_t call = gb_bytes_find_text(gb_span_sub(text, 0, mention->to), GB_SPAN("db."), 0);
	size_t open;

	if (!gb_cited_has_reason(mention, "nosql_operator") || call == SIZE_MAX ||
	        (call > 0 && !gb_cited_is_of(GB_SPAN(" '\"`\n>("), text.p[call - 1])))
		return false;
	open = gb_bytes_find(text, '(', call);
	return open != SIZE_MAX && open <= mention->to && call <= mention->from + 1 &&
	       gb_bytes_find(gb_span_sub(text, 0, open), ';', call) == SIZE_MAX &&
	       gb_bytes_find_text(text, GB_SPAN("$where"), open) == SIZE_MAX;
}

/* Install: curl … | sh: words and a colon, and behind them a script that begins with its own command. */
static bool is_labelled_script(const struct gb_cited_mention *mention)
{
	const struct gb_span text = gb_span_sub(mention->text, 0, mention->from);
	struct gb_cited_prose label = {0};
	struct gb_span script;
	size_t colon = gb_bytes_find_text(gb_span_sub(text, 0, LABEL_BYTES), GB_SPAN(": "), 0), at, end;

	if (colon == SIZE_MAX)
		colon = gb_bytes_find_text(gb_span_sub(text, 0, LABEL_BYTES), GB_SPAN(":\n"), 0);
	if (colon == SIZE_MAX || colon < 2)
		return false;
	gb_cited_prose_add(text, 0, colon, &label);
	/* before_script: and an item */
	if (gb_bytes_find(gb_span_sub(text, 0, colon), '_', 0) != SIZE_MAX && gb_cited_name_end(text, 0) == colon)
		label.words = label.talk = 1;
	if (label.words == 0 || 2 * label.words < label.pieces || label.talk + label.glue == 0)
		return false;
	for (at = colon + 1;
	        at < text.n && (gb_ascii_is_space(text.p[at]) || gb_cited_is_of(GB_SPAN("-`$"), text.p[at]));)
		at++;
	script = gb_span_sub(mention->text, at, SIZE_MAX);
	if (gb_bytes_find_text(script, GB_SPAN("whoami"), 0) != SIZE_MAX ||
	        gb_bytes_find_text(script, GB_SPAN("/dev/tcp"), 0) != SIZE_MAX)
		return false;
	if (gb_detect_is_snippet(script))
		return true;
	for (end = 0; end < script.n && (gb_byte_is_name[script.p[end]] || script.p[end] == '-');)
		end++;
	return end > 1 && at + end < mention->from && script.p[end] == ' ' && gb_ascii_is_alpha(script.p[0]) &&
	       gb_detect_is_command(gb_span_sub(script, 0, end));
}

bool gb_cited_is_statement(const struct gb_cited_mention *mention)
{
	switch ((int)mention->attack_class) {
	case GB_CLASS_SQL_INJECTION:
		return is_statement_told(mention) || is_whole_statement(mention) || is_script_of_statements(mention) ||
		       is_file_of_statements(mention);
	case GB_CLASS_DIRECTORY_QUERY: return is_whole_filter(mention);
	case GB_CLASS_NOSQL_INJECTION: return is_shell_call(mention);
	case GB_CLASS_COMMAND_INJECTION: return is_labelled_script(mention) || is_entity(mention);
	default: return false;
	}
}

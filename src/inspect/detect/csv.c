/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Formula injection: a cell that a spreadsheet takes for a formula and that calls a function, runs a program by DDE or
 * sends another cell's content on. A number, a phone number, a handle or a list item is none.
 */
#include "inspect/bytes.h"
#include "inspect/detect/detect.h"

#define FORMULA_MAX     512u
#define NAME_BLANKS_MAX 160u
#define NAME_MAX_BYTES  24u

/* Functions of Excel, LibreOffice and Google Sheets that occur at the head of hostile formulas, or combine their parts. */
static const char *const functions[] = {"abs", "address", "and", "arrayformula", "average", "bitxor", "call", "cell",
        "char", "choose", "code", "column", "concat", "concatenate", "count", "counta", "dde", "encodeurl", "environ",
        "exec", "filterxml", "formulatext", "googlefinance", "hlookup", "hyperlink", "if", "iferror", "ifs", "image",
        "importdata", "importfeed", "importhtml", "importrange", "importxml", "index", "indirect", "info", "isblank",
        "iserror", "join", "left", "len", "let", "lower", "match", "max", "mid", "min", "not", "now", "offset", "or",
        "product", "py", "query", "rand", "register", "register.id", "rept", "right", "round", "row", "rtd", "shell",
        "sql.request", "subtotal", "substitute", "sum", "sumproduct", "text", "textjoin", "time", "today", "trim",
        "unichar", "upper", "value", "vlookup", "webservice", "xlookup"};

/* Functions that only calculate: such a formula convicts by what stands inside it. */
static const char *const calculations[] = {"abs", "and", "average", "count", "counta", "if", "ifs", "iferror", "int",
        "left", "len", "lower", "match", "max", "mid", "min", "mod", "not", "now", "or", "power", "product", "rand",
        "right", "round", "sqrt", "stdev", "subtotal", "sum", "sumif", "countif", "sumproduct", "t", "n", "text",
        "today", "trim", "upper", "value", "vlookup", "hlookup", "index", "concat", "concatenate"};

struct formula {
	struct gb_span text;
	size_t at;
	bool has_reference;
	bool has_operator;
	bool has_name;
	bool has_call; /* of a function that only calculates */
};

static void skip_blanks(struct formula *formula)
{
	while (formula->at < formula->text.n && formula->text.p[formula->at] <= 0x20)
		formula->at++;
}

static unsigned char byte_at(const struct formula *formula, size_t ahead)
{
	return formula->at + ahead < formula->text.n ? formula->text.p[formula->at + ahead] : 0;
}

static bool is_one_of(struct gb_span name, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (gb_span_equal_nocase(name, gb_span_cstr(list[i])))
			return true;
	return false;
}

static bool is_function(struct gb_span name)
{
	return is_one_of(name, functions, sizeof(functions) / sizeof(functions[0]));
}

static bool is_calculation(struct gb_span name)
{
	return is_one_of(name, calculations, sizeof(calculations) / sizeof(calculations[0]));
}

static bool is_name_byte(unsigned char c)
{
	return gb_ascii_is_alpha(c) || gb_ascii_is_digit(c) || c == '_' || c == '.' || c == '$' || c == '\\';
}

/* A1, $B$12: up to three letters, then digits. */
static bool is_cell(struct gb_span name)
{
	size_t at = name.n > 0 && name.p[0] == '$', letters = 0, digits = 0;

	for (; at < name.n && gb_ascii_is_alpha(name.p[at]); at++)
		letters++;
	at += at < name.n && name.p[at] == '$';
	for (; at < name.n && gb_ascii_is_digit(name.p[at]); at++)
		digits++;
	return at == name.n && letters >= 1 && letters <= 3 && digits >= 1 && digits <= 7;
}

/* program|'arguments'!cell: what Excel starts by dynamic data exchange. AT is at the bar. */
static bool is_exchange(const struct formula *formula)
{
	struct formula rest = *formula;
	unsigned char quote;

	rest.at++;
	skip_blanks(&rest);
	quote = byte_at(&rest, 0);
	if (quote == '\'' || quote == '"') {
		size_t mark = gb_bytes_find(rest.text, '!', rest.at + 1);

		if (mark == SIZE_MAX)
			return false;
		while (mark > 0 && rest.text.p[mark - 1] <= 0x20)
			mark--;
		return mark > 0 && rest.text.p[mark - 1] == quote;
	}
	while (is_name_byte(byte_at(&rest, 0)) || byte_at(&rest, 0) == '/' || byte_at(&rest, 0) == ':')
		rest.at++;
	return rest.at > formula->at + 1 && byte_at(&rest, 0) == '!' && is_name_byte(byte_at(&rest, 1));
}

static bool skip_string(struct formula *formula)
{
	size_t end = gb_bytes_find(formula->text, byte_at(formula, 0), formula->at + 1);

	if (end == SIZE_MAX)
		return false;
	formula->at = end + 1;
	return true;
}

/* `c m d | '…'!A`: blanks within a program's name are none to what takes them out. */
static void skip_to_bar(struct formula *formula)
{
	size_t at = formula->at;

	while (at < formula->text.n && at - formula->at < NAME_BLANKS_MAX &&
	        (is_name_byte(formula->text.p[at]) || formula->text.p[at] <= 0x20))
		at++;
	if (at < formula->text.n && formula->text.p[at] == '|')
		formula->at = at;
}

static bool is_file_reference(struct gb_span name)
{
	return gb_bytes_find(name, '[', 0) != SIZE_MAX || gb_bytes_find(name, '\\', 0) != SIZE_MAX ||
	       gb_bytes_find_text(name, GB_SPAN("://"), 0) != SIZE_MAX;
}

/* sheet!A1 or #$Sheet.A1, which name a cell behind the name of a file. */
static bool is_cell_next(const struct formula *formula)
{
	struct formula rest = *formula;

	if (byte_at(&rest, 0) == '#') {
		rest.at++;
		while (is_name_byte(byte_at(&rest, 0)))
			rest.at++;
		return rest.at > formula->at + 3 && (byte_at(&rest, 0) <= 0x20 || byte_at(&rest, 0) == '!');
	}
	while (is_name_byte(byte_at(&rest, 0)))
		rest.at++;
	return rest.at > formula->at && byte_at(&rest, 0) == '!' && is_name_byte(byte_at(&rest, 1));
}

/* [book.xlsx]Sheet!A1, C:\x\[book.xlsx]S!A1, http://host/[book.xlsx]S!A1: a cell of another file, without quotes. */
static bool is_other_file(const struct formula *formula)
{
	struct formula rest = *formula;
	size_t open = formula->at;

	while (open < rest.text.n && rest.text.p[open] > ' ' && rest.text.p[open] != '[' && rest.text.p[open] != '(' &&
	        rest.text.p[open] != '"')
		open++;
	if (open > formula->at && !is_file_reference(gb_span_sub(rest.text, formula->at, open - formula->at)))
		return false;
	rest.at = open;
	if (byte_at(&rest, 0) != '[')
		return false;
	while (byte_at(&rest, 0) > ' ' && byte_at(&rest, 0) != ']')
		rest.at++;
	if (byte_at(&rest, 0) != ']' || rest.at == open + 1)
		return false;
	rest.at++;
	return is_cell_next(&rest);
}

/* Behind a call's parenthesis a formula ends or goes on with an operator; a sentence about the function goes on in words. */
static bool is_described(const struct formula *formula)
{
	struct gb_span text = formula->text;
	size_t at = formula->at;
	unsigned depth = 0, words = 0;
	bool is_quoted = false;

	for (; at < text.n; at++) {
		if (text.p[at] == '"')
			is_quoted = !is_quoted;
		else if (!is_quoted && text.p[at] == '(')
			depth++;
		else if (!is_quoted && text.p[at] == ')' && --depth == 0)
			break;
	}
	if (at + 3 >= text.n || text.p[at + 1] != ' ')
		return false;
	for (at += 2; at < text.n && words < 2; at++) {
		const size_t start = at;

		while (at < text.n && gb_ascii_is_alpha(text.p[at]))
			at++;
		if (at == start || (at < text.n && text.p[at] != ' ' && text.p[at] != '.' && text.p[at] != ','))
			return false;
		words++;
	}
	return words == 2;
}

/* One operand; true when it convicts. *ret_is_good tells whether it was one. */
static bool judge_operand(struct formula *formula, unsigned char trigger, const char **ret_reason, bool *ret_is_good)
{
	size_t start = formula->at;
	struct gb_span name;
	unsigned char c = byte_at(formula, 0);

	*ret_is_good = true;
	if (c == '"' || c == '\'') {
		*ret_is_good = skip_string(formula);
		if (byte_at(formula, 0) == '#' && is_cell_next(formula) &&
		        gb_bytes_find(gb_span_sub(formula->text, start, formula->at - start), '/', 0) != SIZE_MAX) {
			*ret_reason = "csv_reference";
			return true;
		}
		if (byte_at(formula, 0) != '!')
			return false;
		/* 'C:\x\[y.xls]S'!A1: a cell of another file. */
		if (is_file_reference(gb_span_sub(formula->text, start, formula->at - start))) {
			*ret_reason = "csv_reference";
			return true;
		}
		formula->at++;
	}
	if (trigger == '=' && is_other_file(formula)) {
		*ret_reason = "csv_reference";
		return true;
	}
	while (is_name_byte(byte_at(formula, 0)))
		formula->at++;
	name = gb_span_sub(formula->text, start, formula->at - start);
	*ret_is_good = formula->at > start;
	if (name.n == 0)
		return false;
	if (gb_ascii_is_alpha(name.p[0]))
		skip_to_bar(formula);
	formula->has_name |= !gb_ascii_is_digit(name.p[0]);
	if (byte_at(formula, 0) == '|' && gb_ascii_is_alpha(name.p[0]) && is_exchange(formula)) {
		*ret_reason = "csv_dynamic_exchange";
		return true;
	}
	if (byte_at(formula, 0) == '!' && is_name_byte(byte_at(formula, 1))) {
		formula->at++;
		formula->has_reference = true;
		while (is_name_byte(byte_at(formula, 0)) || byte_at(formula, 0) == ':')
			formula->at++;
		return false;
	}
	if (is_cell(name))
		formula->has_reference = true;
	if (byte_at(formula, 0) != '(' && !(byte_at(formula, 0) == ' ' && byte_at(formula, 1) == '('))
		return false;
	if (is_calculation(name)) {
		formula->has_call = true;
		return false;
	}
	*ret_reason = "csv_function";
	if (is_described(formula))
		return false;
	/* Behind = any function may stand; behind a sign or @ only one of a spreadsheet's. */
	if (trigger == '=' && byte_at(formula, 0) == '(' && name.n >= 3 &&
	        (gb_ascii_is_alpha(name.p[0]) || name.p[0] == '_'))
		return is_function(name) || gb_bytes_find(name, '\\', 0) == SIZE_MAX;
	return is_function(name);
}

static bool judge_formula(struct formula *formula, unsigned char trigger, const char **ret_reason)
{
	for (unsigned operands = 0; operands < 32; operands++) {
		bool is_good;
		unsigned char c;

		skip_blanks(formula);
		while ((c = byte_at(formula, 0)) == '+' || c == '-' || c == '=' || c == '@' || c == '(' || c == '{') {
			formula->at++;
			skip_blanks(formula);
		}
		if (judge_operand(formula, trigger, ret_reason, &is_good))
			return true;
		if (!is_good)
			return false;
		skip_blanks(formula);
		while (byte_at(formula, 0) == ')')
			formula->at++;
		c = byte_at(formula, 0);
		/* NOW() */
		if (c == '(' && formula->has_call && byte_at(formula, 1) == ')') {
			for (formula->at++; byte_at(formula, 0) == ')';)
				formula->at++;
			c = byte_at(formula, 0);
		}
		if (c == '(' && formula->has_call)
			continue;
		if (c == 0 || gb_bytes_find(GB_SPAN("+-*/^&=<>:,;"), c, 0) == SIZE_MAX)
			break;
		formula->has_operator = true;
		formula->at++;
	}
	/* =7*7: what a probe computes. */
	if (trigger == '=' && !formula->has_name && formula->has_operator && formula->at == formula->text.n) {
		*ret_reason = "csv_constant_computed";
		return true;
	}
	if (trigger != '=' || formula->has_call || !formula->has_reference || !formula->has_operator ||
	        formula->at < formula->text.n)
		return false;
	*ret_reason = "csv_reference";
	return true;
}

/* The byte that a spreadsheet takes for the start of a formula at AT, and its length: also U+FF1D, FF0B, FF0D, FF20. */
static unsigned char trigger_at(struct gb_span text, size_t at, size_t *ret_n)
{
	*ret_n = 1;
	if (at >= text.n)
		return 0;
	if (text.p[at] == '=' || text.p[at] == '+' || text.p[at] == '-' || text.p[at] == '@')
		return text.p[at];
	if (text.p[at] != 0xef || at + 2 >= text.n || text.p[at + 1] != 0xbc)
		return 0;
	*ret_n = 3;
	switch (text.p[at + 2]) {
	case 0x9d: return '=';
	case 0x8b: return '+';
	case 0x8d: return '-';
	case 0xa0: return '@';
	default: return 0;
	}
}

/* ===cmd|'…'!A0: further signs are taken for the same formula; a title or comparison goes on otherwise. */
static bool is_row_of_signs(struct gb_span text, size_t at)
{
	while (at < text.n && text.p[at] == '=')
		at++;
	for (size_t end = at; end < text.n && end - at < NAME_MAX_BYTES; end++)
		if (text.p[end] == '|' || text.p[end] == '(')
			return end > at;
		else if (!is_name_byte(text.p[end]))
			return false;
	return false;
}

static bool judge_cell(struct gb_span text, size_t at, bool is_first, struct gb_detect_hit *hit)
{
	struct formula formula;
	const char *reason;
	unsigned char trigger;
	size_t n, from;

	for (unsigned skipped = 0;
	        skipped < 16 && at < text.n && (text.p[at] <= 0x20 || text.p[at] == '"' || text.p[at] == '\'');
	        skipped++)
		at++;
	/* {=…}: a formula of arrays. */
	at += at + 1 < text.n && text.p[at] == '{' && text.p[at + 1] == '=';
	from = at;
	trigger = trigger_at(text, at, &n);
	if (trigger == 0)
		return false;
	at += n;
	/* "- item": a blank behind a sign makes a list of it; =>, ==, -- are other languages'. */
	if (trigger != '=' && at < text.n && text.p[at] <= 0x20)
		return false;
	if (at < text.n &&
	        (text.p[at] == '>' || (text.p[at] == trigger && trigger == '=' && !is_row_of_signs(text, at))))
		return false;
	/* A later cell, ="WEBSERVICE(…": the quote was the row's. */
	if (!is_first && trigger == '=' && at < text.n && text.p[at] == '"')
		at++;
	formula = (struct formula){.text = gb_span_sub(text, at, FORMULA_MAX)};
	if (!judge_formula(&formula, is_first ? trigger : (unsigned char)'-', &reason))
		return false;
	*hit = (struct gb_detect_hit){.reason = reason, .from = from, .length = at + formula.at - from};
	return true;
}

/* DDE("server";"topic";"item") as a text of its own, and fields of a word processor: DDEAUTO program "arguments",
 * INCLUDEPICTURE "http://…". */
static bool judge_bare_exchange(struct gb_span text, struct gb_detect_hit *hit)
{
	static const char *const fields[] = {"ddeauto", "dde", "includepicture", "includetext"};
	size_t start = 0, at, end;
	struct gb_span name, rest;

	while (start < text.n && (text.p[start] <= 0x20 || text.p[start] == '{'))
		start++;
	for (end = start; end < text.n && end - start < NAME_MAX_BYTES && gb_ascii_is_alpha(text.p[end]);)
		end++;
	name = gb_span_sub(text, start, end - start);
	if (!is_one_of(name, fields, sizeof(fields) / sizeof(fields[0])))
		return false;
	for (at = end; at < text.n && text.p[at] == ' ';)
		at++;
	rest = gb_span_sub(text, at, FORMULA_MAX);
	if (name.n == 3 && gb_span_starts(rest, GB_SPAN("(\"")))
		at += 2;
	else if (at == end || gb_bytes_find(rest, '"', 0) == SIZE_MAX ||
	         (name.n > 7 && gb_bytes_find(rest, '/', 0) == SIZE_MAX && gb_bytes_find(rest, '\\', 0) == SIZE_MAX))
		return false;
	/* A path or name first, then the arguments in quotes; a sentence has more words before. */
	for (size_t i = at, words = 0; i < text.n && text.p[i] != '"'; i++)
		if (text.p[i] == ' ' && ++words > 1)
			return false;
	*hit = (struct gb_detect_hit){.reason = "csv_dynamic_exchange", .from = start, .length = at - start};
	return true;
}

#define CELL_STEPS 256u

bool gb_detect_csv(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit)
{
	struct gb_span text = input->text;

	if (judge_bare_exchange(text, ret_hit))
		return true;
	if ((input->mask & (GB_BYTE_PAREN | GB_BYTE_PIPE | GB_BYTE_EQUAL)) == 0)
		return false;
	if (judge_cell(text, 0, true, ret_hit))
		return true;
	/* Later cells of a row that the value brings along. */
	for (size_t at = 0; at + 1 < text.n; at++) {
		unsigned char c = text.p[at], next;

		if (c != ',' && c != ';' && c != '\t' && c != '\n' && c != '\r' && c != '"')
			continue;
		next = text.p[at + 1];
		if (next != '=' && next != '+' && next != '-' && next != '@' && next != '"' && next != 0xef)
			continue;
		if (!gb_detect_spend(input->work, CELL_STEPS))
			return false;
		if (judge_cell(text, at + 1, false, ret_hit))
			return true;
	}
	return false;
}

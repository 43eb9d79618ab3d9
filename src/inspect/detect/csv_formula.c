/* SPDX-License-Identifier: Apache-2.0 */
/* One formula: its operands from left to right, and whether one of them reaches out. */
#include "inspect/bytes.h"
#include "inspect/detect/csv.h"

#define NAME_BLANKS_MAX 160u

/* Functions of Excel, LibreOffice and Google Sheets that occur at the head of hostile formulas, or combine their parts. */
static const char *const functions[] = {"abs", "address", "and", "arrayformula", "average", "bitxor", "call", "cell",
        "char", "choose", "code", "column", "concat", "concatenate", "count", "counta", "dde", "encodeurl", "environ",
        "evaluate", "exec", "filterxml", "formula", "formulatext", "googlefinance", "hlookup", "hyperlink", "if",
        "iferror", "ifs", "image", "importdata", "importfeed", "importhtml", "importrange", "importxml", "index",
        "indirect", "info", "isblank", "iserror", "join", "left", "len", "let", "lower", "match", "max", "mid", "min",
        "not", "now", "offset", "or", "product", "py", "query", "rand", "register", "register.id", "rept", "right",
        "round", "row", "rtd", "run", "shell", "sql.request", "subtotal", "substitute", "sum", "sumproduct", "text",
        "textjoin", "time", "today", "trim", "unichar", "upper", "value", "vlookup", "webservice", "xlookup"};

/* Functions that only calculate: such a formula convicts by what stands inside it. */
static const char *const calculations[] = {"abs", "and", "arrayformula", "average", "column", "concat", "concatenate",
        "count", "counta", "countif", "hlookup", "if", "iferror", "ifs", "index", "int", "isblank", "iserror", "join",
        "left", "len", "lower", "match", "max", "mid", "min", "mod", "n", "not", "now", "or", "power", "product",
        "rand", "right", "round", "row", "sqrt", "stdev", "substitute", "subtotal", "sum", "sumif", "sumproduct", "t",
        "text", "textjoin", "time", "today", "trim", "upper", "value", "vlookup", "xlookup"};

static void skip_blanks(struct gb_csv_formula *formula)
{
	while (formula->at < formula->text.n && formula->text.p[formula->at] <= 0x20)
		formula->at++;
}

static unsigned char byte_at(const struct gb_csv_formula *formula, size_t ahead)
{
	return formula->at + ahead < formula->text.n ? formula->text.p[formula->at + ahead] : 0;
}

bool gb_csv_is_one_of(struct gb_span name, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (gb_span_equal_nocase(name, gb_span_cstr(list[i])))
			return true;
	return false;
}

static bool is_function(struct gb_span name)
{
	return gb_csv_is_one_of(name, functions, sizeof(functions) / sizeof(functions[0]));
}

static bool is_calculation(struct gb_span name)
{
	return gb_csv_is_one_of(name, calculations, sizeof(calculations) / sizeof(calculations[0]));
}

bool gb_csv_is_name_byte(unsigned char c)
{
	return gb_ascii_is_alpha(c) || gb_ascii_is_digit(c) || c == '_' || c == '.' || c == '$' || c == '\\';
}

/* program|'arguments'!cell: what Excel starts by dynamic data exchange. AT is at the bar. */
static bool is_exchange(const struct gb_csv_formula *formula)
{
	struct gb_csv_formula rest = *formula;
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
	while (gb_csv_is_name_byte(byte_at(&rest, 0)) || byte_at(&rest, 0) == '/' || byte_at(&rest, 0) == ':')
		rest.at++;
	return rest.at > formula->at + 1 && byte_at(&rest, 0) == '!' && gb_csv_is_name_byte(byte_at(&rest, 1));
}

static bool skip_string(struct gb_csv_formula *formula)
{
	size_t end = gb_bytes_find(formula->text, byte_at(formula, 0), formula->at + 1);

	if (end == SIZE_MAX)
		return false;
	formula->at = end + 1;
	return true;
}

/* `c m d | '…'!A`: blanks within a program's name are none to what takes them out. */
static void skip_to_bar(struct gb_csv_formula *formula)
{
	size_t at = formula->at;

	while (at < formula->text.n && at - formula->at < NAME_BLANKS_MAX &&
	        (gb_csv_is_name_byte(formula->text.p[at]) || formula->text.p[at] <= 0x20))
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
static bool is_cell_next(const struct gb_csv_formula *formula)
{
	struct gb_csv_formula rest = *formula;

	if (byte_at(&rest, 0) == '#') {
		rest.at++;
		while (gb_csv_is_name_byte(byte_at(&rest, 0)))
			rest.at++;
		return rest.at > formula->at + 3 && (byte_at(&rest, 0) <= 0x20 || byte_at(&rest, 0) == '!');
	}
	while (gb_csv_is_name_byte(byte_at(&rest, 0)))
		rest.at++;
	return rest.at > formula->at && byte_at(&rest, 0) == '!' && gb_csv_is_name_byte(byte_at(&rest, 1));
}

/* [book.xlsx]Sheet!A1, C:\x\[book.xlsx]S!A1, http://host/[book.xlsx]S!A1: a cell of another file, without quotes. */
static bool is_other_file(const struct gb_csv_formula *formula)
{
	struct gb_csv_formula rest = *formula;
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
static bool is_described(const struct gb_csv_formula *formula)
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

/* SUMME(C3:C9), WENN(B2>0;"ja";"nein"): a function that no list holds, as each language has its own names for them, and nothing
 * handed to it but cells, numbers, short texts without a sign, and functions of its kind. FORMULA is at the parenthesis. */
static bool is_harmless_call(const struct gb_csv_formula *formula)
{
	struct gb_span text = formula->text;
	size_t word = 0;
	unsigned depth = 0, dots = 0, strings = 0, numbers = 0;

	/* com.sun.star.x(…) */
	for (size_t at = formula->at; at > 0 && gb_csv_is_name_byte(text.p[at - 1]); at--)
		dots += text.p[at - 1] == '.';
	if (dots > 1)
		return false;
	for (size_t at = formula->at; at < text.n; at++) {
		const unsigned char c = text.p[at];

		if (c == '"' && at > 0) {
			strings++;
			for (at++; at < text.n && text.p[at] != '"'; at++)
				if (!gb_ascii_is_alpha(text.p[at]) && !gb_ascii_is_digit(text.p[at]) &&
				        text.p[at] < 0x80 &&
				        gb_bytes_find(GB_SPAN(" ,.>%-"), text.p[at], 0) == SIZE_MAX)
					return false;
			word = 0;
			continue;
		}
		if (c == '(') {
			struct gb_span name = gb_span_sub(text, at - word, word);

			if (depth != 0 && word != 0 && !is_calculation(name) && is_function(name))
				return false;
			depth++;
		}
		/* CALL("calc") in some language */
		if (c == ')' && --depth == 0)
			return strings == 0 || numbers != 0;
		numbers += gb_ascii_is_digit(c);
		if (gb_csv_is_name_byte(c) && c != '\\')
			word++;
		else if (c >= 0x80 || gb_bytes_find(GB_SPAN("(), ;:<>=+-*/%^&"), c, 0) != SIZE_MAX)
			word = 0;
		else
			return false;
	}
	return false;
}

/* One operand; true when it convicts. *ret_is_good tells whether it was one. */
static bool judge_operand(
        struct gb_csv_formula *formula, unsigned char trigger, const char **ret_reason, bool *ret_is_good)
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
	while (gb_csv_is_name_byte(byte_at(formula, 0)))
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
	if (byte_at(formula, 0) == '!' && gb_csv_is_name_byte(byte_at(formula, 1))) {
		formula->at++;
		while (gb_csv_is_name_byte(byte_at(formula, 0)) || byte_at(formula, 0) == ':')
			formula->at++;
		return false;
	}
	if (byte_at(formula, 0) != '(' && !(byte_at(formula, 0) == ' ' && byte_at(formula, 1) == '('))
		return false;
	if (is_calculation(name) || (byte_at(formula, 0) == '(' && !is_function(name) && is_harmless_call(formula))) {
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

bool gb_csv_judge_formula(struct gb_csv_formula *formula, unsigned char trigger, const char **ret_reason)
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
	return false;
}

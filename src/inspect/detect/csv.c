/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Formula injection: a cell that a spreadsheet takes for a formula and that calls a function, runs a program by DDE or
 * sends another cell's content on. A number, a phone number, a handle or a list item is none.
 */
#include "inspect/bytes.h"
#include "inspect/detect/csv.h"

#define FORMULA_MAX 512u

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
	for (size_t end = at; end < text.n && end - at < GB_CSV_NAME_MAX; end++)
		if (text.p[end] == '|' || text.p[end] == '(')
			return end > at;
		else if (!gb_csv_is_name_byte(text.p[end]))
			return false;
	return false;
}

static bool judge_cell(struct gb_span text, size_t at, bool is_first, struct gb_detect_hit *hit)
{
	struct gb_csv_formula formula;
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
	formula = (struct gb_csv_formula){.text = gb_span_sub(text, at, FORMULA_MAX)};
	if (!gb_csv_judge_formula(&formula, is_first ? trigger : (unsigned char)'-', &reason))
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
	for (end = start; end < text.n && end - start < GB_CSV_NAME_MAX && gb_ascii_is_alpha(text.p[end]);)
		end++;
	name = gb_span_sub(text, start, end - start);
	if (!gb_csv_is_one_of(name, fields, sizeof(fields) / sizeof(fields[0])))
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

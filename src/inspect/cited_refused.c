/* SPDX-License-Identifier: Apache-2.0 */
/* What a program says that it could not do: the name of an error or of the program, and what it was given. */
#include "inspect/bytes.h"
#include "inspect/cited_mention.h"

#define BEFORE_BYTES 400u
#define NAME_MAX     24u

/* SomeException: …, SomeError: "…": what went wrong with it. */
static bool is_error_told(const struct gb_cited_mention *mention)
{
	size_t end = mention->from;

	while (end > 0 && mention->from - end < 4 && gb_cited_is_of(GB_SPAN(" \"'"), mention->text.p[end - 1]))
		end--;
	return gb_span_ends(gb_span_sub(mention->text, 0, end), GB_SPAN("Exception:")) ||
	       gb_span_ends(gb_span_sub(mention->text, 0, end), GB_SPAN("Error:"));
}

/* sh: 1: $(date): not found, fatal: argument '…': unknown: a program's name, and behind the attack what it could not do. */
static bool is_refused(const struct gb_cited_mention *mention)
{
	const struct gb_span text = mention->text;
	const size_t colon = gb_bytes_find_text(gb_span_sub(text, 0, NAME_MAX), GB_SPAN(": "), 0);
	size_t at = mention->mark == GB_CITED_BARE ? mention->from : mention->to;
	struct gb_cited_prose behind = {0};

	if (colon == SIZE_MAX || colon > mention->from || gb_cited_name_end(text, 0) != colon)
		return false;
	at = gb_bytes_find_text(text, GB_SPAN(": "), at);
	if (at == SIZE_MAX || text.n - at > BEFORE_BYTES)
		return false;
	gb_cited_prose_add(text, at + 1, text.n, &behind);
	return behind.words >= 2 && behind.words == behind.pieces;
}

bool gb_cited_is_refused(const struct gb_cited_mention *mention)
{
	return is_error_told(mention) || is_refused(mention);
}

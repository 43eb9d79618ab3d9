/* SPDX-License-Identifier: Apache-2.0 */
/* Which pieces of a text cannot stand side by side in a language. */
#include "inspect/bytes.h"
#include "inspect/unread_reading.h"

static bool is_operand_end(enum gb_unread_piece piece)
{
	return piece == GB_PIECE_CLOSE || piece == GB_PIECE_STRING;
}

/* Whether the word read last stands behind a finished value, or a keyword does that stands there. */
static bool is_behind_operand(const struct gb_unread_reading *reading)
{
	return is_operand_end(reading->second) ||
	       (reading->second == GB_PIECE_KEYWORD && is_operand_end(reading->third));
}

bool gb_unread_is_broken(const struct gb_unread_reading *reading, enum gb_unread_piece piece)
{
	const bool is_operand = piece == GB_PIECE_WORD || piece == GB_PIECE_NUMBER || piece == GB_PIECE_STRING;

	if (!is_operand)
		return false;
	switch (reading->language) {
	case GB_UNREAD_SQL:
	case GB_UNREAD_CONDITION:
		/* I'd rather */
		if (piece == GB_PIECE_WORD && reading->last == GB_PIECE_WORD && reading->second == GB_PIECE_STRING &&
		        reading->last_n <= 2 && !reading->was_apart)
			return true;
		/* Before the attack: 2024-01-01 10:00. Anywhere: maybe 5 hrs, 1 (tropical algebra). */
		if (piece == GB_PIECE_NUMBER)
			return reading->last == GB_PIECE_NUMBER && reading->is_apart && reading->at < reading->from;
		/* name.conf' in front of a string */
		if (piece == GB_PIECE_STRING)
			return reading->last == GB_PIECE_WORD && !reading->is_apart && reading->last_n > 2 &&
			       reading->at < reading->from;
		if (reading->is_in)
			return true;
		if (piece == GB_PIECE_WORD && reading->last == GB_PIECE_WORD && reading->second == GB_PIECE_OPEN &&
		        reading->third == GB_PIECE_NUMBER)
			return true;
		/* CASE in: f(a) rather than CASE */
		if (piece == GB_PIECE_WORD && reading->last == GB_PIECE_WORD && reading->second == GB_PIECE_CLOSE &&
		        reading->glue != 0)
			return true;
		/* ``` behind a quote: ```sql */
		if (piece == GB_PIECE_WORD && reading->last == GB_PIECE_STRING && !reading->is_apart &&
		        reading->text.p[reading->start - 1] == '`')
			return true;
		return piece == GB_PIECE_WORD && reading->last == GB_PIECE_NUMBER && reading->second == GB_PIECE_WORD &&
		       reading->is_apart && reading->was_apart;
	case GB_UNREAD_QUERY:
		/* { … } finds both */
		if (piece == GB_PIECE_WORD && reading->last == GB_PIECE_WORD && reading->second == GB_PIECE_BRACE &&
		        !reading->is_new_line && reading->is_plain)
			return true;
		/* f(x) is the same */
		return piece == GB_PIECE_WORD && reading->last == GB_PIECE_WORD && reading->glue != 0 &&
		       !reading->is_new_line && is_behind_operand(reading);
	case GB_UNREAD_OBJECT:
	case GB_UNREAD_CODE:
		/* [Math]::Round(2) returns 2 */
		if (piece == GB_PIECE_NUMBER)
			return reading->last == GB_PIECE_WORD && reading->is_apart && is_behind_operand(reading);
		/* script: x'y' */
		if (piece == GB_PIECE_STRING && reading->language == GB_UNREAD_OBJECT && !reading->is_apart &&
		        reading->last == GB_PIECE_WORD && reading->text.p[reading->at] != '`')
			return true;
		if (piece != GB_PIECE_WORD || reading->is_new_line || reading->has_header)
			return false;
		/* 'It's */
		if (reading->last == GB_PIECE_STRING && !reading->is_apart)
			return true;
		/* f('x') gives you, f('x') is the same: two words at least */
		return reading->last == GB_PIECE_WORD && is_behind_operand(reading);
	}
	return false;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* inspect/unread_reading: a text as one of the languages of unread.h reads it, piece by piece. Private to unread's files. */
#ifndef GB_INSPECT_UNREAD_READING_H
#define GB_INSPECT_UNREAD_READING_H

#include "inspect/unread.h"

enum gb_unread_piece {
	GB_PIECE_NONE = 0, /* the text's beginning, an operator, a bracket that opens */
	GB_PIECE_WORD,     /* of no meaning in the language */
	GB_PIECE_KEYWORD,
	GB_PIECE_NUMBER,
	GB_PIECE_STRING,
	GB_PIECE_OPEN,  /* ( behind a blank */
	GB_PIECE_CLOSE, /* ) or ] */
	GB_PIECE_BRACE, /* } */
};

struct gb_unread_reading {
	enum gb_unread_language language;
	struct gb_span text;
	size_t from; /* of the attack */
	size_t head; /* its first byte that breaks out of nothing */
	size_t at;
	size_t start; /* of the piece read now */
	enum gb_unread_piece last, second, third;
	size_t last_n;      /* of a word */
	bool has_article;   /* the word read last is one */
	unsigned run, glue; /* words side by side; of them, those that hold sentences together */
	bool is_apart;      /* a blank stands before what is read now */
	bool is_whole;      /* nothing of the text was cut off */
	bool was_apart;     /* and before the last piece */
	bool is_new_line;
	bool is_plain;       /* the word read last is of small letters, and none of SQL's or Cypher's */
	bool has_header;     /* if (x) y, for (x) y: a word behind a bracket is the language's */
	bool has_call;       /* a bracket was opened behind the attack's begin */
	bool is_equal;       /* = stands before */
	bool is_in;          /* IN stands before */
	unsigned char quote; /* that the value is put in, or 0 */
};

/* Whether PIECE cannot stand behind what was read last. unread_grammar.c. */
bool gb_unread_is_broken(const struct gb_unread_reading *reading, enum gb_unread_piece piece);

#endif

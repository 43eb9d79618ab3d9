/* SPDX-License-Identifier: Apache-2.0 */
/* inspect/cited_words: how much of a text is prose, and the frames that prose puts around what it mentions. Private to the files of cited.c. */
#ifndef GB_INSPECT_CITED_WORDS_H
#define GB_INSPECT_CITED_WORDS_H

#include "inspect/bytes.h"
#include "inspect/lex/words.h"

/* data/prose-words.txt says which word is what. */
enum gb_cited_word {
	GB_CITED_GLUE = 1u << 0,
	GB_CITED_TALK = 1u << 1,
	GB_CITED_LEAD = 1u << 2,
	GB_CITED_SITE = 1u << 3,
};
extern const struct gb_words gb_cited_words;

static inline bool gb_cited_is_of(struct gb_span set, unsigned char c)
{
	return gb_bytes_find(set, c, 0) != SIZE_MAX;
}

struct gb_cited_prose {
	unsigned pieces; /* what blanks part */
	unsigned words;
	unsigned glue; /* that hold sentences together */
	unsigned talk; /* of software, its faults and attacks */
	unsigned site; /* of web sites, as everybody does */
};

/* Adds the words of TEXT between FROM and TO, a few hundred bytes, to *ref_prose. */
void gb_cited_prose_add(struct gb_span text, size_t from, size_t to, struct gb_cited_prose *ref_prose);

enum gb_cited_mark {
	GB_CITED_BARE = 0,
	GB_CITED_FENCE, /* a block of Markdown */
	GB_CITED_CODE,  /* `…` */
	GB_CITED_FIELD, /* name="…" */
	GB_CITED_QUOTE, /* "…", “…”, «…», '…' */
};

struct gb_cited_frame {
	enum gb_cited_mark mark;
	size_t from, to; /* with its marks */
};

/* The frame around the byte at AT of TEXT, the innermost that is closed. */
struct gb_cited_frame gb_cited_frame_of(struct gb_span text, size_t at);

#endif

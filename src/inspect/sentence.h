/* SPDX-License-Identifier: Apache-2.0 */
/* inspect/sentence: is a text nothing but words, figures and the punctuation that prose puts between them? */
#ifndef GB_INSPECT_SENTENCE_H
#define GB_INSPECT_SENTENCE_H

#include "base/span.h"

/* Longer texts may be decoded in windows, of which each would have to be a sentence. */
#define GB_SENTENCE_MAX 32768u

enum gb_sentence {
	GB_SENTENCE_NONE = 0,
	GB_SENTENCE_HINTED, /* words or figures of it are SQL's too: only that detector may find something */
	GB_SENTENCE_TAME,   /* none may */
};

/* TEXT, of bytes of MASK, in balanced mode. Bytes beyond ASCII are letters here; whether they have another spelling is not asked. One pass. */
enum gb_sentence gb_sentence_read(struct gb_span text, uint32_t mask);

#endif

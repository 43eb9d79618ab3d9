/* SPDX-License-Identifier: Apache-2.0 */
/*
 * collect/tail: a log file from where somebody stopped, while others write, rotate and truncate it. Whole lines only.
 */
#ifndef GB_COLLECT_TAIL_H
#define GB_COLLECT_TAIL_H

#include "base/diag.h"
#include "base/span.h"

/* Up to where a file was read. A file is known again by its device and number, and because numbers are used again, by what it
 * begins with. */
struct gb_collect_mark {
	uint64_t device, file, offset;
	uint32_t head_n; /* bytes that head is the SHA-256 of; 0: the file was empty */
	unsigned char head[32];
};

#define GB_COLLECT_MARK_CHARS 160u
/* As one line of text and back; false: it is none. */
void gb_collect_mark_print(const struct gb_collect_mark *mark, char ret_text[GB_COLLECT_MARK_CHARS]);
bool gb_collect_mark_parse(struct gb_span text, struct gb_collect_mark *ret_mark);

struct gb_collect_tail;

enum gb_collect_from {
	GB_COLLECT_FROM_BEGIN = 0,
	GB_COLLECT_FROM_END, /* what is written from now on */
};

/* Open PATH. With MARK (NULL: none) where that says: in PATH, or in the file that it was renamed to in the same folder, which
 * is then read to its end first; FROM is for files that MARK does not know. 0, -ENOENT and other errnos with DIAG. */
__attribute__((warn_unused_result)) int gb_collect_tail_open(const char *path, const struct gb_collect_mark *mark,
        enum gb_collect_from from, struct gb_collect_tail **ret_tail, struct gb_diag *diag);
void gb_collect_tail_close(struct gb_collect_tail *tail); /* NULL is fine */

/* The next whole lines, at most GB_COLLECT_CHUNK_MAX bytes, until the next call. 1; 0: there is nothing more now (of a file
 * that was rotated away, then the new one is taken up). A line that is longer than a chunk comes in pieces. With IS_LAST what
 * stands behind the last line feed is handed out too. */
#define GB_COLLECT_CHUNK_MAX (1u << 20)
__attribute__((warn_unused_result)) int gb_collect_tail_read(
        struct gb_collect_tail *tail, bool is_last, struct gb_span *ret_lines, struct gb_diag *diag);

/* Behind what was handed out last. */
void gb_collect_tail_mark(struct gb_collect_tail *tail, struct gb_collect_mark *ret_mark);

/* For a progress bar: bytes read of how many there are now. */
void gb_collect_tail_progress(const struct gb_collect_tail *tail, uint64_t *ret_done, uint64_t *ret_all);

#endif

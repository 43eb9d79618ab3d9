/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/documents: policy documents and what is made like them, with their full history. A document is kind and name; each
 * change is a revision, numbered from 1, and nothing is ever overwritten. To roll back is to put an old revision's body anew.
 */
#ifndef GB_STORE_DOCUMENTS_H
#define GB_STORE_DOCUMENTS_H

#include "base/arena.h"
#include "store/sql.h"

#define GB_DOCUMENT_NAME_MAX 800u /* bytes */
#define GB_DOCUMENT_BODY_MAX (1024u * 1024u)

/* Spans live until the callback returns, or in the arena that was given. */
struct gb_document {
	struct gb_span kind, name;
	int64_t revision;
	struct gb_span body, author, comment;
	int64_t time;
	bool is_deleted;
};

typedef int gb_document_row(void *context, const struct gb_document *document);

#define GB_DOCUMENT_ANY (-1) /* whatever the revision is now */

/* Add a revision. EXPECTED is the one that it is to follow (0: there is none, or the last one is a deletion), or
 * GB_DOCUMENT_ANY. Opens a transaction of its own when there is none. 0 with *ret_revision; -ESTALE: there is another
 * revision by now (*ret_revision tells which); -EINVAL: name or body too long. */
__attribute__((warn_unused_result)) int gb_document_put(struct gb_store *store, const struct gb_document *document,
        int64_t expected, int64_t *ret_revision, struct gb_diag *diag);

/* Revision REVISION, or the last one (0; also when that is a deletion). 1, or 0 when there is none. */
__attribute__((warn_unused_result)) int gb_document_get(struct gb_store *store, struct gb_span kind,
        struct gb_span name, int64_t revision, struct gb_arena *arena, struct gb_document *ret_document,
        struct gb_diag *diag);

/* The last revision of each document of KIND that is not deleted, by name, after the name AFTER, at most LIMIT. Result: how many. */
__attribute__((warn_unused_result)) int gb_documents_list(struct gb_store *store, struct gb_span kind,
        struct gb_span after, size_t limit, gb_document_row *on_row, void *context, struct gb_diag *diag);

/* All revisions of one, newest first, those before BEFORE (0: all), at most LIMIT, without their bodies. Result: how many. */
__attribute__((warn_unused_result)) int gb_document_history(struct gb_store *store, struct gb_span kind,
        struct gb_span name, int64_t before, size_t limit, gb_document_row *on_row, void *context,
        struct gb_diag *diag);

/* A number that is another one after every change of any document. */
__attribute__((warn_unused_result)) int gb_documents_epoch(
        struct gb_store *store, int64_t *ret_epoch, struct gb_diag *diag);

#endif

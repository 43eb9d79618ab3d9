/* SPDX-License-Identifier: Apache-2.0 */
#include "store/documents.h"

#include "store/copy.h"
#include "store/store.h"

#include <errno.h>

#define COLUMNS "kind, name, revision, body, author, comment, time, is_deleted"

static struct gb_document document_of(const struct gb_sql_value *columns)
{
	return (struct gb_document){.kind = columns[0].bytes,
	        .name = columns[1].bytes,
	        .revision = columns[2].integer,
	        .body = columns[3].bytes,
	        .author = columns[4].bytes,
	        .comment = columns[5].bytes,
	        .time = columns[6].integer,
	        .is_deleted = columns[7].integer != 0};
}

struct last {
	int64_t revision;
	bool is_deleted;
};

static int on_last(void *context, const struct gb_sql_value *columns, size_t count)
{
	struct last *last = context;

	(void)count;
	last->revision = columns[0].integer;
	last->is_deleted = columns[1].integer != 0;
	return 1;
}

static int put(struct gb_store *store, const struct gb_document *document, int64_t expected, int64_t *ret_revision,
        struct gb_diag *diag)
{
	struct gb_sql_value values[] = {gb_sql_text(document->kind), gb_sql_text(document->name), gb_sql_null(),
	        gb_sql_text(document->body), gb_sql_text(document->author), gb_sql_text(document->comment),
	        gb_sql_integer(gb_store_now_ms(store)), gb_sql_integer(document->is_deleted)};
	struct last last = {0};
	int r = gb_sql_run(store,
	        "SELECT revision, is_deleted FROM documents WHERE kind = $1 AND name = $2 ORDER BY revision DESC LIMIT "
	        "1",
	        values, 2, on_last, &last, diag);

	if (r < 0)
		return r;
	*ret_revision = last.revision;
	if (expected != GB_DOCUMENT_ANY && expected != (last.is_deleted ? 0 : last.revision) &&
	        expected != last.revision)
		return gb_diag_set(diag, -ESTALE, 0, 0, "it has revision %lld by now", (long long)last.revision);
	values[2] = gb_sql_integer(last.revision + 1);
	r = gb_sql_run(store,
	        "INSERT INTO documents (kind, name, revision, body, author, comment, time, is_deleted) VALUES ($1, $2, "
	        "$3, $4, $5, $6, $7, $8)",
	        values, 8, NULL, NULL, diag);
	/* Somebody else was quicker by a moment. */
	if (r == -EEXIST)
		return gb_diag_set(diag, -ESTALE, 0, 0, "it has just been changed by somebody else");
	*ret_revision = last.revision + 1;
	return r < 0 ? r : 0;
}

int gb_document_put(struct gb_store *store, const struct gb_document *document, int64_t expected, int64_t *ret_revision,
        struct gb_diag *diag)
{
	bool is_own = !gb_store_is_in_transaction(store);
	int r;

	if (document->name.n == 0 || document->name.n > GB_DOCUMENT_NAME_MAX || document->body.n > GB_DOCUMENT_BODY_MAX)
		return gb_diag_set(diag, -EINVAL, 0, 0, "the document's name or body is too long");
	r = is_own ? gb_store_begin(store, diag) : 0;
	if (r == 0)
		r = put(store, document, expected, ret_revision, diag);
	if (is_own && r == 0)
		r = gb_store_commit(store, diag);
	if (is_own && r < 0)
		gb_store_rollback(store);
	return r;
}

struct one {
	struct gb_arena *arena;
	struct gb_document *document;
};

static int keep(void *context, const struct gb_sql_value *columns, size_t count)
{
	struct one *one = context;
	struct gb_document *document = one->document;
	struct gb_span numbers, *const texts[] = {&document->kind, &document->name, &numbers, &document->body,
	                                &document->author, &document->comment};
	int r;

	(void)count;
	*document = document_of(columns);
	r = gb_store_copy(one->arena, columns, texts, 6);
	return r < 0 ? r : 1;
}

int gb_document_get(struct gb_store *store, struct gb_span kind, struct gb_span name, int64_t revision,
        struct gb_arena *arena, struct gb_document *ret_document, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {gb_sql_text(kind), gb_sql_text(name), gb_sql_integer(revision)};
	struct one one = {arena, ret_document};

	return gb_sql_run(store,
	        "SELECT " COLUMNS
	        " FROM documents WHERE kind = $1 AND name = $2 AND (revision = $3 OR $3 = 0) ORDER BY "
	        "revision DESC LIMIT 1",
	        values, 3, keep, &one, diag);
}

struct rows {
	gb_document_row *on_row;
	void *context;
};

static int on_document(void *context, const struct gb_sql_value *columns, size_t count)
{
	const struct rows *rows = context;
	struct gb_document document = document_of(columns);

	(void)count;
	return rows->on_row(rows->context, &document);
}

int gb_documents_list(struct gb_store *store, struct gb_span kind, struct gb_span after, size_t limit,
        gb_document_row *on_row, void *context, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {gb_sql_text(kind), gb_sql_text(after), gb_sql_integer((int64_t)limit)};
	struct rows rows = {on_row, context};

	return gb_sql_run(store,
	        "SELECT " COLUMNS " FROM documents d WHERE kind = $1 AND name > $2 AND is_deleted = 0 AND revision = "
	        "(SELECT MAX(n.revision) FROM documents n WHERE n.kind = d.kind AND n.name = d.name) ORDER BY name "
	        "LIMIT "
	        "$3",
	        values, 3, on_document, &rows, diag);
}

int gb_document_history(struct gb_store *store, struct gb_span kind, struct gb_span name, int64_t before, size_t limit,
        gb_document_row *on_row, void *context, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {
	        gb_sql_text(kind), gb_sql_text(name), gb_sql_integer(before), gb_sql_integer((int64_t)limit)};
	struct rows rows = {on_row, context};

	return gb_sql_run(store,
	        "SELECT kind, name, revision, '', author, comment, time, is_deleted FROM documents WHERE kind = $1 AND "
	        "name = $2 AND (revision < $3 OR $3 = 0) ORDER BY revision DESC LIMIT $4",
	        values, 4, on_document, &rows, diag);
}

int gb_documents_epoch(struct gb_store *store, int64_t *ret_epoch, struct gb_diag *diag)
{
	*ret_epoch = 0;
	/* Revisions are only ever added. */
	return gb_sql_integer_of(store, "SELECT COUNT(*) FROM documents", NULL, 0, ret_epoch, diag);
}

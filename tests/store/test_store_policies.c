/* SPDX-License-Identifier: Apache-2.0 */
/* Documents, profiles with what waits for them, and publications. */
#include "fixture.h"

#include "base/arena.h"
#include "store/documents.h"
#include "store/functions.h"
#include "store/learning.h"
#include "store/profiles.h"
#include "store/publications.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static int put(struct fixture *f, const char *name, const char *body, int64_t expected, bool is_deleted)
{
	const struct gb_document document = {.kind = GB_SPAN("FunctionPolicy"),
	        .name = gb_span_cstr(name),
	        .body = gb_span_cstr(body),
	        .author = GB_SPAN("anna"),
	        .comment = GB_SPAN("why"),
	        .is_deleted = is_deleted};
	int64_t revision = 0;
	int r = gb_document_put(f->store, &document, expected, &revision, &f->diag);

	return r < 0 ? r : (int)revision;
}

struct seen {
	size_t count;
	char text[256];
};

static int on_document(void *context, const struct gb_document *document)
{
	struct seen *seen = context;
	size_t n = strlen(seen->text);

	seen->count++;
	(void)snprintf(seen->text + n, sizeof(seen->text) - n, "%.*s:%d%.*s%s ", (int)document->name.n,
	        (const char *)document->name.p, (int)document->revision, (int)document->body.n,
	        document->body.n == 0 ? "" : (const char *)document->body.p, document->is_deleted ? "-" : "");
	return 0;
}

static void documents_keep_their_history(void **state)
{
	struct fixture *f = *state;
	struct gb_arena *arena = gb_arena_new();
	struct gb_document document;
	struct seen seen = {0};
	int64_t before, after;

	assert_ok(f, gb_documents_epoch(f->store, &before, &f->diag));
	assert_int_equal(put(f, "a", "one", 0, false), 1);
	assert_int_equal(put(f, "a", "one", 0, false), -ESTALE);
	assert_int_equal(put(f, "a", "two", 1, false), 2);
	assert_int_equal(put(f, "a", "two", 1, false), -ESTALE);
	assert_int_equal(put(f, "a", "three", GB_DOCUMENT_ANY, false), 3);
	assert_int_equal(put(f, "'; DROP TABLE documents; --", "x", 0, false), 1);
	assert_int_equal(put(f, "b", "y", 0, false), 1);
	assert_int_equal(put(f, "b", "", 1, true), 2);
	assert_ok(f, gb_documents_epoch(f->store, &after, &f->diag));
	assert_int_equal(after - before, 6);
	assert_int_equal(
	        gb_document_get(f->store, GB_SPAN("FunctionPolicy"), GB_SPAN("a"), 2, arena, &document, &f->diag), 1);
	assert_true(gb_span_equal(document.body, GB_SPAN("two")) && document.revision == 2);
	assert_int_equal(
	        gb_document_get(f->store, GB_SPAN("FunctionPolicy"), GB_SPAN("a"), 0, arena, &document, &f->diag), 1);
	assert_true(gb_span_equal(document.body, GB_SPAN("three")) && gb_span_equal(document.author, GB_SPAN("anna")) &&
	            gb_span_equal(document.comment, GB_SPAN("why")) && document.time == f->now);
	assert_int_equal(
	        gb_document_get(f->store, GB_SPAN("FunctionPolicy"), GB_SPAN("a"), 4, arena, &document, &f->diag), 0);
	assert_int_equal(gb_document_get(f->store, GB_SPAN("Group"), GB_SPAN("a"), 0, arena, &document, &f->diag), 0);
	assert_int_equal(
	        gb_document_get(f->store, GB_SPAN("FunctionPolicy"), GB_SPAN("b"), 0, arena, &document, &f->diag), 1);
	assert_true(document.is_deleted);
	assert_int_equal(
	        gb_documents_list(f->store, GB_SPAN("FunctionPolicy"), GB_SPAN_EMPTY, 10, on_document, &seen, &f->diag),
	        2);
	assert_string_equal(seen.text, "'; DROP TABLE documents; --:1x a:3three ");
	seen = (struct seen){0};
	assert_int_equal(gb_document_history(f->store, GB_SPAN("FunctionPolicy"), GB_SPAN("a"), 3, 10, on_document,
	                         &seen, &f->diag),
	        2);
	assert_string_equal(seen.text, "a:2 a:1 ");
	/* Behind a deletion it begins anew, with the next number. */
	assert_int_equal(put(f, "b", "again", 0, false), 3);
	gb_arena_free(arena);
}

static void documents_of_two_writers(void **state)
{
	struct fixture *f = *state;
	struct gb_store *other = fixture_open(f), *own = f->store;

	assert_int_equal(put(f, "a", "one", 0, false), 1);
	f->store = other;
	assert_int_equal(put(f, "a", "two", 1, false), 2);
	f->store = own;
	assert_int_equal(put(f, "a", "two", 1, false), -ESTALE);
	gb_store_close(other);
}

static int64_t make_function(struct fixture *f, const char *name)
{
	const struct gb_function_sighting sighting = {.account = GB_SPAN("123456789012"),
	        .region = GB_SPAN("eu-west-1"),
	        .name = gb_span_cstr(name),
	        .code = GB_SPAN("c0de"),
	        .time = f->now};
	struct gb_function_ids ids = {0};

	assert_ok(f, gb_functions_seen(f->store, &sighting, 1, &ids, &f->diag));
	return ids.function;
}

static void observe(struct fixture *f, int64_t function, int64_t seq, const char *line)
{
	const struct gb_sql_value values[] = {gb_sql_integer(function), gb_sql_integer(seq), gb_sql_cstr(line)};

	assert_ok(f, gb_sql_run(f->store,
	                     "INSERT INTO observations (function, version, sandbox, seq, time, line) VALUES ($1, "
	                     "(SELECT MAX(id) "
	                     "FROM versions), -1, $2, 0, $3)",
	                     values, 3, NULL, NULL, &f->diag));
}

static int on_observation(void *context, const struct gb_observation *observation)
{
	struct seen *seen = context;

	seen->count += observation->line.n;
	assert_true(observation->sandbox == UINT64_MAX);
	assert_true(gb_span_equal(observation->code, GB_SPAN("c0de")));
	return 0;
}

static int on_id(void *context, int64_t function)
{
	*(int64_t *)context = function;
	return 0;
}

static void observations_are_taken_once(void **state)
{
	struct fixture *f = *state;
	int64_t function = make_function(f, "f"), other = make_function(f, "g"), id = 0;
	struct seen seen = {0};
	struct gb_settled settled;

	assert_int_equal(gb_observations_functions(f->store, 0, 10, on_id, &id, &f->diag), 0);
	for (int i = 0; i < 5; i++)
		observe(f, function, i, "line");
	observe(f, other, 0, "another");
	assert_int_equal(gb_observations_functions(f->store, 0, 10, on_id, &id, &f->diag), 0);
	assert_int_equal(gb_observations_take(f->store, function, 3, on_observation, &seen, &f->diag), 0);
	for (size_t ready = 0; ready < 6; ready += settled.ready) {
		assert_ok(f, gb_observations_settle(f->store, 2, &settled, &f->diag));
		assert_true(settled.ready == 2 && settled.left_out == 0 && settled.has_more);
	}
	assert_ok(f, gb_observations_settle(f->store, 2, &settled, &f->diag));
	assert_true(settled.ready == 0 && !settled.has_more);
	assert_int_equal(gb_observations_functions(f->store, 0, 10, on_id, &id, &f->diag), 2);
	assert_int_equal(id, other);
	assert_int_equal(gb_observations_functions(f->store, function, 10, on_id, &id, &f->diag), 1);
	assert_ok(f, gb_store_begin(f->store, &f->diag));
	assert_int_equal(gb_observations_take(f->store, function, 3, on_observation, &seen, &f->diag), 3);
	gb_store_rollback(f->store);
	assert_int_equal(gb_observations_take(f->store, function, 3, on_observation, &seen, &f->diag), 3);
	assert_int_equal(gb_observations_take(f->store, function, 3, on_observation, &seen, &f->diag), 2);
	assert_int_equal(gb_observations_take(f->store, function, 3, on_observation, &seen, &f->diag), 0);
	assert_int_equal(seen.count, 8 * strlen("line"));
	assert_int_equal(gb_observations_functions(f->store, 0, 10, on_id, &id, &f->diag), 1);
}

static int on_point(void *context, const struct gb_learning_point *point)
{
	struct seen *seen = context;
	size_t n = strlen(seen->text);

	(void)snprintf(seen->text + n, sizeof(seen->text) - n, "%d:%d:%.3f ", (int)point->invocations,
	        (int)point->percent, point->bound);
	return 0;
}

static int note(struct fixture *f, const char *code, int64_t invocations, int64_t percent)
{
	const struct gb_learning_point point = {invocations, 2 * invocations, percent, 1.0 / (double)invocations, 7};

	return gb_learning_note(f->store, 5, gb_span_cstr(code), &point, &f->diag);
}

static void learning_is_a_curve_of_few_points(void **state)
{
	struct fixture *f = *state;
	struct seen seen = {0}, other = {0};

	assert_int_equal(note(f, "a", 100, 1), 1);
	assert_int_equal(note(f, "a", 100, 1), 0);
	assert_int_equal(note(f, "a", 110, 2), 0);
	assert_int_equal(note(f, "a", 111, 2), 1);
	assert_int_equal(note(f, "a", 112, 100), 1);
	assert_int_equal(note(f, "a", 113, 100), 0);
	assert_int_equal(gb_learning_list(f->store, 5, on_point, &seen, &f->diag), 3);
	assert_string_equal(seen.text, "100:1:0.010 111:2:0.009 112:100:0.009 ");
	/* New code begins anew, also where it has seen as much as the one before. */
	assert_int_equal(note(f, "", 111, 3), 1);
	memset(&seen, 0, sizeof(seen));
	assert_int_equal(gb_learning_list(f->store, 5, on_point, &seen, &f->diag), 1);
	assert_string_equal(seen.text, "111:3:0.009 ");
	assert_int_equal(gb_learning_list(f->store, 6, on_point, &other, &f->diag), 0);
}

static void profiles_have_revisions(void **state)
{
	struct fixture *f = *state;
	struct gb_arena *arena = gb_arena_new();
	int64_t function = make_function(f, "f"), revision = -1;
	struct gb_span body;

	assert_int_equal(gb_profile_load(f->store, function, arena, &body, &revision, &f->diag), 0);
	assert_int_equal(revision, 0);
	assert_ok(f, gb_profile_save(f->store, function, GB_SPAN("\0\xffone"), 0, &f->diag));
	assert_int_equal(gb_profile_save(f->store, function, GB_SPAN("two"), 0, &f->diag), -ESTALE);
	assert_int_equal(gb_profile_load(f->store, function, arena, &body, &revision, &f->diag), 1);
	assert_true(gb_span_equal(body, GB_SPAN("\0\xffone")) && revision == 1);
	assert_ok(f, gb_profile_save(f->store, function, GB_SPAN("two"), 1, &f->diag));
	assert_int_equal(gb_profile_load(f->store, function, arena, &body, &revision, &f->diag), 1);
	assert_true(gb_span_equal(body, GB_SPAN("two")) && revision == 2);
	assert_ok(f, gb_function_learned(f->store, function, "ready", 100, 0.001, &f->diag));
	assert_int_equal(gb_function_code(f->store, function, arena, &body, &f->diag), 1);
	assert_true(gb_span_equal(body, GB_SPAN("c0de")));
	assert_int_equal(gb_function_code(f->store, function + 100, arena, &body, &f->diag), 0);
	gb_arena_free(arena);
}

static void serials_only_grow(void **state)
{
	struct fixture *f = *state;
	struct gb_arena *arena = gb_arena_new();
	unsigned char sha256[GB_SHA256_BYTES] = {1, 2, 3};
	struct gb_publication publication;
	int64_t serial = 0;

	assert_int_equal(gb_publication_last(f->store, 7, arena, &publication, &f->diag), 0);
	assert_ok(f,
	        gb_publication_begin(f->store, 7, sha256, 1, GB_PUBLICATION_BEGUN, GB_SPAN_EMPTY, &serial, &f->diag));
	assert_int_equal(serial, 1);
	assert_ok(f,
	        gb_publication_begin(f->store, 8, sha256, 40, GB_PUBLICATION_BEGUN, GB_SPAN_EMPTY, &serial, &f->diag));
	assert_int_equal(serial, 40);
	assert_ok(f,
	        gb_publication_begin(f->store, 7, sha256, 1, GB_PUBLICATION_REFUSED, GB_SPAN("no"), &serial, &f->diag));
	assert_int_equal(serial, 2);
	assert_int_equal(gb_publication_last(f->store, 7, arena, &publication, &f->diag), 1);
	assert_true(publication.serial == 2 && publication.state == GB_PUBLICATION_REFUSED &&
	            gb_span_equal(publication.diag, GB_SPAN("no")) &&
	            memcmp(publication.sha256, sha256, sizeof(sha256)) == 0);
	assert_ok(f,
	        gb_publication_begin(f->store, 7, sha256, 1, GB_PUBLICATION_BEGUN, GB_SPAN_EMPTY, &serial, &f->diag));
	assert_ok(f, gb_publication_end(f->store, 7, serial, GB_SPAN("\"tag\""), &f->diag));
	assert_int_equal(gb_publication_last(f->store, 7, arena, &publication, &f->diag), 1);
	assert_true(publication.serial == 3 && publication.state == GB_PUBLICATION_PUBLISHED &&
	            gb_span_equal(publication.etag, GB_SPAN("\"tag\"")));
	gb_arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        ON_BOTH(documents_keep_their_history),
	        ON_BOTH(documents_of_two_writers),
	        ON_BOTH(observations_are_taken_once),
	        ON_BOTH(learning_is_a_curve_of_few_points),
	        ON_BOTH(profiles_have_revisions),
	        ON_BOTH(serials_only_grow),
	};

	return cmocka_run_group_tests_name("store policies", tests, NULL, NULL);
}

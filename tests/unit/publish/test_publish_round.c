/* SPDX-License-Identifier: Apache-2.0 */
/* Policies published out of documents: what is published and what is not, by which key, and what a failing S3 does to it. */
#include "bench.h"
#include "s3.h"

#include "base/arena.h"
#include "store/publications.h"

#include <dirent.h>
#include <errno.h>
#include <unistd.h>

static struct gb_s3_server server;

static void only_what_changed_is_published(void **state)
{
	struct fixture *f = *state;
	struct bench bench;
	struct gb_publish_round round;
	char body[64], name[300];

	open_bench(&bench, f, 0);
	(void)add_function(f, "orders");
	(void)add_function(f, "billing");
	round = run(&bench);
	assert_int_equal(round.looked_at, 2);
	assert_int_equal(round.published, 0);
	put_policy(f->store, "orders", "one");
	round = run(&bench);
	assert_int_equal(round.published, 1);
	assert_int_equal(fetch(&bench, "orders", body, name), 1);
	assert_string_equal(body, "one");
	assert_string_equal(name, "eu-west-1/orders");
	assert_int_equal(fetch(&bench, "billing", body, name), 0);
	round = run(&bench);
	assert_int_equal(round.looked_at, 0);
	put_policy(f->store, "orders", "two");
	assert_int_equal(run(&bench).published, 1);
	assert_int_equal(fetch(&bench, "orders", body, name), 2);
	assert_string_equal(body, "two");
	/* The same again, in other words. */
	put_document(f->store, "FunctionPolicy", "orders",
	        "kind: FunctionPolicy\nmetadata:\n  name: orders\napiVersion: gambeson/v1\nspec:\n  block: {body: "
	        "two}\n  "
	        "posture: block\n");
	round = run(&bench);
	assert_int_equal(round.looked_at, 2);
	assert_int_equal(round.published, 0);
	/* A policy for all, and none any more for one. */
	put_document(f->store, "AccountPolicy", "all",
	        "apiVersion: gambeson/v1\nkind: AccountPolicy\nmetadata: {name: all}\nspec: {posture: detect}\n");
	assert_int_equal(run(&bench).published, 1);
	assert_int_equal(fetch(&bench, "billing", body, name), 1);
	put_document(f->store, "AccountPolicy", "all", NULL);
	put_document(f->store, "FunctionPolicy", "orders", NULL);
	assert_int_equal(run(&bench).published, 2);
	assert_int_equal(fetch(&bench, "orders", body, name), 3);
	assert_string_equal(body, "");
	gb_publish_free(bench.publish);
}

static void hostile_names_stay_in_the_folder(void **state)
{
	static const char *const names[] = {
	        "../../../../tmp/x", "..", "a/b", "'; DROP TABLE functions; --", "<script>", "\xff\xfe", "=x"};
	struct fixture *f = *state;
	struct bench bench;
	struct dirent **entries;
	char folder[512];

	open_bench(&bench, f, 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)add_function(f, names[i]);
	put_document(f->store, "AccountPolicy", "all",
	        "apiVersion: gambeson/v1\nkind: AccountPolicy\nmetadata: {name: all}\nspec: {posture: block}\n");
	assert_int_equal(run(&bench).published, sizeof(names) / sizeof(names[0]));
	(void)snprintf(folder, sizeof(folder), "%s/policies/123456789012/eu-west-1", bench.data);
	/* Each has one of its own, besides "." and "..". */
	assert_int_equal(scandir(folder, &entries, NULL, alphasort), 2 + sizeof(names) / sizeof(names[0]));
	for (size_t i = 0; i < 2 + sizeof(names) / sizeof(names[0]); i++) {
		assert_true(i < 2 || entries[i]->d_name[0] == '=');
		free(entries[i]);
	}
	free(entries);
	gb_publish_free(bench.publish);
}

static void what_cannot_be_made_is_refused_once(void **state)
{
	struct fixture *f = *state;
	struct bench bench;
	struct gb_arena *arena = gb_arena_new();
	struct gb_publication last;
	struct gb_publish_round round;
	int64_t function;
	char body[64], name[300];

	open_bench(&bench, f, 0);
	function = add_function(f, "orders");
	put_policy(f->store, "orders", "good");
	assert_int_equal(run(&bench).published, 1);
	/* It asks for an alias, which nobody told. */
	put_document(f->store, "FunctionPolicy", "orders",
	        "apiVersion: gambeson/v1\nkind: FunctionPolicy\nmetadata: {name: orders}\nspec:\n  rules:\n  - name: "
	        "x\n    scope: {aliases: [prod]}\n    files: {read: [/etc/shadow]}\n");
	round = run(&bench);
	assert_int_equal(round.refused, 1);
	assert_int_equal(gb_publication_last(f->store, function, arena, &last, &f->diag), 1);
	assert_int_equal(last.state, GB_PUBLICATION_REFUSED);
	assert_true(last.diag.n > 0);
	assert_int_equal(fetch(&bench, "orders", body, name), 1);
	put_policy(f->store, "other", "x");
	assert_int_equal(run(&bench).refused, 0);
	put_policy(f->store, "orders", "good");
	assert_int_equal(run(&bench).published, 1);
	assert_int_equal(fetch(&bench, "orders", body, name), 3);
	gb_arena_free(arena);
	gb_publish_free(bench.publish);
}

static void a_store_that_lost_its_policies_is_filled(void **state)
{
	struct fixture *f = *state;
	struct bench bench;
	char body[64], name[300], path[512];

	open_bench(&bench, f, 0);
	(void)add_function(f, "orders");
	put_policy(f->store, "orders", "one");
	assert_int_equal(run(&bench).published, 1);
	(void)snprintf(path, sizeof(path), "%s/policies/123456789012/eu-west-1/orders/policy.gbp", bench.data);
	assert_int_equal(unlink(path), 0);
	gb_publish_free(bench.publish);
	open_bench(&bench, f, 0);
	assert_int_equal(run(&bench).published, 1);
	assert_int_equal(fetch(&bench, "orders", body, name), 2);
	/* And one that is older than the store: its serials are outdone. */
	assert_ok(f, gb_sql_run(f->store, "DELETE FROM publications", NULL, 0, NULL, NULL, &f->diag));
	put_policy(f->store, "orders", "two");
	assert_int_equal(run(&bench).published, 1);
	assert_int_equal(fetch(&bench, "orders", body, name), 3);
	gb_publish_free(bench.publish);
}

static void another_servers_key_does_not_sign(void **state)
{
	struct fixture *f = *state;
	struct bench bench;
	struct gb_publish_round round;
	char path[256];

	open_bench(&bench, f, 0);
	(void)run(&bench);
	(void)snprintf(path, sizeof(path), "%s/keys/policy.key", bench.data);
	assert_int_equal(unlink(path), 0);
	(void)snprintf(path, sizeof(path), "%s/keys/policy.pub", bench.data);
	assert_int_equal(unlink(path), 0);
	gb_publish_free(bench.publish);
	open_bench(&bench, f, 0);
	assert_int_equal(gb_publish_run(bench.publish, f->store, &round, &f->diag), -EKEYREJECTED);
	gb_publish_free(bench.publish);
}

static void a_new_key_signs_everything_anew(void **state)
{
	struct fixture *f = *state;
	struct bench bench;
	char folder[256], body[64], name[300];

	open_bench(&bench, f, 0);
	(void)add_function(f, "orders");
	put_policy(f->store, "orders", "one");
	assert_int_equal(run(&bench).published, 1);
	(void)snprintf(folder, sizeof(folder), "%s/keys", bench.data);
	assert_ok(f, gb_publish_keys_prepare(folder, &f->diag));
	gb_publish_free(bench.publish);
	open_bench(&bench, f, 0);
	assert_int_equal(run(&bench).published, 0);
	assert_ok(f, gb_publish_keys_activate(folder, 30000, &f->diag));
	assert_int_equal(run(&bench).published, 1);
	assert_int_equal(fetch(&bench, "orders", body, name), 2);
	gb_publish_free(bench.publish);
}

static void s3_faults_pass(void **state)
{
	static const char *const faults[] = {
	        "fault status=503", "fault lose", "fault after", "fault cut=3", "fault status=403"};
	struct fixture *f = *state;
	struct bench bench;
	struct gb_arena *arena = gb_arena_new();
	struct gb_publication last;
	struct gb_blob_header header;
	struct gb_s3_object object;
	struct gb_aws *aws;
	struct gb_span blob;
	int64_t function;
	char body[32];
	size_t published = 0;

	gb_s3_server_order(&server, "reset");
	open_bench(&bench, f, server.port);
	function = add_function(f, "orders");
	for (unsigned i = 0; i < 40; i++) {
		(void)snprintf(body, sizeof(body), "body %u", i);
		put_policy(f->store, "orders", body);
		for (unsigned pause = 0; pause < i % 4; pause++)
			gb_s3_server_order(&server, "fault none");
		gb_s3_server_order(&server, faults[i % (sizeof(faults) / sizeof(faults[0]))]);
		published += run(&bench).published;
	}
	put_policy(f->store, "orders", "the last");
	for (int i = 0; i < 10; i++)
		published += run(&bench).published;
	assert_true(published >= 20);
	assert_int_equal(run(&bench).published, 0);
	gb_publish_free(bench.publish);
	/* What lies there is the last one, whole, under the last serial. */
	assert_int_equal(gb_aws_new(&aws), 0);
	assert_int_equal(gb_s3_get(aws, &bench.location, "/123456789012/eu-west-1/orders/policy.gbp", NULL,
	                         GB_BLOB_FILE_BYTES_MAX, arena, &object, &f->diag),
	        0);
	assert_int_equal(gb_publication_last(f->store, function, arena, &last, &f->diag), 1);
	assert_int_equal(gb_blob_verify(object.body, NULL, &blob), 0);
	memcpy(&header, blob.p, sizeof(header));
	assert_int_equal(header.serial, last.serial);
	assert_int_equal(last.state, GB_PUBLICATION_PUBLISHED);
	assert_true(gb_span_find(blob, GB_SPAN("the last"), 0) != SIZE_MAX);
	gb_aws_free(aws);
	gb_arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        ON_BOTH(only_what_changed_is_published),
	        ON_BOTH(hostile_names_stay_in_the_folder),
	        ON_BOTH(what_cannot_be_made_is_refused_once),
	        ON_BOTH(a_store_that_lost_its_policies_is_filled),
	        ON_BOTH(another_servers_key_does_not_sign),
	        ON_BOTH(a_new_key_signs_everything_anew),
	        ON_BOTH(s3_faults_pass),
	};
	int failed;

	gb_s3_server_start(&server);
	failed = cmocka_run_group_tests_name("publish round", tests, NULL, NULL);
	gb_s3_server_stop(&server);
	return failed;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies published out of documents: what is published and what is not, who may and who may not, and programs that are
 * killed at any moment: then what functions fetch is an older policy or a newer one, whole and signed, and never goes back.
 */
#include "fixture.h"
#include "publish/publish.h"
#include "s3.h"

#include "aws/s3.h"
#include "base/arena.h"
#include "base/cleanup.h"
#include "base/fd.h"
#include "policy/policy.h"
#include "store/documents.h"
#include "store/publications.h"
#include "wire/pins.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define CRASHES 60

static struct gb_s3_server server;

/* A policy store and a publisher on a test's database. */
struct bench {
	struct fixture *f;
	struct gb_location location;
	struct gb_publish *publish;
	char data[128];
};

static void open_bench(struct bench *bench, struct fixture *f, bool is_s3)
{
	char url[256];

	*bench = (struct bench){.f = f};
	(void)snprintf(bench->data, sizeof(bench->data), "%s/data", f->folder);
	(void)mkdir(bench->data, 0700);
	if (is_s3)
		(void)snprintf(url, sizeof(url), "s3://policies/prod?endpoint=http://127.0.0.1:%u&region=eu-west-1",
		        server.port);
	else
		(void)snprintf(url, sizeof(url), "%s/policies", bench->data);
	assert_ok(f, gb_location_parse(gb_span_cstr(url), "", false, &bench->location, &f->diag));
	assert_ok(f, gb_publish_new(&(struct gb_publish_settings){.data = bench->data, .location = &bench->location},
	                     &bench->publish, &f->diag));
}

static struct gb_publish_round run(struct bench *bench)
{
	struct gb_publish_round round;

	assert_ok(bench->f, gb_publish_run(bench->publish, bench->f->store, &round, &bench->f->diag));
	return round;
}

static int64_t add_function(struct fixture *f, const char *name)
{
	const struct gb_function_sighting sighting = {.account = GB_SPAN("123456789012"),
	        .region = GB_SPAN("eu-west-1"),
	        .name = gb_span_cstr(name),
	        .time = f->now};
	struct gb_function_ids ids = {0};

	assert_ok(f, gb_functions_seen(f->store, &sighting, 1, &ids, &f->diag));
	return ids.function;
}

static void put_document(struct gb_store *store, const char *kind, const char *name, const char *body)
{
	const struct gb_document document = {.kind = gb_span_cstr(kind),
	        .name = gb_span_cstr(name),
	        .body = gb_span_cstr(body == NULL ? "" : body),
	        .is_deleted = body == NULL};
	struct gb_diag diag = {0};
	int64_t revision;

	if (gb_document_put(store, &document, GB_DOCUMENT_ANY, &revision, &diag) != 0)
		fail_msg("%s", diag.message);
}

static void put_policy(struct gb_store *store, const char *name, const char *block_body)
{
	char body[1024];

	(void)snprintf(body, sizeof(body),
	        "apiVersion: gambeson/v1\nkind: FunctionPolicy\nmetadata: {name: %s}\nspec: {posture: block, "
	        "block: {body: '%s'}}\n",
	        name, block_body);
	put_document(store, "FunctionPolicy", name, body);
}

/* What a function fetches from the folder: checked with the pinned key as an agent would. Serial 0: nothing is there. */
static uint64_t fetch(const struct bench *bench, const char *part, char block_body[64], char name[300])
{
	GB_CLEANUP(gb_freep) char *data = NULL, *pub = NULL;
	struct gb_pins pins;
	struct gb_policy policy;
	struct gb_span blob;
	char path[512];
	size_t n, pub_n;

	(void)snprintf(path, sizeof(path), "%s/keys/policy.pub", bench->data);
	assert_int_equal(gb_fd_read_file(path, GB_PINS_BYTES_MAX, &pub, &pub_n), 0);
	assert_int_equal(gb_pins_parse(gb_span_of(pub, pub_n), &pins, NULL), 0);
	(void)snprintf(path, sizeof(path), "%s/policies/123456789012/eu-west-1/%s/policy.gbp", bench->data, part);
	if (gb_fd_read_file(path, GB_BLOB_FILE_BYTES_MAX, &data, &n) < 0)
		return 0;
	assert_int_equal(gb_pins_verify(&pins, gb_span_of(data, n), 20000, &blob), 0);
	assert_int_equal(gb_policy_open(blob, &policy), 0);
	(void)snprintf(block_body, 64, "%.*s", (int)policy.header->block_body.n,
	        (const char *)blob.p + policy.header->text.offset + policy.header->block_body.offset);
	(void)snprintf(name, 300, "%.*s", (int)policy.header->name.n,
	        (const char *)blob.p + policy.header->text.offset + policy.header->name.offset);
	return policy.header->serial;
}

static void only_what_changed_is_published(void **state)
{
	struct fixture *f = *state;
	struct bench bench;
	struct gb_publish_round round;
	char body[64], name[300];

	open_bench(&bench, f, false);
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

	open_bench(&bench, f, false);
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

	open_bench(&bench, f, false);
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

	open_bench(&bench, f, false);
	(void)add_function(f, "orders");
	put_policy(f->store, "orders", "one");
	assert_int_equal(run(&bench).published, 1);
	(void)snprintf(path, sizeof(path), "%s/policies/123456789012/eu-west-1/orders/policy.gbp", bench.data);
	assert_int_equal(unlink(path), 0);
	gb_publish_free(bench.publish);
	open_bench(&bench, f, false);
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

	open_bench(&bench, f, false);
	(void)run(&bench);
	(void)snprintf(path, sizeof(path), "%s/keys/policy.key", bench.data);
	assert_int_equal(unlink(path), 0);
	(void)snprintf(path, sizeof(path), "%s/keys/policy.pub", bench.data);
	assert_int_equal(unlink(path), 0);
	gb_publish_free(bench.publish);
	open_bench(&bench, f, false);
	assert_int_equal(gb_publish_run(bench.publish, f->store, &round, &f->diag), -EKEYREJECTED);
	gb_publish_free(bench.publish);
}

static void a_new_key_signs_everything_anew(void **state)
{
	struct fixture *f = *state;
	struct bench bench;
	char folder[256], body[64], name[300];

	open_bench(&bench, f, false);
	(void)add_function(f, "orders");
	put_policy(f->store, "orders", "one");
	assert_int_equal(run(&bench).published, 1);
	(void)snprintf(folder, sizeof(folder), "%s/keys", bench.data);
	assert_ok(f, gb_publish_keys_prepare(folder, &f->diag));
	gb_publish_free(bench.publish);
	open_bench(&bench, f, false);
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
	open_bench(&bench, f, true);
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

/* As the server's task does: PostgreSQL may still be at what a killed publisher asked for last. 0, or a negative errno. */
static int become_publisher(struct gb_store *store)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	struct gb_diag diag = {0};
	int r;

	while ((r = gb_store_lock(store, "publish", &diag)) == -EBUSY)
		(void)nanosleep(&pause, NULL);
	return r;
}

/* Documents change and are published, until somebody puts an end to it. */
_Noreturn static void work(struct fixture *f, const char *data, unsigned seed)
{
	struct gb_publish *publish;
	struct gb_location location = {.kind = GB_LOCATION_FOLDER};
	struct gb_store *store;
	struct gb_publish_round round;
	struct gb_diag diag = {0};

	(void)snprintf(location.path, sizeof(location.path), "%s/policies", data);
	if (gb_store_open(f->url, &store, &diag) < 0 || become_publisher(store) < 0 ||
	        gb_publish_new(&(struct gb_publish_settings){.data = data, .location = &location}, &publish, &diag) < 0)
		_exit(1);
	for (unsigned turn = 0;; turn++) {
		char body[32];

		(void)snprintf(body, sizeof(body), "%u-%u", seed, turn);
		put_policy(store, turn % 2 == 0 ? "orders" : "billing", body);
		if (gb_publish_run(publish, store, &round, &diag) < 0)
			_exit(1);
	}
}

static void check_temporaries(const struct bench *bench)
{
	char path[512];

	(void)snprintf(path, sizeof(path), "%s/policies/123456789012/eu-west-1/orders/.new", bench->data);
	assert_int_equal(access(path, F_OK), -1);
}

static void killed_at_any_moment(void **state)
{
	struct fixture *f = *state;
	static const char *const names[] = {"orders", "billing"};
	uint64_t serials[2] = {0};
	struct bench bench;
	unsigned random = 2463534242u;

	open_bench(&bench, f, false);
	for (int i = 0; i < 2; i++)
		(void)add_function(f, names[i]);
	gb_publish_free(bench.publish);
	for (unsigned seed = 1; seed <= CRASHES; seed++) {
		struct timespec pause = {.tv_nsec = 0};
		char body[64], name[300], wanted[64];
		struct gb_publish_round round;
		pid_t pid = fork();
		int status;

		if (pid == 0)
			work(f, bench.data, seed);
		random ^= random << 13;
		random ^= random >> 17;
		random ^= random << 5;
		pause.tv_nsec = 2000000 + (long)(random % 40000) * 1000;
		(void)nanosleep(&pause, NULL);
		(void)kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (!WIFSIGNALED(status))
			fail_msg("seed %u: the publisher ended by itself: %d", seed, status);
		assert_int_equal(become_publisher(f->store), 0);
		for (int i = 0; i < 2; i++) {
			uint64_t serial = fetch(&bench, names[i], body, name);

			assert_true(serial >= serials[i]);
			serials[i] = serial;
		}
		/* One round heals what was left. */
		open_bench(&bench, f, false);
		round = run(&bench);
		assert_int_equal(round.failed, 0);
		(void)snprintf(wanted, sizeof(wanted), "healed %u", seed);
		put_policy(f->store, "orders", wanted);
		assert_int_equal(run(&bench).published, 1);
		assert_true(fetch(&bench, "orders", body, name) > serials[0]);
		assert_string_equal(body, wanted);
		serials[0] = fetch(&bench, "orders", body, name);
		serials[1] = fetch(&bench, "billing", body, name);
		gb_store_unlock(f->store, "publish");
		gb_publish_free(bench.publish);
	}
	check_temporaries(&bench);
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
	        ON_BOTH(killed_at_any_moment),
	};
	int failed;

	gb_s3_server_start(&server);
	failed = cmocka_run_group_tests_name("publish round", tests, NULL, NULL);
	gb_s3_server_stop(&server);
	return failed;
}

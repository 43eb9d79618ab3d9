/* SPDX-License-Identifier: Apache-2.0 */
/* Documents, a publisher, and what a function would fetch; to be included once. */
#ifndef GB_TESTS_PUBLISH_BENCH_H
#define GB_TESTS_PUBLISH_BENCH_H

#include "fixture.h"
#include "publish/publish.h"

#include "aws/s3.h"
#include "base/cleanup.h"
#include "base/fd.h"
#include "policy/policy.h"
#include "store/documents.h"
#include "wire/pins.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

/* A policy store and a publisher on a test's database. */
struct bench {
	struct fixture *f;
	struct gb_location location;
	struct gb_publish *publish;
	char data[128];
};

/* The policy store is in the folder of the test's data, or in the S3 server at S3_PORT. */
static void open_bench(struct bench *bench, struct fixture *f, unsigned s3_port)
{
	char url[256];

	*bench = (struct bench){.f = f};
	(void)snprintf(bench->data, sizeof(bench->data), "%s/data", f->folder);
	(void)mkdir(bench->data, 0700);
	if (s3_port != 0)
		(void)snprintf(
		        url, sizeof(url), "s3://policies/prod?endpoint=http://127.0.0.1:%u&region=eu-west-1", s3_port);
	else
		(void)snprintf(url, sizeof(url), "%s/policies", bench->data);
	assert_ok(f, gb_location_parse(gb_span_cstr(url), "", false, &bench->location, &f->diag));
	assert_ok(f, gb_publish_new(&(struct gb_publish_settings){.data = bench->data, .location = &bench->location},
	                     &bench->publish, &f->diag));
}

/* One round, which must succeed. */
static struct gb_publish_round run(struct bench *bench)
{
	struct gb_publish_round round;

	assert_ok(bench->f, gb_publish_run(bench->publish, bench->f->store, &round, &bench->f->diag));
	return round;
}

static int64_t add_function(struct fixture *f, const char *name)
{
	return fixture_function(f, "123456789012", name);
}

/* BODY NULL: it is deleted. */
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

#endif

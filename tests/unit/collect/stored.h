/* SPDX-License-Identifier: Apache-2.0 */
/* A store that a log is put into, verified, and what is found in it then; to be included once. */
#ifndef GB_TESTS_COLLECT_STORED_H
#define GB_TESTS_COLLECT_STORED_H

#include "collect/batch.h"
#include "log.h"
#include "pack.h"
#include "store/sandboxes.h"
#include "store/store.h"

#include <errno.h>
#include <unistd.h>

static const struct gb_collect_origin orders = {.account = {(const unsigned char *)"123456789012", 12},
        .region = {(const unsigned char *)"eu-west-1", 9},
        .function = {(const unsigned char *)"orders", 6}};

struct bench {
	char folder[64];
	struct gb_store *store;
	int64_t now;
	struct log *log;
};

static inline int64_t clock_of(void *context)
{
	return ((struct bench *)context)->now;
}

static inline void open_store(struct bench *bench)
{
	char url[128];
	struct gb_diag diag = {0};

	(void)snprintf(bench->folder, sizeof(bench->folder), "/tmp/gambeson-collect-XXXXXX");
	assert_non_null(mkdtemp(bench->folder));
	(void)snprintf(url, sizeof(url), "sqlite:%s/gambeson.db", bench->folder);
	if (gb_store_open(url, &bench->store, &diag) < 0 || gb_store_migrate(bench->store, &diag) < 0)
		fail_msg("%s", diag.message);
	bench->now = (int64_t)LOG_TIME_MS + 60000;
	gb_store_set_clock(bench->store, clock_of, bench);
}

static inline void close_store(struct bench *bench)
{
	static const char *const names[] = {"gambeson.db", "gambeson.db-wal", "gambeson.db-shm"};
	char path[128];

	gb_store_close(bench->store);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", bench->folder, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(bench->folder);
}

static inline int set_up(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	if (bench == NULL || sodium_init() < 0)
		return -1;
	bench->log = calloc(1, sizeof(*bench->log));
	if (bench->log == NULL)
		return -1;
	log_open(bench->log, 1);
	open_store(bench);
	*state = bench;
	return 0;
}

static inline int tear_down(void **state)
{
	struct bench *bench = *state;

	close_store(bench);
	log_close(bench->log);
	free(bench->log);
	free(bench);
	return 0;
}

static inline void put_packed(struct bench *bench, struct packed packed, const struct gb_collect_origin *origin)
{
	struct gb_collect_batch *batch = gb_collect_batch_new(bench->now);
	struct gb_diag diag = {0};

	if (gb_collect_batch_add(batch, gb_span_of(packed.p, packed.n), GB_COLLECT_ANY, origin, &diag) != 0 ||
	        gb_collect_store(bench->store, &batch, 1, &diag) != 0)
		fail_msg("%s", diag.message);
	gb_collect_batch_free(batch);
	free(packed.p);
}

static inline void put_lines(struct bench *bench, size_t first, size_t count)
{
	put_packed(bench, pack_text(bench->log, first, count), &orders);
}

static inline void put_line(struct bench *bench, const char *line)
{
	put_packed(bench, packed_copy(line, strlen(line)), &orders);
}

static inline void verify(struct bench *bench)
{
	struct gb_diag diag = {0};
	int r;

	do
		r = gb_collect_verify(bench->store, GB_COLLECT_GRACE_MS, &diag);
	while (r > 0);
	if (r < 0)
		fail_msg("%s", diag.message);
}

static inline void verify_later(struct bench *bench)
{
	verify(bench);
	bench->now += GB_COLLECT_GRACE_MS + 1000;
	verify(bench);
}

/* Rows of a query as text. */
struct dump {
	char *text;
	size_t n;
};

static inline int add_row(void *context, const struct gb_sql_value *columns, size_t count)
{
	struct dump *dump = context;

	for (size_t i = 0; i < count; i++) {
		const struct gb_sql_value *c = &columns[i];

		dump->text = realloc(dump->text, dump->n + 2 * c->bytes.n + 64);
		assert_non_null(dump->text);
		if (c->type == GB_SQL_INTEGER)
			dump->n += (size_t)snprintf(dump->text + dump->n, 32, "%lld ", (long long)c->integer);
		for (size_t k = 0; c->type == GB_SQL_BYTES && k < c->bytes.n; k++)
			dump->n += (size_t)snprintf(dump->text + dump->n, 3, "%02x", c->bytes.p[k]);
		if (c->type == GB_SQL_TEXT) {
			memcpy(dump->text + dump->n, c->bytes.p, c->bytes.n);
			dump->n += c->bytes.n;
		}
		dump->text[dump->n++] = i + 1 == count ? '\n' : ' ';
	}
	return 0;
}

static inline void add_query(struct bench *bench, struct dump *dump, const char *text)
{
	struct gb_diag diag = {0};

	if (gb_sql_run(bench->store, text, NULL, 0, add_row, dump, &diag) < 0)
		fail_msg("%s", diag.message);
}

static inline char *dump_of(struct bench *bench)
{
	struct dump dump = {0};

	add_query(bench, &dump, "SELECT time, id, sandbox, seq, body FROM events ORDER BY time, id");
	add_query(bench, &dump, "SELECT DISTINCT sandbox, seq, line FROM observations ORDER BY sandbox, seq");
	add_query(bench, &dump, "SELECT id, key, start_seq, verified_to, state FROM sandboxes ORDER BY id");
	add_query(bench, &dump,
	        "SELECT sandbox, seq, hash FROM lines WHERE time < 1125899906842624 ORDER BY sandbox, seq, hash");
	add_query(bench, &dump, "SELECT sandbox, first_seq, last_seq, hashes, seen, state FROM seals ORDER BY 1, 2");
	add_query(bench, &dump, "SELECT account, region, name, mode, agent_version FROM functions ORDER BY id");
	dump.text = realloc(dump.text, dump.n + 1);
	assert_non_null(dump.text);
	dump.text[dump.n] = '\0';
	return dump.text;
}

static inline int64_t number(struct bench *bench, const char *text)
{
	struct gb_diag diag = {0};
	int64_t value = -1;

	assert_true(gb_sql_integer_of(bench->store, text, NULL, 0, &value, &diag) >= 0);
	return value;
}

static inline int64_t told(struct bench *bench, const char *class)
{
	struct gb_sql_value values[] = {gb_sql_cstr(class)};
	struct gb_diag diag = {0};
	int64_t value = -1;

	assert_true(gb_sql_integer_of(bench->store,
	                    "SELECT COUNT(*) FROM events AS e JOIN event_facets AS f ON f.id = e.facet WHERE f.kind = "
	                    "'log' AND f.class = $1",
	                    values, 1, &value, &diag) >= 0);
	return value;
}

static inline void expect_told(struct bench *bench, int64_t forged, int64_t gap, int64_t unsealed)
{
	int64_t have[] = {told(bench, "log_forged"), told(bench, "log_gap"), told(bench, "log_unsealed")};

	if (have[0] != forged || have[1] != gap || have[2] != unsealed)
		fail_msg("%lld forged, %lld gaps, %lld unsealed; wanted %lld, %lld, %lld", (long long)have[0],
		        (long long)have[1], (long long)have[2], (long long)forged, (long long)gap, (long long)unsealed);
}

static inline enum gb_authentic authentic(struct bench *bench, const char *line)
{
	enum gb_authentic ret = GB_AUTHENTIC_UNSIGNED;
	struct gb_diag diag = {0};
	const char *sandbox = strstr(line, "\"sandbox\":\"") + 11, *seq = strstr(line, "\"seq\":") + 6;

	assert_int_equal(gb_line_authentic(bench->store, 0, strtoull(sandbox, NULL, 16), strtol(seq, NULL, 10),
	                         gb_span_cstr(line), &ret, &diag),
	        0);
	return ret;
}

#endif

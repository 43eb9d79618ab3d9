/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is stored: the same whatever the order, the splits and the repeats in which lines come; and what is found out about
 * a log that somebody has had his hands in.
 */
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

static int64_t clock_of(void *context)
{
	return ((struct bench *)context)->now;
}

static void open_store(struct bench *bench)
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

static void close_store(struct bench *bench)
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

static int set_up(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	if (bench == NULL)
		return -1;
	bench->log = calloc(1, sizeof(*bench->log));
	if (bench->log == NULL)
		return -1;
	log_open(bench->log, 1);
	open_store(bench);
	*state = bench;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *bench = *state;

	close_store(bench);
	log_close(bench->log);
	free(bench->log);
	free(bench);
	return 0;
}

static void put_packed(struct bench *bench, struct packed packed, const struct gb_collect_origin *origin)
{
	struct gb_collect_batch *batch = gb_collect_batch_new(bench->now);
	struct gb_diag diag = {0};

	if (gb_collect_batch_add(batch, gb_span_of(packed.p, packed.n), GB_COLLECT_ANY, origin, &diag) != 0 ||
	        gb_collect_store(bench->store, &batch, 1, &diag) != 0)
		fail_msg("%s", diag.message);
	gb_collect_batch_free(batch);
	free(packed.p);
}

static void put_lines(struct bench *bench, size_t first, size_t count)
{
	put_packed(bench, pack_text(bench->log, first, count), &orders);
}

static void put_line(struct bench *bench, const char *line)
{
	put_packed(bench, packed_copy(line, strlen(line)), &orders);
}

static void verify(struct bench *bench)
{
	struct gb_diag diag = {0};
	int r;

	do
		r = gb_collect_verify(bench->store, GB_COLLECT_GRACE_MS, &diag);
	while (r > 0);
	if (r < 0)
		fail_msg("%s", diag.message);
}

static void verify_later(struct bench *bench)
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

static int add_row(void *context, const struct gb_sql_value *columns, size_t count)
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

static void add_query(struct bench *bench, struct dump *dump, const char *text)
{
	struct gb_diag diag = {0};

	if (gb_sql_run(bench->store, text, NULL, 0, add_row, dump, &diag) < 0)
		fail_msg("%s", diag.message);
}

static char *dump_of(struct bench *bench)
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

static int64_t number(struct bench *bench, const char *text)
{
	struct gb_diag diag = {0};
	int64_t value = -1;

	assert_true(gb_sql_integer_of(bench->store, text, NULL, 0, &value, &diag) >= 0);
	return value;
}

static int64_t told(struct bench *bench, const char *class)
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

static void expect_told(struct bench *bench, int64_t forged, int64_t gap, int64_t unsealed)
{
	int64_t have[] = {told(bench, "log_forged"), told(bench, "log_gap"), told(bench, "log_unsealed")};

	if (have[0] != forged || have[1] != gap || have[2] != unsealed)
		fail_msg("%lld forged, %lld gaps, %lld unsealed; wanted %lld, %lld, %lld", (long long)have[0],
		        (long long)have[1], (long long)have[2], (long long)forged, (long long)gap, (long long)unsealed);
}

static enum gb_authentic authentic(struct bench *bench, const char *line)
{
	enum gb_authentic ret = GB_AUTHENTIC_UNSIGNED;
	struct gb_diag diag = {0};
	const char *sandbox = strstr(line, "\"sandbox\":\"") + 11, *seq = strstr(line, "\"seq\":") + 6;

	assert_int_equal(gb_line_authentic(bench->store, strtoull(sandbox, NULL, 16), strtol(seq, NULL, 10),
	                         gb_span_cstr(line), &ret, &diag),
	        0);
	return ret;
}

static void a_whole_log_is_authentic(void **state)
{
	struct bench *bench = *state;

	log_write(bench->log, 20);
	put_lines(bench, 0, bench->log->count);
	assert_int_equal(authentic(bench, bench->log->lines[1]), GB_AUTHENTIC_PENDING);
	verify(bench);
	assert_int_equal(number(bench, "SELECT COUNT(*) FROM events"), 21);
	assert_int_equal(number(bench, "SELECT COUNT(*) FROM observations"), 20);
	assert_int_equal(number(bench, "SELECT verified_to FROM sandboxes"), (int64_t)bench->log->count - 2);
	assert_int_equal(number(bench, "SELECT COUNT(*) FROM lines"), 1);
	for (size_t i = 0; i < bench->log->count; i++)
		if (i % 3 != 0)
			assert_int_equal(authentic(bench, bench->log->lines[i]), GB_AUTHENTIC_YES);
	verify_later(bench);
	expect_told(bench, 0, 0, 0);
}

/* What waited for something is looked at when that comes, not when the time for it is over. */
static void nothing_waits_for_what_has_come(void **state)
{
	struct bench *bench = *state;
	size_t count;

	log_write(bench->log, 10);
	count = bench->log->count;
	put_lines(bench, 0, 4);
	put_lines(bench, 13, count - 13);
	verify(bench);
	assert_int_equal(number(bench, "SELECT verified_to FROM sandboxes"), 2);
	assert_int_equal(number(bench, "SELECT COUNT(*) FROM seals WHERE state = 1"), 6);
	put_lines(bench, 4, 4);
	put_lines(bench, 9, 4);
	verify(bench);
	assert_int_equal(number(bench, "SELECT verified_to FROM sandboxes"), (int64_t)count - 2);
	assert_int_equal(number(bench, "SELECT COUNT(*) FROM seals WHERE state = 1"), 1);
	put_lines(bench, 8, 1);
	verify(bench);
	assert_int_equal(number(bench, "SELECT COUNT(*) FROM seals WHERE state <> 2"), 0);
	verify_later(bench);
	expect_told(bench, 0, 0, 0);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* Pieces of the log in an order of SEED's, some of them twice, by any envelope, with looks at them in between. */
static void put_in_pieces(struct bench *bench, uint32_t seed)
{
	size_t cuts[64], order[128], cut_count = 0, n = 0;

	for (size_t at = 0; at < bench->log->count; at += 1 + next_random(&seed) % 9)
		cuts[cut_count++] = at;
	for (size_t i = 0; i < cut_count; i++) {
		order[n++] = i;
		if (next_random(&seed) % 3 == 0)
			order[n++] = i;
	}
	for (size_t i = n; i > 1; i--) {
		size_t k = next_random(&seed) % i, kept = order[i - 1];

		order[i - 1] = order[k];
		order[k] = kept;
	}
	for (size_t i = 0; i < n; i++) {
		size_t first = cuts[order[i]], end = order[i] + 1 < cut_count ? cuts[order[i] + 1] : bench->log->count;

		put_packed(
		        bench, packings[next_random(&seed) % PACKINGS].pack(bench->log, first, end - first), &orders);
		if (next_random(&seed) % 4 == 0)
			verify(bench);
	}
}

static void any_order_gives_the_same_store(void **state)
{
	struct bench *bench = *state, again = {.log = bench->log};
	char *whole, *pieces;

	log_write(bench->log, 30);
	put_lines(bench, 0, bench->log->count);
	verify_later(bench);
	whole = dump_of(bench);
	for (uint32_t seed = 1; seed <= 12; seed++) {
		open_store(&again);
		put_in_pieces(&again, seed);
		verify_later(&again);
		pieces = dump_of(&again);
		if (strcmp(whole, pieces) != 0) {
			size_t at = 0;

			while (whole[at] == pieces[at])
				at++;
			at = at < 100 ? 0 : at - 100;
			fail_msg("seed %u:\n%.400s\ninstead of\n%.400s", seed, pieces + at, whole + at);
		}
		free(pieces);
		close_store(&again);
	}
	free(whole);
	expect_told(bench, 0, 0, 0);
}

static void a_line_taken_out_is_missed(void **state)
{
	struct bench *bench = *state;

	log_write(bench->log, 10);
	put_lines(bench, 0, 4);
	put_lines(bench, 5, bench->log->count - 5);
	verify(bench);
	expect_told(bench, 0, 0, 0);
	verify_later(bench);
	expect_told(bench, 0, 1, 0);
	assert_int_equal(authentic(bench, bench->log->lines[5]), GB_AUTHENTIC_YES);
	/* It comes after all: the event stays, for it was true when it was told. */
	put_lines(bench, 4, 1);
	verify_later(bench);
	expect_told(bench, 0, 1, 0);
}

static void a_line_that_comes_late_is_no_gap(void **state)
{
	struct bench *bench = *state;

	log_write(bench->log, 10);
	put_lines(bench, 0, 4);
	put_lines(bench, 5, bench->log->count - 5);
	verify(bench);
	bench->now += GB_COLLECT_GRACE_MS / 2;
	put_lines(bench, 4, 1);
	verify_later(bench);
	expect_told(bench, 0, 0, 0);
}

static void an_invocation_taken_out_with_its_seal_is_missed(void **state)
{
	struct bench *bench = *state;

	log_write(bench->log, 10);
	put_lines(bench, 0, 4);
	put_lines(bench, 7, bench->log->count - 7);
	verify_later(bench);
	/* The lines, and the seal that the next one vouches for. */
	expect_told(bench, 0, 2, 0);
}

static char *changed(const char *line, const char *from, const char *to)
{
	const char *at = strstr(line, from);
	char *copy = malloc(strlen(line) + strlen(to) + 1);

	assert_non_null(at);
	assert_non_null(copy);
	(void)snprintf(copy, strlen(line) + strlen(to) + 1, "%.*s%s%s", (int)(at - line), line, to, at + strlen(from));
	return copy;
}

static void a_changed_line_is_forged(void **state)
{
	struct bench *bench = *state;
	char *line;

	log_write(bench->log, 5);
	put_lines(bench, 0, 4);
	line = changed(bench->log->lines[4], "\"severity\":\"high\"", "\"severity\":\"low\"");
	put_line(bench, line);
	put_lines(bench, 5, bench->log->count - 5);
	verify_later(bench);
	/* What stands there is not what was written, and what was written is missing. */
	expect_told(bench, 1, 1, 0);
	assert_int_equal(authentic(bench, line), GB_AUTHENTIC_NO);
	assert_int_equal(number(bench, "SELECT state = 'forged' FROM sandboxes"), 1);
	free(line);
}

static void a_line_beside_the_true_one_is_forged(void **state)
{
	for (unsigned when = 0; when < 3; when++) {
		struct bench *bench = *state;
		char *line;

		log_write(bench->log, 5);
		line = changed(bench->log->lines[4], "\"id\":\"0", "\"id\":\"1");
		if (when == 0)
			put_line(bench, line);
		put_lines(bench, 0, bench->log->count);
		if (when == 2)
			verify(bench);
		if (when != 0)
			put_line(bench, line);
		verify_later(bench);
		expect_told(bench, 1, 0, 0);
		assert_int_equal(authentic(bench, line), GB_AUTHENTIC_NO);
		assert_int_equal(authentic(bench, bench->log->lines[4]), GB_AUTHENTIC_YES);
		free(line);
		tear_down(state);
		set_up(state);
	}
}

static void lines_behind_the_end_have_no_seal(void **state)
{
	struct bench *bench = *state;

	log_write(bench->log, 3);
	log_finding(bench->log, "' OR 1=1");
	log_finding(bench->log, "' OR 2=2");
	put_lines(bench, 0, bench->log->count);
	verify(bench);
	assert_int_equal(authentic(bench, bench->log->lines[bench->log->count - 1]), GB_AUTHENTIC_PENDING);
	verify_later(bench);
	expect_told(bench, 0, 0, 1);
	assert_int_equal(authentic(bench, bench->log->lines[bench->log->count - 1]), GB_AUTHENTIC_PENDING);
	verify_later(bench);
	expect_told(bench, 0, 0, 1);
}

static void a_seal_of_another_key_is_forged(void **state)
{
	struct bench *bench = *state;
	struct log *other = calloc(1, sizeof(*other));
	char *seal;

	assert_non_null(other);
	log_write(bench->log, 3);
	/* Somebody with a key of his own seals a line that he made up, with the next number. */
	log_open(other, 2);
	memcpy(other->sandbox, bench->log->sandbox, sizeof(other->sandbox));
	other->seq = other->sealed_to = bench->log->seq;
	log_finding(other, "made up");
	log_seal(other);
	put_lines(bench, 0, bench->log->count);
	put_packed(bench, pack_text(other, 0, 2), &orders);
	verify_later(bench);
	expect_told(bench, 1, 0, 1);
	assert_int_not_equal(authentic(bench, other->lines[0]), GB_AUTHENTIC_YES);
	assert_int_equal(authentic(bench, bench->log->lines[1]), GB_AUTHENTIC_YES);
	/* The true seal with another signature. */
	seal = changed(bench->log->lines[3], "\"signature\":\"", "\"signature\":\"");
	strstr(seal, "\"signature\":\"")[13] ^= 1;
	put_line(bench, seal);
	verify_later(bench);
	assert_int_equal(told(bench, "log_forged"), 2);
	free(seal);
	log_close(other);
	free(other);
}

/* Before any line of the log comes one that is a start of its sandbox, too, from somebody with a key of his own. */
static void put_another_start(struct bench *bench, unsigned number, bool has_key)
{
	struct log *other = calloc(1, sizeof(*other));

	assert_non_null(other);
	log_open(other, number);
	memcpy(other->sandbox, bench->log->sandbox, sizeof(other->sandbox));
	log_start(other, "orders", has_key);
	put_packed(bench, pack_text(other, 0, 1), &orders);
	log_close(other);
	free(other);
}

static void a_start_with_another_key_is_forged(void **state)
{
	struct bench *bench = *state;

	log_write(bench->log, 3);
	put_another_start(bench, 2, true);
	put_lines(bench, 0, bench->log->count);
	verify_later(bench);
	/* By its key at once, and by its number. */
	expect_told(bench, 2, 0, 0);
	assert_int_equal(authentic(bench, bench->log->lines[1]), GB_AUTHENTIC_YES);
	/* One that denies that there is a key. */
	put_another_start(bench, 3, false);
	verify_later(bench);
	assert_int_equal(told(bench, "log_forged"), 3);
}

static void a_denied_key_is_found_out_when_it_comes(void **state)
{
	struct bench *bench = *state;

	log_write(bench->log, 3);
	put_another_start(bench, 2, false);
	put_lines(bench, 0, bench->log->count);
	verify_later(bench);
	assert_true(told(bench, "log_forged") >= 1);
	assert_int_equal(authentic(bench, bench->log->lines[1]), GB_AUTHENTIC_YES);
}

static void a_log_without_its_start_cannot_be_verified(void **state)
{
	struct bench *bench = *state;

	log_write(bench->log, 3);
	put_lines(bench, 1, bench->log->count - 1);
	verify(bench);
	expect_told(bench, 0, 0, 0);
	verify_later(bench);
	assert_int_equal(told(bench, "log_gap"), 1);
	/* And one that came late. */
	bench->log->serial = 9;
	put_lines(bench, 0, bench->log->count);
	verify_later(bench);
	assert_int_equal(authentic(bench, bench->log->lines[1]), GB_AUTHENTIC_YES);
}

static void logs_without_a_key_are_unsigned(void **state)
{
	struct bench *bench = *state;

	log_start(bench->log, "orders", false);
	log_finding(bench->log, "x");
	put_lines(bench, 0, 2);
	verify_later(bench);
	expect_told(bench, 0, 0, 0);
	assert_int_equal(number(bench, "SELECT COUNT(*) FROM lines"), 0);
	assert_int_equal(authentic(bench, bench->log->lines[1]), GB_AUTHENTIC_UNSIGNED);
}

static void a_restored_copy_begins_later(void **state)
{
	struct bench *bench = *state;

	bench->log->seq = bench->log->sealed_to = 40;
	log_write(bench->log, 3);
	put_lines(bench, 0, bench->log->count);
	verify_later(bench);
	expect_told(bench, 0, 0, 0);
}

static void names_come_from_the_road_or_else_from_the_line(void **state)
{
	static const struct gb_collect_origin nowhere, other = {.function = {(const unsigned char *)"invoices", 8}};
	struct bench *bench = *state;
	struct dump dump = {0};

	log_write(bench->log, 2);
	put_packed(bench, pack_text(bench->log, 0, 1), &nowhere);
	put_packed(bench, pack_text(bench->log, 1, 6), &nowhere);
	add_query(bench, &dump, "SELECT name FROM functions");
	assert_memory_equal(dump.text, "orders\n", 7);
	assert_int_equal(dump.n, 7);
	assert_int_equal(number(bench, "SELECT COUNT(*) FROM events WHERE version <> 0"), 3);
	free(dump.text);
	/* A log that is another function's than its lines say. */
	put_packed(bench, pack_text(bench->log, 0, 1), &other);
	assert_int_equal(told(bench, "log_mismatch"), 1);
}

static void a_second_sandbox_in_a_stream_is_told(void **state)
{
	struct gb_collect_origin stream = orders;
	struct bench *bench = *state;
	struct log *other = calloc(1, sizeof(*other));

	assert_non_null(other);
	stream.stream = GB_SPAN("2026/11/21/[$LATEST]abc");
	log_write(bench->log, 2);
	log_open(other, 2);
	log_write(other, 1);
	put_packed(bench, pack_text(bench->log, 0, bench->log->count), &stream);
	put_packed(bench, pack_text(bench->log, 0, bench->log->count), &stream);
	assert_int_equal(told(bench, "log_second_start"), 0);
	put_packed(bench, pack_text(other, 0, other->count), &stream);
	assert_int_equal(told(bench, "log_second_start"), 1);
	log_close(other);
	free(other);
}

#define STORE_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        STORE_TEST(a_whole_log_is_authentic),
	        STORE_TEST(nothing_waits_for_what_has_come),
	        STORE_TEST(any_order_gives_the_same_store),
	        STORE_TEST(a_line_taken_out_is_missed),
	        STORE_TEST(a_line_that_comes_late_is_no_gap),
	        STORE_TEST(an_invocation_taken_out_with_its_seal_is_missed),
	        STORE_TEST(a_changed_line_is_forged),
	        STORE_TEST(a_line_beside_the_true_one_is_forged),
	        STORE_TEST(lines_behind_the_end_have_no_seal),
	        STORE_TEST(a_seal_of_another_key_is_forged),
	        STORE_TEST(a_start_with_another_key_is_forged),
	        STORE_TEST(a_denied_key_is_found_out_when_it_comes),
	        STORE_TEST(a_log_without_its_start_cannot_be_verified),
	        STORE_TEST(logs_without_a_key_are_unsigned),
	        STORE_TEST(a_restored_copy_begins_later),
	        STORE_TEST(names_come_from_the_road_or_else_from_the_line),
	        STORE_TEST(a_second_sandbox_in_a_stream_is_told),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

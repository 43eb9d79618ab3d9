/* SPDX-License-Identifier: Apache-2.0 */
#include "collect/batch.h"
#include "log.h"
#include "pack.h"

#include <errno.h>

#define NOW_MS ((int64_t)LOG_TIME_MS + 3600000)

static const struct gb_collect_origin nowhere;

static struct log *new_log(unsigned rounds)
{
	struct log *log = calloc(1, sizeof(*log));

	assert_non_null(log);
	log_open(log, 1);
	log_write(log, rounds);
	return log;
}

static void free_log(struct log *log)
{
	log_close(log);
	free(log);
}

/* What comes out is what went in, whatever was put around it. */
static void every_envelope_gives_the_same_lines(void **state)
{
	struct log *log = new_log(20);

	(void)state;
	for (size_t k = 0; k < PACKINGS; k++) {
		struct packed packed = packings[k].pack(log, 0, log->count);
		struct gb_collect_batch *batch = gb_collect_batch_new(NOW_MS);
		struct gb_diag diag = {0};
		int r = gb_collect_batch_add(batch, gb_span_of(packed.p, packed.n), GB_COLLECT_ANY, &nowhere, &diag);
		const struct gb_collect_told *told = gb_collect_batch_told(batch);

		if (r != 0 || told->lines != log->count || told->broken != 0)
			fail_msg("%s: %d %s, %zu lines, %zu broken (%s)", packings[k].name, r, diag.message,
			        told->lines, told->broken, told->why);
		for (size_t i = 0; i < log->count; i++) {
			const struct collect_entry *entry = &batch->entries[i];

			if (memcmp(entry->line.hash, log->hashes[i], sizeof(entry->line.hash)) != 0)
				fail_msg("%s: line %zu is another", packings[k].name, i);
			assert_int_equal(
			        gb_span_equal(entry->origin->function, GB_SPAN("orders")), packings[k].has_function);
			assert_int_equal(gb_span_equal(entry->origin->account, GB_SPAN("123456789012")),
			        packings[k].has_account);
			assert_int_equal(
			        gb_span_equal(entry->origin->region, GB_SPAN("eu-west-1")), packings[k].has_region);
		}
		gb_collect_batch_free(batch);
		free(packed.p);
	}
	free_log(log);
}

static void firehose_is_told_its_request(void **state)
{
	struct log *log = new_log(1);
	struct packed packed = pack_firehose(log, 0, log->count);
	struct gb_collect_batch *batch = gb_collect_batch_new(NOW_MS);
	struct gb_diag diag;

	(void)state;
	assert_int_equal(
	        gb_collect_batch_add(batch, gb_span_of(packed.p, packed.n), GB_COLLECT_FIREHOSE, &nowhere, &diag), 0);
	assert_true(
	        gb_span_equal(gb_collect_batch_told(batch)->request, GB_SPAN("ed4acda5-034f-9f42-bba1-f29aea6d7d8f")));
	gb_collect_batch_free(batch);
	free(packed.p);
	free_log(log);
}

static int add_text(const char *text, enum gb_collect_envelope envelope, struct gb_collect_told *ret_told)
{
	struct gb_collect_batch *batch = gb_collect_batch_new(NOW_MS);
	struct packed exact = packed_copy(text, strlen(text));
	struct gb_diag diag;
	int r = gb_collect_batch_add(batch, gb_span_of(exact.p, exact.n), envelope, &nowhere, &diag);

	*ret_told = *gb_collect_batch_told(batch);
	gb_collect_batch_free(batch);
	free(exact.p);
	return r;
}

#define LINE "{\"gambeson\":1,\"kind\":\"notice\",\"seq\":0,\"time\":\"2026-11-21T14:30:00.000Z\"}"

static void odd_bodies(void **state)
{
	static const struct {
		const char *name, *body;
		enum gb_collect_envelope envelope;
		int result;
		size_t lines, broken;
	} rows[] = {
	        {"nothing", "", GB_COLLECT_ANY, 0, 0, 0},
	        {"no line of ours", "START RequestId: 1\nhello\n", GB_COLLECT_ANY, 0, 0, 0},
	        {"a line", LINE, GB_COLLECT_ANY, 0, 1, 0},
	        {"carriage returns", LINE "\r\n" LINE "\r\n", GB_COLLECT_ANY, 0, 2, 0},
	        {"one broken among good ones", LINE "\n{\"gambeson\":1,\"kind\":\n" LINE "\n", GB_COLLECT_ANY, 0, 2, 1},
	        {"two in one line", LINE LINE "\n" LINE "\n", GB_COLLECT_ANY, 0, 3, 0},
	        {"behind text", "abc" LINE "\n", GB_COLLECT_ANY, 0, 1, 0},
	        {"behind what begins like one", "{\"gambeson\":1," LINE "\n{\"gambeson\":1,\"kind\":\"" LINE "\n",
	                GB_COLLECT_ANY, 0, 2, 2},
	        {"a list of lines", "[" LINE "," LINE "]", GB_COLLECT_ANY, 0, 2, 0},
	        {"a list of anything",
	                "[1,null,[],\""
	                "x\"]",
	                GB_COLLECT_ANY, 0, 0, 0},
	        {"control message",
	                "{\"messageType\":\"CONTROL_MESSAGE\",\"owner\":\"CloudwatchLogs\",\"logGroup\":\"\","
	                "\"logStream\":\"\",\"subscriptionFilters\":[],\"logEvents\":[{\"id\":\"\","
	                "\"timestamp\":1,\"message\":\"CWL CONTROL MESSAGE: Checking health\"}]}",
	                GB_COLLECT_ANY, 0, 0, 0},
	        {"no events", "{\"messageType\":\"DATA_MESSAGE\",\"logEvents\":7}", GB_COLLECT_ANY, -EBADMSG, 0, 0},
	        {"text instead of an envelope", LINE, GB_COLLECT_CLOUDWATCH, -EBADMSG, 0, 0},
	        {"half an envelope", "{\"records\":[{\"data\":\"", GB_COLLECT_FIREHOSE, -EBADMSG, 0, 0},
	        {"records without data", "{\"requestId\":\"1\",\"records\":[{},{\"data\":7},{\"data\":\"!\"},7]}",
	                GB_COLLECT_ANY, 0, 0, 4},
	        {"half base64 of gzip", "H4sI", GB_COLLECT_ANY, -EBADMSG, 0, 0},
	        {"a log group that is no function's",
	                "{\"messageType\":\"DATA_MESSAGE\",\"owner\":\"1\",\"logGroup\":\"/aws/lambda/../../x\","
	                "\"logEvents\":[{\"message\":\"x\"}]}",
	                GB_COLLECT_ANY, 0, 0, 0},
	        {"otlp of odd shapes",
	                "{\"resourceLogs\":[1,{},{\"resource\":3,\"scopeLogs\":[{\"logRecords\":[{\"body\":"
	                "{\"intValue\":1}},5]},null]}]}",
	                GB_COLLECT_ANY, 0, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct gb_collect_told told;
		int r = add_text(rows[i].body, rows[i].envelope, &told);

		if (r != rows[i].result || told.lines != rows[i].lines || told.broken != rows[i].broken)
			fail_msg("%s: %d, %zu lines, %zu broken", rows[i].name, r, told.lines, told.broken);
	}
}

static int add_packed(struct packed packed, size_t *ret_lines)
{
	struct gb_collect_batch *batch = gb_collect_batch_new(NOW_MS);
	struct gb_diag diag;
	int r = gb_collect_batch_add(batch, gb_span_of(packed.p, packed.n), GB_COLLECT_ANY, &nowhere, &diag);

	*ret_lines = gb_collect_batch_told(batch)->lines;
	gb_collect_batch_free(batch);
	free(packed.p);
	return r;
}

static void bombs_end(void **state)
{
	size_t n = 100u << 20, lines;
	unsigned char *zeros = calloc(1, n);
	struct packed packed;

	(void)state;
	assert_non_null(zeros);
	packed = packed_gzip((struct packed){zeros, n});
	assert_true(packed.n < 200000);
	/* It says how large it is; and what if it lies. */
	assert_int_equal(add_packed(packed_copy(packed.p, packed.n), &lines), -E2BIG);
	memset(packed.p + packed.n - 4, 0, 4);
	assert_int_equal(add_packed(packed_copy(packed.p, packed.n), &lines), -E2BIG);
	free(packed.p);
	/* gzip in gzip … */
	packed = packed_copy(LINE, sizeof(LINE) - 1);
	for (unsigned depth = 0; depth < 4; depth++)
		packed = packed_gzip(packed);
	assert_int_equal(add_packed(packed_copy(packed.p, packed.n), &lines), 0);
	assert_int_equal(lines, 1);
	assert_int_equal(add_packed(packed_gzip(packed), &lines), -EBADMSG);
}

static void half_a_gzip_is_broken_and_two_are_one(void **state)
{
	struct packed one = packed_gzip(packed_copy(LINE "\n", sizeof(LINE))), two;
	size_t lines;

	(void)state;
	for (size_t n = 3; n < one.n; n += 5)
		assert_int_equal(add_packed(packed_copy(one.p, n), &lines), -EBADMSG);
	two = packed_copy(one.p, one.n);
	two.p = realloc(two.p, 2 * one.n);
	assert_non_null(two.p);
	memcpy(two.p + one.n, one.p, one.n);
	two.n = 2 * one.n;
	assert_int_equal(add_packed(two, &lines), 0);
	assert_int_equal(lines, 2);
	free(one.p);
}

static void lines_are_counted(void **state)
{
	size_t n = sizeof(LINE), count = GB_COLLECT_LINES_MAX + 1, lines;
	struct packed packed = {malloc(n * count), n * count};

	(void)state;
	assert_non_null(packed.p);
	for (size_t i = 0; i < count; i++) {
		memcpy(packed.p + i * n, LINE, n - 1);
		packed.p[i * n + n - 1] = '\n';
	}
	assert_int_equal(add_packed(packed, &lines), -E2BIG);
	assert_int_equal(lines, GB_COLLECT_LINES_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_envelope_gives_the_same_lines),
	        cmocka_unit_test(firehose_is_told_its_request),
	        cmocka_unit_test(odd_bodies),
	        cmocka_unit_test(bombs_end),
	        cmocka_unit_test(half_a_gzip_is_broken_and_two_are_one),
	        cmocka_unit_test(lines_are_counted),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

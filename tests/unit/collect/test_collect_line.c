/* SPDX-License-Identifier: Apache-2.0 */
/* Lines and the JSON they are made of, good and hostile. Each is put at the end of a block of its own. */
#include "collect/line.h"
#include "collect/hash.h"
#include "collect/scan.h"
#include "log.h"

#include <errno.h>

#define NOW_MS ((int64_t)LOG_TIME_MS + 3600000)

static unsigned char *exact(const char *s, size_t n)
{
	unsigned char *p = malloc(n == 0 ? 1 : n);

	assert_non_null(p);
	memcpy(p, s, n);
	return p;
}

static int read_line(const char *text, struct gb_arena *arena, struct collect_line *ret, const char **ret_why)
{
	size_t n = strlen(text);
	unsigned char *p = exact(text, n);
	int r = collect_line_read(gb_span_of(p, n), NOW_MS, arena, ret, ret_why);

	/* What is asked of the line by tests is copied in the line itself. */
	free(p);
	return r;
}

#define HEAD "{\"gambeson\":1,\"kind\":\"notice\",\"seq\":3,\"time\":\"2026-11-21T14:30:00.123Z\","
#define BOX  "\"sandbox\":\"00112233aabbccdd\","

static void hostile_lines(void **state)
{
	static const struct {
		const char *text, *why; /* NULL: taken */
	} rows[] = {
	        {HEAD BOX "\"severity\":\"low\",\"reason\":\"restored\",\"message\":\"m\"}", NULL},
	        {HEAD BOX "\"x\":[{\"y\":[1,2.5e-3,true,false,null,\"\\u00e9\\n\"]}]}\r", NULL},
	        {HEAD "\"message\":\"no sandbox\"}  ", NULL},
	        {"{\"gambeson\":1,\"kind\":\"of tomorrow\",\"seq\":0,\"time\":\"2026-11-21T14:30:00.000Z\"}", NULL},
	        {HEAD BOX "\"message\":\"m\"", "it is no JSON"},
	        {HEAD BOX "\"message\":\"m\"}x", "it is no JSON"},
	        {HEAD BOX "\"message\":\"\t\"}", "it is no JSON"},
	        {HEAD BOX "\"message\":\"\xff\"}", "it is no JSON"},
	        {HEAD BOX "\"message\":\"\xc0\xaf\"}", "it is no JSON"},
	        {HEAD BOX "\"message\":\"\xed\xa0\x80\"}", "it is no JSON"},
	        {HEAD BOX "\"message\":01}", "it is no JSON"},
	        {HEAD BOX "\"message\":1,}", "it is no JSON"},
	        {HEAD BOX "\"message\":[1 2]}", "it is no JSON"},
	        {HEAD BOX "\"message\":nul}", "it is no JSON"},
	        {HEAD BOX "\"message\":\"\\x\"}", "it is no JSON"},
	        {HEAD BOX "\"message\":\"\\u12g4\"}", "it is no JSON"},
	        {HEAD BOX "\"seq\":4}", "a member stands in it twice"},
	        {HEAD BOX "\"\\u0073eq\":4}", "a member's name has escapes"},
	        {HEAD "\"sandbox\":\"00112233AABBCCDD\"}", "its sandbox is none"},
	        {HEAD "\"sandbox\":\"0000000000000000\"}", "its sandbox is none"},
	        {HEAD "\"sandbox\":7}", "a member has the wrong type"},
	        {"{\"gambeson\":1,\"seq\":0,\"time\":\"2026-11-21T14:30:00.000Z\"}", "it has no kind"},
	        {"{\"gambeson\":1,\"kind\":\"start\",\"time\":\"2026-11-21T14:30:00.000Z\"}",
	                "a number is missing or none"},
	        {"{\"gambeson\":1,\"kind\":\"start\",\"seq\":-1,\"time\":\"2026-11-21T14:30:00.000Z\"}",
	                "a number is missing or none"},
	        {"{\"gambeson\":1,\"kind\":\"start\",\"seq\":9223372036854775808,\"time\":\"2026-11-21T14:30:00."
	         "000Z\"}",
	                "a number is missing or none"},
	        {"{\"gambeson\":1,\"kind\":\"start\",\"seq\":0,\"time\":\"2026-11-21 14:30:00.000Z\"}",
	                "it has no time"},
	        {"{\"gambeson\":1,\"kind\":\"start\",\"seq\":0,\"time\":\"2026-02-30T14:30:00.000Z\"}",
	                "it has no time"},
	        {"{\"gambeson\":1,\"kind\":\"start\",\"seq\":0,\"time\":\"2026-11-21T24:30:00.000Z\"}",
	                "it has no time"},
	        {"{\"gambeson\":1,\"kind\":\"start\",\"seq\":0,\"time\":\"2026-11-23T14:30:00.000Z\"}",
	                "its time is not of this world"},
	        {"{\"gambeson\":1,\"kind\":\"start\",\"seq\":0,\"time\":\"2019-12-31T23:59:59.999Z\"}",
	                "its time is not of this world"},
	        {"{\"gambeson\":1,\"kind\":\"start\",\"seq\":0,\"time\":\"2026-11-21T14:30:00.000Z\"," BOX
	         "\"key\":\"AAAA\"}",
	                "its key is none"},
	        {"{\"gambeson\":1,\"kind\":\"start\",\"seq\":0,\"time\":\"2026-11-21T14:30:00.000Z\"," BOX
	         "\"key\":\"A!AA\"}",
	                "a member is no base64"},
	        {"{\"gambeson\":1,\"kind\":\"seal\",\"seq\":1,\"time\":\"2026-11-21T14:30:00.000Z\"," BOX
	         "\"first\":0,\"last\":0,\"hashes\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"signature\":\"AAAA\"}",
	                "a seal that vouches for nothing"},
	};
	struct gb_arena *arena = gb_arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct collect_line line;
		const char *why = NULL;
		int r = read_line(rows[i].text, arena, &line, &why);

		if (rows[i].why == NULL ? r != 0 : r != -EBADMSG || strcmp(why, rows[i].why) != 0)
			fail_msg("%s: %d, %s", rows[i].text, r, why);
	}
	gb_arena_free(arena);
}

static void depth_and_length_have_limits(void **state)
{
	static char text[64 * 1024];
	struct gb_arena *arena = gb_arena_new();
	struct collect_line line;
	const char *why = NULL;

	(void)state;
	for (unsigned depth = 28; depth <= 40; depth++) {
		size_t n = (size_t)snprintf(text, sizeof(text), "%s\"x\":", HEAD);

		memset(text + n, '[', depth);
		memset(text + n + depth, ']', depth);
		(void)snprintf(text + n + 2 * depth, 2, "}");
		assert_int_equal(read_line(text, arena, &line, &why), depth < SCAN_DEPTH_MAX ? 0 : -EBADMSG);
	}
	for (size_t n = COLLECT_LINE_MAX - 2; n <= COLLECT_LINE_MAX + 1; n++) {
		size_t at = (size_t)snprintf(text, sizeof(text), "%s\"x\":\"", HEAD);

		memset(text + at, 'a', n - at - 2);
		(void)snprintf(text + n - 2, 3, "\"}");
		assert_int_equal(read_line(text, arena, &line, &why), n <= COLLECT_LINE_MAX ? 0 : -EBADMSG);
	}
	gb_arena_free(arena);
}

static void lines_of_ours_are_read_whole(void **state)
{
	struct gb_arena *arena = gb_arena_new();
	struct collect_line line;
	const char *why = NULL;
	struct log *log = calloc(1, sizeof(*log));

	(void)state;
	log_open(log, 7);
	log_write(log, 3);
	for (size_t i = 0; i < log->count; i++) {
		struct gb_span text = gb_span_cstr(log->lines[i]);

		assert_int_equal(collect_line_read(text, NOW_MS, arena, &line, &why), 0);
		assert_int_equal(line.seq, i);
		assert_int_equal(line.time, LOG_TIME_MS + i);
		assert_memory_equal(line.hash, log->hashes[i], sizeof(line.hash));
		assert_true(gb_span_equal(line.text, text));
		if (i == 0) {
			assert_int_equal(line.kind, COLLECT_START);
			assert_true(line.has_key && gb_span_equal(line.function, GB_SPAN("orders")));
			assert_memory_equal(line.key, log->signer.key, sizeof(line.key));
		} else if (i % 3 == 1) {
			assert_int_equal(line.kind, COLLECT_FINDING);
			assert_true(gb_span_equal(line.type, GB_SPAN("SQL Injection Attack")));
			assert_true(gb_span_equal(line.source_ip, GB_SPAN("203.0.113.9")));
		} else {
			assert_int_equal(line.kind, i % 3 == 2 ? COLLECT_OBSERVATIONS : COLLECT_SEAL);
		}
	}
	log->lines[0][strstr(log->lines[0], "\"sandbox\":\"") - log->lines[0] + 11] ^= 1;
	assert_int_equal(collect_line_read(gb_span_cstr(log->lines[0]), NOW_MS, arena, &line, &why), -EKEYREJECTED);
	log_close(log);
	free(log);
	gb_arena_free(arena);
}

static void texts_are_unescaped(void **state)
{
	static const struct {
		const char *json, *text;
	} rows[] = {
	        {"\"plain\"", "plain"},
	        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
	        {"\"\\u0041\\u00e9\\u20ac\\ud83d\\ude00\"", "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
	        {"\"\\ud83d\"", "\xef\xbf\xbd"},
	        {"\"\\ud83dx\"", "\xef\xbf\xbdx"},
	        {"\"\\ude00\\u0000\"", "\xef\xbf\xbd\xef\xbf\xbd"},
	        {"\"\\ud83d\\ud83d\\ude00\"", "\xef\xbf\xbd\xf0\x9f\x98\x80"},
	};
	struct gb_arena *arena = gb_arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t n = strlen(rows[i].json), used;
		unsigned char *p = exact(rows[i].json, n);
		struct scan_value value = scan_one(gb_span_of(p, n), &used);
		struct gb_span text = GB_SPAN_EMPTY;

		assert_true(value.type == SCAN_STRING && used == n && scan_text(&value, arena, &text));
		if (!gb_span_equal(text, gb_span_cstr(rows[i].text)))
			fail_msg("%s: %.*s", rows[i].json, (int)text.n, text.p);
		free(p);
	}
	gb_arena_free(arena);
}

static void hashes_are_sha256(void **state)
{
	unsigned char data[400], want[GB_SHA256_BYTES], have[GB_SHA256_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)(i * 31 + 7);
	for (size_t n = 0; n <= sizeof(data); n++) {
		gb_sha256(gb_span_of(data, n), want);
		collect_sha256(gb_span_of(data, n), have);
		assert_memory_equal(want, have, sizeof(want));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(hostile_lines),
	        cmocka_unit_test(depth_and_length_have_limits),
	        cmocka_unit_test(lines_of_ours_are_read_whole),
	        cmocka_unit_test(texts_are_unescaped),
	        cmocka_unit_test(hashes_are_sha256),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

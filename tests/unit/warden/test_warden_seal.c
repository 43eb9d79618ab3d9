/* SPDX-License-Identifier: Apache-2.0 */
/* That each line is vouched for once, by the key of its sandbox, whatever the order in which lines were begun. */
#include "bench.h"

#include "base/base64.h"

#include <jansson.h>
#include <sodium.h>

#define LINES_MAX 512u

/* A log, read. */
struct reading {
	size_t count, seals;
	uint8_t vouched[LINES_MAX]; /* by number: how often */
	uint8_t is_seal[LINES_MAX];
	unsigned char hashes[LINES_MAX][GB_EVENT_LINE_HASH_BYTES];
};

static size_t decoded(const json_t *line, const char *name, unsigned char *ret, size_t cap)
{
	const json_t *value = json_object_get(line, name);
	struct gb_span s = gb_span_of(json_string_value(value), json_string_length(value));
	ssize_t n;

	assert_true(json_is_string(value) && GB_BASE64_BYTES(s.n) <= cap);
	n = gb_base64_decode(s, ret);
	assert_true(n >= 0);
	return (size_t)n;
}

static uint64_t number(const json_t *line, const char *name)
{
	assert_true(json_is_integer(json_object_get(line, name)));
	return (uint64_t)json_integer_value(json_object_get(line, name));
}

static void take_seal(struct reading *reading, const json_t *line, struct gb_span key, struct gb_span sandbox)
{
	unsigned char message[GB_EVENT_SEAL_MESSAGE_MAX], hashes[2048], signature[128];
	struct gb_event_seal seal = {.first = number(line, "first"), .last = number(line, "last")};
	struct gb_span signed_bytes;

	seal.hashes = gb_span_of(hashes, decoded(line, "hashes", hashes, sizeof(hashes)));
	assert_int_equal(decoded(line, "signature", signature, sizeof(signature)), 64);
	signed_bytes = gb_event_seal_message(sandbox, &seal, message);
	assert_true(signed_bytes.n != 0);
	assert_int_equal(crypto_sign_verify_detached(signature, signed_bytes.p, signed_bytes.n, key.p), 0);
	for (uint64_t seq = seal.first; seq <= seal.last; seq++) {
		assert_memory_equal(reading->hashes[seq], hashes + (seq - seal.first) * GB_EVENT_LINE_HASH_BYTES,
		        GB_EVENT_LINE_HASH_BYTES);
		reading->vouched[seq]++;
	}
	reading->seals++;
}

static void read_log(struct bench *bench, struct reading *reading)
{
	struct gb_span key = warden_seal_key(bench->warden), sandbox = warden_observe_sandbox(bench->warden);
	char *line, *rest = NULL;

	for (line = strtok_r((char *)(uintptr_t)log_of(bench), "\n", &rest); line != NULL;
	        line = strtok_r(NULL, "\n", &rest)) {
		json_t *object = json_loads(line, 0, NULL);
		uint64_t seq;

		assert_non_null(object);
		seq = number(object, "seq");
		assert_true(seq < LINES_MAX);
		reading->count++;
		gb_event_line_hash(gb_span_cstr(line), reading->hashes[seq]);
		reading->is_seal[seq] = strcmp(json_string_value(json_object_get(object, "kind")), "seal") == 0;
		if (reading->is_seal[seq])
			take_seal(reading, object, key, sandbox);
		json_decref(object);
	}
}

static void expect_whole(const struct reading *reading)
{
	for (size_t seq = 0; seq < reading->count; seq++)
		if (reading->vouched[seq] != (seq + 1 == reading->count && reading->is_seal[seq] ? 0 : 1))
			fail_msg("line %zu of %zu: %u times", seq, reading->count, reading->vouched[seq]);
}

static int open_sealed(void **state)
{
	int r = open_bench(state);

	if (r == 0)
		warden_seal_renew(((struct bench *)*state)->warden);
	return r;
}

static void say(struct bench *bench, unsigned times)
{
	while (times-- > 0)
		gb_warden_write_notice(bench->warden, "low", "restored", "notice %u", times);
}

static void lines_are_vouched_for_once(void **state)
{
	struct bench *bench = *state;
	struct reading reading = {0};

	for (unsigned round = 0; round < 20; round++) {
		say(bench, round % 5);
		warden_seal(bench->warden);
		warden_seal(bench->warden);
	}
	read_log(bench, &reading);
	assert_int_equal(reading.seals, 16);
	assert_int_equal(reading.count, 40 + 16);
	expect_whole(&reading);
}

static void many_lines_need_no_seal_asked_for(void **state)
{
	struct bench *bench = *state;
	struct reading reading = {0};

	say(bench, 300);
	warden_seal(bench->warden);
	read_log(bench, &reading);
	assert_int_equal(reading.seals, 5);
	expect_whole(&reading);
}

/* The line that was begun first is written last; what stands behind it waits for it. */
static void a_line_begun_early_is_written_late(void **state)
{
	struct bench *bench = *state;
	struct reading reading = {0};
	char line[GB_EVENT_LINE_MAX];
	struct gb_text text = gb_text_on(line, sizeof(line));
	struct gb_event_head head;

	say(bench, 1);
	head = warden_output_head(bench->warden, GB_SPAN_EMPTY);
	say(bench, 2);
	warden_seal(bench->warden);
	gb_event_write_progress(&text, &head, 1, NULL, 0);
	warden_output_put(bench->warden, &head, gb_text_span(&text));
	warden_seal(bench->warden);
	read_log(bench, &reading);
	assert_int_equal(reading.seals, 2);
	expect_whole(&reading);
}

static void nothing_needs_no_seal(void **state)
{
	struct bench *bench = *state;

	warden_seal(bench->warden);
	warden_seal_when_old(bench->warden);
	count(log_of(bench), "seal", 0);
}

/* Written after a time even where no event is ever asked for. */
static void old_lines_are_not_left_waiting(void **state)
{
	struct bench *bench = *state;
	struct reading reading = {0};

	say(bench, 1);
	warden_seal_when_old(bench->warden);
	bench->warden->sealing.since_ns -= 2000000000u;
	warden_seal_when_old(bench->warden);
	bench->warden->sealing.since_ns -= 2000000000u;
	warden_seal_when_old(bench->warden);
	read_log(bench, &reading);
	assert_int_equal(reading.seals, 1);
	expect_whole(&reading);
}

static void another_key_is_another_sandbox(void **state)
{
	struct bench *bench = *state;
	struct reading reading = {0};
	char before[GB_EVENT_SANDBOX_CHARS];

	memcpy(before, bench->warden->observing.sandbox, sizeof(before));
	warden_seal_renew(bench->warden);
	assert_memory_not_equal(before, bench->warden->observing.sandbox, sizeof(before));
	say(bench, 3);
	warden_seal(bench->warden);
	read_log(bench, &reading);
	expect_whole(&reading);
}

static void what_fits_no_hashes_is_not_signed(void **state)
{
	static const struct {
		uint64_t first, last;
		size_t hashes_n;
	} rows[] = {{1, 0, 0}, {0, 0, 0}, {0, 0, 15}, {0, 0, 32}, {0, 64, 65 * 16}, {0, UINT64_MAX, 0}, {5, 4, 0}};
	unsigned char message[GB_EVENT_SEAL_MESSAGE_MAX];
	static const unsigned char hashes[65 * 16];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct gb_event_seal seal = {
		        .first = rows[i].first, .last = rows[i].last, .hashes = gb_span_of(hashes, rows[i].hashes_n)};

		if (gb_event_seal_message(GB_SPAN("0123456789abcdef"), &seal, message).n != 0)
			fail_msg("row %zu", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(lines_are_vouched_for_once, open_sealed, close_bench),
	        cmocka_unit_test_setup_teardown(many_lines_need_no_seal_asked_for, open_sealed, close_bench),
	        cmocka_unit_test_setup_teardown(a_line_begun_early_is_written_late, open_sealed, close_bench),
	        cmocka_unit_test_setup_teardown(nothing_needs_no_seal, open_sealed, close_bench),
	        cmocka_unit_test_setup_teardown(old_lines_are_not_left_waiting, open_sealed, close_bench),
	        cmocka_unit_test_setup_teardown(another_key_is_another_sandbox, open_sealed, close_bench),
	        cmocka_unit_test(what_fits_no_hashes_is_not_signed),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

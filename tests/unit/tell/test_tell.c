/* SPDX-License-Identifier: Apache-2.0 */
/* What telling is made of: text made visible, filters, configurations, sealed secrets, signatures, waiting. */
#include "tell/turn.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void text_becomes_visible(void **state)
{
	static const struct {
		const char *text;
		size_t n, maximum;
		const char *shown, *cut;
	} rows[] = {
	        {"plain", 5, 100, "plain", "plain"},
	        {"a\r\n\tb", 5, 100, "a\\r\\n\\tb", "a\r\n\tb"},
	        {"\0\x1b\x7f", 3, 100, "\\x00\\x1b\\x7f", NULL},
	        {"\xe2\x80\xae", 3, 100, "\\u{202e}", "\xe2\x80\xae"},
	        {"\xf3\xa0\x80\x81", 4, 100, "\\u{0e0001}", "\xf3\xa0\x80\x81"},
	        {"\xff\xc3", 2, 100, "\\xff\\xc3", "\xef\xbf\xbd\xef\xbf\xbd"},
	        {"abcdef", 6, 5, "ab\xe2\x80\xa6", "ab\xe2\x80\xa6"},
	        {"abcde", 5, 5, "abcde", "abcde"},
	        {"\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac", 9, 8, "\xe2\x82\xac\xe2\x80\xa6", "\xe2\x82\xac\xe2\x80\xa6"},
	        {"", 0, 5, "", ""},
	};
	struct gb_arena *arena = gb_arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct gb_span text = gb_span_of(rows[i].text, rows[i].n);
		struct gb_span shown = gb_tell_show(arena, text, rows[i].maximum);
		struct gb_span cut = gb_tell_cut(arena, text, rows[i].maximum);

		if (!gb_span_equal(shown, gb_span_cstr(rows[i].shown)) ||
		        (rows[i].cut && !gb_span_equal(cut, gb_span_cstr(rows[i].cut))))
			fail_msg("row %zu: '%.*s' and '%.*s'", i, (int)shown.n, (const char *)shown.p, (int)cut.n,
			        (const char *)cut.p);
	}
	gb_arena_free(arena);
}

static void filters_take_what_they_say(void **state)
{
	static const struct {
		const char *filter;
		bool is_taken;
	} rows[] = {
	        {"{}", true},
	        {"{\"types\":[\"Process Event\",\"File Event\"]}", true},
	        {"{\"types\":[\"File Event\"]}", false},
	        {"{\"accounts\":[\"1\"],\"actions\":[\"observed\"]}", true},
	        {"{\"accounts\":[\"1\"],\"actions\":[\"blocked\"]}", false},
	        {"{\"tags\":[\"team=other\",\"team=shop\"]}", true},
	        {"{\"tags\":[\"team\"]}", false},
	        {"{\"functions\":[\"payments\"],\"regions\":[\"eu\"],\"groups\":[\"g\"],\"controls\":[\"c\"],"
	         "\"classes\":[\"x\"]}",
	                true},
	};
	const struct gb_tell_facts facts = {.kind = GB_SPAN("finding"),
	        .type = GB_SPAN("Process Event"),
	        .class = GB_SPAN("x"),
	        .control = GB_SPAN("c"),
	        .action = GB_SPAN("observed"),
	        .account = GB_SPAN("1"),
	        .region = GB_SPAN("eu"),
	        .group = GB_SPAN("g"),
	        .function = GB_SPAN("payments"),
	        .tags = GB_SPAN("{\"team\":\"shop\"}"),
	        .severity = GB_TELL_HIGH};
	struct gb_tell_facts quiet = facts;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *filter = json_loads(rows[i].filter, 0, NULL);

		assert_int_equal(gb_tell_filter_check(filter, NULL), 0);
		if (gb_tell_filter_has(filter, &facts) != rows[i].is_taken)
			fail_msg("%s", rows[i].filter);
		quiet.severity = GB_TELL_INFO;
		assert_false(gb_tell_filter_has(filter, &quiet));
		json_decref(filter);
	}
}

static void secrets_are_divided_and_kept(void **state)
{
	json_t *given = json_loads("{\"url\":\"https://a.example/x\",\"secret\":\"0123456789abcdef\"}", 0, NULL);
	json_t *again = json_loads("{\"url\":\"https://a.example/x\",\"secret\":\"***\"}", 0, NULL);
	json_t *elsewhere = json_loads("{\"url\":\"https://b.example/x\"}", 0, NULL);
	json_t *open, *secret, *open_again, *secret_again, *shown;
	struct gb_diag diag;

	(void)state;
	assert_int_equal(gb_tell_config_check(GB_TELL_WEBHOOK, given, NULL, NULL, &open, &secret, &diag), 0);
	assert_null(json_object_get(open, "secret"));
	assert_string_equal(json_string_value(json_object_get(secret, "secret")), "0123456789abcdef");
	shown = gb_tell_config_shown(open, secret);
	assert_string_equal(json_string_value(json_object_get(shown, "secret")), "***");
	assert_int_equal(
	        gb_tell_config_check(GB_TELL_WEBHOOK, again, open, secret, &open_again, &secret_again, &diag), 0);
	assert_true(json_equal(secret, secret_again));
	/* Not to another receiver. */
	assert_int_equal(
	        gb_tell_config_check(GB_TELL_WEBHOOK, elsewhere, open, secret, &shown, &shown, &diag), -EINVAL);
	json_decref(elsewhere);
	/* "***" of nothing is no secret. */
	json_decref(open_again);
	json_decref(secret_again);
	assert_int_equal(
	        gb_tell_config_check(GB_TELL_WEBHOOK, again, NULL, NULL, &open_again, &secret_again, &diag), 0);
	assert_int_equal(json_object_size(secret_again), 0);
	json_decref(given);
	json_decref(again);
	json_decref(open);
	json_decref(secret);
	json_decref(open_again);
	json_decref(secret_again);
	json_decref(shown);
}

static void seals_hold(void **state)
{
	char folder[] = "/tmp/gambeson-seal-XXXXXX", path[128], keys[64];
	struct gb_arena *arena = gb_arena_new();
	struct gb_seal_key key, same, other = {.bytes = {1}};
	struct gb_span sealed, text;
	struct gb_diag diag;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(keys, sizeof(keys), "%s/keys", folder);
	snprintf(path, sizeof(path), "%s/channels.key", keys);
	assert_int_equal(gb_seal_key_open(folder, &key, &diag), 0);
	assert_int_equal(gb_seal_key_open(folder, &same, &diag), 0);
	assert_memory_equal(&key, &same, sizeof(key));
	assert_int_equal(gb_seal(&key, GB_SPAN("a secret"), arena, &sealed), 0);
	assert_int_equal(gb_span_find(sealed, GB_SPAN("secret"), 0), SIZE_MAX);
	assert_int_equal(gb_unseal(&same, sealed, arena, &text), 0);
	assert_true(gb_span_equal(text, GB_SPAN("a secret")));
	assert_int_equal(gb_unseal(&other, sealed, arena, &text), -EBADMSG);
	for (size_t i = 0; i < sealed.n; i++) {
		unsigned char changed[128];

		memcpy(changed, sealed.p, sealed.n);
		changed[i] ^= 1;
		assert_int_equal(gb_unseal(&key, gb_span_of(changed, sealed.n), arena, &text), -EBADMSG);
		assert_int_equal(gb_unseal(&key, gb_span_of(changed, i), arena, &text), -EBADMSG);
	}
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(gb_seal_key_open(folder, &same, &diag), -EACCES);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(truncate(path, 31), 0);
	assert_int_equal(gb_seal_key_open(folder, &same, &diag), -EINVAL);
	unlink(path);
	rmdir(keys);
	rmdir(folder);
	gb_arena_free(arena);
}

static void signatures_are_as_documented(void **state)
{
	char signature[GB_TELL_SIGNATURE_CHARS];

	(void)state;
	/* By openssl: printf '1795271400.{"a":1}' | openssl dgst -sha256 -hmac 'a secret of some length' */
	gb_tell_signature(GB_SPAN("a secret of some length"), 1795271400, GB_SPAN("{\"a\":1}"), signature);
	assert_string_equal(signature, "v1=f69d872e57b65e77c01756835f29d8b67181e42e9f3f612edcdb7f5d5081e6e8");
}

static void waiting_is_bounded(void **state)
{
	const int64_t now = 1795271400000; /* Sat, 21 Nov 2026 14:30:00 GMT */

	(void)state;
	for (int64_t failures = 1; failures < 100; failures++) {
		int64_t ms = gb_tell_backoff_ms(failures);

		assert_in_range(ms, failures < 11 ? (1000 << (failures - 1)) : 900000,
		        failures < 11 ? (2000 << (failures - 1)) : 1800000);
	}
	assert_int_equal(gb_tell_retry_after(GB_SPAN("120"), now), 120000);
	assert_int_equal(gb_tell_retry_after(GB_SPAN(" 0 "), now), 0);
	assert_int_equal(gb_tell_retry_after(GB_SPAN("99999999999999999999"), now), 0);
	assert_int_equal(gb_tell_retry_after(GB_SPAN("999999999"), now), 3600000);
	assert_int_equal(gb_tell_retry_after(GB_SPAN("-5"), now), 0);
	assert_int_equal(gb_tell_retry_after(GB_SPAN("Sat, 21 Nov 2026 14:31:00 GMT"), now), 60000);
	assert_int_equal(gb_tell_retry_after(GB_SPAN("Sat, 21 Nov 2026 14:29:00 GMT"), now), 0);
	assert_int_equal(gb_tell_retry_after(GB_SPAN("soon"), now), 0);
	assert_int_equal(gb_tell_retry_after(GB_SPAN_EMPTY, now), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(text_becomes_visible),
	        cmocka_unit_test(filters_take_what_they_say),
	        cmocka_unit_test(secrets_are_divided_and_kept),
	        cmocka_unit_test(seals_hold),
	        cmocka_unit_test(signatures_are_as_documented),
	        cmocka_unit_test(waiting_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

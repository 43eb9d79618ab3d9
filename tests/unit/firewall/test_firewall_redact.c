/* SPDX-License-Identifier: Apache-2.0 */
/* What of an event's values a log line may show. */
#include "firewall/firewall.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct row {
	enum gb_blob_redaction redaction;
	const char *path;
	enum gb_origin origin;
	const char *value;
	size_t from, length;
	const char *shown;
	size_t shown_from, shown_length;
} rows[] = {
        {GB_BLOB_REDACT_SURROUNDINGS, "q", GB_ORIGIN_QUERY, "card 4111;id #", 9, 3, "***;id***", 3, 3},
        {GB_BLOB_REDACT_SURROUNDINGS, "q", GB_ORIGIN_QUERY, ";id #", 0, 3, ";id***", 0, 3},
        {GB_BLOB_REDACT_SURROUNDINGS, "q", GB_ORIGIN_QUERY, "a;id", 1, 3, "***;id", 3, 3},
        {GB_BLOB_REDACT_SURROUNDINGS, "q", GB_ORIGIN_QUERY, ";id", 0, 3, ";id", 0, 3},
        {GB_BLOB_REDACT_SURROUNDINGS, "q", GB_ORIGIN_QUERY, "abc", 9, 9, "***", 3, 0},
        {GB_BLOB_REDACT_NONE, "q", GB_ORIGIN_QUERY, "a;id b", 1, 3, "a;id b", 1, 3},
        {GB_BLOB_REDACT_ALL, "q", GB_ORIGIN_QUERY, "a;id b", 1, 3, "***", 0, 3},
        {GB_BLOB_REDACT_NONE, "body.password", GB_ORIGIN_BODY, "a;id b", 1, 3, "***", 0, 3},
        {GB_BLOB_REDACT_SURROUNDINGS, "headers.Cookie", GB_ORIGIN_COOKIE, "a;id b", 1, 3, "***", 0, 3},
        {GB_BLOB_REDACT_NONE, "x", GB_ORIGIN_COOKIE, "a;id b", 1, 3, "***", 0, 3},
};

static void values(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct gb_input_string string = {.path = gb_span_cstr(rows[i].path),
		        .value = gb_span_cstr(rows[i].value),
		        .origin = (uint16_t)rows[i].origin};
		struct gb_firewall_shown shown;
		char buffer[GB_FIREWALL_SHOWN_BYTES];

		gb_firewall_redact(rows[i].redaction, &string, rows[i].from, rows[i].length, buffer, &shown);
		if (!gb_span_equal(shown.value, gb_span_cstr(rows[i].shown)) || shown.from != rows[i].shown_from ||
		        shown.length != rows[i].shown_length ||
		        shown.is_masked != (strcmp(rows[i].shown, rows[i].value) != 0))
			fail_msg("row %zu: %.*s %zu %zu", i, (int)shown.value.n, shown.value.p, shown.from,
			        shown.length);
	}
}

static void long_evidence(void **state)
{
	static char value[5000];
	struct gb_input_string string = {.path = GB_SPAN("q"), .value = gb_span_of(value, sizeof(value))};
	struct gb_firewall_shown shown;
	char buffer[GB_FIREWALL_SHOWN_BYTES];

	(void)state;
	memset(value, 'x', sizeof(value));
	gb_firewall_redact(GB_BLOB_REDACT_SURROUNDINGS, &string, 10, 4000, buffer, &shown);
	assert_true(shown.is_masked && shown.from == 3 && shown.length == sizeof(buffer) - 6);
	assert_true(gb_span_ends(shown.value, GB_SPAN("***")));
}

static void secret_names(void **state)
{
	static const struct {
		const char *path;
		bool is_secret;
	} table[] = {
	        {"body.password", true},
	        {"body.userPassword", true},
	        {"body.password.$ne", true},
	        {"body.user[0].new_password", true},
	        {"headers.Authorization", true},
	        {"headers.X-Api-Key", true},
	        {"headers.cookie", true},
	        {"queryStringParameters.access_token", true},
	        {"queryStringParameters.client-secret", true},
	        {"body[\"credit.card\"].iban", true},
	        {"body.auth", true},
	        {"body.author", false},
	        {"body.comment", false},
	        {"Records[0].s3.object.key", false},
	        {"queryStringParameters.q", false},
	        {"", false},
	        {"body.passenger", false},
	        {"body.pass", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (gb_firewall_is_secret(gb_span_cstr(table[i].path)) != table[i].is_secret)
			fail_msg("%s", table[i].path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(values), cmocka_unit_test(long_evidence), cmocka_unit_test(secret_names)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

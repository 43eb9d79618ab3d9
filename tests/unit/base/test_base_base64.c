/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"

#include <setjmp.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void texts(void **state)
{
	/* RFC 4648 §10, and what is none. -1: refused. */
	static const struct {
		const char *text, *bytes;
		int n;
	} rows[] = {{"", "", 0}, {"Zg==", "f", 1}, {"Zm8=", "fo", 2}, {"Zm9v", "foo", 3}, {"Zm9vYg", "foob", 4},
	        {"Zm9vYmE", "fooba", 5}, {"Zm9vYmFy", "foobar", 6}, {"-_-_", "\xfb\xff\xbf", 3},
	        {"+/+/", "\xfb\xff\xbf", 3}, {"Z", "", -1}, {"Zg=", "", -1}, {"Zh==", "", -1}, {"Zm9=", "", -1},
	        {"Z===", "", -1}, {"====", "", -1}, {"Zg==Zg==", "", -1}, {"Zm 9v", "", -1}, {"Zm9v\n", "", -1}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned char room[64];
		ssize_t n = gb_base64_decode(gb_span_cstr(rows[i].text), room);

		if (n != (rows[i].n < 0 ? -EINVAL : rows[i].n) ||
		        (n > 0 && memcmp(room, rows[i].bytes, (size_t)n) != 0))
			fail_msg("%s: %zd", rows[i].text, n);
	}
}

static void there_and_back(void **state)
{
	(void)state;
	for (size_t n = 0; n < 70; n++) {
		unsigned char bytes[70], *exact = malloc(GB_BASE64_CHARS(n) + 1), back[80];
		struct gb_text text = gb_text_on(exact, GB_BASE64_CHARS(n));

		for (size_t i = 0; i < n; i++)
			bytes[i] = (unsigned char)(i * 89 + n * 7);
		gb_base64_add_url(&text, gb_span_of(bytes, n));
		assert_false(text.truncated);
		assert_int_equal(text.n, GB_BASE64_CHARS(n));
		assert_int_equal(gb_base64_decode(gb_text_span(&text), back), n);
		assert_memory_equal(back, bytes, n);
		free(exact);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(texts), cmocka_unit_test(there_and_back)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

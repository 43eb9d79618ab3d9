/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "activity/dns.h"

#include <string.h>

#define HEAD(flags, answers) "\x12\x34" flags "\0\1\0" answers "\0\0\0\0"

static const struct row {
	const char *what;
	const char *bytes;
	size_t n;
	enum gb_dns_message message;
	const char *name;
	size_t addresses;
} rows[] = {
#define ROW(what, bytes, message, name, addresses)                                                                     \
	{                                                                                                              \
		what, bytes, sizeof(bytes) - 1, message, name, addresses                                               \
	}
        ROW("question", HEAD("\1\0", "\0") "\3wWw\7Example\3com\0\0\1\0\1", GB_DNS_QUESTION, "www.example.com", 0),
        ROW("root", HEAD("\1\0", "\0") "\0\0\1\0\1", GB_DNS_QUESTION, ".", 0),
        ROW("odd bytes", HEAD("\1\0", "\0") "\4a\0.\xff\2_b\0\0\1\0\1", GB_DNS_QUESTION, "a???._b", 0),
        ROW("v4", HEAD("\x81\x80", "\1") "\1a\0\0\1\0\1\xc0\x0c\0\1\0\1\0\0\0\1\0\4\1\2\3\4", GB_DNS_ANSWER, "a", 1),
        ROW("chain and v6",
                HEAD("\x81\x80", "\2") "\1a\0\0\x1c\0\1\xc0\x0c\0\5\0\1\0\0\0\1\0\3\1b\0\1b\0\0\x1c\0\1\0\0\0\1\0\x10"
                                       "0123456789abcdef",
                GB_DNS_ANSWER, "a", 1),
        ROW("answers cut off", HEAD("\x81\x80", "\2") "\1a\0\0\1\0\1\xc0\x0c\0\1\0\1\0\0\0\1\0\4\1\2\3", GB_DNS_ANSWER,
                "a", 0),
        ROW("length beyond", HEAD("\x81\x80", "\1") "\1a\0\0\1\0\1\xc0\x0c\0\1\0\1\0\0\0\1\xff\xff\1\2\3\4",
                GB_DNS_ANSWER, "a", 0),
        ROW("pointer in a question", HEAD("\1\0", "\0") "\xc0\x0c\0\1\0\1", GB_DNS_NONE, "", 0),
        ROW("name without end", HEAD("\1\0", "\0") "\3www", GB_DNS_NONE, "", 0),
        ROW("no question", "\x12\x34\1\0\0\0\0\0\0\0\0\0\0\0\0\0", GB_DNS_NONE, "", 0),
        ROW("an update", HEAD("\x28\0", "\0") "\1a\0\0\1\0\1", GB_DNS_NONE, "", 0),
        ROW("short", "\x12\x34\1\0\0\1", GB_DNS_NONE, "", 0),
        ROW("nothing", "", GB_DNS_NONE, "", 0),
};

static void messages(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct gb_span message = gb_span_of(row->bytes, row->n);
		unsigned char addresses[4][16];
		char buffer[GB_DNS_NAME_BYTES_MAX + 1];
		struct gb_text name = gb_text_on(buffer, sizeof(buffer));
		enum gb_dns_message found = gb_dns_read(message, &name);
		size_t count = gb_dns_addresses(message, addresses, 4);

		if (found != row->message || count != row->addresses ||
		        (found != GB_DNS_NONE && strcmp(gb_text_cstr(&name), row->name) != 0))
			fail_msg(
			        "%s: message %d, %zu addresses, name %s", row->what, found, count, gb_text_cstr(&name));
	}
}

/* Every prefix and every changed byte of every row: no read outside (for the sanitizers), no more than asked for. */
static void broken_messages(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t n = 0; n <= rows[i].n; n++)
			for (unsigned change = 0; change < 256; change += 15) {
				unsigned char copy[128], addresses[2][16];
				char buffer[64];
				struct gb_text name = gb_text_on(buffer, sizeof(buffer));

				memcpy(copy, rows[i].bytes, n);
				if (n != 0)
					copy[n - 1] = (unsigned char)change;
				(void)gb_dns_read(gb_span_of(copy, n), &name);
				assert_true(gb_dns_addresses(gb_span_of(copy, n), addresses, 2) <= 2);
			}
}

static void length_of_tcp(void **state)
{
	struct gb_span framed = GB_SPAN("\0\x13" HEAD("\1\0", "\0") "\1a\0\0\1\0\1");

	(void)state;
	assert_int_equal(gb_dns_without_length(framed, 21).n, 19);
	assert_int_equal(gb_dns_without_length(framed, 22).n, 21);
	assert_int_equal(gb_dns_without_length(gb_span_sub(framed, 0, 18), 21).n, 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(messages),
	        cmocka_unit_test(broken_messages),
	        cmocka_unit_test(length_of_tcp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "activity/address.h"
#include "activity/path.h"
#include "activity/syscall.h"
#include "site/site.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static const struct {
	const char *directory, *path, *want;
	bool went_up;
} joins[] = {
        {"", "/", "/", false},
        {"", "/etc/passwd", "/etc/passwd", false},
        {"", "//etc///passwd/", "/etc/passwd", false},
        {"", "/etc/./passwd/.", "/etc/passwd", false},
        {"", "/etc/../proc/../..", "/", true},
        {"", "/..a/...", "/..a/...", false},
        {"/tmp", "", "/tmp", false},
        {"/tmp", "a", "/tmp/a", false},
        {"/tmp", "../a", "/a", true},
        {"/tmp", "/a", "/a", false},
        {"/", "a", "/a", false},
        {"/", "..", "/", true},
        {"/a/b", "../../../../c", "/c", true},
};

static void paths_are_joined(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(joins) / sizeof(joins[0]); i++) {
		char buffer[64];
		struct gb_text text = gb_text_on(buffer, sizeof(buffer));
		bool went_up;

		gb_text_add_cstr(&text, joins[i].directory);
		gb_path_join(&text, gb_span_cstr(joins[i].path), &went_up);
		if (strcmp(gb_text_cstr(&text), joins[i].want) != 0 || went_up != joins[i].went_up)
			fail_msg("%s + %s: %s", joins[i].directory, joins[i].path, buffer);
	}
}

/* Every text of up to 10 of these letters behind a slash, in the middle of longer ones too. */
static void canonical_is_what_joining_leaves_alone(void **state)
{
	static const char letters[] = {'/', '.', 'a', (char)('.' | 0x80)};
	static const char before[][16] = {"/", "/usr/lib/python"};
	char path[32], joined[40];

	(void)state;
	for (size_t i = 0; i < 2 << 20; i++) {
		size_t n = strlen(before[i & 1u]), number = i >> 1;
		struct gb_text text = gb_text_on(joined, sizeof(joined));
		bool is_same, went_up, has_dot_name;

		memcpy(path, before[i & 1u], n);
		for (; number != 0; number /= 4)
			path[n++] = letters[number % 4];
		gb_path_join(&text, gb_span_of(path, n), &went_up);
		is_same = gb_span_equal(gb_text_span(&text), gb_span_of(path, n)) && !went_up;
		has_dot_name = gb_span_find(gb_span_of(path, n), GB_SPAN("/."), 0) != SIZE_MAX;
		if (gb_path_is_canonical(gb_span_of(path, n)) != (is_same && !has_dot_name && n > 1))
			fail_msg("%.*s", (int)n, path);
	}
	assert_false(gb_path_is_canonical(GB_SPAN("")));
	assert_false(gb_path_is_canonical(GB_SPAN("etc/passwd")));
	assert_false(gb_path_is_canonical(GB_SPAN("relative/of/some/length")));
}

static void places_are_compared(void **state)
{
	(void)state;
	assert_true(gb_path_is_under(GB_SPAN("/tmp/a"), GB_SPAN("/tmp")));
	assert_true(gb_path_is_under(GB_SPAN("/tmp"), GB_SPAN("/tmp")));
	assert_true(gb_path_is_under(GB_SPAN("/tmp"), GB_SPAN("/")));
	assert_false(gb_path_is_under(GB_SPAN("/tmpfile"), GB_SPAN("/tmp")));
	assert_true(gb_path_is_loader(GB_SPAN("/lib64/ld-linux-x86-64.so.2")));
	assert_true(gb_path_is_loader(GB_SPAN("/lib/ld-musl-x86_64.so.1")));
	assert_true(gb_path_is_loader(GB_SPAN("/lib/x86_64-linux-gnu/ld-2.26.so")));
	assert_false(gb_path_is_loader(GB_SPAN("/usr/bin/ld")));
	assert_false(gb_path_is_loader(GB_SPAN("/ld-linux.so/cat")));
}

#define BLANKS "                                                  " /* 50 */

static const struct {
	const char *head, *interpreter, *argument;
} scripts[] = {
        {"#!/bin/sh\necho", "/bin/sh", ""},
        {"#! /usr/bin/env  python3 -u \n", "/usr/bin/env", "python3 -u"},
        {"#!/bin/sh", "/bin/sh", ""},
        {"#!\t/bin/sh\t-e\t\nx", "/bin/sh", "-e"},
        {"#! /bin/sh -e" BLANKS BLANKS BLANKS BLANKS BLANKS "x\n", "/bin/sh",
                "-e"}, /* the kernel does not read as far as the x */
        {"#!" BLANKS BLANKS BLANKS BLANKS BLANKS "/bin/sh\n", NULL, NULL},
        {"#!" BLANKS BLANKS BLANKS BLANKS "/bin/the-rest-of-which-is-not-read-by-the-kernel-any-more\n", NULL, NULL},
        {"#!\n", NULL, NULL},
        {"#!", NULL, NULL},
        {"#/bin/sh\n", NULL, NULL},
        {"\177ELF", NULL, NULL},
        {"", NULL, NULL},
};

static void scripts_name_interpreters(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		struct gb_span interpreter, argument;
		bool is_script = gb_path_of_shebang(gb_span_cstr(scripts[i].head), &interpreter, &argument);

		if (is_script != (scripts[i].interpreter != NULL) ||
		        (is_script && (!gb_span_equal(interpreter, gb_span_cstr(scripts[i].interpreter)) ||
		                              !gb_span_equal(argument, gb_span_cstr(scripts[i].argument)))))
			fail_msg("row %zu: %s", i, scripts[i].head);
	}
}

static const struct {
	int family;
	const char *ip;
	enum gb_address_use use;
	const char *want;
} addresses[] = {
        {AF_INET, "10.0.0.1", GB_ADDRESS_DESTINATION, "10.0.0.1:80"},
        {AF_INET, "0.0.0.0", GB_ADDRESS_DESTINATION, "127.0.0.1:80"},
        {AF_INET, "0.0.0.0", GB_ADDRESS_LOCAL, "0.0.0.0:80"},
        {AF_INET6, "::", GB_ADDRESS_DESTINATION, "[::1]:80"},
        {AF_INET6, "::", GB_ADDRESS_LOCAL, "[::]:80"},
        {AF_INET6, "::ffff:169.254.169.254", GB_ADDRESS_DESTINATION, "169.254.169.254:80"},
        {AF_INET6, "::ffff:0.0.0.0", GB_ADDRESS_DESTINATION, "127.0.0.1:80"},
        {AF_INET6, "2001:db8:0:0:1:0:0:1", GB_ADDRESS_DESTINATION, "[2001:db8::1:0:0:1]:80"},
        {AF_INET6, "2001:db8:0:1:1:1:1:1", GB_ADDRESS_DESTINATION, "[2001:db8:0:1:1:1:1:1]:80"},
        {AF_INET6, "fe80::a0b0", GB_ADDRESS_DESTINATION, "[fe80::a0b0]:80"},
        {AF_INET6, "1::", GB_ADDRESS_DESTINATION, "[1::]:80"},
};

static void addresses_are_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		struct sockaddr_in six_or_four = {.sin_family = AF_INET, .sin_port = htons(80)};
		struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(80)};
		char buffer[GB_ADDRESS_TEXT_BYTES];
		struct gb_text text = gb_text_on(buffer, sizeof(buffer));
		struct gb_span bytes = gb_span_of(&six, sizeof(six));
		struct gb_address address;

		if (addresses[i].family == AF_INET) {
			assert_int_equal(inet_pton(AF_INET, addresses[i].ip, &six_or_four.sin_addr), 1);
			bytes = gb_span_of(&six_or_four, sizeof(six_or_four));
		} else {
			assert_int_equal(inet_pton(AF_INET6, addresses[i].ip, &six.sin6_addr), 1);
		}
		address = gb_address_of_sockaddr(bytes, addresses[i].use, &text);
		if (address.family != GB_ADDRESS_IP || address.port != 80 ||
		        strcmp(gb_text_cstr(&text), addresses[i].want) != 0)
			fail_msg("%s: %s", addresses[i].ip, buffer);
	}
}

static void other_addresses(void **state)
{
	struct sockaddr_un local = {.sun_family = AF_UNIX, .sun_path = "/run/x"};
	struct sockaddr_un hidden = {.sun_family = AF_UNIX, .sun_path = "\0name"};
	char buffer[GB_ADDRESS_TEXT_BYTES];
	struct gb_text text = gb_text_on(buffer, sizeof(buffer));

	(void)state;
	assert_int_equal(gb_address_of_sockaddr(gb_span_of(&local, sizeof(local)), GB_ADDRESS_LOCAL, &text).family,
	        GB_ADDRESS_UNIX);
	assert_string_equal(gb_text_cstr(&text), "/run/x");
	text.n = 0;
	(void)gb_address_of_sockaddr(gb_span_of(&hidden, 7), GB_ADDRESS_LOCAL, &text);
	assert_string_equal(gb_text_cstr(&text), "@name");
	for (size_t n = 0; n < 16; n++) {
		struct sockaddr_in short_one = {.sin_family = AF_INET};
		enum gb_address_family family;

		text.n = 0;
		family = gb_address_of_sockaddr(gb_span_of(&short_one, n), GB_ADDRESS_LOCAL, &text).family;
		assert_int_equal(family, n >= 8 ? GB_ADDRESS_IP : GB_ADDRESS_OTHER);
	}
}

/* Two directories of one layer each have their list of watched calls: they must be the same. */
static void rows_are_what_is_patched(void **state)
{
	(void)state;
	for (unsigned number = 0; number < 600; number++) {
		const struct gb_syscall *row = gb_syscall_row(number);
		bool is_for_some =
		        row != NULL && (row->family == GB_SYSCALL_RECEIVE || row->family == GB_SYSCALL_WRITE);

		if ((row != NULL) != gb_site_is_watched(number) || is_for_some != gb_site_is_watched_for_some(number))
			fail_msg("system call %u", number);
		if (row != NULL)
			assert_int_equal(row->number, number);
	}
	for (size_t i = 1; i < gb_syscall_row_count; i++)
		assert_true(gb_syscall_rows[i - 1].number < gb_syscall_rows[i].number);
	assert_null(gb_syscall_row(UINT64_MAX));
}

static void open_flags_decide(void **state)
{
	(void)state;
	assert_int_equal(gb_syscall_open_kind(O_RDONLY | O_CLOEXEC), GB_ACTIVITY_FILE_READ);
	assert_int_equal(gb_syscall_open_kind(O_WRONLY), GB_ACTIVITY_FILE_WRITE);
	assert_int_equal(gb_syscall_open_kind(O_RDWR), GB_ACTIVITY_FILE_WRITE);
	assert_int_equal(gb_syscall_open_kind(O_RDONLY | O_CREAT), GB_ACTIVITY_FILE_WRITE);
	assert_int_equal(gb_syscall_open_kind(O_RDONLY | O_TRUNC), GB_ACTIVITY_FILE_WRITE);
	assert_int_equal(gb_syscall_open_kind(O_RDONLY | O_DIRECTORY), GB_ACTIVITY_FILE_READ);
	assert_int_equal(gb_syscall_open_kind(O_TMPFILE | O_RDWR), GB_ACTIVITY_FILE_WRITE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(paths_are_joined),
	        cmocka_unit_test(canonical_is_what_joining_leaves_alone),
	        cmocka_unit_test(places_are_compared),
	        cmocka_unit_test(scripts_name_interpreters),
	        cmocka_unit_test(addresses_are_written),
	        cmocka_unit_test(other_addresses),
	        cmocka_unit_test(rows_are_what_is_patched),
	        cmocka_unit_test(open_flags_decide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

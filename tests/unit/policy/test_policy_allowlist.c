/* SPDX-License-Identifier: Apache-2.0 */
/* What the entries of an allowlist match. */
#include "policyc/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "judge.h"

static bool file_allowed(const struct loaded *loaded, enum gb_activity_kind kind, const char *path, const char *object)
{
	struct gb_activity activity = {.kind = kind, .subject = gb_span_cstr(path), .object = gb_span_cstr(object)};

	return judge(loaded, &activity).decision == GB_ALLOW;
}

static const struct file_row {
	const char *patterns, *path;
	bool is_allowed;
} file_rows[] = {
        {"/a", "/a", true},
        {"/a", "/ab", false},
        {"/ab", "/a", false},
        {"/a, /ab, /abc", "/ab", true},
        {"{in: /tmp}", "/tmp/x", true},
        {"{in: /tmp}", "/tmp/", true},
        {"{in: /tmp}", "/tmp/x/y", false},
        {"{in: /tmp}", "/tmp", false},
        {"/tmp/*", "/tmp/x", true},
        {"/tmp/*", "/tmp/x/y", true},
        {"/tmp/*", "/tmp", false},
        {"/*/x", "/a/x", true},
        {"/*/x", "/a/b/x", false},
        {"/tmp/*.tmp", "/tmp/x.tmp", true},
        {"/tmp/*.tmp", "/tmp/x.tmpy", false},
        {"/tmp/*.tmp", "/tmp/x.tmp.tmp", true},
        {"/tmp/a*b*c", "/tmp/aXbYc", true},
        {"/tmp/a*b*c", "/tmp/abbc", true},
        {"/tmp/a*b*c", "/tmp/acb", false},
        {"/tmp/a*b*c", "/tmp/ab/c", false},
        {"/var/task/**", "/var/task/x", true},
        {"/var/task/**", "/var/task/x/y/z", true},
        {"/var/task/**", "/var/taskx", false},
        {"/var/**/x.js", "/var/x.js", true},
        {"/var/**/x.js", "/var/a/b/x.js", true},
        {"/var/**/x.js", "/var/a/b/yx.js", false},
        {"/var/**/x.js", "/var/a/x.js/b", false},
        {"/**/n*/y", "/a/nm/b/n/y", true},
        {"/**/n*/y", "/a/nm/b/m/y", false},
        {"/var/**.js", "/var/a/b.js", true},
        {"/var/**.js", "/var/.js", true},
        {"/**", "/", true},
        {"/proc/*/status", "/proc/12/status", true},
        {"/proc/*/status", "/proc/12/task/1/status", false},
        {"/a*, /ab*c, /abc*d/**", "/abcxd/y", true},
        {"/a, \"/a b\", /a-b", "/a b", true},
};

static void files(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(file_rows) / sizeof(file_rows[0]); i++) {
		char text[256];
		struct loaded loaded;

		snprintf(text, sizeof(text), "allow: {files: {read: [%s]}}", file_rows[i].patterns);
		loaded = load_spec(text);
		if (file_allowed(&loaded, GB_ACTIVITY_FILE_READ, file_rows[i].path, NULL) != file_rows[i].is_allowed)
			fail_msg("%s against %s", file_rows[i].path, file_rows[i].patterns);
		assert_false(file_allowed(&loaded, GB_ACTIVITY_FILE_WRITE, file_rows[i].path, NULL));
		assert_false(file_allowed(&loaded, GB_ACTIVITY_LIBRARY_MAP, file_rows[i].path, NULL));
		free(loaded.blob);
	}
}

static void two_paths(void **state)
{
	struct loaded loaded = load_spec("allow: {files: {read: [/r], write: [/w/**]}}, rules: "
	                                 "[{files: {write: [/w/no]}}]");

	(void)state;
	assert_true(file_allowed(&loaded, GB_ACTIVITY_FILE_RENAME, "/w/a", "/w/b"));
	assert_false(file_allowed(&loaded, GB_ACTIVITY_FILE_RENAME, "/w/a", "/x"));
	assert_false(file_allowed(&loaded, GB_ACTIVITY_FILE_RENAME, "/r", "/w/b"));
	assert_true(file_allowed(&loaded, GB_ACTIVITY_FILE_LINK, "/r", "/w/b"));
	assert_false(file_allowed(&loaded, GB_ACTIVITY_FILE_LINK, "/w/b", "/r"));
	assert_true(file_allowed(&loaded, GB_ACTIVITY_FILE_DELETE, "/w/a", NULL));
	assert_false(file_allowed(&loaded, GB_ACTIVITY_FILE_RENAME, "/w/a", "/w/no"));
	assert_false(file_allowed(&loaded, GB_ACTIVITY_FILE_RENAME, "/w/no", "/w/a"));
	free(loaded.blob);
}

static const struct process_row {
	const char *process, *subject, *arguments; /* '|' for the NUL behind each argument */
	bool is_allowed;
} process_rows[] = {
        {"/bin/x", "/bin/x", "x|anything|at all", true},
        {"/bin/x", "/bin/x", "x", true},
        {"/bin/x", "/bin/y", "x", false},
        {"{executable: /bin/*, arguments: []}", "/bin/x", "x", true},
        {"{executable: /bin/*, arguments: []}", "/bin/x", "x|a", false},
        {"{executable: /bin/x, name: x}", "/bin/x", "/usr/bin/x|a", true},
        {"{executable: /bin/x, name: x}", "/bin/x", "sh|a", false},
        {"{executable: /x, arguments: [-a, \"*\", -b]}", "/x", "x|-a|; rm|-b", true},
        {"{executable: /x, arguments: [-a, \"*\", -b]}", "/x", "x|-a|-b", false},
        {"{executable: /x, arguments: [-a, \"*\", -b]}", "/x", "x|-a|c|-b|d", false},
        {"{executable: /x, arguments: [\"\\\\*\"]}", "/x", "x|*", true},
        {"{executable: /x, arguments: [\"\\\\*\"]}", "/x", "x|a", false},
        {"{executable: /x, arguments: [\"<url>\"]}", "/x", "x|https://a.example/b?c=d&e=f#g h", false},
        {"{executable: /x, arguments: [\"<url>\"]}", "/x", "x|https://a.example/b?c=d&e=f#g", true},
        {"{executable: /x, arguments: [\"<url>\"]}", "/x", "x|file:///etc/passwd", false},
        {"{executable: /x, arguments: [\"<url>\"]}", "/x", "x|http://", false},
        {"{executable: /x, arguments: [\"<number>\"]}", "/x", "x|-12.50", true},
        {"{executable: /x, arguments: [\"<number>\"]}", "/x", "x|12.", false},
        {"{executable: /x, arguments: [\"<number>\"]}", "/x", "x|", false},
        {"{executable: /x, arguments: [\"<number>x<number>\"]}", "/x", "x|640x480", true},
        {"{executable: /x, arguments: [\"<number>x<number>\"]}", "/x", "x|640x480x", false},
        {"{executable: /x, arguments: [\"<word>\"]}", "/x", "x|-rf", false},
        {"{executable: /x, arguments: [\"<word>\"]}", "/x", "x|a/b", false},
        {"{executable: /x, arguments: [\"<word>\"]}", "/x", "x|a-b_c.d", true},
        {"{executable: /x, arguments: [\"<path>\"]}", "/x", "x|/tmp/a b/c.pdf", true},
        {"{executable: /x, arguments: [\"<path>\"]}", "/x", "x|/tmp/../etc/passwd", false},
        {"{executable: /x, arguments: [\"<path>\"]}", "/x", "x|/tmp/..", false},
        {"{executable: /x, arguments: [\"<path>\"]}", "/x", "x|/tmp/...", true},
        {"{executable: /x, arguments: [\"<path>\"]}", "/x", "x|--out", false},
        {"{executable: /x, arguments: [\"--out=/tmp/<word>.pdf\"]}", "/x", "x|--out=/tmp/ab.pdf.pdf", true},
        {"{executable: /x, arguments: [\"--out=/tmp/<word>.pdf\"]}", "/x", "x|--out=/tmp/.pdf", false},
        {"{executable: /x, arguments: [\"--out=/tmp/<word>.pdf\"]}", "/x", "x|--out=/tmp/a/b.pdf", false},
        {"{executable: /bin/sh, arguments: [-c, {shell: \"curl -L <url> | cat\"}]}", "/bin/sh",
                "sh|-c|curl -L http://a/b?c=d | cat", true},
        {"{executable: /bin/sh, arguments: [-c, {shell: \"curl -L <url> | cat\"}]}", "/bin/sh",
                "sh|-c|curl -L http://a;env # | cat", false},
        {"{executable: /bin/sh, arguments: [-c, {shell: \"curl -L <url> | cat\"}]}", "/bin/sh",
                "sh|-c|curl -L http://a$(id) | cat", false},
        {"{executable: /bin/sh, arguments: [-c, {shell: \"curl -L <url> | cat\"}]}", "/bin/sh",
                "sh|-c|curl -L http://a&id | cat", false},
        {"{executable: /bin/sh, arguments: [-c, {shell: \"curl -L <url> | cat\"}]}", "/bin/sh",
                "sh|-c|curl -L http://a\nid | cat", false},
        {"{executable: /bin/sh, arguments: [-c, {shell: \"curl -L <url> | cat\"}]}", "/bin/sh",
                "sh|-c|curl -L http://a -o /x | cat", false},
        {"{executable: /bin/sh, arguments: [-c, {shell: \"cat <path> \\\\< x\"}]}", "/bin/sh", "sh|-c|cat a/b < x",
                true},
        {"{executable: /bin/sh, arguments: [-c, {shell: \"cat <path> < x\"}]}", "/bin/sh", "sh|-c|cat `id` < x", false},
};

static void processes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(process_rows) / sizeof(process_rows[0]); i++) {
		const struct process_row *row = &process_rows[i];
		size_t n = strlen(row->arguments);
		char text[400], arguments[200];
		struct gb_activity activity = {
		        .kind = GB_ACTIVITY_PROCESS_START, .subject = gb_span_cstr(row->subject)};
		struct loaded loaded;

		/* The pipe of a shell text is no separator: " | " stays. */
		memcpy(arguments, row->arguments, n + 1);
		for (size_t at = 0; at < n; at++)
			if (arguments[at] == '|' && (at == 0 || arguments[at - 1] != ' '))
				arguments[at] = '\0';
		activity.arguments = gb_span_of(arguments, n + 1);
		snprintf(text, sizeof(text), "allow: {processes: [%s]}", row->process);
		loaded = load_spec(text);
		if ((judge(&loaded, &activity).decision == GB_ALLOW) != row->is_allowed)
			fail_msg("%s against %s", row->arguments, row->process);
		/* The NUL behind the last argument is missing: it was cut, and could be anything. */
		activity.arguments.n--;
		if (strstr(row->process, "arguments") != NULL)
			assert_int_equal(judge(&loaded, &activity).decision, GB_DENY);
		free(loaded.blob);
	}
}

static const struct address_row {
	const char *allowed, *address; /* both as in documents; the second with one port */
	bool is_allowed;
} address_rows[] = {
        {"10.0.0.0/8:5432", "10.200.3.4:5432", true},
        {"10.0.0.0/8:5432", "10.200.3.4:5433", false},
        {"10.0.0.0/8:5432", "11.0.0.1:5432", false},
        {"10.128.0.0/9:*", "10.127.0.1:1", false},
        {"10.128.0.0/9:*", "10.129.0.1:1", true},
        {"0.0.0.0/0:443", "8.8.8.8:443", true},
        {"0.0.0.0/0:443", "[2001::1]:443", false},
        {"[::1]:*", "[::1]:80", true},
        {"[::1]:*", "127.0.0.1:80", false},
        {"[fd00::/8]:1-9", "[fdab::1]:9", true},
        {"[fd00::/8]:1-9", "[fdab::1]:10", false},
        {"unix:/run/*.sock", "unix:/run/a.sock", true},
        {"unix:/run/*.sock", "unix:/tmp/a.sock", false},
        {"unix:@name", "unix:@name", true},
        {"family:16", "family:16", true},
        {"family:16", "family:17", false},
};

static void addresses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(address_rows) / sizeof(address_rows[0]); i++) {
		const struct address_row *row = &address_rows[i];
		struct gb_activity activity = {.kind = GB_ACTIVITY_NET_CONNECT, .subject = gb_span_cstr(row->address)};
		struct gb_blob_address parsed;
		struct loaded loaded;
		char text[200];

		if (strncmp(row->address, "unix:", 5) == 0) {
			activity.address.family = GB_ADDRESS_UNIX;
			activity.subject = gb_span_cstr(row->address + 5);
		} else {
			assert_int_equal(gb_policyc_address_parse(gb_span_cstr(row->address), &parsed, NULL), 0);
			activity.address.family =
			        parsed.prefix_n == GB_BLOB_FAMILY_PREFIX_N ? GB_ADDRESS_OTHER : GB_ADDRESS_IP;
			activity.address.family_number = parsed.port_first;
			activity.address.port = parsed.port_first;
			memcpy(activity.address.ip, parsed.ip, 16);
		}
		snprintf(text, sizeof(text), "allow: {addresses: [\"%s\"]}", row->allowed);
		loaded = load_spec(text);
		if ((judge(&loaded, &activity).decision == GB_ALLOW) != row->is_allowed)
			fail_msg("%s against %s", row->address, row->allowed);
		free(loaded.blob);
	}
}

static const struct host_row {
	const char *hosts, *name;
	bool is_allowed;
} host_rows[] = {
        {"api.example.com", "api.example.com", true},
        {"api.example.com", "api.example.com.evil.test", false},
        {"api.example.com", "xapi.example.com", false},
        {"*.example.com", "a.b.example.com", true},
        {"*.example.com", "example.com", false},
        {"*.example.com", "example.com.evil.test", false},
        {"*.example.com", ".", false},
};

/* The name is looked up, and an address that has it is connected to. */
static void hosts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(host_rows) / sizeof(host_rows[0]); i++) {
		const struct host_row *row = &host_rows[i];
		struct gb_activity lookup = {.kind = GB_ACTIVITY_NAME_LOOKUP, .subject = gb_span_cstr(row->name)};
		struct gb_activity connect = {.kind = GB_ACTIVITY_NET_CONNECT,
		        .subject = GB_SPAN("10.0.0.1:443"),
		        .object = gb_span_cstr(row->name),
		        .address = {.family = GB_ADDRESS_IP, .port = 443}};
		char text[512];
		struct loaded loaded;

		snprintf(text, sizeof(text), "allow: {hosts: [\"%s\"]}", row->hosts);
		loaded = load_spec(text);
		if ((judge(&loaded, &lookup).decision == GB_ALLOW) != row->is_allowed ||
		        (judge(&loaded, &connect).decision == GB_ALLOW) != row->is_allowed)
			fail_msg("%s against %s", row->name, row->hosts);
		connect.object = GB_SPAN_EMPTY;
		assert_int_equal(judge(&loaded, &connect).decision, GB_DENY);
		free(loaded.blob);
	}
}

/* Adding any entry to the allowlist never takes away what was allowed. */
static void widening(void **state)
{
	static const char *const entries[] = {"/a", "/a/*", "/a/**", "/**/b", "/a/b*", "/ab", "/a/b/c", "/*"};
	static const char *const paths[] = {"/a", "/a/b", "/a/bc", "/ab", "/a/b/c", "/x/b", "/", "/b"};
	char text[300];

	(void)state;
	for (unsigned set = 0; set < 256; set++) {
		struct loaded narrow, wide;
		size_t more = set % 8;

		for (int with = 0; with < 2; with++) {
			int n = snprintf(text, sizeof(text), POLICY_HEAD "spec: {allow: {files: {read: [");

			for (unsigned i = 0; i < 8; i++)
				if ((set >> i & 1u) != 0 || (with && i == more))
					n += snprintf(text + n, sizeof(text) - (size_t)n, "\"%s\", ", entries[i]);
			snprintf(text + n, sizeof(text) - (size_t)n, "]}}}");
			*(with ? &wide : &narrow) = load_document(text);
		}
		for (size_t i = 0; i < 8; i++)
			if (file_allowed(&narrow, GB_ACTIVITY_FILE_READ, paths[i], NULL))
				assert_true(file_allowed(&wide, GB_ACTIVITY_FILE_READ, paths[i], NULL));
		free(narrow.blob);
		free(wide.blob);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(files),
	        cmocka_unit_test(two_paths),
	        cmocka_unit_test(processes),
	        cmocka_unit_test(addresses),
	        cmocka_unit_test(hosts),
	        cmocka_unit_test(widening),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

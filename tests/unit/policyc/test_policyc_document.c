/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "policyc/policyc.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../lib/policy.h"

#define HEAD "apiVersion: gambeson/v1\nkind: FunctionPolicy\n"

static const char full_document[] =
        HEAD "metadata: {name: goat}\n"
             "spec:\n"
             "  posture: block\n"
             "  stance: closed\n"
             "  observe: true\n"
             "  controls: {firewall: block, flow: detect, rules: block}\n"
             "  flow: {onLimit: block}\n"
             "  block: {body: \"{\\\"message\\\": \\\"no\\\"}\\n\"}\n"
             "  allow:\n"
             "    processes:\n"
             "      - /usr/bin/true\n"
             "      - executable: /bin/sh\n"
             "        name: sh\n"
             "        arguments:\n"
             "          - -c\n"
             "          - shell: \"./bin/curl --silent -L <url> | cat \\\\\\\\<x > /dev/null\"\n"
             "      - executable: /usr/bin/*\n"
             "        arguments: [\"--out=/tmp/<word>.pdf\", \"*\", \"\\\\*\", \"a\\\\<b\", \"**\"]\n"
             "    files:\n"
             "      read: [/var/task/**, /etc/hosts, \"/proc/*/status\", /etc/host.conf]\n"
             "      write: [/tmp/*]\n"
             "      map: [/usr/lib/**]\n"
             "    addresses: [\"10.0.0.0/8:5432\", \"[::1]:*\", \"[fd00::/8]:1-2\", \"unix:/run/*.sock\", \"unix:@x\", "
             "\"family:16\"]\n"
             "    hosts: [example.com, \"*.example.org\"]\n"
             "    kinds: [memory_executable, net_listen]\n"
             "  rules:\n"
             "    - name: no-passwd\n"
             "      files: {read: [/etc/passwd, /etc/shadow]}\n"
             "    - name: no-net\n"
             "      addresses: [\"0.0.0.0/0:*\"]\n"
             "      kinds: [process_trace]\n"
             "      files: {read: [/etc/passwd]}\n"
             "  exclusions:\n"
             "    - files: {read: [/opt/**]}\n";

static struct gb_policyc_document *parsed(const char *text)
{
	struct gb_policyc_document *document = NULL;
	struct gb_diag diag = {0};
	int r = gb_policyc_parse(gb_span_cstr(text), &document, &diag);

	if (r < 0)
		fail_msg("%d: line %u column %u: %s\n%s", r, diag.line, diag.column, diag.message, text);
	return document;
}

static unsigned char *compiled(const struct gb_policyc_document *document, size_t *ret_n)
{
	unsigned char *blob = NULL;
	struct gb_diag diag = {0};
	struct gb_policy policy;

	if (gb_policyc_compile(document, 7, &blob, ret_n, &diag) < 0)
		fail_msg("compile: %s", diag.message);
	assert_int_equal(gb_policy_open(gb_span_of(blob, *ret_n), &policy), 0);
	assert_int_equal(policy.header->checksum, gb_blob_checksum(policy.blob));
	return blob;
}

/* The blob of DOCUMENT is that of its printed text, and of the document that the blob turns back into. */
static void assert_comes_back(const struct gb_policyc_document *document)
{
	size_t n = 0, again_n = 0;
	unsigned char *blob = compiled(document, &n), *again;
	char *text = printed(document);
	struct gb_policyc_document *back = parsed(text);
	struct gb_policy policy;

	again = compiled(back, &again_n);
	if (n != again_n || memcmp(blob, again, n) != 0)
		fail_msg("another blob after printing:\n%s", text);
	free(again);
	gb_policyc_document_free(back);
	assert_int_equal(gb_policy_open(gb_span_of(blob, n), &policy), 0);
	assert_int_equal(gb_policyc_of_blob(&policy, &back), 0);
	again = compiled(back, &again_n);
	if (n != again_n || memcmp(blob, again, n) != 0)
		fail_msg("another blob after unpacking:\n%s", text);
	free(again);
	free(blob);
	free(text);
	gb_policyc_document_free(back);
}

static void round_trip(void **state)
{
	static const char *const documents[] = {
	        HEAD,
	        HEAD "spec: {allow: {}}\n",
	        HEAD "spec: {posture: off, allow: {files: {read: [/**]}}, controls: {allowlist: off}}\n",
	        "{\"apiVersion\":\"gambeson/v1\",\"kind\":\"FunctionPolicy\",\"spec\":{\"allow\":{\"files\":{\"read\":"
	        "[\"/a b/\\\"c\\\\\"]}}}}",
	        full_document,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
		struct gb_policyc_document *document = parsed(documents[i]);

		assert_comes_back(document);
		gb_policyc_document_free(document);
	}
}

static void order_does_not_matter(void **state)
{
	struct gb_policyc_document *a = parsed(HEAD
	        "spec: {allow: {files: {read: [/a/b, /a/bc, /a/*, /x]}, addresses: [\"1.2.3.4:1\", \"1.2.3.4:2\"]}}");
	struct gb_policyc_document *b = parsed(HEAD "spec: {allow: {addresses: [\"1.2.3.4:2\", \"1.2.3.4:1\"], files: "
	                                            "{read: [/x, /a/*, /a/bc, /x, /a/b]}}}");
	size_t a_n, b_n;
	unsigned char *a_blob = compiled(a, &a_n), *b_blob = compiled(b, &b_n);

	(void)state;
	assert_int_equal(a_n, b_n);
	assert_memory_equal(a_blob, b_blob, a_n);
	free(a_blob);
	free(b_blob);
	gb_policyc_document_free(a);
	gb_policyc_document_free(b);
}

static const struct error_row {
	const char *text;
	uint32_t line, column;
	const char *message; /* a part of it */
} error_rows[] = {
        {"", 1, 1, "apiVersion: gambeson/v1"},
        {"- a\n", 1, 1, "this is no policy"},
        {"kind: FunctionPolicy\n", 1, 1, "'apiVersion' is missing"},
        {"apiVersion: gambeson/v2\nkind: FunctionPolicy\n", 1, 13, "did you mean 'gambeson/v1'"},
        {"apiVersion: gambeson/v1\nkind: Policy\n", 2, 7, "'Policy'"},
        {HEAD "spec:\n  postur: block\n", 4, 3, "unknown field 'postur'; did you mean 'posture'?"},
        {HEAD "spec:\n  zzz: block\n", 4, 3, "unknown field 'zzz'; known are match, posture"},
        {HEAD "spec:\n  posture: blok\n", 4, 12, "unknown mode 'blok'; did you mean 'block'?"},
        {HEAD "spec:\n  stance: opn\n", 4, 11, "did you mean 'open'?"},
        {HEAD "spec:\n  observe: maybe\n", 4, 12, "unknown value 'maybe'; known are true, false"},
        {HEAD "spec:\n  posture: block\n  posture: off\n", 5, 3, "a second time; the first is on line 4"},
        {HEAD "spec: {allow: {files: {read: /etc/passwd}}}\n", 3, 30, "a list"},
        {HEAD "spec: {allow: {files: {read: [etc]}}}\n", 3, 31, "path 'etc': must be absolute"},
        {HEAD "spec: {allow: {files: {read: [/a/../b]}}}\n", 3, 31, "no canonical path"},
        {HEAD "spec: {allow: {files: {read: [/a***]}}}\n", 3, 31, "three stars"},
        {HEAD "spec: {allow: {addresses: [10.0.0.1]}}\n", 3, 28, "port is missing"},
        {HEAD "spec: {allow: {addresses: [\"10.0.0.1/8:1\"]}}\n", 3, 28, "bits behind the prefix"},
        {HEAD "spec: {allow: {addresses: [\"10.0.0.0/33:1\"]}}\n", 3, 28, "prefix length"},
        {HEAD "spec: {allow: {addresses: [\"10.0.0.1:65536\"]}}\n", 3, 28, "port must be"},
        {HEAD "spec: {allow: {addresses: [\"db.local:1\"]}}\n", 3, 28, "no IP address"},
        {HEAD "spec: {allow: {hosts: [Example.com]}}\n", 3, 24, "lower-case"},
        {HEAD "spec: {allow: {kinds: [file_reed]}}\n", 3, 24, "did you mean 'file_read'?"},
        {HEAD "spec: {allow: {processes: [{name: sh}]}}\n", 3, 28, "'executable' is missing"},
        {HEAD "spec: {allow: {processes: [{executable: /x, arguments: [\"<uri>\"]}]}}\n", 3, 57, "unknown place"},
        {HEAD "spec: {allow: {processes: [{executable: /x, arguments: [\"**\", a]}]}}\n", 3, 63, "nothing may follow"},
        {HEAD "spec: {allow: {processes: [{executable: /x, arguments: [\"<word><path>\"]}]}}\n", 3, 57, "touch"},
        {HEAD "spec: {rules: [{name: a, kinds: [net_send]}, {name: a, kinds: [net_send]}]}\n", 3, 46, "a second time"},
        {HEAD "spec: &a {posture: off}\n", 3, 7, "anchors"},
        {HEAD "spec: *a\n", 3, 7, "aliases"},
        {HEAD "---\nspec: {}\n", 3, 1, "second document"},
        {HEAD "spec: [[[[[[[[[[[[[[[[[[[[[[\n", 3, 22, "deeper than 16"},
        {HEAD "spec:\n\tposture: off\n", 4, 1, "cannot start any token"},
        {HEAD "spec: \"\xff\"\n", 1, 1, "byte 52"},
        {HEAD "spec: {allow: {files: {read: [\"/a\\0b\"]}}}\n", 3, 31, "NUL"},
};

static void errors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(error_rows) / sizeof(error_rows[0]); i++) {
		const struct error_row *row = &error_rows[i];
		struct gb_policyc_document *document = NULL;
		struct gb_diag diag = {0};
		int r = gb_policyc_parse(gb_span_cstr(row->text), &document, &diag);

		if (r >= 0 || diag.line != row->line || diag.column != row->column ||
		        strstr(diag.message, row->message) == NULL)
			fail_msg("%s\ngave %d: line %u column %u: %s", row->text, r, diag.line, diag.column,
			        diag.message);
		assert_null(document);
	}
}

static void too_large(void **state)
{
	struct gb_policyc_document *document = NULL;
	size_t n = GB_POLICYC_DOCUMENT_BYTES_MAX + 1;
	char *text = malloc(n);
	struct gb_diag diag;

	(void)state;
	assert_non_null(text);
	memset(text, ' ', n);
	assert_int_equal(gb_policyc_parse(gb_span_of(text, n), &document, &diag), -EFBIG);
	memset(text, '[', n - 1);
	assert_int_equal(gb_policyc_parse(gb_span_of(text, n - 1), &document, &diag), -EFBIG);
	free(text);
}

static void too_large_compiled(void **state)
{
	struct gb_policyc_document *document = gb_policyc_document_new();
	unsigned char *blob = NULL;
	struct gb_diag diag = {0};
	size_t n;

	(void)state;
	assert_non_null(document);
	for (int i = 0; i < 6000; i++) {
		char path[64];
		int length = snprintf(path, sizeof(path), "/directory-%d/with/a/longer/name/in/it/file.js", i);

		assert_int_equal(
		        gb_policyc_add_path(document, &document->allow.read, gb_span_of(path, (size_t)length), NULL),
		        0);
	}
	assert_int_equal(gb_policyc_compile(document, 0, &blob, &n, &diag), -EFBIG);
	assert_non_null(strstr(diag.message, "too large"));
	gb_policyc_document_free(document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(round_trip),
	        cmocka_unit_test(order_does_not_matter),
	        cmocka_unit_test(errors),
	        cmocka_unit_test(too_large),
	        cmocka_unit_test(too_large_compiled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

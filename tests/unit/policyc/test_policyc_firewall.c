/* SPDX-License-Identifier: Apache-2.0 */
/* The firewall's part of a policy: document → blob → document, list files, the set of addresses. */
#include "base/text.h"
#include "inspect/inspect.h"
#include "policy/firewall.h"
#include "base/day.h"
#include "policyc/policyc.h"
#include "policyc/range.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEAD "apiVersion: gambeson/v1\nkind: FunctionPolicy\n"

static const char full_document[] =
        HEAD "spec:\n"
             "  posture: block\n"
             "  firewall:\n"
             "    sensitivity: strict\n"
             "    onLimit: block\n"
             "    redact: none\n"
             "    classes: {xss: detect, csvi: off, sqli: block}\n"
             "    mentions: {jndi: block, xss: ignore, sqli: report}\n"
             "    exceptions:\n"
             "      - {classes: [xss, ssti], paths: [body.comment, 'Records[*].body.**'], mode: detect}\n"
             "      - {reasons: [sql_order_by, 'template_*'], routes: ['POST /comments/{id}', /search]}\n"
             "      - {paths: ['headers.User-Agent']}\n"
             "    sources:\n"
             "      mode: block\n"
             "      clientAddress: {trustedHops: 2, trustedProxies: [10.0.0.0/8, 'fd00::/8'], header: "
             "cloudfront-viewer-address}\n"
             "      lists:\n"
             "        - {name: scanners, category: scanner, date: 2026-11-20, networks: [198.51.100.0/24, 203.0.113.7, "
             "'2001:db8::/32']}\n"
             "        - {name: office, mode: allow, networks: [198.51.100.16-198.51.100.20]}\n"
             "        - {name: watch, mode: detect, networks: ['::/0', 0.0.0.0/0]}\n";

static struct gb_policyc_document *parsed(const char *text)
{
	struct gb_policyc_document *document = NULL;
	struct gb_diag diag = {0};

	if (gb_policyc_parse(gb_span_cstr(text), &document, &diag) < 0)
		fail_msg("line %u column %u: %s\n%s", diag.line, diag.column, diag.message, text);
	return document;
}

static unsigned char *compiled(const struct gb_policyc_document *document, size_t *ret_n, struct gb_policy *ret_policy)
{
	unsigned char *blob = NULL;
	struct gb_diag diag = {0};

	if (gb_policyc_compile(document, 7, &blob, ret_n, &diag) < 0)
		fail_msg("compile: %s", diag.message);
	assert_int_equal(gb_policy_open(gb_span_of(blob, *ret_n), ret_policy), 0);
	assert_int_equal(gb_policy_firewall_open(ret_policy), 0);
	return blob;
}

static void assert_same(
        const struct gb_policyc_document *document, const unsigned char *blob, size_t n, const char *how)
{
	struct gb_policy policy;
	size_t again_n;
	unsigned char *again = compiled(document, &again_n, &policy);

	if (n != again_n || memcmp(blob, again, n) != 0)
		fail_msg("another blob after %s", how);
	free(again);
}

static void round_trip(void **state)
{
	struct gb_policyc_document *document = parsed(full_document), *back = NULL;
	struct gb_policy policy, shared;
	size_t n, text_n = 0;
	unsigned char *blob = compiled(document, &n, &policy);
	char *text = NULL;
	FILE *out = open_memstream(&text, &text_n);

	(void)state;
	assert_non_null(out);
	gb_policyc_print(document, out);
	assert_int_equal(fclose(out), 0);
	gb_policyc_document_free(document);
	document = parsed(text);
	assert_same(document, blob, n, "printing");
	assert_int_equal(gb_policyc_of_blob(&policy, &back), 0);
	assert_same(back, blob, n, "unpacking");
	assert_int_equal(policy.header->firewall.trusted_hops, 2);
	assert_int_equal(back->firewall.mentions[GB_CLASS_NAMING_LOOKUP], GB_BLOB_MENTION_BLOCK);
	assert_int_equal(back->firewall.mentions[GB_CLASS_XSS], GB_BLOB_MENTION_IGNORE);
	assert_int_equal(back->firewall.mentions[GB_CLASS_SQL_INJECTION], GB_BLOB_MENTION_REPORT);
	assert_int_equal(back->firewall.class_modes[GB_CLASS_NAMING_LOOKUP], GB_BLOB_MODE_POSTURE);
	assert_int_equal(back->firewall.class_modes[GB_CLASS_XSS], GB_MODE_DETECT);
	/* What the sensors get is the first part alone. */
	assert_int_equal(gb_policy_open(gb_span_of(blob, policy.header->shared_bytes), &shared), 0);
	assert_int_equal(gb_policy_firewall_open(&shared), -EBADMSG);
	assert_int_equal(gb_policy_open(gb_span_of(blob, n - 8), &shared), -EBADMSG);
	gb_policyc_document_free(back);
	gb_policyc_document_free(document);
	free(text);
	free(blob);
}

static void order_does_not_matter(void **state)
{
	struct gb_policyc_document *a = parsed(
	        HEAD "spec: {firewall: {exceptions: [{paths: [b, a, a]}, {classes: [xss, sqli]}], sources: {lists: "
	             "[{name: x, networks: [1.2.3.4, 1.2.3.5]}, {name: y, networks: [1.2.3.4/31]}]}}}");
	struct gb_policyc_document *b = parsed(
	        HEAD "spec: {firewall: {sources: {lists: [{name: y, networks: [1.2.3.5, 1.2.3.4]}, {name: x, networks: "
	             "[1.2.3.4-1.2.3.5]}]}, exceptions: [{classes: [sqli, xss]}, {paths: [a, b]}, {paths: [b, a]}]}}");
	struct gb_policy policy;
	size_t n;
	unsigned char *blob = compiled(a, &n, &policy);

	(void)state;
	assert_same(b, blob, n, "another order");
	free(blob);
	gb_policyc_document_free(a);
	gb_policyc_document_free(b);
}

static void errors(void **state)
{
	static const struct {
		const char *firewall, *message;
	} rows[] = {
	        {"sensitivity: strickt", "did you mean 'strict'"},
	        {"onLimit: off", "known are pass, detect, block"},
	        {"redact: everything", "known are surroundings, none, all"},
	        {"classes: {xs: off}", "did you mean 'xss'"},
	        {"classes: {xss: off, xss: block}", "second time"},
	        {"classes: {xss: on}", "unknown mode"},
	        {"mentions: {xs: block}", "did you mean 'xss'"},
	        {"mentions: {xss: blok}", "did you mean 'block'"},
	        {"mentions: detect", "known are report, block, ignore"},
	        {"exceptions: [{}]", "names classes, reasons, paths or routes"},
	        {"exceptions: [{mode: detect}]", "names classes"},
	        {"exceptions: [{paths: [a], mode: block}]", "'off' or 'detect'"},
	        {"exceptions: [{paths: ['a***']}]", "three stars"},
	        {"exceptions: [{paths: ['']}]", "1 to 256 bytes"},
	        {"exceptions: [{reasons: [Sql-x]}]", "lower-case"},
	        {"exceptions: [{routes: [comments]}]", "METHOD /path"},
	        {"exceptions: [{routes: ['post /x']}]", "capital letters"},
	        {"exceptions: [{route: [/x]}]", "did you mean 'routes'"},
	        {"sources: {clientAddress: {trustedHops: 0}}", "from 1"},
	        {"sources: {clientAddress: {trustedProxies: [x]}}", "no IP address"},
	        {"sources: {clientAddress: {header: X-Real-IP}}", "lower case"},
	        {"sources: {lists: [{networks: [1.2.3.4]}]}", "'name' is missing"},
	        {"sources: {lists: [{name: a}, {name: a}]}", "already"},
	        {"sources: {lists: [{name: a, date: 2026-02-29}]}", "2026-11-20"},
	        {"sources: {lists: [{name: a, networks: [1.2.3.4/33]}]}", "up to 32"},
	        {"sources: {lists: [{name: a, networks: [1.2.3.4/24]}]}", "bits behind"},
	        {"sources: {lists: [{name: a, networks: [1.2.3.4-1.2.3.3]}]}", "ends before"},
	        {"sources: {lists: [{name: a, networks: ['1.2.3.4-::1']}]}", "no IP address"},
	        {"sources: {lists: [{name: a, mode: deny}]}", "known are off, detect, block, allow"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct gb_policyc_document *document = NULL;
		struct gb_diag diag = {0};
		char text[512];

		snprintf(text, sizeof(text), HEAD "spec: {firewall: {%s}}\n", rows[i].firewall);
		if (gb_policyc_parse(gb_span_cstr(text), &document, &diag) >= 0 || diag.line != 3 ||
		        strstr(diag.message, rows[i].message) == NULL)
			fail_msg("%s gave line %u: %s", rows[i].firewall, diag.line, diag.message);
	}
}

static void list_text(void **state)
{
	static const char good[] =
	        "\xef\xbb\xbf# a list\n# date: 2026-10-01\n\n1.2.3.4\r\n 1.2.4.0/24 # comment\n10.0.0.1-10.0.0.9 "
	        "; also\n2001:db8::/32\n::ffff:9.9.9.9\n2001:db8:1::-2001:db8:2::";
	static const char bad[] = "1.2.3.4\n\nfoo\n1.2.3.4.5\n";
	struct gb_policyc_document *document = parsed(HEAD);
	struct gb_policyc_source_list list = {.name = "l", .category = ""};
	struct gb_diag diag = {0};
	uint32_t day = 0;

	(void)state;
	assert_int_equal(gb_policyc_add_source_text(document, &list, "l.txt", GB_SPAN(good), &diag), 0);
	assert_int_equal(list.ranges.count, 6);
	assert_true(gb_day_parse(GB_SPAN("2026-10-01"), &day) && list.day == day);
	assert_int_equal(gb_policyc_add_source_text(document, &list, "l.txt", GB_SPAN(bad), &diag), -EINVAL);
	if (strstr(diag.message, "l.txt:3: address 'foo'") == NULL || strstr(diag.message, "and 1 more bad") == NULL)
		fail_msg("%s", diag.message);
	gb_policyc_document_free(document);
}

static void days(void **state)
{
	static const struct {
		const char *text;
		uint32_t day;
	} rows[] = {{"1970-01-02", 1}, {"2000-02-29", 11016}, {"2026-11-21", 20778}, {"1970-01-01", 0},
	        {"2026-02-29", 0}, {"2026-13-01", 0}, {"2026-1-01", 0}, {"26-11-2020", 0}, {"", 0}, {"2026-00-10", 0},
	        {"2026-11-00", 0}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char buffer[16];
		struct gb_text text = gb_text_on(buffer, sizeof(buffer));
		uint32_t day = 0;

		if (gb_day_parse(gb_span_cstr(rows[i].text), &day) != (rows[i].day != 0) || day != rows[i].day)
			fail_msg("%s is %u", rows[i].text, day);
		gb_day_print(day, &text);
		if (day != 0)
			assert_string_equal(gb_text_cstr(&text), rows[i].text);
	}
}

static uint64_t random_state = 42;

static uint64_t next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

/* Few distinct bits, so that ranges overlap, touch and hold each other; both families, and ranges over their border. */
static void random_ip(unsigned char ip[16])
{
	static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

	memset(ip, 0, 16);
	switch (next_random() % 4) {
	case 0: ip[0] = 0x20; break;
	case 1: memset(ip, 0xff, 14); break;
	default: memcpy(ip, mapped, sizeof(mapped)); break;
	}
	ip[13] = (unsigned char)(next_random() % 2);
	ip[15] = (unsigned char)(next_random() % 64);
}

static unsigned strength_of(uint8_t mode, enum gb_mode otherwise)
{
	return mode == GB_BLOB_MODE_POSTURE ? (unsigned)otherwise : mode;
}

/* What a person would do: look at every range of every list, and let the strongest list decide. */
static const struct gb_policyc_source_list *naive(
        const struct gb_policyc_firewall *firewall, const unsigned char ip[16])
{
	const struct gb_policyc_source_list *found = NULL;

	for (size_t i = 0; i < firewall->source_list_count; i++) {
		const struct gb_policyc_source_list *list = &firewall->source_lists[i];

		for (size_t k = 0; k < list->ranges.count; k++)
			if (memcmp(list->ranges.items[k].first, ip, 16) <= 0 &&
			        memcmp(list->ranges.items[k].last, ip, 16) >= 0 &&
			        (found == NULL || strength_of(list->mode, firewall->source_mode) >
			                                  strength_of(found->mode, firewall->source_mode)))
				found = list;
	}
	return found;
}

static void set_is_as_a_naive_loop(void **state)
{
	(void)state;
	for (int round = 0; round < 200; round++) {
		struct gb_policyc_document *document =
		        parsed(HEAD "spec: {firewall: {sources: {mode: block, lists: [{name: a}, {name: b, mode: "
		                    "allow}, {name: c, mode: "
		                    "detect}, {name: d, mode: off}]}}}");
		struct gb_policyc_firewall *firewall = &document->firewall;
		struct gb_policyc_range ranges[4][12];
		struct gb_policy policy;
		size_t n;
		unsigned char *blob;

		for (size_t i = 0; i < 4; i++) {
			size_t count = next_random() % 12;

			for (size_t k = 0; k < count; k++) {
				unsigned char a[16], b[16];

				random_ip(a);
				random_ip(b);
				memcpy(ranges[i][k].first, memcmp(a, b, 16) < 0 ? a : b, 16);
				memcpy(ranges[i][k].last, memcmp(a, b, 16) < 0 ? b : a, 16);
			}
			firewall->source_lists[i].ranges =
			        (struct gb_policyc_ranges){.items = ranges[i], .count = count, .cap = count};
		}
		blob = compiled(document, &n, &policy);
		for (int probe = 0; probe < 300; probe++) {
			const struct gb_policyc_source_list *want;
			const struct gb_blob_source_list *got;
			unsigned char ip[16];

			random_ip(ip);
			want = naive(firewall, ip);
			got = gb_policy_source(&policy, ip);
			if ((want == NULL) != (got == NULL) ||
			        (want != NULL && !gb_span_equal(gb_policy_firewall_text(&policy, got->name),
			                                 gb_span_cstr(want->name))))
				fail_msg("round %d probe %d: %s", round, probe, want == NULL ? "none" : want->name);
		}
		free(blob);
		gb_policyc_document_free(document);
	}
}

static void many_prefixes(void **state)
{
	enum { COUNT = 100000 };
	struct gb_policyc_document *document =
	        parsed(HEAD "spec: {firewall: {sources: {mode: block, lists: [{name: a, date: 2026-11-20}]}}}");
	struct gb_policyc_range *ranges = calloc(COUNT, sizeof(*ranges));
	struct gb_policy policy;
	size_t n, found = 0;
	unsigned char *blob;

	(void)state;
	assert_non_null(ranges);
	for (size_t i = 0; i < COUNT; i++) {
		uint32_t ip = (uint32_t)next_random() & ~7u;

		memset(ranges[i].first + 10, 0xff, 2);
		for (int k = 0; k < 4; k++)
			ranges[i].first[12 + k] = (unsigned char)(ip >> (24 - 8 * k));
		memcpy(ranges[i].last, ranges[i].first, 16);
		ranges[i].last[15] |= 7;
	}
	document->firewall.source_lists[0].ranges =
	        (struct gb_policyc_ranges){.items = ranges, .count = COUNT, .cap = COUNT};
	blob = compiled(document, &n, &policy);
	assert_true(n < 1000000);
	for (size_t i = 0; i < COUNT; i++)
		found += gb_policy_source(&policy, ranges[i].last) != NULL;
	assert_int_equal(found, COUNT);
	assert_true(policy.header->shared_bytes < 1024);
	free(blob);
	free(ranges);
	gb_policyc_document_free(document);
}

static void unread_file_does_not_compile(void **state)
{
	struct gb_policyc_document *document =
	        parsed(HEAD "spec: {firewall: {sources: {lists: [{name: a, file: no/such.txt}]}}}");
	struct gb_diag diag = {0};
	unsigned char *blob = NULL;
	size_t n;

	(void)state;
	assert_int_equal(gb_policyc_compile(document, 1, &blob, &n, &diag), -EINVAL);
	assert_non_null(strstr(diag.message, "has not been read"));
	assert_int_equal(gb_policyc_load_sources(document, "/nowhere", &diag), -ENOENT);
	assert_non_null(strstr(diag.message, "no/such.txt cannot be read"));
	gb_policyc_document_free(document);
}

/* Every byte of the firewall's part changed: refused, or harmless to ask. */
static void corrupt(void **state)
{
	struct gb_policyc_document *document = parsed(full_document), *back;
	struct gb_policy policy;
	size_t n;
	unsigned char *blob = compiled(document, &n, &policy), *copy = malloc(n);
	size_t from = offsetof(struct gb_blob_header, firewall);

	(void)state;
	assert_non_null(copy);
	for (size_t at = from; at < n; at++) {
		static const unsigned char values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};

		if (at == sizeof(struct gb_blob_header))
			at = policy.header->shared_bytes;
		for (size_t v = 0; v < sizeof(values); v++) {
			struct gb_policy opened;
			struct gb_policy_place place = {.attack_class = 1,
			        .reason = GB_SPAN("sql_order_by"),
			        .path = GB_SPAN("body.comment"),
			        .method = GB_SPAN("POST"),
			        .resource = GB_SPAN("/search")};
			unsigned char ip[16] = {0x20, 0x01, 0x0d, 0xb8};
			uint32_t tag;

			memcpy(copy, blob, n);
			copy[at] = values[v];
			if (gb_policy_open(gb_span_of(copy, n), &opened) < 0 || gb_policy_firewall_open(&opened) < 0)
				continue;
			(void)gb_policy_exception_mode(&opened, &place, &tag);
			(void)gb_policy_source(&opened, ip);
			(void)gb_policy_is_proxy(&opened, ip);
			if (gb_policyc_of_blob(&opened, &back) == 0)
				gb_policyc_document_free(back);
		}
	}
	free(copy);
	free(blob);
	gb_policyc_document_free(document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(round_trip),
	        cmocka_unit_test(order_does_not_matter),
	        cmocka_unit_test(errors),
	        cmocka_unit_test(list_text),
	        cmocka_unit_test(days),
	        cmocka_unit_test(set_is_as_a_naive_loop),
	        cmocka_unit_test(many_prefixes),
	        cmocka_unit_test(unread_file_does_not_compile),
	        cmocka_unit_test(corrupt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

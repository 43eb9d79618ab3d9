/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict on events under policies: modes, exceptions, limits, sources. */
#include "firewall/firewall.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../lib/scratch.h"
#include "policy.h"

static struct gb_firewall_verdict judge(const struct loaded *loaded, enum gb_mode mode, const char *event)
{
	struct gb_firewall firewall = {.policy = loaded == NULL ? NULL : &loaded->policy, .mode = mode};
	struct gb_firewall_verdict verdict;

	gb_firewall_judge(&firewall, gb_span_cstr(event), true, NULL, scratch, &verdict);
	return verdict;
}

#define CMDI    "x;cat /etc/hosts #"
#define XSS     "<script>alert(1)</script>"
#define MENTION "{\"a\":\"Our tester typed " XSS " into the name field and got a popup.\"}"
#define POST_EVENT(path, member)                                                                                       \
	"{\"resource\":\"/{proxy+}\",\"path\":\"" path                                                                 \
	"\",\"httpMethod\":\"POST\",\"requestContext\":{\"identity\":{\"sourceIp\":\"203.0.113.9\"}},\"body\":\"{"     \
	"\\\"" member "\\\":\\\"" XSS "\\\"}\"}"

static const struct row {
	const char *settings;
	enum gb_mode mode;
	const char *event;
	bool is_found;
	bool is_blocked;
} rows[] = {
        {"", GB_MODE_BLOCK, "{\"a\":\"" CMDI "\"}", true, true},
        {"", GB_MODE_DETECT, "{\"a\":\"" CMDI "\"}", true, false},
        {"", GB_MODE_OFF, "{\"a\":\"" CMDI "\"}", false, false},
        {"classes: {cmdi: detect}", GB_MODE_BLOCK, "{\"a\":\"" CMDI "\"}", true, false},
        {"classes: {cmdi: off}", GB_MODE_BLOCK, "{\"a\":\"" CMDI "\"}", false, false},
        {"classes: {cmdi: block}", GB_MODE_DETECT, "{\"a\":\"" CMDI "\"}", true, false},
        {"classes: {cmdi: off}", GB_MODE_BLOCK, "{\"a\":\"" XSS "\"}", true, true},
        {"classes: {cmdi: detect}", GB_MODE_BLOCK, "{\"a\":\"" CMDI "\",\"b\":\"" XSS "\"}", true, true},
        {"", GB_MODE_BLOCK, MENTION, false, false},
        {"mentions: {xss: report}", GB_MODE_BLOCK, MENTION, false, false},
        {"mentions: {xss: ignore}", GB_MODE_BLOCK, MENTION, false, false},
        {"mentions: {sqli: block}", GB_MODE_BLOCK, MENTION, false, false},
        {"mentions: {xss: block}", GB_MODE_BLOCK, MENTION, true, true},
        {"mentions: block", GB_MODE_BLOCK, MENTION, true, true},
        {"mentions: block", GB_MODE_DETECT, MENTION, true, false},
        {"mentions: block, classes: {xss: detect}", GB_MODE_BLOCK, MENTION, true, false},
        {"mentions: ignore", GB_MODE_BLOCK, "{\"a\":\"" XSS "\"}", true, true},
        {"exceptions: [{paths: [a]}]", GB_MODE_BLOCK, "{\"a\":\"" CMDI "\"}", false, false},
        {"exceptions: [{paths: [a]}]", GB_MODE_BLOCK, "{\"b\":\"" CMDI "\"}", true, true},
        {"exceptions: [{paths: [a], mode: detect}]", GB_MODE_BLOCK, "{\"a\":\"" CMDI "\"}", true, false},
        {"exceptions: [{paths: [a], classes: [xss]}]", GB_MODE_BLOCK, "{\"a\":\"" CMDI "\"}", true, true},
        {"exceptions: [{paths: [a], classes: [xss, cmdi]}]", GB_MODE_BLOCK, "{\"a\":\"" CMDI "\"}", false, false},
        {"exceptions: [{classes: [cmdi], reasons: ['shell_*']}]", GB_MODE_BLOCK, "{\"a\":\"" CMDI "\"}", false, false},
        {"exceptions: [{reasons: [shell_exec]}]", GB_MODE_BLOCK, "{\"a\":\"" CMDI "\"}", true, true},
        {"exceptions: [{paths: ['Records[*].body.**']}]", GB_MODE_BLOCK,
                "{\"Records\":[{\"body\":\"{\\\"t\\\":\\\"" XSS "\\\"}\"}]}", false, false},
        {"exceptions: [{routes: ['POST /comments']}]", GB_MODE_BLOCK, POST_EVENT("/comments", "t"), false, false},
        {"exceptions: [{routes: [/comments]}]", GB_MODE_BLOCK, POST_EVENT("/comments", "t"), false, false},
        {"exceptions: [{routes: ['GET /comments']}]", GB_MODE_BLOCK, POST_EVENT("/comments", "t"), true, true},
        {"exceptions: [{routes: ['POST /comments/*']}]", GB_MODE_BLOCK, POST_EVENT("/comments/7", "t"), false, false},
        {"exceptions: [{routes: ['POST /comments/*']}]", GB_MODE_BLOCK, POST_EVENT("/comments/7/x", "t"), true, true},
        /* Another route in an excepted one's clothes. */
        {"exceptions: [{routes: ['POST /comments/**']}]", GB_MODE_BLOCK, POST_EVENT("/comments/../admin", "t"), 1,
                true},
        {"exceptions: [{routes: ['POST /comments/**']}]", GB_MODE_BLOCK, POST_EVENT("/comments/%2e%2e/a", "t"), 1,
                true},
        {"exceptions: [{routes: [/comments], paths: [body.t]}]", GB_MODE_BLOCK, POST_EVENT("/comments", "t"), false,
                false},
        {"exceptions: [{routes: [/comments], paths: [body.t]}]", GB_MODE_BLOCK, POST_EVENT("/comments", "u"), true,
                true},
        /* Not HTTP: no route. */
        {"exceptions: [{routes: ['/**']}]", GB_MODE_BLOCK, "{\"a\":\"" CMDI "\"}", true, true},
        {"exceptions: [{paths: ['**']}]", GB_MODE_BLOCK, "{\"a\":\"" CMDI "\"}", false, false},
};

static void modes_and_exceptions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct loaded loaded = load(rows[i].settings);
		struct gb_firewall_verdict verdict = judge(&loaded, rows[i].mode, rows[i].event);

		if ((verdict.report.finding_count != 0) != rows[i].is_found || verdict.is_blocked != rows[i].is_blocked)
			fail_msg("row %zu, %s: %zu findings (%s), %s", i, rows[i].settings,
			        verdict.report.finding_count,
			        verdict.report.finding_count == 0 ? "" : verdict.report.findings[0].reason,
			        verdict.is_blocked ? "blocked" : "passed");
		free(loaded.blob);
	}
}

static void without_a_policy(void **state)
{
	struct gb_firewall_verdict verdict = judge(NULL, GB_MODE_BLOCK, "{\"a\":\"" CMDI "\"}");

	(void)state;
	assert_true(verdict.is_blocked);
	assert_int_equal(verdict.modes[0], GB_MODE_BLOCK);
	assert_false(judge(NULL, GB_MODE_OFF, "{\"a\":\"" CMDI "\"}").is_blocked);
}

static void event_paths(void **state)
{
	static const struct {
		const char *pattern, *path;
		bool matches;
	} table[] = {
	        {"a", "a", true},
	        {"a", "ab", false},
	        {"a", "a.b", false},
	        {"a.*", "a.b", true},
	        {"a.*", "a.b.c", false},
	        {"a.**", "a.b.c", true},
	        {"a.**", "a", true},
	        {"a.**", "a[0]", true},
	        {"a.**", "ab", false},
	        {"a.**", "ab.c", false},
	        {"a.**.z", "a.b.c.z", true},
	        {"a.**.z", "a.z", false},
	        {"**.z", "a.b.z", true},
	        {"r[*].b", "r[12].b", true},
	        {"r[*].b", "r[1].c.b", false},
	        {"r[*].b", "r[1].b.c", false},
	        {"r[0].b", "r[1].b", false},
	        {"Records[*].body.**", "Records[3].body", true},
	        {"Records[*].body.**", "Records[3].body.x[1].y", true},
	        {"Records[*].body.**", "Records[3].bodyguard", false},
	        {"body.Comment", "body.comment", false},
	        {"headers.User-Agent", "headers.user-agent", true},
	        {"multiValueHeaders.Referer[*]", "multiValueHeaders.referer[0]", true},
	        {"a.*x", "a.bxcx", true},
	        {"a.*x*y", "a.1x2x3y", true},
	        {"**a*b**c", "xaybzc", true},
	        {"**a*b**c", "xay.bzc", false},
	        {"", "", true},
	        {"*", "", true},
	        {"body", "[\"body\"]", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (gb_policy_event_path_matches(gb_span_cstr(table[i].pattern), gb_span_cstr(table[i].path)) !=
		        table[i].matches)
			fail_msg("'%s' and '%s'", table[i].pattern, table[i].path);
}

/* Eight and more findings that only report, then one that blocks. */
static void reported_ones_hide_no_blocked_one(void **state)
{
	struct loaded loaded = load("classes: {xss: detect}");
	char event[4096] = "{";
	size_t n = 1;

	(void)state;
	for (int i = 0; i < 20; i++)
		n += (size_t)snprintf(event + n, sizeof(event) - n, "\"p%d\":\"" XSS "\",", i);
	snprintf(event + n, sizeof(event) - n, "\"z\":\"" CMDI "\"}");
	assert_true(judge(&loaded, GB_MODE_BLOCK, event).is_blocked);
	free(loaded.blob);
}

static void limits(void **state)
{
	static const char layered[] = "{\"q\":\"x%2525252525252525252525252525252525253Bid\"}";
	static const struct {
		const char *settings;
		enum gb_mode mode, limit_mode;
	} table[] = {
	        {"", GB_MODE_BLOCK, GB_MODE_DETECT},
	        {"onLimit: pass", GB_MODE_BLOCK, GB_MODE_OFF},
	        {"onLimit: block", GB_MODE_BLOCK, GB_MODE_BLOCK},
	        {"onLimit: block", GB_MODE_DETECT, GB_MODE_DETECT},
	        {"onLimit: block", GB_MODE_OFF, GB_MODE_OFF},
	};
	struct gb_firewall firewall = {.mode = GB_MODE_BLOCK};
	struct gb_firewall_verdict verdict;

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct loaded loaded = load(table[i].settings);

		verdict = judge(&loaded, table[i].mode, layered);
		if (table[i].mode != GB_MODE_OFF)
			assert_int_equal(verdict.limit, GB_LIMIT_LAYERS);
		if (verdict.limit_mode != table[i].limit_mode ||
		        verdict.is_blocked != (table[i].limit_mode == GB_MODE_BLOCK))
			fail_msg("row %zu: %d", i, verdict.limit_mode);
		free(loaded.blob);
	}
	gb_firewall_judge(&firewall, GB_SPAN("{}"), false, NULL, scratch, &verdict);
	assert_int_equal(verdict.limit, GB_LIMIT_BYTES);
	assert_false(verdict.is_blocked);
}

static void sources(void **state)
{
	static const char event[] =
	        "{\"httpMethod\":\"GET\",\"path\":\"/\",\"requestContext\":{\"identity\":{\"sourceIp\":"
	        "\"203.0.113.9\"}},\"headers\":{\"x-forwarded-for\":\"198.51.100.1\"}}";
	static const struct {
		const char *settings;
		enum gb_mode mode;
		bool is_listed, is_blocked;
	} table[] = {
	        {"sources: {mode: block, lists: [{name: a, networks: [203.0.113.0/24]}]}", GB_MODE_BLOCK, true, true},
	        {"sources: {mode: block, lists: [{name: a, networks: [203.0.113.0/24]}]}", GB_MODE_DETECT, true, false},
	        {"sources: {mode: block, lists: [{name: a, networks: [203.0.113.8]}]}", GB_MODE_BLOCK, false, false},
	        {"sources: {lists: [{name: a, networks: [203.0.113.0/24]}]}", GB_MODE_BLOCK, true, false},
	        {"sources: {lists: [{name: a, mode: block, networks: [203.0.113.0/24]}]}", GB_MODE_BLOCK, true, true},
	        {"sources: {mode: block, lists: [{name: a, networks: [203.0.113.0/24]}, {name: b, mode: allow, "
	         "networks: "
	         "[203.0.113.9]}]}",
	                GB_MODE_BLOCK, true, false},
	        /* What the client itself may have written counts for nothing here. */
	        {"sources: {mode: block, lists: [{name: a, networks: [198.51.100.1]}]}", GB_MODE_BLOCK, false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct loaded loaded = load(table[i].settings);
		struct gb_firewall_verdict verdict = judge(&loaded, table[i].mode, event);

		if ((verdict.source != NULL) != table[i].is_listed || verdict.is_blocked != table[i].is_blocked)
			fail_msg("row %zu: %s", i, table[i].settings);
		assert_true(gb_span_equal(gb_span_of(verdict.client, verdict.client_n), GB_SPAN("203.0.113.9")));
		free(loaded.blob);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(modes_and_exceptions),
	        cmocka_unit_test(without_a_policy),
	        cmocka_unit_test(event_paths),
	        cmocka_unit_test(reported_ones_hide_no_blocked_one),
	        cmocka_unit_test(limits),
	        cmocka_unit_test(sources),
	};

	return run_tests_with_scratch(tests);
}

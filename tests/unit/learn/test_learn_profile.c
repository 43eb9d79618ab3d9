/* SPDX-License-Identifier: Apache-2.0 */
/* What the lines of a log become in the allowlist. */
#include "learned.h"

#include "policy/policy.h"

#define RUN(subject, arguments) "{\"kind\":\"process_start\",\"subject\":\"" subject "\",\"arguments\":[" arguments "]}"
#define GOAT(url)               "./bin/curl --silent -L " url " | /lib64/ld-linux-x86-64.so.2 ./bin/catdoc -"
#define GOAT_RUN(url)           RUN("/bin/dash", "\"/bin/sh\",\"-c\",\"" GOAT(url) "\"")

static const struct paths_row {
	const char *log, *patterns; /* as they stand under "read", each with a line feed */
} paths_rows[] = {
        {ITEM("file_read", "/etc/hosts"), "/etc/hosts\n"},
        {ITEM("file_read", "/etc/hosts1") "," ITEM("file_read", "/etc/hosts2"), "/etc/hosts1\n/etc/hosts2\n"},
        {ITEM("file_read", "/tmp/data1.txt"), "/tmp/data1.txt\n"},
        {ITEM("file_read", "/tmp/1.txt"), "/tmp/1.txt\n"},
        {ITEM("file_read", "/tmp/1.txt") "," ITEM("file_read", "/tmp/23.txt"), "\"/tmp/*.txt\"\n"},
        {ITEM("file_read", "/tmp/9f86d081884c7d65.tmp"), "\"/tmp/*.tmp\"\n"},
        {ITEM("file_read", "/tmp/x-0e37c1ab-ffee-4b5a-abcd-abcdefabcdef.bin"), "\"/tmp/x-*.bin\"\n"},
        {ITEM("file_read", "/tmp/0e37c1ab-ffee-4b5a-abcd-abcdefabcdef/in/doc.pdf"), "\"/tmp/*/in/doc.pdf\"\n"},
        {ITEM("file_read", "/tmp/aa.tmp") "," ITEM("file_read", "/tmp/bb.tmp") "," ITEM("file_read", "/tmp/cc.tmp"),
                "/tmp/aa.tmp\n/tmp/bb.tmp\n/tmp/cc.tmp\n"},
        {ITEM("file_read", "/tmp/aa.tmp") "," ITEM("file_read", "/tmp/bb.tmp") "," ITEM(
                 "file_read", "/tmp/cc.tmp") "," ITEM("file_read", "/tmp/dd.tmp"),
                "\"/tmp/*.tmp\"\n"},
        {ITEM("file_read", "/tmp/a") "," ITEM("file_read", "/tmp/b") "," ITEM("file_read", "/tmp/c") "," ITEM(
                 "file_read", "/tmp/d"),
                "/tmp/a\n/tmp/b\n/tmp/c\n/tmp/d\n"},
        {ITEM("file_read", "/sys/fs/cgroup/memory/3ba161a12495820a61656c88bb9880f7/memory.limit"),
                "\"/sys/fs/cgroup/memory/*/memory.limit\"\n"},
        {ITEM("file_read", "/proc/123/status"), "\"/proc/*/status\"\n"},
        {ITEM("file_read", "/proc/1/task/77/comm"), "\"/proc/*/task/*/comm\"\n"},
        {ITEM("file_read", "/proc/123/mem") "," ITEM("file_read", "/etc/shadow"), ""},
        {ITEM("file_read", "/tmp/**") "," ITEM("file_read", "/a/*/b"), ""},
        {READ("/opt/python/b/a.py") "," READ("/opt/python/b/c.json") "," READ("/opt/python/b/d/e.py") "," READ(
                 "/opt/python/b/f.py") "," READ("/opt/python/b") "," READ("/opt/python/six.py"),
                "/opt/python/b\n\"/opt/python/b/**\"\n/opt/python/six.py\n"},
        {READ("/opt/python/b/1.py") "," READ("/opt/python/b/2.py") "," READ("/opt/python/b/3.py") "," READ(
                 "/opt/python/c/4.py"),
                "/opt/python/b/1.py\n/opt/python/b/2.py\n/opt/python/b/3.py\n/opt/python/c/4.py\n"},
        {READ("/var/task/node_modules/@a/b/1.js") "," READ("/var/task/node_modules/@a/b/2.js") "," READ(
                 "/var/task/"
                 "node_modules/"
                 "@a/b/3.js") "," READ("/var/task/node_modules/@a/b/node_modules/c/4.js") "," READ("/var/task/"
                                                                                                   "node_modules/@a/d/"
                                                                                                   "5.js"),
                "\"/var/task/node_modules/@a/b/**\"\n/var/task/node_modules/@a/d/5.js\n"},
        {READ("/var/task/b/1.py") "," READ("/var/task/b/2.py") "," READ("/var/task/b/3.py") "," READ(
                 "/var/task/b/4.py"),
                "/var/task/b/1.py\n/var/task/b/2.py\n/var/task/b/3.py\n/var/task/b/4.py\n"},
        {ITEM("file_read", "relative") "," ITEM("file_read", "/a/../b"), ""},
};

static void paths(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(paths_rows) / sizeof(paths_rows[0]); i++) {
		const struct gb_policyc_patterns *read;
		struct profile profile;
		char log[1200], have[400] = "";
		size_t n = 0;

		snprintf(log, sizeof(log), OBSERVED("r1", "%s"), paths_rows[i].log);
		profile = learned(log);
		read = &profile.document->allow.read;
		for (size_t k = 0; k < read->count; k++) {
			const char *quote = strchr(read->items[k].text, '*') == NULL ? "" : "\"";

			n += (size_t)snprintf(
			        have + n, sizeof(have) - n, "%s%s%s\n", quote, read->items[k].text, quote);
		}
		if (strcmp(have, paths_rows[i].patterns) != 0)
			fail_msg("%s\ngave\n%s", paths_rows[i].log, have);
		profile_done(&profile);
	}
}

static const struct shape_row {
	const char *log, *expected; /* arguments of each process, blank between, line feed behind */
} shape_rows[] = {
        {RUN("/bin/x", "\"x\",\"-a\",\"b\""), "-a b\n"},
        {RUN("/bin/x", "\"x\",\"*\""), "\\*\n"},
        {RUN("/bin/x", "\"x\",\"-n\",\"10\"") "," RUN("/bin/x", "\"x\",\"-n\",\"20\""), "-n <number>\n"},
        {RUN("/bin/x", "\"x\",\"-a\"") "," RUN("/bin/x", "\"x\",\"-b\""), "-a\n-b\n"},
        {RUN("/bin/git", "\"git\",\"clone\",\"http://a/b\"") "," RUN("/bin/git", "\"git\",\"push\",\"http://a/c\""),
                "clone http://a/b\npush http://a/c\n"},
        {RUN("/bin/git", "\"git\",\"clone\",\"http://a/b\"") "," RUN("/bin/git", "\"git\",\"clone\",\"https://c/d?e\""),
                "clone <url>\n"},
        {RUN("/bin/x", "\"x\",\"/tmp/a.pdf\"") "," RUN("/bin/x", "\"x\",\"/tmp/b.pdf\""), "/tmp/<word>.pdf\n"},
        {RUN("/bin/x", "\"x\",\"--o=/tmp/a/1.pdf\"") "," RUN("/bin/x", "\"x\",\"--o=/tmp/b/2.pdf\""),
                "--o=/tmp/<path>.pdf\n"},
        {RUN("/bin/x", "\"x\",\"/etc/a\"") "," RUN("/bin/x", "\"x\",\"/tmp/b\""), "/etc/a\n/tmp/b\n"},
        {RUN("/bin/node", "\"node\",\"-e\",\"a()\"") "," RUN("/bin/node", "\"node\",\"-e\",\"b()\""),
                "-e a()\n-e b()\n"},
        {GOAT_RUN("http://a.example/1.doc") "," GOAT_RUN("https://b.example/x/2.doc?y=1"), "-c " GOAT("<url>") "\n"},
        {GOAT_RUN("http://a.example/1.doc"), "-c " GOAT("http://a.example/1.doc") "\n"},
        {RUN("/bin/sh", "\"sh\",\"-c\",\"convert '/tmp/a b.png' x\"") "," RUN(
                 "/bin/sh", "\"sh\",\"-c\",\"convert '/tmp/c.png' x\""),
                "-c convert '/tmp/a b.png' x\n-c convert '/tmp/c.png' x\n"},
        {RUN("/bin/sh", "\"sh\",\"-c\",\"convert \\\"/tmp/a.png\\\" x\"") "," RUN(
                 "/bin/sh", "\"sh\",\"-c\",\"convert \\\"/tmp/c.png\\\" x\""),
                "-c convert \"/tmp/<word>.png\" x\n"},
        {RUN("/bin/sh", "\"sh\",\"-c\",\"ls /\"") "," RUN("/bin/sh", "\"sh\",\"-c\",\"id /\""), "-c id /\n-c ls /\n"},
};

static void shapes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(shape_rows) / sizeof(shape_rows[0]); i++) {
		const struct shape_row *row = &shape_rows[i];
		struct profile profile;
		char log[2000], have[1000] = "";
		const struct gb_policyc_entry *allow;
		size_t n = 0;

		snprintf(log, sizeof(log), OBSERVED("r1", "%s"), row->log);
		profile = learned(log);
		allow = &profile.document->allow;
		for (size_t k = 0; k < allow->process_count; k++) {
			const struct gb_policyc_process *process = &allow->processes[k];

			for (size_t a = 0; a < process->argument_count; a++)
				n += (size_t)snprintf(have + n, sizeof(have) - n, "%s%s", a == 0 ? "" : " ",
				        process->arguments[a].text);
			n += (size_t)snprintf(have + n, sizeof(have) - n, "\n");
		}
		if (strcmp(have, row->expected) != 0)
			fail_msg("%s\ngave\n%s", row->log, have);
		profile_done(&profile);
	}
}

static bool goat_allowed(const struct gb_policy *policy, const char *url)
{
	struct gb_policy_context context = {.policy = policy, .posture = GB_MODE_BLOCK};
	struct gb_activity activity = {.kind = GB_ACTIVITY_PROCESS_START, .subject = GB_SPAN("/bin/dash")};
	char arguments[600];
	int n = snprintf(arguments, sizeof(arguments),
	        "/bin/sh%c-c%c./bin/curl --silent -L %s | /lib64/ld-linux-x86-64.so.2 ./bin/catdoc -", 0, 0, url);

	activity.arguments = gb_span_of(arguments, (size_t)n + 1);
	return gb_policy_evaluate(&context, &activity).decision == GB_ALLOW;
}

/* The tutorial's function: learned from benign events, it takes further benign ones and refuses each attack by its
 * shape alone: there is no input here, so no flow check. */
static void goat(void **state)
{
	static const char *const benign[] = {
	        "http://a.example/x.doc", "https://www.example.org/docs/report_2024.doc?v=2#p"};
	static const char *const attacks[] = {
	        "http://foobar;env #",
	        "http://example.com;cat /etc/passwd #",
	        "http://example.com ; ls -l / #",
	        "http://example.com|sh #",
	        "http://example.com$(id)",
	        "http://example.com`id`",
	        "http://example.com&id",
	        "http://example.com&&id",
	        "http://example.com\nid",
	        "http://example.com>/tmp/x",
	        "http://example.com -o /tmp/x",
	        "http://example.com' ';id",
	        "${IFS}",
	        ":(){ :|:& };:",
	        "file:///etc/passwd",
	};
	struct profile profile = learned(OBSERVED("r1",
	        GOAT_RUN("http://a.example/1.doc")) "START RequestId: x\nsome line of the function\n" OBSERVED("r2",
	        GOAT_RUN("https://b.example/y/2.doc?z=1")) OBSERVED("r3", GOAT_RUN("http://c.example/3.doc")));
	struct gb_policy policy;
	struct gb_diag diag;
	unsigned char *blob;
	size_t n;

	(void)state;
	assert_int_equal(gb_policyc_compile(profile.document, 1, &blob, &n, &diag), 0);
	assert_int_equal(gb_policy_open(gb_span_of(blob, n), &policy), 0);
	for (size_t i = 0; i < sizeof(benign) / sizeof(benign[0]); i++)
		if (!goat_allowed(&policy, benign[i]))
			fail_msg("refused: %s\n%s", benign[i], profile.text);
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++)
		if (goat_allowed(&policy, attacks[i]))
			fail_msg("allowed: %s\n%s", attacks[i], profile.text);
	free(blob);
	profile_done(&profile);
}

static void every_kind_has_its_place(void **state)
{
	struct profile profile = learned(
	        OBSERVED("r1", ITEM("file_write", "/tmp/w") "," ITEM("file_delete", "/tmp/w") "," ITEM(
	                               "library_map", "/usr/lib/x.so") "," ITEM("net_connect",
	                               "10.0.0.1:443") "," ITEM("net_send", "10.0.0.1:443") "," ITEM("net_connect",
	                               "/run/s.sock") "," ITEM("net_connect", "family 16") "," ITEM("memory_executable",
	                               "") "," ITEM("net_listen", "127.0.0.1:80") "," ITEM("process_trace",
	                               "1") ",{\"kind\":\"file_rename\",\"subject\":\"/tmp/w\",\"object\":"
	                                    "\"/tmp/v\"},{\"kind\":\"nonsense\",\"subject\":\"x\"},{\"kind\":5}"));
	const struct gb_policyc_entry *allow = &profile.document->allow;

	(void)state;
	assert_int_equal(allow->write.count, 2);
	assert_int_equal(allow->map.count, 1);
	assert_int_equal(allow->addresses.count, 3);
	assert_string_equal(allow->addresses.items[0].text, "10.0.0.1:443");
	assert_string_equal(allow->addresses.items[1].text, "family:16");
	assert_string_equal(allow->addresses.items[2].text, "unix:/run/s.sock");
	assert_int_equal(allow->kinds, 1u << GB_ACTIVITY_MEMORY_EXECUTABLE | 1u << GB_ACTIVITY_NET_LISTEN);
	assert_int_equal(profile.reading.broken, 2);
	assert_int_equal(profile.view->counts[GB_LEARN_NEVER], 1);
	profile_done(&profile);
}

/* Half an invocation is no shape to allow; half of what a finding names still takes its invocation out. */
static void what_is_cut_is_not_learned(void **state)
{
	struct profile profile = learned(OBSERVED("r1",
	        "{\"kind\":\"process_start\",\"subject\":\"/usr/bin/java\",\"arguments\":[\"java\",\"-cp\",\"/"
	        "a:\"],\"cut\":"
	        "true}," ITEM("file_read", "/a") ",{\"kind\":\"file_read\",\"subject\":\"/b\",\"cut\":false}"));

	(void)state;
	assert_int_equal(profile.view->counts[GB_LEARN_CUT], 1);
	assert_int_equal(profile.reading.broken, 0);
	assert_int_equal(profile.document->allow.process_count, 0);
	assert_int_equal(profile.document->allow.read.count, 2);
	profile_done(&profile);
}

/* From what a sandbox could not tell, nothing is concluded. */
static void losses_end_what_is_told(void **state)
{
	static const struct {
		const char *log;
		uint64_t invocations;
	} rows[] = {
	        {SEEN("a", "1", "1", "", "/s") SEEN("a", "9", "9", "", "/s"), 9},
	        {SEEN("a", "1", "1", "",
	                 "/s") "{\"gambeson\":1,\"kind\":\"progress\",\"sandbox\":\"a\",\"invocations\":70}\n",
	                70},
	        {SEEN("a", "9", "9", "",
	                 "/s") "{\"gambeson\":1,\"kind\":\"progress\",\"sandbox\":\"b\",\"invocations\":5}\n",
	                14},
	        {SEEN("a", "70", "70", "", "/s") "{\"gambeson\":1,\"kind\":\"notice\",\"sandbox\":\"a\",\"reason\":"
	                                         "\"observation_limit\",\"invocations\":40}\n",
	                38},
	        {SEEN("a", "70", "70", "", "/s") "{\"gambeson\":1,\"kind\":\"notice\",\"sandbox\":\"a\",\"reason\":"
	                                         "\"reports_lost\"}\n",
	                0},
	        {OBSERVED("r1", ITEM("file_read", "/s")) OBSERVED("r2", ITEM("file_read", "/s")), 2},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct profile profile = learned(rows[i].log);

		if (profile.view->invocations != rows[i].invocations)
			fail_msg("%s\nare %llu", rows[i].log, (unsigned long long)profile.view->invocations);
		profile_done(&profile);
	}
}

/* Lines in front of which a log service wrote, lines that are cut, lines that lie. */
static void strange_logs(void **state)
{
	struct profile profile = learned("2024-01-01T00:00:00Z\tid\t" OBSERVED(
	        "r1", ITEM("file_read", "/a")) "{\"gambeson\":1,\"kind\":\"observations\",\"items\":[{\"kind\":\n"
	                                       "{\"gambeson\":1,\"kind\":\"observations\",\"items\":5}\n"
	                                       "{\"gambeson\":1,\"kind\":7,\"items\":[1,2]}\n"
	                                       "{\"gambeson\":2,\"kind\":\"observations\"}\n\n"
	                                       "no line feed at the end {\"gambeson\":1,");

	(void)state;
	assert_int_equal(profile.document->allow.read.count, 1);
	assert_int_equal(profile.reading.broken, 2);
	profile_done(&profile);
}

/* How often made-up names were seen is known where the warden counted them as one; once each, it is not. */
static void names_that_were_counted(void **state)
{
#define NAMES(more)                                                                                                    \
	"{\"gambeson\":1,\"kind\":\"observations\",\"sandbox\":\"s\",\"request\":\"r\",\"invocations\":8,\"items\":["  \
	"{\"kind\":\"file_write\",\"subject\":\"/tmp/0123456789abcdef.json\",\"n\":8" more "}]}\n"
	static const char *const logs[] = {NAMES(",\"alike\":true"), NAMES(""), NAMES(",\"alike\":true") NAMES("")};

	(void)state;
	for (size_t i = 0; i < sizeof(logs) / sizeof(logs[0]); i++) {
		struct gb_profile_reading reading = {0};
		struct gb_profile *profile = gb_profile_new(), *again = NULL;
		char *text = NULL, *twice = NULL;
		size_t n = 0, m = 0;
		FILE *out = open_memstream(&text, &n);

		assert_int_equal(gb_profile_add_log(profile, gb_span_cstr(logs[i]), &reading), 0);
		assert_int_equal(gb_profile_print(profile, out), 0);
		assert_int_equal(fclose(out), 0);
		assert_non_null(strstr(text, "\"pattern\":true,\"seen\":[[\"s\",8,[8,\"r\"]]]"));
		if ((strstr(text, "\"each\":true") != NULL) != (i > 0))
			fail_msg("log %zu: %s", i, text);
		assert_int_equal(gb_profile_parse(gb_span_of(text, n), &again, NULL), 0);
		assert_int_equal(gb_profile_merge(profile, again, NULL), 0);
		out = open_memstream(&twice, &m);
		assert_int_equal(gb_profile_print(profile, out), 0);
		assert_int_equal(fclose(out), 0);
		assert_string_equal(text, twice);
		gb_profile_free(profile);
		gb_profile_free(again);
		free(text);
		free(twice);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(paths),
	        cmocka_unit_test(shapes),
	        cmocka_unit_test(goat),
	        cmocka_unit_test(every_kind_has_its_place),
	        cmocka_unit_test(what_is_cut_is_not_learned),
	        cmocka_unit_test(names_that_were_counted),
	        cmocka_unit_test(losses_end_what_is_told),
	        cmocka_unit_test(strange_logs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

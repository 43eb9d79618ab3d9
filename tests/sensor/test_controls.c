/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The controls of a policy in real processes: drift, forbidden programs, decoys, credentials, budgets. Each row is a shell
 * command that runs in a folder of its own below /tmp under a policy; "marker" on its output says that it got through.
 * Arguments: paths of libgambeson.so, act.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "activity/activity.h"
#include "base/fd.h"
#include "base/sha256.h"
#include "lib/policy.h"
#include "lib/sandbox.h"
#include "system.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define FOLDER    "/tmp/gb-controls"
#define KEY       "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzKEYxxxx"
#define TRUST_ACT "drift: {trusted: [/usr/**, /bin/**, /lib/**, \"/**/tests/sensor/act\"]}"
#define BAIT      "pR7qk2LxVnB4mZt9sDf1"

static const char *sensor_path, *act_path;
static char output[8192];

static const struct row {
	const char *name, *spec, *command;
	enum gb_reason reason; /* GB_R_NONE: gets through without a finding */
} rows[] = {
        {"a program of the image", "drift: {}", "/bin/echo marker", GB_R_NONE},
        {"a copy", "drift: {}", "cp /bin/echo x && ./x marker", GB_R_DRIFT},
        {"a link to a copy", "drift: {}", "cp /bin/echo x && ln -s x y && ./y marker", GB_R_DRIFT},
        {"a copy by the loader", "drift: {}", "cp /bin/echo x && " LOADER " ./x marker", GB_R_DRIFT},
        {"a script", "drift: {}", "printf '#!/bin/sh\\necho marker\\n' >x && chmod +x x && ./x", GB_R_DRIFT},
        {"a script by its interpreter", "drift: {}", "echo echo marker >x && sh x", GB_R_DRIFT},
        {"a script on standard input", "drift: {}", "echo echo marker >x && sh <x", GB_R_DRIFT},
        {"a module of Python", "drift: {}", "echo 'print(\"marker\")' >x.py && python3 x.py", GB_R_DRIFT},
        {"a library", "drift: {}", "cp " LIBRARIES "/libm.so.6 x.so && LD_PRELOAD=./x.so /bin/echo marker", GB_R_DRIFT},
        {"a library that the linker finds", "drift: {}",
                "cp " LIBRARIES "/libc.so.6 . && LD_LIBRARY_PATH=$PWD /bin/echo marker", GB_R_DRIFT},
        {"an audit library", "drift: {}", "cp " LIBRARIES "/libm.so.6 x.so && LD_AUDIT=./x.so /bin/echo marker",
                GB_R_DRIFT},
        {"a library of Python", "drift: {}",
                "cp " LIBRARIES "/libm.so.6 x.so && python3 -c 'import ctypes; ctypes.CDLL(\"./x.so\"); "
                "print(\"marker\")'",
                GB_R_DRIFT},
        {"a library made executable later", TRUST_ACT, "\"$ACT\" map_later " FOLDER "/x && echo marker", GB_R_DRIFT},
        {"a memory file", TRUST_ACT, "\"$ACT\" memory_file /bin/echo && echo marker", GB_R_DRIFT},
        {"text on the command line", "drift: {}", "sh -c 'echo marker'", GB_R_NONE},
        {"text from a pipe", "drift: {}", "echo echo marker | sh", GB_R_NONE},
        {"drift allowed", "drift: {trusted: [\"/usr/**\", \"/bin/**\", \"/lib*/**\", \"" FOLDER "/x\"]}",
                "cp /bin/echo x && ./x marker", GB_R_NONE},
        {"drift excluded", "drift: {}, exclusions: [{processes: [\"" FOLDER "/x\"]}]", "cp /bin/echo x && ./x marker",
                GB_R_DRIFT},
        {"a forbidden name", "forbidden: {names: [nc, xmrig*]}", "cp /bin/echo xmrig-6 && ./xmrig-6 marker",
                GB_R_FORBIDDEN_PROGRAM},
        {"a forbidden name as argv[0]", "forbidden: {names: [xmrig]}", "exec bash -c 'exec -a xmrig /bin/echo marker'",
                GB_R_FORBIDDEN_PROGRAM},
        {"a forbidden file", "forbidden: {sha256: [HASH]}", "cp /bin/echo x && ./x marker", GB_R_FORBIDDEN_PROGRAM},
        {"another file", "forbidden: {sha256: [HASH]}", "cp /bin/printf x && ./x marker", GB_R_NONE},
        {"a forbidden mark in a program", "forbidden: {marks: [\"stratum+tcp://\"]}",
                "cp /bin/echo x && printf 'stratum%stcp://' + >>x && ./x marker", GB_R_FORBIDDEN_PROGRAM},
        {"a forbidden mark in arguments", "forbidden: {marks: [\"stratum+tcp://\"]}",
                "p=stratum; /bin/echo marker $p+tcp://pool:3333", GB_R_FORBIDDEN_PROGRAM},
        {"a decoy file read", "decoys: {files: [\"" FOLDER "/.key\"]}", "cat .key && echo marker", GB_R_DECOY_TOUCHED},
        {"a decoy file by a link", "decoys: {files: [\"" FOLDER "/.key\"]}", "ln -s .key k && cat k && echo marker",
                GB_R_DECOY_TOUCHED},
        {"a decoy file deleted", "decoys: {files: [\"" FOLDER "/.key\"]}", "rm .key && echo marker", GB_R_NONE},
        {"probing where a rule is", "rules: [{files: {read: [\"/**/.aws/**\"]}}]",
                "cat /home/nobody/.aws/credentials; test $? -ge 0 && echo marker", GB_R_RULE_DENIES},
        {"probing where none is", "stance: open", "cat /home/nobody/.aws/credentials 2>&-; echo marker", GB_R_NONE},
        {"a decoy's value", "decoys: {variables: [DB_PASSWORD]}", "x=" BAIT "; /bin/echo marker $x",
                GB_R_DECOY_TOUCHED},
        {"the role's key", "stance: open", "k=" KEY "; /bin/echo marker http://x.test/?k=$k", GB_R_CREDENTIAL_LEAVES},
        {"the environment", "stance: open", "cat /proc/self/environ >/dev/null && echo marker", GB_R_ENVIRONMENT_READ},
        {"the parent's environment", "stance: open", "cat /proc/$PPID/environ >/dev/null && echo marker",
                GB_R_ENVIRONMENT_READ},
        {"programs within budget", "budgets: {processes: 9}", "/bin/true; /bin/true; /bin/echo marker", GB_R_NONE},
        {"programs over budget", "budgets: {processes: 3}", "/bin/true; /bin/true; /bin/true; /bin/echo marker",
                GB_R_BUDGET_PROCESSES},
        {"connections over budget", "budgets: {connections: 2}",
                "for i in 1 2 3; do \"$ACT\" connect ff02::1 9 & done; wait; echo marker", GB_R_BUDGET_CONNECTIONS},
        {"/tmp used up", "budgets: {tmpMegabytes: 1}", "echo x >" FOLDER "/y && echo marker", GB_R_BUDGET_TMP},
};

static void put_hash(char *spec, size_t cap, const char *from)
{
	const char *at = strstr(from, "HASH");
	unsigned char digest[GB_SHA256_BYTES];
	char *data = NULL, digits[65];
	size_t n = 0;

	if (at == NULL) {
		(void)snprintf(spec, cap, "%s", from);
		return;
	}
	assert_int_equal(gb_fd_read_file("/bin/echo", 1u << 22, &data, &n), 0);
	gb_sha256(gb_span_of(data, n), digest);
	free(data);
	for (size_t i = 0; i < sizeof(digest); i++)
		(void)snprintf(digits + 2 * i, 3, "%02x", digest[i]);
	(void)snprintf(spec, cap, "%.*s%s%s", (int)(at - from), from, digits, at + 4);
}

static void set_policy(struct gb_sandbox *sandbox, const char *row_spec)
{
	struct loaded loaded;
	char spec[512];

	put_hash(spec, sizeof(spec), row_spec);
	loaded = load_spec(spec);
	gb_sandbox_set_policy(sandbox, gb_span_of(loaded.blob, loaded.n));
	free(loaded.blob);
}

static void set_secret(struct gb_sandbox *sandbox, unsigned place, enum gb_secret_kind kind, const char *text)
{
	struct gb_secret *secret = &sandbox->segment->secrets[place];

	secret->kind = (uint8_t)kind;
	secret->n = (uint8_t)strlen(text);
	memcpy(secret->text, text, secret->n);
}

static bool has_finding(
        struct gb_sandbox *sandbox, enum gb_reason reason, enum gb_decision decision, bool *ret_has_other)
{
	struct gb_ring_record record;
	bool is_found = false;

	*ret_has_other = false;
	while (gb_ring_take(sandbox->ring, &sandbox->reader, &record)) {
		if (record.reason == reason && record.decision == decision)
			is_found = true;
		else if (record.decision == GB_DENY || record.decision == GB_REPORT)
			*ret_has_other = true;
	}
	return is_found;
}

/* QEMU is not given the descriptor of a program that is closed by its start. */
static bool is_carried(const struct row *row, enum gb_mode posture)
{
	return !gb_sandbox_is_emulated() || posture == GB_MODE_BLOCK || strcmp(row->name, "a memory file") != 0;
}

static void run_row(const struct row *row, enum gb_mode posture)
{
	const char *setup[] = {
	        "/bin/sh", "-c", "rm -rf " FOLDER " && mkdir " FOLDER " && echo bait >" FOLDER "/.key", NULL};
	const char *argv[] = {"/bin/sh", "-c", "cd " FOLDER " && eval \"$1\"", "sh", row->command, NULL};
	bool got_through, is_found, has_other;
	struct gb_sandbox sandbox;

	if (!is_carried(row, posture))
		return;
	assert_int_equal(gb_sandbox_run(NULL, setup, NULL, 0), 0);
	gb_sandbox_open(&sandbox, sensor_path);
	set_policy(&sandbox, row->spec);
	set_secret(&sandbox, 0, GB_SECRET_CREDENTIAL, KEY);
	set_secret(&sandbox, 1, GB_SECRET_DECOY, BAIT);
	gb_sandbox_settings(&sandbox)->posture = (uint32_t)posture;
	gb_sandbox_settings(&sandbox)->flags = 0;
	sandbox.segment->exceeded = 1u << GB_USAGE_TMP;
	(void)gb_sandbox_run(&sandbox, argv, output, sizeof(output));
	got_through = strstr(output, "marker") != NULL && strstr(output, "denied") == NULL;
	is_found = has_finding(&sandbox, row->reason, posture == GB_MODE_BLOCK ? GB_DENY : GB_REPORT, &has_other);
	if (row->reason == GB_R_NONE ? !got_through || has_other : !is_found)
		fail_msg("%s: %s, %sfound%s; %s", row->name, got_through ? "got through" : "stopped",
		        is_found ? "" : "not ", has_other ? ", another finding" : "", output);
	if (row->reason != GB_R_NONE && row->reason != GB_R_BUDGET_CONNECTIONS &&
	        got_through != (posture == GB_MODE_DETECT))
		fail_msg("%s: %s under posture %d; %s", row->name, got_through ? "got through" : "stopped", posture,
		        output);
	gb_sandbox_close(&sandbox);
}

static void controls_detect(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		run_row(&rows[i], GB_MODE_DETECT);
}

static void controls_block(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		run_row(&rows[i], GB_MODE_BLOCK);
}

static int hold(void **state)
{
	(void)state;
	gb_sandbox_hold("gb-controls");
	return 0;
}

static int clean(void **state)
{
	const char *argv[] = {"rm", "-rf", FOLDER, NULL};

	(void)state;
	return gb_sandbox_run(NULL, argv, NULL, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(controls_detect),
	        cmocka_unit_test(controls_block),
	};

	if (argc != 3)
		return 2;
	sensor_path = realpath(argv[1], NULL);
	act_path = realpath(argv[2], NULL);
	if (setenv("ACT", act_path, 1) < 0)
		return 2;
	return cmocka_run_group_tests(tests, hold, clean);
}

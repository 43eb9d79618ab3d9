/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch: run a program with the sensor in it and print what it reports, for people and for shell tests.
 *
 *	watch [--block] [--quiet] [--input TEXT] SENSOR PROGRAM [ARGUMENT…]
 */
#include "activity/activity.h"
#include "activity/verdict.h"
#include "lib/sandbox.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

static const char *const decisions[] = {"deny", "report", "observe", "allow"};

static void print(const struct gb_ring_record *record)
{
	struct gb_span arguments = gb_ring_arguments(record);

	(void)fprintf(stderr, "[%u] %s %s %s/%s %.*s", record->pid, decisions[record->decision & 3],
	        gb_activity_kind_name(record->kind), gb_control_name(record->control),
	        gb_reason_facts(record->reason)->name, (int)record->subject_n, (const char *)gb_ring_subject(record).p);
	if (record->object_n != 0)
		(void)fprintf(stderr, " -> %.*s", (int)record->object_n, (const char *)gb_ring_object(record).p);
	if (arguments.n != 0)
		(void)fputs(" :", stderr);
	for (size_t i = 0; i < arguments.n; i++)
		(void)fputc(arguments.p[i] == '\0' ? '|' : arguments.p[i], stderr);
	(void)fputc('\n', stderr);
}

int main(int argc, char **argv)
{
	struct gb_sandbox sandbox;
	struct gb_ring_record record;
	const char *path = "body", *input = NULL;
	enum gb_mode posture = GB_MODE_DETECT;
	bool is_quiet = false;
	int at = 1, status;

	for (; at < argc && argv[at][0] == '-'; at++) {
		if (strcmp(argv[at], "--block") == 0)
			posture = GB_MODE_BLOCK;
		else if (strcmp(argv[at], "--quiet") == 0)
			is_quiet = true;
		else if (strcmp(argv[at], "--input") == 0 && at + 1 < argc)
			input = argv[++at];
		else
			break;
	}
	if (argc - at < 2) {
		(void)fputs("usage: watch [--block] [--quiet] [--input TEXT] SENSOR PROGRAM [ARGUMENT...]\n", stderr);
		return 2;
	}
	gb_sandbox_open(&sandbox, argv[at]);
	gb_sandbox_settings(&sandbox)->posture = posture;
	if (input != NULL)
		gb_sandbox_set_input(&sandbox, &path, &input, 1);
	gb_sandbox_listen(&sandbox);
	status = gb_sandbox_run(&sandbox, (const char *const *)(uintptr_t)(argv + at + 1), NULL, 0);
	while (gb_ring_take(sandbox.ring, &sandbox.reader, &record))
		if (!is_quiet)
			print(&record);
	gb_sandbox_close(&sandbox);
	if (WIFSIGNALED(status))
		(void)fprintf(stderr, "watch: killed by signal %d\n", WTERMSIG(status));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson profile: what functions were seen to do, turned into policies. */
#include "cmd/gambeson/commands.h"

#include "base/cleanup.h"
#include "base/fd.h"
#include "learn/learn.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_BYTES_MAX (1024ull * 1024u * 1024u)

struct settings {
	const char *output, *name, *posture;
};

static const char *const postures[] = {"off", "detect", "block", NULL};

static const struct gb_option options[] = {
        GB_TEXT(struct settings, output, "output", "FILE", "where to write the policy; standard output without it",
                .letter = 'o'),
        GB_TEXT(struct settings, name, "name", "NAME", "name of the policy"),
        GB_CHOICE(struct settings, posture, "posture", "MODE", "what the policy does: off, detect (default), block",
                .choices = postures),
        {.name = NULL},
};

static int read_logs(const struct gb_command *self, const struct gb_strings *paths, struct gb_learn *learn)
{
	for (size_t i = 0; i < paths->count; i++) {
		GB_CLEANUP(gb_freep) char *data = NULL;
		size_t n = 0;
		int r = gb_fd_read_file(paths->items[i], LOG_BYTES_MAX, &data, &n);

		if (r < 0)
			return gb_complain(
			        self, GB_EXIT_SYSTEM, "%s cannot be read: %s", paths->items[i], strerror(-r));
		if (gb_learn_add_log(learn, gb_span_of(data, n)) < 0)
			return gb_complain(self, GB_EXIT_SYSTEM, "out of memory");
	}
	return GB_EXIT_OK;
}

static void print_summary(const struct gb_learn_summary *summary)
{
	fprintf(stderr, "learned from %zu observations in %zu invocations\n", summary->items, summary->invocations);
	if (summary->found != 0)
		fprintf(stderr, "left out: %zu that a finding names\n", summary->found);
	if (summary->beside_findings != 0)
		fprintf(stderr,
		        "left out: %zu of invocations with a finding; profile with benign events only to learn them\n",
		        summary->beside_findings);
	if (summary->never != 0)
		fprintf(stderr, "left out: %zu that never belong on an allowlist\n", summary->never);
	if (summary->cut != 0)
		fprintf(stderr,
		        "left out: %zu things that the log holds only in part (long arguments); allow them by hand\n",
		        summary->cut);
	if (summary->broken != 0)
		fprintf(stderr, "left out: %zu lines or items that could not be read\n", summary->broken);
}

static int write_document(const struct gb_command *self, const char *path, const struct gb_policyc_document *document)
{
	GB_CLEANUP(gb_freep) char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	int r;

	if (out == NULL)
		return gb_complain(self, GB_EXIT_SYSTEM, "out of memory");
	gb_policyc_print(document, out);
	if (fclose(out) != 0)
		return gb_complain(self, GB_EXIT_SYSTEM, "out of memory");
	r = gb_fd_write_file(path, gb_span_of(text, n), 0644);
	return r < 0 ? gb_complain(self, GB_EXIT_SYSTEM, "%s cannot be written: %s", path, strerror(-r)) : GB_EXIT_OK;
}

static int run_learn(const struct gb_command *self, void *settings_memory, const struct gb_strings *operands)
{
	GB_CLEANUP(gb_learn_freep) struct gb_learn *learn = gb_learn_new();
	GB_CLEANUP(gb_policyc_document_freep) struct gb_policyc_document *document = NULL;
	const struct settings *settings = settings_memory;
	struct gb_learn_summary summary;
	int status;

	if (learn == NULL)
		return gb_complain(self, GB_EXIT_SYSTEM, "out of memory");
	status = read_logs(self, operands, learn);
	if (status != GB_EXIT_OK)
		return status;
	if (gb_learn_document(learn, &document, &summary) < 0)
		return gb_complain(self, GB_EXIT_SYSTEM, "out of memory");
	if (summary.items == 0)
		return gb_complain(self, GB_EXIT_FINDINGS,
		        "no observations in %s; run the function with GAMBESON_OBSERVE=1 and keep its log",
		        operands->items[0]);
	if (settings->name != NULL)
		document->name = settings->name;
	if (settings->posture != NULL)
		(void)gb_mode_of_name(gb_span_cstr(settings->posture), &document->posture);
	print_summary(&summary);
	if (settings->output == NULL) {
		gb_policyc_print(document, stdout);
		return GB_EXIT_OK;
	}
	status = write_document(self, settings->output, document);
	if (status == GB_EXIT_OK)
		gb_policyc_print_table(document, stdout);
	return status;
}

static const struct gb_command learn_command = {
        .name = "profile learn",
        .summary = "make an allowlist of what a function's log says that it did",
        .operands = "LOG...",
        .notes = "LOG is the function's log, '-' for standard input; lines that are not Gambeson's are passed over.\n"
                 "Exit status 1 when there is nothing to learn from.\n",
        .operands_min = 1,
        .operands_max = GB_OPERANDS_ANY,
        .options = options,
        .settings_bytes = sizeof(struct settings),
        .run = run_learn,
};

static const struct gb_command *const children[] = {&learn_command, NULL};

const struct gb_command gb_cmd_profile = {
        .name = "profile",
        .summary = "learn what a function does",
        .children = children,
};

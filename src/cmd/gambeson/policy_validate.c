/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson policy validate: documents by themselves, against each other, and for functions of a list. */
#include "cmd/gambeson/policy_commands.h"

#include "base/cleanup.h"
#include "base/fd.h"
#include "cmd/gambeson/policy_file.h"
#include "cmd/gambeson/policy_set.h"
#include "cmd/gambeson/screen.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define LIST_BYTES_MAX (1024u * 1024u)

struct settings {
	const char *functions, *at;
	bool strict;
};

static int read_functions(const struct gb_command *self, const char *path, struct gb_policyc_function_list *ret_list)
{
	GB_CLEANUP(gb_freep) char *data = NULL;
	struct gb_diag diag = {0};
	size_t n = 0;
	int r = gb_fd_read_file(path, LIST_BYTES_MAX, &data, &n);

	if (r < 0)
		return gb_complain(self, GB_EXIT_SYSTEM, "%s cannot be read: %s", path, strerror(-r));
	r = gb_policyc_function_list_read(gb_span_of(data, n), ret_list, &diag);
	if (r == -ENOMEM)
		return gb_complain(self, GB_EXIT_SYSTEM, "out of memory");
	if (r == 0)
		return GB_EXIT_OK;
	gb_screen_printf(stderr, "%s:%u:%u: %s\n", path, diag.line, diag.column, diag.message);
	return GB_EXIT_USAGE;
}

static void print_notes(const struct gb_policyc_notes *notes)
{
	for (size_t i = 0; i < notes->count; i++) {
		const struct gb_policyc_note *note = &notes->items[i];

		if (note->origin.file != NULL)
			fprintf(stderr, "%s:%u: ", note->origin.file, note->origin.line);
		fprintf(stderr, "note: %s\n", note->text);
	}
}

/* Every function of the list gets a policy that compiles. */
static int compile_all(const struct gb_command *self, const struct gb_policyc_set *set,
        const struct gb_policyc_function_list *list, int64_t now, size_t *ret_count)
{
	*ret_count = 0;
	for (size_t i = 0; i < list->count; i++) {
		struct gb_policyc_resolution resolution;
		GB_CLEANUP(gb_freep) unsigned char *blob = NULL;
		struct gb_diag diag = {0};
		size_t n = 0;
		int r = gb_policyc_resolve(set, &list->items[i], now, &resolution, &diag);

		if (r == -ENOENT)
			continue;
		if (r == 0) {
			r = gb_policy_load_lists(resolution.document, &diag);
			if (r == 0)
				r = gb_policyc_compile(resolution.document, 0, &blob, &n, &diag);
			gb_policyc_resolution_done(&resolution);
		}
		if (r < 0)
			return gb_complain(self, GB_EXIT_FINDINGS, "function '%s': %s",
			        list->items[i].name == NULL ? list->items[i].arn : list->items[i].name,
			        diag.message[0] == '\0' ? strerror(-r) : diag.message);
		++*ret_count;
	}
	return GB_EXIT_OK;
}

/* Each document by itself, whatever its scopes are: its list files are there, and it is not too large. */
static int compile_each(struct gb_policyc_set *set, size_t *ret_n)
{
	for (size_t i = 0; i < gb_policyc_set_count(set); i++) {
		GB_CLEANUP(gb_freep) unsigned char *blob = NULL;
		struct gb_policyc_document *document = gb_policyc_set_document(set, i);
		struct gb_policyc_origin origin = gb_policyc_set_origin(set, i);
		struct gb_diag diag = {0};
		int r = gb_policy_load_lists(document, &diag);

		document->is_resolved = true;
		if (r == 0)
			r = gb_policyc_compile(document, 0, &blob, ret_n, &diag);
		if (r < 0) {
			fprintf(stderr, "%s:%u: %s\n", origin.file, origin.line,
			        diag.message[0] == '\0' ? strerror(-r) : diag.message);
			return r == -ENOMEM ? GB_EXIT_SYSTEM : GB_EXIT_FINDINGS;
		}
	}
	return GB_EXIT_OK;
}

static int run(const struct gb_command *self, void *settings_memory, const struct gb_strings *operands)
{
	GB_CLEANUP(gb_policyc_set_freep) struct gb_policyc_set *set = NULL;
	GB_CLEANUP(gb_policyc_function_list_done) struct gb_policyc_function_list list = {0};
	const struct settings *settings = settings_memory;
	struct gb_policy_target target = {.at = settings->at};
	struct gb_policyc_notes notes = {0};
	struct gb_policyc_set_counts counts;
	size_t compiled = 0, n = 0;
	int64_t now = 0;
	int status = gb_policy_target_moment(self, &target, &now);

	if (status == GB_EXIT_OK && settings->functions != NULL)
		status = read_functions(self, settings->functions, &list);
	if (status == GB_EXIT_OK)
		status = gb_policy_set_load(self, operands, &set);
	if (status != GB_EXIT_OK)
		return status;
	if (gb_policyc_set_notes(set, now, list.items, list.count, &notes) < 0)
		return gb_complain(self, GB_EXIT_SYSTEM, "out of memory");
	print_notes(&notes);
	if (settings->strict && notes.count != 0)
		return GB_EXIT_FINDINGS;
	status = compile_each(set, &n);
	if (status == GB_EXIT_OK)
		status = compile_all(self, set, &list, now, &compiled);
	if (status != GB_EXIT_OK)
		return status;
	counts = gb_policyc_set_counts(set);
	if (gb_policyc_set_count(set) == 1 && counts.functions == 1 && list.count == 0) {
		printf("%s: good; %zu bytes compiled\n", operands->items[0], n);
		return GB_EXIT_OK;
	}
	printf("good: %zu AccountPolicy, %zu Group, %zu FunctionPolicy", counts.accounts, counts.groups,
	        counts.functions);
	if (list.count != 0)
		printf("; %zu of %zu functions have a policy", compiled, list.count);
	putchar('\n');
	return GB_EXIT_OK;
}

static const struct gb_option options[] = {
        GB_TEXT(struct settings, functions, "functions", "FILE",
                "a list of functions: each one's policy is compiled, and what is for none of them is told"),
        GB_TEXT(struct settings, at, "at", "TIME", "as of this date or moment (UTC) instead of now"),
        GB_FLAG(struct settings, strict, "strict", "exit 1 when there is anything to note"),
        {.name = NULL},
};

const struct gb_command gb_policy_validate_command = {
        .name = "policy validate",
        .summary = "check policy documents, by themselves and together",
        .operands = "FILE|FOLDER...",
        .notes = "Exit status 1 when a policy is invalid, 2 for a wrong command line, 3 when a file cannot be read.\n",
        .operands_min = 1,
        .operands_max = GB_OPERANDS_ANY,
        .options = options,
        .settings_bytes = sizeof(struct settings),
        .run = run,
};

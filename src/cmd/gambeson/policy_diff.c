/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson policy diff: what one policy says and another does not. */
#include "cmd/gambeson/policy_commands.h"

#include "base/cleanup.h"
#include "cmd/gambeson/policy_set.h"
#include "cmd/gambeson/screen.h"
#include "policyc/facts.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

struct settings {
	struct gb_policy_target target;
	bool json;
};

static const struct gb_option options[] = {
        GB_FLAG(struct settings, json, "json", "print JSON"),
        GB_POLICY_TARGET_OPTIONS(struct settings, target),
        {.name = NULL},
};

static int read_side(const struct gb_command *self, const char *path, const struct gb_policy_target *target,
        struct gb_policyc_facts *ret_facts)
{
	GB_CLEANUP(gb_freep) unsigned char *blob = NULL;
	const struct gb_strings paths = {.items = &path, .count = 1};
	struct gb_diag diag = {0};
	size_t n = 0;
	int status = gb_policy_compile(self, &paths, target, &blob, &n), r;

	if (status != GB_EXIT_OK)
		return status;
	r = gb_policyc_facts_of(gb_span_of(blob, n), ret_facts, &diag);
	if (r == -ENOMEM)
		return gb_complain(self, GB_EXIT_SYSTEM, "out of memory");
	return r < 0 ? gb_complain(self, GB_EXIT_USAGE, "%s is refused: %s", path,
	                       diag.message[0] != '\0' ? diag.message : gb_blob_error_text(r))
	             : GB_EXIT_OK;
}

/* "-", "+" and a value; what has none is a thing with a name, whose own follow. */
static void print_fact(char sign, const struct gb_policyc_fact *fact)
{
	printf("%c ", sign);
	(void)gb_screen_text(stdout, gb_span_cstr(fact->path));
	fputs(fact->is_item && fact->value[0] == '[' ? "" : ": ", stdout);
	(void)gb_screen_text(stdout, gb_span_cstr(fact->value));
	putchar('\n');
}

struct outcome {
	bool is_json, differs;
	json_t *removed, *added, *changed;
};

static void tell_one(struct outcome *outcome, char sign, const struct gb_policyc_fact *fact)
{
	outcome->differs = true;
	json_array_append_new(sign == '-' ? outcome->removed : outcome->added,
	        json_pack("{s:s,s:s}", "path", fact->path, "value", fact->value));
	if (!outcome->is_json)
		print_fact(sign, fact);
}

static void tell_change(struct outcome *outcome, const struct gb_policyc_fact *from, const struct gb_policyc_fact *to)
{
	outcome->differs = true;
	json_array_append_new(
	        outcome->changed, json_pack("{s:s,s:s,s:s}", "path", from->path, "from", from->value, "to", to->value));
	if (outcome->is_json)
		return;
	fputs("~ ", stdout);
	(void)gb_screen_text(stdout, gb_span_cstr(from->path));
	fputs(": ", stdout);
	(void)gb_screen_text(stdout, gb_span_cstr(from->value));
	fputs(" -> ", stdout);
	(void)gb_screen_text(stdout, gb_span_cstr(to->value));
	putchar('\n');
}

static void compare(struct outcome *outcome, const struct gb_policyc_facts *from, const struct gb_policyc_facts *to)
{
	size_t a = 0, b = 0;

	while (a < from->count && b < to->count) {
		const struct gb_policyc_fact *x = &from->items[a], *y = &to->items[b];
		int order = gb_policyc_fact_compare(x, y);
		bool is_change = order != 0 && !x->is_item && !y->is_item && strcmp(x->path, y->path) == 0;

		if (is_change)
			tell_change(outcome, x, y);
		else if (order < 0)
			tell_one(outcome, '-', x);
		else if (order > 0)
			tell_one(outcome, '+', y);
		a += order <= 0 || is_change;
		b += order >= 0 || is_change;
	}
	for (; a < from->count; a++)
		tell_one(outcome, '-', &from->items[a]);
	for (; b < to->count; b++)
		tell_one(outcome, '+', &to->items[b]);
}

static int tell(const struct settings *settings, const struct gb_policyc_facts *from, const struct gb_policyc_facts *to)
{
	struct outcome outcome = {
	        .is_json = settings->json, .removed = json_array(), .added = json_array(), .changed = json_array()};
	json_t *all;

	compare(&outcome, from, to);
	all = json_pack(
	        "{s:o,s:o,s:o}", "removed", outcome.removed, "added", outcome.added, "changed", outcome.changed);
	if (settings->json) {
		json_dumpf(all, stdout, JSON_INDENT(2));
		putchar('\n');
	}
	json_decref(all);
	return outcome.differs ? GB_EXIT_FINDINGS : GB_EXIT_OK;
}

static int run(const struct gb_command *self, void *settings_memory, const struct gb_strings *operands)
{
	GB_CLEANUP(gb_policyc_facts_done) struct gb_policyc_facts from = {0};
	GB_CLEANUP(gb_policyc_facts_done) struct gb_policyc_facts to = {0};
	const struct settings *settings = settings_memory;
	int status = read_side(self, operands->items[0], &settings->target, &from);

	if (status == GB_EXIT_OK)
		status = read_side(self, operands->items[1], &settings->target, &to);
	return status == GB_EXIT_OK ? tell(settings, &from, &to) : status;
}

const struct gb_command gb_policy_diff_command = {
        .name = "policy diff",
        .summary = "show what differs between two policies in force",
        .operands = "A B",
        .notes = "A and B: a document, a folder of them, or a compiled policy each. Lines: '-' only in A, '+' only in "
                 "B, "
                 "'~' a\n"
                 "setting that changes. Exit status: 0 they say the same, 1 they differ, 2 usage or a wrong policy, 3 "
                 "something\n"
                 "could not be read.\n",
        .operands_min = 2,
        .operands_max = 2,
        .options = options,
        .settings_bytes = sizeof(struct settings),
        .run = run,
};

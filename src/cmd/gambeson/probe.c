/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson probe: what works on this machine or in this sandbox, and why the rest does not. */
#include "cmd/gambeson/commands.h"
#include "cmd/gambeson/screen.h"

#include "launch/probe.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

struct settings {
	bool json;
};

static const struct gb_option options[] = {
        GB_FLAG(struct settings, json, "json", "print one JSON object"),
        {.name = NULL},
};

/* The tiers that are built of what was probed. */
struct tier {
	const char *name;
	const char *needs[4];
	const char *otherwise; /* what happens without it */
};

static const struct tier tiers[] = {
        {"patched sites", {"preload", "writable_text", NULL},
                "the function's own activity is not seen; the firewall still works"},
        {"sealed state", {"memory_file", NULL}, "an unlinked file in /tmp is used; the function could write it"},
        {"kernel tier", {"no_new_privs", "seccomp_filter", "user_notification", NULL},
                "as in Lambda; the patched sites do the work"},
};

#define RESULTS_MAX 32u

struct results {
	const struct gb_probe *probes;
	size_t count;
	struct gb_probe_outcome outcomes[RESULTS_MAX];
};

static const struct gb_probe_outcome *outcome_of(const struct results *results, const char *name)
{
	static const struct gb_probe_outcome none = {GB_PROBE_NO, 0, 0};

	for (size_t i = 0; i < results->count; i++)
		if (strcmp(results->probes[i].name, name) == 0)
			return &results->outcomes[i];
	return &none;
}

/* The first thing that TIER lacks, or NULL. */
static const char *lack_of(const struct results *results, const struct tier *tier)
{
	for (size_t i = 0; i < 4 && tier->needs[i] != NULL; i++)
		if (outcome_of(results, tier->needs[i])->result != GB_PROBE_YES)
			return tier->needs[i];
	return NULL;
}

static const char *explain(const struct gb_probe_outcome *outcome, char *text, size_t cap)
{
	switch (outcome->result) {
	case GB_PROBE_YES:
		if (outcome->detail != 0)
			(void)snprintf(text, cap, "%d", outcome->detail);
		else
			text[0] = '\0';
		break;
	case GB_PROBE_NO:
		(void)snprintf(text, cap, "%s%s",
		        strerrorname_np(outcome->error) != NULL ? strerrorname_np(outcome->error) : "",
		        outcome->detail > 1 ? " (after the first step)" : "");
		break;
	case GB_PROBE_KILLED: (void)snprintf(text, cap, "killed by signal %d", outcome->error); break;
	case GB_PROBE_TIMEOUT: (void)snprintf(text, cap, "hung"); break;
	case _GB_PROBE_RESULT_MAX: text[0] = '\0'; break;
	}
	return text;
}

static void print_table(const struct results *results, const struct utsname *kernel)
{
	bool is_coloured = gb_has_colour(STDOUT_FILENO);
	char why[64];

	printf("kernel %s, %s, uid %u\n\n", kernel->release, kernel->machine, (unsigned)getuid());
	for (size_t i = 0; i < results->count; i++) {
		const struct gb_probe_outcome *outcome = &results->outcomes[i];
		bool works = outcome->result == GB_PROBE_YES;

		gb_screen_colour(stdout, is_coloured, works ? GB_COLOUR_GREEN : GB_COLOUR_YELLOW);
		printf("%-4s", works ? "yes" : "no");
		gb_screen_colour(stdout, is_coloured, GB_COLOUR_NONE);
		printf("%-22s %-10s %s\n", results->probes[i].name, explain(outcome, why, sizeof(why)),
		        results->probes[i].meaning);
	}
	putchar('\n');
	for (size_t i = 0; i < sizeof(tiers) / sizeof(tiers[0]); i++) {
		const char *lack = lack_of(results, &tiers[i]);

		if (lack == NULL)
			printf("%-14s works here\n", tiers[i].name);
		else
			printf("%-14s not here (%s): %s\n", tiers[i].name, lack, tiers[i].otherwise);
	}
}

static void print_json(const struct results *results, const struct utsname *kernel)
{
	json_t *probes = json_object(), *tiers_object = json_object(), *all;
	char why[64];

	for (size_t i = 0; i < results->count; i++) {
		const struct gb_probe_outcome *outcome = &results->outcomes[i];

		json_object_set_new(probes, results->probes[i].name,
		        json_pack("{s:b, s:s}", "works", outcome->result == GB_PROBE_YES, "detail",
		                explain(outcome, why, sizeof(why))));
	}
	for (size_t i = 0; i < sizeof(tiers) / sizeof(tiers[0]); i++)
		json_object_set_new(tiers_object, tiers[i].name, json_boolean(lack_of(results, &tiers[i]) == NULL));
	all = json_pack("{s:s, s:s, s:i, s:o, s:o}", "kernel", kernel->release, "machine", kernel->machine, "uid",
	        (int)getuid(), "probes", probes, "tiers", tiers_object);
	(void)json_dumpf(all, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(all);
}

static int run(const struct gb_command *self, void *settings_memory, const struct gb_strings *operands)
{
	const struct settings *settings = settings_memory;
	struct results results = {0};
	struct utsname kernel;

	(void)operands;
	if (uname(&kernel) < 0)
		return gb_complain(self, GB_EXIT_SYSTEM, "cannot tell the kernel's version");
	results.probes = gb_probe_all(&results.count);
	if (results.count > RESULTS_MAX)
		results.count = RESULTS_MAX;
	for (size_t i = 0; i < results.count; i++)
		results.outcomes[i] = gb_probe_try(&results.probes[i]);
	if (settings->json)
		print_json(&results, &kernel);
	else
		print_table(&results, &kernel);
	return GB_EXIT_OK;
}

const struct gb_command gb_cmd_probe = {
        .name = "probe",
        .summary = "show which means of protection work on this machine, and why others do not",
        .options = options,
        .settings_bytes = sizeof(struct settings),
        .run = run,
};

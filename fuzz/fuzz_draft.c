/* SPDX-License-Identifier: Apache-2.0 */
/* A line of a log → drafts of exclusions: each one is a good entry, and lets what the line tells of pass. */
#include "base/arena.h"
#include "policy/firewall.h"
#include "publish/exceptions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct trying {
	const struct gb_policy *policy;
	size_t told, passed;
};

static int on_activity(void *context, const struct gb_learn_told *told)
{
	struct trying *trying = context;
	struct gb_policy_context asked = {.policy = trying->policy, .posture = GB_MODE_BLOCK};

	trying->told++;
	trying->passed += gb_policy_ask(GB_POLICY_EXCLUSIONS, &asked, &told->activity).reason == GB_R_EXCLUDED;
	return 0;
}

static int on_sandbox(void *context, struct gb_span sandbox, uint64_t invocations)
{
	(void)context;
	(void)sandbox;
	(void)invocations;
	return 0;
}

/* The policy that has ENTRY alone. */
static unsigned char *compile(const char *entry, struct gb_policy *ret_policy)
{
	struct gb_policyc_set *set = gb_policyc_set_new();
	const struct gb_policyc_addition addition = {.file = "exclusion/1",
	        .is_exclusion = true,
	        .scope = GB_POLICYC_FOR_ACCOUNT,
	        .name = "",
	        .entry = gb_span_cstr(entry)};
	const struct gb_policyc_function function = {.name = "f", .has_tags = true, .key = "k"};
	struct gb_policyc_resolution resolution;
	unsigned char *blob = NULL;
	size_t n;

	if (set == NULL || gb_policyc_set_add_entry(set, &addition, NULL) != 0 ||
	        gb_policyc_resolve(set, &function, 1, &resolution, NULL) != 0)
		abort();
	/* A shape of thousands of places may be more than a policy holds. */
	if (gb_policyc_compile(resolution.document, 1, &blob, &n, NULL) == 0 &&
	        (gb_policy_open(gb_span_of(blob, n), ret_policy) != 0 || gb_policy_firewall_open(ret_policy) != 0))
		abort();
	gb_policyc_resolution_done(&resolution);
	gb_policyc_set_free(set);
	return blob;
}

static void check(const json_t *draft, struct gb_span log)
{
	char *entry = json_dumps(json_object_get(draft, "entry"), JSON_COMPACT);
	struct gb_policy policy;
	struct trying trying = {.policy = &policy};
	struct gb_learn_walk walk = {.on_activity = on_activity, .on_sandbox = on_sandbox, .context = &trying};
	unsigned char *blob = entry == NULL ? NULL : compile(entry, &policy);

	if (!json_is_string(json_object_get(draft, "title")))
		abort();
	if (blob != NULL && gb_learn_walk_log(&walk, log) == 0 && trying.passed != trying.told) {
		(void)fprintf(stderr, "%s does not let it pass\n", entry);
		abort();
	}
	free(blob);
	free(entry);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char head[] = "{\"gambeson\":1,";
	const struct gb_function function = {.id = 7, .account = GB_SPAN("123456789012"), .name = GB_SPAN("orders")};
	char *text = size > 8192 ? NULL : malloc(sizeof(head) + size + 1);
	const char *note;
	json_t *line, *list, *draft;
	size_t i, n = sizeof(head) - 1 + size;

	if (text == NULL)
		return 0;
	memcpy(text, head, sizeof(head) - 1);
	if (size != 0)
		memcpy(text + sizeof(head) - 1, data, size);
	text[n] = '\n';
	line = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
	if (line != NULL && gb_publish_exceptions(&function, "payments", line, &list, &note) == 0) {
		if (note == NULL && json_array_size(list) == 0)
			abort();
		json_array_foreach(list, i, draft) check(draft, gb_span_of(text, n + 1));
		json_decref(list);
	}
	json_decref(line);
	free(text);
	return 0;
}

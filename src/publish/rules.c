/* SPDX-License-Identifier: Apache-2.0 */
/* publish/rules: the store's rules and exclusions as additions to a policy set. */
#include "publish/publish.h"

#include "base/cleanup.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define CHECKED_KEY "-/-/-"

static const char *text_of(struct gb_arena *arena, struct gb_span s)
{
	char *copy = gb_arena_take(arena, s.n + 1);

	if (copy != NULL && s.n != 0)
		memcpy(copy, s.p, s.n);
	return copy;
}

int gb_publish_addition(const struct gb_rule *rule, struct gb_arena *arena, struct gb_policyc_addition *ret_addition)
{
	bool is_exclusion = gb_span_equal(rule->list, GB_SPAN("exclusion"));
	char file[48], key[GB_PUBLISH_KEY_BYTES];

	gb_publish_function_key(rule->function_account, rule->function_region, rule->function_name, key);
	(void)snprintf(file, sizeof(file), "%s/%" PRId64, is_exclusion ? "exclusion" : "rule", rule->id);
	*ret_addition = (struct gb_policyc_addition){
	        .file = text_of(arena, gb_span_cstr(file)),
	        .is_exclusion = is_exclusion,
	        .scope = gb_span_equal(rule->scope, GB_SPAN("account")) ? GB_POLICYC_FOR_ACCOUNT
	                 : gb_span_equal(rule->scope, GB_SPAN("group")) ? GB_POLICYC_FOR_GROUP
	                                                                : GB_POLICYC_FOR_FUNCTION,
	        .name = text_of(arena, rule->function != 0 ? gb_span_cstr(key) : rule->name),
	        .reason = rule->reason,
	        .author = rule->author,
	        .expires = rule->expires / 1000,
	        .entry = rule->entry,
	};
	return ret_addition->file == NULL || ret_addition->name == NULL ? -ENOMEM : 0;
}

struct adding {
	struct gb_policyc_set *set;
	struct gb_arena *arena;
	struct gb_diag *diag;
};

static int add_rule(void *context, const struct gb_rule *rule)
{
	struct adding *adding = context;
	struct gb_policyc_addition addition;
	struct gb_diag inner = {0};
	int r = gb_publish_addition(rule, adding->arena, &addition);

	/* Its function is gone. */
	if (addition.scope == GB_POLICYC_FOR_FUNCTION && rule->function_name.n == 0)
		return 0;
	if (r == 0)
		r = gb_policyc_set_add_entry(adding->set, &addition, &inner);
	return r == 0 || r == -ENOMEM ? r
	                              : gb_diag_set(adding->diag, r, 0, 0, "%.40s:%u:%u: %.150s", addition.file,
	                                        inner.line, inner.column, inner.message);
}

int gb_publish_add_rules(
        struct gb_store *store, const struct gb_function *only, struct gb_policyc_set *set, struct gb_diag *diag)
{
	GB_CLEANUP(gb_arena_freep) struct gb_arena *arena = gb_arena_new();
	struct adding adding = {.set = set, .arena = arena, .diag = diag};
	struct gb_rule_filter filter = {.limit = GB_RULES_MAX};
	int r;

	if (arena == NULL)
		return -ENOMEM;
	if (only != NULL) {
		filter.function = only->id;
		filter.account = only->account;
	}
	r = gb_rules_list(store, NULL, &filter, add_rule, &adding, diag);
	/* Which group it is in is not known yet. */
	if (r >= 0 && only != NULL)
		r = gb_rules_list(store, NULL,
		        &(struct gb_rule_filter){.scope = GB_SPAN("group"), .limit = GB_RULES_MAX}, add_rule, &adding,
		        diag);
	return r < 0 ? r : 0;
}

const char *gb_publish_activity_of(const struct gb_policyc_entry *entry)
{
	const struct {
		const char *word;
		size_t count;
	} words[] = {{"process", entry->process_count + entry->commands.count},
	        {"file", entry->read.count + entry->write.count + entry->any.count + entry->map.count},
	        {"host", entry->hosts.count}, {"address", entry->addresses.count}, {"api", entry->api_count},
	        {"http", entry->request_count}, {"input", entry->input_count}, {"other", entry->kinds != 0}};
	const char *found = NULL;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (words[i].count == 0)
			continue;
		if (found != NULL)
			return "several";
		found = words[i].word;
	}
	return found == NULL ? "other" : found;
}

int gb_publish_check_rule(const struct gb_rule *rule, const char **ret_activity, struct gb_diag *diag)
{
	GB_CLEANUP(gb_policyc_set_freep) struct gb_policyc_set *set = gb_policyc_set_new();
	GB_CLEANUP(gb_arena_freep) struct gb_arena *arena = gb_arena_new();
	const struct gb_policyc_function asked = {.name = "-", .has_tags = true, .key = CHECKED_KEY};
	struct gb_policyc_resolution resolution;
	struct gb_policyc_addition addition;
	const struct gb_policyc_entries *entries;
	int r = set == NULL || arena == NULL ? -ENOMEM : gb_publish_addition(rule, arena, &addition);

	if (r < 0)
		return r;
	addition.scope = GB_POLICYC_FOR_FUNCTION;
	addition.name = CHECKED_KEY;
	addition.expires = 0;
	r = gb_policyc_set_add_entry(set, &addition, diag);
	if (r == 0)
		r = gb_policyc_resolve(set, &asked, 0, &resolution, diag);
	if (r < 0)
		return r;
	entries = addition.is_exclusion ? &resolution.document->exclusions : &resolution.document->rules;
	*ret_activity = entries->count == 0 ? "other" : gb_publish_activity_of(&entries->items[0]);
	gb_policyc_resolution_done(&resolution);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The list of rules and exclusions: those of their own, and those in documents. */
#include "base/cleanup.h"
#include "control/rule_json.h"
#include "store/store.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* One page: what is asked for, and what was found. */
struct listing {
	struct gb_call *call;
	struct gb_rule_filter filter;
	struct gb_span origin;
	json_t *items;
	int64_t now;
	struct gb_function function; /* id 0: not for one */
	/* Of documents. */
	struct gb_policyc_set *set;
	const char *files[3]; /* of those that are for the function; NULL: none */
	bool is_of_one, is_narrow;
	size_t document, index, skip, at;
	bool is_exclusion;
	int64_t last;
};

static int add_rule(void *context, const struct gb_rule *rule)
{
	struct listing *listing = context;

	listing->last = rule->id;
	return json_array_append_new(listing->items, gb_rule_json(rule, listing->now)) < 0 ? -ENOMEM : 0;
}

static int add_entry(void *context, const struct gb_policyc_entry *entry, struct gb_span json, uint32_t line)
{
	struct listing *listing = context;
	const char *file = gb_policyc_set_origin(listing->set, listing->document).file;
	const struct gb_policyc_document *document = gb_policyc_set_document(listing->set, listing->document);
	struct gb_document_entry of = {.name = document->name,
	        .is_exclusion = listing->is_exclusion,
	        .index = listing->index++,
	        .entry = entry,
	        .json = json,
	        .line = line};
	char kind[32];

	(void)snprintf(kind, sizeof(kind), "%.*s", (int)strcspn(file, "/"), file);
	of.kind = kind;
	if (listing->at++ < listing->skip)
		return 0;
	if (json_array_size(listing->items) >= listing->filter.limit)
		return -E2BIG;
	return json_array_append_new(listing->items, gb_document_entry_json(&of, listing->now)) < 0 ? -ENOMEM : 0;
}

static bool is_wanted(const struct listing *listing, const char *file)
{
	static const struct {
		const char *kind, *scope;
	} kinds[] = {{"AccountPolicy/", "account"}, {"Group/", "group"}, {"FunctionPolicy/", "function"}};
	bool is_one = !listing->is_of_one;

	for (size_t i = 0; i < 3; i++) {
		if (gb_span_starts(gb_span_cstr(file), gb_span_cstr(kinds[i].kind)) && listing->filter.scope.n != 0 &&
		        !gb_span_equal(listing->filter.scope, gb_span_cstr(kinds[i].scope)))
			return false;
		is_one |= listing->files[i] != NULL && strcmp(listing->files[i], file) == 0;
	}
	/* Who sees some functions is shown what is for all, or what he names. */
	return is_one && (!listing->is_narrow || listing->is_of_one || strncmp(file, "AccountPolicy/", 14) == 0);
}

/* What stands in documents, behind SKIP of them. 0, or 1: there is more. */
static int add_documents(struct listing *listing)
{
	struct gb_span list = listing->filter.list;
	int r = 0;

	for (size_t i = 0; i < gb_policyc_set_count(listing->set) && r == 0; i++) {
		if (!is_wanted(listing, gb_policyc_set_origin(listing->set, i).file))
			continue;
		listing->document = i;
		for (int is_exclusion = 0; is_exclusion < 2 && r == 0; is_exclusion++) {
			if (list.n != 0 && gb_span_equal(list, GB_SPAN("exclusion")) != (is_exclusion != 0))
				continue;
			listing->index = 0;
			listing->is_exclusion = is_exclusion != 0;
			r = gb_policyc_set_entries(listing->set, i, listing->is_exclusion, add_entry, listing);
		}
	}
	return r == -E2BIG ? 1 : r;
}

/* Which group the function is in, and which documents are for it. A policy that is refused leaves them out. */
static int find_documents(struct listing *listing, struct gb_diag *diag)
{
	struct gb_policyc_document *learned = NULL;
	struct gb_policyc_resolution resolution;
	const char *files[3];
	int r = gb_publish_resolve(listing->call->store, listing->set, &listing->function, &resolution, &learned, diag);

	listing->filter.group = listing->function.group;
	if (r < 0)
		return r == -ENOENT || r == -EINVAL || r == -EFBIG ? 0 : r;
	files[0] = resolution.account.file;
	files[1] = resolution.group.file;
	files[2] = resolution.function.file;
	/* Names that outlive the resolution: the set's own. */
	for (size_t i = 0; i < gb_policyc_set_count(listing->set); i++)
		for (size_t k = 0; k < 3; k++)
			if (files[k] != NULL && strcmp(files[k], gb_policyc_set_origin(listing->set, i).file) == 0)
				listing->files[k] = gb_policyc_set_origin(listing->set, i).file;
	if (resolution.group_name != NULL) {
		size_t n = strlen(resolution.group_name);
		unsigned char *copy = gb_arena_take(listing->call->arena, n + 1);

		if (copy != NULL)
			memcpy(copy, resolution.group_name, n);
		listing->filter.group = gb_span_of(copy, copy == NULL ? 0 : n);
	}
	gb_policyc_resolution_done(&resolution);
	gb_policyc_document_free(learned);
	return 0;
}

/* "12": behind the resource of that id; "d12": behind so many of the documents. */
static bool read_cursor(struct listing *listing)
{
	struct gb_span cursor = gb_call_query(listing->call, "cursor");
	uint64_t number = 0;

	if (cursor.n == 0)
		return true;
	if (cursor.p[0] == 'd') {
		bool is_good = gb_span_to_u64(gb_span_sub(cursor, 1, SIZE_MAX), &number) && number < SIZE_MAX / 2;

		listing->filter.before = -1;
		listing->skip = (size_t)number;
		return is_good;
	}
	if (!gb_span_to_u64(cursor, &number) || number == 0 || number > INT64_MAX)
		return false;
	listing->filter.before = (int64_t)number;
	return true;
}

static int find_all(struct listing *listing, char next[32], struct gb_diag *diag)
{
	struct gb_call *call = listing->call;
	bool has_resources = listing->filter.before >= 0 && !gb_span_equal(listing->origin, GB_SPAN("document"));
	size_t limit = listing->filter.limit;
	int r = 0;

	if (has_resources)
		r = gb_rules_list(call->store, listing->is_of_one ? NULL : call->actor->scope, &listing->filter,
		        add_rule, listing, diag);
	if (r < 0)
		return r;
	if (has_resources && (size_t)r == limit) {
		(void)snprintf(next, 32, "%" PRId64, listing->last);
		return 0;
	}
	if (gb_span_equal(listing->origin, GB_SPAN("resource")))
		return 0;
	r = add_documents(listing);
	if (r > 0)
		(void)snprintf(next, 32, "d%zu", listing->at - 1);
	return r < 0 ? r : 0;
}

static bool is_one_of(struct gb_span text, const char *a, const char *b, const char *c)
{
	return text.n == 0 || gb_span_equal(text, gb_span_cstr(a)) || gb_span_equal(text, gb_span_cstr(b)) ||
	       gb_span_equal(text, gb_span_cstr(c));
}

/* 0; -EINVAL: the problem is answered. */
static int read_query(struct listing *listing)
{
	struct gb_call *call = listing->call;
	struct gb_span function = gb_call_query(call, "function");
	uint64_t limit;
	int r;

	if (gb_call_query_number(call, "limit", 1, 500, 50, &limit) < 0)
		return -EINVAL;
	listing->filter.limit = (size_t)limit;
	listing->filter.list = gb_call_query(call, "list");
	listing->filter.scope = gb_call_query(call, "scope");
	listing->origin = gb_call_query(call, "origin");
	if (!is_one_of(listing->filter.list, "rule", "exclusion", "rule") ||
	        !is_one_of(listing->filter.scope, "account", "group", "function") ||
	        !is_one_of(listing->origin, "resource", "document", "resource") || !read_cursor(listing)) {
		(void)gb_call_problem(call, 400, "bad-value", "list, scope, origin or cursor is none");
		return -EINVAL;
	}
	if (function.n == 0)
		return 0;
	r = gb_call_function(call, function, &listing->function);
	if (r == 0)
		(void)gb_call_problem(call, 404, "not-found", "there is no such function");
	if (r <= 0)
		return -EINVAL;
	listing->is_of_one = true;
	listing->filter.function = listing->function.id;
	listing->filter.account = listing->function.account;
	return 0;
}

static int list_rules(struct gb_call *call)
{
	GB_CLEANUP(gb_policyc_set_freep) struct gb_policyc_set *set = NULL;
	struct listing listing = {.call = call, .now = gb_store_now_ms(call->store)};
	struct gb_diag diag = {0};
	char next[32] = "";
	json_t *answer;
	int r;

	if (read_query(&listing) < 0)
		return 0;
	listing.items = json_array();
	listing.is_narrow = call->actor->scope != NULL;
	r = listing.is_of_one ? gb_publish_set(call->store, &listing.function, &set, &diag)
	                      : gb_publish_documents(call->store, &set, &diag);
	listing.set = set;
	if (r == 0 && listing.is_of_one)
		r = find_documents(&listing, &diag);
	if (r == 0)
		r = find_all(&listing, next, &diag);
	if (r < 0) {
		json_decref(listing.items);
		return gb_call_failed(call, r, &diag);
	}
	answer = json_pack("{s:o}", "items", listing.items);
	if (answer != NULL && next[0] != '\0')
		(void)json_object_set_new(answer, "next", json_string(next));
	return gb_call_json(call, 200, answer);
}

const struct gb_route gb_routes_rules[] = {
        {.method = "GET",
                .path = "/v1/rules",
                .handle = list_rules,
                .operation_id = "listRules",
                .role = GB_ROLE_VIEWER,
                .scope = "policies:read"},
        {0},
};

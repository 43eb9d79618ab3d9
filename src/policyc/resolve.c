/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/set.h"

#include "base/text.h"
#include "base/arena.h"
#include "policyc/choose.h"
#include "policyc/moment.h"

#include <errno.h>
#include <string.h>

struct resolver {
	const struct gb_policyc_set *set;
	struct gb_policyc_choice choice;
	int64_t now;
	size_t addition_count;
	struct gb_policyc_document *document;
	bool has_learned, is_after_learning;
	const char *enforce_why;
	struct gb_policyc_left_out *left_out;
	size_t left_out_count, left_out_cap;
	int64_t next_change;
	struct gb_diag *diag;
};

/* A place in a layer's file, which the caller does not know, goes into the message. */
static int placed(struct gb_diag *diag, const struct gb_policyc_layer *layer, int r)
{
	char message[sizeof(diag->message)];

	if (r == 0 || diag == NULL || diag->line == 0)
		return r;
	memcpy(message, diag->message, sizeof(message));
	return gb_diag_set(diag, r, 0, 0, "%.120s:%u:%u: %s", layer->origin.file, diag->line, diag->column, message);
}

static int apply_layers(struct resolver *resolver)
{
	for (size_t i = 0; i < _GB_POLICYC_LAYER_MAX; i++) {
		const struct gb_policyc_layer *layer = resolver->choice.layers[i];
		bool has_allow = false;
		int r;

		if (layer == NULL)
			continue;
		r = gb_policyc_layer_apply(layer, resolver->document, &has_allow, resolver->diag);
		if (r < 0)
			return placed(resolver->diag, layer, r);
		if (i == GB_POLICYC_FUNCTION)
			resolver->has_learned = has_allow;
	}
	return 0;
}

static int add_patterns(
        struct gb_policyc_document *document, struct gb_policyc_patterns *to, const struct gb_policyc_patterns *from)
{
	int r = 0;

	for (size_t i = 0; i < from->count && r == 0; i++) {
		r = gb_arena_grow(document->arena, &to->items, to->count, &to->cap, sizeof(*to->items));
		if (r == 0)
			to->items[to->count++] = from->items[i];
	}
	return r;
}

/* All of FROM's COUNT elements behind those of *ITEMS. */
static int add_items(struct gb_policyc_document *document, void *items, size_t *count, size_t *cap, const void *from,
        size_t from_count, size_t size)
{
	int r = 0;

	for (size_t i = 0; i < from_count && r == 0; i++) {
		r = gb_arena_grow(document->arena, items, *count, cap, size);
		if (r == 0)
			memcpy(*(char **)items + (*count)++ * size, (const char *)from + i * size, size);
	}
	return r;
}

static int add_learned(struct resolver *resolver, const struct gb_policyc_document *learned)
{
	struct gb_policyc_document *document = resolver->document;
	struct gb_policyc_entry *to = &document->allow;
	const struct gb_policyc_entry *from = &learned->allow;
	const struct {
		struct gb_policyc_patterns *to;
		const struct gb_policyc_patterns *from;
	} lists[] = {{&to->read, &from->read}, {&to->write, &from->write}, {&to->map, &from->map},
	        {&to->any, &from->any}, {&to->commands, &from->commands}, {&to->addresses, &from->addresses},
	        {&to->hosts, &from->hosts}};
	int r = 0;

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]) && r == 0; i++)
		r = add_patterns(document, lists[i].to, lists[i].from);
	if (r == 0)
		r = add_items(document, &to->processes, &to->process_count, &to->process_cap, from->processes,
		        from->process_count, sizeof(*from->processes));
	if (r == 0)
		r = add_items(document, &to->apis, &to->api_count, &to->api_cap, from->apis, from->api_count,
		        sizeof(*from->apis));
	if (r == 0)
		r = add_items(document, &to->requests, &to->request_count, &to->request_cap, from->requests,
		        from->request_count, sizeof(*from->requests));
	to->kinds |= from->kinds;
	if (document->control_modes[GB_CONTROL_ALLOWLIST] == GB_MODE_OFF)
		document->control_modes[GB_CONTROL_ALLOWLIST] = GB_BLOB_MODE_POSTURE;
	resolver->has_learned = true;
	return r;
}

static void change_at(struct resolver *resolver, int64_t moment)
{
	if (moment > resolver->now && (resolver->next_change == 0 || moment < resolver->next_change))
		resolver->next_change = moment;
}

static int leave_out(struct resolver *resolver, const char *noun, const struct gb_policyc_entry *entry,
        enum gb_policyc_left_out_reason reason, const char *field)
{
	struct gb_policyc_left_out out = {noun, entry->name, entry->origin, reason, NULL};
	char buffer[80];
	struct gb_text text = gb_text_on(buffer, sizeof(buffer));

	if (reason == GB_POLICYC_EXPIRED) {
		gb_text_add_cstr(&text, "expired ");
		gb_policyc_moment_print(entry->expires, GB_POLICYC_DAY_LAST, &text);
	} else {
		gb_text_add_cstr(&text, "its scope is for other ");
		gb_text_add_cstr(&text, field);
	}
	out.text = gb_policyc_copy(resolver->document, gb_text_span(&text));
	if (out.text == NULL || gb_arena_grow(resolver->document->arena, &resolver->left_out, resolver->left_out_count,
	                                &resolver->left_out_cap, sizeof(*resolver->left_out)) < 0)
		return -ENOMEM;
	resolver->left_out[resolver->left_out_count++] = out;
	return 0;
}

/* Keep of ENTRIES what holds for the function now. */
static int filter(struct resolver *resolver, const char *noun, struct gb_policyc_entries *entries)
{
	size_t kept = 0;

	for (size_t i = 0; i < entries->count; i++) {
		const struct gb_policyc_entry *entry = &entries->items[i];
		const char *field;
		enum gb_policyc_answer answer = gb_policyc_scope_answer(
		        &entry->scope, &resolver->choice.function, resolver->choice.group, &field);
		int r = 0;

		if (answer == GB_POLICYC_NOT_TOLD)
			return gb_diag_set(resolver->diag, -EINVAL, 0, 0,
			        "%.120s:%u: the scope of %s '%.60s' asks for the function's %s, which is not told",
			        entry->origin.file == NULL ? "-" : entry->origin.file, entry->origin.line, noun,
			        entry->name == NULL ? "(no name)" : entry->name, field);
		if (answer == GB_POLICYC_NO) {
			r = leave_out(resolver, noun, entry, GB_POLICYC_OUT_OF_SCOPE, field);
		} else if (entry->expires != 0 && entry->expires <= resolver->now) {
			r = leave_out(resolver, noun, entry, GB_POLICYC_EXPIRED, NULL);
		} else {
			change_at(resolver, entry->expires);
			entries->items[kept] = *entry;
			entries->items[kept++].scope = (struct gb_policyc_scope){0};
		}
		if (r < 0)
			return r;
	}
	entries->count = kept;
	return 0;
}

/* Until the posture is enforced: report, and learn. */
static int hold_back(struct resolver *resolver)
{
	struct gb_policyc_document *document = resolver->document;
	char buffer[80];
	struct gb_text text = gb_text_on(buffer, sizeof(buffer));

	if (document->enforce == GB_POLICYC_AFTER_LEARNING && resolver->choice.function.is_learning) {
		resolver->enforce_why = "enforced after learning, which has not ended yet";
	} else if (document->enforce == GB_POLICYC_AFTER_LEARNING && !resolver->has_learned) {
		resolver->enforce_why = "enforced after learning: the function's own policy has no allowlist yet";
	} else if (document->enforce == GB_POLICYC_AT_TIME && resolver->now < document->enforce_at) {
		/* The agent enforces it then. */
		change_at(resolver, document->enforce_at);
		gb_text_add_cstr(&text, "enforced at ");
		gb_policyc_moment_print(document->enforce_at, GB_POLICYC_DAY_FIRST, &text);
		resolver->enforce_why = gb_policyc_copy(document, gb_text_span(&text));
		if (resolver->enforce_why == NULL)
			return -ENOMEM;
	}
	resolver->is_after_learning = document->enforce == GB_POLICYC_AFTER_LEARNING;
	if (resolver->enforce_why != NULL && document->enforce == GB_POLICYC_AT_TIME)
		return 0;
	document->enforce = GB_POLICYC_AT_ONCE;
	document->enforce_at = 0;
	if (resolver->enforce_why == NULL || document->posture == GB_MODE_OFF)
		return 0;
	document->posture = GB_MODE_DETECT;
	document->observe = true;
	return 0;
}

/* A rule of one document and an exclusion of another about the same thing: no error, but the exclusion is in vain. Or a
 * rule that takes away part of what an exclusion adds, which may be meant. */
static int find_conflict(struct resolver *resolver, const char **ret_conflict)
{
	struct gb_diag diag = {0};
	int r = gb_policyc_check_contradictions(resolver->document, &diag);

	*ret_conflict = NULL;
	if (r == 0)
		r = gb_policyc_find_overlap(resolver->document, GB_POLICYC_RULE_IN_EXCLUSION, &diag);
	if (r != -EINVAL)
		return r;
	*ret_conflict = gb_policyc_copy(resolver->document, gb_span_cstr(diag.message));
	return *ret_conflict == NULL ? -ENOMEM : 0;
}

static int name_document(struct resolver *resolver)
{
	const struct gb_policyc_layer *own = resolver->choice.layers[GB_POLICYC_FUNCTION];
	const char *name = resolver->choice.function.name;

	if (name == NULL && own != NULL)
		name = own->document->name;
	resolver->document->name = gb_policyc_copy(resolver->document, gb_span_cstr(name));
	return resolver->document->name == NULL ? -ENOMEM : 0;
}

/* No document: what an agent does by itself, with what was added. */
static void begin_plain(struct resolver *resolver)
{
	for (size_t i = 0; i < _GB_POLICYC_LAYER_MAX; i++)
		if (resolver->choice.layers[i] != NULL)
			return;
	resolver->document->observe = resolver->choice.function.learned == NULL;
}

static int resolve(struct resolver *resolver)
{
	int r = apply_layers(resolver);

	begin_plain(resolver);
	if (r == 0)
		r = gb_policyc_added_apply(resolver->set, &resolver->choice, resolver->document,
		        &resolver->addition_count, resolver->diag);
	if (r == 0 && resolver->choice.function.learned != NULL)
		r = add_learned(resolver, resolver->choice.function.learned);
	if (resolver->choice.function.posture != NULL)
		resolver->document->posture = *resolver->choice.function.posture;
	if (r == 0)
		r = name_document(resolver);
	if (r == 0)
		r = filter(resolver, "rule", &resolver->document->rules);
	if (r == 0)
		r = filter(resolver, "exclusion", &resolver->document->exclusions);
	if (r == 0)
		r = hold_back(resolver);
	resolver->document->is_resolved = true;
	return r;
}

/* File names belong to the set, which may go first. */
static int origin_of(struct gb_policyc_document *document, const struct gb_policyc_layer *layer,
        struct gb_policyc_origin *ret_origin)
{
	*ret_origin = (struct gb_policyc_origin){0};
	if (layer == NULL)
		return 0;
	ret_origin->line = layer->origin.line;
	ret_origin->file = gb_policyc_copy(document, gb_span_cstr(layer->origin.file));
	return ret_origin->file == NULL ? -ENOMEM : 0;
}

int gb_policyc_resolve(const struct gb_policyc_set *set, const struct gb_policyc_function *function, int64_t now,
        struct gb_policyc_resolution *ret_resolution, struct gb_diag *diag)
{
	struct resolver resolver = {.set = set, .now = now, .document = gb_policyc_document_new(), .diag = diag};
	struct gb_policyc_resolution resolution = {.document = resolver.document};
	int r = -ENOMEM;

	if (diag != NULL)
		*diag = (struct gb_diag){0};
	if (resolver.document != NULL)
		r = gb_policyc_choose(resolver.document->arena, set, function, now, &resolver.choice, diag);
	if (r == 0)
		r = resolve(&resolver);
	if (r == 0)
		r = find_conflict(&resolver, &resolution.conflict);
	if (r == 0)
		r = origin_of(resolver.document, resolver.choice.layers[GB_POLICYC_ACCOUNT], &resolution.account);
	if (r == 0)
		r = origin_of(resolver.document, resolver.choice.layers[GB_POLICYC_GROUP], &resolution.group);
	if (r == 0)
		r = origin_of(resolver.document, resolver.choice.layers[GB_POLICYC_FUNCTION], &resolution.function);
	if (r == 0 && resolver.choice.group != NULL) {
		resolution.group_name = gb_policyc_copy(resolver.document, gb_span_cstr(resolver.choice.group));
		r = resolution.group_name == NULL ? -ENOMEM : 0;
	}
	if (r < 0) {
		gb_policyc_document_free(resolver.document);
		return r;
	}
	resolution.group_why = resolver.choice.group_why;
	resolution.enforce_why = resolver.enforce_why;
	resolution.has_own_posture = function->posture != NULL;
	resolution.addition_count = resolver.addition_count;
	resolution.is_after_learning = resolver.is_after_learning;
	resolution.left_out = resolver.left_out;
	resolution.left_out_count = resolver.left_out_count;
	resolution.next_change = resolver.next_change;
	*ret_resolution = resolution;
	return 0;
}

int gb_policyc_resolve_text(const char *file, struct gb_span text, int64_t now,
        struct gb_policyc_resolution *ret_resolution, struct gb_diag *diag)
{
	struct gb_policyc_set *set = gb_policyc_set_new();
	int r = set == NULL ? -ENOMEM : gb_policyc_set_add(set, file, text, diag);

	if (r == 0)
		r = gb_policyc_resolve(set, &(struct gb_policyc_function){0}, now, ret_resolution, diag);
	gb_policyc_set_free(set);
	return r;
}

void gb_policyc_resolution_done(struct gb_policyc_resolution *resolution)
{
	gb_policyc_document_free(resolution->document);
	*resolution = (struct gb_policyc_resolution){0};
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which entries of the documents made a step answer as it did: policies of some of them alone are compiled and asked. What
 * a policy holds only grows with its entries, so the least number of first ones that are enough is found by halving; the
 * last of these is needed, and the search goes on before it with that one kept.
 */
#include "cmd/gambeson/policy_judge.h"

#include "base/cleanup.h"
#include "cmd/gambeson/policy_place.h"
#include "policyc/guards.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define KIND(name)  (1u << GB_ACTIVITY_##name)
#define WRITE_KINDS (KIND(FILE_WRITE) | KIND(FILE_DELETE) | KIND(FILE_MODE) | KIND(FILE_RENAME) | KIND(FILE_LINK))
#define READ_KINDS  (KIND(FILE_READ) | KIND(FILE_LINK))
#define NET_KINDS   (KIND(NET_CONNECT) | KIND(NET_SEND))

/* A list of an entry: a pointer to items, their count, where each item's place and text are. */
struct field {
	const char *name;
	uint32_t kinds; /* that it is asked about */
	size_t items, count, item_bytes, origin, text;
};

#define PATTERNS(field_name, member, field_kinds)                                                                      \
	{                                                                                                              \
		field_name, field_kinds, offsetof(struct gb_policyc_entry, member.items),                              \
		        offsetof(struct gb_policyc_entry, member.count), sizeof(struct gb_policyc_pattern),            \
		        offsetof(struct gb_policyc_pattern, origin), offsetof(struct gb_policyc_pattern, text)         \
	}
#define ITEMS(field_name, items_member, count_member, type, text_member, field_kinds)                                  \
	{                                                                                                              \
		field_name, field_kinds, offsetof(struct gb_policyc_entry, items_member),                              \
		        offsetof(struct gb_policyc_entry, count_member), sizeof(type), offsetof(type, origin),         \
		        offsetof(type, text_member)                                                                    \
	}

static const struct field fields[] = {
        PATTERNS("files.read", read, READ_KINDS),
        PATTERNS("files.write", write, WRITE_KINDS),
        PATTERNS("files.any", any, READ_KINDS | WRITE_KINDS),
        PATTERNS("files.map", map, KIND(LIBRARY_MAP)),
        ITEMS("processes", processes, process_count, struct gb_policyc_process, executable, KIND(PROCESS_START)),
        PATTERNS("commands", commands, KIND(PROCESS_START)),
        PATTERNS("addresses", addresses, NET_KINDS),
        PATTERNS("hosts", hosts, NET_KINDS | KIND(NAME_LOOKUP)),
        ITEMS("awsApis", apis, api_count, struct gb_policyc_api, action, KIND(AWS_API)),
        ITEMS("http", requests, request_count, struct gb_policyc_http, host.text, KIND(HTTP_REQUEST)),
};
#define FIELD_COUNT (sizeof(fields) / sizeof(fields[0]))

/* One item of an entry; without a field its `kinds`. */
struct atom {
	const struct gb_policyc_entry *entry;
	const struct field *field;
	size_t index;
};

struct search {
	const struct gb_policy_judge *judge;
	const struct gb_activity_case *of;
	enum gb_policy_step step;
	struct atom *atoms;
	size_t atom_count;
	size_t kept[GB_POLICY_PLACES_MAX], kept_count; /* of the atoms, needed in any case */
};

static char *item_of(const struct atom *atom)
{
	return *(char *const *)((const char *)atom->entry + atom->field->items) + atom->index * atom->field->item_bytes;
}

static size_t count_of(const struct gb_policyc_entry *entry, const struct field *field)
{
	return *(const size_t *)((const char *)entry + field->count);
}

static size_t add_atoms(const struct gb_policyc_entry *entry, enum gb_activity_kind kind, struct atom *atoms)
{
	size_t count = 0;

	for (size_t i = 0; i < FIELD_COUNT; i++)
		for (size_t k = 0; (fields[i].kinds >> kind & 1u) != 0 && k < count_of(entry, &fields[i]); k++) {
			if (atoms != NULL)
				atoms[count] = (struct atom){entry, &fields[i], k};
			count++;
		}
	if ((entry->kinds >> kind & 1u) != 0) {
		if (atoms != NULL)
			atoms[count] = (struct atom){entry, NULL, 0};
		count++;
	}
	return count;
}

/* An entry that has ATOM only. */
static struct gb_policyc_entry entry_of(const struct atom *atom, enum gb_activity_kind kind)
{
	struct gb_policyc_entry entry = {.name = atom->entry->name};

	if (atom->field == NULL) {
		entry.kinds = 1u << kind;
	} else {
		*(char **)((char *)&entry + atom->field->items) = item_of(atom);
		*(size_t *)((char *)&entry + atom->field->count) = 1;
	}
	return entry;
}

/* The document without what a step finds in it; what is trusted stays, since command lines hang on it. */
static struct gb_policyc_document bare(const struct gb_policy_judge *judge)
{
	struct gb_policyc_document document = *judge->resolution.document;

	document.allow = (struct gb_policyc_entry){0};
	document.rules = document.exclusions = (struct gb_policyc_entries){0};
	document.firewall.exception_count = 0;
	document.firewall.source_list_count = 0;
	for (size_t guard = 0; guard < _GB_BLOB_GUARD_MAX; guard++)
		if (guard != GB_BLOB_TRUSTED)
			document.guards.texts[guard] = (struct gb_policyc_strings){0};
	return document;
}

/* 1: STEP has something to say by DOCUMENT; 0; or a negative errno. */
static int ask(const struct gb_policy_judge *judge, const struct gb_policyc_document *document,
        const struct gb_activity_case *of, enum gb_policy_step step)
{
	GB_CLEANUP(gb_freep) unsigned char *blob = NULL;
	struct gb_policy_context context = gb_policy_judge_context(&judge->policy, of);
	struct gb_policy policy;
	size_t n = 0;
	int r = gb_policyc_compile(document, 0, &blob, &n, NULL);

	if (r == 0)
		r = gb_policy_open(gb_span_of(blob, n), &policy);
	if (r < 0)
		return r;
	policy.moment = judge->policy.moment;
	context.policy = &policy;
	return gb_policy_ask(step, &context, &of->activity).reason != GB_R_NONE;
}

/* What is on the allowlist is asked for as if it were excluded: both lists hold an activity whole. */
static int ask_entries(const struct gb_policy_judge *judge, const struct gb_activity_case *of, enum gb_policy_step step,
        struct gb_policyc_entries entries)
{
	struct gb_policyc_document document = bare(judge);

	if (step == GB_POLICY_RULES)
		document.rules = entries;
	else
		document.exclusions = entries;
	return ask(judge, &document, of, step == GB_POLICY_RULES ? step : GB_POLICY_EXCLUSIONS);
}

/* Whether the first COUNT atoms and those kept are enough. */
static int is_enough(const struct search *search, size_t count)
{
	struct gb_policyc_entries entries = {0};
	int r;

	entries.items = calloc(count + search->kept_count + 1, sizeof(*entries.items));
	if (entries.items == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		entries.items[entries.count++] = entry_of(&search->atoms[i], search->of->activity.kind);
	for (size_t i = 0; i < search->kept_count; i++)
		entries.items[entries.count++] = entry_of(&search->atoms[search->kept[i]], search->of->activity.kind);
	r = ask_entries(search->judge, search->of, search->step, entries);
	free(entries.items);
	return r;
}

/* The atoms that are enough into `kept`. */
static int narrow(struct search *search)
{
	size_t end = search->atom_count;
	int r = is_enough(search, end);

	if (r <= 0)
		return r;
	while (search->kept_count < GB_POLICY_PLACES_MAX) {
		size_t low = 0, high = end;

		while (low < high) {
			size_t middle = low + (high - low) / 2;

			r = is_enough(search, middle);
			if (r < 0)
				return r;
			if (r > 0)
				high = middle;
			else
				low = middle + 1;
		}
		if (low == 0)
			break;
		search->kept[search->kept_count++] = low - 1;
		end = low - 1;
	}
	return 0;
}

/* `kinds` of allowlists have no places of their own: the document whose `allow` has the activity's. */
static void find_kinds(const struct search *search, struct gb_policy_place *place)
{
	for (size_t i = 0; i < gb_policyc_set_count(search->judge->set); i++)
		if (gb_policy_place_holds(search->judge, i) &&
		        (gb_policyc_set_document(search->judge->set, i)->allow.kinds >> search->of->activity.kind &
		                1u) != 0) {
			gb_policy_place_in(search->judge, i, place);
			place->origin = place->document_at;
			return;
		}
}

static void describe(const struct search *search, const struct atom *atom, struct gb_policy_place *place)
{
	bool is_rule = search->step == GB_POLICY_RULES;

	*place = (struct gb_policy_place){
	        .noun = is_rule                                ? "rule"
	                : search->step == GB_POLICY_EXCLUSIONS ? "exclusion"
	                                                       : "allow",
	        .name = atom->entry->name,
	        .field = "kinds",
	        .text = gb_activity_kind_name(search->of->activity.kind),
	        .origin = atom->entry->origin,
	};
	if (atom->field != NULL) {
		const char *item = item_of(atom);

		place->field = atom->field->name;
		place->text = *(const char *const *)(item + atom->field->text);
		place->origin = *(const struct gb_policyc_origin *)(const void *)(item + atom->field->origin);
		place->is_regex = atom->field->item_bytes == sizeof(struct gb_policyc_pattern) &&
		                  ((const struct gb_policyc_pattern *)(const void *)item)->kind == GB_POLICYC_REGEX;
	}
	if (place->text == NULL) {
		const struct gb_policyc_http *request = &atom->entry->requests[atom->index];

		place->text = request->path.text != NULL ? request->path.text : request->method;
	}
	if (place->origin.file == NULL)
		place->origin = atom->entry->origin;
	gb_policy_place_document(search->judge, place);
	if (place->kind == NULL && atom->field == NULL)
		find_kinds(search, place);
	if (search->step == GB_POLICY_ALLOWLIST)
		return;
	for (size_t i = 0; i < gb_policyc_set_count(search->judge->set) && place->scope == NULL; i++) {
		const struct gb_policyc_entry *original = gb_policy_place_original(
		        gb_policyc_set_document(search->judge->set, i), is_rule, &atom->entry->origin, place->name);

		place->scope = original == NULL ? NULL : &original->scope;
	}
}

/* Whether ENTRY has the name that STEP's answer bears. */
static bool is_named(const struct search *search, const struct gb_policyc_entry *entry)
{
	struct gb_policy_context context = gb_policy_judge_context(&search->judge->policy, search->of);
	struct gb_verdict answer = gb_policy_ask(search->step, &context, &search->of->activity);

	return gb_span_equal(gb_policy_tag(&search->judge->policy, answer.tag), gb_span_cstr(entry->name));
}

static int find_entries(struct search *search, struct gb_policy_place *places)
{
	const struct gb_policyc_document *document = search->judge->resolution.document;
	const struct gb_policyc_entry *entries = search->step == GB_POLICY_RULES        ? document->rules.items
	                                         : search->step == GB_POLICY_EXCLUSIONS ? document->exclusions.items
	                                                                                : &document->allow;
	size_t count = search->step == GB_POLICY_RULES        ? document->rules.count
	               : search->step == GB_POLICY_EXCLUSIONS ? document->exclusions.count
	                                                      : 1;
	size_t needed = 0;
	int r = 0;

	for (size_t i = 0; i < count; i++)
		needed += add_atoms(&entries[i], search->of->activity.kind, NULL);
	search->atoms = calloc(needed + 1, sizeof(*search->atoms));
	if (search->atoms == NULL)
		return -ENOMEM;
	/* The one that the verdict names, when it alone is enough; of two paths each may be in another. */
	for (int is_any = 0; is_any <= 1 && r == 0 && search->kept_count == 0; is_any++) {
		search->atom_count = 0;
		for (size_t i = 0; i < count; i++)
			if (is_any != 0 || is_named(search, &entries[i]))
				search->atom_count += add_atoms(
				        &entries[i], search->of->activity.kind, search->atoms + search->atom_count);
		r = narrow(search);
	}
	for (size_t i = 0; r == 0 && i < search->kept_count; i++)
		describe(search, &search->atoms[search->kept[search->kept_count - 1 - i]], &places[i]);
	free(search->atoms);
	return r < 0 ? r : (int)search->kept_count;
}

/* A text of a section; list files were added behind those of the documents. */
static void describe_text(const struct gb_policy_judge *judge, enum gb_blob_guard guard, const char *text,
        const char *noun, struct gb_policy_place *place)
{
	*place = (struct gb_policy_place){.noun = noun, .field = gb_policyc_guards[guard].key, .text = text};
	for (size_t i = 0; i < gb_policyc_set_count(judge->set) && place->kind == NULL; i++) {
		const struct gb_policyc_strings *texts = &gb_policyc_set_document(judge->set, i)->guards.texts[guard];

		for (size_t k = 0; k < texts->count && gb_policy_place_holds(judge, i); k++)
			if (strcmp(texts->items[k], text) == 0) {
				gb_policy_place_in(judge, i, place);
				place->origin = place->document_at;
				break;
			}
	}
}

/* The first text of GUARD that alone makes STEP speak. 1 found, 0 none. */
static int find_text(const struct search *search, enum gb_blob_guard guard, struct gb_policy_place *place)
{
	const struct gb_policyc_strings *texts = &search->judge->resolution.document->guards.texts[guard];
	struct gb_policyc_document document = bare(search->judge);
	size_t low = 0, high = texts->count;
	int r;

	document.guards.texts[guard] = *texts;
	r = texts->count == 0 ? 0 : ask(search->judge, &document, search->of, search->step);
	if (r <= 0)
		return r;
	while (low < high) {
		document.guards.texts[guard].count = low + (high - low) / 2;
		r = ask(search->judge, &document, search->of, search->step);
		if (r < 0)
			return r;
		if (r > 0)
			high = document.guards.texts[guard].count;
		else
			low = document.guards.texts[guard].count + 1;
	}
	if (low == 0)
		return 0;
	describe_text(search->judge, guard, texts->items[low - 1], gb_policy_step_name(search->step), place);
	return 1;
}

int gb_policy_judge_find(const struct gb_policy_judge *judge, const struct gb_activity_case *of,
        enum gb_policy_step step, struct gb_policy_place places[GB_POLICY_PLACES_MAX])
{
	struct search search = {.judge = judge, .of = of, .step = step};
	int r = 0;

	if (judge->resolution.document == NULL)
		return 0;
	if (step == GB_POLICY_RULES || step == GB_POLICY_EXCLUSIONS || step == GB_POLICY_ALLOWLIST)
		return find_entries(&search, places);
	if (step != GB_POLICY_FORBIDDEN && step != GB_POLICY_DECOYS)
		return 0;
	for (unsigned guard = 0; guard < _GB_BLOB_GUARD_MAX && r == 0; guard++)
		if (gb_policyc_guards[guard].control == gb_policy_step_control(step))
			r = find_text(&search, guard, &places[0]);
	return r;
}

int gb_policy_judge_left_out_matches(const struct gb_policy_judge *judge, const struct gb_activity_case *of,
        const struct gb_policyc_left_out *left_out)
{
	bool is_rule = strcmp(left_out->noun, "rule") == 0;

	for (size_t i = 0; i < gb_policyc_set_count(judge->set); i++) {
		const struct gb_policyc_entry *original = gb_policy_place_original(
		        gb_policyc_set_document(judge->set, i), is_rule, &left_out->origin, left_out->name);
		struct gb_policyc_entry copy;

		if (original == NULL)
			continue;
		copy = *original;
		copy.input_count = 0;
		copy.expires = 0;
		return ask_entries(judge, of, is_rule ? GB_POLICY_RULES : GB_POLICY_EXCLUSIONS,
		        (struct gb_policyc_entries){.items = &copy, .count = 1, .cap = 1});
	}
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A profile's file, from anybody: what is not as docs/formats/profile.md says is refused with the place. */
#include "learn/store.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

#define HEAD          GB_SPAN("{\"gambeson_profile\":")
#define ARGUMENTS_MAX 512u

struct parser {
	struct gb_profile *profile;
	struct gb_diag *diag;
	const char *where; /* what is being read */
	size_t index;      /* which one, from 0 */
};

static int refuse(const struct parser *parser, const char *member, const char *what)
{
	return gb_diag_set(
	        parser->diag, -EINVAL, 0, 0, "%s %zu: '%.60s' %s", parser->where, parser->index, member, what);
}

/* OBJECT is an object of no other members than NAMES, which ends with NULL. */
static int check_members(const struct parser *parser, json_t *object, const char *const *names)
{
	const char *name;
	json_t *value;

	if (!json_is_object(object))
		return refuse(parser, "{}", "is wanted here");
	json_object_foreach(object, name, value)
	{
		size_t i = 0;

		while (names[i] != NULL && strcmp(names[i], name) != 0)
			i++;
		if (names[i] == NULL)
			return refuse(parser, name, "is not known; is the profile of a newer gambeson?");
	}
	return 0;
}

static int span_of(const struct parser *parser, const json_t *value, const char *member, struct gb_span *ret)
{
	if (!json_is_string(value))
		return refuse(parser, member, "must be a string");
	*ret = gb_span_of(json_string_value(value), json_string_length(value));
	return ret->n <= GB_PROFILE_TEXT_MAX ? 0 : refuse(parser, member, "is too long");
}

/* Empty when OBJECT does not have it. */
static int member_of(const struct parser *parser, const json_t *object, const char *name, struct gb_span *ret)
{
	const json_t *value = json_object_get(object, name);

	*ret = GB_SPAN_EMPTY;
	return value == NULL ? 0 : span_of(parser, value, name, ret);
}

static int count_of(const struct parser *parser, const json_t *value, const char *member, uint64_t *ret)
{
	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return refuse(parser, member, "must be a whole number, not negative");
	*ret = (uint64_t)json_integer_value(value);
	return 0;
}

static int flag_of(const struct parser *parser, const json_t *object, const char *name, bool *ret)
{
	const json_t *value = json_object_get(object, name);

	*ret = value != NULL;
	return value == NULL || json_is_true(value) ? 0 : refuse(parser, name, "is true or left out");
}

/* Each element of the list NAME, in turn, which may be left out. */
static int each(struct parser *parser, const json_t *object, const char *name, size_t max,
        int (*parse)(struct parser *parser, json_t *element, void *context), void *context)
{
	const json_t *list = json_object_get(object, name);
	const struct parser outer = *parser;
	int r = 0;

	if (list == NULL)
		return 0;
	if (!json_is_array(list))
		return refuse(parser, name, "must be a list");
	if (json_array_size(list) > max)
		return refuse(parser, name, "has too many elements");
	parser->where = name;
	for (size_t i = 0; i < json_array_size(list) && r == 0; i++) {
		parser->index = i;
		r = parse(parser, json_array_get(list, i), context);
	}
	parser->where = outer.where;
	parser->index = outer.index;
	return r;
}

struct keys {
	struct gb_profile_list *list;
	size_t max;
};

static int parse_key(struct parser *parser, json_t *element, void *context)
{
	const struct keys *keys = context;
	struct gb_profile_key *taken;
	struct gb_span s;
	int r = span_of(parser, element, "element", &s);

	return r < 0 ? r : gb_profile_take(parser->profile->arena, keys->list, s, sizeof(*taken), keys->max, &taken);
}

/* ["sandbox", count, [at, "request"], …] */
static int parse_seen(struct parser *parser, json_t *element, void *context)
{
	struct gb_profile_item *item = context;
	struct gb_span sandbox, request;
	uint64_t count = 0, at = 0;
	size_t n = json_array_size(element);
	int r;

	if (n < 2 || n > 2 + GB_PROFILE_FIRST_MAX)
		return refuse(parser, "seen", "must be [\"sandbox\", count, [at, \"request\"] …]");
	r = span_of(parser, json_array_get(element, 0), "sandbox", &sandbox);
	if (r == 0)
		r = count_of(parser, json_array_get(element, 1), "count", &count);
	if (r == 0)
		r = gb_profile_seen_add(parser->profile, item, sandbox, count);
	for (size_t i = 2; i < n && r == 0; i++) {
		const json_t *first = json_array_get(element, i);

		if (json_array_size(first) != 2)
			return refuse(parser, "seen", "must have [at, \"request\"]");
		r = count_of(parser, json_array_get(first, 0), "at", &at);
		if (r == 0)
			r = span_of(parser, json_array_get(first, 1), "request", &request);
		if (r == 0)
			r = gb_profile_first_add(parser->profile, item, sandbox,
			        (struct gb_profile_first){.at = at, .request = request});
	}
	return r;
}

/* What the item is. ITEM's texts belong to ELEMENT. */
static int parse_what(struct parser *parser, json_t *element, struct gb_profile_item *item, struct gb_span *arguments)
{
	static const char *const names[] = {"arguments", "cut", "each", "earliest", "kind", "latest", "object",
	        "pattern", "seen", "sources", "subject", "unsourced", NULL};
	const json_t *list;
	struct gb_span kind;
	int r = check_members(parser, element, names);

	if (r < 0)
		return r;
	list = json_object_get(element, "arguments");
	*item = (struct gb_profile_item){.arguments = arguments, .argument_count = json_array_size(list)};
	if ((list != NULL && !json_is_array(list)) || item->argument_count > ARGUMENTS_MAX)
		return refuse(parser, "arguments", "must be a list of at most 512 strings");
	for (size_t i = 0; i < item->argument_count && r == 0; i++)
		r = span_of(parser, json_array_get(list, i), "arguments", &arguments[i]);
	if (r == 0)
		r = member_of(parser, element, "kind", &kind);
	if (r == 0)
		r = flag_of(parser, element, "cut", &item->is_cut);
	if (r == 0)
		r = flag_of(parser, element, "pattern", &item->is_pattern);
	if (r == 0)
		r = span_of(parser, json_object_get(element, "subject"), "subject", &item->subject);
	if (r == 0)
		r = member_of(parser, element, "object", &item->object);
	if (r == 0) {
		item->kind = gb_activity_kind_of_name(kind);
		if (item->kind == GB_ACTIVITY_NONE)
			return refuse(parser, "kind", "is none of those of docs/formats/profile.md");
	}
	return r;
}

static int parse_item(struct parser *parser, json_t *element, void *context)
{
	struct gb_profile_version *version = context;
	struct gb_profile *profile = parser->profile;
	struct gb_span arguments[ARGUMENTS_MAX], earliest, latest;
	struct gb_profile_item item, *kept;
	struct keys keys;
	int r = parse_what(parser, element, &item, arguments);

	if (r == 0)
		r = gb_profile_item_take(profile, version != NULL ? &version->items : &profile->bad_items,
		        version != NULL ? GB_PROFILE_ITEMS_MAX : GB_PROFILE_BAD_ITEMS_MAX, &item, &kept);
	if (r < 0 || version == NULL || kept == NULL)
		return r;
	keys = (struct keys){.list = &kept->sources, .max = GB_PROFILE_ITEM_SOURCES_MAX};
	r = each(parser, element, "seen", GB_PROFILE_SEEN_MAX, parse_seen, kept);
	if (r == 0)
		r = each(parser, element, "sources", GB_PROFILE_ITEM_SOURCES_MAX, parse_key, &keys);
	if (r == 0)
		r = member_of(parser, element, "earliest", &earliest);
	if (r == 0)
		r = member_of(parser, element, "latest", &latest);
	if (r == 0)
		r = gb_profile_time_add(profile, &kept->earliest, &kept->latest, earliest);
	if (r == 0)
		r = gb_profile_time_add(profile, &kept->earliest, &kept->latest, latest);
	if (r == 0)
		r = flag_of(parser, element, "each", &kept->is_each);
	return r < 0 ? r : flag_of(parser, element, "unsourced", &kept->is_unsourced);
}

static int parse_sandbox(struct parser *parser, json_t *element, void *context)
{
	static const char *const names[] = {"id", "invocations", "limit", "shapes", NULL};
	struct gb_profile_sandbox *sandbox;
	struct gb_span id;
	uint64_t invocations = 0, count = 0;
	const char *name;
	json_t *shapes, *value;
	int r = check_members(parser, element, names);

	if (r == 0)
		r = span_of(parser, json_object_get(element, "id"), "id", &id);
	if (r == 0)
		r = count_of(parser, json_object_get(element, "invocations"), "invocations", &invocations);
	if (r == 0)
		r = gb_profile_sandbox_take(parser->profile, context, id, invocations, &sandbox);
	if (r < 0 || sandbox == NULL)
		return r;
	if (json_object_get(element, "limit") != NULL) {
		r = count_of(parser, json_object_get(element, "limit"), "limit", &count);
		if (r == 0)
			gb_profile_limit_add(sandbox, count);
	}
	shapes = json_object_get(element, "shapes");
	if (r == 0 && shapes != NULL && (!json_is_object(shapes) || json_object_size(shapes) > GB_PROFILE_SHAPES_MAX))
		return refuse(parser, "shapes", "must be an object of at most 64 members");
	json_object_foreach(shapes, name, value)
	{
		if (r == 0)
			r = count_of(parser, value, "shapes", &count);
		if (r == 0 && strlen(name) > GB_PROFILE_TEXT_MAX)
			r = refuse(parser, "shapes", "has a name that is too long");
		if (r == 0)
			r = gb_profile_shape_add(parser->profile, sandbox, gb_span_cstr(name), count);
	}
	return r;
}

static int parse_version(struct parser *parser, json_t *element, void *context)
{
	static const char *const names[] = {
	        "code", "earliest", "items", "latest", "number", "sandboxes", "sources", NULL};
	struct gb_profile *profile = parser->profile;
	struct gb_profile_version *version;
	struct gb_span code, number, earliest, latest;
	struct keys keys;
	int r = check_members(parser, element, names);

	(void)context;
	if (r == 0)
		r = member_of(parser, element, "code", &code);
	if (r == 0)
		r = member_of(parser, element, "number", &number);
	if (r == 0)
		r = member_of(parser, element, "earliest", &earliest);
	if (r == 0)
		r = member_of(parser, element, "latest", &latest);
	if (r == 0)
		r = gb_profile_version_take(profile, code, number, &version);
	if (r < 0 || version == NULL)
		return r;
	keys = (struct keys){.list = &version->sources, .max = GB_PROFILE_SOURCES_MAX};
	r = gb_profile_time_add(profile, &version->earliest, &version->latest, earliest);
	if (r == 0)
		r = gb_profile_time_add(profile, &version->earliest, &version->latest, latest);
	if (r == 0)
		r = each(parser, element, "sandboxes", GB_PROFILE_SANDBOXES_MAX, parse_sandbox, version);
	if (r == 0)
		r = each(parser, element, "items", GB_PROFILE_ITEMS_MAX, parse_item, version);
	return r < 0 ? r : each(parser, element, "sources", GB_PROFILE_SOURCES_MAX, parse_key, &keys);
}

static int parse_decision(struct parser *parser, json_t *element, void *context)
{
	static const char *const names[] = {"by", "item", "time", "word", NULL};
	const json_t *item_value;
	struct gb_span by, item, time, word;
	int r = check_members(parser, element, names);

	(void)context;
	if (r < 0)
		return r;
	item_value = json_object_get(element, "item");
	item = gb_span_of(json_string_value(item_value), json_string_length(item_value));
	if (item.n == 0 || item.n > 4 * GB_PROFILE_TEXT_MAX)
		return refuse(parser, "item", "must be an item's key");
	r = member_of(parser, element, "by", &by);
	if (r == 0)
		r = member_of(parser, element, "time", &time);
	if (r == 0)
		r = member_of(parser, element, "word", &word);
	if (r < 0)
		return r;
	if (!gb_span_equal(word, GB_SPAN("approved")) && !gb_span_equal(word, GB_SPAN("rejected")))
		return refuse(parser, "word", "is approved or rejected");
	return gb_profile_decision_add(parser->profile, item,
	        gb_span_equal(word, GB_SPAN("approved")) ? GB_PROFILE_APPROVED : GB_PROFILE_REJECTED, time, by);
}

static int parse_findings(struct parser *parser, json_t *findings)
{
	static const char *const names[] = {"items", "requests", NULL};
	struct keys keys = {.list = &parser->profile->bad_requests, .max = GB_PROFILE_FINDINGS_MAX};
	int r;

	if (findings == NULL)
		return 0;
	r = check_members(parser, findings, names);
	if (r == 0)
		r = each(parser, findings, "items", GB_PROFILE_BAD_ITEMS_MAX, parse_item, NULL);
	return r < 0 ? r : each(parser, findings, "requests", GB_PROFILE_FINDINGS_MAX, parse_key, &keys);
}

static int parse_root(struct parser *parser, json_t *root)
{
	static const char *const names[] = {"gambeson_profile", "decisions", "findings", "function", "versions", NULL};
	const json_t *format = json_object_get(root, "gambeson_profile");
	struct gb_span function;
	int r;

	if (!json_is_integer(format) || json_integer_value(format) != 1)
		return gb_diag_set(parser->diag, -EINVAL, 0, 0,
		        "no profile of format 1; 'gambeson profile learn --profile FILE' makes one");
	r = check_members(parser, root, names);
	if (r == 0)
		r = member_of(parser, root, "function", &function);
	if (r == 0)
		parser->profile->function = gb_profile_copy(parser->profile->arena, function, &r);
	if (r == 0)
		r = each(parser, root, "decisions", GB_PROFILE_DECISIONS_MAX, parse_decision, NULL);
	if (r == 0)
		r = parse_findings(parser, json_object_get(root, "findings"));
	return r < 0 ? r : each(parser, root, "versions", GB_PROFILE_VERSIONS_MAX, parse_version, NULL);
}

bool gb_profile_is_profile(struct gb_span text)
{
	return gb_span_starts(gb_span_trim(text), HEAD);
}

int gb_profile_parse(struct gb_span text, struct gb_profile **ret_profile, struct gb_diag *diag)
{
	struct parser parser = {.diag = diag, .where = "profile"};
	json_error_t error;
	json_t *root;
	int r;

	if (text.n > GB_PROFILE_BYTES_MAX)
		return gb_diag_set(diag, -EFBIG, 0, 0, "a profile has at most %u bytes", GB_PROFILE_BYTES_MAX);
	root = json_loadb((const char *)text.p, text.n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
	if (root == NULL)
		return gb_diag_set(diag, -EINVAL, error.line > 0 ? (uint32_t)error.line : 0,
		        error.column > 0 ? (uint32_t)error.column : 0, "no JSON: %s", error.text);
	parser.profile = gb_profile_new();
	r = parser.profile == NULL ? -ENOMEM : parse_root(&parser, root);
	json_decref(root);
	if (r < 0) {
		gb_profile_free(parser.profile);
		return r;
	}
	*ret_profile = parser.profile;
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* `firewall:` of a document: sensitivity, modes, exceptions, redaction. */
#include "policyc/reader.h"

#include "base/text.h"
#include "inspect/inspect.h"
#include "base/arena.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#define COUNT(table)         (sizeof(table) / sizeof((table)[0]))
#define OF_FIREWALL(member)  .offset = offsetof(struct gb_policyc_firewall, member)
#define OF_EXCEPTION(member) .offset = offsetof(struct gb_policyc_exception, member)
#define PATTERN_BYTES_MAX    256u

_Static_assert(_GB_CLASS_MAX <= GB_BLOB_CLASSES_MAX, "every class has its mode");

static int read_sensitivity(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const char *const words[] = {"balanced", "strict"};
	bool *is_strict = target;
	size_t index = 0;
	int r = gb_policyc_read_word(reader, node, "sensitivity", words, COUNT(words), &index);

	*is_strict = index == 1;
	return r;
}

static int read_on_limit(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const char *const words[] = {"pass", "detect", "block"};
	enum gb_mode *mode = target;
	size_t index = 0;
	int r = gb_policyc_read_word(reader, node, "onLimit", words, COUNT(words), &index);

	*mode = (enum gb_mode)index;
	return r;
}

static int read_redact(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const char *const words[] = {"surroundings", "none", "all"};
	enum gb_blob_redaction *redaction = target;
	size_t index = 0;
	int r = gb_policyc_read_word(reader, node, "redact", words, COUNT(words), &index);

	*redaction = (enum gb_blob_redaction)index;
	return r;
}

static int class_of(
        struct gb_policyc_reader *reader, const struct gb_policyc_node *node, enum gb_attack_class *ret_class)
{
	const char *codes[_GB_CLASS_MAX - 1];
	int r = gb_policyc_need_text(reader, node);

	if (r < 0)
		return r;
	*ret_class = gb_inspect_class_of_code(node->text);
	if (*ret_class != GB_CLASS_NONE)
		return 0;
	for (int c = 1; c < _GB_CLASS_MAX; c++)
		codes[c - 1] = gb_inspect_class_facts((enum gb_attack_class)c)->code;
	return gb_policyc_unknown(reader, node, "class", codes, COUNT(codes));
}

static int read_classes(struct gb_policyc_reader *reader, const struct gb_policyc_node *map, void *target)
{
	uint8_t *modes = target;

	if (map->kind != GB_POLICYC_MAP)
		return gb_policyc_complain(reader, map, "classes with their modes ('xss: detect') are expected here");
	for (const struct gb_policyc_node *key = map->first; key != NULL; key = key->next->next) {
		enum gb_attack_class attack_class = GB_CLASS_NONE;
		enum gb_mode mode = GB_MODE_OFF;
		int r = class_of(reader, key, &attack_class);

		if (r == 0)
			r = gb_policyc_check_twice(reader, map, key);
		if (r == 0)
			r = gb_policyc_read_mode(reader, key->next, &mode);
		if (r < 0)
			return r;
		modes[attack_class] = (uint8_t)mode;
	}
	return 0;
}

static int read_mention(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, uint8_t *ret_mention)
{
	static const char *const words[] = {"report", "block", "ignore"};
	size_t index = 0;
	int r = gb_policyc_read_word(reader, node, "what is done about mentions", words, COUNT(words), &index);

	*ret_mention = (uint8_t)index;
	return r;
}

/* One word for all classes, or a word by class. */
static int read_mentions(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	uint8_t *mentions = target, mention = GB_BLOB_MENTION_REPORT;
	int r;

	if (node->kind != GB_POLICYC_MAP) {
		r = read_mention(reader, node, &mention);
		for (int c = 1; c < _GB_CLASS_MAX && r == 0; c++)
			mentions[c] = mention;
		return r;
	}
	for (const struct gb_policyc_node *key = node->first; key != NULL; key = key->next->next) {
		enum gb_attack_class attack_class = GB_CLASS_NONE;

		r = class_of(reader, key, &attack_class);
		if (r == 0)
			r = gb_policyc_check_twice(reader, node, key);
		if (r == 0)
			r = read_mention(reader, key->next, &mention);
		if (r < 0)
			return r;
		mentions[attack_class] = mention;
	}
	return 0;
}

static int strings_add(struct gb_policyc_reader *reader, struct gb_policyc_strings *list, struct gb_span text)
{
	struct gb_arena *arena = reader->document->arena;
	const char *copy = gb_policyc_copy(reader->document, text);

	if (copy == NULL || gb_arena_grow(arena, &list->items, list->count, &list->cap, sizeof(*list->items)) < 0)
		return -ENOMEM;
	list->items[list->count++] = copy;
	return 0;
}

/* What is wrong with a pattern for places in events or for routes, or NULL. */
static const char *pattern_fault(struct gb_span pattern)
{
	size_t stars = 0;

	if (pattern.n == 0 || pattern.n > PATTERN_BYTES_MAX)
		return "a pattern has 1 to 256 bytes";
	for (size_t i = 0; i < pattern.n; i++) {
		if (pattern.p[i] < 0x20 || pattern.p[i] == 0x7f)
			return "a pattern has no control characters";
		if (pattern.p[i] != '*')
			continue;
		if (i >= 2 && pattern.p[i - 1] == '*' && pattern.p[i - 2] == '*')
			return "three stars in a row; '*' is within a name, '**' is anything";
		stars += i == 0 || pattern.p[i - 1] != '*' ? 1 : 0;
	}
	return stars > GB_POLICYC_STARS_MAX ? "more than 8 wildcards" : NULL;
}

static int read_exception_class(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	uint32_t *classes = target;
	enum gb_attack_class attack_class = GB_CLASS_NONE;
	int r = class_of(reader, node, &attack_class);

	if (r == 0)
		*classes |= 1u << attack_class;
	return r;
}

static int read_exception_path(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	int r = gb_policyc_need_text(reader, node);
	const char *fault = r == 0 ? pattern_fault(node->text) : NULL;

	if (r < 0)
		return r;
	return fault != NULL ? gb_policyc_complain(reader, node, fault) : strings_add(reader, target, node->text);
}

static int read_exception_reason(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_span name =
	        gb_span_sub(node->text, 0, gb_span_ends(node->text, GB_SPAN("*")) ? node->text.n - 1 : node->text.n);
	int r = gb_policyc_need_text(reader, node);

	if (r < 0)
		return r;
	if (name.n == 0 || name.n > 64)
		return gb_policyc_complain(
		        reader, node, "a reason is a name like sql_order_by, or sql_* for all that begin so");
	for (size_t i = 0; i < name.n; i++)
		if ((name.p[i] < 'a' || name.p[i] > 'z') && !gb_ascii_is_digit(name.p[i]) && name.p[i] != '_')
			return gb_policyc_complain(
			        reader, node, "a reason has lower-case letters, digits and '_' only");
	return strings_add(reader, target, node->text);
}

/* "POST /comments/{id}", or the path alone: any method. */
static int read_exception_route(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	char buffer[PATTERN_BYTES_MAX + 32];
	struct gb_text route = gb_text_on(buffer, sizeof(buffer));
	int r = gb_policyc_need_text(reader, node);
	size_t blank = gb_span_find_byte(node->text, ' ', 0);
	struct gb_span method = blank == SIZE_MAX ? GB_SPAN("*") : gb_span_sub(node->text, 0, blank);
	struct gb_span path = blank == SIZE_MAX ? node->text : gb_span_sub(node->text, blank + 1, SIZE_MAX);
	const char *fault = r == 0 ? pattern_fault(path) : NULL;

	if (r < 0)
		return r;
	if (fault != NULL)
		return gb_policyc_complain(reader, node, fault);
	if (path.p[0] != '/')
		return gb_policyc_complain(reader, node, "a route is 'METHOD /path' or '/path'");
	for (size_t i = 0; i < method.n && !gb_span_equal(method, GB_SPAN("*")); i++)
		if (method.p[i] < 'A' || method.p[i] > 'Z')
			return gb_policyc_complain(
			        reader, node, "the method of a route has capital letters, or is '*'");
	gb_text_add(&route, method);
	gb_text_add_byte(&route, ' ');
	gb_text_add(&route, path);
	if (method.n == 0 || method.n > 16 || route.truncated)
		return gb_policyc_complain(reader, node, "a route is 'METHOD /path' or '/path'");
	return strings_add(reader, target, gb_text_span(&route));
}

static int read_exception_mode(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	enum gb_mode *mode = target;
	int r = gb_policyc_read_mode(reader, node, mode);

	if (r == 0 && *mode == GB_MODE_BLOCK)
		return gb_policyc_complain(reader, node, "an exception takes away: its mode is 'off' or 'detect'");
	return r;
}

int gb_policyc_read_exception(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const struct gb_policyc_field fields[] = {
	        {"classes", .read_item = read_exception_class, OF_EXCEPTION(classes)},
	        {"reasons", .read_item = read_exception_reason, OF_EXCEPTION(reasons)},
	        {"paths", .read_item = read_exception_path, OF_EXCEPTION(paths)},
	        {"routes", .read_item = read_exception_route, OF_EXCEPTION(routes)},
	        {"mode", .read = read_exception_mode, OF_EXCEPTION(mode)},
	        {.name = NULL},
	};
	struct gb_policyc_exception *exception = target;
	int r = gb_policyc_read_map(reader, node, fields, exception);

	if (r == 0 && exception->classes == 0 && exception->reasons.count == 0 && exception->paths.count == 0 &&
	        exception->routes.count == 0)
		return gb_policyc_complain(reader, node,
		        "an exception names classes, reasons, paths or routes; for all of them set the firewall's "
		        "mode");
	return r;
}

static int read_exception(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_firewall *firewall = target;
	struct gb_policyc_exception exception = {.mode = GB_MODE_OFF};
	int r = gb_policyc_read_exception(reader, node, &exception);

	if (r < 0)
		return r;
	if (firewall->exception_count == GB_BLOB_EXCEPTIONS_MAX)
		return gb_policyc_complain(reader, node, "more than 256 exceptions");
	if (gb_arena_grow(reader->document->arena, &firewall->exceptions, firewall->exception_count,
	            &firewall->exception_cap, sizeof(*firewall->exceptions)) < 0)
		return -ENOMEM;
	firewall->exceptions[firewall->exception_count++] = exception;
	return 0;
}

const struct gb_policyc_field gb_policyc_firewall_fields[] = {
        {"sensitivity", .read = read_sensitivity, OF_FIREWALL(is_strict)},
        {"onLimit", .read = read_on_limit, OF_FIREWALL(on_limit)},
        {"redact", .read = read_redact, OF_FIREWALL(redaction)},
        {"classes", .read = read_classes, OF_FIREWALL(class_modes)},
        {"mentions", .read = read_mentions, OF_FIREWALL(mentions)},
        {"exceptions", .read_item = read_exception},
        {"sources", .fields = gb_policyc_source_fields},
        {.name = NULL},
};
